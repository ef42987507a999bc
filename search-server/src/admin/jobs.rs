//! `/v1/admin/jobs`: the jobs, what happens to one, what it found, and to publish it after all.

use super::difference_body::difference_body;
use super::reindex::{already_running, reserve, start};
use super::reindex_job::ReindexJob;
use super::upload::KeptUpload;
use crate::error::{ApiError, texts};
use crate::jobs::{Cancelled, JobEvent, JobState, JobStatus, Wish};
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::routes::parameters::Parameters;
use crate::state::AppState;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::timeout;

/// The remembered jobs, the newest first.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct JobsAnswer {
    /// The jobs, those of earlier servers on this data directory too.
    jobs: Vec<JobStatus>,
}

/// Lists the latest jobs.
///
/// Each with its state and, once it has one, its report. They are remembered over restarts.
#[utoipa::path(
    get,
    path = "/v1/admin/jobs",
    operation_id = "jobs",
    tag = "admin",
    security(("admin_key" = [])),
    responses((status = 200, body = JobsAnswer, description = "The remembered jobs, the newest first"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn list(State(state): State<AppState>) -> Json<JobsAnswer> {
    Json(JobsAnswer { jobs: state.jobs.all() })
}

/// Gives one job.
///
/// Its state, how far it is and how long it will take; once it has ended, what was found in the rows, what changes, and
/// what the gate said.
#[utoipa::path(
    get,
    path = "/v1/admin/jobs/{id}",
    tag = "admin",
    params(("id" = String, Path, description = "The id of a job", example = "5b009081e7510f941342e37a73c85c5d")),
    security(("admin_key" = [])),
    responses((status = 200, body = JobStatus, description = "The job"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn one(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<JobStatus>, ApiError> {
    let Path(id) = id?;
    find(&state, &id).map(Json)
}

/// What happened to a job.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct JobEventsAnswer {
    /// The state of the job now. There are no further events once it has ended.
    state: JobState,
    /// The events behind the one asked for, in their order.
    events: Vec<JobEvent>,
}

/// Which events of a job.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one")]
struct JobEventsQuery {
    /// The sequence of the last event that is known; 0 or absent: all.
    #[param(value_type = Option<u64>, example = 3)]
    after: u64,
    /// Waits so long for a further event, in milliseconds, at most 30,000; 0 or absent: not at all.
    #[param(value_type = Option<u64>, example = 10_000)]
    wait_ms: u64,
}

/// Gives what happened to a job, as it happens.
///
/// One event for each step, for each five percent of a step, and for its end. With `after` and `wait_ms` a page fetches
/// one answer after the other, and learns of each event as soon as there is one.
#[utoipa::path(
    get,
    path = "/v1/admin/jobs/{id}/events",
    operation_id = "job_events",
    tag = "admin",
    params(("id" = String, Path, description = "The id of a job", example = "5b009081e7510f941342e37a73c85c5d"), JobEventsQuery),
    security(("admin_key" = [])),
    responses((status = 200, body = JobEventsAnswer, description = "The events behind the one asked for"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn events(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
    parameters: Parameters,
) -> Result<Json<JobEventsAnswer>, ApiError> {
    let Path(id) = id?;
    let after = parameters.whole_number("after", u64::MAX)?.unwrap_or(0);
    let wait = Duration::from_millis(parameters.whole_number("wait_ms", MAX_WAIT_MS)?.unwrap_or(0));
    // Whatever happens from here on is noticed, also between two looks.
    let mut next_event = state.jobs.next_event();
    let look = || {
        let found = state.jobs.events(&id, after);
        found.ok_or_else(|| ApiError::new(&texts::UNKNOWN_JOB).with("id", &id))
    };
    let news = async {
        loop {
            next_event.borrow_and_update();
            let (job, events) = look()?;
            if !events.is_empty() || !job.is_unfinished() || next_event.changed().await.is_err() {
                return Ok::<_, ApiError>((job, events));
            }
        }
    };
    let (job, events) = match timeout(wait, news).await {
        Ok(news) => news?,
        Err(_) => look()?,
    };
    Ok(Json(JobEventsAnswer { state: job, events }))
}

/// The longest wait for an event: proxies give up silent answers after a minute.
const MAX_WAIT_MS: u64 = 30_000;

/// Gives every change that a job found, as CSV.
///
/// A line for each organization that comes, leaves, is renamed or moved, or has another status or other aliases. The
/// job's `difference_csv` says whether there is one.
#[utoipa::path(
    get,
    path = "/v1/admin/jobs/{id}/difference",
    operation_id = "job_difference",
    tag = "admin",
    params(("id" = String, Path, description = "The id of a job", example = "5b009081e7510f941342e37a73c85c5d")),
    security(("admin_key" = [])),
    responses((status = 200, body = String, content_type = "text/csv", description = "A line for each change"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn difference(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(id) = id?;
    let job = find(&state, &id)?;
    let path = state.jobs.difference_path(&job.id).filter(|_| job.has_difference_csv());
    let path = path.ok_or_else(|| ApiError::new(&texts::NO_DIFFERENCE).with("id", &job.id))?;
    let body = difference_body(path).await.map_err(ApiError::internal)?;
    let name = format!("attachment; filename=\"difference-{}.csv\"", job.id);
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, body).into_response())
}

/// How a job's file is published.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one")]
struct PublishQuery {
    /// Publishes whatever the gate says; the job and the generation say so.
    #[param(value_type = Option<bool>, example = true)]
    force: bool,
}

/// Publishes the file of the last job that did not.
///
/// A rehearsal that was looked at, or a file that the gate refused, without sending it again. What the gate refused needs
/// `force`, else the answer is 409 `gate_refused` with the report. The gate looks once more, as the live tree may have
/// changed. The server keeps the file of the last job only, until the next one ends or the server stops.
#[utoipa::path(
    post,
    path = "/v1/admin/jobs/{id}/publish",
    operation_id = "publish_job",
    tag = "admin",
    params(("id" = String, Path, description = "The id of a job", example = "5b009081e7510f941342e37a73c85c5d"), PublishQuery),
    security(("admin_key" = [])),
    responses((status = 202, body = JobStatus, description = "A further job has begun, with the same file"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn publish(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let Path(id) = id?;
    let force = parameters.switch("force")?.unwrap_or(false);
    let job = find(&state, &id)?;
    if job.state.is_unfinished() {
        return Err(already_running(&job));
    }
    if job.state == JobState::Refused && !force {
        let report = serde_json::to_value(&job).unwrap_or_default();
        return Err(ApiError::new(&texts::GATE_REFUSED).with("id", &job.id).member("report", report));
    }
    let wish = Wish { force, ..Wish::default() };
    let slot = reserve(&state, wish)?;
    let kept = {
        let mut place = state.kept_upload.lock().unwrap_or_else(PoisonError::into_inner);
        place.take_if(|kept| kept.job == job.id)
    };
    let Some(KeptUpload { upload, map, since, .. }) = kept else {
        return Err(ApiError::new(&texts::UPLOAD_GONE).with("id", job.id));
    };
    start(ReindexJob { state, slot, upload, map, wish, since })
}

/// Asks a job to stop.
///
/// Its state is `cancelled` once it has; a job that is
/// publishing already comes to its end as `done`.
#[utoipa::path(
    delete,
    path = "/v1/admin/jobs/{id}",
    tag = "admin",
    params(("id" = String, Path, description = "The id of a job", example = "5b009081e7510f941342e37a73c85c5d")),
    security(("admin_key" = [])),
    responses((status = 202, body = JobStatus, description = "The job will stop; its state is `cancelled` once it has"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn cancel(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<(StatusCode, Json<JobStatus>), ApiError> {
    let Path(id) = id?;
    match state.jobs.cancel(&id) {
        Cancelled::Asked(job) => {
            tracing::warn!(job = job.id, "job {} is asked to stop", job.id);
            Ok((StatusCode::ACCEPTED, Json(*job)))
        }
        Cancelled::Finished(job) => {
            let error = ApiError::new(&texts::JOB_FINISHED).with("id", &job.id);
            Err(error.member("job", serde_json::to_value(job).unwrap_or_default()))
        }
        Cancelled::Unknown => Err(ApiError::new(&texts::UNKNOWN_JOB).with("id", id)),
    }
}

fn find(state: &AppState, id: &str) -> Result<JobStatus, ApiError> {
    state.jobs.find(id).ok_or_else(|| ApiError::new(&texts::UNKNOWN_JOB).with("id", id))
}
