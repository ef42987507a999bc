//! Compaction by itself: where many organizations are changed, or a batch changes too many of them to be searched beside
//! the generation, a process of its own builds a generation with the changes in it.
//!
//! The process is `orgsearch compact --supervised` on the same data directory (`child.rs`). Its memory is given back when
//! it ends, and the system gives it what searches leave over. Searches and batches go on meanwhile: the log of changes
//! says which batches the generation does not hold yet, and it carries them on. Whatever becomes of the process, what is
//! served stays until the generation is whole.

mod child;

use crate::jobs::{Ending, JobError, JobKind, JobSlot, JobStatus, Outcome, Refused, StepProgress, Wish};
use crate::state::AppState;
pub(crate) use child::ProgressLine;
use child::{Child, Ended};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};

/// How often it is looked whether enough has changed: a number is compared.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Compacts whenever enough has changed, until the server stops.
pub(crate) async fn compact_when_large(state: AppState) {
    if !is_possible(&state) {
        return;
    }
    let mut tick = interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let looking = state.clone();
        // Where another job has the place, or the server stops: later, or never.
        let begin = move || is_due(&looking) && is_pause_over(&looking) && start(&looking).is_ok();
        if tokio::task::spawn_blocking(begin).await.unwrap_or(false) {
            state.jobs.ended().await;
        }
    }
}

/// Whether this server can compact: it owns its data directory, and knows the program.
pub(crate) fn is_possible(state: &AppState) -> bool {
    let settings = &state.settings;
    settings.index.data_dir.is_some() && state.follow.is_none() && settings.building.program.is_some()
}

/// Whether enough has changed, or a batch is queued, and nobody builds a generation already.
fn is_due(state: &AppState) -> bool {
    let most = state.settings.building.compact_at;
    let is_large = most > 0 && state.engine.changed_orgs() >= most;
    (is_large || state.engine.queued_batch().is_some()) && !state.engine.is_being_written()
}

/// The job that builds a generation for a batch that was queued, if it can begin at once. One that failed is left for as
/// long as it would be if nobody asked. Blocks while a batch is made.
pub(crate) fn building(state: &AppState) -> Option<JobStatus> {
    if !is_pause_over(state) {
        return None;
    }
    match start(state) {
        Ok(job) => Some(job),
        // Perhaps the look came first. One that began before the batch was queued does not hold it, but the next will.
        Err(Refused::Running(job)) => Some(*job).filter(|job| job.kind == JobKind::Compaction),
        Err(Refused::Stopping) => None,
    }
}

/// What a compaction is to build: the changes of a generation, and the batch that is queued for the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Task {
    generation: String,
    queued: Option<u64>,
}

impl Task {
    fn of(state: &AppState) -> Task {
        let queued = state.engine.queued_batch().map(|batch| batch.sequence);
        Task { generation: state.engine.generation().name, queued }
    }
}

/// How long to leave a task that failed: twice as long each time, as a full disk is not free in a second. Another task is
/// tried at once.
#[derive(Debug, Default)]
pub(crate) struct Pauses(Option<Pause>);

#[derive(Debug)]
struct Pause {
    task: Task,
    long: Duration,
    since: Instant,
}

impl Pauses {
    const FIRST: Duration = Duration::from_secs(30);
    const LONGEST: Duration = Duration::from_secs(60 * 60);

    fn are_over(&self, task: &Task, now: Instant) -> bool {
        self.0.as_ref().is_none_or(|pause| pause.task != *task || pause.since + pause.long <= now)
    }

    fn note(&mut self, task: Task, end: AttemptEnd, now: Instant) {
        let before = self.0.as_ref().filter(|pause| pause.task == task).map(|pause| pause.long);
        let long = match (end, before) {
            (AttemptEnd::Done, _) => {
                self.0 = None;
                return;
            }
            (AttemptEnd::Cancelled, before) => before.unwrap_or(Self::FIRST),
            (AttemptEnd::Failed, before) => before.map_or(Self::FIRST, |long| (long * 2).min(Self::LONGEST)),
        };
        self.0 = Some(Pause { task, long, since: now });
    }
}

fn is_pause_over(state: &AppState) -> bool {
    let task = Task::of(state);
    let pauses = state.compaction_pauses.lock().unwrap_or_else(PoisonError::into_inner);
    pauses.are_over(&task, Instant::now())
}

/// A compaction that was begun. Whatever becomes of it, the pauses learn of it: also of a thread that cannot start, or
/// panics.
struct Attempt {
    task: Task,
    end: AttemptEnd,
    pauses: Arc<Mutex<Pauses>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AttemptEnd {
    Done,
    Cancelled,
    Failed,
}

impl Attempt {
    fn new(state: &AppState) -> Attempt {
        let pauses = Arc::clone(&state.compaction_pauses);
        Attempt { task: Task::of(state), end: AttemptEnd::Failed, pauses }
    }

    fn end(mut self, ending: &Ending) {
        self.end = match ending {
            Ending::Done(_) => AttemptEnd::Done,
            Ending::Cancelled => AttemptEnd::Cancelled,
            Ending::Failed(_) | Ending::Refused => AttemptEnd::Failed,
        };
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        pauses.note(self.task.clone(), self.end, Instant::now());
    }
}

/// Starts a compaction as a job.
///
/// # Errors
/// The job that is under way, or that the server is about to stop.
fn start(state: &AppState) -> Result<JobStatus, Refused> {
    let slot = state.jobs.reserve(Wish { kind: JobKind::Compaction, ..Wish::default() })?;
    slot.begin(None);
    let status = slot.status();
    let (working, attempt) = (state.clone(), Attempt::new(state));
    let thread = std::thread::Builder::new().name("compaction".to_owned());
    // Where the system gives no thread, the slot is dropped, and the job has failed.
    if let Err(error) = thread.spawn(move || run(&working, slot, attempt)) {
        tracing::error!(%error, "a compaction cannot start: {error}");
    }
    status.ok_or(Refused::Stopping)
}

fn run(state: &AppState, slot: JobSlot, attempt: Attempt) {
    let began = Instant::now();
    let changed_orgs = state.engine.changed_orgs();
    tracing::info!(changed_orgs, "a compaction begins; {changed_orgs} organizations are changed");
    let outcome = Outcome::only(work(state, &slot));
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let ended_as = match &outcome.ending {
        Ending::Done(generation) => {
            let generation = generation.as_deref().unwrap_or_default();
            tracing::info!(generation, took_ms, "compacted in {took_ms} ms: {generation}");
            "done"
        }
        Ending::Cancelled => {
            tracing::warn!(took_ms, "the compaction was cancelled after {took_ms} ms; nothing was changed");
            "cancelled"
        }
        Ending::Failed(JobError { code, message }) => {
            let code = code.as_ref();
            tracing::error!(code, took_ms, "the compaction failed after {took_ms} ms: {message}");
            "failed"
        }
        Ending::Refused => "refused",
    };
    state.metrics.compacted(ended_as);
    attempt.end(&outcome.ending);
    slot.finish(outcome);
}

fn work(state: &AppState, slot: &JobSlot) -> Ending {
    let (Some(data), Some(program)) = (&state.settings.index.data_dir, &state.settings.building.program)
    else {
        return failed("this server has no data directory, or does not know its program");
    };
    let child = match Child::start(program, data, state.settings.building.priority) {
        Ok(child) => child,
        Err(error) => return failed(&format!("{} cannot be started: {error}", program.display())),
    };
    let pid = child.id();
    tracing::info!(pid, "process {pid} compacts");
    let cancel = slot.cancel_flag();
    let progress = |step, done, total| slot.progress(step, StepProgress { done, total, bytes: None });
    match child.finish(|| cancel.load(Ordering::Relaxed), progress) {
        Ended::Done => {
            // It may be served already: a batch, or the look for what other processes publish, takes it over as well.
            if let Err(error) = state.engine.refresh() {
                return failed(&format!("what the process built cannot be opened: {error}"));
            }
            state.warm_up();
            Ending::Done(Some(state.engine.generation().name))
        }
        Ended::Stopped => Ending::Cancelled,
        Ended::Failed(why) => failed(&why),
    }
}

fn failed(why: &str) -> Ending {
    Ending::Failed(JobError::new("child_process", why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(queued: Option<u64>) -> Task {
        Task { generation: "g000001".to_owned(), queued }
    }

    #[test]
    fn pauses_double_up_to_an_hour_and_end_with_success() {
        let (mut pauses, now) = (Pauses::default(), Instant::now());
        assert!(pauses.are_over(&task(None), now));
        for seconds in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
            pauses.note(task(None), AttemptEnd::Failed, now);
            assert!(!pauses.are_over(&task(None), now + Duration::from_secs(seconds - 1)), "{seconds}");
            assert!(pauses.are_over(&task(None), now + Duration::from_secs(seconds)), "{seconds}");
        }
        pauses.note(task(None), AttemptEnd::Done, now);
        assert!(pauses.are_over(&task(None), now));
    }

    #[test]
    fn only_the_task_that_failed_is_left_and_one_that_was_cancelled_no_longer() {
        let (mut pauses, now) = (Pauses::default(), Instant::now());
        for _ in 0..3 {
            pauses.note(task(None), AttemptEnd::Cancelled, now);
        }
        assert!(!pauses.are_over(&task(None), now));
        assert!(pauses.are_over(&task(None), now + Pauses::FIRST));
        assert!(pauses.are_over(&task(Some(7)), now), "it was never tried");
    }

    #[test]
    fn an_attempt_that_breaks_off_has_failed() {
        let pauses = Arc::new(Mutex::new(Pauses::default()));
        drop(Attempt { task: task(None), end: AttemptEnd::Failed, pauses: Arc::clone(&pauses) });
        assert!(!pauses.lock().expect("nobody panicked").are_over(&task(None), Instant::now()));
    }
}
