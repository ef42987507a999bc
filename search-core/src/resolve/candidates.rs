//! Candidates that need no search: those of the id, and the bearers of the very name.

use super::compare::{Comparer, Comparison};
use super::features::NameAgreement;
use super::query::RecordQuery;
use super::reason::{Agreement, ReasonField};
use super::record::{Record, said};
use crate::index::records::Records;
use index_data::model::Ordinal;

/// Bearers of one name that are compared without a search: of more, a parent or a region tells them apart.
const MAX_BEARERS: usize = 32;
/// The weight of a name from which on it is taken for a whole name where it leaves prefix and form out: 第一中学 is the
/// bare name of some school, and what many people call others.
const SAYS_ALL: f32 = 40.0;

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
    let mut found: Vec<Ordinal> = Vec::new();
    for ordinal in official.chain(bare) {
        if !found.contains(&ordinal) {
            found.push(ordinal);
        }
        if found.len() > MAX_BEARERS {
            return Vec::new();
        }
    }
    found
}

/// Whether the bearers of the name are all that can be meant: one of them agrees with whatever the record says.
pub(super) fn is_settled(compared: &[Comparison], known: Option<Ordinal>, comparer: &Comparer<'_>) -> bool {
    compared.iter().any(|comparison| {
        let is_known = Some(comparison.ordinal()) == known;
        let is_named = match comparison.name {
            NameAgreement::Official => true,
            NameAgreement::Bare => comparer.weight >= SAYS_ALL,
            NameAgreement::Partial => false,
        };
        let is_open = comparison.reasons.iter().any(|reason| {
            reason.agreement == Agreement::Missing
                && matches!(reason.field, ReasonField::Parent | ReasonField::Region)
        });
        comparison.is_possible() && (is_known || is_named) && !is_open
    })
}
