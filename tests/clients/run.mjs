// The clients of docs/integrate against a live server: node run.mjs PATH/TO/orgsearch
//
// Makes TypeScript types and a Python package from its /openapi.json, runs the three programs, and holds what they print
// against the service's own answers. Needs python3 with venv, and a JDK. Works in a throw-away folder.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { differences } from "../../search-server/package/examples.mjs";
import { startServer } from "../browser/server.mjs";

const QUERY = "北京大学团委";
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const docs = (name) => here(`../../docs/integrate/${name}`);
const binary = process.argv[2];
if (!binary) throw new Error("usage: node run.mjs PATH/TO/orgsearch");
const work = mkdtempSync(join(tmpdir(), "orgsearch-clients-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

const execute = promisify(execFile);
async function run(program, ...given) {
  const path = join(work, "venv/bin") + delimiter + process.env.PATH;
  const { stdout } = await execute(program, given, { cwd: work, encoding: "utf8", env: { ...process.env, PATH: path, PYTHONIOENCODING: "utf-8" } })
    .catch((error) => { throw new Error(`${error.message}\n${error.stdout}`); });
  return stdout;
}

async function typescript() {
  symlinkSync(here("node_modules"), join(work, "node_modules"));
  writeFileSync(join(work, "package.json"), '{"type": "module"}');
  copyFileSync(docs("client.ts"), join(work, "client.ts"));
  await run("node", here("node_modules/openapi-typescript/bin/cli.js"), "openapi.json", "-o", "openapi.d.ts");
  await run("node", here("node_modules/typescript/bin/tsc"), "--strict", "--target", "es2022", "--module", "nodenext", "--types", "node", "client.ts");
  return run("node", "client.js", address, QUERY);
}

async function python() {
  await run("python3", "-m", "venv", "venv");
  await run("venv/bin/pip", "install", "--quiet", "--requirement", here("requirements.txt"));
  await run("venv/bin/openapi-python-client", "generate", "--path", "openapi.json", "--output-path", "orgsearch_client", "--meta", "none", "--fail-on-warning");
  copyFileSync(docs("client.py"), join(work, "client.py"));
  return run("venv/bin/python", "client.py", address, QUERY);
}

async function java() {
  await run("javac", "-encoding", "UTF-8", "--release", "17", "-Xlint:all,-serial", "-Werror", "-d", "classes", docs("OrgSearch.java"));
  return run("java", "-cp", "classes", "OrgSearch", address, QUERY);
}

/** What each program must print, by the service's own answers. */
async function expected() {
  const ask = async (path) => (await fetch(address + path)).json();
  const hit = (await ask(`/v1/search?limit=1&q=${encodeURIComponent(QUERY)}`)).hits[0];
  const org = await ask(`/v1/orgs/${hit.id}`);
  const guide = await ask(`/v1/orgs/${hit.id}/transfer-guide?from=zhtj`);
  assert.ok(org.children_count > 20, "the children are more than one page");
  return [`found ${hit.id} ${hit.name}`, `organization active ${org.children_count}`, `children ${org.children_count}`,
    `guide ${guide.paste} ${guide.steps.length}`, "submitted accepted", "submitted name_differs", "submitted unknown_org", ""].join("\n");
}

let passed = 0, failed = 0;
async function test(name, work) {
  try {
    await work();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${error.stack}`);
  }
}

const { address } = await startServer(binary, join(work, "data"));
writeFileSync(join(work, "openapi.json"), await (await fetch(address + "/openapi.json")).text());
const wanted = await expected();
for (const client of [typescript, python, java]) {
  await test(client.name, async () => assert.equal(await client(), wanted));
}
for (const page of ["javascript.md", "python.md", "java.md"]) {
  await test(`${page} shows the code that is run`, () => assert.deepEqual(differences(docs(page)), []));
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
