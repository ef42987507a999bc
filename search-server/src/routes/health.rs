//! `GET /livez`, `/readyz` and `/metrics`: for the machinery around the server.

use crate::error::{ApiError, texts};
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::readiness::Refusal;
use crate::state::AppState;
use crate::telemetry::Now;
use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use std::time::Instant;

/// The process answers.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct Alive {
    /// `alive`.
    #[schema(example = "alive")]
    status: &'static str,
}

/// Says that the process answers.
///
/// It does so while it loads and while it stops.
#[utoipa::path(
    get,
    path = "/livez",
    tag = "health",
    responses((status = 200, body = Alive, description = "The process answers"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn livez() -> Json<Alive> {
    Json(Alive { status: "alive" })
}

/// The server answers searches.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct Ready {
    /// `ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// The generation that answers.
    generation: String,
    /// How many organizations it holds.
    orgs: u64,
    /// Files of the live generation that differ from their checksums, as the last scrub found them. The server still
    /// answers, perhaps wrongly: roll back or reindex. Absent if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    damaged: Vec<String>,
    /// A published generation that cannot be opened; the one before is served. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Refusal>,
}

/// Says whether searches are answered.
///
/// 503 with the reason until a generation is loaded and warm, while stopping, and while a replica is further behind its
/// store than it may be. Damage
/// leaves it at 200 and is told in the body: a server that answers is better than none.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "health",
    responses((status = 200, body = Ready, description = "The server answers searches"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn readyz(State(state): State<AppState>) -> Result<Json<Ready>, ApiError> {
    let live = state.engine.generation();
    if let Some(problem) = state.readiness.obstacle(&live) {
        return Err(ApiError::new(problem));
    }
    match lagging(&state) {
        Some(lagging) => Err(lagging),
        None => Ok(Json(Ready {
            status: "ready",
            damaged: state.readiness.damaged(&live),
            refused: state.readiness.refused(),
            generation: live.name,
            orgs: live.orgs,
        })),
    }
}

/// A replica that is further behind than it may be.
fn lagging(state: &AppState) -> Option<ApiError> {
    let follow = state.follow.as_ref()?;
    let lag = follow.excessive_lag(Instant::now())?;
    Some(ApiError::new(&texts::LAGGING).with("store", &follow.address).with("lag", lag.as_secs()))
}

/// Gives counters and times in the text format of Prometheus.
///
/// None of them holds a query.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "health",
    responses((status = 200, body = String, content_type = "text/plain", description = "Prometheus metrics"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn metrics(State(state): State<AppState>) -> Response {
    let live = state.engine.generation();
    let damaged = state.readiness.damaged(&live).len();
    let now = Now {
        connections: state.connections.len(),
        damaged_files: damaged,
        changed_orgs: state.engine.changed_orgs(),
        searches: state.pool.taken(),
        follow: state.follow.as_deref().map(|follow| (follow.lag(Instant::now()), follow)),
        publish: state.publish.as_deref().map(|writer| (writer.lag(Instant::now()), writer)),
    };
    let text = state.metrics.render(&live, &now);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
