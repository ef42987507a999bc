//! `POST /v1/misses`: somebody did not find an organization. It is counted; what was typed is not asked for.

use super::body::WholeBody;
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::state::AppState;
use axum::extract::State;
use axum::http::StatusCode;

/// Counts that somebody did not find an organization.
///
/// Takes no text: a body is not read into anything. The count is the metric `orgsearch_misses_total`.
#[utoipa::path(
    post,
    path = "/v1/misses",
    tag = "search",
    responses((status = 204, description = "Counted"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn misses(State(state): State<AppState>, _ignored: WholeBody) -> StatusCode {
    state.metrics.missed();
    StatusCode::NO_CONTENT
}
