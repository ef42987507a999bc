//! What features are measured from.

use super::super::candidate_text::CandidateText;
use crate::index::rank_row::RankRow;
use crate::search::align::{Alignment, MatchedPiece};
use crate::search::plan::QueryPlan;
use crate::search::tuning::node_weight;

/// Everything that features are measured from.
pub(crate) struct Candidate<'a> {
    pub(crate) plan: &'a QueryPlan<'a>,
    pub(crate) row: &'a RankRow,
    pub(crate) text: &'a CandidateText,
    pub(crate) pieces: &'a [MatchedPiece],
    /// Whether it has others below it.
    pub(crate) is_unit: bool,
    /// How unusual this meaning of a short name is.
    pub(crate) unusual: usize,
    /// The weight of the prior.
    pub(crate) prior_weight: f32,
    /// How close it is to the organization asked for with `near`; `None` where none was asked for.
    pub(crate) nearness: Option<f32>,
}

impl<'a> Candidate<'a> {
    pub(crate) fn alignment(&self) -> Alignment<'a> {
        Alignment { lattice: &self.plan.lattice, text: &self.text.text, pieces: self.pieces }
    }
}

/// The weight of the whole query: its nodes, and the year, class and grade that it says.
pub(super) fn query_weight(plan: &QueryPlan<'_>) -> f32 {
    let class = plan.lattice.class;
    let classes = [class.year.is_some(), class.class.is_some(), class.grade.is_some()];
    let class_weight = classes.iter().filter(|&&is_typed| is_typed).count() as f32 * node_weight::CLASS;
    plan.lattice.total_weight() + class_weight
}

/// `part` of `whole`; all of nothing.
pub(super) fn share(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 1.0 }
}
