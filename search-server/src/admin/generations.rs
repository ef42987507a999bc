//! `/v1/admin/generations` and `POST /v1/admin/rollback`: what stands on the disk, and which of it is live.

use super::reindex::already_running;
use crate::error::{ApiError, texts};
use crate::json::generation::{GenerationDetailsJson, GenerationJson, PrunedJson, VerifiedJson};
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::routes::body::WholeBody;
use crate::routes::parameters::Parameters;
use crate::state::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
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

/// Shows one generation.
///
/// What it says of itself, what the gate said when it was published, and its files.
#[utoipa::path(
    get,
    path = "/v1/admin/generations/{name}",
    operation_id = "generation",
    tag = "admin",
    params(("name" = String, Path, description = "The name of a generation", example = "g000012")),
    security(("admin_key" = [])),
    responses((status = 200, body = GenerationDetailsJson, description = "The generation"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn inspect(
    State(state): State<AppState>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<GenerationDetailsJson>, ApiError> {
    let Path(name) = name?;
    let (info, files) = on_disk(&state, move |state| state.engine.inspect(&name)).await?;
    Ok(Json(GenerationDetailsJson::new(info, files)))
}

/// Reads every checksum of a generation.
///
/// Takes a second for each gigabyte or so; searches go on.
#[utoipa::path(
    post,
    path = "/v1/admin/generations/{name}/verify",
    operation_id = "verify_generation",
    tag = "admin",
    params(("name" = String, Path, description = "The name of a generation", example = "g000012")),
    security(("admin_key" = [])),
    responses((status = 200, body = VerifiedJson, description = "Whether it is what was sealed"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn verify(
    State(state): State<AppState>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<VerifiedJson>, ApiError> {
    let Path(name) = name?;
    let verified = on_disk(&state, move |state| {
        let damaged = state.engine.verify_generation(&name, &mut |_| ());
        Ok(VerifiedJson::new(name, damaged?))
    });
    Ok(Json(verified.await?))
}

/// Makes a generation live.
///
/// As a rollback to its name; requests under way end with the one they began with.
#[utoipa::path(
    post,
    path = "/v1/admin/generations/{name}/activate",
    operation_id = "activate_generation",
    tag = "admin",
    params(("name" = String, Path, description = "The name of a generation", example = "g000012")),
    security(("admin_key" = [])),
    responses((status = 200, body = RollbackAnswer, description = "The generation that is live now"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn activate(
    State(state): State<AppState>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<RollbackAnswer>, ApiError> {
    let Path(name) = name?;
    make_live(&state, Some(name)).await
}

/// How many generations stay.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameter; it is read by its name")]
struct PruneQuery {
    /// How many stay; absent: 3. The live one and the one it replaced always do.
    #[param(value_type = Option<u64>, example = 2)]
    keep: u64,
}

/// Removes the oldest generations.
///
/// Never the live one, nor the one that it replaced, so that a rollback stays possible.
#[utoipa::path(
    post,
    path = "/v1/admin/generations/prune",
    operation_id = "prune_generations",
    tag = "admin",
    params(PruneQuery),
    security(("admin_key" = [])),
    responses((status = 200, body = PrunedJson, description = "What was removed"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn prune(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<Json<PrunedJson>, ApiError> {
    const KEPT: u64 = 3;
    let keep = parameters.whole_number("keep", u64::from(u32::MAX))?.unwrap_or(KEPT) as usize;
    let removed = on_disk(&state, move |state| state.engine.prune(keep)).await?;
    tracing::info!("removed {} generations", removed.len());
    Ok(Json(PrunedJson { removed }))
}

/// Where to go back to; the generation before the live one without a name.
#[derive(Debug, Default, serde::Deserialize, utoipa::ToSchema)]
pub(crate) struct RollbackBody {
    /// The name of a generation on disk (`g000012`: as it was built), or of one of its batches of changes (`g000012-347`:
    /// with all up to this one); null or absent: the generation before the live one.
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
    make_live(&state, to).await
}

async fn make_live(state: &AppState, to: Option<String>) -> Result<Json<RollbackAnswer>, ApiError> {
    if let Some(running) = state.jobs.running() {
        return Err(already_running(&running));
    }
    let generation = on_disk(state, move |state| {
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
