//! rank: features of every candidate, one weighted sum, one total order.
//!
//! Order: the tier (id, name or alias letter for letter; the same normalized; the bare name or a former name; the rest), the raw score, the
//! static rank. The order is total and does not depend on how candidates were found.
//!
//! # Corrections
//! Candidates are first measured strictly: a character stands for itself, a number for its other forms, pinyin for its
//! characters. Only where nothing fits so (all of it found, with a neatness of at least 0.5: the
//! mean of the features share, above, run and head) are they measured again with homophones, near sounds and
//! similar shapes. Where something fits, but a piece of it begins inside of a word, they are measured again with slips
//! of the hand alone: the same characters, two of them swapped or one of them typed twice. So a correct query is never
//! polluted by what sounds like it (law 4).
//!
//! # Scores
//! `score` is the raw weighted sum carried to a probability: that the hit is what the query describes, where several
//! organizations may fit equally. Exact matches get 1; the others a logistic curve whose constants were fitted on
//! generated queries with known answers (`cargo run --release -p orgsearch-benches -- --calibrate` prints them, with
//! predicted and real shares side by side). It keeps the order within a tier.

mod calibrate;
mod evidence;
mod features;
mod weights;

use super::align::Leniency;
use super::hits::{Explanation, FeatureValue, TypedMatch};
use super::plan::QueryPlan;
use super::retrieve::{Candidates, Reading};
use crate::index::snapshot::Snapshot;
use crate::number_hash::NumberHash;
use index_data::model::Ordinal;
use std::collections::HashSet;

pub(crate) use evidence::{Evidence, NameField};
pub(crate) use features::{Features, Measure, Measured, Tier};

/// The neatness ([`Features::neatness`]) from which on a whole match is taken for what was meant: it comes before all
/// that is not whole, and nothing is corrected then.
pub(crate) const CONFIDENT: f32 = 0.5;

/// How many of its pieces begin where words do: one that begins inside of a word is hardly what was meant.
const HEADED: f32 = 0.999;
/// How few its pieces are.
const RUNNING: f32 = 0.93;
/// The neatness of a match beside which there is no room for further ones.
const NEAT: f32 = 0.75;
/// The neatness of a match that is not worth looking further though one character stands for another one.
const SURE: f32 = 0.88;

/// How well an organization fits what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// Something typed is missing or contradicted, or all of it is found scattered.
    Partly,
    /// Hardly anything is missing.
    Nearly,
    /// All of it is found, but not all where words begin: it may be a slip of the hand.
    Scattered,
    /// All of it is found, neatly.
    Whole,
}

/// Candidates in their order.
pub(crate) struct Ranked {
    /// The head: best first.
    pub(crate) orgs: Vec<RankedOrg>,
    /// The ordinals of the head.
    pub(crate) head: HashSet<Ordinal, NumberHash>,
    /// The reading whose matches these are.
    pub(crate) reading: Reading,
    /// Whether the head holds every match.
    pub(crate) complete: bool,
    /// How well the best of them fits.
    pub(crate) fits: Fit,
    /// How it was measured.
    pub(crate) leniency: Leniency,
    pub(crate) truncated: Vec<&'static str>,
}

impl Ranked {
    /// The place of an organization in the head, from 0.
    pub(crate) fn place_of(&self, ordinal: Ordinal) -> Option<usize> {
        self.orgs.iter().position(|org| org.ordinal == ordinal)
    }
}

/// One ranked organization.
pub(crate) struct RankedOrg {
    pub(crate) ordinal: Ordinal,
    pub(crate) raw: f32,
    pub(crate) measured: Measured,
    /// Whether it holds all parts of the reading.
    is_match: bool,
}

impl RankedOrg {
    /// A match that was not among the candidates, or an organization asked for.
    pub(crate) fn new(ordinal: Ordinal, measure: &mut Measure<'_>) -> Self {
        let measured = measure.measure(ordinal);
        RankedOrg { ordinal, raw: measured.features.raw_score(), measured, is_match: true }
    }

    /// How well it fits what was typed.
    fn fit(&self) -> Fit {
        let features = &self.measured.features;
        let (is_whole, neatness) = (features.is_whole(), features.neatness());
        let is_neat = is_whole && neatness >= CONFIDENT && self.measured.corrected == 0;
        let is_scattered = features.head < HEADED || features.run < RUNNING;
        if self.measured.tier < Tier::Partial || (is_neat && !is_scattered) {
            Fit::Whole
        } else if is_neat {
            Fit::Scattered
        } else if self.measured.unread == 0
            && self.measured.corrected <= 1
            && neatness >= SURE
            && features.head >= HEADED
            && features.contradicts_nothing()
        {
            Fit::Nearly
        } else {
            Fit::Partly
        }
    }

    /// `0.0..=1.0`, comparable between queries.
    pub(crate) fn score(&self) -> f32 {
        calibrate::score(self.measured.tier, self.raw)
    }

    /// The numbers that ranked, and what was matched with what.
    pub(crate) fn explanation(
        &self,
        evidence: &Evidence,
        plan: &QueryPlan<'_>,
        snapshot: &Snapshot,
    ) -> Explanation {
        let records = &snapshot.records;
        let typed = plan.interpretation.text.text();
        let of = |found: &evidence::SpanMatch| TypedMatch {
            typed: typed[found.typed.clone()].to_owned(),
            org_id: records.id(found.org).to_owned(),
            name: found
                .named
                .clone()
                .and_then(|range| records.normalized(found.org).get(range))
                .map(str::to_owned),
            rule: found.rule,
        };
        Explanation {
            tier: self.measured.tier as u8,
            raw: self.raw,
            features: self
                .measured
                .features
                .weighted()
                .iter()
                .map(|&(name, value, weight)| FeatureValue { name, value, weight })
                .collect(),
            matches: evidence.matches.iter().map(of).collect(),
        }
    }
}

/// Candidates measured so far, in the order they were found.
pub(crate) struct Ranking<'a> {
    measure: Measure<'a>,
    orgs: Vec<RankedOrg>,
    /// How many candidates were looked at.
    looked_at: usize,
    /// The most of the query that one of them holds.
    best_coverage: f32,
    leniency: Leniency,
}

impl<'a> Ranking<'a> {
    pub(crate) fn new(plan: &'a QueryPlan<'a>, snapshot: &'a Snapshot, leniency: Leniency) -> Self {
        let measure = Measure::new(plan, snapshot, leniency);
        Ranking { measure, orgs: Vec::new(), looked_at: 0, best_coverage: 0.0, leniency }
    }

    /// Measures the candidates that were added since, but for those that cannot be likely: see [`keep_likely`].
    pub(crate) fn measure(&mut self, candidates: &Candidates) {
        for (at, &ordinal) in candidates.ordinals.iter().enumerate().skip(self.looked_at) {
            let is_match = candidates.match_places.contains(&at);
            let least = if is_match { 0.0 } else { least_coverage(candidates, self.best_coverage) };
            if let Some(measured) = self.measure.measure_if(ordinal, least) {
                self.best_coverage = self.best_coverage.max(measured.features.coverage);
                self.orgs.push(RankedOrg { ordinal, raw: measured.features.raw_score(), measured, is_match });
            }
        }
        self.looked_at = candidates.ordinals.len();
    }

    /// Whether names that hold what was typed as a whole and neatly leave no room for short forms: a page of them, or
    /// fewer of a longer text. One alone never does: it may stand below the one that is meant. Of four characters that
    /// says little, 人大附中 is part of many names and short for another one; with its form (团委) it wants one name.
    pub(crate) fn leaves_no_room(&self) -> bool {
        let plan = self.measure.plan;
        let enough = match plan.lattice.weights.len() {
            ..=4 => return false,
            5..=6 => 10,
            7..=8 => 5,
            _ => 3,
        };
        let is_neat =
            |org: &&RankedOrg| org.measured.features.is_whole() && org.measured.features.neatness() >= NEAT;
        plan.interpretation.form.is_none() && self.orgs.iter().filter(is_neat).take(enough).count() == enough
    }

    /// Puts them in order. The measure knows the names above them by then, which saves work in showing them.
    pub(crate) fn finish(self, candidates: &Candidates) -> (Ranked, Measure<'a>) {
        let mut orgs = self.orgs;
        let best = orgs.iter().map(RankedOrg::fit).max().unwrap_or(Fit::Partly);
        let fits = if candidates.matches > 0 { Fit::Whole } else { best };
        keep_likely(&mut orgs, candidates);
        orgs.sort_by(|a, b| {
            let by_tier = a.measured.tier.cmp(&b.measured.tier);
            by_tier.then_with(|| b.raw.total_cmp(&a.raw)).then_with(|| a.ordinal.cmp(&b.ordinal))
        });
        let ranked = Ranked {
            head: orgs.iter().map(|org| org.ordinal).collect(),
            orgs,
            reading: candidates.reading,
            complete: candidates.complete,
            fits,
            leniency: self.leniency,
            truncated: candidates.truncated.clone(),
        };
        (ranked, self.measure)
    }
}

/// Measures every candidate and puts them in order.
pub(crate) fn rank<'a>(
    candidates: &Candidates,
    plan: &'a QueryPlan<'a>,
    snapshot: &'a Snapshot,
    leniency: Leniency,
) -> (Ranked, Measure<'a>) {
    let mut ranking = Ranking::new(plan, snapshot, leniency);
    ranking.measure(candidates);
    ranking.finish(candidates)
}

/// Of what matches only in part, what holds nearly as much of the query as the best, some of it in its own name, is
/// worth showing and counting; beside matches only what holds all of it and hardly less neatly. Matches stay, whatever they measure (law 1).
fn keep_likely(orgs: &mut Vec<RankedOrg>, candidates: &Candidates) {
    const BEHIND_THE_BEST: f32 = 0.03;
    let matches = orgs.iter().filter(|org| org.is_match);
    let best_match = matches.map(|org| org.raw).fold(0.0, f32::max);
    let best = orgs.iter().map(|org| org.measured.features.coverage).fold(0.0, f32::max);
    let least = least_coverage(candidates, best);
    orgs.retain(|org| {
        let Features { coverage, own, .. } = org.measured.features;
        let is_likely = match candidates.matches {
            0 => coverage >= least,
            _ => org.measured.features.is_whole() && org.raw >= best_match - BEHIND_THE_BEST,
        };
        org.is_match || org.measured.tier < Tier::Partial || (own > 0.0 && is_likely)
    });
}

/// What a likely candidate holds at least of the query where the best one holds so much.
fn least_coverage(candidates: &Candidates, best: f32) -> f32 {
    const OF_THE_BEST: f32 = 0.75;
    if candidates.matches == 0 { best * OF_THE_BEST } else { features::ALL }
}

/// The features of one organization, whether it was found or not.
pub(crate) fn explain_one(
    ordinal: Ordinal,
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
    leniency: Leniency,
) -> Explanation {
    let mut measure = Measure::new(plan, snapshot, leniency);
    let org = RankedOrg::new(ordinal, &mut measure);
    let evidence = measure.evidence(&org);
    org.explanation(&evidence, plan, snapshot)
}
