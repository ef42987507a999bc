//! `GET /v1/autocomplete`: what to offer at each keystroke.

use super::etag::{Etag, Freshness};
use super::parameters::Parameters;
use super::queries::{Narrowing, TypedQuery, check_values};
use super::search::{answer, find};
use crate::error::ApiError;
use crate::json::answer::AutocompleteAnswer;
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use search_core::{Engine, Hits, QueryReading, SearchPass, SearchRequest};
use std::time::Duration;

/// Hits unless asked otherwise: as many as a list under a field shows.
const DEFAULT_LIMIT: usize = 10;

/// Offers organizations while a member types.
///
/// Active ones, unless `status` asks for others, and what to type next. An empty field offers nothing, unless `within` says below which organization to offer.
#[utoipa::path(
    get,
    path = "/v1/autocomplete",
    tag = "search",
    params(TypedQuery, Narrowing),
    responses((status = 200, body = AutocompleteAnswer, description = "What to offer"), (status = 304, description = "`If-None-Match` names the answer: it has not changed"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn autocomplete(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let limits = &state.settings.limits;
    let TypedQuery { q } = TypedQuery::read(&parameters, limits)?;
    let defaults = SearchRequest::autocomplete(q.as_str()).limit(DEFAULT_LIMIT);
    let request = Narrowing::read(&parameters, limits)?.shape(defaults, limits);
    check_values(&request, &state.engine)?;
    if q.trim().is_empty() && request.within.is_none() {
        return Ok(Json(AutocompleteAnswer::new(nothing(q, &state.engine), Duration::ZERO)).into_response());
    }
    let etag = Etag::new(&state.engine, &uri);
    if let Some(answer) = etag.not_modified(&headers, Freshness::Typing) {
        return Ok(answer);
    }
    let found =
        find(&state, request, |hits, took| serde_json::to_vec(&AutocompleteAnswer::new(hits, took))).await?;
    answer(found, &etag, Freshness::Typing)
}

fn nothing(query: String, engine: &Engine) -> Hits {
    let query = QueryReading { raw: query, normalized: String::new(), parts: Vec::new() };
    Hits {
        query,
        hits: Vec::new(),
        total: None,
        facets: Vec::new(),
        next_cursor: None,
        complete_to: None,
        choices: Vec::new(),
        generation: engine.generation().version,
        prior: engine.learned(),
        truncated: Vec::new(),
        pass: SearchPass::Verbatim,
    }
}
