/** An organization as the service answers it. */
export interface OrgHit {
  /** Never changes, also when the organization is renamed or moved. */
  id: string;
  /** The full official name. */
  name: string;
  /** The name with the nearest ancestor that tells it from equal names. */
  display: string;
  /** What is above it, the topmost first. */
  path: { id: string; name: string }[];
  /** Such as `branch` or `committee`. */
  kind?: string | null;
  /** The system that holds it: `zhtj`, `beijing`, `guangdong` or `fujian`. */
  system?: string | null;
  region?: string | null;
  status: string;
  /** How well it fits, 0 to 1. */
  score?: number;
  /** The best reason why it was found. */
  match?: string;
  /** Where a merged or closed organization went. */
  successor?: { id: string; name: string } | null;
}

/** A choice. `org-complete` is sent as well when nothing below has to be chosen any more. */
export type OrgChooseEvent = CustomEvent<OrgHit>;
export type OrgClearEvent = CustomEvent<undefined>;

export interface OrgAutocompleteEventMap extends HTMLElementEventMap {
  "org-choose": OrgChooseEvent;
  "org-complete": OrgChooseEvent;
  "org-clear": OrgClearEvent;
}

/** What can be set, as attribute (`value-name`, `no-history`) or as property (`valueName`, `noHistory`). */
export interface OrgAutocompleteFields {
  /** Where the service is; by default where the script came from. */
  endpoint: string;
  /** The id is submitted under this name, the full name under it with `_name`. */
  name: string;
  /** The id of the chosen organization, or "". A new one is looked up, and its name shown. */
  value: string;
  /** The name of `value`, if it is known: then nothing is looked up. */
  valueName: string;
  required: boolean;
  disabled: boolean;
  /** How many suggestions are shown, 1 to 50. */
  limit: number | string;
  /** Only what is below this id. */
  within: string;
  /** What is close to this id comes first. */
  near: string;
  /** Only this home system. */
  system: string;
  /** Only this kind. */
  kind: string;
  /** The system that the member is on now. */
  from: string;
  /** `branch`: only a branch completes the field. */
  levels: string;
  /** Whom to ask when an organization is not found. */
  contact: string;
  placeholder: string;
  label: string;
  /** Recent choices are neither kept nor shown on this device. */
  noHistory: boolean;
}

/** `<org-autocomplete>`. The value is `undefined` where there is no DOM. */
export declare class OrgAutocomplete extends HTMLElement implements OrgAutocompleteFields {
  static readonly formAssociated: true;

  endpoint: string;
  name: string;
  value: string;
  valueName: string;
  required: boolean;
  disabled: boolean;
  limit: number | string;
  within: string;
  near: string;
  system: string;
  kind: string;
  from: string;
  levels: string;
  contact: string;
  placeholder: string;
  label: string;
  noHistory: boolean;

  /** The chosen organization. */
  readonly selected: OrgHit | null;
  /** Whether an organization is chosen that `levels` allows. */
  readonly complete: boolean;
  /** What is typed. */
  text: string;

  readonly form: HTMLFormElement | null;
  readonly validity: ValidityState;
  readonly validationMessage: string;
  readonly willValidate: boolean;

  /** Empties the field and sends `org-clear`. */
  clear(): void;
  checkValidity(): boolean;
  reportValidity(): boolean;

  addEventListener<K extends keyof OrgAutocompleteEventMap>(
    type: K,
    listener: (this: OrgAutocomplete, event: OrgAutocompleteEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof OrgAutocompleteEventMap>(
    type: K,
    listener: (this: OrgAutocomplete, event: OrgAutocompleteEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "org-autocomplete": OrgAutocomplete;
  }
}
