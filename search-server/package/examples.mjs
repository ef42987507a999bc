// A page shows files letter for letter: a comment with the path, from the page on, then the code block.
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const BLOCK = /<!-- (\S+) -->\n```\w*\n([\s\S]*?)```\n/g;

/** What is wrong with the code blocks of a page; empty if they are the files that they name. */
export function differences(page) {
  const blocks = [...readFileSync(page, "utf8").matchAll(BLOCK)];
  if (blocks.length === 0) return [`${basename(page)} shows no file`];
  return blocks.flatMap(([, path, code]) => {
    const file = join(dirname(page), path);
    if (!existsSync(file)) return [`${path}: there is no such file`];
    return readFileSync(file, "utf8") === code ? [] : [`${path}: ${basename(page)} shows something else`];
  });
}
