//! What to type or choose next.

use super::hits::{Choice, MatchReason, PartRole};
use super::plan::QueryPlan;
use super::rank::{Ranked, RankedOrg, Tier};
use crate::index::records::Records;
use crate::index::snapshot::Snapshot;
use crate::text::normalize::NormalizedText;
use index_data::model::{LevelOrder, Ordinal};
use std::collections::BTreeMap;

/// Fewer hits than this that fit equally need no choice: all of them can be shown.
const FEW: usize = 4;
/// Choices offered at most.
const MAX_CHOICES: usize = 12;
/// Organizations of one name that are looked at one by one. Of a name that more bear (流动团员团支部) all are counted,
/// also those that are closed.
const LOOKED_AT: usize = 2_048;

/// The query with the longest continuation that all matches share, read off their names from where the query, or its
/// last part, ends. `None` if not all matches are known, if a match does not hold it in its name, or if they share
/// nothing.
pub(crate) fn completion(ranked: &Ranked, plan: &QueryPlan<'_>, snapshot: &Snapshot) -> Option<String> {
    if !ranked.complete {
        return None;
    }
    let interpretation = &plan.interpretation;
    let last_part = interpretation.parts.last().filter(|part| part.role == PartRole::Name);
    let last_part = last_part.map(|part| interpretation.part_text(part));
    let mut typed = std::iter::once(interpretation.text.text()).chain(last_part);
    let continuation = typed.find_map(|typed| continuation(typed, ranked, snapshot))?;
    Some(format!("{}{continuation}", interpretation.text.raw().trim_end()))
}

/// What all names go on with after the same text.
fn continuation(typed: &str, ranked: &Ranked, snapshot: &Snapshot) -> Option<String> {
    if typed.is_empty() {
        return None;
    }
    let rest = |org: &RankedOrg| {
        let name = snapshot.records.normalized(org.ordinal);
        let core_end = snapshot.records.core_range(org.ordinal).end;
        let end = name.find(typed)? + typed.len();
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
    }
    let name = NormalizedText::new(snapshot.records.name(first.ordinal));
    let start = name.text().find(typed)? + typed.len();
    let raw = name.raw_chars(&(start..start + shared.len()))?;
    Some(name.raw().chars().skip(raw.start).take(raw.len()).collect())
}

/// Where many hits fit as well as the first: the highest ancestors that divide them, the largest share first.
pub(crate) fn choices(ranked: &Ranked, plan: &QueryPlan<'_>, snapshot: &Snapshot) -> Vec<Choice> {
    let Some(first) = ranked.orgs.first() else { return Vec::new() };
    let bearers = bearers(first, plan, snapshot);
    if bearers.len() >= FEW
        && let Some(counts) = divide(&bearers, &snapshot.records)
    {
        return largest(counts, &snapshot.records);
    }
    let equal: Vec<Vec<Ordinal>> = ranked
        .orgs
        .iter()
        .take_while(|org| org.measured.tier == first.measured.tier && fits_as_well(first, org))
        .map(|org| path_down(org.ordinal, &snapshot.records))
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
    largest(counts.into_iter().collect(), &snapshot.records)
}

/// All that bear the very name typed, ascending, however many were ranked; empty where the first hit does not.
fn bearers(first: &RankedOrg, plan: &QueryPlan<'_>, snapshot: &Snapshot) -> Vec<Ordinal> {
    let records = &snapshot.records;
    let mut bearers: Vec<Ordinal> = match (first.measured.tier, first.measured.exact_reason) {
        (Tier::Verbatim | Tier::Exact, Some(MatchReason::Exact)) => {
            records.may_bear_name(&plan.name).collect()
        }
        (Tier::Core, Some(MatchReason::Substring)) => records.may_bear_core(&plan.core).collect(),
        _ => return Vec::new(),
    };
    bearers.sort_unstable();
    bearers.dedup();
    if bearers.len() > LOOKED_AT {
        bearers.retain(|&ordinal| plan.filter.seek_within(ordinal) == Some(ordinal));
    } else {
        let is_bearer = |ordinal| match first.measured.tier {
            Tier::Core => records.is_core(ordinal, &plan.core),
            _ => records.normalized(ordinal) == plan.name,
        };
        bearers.retain(|&ordinal| is_bearer(ordinal) && plan.filter.accepts(records, ordinal));
    }
    bearers
}

/// The units right below the lowest one that stands above all of these, with how many stand below each; `None` if they
/// do not divide them.
fn divide(bearers: &[Ordinal], records: &Records) -> Option<Vec<(Ordinal, u64)>> {
    const MOST_UNITS: usize = 3_000;
    let mut runs = Vec::new();
    let mut below = |unit: Ordinal| -> u64 {
        runs.clear();
        records.subtree_runs(unit, &mut runs);
        let up_to = |ordinal: Ordinal| bearers.partition_point(|&bearer| bearer < ordinal);
        runs.iter().map(|run| (up_to(run.end) - up_to(run.start)) as u64).sum()
    };
    let all = bearers.len() as u64;
    let path = path_down(*bearers.first()?, records);
    let top = path.into_iter().take_while(|&unit| below(unit) == all).last()?;
    let (units, _) = records.hierarchy().child_runs(&(top..top + 1));
    if units.len() > MOST_UNITS {
        return None;
    }
    let counts: Vec<(Ordinal, u64)> =
        units.map(|unit| (unit, below(unit))).filter(|&(_, count)| count > 0).collect();
    (counts.len() > 1).then_some(counts)
}

fn largest(mut counts: Vec<(Ordinal, u64)>, records: &Records) -> Vec<Choice> {
    counts.sort_by_key(|&(ordinal, count)| (std::cmp::Reverse(count), ordinal));
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
fn path_down(ordinal: Ordinal, records: &Records) -> Vec<Ordinal> {
    let mut path: Vec<Ordinal> = std::iter::once(ordinal).chain(records.ancestors(ordinal)).collect();
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
