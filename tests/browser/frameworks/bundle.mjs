// One script for each framework, with the package as npm packs it.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import sveltePlugin from "esbuild-svelte";
import { compileScript, parse } from "vue/compiler-sfc";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PACKAGE = here("../../../search-server/package");

export const ENTRIES = { React: "react.jsx", Vue: "vue.js", Svelte: "svelte.svelte.js", "plain page": "plain.js" };

/** What users set as well: tags with a hyphen are elements, not components. */
const isCustomElement = (tag) => tag.includes("-");

const vuePlugin = {
  name: "vue",
  setup(build) {
    build.onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { descriptor, errors } = parse(await readFile(path, "utf8"), { filename: path, templateParseOptions: { isCustomElement } });
      if (errors.length > 0) throw errors[0];
      const { content } = compileScript(descriptor, { id: "form", inlineTemplate: true });
      return { contents: content, loader: "js" };
    });
  },
};

/** Packs the package and puts it into node_modules, as an installation would. */
export function installPackage(work) {
  const said = execFileSync("npm", ["pack", "--json", "--pack-destination", work], { cwd: PACKAGE, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  execFileSync("tar", ["-xzf", join(work, JSON.parse(said)[0].filename), "-C", work]);
  const installed = here("node_modules/org-autocomplete");
  rmSync(installed, { recursive: true, force: true });
  cpSync(join(work, "package"), installed, { recursive: true });
}

/** The page's script of one framework: calls `app` and keeps it as `window.app`. */
export async function bundle(entry) {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: `import { app } from "./${entry}"; window.app = app(document.getElementById("root"));`, resolveDir: here(".") },
    bundle: true,
    write: false,
    format: "iife",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"', __VUE_OPTIONS_API__: "true", __VUE_PROD_DEVTOOLS__: "false", __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false" },
    plugins: [vuePlugin, sveltePlugin({ compilerOptions: { css: "injected", dev: true } })],
    logLevel: "warning",
  });
  return outputFiles[0].text;
}

/** The page that the script runs in. */
export function page(framework, api) {
  if (framework !== "plain page") {
    return `<!doctype html><html lang="zh"><meta charset="utf-8"><title>Form</title><div id="root"></div><script src="/script.js"></script></html>`;
  }
  const shown = readFileSync(here("examples/plain.html"), "utf8").replace("https://search.example.cn", api);
  return shown.replace("</html>", `<div id="root"></div><script src="/script.js"></script></html>`);
}
