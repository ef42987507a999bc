//! `GET /livez`, `/readyz` and `/metrics`: for the machinery around the server.

use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// The process answers.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Alive {
    status: &'static str,
}

/// The handler of `GET /livez`.
pub(crate) async fn livez() -> Json<Alive> {
    Json(Alive { status: "alive" })
}

/// The server answers searches.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Ready {
    status: &'static str,
    generation: String,
    orgs: u64,
}

/// The handler of `GET /readyz`: 503 with the reason until a generation is loaded and warm, and while stopping.
pub(crate) async fn readyz(State(state): State<AppState>) -> Result<Json<Ready>, ApiError> {
    let live = state.engine.generation();
    match state.readiness.obstacle(&live) {
        Some(problem) => Err(ApiError::new(problem)),
        None => Ok(Json(Ready { status: "ready", generation: live.name, orgs: live.orgs })),
    }
}

/// The handler of `GET /metrics`.
pub(crate) async fn metrics(State(state): State<AppState>) -> Response {
    let text = state.metrics.render(&state.engine.generation());
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
