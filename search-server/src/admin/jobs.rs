//! `GET /v1/admin/jobs`, `GET /v1/admin/jobs/{id}` and `DELETE /v1/admin/jobs/{id}`.

use crate::error::{ApiError, texts};
use crate::jobs::{Cancelled, JobStatus};
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::state::AppState;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;

/// The remembered jobs, the newest first.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct JobsAnswer {
    /// The jobs; empty if there was none since the server began.
    jobs: Vec<JobStatus>,
}

/// Lists the latest jobs.
///
/// Each with its state and, once it has one, its report.
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
/// Its state, how far it is, and what was found in the rows.
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
    let job = state.jobs.find(&id);
    job.map(Json).ok_or_else(|| ApiError::new(&texts::UNKNOWN_JOB).with("id", id))
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
