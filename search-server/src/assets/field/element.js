import style from "./style.css";
import { bdi, button, make, note } from "./dom.js";
import { childLine, cohortLine, hitLine, recentLine } from "./options.js";
import { fullName, pathSteps, shortName } from "./names.js";
import { isBranch, nextLevel, numbered } from "./levels.js";
import { isNotice, length, pieces } from "./paste.js";
import { languageOf, textsFor } from "./texts.js";
import { forgetAll, recent, remember } from "./recent.js";
import { Popup } from "./popup.js";
import { Service } from "./service.js";
import { Tree } from "./tree.js";

const WAIT_MS = 60, PAUSE_MS = 400, SLOW_MS = 300, COUNT_MS = 500, LONGEST_RETRY_S = 30;
const QUERY_LIMIT = 200, PAGE = 30, LEVEL_PAGE = 100, LEVEL_MOST = 500;

/** What the guide says of an organization that is no branch; see the API document. */
const TO_THE_BRANCH = ["has_below", "none_below", "not_a_branch"];

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(style);

/** Attributes that are properties too, as texts and as flags. */
const TEXTS = { name: "name", endpoint: "endpoint", valueName: "value-name", limit: "limit", within: "within", near: "near", system: "system",
  kind: "kind", from: "from", levels: "levels", contact: "contact", placeholder: "placeholder", label: "label" };
const FLAGS = { required: "required", disabled: "disabled", noHistory: "no-history" };

const isGone = (org) => Boolean(org.status) && org.status !== "active";
/** Successors of successors are followed so far; a circle of them ends as well. */
const LONGEST_CHAIN = 16;

/** A few letters of pinyin that may still become a name. */
const isUnfinished = (text) => /^[a-z]{1,4}$/i.test(text.trim());

export class OrgAutocomplete extends HTMLElement {
  static formAssociated = true;
  static observedAttributes = ["name", "placeholder", "label", "lang", "disabled", "required", "levels", "within", "value"];

  #internals = this.attachInternals();
  #root = this.attachShadow({ mode: "open", delegatesFocus: true });
  #input = make("input", { part: "input", type: "text", role: "combobox", autocomplete: "off", autocapitalize: "none", spellcheck: "false",
    enterkeyhint: "search", dir: "auto", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "list" });
  #clear = button({ part: "clear", class: "clear", tabindex: "-1" }, "×", () => { this.clear(); this.#input.focus(); });
  #browse = button({ class: "browse" }, "☰", () => this.#openTree());
  #chips = make("div", { class: "chips" });
  #above = make("div");
  #heading = make("p", { class: "heading" });
  #list = make("ul", { id: "list", part: "list", role: "listbox" });
  #below = make("div");
  #box = make("div", { class: "popup", part: "popup", popover: "manual" }, this.#chips, this.#above, this.#heading, this.#list, this.#below);
  #card = make("div", { class: "card", part: "chosen" });
  #said = make("p", { class: "said", role: "status" });
  #field = make("div", { class: "field" }, this.#input, this.#clear, this.#browse, this.#box);
  #popup = new Popup(this.#box, this.#field);
  #service = new Service();

  /** The organization chosen, whether the choice is finished, whether nothing active is below it, and what must be said. */
  #chosen = null; #complete = false; #isLowest = false; #notice = "";
  /** What the search is limited to, the narrowest last: `{org, isLevel, cohort?, orgs?}`. */
  #scopes = [];
  /** The lines of the list as `{item, act}`; the one the keyboard stands on; whether they answer what is typed now. */
  #lines = []; #active = -1; #isStale = false; #moves = 0;
  #before = ""; #isComposing = false; #lastKey = -Infinity; #isDisabledByForm = false; #unknownValue = false; #missed = false;
  #pageLimit = LEVEL_PAGE;
  #timer = 0; #retry = 0; #failures = 0; #request = null; #again = null;
  #online = () => { if (this.#again) this.#again(); };

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [SHEET];
    for (const part of [this.#clear, this.#chips, this.#heading, this.#list, this.#card]) part.hidden = true;
    this.#root.append(this.#field, this.#card, this.#said);
    this.#listen();
  }

  #listen() {
    const input = this.#input;
    input.addEventListener("compositionstart", () => { this.#isComposing = true; this.#forget(); this.#setStale(true); });
    // Some browsers send the last input event before, others after the end of the composition.
    input.addEventListener("compositionend", () => { this.#isComposing = false; this.#typed(); });
    input.addEventListener("input", (event) => { if (!this.#isComposing && !event.isComposing) this.#typed(); });
    input.addEventListener("paste", (event) => this.#pasted(event));
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("focus", () => { this.#words(); this.#reopen(); });
    input.addEventListener("click", () => { if (!this.#popup.isOpen) this.#reopen(); });
    this.#browse.addEventListener("keydown", (event) => { if (event.key === "Escape") this.#close(); });
    this.#root.addEventListener("focusout", (event) => { if (!this.#root.contains(event.relatedTarget)) this.#close(); });
    this.#box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.#close();
      input.focus({ preventScroll: true });
    });
    // Keeps the focus, and so the list, while something in it is pressed.
    this.#box.addEventListener("mousedown", (event) => event.preventDefault());
    this.#list.addEventListener("click", (event) => {
      const item = event.target.closest("li");
      if (item && !this.#isStale) this.#lines.find((line) => line.item === item)?.act();
    });
  }

  // The life of a form field.

  connectedCallback() {
    addEventListener("online", this.#online);
    this.#words();
    if (!this.#chosen) this.#preset();
    else this.#validate();
    // Labels that follow the field in the document.
    queueMicrotask(() => this.#words());
  }
  disconnectedCallback() {
    removeEventListener("online", this.#online);
    this.#close();
  }
  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (name === "value") this.value = now ?? "";
    if (name === "within") { this.#scopes = []; this.#close(); }
    if (name === "name") this.#changed();
    this.#words();
    this.#validate();
  }
  formResetCallback() { this.clear(false); this.#preset(); }
  formDisabledCallback(disabled) { this.#isDisabledByForm = disabled; this.#words(); }
  formStateRestoreCallback(state) {
    const restored = state instanceof FormData ? [...state.values()] : [];
    if (restored.length === 2) this.#preselect(restored[0], restored[1]);
  }

  get form() { return this.#internals.form; }
  set form(id) { this.setAttribute("form", id); }
  get labels() { return this.#internals.labels; }
  get validity() { return this.#internals.validity; }
  get validationMessage() { return this.#internals.validationMessage; }
  get willValidate() { return this.#internals.willValidate; }
  checkValidity() { return this.#internals.checkValidity(); }
  reportValidity() { return this.#internals.reportValidity(); }

  /** The id of the organization chosen, or "". Setting it loads the name from the service and tells nobody. */
  get value() { return this.#chosen ? this.#chosen.id : ""; }
  set value(id) {
    const wanted = id == null ? "" : String(id);
    if (wanted === this.value && !this.#unknownValue) return;
    this.clear(false);
    if (wanted) this.#preselect(wanted);
  }
  /** The organization chosen, as the service gives hits, or null. */
  get selected() { return this.#chosen; }
  /** Whether the choice is finished: at a branch, at what has nothing below it, or because no more is known. */
  get complete() { return this.#complete; }
  /** What stands in the field. */
  get text() { return this.#input.value; }
  set text(text) {
    this.#setChosen(null);
    this.#input.value = this.#before = text ?? "";
    this.#changed();
    if (this.#root.activeElement === this.#input) this.#ask(0);
  }

  clear(tell = true) {
    this.#forget();
    this.#unknownValue = false;
    this.#said.textContent = "";
    this.#scopes = [];
    this.#setChosen(null);
    this.#input.value = this.#before = "";
    this.#changed();
    this.#close();
    this.#words();
    if (tell) this.#tell("org-clear");
  }

  #preset() {
    const id = this.getAttribute("value");
    if (id && id !== this.value) this.#preselect(id, this.getAttribute("value-name"));
    this.#validate();
  }

  /** Takes an organization by its id; its name comes from the service where it is not given. */
  #preselect(id, name) {
    this.#take({ id, name: name || id });
    this.#complete = true;
    // Once all attributes are there; frameworks set them one by one.
    if (!name || this.levels === "branch") queueMicrotask(() => this.#loadValue(id));
  }

  async #loadValue(id) {
    if (!this.isConnected || this.value !== id) return;
    const org = await Service.get(this.#address(`v1/orgs/${encodeURIComponent(id)}`), languageOf(this.#text), new AbortController());
    if (this.value !== id || !org) return;
    if (!org.problem) {
      const { successor } = org;
      const isGone = org.status !== "active";
      this.#take(org, !isGone ? "" : successor ? this.#text.mergedInto(shortName(successor)) : this.#text.gone(shortName(org)));
      this.#complete = true;
    } else if (org.status === 404) {
      this.clear(false);
      this.#unknownValue = true;
      this.#validate();
    } else {
      setTimeout(() => this.#loadValue(id), 1000 * (org.seconds || 5));
    }
  }

  get #text() { return textsFor(this.closest("[lang]")?.lang || "zh"); }

  #words() {
    const text = this.#text, scope = this.#scopes.at(-1);
    const label = [...(this.#internals.labels || [])].map((one) => one.textContent.trim()).join(" ");
    this.#input.placeholder = scope?.isLevel ? text.searchIn(shortName(scope.org)) : this.getAttribute("placeholder") ?? text.placeholder;
    this.#input.setAttribute("aria-label", this.getAttribute("label") ?? (label || text.label));
    this.#input.disabled = this.#clear.disabled = this.#browse.disabled = this.hasAttribute("disabled") || this.#isDisabledByForm;
    this.#input.toggleAttribute("required", this.hasAttribute("required"));
    this.#list.setAttribute("aria-label", text.list);
    this.#clear.setAttribute("aria-label", text.clear);
    this.#browse.setAttribute("aria-label", text.browse);
    this.#browse.title = text.browse;
  }

  #validate() {
    const text = this.#text, internals = this.#internals;
    const chosen = this.#chosen;
    const stopsShort = chosen && !isBranch(chosen) && !this.#isLowest;
    if (chosen && this.levels === "branch" && stopsShort) internals.setValidity({ customError: true }, text.pickBranch, this.#input);
    else if (chosen) internals.setValidity({});
    else if (this.#unknownValue) internals.setValidity({ badInput: true }, text.unknownValue, this.#input);
    else if (this.text.trim()) internals.setValidity({ badInput: true }, text.pick, this.#input);
    else if (this.hasAttribute("required")) internals.setValidity({ valueMissing: true }, text.required, this.#input);
    else internals.setValidity({});
  }

  #changed() {
    this.#clear.hidden = !this.text && !this.#chosen && !this.#scopes.length;
    this.#browse.hidden = !this.#clear.hidden;
    const data = new FormData();
    if (this.#chosen && this.name) {
      data.set(this.name, this.#chosen.id);
      data.set(this.name + "_name", this.#chosen.name);
    }
    this.#internals.setFormValue(this.#chosen ? data : null);
    this.#validate();
    this.#drawCard();
  }

  #tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true })); }

  // What is typed, and asking for it.

  #typed() {
    const isInLevels = this.#scopes.at(-1)?.isLevel;
    const had = this.#chosen && !isInLevels;
    if (had) this.#setChosen(null);
    this.#unknownValue = this.#missed = false;
    // A range that was tapped belongs to the text it was offered for.
    if (!isInLevels && this.#isReplaced()) this.#scopes = [];
    this.#before = this.text;
    this.#moves = 0;
    this.#changed();
    if (had) this.#tell("org-clear");
    this.#setStale(true);
    if (length(this.text) > QUERY_LIMIT) return void this.#takeNotice(this.text);
    if (!this.text.trim()) return this.#showWithoutText();
    if (isInLevels && this.#showNumbered()) return;
    // The first key after a pause asks at once.
    const now = performance.now();
    this.#ask(now - this.#lastKey > PAUSE_MS ? 0 : WAIT_MS);
    this.#lastKey = now;
  }

  #isReplaced() { return !this.text.trim() || (Boolean(this.#before) && this.text[0] !== this.#before[0]); }

  #showWithoutText() {
    this.#forget();
    if (this.#scopes.at(-1)?.isLevel) return this.#showLevel();
    if (this.#scopes.length) return this.#ask(0);
    this.#close();
    this.#showRecent();
  }

  /** Opens what fits the state again: the way down, the hits, or what was chosen lately. */
  #reopen() {
    if (this.#input.disabled || this.#popup.isOpen) return;
    if (this.#chosen) {
      if (!this.#complete || this.validity.customError) this.#descend(this.#chosen);
    } else if (this.text.trim() || this.#scopes.length) {
      this.#ask(0);
    } else {
      this.#showRecent();
    }
  }

  #forget() {
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    this.#request?.abort();
    this.#request = this.#again = null;
  }

  #ask(wait) {
    this.#forget();
    const kept = this.#service.kept(this.#searchAddress("v1/autocomplete"));
    if (kept) return this.#show(kept);
    this.#timer = setTimeout(() => this.#load(), wait);
  }

  #address(route, parameters) { return Service.address(this.endpoint, route, parameters); }

  #searchAddress(route, more = {}) {
    const given = { q: this.text.trim(), within: this.#scopes.at(-1)?.org.id ?? this.within, ...more };
    for (const name of ["limit", "near", "system", "kind", "from"]) given[name] ??= this.getAttribute(name);
    return this.#address(route, given);
  }

  /** The answer, or the problem; null if it was overtaken. Says so if it takes long. */
  async #fetch(address) {
    const request = (this.#request = new AbortController());
    const waiting = note(this.#text.searching);
    const slow = setTimeout(() => { this.#above.replaceChildren(waiting); this.#open(); }, SLOW_MS);
    const answer = await Service.get(address, languageOf(this.#text), request);
    clearTimeout(slow);
    waiting.remove();
    if (this.#request !== request) return null;
    this.#request = null;
    if (answer && !answer.problem) this.#failures = 0;
    return answer;
  }

  async #load() {
    const address = this.#searchAddress("v1/autocomplete");
    const answer = await this.#fetch(address);
    if (!answer) return;
    if (answer.problem) return this.#fail(answer, () => this.#load());
    this.#service.keep(address, answer);
    this.#show(answer);
  }

  /** Says what went wrong above the list, and tries again by itself, each time a little later. */
  #fail({ problem, seconds }, again) {
    const text = this.#text;
    if (problem === "refused") return this.#refuse();
    this.#failures += 1;
    this.#again = () => { clearTimeout(this.#retry); this.#again = null; again(); };
    const retry = button({ class: "wide" }, text.retry, () => { this.#again?.(); this.#input.focus(); });
    this.#above.replaceChildren(note(text[problem]), retry);
    this.#setStale(true);
    this.#open();
    this.#said.textContent = text[problem];
    this.#retry = setTimeout(this.#again, 1000 * (seconds || Math.min(2 ** this.#failures, LONGEST_RETRY_S)));
  }

  /** The service will not answer this, however often it is asked. */
  #refuse() {
    this.#above.replaceChildren(note(this.#text.refused));
    this.#setStale(true);
    this.#open();
    this.#said.textContent = this.#text.refused;
  }

  // What is shown.

  /** Puts lines into the list; what stands around it is put there by the caller afterwards. */
  #draw(lines, heading = "") {
    this.#lines = lines;
    lines.forEach((line, at) => (line.item.id = "o" + at));
    this.#list.replaceChildren(...lines.map((line) => line.item));
    this.#list.hidden = !lines.length;
    this.#heading.textContent = heading;
    this.#heading.hidden = !heading;
    this.#list.setAttribute("aria-label", heading || this.#text.list);
    this.#above.replaceChildren();
    this.#below.replaceChildren();
    this.#setStale(false);
    this.#active = -1;
    this.#drawChips([]);
    this.#open();
    this.#activate(-1);
    // Arrow keys that came before the answer.
    const moves = this.#moves;
    this.#moves = 0;
    if (moves) this.#activate(Math.min(moves, lines.length) - 1);
  }

  /** Lines that answer an earlier text stay in sight, but nobody can choose them. */
  #setStale(isStale) {
    this.#isStale = isStale;
    this.#list.classList.toggle("stale", isStale);
    if (isStale) this.#activate(-1);
    for (const { item } of this.#lines) {
      if (isStale) item.setAttribute("aria-disabled", "true");
      else item.removeAttribute("aria-disabled");
    }
  }

  #lineOf(hit) { return { item: hitLine(hit, this.#text), act: () => this.#choose(hit) }; }

  #show(answer) {
    const text = this.#text;
    const scope = this.#scopes.at(-1), isLevel = scope?.isLevel;
    // Within a level what was typed picks a line; the one that was chosen there already is none.
    const lines = (answer.hits || []).filter((hit) => !isLevel || hit.id !== scope.org.id).map((hit) => this.#lineOf(hit));
    const choices = (answer.choices || []).filter((choice) => choice.count > 1);
    this.#draw(lines);
    this.#drawChips(choices);
    for (const part of answer.query?.parts || []) {
      if (!part.matched && !isUnfinished(this.text)) this.#above.append(note(bdi(text.unmatched(part.text))));
    }
    const none = isUnfinished(this.text) ? text.unfinished : text.none;
    if (!lines.length) this.#above.prepend(note(none), note(text.tip));
    this.#say(lines.length ? text.count(lines.length) : none, choices);
    if (isLevel && this.#active < 0) this.#activate(Math.min(0, lines.length - 1));
    if (answer.next_cursor) this.#offerAll(choices);
    this.#offerHelp();
    this.#popup.place();
  }

  #say(words, choices = []) {
    const names = choices.map((choice) => shortName(choice)).join("、");
    this.#said.textContent = names ? `${words} ${this.#text.chips(names)}` : words;
  }

  // How many there are is asked for only once somebody stops to look.
  #offerAll(choices) {
    const text = this.#text, shown = this.#lines.length;
    const all = button({ class: "wide", part: "more" }, text.more, () => this.#loadAll());
    this.#below.append(all);
    this.#timer = setTimeout(async () => {
      const answer = await this.#fetch(this.#searchAddress("v1/search", { limit: "1" }));
      if (!answer?.total || !all.isConnected) return;
      const { value, relation } = answer.total;
      all.textContent = text.all(value, relation === "gte");
      this.#say(text.count(shown, value, relation === "gte"), choices);
    }, COUNT_MS);
  }

  async #loadAll(cursor, before = []) {
    this.#forget();
    const answer = await this.#fetch(this.#searchAddress("v1/search", { limit: this.#pageLimit && PAGE, cursor }));
    if (!answer) return;
    if (this.#learnLimit(answer)) return this.#loadAll(cursor, before);
    // The tree was replaced in the meantime: from the beginning.
    if (answer.status === 410) return this.#loadAll();
    if (answer.problem) return this.#fail(answer, () => this.#loadAll(cursor, before));
    const lines = [...before, ...answer.hits.map((hit) => this.#lineOf(hit))];
    this.#draw(lines);
    if (answer.next_cursor) {
      this.#below.append(button({ class: "wide", part: "more" }, this.#text.more, () => this.#loadAll(answer.next_cursor, lines)));
    }
    this.#offerHelp();
    this.#say(this.#text.count(lines.length, answer.total?.value, answer.total?.relation === "gte"));
    this.#input.focus();
    this.#activate(Math.min(before.length, lines.length - 1));
  }

  /** Whom to ask, and that a search failed somebody: counted, without what was typed. */
  #offerHelp() {
    const text = this.#text;
    const help = button({ class: "wide", part: "more" }, text.missing, () => {
      const contact = this.contact;
      this.#said.textContent = contact ? `${text.missingTell} ${contact}` : text.missingNobody;
      help.replaceWith(note(contact ? text.missingTell : text.missingNobody, contact ? make("br") : "", contact ? bdi(contact) : ""));
      if (!this.#missed) fetch(this.#address("v1/misses"), { method: "POST", keepalive: true }).catch(() => {});
      this.#missed = true;
      this.#input.focus();
    });
    this.#below.append(help);
  }

  #drawChips(choices) {
    const text = this.#text;
    const chip = (label, act, more = {}) => button({ part: "chip", ...more }, bdi(label), act);
    const scopes = this.#scopes.map((scope, at) => {
      const label = scope.cohort === undefined ? shortName(scope.org) : scope.cohort || text.others;
      if (scope.isLevel) return chip(label + " ›", () => this.#backTo(at));
      return chip(label + " ×", () => this.#narrow(null), { "aria-label": `${text.remove}: ${label}` });
    });
    const chips = choices.map((choice) => chip(`${shortName(choice)} ${choice.count}`, () => this.#narrow(choice)));
    if (scopes.length && !this.#scopes[0].isLevel) scopes.unshift(text.within);
    if (chips.length) chips.unshift(text.narrow);
    this.#chips.replaceChildren(...scopes, ...chips);
    this.#chips.hidden = !scopes.length && !chips.length;
  }

  #narrow(choice) {
    this.#scopes = choice ? [{ org: choice, isLevel: false }] : [];
    this.#changed();
    this.#input.focus();
    this.#ask(0);
  }

  #showRecent() {
    const orgs = this.noHistory ? [] : recent();
    if (!orgs.length || this.#root.activeElement !== this.#input) return;
    const text = this.#text;
    this.#draw(orgs.map((org) => ({ item: recentLine(org), act: () => this.#chooseAgain(org) })), text.recent);
    this.#below.append(button({ class: "wide" }, text.forget, () => { forgetAll(); this.#close(); this.#input.focus(); }));
  }

  /** What was chosen before may have been merged or closed since. */
  async #chooseAgain({ id }) {
    const org = await this.#loadOrg(id, () => this.#chooseAgain({ id }));
    if (org) this.#choose(org);
  }

  async #loadOrg(id, again) {
    this.#forget();
    const org = await this.#fetch(this.#address(`v1/orgs/${encodeURIComponent(id)}`));
    if (org?.problem) this.#fail(org, again);
    return org?.problem ? null : org;
  }

  // Choosing, and the way down to a branch.

  async #choose(org) {
    const asked = org;
    for (let step = 0; isGone(org) && org.successor && step < LONGEST_CHAIN; step++) {
      org = await this.#loadOrg(org.successor.id, () => this.#choose(asked));
      if (!org) return;
    }
    if (isGone(org)) {
      const gone = this.#text.gone(shortName(asked));
      this.#said.textContent = gone;
      return void this.#above.replaceChildren(note(bdi(gone)));
    }
    const moved = org === asked ? "" : this.#text.moved(shortName(asked), shortName(org));
    this.#scopes = this.#scopes.filter((scope) => scope.isLevel);
    this.#take(org, moved);
    this.#said.textContent = [moved, this.#text.chosen(shortName(org))].join(" ").trim();
    this.#tell("org-choose", org);
    this.#tell("change");
    if (isBranch(org)) this.#finish();
    else this.#descend(org);
  }

  #setChosen(org) {
    this.#chosen = org;
    this.#complete = this.#isLowest = false;
    this.#notice = "";
  }

  #take(org, moved = "") {
    this.#forget();
    this.#unknownValue = false;
    this.#setChosen(org);
    this.#notice = moved;
    this.#input.value = this.#before = shortName(org);
    this.#changed();
  }

  #finish(notice = "") {
    this.#complete = true;
    this.#notice = [this.#notice, notice].filter(Boolean).join(" ");
    this.#scopes = [];
    this.#close();
    this.#changed();
    this.#said.textContent = [this.#notice, this.#text.chosen(shortName(this.#chosen))].join(" ").trim();
    if (!this.noHistory) remember(this.#chosen);
    this.#tell("org-complete", this.#chosen);
  }

  /** Shows what is below the organization chosen; what has nothing below it ends the choice. */
  async #descend(org) {
    this.#forget();
    this.#setStale(true);
    const children = await this.#loadChildren(org, () => this.#descend(org));
    if (!children || this.#chosen?.id !== org.id) return;
    if (!children.length) {
      this.#isLowest = true;
      return this.#finish();
    }
    if (this.#scopes.at(-1)?.org.id !== org.id) this.#scopes.push({ org, isLevel: true, orgs: children, isCut: children.isCut });
    this.#showLevel();
  }

  /** The active children, as many as a list can show; a text finds the rest. */
  async #loadChildren(org, again) {
    const children = [];
    let cursor;
    do {
      const address = this.#address(`v1/orgs/${encodeURIComponent(org.id)}/children`, { status: "active", limit: this.#pageLimit, cursor });
      const answer = this.#service.kept(address) ?? (await this.#fetch(address));
      if (!answer) return null;
      if (this.#learnLimit(answer)) return this.#loadChildren(org, again);
      if (answer.problem) return void this.#fail(answer, again);
      this.#service.keep(address, answer);
      children.push(...answer.children);
      cursor = answer.next_cursor;
    } while (cursor && children.length < LEVEL_MOST);
    children.isCut = Boolean(cursor);
    return children;
  }

  /** A service whose pages are shorter than ours is asked for its own length from then on. */
  #learnLimit({ status }) {
    const isRefused = status === 400 && this.#pageLimit !== undefined;
    if (isRefused) this.#pageLimit = undefined;
    return isRefused;
  }

  #showLevel() {
    const text = this.#text, scope = this.#scopes.at(-1);
    this.#input.value = this.#before = "";
    this.#words();
    this.#drawEntries(this.#level());
    if (scope.isCut) this.#above.append(note(text.cut(LEVEL_MOST)));
    this.#below.append(button({ class: "wide" }, text.unknownBranch, () => this.#stopShort()));
    this.#list.scrollTop = this.#box.scrollTop = 0;
    if (this.#root.activeElement !== this.#input && this.#root.activeElement) this.#input.focus();
  }

  /** What the level shows that the way down stands at. */
  #level() {
    const scope = this.#scopes.at(-1);
    return scope.cohort === undefined ? nextLevel(scope.orgs) : { kind: "branch", entries: scope.orgs.map((org) => ({ org })) };
  }

  #drawEntries({ kind, entries }) {
    const text = this.#text, scope = this.#scopes.at(-1);
    const heading = { unit: text.nextUnit, cohort: text.nextCohort, branch: text.nextBranch }[kind];
    this.#draw(entries.map((entry) => entry.org
      ? { item: childLine(entry.org, scope.org, text), act: () => this.#choose(entry.org) }
      : { item: cohortLine(entry, text), act: () => this.#enterCohort(entry) }), heading);
    this.#said.textContent = `${heading} ${text.count(entries.length)}`;
  }

  /** A number picks among the lines of the level, so Enter takes the first; whether it names any. */
  #showNumbered() {
    const { kind, entries } = this.#level();
    const named = numbered(entries, this.text);
    if (!named.length) return false;
    this.#forget();
    this.#drawEntries({ kind, entries: named });
    this.#activate(0);
    this.#popup.place();
    return true;
  }

  #enterCohort({ cohort, orgs }) {
    const { org, isCut } = this.#scopes.at(-1);
    this.#scopes.push({ org, isLevel: true, cohort, orgs, isCut });
    this.#showLevel();
  }

  /** The member knows no more: what the guide says of that case is shown, and nothing else. */
  async #stopShort() {
    const org = this.#chosen;
    const guide = await this.#fetch(this.#address(`v1/orgs/${encodeURIComponent(org.id)}/transfer-guide`, { from: this.from || "zhtj" }));
    if (!guide || this.#chosen !== org) return;
    const known = (guide.warnings || []).filter((warning) => TO_THE_BRANCH.includes(warning.when)).map((warning) => warning.text);
    this.#finish(known.length ? known.join(" ") : this.#text.notBranch(shortName(org)));
  }

  /** Goes up to a level that was passed. */
  #backTo(at) {
    this.#scopes.length = at + 1;
    const { org } = this.#scopes[at];
    if (org.id !== this.#chosen?.id) {
      this.#take(org);
      this.#tell("org-choose", org);
      this.#tell("change");
    }
    this.#input.focus();
    this.#showLevel();
  }

  #drawCard() {
    const org = this.#chosen;
    this.#card.hidden = !org || org.name === org.id;
    if (this.#card.hidden) return;
    const path = pathSteps(org, 3).map(shortName).join(" › ");
    this.#card.replaceChildren(fullName(org));
    if (path) this.#card.append(make("small", { part: "path" }, bdi(path)));
    if (this.#notice) this.#card.append(note(bdi(this.#notice)));
  }

  // The tree, and a whole notice in the field.

  async #openTree() {
    this.#forget();
    const load = async (id, cursor) => {
      const route = id == null ? "v1/roots" : `v1/orgs/${encodeURIComponent(id)}/children`;
      const answer = await this.#fetch(this.#address(route, { status: "active", limit: this.#pageLimit, cursor }));
      return answer && this.#learnLimit(answer) ? load(id, cursor) : answer;
    };
    const tree = new Tree(this.#text, load, (org) => { this.#input.focus(); this.#choose(org); });
    const top = await tree.start();
    // Overtaken, or somebody is elsewhere by now.
    if (!top || !this.#root.activeElement) return;
    if (top.problem) return this.#fail(top, () => this.#openTree());
    this.#draw([], this.#text.browse);
    this.#below.append(tree.element);
    this.#input.setAttribute("aria-expanded", "false");
    tree.focus();
  }

  #pasted(event) {
    const pasted = event.clipboardData?.getData("text") ?? "";
    if (!isNotice(pasted, QUERY_LIMIT)) return;
    event.preventDefault();
    const had = this.#chosen;
    this.#scopes = [];
    this.#setChosen(null);
    this.#words();
    if (had) this.#tell("org-clear");
    this.#takeNotice(pasted);
  }

  /** Asks for the pieces of a notice and shows the best answer, with the words that it took. */
  async #takeNotice(notice) {
    const text = this.#text;
    this.#forget();
    // Kept whatever becomes of the requests.
    this.#input.value = this.#before = [...notice.replaceAll(/\s+/g, " ").trim()].slice(0, QUERY_LIMIT).join("");
    this.#changed();
    this.#setStale(true);
    const asked = pieces(notice, QUERY_LIMIT);
    const answers = [];
    for (const piece of asked) {
      const answer = await this.#fetch(this.#searchAddress("v1/autocomplete", { q: piece }));
      if (!answer) return;
      if (answer.problem) return this.#fail(answer, () => this.#takeNotice(notice));
      if (answer.hits.length) answers.push({ piece, answer });
    }
    // A guess is a weak sign that a piece names an organization at all.
    const certainty = ({ answer: { hits: [first] } }) => first.score - (first.match === "corrected" ? 1 : 0);
    const best = answers.reduce((best, next) => (!best || certainty(next) > certainty(best) ? next : best), null);
    if (best) this.#input.value = this.#before = best.piece;
    this.#changed();
    if (best) this.#show(best.answer);
    else this.#draw([]);
    const words = best ? text.taken(best.piece) : !asked.length && length(notice) > QUERY_LIMIT ? text.tooLong(QUERY_LIMIT) : text.nothingTaken;
    this.#above.prepend(note(bdi(words)));
    this.#said.textContent = `${words} ${this.#said.textContent}`;
  }

  // Keys.

  #key(event) {
    // 229 is what some browsers send for keys that belong to the input method, the confirming Enter included.
    if (this.#isComposing || event.isComposing || event.keyCode === 229) return;
    const isOpen = this.#popup.isOpen;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.#move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && isOpen && this.#active >= 0) {
      event.preventDefault();
      this.#lines[this.#active].act();
    } else if (event.key === "Enter" && this.form) {
      event.preventDefault();
      // Somebody is on the way to a line: its list is not there yet, or is one level of the way to a branch.
      if (this.#isStale || this.#request || (isOpen && this.#scopes.at(-1)?.isLevel)) return;
      this.form.requestSubmit();
    } else if (event.key === "Escape") {
      if (isOpen) this.#close();
      else if (this.text) this.clear();
      else return;
      event.preventDefault();
    } else if (event.key === "Backspace" && !this.text && this.#scopes.length > 1) {
      event.preventDefault();
      this.#backTo(this.#scopes.length - 2);
    }
  }

  #move(by) {
    if (this.#isStale) this.#moves = Math.max(this.#moves + by, 0);
    if (!this.#popup.isOpen) return this.#reopen();
    if (this.#isStale) return;
    const count = this.#lines.length + 1;
    this.#activate(((this.#active + 1 + by + count) % count) - 1);
  }

  /** Moves the keyboard's place in the list; -1 is the typed text itself. */
  #activate(at) {
    this.#lines[this.#active]?.item.setAttribute("aria-selected", "false");
    this.#active = at;
    const item = this.#lines[at]?.item;
    if (!item) return this.#input.removeAttribute("aria-activedescendant");
    item.setAttribute("aria-selected", "true");
    this.#input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  #open() {
    if (!this.isConnected) return;
    this.#popup.open();
    this.#input.setAttribute("aria-expanded", "true");
  }

  #close() {
    this.#forget();
    this.#popup.close();
    this.#input.setAttribute("aria-expanded", "false");
    this.#activate(-1);
    if (!this.#chosen) return;
    this.#scopes = [];
    this.#input.value = this.#before = shortName(this.#chosen);
    this.#words();
  }
}

for (const [property, attribute] of Object.entries(TEXTS)) {
  Object.defineProperty(OrgAutocomplete.prototype, property, {
    configurable: true, enumerable: true,
    get() { return this.getAttribute(attribute) ?? ""; },
    set(value) { if (value == null) this.removeAttribute(attribute); else this.setAttribute(attribute, value); },
  });
}
for (const [property, attribute] of Object.entries(FLAGS)) {
  Object.defineProperty(OrgAutocomplete.prototype, property, {
    configurable: true, enumerable: true,
    get() { return this.hasAttribute(attribute); },
    set(value) { this.toggleAttribute(attribute, Boolean(value)); },
  });
}
