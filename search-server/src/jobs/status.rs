//! What is known of a job, and what came of it.

use super::report::ReportJson;
use serde::Serialize;

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobState {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// What is known of a job.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct JobStatus {
    pub(crate) id: String,
    kind: &'static str,
    pub(crate) state: JobState,
    pub(super) dry_run: bool,
    /// The step under way, or the last one: `upload`, then those of a reindex.
    pub(super) step: &'static str,
    pub(super) done: u64,
    pub(super) total: Option<u64>,
    pub(super) created_unix_ms: u64,
    pub(super) finished_unix_ms: Option<u64>,
    pub(super) source: Option<SourceJson>,
    pub(super) report: Option<ReportJson>,
    pub(super) generation: Option<String>,
    pub(crate) error: Option<JobError>,
}

impl JobStatus {
    pub(super) fn queued(id: String, dry_run: bool, created_unix_ms: u64) -> Self {
        JobStatus {
            id,
            kind: "reindex",
            state: JobState::Queued,
            dry_run,
            step: "upload",
            done: 0,
            total: None,
            created_unix_ms,
            finished_unix_ms: None,
            source: None,
            report: None,
            generation: None,
            error: None,
        }
    }
}

/// The file a job reads.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct SourceJson {
    pub(crate) name: String,
    pub(crate) format: &'static str,
    pub(crate) bytes: u64,
}

/// Why a job failed.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct JobError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl JobError {
    /// The job came to no end of its own: it panicked.
    pub(super) fn broke_off() -> Self {
        JobError { code: "internal", message: "the job broke off; the log says more".to_owned() }
    }
}

/// What came of a job.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) report: Option<ReportJson>,
    pub(crate) ending: Ending,
}

/// How a job ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The generation that is live now; `None` after a rehearsal.
    Done(Option<String>),
    /// Why it failed.
    Failed(JobError),
    /// Somebody asked it to stop, in time.
    Cancelled,
}
