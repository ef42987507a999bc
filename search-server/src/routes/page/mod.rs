//! `GET /`: a transfer form that works without scripts. `?q=` lists results; `?org=` shows one organization and, with
//! `?from=`, how to get there from that home system. Scripts put the form field with suggestions in place of the plain
//! one.

mod chosen;
pub(crate) mod examples;
pub(crate) mod html;
mod own_address;
mod parts;
mod qr;
mod query;
mod render;
mod results;
pub(crate) mod share;
mod texts;

use super::parameters::Parameters;
use super::queries::{Narrowing, check_length};
use super::search::find;
use crate::error::ApiError;
use crate::language::Language;
use crate::middleware::problems::ProblemTrace;
use crate::middleware::security_headers::PAGE_POLICY;
use crate::state::AppState;
use axum::Extension;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, VARY,
};
use axum::response::{IntoResponse, Response};
use index_data::model::OrgStatus;
use query::PageQuery;
use render::render;
use results::Results;
use search_core::{ChildrenRequest, SearchError, SearchRequest};
use std::sync::Arc;

/// Hits on a page.
const PAGE_LEN: usize = 20;
/// Organizations below the one chosen, on a page: a school's classes of one autumn mostly fit.
const BELOW_LEN: usize = 50;

/// The handler. Errors are told on the page, under their own status.
pub(crate) async fn page(
    State(state): State<AppState>,
    language: Language,
    parameters: Parameters,
) -> Response {
    let query = PageQuery::read(&parameters, language);
    let outcome = if query.asks_nothing() {
        Ok(Results::Nothing { examples: examples(&state).await })
    } else {
        look_up(&state, &query, &parameters).await
    };
    match outcome {
        Ok(results) => {
            let response = answer(language, render(&query, Ok(&results), &state.settings));
            match results {
                Results::Found { found, .. } => (Extension(found.trace), response).into_response(),
                Results::Chosen { .. } | Results::Nothing { .. } => response,
            }
        }
        Err(error) => refused(&state, &query, &error),
    }
}

/// A page, with the headers of all pages.
fn answer(language: Language, body: String) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_LANGUAGE, HeaderValue::from_static(language.tag())),
        (CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (VARY, HeaderValue::from_static("accept-language")),
    ];
    (headers, body).into_response()
}

/// The page that tells an error, under its own status.
fn refused(state: &AppState, query: &PageQuery, error: &ApiError) -> Response {
    let mut response = answer(query.language, render(query, Err(error), &state.settings));
    *response.status_mut() = error.status();
    response.headers_mut().extend(error.headers().iter().cloned());
    (Extension(ProblemTrace::of(error)), response).into_response()
}

/// The examples of the live generation; none while the server has no time for them.
async fn examples(state: &AppState) -> Arc<Vec<String>> {
    let generation = state.engine.generation().version;
    if let Some(known) = state.examples.of(&generation) {
        return known;
    }
    match state.run(|engine, _| (engine.generation().version, examples::draw(engine))).await {
        Ok((generation, drawn)) => state.examples.keep(generation, drawn),
        Err(_) => Arc::default(),
    }
}

async fn look_up(state: &AppState, query: &PageQuery, parameters: &Parameters) -> Result<Results, ApiError> {
    if let Some(id) = query.org.clone() {
        return choose(state, id, query.cursor.clone()).await;
    }
    let limits = &state.settings.limits;
    check_length(&query.text, limits)?;
    let defaults = SearchRequest::new(&query.text).limit(PAGE_LEN);
    let request = Narrowing::read(parameters, limits)?.shape(defaults, limits);
    let within = match query.within.clone() {
        Some(id) => Some(Box::new(state.run(move |engine, _| engine.org(&id)).await??)),
        None => None,
    };
    Ok(Results::Found { found: Box::new(find(state, request, |hits, _| hits).await?), within })
}

async fn choose(state: &AppState, id: String, cursor: Option<String>) -> Result<Results, ApiError> {
    let looked_up = state.run(move |engine, _| {
        let chosen = Box::new(engine.current_org(&id)?);
        // Nobody can be sent to a class that has left, so only active ones are offered.
        let statuses = vec![OrgStatus::Active];
        let request = ChildrenRequest { limit: BELOW_LEN, cursor, statuses };
        let below = engine.children_with(&chosen.org.id, &request)?;
        Ok::<_, SearchError>(Results::Chosen { chosen, below })
    });
    Ok(looked_up.await??)
}
