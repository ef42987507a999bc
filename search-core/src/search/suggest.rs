//! What a person can type or choose next.

use super::hits::{Choice, MatchReason, PartRole};
use super::plan::QueryPlan;
use super::rank::{Ranked, ScoredOrg, Tier};
use crate::index::layers::Records;
use crate::index::snapshot::Snapshot;
use crate::org_record::short_name;
use crate::text::normalize::NormalizedText;
use index_data::model::Ordinal;
use std::collections::BTreeMap;

/// Choices are offered from so many equal hits on; fewer can all be shown.
const FEW: usize = 4;
/// Choices offered at most.
const MAX_CHOICES: usize = 12;
/// Up to so many bearers of one name are checked one by one. If there are more (流动团员团支部), closed ones are counted
/// as well.
const LOOKED_AT: usize = 2_048;

/// The query with the longest continuation that the names of all matches share after it, or after its last part. `None`
/// if not all matches are known, if a name does not hold the query, or if the names share nothing more.
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

/// The text that follows `typed` in the names of all hits.
fn continuation(typed: &str, ranked: &Ranked, snapshot: &Snapshot) -> Option<String> {
    if typed.is_empty() {
        return None;
    }
    let rest = |org: &ScoredOrg| {
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

/// If many hits fit as well as the first: the highest ancestors that divide them, those with the most hits first.
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
        .take_while(|org| org.tier == first.tier && fits_as_well(first, org))
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

/// All bearers of the name typed, ascending, also those that were not ranked. Empty if the first hit is no bearer.
fn bearers(first: &ScoredOrg, plan: &QueryPlan<'_>, snapshot: &Snapshot) -> Vec<Ordinal> {
    let records = &snapshot.records;
    let mut bearers: Vec<Ordinal> = match (first.tier, first.exact_reason) {
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
        let is_bearer = |ordinal| match first.tier {
            Tier::Core => records.is_core(ordinal, &plan.core),
            _ => records.normalized(ordinal) == plan.name,
        };
        bearers.retain(|&ordinal| is_bearer(ordinal) && plan.filter.accepts(records, ordinal));
    }
    bearers
}

/// The children of the lowest common ancestor of all bearers, with the number of bearers below each. `None` if all
/// stand below one child.
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
    let hierarchy = records.hierarchy();
    // Units come first among children.
    let units = hierarchy.children(top).take_while(|&child| hierarchy.is_unit(child)).take(MOST_UNITS + 1);
    let units: Vec<Ordinal> = units.collect();
    if units.len() > MOST_UNITS {
        return None;
    }
    let counts: Vec<(Ordinal, u64)> =
        units.into_iter().map(|unit| (unit, below(unit))).filter(|&(_, count)| count > 0).collect();
    (counts.len() > 1).then_some(counts)
}

fn largest(mut counts: Vec<(Ordinal, u64)>, records: &Records) -> Vec<Choice> {
    counts.sort_by_key(|&(ordinal, count)| (std::cmp::Reverse(count), ordinal));
    let choice = |(ordinal, count)| Choice {
        id: records.id(ordinal).to_owned(),
        name: records.name(ordinal).to_owned(),
        short_name: short_name(records, ordinal).into_owned(),
        count,
    };
    counts.into_iter().take(MAX_CHOICES).map(choice).collect()
}

/// Whether the scores of the two are as good as equal.
fn fits_as_well(first: &ScoredOrg, other: &ScoredOrg) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::request::SearchRequest;
    use crate::search::test_tree::search;

    #[test]
    fn a_completion_is_what_all_answers_share() {
        for (query, expected) in [
            ("科", Some("科春社区")),
            ("从江", Some("从江县人民医院")),
            ("北京", None),
            ("", None),
            ("无此名", None),
        ] {
            let hits = search(&SearchRequest::autocomplete(query));
            assert_eq!(hits.complete_to.as_deref(), expected, "{query}");
        }
    }

    #[test]
    fn few_hits_need_no_choice() {
        assert_eq!(search(&SearchRequest::autocomplete("团委办公室团支部")).choices, []);
    }

    #[test]
    fn paths_divide_at_the_first_level_that_differs() {
        let rows: [(&[&[Ordinal]], Option<usize>); 4] = [
            (&[&[0, 1, 5], &[0, 2, 6]], Some(1)),
            (&[&[0, 1, 5], &[0, 1, 6]], None),
            (&[&[0, 1, 5], &[0, 1, 6, 7]], Some(2)),
            (&[], None),
        ];
        for (paths, expected) in rows {
            let paths: Vec<Vec<Ordinal>> = paths.iter().map(|path| path.to_vec()).collect();
            assert_eq!(dividing_level(&paths), expected, "{paths:?}");
        }
    }
}
