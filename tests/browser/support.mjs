// What all browser cases share: the server on the embedded sample, a site of another origin that embeds the field under a
// strict Content-Security-Policy, Chromium, and how a case runs.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { startServer } from "./server.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** What browsers of three years ago lack, under names that no browser knows. */
const UNKNOWN = [["light-dark(", "dark-light("], ["popover", "popunder"], ["Popover", "Popunder"]];

/** A site of another origin: the element in a plain HTML form. `?attributes=` go into its tag. */
function startSite() {
  const received = [];
  const server = createServer((request, response) => {
    const address = new URL(request.url, "http://site");
    if (address.pathname === "/done") received.push(address.searchParams);
    const { api } = site;
    const styles = readStyles(address.searchParams.get("style"));
    response.setHeader("Content-Security-Policy",
      `default-src 'none'; script-src ${api}; connect-src ${api}; style-src 'self'; form-action 'self'; base-uri 'none'`);
    if (address.pathname === "/style.css") return void response.setHeader("Content-Type", "text/css").end(styles);
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    const lang = address.searchParams.get("lang") || "zh";
    const given = address.searchParams.get("attributes") ?? "required";
    response.end(`<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>Form</title>
      <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
      <link rel="stylesheet" href="/style.css?style=${address.searchParams.get("style") || ""}">
      <script src="${api}/org-autocomplete.js" defer></script></head><body><main><h1>Form</h1>
      <form action="/done"><label for="target">去向</label><org-autocomplete id="target" name="org" ${given}></org-autocomplete><button>Send</button></form></main></body></html>`);
  });
  const site = { server, received, api: "" };
  return new Promise((done) => server.listen(0, "127.0.0.1", () => {
    site.origin = `http://127.0.0.1:${server.address().port}`;
    done(site);
  }));
}

/** Pages that are hard on a popup. */
function readStyles(name) {
  return { clipped: "form { overflow: hidden; height: 90px; border: 1px solid; transform: translateX(4px) }",
    bottom: "main { padding-top: 620px }" }[name] || "";
}

/** Everything a case needs; `stop()` ends it all. `isOld` hides from the field what older browsers lack. */
export async function start(binary, { isOld = false } = {}) {
  const site = await startSite();
  const data = mkdtempSync(join(tmpdir(), "orgsearch-browser-"));
  const server = await startServer(binary, data, "--allow-origin", site.origin);
  site.api = server.address;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const bench = { site, server, browser, failed: 0 };

  /** One case: a fresh page, no console error allowed but those expected. */
  bench.test = async (name, work, { context = {}, path = "/", base = site.origin, errors = null, needsTopLayer = false } = {}) => {
    if (isOld && needsTopLayer) return;
    const browsing = await browser.newContext({ locale: "zh-CN", viewport: { width: 420, height: 800 }, ...context });
    if (isOld) await browsing.route("**/org-autocomplete.js", withoutNewFeatures);
    const page = await browsing.newPage();
    const complaints = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    try {
      await page.goto(base + path);
      await work(page);
      if (process.env.SCREENSHOTS) {
        mkdirSync(process.env.SCREENSHOTS, { recursive: true });
        await page.screenshot({ path: join(process.env.SCREENSHOTS, name.replaceAll(/\W+/g, "-") + ".png") });
      }
      const unexpected = complaints.filter((text) => !errors?.test(text));
      assert.deepEqual(unexpected, [], "the console complains");
      console.log(`ok      ${name}`);
    } catch (error) {
      bench.failed += 1;
      console.log(`FAILED  ${name}\n        ${error.stack}`);
    } finally {
      await browsing.close();
    }
  };
  bench.stop = async () => {
    await browser.close();
    server.child.kill();
    site.server.close();
    rmSync(data, { recursive: true, force: true });
  };
  return bench;
}

async function withoutNewFeatures(route) {
  const response = await route.fetch();
  const body = UNKNOWN.reduce((text, [known, unknown]) => text.replaceAll(known, unknown), await response.text());
  await route.fulfill({ response, body });
}

export const element = (page) => page.locator("org-autocomplete");
export const field = (page) => element(page).getByRole("combobox");
export const options = (page) => element(page).getByRole("option");
export const chosenId = (page) => element(page).evaluate((one) => one.value);

/** Types, and waits for the answer to all of it: until then each answer takes the place of the list. */
export async function type(page, text, { touch = false } = {}) {
  await (touch ? field(page).tap() : field(page).click());
  const answered = page.waitForResponse((response) => new URL(response.url()).searchParams.get("q") === text);
  await page.keyboard.type(text, { delay: 30 });
  await answered;
  await drawn(page);
}

export const drawn = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** A choice that ends at once: the first branch that a text finds. */
export async function choose(page, text) {
  await type(page, text);
  await options(page).first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
}

export async function accessible(page) {
  await page.evaluate(AXE).catch(() => page.addScriptTag({ content: AXE }));
  const found = await page.evaluate(() => axe.run());
  assert.deepEqual(found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html)}`), []);
}

/** An answer of the service that a case makes up. */
export const answer = (route, json) => route.fulfill({ json, headers: { "Access-Control-Allow-Origin": "*" } });
export const hit = (id, name, more = {}) => ({ id, name, short_name: name, display: name, path: [], kind: "branch", system: null, region: null,
  status: "active", score: 1, match: "substring", highlights: [], ...more });
export const answerWith = (hits, more = {}) => ({ query: { raw: "", normalized: "", parts: [] }, hits, complete_to: null, choices: [], generation: "g", took_us: 1, truncated: [], ...more });
