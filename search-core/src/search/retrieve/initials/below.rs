//! Initials below a unit: the first letters name it and the rest something below it (bdtyx), or all of them something
//! below the one asked for with `within`.

use super::highest;
use super::typed::{Fits, Typed};
use crate::index::snapshot::Snapshot;
use crate::search::candidates::Candidates;
use crate::search::plan::QueryPlan;
use crate::search::step_budget::StepBudget;
use crate::text::symbols::Symbol;
use index_data::model::Ordinal;
use std::cmp::Reverse;
use std::ops::RangeInclusive;

/// The fewest letters that name a unit: one letter begins thousands.
const SHORTEST: usize = 2;
/// The most cuts that are tried.
const MOST_CUTS: usize = 6;
/// Units below which organizations are looked for, of one cut.
const UNITS: usize = 3;
/// Units of which the largest are taken.
const UNITS_COMPARED: usize = 24;
/// Entries of the index looked at for units whose initials go on.
const ENTRIES: usize = 4_000;
/// Organizations looked at in all, by the letters of their names alone.
const STEPS: usize = 24_000;

/// How much is looked at below one unit.
struct Limits {
    /// Organizations, by the letters of their names alone.
    orgs: usize,
    /// Names, letter by letter.
    names: usize,
    /// Organizations that become candidates.
    found: usize,
    /// How names fit that become candidates.
    fits: RangeInclusive<Fits>,
}

/// Of all that letters may be cut into, only what begins so is likely.
const BELOW_UNIT: Limits =
    Limits { orgs: 2_000, names: 24, found: 6, fits: Fits::FromItsBeginning..=Fits::FromItsBeginning };
const WITHIN: Limits =
    Limits { orgs: 3_000, names: 200, found: super::LIMIT, fits: Fits::FromItsBeginning..=Fits::Later };

/// Looks below units, within one budget.
pub(super) struct Below<'a> {
    plan: &'a QueryPlan<'a>,
    snapshot: &'a Snapshot,
    steps: StepBudget<'a>,
}

impl<'a> Below<'a> {
    pub(super) fn new(plan: &'a QueryPlan<'a>, snapshot: &'a Snapshot) -> Self {
        Below { plan, snapshot, steps: StepBudget::new(STEPS, plan.request.cancel.as_deref()) }
    }

    /// Looks below the organization asked for with `within`, if any was: there a single letter will do.
    pub(super) fn look_within(&self, typed: &Typed, candidates: &mut Candidates) {
        if let Some(within) = self.plan.filter.within_org() {
            self.look_below(within, typed, &WITHIN, candidates);
        }
    }

    /// Looks for every way to cut the letters into a unit and something below it.
    pub(super) fn look_across(&self, typed: &Typed, candidates: &mut Candidates) {
        let cuts = typed.cuts().filter(|(first, _)| first.letters().len() >= SHORTEST);
        for (first, rest) in cuts.take(MOST_CUTS) {
            self.look_below_units(&first, &rest, candidates);
        }
    }

    /// Looks for `rest` below the units that `first` names.
    pub(super) fn look_below_units(&self, first: &Typed, rest: &Typed, candidates: &mut Candidates) {
        for unit in self.units(first) {
            self.look_below(unit, rest, &BELOW_UNIT, candidates);
        }
    }

    /// The largest units whose initials these are, then those whose initials begin so.
    fn units(&self, typed: &Typed) -> Vec<Ordinal> {
        let records = &self.snapshot.records;
        let letters = typed.letters();
        let named = records.initials().named(&letters);
        let others = records.initials().beginning_with(&letters).behind(&named).first(ENTRIES);
        let mut units: Vec<Ordinal> = Vec::with_capacity(UNITS);
        for places in [named, others] {
            let is_new = |unit: &Ordinal| {
                records.hierarchy().is_unit(*unit) && !records.is_hidden(*unit) && !units.contains(unit)
            };
            let mut largest = highest(self.snapshot, places, UNITS_COMPARED, is_new);
            largest.sort_by_key(|&unit| Reverse(records.rank_row(unit).size_log));
            units.extend(largest.into_iter().take(UNITS - units.len()));
            if units.len() == UNITS {
                break;
            }
        }
        units
    }

    /// Adds the organizations below a unit that fit best, the highest first.
    fn look_below(&self, unit: Ordinal, typed: &Typed, limits: &Limits, candidates: &mut Candidates) {
        let records = &self.snapshot.records;
        let (letters, numbers) = (typed.initials(), typed.signature());
        let mut runs = Vec::new();
        records.subtree_runs(unit, &mut runs);
        let mut found: Vec<(Fits, Ordinal)> = Vec::new();
        let (mut orgs_left, mut names_left) = (limits.orgs, limits.names);
        // The first run is the unit itself.
        for run in runs.into_iter().skip(1) {
            let read = self.steps.take_up_to(run.len().min(orgs_left));
            orgs_left -= read;
            let run = run.start..run.start + read as Ordinal;
            for (ordinal, (signature, (initials, _))) in run.clone().zip(records.signatures_and_codes(run)) {
                let may_fit = initials & letters == letters && signature & numbers == numbers;
                if !may_fit || names_left == 0 || !self.plan.filter.accepts(records, ordinal) {
                    continue;
                }
                names_left -= 1;
                let row = records.rank_row(ordinal);
                let symbols: Vec<Symbol> = row.symbols().collect();
                let fits = typed.fits(&symbols, row.word_initials);
                if limits.fits.contains(&fits) {
                    found.push((fits, ordinal));
                }
            }
        }
        found.sort_unstable();
        found.truncate(limits.found);
        found.into_iter().for_each(|(_, ordinal)| candidates.add(ordinal));
    }
}
