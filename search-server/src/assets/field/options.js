// The lines of the list.

import { bdi, make } from "./dom.js";
import { fullName, markedShortName, marked, nameBelow, pathSteps, shortName } from "./names.js";
import { isBranch } from "./levels.js";

const line = (...children) => make("li", { part: "option", role: "option", "aria-selected": "false" }, ...children);
const leads = (item) => { item.classList.add("leads"); item.append(make("span", { class: "go", "aria-hidden": "true" }, "›")); };
const tag = (text) => make("span", { class: "tag" }, text);
const small = (part, ...children) => make("small", { part }, ...children);

/** An organization that was found: its short name, its full name, what is above it, and what else must be known. */
export function hitLine(hit, text) {
  const spans = hit.highlights || [];
  const item = line(markedShortName(hit, spans.filter((span) => span.field === "name")));
  if (hit.match === "corrected") item.append(" ", tag(text.similar));
  if (shortName(hit) !== hit.name) item.append(small("full", fullName(hit)));
  const path = pathLine(hit, spans);
  if (path) item.append(path);
  const facts = factsOf(hit, spans, text);
  if (facts.length) item.append(small("facts", ...facts));
  return item;
}

/** The organizations above, marked where the query matched their names. */
function pathLine(hit, spans = []) {
  const steps = pathSteps(hit);
  if (!steps.length) return null;
  const shown = steps.flatMap((step, at) => {
    const own = spans.filter((span) => span.field === "path" && span.id === step.id);
    return at ? [" › ", markedShortName(step, own)] : [markedShortName(step, own)];
  });
  return small("path", bdi(...shown));
}

function factsOf(hit, spans, text) {
  const facts = [];
  if (hit.successor) facts.push(tag(text.mergedInto(shortName(hit.successor))));
  else if (hit.status && hit.status !== "active") facts.push(tag(text[hit.status] || hit.status));
  const other = hit.matched_name;
  if (other) facts.push(make("span", {}, other.field === "alias" ? text.alias : text.formerName, marked(other.name, spans.filter((span) => span.field === other.field))));
  const known = [hit.kind, hit.system].filter(Boolean).map((code) => text[code] || code).join(" · ");
  if (known) facts.push(bdi(known));
  return facts.flatMap((fact, at) => (at ? [" · ", fact] : [fact]));
}

/** An organization one level down; `parent` is what it hangs below, whose name is not said again. */
export function childLine(child, parent, text) {
  const item = line(bdi(nameBelow(child, parent)));
  if (isBranch(child)) return item;
  leads(item);
  if (child.descendants) item.append(small("facts", text.below(child.descendants)));
  return item;
}

/** The classes of one year or grade. */
export function cohortLine({ cohort, orgs }, text) {
  const item = line(cohort || text.others, small("facts", text.below(orgs.length)));
  leads(item);
  return item;
}

/** An organization that was chosen before. */
export function recentLine(org) {
  const item = line(bdi(shortName(org)));
  const path = pathLine(org);
  if (path) item.append(path);
  return item;
}
