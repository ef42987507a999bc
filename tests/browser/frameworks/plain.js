// The plain page has no framework: what the others' examples do by their state is done by hand here.
const form = document.querySelector("form");
const field = form.querySelector("org-autocomplete");
const output = form.querySelector("output");

function addButton(text, press) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", press);
  form.append(button);
}

export function app(root) {
  const set = (id) => {
    field.value = id;
    output.textContent = id;
  };
  let saved = "";
  addButton("用上次的组织", () => set(saved));
  addButton("清空", () => set(""));
  return {
    show(props) {
      ({ saved } = props);
      field.disabled = props.locked ?? false;
      root.append(form);
    },
    remove() {
      form.remove();
    },
  };
}
