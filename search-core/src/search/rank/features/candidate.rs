//! What features are measured from.

use super::super::candidate_text::CandidateText;
use crate::index::rank_row::RankRow;
use crate::search::align::{Alignment, MatchedPiece};
use crate::search::bearers::Bearer;
use crate::search::plan::QueryPlan;

/// Everything that features are measured from.
pub(crate) struct Candidate<'a> {
    pub(crate) plan: &'a QueryPlan<'a>,
    pub(crate) row: &'a RankRow<'a>,
    pub(crate) text: &'a CandidateText,
    pub(crate) pieces: &'a [MatchedPiece],
    /// Whether it has others below it.
    pub(crate) is_unit: bool,
    /// How the query names it, where it does so in another way than by its whole name.
    pub(crate) bearer: Option<&'a Bearer>,
    /// The weight of the prior.
    pub(crate) prior_weight: f32,
    /// How close it is to the organization asked for with `near`; `None` where none was asked for.
    pub(crate) nearness: Option<f32>,
    /// The share of home system and region that are the member's; `None` where neither was asked for.
    pub(crate) usual: Option<f32>,
    /// Its share of what people chose for this query; `None` where nothing is known of it.
    pub(crate) chosen: Option<f32>,
}

impl<'a> Candidate<'a> {
    pub(crate) fn alignment(&self) -> Alignment<'a> {
        Alignment { lattice: &self.plan.lattice, text: &self.text.text, pieces: self.pieces }
    }
}

/// `part` of `whole`; all of nothing.
pub(super) fn share(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 1.0 }
}
