// The package in real frameworks and a real browser: node run.mjs PATH/TO/orgsearch
//
// Packs search-server/package, bundles the examples of its README.md with it, and uses each in Chromium
// (CHROMIUM=/path/to/it, default /usr/bin/chromium) against a server on the embedded sample.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { bundle, ENTRIES, installPackage, page as pageOf } from "./bundle.mjs";
import { startServer } from "../server.mjs";

const QUERY = "十五中高一4班";
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const binary = process.argv[2];
if (!binary) throw new Error("usage: node run.mjs PATH/TO/orgsearch");

/** The site that embeds the field, one framework at a time. */
function startSite() {
  const site = { received: [], html: "", script: "" };
  const server = createServer((request, response) => {
    const address = new URL(request.url, "http://site");
    if (address.pathname === "/done") site.received.push(address.searchParams);
    const isScript = address.pathname === "/script.js";
    response.setHeader("Content-Type", `${isScript ? "text/javascript" : "text/html"}; charset=utf-8`);
    response.end(isScript ? site.script : address.pathname === "/" ? site.html : "<!doctype html><link rel=icon href=data:,>");
  });
  site.close = () => server.close();
  return new Promise((done) => server.listen(0, "127.0.0.1", () => {
    site.origin = `http://127.0.0.1:${server.address().port}`;
    done(site);
  }));
}

const work = mkdtempSync(join(tmpdir(), "orgsearch-frameworks-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
installPackage(work);
const site = await startSite();
const { address: api } = await startServer(binary, join(work, "data"), "--allow-origin", site.origin);
const saved = (await (await fetch(`${api}/v1/search?limit=1&q=${encodeURIComponent("北京大学团委")}`)).json()).hits[0];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let passed = 0, failed = 0;

async function report(name, work) {
  try {
    await work();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${error.stack}`);
  }
}

/** Counts what listens on the window and the document, before any script runs. */
function countListeners() {
  window.listening = new Map();
  for (const target of [window, document]) {
    const { addEventListener: add, removeEventListener: remove } = target;
    const change = (type, by) => window.listening.set(type, (window.listening.get(type) ?? 0) + by);
    target.addEventListener = (type, ...rest) => { change(type, 1); add.call(target, type, ...rest); };
    target.removeEventListener = (type, ...rest) => { change(type, -1); remove.call(target, type, ...rest); };
  }
}

/** One case of one framework: a fresh page with the example on it; no console error or warning is allowed. */
async function attempt(framework, { name, work }) {
  await report(`${framework}: ${name}`, async () => {
    const browsing = await browser.newContext({ locale: "zh-CN", viewport: { width: 420, height: 800 } });
    try {
      const page = await browsing.newPage();
      page.setDefaultTimeout(5000);
      const complaints = [];
      page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.addInitScript(countListeners);
      await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
      await page.goto(site.origin);
      await show(page, {});
      await work(page).catch((error) => { throw complaints.length ? new Error(`${error.message}\nconsole: ${complaints}`) : error; });
      assert.deepEqual(complaints, [], "the console complains");
    } finally {
      await browsing.close();
    }
  });
}

const show = (page, props) => page.evaluate((props) => window.app.show(props), { endpoint: api, saved: saved.id, ...props });
const remove = (page) => page.evaluate(() => window.app.remove());
const element = (page) => page.locator("org-autocomplete");
const input = (page) => element(page).getByRole("combobox");
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const state = (page) => page.locator("output").textContent();
const field = (page, read) => element(page).evaluate((field, read) => field[read], read);
const isState = (page, id) => page.waitForFunction((id) => document.querySelector("output").textContent === id, id);
const isValue = (page, id) => page.waitForFunction((id) => document.querySelector("org-autocomplete").value === id, id);
const choose = async (page) => {
  await input(page).click();
  await input(page).fill(QUERY);
  // Not those of an earlier text, nor recent choices.
  await element(page).locator("[role=option]:not([aria-disabled])").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("org-autocomplete").value !== "");
  return element(page).evaluate(({ selected: { id, name } }) => ({ id, name }));
};

const CASES = [
  {
    name: "is drawn with its properties",
    work: async (page) => {
      await input(page).waitFor();
      const read = () => element(page).evaluate(({ name, required, disabled }) => ({ name, required, disabled }));
      assert.deepEqual(await read(), { name: "org", required: true, disabled: false });
      assert.ok(await input(page).isEnabled());
      await show(page, { locked: true });
      await page.waitForFunction(() => document.querySelector("org-autocomplete").disabled);
      assert.ok(await input(page).isDisabled());
      await show(page, { locked: false });
      await page.waitForFunction(() => !document.querySelector("org-autocomplete").disabled);
      assert.ok(await input(page).isEnabled());
    },
  },
  {
    name: "its label names it",
    work: async (page) => {
      await page.getByRole("combobox", { name: /转入的组织/ }).waitFor();
      await page.locator("label").click();
      await input(page).and(page.locator(":focus")).waitFor();
    },
  },
  {
    name: "a form without a choice is not sent",
    work: async (page) => {
      const before = site.received.length;
      assert.equal(await element(page).evaluate((field) => field.checkValidity()), false);
      await press(page, "提交");
      await page.waitForTimeout(200);
      assert.equal(site.received.length, before);
    },
  },
  {
    name: "a value set later loads its name",
    work: async (page) => {
      await press(page, "用上次的组织");
      await isValue(page, saved.id);
      await page.waitForFunction((name) => document.querySelector("org-autocomplete").selected?.name === name, saved.name);
      assert.equal(await element(page).evaluate((field) => field.checkValidity()), true);
      assert.ok((await element(page).evaluate((field) => field.text + field.shadowRoot.textContent)).includes(saved.name));
    },
  },
  {
    name: "a choice reaches the state, and is not asked for again",
    work: async (page) => {
      const asked = [];
      page.on("request", (request) => /\/v1\/orgs\/[^/?]+$/.test(request.url()) && asked.push(request.url()));
      const chosen = await choose(page);
      await isState(page, chosen.id);
      await page.waitForTimeout(200);
      assert.equal(await field(page, "value"), chosen.id);
      assert.deepEqual(asked, []);
    },
  },
  {
    name: "a form carries id and name",
    work: async (page) => {
      const chosen = await choose(page);
      await isState(page, chosen.id);
      await press(page, "提交");
      await page.waitForURL("**/done?**");
      const sent = site.received.at(-1);
      assert.deepEqual([...sent], [["org", chosen.id], ["org_name", chosen.name]]);
    },
  },
  {
    name: "a form carries id and name of a value set by the state",
    work: async (page) => {
      await press(page, "用上次的组织");
      await page.waitForFunction((name) => document.querySelector("org-autocomplete").selected?.name === name, saved.name);
      await press(page, "提交");
      await page.waitForURL("**/done?**");
      assert.deepEqual([...site.received.at(-1)], [["org", saved.id], ["org_name", saved.name]]);
    },
  },
  {
    name: "an empty value clears",
    work: async (page) => {
      await isState(page, (await choose(page)).id);
      await press(page, "清空");
      await isValue(page, "");
      assert.equal(await field(page, "text"), "");
      assert.equal(await field(page, "selected"), null);
    },
  },
  {
    name: "typing over a choice clears the state and keeps what is typed",
    work: async (page) => {
      await isState(page, (await choose(page)).id);
      await input(page).fill("北京");
      await isState(page, "");
      await page.waitForTimeout(200);
      assert.equal(await input(page).inputValue(), "北京");
      await element(page).getByRole("option").first().waitFor();
    },
  },
  {
    name: "coming and going leaves nothing behind",
    work: async (page) => {
      const listening = () => page.evaluate(() => Object.fromEntries([...window.listening].filter(([, count]) => count !== 0)));
      await choose(page);
      await remove(page);
      const once = await listening();
      for (let i = 0; i < 3; i++) {
        await show(page, {});
        await choose(page);
        await input(page).fill("清华");
        await remove(page);
      }
      assert.deepEqual(await listening(), once);
      await page.waitForTimeout(300);
      await show(page, {});
      await isState(page, (await choose(page)).id);
    },
  },
];

await report("the package's types", () => execFileSync(process.execPath, [here("node_modules/typescript/bin/tsc"), "-p", here("tsconfig.json")], { encoding: "utf8" }));
for (const [framework, entry] of Object.entries(ENTRIES)) {
  site.script = await bundle(entry);
  site.html = pageOf(framework, api);
  for (const each of CASES) await attempt(framework, each);
}

await browser.close();
site.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
