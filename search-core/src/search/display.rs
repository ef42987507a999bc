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
