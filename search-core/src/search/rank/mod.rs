//! rank: features of every candidate, one weighted sum, one total order.
//!
//! Order: the tier (id, name or alias letter for letter; the same normalized; the bare name or a former name; the rest), the raw score, the
//! static rank. The order is total and does not depend on how candidates were found.
//!
//! # Scores
//! `score` is the raw weighted sum carried to a probability: that the hit is what the query describes, where several
//! organizations may fit equally. Exact matches get 1; the others a logistic curve whose constants were fitted on
//! generated queries with known answers (`cargo run --release -p orgsearch-benches -- --calibrate` prints them, with
//! predicted and real shares side by side). It keeps the order within a tier.

mod calibrate;
mod features;
mod weights;

use super::hits::{Explanation, FeatureValue};
use super::plan::QueryPlan;
use super::retrieve::{Candidates, Reading};
use crate::index::snapshot::Snapshot;
use index_data::model::Ordinal;
use std::collections::HashSet;

pub(crate) use features::{Measure, Measured, NameField};

/// Candidates in their order.
pub(crate) struct Ranked {
    /// The head: best first.
    pub(crate) orgs: Vec<RankedOrg>,
    /// The ordinals of the head.
    pub(crate) head: HashSet<Ordinal>,
    /// The reading whose matches these are.
    pub(crate) reading: Reading,
    /// Whether the head holds every match.
    pub(crate) complete: bool,
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
}

impl RankedOrg {
    pub(crate) fn new(ordinal: Ordinal, measure: &mut Measure<'_>) -> Self {
        let measured = measure.measure(ordinal);
        RankedOrg { ordinal, raw: measured.features.raw_score(), measured }
    }

    /// `0.0..=1.0`, comparable between queries.
    pub(crate) fn score(&self) -> f32 {
        calibrate::score(self.measured.tier, self.raw)
    }

    /// The numbers that ranked.
    pub(crate) fn explanation(&self) -> Explanation {
        let features = self.measured.features.weighted();
        Explanation {
            tier: self.measured.tier as u8,
            raw: self.raw,
            features: features
                .iter()
                .map(|&(name, value, weight)| FeatureValue { name, value, weight })
                .collect(),
        }
    }
}

/// Measures every candidate and puts them in order.
pub(crate) fn rank(candidates: Candidates, plan: &QueryPlan<'_>, snapshot: &Snapshot) -> Ranked {
    let mut measure = Measure::new(plan, snapshot);
    let mut orgs: Vec<RankedOrg> =
        candidates.ordinals.iter().map(|&ordinal| RankedOrg::new(ordinal, &mut measure)).collect();
    if candidates.are_alike {
        keep_most_alike(&mut orgs);
    }
    orgs.sort_by(|a, b| {
        let by_tier = a.measured.tier.cmp(&b.measured.tier);
        by_tier.then_with(|| b.raw.total_cmp(&a.raw)).then_with(|| a.ordinal.cmp(&b.ordinal))
    });
    Ranked {
        head: orgs.iter().map(|org| org.ordinal).collect(),
        orgs,
        reading: candidates.reading,
        complete: candidates.complete,
        truncated: candidates.truncated,
    }
}

/// Where nothing matches, only what holds nearly as much of the query as the best is worth showing and counting.
fn keep_most_alike(orgs: &mut Vec<RankedOrg>) {
    const OF_THE_BEST: f32 = 0.75;
    let best = orgs.iter().map(|org| org.measured.features.coverage).fold(0.0, f32::max);
    orgs.retain(|org| org.measured.features.coverage >= best * OF_THE_BEST);
}

/// The features of one organization, whether it was found or not.
pub(crate) fn explain_one(ordinal: Ordinal, plan: &QueryPlan<'_>, snapshot: &Snapshot) -> Explanation {
    RankedOrg::new(ordinal, &mut Measure::new(plan, snapshot)).explanation()
}
