//! Candidates that need no search: those of the id, and the bearers of the exact name.

use super::compare::{Comparer, Comparison};
use super::features::NameAgreement;
use super::query::RecordQuery;
use super::record::{Record, said};
use super::units::few;
use crate::index::layers::Records;
use index_data::model::Ordinal;

/// The organization with the id that the record says.
pub(super) fn by_code(record: &Record, records: &Records) -> Option<Ordinal> {
    records.find_id(said(record.code.as_deref())?)
}

/// Organizations whose official name, alias, former name or bare name is the record's; none if there are many.
pub(super) fn by_name(query: &RecordQuery, records: &Records) -> Vec<Ordinal> {
    if query.name.is_empty() || query.is_cut {
        return Vec::new();
    }
    let official = records.find_name(&query.name).chain(records.find_alias(&query.name));
    let bare = records.find_core(&query.core).chain(records.find_former_name(&query.name));
    few(official.chain(bare))
}

/// Whether a search is not needed: one of the bearers has the id of the record, or an official name that says where it is
/// and agrees with whatever else the record says. Names that do not say it are borne by others too, spelled out by
/// their paths.
pub(super) fn is_settled(compared: &[Comparison], known: Option<Ordinal>, comparer: &Comparer<'_>) -> bool {
    compared.iter().any(|comparison| {
        let is_known = Some(comparison.ordinal()) == known;
        let is_named =
            comparison.name == NameAgreement::Official && comparer.says_place && comparison.is_perfect;
        comparison.is_possible() && (is_known || is_named)
    })
}
