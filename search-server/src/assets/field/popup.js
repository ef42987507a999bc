// The popup: in the top layer where the browser has one, below the field or above it, whichever has more room.

const GAP = 4;
const LEAST_HEIGHT = 200;

export class Popup {
  #box; #field; #follow;

  constructor(box, field) {
    this.#box = box;
    this.#field = field;
    this.#follow = () => requestAnimationFrame(() => this.place());
    box.hidden = true;
  }

  get isOpen() { return !this.#box.hidden; }

  open() {
    if (!this.isOpen) {
      this.#box.hidden = false;
      this.#box.showPopover?.();
      for (const [target, event] of this.#moves()) target.addEventListener(event, this.#follow, { capture: true, passive: true });
    }
    this.place();
  }

  close() {
    if (!this.isOpen) return;
    for (const [target, event] of this.#moves()) target.removeEventListener(event, this.#follow, { capture: true });
    if (this.#inTopLayer()) this.#box.hidePopover();
    this.#box.hidden = true;
  }

  /** Beside the field, within what can be seen: a keyboard on the screen counts as outside. */
  place() {
    if (!this.isOpen) return;
    const field = this.#field.getBoundingClientRect(), view = visualViewport;
    const below = view.offsetTop + view.height - field.bottom - 2 * GAP, above = field.top - view.offsetTop - 2 * GAP;
    const isAbove = below < LEAST_HEIGHT && above > below;
    const style = this.#box.style;
    style.maxHeight = `${Math.max(Math.min(isAbove ? above : below, 480), 120)}px`;
    this.#box.classList.toggle("above", isAbove);
    if (!this.#inTopLayer()) return;
    style.left = `${field.left}px`;
    style.width = `${field.width}px`;
    style.top = isAbove ? "auto" : `${field.bottom + GAP}px`;
    style.bottom = isAbove ? `${document.documentElement.clientHeight - field.top + GAP}px` : "auto";
  }

  #inTopLayer() { return Boolean(this.#box.showPopover) && this.#box.matches(":popover-open"); }

  #moves() { return [[window, "scroll"], [window, "resize"], [visualViewport, "resize"], [visualViewport, "scroll"]]; }
}
