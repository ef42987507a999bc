// The page of the service itself.
import assert from "node:assert/strict";
import { accessible, choose, field, options, type } from "./support.mjs";

const QUERY = "人大附中团委";

export async function pageCases({ test, server }) {
  for (const colorScheme of ["light", "dark"]) {
    await test(`the page in ${colorScheme}: from the system to the steps`, async (page) => {
      await page.getByLabel("你现在所在的系统").selectOption("zhtj");
      await type(page, QUERY);
      await options(page).first().waitFor();
      await accessible(page);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "我不知道班级或支部" }).click();
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
}
