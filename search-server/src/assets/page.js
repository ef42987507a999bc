// Suggestions under the search field. The page works without this file; all texts come from the page itself.
"use strict";

(() => {
  const WAIT_MS = 120;
  const input = document.getElementById("q");
  if (!input) return;
  const form = input.form;

  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.suggestions);
  input.after(list);

  const spoken = document.createElement("p");
  spoken.className = "unseen";
  spoken.setAttribute("role", "status");
  form.after(spoken);

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  let hits = [];
  let chosen = -1;
  let composing = false;
  let timer = 0;
  let pending = null;

  // While an input method composes, the field holds letters that are not meant yet.
  input.addEventListener("compositionstart", () => {
    composing = true;
    forget();
  });
  input.addEventListener("compositionend", () => {
    composing = false;
    ask();
  });
  input.addEventListener("input", (event) => {
    if (!composing && !event.isComposing) ask();
  });

  input.addEventListener("keydown", (event) => {
    // 229 is what some browsers send for keys that belong to the input method, the confirming Enter included.
    if (composing || event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) {
        ask();
      } else {
        choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
      }
      event.preventDefault();
    } else if (event.key === "Enter" && !list.hidden && chosen >= 0) {
      event.preventDefault();
      take(hits[chosen]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });

  input.addEventListener("blur", close);
  form.addEventListener("submit", forget);
  // Keeps the focus, and so the list, while a suggestion is pressed.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) take(hits[Number(item.dataset.index)]);
  });

  function ask() {
    forget();
    if (!input.value.trim()) {
      close();
      return;
    }
    timer = setTimeout(load, WAIT_MS);
  }

  function forget() {
    clearTimeout(timer);
    if (pending) pending.abort();
    pending = null;
  }

  async function load() {
    const request = new AbortController();
    pending = request;
    const parameters = new URLSearchParams({ q: input.value });
    const within = form.elements.namedItem("within");
    if (within) parameters.set("within", within.value);
    try {
      const response = await fetch("/v1/autocomplete?" + parameters, { signal: request.signal });
      if (!response.ok) throw new Error("status " + response.status);
      const answer = await response.json();
      if (pending === request) show(answer.hits);
    } catch {
      if (pending === request) close();
    }
  }

  function show(found) {
    hits = found;
    list.replaceChildren(...hits.map(item));
    list.hidden = hits.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    spoken.textContent = hits.length ? hits.length + " " + input.dataset.suggested : input.dataset.none;
    choose(-1);
  }

  function item(hit, index) {
    const line = document.createElement("li");
    line.id = "suggestion-" + index;
    line.dataset.index = index;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", "false");
    line.append(marked(hit));
    if (hit.path.length) {
      const path = document.createElement("small");
      hit.path.forEach((step, at) => {
        if (at) path.append(" › ");
        path.append(isolated(step.name));
      });
      line.append(path);
    }
    return line;
  }

  function marked(hit) {
    const name = isolated("");
    let end = 0;
    for (const span of hit.highlights) {
      if (span.field !== "name" || span.start_utf16 < end) continue;
      const mark = document.createElement("mark");
      mark.textContent = hit.name.slice(span.start_utf16, span.end_utf16);
      name.append(hit.name.slice(end, span.start_utf16), mark);
      end = span.end_utf16;
    }
    name.append(hit.name.slice(end));
    return name;
  }

  function isolated(text) {
    const element = document.createElement("bdi");
    element.textContent = text;
    return element;
  }

  // Index -1 is the typed text itself.
  function choose(index) {
    const count = hits.length + 1;
    chosen = ((index + 1 + count) % count) - 1;
    for (const line of list.children) {
      line.setAttribute("aria-selected", String(Number(line.dataset.index) === chosen));
    }
    const line = list.children[chosen];
    if (line) {
      input.setAttribute("aria-activedescendant", line.id);
      line.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  // A name may be borne by thousands: the organization above tells which one is meant.
  function take(hit) {
    if (!hit) return;
    input.value = hit.name;
    const above = hit.path[hit.path.length - 1];
    let within = form.elements.namedItem("within");
    if (above) {
      if (!within) {
        within = document.createElement("input");
        within.type = "hidden";
        within.name = "within";
        form.append(within);
      }
      within.value = above.id;
    }
    close();
    form.requestSubmit();
  }

  function close() {
    forget();
    hits = [];
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    chosen = -1;
  }
})();
