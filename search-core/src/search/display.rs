//! The name with the shortest ancestor that tells it from equal names.

use crate::index::disambiguator::Disambiguator;
use crate::index::records::Records;
use index_data::model::Ordinal;

/// The name alone where no other organization bears it; else with what tells it from the others, see [`Disambiguator`].
pub(crate) fn display_name(records: &Records, ordinal: Ordinal) -> String {
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
    let text = crate::text::normalize::NormalizedText::new(records.name(ordinal));
    match text.raw_chars(&records.core_range(ordinal)) {
        Some(range) => text.raw().chars().skip(range.start).take(range.len()).collect(),
        None => records.name(ordinal).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::search::request::SearchRequest;
    use crate::search::test_tree::search;

    #[test]
    fn equal_names_are_shown_with_what_tells_them_apart() {
        for (query, displays) in [
            ("团委办公室团支部", vec!["团委办公室团支部（东北大学）", "团委办公室团支部（清华大学）"]),
            ("科春社区团支部", vec!["科春社区团支部"]),
        ] {
            let hits = search(&SearchRequest::new(query)).hits;
            let found: Vec<&str> = hits.iter().map(|hit| hit.display.as_str()).collect();
            assert_eq!(found, displays, "{query}");
        }
    }
}
