//! rank: features of every candidate, one weighted sum, one total order.
//!
//! Order: the tier (id, name or alias letter for letter; the same normalized; the bare name or a former name; the
//! rest), the raw score, the static rank. The order is total and does not depend on how candidates were found.
//!
//! # Corrections
//! Candidates are first scored strictly: a character stands for itself, a number for its other forms, pinyin for its
//! characters. Homophones, near sounds and similar shapes count only where nothing fits so. The table in `search/passes.rs` says when.
//! So a correct query never finds what only sounds like it (law 4).
//!
//! # Scores
//! `score` is the raw weighted sum carried to a probability: that the hit is what the query describes, where several
//! organizations may fit equally. Exact matches get 1; the others follow a logistic curve fitted on generated queries
//! with known answers. It keeps the order within a tier.

mod calibrate;
mod candidate_text;
mod chains;
mod evidence;
mod exactness;
mod explain;
mod features;
mod field_match;
mod fit;
mod needles;
mod order;
mod other_name;
mod scorer;
mod span;

#[cfg(test)]
mod tests;

use super::align::Tolerance;
use super::candidates::{Candidates, NeedleSet};
use super::hits::{MatchReason, Truncation};
use super::lattice::Lattice;
use super::plan::QueryPlan;
use super::steps::SearchPass;
use crate::index::snapshot::Snapshot;
use crate::number_hash::NumberHash;
use index_data::model::Ordinal;
use std::collections::HashSet;
use std::ops::Range;

pub(crate) use evidence::Evidence;
pub(crate) use exactness::Tier;
pub(crate) use explain::explain_one;
pub(crate) use features::Features;
pub(crate) use field_match::{FieldMatch, RecordMatch, SkippedWords};
pub(crate) use fit::Fit;
pub(crate) use scorer::Scorer;
pub(crate) use span::{NameField, Span};

/// Candidates in their order.
pub(crate) struct Ranked {
    /// The head: best first.
    pub(crate) orgs: Vec<ScoredOrg>,
    /// The ordinals of the head.
    pub(crate) head: HashSet<Ordinal, NumberHash>,
    /// What these match.
    pub(crate) needle_set: NeedleSet,
    /// Whether the head holds every match.
    pub(crate) complete: bool,
    /// How they were scored.
    pub(crate) tolerance: Tolerance,
    pub(crate) truncated: Vec<Truncation>,
    /// The last pass.
    pub(crate) pass: SearchPass,
}

/// One organization with its score and all that it was made of.
pub(crate) struct ScoredOrg {
    pub(crate) ordinal: Ordinal,
    /// Compared first.
    pub(crate) tier: Tier,
    /// Why it is of that tier; `None` for partial matches.
    pub(crate) exact_reason: Option<MatchReason>,
    /// The weighted sum of the features.
    pub(crate) raw: f32,
    pub(crate) features: Features,
    /// Pieces that stand for something else than what was typed.
    corrections: usize,
    /// Characters and letters that stand for nothing.
    unread: usize,
    /// Whether it holds all needles.
    is_match: bool,
    /// Where its scorer keeps its alignment.
    alignment: Range<usize>,
}

impl ScoredOrg {
    /// `0.0..=1.0`, comparable between queries.
    pub(crate) fn score(&self) -> f32 {
        calibrate::score(self.tier, self.raw)
    }
}

/// What one candidate holds of a sentence.
pub(crate) struct Chain {
    /// In bytes of the normalized text, in typed order.
    pub(crate) spans: Vec<Range<usize>>,
    /// The share of the query, by weight, that is in none of them.
    pub(crate) left_out: f32,
}

impl Chain {
    pub(crate) fn new(spans: Vec<Range<usize>>, lattice: &Lattice) -> Chain {
        let is_held = |place: &Range<usize>| spans.iter().any(|span| span.contains(&place.start));
        let nodes = lattice.places.iter().zip(&lattice.weights);
        let held: f32 = nodes.filter(|(place, _)| is_held(place)).map(|(_, weight)| weight).sum();
        Chain { left_out: 1.0 - held / lattice.total_weight(), spans }
    }
}

/// Scores candidates as they come, and puts them in order at the end.
pub(crate) struct Ranker<'a> {
    scorer: Scorer<'a>,
    orgs: Vec<ScoredOrg>,
    /// How many candidates were looked at.
    looked_at: usize,
    /// The most of the query that one of them holds.
    best_coverage: f32,
}

impl<'a> Ranker<'a> {
    pub(crate) fn new(plan: &'a QueryPlan<'a>, snapshot: &'a Snapshot, tolerance: Tolerance) -> Self {
        let scorer = Scorer::new(plan, snapshot, tolerance);
        Ranker { scorer, orgs: Vec::new(), looked_at: 0, best_coverage: 0.0 }
    }

    /// Scores the candidates added since, but for those that cannot be likely: see [`order::keep_likely`].
    pub(crate) fn add(&mut self, candidates: &Candidates) {
        for (at, &ordinal) in candidates.ordinals().iter().enumerate().skip(self.looked_at) {
            let is_match = candidates.is_match(at);
            let is_chosen = self.scorer.plan.chosen.share(ordinal).is_some_and(|share| share > 0.0);
            let least = if is_match || is_chosen {
                0.0
            } else {
                order::least_coverage(candidates, self.best_coverage)
            };
            if let Some(scored) = self.scorer.score_if(ordinal, least) {
                self.best_coverage = self.best_coverage.max(scored.features.coverage);
                self.orgs.push(ScoredOrg { is_match, ..scored });
            }
        }
        self.looked_at = candidates.ordinals().len();
    }

    /// How well the best of those scored so far fits.
    pub(crate) fn fit(&self, candidates: &Candidates) -> Fit {
        let plan = self.scorer.plan;
        let is_named = candidates.are_named && !plan.request.beyond_names;
        let is_settled = is_named || fit::is_crowded(self.orgs.iter(), plan);
        // What is near is looked for by the next pass.
        if is_settled && plan.origin.around().is_empty() {
            Fit::Settled
        } else if candidates.matches > 0 {
            Fit::Whole
        } else {
            self.orgs.iter().map(Fit::of).max().unwrap_or(Fit::Partial)
        }
    }

    /// The highest raw score so far.
    pub(crate) fn best_raw(&self) -> f32 {
        self.orgs.iter().map(|org| org.raw).fold(0.0, f32::max)
    }

    /// The spans of the query that the best few candidates hold in runs, in bytes of the normalized text, and the share of
    /// the query's weight that each leaves out.
    pub(crate) fn chains(&self, most: usize) -> Vec<Chain> {
        let lattice = &self.scorer.plan.lattice;
        let bytes = |span: Range<usize>| lattice.places[span.start].start..lattice.places[span.end - 1].end;
        let found = chains::chains(&self.orgs, self.scorer.alignments(), lattice, most);
        found.into_iter().map(|spans| Chain::new(spans.into_iter().map(bytes).collect(), lattice)).collect()
    }

    /// Puts them in order. The scorer comes along: it knows the names above them and their alignments, and what is
    /// shown of them is read from these. `pass` is the one that scored last.
    pub(crate) fn finish(self, candidates: &Candidates, pass: SearchPass) -> (Ranked, Scorer<'a>) {
        let mut orgs = self.orgs;
        order::keep_likely(&mut orgs, candidates);
        orgs.sort_by(order::compare);
        let ranked = Ranked {
            head: orgs.iter().map(|org| org.ordinal).collect(),
            orgs,
            needle_set: candidates.needle_set,
            complete: candidates.complete,
            tolerance: self.scorer.tolerance(),
            truncated: candidates.truncated.clone(),
            pass,
        };
        (ranked, self.scorer)
    }
}
