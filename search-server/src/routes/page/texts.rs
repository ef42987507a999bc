//! The words of the page, in one table.

use crate::language::{Language, Text};
use search_core::MatchReason;

macro_rules! texts {
    ($($name:ident = $zh:literal | $en:literal;)+) => {
        $(pub(super) const $name: Text = Text { zh: $zh, en: $en };)+
    };
}

texts! {
    TITLE = "团组织查询与转接" | "League organization search and transfer";
    OTHER_LANGUAGE = "English" | "中文";
    FROM = "你现在所在的系统" | "The system you are in now";
    FROM_NONE = "请选择" | "Choose";
    FORGET = "清除本机记住的系统" | "Forget the system on this device";
    LABEL = "转入的组织：名称、名称的一部分、拼音或编号" | "Where to transfer: a name, part of it, pinyin, or an id";
    PLACEHOLDER = "学校、院系、班级，或街道、社区" | "School, college, class; or street, community";
    SUBMIT = "查询" | "Search";
    INTRO = "不必写全称：输入名称的几部分，用空格隔开，顺序不限；上级组织的名称也可以。"
        | "Type parts of the name, separated by spaces, in any order. Names of organizations above it count as well.";
    EXAMPLES = "试试这些" | "Try one of these";
    CHOOSE = "转入这个组织" | "Transfer to this organization";
    CHOSEN = "你选择的组织" | "Your choice";
    COPY_NAME = "复制全称" | "Copy full name";
    COPY_ID = "复制编号" | "Copy id";
    COPIED = "已复制" | "Copied";
    COPY = "复制" | "Copy";
    COPY_STEPS = "复制全部步骤" | "Copy all steps";
    BELOW = "选择你的支部" | "Choose your branch";
    GONE = "这个组织已不再接收团员，也没有登记继任组织；请先向上级团组织询问。" | "This organization takes no members any more and names no successor; ask the organization above it first.";
    MOVED = "“{former}”已合并或撤销，这里是它的继任组织。" | "“{former}” was merged or closed; this is its successor.";
    BELOW_COUNT = "下级组织 {count} 个" | "{count} organizations below";
    SHARE = "转发" | "Share";
    SHARE_LINK = "链接和二维码" | "Link and QR code";
    SHARED = "转入的组织" | "The organization to transfer to";
    SHOW_GUIDE = "查看转接步骤" | "Show the steps";
    COPY_LINK = "复制链接" | "Copy link";
    QR = "这个页面的二维码" | "QR code of this page";
    NOT_FOUND = "找不到？" | "Not found?";
    NOT_FOUND_TELL = "把你知道的学校、院系、班级或街道、社区的名称发给：" | "Send the names that you know (school, college, class, street, community) to: ";
    GUIDE = "怎样转入" | "How to transfer";
    ASK_FROM = "选择你现在所在的系统，这里就会写出转接的步骤。" | "Choose the system you are in now to see the steps.";
    PROVINCE = "“转入组织属于哪个省”" | "转入组织属于哪个省 (province of the target)";
    NOT_STATED = "公开说明没有写" | "not stated in public";
    WARNINGS = "请注意" | "Please note";
    SOURCE = "依据：" | "Sources: ";
    WITHIN = "范围：" | "Within: ";
    EVERYWHERE = "在全部组织中查询" | "Search all organizations";
    FOUND = "共找到 {count} 个组织" | "{count} organizations found";
    FOUND_AT_LEAST = "找到至少 {count} 个组织" | "At least {count} organizations found";
    NONE_FOUND = "没有找到组织。请检查错别字，或只写名称中最特别的几个字。"
        | "No organization found. Check the spelling, or type only the most distinctive words of the name.";
    TRUNCATED = "查询范围很大，结果可能不完整。" | "The query is very broad; results may be incomplete.";
    NEXT = "下一页" | "Next page";
    FIRST = "回到第一页" | "Back to the first page";
    PATH = "上级组织" | "Organizations above";
    ID = "编号" | "id";
    GENERATION = "索引版本" | "Index generation";
}

/// Codes of the model in words. Words outside the contract are shown as they are.
const CODES: &[(&str, Text)] = &[
    ("leading_body", Text { zh: "领导机关", en: "leading body" }),
    ("committee", Text { zh: "团委", en: "committee" }),
    ("work_committee", Text { zh: "团工委", en: "work committee" }),
    ("general_branch", Text { zh: "团总支", en: "general branch" }),
    ("branch", Text { zh: "团支部", en: "branch" }),
    ("zhtj", Text { zh: "智慧团建", en: "national system (智慧团建)" }),
    ("beijing", Text { zh: "北京共青团线上系统", en: "Beijing system" }),
    ("guangdong", Text { zh: "广东智慧团建", en: "Guangdong system" }),
    ("fujian", Text { zh: "福建共青团系统", en: "Fujian system" }),
    ("active", Text { zh: "正常", en: "active" }),
    ("graduated", Text { zh: "毕业", en: "graduated" }),
    ("closed", Text { zh: "已撤销", en: "closed" }),
    ("merged", Text { zh: "已合并", en: "merged" }),
];

/// A kind, system or status in words.
pub(super) fn word(code: &str, language: Language) -> &str {
    CODES.iter().find(|(known, _)| *known == code).map_or(code, |(_, text)| text.in_language(language))
}

/// The reason of a match in words.
pub(super) fn reason(reason: MatchReason, language: Language) -> &'static str {
    let text = match reason {
        MatchReason::Id => Text { zh: "编号相同", en: "id" },
        MatchReason::Exact => Text { zh: "全称相同", en: "exact name" },
        MatchReason::Alias => Text { zh: "简称相同", en: "alias" },
        MatchReason::FormerName => Text { zh: "曾用名", en: "former name" },
        MatchReason::Substring => Text { zh: "名称包含", en: "part of the name" },
        MatchReason::Words => Text { zh: "名称含各词", en: "words of the name" },
        MatchReason::Path => Text { zh: "名称与上级", en: "name and path" },
        MatchReason::ShortForm => Text { zh: "缩写", en: "short form" },
        MatchReason::Pinyin => Text { zh: "拼音", en: "pinyin" },
        MatchReason::Corrected => Text { zh: "近似", en: "similar" },
    };
    text.in_language(language)
}
