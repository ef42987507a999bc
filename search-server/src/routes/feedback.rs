//! `POST /v1/feedback`: which organization somebody chose, to learn from.

use super::body::WholeBody;
use super::queries::check_length;
use crate::error::{ApiError, texts};
use crate::feedback::{Chosen, day_of};
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::middleware::rate_limit::Client;
use crate::state::AppState;
use axum::extract::State;
use axum::http::StatusCode;
use search_core::{Engine, normalize};
use std::sync::Arc;
use std::time::SystemTime;

/// Places further down than this are taken for it.
const LAST_POSITION: u64 = 1_000;
/// Bytes of a generation's name.
const GENERATION_BYTES: usize = 64;

/// Which organization somebody chose.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
pub(crate) struct FeedbackBody {
    /// What was typed when the organization was chosen.
    query: String,
    /// The organization that was chosen.
    id: String,
    /// Where it stood in the list, from 1.
    #[schema(minimum = 1)]
    position: u64,
    /// The generation of the answer.
    generation: String,
}

/// Writes down which organization somebody chose.
///
/// Only where the setting `feedback` is on; else 404. Who asks is kept as a keyed hash of address and day, whose key is
/// forgotten every day. What was typed and chosen is kept as a hash until several askers have chosen alike.
#[utoipa::path(
    post,
    path = "/v1/feedback",
    tag = "search",
    request_body(content = FeedbackBody, description = "The choice"),
    responses((status = 204, description = "Taken"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn feedback(
    State(state): State<AppState>,
    Client(client): Client,
    WholeBody(body): WholeBody,
) -> Result<StatusCode, ApiError> {
    let Some(feedback) = state.feedback.as_ref().map(Arc::clone) else {
        return Err(ApiError::new(&texts::NOT_FOUND).with("path", "/v1/feedback"));
    };
    let bad_body = |cause: String| ApiError::new(&texts::BAD_BODY).with("cause", cause);
    let FeedbackBody { query, id, position, generation } =
        serde_json::from_slice(&body).map_err(|error| bad_body(error.to_string()))?;
    check_length(&query, &state.settings.limits)?;
    if position == 0 {
        return Err(bad_body("position counts from 1".to_owned()));
    }
    if generation.len() > GENERATION_BYTES {
        return Err(bad_body("generation is no name of a generation".to_owned()));
    }
    let position = position.min(LAST_POSITION) as u16;
    let day = day_of(SystemTime::now());
    let noted = state.run(move |engine: &Engine, _| -> Result<(), ApiError> {
        engine.org(&id)?;
        let query = normalize(&query);
        // Nothing typed says nothing.
        if query.is_empty() {
            return Ok(());
        }
        feedback.note(Chosen { query: &query, id: &id, position }, client, day).map_err(ApiError::storage)
    });
    noted.await??;
    Ok(StatusCode::NO_CONTENT)
}
