//! Which alias or former name a hit was found by, where its official name does not match.

use super::ScoredOrg;
use super::candidate_text::CandidateText;
use super::needles::Occurrence;
use super::span::NameField;
use crate::index::layers::Records;
use crate::index::name_view::{OtherName, OtherViews};
use crate::search::align::MatchedPiece;
use crate::search::hits::MatchReason;
use crate::search::plan::QueryPlan;
use index_data::model::Details;

/// The name that the query is; else the one that holds a part of the query as it was typed, or a short form, and the
/// official name and those above it do not.
pub(super) fn find(
    org: &ScoredOrg,
    pieces: &[MatchedPiece],
    text: &CandidateText,
    occurrences: &[Occurrence],
    plan: &QueryPlan<'_>,
    records: &Records,
) -> Option<NameField> {
    if text.own.len() <= 1 {
        return None;
    }
    match org.exact_reason {
        Some(reason) => equal_name(reason, &records.details(org.ordinal), plan),
        None => named_as_typed(occurrences).or_else(|| {
            aligned_name(pieces, text).and_then(|at| field(at, &records.other_views(org.ordinal)))
        }),
    }
}

/// Which of the names of its row the view at a place is of; `None`: a short name of the lexicon.
pub(super) fn field(at: usize, views: &OtherViews) -> Option<NameField> {
    match views.name_at(at) {
        OtherName::Alias(at) => Some(NameField::Alias(at)),
        OtherName::FormerName(at) => Some(NameField::FormerName(at)),
        OtherName::ShortName => None,
    }
}

/// The name that was found to be equal: see [`super::exactness`].
fn equal_name(reason: MatchReason, details: &Details, plan: &QueryPlan<'_>) -> Option<NameField> {
    let at = |names: &[String], text: &str| names.iter().position(|name| crate::normalize(name) == text);
    let aliases = &details.aliases;
    match reason {
        MatchReason::Alias => {
            at(aliases, &plan.name).or_else(|| at(aliases, &plan.core)).map(NameField::Alias)
        }
        MatchReason::FormerName => at(&details.former_names, &plan.name).map(NameField::FormerName),
        _ => None,
    }
}

fn named_as_typed(occurrences: &[Occurrence]) -> Option<NameField> {
    let fields = occurrences.iter().filter_map(|needle| needle.own.as_ref()).map(|own| own.field);
    fields.into_iter().find(|&field| field != NameField::Name)
}

/// The first other name that holds pieces, unless the official name and those above it could hold them all.
fn aligned_name(pieces: &[MatchedPiece], text: &CandidateText) -> Option<usize> {
    let (official, others) = text.own.split_last()?;
    let symbols = &text.text.symbols;
    let other_at = |place: usize| others.iter().position(|name| name.range().contains(&place));
    let first = pieces.iter().find_map(|piece| other_at(piece.place))?;
    let above_end = others.first().map_or(0, |name| name.start);
    let mut left = symbols[..above_end].iter().chain(&symbols[official.range()]);
    let in_others = pieces.iter().filter(|piece| other_at(piece.place).is_some());
    let is_held = in_others.map(|piece| symbols[piece.place]).all(|symbol| left.any(|&held| held == symbol));
    (!is_held).then_some(first)
}
