//! The search flow, one page: text -> normalize -> interpret -> plan -> retrieve -> rank -> present.
//!
//! Each step takes what the step before it returns: `read` has the first three, `readings.rs` the next two, for the query
//! as it was typed and as a sentence. Retrieval and ranking take turns, the table in `passes.rs` says how often:
//! retrieval may return too much, never too little within its stated budget, and only rank decides the order.

mod hits;
mod request;
mod steps;

mod interpret;
mod noise;
mod sentence;

mod bearers;
pub(crate) mod lattice;
mod open_number;
mod origin;
pub(crate) mod plan;

pub(crate) mod readings;

mod candidates;
mod chosen;
mod passes;
mod retrieve;

mod align;
pub(crate) mod rank;
mod tuning;
mod written_names;

mod count;
pub(crate) mod present;
mod suggest;

mod cursor;
mod filter;
mod step_budget;

#[cfg(test)]
pub(crate) mod test_tree;

use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use crate::text::normalize::NormalizedText;
pub(crate) use cursor::version_of;
use plan::QueryPlan;
use readings::{BestReading, Readings};

pub use hits::{
    Choice, Explanation, Facet, FeatureValue, Highlight, HighlightField, Hit, Hits, MatchReason, MatchRule,
    MatchedName, PartRole, QueryPart, QueryReading, Total, Truncation, TypedMatch,
};
pub use request::{Budget, FacetField, SearchRequest};
pub use steps::{SearchPass, SearchStep};

/// One search on one snapshot. Tells at the end of each piece of work which step it belonged to.
pub(crate) fn search(
    snapshot: &Snapshot,
    request: &SearchRequest,
    done: &mut dyn FnMut(SearchStep),
) -> Result<Hits, SearchError> {
    let readings = Readings::new(read(request, snapshot, done)?, request, snapshot);
    let BestReading { plan, ranked, scorer } = readings.retrieve_and_rank(done)?;
    let hits = present::present(ranked, scorer, plan, snapshot)?;
    done(SearchStep::Present);
    Ok(hits)
}

/// The first three steps: what was typed, its parts, and what to look for.
///
/// # Errors
/// Those of [`plan::plan`].
pub(crate) fn read<'a>(
    request: &'a SearchRequest,
    snapshot: &'a Snapshot,
    done: &mut dyn FnMut(SearchStep),
) -> Result<QueryPlan<'a>, SearchError> {
    let text = NormalizedText::new(&request.query);
    done(SearchStep::Normalize);
    let interpretation = interpret::interpret(text);
    done(SearchStep::Interpret);
    let plan = plan::plan(interpretation, request, snapshot)?;
    done(SearchStep::Plan);
    Ok(plan)
}

/// How one named organization fares for a query, beside the first.
pub(crate) struct Explained {
    pub(crate) query: QueryReading,
    /// Its place among the ranked ones, from 0.
    pub(crate) place: Option<usize>,
    pub(crate) explanation: Explanation,
    pub(crate) first: Option<Hit>,
}

/// The same flow, with the features of one organization whether it was found or not.
pub(crate) fn explain(
    snapshot: &Snapshot,
    request: &SearchRequest,
    ordinal: u32,
) -> Result<Explained, SearchError> {
    let readings = Readings::new(read(request, snapshot, &mut |_| ())?, request, snapshot);
    let BestReading { plan, ranked, scorer } = readings.retrieve_and_rank(&mut |_| ())?;
    let place = ranked.place_of(ordinal);
    let explanation = rank::explain_one(ordinal, plan, snapshot, ranked.tolerance);
    let Hits { query, hits, .. } = present::present(ranked, scorer, plan, snapshot)?;
    Ok(Explained { query, place, explanation, first: hits.into_iter().next() })
}
