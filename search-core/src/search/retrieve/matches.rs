//! The matches of a query: every organization that holds all its parts, in its own names or in those above it, and
//! at least one part in its own.

use super::substring::OwnMatches;
use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use crate::number_hash::NumberHash;
use crate::search::effort::Effort;
use crate::search::filter::{Filter, Runs, merge_runs, seek_runs};
use crate::search::plan::QueryPlan;
use index_data::model::{LevelOrder, Ordinal};
use std::collections::HashSet;

pub(crate) use super::substring::END;

/// Steps for finding the units that hold one part, so that what stands below them matches too. Fixed, so that every
/// page of a search sees the same matches.
const UNIT_STEPS: usize = 50_000;
/// Parts that get these steps each; more share them.
const PARTS_WITH_ALL_STEPS: usize = 3;
/// Units taken for one part.
const UNITS: usize = 5_000;

/// The matches in static order, from wherever it is asked to seek.
pub(crate) struct MatchSet<'a> {
    snapshot: &'a Snapshot,
    filter: &'a Filter,
    parts: Vec<PartMatches<'a>>,
    /// Below this ordinal everything has been looked at.
    examined: Ordinal,
    /// Whether a part stands in the names of more units than were taken.
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
                // Nobody holds it, so nobody holds all parts.
                parts = vec![PartMatches { own, below: Runs::new() }];
                break;
            }
            // A part alone must stand in the own names, so what is below its units does not matter.
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

    /// Gives up to `limit` matches to `take`; true if these are all.
    pub(crate) fn collect(
        &mut self,
        limit: usize,
        effort: &Effort<'_>,
        mut take: impl FnMut(Ordinal),
    ) -> bool {
        let mut target = 0;
        for _ in 0..limit {
            match self.seek(target, effort) {
                END => return !effort.is_spent(),
                found => {
                    take(found);
                    target = found + 1;
                }
            }
        }
        self.seek(target, effort) == END && !effort.is_spent()
    }

    /// The number of matches, where it is known without looking at them.
    pub(crate) fn known_count(&self) -> Option<u64> {
        match &self.parts[..] {
            _ if !self.filter.is_open() => None,
            [part] if part.own.is_certain() => Some(u64::from(part.own.at_most())),
            _ => None,
        }
    }

    /// The parts, for [`super::blocks::BlockMatches`].
    pub(super) fn parts(&self) -> &[PartMatches<'a>] {
        &self.parts
    }

    /// Whether matches by the path may be missing: a part stands in the names of too many units.
    pub(crate) fn units_cut(&self) -> bool {
        self.units_cut
    }

    /// Everything below this ordinal has been looked at: where to go on after the effort is spent.
    pub(crate) fn examined(&self) -> Ordinal {
        self.examined
    }

    /// The first match from `target` on; [`END`] if there is none or the effort is spent. Targets must not fall.
    pub(crate) fn seek(&mut self, target: Ordinal, effort: &Effort<'_>) -> Ordinal {
        let mut target = target;
        loop {
            self.examined = target;
            // What the filters reject needs no look: behind a rare status nearly all of a wide text is leapt over.
            let Some(within) = self.filter.next_accepted(self.snapshot, target) else { return END };
            let own = self.seek_own(within, effort);
            if own == END {
                self.examined = self.bound(within);
                return END;
            }
            if own > within {
                target = own;
                continue;
            }
            let all = self.seek_all(own, effort);
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

    /// Whether every organization that the filters let through is a match.
    pub(crate) fn are_all(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether an organization is a match, whatever the filters say.
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
    fn seek_own(&mut self, target: Ordinal, effort: &Effort<'_>) -> Ordinal {
        if self.parts.is_empty() {
            return if target < self.snapshot.records.len() { target } else { END };
        }
        self.parts.iter_mut().map(|part| part.own.seek(target, effort)).min().unwrap_or(END)
    }

    /// `target` if it holds all parts; else an organization before which none does.
    fn seek_all(&mut self, target: Ordinal, effort: &Effort<'_>) -> Ordinal {
        let mut next = target;
        for part in &mut self.parts {
            next = next.max(part.seek(target, effort));
        }
        next
    }
}

impl PartMatches<'_> {
    pub(super) fn is_below(&self, ordinal: Ordinal) -> bool {
        seek_runs(&self.below, ordinal) == Some(ordinal)
    }

    fn seek(&mut self, target: Ordinal, effort: &Effort<'_>) -> Ordinal {
        let below = seek_runs(&self.below, target).unwrap_or(END);
        if below == target { target } else { below.min(self.own.seek(target, effort)) }
    }
}

/// All organizations below units that hold the needle, and whether there are more units than were taken.
fn runs_below_units(mut own: OwnMatches<'_>, steps: usize, snapshot: &Snapshot) -> (Runs, bool) {
    let records = &snapshot.records;
    let effort = Effort::new(steps, None);
    let mut units: HashSet<Ordinal, NumberHash> = HashSet::default();
    let mut runs = Runs::new();
    let mut target = 0;
    let cut = loop {
        let unit = own.seek(target, &effort);
        if !records.hierarchy().is_unit(unit) {
            break effort.is_spent();
        }
        if units.len() == UNITS {
            break true;
        }
        target = unit + 1;
        // What is below a unit that is taken already is covered.
        if !records.ancestors(unit).any(|above| units.contains(&above)) {
            units.insert(unit);
            records.subtree_runs(unit, &mut runs);
        }
    };
    (merge_runs(runs), cut)
}
