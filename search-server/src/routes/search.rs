//! `GET /v1/search`: a results page, with totals, facets and further pages.

use super::answer::SearchAnswer;
use super::parameters::Parameters;
use crate::error::ApiError;
use crate::middleware::trace::SearchTrace;
use crate::openapi::{Narrowing, PROBLEM, Paging, Problem, TypedQuery};
use crate::state::AppState;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use search_core::{Hits, SearchRequest};
use std::time::{Duration, Instant};

/// Hits on a page unless asked otherwise; transfer forms used to show as many in all.
const DEFAULT_LIMIT: usize = 30;

/// The handler.
#[utoipa::path(
    get,
    path = "/v1/search",
    tag = "search",
    params(TypedQuery, Narrowing, Paging),
    responses((status = 200, body = SearchAnswer, description = "One page of hits"), (status = "default", body = Problem, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn search(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let limits = &state.settings.limits;
    let query = parameters.query(limits)?;
    let defaults = SearchRequest::new(query).limit(DEFAULT_LIMIT);
    let mut request = parameters.shape(defaults, limits)?;
    request.facets = parameters.facets(limits)?;
    let Found { hits, took, trace } = find(&state, request).await?;
    Ok((Extension(trace), Json(SearchAnswer::new(hits, took))).into_response())
}

/// Hits, how long the engine took, and what may be logged about them.
pub(crate) struct Found {
    pub(crate) hits: Hits,
    pub(crate) took: Duration,
    pub(crate) trace: SearchTrace,
}

/// Runs a search on the engine's threads, within the deadline.
pub(crate) async fn find(state: &AppState, mut request: SearchRequest) -> Result<Found, ApiError> {
    let searched = state.run(move |engine, cancel| {
        request.cancel = Some(cancel);
        let started = Instant::now();
        engine.search(&request).map(|hits| (hits, started.elapsed()))
    });
    let (hits, took) = searched.await??;
    let trace = SearchTrace::of(&hits, took, state.settings.telemetry.log_queries);
    Ok(Found { hits, took, trace })
}
