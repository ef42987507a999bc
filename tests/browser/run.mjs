// The form field and the page in a real browser: node run.mjs PATH/TO/orgsearch
//
// Needs Chromium (CHROMIUM=/path/to/it, default /usr/bin/chromium). SCREENSHOTS=dir keeps a picture of each case.
// All cases of the field run a second time without what browsers of three years ago lack.
import { fieldCases } from "./field.mjs";
import { pageCases } from "./page.mjs";
import { start } from "./support.mjs";

const binary = process.argv[2];
if (!binary) throw new Error("usage: node run.mjs PATH/TO/orgsearch");

let failed = 0;
for (const isOld of [false, true]) {
  console.log(isOld ? "-- an older browser" : "-- a browser of today");
  const bench = await start(binary, { isOld });
  await fieldCases(bench);
  if (!isOld) await pageCases(bench);
  failed += bench.failed;
  await bench.stop();
}
console.log(failed ? `${failed} failed` : "all passed");
process.exit(failed ? 1 : 0);
