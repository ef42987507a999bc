//! What is known of a job, and what came of it.

use super::report::ReportJson;
use crate::openapi::vocabularies;
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
    /// Its id.
    pub(crate) id: String,
    /// What it does: `reindex`.
    #[schema(example = "reindex")]
    kind: &'static str,
    /// Whether it waits, runs or has ended, and how.
    pub(crate) state: JobState,
    /// Whether it only checks the file and publishes nothing.
    pub(super) dry_run: bool,
    /// The step under way, or the last one.
    #[schema(value_type = vocabularies::JobStep)]
    pub(super) step: &'static str,
    /// What the step has done so far: rows, or organizations.
    pub(super) done: u64,
    /// What the step has to do in all; null while that is not known.
    pub(super) total: Option<u64>,
    /// When it was created, in milliseconds since 1970 (UTC).
    pub(super) created_unix_ms: u64,
    /// When it ended, in milliseconds since 1970 (UTC); null until then.
    pub(super) finished_unix_ms: Option<u64>,
    /// The file it reads; null until it runs.
    pub(super) source: Option<SourceJson>,
    /// What was found in the rows; null until they are read, and where they cannot be.
    pub(super) report: Option<ReportJson>,
    /// The generation that it made live; null until it is done, and after a rehearsal.
    pub(super) generation: Option<String>,
    /// Why it failed; null unless it did.
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
    /// Its name, as it was sent; `upload` and its format where it was sent without one.
    pub(crate) name: String,
    /// Its format.
    #[schema(value_type = vocabularies::SourceFormat)]
    pub(crate) format: &'static str,
    /// Its size in bytes, as it was sent.
    pub(crate) bytes: u64,
}

/// Why a job failed.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct JobError {
    /// A stable code: `invalid_source`, `unreadable_source`, `index_busy`, `storage`, `not_durable` or `internal`.
    #[schema(example = "invalid_source")]
    pub(crate) code: &'static str,
    /// The same as a sentence, in English.
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
