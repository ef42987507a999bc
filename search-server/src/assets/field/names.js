// How names are shown: what tells an organization first, what all names share in a quieter colour.

import { bdi, make } from "./dom.js";

/** The name without what all names share. */
export const shortName = (org) => org.short_name || org.name;

/** Shorter beginnings are often words of their own: 中央 in 中央企业. */
const SHORTEST_SHARED = 4;

/** The short name without the beginning that it shares with the organization above. */
export function nameBelow(org, parent) {
  const name = shortName(org), above = shortName(parent);
  return above.length >= SHORTEST_SHARED && name.startsWith(above) && name.length > above.length ? name.slice(above.length) : name;
}

/** A text with the spans marked that lie in it; `from` is where it begins in the text that the spans count in. */
export function marked(text, spans = [], from = 0) {
  const shown = bdi();
  let end = 0;
  for (const span of spans) {
    const first = Math.max(span.start_utf16 - from, end), last = Math.min(span.end_utf16 - from, text.length);
    if (first >= last) continue;
    shown.append(text.slice(end, first), make("mark", { part: "mark" }, text.slice(first, last)));
    end = last;
  }
  shown.append(text.slice(end));
  return shown;
}

/** The short name, marked where the query matches it. */
export function markedShortName(org, spans) {
  const short = shortName(org);
  return marked(short, spans, Math.max(org.name.indexOf(short), 0));
}

/** The full name, its beginning and end that all names share in a quieter colour. */
export function fullName(org) {
  const short = shortName(org), at = org.name.indexOf(short);
  if (at < 0) return bdi(org.name);
  const quiet = (text) => make("span", { class: "quiet" }, text);
  return bdi(quiet(org.name.slice(0, at)), short, quiet(org.name.slice(at + short.length)));
}

/** The nearest organizations above, and before them the one that tells this organization from others of its name. */
export function pathSteps(org, nearest = 2) {
  const path = org.path || [];
  const steps = path.slice(-nearest);
  const telling = org.display?.startsWith(org.name + "（") ? org.display.slice(org.name.length + 1, -1) : "";
  const teller = telling && path.find((step) => shortName(step) === telling);
  return teller && !steps.includes(teller) ? [teller, ...steps] : steps;
}
