// The assets against the browsers of package.json: node lint.mjs [FOLDER]. Exit code 1 if one of them lacks something.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import compat from "eslint-plugin-compat";
import stylelint from "stylelint";
import { MANIFEST } from "./bundle.mjs";
import statics from "./statics.mjs";
import support from "./support.mjs";

const folder = resolve(process.argv[2] ?? fileURLToPath(new URL("../src/assets", import.meta.url)));

// What only some of the browsers have, and why it may be used.
const ALLOWED_STYLES = {
  ":popover-open": "without it the list stands below the field, placed by position: absolute",
  ":backdrop": "a rule for the popover alone",
  "font-family: ui-monospace": "other fonts follow it",
  "cursor: pointer": "without it the pointer is the system's, and a finger has none",
  "text-wrap": "without it lines break as ever",
  "accent-color": "without it ticks have the system's colour",
  "forced-color-adjust: none": "without it forced colours also change the QR code, whose ground stays light",
  "forced-color-adjust": "the same",
  "text-wrap: balance": "without it lines break as ever",
  "text-wrap: pretty": "without it lines break as ever",
  "scrollbar-width": "without it the scrollbar is the system's",
  "overscroll-behavior": "without it the page scrolls on",
};
// Only after the same property without it, or below @supports.
const GUARDED_STYLES = {
  "light-dark()": "without it the colours are those of the light scheme",
};
// The same by the names of caniuse, for the rule that asks it. Partial support is left to browser-compat-data.
const ALLOWED_BY_CANIUSE = ["css-scrollbar", "css-overscroll-behavior", "extended-system-fonts", "css-media-scripting"];
// Built, and so without style; its sources are checked beside it.
const BUILT = "**/org-autocomplete.js";

async function lintScripts() {
  const eslint = new ESLint({
    cwd: folder,
    overrideConfigFile: true,
    errorOnUnmatchedPattern: false,
    overrideConfig: [
      {
        files: ["**/*.js"],
        plugins: { compat, orgsearch: { rules: { statics } } },
        rules: { "orgsearch/statics": "error", "compat/compat": ["error", MANIFEST.browserslist.join(", ")] },
        settings: { lintAllEsApis: true },
      },
      {
        files: ["**/*.js"],
        ignores: [BUILT],
        rules: { "no-unused-vars": "error", "no-dupe-keys": "error", "no-unreachable": "error", "no-const-assign": "error", "prefer-const": "error", "no-eval": "error", eqeqeq: ["error", "always", { null: "ignore" }] },
      },
    ],
  });
  const results = await eslint.lintFiles(["**/*.js"]);
  return results.flatMap(({ filePath, messages }) => messages.map(({ line, message }) => `${filePath}:${line}: ${message}`));
}

async function lintStyles() {
  const { results } = await stylelint.lint({
    files: `${folder}/**/*.css`,
    allowEmptyInput: true,
    config: {
      plugins: ["stylelint-no-unsupported-browser-features", support],
      rules: {
        "plugin/no-unsupported-browser-features": [true, { browsers: MANIFEST.browserslist, ignore: ALLOWED_BY_CANIUSE, ignorePartialSupport: true }],
        "orgsearch/browser-support": [true, { allowed: ALLOWED_STYLES, guarded: GUARDED_STYLES }],
      },
    },
    configBasedir: fileURLToPath(new URL(".", import.meta.url)),
  });
  return results.flatMap(({ source, warnings }) => warnings.map(({ line, text }) => `${source}:${line}: ${text}`));
}

const found = [...await lintScripts(), ...await lintStyles()];
for (const line of found) console.error(line);
if (found.length > 0) process.exit(1);
console.log(`${folder}: nothing that ${MANIFEST.browserslist.join(", ")} lack`);
