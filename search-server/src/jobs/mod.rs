//! Long work: one job at a time, each with a status anyone may look at; the latest stay to be read.

mod list;
mod report;
mod status;

pub(crate) use list::{Cancelled, Refused};
pub(crate) use report::ReportJson;
#[cfg(test)]
pub(crate) use status::JobState;
pub(crate) use status::{Ending, JobError, JobStatus, Outcome, SourceJson};

use crate::random_id::random_id;
use list::JobList;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// The jobs of one server.
#[derive(Debug, Clone)]
pub(crate) struct Jobs {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    locked: Mutex<Locked>,
    /// Whether a job is queued or running.
    busy: watch::Sender<bool>,
}

#[derive(Debug)]
struct Locked {
    list: JobList,
    /// The flag of the unfinished job, or of the last one.
    cancel: Arc<AtomicBool>,
}

impl Jobs {
    /// No jobs yet; `kept` finished ones will be remembered.
    pub(crate) fn new(kept: usize) -> Self {
        let locked = Mutex::new(Locked { list: JobList::new(kept), cancel: Arc::default() });
        Jobs { shared: Arc::new(Shared { locked, busy: watch::Sender::new(false) }) }
    }

    /// Takes the one place for a job, which is listed as queued from now on.
    ///
    /// # Errors
    /// The job that has the place, or that the server is about to stop.
    pub(crate) fn reserve(&self, dry_run: bool) -> Result<JobSlot, Refused> {
        let (id, cancel) = (random_id(), Arc::new(AtomicBool::new(false)));
        let mut locked = self.shared.lock();
        locked.list.queue(JobStatus::queued(id.clone(), dry_run, now_unix_ms()))?;
        locked.cancel = Arc::clone(&cancel);
        self.shared.busy.send_replace(true);
        Ok(JobSlot {
            id,
            cancel,
            shared: Arc::clone(&self.shared),
            #[cfg(test)]
            on_step: None,
        })
    }

    /// The job that is queued or running, if one is.
    pub(crate) fn running(&self) -> Option<JobStatus> {
        self.shared.lock().list.unfinished().cloned()
    }

    /// Whether a job is under way that will publish a generation.
    pub(crate) fn is_publishing(&self) -> bool {
        self.shared.lock().list.unfinished().is_some_and(|job| !job.dry_run)
    }

    /// All remembered jobs, the newest first.
    pub(crate) fn all(&self) -> Vec<JobStatus> {
        self.shared.lock().list.newest_first().cloned().collect()
    }

    /// One job.
    pub(crate) fn find(&self, id: &str) -> Option<JobStatus> {
        self.shared.lock().list.find(id).cloned()
    }

    /// Asks a job to stop.
    pub(crate) fn cancel(&self, id: &str) -> Cancelled {
        let locked = self.shared.lock();
        let cancelled = locked.list.cancel(id);
        if let Cancelled::Asked(_) = cancelled {
            locked.cancel.store(true, Ordering::Relaxed);
        }
        cancelled
    }

    /// Asks the unfinished job to stop, and lets no further one begin. Gives the job.
    pub(crate) fn stop(&self) -> Option<JobStatus> {
        let mut locked = self.shared.lock();
        let unfinished = locked.list.stop();
        if unfinished.is_some() {
            locked.cancel.store(true, Ordering::Relaxed);
        }
        unfinished
    }

    /// Done when no job is queued or running.
    pub(crate) async fn ended(&self) {
        // It cannot fail: the sender is ours.
        let _ = self.shared.busy.subscribe().wait_for(|busy| !busy).await;
    }
}

/// The one place for a job. Given back when dropped: a job that never began is forgotten, as its caller was told
/// why; one that began and came to no end has failed.
pub(crate) struct JobSlot {
    id: String,
    cancel: Arc<AtomicBool>,
    shared: Arc<Shared>,
    /// Called when the job enters a step; lets tests act at that very moment.
    #[cfg(test)]
    on_step: Option<OnStep>,
}

#[cfg(test)]
type OnStep = Box<dyn Fn(&Jobs, &str, &'static str) + Send>;

impl JobSlot {
    /// The job's id.
    #[cfg(test)]
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Has this called when the job enters a step.
    #[cfg(test)]
    pub(crate) fn on_step(&mut self, on_step: impl Fn(&Jobs, &str, &'static str) + Send + 'static) {
        self.on_step = Some(Box::new(on_step));
    }

    /// The status at this moment.
    pub(crate) fn status(&self) -> Option<JobStatus> {
        self.shared.lock().list.find(&self.id).cloned()
    }

    /// Set once the job should stop.
    pub(crate) fn cancel_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancel)
    }

    /// The job begins.
    pub(crate) fn begin(&self, source: SourceJson) {
        self.shared.lock().list.begin(&self.id, source);
        self.entered("load");
    }

    /// The job came further.
    pub(crate) fn progress(&self, step: &'static str, done: u64, total: Option<u64>) {
        let is_another = self.shared.lock().list.progress(&self.id, step, done, total);
        if is_another {
            self.entered(step);
        }
    }

    /// The job ended.
    pub(crate) fn finish(self, outcome: Outcome) {
        self.shared.lock().list.end(&self.id, outcome, now_unix_ms());
    }

    fn entered(&self, step: &'static str) {
        tracing::info!(job = self.id, step, "job {}: {step}", self.id);
        #[cfg(test)]
        if let Some(on_step) = &self.on_step {
            on_step(&Jobs { shared: Arc::clone(&self.shared) }, &self.id, step);
        }
    }
}

impl Drop for JobSlot {
    fn drop(&mut self) {
        let mut locked = self.shared.lock();
        locked.list.forget(&self.id);
        let broke_off = Outcome { report: None, ending: Ending::Failed(JobError::broke_off()) };
        locked.list.end(&self.id, broke_off, now_unix_ms());
        self.shared.busy.send_replace(false);
    }
}

impl Shared {
    /// A list is plain data and whole at any moment: a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, Locked> {
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        Outcome { report: None, ending: Ending::Done(Some("g".to_owned())) }
    }

    #[test]
    fn one_at_a_time_and_the_latest_are_kept() {
        let jobs = Jobs::new(2);
        for _ in 0..5 {
            let slot = jobs.reserve(false).unwrap();
            assert!(matches!(jobs.reserve(false), Err(Refused::Running(job)) if job.id == slot.id()));
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

    #[test]
    fn a_flag_belongs_to_one_job() {
        let jobs = Jobs::new(2);
        let first = jobs.reserve(false).unwrap();
        let flag = first.cancel_flag();
        let id = first.id().to_owned();
        assert!(matches!(jobs.cancel("nobody"), Cancelled::Unknown));
        assert!(matches!(jobs.cancel(&id), Cancelled::Asked(_)));
        assert!(flag.load(Ordering::Relaxed));
        first.begin(SOURCE());
        first.finish(Outcome { report: None, ending: Ending::Cancelled });
        let second = jobs.reserve(false).unwrap();
        assert!(matches!(jobs.cancel(&id), Cancelled::Finished(job) if job.state == JobState::Cancelled));
        assert!(!second.cancel_flag().load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn a_stop_cancels_the_job_and_waits_for_its_end() {
        let jobs = Jobs::new(2);
        jobs.ended().await;
        let slot = jobs.reserve(false).unwrap();
        slot.begin(SOURCE());
        assert_eq!(jobs.stop().unwrap().id, slot.id());
        assert!(slot.cancel_flag().load(Ordering::Relaxed));
        let worker =
            std::thread::spawn(move || slot.finish(Outcome { report: None, ending: Ending::Cancelled }));
        jobs.ended().await;
        assert_eq!(jobs.all()[0].state, JobState::Cancelled);
        assert!(matches!(jobs.reserve(false), Err(Refused::Stopping)));
        worker.join().unwrap();
    }
}
