//! The matches of a query: every organization that holds all its parts, in its own names or in those above it, and
//! at least one part in its own.

use super::substring::OwnMatches;
use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use crate::number_hash::NumberHash;
use crate::search::filter::{Filter, Runs, merge_runs, seek_runs};
use crate::search::plan::QueryPlan;
use crate::search::step_budget::StepBudget;
use index_data::model::Ordinal;
use std::collections::HashSet;

pub(crate) use super::substring::END;

/// Steps for finding the units that hold one part: all organizations below such a unit hold the part as well. It does
/// not depend on the request's budget, so that every page of a search sees the same matches.
const UNIT_STEPS: usize = 50_000;
/// Up to so many parts get [`UNIT_STEPS`] each; more parts share the same total.
const PARTS_WITH_ALL_STEPS: usize = 3;
/// Units taken for one part.
const UNITS: usize = 5_000;

/// The matches in static order, from wherever it is asked to seek.
pub(crate) struct MatchSet<'a> {
    snapshot: &'a Snapshot,
    filter: &'a Filter,
    parts: Vec<PartMatches<'a>>,
    /// All organizations below this ordinal were looked at.
    examined: Ordinal,
    /// Whether more units hold a part than were taken.
    units_cut: bool,
}

/// The organizations that hold one part: in their own names, or below a unit that does.
pub(super) struct PartMatches<'a> {
    pub(super) own: OwnMatches<'a>,
    pub(super) below: Runs,
}

impl<'a> MatchSet<'a> {
    pub(crate) fn new(
        needles: &'a [String],
        plan: &'a QueryPlan<'_>,
        snapshot: &'a Snapshot,
    ) -> Result<MatchSet<'a>, SearchError> {
        let mut parts = Vec::with_capacity(needles.len());
        let mut units_cut = false;
        let unit_steps = UNIT_STEPS * PARTS_WITH_ALL_STEPS / needles.len().max(PARTS_WITH_ALL_STEPS);
        for needle in needles {
            let own = OwnMatches::new(needle, snapshot)?;
            if own.at_most() == 0 {
                // No name holds it, so no organization holds all parts.
                parts = vec![PartMatches { own, below: Runs::new() }];
                break;
            }
            // A single part must stand in an organization's own names, so units above it do not matter.
            let (below, cut) = if needles.len() > 1 {
                runs_below_units(own.clone(), unit_steps, snapshot)
            } else {
                (Runs::new(), false)
            };
            units_cut |= cut;
            parts.push(PartMatches { own, below });
        }
        Ok(MatchSet { snapshot, filter: &plan.filter, parts, examined: 0, units_cut })
    }

    /// Hands up to `limit` matches to `take`. True if there are no others.
    pub(crate) fn collect(
        &mut self,
        limit: usize,
        steps: &StepBudget<'_>,
        mut take: impl FnMut(Ordinal),
    ) -> bool {
        let mut target = 0;
        for _ in 0..limit {
            match self.seek(target, steps) {
                END => return !steps.is_spent(),
                found => {
                    take(found);
                    target = found + 1;
                }
            }
        }
        self.seek(target, steps) == END && !steps.is_spent()
    }

    /// The number of matches, where it is known without looking at them.
    pub(crate) fn known_count(&self) -> Option<u64> {
        match &self.parts[..] {
            _ if !self.filter.is_open() => None,
            [part] if part.own.is_certain() => {
                let all = u64::from(part.own.at_most());
                Some(all.saturating_sub(self.tombstones_that_hold(&part.own)))
            }
            _ => None,
        }
    }

    /// The postings that count but stand for nothing that is found. Stubs have no postings.
    fn tombstones_that_hold(&self, own: &OwnMatches<'_>) -> u64 {
        let records = &self.snapshot.records;
        let tombstones =
            records.hidden().into_iter().flat_map(|hidden| hidden.of_run(0..records.base().len()));
        tombstones.filter(|&ordinal| own.holds(ordinal)).count() as u64
    }

    /// The parts, for [`super::blocks::BlockMatches`].
    pub(super) fn parts(&self) -> &[PartMatches<'a>] {
        &self.parts
    }

    /// Whether matches may be missing, because more units hold a part than were taken.
    pub(crate) fn units_cut(&self) -> bool {
        self.units_cut
    }

    /// All organizations below this ordinal were looked at. A search whose steps are spent goes on from here.
    pub(crate) fn examined(&self) -> Ordinal {
        self.examined
    }

    /// The first match from `target` on; [`END`] if there is none or no steps are left. Targets must not decrease.
    pub(crate) fn seek(&mut self, target: Ordinal, steps: &StepBudget<'_>) -> Ordinal {
        let mut target = target;
        loop {
            self.examined = target;
            // Skips organizations that the filters reject: with a rare status that is nearly all of them.
            let Some(within) = self.filter.next_accepted(self.snapshot, target) else { return END };
            let own = self.seek_own(within, steps);
            if own == END {
                self.examined = self.bound(within);
                return END;
            }
            if own > within {
                target = own;
                continue;
            }
            let all = self.seek_all(own, steps);
            if all == END {
                self.examined = self.bound(own);
                return END;
            }
            if all > own {
                target = all;
            } else {
                return own;
            }
        }
    }

    /// Whether every organization that passes the filters is a match.
    pub(crate) fn are_all(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether an organization is a match, regardless of the filters.
    pub(crate) fn contains(&self, ordinal: Ordinal) -> bool {
        let is_own = |part: &PartMatches<'_>| part.own.holds(ordinal);
        self.parts.iter().all(|part| part.is_below(ordinal) || is_own(part))
            && (self.parts.is_empty() || self.parts.iter().any(is_own))
    }

    /// No match lies between `target` and here.
    fn bound(&self, target: Ordinal) -> Ordinal {
        let any = self.parts.iter().map(|part| part.own.bound()).min().unwrap_or(target);
        let all =
            self.parts.iter().map(|part| part.own.bound().min(seek_runs(&part.below, target).unwrap_or(END)));
        all.max().unwrap_or(target).max(any).max(target)
    }

    /// The first organization from `target` on that holds any part in its own names.
    fn seek_own(&mut self, target: Ordinal, steps: &StepBudget<'_>) -> Ordinal {
        if self.parts.is_empty() {
            return if target < self.snapshot.records.len() { target } else { END };
        }
        self.parts.iter_mut().map(|part| part.own.seek(target, steps)).min().unwrap_or(END)
    }

    /// `target` if it holds all parts; else an organization before which none does.
    fn seek_all(&mut self, target: Ordinal, steps: &StepBudget<'_>) -> Ordinal {
        let mut next = target;
        for part in &mut self.parts {
            next = next.max(part.seek(target, steps));
        }
        next
    }
}

impl PartMatches<'_> {
    pub(super) fn is_below(&self, ordinal: Ordinal) -> bool {
        seek_runs(&self.below, ordinal) == Some(ordinal)
    }

    fn seek(&mut self, target: Ordinal, steps: &StepBudget<'_>) -> Ordinal {
        let below = seek_runs(&self.below, target).unwrap_or(END);
        if below == target { target } else { below.min(self.own.seek(target, steps)) }
    }
}

/// All organizations below units that hold the needle, and whether more units hold it than were taken.
fn runs_below_units(mut own: OwnMatches<'_>, steps: usize, snapshot: &Snapshot) -> (Runs, bool) {
    let records = &snapshot.records;
    let steps = StepBudget::new(steps, None);
    let mut units: HashSet<Ordinal, NumberHash> = HashSet::default();
    let mut runs = Runs::new();
    let mut target = 0;
    let cut = loop {
        // Units come before leaves in each of the segments.
        let Some(unit_from) = records.seek_unit(target) else { break steps.is_spent() };
        let unit = own.seek(unit_from, &steps);
        if unit == END {
            break steps.is_spent();
        }
        if !records.hierarchy().is_unit(unit) {
            target = unit;
            match records.seek_unit(unit) {
                Some(_) => continue,
                None => break steps.is_spent(),
            }
        }
        if units.len() == UNITS {
            break true;
        }
        target = unit + 1;
        // A unit below one that was taken adds nothing.
        if !records.ancestors(unit).any(|above| units.contains(&above)) {
            units.insert(unit);
            records.subtree_runs(unit, &mut runs);
        }
    };
    (merge_runs(runs), cut)
}

#[cfg(test)]
mod tests {
    //! Property under test: law 1 on a small tree. Every substring of every name finds the organizations that hold it,
    //! and no other, in static order; pairs of them find what holds both on its path and one in its own names.

    use super::*;
    use crate::search::request::SearchRequest;
    use crate::search::test_tree::with_plan;

    fn holds(snapshot: &Snapshot, ordinal: Ordinal, needle: &str) -> bool {
        let details = snapshot.records.details(ordinal);
        let others = details.aliases.iter().chain(&details.former_names).map(|name| crate::normalize(name));
        let mut names = others.chain([snapshot.records.normalized(ordinal).to_owned()]);
        names.any(|name| name.contains(needle))
    }

    fn check(needles: &[String]) {
        with_plan(&SearchRequest::new(""), |plan, snapshot| {
            let mut found = Vec::new();
            let steps = StepBudget::new(usize::MAX, None);
            let mut matches = MatchSet::new(needles, plan, snapshot).expect("postings are read");
            assert!(matches.collect(1_000, &steps, |ordinal| found.push(ordinal)), "{needles:?}");
            let path_holds = |ordinal: Ordinal, needle: &str| {
                let mut path = std::iter::once(ordinal).chain(snapshot.records.ancestors(ordinal));
                path.any(|above| holds(snapshot, above, needle))
            };
            let expected: Vec<Ordinal> = (0..snapshot.records.len())
                .filter(|&ordinal| {
                    needles.iter().all(|needle| path_holds(ordinal, needle))
                        && needles.iter().any(|needle| holds(snapshot, ordinal, needle))
                })
                .collect();
            assert_eq!(found, expected, "{needles:?}");
        });
    }

    #[test]
    fn substrings_find_what_holds_them() {
        let names = with_plan(&SearchRequest::new(""), |_, snapshot| -> Vec<String> {
            (0..snapshot.records.len()).map(|org| snapshot.records.normalized(org).to_owned()).collect()
        });
        let mut last = String::from("班");
        for name in names {
            let starts: Vec<usize> = name.char_indices().map(|(at, _)| at).chain([name.len()]).collect();
            for from in 0..starts.len() - 1 {
                for to in from + 1..starts.len().min(from + 6) {
                    let needle = name[starts[from]..starts[to]].to_owned();
                    check(std::slice::from_ref(&needle));
                    check(&[needle.clone(), std::mem::replace(&mut last, needle)]);
                }
            }
        }
    }
}
