// Puts the form field with suggestions in place of the plain one, and brings the copy buttons to life. The page works
// without this file; all texts come from the page itself.
"use strict";

(() => {
  const plain = document.getElementById("q");
  if (plain && customElements.get("org-autocomplete")) upgrade(plain);
  for (const button of document.querySelectorAll("button[data-copy]")) enableCopy(button);
  const from = document.getElementById("from");
  if (from && new URLSearchParams(location.search).has("org")) from.addEventListener("change", ask);

  // What is chosen is submitted as its id; what is only typed, as a plain search.
  function upgrade(plain) {
    const form = plain.form;
    const field = document.createElement("org-autocomplete");
    field.setAttribute("name", "org");
    field.setAttribute("lang", document.documentElement.lang);
    field.setAttribute("placeholder", plain.placeholder);
    field.setAttribute("label", plain.labels[0].textContent);
    const within = form.elements.namedItem("within");
    if (within) field.setAttribute("within", within.value);
    const typed = document.createElement("input");
    typed.type = "hidden";
    typed.name = "q";
    typed.value = plain.value;
    form.noValidate = true;
    plain.replaceWith(field, typed);
    field.id = "q";
    if (typed.value) field.text = typed.value;
    field.addEventListener("input", () => (typed.value = field.text));
    field.addEventListener("org-choose", () => {
      typed.disabled = true;
      form.requestSubmit();
    });
  }

  function enableCopy(button) {
    if (!navigator.clipboard) return;
    const words = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.copied;
      setTimeout(() => (button.textContent = words), 2000);
    });
  }

  // The same organization, seen from another system.
  function ask() {
    const address = new URL(location.href);
    address.searchParams.set("from", from.value);
    location.assign(address);
  }
})();
