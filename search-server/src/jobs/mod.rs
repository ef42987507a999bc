//! Long work: one job at a time, each with a status anyone may look at; the latest stay to be read, over restarts too.

mod events;
mod history;
mod list;
mod pace;
mod report;
mod status;

pub(crate) use events::JobEvent;
pub(crate) use list::{Cancelled, Refused};
pub(crate) use pace::StepProgress;
pub(crate) use report::ReportJson;
pub(crate) use status::{Ending, JobError, JobKind, JobState, JobStatus, Outcome, SourceJson, Wish};

use crate::random_id::random_id;
use history::{History, RunningMark};
use list::JobList;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::NamedTempFile;
use tokio::sync::watch;

/// The jobs of one server.
#[derive(Debug, Clone)]
pub(crate) struct Jobs {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    locked: Mutex<Locked>,
    history: History,
    /// Whether a job is queued or running.
    busy: watch::Sender<bool>,
    /// Changed with each event of any job.
    events: watch::Sender<()>,
}

#[derive(Debug)]
struct Locked {
    list: JobList,
    /// The flag of the unfinished job, or of the last one.
    cancel: Arc<AtomicBool>,
}

impl Jobs {
    /// The latest `kept` jobs of earlier servers on a data directory; as many will be remembered. Reads files.
    pub(crate) fn new(kept: usize, data_dir: Option<&Path>) -> Self {
        let history = History::in_data_dir(data_dir);
        let ended = history.load(kept, now_unix_ms()).into_iter().map(|kept| (kept.job, kept.events));
        let locked = Mutex::new(Locked { list: JobList::new(kept, ended), cancel: Arc::default() });
        let (busy, events) = (watch::Sender::new(false), watch::Sender::new(()));
        Jobs { shared: Arc::new(Shared { locked, history, busy, events }) }
    }

    /// Takes the one place for a job, which is listed as queued from now on.
    ///
    /// # Errors
    /// The job that has the place, or that the server is about to stop.
    pub(crate) fn reserve(&self, wish: Wish) -> Result<JobSlot, Refused> {
        let (id, cancel) = (random_id(), Arc::new(AtomicBool::new(false)));
        let job = JobStatus::queued(id.clone(), wish, now_unix_ms());
        let mut locked = self.shared.lock();
        let forgotten = locked.list.queue(job.clone())?;
        locked.cancel = Arc::clone(&cancel);
        self.shared.busy.send_replace(true);
        drop(locked);
        forgotten.iter().for_each(|id| self.shared.history.forget(id));
        let mark = self.shared.history.mark(&job);
        Ok(JobSlot {
            id,
            cancel,
            difference: None,
            _mark: mark,
            shared: Arc::clone(&self.shared),
            #[cfg(test)]
            on_step: None,
        })
    }

    /// The job that is queued or running, if one is.
    pub(crate) fn running(&self) -> Option<JobStatus> {
        self.shared.lock().list.unfinished().cloned()
    }

    /// Whether a job is under way that will publish a generation from this process.
    pub(crate) fn is_publishing(&self) -> bool {
        let publishes = |job: &JobStatus| job.kind == JobKind::Reindex && !job.dry_run;
        self.shared.lock().list.unfinished().is_some_and(publishes)
    }

    /// All remembered jobs, the newest first.
    pub(crate) fn all(&self) -> Vec<JobStatus> {
        self.shared.lock().list.newest_first().cloned().collect()
    }

    /// One job.
    pub(crate) fn find(&self, id: &str) -> Option<JobStatus> {
        self.shared.lock().list.find(id).cloned()
    }

    /// The events of a job behind the one with this number, and its state at this moment.
    pub(crate) fn events(&self, id: &str, after: u64) -> Option<(JobState, Vec<JobEvent>)> {
        self.shared.lock().list.events(id, after)
    }

    /// What changes with the next event of any job.
    pub(crate) fn next_event(&self) -> watch::Receiver<()> {
        self.shared.events.subscribe()
    }

    /// Where every change that a job found is, packed, if it is there.
    pub(crate) fn difference_path(&self, id: &str) -> Option<PathBuf> {
        self.shared.history.difference_path(id)
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
    /// Every change that the job found, packed, once it is whole.
    difference: Option<NamedTempFile>,
    _mark: Option<RunningMark>,
    shared: Arc<Shared>,
    /// Called when the job enters a step; lets tests act at that very moment.
    #[cfg(test)]
    on_step: Option<OnStep>,
}

#[cfg(test)]
type OnStep = Box<dyn Fn(&Jobs, &str, &'static str) + Send + Sync>;

impl JobSlot {
    /// The job's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Has this called when the job enters a step.
    #[cfg(test)]
    pub(crate) fn on_step(&mut self, on_step: impl Fn(&Jobs, &str, &'static str) + Send + Sync + 'static) {
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

    /// A new file for the difference; `None` for a server without a data directory.
    pub(crate) fn difference_file(&self) -> Option<io::Result<NamedTempFile>> {
        self.shared.history.difference_file()
    }

    /// Takes the difference, which is whole; it gets its name when the job ends.
    pub(crate) fn set_difference(&mut self, file: NamedTempFile) {
        self.difference = Some(file);
    }

    /// The job begins, with its file if it reads one.
    pub(crate) fn begin(&self, source: impl Into<Option<SourceJson>>) {
        self.shared.lock().list.begin(&self.id, source.into(), now_unix_ms());
        self.entered("load");
        self.shared.events.send_replace(());
    }

    /// The job came further.
    pub(crate) fn progress(&self, step: &'static str, progress: StepProgress) {
        let noted = self.shared.lock().list.progress(&self.id, step, progress, now_unix_ms());
        if noted.is_another_step {
            self.entered(step);
        }
        if noted.is_event {
            self.shared.events.send_replace(());
        }
    }

    /// The job ended.
    pub(crate) fn finish(mut self, outcome: Outcome) {
        self.end(outcome);
    }

    /// Lists the end, keeps it for later servers, and tells whoever waits. The first end counts.
    fn end(&mut self, outcome: Outcome) {
        let history = &self.shared.history;
        let kept = self.difference.take().map(|file| history.keep_difference(&self.id, file));
        if let Some(Err(error)) = &kept {
            tracing::warn!(%error, job = self.id, "the difference of job {} cannot be kept: {error}", self.id);
        }
        let mut locked = self.shared.lock();
        if !locked.list.end(&self.id, outcome, matches!(kept, Some(Ok(()))), now_unix_ms()) {
            return;
        }
        // Under the lock: whoever sees that a job has ended finds it so after a restart, too.
        let (job, events) = (locked.list.find(&self.id).cloned(), locked.list.events(&self.id, 0));
        if let (Some(job), Some((_, events))) = (job, events) {
            history.keep(job, events);
        }
        drop(locked);
        self.shared.events.send_replace(());
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
        self.shared.lock().list.forget(&self.id);
        self.end(Outcome::only(Ending::Failed(JobError::broke_off())));
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

    const SOURCE: fn() -> SourceJson =
        || SourceJson { name: "a.csv".to_owned(), format: "csv".into(), bytes: 1 };

    fn done() -> Outcome {
        Outcome::only(Ending::Done(Some("g".to_owned())))
    }

    #[test]
    fn one_at_a_time_and_the_latest_are_kept() {
        let jobs = Jobs::new(2, None);
        for _ in 0..5 {
            let slot = jobs.reserve(Wish::default()).unwrap();
            assert!(
                matches!(jobs.reserve(Wish::default()), Err(Refused::Running(job)) if job.id == slot.id())
            );
            slot.begin(SOURCE());
            slot.finish(done());
        }
        assert!(jobs.running().is_none());
        assert_eq!(jobs.all().len(), 3);
    }

    #[test]
    fn a_job_that_never_began_is_forgotten_and_one_that_broke_off_has_failed() {
        let jobs = Jobs::new(2, None);
        drop(jobs.reserve(Wish::default()).unwrap());
        assert!(jobs.all().is_empty());
        let slot = jobs.reserve(Wish::default()).unwrap();
        slot.begin(SOURCE());
        drop(slot);
        assert_eq!(jobs.all()[0].state, JobState::Failed);
        assert!(jobs.reserve(Wish { dry_run: true, ..Wish::default() }).is_ok());
    }

    #[test]
    fn a_flag_belongs_to_one_job() {
        let jobs = Jobs::new(2, None);
        let first = jobs.reserve(Wish::default()).unwrap();
        let flag = first.cancel_flag();
        let id = first.id().to_owned();
        assert!(matches!(jobs.cancel("nobody"), Cancelled::Unknown));
        assert!(matches!(jobs.cancel(&id), Cancelled::Asked(_)));
        assert!(flag.load(Ordering::Relaxed));
        first.begin(SOURCE());
        first.finish(Outcome::only(Ending::Cancelled));
        let second = jobs.reserve(Wish::default()).unwrap();
        assert!(matches!(jobs.cancel(&id), Cancelled::Finished(job) if job.state == JobState::Cancelled));
        assert!(!second.cancel_flag().load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn a_stop_cancels_the_job_and_waits_for_its_end() {
        let jobs = Jobs::new(2, None);
        jobs.ended().await;
        let slot = jobs.reserve(Wish::default()).unwrap();
        slot.begin(SOURCE());
        assert_eq!(jobs.stop().unwrap().id, slot.id());
        assert!(slot.cancel_flag().load(Ordering::Relaxed));
        let worker = std::thread::spawn(move || slot.finish(Outcome::only(Ending::Cancelled)));
        jobs.ended().await;
        assert_eq!(jobs.all()[0].state, JobState::Cancelled);
        assert!(matches!(jobs.reserve(Wish::default()), Err(Refused::Stopping)));
        worker.join().unwrap();
    }
}
