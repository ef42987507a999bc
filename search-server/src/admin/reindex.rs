//! `POST /v1/admin/reindex`: takes an org-tree file and starts the job that makes it live.

use super::reindex_job::ReindexJob;
use super::upload::{UploadRequest, named_format};
use crate::error::{ApiError, texts};
use crate::jobs::{JobSlot, JobStatus, Refused, Wish};
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::routes::parameters::Parameters;
use crate::since::seconds_since_1970;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{HeaderValue, LOCATION};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use index_data::load::{ColumnMap, Format};
use std::sync::Arc;

/// How a file is taken.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ReindexQuery {
    /// Publishes nothing: says what would change, and whether the gate would pass it.
    #[param(value_type = Option<bool>, example = true)]
    dry_run: bool,
    /// Publishes whatever the gate says; the job and the generation say so.
    #[param(value_type = Option<bool>, example = false)]
    force: bool,
    /// Keeps changes made from then on: when the file was exported. 2026-09-01, 2026-09-01T08:00:00+08:00, or seconds
    /// since 1970; absent: the gate refuses to lose any.
    #[param(value_type = Option<String>, example = "2026-09-01")]
    since: Option<u64>,
    /// Which column holds what: name=组织全称. May be repeated.
    #[param(value_type = Option<String>, example = "name=组织全称")]
    map: ColumnMap,
    /// The format of the file where its name or type does not say it: csv, tsv, jsonl or xlsx.
    #[param(value_type = Option<String>, example = "csv")]
    format: Option<Format>,
}

impl ReindexQuery {
    fn read(parameters: &Parameters) -> Result<Self, ApiError> {
        Ok(ReindexQuery {
            map: column_map(parameters)?,
            dry_run: parameters.switch("dry_run")?.unwrap_or(false),
            force: parameters.switch("force")?.unwrap_or(false),
            since: parameters.non_empty("since").map(|text| moment(&text)).transpose()?,
            format: parameters.non_empty("format").map(|name| named_format(&name)).transpose()?,
        })
    }
}

fn moment(text: &str) -> Result<u64, ApiError> {
    seconds_since_1970(text)
        .map_err(|cause| ApiError::new(&texts::BAD_TIME).with("parameter", "since").with("cause", cause))
}

fn column_map(parameters: &Parameters) -> Result<ColumnMap, ApiError> {
    let arguments: Vec<_> = parameters.all("map").collect();
    ColumnMap::parse(&arguments).map_err(|error| {
        let cause = error.to_string();
        let cause = cause.trim_start_matches("--map ");
        ApiError::new(&texts::BAD_MAP).with("parameter", "map").with("cause", cause)
    })
}

/// An org-tree file: CSV, TSV, JSONL or XLSX, the text formats also as .gz.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
struct OrgTreeFile(
    #[expect(dead_code, reason = "describes the body; uploads are read piece by piece")] Vec<u8>,
);

/// Replaces all organizations by those of a file.
///
/// Answers at once with the job that does it. A gate compares the file with the live organizations: where more is gone,
/// moved or renamed than it allows, the job ends as `refused` and nothing is published. The body is the file itself, or a form with a field `file`; `?map=name=组织全称` may be repeated.
#[utoipa::path(
    post,
    path = "/v1/admin/reindex",
    tag = "admin",
    params(ReindexQuery),
    request_body(content = OrgTreeFile, content_type = "application/octet-stream", description = "The org-tree file itself, or a form with a field `file`"),
    security(("admin_key" = [])),
    responses((status = 202, body = JobStatus, description = "The job has begun"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn reindex(
    State(state): State<AppState>,
    parameters: Parameters,
    request: Request,
) -> Result<Response, ApiError> {
    let ReindexQuery { dry_run, force, since, map, format } = ReindexQuery::read(&parameters)?;
    let upload = UploadRequest::new(request, format, &state.settings)?;
    // The place for a job is taken once the file is there: a slow sender holds up nobody.
    if let Some(running) = state.jobs.running() {
        return Err(already_running(&running));
    }
    let receiving = Arc::clone(&state.uploads).try_acquire_owned().map_err(|_| {
        ApiError::new(&texts::TOO_MANY_UPLOADS).with("max", state.settings.limits.uploads_at_once)
    })?;
    let upload = upload.receive().await?;
    drop(receiving);
    let wish = Wish { dry_run, force, ..Wish::default() };
    let slot = reserve(&state, wish)?;
    start(ReindexJob { state, slot, upload, map, wish, since })
}

/// The address of a job.
pub(crate) fn location(job: &JobStatus) -> [(HeaderName, HeaderValue); 1] {
    let address = HeaderValue::try_from(format!("/v1/admin/jobs/{}", job.id));
    [(LOCATION, address.unwrap_or(HeaderValue::from_static("/v1/admin/jobs")))]
}

/// The answer to whoever wants to change the index while a job does.
pub(crate) fn already_running(job: &JobStatus) -> ApiError {
    let [(name, value)] = location(job);
    let error = ApiError::new(&texts::REINDEX_RUNNING).with("id", &job.id).header(name, value);
    error.member("job", serde_json::to_value(job).unwrap_or_default())
}

pub(super) fn reserve(state: &AppState, wish: Wish) -> Result<JobSlot, ApiError> {
    state.jobs.reserve(wish).map_err(|refused| match refused {
        Refused::Running(running) => already_running(&running),
        Refused::Stopping => ApiError::new(&texts::DRAINING),
    })
}

/// Starts a job, and answers with it.
pub(super) fn start(job: ReindexJob) -> Result<Response, ApiError> {
    let status = job.slot.status().ok_or_else(|| ApiError::internal("the job is not listed"))?;
    job.start().map_err(ApiError::internal)?;
    Ok((StatusCode::ACCEPTED, location(&status), Json(status)).into_response())
}
