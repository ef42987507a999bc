//! What is known of a job, and what came of it.

use super::pace::Pace;
use super::report::ReportJson;
use crate::json::difference::DifferenceJson;
use crate::json::gate::GateJson;
use crate::openapi::vocabularies;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobState {
    Queued,
    Running,
    Done,
    /// The gate refused its file, or would refuse it.
    Refused,
    Failed,
    Cancelled,
}

impl JobState {
    /// Whether it has not ended yet.
    pub(crate) fn is_unfinished(self) -> bool {
        matches!(self, JobState::Queued | JobState::Running)
    }
}

/// What a job does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobKind {
    /// Makes an org-tree file the live generation.
    #[default]
    Reindex,
    /// Makes a generation of what is searched now, changes among it.
    Compaction,
}

/// What a job is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) kind: JobKind,
    /// Only looks what would change.
    pub(crate) dry_run: bool,
    /// Publishes whatever the gate says.
    pub(crate) force: bool,
}

/// What is known of a job.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct JobStatus {
    /// Its id.
    pub(crate) id: String,
    /// What it does. `reindex`: makes a file the live generation. `compaction`: builds one of what is searched now,
    /// changes among it; a server starts it by itself.
    pub(crate) kind: JobKind,
    /// Whether it waits, runs or has ended, and how. `refused`: the gate refused its file; of a rehearsal, it would.
    pub(crate) state: JobState,
    /// Whether it only looks what would change and publishes nothing.
    pub(crate) dry_run: bool,
    /// Whether it publishes whatever the gate says.
    pub(crate) force: bool,
    /// The step under way, or the last one.
    #[schema(value_type = vocabularies::JobStep)]
    pub(super) step: Cow<'static, str>,
    /// What the step has done so far: rows, or organizations.
    pub(super) done: u64,
    /// What the step has to do in all; null while that is not known.
    pub(super) total: Option<u64>,
    #[serde(flatten)]
    pub(super) pace: Pace,
    /// When it was created, in milliseconds since 1970 (UTC).
    pub(super) created_unix_ms: u64,
    /// When it ended, in milliseconds since 1970 (UTC); null until then.
    pub(super) finished_unix_ms: Option<u64>,
    /// The file it reads; null until it runs, and for a compaction.
    pub(super) source: Option<SourceJson>,
    /// What was found in the rows; null until they are read, and where they cannot be.
    pub(super) report: Option<ReportJson>,
    /// What changes; null until it ends, and where that is not known.
    pub(super) difference: Option<DifferenceJson>,
    /// Whether `GET /v1/admin/jobs/{id}/difference` gives every change as CSV.
    pub(super) difference_csv: bool,
    /// What the gate said; null until the job ends, and where it could not look.
    pub(crate) gate: Option<GateJson>,
    /// The generation that it made live; null until it is done, and after a rehearsal.
    pub(super) generation: Option<String>,
    /// Why it failed; null unless it did.
    pub(crate) error: Option<JobError>,
}

impl JobStatus {
    pub(super) fn queued(id: String, wish: Wish, created_unix_ms: u64) -> Self {
        JobStatus {
            id,
            kind: wish.kind,
            state: JobState::Queued,
            dry_run: wish.dry_run,
            force: wish.force,
            step: Cow::Borrowed(match wish.kind {
                JobKind::Reindex => "upload",
                JobKind::Compaction => "load",
            }),
            done: 0,
            total: None,
            pace: Pace::default(),
            created_unix_ms,
            finished_unix_ms: None,
            source: None,
            report: None,
            difference: None,
            difference_csv: false,
            gate: None,
            generation: None,
            error: None,
        }
    }
}

impl JobStatus {
    /// Whether every change it found is kept.
    pub(crate) fn has_difference_csv(&self) -> bool {
        self.difference_csv
    }
}

/// The file a job reads.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct SourceJson {
    /// Its name, as it was sent; `upload` and its format where it was sent without one.
    pub(crate) name: String,
    /// Its format.
    #[schema(value_type = vocabularies::SourceFormat)]
    pub(crate) format: Cow<'static, str>,
    /// Its size in bytes, as it was sent.
    pub(crate) bytes: u64,
}

/// Why a job failed.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct JobError {
    /// A stable code: `invalid_source`, `unreadable_source`, `golden_queries`, `no_space`, `index_busy`, `storage`,
    /// `not_durable`, `child_process` (the process that compacts ended without a generation), `interrupted` (the server
    /// stopped before the job ended) or `internal`.
    #[schema(value_type = String, example = "invalid_source")]
    pub(crate) code: Cow<'static, str>,
    /// The same as a sentence, in English.
    pub(crate) message: String,
}

impl JobError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        JobError { code: Cow::Borrowed(code), message: message.into() }
    }

    /// The job came to no end of its own: it panicked.
    pub(super) fn broke_off() -> Self {
        JobError::new("internal", "the job broke off; the log says more")
    }

    /// The server came to its end before the job did.
    pub(super) fn interrupted() -> Self {
        JobError::new(
            "interrupted",
            "the server ended before the job did; whether it published, /readyz says",
        )
    }
}

/// What came of a job.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) report: Option<ReportJson>,
    pub(crate) difference: Option<DifferenceJson>,
    pub(crate) gate: Option<GateJson>,
    pub(crate) ending: Ending,
}

impl Outcome {
    /// An end about which there is nothing more to say.
    pub(crate) fn only(ending: Ending) -> Self {
        Outcome { report: None, difference: None, gate: None, ending }
    }
}

/// How a job ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The generation that is live now; `None` after a rehearsal.
    Done(Option<String>),
    /// The gate refused.
    Refused,
    /// Why it failed.
    Failed(JobError),
    /// Somebody asked it to stop, in time.
    Cancelled,
}
