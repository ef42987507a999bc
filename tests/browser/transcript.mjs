// What a screen reader is given through one whole choice: node transcript.mjs PATH/TO/orgsearch
//
// Prints the accessibility tree of Chromium: the page, then after each key what has the focus, the line the keyboard stands
// on, and each message of the live region as it changes; at the end the page with the guide. To be read by a person.
import { field, options, start, type } from "./support.mjs";

const binary = process.argv[2];
if (!binary) throw new Error("usage: node transcript.mjs PATH/TO/orgsearch");
const COMMITTEE = "北大软微";
/** What is neither said nor stopped at. */
const SILENT = new Set(["none", "generic", "InlineTextBox", "RootWebArea", "LineBreak", "ListMarker", "mark"]);
const STATES = ["expanded", "selected", "checked", "disabled", "required", "invalid", "level", "pressed"];
const LONGEST = 120;

const bench = await start(binary);
const context = await bench.browser.newContext({ locale: "zh-CN", viewport: { width: 420, height: 800 } });
const page = await context.newPage();
const devtools = await context.newCDPSession(page);

const cut = (text) => (text.length > LONGEST ? text.slice(0, LONGEST) + "…" : text);
const stateOf = (node, name) => node.properties?.find((property) => property.name === name)?.value;

function words(node) {
  const states = STATES.flatMap((name) => {
    const value = stateOf(node, name)?.value;
    if (name === "level" && node.role.value !== "heading") return [];
    return value === undefined || value === false || value === "false" ? [] : [value === true || value === "true" ? name : `${name} ${value}`];
  });
  if (stateOf(node, "expanded")?.value === false) states.push("collapsed");
  const parts = [node.role.value, node.name?.value && `“${cut(node.name.value)}”`, node.value?.value && `value “${cut(String(node.value.value))}”`,
    node.description?.value && `(${cut(node.description.value)})`, states.length && `[${states.join(", ")}]`];
  return parts.filter(Boolean).join(" ");
}

async function nodes() {
  return (await devtools.send("Accessibility.getFullAXTree")).nodes;
}

/** The tree from the first node of a role, without what is silent; a text that only repeats the name of what it stands in is left out. */
async function printTree(title, from = "RootWebArea") {
  console.log(`\n## ${title}`);
  const all = await nodes();
  const byId = new Map(all.map((node) => [node.nodeId, node]));
  const print = (node, depth, above) => {
    const role = node.role?.value;
    const repeats = role === "StaticText" && above.includes(node.name?.value ?? "");
    const isSaid = !node.ignored && !SILENT.has(role) && !repeats && (role !== "StaticText" || node.name?.value.trim());
    if (isSaid) console.log("  ".repeat(depth) + words(node));
    for (const id of node.childIds || []) {
      const child = byId.get(id);
      if (child) print(child, depth + (isSaid ? 1 : 0), isSaid && node.name?.value ? node.name.value : above);
    }
  };
  print(all.find((node) => node.role?.value === from), 0, "");
}

/** What has the focus, and where the keyboard stands in its list. */
async function printFocus(did) {
  await page.waitForTimeout(700);
  console.log(`\n# ${did}`);
  const all = await nodes();
  const focused = all.filter((node) => stateOf(node, "focused")?.value && node.role?.value !== "RootWebArea").at(-1);
  console.log("focus:  " + (focused ? words(focused) : "the page"));
  const [active] = (focused && stateOf(focused, "activedescendant")?.relatedNodes) || [];
  const line = active && all.find((node) => node.backendDOMNodeId === active.backendDOMNodeId);
  if (line) console.log("line:   " + words(line));
  for (const text of heard.splice(0)) console.log("status: " + text);
}

const heard = [];
await page.exposeFunction("hear", (text) => heard.push(text));
const listen = () => page.evaluate(() => {
  const said = document.querySelector("org-autocomplete").shadowRoot.querySelector("[role=status]");
  new MutationObserver(() => window.hear(said.textContent)).observe(said, { childList: true, characterData: true, subtree: true });
});

await page.goto(bench.server.address + "/");
await listen();
await printTree("the page is opened");
await page.getByLabel("你现在所在的系统").selectOption("zhtj");
await field(page).focus();
await printFocus("the field gets the focus");
await type(page, COMMITTEE);
await options(page).first().waitFor();
await printFocus(`typed: ${COMMITTEE}`);
await printTree("the list", "search");
await press("ArrowDown");
await press("Enter", "a committee is chosen");
await printTree("the level below it", "search");
for (let level = 0; level < 4 && !page.url().includes("org="); level++) {
  await press("ArrowDown");
  await press("Enter", "a line of the level is chosen");
}
await page.getByRole("button", { name: "复制全称" }).waitFor();
await printTree("the page with the organization chosen and the guide");
await bench.stop();

async function press(key, did = "") {
  await page.keyboard.press(key);
  await printFocus(did ? `${key}: ${did}` : key);
}
