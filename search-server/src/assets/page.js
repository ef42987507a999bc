// Puts the form field with suggestions in place of the plain one, and brings buttons, checklists and the remembered
// system to life. The page works without this file; all texts come from the page itself. What is remembered stays on
// this device.
"use strict";

(() => {
  const FROM = "orgsearch-from";
  const plain = document.getElementById("q");
  const from = document.getElementById("from");
  const field = plain && customElements.get("org-autocomplete") ? upgrade(plain) : null;
  if (from) remember(from);
  document.getElementById("chosen")?.focus({ preventScroll: true });
  for (const button of document.querySelectorAll("button[data-copy]")) enableCopy(button);
  for (const list of document.querySelectorAll("[data-steps]")) enableTicks(list);
  if (field) for (const link of document.querySelectorAll("a[data-example]")) link.addEventListener("click", (event) => tryOut(event, link));
  document.querySelector(".missing summary")?.addEventListener("click", countMiss, { once: true });

  // What is chosen is submitted as its id; what is only typed, as a plain search.
  function upgrade(plain) {
    const form = plain.form;
    const field = document.createElement("org-autocomplete");
    field.setAttribute("name", "org");
    field.setAttribute("lang", document.documentElement.lang);
    field.setAttribute("placeholder", plain.placeholder);
    field.setAttribute("label", plain.labels[0].textContent);
    if (plain.dataset.contact) field.setAttribute("contact", plain.dataset.contact);
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
    // A keyboard takes half of a phone: the list gets what is above the field too.
    if (matchMedia("(pointer: coarse)").matches) field.addEventListener("focusin", () => field.scrollIntoView({ block: "start" }));
    form.addEventListener("submit", () => (typed.value = field.text));
    field.addEventListener("complete" in field ? "org-complete" : "org-choose", () => {
      typed.disabled = true;
      form.requestSubmit();
    });
    return field;
  }

  // The system is asked for once; a page about one organization is shown again for another system.
  function remember(from) {
    const forget = document.getElementById("forget");
    const isChosen = new URLSearchParams(location.search).has("org");
    const known = recall(FROM);
    const shown = () => {
      if (from.value) field?.setAttribute("from", from.value);
      else field?.removeAttribute("from");
      if (forget) forget.hidden = !recall(FROM);
    };
    if (from.value) keep(FROM, from.value);
    else if (known && [...from.options].some((option) => option.value === known)) {
      from.value = known;
      if (isChosen) return show();
    }
    shown();
    from.addEventListener("change", () => {
      keep(FROM, from.value);
      shown();
      if (isChosen) show();
    });
    forget?.addEventListener("click", () => {
      keep(FROM, "");
      from.value = "";
      shown();
      from.focus();
    });
  }

  function show() {
    const address = new URL(location.href);
    address.searchParams.set("from", from.value);
    location.replace(address);
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

  // Ticked steps are kept as their numbers.
  function enableTicks(list) {
    const key = "orgsearch-steps:" + list.dataset.steps;
    const boxes = [...list.querySelectorAll("input[type=checkbox]")];
    const ticked = (recall(key) || "").split(",");
    boxes.forEach((box, at) => {
      box.hidden = false;
      box.checked = ticked.includes(String(at));
      box.addEventListener("change", () => keep(key, boxes.flatMap((box, at) => (box.checked ? [at] : [])).join()));
    });
    list.classList.add("ticks");
  }

  function tryOut(event, link) {
    event.preventDefault();
    field.text = link.textContent;
    field.focus();
    field.dispatchEvent(new Event("input"));
  }

  // Only that something was not found is told, never what.
  function countMiss() {
    fetch("/v1/misses", { method: "POST", keepalive: true }).catch(() => {});
  }

  // Storage can be switched off; then nothing is remembered.
  function recall(key) {
    try { return localStorage.getItem(key); } catch { return null; }
  }

  function keep(key, value) {
    try {
      if (value) localStorage.setItem(key, value);
      else localStorage.removeItem(key);
    } catch { /* nothing is remembered */ }
  }
})();
