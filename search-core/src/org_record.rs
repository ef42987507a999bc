//! One organization with all its fields.

use crate::index::disambiguator::Disambiguator;
use crate::index::records::Records;
use crate::text::normalize::NormalizedText;
use index_data::model::{HomeSystem, LevelOrder, Ordinal, OrgKind, OrgStatus};

/// Everything the engine knows of one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgRecord {
    /// Its id.
    pub id: String,
    /// Its official name.
    pub name: String,
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
    /// Other columns of the export: `(column, value)`.
    pub attributes: Vec<(String, String)>,
    /// How many organizations stand directly below it.
    pub children: u64,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathStep {
    /// The organization's id.
    pub id: String,
    /// Its official name.
    pub name: String,
}

impl OrgRecord {
    /// Reads an organization.
    pub(crate) fn read(records: &Records, ordinal: Ordinal) -> OrgRecord {
        let details = records.details(ordinal);
        OrgRecord {
            id: records.id(ordinal).to_owned(),
            name: records.name(ordinal).to_owned(),
            display: display_name(records, ordinal),
            path: path_of(records, ordinal),
            kind: records.kind(ordinal),
            system: records.inherited_system(ordinal),
            region: records.inherited_region(ordinal).map(str::to_owned),
            status: records.status(ordinal),
            members: records.members(ordinal),
            aliases: details.aliases,
            former_names: details.former_names,
            successor_id: records.successor(ordinal).map(|successor| records.id(successor).to_owned()),
            attributes: details.attributes,
            children: records.hierarchy().children(ordinal).count() as u64,
        }
    }
}

/// The organizations above, the root first.
fn path_of(records: &Records, ordinal: Ordinal) -> Vec<PathStep> {
    let step = |above| PathStep { id: records.id(above).to_owned(), name: records.name(above).to_owned() };
    let mut path: Vec<PathStep> = records.ancestors(ordinal).map(step).collect();
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
fn short_name(records: &Records, ordinal: Ordinal) -> String {
    let text = NormalizedText::new(records.name(ordinal));
    match text.raw_chars(&records.core_range(ordinal)) {
        Some(range) => text.raw().chars().skip(range.start).take(range.len()).collect(),
        None => records.name(ordinal).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::search::SearchRequest;
    use crate::search::test_tree::search;

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
