//! `GET /v1/admin/jobs` and `GET /v1/admin/jobs/{id}`.

use crate::error::{ApiError, texts};
use crate::jobs::JobStatus;
use crate::openapi::{PROBLEM, Problem};
use crate::state::AppState;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};

/// The remembered jobs, the newest first.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct JobsAnswer {
    jobs: Vec<JobStatus>,
}

/// The handler of `GET /v1/admin/jobs`.
#[utoipa::path(
    get,
    path = "/v1/admin/jobs",
    tag = "admin",
    security(("admin_key" = [])),
    responses((status = 200, body = JobsAnswer, description = "The remembered jobs, the newest first"), (status = "default", body = Problem, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn list(State(state): State<AppState>) -> Json<JobsAnswer> {
    Json(JobsAnswer { jobs: state.jobs.all() })
}

/// The handler of `GET /v1/admin/jobs/{id}`.
#[utoipa::path(
    get,
    path = "/v1/admin/jobs/{id}",
    tag = "admin",
    params(("id" = String, Path, description = "The id of a job")),
    security(("admin_key" = [])),
    responses((status = 200, body = JobStatus, description = "The job"), (status = "default", body = Problem, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn one(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<JobStatus>, ApiError> {
    let Path(id) = id?;
    let job = state.jobs.find(&id);
    job.map(Json).ok_or_else(|| ApiError::new(&texts::UNKNOWN_JOB).with("id", id))
}
