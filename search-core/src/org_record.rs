//! One organization with all its fields.

use crate::index::disambiguator::Disambiguator;
use crate::index::layers::Records;
use crate::text::normalize::NormalizedText;
use index_data::model::{HomeSystem, Ordinal, OrgKind, OrgStatus};
use std::borrow::Cow;
use std::ops::Range;

/// Everything the engine knows of one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgRecord {
    /// Its id.
    pub id: String,
    /// Its official name.
    pub name: String,
    /// The official name as it is written, without boilerplate and form words: 北京大学 of
    /// 中国共产主义青年团北京大学委员会. Never empty unless the name is.
    pub short_name: String,
    /// The name with the shortest ancestor that tells it from equal names.
    pub display: String,
    /// The organizations above it, the root first.
    pub path: Vec<PathStep>,
    /// Its kind, if the export says it.
    pub kind: Option<OrgKind>,
    /// Its home system, own or inherited.
    pub system: Option<HomeSystem>,
    /// Its region, own or inherited.
    pub region: Option<String>,
    /// Its status.
    pub status: OrgStatus,
    /// Members in its subtree, if the export says it.
    pub members: Option<u32>,
    /// Other names in use.
    pub aliases: Vec<String>,
    /// Names it had before.
    pub former_names: Vec<String>,
    /// Where its members went, if it was closed or merged and the export says so.
    pub successor_id: Option<String>,
    /// The same with its names.
    pub successor: Option<PathStep>,
    /// Other columns of the export: `(column, value)`.
    pub attributes: Vec<(String, String)>,
    /// How many organizations stand directly below it.
    pub children: u64,
}

/// Another organization, as one names it: a step of a path, or a successor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathStep {
    /// The organization's id.
    pub id: String,
    /// Its official name.
    pub name: String,
    /// Its official name without boilerplate and form words: see [`OrgRecord::short_name`].
    pub short_name: String,
}

impl PathStep {
    fn read(records: &Records, ordinal: Ordinal) -> PathStep {
        PathStep {
            id: records.id(ordinal).to_owned(),
            name: records.name(ordinal).to_owned(),
            short_name: short_name(records, ordinal).into_owned(),
        }
    }
}

impl OrgRecord {
    /// Reads an organization.
    pub(crate) fn read(records: &Records, ordinal: Ordinal) -> OrgRecord {
        let details = records.details(ordinal);
        let successor = records.successor(ordinal).map(|successor| PathStep::read(records, successor));
        OrgRecord {
            id: records.id(ordinal).to_owned(),
            name: records.name(ordinal).to_owned(),
            short_name: short_name(records, ordinal).into_owned(),
            display: display_name(records, ordinal),
            path: path_of(records, ordinal),
            kind: records.kind(ordinal),
            system: records.inherited_system(ordinal),
            region: records.inherited_region(ordinal).map(str::to_owned),
            status: records.status(ordinal),
            members: records.members(ordinal),
            aliases: details.aliases,
            former_names: details.former_names,
            successor_id: successor.as_ref().map(|successor| successor.id.clone()),
            successor,
            attributes: details.attributes,
            children: records.hierarchy().child_count(ordinal),
        }
    }
}

/// The organizations above, the root first.
fn path_of(records: &Records, ordinal: Ordinal) -> Vec<PathStep> {
    let mut path: Vec<PathStep> =
        records.ancestors(ordinal).map(|above| PathStep::read(records, above)).collect();
    path.reverse();
    path
}

/// The name alone where no other organization bears it; else with what tells it from the others, see [`Disambiguator`].
fn display_name(records: &Records, ordinal: Ordinal) -> String {
    let name = records.name(ordinal);
    match records.disambiguator(ordinal) {
        Disambiguator::Name => name.to_owned(),
        Disambiguator::Above(above) => format!("{name}（{}）", short_name(records, above)),
        Disambiguator::Kind => {
            let kind = records.kind(ordinal).map(|kind| kind.export_spelling().to_owned());
            format!("{name}（{}）", kind.unwrap_or_default())
        }
        Disambiguator::Id => format!("{name}（{}）", records.id(ordinal)),
    }
}

/// The name without boilerplate, as it is written.
pub(crate) fn short_name(records: &Records, ordinal: Ordinal) -> Cow<'_, str> {
    let (name, core) = (records.name(ordinal), records.core_range(ordinal));
    if records.normalized(ordinal) == name {
        return Cow::Borrowed(name.get(core).unwrap_or(name));
    }
    let text = NormalizedText::new(name);
    let Some(range) = text.raw_chars(&core) else { return Cow::Borrowed(name) };
    let chars: Vec<char> = name.chars().collect();
    Cow::Owned(chars[with_its_brackets(&chars, range)].iter().collect())
}

/// Takes in the brackets beside a range that belong to one inside: brackets are not compared, so a core has none at
/// its ends.
fn with_its_brackets(chars: &[char], range: Range<usize>) -> Range<usize> {
    const BRACKETS: [(char, char); 4] = [('(', ')'), ('（', '）'), ('[', ']'), ('【', '】')];
    let inside = &chars[range.clone()];
    let count = |wanted| inside.iter().filter(|&&c| c == wanted).count();
    let before = range.start.checked_sub(1).map(|at| chars[at]);
    let after = chars.get(range.end).copied();
    let opens = BRACKETS.iter().any(|&(open, close)| before == Some(open) && count(close) > count(open));
    let closes = BRACKETS.iter().any(|&(open, close)| after == Some(close) && count(open) > count(close));
    range.start - usize::from(opens)..range.end + usize::from(closes)
}

#[cfg(test)]
mod tests {
    use super::OrgRecord;
    use crate::Engine;
    use crate::search::SearchRequest;
    use crate::search::test_tree::search;
    use index_data::load::SourceRow;
    use index_data::validate::validate_rows;

    /// The organization `a` with the organization above it, `top`.
    fn read(name: &str, successor: &str) -> OrgRecord {
        let row = |id: &str, name: &str, parent: &str| SourceRow {
            id: id.into(),
            name: name.into(),
            parent_id: parent.into(),
            ..SourceRow::default()
        };
        let org = SourceRow { successor_id: successor.into(), ..row("a", name, "top") };
        let checked = validate_rows([row("top", "共青团北京大学（医学部）委员会", ""), org]);
        let engine = Engine::in_memory(checked.tree.expect("the rows are valid")).expect("it is built");
        engine.org("a").expect("it is in the tree")
    }

    #[test]
    fn short_names_leave_out_what_all_names_share() {
        for (name, short) in [
            ("中国共产主义青年团北京大学委员会", "北京大学"),
            ("共青团北京市海淀区工作委员会", "北京市海淀区"),
            ("2024级1班团支部", "2024级1班"),
            ("高一（3）班团支部", "高一（3）班"),
            ("中国共产主义青年团北京大學(醫學部)委員會", "北京大學(醫學部)"),
            ("（临时）法学院团总支", "（临时）法学院"),
            ("团支部", "团支部"),
        ] {
            assert_eq!(read(name, "").short_name, short, "{name}");
        }
    }

    #[test]
    fn paths_and_successors_say_short_names() {
        let org = read("法学院团支部", "top");
        assert_eq!(org.path[0].short_name, "北京大学（医学部）");
        assert_eq!(org.successor_id.as_deref(), Some("top"));
        assert_eq!(org.successor.as_ref(), Some(&org.path[0]));
        assert_eq!(read("法学院团支部", "").successor, None);
    }

    #[test]
    fn equal_names_are_shown_with_what_tells_them_apart() {
        for (query, displays) in [
            ("团委办公室团支部", vec!["团委办公室团支部（东北大学）", "团委办公室团支部（清华大学）"]),
            ("科春社区团支部", vec!["科春社区团支部"]),
        ] {
            let hits = search(&SearchRequest::new(query)).hits;
            let found: Vec<&str> = hits.iter().map(|hit| hit.org.display.as_str()).collect();
            assert_eq!(found, displays, "{query}");
        }
    }
}
