// The package without a browser: node --test test.mjs. Nothing in the tree is changed.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { asModule, bundle, MANIFEST, MAX_PACKED_BYTES, packedSize, targets } from "./bundle.mjs";
import { differences } from "./examples.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const work = mkdtempSync(join(tmpdir(), "org-autocomplete-"));
after(() => rmSync(work, { recursive: true, force: true }));

function file(name, text) {
  const path = join(work, name);
  writeFileSync(path, text);
  return path;
}

const entry = file("index.js", `import style from "./field.css";
  class Field extends HTMLElement { static style = style; }
  customElements.define("org-autocomplete", Field);`);
file("field.css", "input {\n  color: red;\n}\n");
const output = join(work, "out.js");
const build = (...options) => spawnSync(process.execPath, [here("build.mjs"), "--output", output, ...options], { encoding: "utf8" });

test("the targets are the browsers of package.json", () => {
  assert.deepEqual(targets(), ["chrome109", "edge109", "firefox115", "ios16.4", "safari16.4"]);
});

test("builds one classic script, with the styles as text", async () => {
  const script = await bundle(entry);
  assert.match(script, /input\{color:red\}/);
  assert.doesNotThrow(() => new Function(script));
});

test("--check takes what was built, and nothing else", () => {
  assert.equal(build("--entry", entry).status, 0);
  assert.equal(build("--entry", entry, "--check").status, 0);
  writeFileSync(output, readFileSync(output, "utf8") + " ");
  const changed = build("--entry", entry, "--check");
  assert.equal(changed.status, 1);
  assert.match(changed.stderr, /not what its sources give/);
});

test("--check fails without the committed file", () => {
  rmSync(output, { force: true });
  assert.match(build("--entry", entry, "--check").stderr, /cannot be read/);
});

test("a field that is too large is refused", () => {
  const noise = Array.from({ length: 12_000 }, (_, at) => Math.sin(at).toString(36).slice(3, 8)).join("");
  const large = file("large.js", `globalThis.noise = "${noise}";`);
  assert.ok(packedSize(readFileSync(large)) > MAX_PACKED_BYTES);
  const refused = build("--entry", large);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /bytes packed/);
});

test("missing sources, broken sources and unknown options are named", () => {
  assert.match(build("--entry", join(work, "none.js")).stderr, /there is no .*none\.js/);
  assert.match(build("--entry", file("broken.js", "let = ;")).stderr, /broken\.js/);
  assert.match(build("--fast").stderr, /--fast/);
});

test("the module can be imported where there is no DOM", async () => {
  const path = file("module.mjs", asModule(await bundle(entry)));
  assert.equal((await import(path)).OrgAutocomplete, undefined);
});

function lint(name, style, script = "") {
  const folder = join(work, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "field.css"), style);
  writeFileSync(join(folder, "field.js"), script);
  return spawnSync(process.execPath, [here("lint.mjs"), folder], { encoding: "utf8" });
}

test("lint names what the oldest browsers lack", () => {
  const style = "a { field-sizing: content; & b { color: red } }\n@starting-style { a { color: red } }\n";
  const { status, stderr } = lint("lacking", style, "export const sum = Object.groupBy([], String);\nlet unused;\n");
  assert.equal(status, 1);
  for (const words of ["field-sizing is not in chrome 109", "css-nesting", "@starting-style is not in", "Object.groupBy", "'unused'"]) {
    assert.ok(stderr.includes(words), `${words} is missing in ${stderr}`);
  }
});

test("lint wants a plain colour before light-dark()", () => {
  const guarded = "a { color: red; color: light-dark(red, blue); }\n@supports (color: light-dark(red, red)) { a { --a: light-dark(red, blue); } }\n";
  assert.equal(lint("guarded", guarded).stderr, "");
  assert.match(lint("bare", "a { color: light-dark(red, blue); }\n").stderr, /light-dark\(\) must stand below/);
  assert.match(lint("custom", "a { --a: red; --a: light-dark(red, blue); }\n").stderr, /light-dark\(\) must stand below/);
});

test("the version is that of the workspace", () => {
  const [, version] = /^\[workspace\.package\]\nversion = "([^"]+)"/m.exec(readFileSync(here("../../Cargo.toml"), "utf8"));
  assert.equal(MANIFEST.version, version);
});

test("the packed files are whole, and nothing stays behind", () => {
  const [packed] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", work], { cwd: here("."), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  const found = packed.files.map(({ path }) => path).sort();
  assert.deepEqual(found, ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "index.d.ts", "index.js", "org-autocomplete.js", "package.json", "react.d.ts", "vue.d.ts"]);
  assert.ok(!existsSync(here("index.js")));
  execFileSync("tar", ["-xzf", join(work, packed.filename), "-C", work]);
  const classic = readFileSync(join(work, "package/org-autocomplete.js"));
  assert.deepEqual(classic, readFileSync(here("../src/assets/org-autocomplete.js")));
  assert.equal(createRequire(import.meta.url)(join(work, "package/package.json")).private, undefined);
});

test("the packed module can be imported where there is no DOM", async () => {
  await import(join(work, "package/index.js"));
});

test("README.md shows the code that the tests run", () => {
  assert.deepEqual(differences(here("README.md")), []);
});

test("a page that differs from its file is found", () => {
  const page = file("page.md", "<!-- module.mjs -->\n```js\nlet a;\n```\n<!-- none.js -->\n```js\n```\n");
  file("module.mjs", "let b;\n");
  assert.deepEqual(differences(page), ["module.mjs: page.md shows something else", "none.js: there is no such file"]);
  assert.deepEqual(differences(file("empty.md", "no code\n")), ["empty.md shows no file"]);
});
