//! `GET /v1/autocomplete`: what to offer at each keystroke.

use super::answer::AutocompleteAnswer;
use super::parameters::Parameters;
use super::search::{answer, find};
use super::validator::{Freshness, Validator};
use crate::error::ApiError;
use crate::openapi::{Narrowing, PROBLEM, Problem, TypedQuery};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use search_core::{Hits, QueryReading, SearchPass, SearchRequest};
use std::time::Duration;

/// Hits unless asked otherwise: as many as a list under a field shows.
const DEFAULT_LIMIT: usize = 10;

/// The handler. An empty field offers nothing, unless `within` says below which organization to offer.
#[utoipa::path(
    get,
    path = "/v1/autocomplete",
    tag = "search",
    params(TypedQuery, Narrowing),
    responses((status = 200, body = AutocompleteAnswer, description = "What to offer"), (status = 304, description = "`If-None-Match` names the answer: it has not changed"), (status = "default", body = Problem, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn autocomplete(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let limits = &state.settings.limits;
    let query = parameters.query(limits)?;
    let defaults = SearchRequest::autocomplete(query).limit(DEFAULT_LIMIT);
    let request = parameters.shape(defaults, limits)?;
    Parameters::check_values(&request, &state.engine)?;
    if query.trim().is_empty() && request.within.is_none() {
        let generation = state.engine.generation().name;
        return Ok(Json(AutocompleteAnswer::new(nothing(query, generation), Duration::ZERO)).into_response());
    }
    let validator = Validator::new(&state.engine.generation(), &uri);
    if let Some(answer) = validator.not_modified(&headers, Freshness::Typing) {
        return Ok(answer);
    }
    let found =
        find(&state, request, |hits, took| serde_json::to_vec(&AutocompleteAnswer::new(hits, took))).await?;
    answer(found, &validator, Freshness::Typing)
}

fn nothing(query: &str, generation: String) -> Hits {
    let query = QueryReading { raw: query.to_owned(), normalized: String::new(), parts: Vec::new() };
    Hits {
        query,
        hits: Vec::new(),
        total: None,
        facets: Vec::new(),
        next_cursor: None,
        complete_to: None,
        choices: Vec::new(),
        generation,
        truncated: Vec::new(),
        pass: SearchPass::Verbatim,
    }
}
