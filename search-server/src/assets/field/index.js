// <org-autocomplete>: a form field that finds a League organization and submits its id.
//
//   <script src="https://search.example.cn/org-autocomplete.js" defer></script>
//   <org-autocomplete name="org" required></org-autocomplete>
//
// What it takes and tells is described in search-server/package/README.md. This folder is built into
// ../org-autocomplete.js by search-server/package/build.mjs.

import { OrgAutocomplete } from "./element.js";

if (!customElements.get("org-autocomplete")) customElements.define("org-autocomplete", OrgAutocomplete);
