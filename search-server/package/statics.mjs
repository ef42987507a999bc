// A rule for ESLint: functions of built-in objects and of the web's interfaces (`Object.groupBy`, `URL.canParse`), of
// which eslint-plugin-compat knows only some.
import { createRequire } from "node:module";
import { lacking } from "./support.mjs";

const { api, javascript } = createRequire(import.meta.url)("@mdn/browser-compat-data");

function known(object, property) {
  const feature = javascript.builtins[object]?.[property] ?? api[object]?.[`${property}_static`];
  return feature?.__compat;
}

export default {
  meta: { type: "problem", schema: [] },
  create: (context) => ({
    "MemberExpression[object.type='Identifier'][property.type='Identifier']"(node) {
      if (node.computed || node.optional) return;
      const browsers = lacking(known(node.object.name, node.property.name));
      if (browsers.length > 0) context.report({ node, message: `${node.object.name}.${node.property.name} is not in ${browsers.join(", ")}` });
    },
  }),
};
