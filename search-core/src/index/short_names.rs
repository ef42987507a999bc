//! Which organizations a short name of the lexicon stands for: 上交 for 上海交通大学.
//!
//! A short name serves its bearer and all below it as an alias does, but no export says it, so it is not shown as one.

use index_data::lexicon::{self, NamedKind};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The rows of the lexicon, normalized.
#[derive(Default)]
struct ShortNames {
    /// Full name -> what people say for it.
    shorts_of: HashMap<String, Vec<Short>>,
    /// Short name -> what it stands for, the most usual first.
    fulls_of: HashMap<String, Vec<String>>,
}

struct Short {
    name: &'static str,
    kind: NamedKind,
}

static SHORT_NAMES: LazyLock<ShortNames> = LazyLock::new(|| {
    let mut names = ShortNames::default();
    for row in lexicon::short_names() {
        let (short, full) = (crate::normalize(row.short), crate::normalize(row.full));
        let of_full = names.shorts_of.entry(full.clone()).or_default();
        of_full.push(Short { name: row.short, kind: row.kind });
        names.fulls_of.entry(short).or_default().push(full);
    }
    names
});

static REGION_ENDS: LazyLock<Vec<char>> = LazyLock::new(|| lexicon::region_ends().collect());
static COMPANY_ENDS: LazyLock<Vec<String>> =
    LazyLock::new(|| lexicon::company_ends().map(crate::normalize).collect());

/// The short names of an organization, by its core and by what that adds to the names above it, each once. Regions
/// before the name and, for groups, the form of the company behind it do not matter.
pub(super) fn of_org(core: &str, added: &str) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    let mut take = |full: &str, allows: fn(NamedKind) -> bool| {
        for short in SHORT_NAMES.shorts_of.get(full).into_iter().flatten() {
            if allows(short.kind) && !found.contains(&short.name) {
                found.push(short.name);
            }
        }
    };
    take(core, |_| true);
    for name in std::iter::once(added).chain(without_regions(core)) {
        // 杭州电子科技大学 is another university than 电子科技大学.
        take(name, |kind| kind != NamedKind::University);
        let group = without_company_ends(name);
        if group.len() < name.len() {
            take(group, |kind| kind == NamedKind::Group);
        }
    }
    found
}

/// A name, and what of it stands behind each region that it may begin with.
fn without_regions(name: &str) -> impl Iterator<Item = &str> {
    /// Characters among which regions end: 新疆维吾尔自治区伊犁哈萨克自治州.
    const REGION_CHARS: usize = 16;
    let ends = name.char_indices().take(REGION_CHARS).filter(|(at, c)| *at > 0 && REGION_ENDS.contains(c));
    std::iter::once(name).chain(ends.map(|(at, c)| &name[at + c.len_utf8()..]))
}

fn without_company_ends(name: &str) -> &str {
    let mut left = name;
    while let Some(shorter) = COMPANY_ENDS.iter().find_map(|end| left.strip_suffix(end.as_str())) {
        left = shorter;
    }
    left
}

/// What a normalized short name stands for, the most usual first; nothing where it is none.
pub(crate) fn fulls(short: &str) -> &'static [String] {
    SHORT_NAMES.fulls_of.get(short).map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organizations_bear_the_short_names_of_their_full_names() {
        for (core, added, short, is_borne) in [
            ("上海交通大学", "上海交通大学", "上交", true),
            ("上海交通大学医学院", "医学院", "上交", false),
            ("四川省成都市第七中学", "第七中学", "成都七中", true),
            ("上海市浦东新区", "浦东新区", "浦东", true),
            ("招商银行股份有限公司", "招商银行股份有限公司", "招行", true),
            ("中国地质大学北京", "中国地质大学北京", "地大", true),
            ("上交村", "上交村", "上交", false),
            ("杭州电子科技大学", "杭州电子科技大学", "成电", false),
            ("", "", "上交", false),
        ] {
            assert_eq!(of_org(core, added).contains(&short), is_borne, "{core} {short}");
        }
    }

    #[test]
    fn what_a_short_name_stands_for_comes_in_the_order_of_the_lexicon() {
        assert_eq!(fulls("国科大"), ["中国科学院大学", "国防科技大学"]);
        assert!(fulls("国科技").is_empty());
    }
}
