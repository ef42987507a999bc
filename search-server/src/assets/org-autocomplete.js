// <org-autocomplete>: a form field that finds a League organization and submits its id.
//
//   <script src="https://search.example.cn/org-autocomplete.js" defer></script>
//   <org-autocomplete name="org" required></org-autocomplete>
//
// Attributes: endpoint, name, required, disabled, limit, within, near, system, kind, placeholder, label, lang (zh, en),
// value with value-name (a preset). Submits the id under `name` and the full name under `name` + "_name".
// Properties: value, selected (the hit), text (what is typed). Events: org-choose (detail: the hit), org-clear, change.
// Styling: ::part(input|clear|popup|list|option|path|facts|mark|chip|status|more), custom properties --org-*.
"use strict";

(() => {
  const HOME = new URL(document.currentScript?.src || location.href).origin;
  const WAIT_MS = 70, SLOW_MS = 300, TIMEOUT_MS = 8000, KEPT = 60, PAGE = 30;

  const TEXTS = {
    zh: {
      label: "转入的组织", placeholder: "名称、简称或拼音", clear: "清除", list: "建议", searching: "正在查找…",
      count: (n) => `${n} 条建议，用上下键选择`, chosen: (name) => `已选择：${name}`, below: "范围", choose: "先选一级：",
      all: (n, more) => `查看全部 ${more ? "超过 " : ""}${n} 个结果`, more: "再显示一些", none: "没有找到这样的组织。",
      unmatched: (t) => `“${t}”没有对应的组织名称。`, tip: "可以只写最特别的几个字，或上级单位的名称。",
      offline: "网络断开了，已输入的内容不会丢失。", busy: "查询的人太多，稍后自动再试。", failed: "暂时查不到，已输入的内容不会丢失。",
      retry: "再试一次", required: "请选择一个组织。", pick: "请从列表中选择一个组织。", remove: "去掉范围",
      leading_body: "领导机关", committee: "团委", work_committee: "团工委", general_branch: "团总支", branch: "团支部",
      zhtj: "智慧团建", beijing: "北京系统", guangdong: "广东系统", fujian: "福建系统",
    },
    en: {
      label: "Organization", placeholder: "Name, short form or pinyin", clear: "Clear", list: "Suggestions", searching: "Searching…",
      count: (n) => `${n} suggestions; choose with the arrow keys`, chosen: (name) => `Chosen: ${name}`, below: "Within",
      choose: "Choose first:", all: (n, more) => `Show all ${more ? "more than " : ""}${n} results`, more: "Show more",
      none: "No such organization was found.", unmatched: (t) => `“${t}” is in no organization's name.`,
      tip: "Try only the most distinctive words, or the name of a unit above it.",
      offline: "You are offline; what you typed is kept.", busy: "Too many people are asking; trying again shortly.",
      failed: "The search cannot be reached; what you typed is kept.", retry: "Try again", required: "Choose an organization.",
      pick: "Choose an organization from the list.", remove: "Remove this limit",
      leading_body: "leading body", committee: "committee", work_committee: "work committee", general_branch: "general branch",
      branch: "branch", zhtj: "national system", beijing: "Beijing system", guangdong: "Guangdong system", fujian: "Fujian system",
    },
  };

  const STYLE = new CSSStyleSheet();
  STYLE.replaceSync(`
    :host { display: block; position: relative; color-scheme: light dark; font: inherit;
      --g: var(--org-ground, light-dark(#fff, #232120)); --t: var(--org-text, light-dark(#23211f, #ece8e4));
      --q: var(--org-quiet, light-dark(#67625d, #a8a19a)); --l: var(--org-line, light-dark(#8b857f, #8a837c));
      --a: var(--org-accent, light-dark(#a3241c, #f0988f)); --m: var(--org-mark, light-dark(#fbe3a2, #5c4a16));
      --c: var(--org-active, light-dark(#f3ece6, #3a3633)); }
    :host([hidden]), [hidden] { display: none !important; }
    * { box-sizing: border-box; }
    .field { position: relative; }
    input { width: 100%; min-height: 46px; padding: 0 48px 0 14px; border: 1px solid var(--l); border-radius: 8px;
      background: var(--g); color: var(--t); font: inherit; }
    input::placeholder { color: var(--q); opacity: 1; }
    input:focus-visible, button:focus-visible { outline: 2px solid var(--a); outline-offset: 1px; }
    button { min-height: 44px; border: 1px solid transparent; border-radius: 8px; background: transparent; color: var(--a);
      font: inherit; cursor: pointer; }
    .clear { position: absolute; inset: 1px 1px auto auto; width: 44px; font-size: 1.3em; }
    .popup { position: absolute; z-index: 10; inset: calc(100% + 4px) 0 auto; max-height: min(60vh, 30rem); overflow-y: auto;
      padding: 6px; border: 1px solid var(--l); border-radius: 10px; background: var(--g); color: var(--t);
      box-shadow: 0 8px 24px rgb(0 0 0 / 16%); }
    ul { margin: 0; padding: 0; list-style: none; }
    li { min-height: 44px; padding: 8px 10px; border-radius: 7px; cursor: pointer; overflow-wrap: anywhere; }
    li[aria-selected=true] { background: var(--c); box-shadow: inset 3px 0 var(--a); }
    mark { border-radius: 2px; background: var(--m); color: inherit; }
    small { display: block; color: var(--q); font-size: .82em; }
    .chips { display: flex; flex-wrap: wrap; gap: 6px; padding: 4px; align-items: center; color: var(--q); font-size: .9em; }
    .chips button { padding: 0 14px; border-color: var(--l); border-radius: 22px; max-width: 100%; overflow-wrap: anywhere; }
    .note { margin: 0; padding: 8px 10px; color: var(--q); overflow-wrap: anywhere; }
    .wide { width: 100%; }
    .said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }`);

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const bdi = (text) => make("bdi", {}, text);
  const short = (name) => name.replace(/^(中国共产主义青年团|共青团)/, "").replace(/(工作)?委员会$/, "") || name;

  class OrgAutocomplete extends HTMLElement {
    static formAssociated = true;
    static observedAttributes = ["placeholder", "label", "lang", "disabled", "required", "within", "value"];

    #internals = this.attachInternals();
    #root = this.attachShadow({ mode: "open", delegatesFocus: true });
    #input = make("input", { part: "input", type: "text", role: "combobox", autocomplete: "off", autocapitalize: "none",
      spellcheck: "false", enterkeyhint: "search", dir: "auto", maxlength: "200", "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": "list" });
    #clear = make("button", { part: "clear", class: "clear", type: "button", tabindex: "-1" }, "×");
    #limits = make("div", { class: "chips" });
    #list = make("ul", { id: "list", part: "list", role: "listbox" });
    #notes = make("div");
    #popup = make("div", { class: "popup", part: "popup" }, this.#limits, this.#list, this.#notes);
    #said = make("p", { class: "said", role: "status" });
    #hits = []; #active = -1; #chosen = null; #within = null; #known = new Map(); #generation = "";
    #online = () => { if (!this.#popup.hidden) this.#ask(0); };
    #composing = false; #timer = 0; #retry = 0; #pending = null; #last = -Infinity; #disabledByForm = false;

    constructor() {
      super();
      this.#root.adoptedStyleSheets = [STYLE];
      this.#popup.hidden = this.#clear.hidden = this.#limits.hidden = true;
      this.#root.append(make("div", { class: "field" }, this.#input, this.#clear), this.#popup, this.#said);
      const input = this.#input;
      input.addEventListener("compositionstart", () => { this.#composing = true; this.#forget(); });
      // Some browsers send the last input event before, others after the end of the composition.
      input.addEventListener("compositionend", () => { this.#composing = false; this.#typed(); });
      input.addEventListener("input", (event) => { if (!this.#composing && !event.isComposing) this.#typed(); });
      input.addEventListener("keydown", (event) => this.#key(event));
      input.addEventListener("focus", () => { if (this.text && !this.#chosen) this.#ask(0); });
      this.#root.addEventListener("focusout", (event) => { if (!this.#root.contains(event.relatedTarget)) this.#close(); });
      this.#clear.addEventListener("click", () => { this.clear(); input.focus(); });
      // Keeps the focus, and so the list, while something in it is pressed.
      this.#popup.addEventListener("mousedown", (event) => event.preventDefault());
      this.#list.addEventListener("click", (event) => {
        const item = event.target.closest("li");
        if (item) this.#choose(this.#hits[[...this.#list.children].indexOf(item)]);
      });
    }

    connectedCallback() {
      addEventListener("online", this.#online);
      this.#words();
      this.#preset();
    }
    #preset() {
      const id = this.getAttribute("value");
      if (id && !this.#chosen) this.#take({ id, name: this.getAttribute("value-name") || id });
      this.#validate();
    }
    disconnectedCallback() {
      removeEventListener("online", this.#online);
      this.#forget();
    }
    attributeChangedCallback(name) {
      if (name === "within") this.#known.clear();
      this.#words();
      this.#validate();
    }
    formResetCallback() { this.clear(false); this.#preset(); }
    formDisabledCallback(disabled) { this.#disabledByForm = disabled; this.#words(); }
    formStateRestoreCallback(state) {
      const restored = state instanceof FormData ? [...state.values()] : [];
      if (restored.length === 2) this.#take({ id: restored[0], name: restored[1] });
    }

    get form() { return this.#internals.form; }
    get name() { return this.getAttribute("name") || ""; }
    get validity() { return this.#internals.validity; }
    get validationMessage() { return this.#internals.validationMessage; }
    get willValidate() { return this.#internals.willValidate; }
    checkValidity() { return this.#internals.checkValidity(); }
    reportValidity() { return this.#internals.reportValidity(); }
    get value() { return this.#chosen ? this.#chosen.id : ""; }
    get selected() { return this.#chosen; }
    get text() { return this.#input.value; }
    set text(text) { this.#input.value = text; this.#chosen = null; this.#changed(); }

    clear(tell = true) {
      this.#forget();
      this.#input.value = "";
      this.#chosen = this.#within = null;
      this.#changed();
      this.#close();
      if (tell) this.#tell("org-clear");
    }

    get #text() { return TEXTS[(this.lang || document.documentElement.lang || "zh").startsWith("en") ? "en" : "zh"]; }

    #words() {
      const text = this.#text;
      this.#input.placeholder = this.getAttribute("placeholder") ?? text.placeholder;
      this.#input.setAttribute("aria-label", this.getAttribute("label") ?? text.label);
      this.#input.disabled = this.#clear.disabled = this.hasAttribute("disabled") || this.#disabledByForm;
      this.#input.toggleAttribute("required", this.hasAttribute("required"));
      this.#list.setAttribute("aria-label", text.list);
      this.#clear.setAttribute("aria-label", text.clear);
    }

    #validate() {
      const text = this.#text;
      if (this.#chosen || (!this.text.trim() && !this.hasAttribute("required"))) this.#internals.setValidity({});
      else if (!this.text.trim()) this.#internals.setValidity({ valueMissing: true }, text.required, this.#input);
      else this.#internals.setValidity({ badInput: true }, text.pick, this.#input);
    }

    #changed() {
      this.#clear.hidden = !this.text && !this.#within;
      const data = new FormData();
      if (this.#chosen && this.name) {
        data.set(this.name, this.#chosen.id);
        data.set(this.name + "_name", this.#chosen.name);
      }
      this.#internals.setFormValue(this.#chosen ? data : null);
      this.#validate();
    }

    #tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true })); }

    #typed() {
      const had = this.#chosen;
      this.#chosen = null;
      this.#changed();
      if (had) this.#tell("org-clear");
      if (!this.text.trim() && !this.#within) return void (this.#forget(), this.#close());
      // The first key after a pause asks at once.
      const now = performance.now();
      this.#ask(now - this.#last > 400 ? 0 : WAIT_MS);
      this.#last = now;
    }

    #forget() {
      clearTimeout(this.#timer);
      clearTimeout(this.#retry);
      this.#pending?.abort();
      this.#pending = null;
    }

    #ask(wait) {
      this.#forget();
      const known = this.#known.get(this.#address());
      if (known) return this.#show(known);
      this.#timer = setTimeout(() => this.#load(), wait);
    }

    #address(path = "/v1/autocomplete", more = {}) {
      const address = new URL(path, this.getAttribute("endpoint") || HOME);
      const given = { q: this.text, ...more };
      for (const name of ["limit", "near", "system", "kind"]) given[name] ??= this.getAttribute(name);
      given.within = this.#within?.id ?? this.getAttribute("within");
      for (const [name, value] of Object.entries(given)) if (value != null) address.searchParams.set(name, value);
      return address.href;
    }

    // The answer, or what went wrong as {problem, seconds}; null if it was overtaken.
    async #fetch(address) {
      const request = (this.#pending = new AbortController());
      const slow = setTimeout(() => this.#note(this.#text.searching), SLOW_MS);
      const late = setTimeout(() => request.abort("late"), TIMEOUT_MS);
      try {
        const language = this.#text === TEXTS.en ? "en" : "zh-CN";
        const response = await fetch(address, { signal: request.signal, headers: { "Accept-Language": language } });
        if (response.ok) {
          const answer = await response.json();
          return this.#pending === request ? answer : null;
        }
        if (this.#pending !== request) return null;
        const busy = response.status === 429 || response.status === 503;
        return { problem: busy ? "busy" : "failed", seconds: Number(response.headers.get("Retry-After")) || 2, busy };
      } catch {
        if (this.#pending !== request) return null;
        return { problem: navigator.onLine ? "failed" : "offline" };
      } finally {
        clearTimeout(slow);
        clearTimeout(late);
      }
    }

    async #load() {
      const address = this.#address();
      const answer = await this.#fetch(address);
      if (!answer) return;
      if (answer.problem) return this.#fail(answer, () => this.#load());
      if (answer.generation !== this.#generation) this.#known.clear();
      this.#generation = answer.generation;
      this.#known.set(address, answer);
      if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value);
      this.#show(answer);
    }

    #fail({ problem, seconds, busy }, again) {
      const text = this.#text;
      const retry = make("button", { type: "button", class: "wide" }, text.retry);
      retry.addEventListener("click", () => { clearTimeout(this.#retry); again(); this.#input.focus(); });
      this.#notes.replaceChildren(make("p", { class: "note", part: "status" }, text[problem]), retry);
      this.#open();
      this.#said.textContent = text[problem];
      if (busy) this.#retry = setTimeout(again, seconds * 1000);
    }

    #note(words) {
      this.#notes.replaceChildren(make("p", { class: "note", part: "status" }, words));
      this.#open();
    }

    #show(answer) {
      const text = this.#text;
      this.#hits = answer.hits;
      this.#list.replaceChildren(...answer.hits.map((hit, at) => this.#option(hit, at)));
      this.#chips(answer.choices || []);
      this.#notes.replaceChildren();
      if (!answer.hits.length) {
        const lost = (answer.query.parts || []).filter((part) => !part.matched);
        this.#notes.append(make("p", { class: "note", part: "status" }, text.none));
        for (const part of lost) this.#notes.append(make("p", { class: "note" }, bdi(text.unmatched(part.text))));
        this.#notes.append(make("p", { class: "note" }, text.tip));
      } else if (answer.next_cursor) {
        this.#offerAll();
      }
      this.#said.textContent = answer.hits.length ? text.count(answer.hits.length) : text.none;
      this.#open();
      this.#activate(-1);
    }

    // How many there are is asked for only once somebody stops to look.
    #offerAll() {
      const button = make("button", { type: "button", class: "wide", part: "more" }, this.#text.more);
      button.addEventListener("click", () => this.#loadAll());
      this.#notes.append(button);
      this.#timer = setTimeout(async () => {
        const answer = await this.#fetch(this.#address("/v1/search", { limit: "1" }));
        if (answer?.total) button.textContent = this.#text.all(answer.total.value, answer.total.relation === "gte");
      }, 500);
    }

    async #loadAll(cursor) {
      this.#forget();
      const answer = await this.#fetch(this.#address("/v1/search", { limit: String(PAGE), ...(cursor && { cursor }) }));
      if (!answer) return;
      if (answer.problem) return this.#fail(answer, () => this.#loadAll(cursor));
      if (!cursor) { this.#hits = []; this.#list.replaceChildren(); }
      const from = this.#hits.length;
      this.#hits = [...this.#hits, ...answer.hits];
      this.#list.append(...answer.hits.map((hit, at) => this.#option(hit, from + at)));
      this.#notes.replaceChildren();
      if (answer.next_cursor) {
        const more = make("button", { type: "button", class: "wide", part: "more" }, this.#text.more);
        more.addEventListener("click", () => this.#loadAll(answer.next_cursor));
        this.#notes.append(more);
      }
      this.#said.textContent = this.#text.count(this.#hits.length);
      this.#input.focus();
      this.#activate(from);
    }

    #option(hit, at) {
      const line = make("li", { id: "o" + at, part: "option", role: "option", "aria-selected": "false" }, this.#marked(hit));
      const above = (hit.path || []).slice(-2).map((step) => short(step.name)).join(" › ");
      if (above) line.append(make("small", { part: "path" }, bdi(above)));
      const facts = [hit.kind, hit.system].filter(Boolean).map((code) => this.#text[code] || code).join(" · ");
      if (facts) line.append(make("small", { part: "facts" }, bdi(facts)));
      return line;
    }

    #marked(hit) {
      const name = bdi("");
      let end = 0;
      for (const span of hit.highlights || []) {
        if (span.field !== "name" || span.start_utf16 < end) continue;
        name.append(hit.name.slice(end, span.start_utf16), make("mark", { part: "mark" }, hit.name.slice(span.start_utf16, span.end_utf16)));
        end = span.end_utf16;
      }
      name.append(hit.name.slice(end));
      return name;
    }

    #chips(choices) {
      const text = this.#text;
      const chips = choices.map((choice) => {
        const chip = make("button", { type: "button", part: "chip" }, bdi(`${short(choice.name)} ${choice.count}`));
        chip.addEventListener("click", () => this.#limit(choice));
        return chip;
      });
      if (chips.length) chips.unshift(text.choose);
      if (this.#within) {
        const remove = make("button", { type: "button", part: "chip", "aria-label": `${text.remove}: ${this.#within.name}` }, bdi(`${short(this.#within.name)} ×`));
        remove.addEventListener("click", () => this.#limit(null));
        chips.unshift(text.below, remove);
      }
      this.#limits.replaceChildren(...chips);
      this.#limits.hidden = !chips.length;
    }

    #limit(choice) {
      this.#within = choice;
      this.#input.focus();
      this.#ask(0);
    }

    #key(event) {
      // 229 is what some browsers send for keys that belong to the input method, the confirming Enter included.
      if (this.#composing || event.isComposing || event.keyCode === 229) return;
      const isOpen = !this.#popup.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!isOpen) { if (this.text.trim()) this.#ask(0); return; }
        const count = this.#hits.length + 1;
        this.#activate(((this.#active + 1 + (event.key === "ArrowDown" ? 1 : count - 1)) % count) - 1);
      } else if (event.key === "Enter" && isOpen && this.#active >= 0) {
        event.preventDefault();
        this.#choose(this.#hits[this.#active]);
      } else if (event.key === "Enter" && this.form) {
        event.preventDefault();
        this.form.requestSubmit();
      } else if (event.key === "Escape") {
        if (isOpen) { event.preventDefault(); this.#close(); } else if (this.text) this.clear();
      }
    }

    // -1 is the typed text itself.
    #activate(at) {
      this.#list.children[this.#active]?.setAttribute("aria-selected", "false");
      this.#active = at;
      const line = this.#list.children[at];
      if (!line) return this.#input.removeAttribute("aria-activedescendant");
      line.setAttribute("aria-selected", "true");
      this.#input.setAttribute("aria-activedescendant", line.id);
      line.scrollIntoView({ block: "nearest" });
    }

    #take(hit) {
      this.#forget();
      this.#chosen = hit;
      this.#input.value = hit.name;
      this.#changed();
    }

    #choose(hit) {
      if (!hit) return;
      this.#take(hit);
      this.#close();
      this.#said.textContent = this.#text.chosen(hit.name);
      this.#tell("org-choose", hit);
      this.#tell("change");
    }

    #open() {
      this.#popup.hidden = false;
      this.#input.setAttribute("aria-expanded", "true");
    }

    #close() {
      this.#forget();
      this.#popup.hidden = true;
      this.#input.setAttribute("aria-expanded", "false");
      this.#activate(-1);
    }
  }

  if (!customElements.get("org-autocomplete")) customElements.define("org-autocomplete", OrgAutocomplete);
})();
