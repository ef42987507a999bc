// A rule for stylelint: what browser-compat-data knows of properties, values, functions, selectors and at-rules, against
// the browsers of package.json. caniuse, which the other rule asks, knows neither `light-dark()` nor `field-sizing`.
import { createRequire } from "node:module";
import stylelint from "stylelint";
import { oldestBrowsers } from "./bundle.mjs";

const { css } = createRequire(import.meta.url)("@mdn/browser-compat-data");
const BROWSERS = { chrome: "chrome", edge: "edge", firefox: "firefox", safari: "safari", ios_saf: "safari_ios" };
const NAME = "orgsearch/browser-support";
const messages = stylelint.utils.ruleMessages(NAME, {
  rejected: (feature, browsers) => `${feature} is not in ${browsers}`,
  unguarded: (feature) => `${feature} must stand below @supports, or after the same property without it`,
});

/** Functions and keywords of all types of values. */
const types = new Map();
function collect(node) {
  for (const [name, below] of Object.entries(node)) {
    if (name === "__compat") continue;
    if (below.__compat) types.set(name, below.__compat);
    collect(below);
  }
}
collect(css.types);

function hasFrom(statements, version) {
  return [statements].flat().some((statement) => !statement?.flags && !statement?.prefix && !statement?.alternative_name
    && !statement?.partial_implementation && Number.parseFloat(String(statement?.version_added).replace("≤", "")) <= version);
}

/** The browsers that lack a feature, empty also where nothing is known of it. */
export function lacking(compat) {
  if (!compat) return [];
  return [...oldestBrowsers()].filter(([name, version]) => !hasFrom(compat.support[BROWSERS[name]], version)).map(([name, version]) => `${name} ${version}`);
}

/** What one piece of CSS uses: [feature, what is known of it]. */
function* featuresOf(node) {
  if (node.type === "atrule") {
    yield [`@${node.name}`, css["at-rules"][node.name]?.__compat];
  } else if (node.type === "rule") {
    for (const [, name] of node.selector.matchAll(/::?([a-z-]+)/g)) yield [`:${name}`, css.selectors[name]?.__compat];
  } else if (node.type === "decl") {
    const property = css.properties[node.prop];
    yield [node.prop, property?.__compat];
    for (const [, name] of node.value.matchAll(/(?<![\w-])([a-z][a-z-]*)\(/g)) yield [`${name}()`, types.get(name)];
    for (const [, name] of node.value.matchAll(/(?<![\w-(])([a-z][a-z-]*)(?![\w(-])/g)) yield [`${node.prop}: ${name}`, property?.[name]?.__compat];
  }
}

function isBelowSupports(node, feature) {
  for (let above = node.parent; above; above = above.parent) {
    if (above.type === "atrule" && above.name === "supports" && above.params.includes(feature.replace("()", "("))) return true;
  }
  return false;
}

// A custom property takes every value, so an earlier one is no fallback for it.
function followsFallback(node, feature) {
  if (node.type !== "decl" || node.prop.startsWith("--")) return false;
  return node.parent.nodes.some((other) => other.type === "decl" && other.prop === node.prop
    && node.parent.index(other) < node.parent.index(node) && !other.value.includes(feature.replace("()", "(")));
}

const rule = (enabled, { allowed = {}, guarded = {} } = {}) => (root, result) => {
  if (!enabled) return;
  root.walk((node) => {
    for (const [feature, compat] of featuresOf(node)) {
      const browsers = lacking(compat);
      if (browsers.length === 0 || feature in allowed || isBelowSupports(node, feature)) continue;
      const isGuarded = feature in guarded;
      if (isGuarded && followsFallback(node, feature)) continue;
      const message = isGuarded ? messages.unguarded(feature) : messages.rejected(feature, browsers.join(", "));
      stylelint.utils.report({ ruleName: NAME, result, node, message });
    }
  });
};
rule.ruleName = NAME;
rule.messages = messages;

export default stylelint.createPlugin(NAME, rule);
