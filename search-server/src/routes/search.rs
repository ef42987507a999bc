//! `GET /v1/search`: a results page, with totals, facets and further pages.

use super::answer::SearchAnswer;
use super::parameters::Parameters;
use super::validator::{Freshness, Validator};
use crate::error::ApiError;
use crate::middleware::trace::SearchTrace;
use crate::openapi::{Narrowing, PROBLEM, Paging, Problem, TypedQuery};
use crate::state::AppState;
use crate::step_times::StepTimes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Extension, Json};
use search_core::{Hits, SearchRequest};
use std::time::Duration;

/// Hits on a page unless asked otherwise; transfer forms used to show as many in all.
const DEFAULT_LIMIT: usize = 30;

/// The handler.
#[utoipa::path(
    get,
    path = "/v1/search",
    tag = "search",
    params(TypedQuery, Narrowing, Paging),
    responses((status = 200, body = SearchAnswer, description = "One page of hits"), (status = 304, description = "`If-None-Match` names the answer: it has not changed"), (status = "default", body = Problem, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn search(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let limits = &state.settings.limits;
    let query = parameters.query(limits)?;
    let defaults = SearchRequest::new(query).limit(DEFAULT_LIMIT);
    let mut request = parameters.shape(defaults, limits)?;
    request.facets = parameters.facets(limits)?;
    let validator = Validator::new(&state.engine.generation(), &uri);
    if let Some(answer) = validator.not_modified(&headers, Freshness::Asking) {
        return Ok(answer);
    }
    let Found { hits, took, trace } = find(&state, request).await?;
    let caching = hits.truncated.is_empty().then(|| validator.headers(Freshness::Asking));
    let answer = SearchAnswer::new(hits, took);
    Ok((caching.map(AppendHeaders), Extension(trace), Json(answer)).into_response())
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
        let mut steps = StepTimes::start();
        engine.search_observed(&request, &mut |step| steps.done(step)).map(|hits| (hits, steps))
    });
    let (hits, steps) = searched.await??;
    let took = steps.total();
    let trace = SearchTrace::of(&hits, steps, state.settings.telemetry.log_queries);
    Ok(Found { hits, took, trace })
}
