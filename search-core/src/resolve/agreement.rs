//! How a record and an organization's names agree as wholes: which of them are twins.

use super::features::NameAgreement;
use super::query::RecordQuery;
use super::reason::{Agreement, Reason, ReasonField};
use crate::index::layers::Records;
use crate::search::rank::{FieldMatch, RecordMatch, SkippedWords};
use crate::text::forms;
use index_data::model::Ordinal;

/// The weight that other spellings of numbers may cost a name that says the same: 1 for 一.
const SPELLED: f32 = 1.0;
/// Symbols that a name may leave over and still say the same.
const LEFT_OVER: f32 = 0.5;

/// The share of the names above that must be said: 郑州一中 is not 郑州市西一中学.
const SAID_ABOVE: f32 = 0.9;

/// How the name of the record agrees with the organization's names as a whole.
pub(super) fn name_agreement(query: &RecordQuery, org: Ordinal, records: &Records) -> NameAgreement {
    if query.name.is_empty() || query.is_cut {
        return NameAgreement::Partial;
    }
    let is_alias = || records.has_details(org) && holds(&records.details(org).aliases, &query.name);
    if records.normalized(org) == query.name || is_alias() {
        NameAgreement::Official
    } else if records.is_core(org, &query.core) || is_former_name(query, org, records) {
        NameAgreement::Bare
    } else {
        NameAgreement::Partial
    }
}

/// Whether the record says a former name to the letter, perhaps in another form.
pub(super) fn is_former_name(query: &RecordQuery, org: Ordinal, records: &Records) -> bool {
    let is_said = |former: &String| {
        let former = crate::normalize(former);
        former == query.name || (!query.core.is_empty() && former[forms::split(&former).core] == query.core)
    };
    records.has_details(org) && records.details(org).former_names.iter().any(is_said)
}

fn holds(names: &[String], text: &str) -> bool {
    names.iter().any(|name| crate::normalize(name) == text)
}

/// Whether the name says all that the organization's names say, and these all that the name says.
pub(super) fn is_perfect(found: &RecordMatch, above: f32, name: NameAgreement) -> bool {
    let is_found = |field: &FieldMatch| field.missing() == 0.0 && field.corrected() < SPELLED;
    let nothing_skipped =
        found.skipped_own == SkippedWords::default() && found.skipped_above == SkippedWords::default();
    let parent = found.fields.get(1).is_none_or(is_found);
    let says_same = found.fields.first().is_some_and(|name| name.weight > 0.0 && is_found(name));
    parent
        && (name == NameAgreement::Official
            || (says_same
                && above >= SAID_ABOVE
                && found.leftover < LEFT_OVER
                && nothing_skipped
                && found.is_contiguous))
}

/// Whether a record may well be a short form of the organization's names.
pub(super) fn fits_fully(found: &RecordMatch, above: f32) -> bool {
    const LEFT_OVER: f32 = 1.5;
    const SAID_ABOVE: f32 = 0.6;
    let is_found = |field: &FieldMatch| field.missing() == 0.0 && field.corrected() < SPELLED;
    found.fields.iter().take(2).all(is_found)
        && found.fields.first().is_some_and(|name| name.weight > 0.0)
        && above >= SAID_ABOVE
        && found.leftover < LEFT_OVER
        && found.skipped_own.symbols == 0
        && found.skipped_above == SkippedWords::default()
        && found.inside_runs == 0
        && found.backward == 0
        && found.said_twice == 0.0
}

/// Whether something that the record says is not found.
pub(super) fn is_missing_field(reason: &Reason) -> bool {
    reason.agreement == Agreement::Missing && reason.field != ReasonField::Name
}
