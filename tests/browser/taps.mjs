// How many keys and taps a member needs from opening the page to a copied branch name:
// node taps.mjs PATH/TO/orgsearch [--seed N] [--cases N]
//
// Draws branches of the embedded sample by a seed: classes of universities, classes of schools, communities and villages.
// Each is looked for by what its member knows: everyday names of the school or place, year or grade, class. What is on screen
// is all that is looked at; ids and official wording serve only to check. Of the ways below, the cheapest counts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { pinyin } from "pinyin-pro";
import { field, options, start } from "./support.mjs";

const [binary, ...settings] = process.argv.slice(2);
if (!binary) throw new Error("usage: node taps.mjs PATH/TO/orgsearch [--seed N] [--cases N]");
const setting = (name, usual) => Number(settings[settings.indexOf(name) + 1] || usual);
const SEED = settings.includes("--seed") ? setting("--seed") : 1;
const PER_KIND = settings.includes("--cases") ? setting("--cases") : 10;
const SAMPLE = new URL("../../index-data/samples/beijing.csv.gz", import.meta.url);
const MODES = ["keyboard", "touch", "ime"];
const LIMIT = 12, TAPS_FOR_THE_SYSTEM = 2;
/** Most lines that somebody passes with an arrow key, or lists that are looked through by swiping, before typing more. */
const MOST_ARROWS = 4, MOST_ARROWS_IN_LEVEL = 8, FEW_ARROWS_IN_LEVEL = 2, SHORT_LEVEL = 16, MOST_KEYS = 24, MOST_SWIPES = 4, MOST_LEVELS = 6;
/** A phone of 360 × 740 whose lower part is the keyboard; a desk has all of its window. */
const PHONE = { width: 360, height: 460 }, DESK = { width: 1200, height: 800 };

const SHELL = [/^(中国共产主义青年团|共青团|团)/, /(工作委员会|总支部委员会|支部委员会|委员会|团工委|团总支|团支部|团委|委)$/];
const REGION = /^(北京市)?([^区县]{1,3}区)?([^街镇乡]{1,6}?(街道|地区|镇|乡))?/;
const UNIVERSITY = /(大学|学院)(?!.*(附属|附中|中学|小学|幼儿园|学校))/;

// The cases.

function readOrgs() {
  const [header, ...lines] = gunzipSync(readFileSync(SAMPLE)).toString("utf8").replace(/^\ufeff/, "").trim().split(/\r?\n/);
  const columns = header.split(",");
  const orgs = new Map(lines.map((line) => line.split(",")).map((cells) => {
    assert.equal(cells.length, columns.length, "the sample has no quoted cells");
    const cell = (name) => cells[columns.indexOf(name)];
    return [cell("组织ID"), { id: cell("组织ID"), name: cell("组织全称"), parent: cell("上级组织ID"), kind: cell("组织类别"), status: cell("状态"), alias: cell("简称") }];
  }));
  for (const org of orgs.values()) org.above = orgs.get(org.parent);
  return [...orgs.values()];
}

const isOpen = (org) => org.status === "正常";
const isClass = (org) => org.kind === "团支部" && isOpen(org);
const KINDS = {
  "university class": (org) => isClass(org) && /\d{4}级/.test(org.name) && UNIVERSITY.test(bare(org.above)) && org.above.above && UNIVERSITY.test(bare(org.above.above)),
  "school class": (org) => isClass(org) && /[高初][一二三]/.test(org.name) && /中学|学校|附中|高中/.test(bare(org.above)),
  "community or village": (org) => isClass(org) && /(社区|村)/.test(org.name) && /(街道|地区|镇|乡)/.test(bare(org.above)),
};

function draw(orgs) {
  const random = generator(SEED);
  return Object.entries(KINDS).flatMap(([kind, fits]) => {
    const left = orgs.filter(fits);
    return Array.from({ length: PER_KIND }, (_, at) => {
      const [target] = left.splice(Math.floor(random() * left.length), 1);
      return { kind, target, mode: MODES[(at + Object.keys(KINDS).indexOf(kind)) % MODES.length] };
    });
  });
}

/** mulberry32: the same numbers for the same seed everywhere. */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

// What a member knows.

function bare(org) { return SHELL.reduce((name, part) => name.replace(part, ""), org?.name ?? ""); }

/** Everyday names of an organization: what its own people say. */
function everyday(org) {
  const without = org.above ? bare(org).replace(bare(org.above), "") : bare(org);
  const local = (without || bare(org)).replace(/^.*\d{4}级.*$/, "").replace(REGION, "") || without;
  const numbered = local.replace(/^第([一二三四五六七八九十百〇零]+)中学$/, (_, number) => digits(number) + "中");
  return [...new Set([numbered === local ? "" : numbered, org.alias, local, local.replace(/^(北京市?|中国)/, "")])].filter((name) => name && name.length > 1);
}

/** 三十九 and 一五六 as 39 and 156. */
function digits(number) {
  const value = (one) => "零一二三四五六七八九".indexOf(one === "〇" ? "零" : one);
  const [tens, ones] = number.split("十");
  if (ones === undefined) return [...number].map(value).join("");
  return String((tens ? value(tens) : 1) * 10 + (ones ? value(ones) : 0));
}

/**
 * The ways that are tried: what is typed, in larger steps or finer ones, and whether a line further down a level is
 * reached by arrows or by typing its name.
 */
function waysOf(one) {
  const ways = textsOf(one);
  const others = one.mode === "keyboard" ? ways.map((way) => ({ ...way, arrows: FEW_ARROWS_IN_LEVEL })) : [];
  return [...ways, { ...ways[0], isFiner: true }, ...others];
}

function textsOf({ kind, target }) {
  const unit = target.above;
  if (kind === "community or village") return everyday(target).map((text) => ({ text, orgs: [target, unit] }));
  const names = everyday(kind === "school class" ? unit : unit.above);
  const plain = names.map((text) => ({ text, orgs: [target, unit, unit.above] }));
  if (kind === "school class") {
    const [, grade, number] = /([高初][一二三]).*?([\d一二三四五六七八九十]+)[)）]?班/.exec(target.name) || [];
    return grade ? [...plain, { text: `${names[0]}${grade}${number}班`, orgs: [target] }] : plain;
  }
  const college = everyday(unit)[0];
  return college ? [...plain, { text: names[0].slice(0, 4) + college, orgs: [target, unit] }] : plain;
}

// Hands and eyes.

class Person {
  constructor(page, mode, devtools, arrows) { Object.assign(this, { page, mode, devtools, arrows, keys: 0, taps: 0, typed: "" }); }

  async tap(target) {
    this.taps += 1;
    await (this.mode === "keyboard" ? target.click() : target.tap());
  }

  async key(name) {
    this.keys += 1;
    await this.page.keyboard.press(name);
  }

  /** What is typed before each look: single letters of initials (finer: of whole syllables), or words of two
   * characters (finer: of one) by composition. */
  chunks(text, isFiner = false) {
    const words = isFiner ? /[^\x00-\x7f]|[\x00-\x7f]/g : /[^\x00-\x7f]{1,2}|[\x00-\x7f]/g;
    if (this.mode === "ime") return text.match(words).map((word) => ({ word, letters: spelt(word).join("") }));
    return [...spelt(text, isFiner ? "pinyin" : "first").join("")].map((letter) => ({ word: letter, letters: letter }));
  }

  async type({ word, letters }) {
    this.typed += word;
    this.keys += letters.length;
    if (this.mode === "ime" && word !== letters) {
      this.keys += 1;
      for (let end = 1; end <= letters.length; end++) {
        await this.devtools.send("Input.imeSetComposition", { text: letters.slice(0, end), selectionStart: end, selectionEnd: end });
      }
      await this.devtools.send("Input.insertText", { text: word });
    } else {
      for (const letter of letters) await this.page.keyboard.press(letter);
    }
    await this.settle();
  }

  async settle() {
    await this.page.waitForFunction(() => {
      const root = document.querySelector("org-autocomplete").shadowRoot;
      return !root.querySelector("ul").classList.contains("stale");
    }, null, { timeout: 5000 });
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  /** The lines that are wholly on screen, as they can be read. */
  async look() {
    return options(this.page).evaluateAll((lines) => lines.map((line, at) => {
      const box = line.getBoundingClientRect(), popup = line.closest(".popup").getBoundingClientRect();
      const words = line.querySelector("bdi")?.textContent ?? line.firstChild.textContent;
      const part = (name) => line.querySelector(`small[part=${name}]`)?.textContent ?? "";
      return { at, name: words, full: part("full") || words, path: part("path"), facts: part("facts"),
        isSeen: box.height > 0 && box.top >= popup.top - 1 && box.bottom <= Math.min(popup.bottom, innerHeight) + 1 };
    }));
  }

  /** Takes a line, and waits for the next level or the page of the branch. */
  async take(line) {
    await this.page.evaluate(() => (window.taken = document.querySelector("org-autocomplete").shadowRoot.querySelector("li")));
    if (this.mode === "keyboard") {
      const selected = await options(this.page).evaluateAll((all) => all.findIndex((one) => one.getAttribute("aria-selected") === "true"));
      for (let step = selected; step < line.at; step++) await this.key("ArrowDown");
      await this.key("Enter");
    } else {
      await this.tap(options(this.page).nth(line.at));
    }
    await this.page.waitForFunction(() => location.search.includes("org=")
      || document.querySelector("org-autocomplete").shadowRoot.querySelector("li") !== window.taken, null, { timeout: 5000 });
    if (!this.isDone()) await this.settle();
  }

  isDone() { return this.page.url().includes("org="); }

  async swipe() {
    this.taps += 1;
    await this.page.locator("org-autocomplete .popup").evaluate((popup) => popup.scrollBy(0, popup.clientHeight - 60));
    await this.settle();
  }
}

const spelt = (text, pattern = "pinyin") => pinyin(text, { toneType: "none", type: "array", pattern, v: true, nonZh: "consecutive" }).map((one) => one.toLowerCase());

/** Whether a line of hits is that organization, as somebody reads it: its full name and the nearest names above. */
const reads = (line, org) => line.full === org.name && (!line.path || !org.above || line.path.endsWith(org.above.short));

/** Whether a line of a level is the next one on the way down. */
function leads(line, way, target) {
  if (isCohort(line)) return target.name.includes(line.name);
  return way.some((org) => line.name === org.short || (line.name.length > 1 && org.short.endsWith(line.name) && org.short.startsWith(org.above.short)));
}

async function walk(person, way, target) {
  await person.tap(field(person.page));
  let found = null;
  for (const chunk of person.chunks(way.text, way.isFiner)) {
    await person.type(chunk);
    const seen = (await person.look()).filter((line) => line.isSeen && (person.mode !== "keyboard" || line.at < MOST_ARROWS));
    found = way.orgs.map((org) => [org, seen.find((line) => reads(line, org))]).find(([, line]) => line);
    if (found || person.keys > MOST_KEYS) break;
  }
  if (!found) throw new Error("never on screen");
  await person.take(found[1]);
  await descend(person, target);
  await person.page.locator(".guide li, .guide .note").first().waitFor({ timeout: 5000 });
  await person.tap(person.page.getByRole("button", { name: "复制全称" }));
  assert.equal(await person.page.evaluate(() => navigator.clipboard.readText()), target.name);
}

/** Level by level, until the page shows the branch. */
async function descend(person, target) {
  for (let level = 0; level < MOST_LEVELS && !person.isDone(); level++) await person.take(await find(person, target));
}

/** The number by which a line is known at a level: of its year, its grade or its class. */
function numberOf(line, target, lines) {
  const [, grade] = /^[高初]([一二三])$/.exec(line?.name) || [];
  if (grade) return String(digits(grade));
  if (isCohort(line)) return line.name.slice(2, 4);
  const number = /(\d+)[)）]?班/.exec(target.name)?.[1];
  return number && lines.some((one) => /班$/.test(one.name)) ? String(Number(number)) : "";
}

const isCohort = (line) => /^((高|初)[一二三]|\d{4}级)$/.test(line?.name);

/** The line to take at a level: seen at once, by swiping if the list is short, else by typing what is known of it. */
async function find(person, target) {
  const way = [target, target.above, target.above.above];
  const seen = async () => (await person.look()).find((line) => line.isSeen && leads(line, way, target) && (person.mode !== "keyboard" || line.at < person.arrows));
  let line = await seen();
  const count = await options(person.page).count();
  for (let swipe = 0; !line && count <= SHORT_LEVEL && swipe < MOST_SWIPES && person.mode !== "keyboard"; swipe++) {
    await person.swipe();
    line = await seen();
  }
  // A number is shorter than many arrows.
  const number = numberOf(line, target, await person.look());
  if (number && person.mode === "keyboard" && (line?.at ?? Infinity) + 1 > number.length) {
    for (const digit of number) await person.type({ word: digit, letters: digit });
    const named = (one) => leads(one, way, target) || reads(one, target);
    return (await person.look()).find((one) => one.isSeen && named(one)) ?? assert.fail("the number finds another class");
  }
  if (line) return line;
  for (const org of [target.above, target]) {
    const name = everyday(org)[0] ?? /\D*\d{4}级?(.*?)\d*班/.exec(org.name)?.[1];
    if (!name) continue;
    for (const chunk of person.chunks(name)) {
      await person.type(chunk);
      const found = (await person.look()).find((line) => line.isSeen && way.some((one) => reads(line, one)));
      if (found) return found;
    }
  }
  throw new Error("not at this level");
}

// Runs.

const bench = await start(binary);
const orgs = readOrgs();
const cases = draw(orgs);

async function withShortNames(target) {
  for (let org = target; org && !org.short; org = org.above) {
    org.short = (await (await fetch(`${bench.server.address}/v1/orgs/${org.id}`)).json()).short_name;
  }
}

async function run({ mode, target }, way) {
  const phone = { viewport: PHONE, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
  const context = await bench.browser.newContext({ locale: "zh-CN", permissions: ["clipboard-read", "clipboard-write"], ...(mode === "keyboard" ? { viewport: DESK } : phone) });
  try {
    await context.addInitScript(() => localStorage.setItem("orgsearch-from", "zhtj"));
    const page = await context.newPage();
    await page.goto(bench.server.address + "/");
    const person = new Person(page, mode, await context.newCDPSession(page), way.arrows ?? MOST_ARROWS_IN_LEVEL);
    try {
      await walk(person, way, target);
    } catch (error) {
      return { person, error };
    }
    return { person };
  } finally {
    await context.close();
  }
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const rows = [];
for (const one of cases) {
  await withShortNames(one.target);
  const tried = [];
  for (const way of waysOf(one)) tried.push({ way, ...(await run(one, way)) });
  const done = tried.filter((attempt) => !attempt.error).sort((a, b) => a.person.keys + a.person.taps - b.person.keys - b.person.taps);
  const [best] = done;
  const path = [one.target.above.above, one.target.above, one.target].map((org) => org.short).join(" › ");
  const total = best ? best.person.keys + best.person.taps : Infinity;
  rows.push({ ...one, total, first: tried[0].error ? Infinity : tried[0].person.keys + tried[0].person.taps });
  console.log([one.kind.padEnd(20), one.mode.padEnd(8), best ? `${String(best.person.keys).padStart(2)} keys ${String(best.person.taps).padStart(2)} taps = ${String(total).padStart(2)}` : "not reached", (best?.person.typed ?? "").padEnd(10), path].join("  "));
  if (process.env.VERBOSE || !best) for (const { way, person, error } of tried) console.log(`      ${way.text}: ${person.typed} ${person.keys}+${person.taps} ${error ? String(error.message).split("\n")[0] : ""}`);
}
await bench.stop();

const totals = rows.map((row) => row.total);
console.log(`\nseed ${SEED}; the system is remembered from an earlier visit; a swipe counts as a tap; phones show ${PHONE.height} px above the keyboard`);
for (const by of ["kind", "mode"]) {
  for (const name of new Set(rows.map((row) => row[by]))) console.log(`${name.padEnd(20)}  median ${median(rows.filter((row) => row[by] === name).map((row) => row.total))}`);
}
console.log(`all ${rows.length}: median ${median(totals)}, worst ${Math.max(...totals)}; by the first way alone ${median(rows.map((row) => row.first))}; with the taps for the system ${median(totals) + TAPS_FOR_THE_SYSTEM}`);
process.exit(median(totals) <= LIMIT ? 0 : 1);
