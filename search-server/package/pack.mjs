// What the package has from elsewhere, only while it is packed: node pack.mjs, and node pack.mjs --clean afterwards.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { asModule, OUTPUT } from "./bundle.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const LICENSES = ["LICENSE-MIT", "LICENSE-APACHE"];
const MADE = ["org-autocomplete.js", "index.js", ...LICENSES];

if (process.argv.includes("--clean")) {
  for (const name of MADE) rmSync(here(name), { force: true });
} else {
  copyFileSync(OUTPUT, here("org-autocomplete.js"));
  writeFileSync(here("index.js"), asModule(readFileSync(OUTPUT, "utf8")));
  for (const name of LICENSES) copyFileSync(here(`../../${name}`), here(name));
}
