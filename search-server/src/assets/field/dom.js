/** An element with attributes and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Text from the tree: its writing direction ends where it ends. */
export const bdi = (...children) => make("bdi", {}, ...children);

/** A button that does something. */
export function button(attributes, label, act) {
  const element = make("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", act);
  return element;
}

/** A quiet sentence. */
export const note = (...children) => make("p", { class: "note", part: "status" }, ...children);
