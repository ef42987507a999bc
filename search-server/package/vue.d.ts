// Types of <org-autocomplete> in templates, for Vue 3: import type {} from "org-autocomplete/vue";
import type { DefineComponent } from "vue";
import type { OrgAutocompleteFields, OrgChooseEvent, OrgClearEvent } from "org-autocomplete";

type OrgAutocompleteProps = Partial<OrgAutocompleteFields> & {
  onOrgChoose?: (event: OrgChooseEvent) => void;
  onOrgComplete?: (event: OrgChooseEvent) => void;
  onOrgClear?: (event: OrgClearEvent) => void;
};

declare module "vue" {
  interface GlobalComponents {
    "org-autocomplete": DefineComponent<OrgAutocompleteProps>;
  }
}
