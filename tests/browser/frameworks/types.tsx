// Only compiled: what the package's types must allow, and what they must refuse.
import type {} from "org-autocomplete/react";
import type {} from "org-autocomplete/vue";
import type { GlobalComponents } from "vue";
import { OrgAutocomplete, type OrgHit } from "org-autocomplete";

const field = document.querySelector("org-autocomplete");
if (field) {
  field.value = "1";
  field.disabled = false;
  const hit: OrgHit | null = field.selected;
  field.addEventListener("org-choose", (event) => event.detail.name.trim() + (hit?.id ?? ""));
  // @ts-expect-error Only clear() and a new value change what is chosen.
  field.selected = null;
  // @ts-expect-error `required` is not a text.
  field.required = "yes";
}

export const made: OrgAutocomplete = document.createElement("org-autocomplete");
export const drawn = <org-autocomplete name="org" required disabled={false} noHistory value=""
  onorg-choose={(event) => event.detail.id.trim()} onorg-clear={() => {}} />;
// @ts-expect-error There is no such property.
export const wrong = <org-autocomplete colour="red" />;
export type InTemplates = InstanceType<GlobalComponents["org-autocomplete"]>["$props"]["valueName"];
export const preset: InTemplates = "北京大学";
