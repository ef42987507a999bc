//! `POST /v1/admin/changes`: changes of the tree without a rebuild.

use super::reindex::location;
use crate::compaction;
use crate::config::Acknowledgement;
use crate::error::{ApiError, texts};
use crate::json::changes::{AppliedJson, BatchJson, QueuedJson};
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::publish_store::{self, StoreWriter};
use crate::replica::{BatchError, ReplicaError};
use crate::routes::body::WholeBody;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::response::{AppendHeaders, IntoResponse, Response};
use search_core::changes::{Applied, Batch, Change, ChangeError, QueuedBatch, Submitted};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A batch as it comes: changes are read one by one, so that each that cannot be read is told.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    key: String,
    changes: Vec<Value>,
}

/// Changes organizations.
///
/// All changes of the batch, or none: the answer comes once they are on the disk, and they are searched from then on. A
/// server that publishes into an object store says in `ack` whether they are in the store by then. Each change sees those
/// before it. The same key again gives the same answer and changes nothing, for 30 days; with other
/// changes it is 409 `key_reused`. What is wrong is 422 `invalid_changes` with `findings`, each with the `index` of its
/// change, a `field`, a stable `code` and a `detail`.
///
/// A batch that changes more than 50,000 organizations, with those below them, is on the disk when it is answered with
/// 202, and searched once the `job` has built a generation with it. The same key again gives 202 until then, and 200
/// afterwards. Until then no other batch is taken: 503 `changes_queued`. A rollback takes it back.
#[utoipa::path(
    post,
    path = "/v1/admin/changes",
    operation_id = "changes",
    tag = "admin",
    request_body(content = BatchJson, description = "The batch"),
    security(("admin_key" = [])),
    responses((status = 200, body = AppliedJson, description = "What was done; the same for the same key"), (status = 202, body = QueuedJson, description = "It is on the disk; a generation is built with it"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn changes(
    State(state): State<AppState>,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let Body { key, changes } = serde_json::from_slice(&body)
        .map_err(|error| ApiError::new(&texts::BAD_BODY).with("cause", error))?;
    let began = Instant::now();
    let batch = read(key, changes).map_err(|error| refused(&state, error))?;
    match submit(&state, batch).await? {
        Submitted::Applied(applied) => {
            tell(&state, &applied, began.elapsed());
            let ack = state.publish.as_ref().map(|writer| writer.ack.name());
            Ok(Json(AppliedJson { ack, ..applied.into() }).into_response())
        }
        Submitted::Queued(batch) => {
            tell_queued(&state, &batch, began.elapsed());
            let building = move || compaction::building(&state);
            let job = tokio::task::spawn_blocking(building).await.map_err(ApiError::internal)?;
            let answer = QueuedJson::new(batch, job.as_ref().map(|job| job.id.clone()));
            Ok((StatusCode::ACCEPTED, job.as_ref().map(location).map(AppendHeaders), Json(answer))
                .into_response())
        }
    }
}

/// Makes a batch, with the store or without it.
async fn submit(state: &AppState, batch: Batch) -> Result<Submitted, ApiError> {
    if let Some(writer) = state.publish.as_ref().filter(|writer| writer.ack == Acknowledgement::Store) {
        let applied = publish_store::apply(state, writer, batch).await;
        return applied.map(Submitted::Applied).map_err(|error| match error {
            BatchError::Change(error) => refused(state, error),
            error => not_stored(writer, &error),
        });
    }
    if let Some(writer) = state.publish.as_ref().filter(|writer| writer.is_taken_over()) {
        let cause = "another writer publishes there";
        return Err(ApiError::new(&texts::TAKEN_OVER).with("store", &writer.address).with("cause", cause));
    }
    let engine = Arc::clone(&state.engine);
    // Where nobody would build a generation, nothing may wait for one.
    let may_wait = compaction::is_possible(state);
    let work = move || match may_wait {
        true => engine.submit(&batch),
        false => engine.apply(&batch).map(Submitted::Applied),
    };
    let done = tokio::task::spawn_blocking(work).await;
    let submitted = done.map_err(ApiError::internal)?.map_err(|error| refused(state, error));
    if let Some(writer) = &state.publish {
        writer.notify();
    }
    submitted
}

fn read(key: String, changes: Vec<Value>) -> Result<Batch, ChangeError> {
    if changes.len() > search_core::changes::MAX_CHANGES {
        return Err(ChangeError::TooManyChanges { found: changes.len() });
    }
    let changes = Change::read_all(changes).map_err(|findings| ChangeError::Invalid { findings })?;
    let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Ok(Batch { key, changes, at })
}

fn tell(state: &AppState, applied: &Applied, took: Duration) {
    let Applied { key, applied: changes, generation, sequence } = applied;
    state.metrics.changed("applied", took);
    let changed_orgs = state.engine.changed_orgs();
    let took_ms = took.as_secs_f64() * 1000.0;
    tracing::info!(
        key,
        changes,
        generation,
        sequence,
        changed_orgs,
        took_ms,
        "batch {sequence} of {changes} changes is in effect: {generation}"
    );
}

fn tell_queued(state: &AppState, batch: &QueuedBatch, took: Duration) {
    let QueuedBatch { key, changes, sequence } = batch;
    state.metrics.changed("queued", took);
    tracing::info!(key, changes, sequence, "batch {sequence} of {changes} changes waits for a generation");
}

fn refused(state: &AppState, error: ChangeError) -> ApiError {
    state.metrics.changed("refused", Duration::ZERO);
    tracing::info!(%error, "a batch of changes was refused: {error}");
    ApiError::from(error)
}

/// A batch that the store did not take, as far as is known.
fn not_stored(writer: &StoreWriter, error: &BatchError) -> ApiError {
    let cause = match error {
        BatchError::Replica(error) => error.to_string(),
        _ => "a generation is being published".to_owned(),
    };
    tracing::warn!(cause, "a batch of changes is not acknowledged: {cause}");
    let problem = match error {
        BatchError::Replica(ReplicaError::TakenOver { .. }) => &texts::TAKEN_OVER,
        BatchError::Replica(ReplicaError::TooLarge { .. }) => &texts::CHANGES_TOO_LARGE,
        _ => &texts::STORE_UNAVAILABLE,
    };
    ApiError::new(problem).with("store", &writer.address).with("cause", cause)
}

/// Seconds after which to send a batch again that came while a generation is built for another one.
const RETRY_AFTER_S: &str = "10";

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> Self {
        use search_core::changes::{MAX_CHANGES, MAX_KEY_BYTES};
        match error {
            ChangeError::Invalid { findings } => {
                let first = findings.first().map(ToString::to_string).unwrap_or_default();
                let told =
                    ApiError::new(&texts::INVALID_CHANGES).with("count", findings.len()).with("first", first);
                told.member("findings", serde_json::to_value(findings).unwrap_or_default())
            }
            ChangeError::KeyReused { key } => ApiError::new(&texts::KEY_REUSED).with("key", key),
            ChangeError::BadKey => ApiError::new(&texts::BAD_CHANGES_KEY).with("max", MAX_KEY_BYTES),
            ChangeError::TooManyChanges { found } => {
                ApiError::new(&texts::TOO_MANY_CHANGES).with("found", found).with("max", MAX_CHANGES)
            }
            ChangeError::Queued { key, sequence } => {
                let told = ApiError::new(&texts::CHANGES_QUEUED).with("key", key).with("sequence", sequence);
                told.header(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S))
            }
            ChangeError::Engine(error) => ApiError::from(error),
            other => ApiError::internal(other),
        }
    }
}
