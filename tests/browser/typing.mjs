// How long after the last key a suggestion is on screen: node typing.mjs http://127.0.0.1:7700 queries.tsv
//
// Types the first queries of a file into the page of a running server, on a processor four times as slow (DevTools'
// throttling), and prints percentiles of the time from each query's last input event to the frame that shows its list.
// The field's own waiting, the search, the network of loopback and the drawing are all in it.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [address, file] = process.argv.slice(2);
if (!file) throw new Error("usage: node typing.mjs ADDRESS QUERIES.tsv");
const SLOWER = 4, QUERIES = 60, BETWEEN_KEYS_MS = 120, SETTLED_MS = 700;

const lines = readFileSync(file, "utf8").split("\n").slice(1).filter(Boolean);
const queries = lines.filter((_, at) => at % Math.ceil(lines.length / QUERIES) === 0).map((line) => line.split("\t")[0]);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 390, height: 844 }, locale: "zh-CN" });
await page.goto(address);
const devtools = await page.context().newCDPSession(page);
await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
await page.evaluate(() => {
  const element = document.querySelector("org-autocomplete"), list = element.shadowRoot.querySelector("ul");
  window.typing = { typed: 0, shown: 0 };
  element.shadowRoot.querySelector("input").addEventListener("input", () => { window.typing.typed = performance.now(); }, true);
  // The frame after the change, once it is drawn.
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => { window.typing.shown = performance.now(); })))
    .observe(list, { childList: true });
});
const field = page.locator("org-autocomplete").getByRole("combobox");
const times = [];
let silent = 0;
for (const query of queries) {
  await field.fill("");
  await field.pressSequentially(query, { delay: BETWEEN_KEYS_MS });
  await page.waitForTimeout(SETTLED_MS);
  const { typed, shown } = await page.evaluate(() => window.typing);
  if (shown > typed) times.push(shown - typed);
  else silent += 1;
}
await browser.close();
times.sort((a, b) => a - b);
const at = (share) => Math.round(times[Math.round((times.length - 1) * share)]);
console.log(`${times.length} queries, processor ${SLOWER} times as slow; ms from the last key to the list on screen: p50 ${at(0.5)}, p95 ${at(0.95)}, max ${at(1)}; ${silent} without a change of the list`);
