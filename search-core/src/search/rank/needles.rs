//! Where the parts of the query stand in names as they were typed.

use super::span::{NameField, Span};
use crate::index::layers::Records;
use crate::number_hash::NumberHash;
use index_data::model::Ordinal;
use memchr::memmem::Finder;
use std::collections::HashMap;
use std::ops::Range;

/// Where one needle stands as it was typed.
pub(super) struct Occurrence {
    /// In one of the organization's own names.
    pub(super) own: Option<Span>,
    /// Whether a name above holds it.
    pub(super) is_above: bool,
}

impl Occurrence {
    pub(super) fn is_found(&self) -> bool {
        self.own.is_some() || self.is_above
    }
}

/// Finds the needles of one query. Remembers what the names above hold.
pub(super) struct NeedleFinder<'a> {
    finders: Vec<Finder<'a>>,
    held_above: HashMap<Ordinal, Vec<bool>, NumberHash>,
}

impl<'a> NeedleFinder<'a> {
    pub(super) fn new(needles: &'a [String]) -> Self {
        NeedleFinder { finders: needles.iter().map(Finder::new).collect(), held_above: HashMap::default() }
    }

    /// For each needle where it stands in the names of an organization, and above it.
    pub(super) fn find(&mut self, records: &Records, ordinal: Ordinal) -> Vec<Occurrence> {
        let occurrence = |finder| Occurrence { own: find_own(records, ordinal, finder), is_above: false };
        let mut occurrences: Vec<Occurrence> = self.finders.iter().map(occurrence).collect();
        for above in records.ancestors(ordinal) {
            let holds =
                || self.finders.iter().map(|finder| find_own(records, above, finder).is_some()).collect();
            let held = self.held_above.entry(above).or_insert_with(holds);
            for (occurrence, &is_held) in occurrences.iter_mut().zip(held.iter()) {
                occurrence.is_above |= is_held;
            }
        }
        occurrences
    }
}

/// Where one of the organization's own names holds a text.
fn find_own(records: &Records, ordinal: Ordinal, needle: &Finder<'_>) -> Option<Span> {
    let own = best_occurrence(records.normalized_bytes(ordinal), needle, &records.core_range(ordinal));
    own.map(|range| Span { field: NameField::Name, range })
        .or_else(|| find_in_other_names(records, ordinal, needle))
}

/// The occurrence that cuts no number and, among those, the one at the beginning or end of the core, else the first.
fn best_occurrence(name: &[u8], needle: &Finder<'_>, core: &Range<usize>) -> Option<Range<usize>> {
    let ranges = needle.find_iter(name).map(|start| start..start + needle.needle().len());
    ranges.min_by_key(|range| {
        let at_edge = range.start == core.start || range.end == core.end;
        (cuts_number(name, range), !at_edge, range.start)
    })
}

fn find_in_other_names(records: &Records, ordinal: Ordinal, needle: &Finder<'_>) -> Option<Span> {
    if !records.has_details(ordinal) {
        return None;
    }
    let details = records.details(ordinal);
    let find = |names: &[String], field: fn(usize) -> NameField| {
        names.iter().enumerate().find_map(|(at, name)| {
            let start = needle.find(crate::normalize(name).as_bytes())?;
            Some(Span { field: field(at), range: start..start + needle.needle().len() })
        })
    };
    find(&details.aliases, NameField::Alias).or_else(|| find(&details.former_names, NameField::FormerName))
}

/// Whether a span begins or ends inside a number.
fn cuts_number(name: &[u8], span: &Range<usize>) -> bool {
    let digit = |at: Option<usize>| at.and_then(|at| name.get(at)).is_some_and(u8::is_ascii_digit);
    (digit(Some(span.start)) && digit(span.start.checked_sub(1)))
        || (digit(span.end.checked_sub(1)) && digit(Some(span.end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_occurrence_cuts_no_number_and_lies_at_an_end_of_the_core() {
        let rows = [
            ("北京大学北京校区", "北京", 0..18, Some(0..6)),
            ("北京大学北京校区", "北京", 12..24, Some(12..18)),
            ("11班1班", "1班", 0..9, Some(5..9)),
            ("北京大学", "南京", 0..12, None),
        ];
        for (name, needle, core, expected) in rows {
            let found = best_occurrence(name.as_bytes(), &Finder::new(needle), &core);
            assert_eq!(found, expected, "{name} {needle}");
        }
    }
}
