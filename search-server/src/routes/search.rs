//! `GET /v1/search`: a results page, with totals, facets and further pages.

use super::etag::{Etag, Freshness};
use super::parameters::Parameters;
use super::queries::{Narrowing, Paging, TypedQuery, check_values};
use crate::error::ApiError;
use crate::json::answer::SearchAnswer;
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::search_trace::SearchTrace;
use crate::state::AppState;
use crate::step_times::StepTimes;
use axum::Extension;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::{AppendHeaders, IntoResponse, Response};
use search_core::{Hits, SearchRequest};
use std::time::Duration;

/// Hits on a page unless asked otherwise; transfer forms used to show as many in all.
const DEFAULT_LIMIT: usize = 30;

/// Finds organizations: one page of hits, with totals, facets and further pages.
///
/// Organizations of every status are found; those that are not active come after equally good active ones.
#[utoipa::path(
    get,
    path = "/v1/search",
    tag = "search",
    params(TypedQuery, Narrowing, Paging),
    responses((status = 200, body = SearchAnswer, description = "One page of hits"), (status = 304, description = "`If-None-Match` names the answer: it has not changed"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn search(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let limits = &state.settings.limits;
    let TypedQuery { q } = TypedQuery::read(&parameters, limits)?;
    let narrowing = Narrowing::read(&parameters, limits)?;
    let Paging { facets } = Paging::read(&parameters, limits)?;
    let defaults = SearchRequest { facets, ..SearchRequest::new(q).limit(DEFAULT_LIMIT) };
    let request = narrowing.shape(defaults, limits);
    check_values(&request, &state.engine)?;
    let etag = Etag::new(&state.engine, &uri);
    if let Some(answer) = etag.not_modified(&headers, Freshness::Asking) {
        return Ok(answer);
    }
    let found =
        find(&state, request, |hits, took| serde_json::to_vec(&SearchAnswer::new(hits, took))).await?;
    answer(found, &etag, Freshness::Asking)
}

/// What became of a search, and what may be logged about it.
pub(crate) struct Found<T> {
    pub(crate) answer: T,
    pub(crate) trace: SearchTrace,
}

/// Runs a search on the engine's threads, within the deadline, and makes its answer there, where its many small
/// pieces were made: an allocator is slow at taking back what another thread has got from it.
pub(crate) async fn find<T: Send + 'static>(
    state: &AppState,
    mut request: SearchRequest,
    answer: impl FnOnce(Hits, Duration) -> T + Send + 'static,
) -> Result<Found<T>, ApiError> {
    let log_queries = state.settings.telemetry.log_queries;
    let found = state.run(move |engine, cancel| {
        request.cancel = Some(cancel);
        let mut steps = StepTimes::start();
        let hits = engine.search_observed(&request, &mut |step| steps.done(step))?;
        let took = steps.total();
        let trace = SearchTrace::of(&hits, steps, log_queries);
        Ok(Found { answer: answer(hits, took), trace })
    });
    found.await?
}

/// The answer of a search, with what lets callers keep it: one that was cut short may come out longer next time.
pub(crate) fn answer(
    Found { answer, trace }: Found<serde_json::Result<Vec<u8>>>,
    etag: &Etag,
    freshness: Freshness,
) -> Result<Response, ApiError> {
    let body = answer.map_err(ApiError::internal)?;
    let caching = (!trace.truncated).then(|| AppendHeaders(etag.headers(freshness)));
    let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    Ok((json, caching, Extension(trace), body).into_response())
}
