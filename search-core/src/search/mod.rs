//! The search flow, one page: text -> normalize -> interpret -> plan -> retrieve -> rank -> present.
//!
//! Each step is a file named by its verb, with one function of that name; it returns the noun that the next step
//! takes. Retrieval may return too much, never too little within its stated budget; only rank decides the order.

mod hits;
mod request;

mod interpret;
mod lattice;
mod noise;
mod plan;
mod present;
pub mod rank;
mod retrieve;

mod align;
mod count;
mod cursor;
mod display;
mod effort;
mod filter;
mod suggest;

use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use crate::text::normalize::NormalizedText;
use align::Leniency;

pub use hits::{
    Choice, Explanation, Facet, FeatureValue, Highlight, Hit, Hits, MatchReason, MatchRule, PartRole,
    PathStep, QueryPart, QueryReading, Total, TypedMatch,
};
pub use request::{Budget, FacetField, SearchRequest};

pub(crate) use display::display_name;
pub(crate) use present::path_of;

/// One search on one snapshot. Tells at the end of each piece of work which step it belonged to.
pub(crate) fn search(
    snapshot: &Snapshot,
    request: &SearchRequest,
    done: &mut dyn FnMut(SearchStep),
) -> Result<Hits, SearchError> {
    let text = NormalizedText::new(&request.query);
    done(SearchStep::Normalize);
    let interpretation = interpret::interpret(text);
    done(SearchStep::Interpret);
    let plan = plan::plan(interpretation, request, snapshot)?;
    done(SearchStep::Plan);
    let (ranked, measure) = retrieve_and_rank(&plan, snapshot, done)?;
    let hits = present::present(ranked, measure, &plan, snapshot)?;
    done(SearchStep::Present);
    Ok(hits)
}

/// Retrieves and ranks, the cheapest first: what holds the very text; short forms, unless names that hold it all
/// leave no room for them; where what was found is all of it but in pieces, the same by slips of the hand; where nothing
/// found is all of it, the same by what sounds or looks alike; where that is not enough either, further candidates.
fn retrieve_and_rank<'a>(
    plan: &'a plan::QueryPlan<'a>,
    snapshot: &'a Snapshot,
    done: &mut dyn FnMut(SearchStep),
) -> Result<(rank::Ranked, rank::Measure<'a>), SearchError> {
    let mut candidates = retrieve::retrieve(plan, snapshot)?;
    done(SearchStep::Retrieve);
    let mut ranking = rank::Ranking::new(plan, snapshot, Leniency::Strict);
    ranking.measure(&candidates);
    if !candidates.are_named && !ranking.leaves_no_room() {
        done(SearchStep::Rank);
        retrieve::retrieve_short_forms(&mut candidates, plan, snapshot);
        done(SearchStep::Retrieve);
        ranking.measure(&candidates);
    }
    let (ranked, measure) = ranking.finish(&candidates);
    done(SearchStep::Rank);
    let corrects = plan.request.correct;
    if ranked.fits == rank::Fit::Whole || (ranked.fits == rank::Fit::Scattered && !corrects) {
        return Ok((ranked, measure));
    }
    candidates.keep_best(&ranked);
    if ranked.fits == rank::Fit::Scattered {
        let ranked = rank::rank(&candidates, plan, snapshot, Leniency::Slips);
        done(SearchStep::Rank);
        return Ok(ranked);
    }
    let leniency = if corrects { Leniency::Alike } else { Leniency::Strict };
    if corrects {
        let (ranked, measure) = rank::rank(&candidates, plan, snapshot, leniency);
        done(SearchStep::Rank);
        if ranked.fits >= rank::Fit::Nearly {
            return Ok((ranked, measure));
        }
    }
    retrieve::retrieve_further(&mut candidates, plan, snapshot)?;
    done(SearchStep::Retrieve);
    let ranked = rank::rank(&candidates, plan, snapshot, leniency);
    done(SearchStep::Rank);
    Ok(ranked)
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
    let text = NormalizedText::new(&request.query);
    let interpretation = interpret::interpret(text);
    let plan = plan::plan(interpretation, request, snapshot)?;
    let (ranked, measure) = retrieve_and_rank(&plan, snapshot, &mut |_| ())?;
    let place = ranked.place_of(ordinal);
    let explanation = rank::explain_one(ordinal, &plan, snapshot, ranked.leniency);
    let Hits { query, hits, .. } = present::present(ranked, measure, &plan, snapshot)?;
    Ok(Explained { query, place, explanation, first: hits.into_iter().next() })
}

/// The steps of the flow, for spans, metrics and documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchStep {
    /// One spelling for characters that mean the same.
    Normalize,
    /// Parts of the query and what each is taken for.
    Interpret,
    /// Readings, filters and budgets.
    Plan,
    /// Candidates from all legs.
    Retrieve,
    /// Features, scores, order.
    Rank,
    /// One page of hits.
    Present,
}

impl SearchStep {
    /// All steps in order.
    pub const ALL: [SearchStep; 6] = [
        SearchStep::Normalize,
        SearchStep::Interpret,
        SearchStep::Plan,
        SearchStep::Retrieve,
        SearchStep::Rank,
        SearchStep::Present,
    ];

    /// The step's name.
    pub fn name(self) -> &'static str {
        match self {
            SearchStep::Normalize => "normalize",
            SearchStep::Interpret => "interpret",
            SearchStep::Plan => "plan",
            SearchStep::Retrieve => "retrieve",
            SearchStep::Rank => "rank",
            SearchStep::Present => "present",
        }
    }
}
