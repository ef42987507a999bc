// What the field says, in Chinese and English.

const ZH = {
  label: "转入的组织", placeholder: "名称、简称或拼音", clear: "清除", list: "建议", searching: "正在查找…",
  count: (shown, total, more) => `${shown} 条建议${total ? `，共${more ? "超过" : ""} ${total} 条` : ""}，用上下键选择`,
  all: (total, more) => `查看全部 ${more ? "超过 " : ""}${total} 个结果`, more: "再显示一些",
  none: "没有找到这样的组织。", unfinished: "请再输入几个字母。", unmatched: (text) => `“${text}”没有对应的组织名称。`,
  tip: "可以只写最特别的几个字，或上级单位的名称。", tooLong: (limit) => `超过 ${limit} 个字了，请只留下组织的名称。`,
  taken: (text) => `从粘贴的文字里取了“${text}”。`, nothingTaken: "粘贴的文字里没有认出组织名称。",
  chips: (names) => `可以缩小范围：${names}`, narrow: "缩小范围：", within: "范围：", remove: "去掉范围",
  offline: "网络断开了，已输入的内容不会丢失，恢复后自动再查。", busy: "查询的人太多，稍后自动再试。",
  failed: "暂时查不到，已输入的内容不会丢失，恢复后自动再查。", retry: "再试一次", refused: "这样查不了：请换一个写法，或联系这个页面的管理员。",
  cut: (most) => `组织很多，这里只列出前 ${most} 个；其余的请输入名称查找。`,
  required: "请选择一个组织。", pick: "请从列表中选择一个组织。", pickBranch: "请选到团支部。", unknownValue: "没有这个编号的组织。",
  chosen: (name) => `已选择：${name}`, similar: "近似", formerName: "曾用名：", alias: "又名：",
  mergedInto: (name) => `已并入 ${name}`, moved: (former, name) => `“${former}”已并入“${name}”，已为你选择后者。`,
  gone: (name) => `“${name}”已不再接收团员，也没有登记继任组织；请先向上级团组织询问。`,
  merged: "已合并", closed: "已撤销", graduated: "已毕业",
  nextUnit: "选择下一级", nextCohort: "选择年级", nextBranch: "选择团支部", others: "其他",
  searchIn: (name) => `在“${name}”中查找`, below: (count) => `下有 ${count} 个组织`,
  unknownBranch: "我不知道班级或支部", notBranch: (name) => `还没有选到团支部。请先向“${name}”问清你的支部名称。`,
  browse: "按层级浏览", tree: "组织树", choose: "选择", recent: "最近选择", forget: "清除最近选择",
  missing: "找不到？", missingTell: "请把学校或单位的全称、上级组织、班级或支部的名称告诉：", missingNobody: "请向你的上级团组织询问，并说明学校或单位的全称、班级或支部的名称。",
  leading_body: "领导机关", committee: "团委", work_committee: "团工委", general_branch: "团总支", branch: "团支部",
  zhtj: "智慧团建", beijing: "北京系统", guangdong: "广东系统", fujian: "福建系统",
};

const EN = {
  label: "Organization", placeholder: "Name, short form or pinyin", clear: "Clear", list: "Suggestions", searching: "Searching…",
  count: (shown, total, more) => `${shown} ${total ? `of ${more ? "more than " : ""}${total} ` : ""}suggestions; choose with the arrow keys`,
  all: (total, more) => `Show all ${more ? "more than " : ""}${total} results`, more: "Show more",
  none: "No such organization was found.", unfinished: "Type a few more letters.", unmatched: (text) => `“${text}” is in no organization's name.`,
  tip: "Try only the most distinctive words, or the name of a unit above it.",
  tooLong: (limit) => `More than ${limit} characters; keep only the name of the organization.`,
  taken: (text) => `Taken from what you pasted: “${text}”.`, nothingTaken: "What you pasted names no organization that is known here.",
  chips: (names) => `Can be narrowed to: ${names}`, narrow: "Narrow down:", within: "Within:", remove: "Remove this limit",
  offline: "You are offline. What you typed is kept; the search goes on when you are back.",
  busy: "Too many people are asking; trying again shortly.",
  failed: "The search cannot be reached. What you typed is kept; it is tried again by itself.", retry: "Try again", refused: "This cannot be searched: write it differently, or tell the administrator of this page.",
  cut: (most) => `There are many; these are the first ${most}. Type a name to find the others.`,
  required: "Choose an organization.", pick: "Choose an organization from the list.", pickBranch: "Choose a branch.",
  unknownValue: "No organization has this id.",
  chosen: (name) => `Chosen: ${name}`, similar: "similar", formerName: "Former name: ", alias: "Also called: ",
  mergedInto: (name) => `merged into ${name}`, moved: (former, name) => `“${former}” was merged into “${name}”, which is chosen for you.`,
  gone: (name) => `“${name}” takes no members any more and names no successor; ask the organization above it.`,
  merged: "merged", closed: "closed", graduated: "graduated",
  nextUnit: "Choose the unit", nextCohort: "Choose the year", nextBranch: "Choose the branch", others: "Others",
  searchIn: (name) => `Search in “${name}”`, below: (count) => `${count} organizations below`,
  unknownBranch: "I do not know the class or branch",
  notBranch: (name) => `No branch is chosen yet. Ask “${name}” for the name of your branch first.`,
  browse: "Browse the tree", tree: "Organizations", choose: "Choose", recent: "Chosen recently", forget: "Forget these",
  missing: "Not found?", missingTell: "Tell the full name of the school or employer, the organization above, and the class or branch to:",
  missingNobody: "Ask the League organization above yours; tell it the full name of the school or employer and the class or branch.",
  leading_body: "leading body", committee: "committee", work_committee: "work committee", general_branch: "general branch",
  branch: "branch", zhtj: "national system", beijing: "Beijing system", guangdong: "Guangdong system", fujian: "Fujian system",
};

/** The texts for a language tag; Chinese unless it is English. */
export const textsFor = (tag) => (tag.toLowerCase().startsWith("en") ? EN : ZH);

/** The tag to ask the service in. */
export const languageOf = (texts) => (texts === EN ? "en" : "zh-CN");
