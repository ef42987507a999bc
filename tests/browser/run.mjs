// The form field and the page in a real browser: node run.mjs PATH/TO/orgsearch
//
// Starts the server on the embedded sample and, on a second port, a site of another origin that embeds the field under a
// strict Content-Security-Policy. Needs Chromium (CHROMIUM=/path/to/it, default /usr/bin/chromium). SCREENSHOTS=dir
// keeps a picture of each case.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const QUERY = "人大附中团委";
const binary = process.argv[2];
if (!binary) throw new Error("usage: node run.mjs PATH/TO/orgsearch");

/** A site of another origin: the element in a plain HTML form. */
function startSite() {
  const received = [];
  const server = createServer((request, response) => {
    const address = new URL(request.url, "http://site");
    if (address.pathname === "/done") received.push(address.searchParams);
    const api = site.api;
    response.setHeader("Content-Security-Policy",
      `default-src 'none'; script-src ${api}; connect-src ${api}; style-src 'self'; form-action 'self'; base-uri 'none'`);
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    const lang = address.searchParams.get("lang") || "zh";
    response.end(`<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>Form</title>
      <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
      <script src="${api}/org-autocomplete.js" defer></script></head><body><main><h1>Form</h1>
      <form action="/done"><org-autocomplete name="org" required></org-autocomplete><button>Send</button></form></main></body></html>`);
  });
  const site = { server, received, api: "" };
  return new Promise((done) => server.listen(0, "127.0.0.1", () => {
    site.origin = `http://127.0.0.1:${server.address().port}`;
    done(site);
  }));
}

/** The server under test; resolves once it is ready. */
async function startServer(origin, data) {
  const child = spawn(binary, ["serve", "--demo", "--data", data, "--listen", "127.0.0.1:0", "--allow-origin", origin], { stdio: ["ignore", "pipe", "ignore"] });
  const address = await new Promise((found, failed) => {
    let text = "";
    child.stdout.on("data", (data) => {
      text += data;
      const line = /listening on (http:\S+)/.exec(text);
      if (line) found(line[1]);
    });
    child.on("exit", (code) => failed(new Error(`the server ended with ${code}`)));
  });
  for (let i = 0; i < 600; i++) {
    if ((await fetch(address + "/readyz").catch(() => null))?.ok) return { child, address };
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error("the server never became ready");
}

const site = await startSite();
const data = mkdtempSync(join(tmpdir(), "orgsearch-browser-"));
const server = await startServer(site.origin, data);
site.api = server.address;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let failed = 0;

/** One case: a fresh page, no console error allowed but those expected. */
async function test(name, work, { context = {}, path = "/", base = site.origin, errors = null } = {}) {
  const browsing = await browser.newContext({ locale: "zh-CN", viewport: { width: 420, height: 800 }, ...context });
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
    failed += 1;
    console.log(`FAILED  ${name}\n        ${error.stack}`);
  } finally {
    await browsing.close();
  }
}

const field = (page) => page.locator("org-autocomplete").getByRole("combobox");
const options = (page) => page.locator("org-autocomplete").getByRole("option");
// Types, and waits for the answer to all of it: until then each answer takes the place of the list.
const type = async (page, text, { touch = false } = {}) => {
  await (touch ? field(page).tap() : field(page).click());
  const answered = page.waitForResponse((response) => new URL(response.url()).searchParams.get("q") === text);
  await page.keyboard.type(text, { delay: 30 });
  await answered;
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
};
const accessible = async (page) => {
  await page.evaluate(AXE).catch(() => page.addScriptTag({ content: AXE }));
  const found = await page.evaluate(() => axe.run());
  assert.deepEqual(found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html)}`), []);
};

await test("typing shows the organization, marked, with what is above it", async (page) => {
  await type(page, QUERY);
  await page.waitForFunction(() => document.querySelector("org-autocomplete").shadowRoot.querySelector("li")?.textContent.includes("中国人民大学附属中学"));
  assert.equal(await field(page).getAttribute("aria-expanded"), "true");
});

await test("pinyin typed directly searches at once", async (page) => {
  await type(page, "beijingdaxue");
  await page.waitForFunction(() => document.querySelector("org-autocomplete").shadowRoot.querySelector("li")?.textContent.includes("北京大学"));
});

await test("nothing is sent while an input method composes, and its Enter chooses nothing", async (page) => {
  const asked = [];
  page.on("request", (request) => request.url().includes("/v1/") && asked.push(decodeURIComponent(request.url())));
  await field(page).click();
  const session = await page.context().newCDPSession(page);
  for (const text of ["b", "be", "bei", "beida"]) {
    await session.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
    await page.waitForTimeout(120);
  }
  assert.deepEqual(asked, []);
  await session.send("Input.dispatchKeyEvent", { type: "keyDown", key: "Enter", windowsVirtualKeyCode: 229 });
  await session.send("Input.insertText", { text: "北大" });
  await options(page).first().waitFor();
  assert.ok(asked.every((url) => url.includes("q=北大")), asked.join());
  assert.equal(await page.evaluate(() => document.querySelector("org-autocomplete").value), "");
});

await test("the keyboard chooses, and the form submits id and name", async (page) => {
  await type(page, QUERY);
  await options(page).first().waitFor();
  await page.keyboard.press("ArrowDown");
  assert.equal(await options(page).first().getAttribute("aria-selected"), "true");
  assert.equal(await field(page).getAttribute("aria-activedescendant"), "o0");
  await page.keyboard.press("Enter");
  const chosen = await page.evaluate(() => document.querySelector("org-autocomplete").selected);
  assert.equal(await field(page).inputValue(), chosen.name);
  await page.getByRole("button", { name: "Send" }).click();
  await page.waitForURL("**/done?**");
  const sent = site.received.at(-1);
  assert.equal(sent.get("org"), chosen.id);
  assert.equal(sent.get("org_name"), chosen.name);
});

await test("a form waits for a choice from the list", async (page) => {
  const before = site.received.length;
  const validity = () => page.evaluate(() => { const { validity } = document.querySelector("org-autocomplete"); return [validity.valueMissing, validity.badInput]; });
  assert.deepEqual(await validity(), [true, false]);
  await type(page, "北京");
  assert.deepEqual(await validity(), [false, true]);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Send" }).click();
  await page.waitForTimeout(200);
  assert.equal(site.received.length, before);
});

await test("a finger chooses", async (page) => {
  await type(page, QUERY, { touch: true });
  await options(page).first().waitFor();
  const box = await options(page).first().boundingBox();
  assert.ok(box.height >= 44);
  await options(page).first().tap();
  assert.notEqual(await page.evaluate(() => document.querySelector("org-autocomplete").value), "");
}, { context: { hasTouch: true, isMobile: true } });

await test("chips lead down the tree", async (page) => {
  await type(page, "流动团员团支部");
  const chip = page.getByRole("button").filter({ hasText: /\d+$/ }).first();
  await chip.waitFor();
  await chip.click();
  await page.getByRole("button", { name: /去掉范围/ }).waitFor();
  await options(page).first().waitFor();
});

await test("all results can be paged through", async (page) => {
  await type(page, "北京");
  const all = page.getByRole("button", { name: /查看全部/ });
  await all.click();
  await page.waitForFunction(() => document.querySelector("org-autocomplete").shadowRoot.querySelectorAll("li").length === 30);
  await page.getByRole("button", { name: "再显示一些" }).click();
  await page.waitForFunction(() => document.querySelector("org-autocomplete").shadowRoot.querySelectorAll("li").length === 60);
});

await test("what matches nothing is said calmly", async (page) => {
  await type(page, "zqxjkvbw");
  await page.getByText("没有找到这样的组织。").first().waitFor();
  assert.equal(await field(page).inputValue(), "zqxjkvbw");
});

for (const status of [429, 503]) {
  await test(`${status} is tried again by itself`, async (page) => {
    let refusals = 0;
    await page.route("**/v1/autocomplete**", (route) => (refusals++ ? route.continue() : route.fulfill({
      status, body: "{}", headers: { "Retry-After": "1", "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After" },
    })));
    await field(page).fill(QUERY);
    await page.getByText("查询的人太多").first().waitFor();
    await options(page).first().waitFor({ timeout: 5000 });
    assert.equal(await field(page).inputValue(), QUERY);
  }, { errors: /status of (429|503)/ });
}

await test("an unreachable server keeps what was typed", async (page) => {
  await page.route("**/v1/autocomplete**", (route) => route.abort());
  // At once, so that one request fails and none is on its way when the server is back.
  await field(page).fill(QUERY);
  await page.getByText("暂时查不到").first().waitFor();
  await page.unroute("**/v1/autocomplete**");
  await page.getByRole("button", { name: "再试一次" }).click();
  await options(page).first().waitFor();
  assert.equal(await field(page).inputValue(), QUERY);
}, { errors: /ERR_FAILED/ });

await test("an answer that was overtaken is never shown", async (page) => {
  await page.route("**/v1/autocomplete**", async (route) => {
    const isFirst = decodeURIComponent(route.request().url()).includes("q=清华&") || route.request().url().endsWith(encodeURIComponent("清华"));
    if (isFirst) await new Promise((done) => setTimeout(done, 1500));
    await route.continue().catch(() => {});
  });
  await field(page).fill("清华");
  await page.waitForTimeout(300);
  await field(page).fill(QUERY);
  await options(page).first().waitFor();
  await page.waitForTimeout(1700);
  assert.match(await options(page).first().textContent(), /中国人民大学附属中学/);
});

await test("hostile names do no harm at 320 px", async (page) => {
  const names = ["<img src=x onerror=alert(1)>团支部", "\u202e反向团支部", "长".repeat(500), "\"><script>alert(1)</script>"];
  const hits = names.map((name, at) => ({ id: String(at), name, display: name, path: [{ id: "p", name }], kind: name, system: null, status: "active", score: 1, match: "substring", highlights: [{ field: "name", start: 0, end: 3, start_utf16: 0, end_utf16: 3 }] }));
  await page.route("**/v1/autocomplete**", (route) => route.fulfill({
    json: { query: { raw: "", normalized: "", parts: [] }, hits, complete_to: null, choices: [{ id: "c", name: names[2], count: 3 }], generation: "g", took_us: 1, truncated: [] },
    headers: { "Access-Control-Allow-Origin": "*" },
  }));
  await type(page, "甲");
  await options(page).nth(3).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320));
  assert.equal((await options(page).nth(2).textContent()).startsWith("长".repeat(500)), true);
}, { context: { viewport: { width: 320, height: 700 } } });

for (const colorScheme of ["light", "dark"]) {
  await test(`accessible in ${colorScheme}, closed and open`, async (page) => {
    await accessible(page);
    await type(page, QUERY);
    await options(page).first().waitFor();
    await page.keyboard.press("ArrowDown");
    await accessible(page);
  }, { context: { colorScheme, viewport: { width: 320, height: 800 }, bypassCSP: true } });
  await test(`the page in ${colorScheme}: from the system to the steps`, async (page) => {
    await page.getByLabel("你现在所在的系统").selectOption("zhtj");
    await type(page, QUERY);
    await options(page).first().waitFor();
    await accessible(page);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByText("青春北京").first().waitFor();
    assert.match(page.url(), /org=\d+/);
    await page.getByRole("button", { name: "复制全称" }).waitFor();
    await accessible(page);
  }, { base: server.address, context: { colorScheme, viewport: { width: 320, height: 800 }, bypassCSP: true } });
}

await test("the page finds by words alone without scripts", async (page) => {
  await page.getByRole("searchbox").fill(QUERY);
  await page.getByRole("button", { name: "查询" }).click();
  await page.getByRole("link", { name: "转入这个组织" }).first().click();
  await page.getByText("怎样转入").waitFor();
}, { base: server.address, context: { javaScriptEnabled: false } });

await test("the page keeps its own strict policy", async (page) => {
  await type(page, "北京大学");
  await options(page).first().waitFor();
}, { base: server.address });

await browser.close();
server.child.kill();
site.server.close();
rmSync(data, { recursive: true, force: true });
console.log(failed ? `${failed} failed` : "all passed");
process.exit(failed ? 1 : 0);
