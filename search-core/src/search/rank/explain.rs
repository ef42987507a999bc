//! The reasons of a rank: the numbers that ranked, and what was matched with what.

use super::evidence::{Evidence, SpanMatch};
use super::span::NameField;
use super::{Ranked, ScoredOrg, Scorer};
use crate::index::snapshot::Snapshot;
use crate::search::align::Tolerance;
use crate::search::hits::{Explanation, FeatureValue, TypedMatch};
use crate::search::plan::QueryPlan;
use index_data::model::Ordinal;

impl ScoredOrg {
    /// The numbers that ranked it, and what was matched with what.
    pub(crate) fn explanation(
        &self,
        evidence: &Evidence,
        plan: &QueryPlan<'_>,
        snapshot: &Snapshot,
    ) -> Explanation {
        let records = &snapshot.records;
        let query = plan.interpretation.text.text();
        let typed_match = |found: &SpanMatch| TypedMatch {
            typed: query[found.typed.clone()].to_owned(),
            org_id: records.id(found.org).to_owned(),
            name: found
                .named
                .as_ref()
                .filter(|named| matches!(named.field, NameField::Name | NameField::Above(_)))
                .and_then(|named| records.normalized(found.org).get(named.range.clone()))
                .map(str::to_owned),
            rule: found.rule,
        };
        let features = self.features.weighted();
        Explanation {
            tier: self.tier as u8,
            raw: self.raw,
            features: features.map(|(name, value, weight)| FeatureValue { name, value, weight }).to_vec(),
            matches: evidence.matches.iter().map(typed_match).collect(),
        }
    }
}

/// The reasons of one organization, whether it was found or not.
pub(crate) fn explain_one(
    ordinal: Ordinal,
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
    tolerance: Tolerance,
) -> Explanation {
    let mut scorer = Scorer::new(plan, snapshot, tolerance);
    let org = scorer.score(ordinal);
    let evidence = scorer.evidence(&org);
    org.explanation(&evidence, plan, snapshot)
}

impl Ranked {
    /// The place of an organization in the head, from 0.
    pub(crate) fn place_of(&self, ordinal: Ordinal) -> Option<usize> {
        self.orgs.iter().position(|org| org.ordinal == ordinal)
    }
}
