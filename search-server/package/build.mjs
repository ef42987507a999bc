// Builds the form field: search-server/src/assets/field/ becomes search-server/src/assets/org-autocomplete.js.
//
//   node build.mjs            writes the file
//   node build.mjs --check    fails if the committed file is not what the sources give, or is too large
//
// --entry FILE and --output FILE take other files.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { bundle, ENTRY, MAX_PACKED_BYTES, OUTPUT, packedSize } from "./bundle.mjs";

function fail(message) {
  console.error(`build: ${message}`);
  process.exit(1);
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return fail(`${path} cannot be read: ${error.message}`);
  }
}

function options() {
  try {
    const known = { check: { type: "boolean" }, entry: { type: "string" }, output: { type: "string" } };
    return parseArgs({ options: known }).values;
  } catch (error) {
    return fail(error.message);
  }
}

const { check = false, entry = ENTRY, output = OUTPUT } = options();
if (!existsSync(entry)) fail(`there is no ${entry}: nothing to build the field from`);
const script = await bundle(entry).catch((error) => fail(error.message));
const size = packedSize(script);
if (size > MAX_PACKED_BYTES) fail(`${size} bytes packed, ${MAX_PACKED_BYTES} are allowed`);
if (!check) writeFileSync(output, script);
else if (read(output) !== script) fail(`${output} is not what its sources give; run: npm run build`);
console.log(`${output}: ${size} bytes packed, at most ${MAX_PACKED_BYTES}`);
