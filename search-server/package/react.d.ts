// Types of <org-autocomplete> in JSX, for React 19: import type {} from "org-autocomplete/react";
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { OrgAutocomplete, OrgAutocompleteFields, OrgChooseEvent, OrgClearEvent } from "org-autocomplete";

type OrgAutocompleteProps = DetailedHTMLProps<HTMLAttributes<OrgAutocomplete>, OrgAutocomplete>
  & Partial<OrgAutocompleteFields>
  & {
    "onorg-choose"?: (event: OrgChooseEvent) => void;
    "onorg-complete"?: (event: OrgChooseEvent) => void;
    "onorg-clear"?: (event: OrgClearEvent) => void;
  };

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "org-autocomplete": OrgAutocompleteProps;
    }
  }
}
