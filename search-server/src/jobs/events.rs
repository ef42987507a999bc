//! What happened to a job, one event after the other, to be fetched from any of them on.

use super::pace::Pace;
use super::status::{JobState, JobStatus};
use crate::openapi::vocabularies;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Events of one job at most; its end is always told.
const MOST: usize = 500;
/// An event for each so many percent of a step.
const EVERY_PERCENT: u8 = 5;

/// Something that happened to a job.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct JobEvent {
    /// Its number, from 1.
    pub(crate) sequence: u64,
    /// When, in milliseconds since 1970 (UTC).
    unix_ms: u64,
    /// The state of the job from then on.
    pub(super) state: JobState,
    /// The step it is in.
    #[schema(value_type = vocabularies::JobStep)]
    pub(crate) step: Cow<'static, str>,
    /// What the step has done: rows, or organizations.
    done: u64,
    /// What it has to do in all; null while that is not known.
    total: Option<u64>,
    #[serde(flatten)]
    pace: Pace,
}

/// The events of one job.
#[derive(Debug, Clone, Default)]
pub(super) struct Events(Vec<JobEvent>);

impl Events {
    pub(super) fn of(events: Vec<JobEvent>) -> Self {
        Events(events)
    }

    /// The events behind the one with this number.
    pub(super) fn after(&self, sequence: u64) -> &[JobEvent] {
        &self.0[self.0.partition_point(|event| event.sequence <= sequence)..]
    }

    /// Notes where a job is now, if that is worth an event. True if it was.
    pub(super) fn note(&mut self, job: &JobStatus, unix_ms: u64) -> bool {
        let part = |percent: Option<u8>| percent.map(|percent| percent / EVERY_PERCENT);
        let is_new = self.0.last().is_none_or(|last| {
            let went_on = part(last.pace.percent) != part(job.pace.percent);
            last.state != job.state || last.step != job.step || (went_on && self.0.len() < MOST)
        });
        if is_new {
            self.0.push(JobEvent {
                sequence: self.0.len() as u64 + 1,
                unix_ms,
                state: job.state,
                step: job.step.clone(),
                done: job.done,
                total: job.total,
                pace: job.pace,
            });
        }
        is_new
    }
}
