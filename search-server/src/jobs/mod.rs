//! Long work: one job at a time, each with a status anyone may look at; the latest stay to be read.

pub(crate) mod reindex;
mod report;

pub(crate) use report::ReportJson;

use crate::middleware::request_id::random_id;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// The jobs of one server.
#[derive(Debug)]
pub(crate) struct Jobs {
    listed: Arc<Mutex<VecDeque<Job>>>,
    kept: usize,
}

impl Jobs {
    /// No jobs yet; `kept` finished ones will be remembered.
    pub(crate) fn new(kept: usize) -> Self {
        Jobs { listed: Arc::default(), kept }
    }

    /// Takes the one place for a job, which is listed as queued from now on.
    ///
    /// # Errors
    /// The job that has the place.
    pub(crate) fn reserve(&self, dry_run: bool) -> Result<JobSlot, Box<JobStatus>> {
        let mut listed = lock(&self.listed);
        if let Some(running) = unfinished(&listed) {
            return Err(Box::new(running));
        }
        let surplus = listed.len().saturating_sub(self.kept);
        listed.drain(..surplus);
        let job = Job::new(dry_run);
        listed.push_back(job.clone());
        Ok(JobSlot { job, listed: Arc::clone(&self.listed) })
    }

    /// The job that is queued or running, if one is.
    pub(crate) fn running(&self) -> Option<JobStatus> {
        unfinished(&lock(&self.listed))
    }

    /// All remembered jobs, the newest first.
    pub(crate) fn all(&self) -> Vec<JobStatus> {
        lock(&self.listed).iter().rev().map(Job::status).collect()
    }

    /// One job.
    pub(crate) fn find(&self, id: &str) -> Option<JobStatus> {
        lock(&self.listed).iter().map(Job::status).find(|job| job.id == id)
    }
}

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobState {
    Queued,
    Running,
    Done,
    Failed,
}

/// What is known of a job.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct JobStatus {
    pub(crate) id: String,
    kind: &'static str,
    pub(crate) state: JobState,
    dry_run: bool,
    /// The step under way, or the last one: `upload`, then those of a reindex.
    step: &'static str,
    done: u64,
    total: Option<u64>,
    created_unix_ms: u64,
    finished_unix_ms: Option<u64>,
    source: Option<SourceJson>,
    report: Option<ReportJson>,
    generation: Option<String>,
    error: Option<JobError>,
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

/// How a job ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) report: Option<ReportJson>,
    /// The generation that is live now, or why there is none.
    pub(crate) result: Result<Option<String>, JobError>,
}

/// The one place for a job. Given back when dropped: a job that never began is forgotten, as its caller was told
/// why; one that began and came to no end has failed.
#[derive(Debug)]
pub(crate) struct JobSlot {
    job: Job,
    listed: Arc<Mutex<VecDeque<Job>>>,
}

impl JobSlot {
    /// The status at this moment.
    pub(crate) fn status(&self) -> JobStatus {
        self.job.status()
    }

    /// The job begins.
    pub(crate) fn begin(&self, source: SourceJson) {
        let mut status = lock(&self.job.status);
        status.state = JobState::Running;
        status.step = "load";
        status.source = Some(source);
    }

    /// The job came further.
    pub(crate) fn progress(&self, step: &'static str, done: u64, total: Option<u64>) {
        let mut status = lock(&self.job.status);
        (status.step, status.done, status.total) = (step, done, total);
    }

    /// The job ended.
    pub(crate) fn finish(self, outcome: Outcome) {
        let mut status = lock(&self.job.status);
        status.report = outcome.report;
        match outcome.result {
            Ok(generation) => (status.state, status.generation) = (JobState::Done, generation),
            Err(error) => (status.state, status.error) = (JobState::Failed, Some(error)),
        }
        status.finished_unix_ms = Some(now_unix_ms());
    }
}

impl Drop for JobSlot {
    fn drop(&mut self) {
        // The list is locked first everywhere.
        let mut listed = lock(&self.listed);
        let mut status = lock(&self.job.status);
        match status.state {
            JobState::Done | JobState::Failed => {}
            JobState::Queued => listed.retain(|job| !Arc::ptr_eq(&job.status, &self.job.status)),
            JobState::Running => {
                let message = "the job broke off; the log says more".to_owned();
                status.state = JobState::Failed;
                status.error = Some(JobError { code: "internal", message });
                status.finished_unix_ms = Some(now_unix_ms());
            }
        }
    }
}

/// A job as list and worker share it.
#[derive(Debug, Clone)]
struct Job {
    status: Arc<Mutex<JobStatus>>,
}

impl Job {
    fn new(dry_run: bool) -> Self {
        let status = JobStatus {
            id: random_id(),
            kind: "reindex",
            state: JobState::Queued,
            dry_run,
            step: "upload",
            done: 0,
            total: None,
            created_unix_ms: now_unix_ms(),
            finished_unix_ms: None,
            source: None,
            report: None,
            generation: None,
            error: None,
        };
        Job { status: Arc::new(Mutex::new(status)) }
    }

    fn status(&self) -> JobStatus {
        lock(&self.status).clone()
    }
}

fn unfinished(listed: &VecDeque<Job>) -> Option<JobStatus> {
    let mut jobs = listed.iter().map(Job::status);
    jobs.find(|job| matches!(job.state, JobState::Queued | JobState::Running))
}

/// A status is plain data and whole at any moment: a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now_unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: fn() -> SourceJson = || SourceJson { name: "a.csv".to_owned(), format: "csv", bytes: 1 };

    fn done() -> Outcome {
        Outcome { report: None, result: Ok(Some("g".to_owned())) }
    }

    #[test]
    fn one_at_a_time_and_the_latest_are_kept() {
        let jobs = Jobs::new(2);
        for _ in 0..5 {
            let slot = jobs.reserve(false).unwrap();
            assert_eq!(jobs.reserve(false).unwrap_err().id, slot.status().id);
            slot.begin(SOURCE());
            slot.finish(done());
        }
        assert!(jobs.running().is_none());
        assert_eq!(jobs.all().len(), 3);
    }

    #[test]
    fn a_job_that_never_began_is_forgotten_and_one_that_broke_off_has_failed() {
        let jobs = Jobs::new(2);
        drop(jobs.reserve(false).unwrap());
        assert!(jobs.all().is_empty());
        let slot = jobs.reserve(false).unwrap();
        slot.begin(SOURCE());
        drop(slot);
        assert_eq!(jobs.all()[0].state, JobState::Failed);
        assert!(jobs.reserve(true).is_ok());
    }
}
