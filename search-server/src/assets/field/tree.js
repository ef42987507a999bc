// The tree of organizations for who would rather look than type: https://www.w3.org/WAI/ARIA/apg/patterns/treeview/

import { bdi, make } from "./dom.js";
import { isBranch } from "./levels.js";
import { nameBelow, shortName } from "./names.js";

export class Tree {
  #load; #choose; #orgs = new WeakMap(); #pages = new WeakMap(); #lists = 0; #text;

  /** `load(id, cursor)` gives a page of children, of the top for null, a problem, or null if it was overtaken; `choose(org)` is told what was chosen. */
  constructor(text, load, choose) {
    this.#text = text;
    this.#load = load;
    this.#choose = choose;
    this.element = make("ul", { role: "tree", class: "tree", "aria-label": text.tree });
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("click", (event) => this.#click(event));
  }

  /** Loads the top, and gives its answer; a single root is opened at once. */
  async start() {
    const answer = await this.#fill(this.element, null, null, 1);
    const [first, second] = this.#items();
    if (first && !second) await this.#expand(first);
    if (first) this.#rove(first);
    return answer;
  }

  focus() { this.#items().find((item) => item.tabIndex === 0)?.focus(); }

  /** Appends a page of children to a list, and gives the answer that it came with. */
  async #fill(list, parent, cursor, level) {
    const answer = await this.#load(parent?.id ?? null, cursor);
    if (!answer || answer.problem) return answer;
    for (const org of answer.children) list.append(this.#item(org, parent, level));
    if (answer.next_cursor) list.append(this.#more(list, parent, answer.next_cursor, level));
    return answer;
  }

  #item(org, parent, level) {
    const name = bdi(parent ? nameBelow(org, parent) : shortName(org));
    const node = this.#node(level, name);
    if (org.descendants) node.setAttribute("aria-expanded", "false");
    if (!isBranch(org)) node.append(make("span", { class: "take", "data-label": this.#text.choose, "aria-hidden": "true" }));
    this.#orgs.set(node, org);
    return make("li", { role: "none" }, node);
  }

  #node(level, ...children) {
    return make("div", { class: "node", role: "treeitem", tabindex: "-1", "aria-level": String(level), "aria-selected": "false" }, ...children);
  }

  #more(list, parent, cursor, level) {
    const node = this.#node(level, this.#text.more);
    const item = make("li", { role: "none" }, node);
    // The line stays until others are there: with it the focus would go.
    this.#pages.set(node, async () => {
      const answer = await this.#fill(list, parent, cursor, level);
      if (!answer || answer.problem) return;
      this.#focus(item.nextElementSibling?.firstElementChild);
      item.remove();
    });
    return item;
  }

  async #expand(node) {
    if (node.getAttribute("aria-expanded") !== "false") return;
    node.setAttribute("aria-expanded", "true");
    if (node.nextElementSibling) return;
    const list = make("ul", { role: "group", id: `below-${(this.#lists += 1)}` });
    const answer = await this.#fill(list, this.#orgs.get(node), null, Number(node.getAttribute("aria-level")) + 1);
    if (answer && !answer.problem) {
      node.setAttribute("aria-owns", list.id);
      node.after(list);
    } else {
      node.setAttribute("aria-expanded", "false");
    }
  }

  /** The items that can be seen, in their order. */
  #items() { return [...this.element.querySelectorAll(".node")].filter((node) => !node.closest(".node[aria-expanded=false] + ul")); }

  #above(node) { return node.parentElement.parentElement.previousElementSibling; }

  #rove(item) {
    for (const other of this.element.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
    item.tabIndex = 0;
  }

  #focus(item) {
    if (!item) return;
    this.#rove(item);
    item.focus();
    item.scrollIntoView({ block: "nearest" });
  }

  #act(item) {
    if (this.#pages.has(item)) this.#pages.get(item)();
    else this.#choose(this.#orgs.get(item));
  }

  #toggle(item) {
    if (item.getAttribute("aria-expanded") === "true") item.setAttribute("aria-expanded", "false");
    else this.#expand(item);
  }

  // A tap on what has something below it opens it; its button takes it.
  #click(event) {
    const item = event.target.closest(".node");
    if (!item) return;
    this.#focus(item);
    if (item.hasAttribute("aria-expanded") && !event.target.closest(".take")) this.#toggle(item);
    else this.#act(item);
  }

  #key(event) {
    const item = event.target.closest(".node");
    if (!item || event.ctrlKey || event.altKey || event.metaKey) return;
    const items = this.#items(), at = items.indexOf(item);
    const expanded = item.getAttribute("aria-expanded");
    const moves = {
      ArrowDown: () => this.#focus(items[at + 1]),
      ArrowUp: () => this.#focus(items[at - 1]),
      Home: () => this.#focus(items[0]),
      End: () => this.#focus(items.at(-1)),
      ArrowRight: () => (expanded === "false" ? this.#expand(item) : expanded && this.#focus(items[at + 1])),
      ArrowLeft: () => (expanded === "true" ? item.setAttribute("aria-expanded", "false") : this.#focus(this.#above(item))),
      Enter: () => this.#act(item),
      " ": () => this.#act(item),
    };
    const move = moves[event.key] || (event.key.length === 1 && (() => this.#focus(this.#startingWith(event.key, items, at))));
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  }

  /** The next item after `at` whose name begins with a character. */
  #startingWith(character, items, at) {
    const begins = (item) => item.textContent.toLowerCase().startsWith(character.toLowerCase());
    return [...items.slice(at + 1), ...items.slice(0, at)].find(begins);
  }
}
