// The form field in a plain page of another origin.
import assert from "node:assert/strict";
import { accessible, answer, answerWith, chosenId, choose, drawn, element, field, hit, options, type } from "./support.mjs";

const QUERY = "人大附中团委";
/** A branch of the sample that one text names. */
const BRANCH = "十五中高一4班";
const CORS = { "Access-Control-Allow-Origin": "*" };

export async function fieldCases({ test, site }) {
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
    await element(page).getByRole("listbox", { name: /选择/ }).waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await field(page).inputValue(), chosen.short_name);
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

  for (const isTapped of [true, false]) await test(`an unreachable server keeps what was typed, and is ${isTapped ? "asked at a tap" : "asked again by itself"}`, async (page) => {
    await page.route("**/v1/autocomplete**", (route) => route.abort());
    // At once, so that one request fails and none is on its way when the server is back.
    await field(page).fill(QUERY);
    await page.getByText("暂时查不到").first().waitFor();
    await page.unroute("**/v1/autocomplete**");
    if (isTapped) await page.getByRole("button", { name: "再试一次" }).click();
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
    const hits = names.map((name, at) => hit(String(at), name, { path: [{ id: "p", name }], kind: name, matched_name: { field: "alias", name },
      successor: { id: "s", name }, highlights: [{ field: "name", start: 0, end: 3, start_utf16: 0, end_utf16: 3 }] }));
    await page.route("**/v1/autocomplete**", (route) => answer(route, answerWith(hits, { choices: [{ id: "c", name: names[2], count: 3 }] })));
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
  }
  await test("hits of an earlier text cannot be chosen", async (page) => {
    await type(page, "清华大学");
    await options(page).first().waitFor();
    await page.route("**/v1/autocomplete**", (route) => route.abort());
    await field(page).fill("北京师范大学");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByText("暂时查不到").first().waitFor();
    assert.equal(await options(page).first().getAttribute("aria-disabled"), "true");
    await options(page).first().click({ force: true });
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    assert.equal(await chosenId(page), "");
    // What is to be done stands above what can no longer be chosen.
    const retry = await page.getByRole("button", { name: "再试一次" }).boundingBox();
    assert.ok(retry.y < (await options(page).first().boundingBox()).y);
  }, { errors: /ERR_FAILED/ });

  await test("an arrow key before the answer counts when the answer is there", async (page) => {
    await page.route("**/v1/autocomplete**", async (route) => {
      await new Promise((done) => setTimeout(done, 400));
      await route.continue().catch(() => {});
    });
    await field(page).fill(QUERY);
    await page.keyboard.press("ArrowDown");
    await options(page).first().waitFor();
    assert.equal(await options(page).first().getAttribute("aria-selected"), "true");
  });

  await test("what was corrected is marked, and what nobody holds is named above the list", async (page) => {
    await page.route("**/v1/autocomplete**", (route) => answer(route, answerWith([hit("1", "云鹏村", { match: "corrected", score: 0.04 })],
      { query: { raw: "", normalized: "", parts: [{ text: "霍格沃茨", role: "name", matched: false }, { text: "学校", role: "name", matched: true }] } })));
    await type(page, "霍格沃茨学校");
    assert.match(await options(page).first().textContent(), /近似/);
    const named = page.getByText("“霍格沃茨”没有对应的组织名称。").first();
    await named.waitFor();
    assert.ok((await named.boundingBox()).y < (await options(page).first().boundingBox()).y);
  });

  await test("a former name is shown where it matched", async (page) => {
    await page.route("**/v1/autocomplete**", (route) => answer(route, answerWith([hit("1", "第四十中学", {
      matched_name: { field: "former_name", name: "第十五女子中学" }, highlights: [{ field: "former_name", start: 1, end: 5, start_utf16: 1, end_utf16: 5 }] })])));
    await type(page, "十五女子");
    assert.match(await options(page).first().textContent(), /曾用名：第十五女子中学/);
    assert.deepEqual(await element(page).locator("mark").allTextContents(), ["十五女子"]);
  });

  await test("what matched above is marked in the path", async (page) => {
    await page.route("**/v1/autocomplete**", (route) => answer(route, answerWith([hit("1", "2024级1班团支部", { short_name: "2024级1班",
      path: [{ id: "u", name: "共青团北京大学委员会", short_name: "北京大学" }],
      highlights: [{ field: "path", id: "u", start: 3, end: 4, start_utf16: 3, end_utf16: 4 }, { field: "path", id: "u", start: 5, end: 6, start_utf16: 5, end_utf16: 6 },
        { field: "name", start: 0, end: 7, start_utf16: 0, end_utf16: 7 }] })])));
    await type(page, "北大24级1班");
    assert.deepEqual(await element(page).locator("mark").allTextContents(), ["2024级1班", "北", "大"]);
  });

  await test("a merged organization leads to its successor, and says so", async (page) => {
    const successor = hit("2", "乙村团支部", { children_count: 0 });
    await page.route("**/v1/autocomplete**", (route) => answer(route, answerWith([hit("1", "甲村团支部", { status: "merged", successor: { id: "2", name: "乙村团支部" } })])));
    await page.route("**/v1/orgs/2", (route) => answer(route, successor));
    await type(page, "甲村");
    assert.match(await options(page).first().textContent(), /已并入 乙村团支部/);
    await options(page).first().click();
    await element(page).getByText("“甲村团支部”已并入“乙村团支部”，已为你选择后者。").first().waitFor();
    assert.equal(await chosenId(page), "2");
  });

  await test("the whole name of a merged organization shows itself first", async (page) => {
    const merged = await page.evaluate(async (api) => {
      const { hits } = await (await fetch(`${api}/v1/search?q=${encodeURIComponent("北京")}&status=merged&limit=30`)).json();
      return hits.find((hit) => hit.successor);
    }, site.api);
    await field(page).fill(merged.name);
    await element(page).getByText(`已并入 ${merged.successor.short_name}`).first().waitFor();
    assert.match(await options(page).first().textContent(), /已并入/);
    await options(page).first().click();
    await page.waitForFunction((id) => document.querySelector("org-autocomplete").value === id, merged.successor.id);
  });

  await test("a branch that has others below it leads down too", async (page) => {
    await page.route("**/v1/autocomplete**", (route) => answer(route, answerWith([hit("1", "甲校总支部", { children_count: 1 })])));
    await page.route("**/v1/orgs/1/children**", (route) => answer(route, { id: "1", children: [hit("2", "甲校高一1班", { descendants: 0 })], total: { value: 1, relation: "eq" }, generation: "g" }));
    await choose(page, "甲校");
    await element(page).getByRole("listbox", { name: /选择/ }).waitFor();
    assert.equal(await element(page).evaluate((one) => one.complete), false);
    await options(page).first().click();
    assert.equal(await chosenId(page), "2");
  });

  await test("within a level, Enter takes the first that was typed", async (page) => {
    await choose(page, "北京市第十五中学团委");
    await element(page).getByRole("listbox", { name: "选择年级" }).waitFor();
    await type(page, "高二3班");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("org-autocomplete").complete);
    assert.match(await element(page).evaluate((one) => one.selected.name), /高二\(3\)班/);
  });

  await test("within a level, a number picks the year and the class, and nothing is asked", async (page) => {
    const child = (year, number) => hit(`${year}-${number}`, `甲学院${year}级软件${number}班`, { descendants: 0, class: { year, grade: null, number } });
    const children = [2025, 2024, 2023, 2022].flatMap((year) => [1, 2, 3, 12].map((number) => child(year, number)));
    let asked = 0;
    await page.route("**/v1/autocomplete**", (route) => { asked += 1; return answer(route, answerWith([hit("1", "甲学院", { kind: "committee", children_count: children.length })])); });
    await page.route("**/v1/orgs/1/children**", (route) => answer(route, { id: "1", children, total: { value: children.length, relation: "eq" }, generation: "g" }));
    await choose(page, "甲学院");
    await element(page).getByRole("listbox", { name: "选择年级" }).waitFor();
    const before = asked;
    await page.keyboard.type("24");
    assert.deepEqual(await options(page).evaluateAll((all) => all.map((one) => [one.firstChild.textContent, one.getAttribute("aria-selected")])), [["2024级", "true"]]);
    await page.keyboard.press("Enter");
    await element(page).getByRole("listbox", { name: "选择团支部" }).waitFor();
    assert.equal(await field(page).inputValue(), "");
    await page.keyboard.type("1");
    assert.match((await options(page).allTextContents()).join(), /^[^,]*软件1班,[^,]*软件12班$/);
    await page.keyboard.press("Backspace");
    assert.equal(await options(page).count(), 4);
    await page.keyboard.type("3");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("org-autocomplete").complete);
    assert.deepEqual([await chosenId(page), asked], ["2024-3", before]);
  });

  await test("Enter on the way to a branch sends nothing", async (page) => {
    const before = site.received.length;
    await choose(page, "北京市第十五中学团委");
    await page.keyboard.press("Enter");
    await element(page).getByRole("listbox", { name: "选择年级" }).waitFor();
    await page.keyboard.press("Enter");
    await page.route("**/v1/autocomplete**", (route) => new Promise((done) => setTimeout(done, 500)).then(() => route.continue().catch(() => {})));
    await page.keyboard.type("高二3班");
    await page.keyboard.press("Enter");
    await page.waitForTimeout(300);
    assert.equal(site.received.length, before);
  });

  await test("a notice pasted over a choice takes its place, whatever the network does", async (page) => {
    await choose(page, BRANCH);
    await page.waitForFunction(() => document.querySelector("org-autocomplete").complete);
    await page.route("**/v1/autocomplete**", (route) => route.abort());
    const state = await element(page).evaluate((one) => {
      const told = [];
      one.addEventListener("org-clear", () => told.push("org-clear"));
      const data = new DataTransfer();
      data.setData("text", "请大家注意。转入北京大学软件学院团委。");
      one.shadowRoot.querySelector("input").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
      return { told, valid: one.checkValidity(), sent: new FormData(one.form).get("org"), text: one.text };
    });
    assert.deepEqual(state, { told: ["org-clear"], valid: false, sent: null, text: "请大家注意。转入北京大学软件学院团委。" });
  }, { errors: /ERR_FAILED/ });

  await test("more of the tree comes where it was asked for", async (page) => {
    const child = (at) => hit(`c${at}`, `甲校${at}班`, { descendants: 0 });
    await page.route("**/v1/roots**", (route) => answer(route, { id: null, children: new URL(route.request().url()).searchParams.has("cursor")
      ? [child(3)] : [child(1), child(2)], next_cursor: new URL(route.request().url()).searchParams.has("cursor") ? undefined : "c", total: { value: 3, relation: "eq" }, generation: "g" }));
    await page.getByRole("button", { name: "按层级浏览" }).click();
    await element(page).getByRole("treeitem", { name: "再显示一些" }).click();
    await element(page).getByRole("treeitem", { name: "甲校3班" }).waitFor();
    assert.equal(await element(page).evaluate((one) => one.shadowRoot.activeElement.textContent), "甲校3班");
    assert.equal(await element(page).getByRole("treeitem").count(), 3);
  });

  await test("a refusal for good is said, and not asked again", async (page) => {
    let asked = 0;
    await page.route("**/v1/autocomplete**", (route) => { asked += 1; return route.fulfill({ status: 400, json: {}, headers: CORS }); });
    await field(page).fill("北京");
    await page.getByText("这样查不了").first().waitFor();
    await page.waitForTimeout(2500);
    assert.equal(asked, 1);
  }, { errors: /status of 400/ });

  await test("what is gone without a successor cannot be chosen", async (page) => {
    await page.route("**/v1/autocomplete**", (route) => answer(route, answerWith([hit("1", "甲村团支部", { status: "closed", successor: null })])));
    await type(page, "甲村");
    assert.match(await options(page).first().textContent(), /已撤销/);
    await options(page).first().click();
    await page.getByText("已不再接收团员").first().waitFor();
    assert.equal(await chosenId(page), "");
  });

  await test("the label of the page names the field, and a tap on it leads there", async (page) => {
    await page.getByRole("combobox", { name: "去向" }).waitFor();
    await page.getByText("去向").click();
    assert.equal(await page.evaluate(() => document.activeElement.localName), "org-autocomplete");
  });

  await test("counts say of how many, and chips are told and never push hits out of view", async (page) => {
    await type(page, "流动团员团支部");
    await page.waitForFunction(() => /共(超过)? \d+ 条/.test(document.querySelector("org-autocomplete").shadowRoot.querySelector("[role=status]").textContent));
    assert.match(await element(page).getByRole("status").textContent(), /可以缩小范围/);
    const chips = element(page).locator("[part=chip]");
    assert.ok(await chips.count() > 0);
    for (const chip of await chips.allTextContents()) assert.ok(!chip.endsWith(" 1"), chip);
    const boxes = await chips.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
    assert.equal(new Set(boxes).size, 1, "the chips stand in one row");
  }, { context: { viewport: { width: 320, height: 700 } } });

  await test("a range leaves when the text is replaced", async (page) => {
    await type(page, "流动团员团支部");
    const within = page.getByRole("button", { name: /去掉范围/ });
    await element(page).locator("[part=chip]").first().click();
    await within.waitFor();
    await field(page).press("End");
    await page.keyboard.type("书");
    await drawn(page);
    assert.equal(await within.count(), 1, "more of the same text keeps it");
    await field(page).fill("清华大学");
    await page.waitForFunction(() => document.querySelector("org-autocomplete").shadowRoot.querySelector("li")?.textContent.includes("清华"));
    assert.equal(await within.count(), 0);
  });

  for (const style of ["clipped", "bottom"]) {
    await test(`the popup can be seen whole: ${style}`, async (page) => {
      await type(page, QUERY);
      await options(page).first().waitFor();
      const box = await options(page).first().boundingBox();
      const isSeen = await page.evaluate(({ x, y }) => document.elementFromPoint(x, y)?.localName === "org-autocomplete", { x: box.x + 20, y: box.y + 20 });
      assert.ok(isSeen, "the first hit lies under something else");
      assert.ok(box.y >= 0 && box.y + box.height <= 800, JSON.stringify(box));
    }, { path: `/?style=${style}`, needsTopLayer: true });
  }

  await test("the popup stands above a dialog that holds the field", async (page) => {
    await page.evaluate(() => {
      const dialog = document.createElement("dialog");
      dialog.append(document.querySelector("form"));
      document.body.append(dialog);
      dialog.showModal();
    });
    await type(page, QUERY);
    await options(page).first().click();
    assert.notEqual(await chosenId(page), "");
  });

  await test("a phone shows what tells the choice, and the full name whole", async (page) => {
    await choose(page, BRANCH);
    assert.match(await field(page).inputValue(), /^北京市第十五中学|^第十五|班/);
    const { name } = await element(page).evaluate((one) => one.selected);
    const card = element(page).locator("[part=chosen]");
    assert.ok((await card.textContent()).includes(name));
    assert.ok(await card.evaluate((one) => one.scrollWidth <= one.clientWidth));
  }, { context: { viewport: { width: 320, height: 700 } } });

  await test("more than 200 characters are said, not cut", async (page) => {
    await page.route("**/v1/autocomplete**", (route) => answer(route, answerWith([])));
    await field(page).fill("龘".repeat(250));
    await page.getByText("没有认出组织名称").first().waitFor();
    await field(page).fill("，".repeat(250));
    await page.getByText("超过 200 个字").first().waitFor();
  });

  await test("a notice is cut into sentences, and the words taken are shown", async (page) => {
    await field(page).click();
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData("text", "各位新同学：\n请于9月30日前完成转接！我们班的团支部是北京市第十五中学高一4班。\n谢谢配合");
      const input = document.querySelector("org-autocomplete").shadowRoot.querySelector("input");
      input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await page.getByText(/从粘贴的文字里取了“.*十五中学高一4班”/).first().waitFor();
    assert.match(await options(page).first().textContent(), /十五中学高一/);
  });

  await test("an answer that outlives its generation is asked for again", async (page) => {
    let refused = 0;
    await page.route("**/v1/search**", (route) => new URL(route.request().url()).searchParams.has("cursor") && !refused++
      ? route.fulfill({ status: 410, json: { code: "stale_cursor" }, headers: CORS }) : route.continue());
    await type(page, "北京");
    await page.getByRole("button", { name: /查看全部|再显示一些/ }).click();
    await page.waitForFunction(() => document.querySelector("org-autocomplete").shadowRoot.querySelectorAll("li").length === 30);
    await page.getByRole("button", { name: "再显示一些" }).click();
    await page.waitForResponse((response) => response.url().includes("/v1/search") && response.status() === 200);
    await drawn(page);
    assert.equal(await options(page).count(), 30);
    assert.equal(refused, 1);
  }, { errors: /status of 410/ });

  await test("an endpoint keeps its path", async (page) => {
    const asked = [];
    await page.route("**/sub/path/v1/**", (route) => { asked.push(route.request().url()); return answer(route, answerWith([hit("1", "甲")])); });
    await element(page).evaluate((one, api) => (one.endpoint = `${api}/sub/path`), site.api);
    await type(page, "甲");
    assert.ok(asked[0].startsWith(`${site.api}/sub/path/v1/autocomplete?`), asked[0]);
  });

  await test("properties reflect attributes, and a value set later loads its name", async (page) => {
    const [id, name] = await page.evaluate(async (api) => {
      const { hits } = await (await fetch(`${api}/v1/autocomplete?q=${encodeURIComponent("十五中高一4班")}`)).json();
      return [hits[0].id, hits[0].name];
    }, site.api);
    const values = await element(page).evaluate((one) => {
      one.name = "other";
      one.required = false;
      one.disabled = false;
      one.valueName = null;
      one.noHistory = true;
      return [one.getAttribute("name"), one.hasAttribute("required"), one.hasAttribute("disabled"), one.hasAttribute("no-history"), one.limit];
    });
    assert.deepEqual(values, ["other", false, false, true, ""]);
    await element(page).evaluate((one, id) => (one.value = id), id);
    await page.waitForFunction((name) => document.querySelector("org-autocomplete").selected?.name === name, name);
    assert.equal(await chosenId(page), id);
    await element(page).evaluate((one) => one.setAttribute("value", "no-such-id"));
    await page.waitForFunction(() => document.querySelector("org-autocomplete").value === "");
    assert.equal(await element(page).evaluate((one) => one.validity.badInput), true);
    await element(page).evaluate((one, id) => one.setAttribute("value", id), id);
    await page.waitForFunction((name) => document.querySelector("org-autocomplete").selected?.name === name, name);
  }, { errors: /status of 404/ });

  await test("what was chosen lately is offered on this device, and is forgotten at a tap", async (page) => {
    await choose(page, BRANCH);
    await page.reload();
    await field(page).click();
    await options(page).first().waitFor();
    assert.match(await options(page).first().textContent(), /高一/);
    await options(page).first().click();
    await page.waitForFunction(() => document.querySelector("org-autocomplete").complete);
    await element(page).evaluate((one) => one.clear());
    await field(page).click();
    await page.getByRole("button", { name: "清除最近选择" }).click();
    assert.equal(await options(page).count(), 0);
    assert.equal(await page.evaluate(() => localStorage.length), 0);
  });

  await test("nothing is remembered where the page says so", async (page) => {
    await choose(page, BRANCH);
    assert.notEqual(await chosenId(page), "");
    assert.equal(await page.evaluate(() => localStorage.length), 0);
  }, { path: "/?attributes=no-history" });

  await test("who finds nothing is told whom to ask, and is counted without the text", async (page) => {
    const counted = [];
    await page.route("**/v1/misses", (route) => { counted.push(route.request().postData()); return route.fulfill({ status: 204, headers: CORS }); });
    await type(page, "zqxjkvbw");
    await page.getByRole("button", { name: "找不到？" }).click();
    await page.getByText("团委值班电话").first().waitFor();
    assert.deepEqual(counted, [null]);
  }, { path: "/?attributes=contact=团委值班电话" });

  // The way down to a branch.

  await test("a committee opens the way down to a branch", async (page) => {
    const events = await element(page).evaluateHandle((one) => {
      const told = [];
      for (const name of ["org-choose", "org-complete"]) one.addEventListener(name, (event) => told.push([name, event.detail.kind]));
      return told;
    });
    await choose(page, "北京市第十五中学团委");
    await element(page).getByRole("listbox", { name: "选择年级" }).waitFor();
    assert.deepEqual(await element(page).evaluate((one) => [one.complete, one.selected.kind]), [false, "committee"]);
    await options(page).filter({ hasText: "高二" }).click();
    await element(page).getByRole("listbox", { name: "选择团支部" }).waitFor();
    await accessible(page);
    await options(page).filter({ hasText: "(3)班" }).click();
    const { complete, kind, name } = await element(page).evaluate((one) => ({ complete: one.complete, kind: one.selected.kind, name: one.selected.name }));
    assert.deepEqual([complete, kind], [true, "branch"]);
    assert.match(name, /高二\(3\)班/);
    assert.deepEqual(await events.jsonValue(), [["org-choose", "committee"], ["org-choose", "branch"], ["org-complete", "branch"]]);
  }, { context: { bypassCSP: true } });

  await test("a text within a level searches below it; Backspace goes back up", async (page) => {
    await choose(page, "北京大学团委");
    await element(page).getByRole("listbox", { name: "选择下一级" }).waitFor();
    const all = await options(page).count();
    assert.ok(all > 20, String(all));
    await type(page, "软件");
    await page.waitForFunction(() => document.querySelector("org-autocomplete").shadowRoot.querySelector("li")?.textContent.includes("软件"));
    await field(page).fill("");
    await type(page, "rw");
    await page.waitForFunction(() => document.querySelector("org-autocomplete").shadowRoot.querySelector("li")?.textContent.includes("软件与微电子"));
    await field(page).fill("");
    await page.waitForFunction((all) => document.querySelector("org-autocomplete").shadowRoot.querySelectorAll("[role=option]").length === all, all);
    await options(page).filter({ hasText: "软件与微电子" }).first().click();
    await page.waitForFunction(() => document.querySelector("org-autocomplete").shadowRoot.querySelectorAll("[part=chip]").length === 2);
    await field(page).press("Backspace");
    await page.waitForFunction((all) => document.querySelector("org-autocomplete").shadowRoot.querySelectorAll("[role=option]").length === all, all);
    await page.keyboard.press("Escape");
    assert.equal(await field(page).inputValue(), "北京大学");
  });

  await test("levels=branch asks for a branch, and who knows none is told what is known", async (page) => {
    await choose(page, "北京市第十五中学团委");
    await options(page).first().waitFor();
    const validity = () => element(page).evaluate((one) => one.validity.customError);
    assert.equal(await validity(), true);
    await page.getByRole("button", { name: "我不知道班级或支部" }).click();
    await page.waitForFunction(() => document.querySelector("org-autocomplete").complete);
    assert.equal(await validity(), true);
    assert.match(await element(page).locator("[part=chosen]").textContent(), /支部/);
    await choose(page, BRANCH).catch(() => {});
  }, { path: "/?attributes=levels=branch" });

  await test("the tree is walked by keyboard down to a branch", async (page) => {
    await page.getByRole("button", { name: "按层级浏览" }).click();
    const items = element(page).getByRole("treeitem");
    await items.first().waitFor();
    assert.equal(await items.first().getAttribute("aria-expanded"), "true");
    await accessible(page);
    const focused = () => element(page).evaluate((one) => [one.shadowRoot.activeElement.getAttribute("aria-level"), one.shadowRoot.activeElement.getAttribute("aria-expanded")]);
    await page.keyboard.press("ArrowDown");
    assert.deepEqual(await focused(), ["2", "false"]);
    for (const level of ["3", "4", "5", "6"]) {
      const [, expanded] = await focused();
      if (expanded === null) break;
      await page.keyboard.press("ArrowRight");
      await page.waitForFunction((level) => document.querySelector("org-autocomplete").shadowRoot.querySelector(`[aria-level="${level}"]`), level);
      await page.keyboard.press("ArrowDown");
    }
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("End");
    await page.keyboard.press("Home");
    assert.deepEqual(await focused(), ["1", "true"]);
    await page.keyboard.press("Escape");
    assert.equal(await items.count() > 0 && await items.first().isVisible(), false);
  }, { context: { bypassCSP: true } });

  await test("the tree is walked by finger, and what is chosen there is chosen", async (page) => {
    await page.getByRole("button", { name: "按层级浏览" }).tap();
    const items = element(page).getByRole("treeitem");
    await items.filter({ hasText: "北京市" }).first().waitFor();
    await element(page).locator(".take").nth(1).tap();
    await page.waitForFunction(() => document.querySelector("org-autocomplete").value);
    await options(page).first().waitFor();
  }, { context: { hasTouch: true, isMobile: true } });

  for (const look of [{ forcedColors: "active" }, { reducedMotion: "reduce" }]) {
    await test(`accessible with ${JSON.stringify(look)}`, async (page) => {
      await type(page, "流动团员团支部");
      await options(page).first().waitFor();
      await page.keyboard.press("ArrowDown");
      await accessible(page);
    }, { context: { ...look, viewport: { width: 320, height: 800 }, bypassCSP: true } });
  }
}
