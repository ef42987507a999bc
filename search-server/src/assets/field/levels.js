// The way from a committee down to a branch: the levels that the tree has, and years or grades where classes are many.

import { shortName } from "./names.js";

const GRADES = "〇一二三四五六";

/** So many branches are a list that one looks through; more are divided by year first. */
const LONGEST_LIST = 12;

/**
 * Whether a member can stop there: what has nothing below it. A general branch that is registered as a branch has; what
 * is known by id and name alone is believed to be what it says.
 */
export function isBranch(org) {
  const below = org.descendants ?? org.children_count;
  return below === undefined ? org.kind === "branch" : below === 0;
}

/**
 * What is chosen next below an organization: `{kind, entries}`. An entry is `{org}` or `{cohort, orgs}`, the classes of
 * one year or grade. Few children stay as they are, so that nobody taps twice where once is enough.
 */
export function nextLevel(children) {
  const cohorts = new Map();
  const others = [];
  for (const child of children) {
    const cohort = isBranch(child) ? cohortOf(child) : "";
    if (cohort) cohorts.set(cohort, [...(cohorts.get(cohort) || []), child]);
    else others.push(child);
  }
  const units = children.some((child) => !isBranch(child));
  if (children.length <= LONGEST_LIST || cohorts.size < 2) {
    return { kind: units ? "unit" : "branch", entries: children.map((org) => ({ org })) };
  }
  const divided = [...cohorts].map(([cohort, orgs]) => ({ cohort, orgs })).sort(byCohort);
  return { kind: units ? "unit" : "cohort", entries: [...others.filter((org) => !isBranch(org)).map((org) => ({ org })), ...divided, ...rest(others)] };
}

/**
 * The entries of a level that a number typed there means: 25 or 5 the year 2025, 3 the class 3 or the third grade. Those
 * that it only begins come after, then names that hold it and have no number of their own.
 */
export function numbered(entries, text) {
  const [, digits] = /^0*(\d{1,4})(级|届|班|年级)?$/.exec(text.trim()) || [];
  if (!digits) return [];
  const rank = (entry) => {
    const number = numberOf(entry);
    if (!number) return entry.org && shortName(entry.org).includes(digits) ? 2 : 3;
    if (number === digits || (number.length === 4 && number.endsWith(digits))) return 0;
    return number.startsWith(digits) ? 1 : 3;
  };
  return [0, 1, 2].flatMap((wanted) => entries.filter((entry) => rank(entry) === wanted));
}

/** The year or grade of a cohort or the number of a class, as digits. */
function numberOf({ cohort, org }) {
  const number = cohort ? parseInt(cohort, 10) || GRADES.indexOf(/[一二三四五六]/.exec(cohort)?.[0]) : org?.class?.number;
  return number > 0 ? String(number) : "";
}

/** Branches that name no year, together if they are many. */
function rest(others) {
  const orgs = others.filter(isBranch);
  return orgs.length > 3 ? [{ cohort: "", orgs }] : orgs.map((org) => ({ org }));
}

function cohortOf(org) {
  if (org.class?.grade) return org.class.grade;
  return org.class?.year ? `${org.class.year}级` : "";
}

/** Grades stay in the order of the tree, before years, the newest of which comes first. */
function byCohort(a, b) {
  const year = ({ cohort }) => parseInt(cohort, 10) || Infinity;
  const [first, second] = [year(a), year(b)];
  return first === second ? 0 : second - first;
}
