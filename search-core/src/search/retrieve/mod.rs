//! retrieve: candidates from all legs, each within its stated budget.
//!
//! | leg | finds | budget |
//! | --- | --- | --- |
//! | `exact` | the id, name, core, alias or former name typed | [`exact::LIMIT`] of each |
//! | `matches` | every organization that holds all parts, in its names or above it | `ranked_matches`; the rest follows on later pages |
//! | `initials` | names that begin with these letters in pinyin | [`initials::LIMIT`] |
//! | `short_forms` | short forms, pinyin, other numbers, errors, parts in any order | `unit_steps`, [`short_forms::LIMIT`] |
//! | `words` | the same with the parts cut into words, where nothing holds the parts | the same |
//! | `alike` | what shares most of the rarest words and pairs, where there is no match at all | [`alike::LIMIT`] |
//!
//! A leg may return too much; `matches` never misses an organization whose normalized name holds the normalized
//! query, within its budget and with the pages that follow (law 1). A looser reading is tried only where the
//! stricter one finds nothing, so it never comes before what was typed.

mod alike;
mod blocks;
mod exact;
mod initials;
mod matches;
mod short_forms;
mod substring;

use super::effort::Effort;
use super::plan::QueryPlan;
use super::rank::Ranked;
use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use crate::number_hash::NumberHash;
use index_data::model::Ordinal;
use std::collections::HashSet;

pub(crate) use blocks::{BLOCK, Bits, BlockMatches, bits_of_runs};
pub(crate) use matches::{END, MatchSet};
use short_forms::Depth;

/// What retrieval found.
#[derive(Default)]
pub(crate) struct Candidates {
    /// Each organization once, in the order of the legs.
    pub(crate) ordinals: Vec<Ordinal>,
    seen: HashSet<Ordinal, NumberHash>,
    /// Whether an organization bears the very name typed.
    pub(crate) are_named: bool,
    /// The reading whose matches these are.
    pub(crate) reading: Reading,
    /// Whether these are all matches of the reading.
    pub(crate) complete: bool,
    /// How many are matches: they hold all parts of the reading.
    pub(crate) matches: usize,
    /// Where they stand among all candidates.
    pub(crate) match_places: std::ops::Range<usize>,
    /// Legs whose budget ran out.
    pub(crate) truncated: Vec<&'static str>,
}

/// How the query's parts are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Reading {
    /// As they were typed.
    #[default]
    Parts,
    /// Into words.
    Words,
}

impl Reading {
    /// What every match holds.
    pub(crate) fn needles<'a>(self, plan: &'a QueryPlan<'_>, snapshot: &Snapshot) -> &'a [String] {
        match self {
            Reading::Parts => &plan.needles,
            Reading::Words => plan.words(snapshot),
        }
    }

    /// The leg's name in `truncated`.
    pub(crate) fn leg(self) -> &'static str {
        match self {
            Reading::Parts => "substring",
            Reading::Words => "words",
        }
    }
}

impl Candidates {
    fn add(&mut self, ordinal: Ordinal) {
        if self.seen.insert(ordinal) {
            self.ordinals.push(ordinal);
        }
    }

    /// Keeps the best ranked: what holds least of what was typed will not be meant by it either.
    pub(crate) fn keep_best(&mut self, ranked: &Ranked) {
        const KEPT: usize = 40;
        self.ordinals = ranked.orgs.iter().take(KEPT).map(|org| org.ordinal).collect();
        self.seen = self.ordinals.iter().copied().collect();
        self.match_places = 0..0;
    }

    /// Whether a looser reading may be tried: all was looked at and nothing fits.
    fn found_nothing(&self) -> bool {
        self.ordinals.is_empty() && self.complete
    }
}

/// Matches ranked beside an organization that bears the very name typed.
const RANKED_BESIDE_A_NAME: usize = 60;

/// # Errors
/// [`SearchError::Index`] if the postings cannot be read.
pub(crate) fn retrieve(plan: &QueryPlan<'_>, snapshot: &Snapshot) -> Result<Candidates, SearchError> {
    let mut candidates = Candidates::default();
    exact::collect(plan, snapshot, &mut candidates);
    candidates.are_named = !candidates.ordinals.is_empty();
    collect_matches(Reading::Parts, plan, snapshot, &mut candidates)?;
    Ok(candidates)
}

/// Adds what the query may be short for.
pub(crate) fn retrieve_short_forms(candidates: &mut Candidates, plan: &QueryPlan<'_>, snapshot: &Snapshot) {
    initials::collect(plan, snapshot, candidates);
    short_forms::collect(plan, snapshot, Depth::Strict, candidates);
}

/// Looks further where nothing found so far is all of what was typed: for what sounds or looks alike, for its words, at
/// last for whatever shares most of it.
///
/// # Errors
/// [`SearchError::Index`] if the postings cannot be read.
pub(crate) fn retrieve_further(
    candidates: &mut Candidates,
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
) -> Result<(), SearchError> {
    if plan.filter.next_accepted(snapshot, 0).is_none() {
        return Ok(()); // The filters let nothing through.
    }
    short_forms::collect(plan, snapshot, Depth::Deep, candidates);
    if candidates.found_nothing() && !plan.words(snapshot).is_empty() {
        collect_matches(Reading::Words, plan, snapshot, candidates)?;
    }
    if candidates.found_nothing() {
        alike::collect(plan, snapshot, candidates)?;
    }
    Ok(())
}

fn collect_matches(
    reading: Reading,
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
    candidates: &mut Candidates,
) -> Result<(), SearchError> {
    let budget = plan.request.budget;
    let effort = Effort::new(budget.retrieve_steps, plan.request.cancel.as_deref());
    let mut matches = MatchSet::new(reading.needles(plan, snapshot), plan, snapshot)?;
    candidates.reading = reading;
    candidates.truncated.extend(matches.units_cut().then_some("path"));
    let start = candidates.ordinals.len();
    // Where an organization bears the very name, the others are only its company.
    let limit =
        if start > 0 { budget.ranked_matches.min(RANKED_BESIDE_A_NAME) } else { budget.ranked_matches };
    let mut found = 0;
    candidates.complete = matches.collect(limit, &effort, |ordinal| {
        candidates.add(ordinal);
        found += 1;
    });
    candidates.matches = found;
    candidates.match_places = start..candidates.ordinals.len();
    if effort.is_spent() {
        candidates.truncated.push(reading.leg());
    }
    Ok(())
}
