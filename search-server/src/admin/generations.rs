//! `GET /v1/admin/generations` and `POST /v1/admin/rollback`.

use super::reindex::already_running;
use crate::error::{ApiError, texts};
use crate::json::generation::GenerationJson;
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::routes::body::WholeBody;
use crate::state::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use search_core::EngineError;

/// All generations, the oldest first.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct GenerationsAnswer {
    /// Those on disk; one of them is live.
    generations: Vec<GenerationJson>,
}

/// Lists the generations on disk, the oldest first.
///
/// Says of each how many organizations it holds and whether it is live.
#[utoipa::path(
    get,
    path = "/v1/admin/generations",
    operation_id = "generations",
    tag = "admin",
    security(("admin_key" = [])),
    responses((status = 200, body = GenerationsAnswer, description = "All generations, the oldest first"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn list(State(state): State<AppState>) -> Result<Json<GenerationsAnswer>, ApiError> {
    let generations = on_disk(&state, |state| state.engine.generations()).await?;
    Ok(Json(GenerationsAnswer { generations: generations.into_iter().map(Into::into).collect() }))
}

/// Where to go back to; the generation before the live one without a name.
#[derive(Debug, Default, serde::Deserialize, utoipa::ToSchema)]
pub(crate) struct RollbackBody {
    /// The name of a generation on disk; null or absent: the one before the live one.
    to: Option<String>,
}

/// The generation that is live now.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct RollbackAnswer {
    /// The generation that is live now.
    generation: GenerationJson,
}

/// Makes an earlier generation live again.
///
/// The one named in the body, or the one before the live one where the body is empty.
#[utoipa::path(
    post,
    path = "/v1/admin/rollback",
    tag = "admin",
    request_body(content = Option<RollbackBody>, description = "Where to go back to; it may be left out"),
    security(("admin_key" = [])),
    responses((status = 200, body = RollbackAnswer, description = "The generation that is live now"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn rollback(
    State(state): State<AppState>,
    WholeBody(body): WholeBody,
) -> Result<Json<RollbackAnswer>, ApiError> {
    let RollbackBody { to } = read_body(&body)?;
    if let Some(running) = state.jobs.running() {
        return Err(already_running(&running));
    }
    let generation = on_disk(&state, move |state| {
        let rolled_back = state.engine.rollback(to.as_deref());
        if let Err(EngineError::NotDurable { .. }) = rolled_back {
            state.take_over_what_is_live();
        }
        let generation = rolled_back?;
        state.warm_up();
        Ok(generation)
    });
    let generation = generation.await?;
    tracing::info!(generation = generation.name, "rolled back to generation {}", generation.name);
    Ok(Json(RollbackAnswer { generation: generation.into() }))
}

fn read_body(body: &Bytes) -> Result<RollbackBody, ApiError> {
    if body.is_empty() {
        return Ok(RollbackBody::default());
    }
    serde_json::from_slice(body).map_err(|error| ApiError::new(&texts::BAD_BODY).with("cause", error))
}

/// Runs what reads or writes the data directory on a blocking thread, beside the searches' own.
async fn on_disk<T: Send + 'static>(
    state: &AppState,
    work: impl FnOnce(&AppState) -> Result<T, EngineError> + Send + 'static,
) -> Result<T, ApiError> {
    let state = AppState::clone(state);
    let done = tokio::task::spawn_blocking(move || work(&state)).await;
    done.map_err(ApiError::internal)?.map_err(ApiError::from)
}
