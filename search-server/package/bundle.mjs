// What build.mjs, pack.mjs and the tests share: the field as one classic script.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import browserslist from "browserslist";
import esbuild from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const ENTRY = here("../src/assets/field/index.js");
export const OUTPUT = here("../src/assets/org-autocomplete.js");
export const MANIFEST = JSON.parse(readFileSync(here("package.json"), "utf8"));
export const MAX_PACKED_BYTES = 14 * 1024;

// esbuild's names of the browsers that package.json lists.
const ENGINES = { chrome: "chrome", edge: "edge", firefox: "firefox", safari: "safari", ios_saf: "ios" };

/** The oldest version of each browser that package.json lists. */
export function oldestBrowsers() {
  const oldest = new Map();
  for (const browser of browserslist(MANIFEST.browserslist)) {
    const [name, versions] = browser.split(" ");
    const version = Number.parseFloat(versions);
    if (version < (oldest.get(name) ?? Infinity)) oldest.set(name, version);
  }
  return oldest;
}

/** They as esbuild's targets: `chrome109`. */
export function targets() {
  return [...oldestBrowsers()].map(([name, version]) => ENGINES[name] + version).sort();
}

/** CSS files are texts of the script, without the white space. */
const styles = {
  name: "styles",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const { code } = await esbuild.transform(source, { loader: "css", minify: true, target: targets(), sourcefile: path });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** The classic script of an entry file. Throws what esbuild finds wrong. */
export async function bundle(entry) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    target: targets(),
    plugins: [styles],
    logLevel: "silent",
  });
  return outputFiles[0].text;
}

/** Bytes over the wire. */
export function packedSize(script) {
  return gzipSync(script, { level: 9 }).length;
}

/** The classic script as an ES module. Servers that render pages import it too, and have no DOM. */
export function asModule(script) {
  return `if (typeof customElements !== "undefined") {\n${script.trimEnd()}\n}\n`
    + `export const OrgAutocomplete = globalThis.customElements?.get("org-autocomplete");\n`;
}
