//! What to type or choose next.

use super::hits::Choice;
use super::plan::QueryPlan;
use super::rank::{Ranked, RankedOrg};
use crate::index::snapshot::Snapshot;
use crate::text::normalize::NormalizedText;
use index_data::model::Ordinal;
use std::collections::BTreeMap;

/// Fewer hits than this that fit equally need no choice: all of them can be shown.
const FEW: usize = 4;
/// Choices offered at most.
const MAX_CHOICES: usize = 12;

/// The query with the longest continuation that all matches share, read off their names from where the query ends.
/// `None` if not all matches are known, if a match does not hold the query in its name, or if they share nothing.
pub(crate) fn completion(ranked: &Ranked, plan: &QueryPlan<'_>, snapshot: &Snapshot) -> Option<String> {
    let query = plan.interpretation.text.text();
    if !ranked.complete || query.is_empty() {
        return None;
    }
    let rest = |org: &RankedOrg| {
        let name = snapshot.records.normalized(org.ordinal);
        let core_end = snapshot.records.core_range(org.ordinal).end;
        let end = name.find(query)? + query.len();
        Some(&name[end..core_end.max(end)])
    };
    let mut orgs = ranked.orgs.iter();
    let first = orgs.next()?;
    let mut shared = rest(first)?;
    for org in orgs {
        let other = rest(org)?;
        let common =
            shared.char_indices().zip(other.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        shared = &shared[..common.unwrap_or(shared.len().min(other.len()))];
        if shared.is_empty() {
            return None;
        }
    }
    let name = NormalizedText::new(snapshot.records.name(first.ordinal));
    let start = name.text().find(query)? + query.len();
    let raw = name.raw_chars(&(start..start + shared.len()))?;
    let continuation: String = name.raw().chars().skip(raw.start).take(raw.len()).collect();
    Some(format!("{}{continuation}", plan.interpretation.text.raw().trim_end()))
}

/// Where many hits fit as well as the first: the highest ancestors that divide them, the largest share first.
pub(crate) fn choices(ranked: &Ranked, snapshot: &Snapshot) -> Vec<Choice> {
    let Some(first) = ranked.orgs.first() else { return Vec::new() };
    let equal: Vec<Vec<Ordinal>> = ranked
        .orgs
        .iter()
        .take_while(|org| org.measured.tier == first.measured.tier && fits_as_well(first, org))
        .map(|org| path_down(org.ordinal, snapshot))
        .collect();
    if equal.len() < FEW {
        return Vec::new();
    }
    let Some(level) = dividing_level(&equal) else { return Vec::new() };
    let mut counts: BTreeMap<Ordinal, u64> = BTreeMap::new();
    for path in &equal {
        if let Some(&at) = path.get(level) {
            *counts.entry(at).or_default() += 1;
        }
    }
    let mut counts: Vec<(Ordinal, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|&(ordinal, count)| (std::cmp::Reverse(count), ordinal));
    let records = &snapshot.records;
    let choice = |(ordinal, count)| Choice {
        id: records.id(ordinal).to_owned(),
        name: records.name(ordinal).to_owned(),
        count,
    };
    counts.into_iter().take(MAX_CHOICES).map(choice).collect()
}

/// Whether the query says nothing that prefers one of the two.
fn fits_as_well(first: &RankedOrg, other: &RankedOrg) -> bool {
    const SAME: f32 = 0.02;
    first.raw - other.raw <= SAME
}

/// The ordinals from the root down to the organization itself.
fn path_down(ordinal: Ordinal, snapshot: &Snapshot) -> Vec<Ordinal> {
    let mut path: Vec<Ordinal> =
        std::iter::once(ordinal).chain(snapshot.records.ancestors(ordinal)).collect();
    path.reverse();
    path
}

/// The first level at which the paths differ, if they differ above the organizations themselves.
fn dividing_level(paths: &[Vec<Ordinal>]) -> Option<usize> {
    let first = paths.first()?;
    let level =
        (0..first.len()).find(|&level| paths.iter().any(|path| path.get(level) != first.get(level)))?;
    paths.iter().any(|path| level + 1 < path.len()).then_some(level)
}
