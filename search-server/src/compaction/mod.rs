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
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
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
        let is_due = tokio::task::spawn_blocking(move || is_due(&looking)).await.unwrap_or(false);
        // Where another job has the place, or the server stops: later, or never.
        if is_due && is_pause_over(&state) && start(&state).is_ok() {
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
/// long as it would be if nobody asked.
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

/// How long to leave a compaction that failed: twice as long each time, as a full disk is not free in a second.
#[derive(Debug, Default)]
pub(crate) struct Pauses(Option<(Duration, Instant)>);

impl Pauses {
    const FIRST: Duration = Duration::from_secs(30);
    const LONGEST: Duration = Duration::from_secs(60 * 60);

    fn are_over(&self, now: Instant) -> bool {
        self.0.is_none_or(|(pause, since)| since + pause <= now)
    }

    fn note(&mut self, is_done: bool, now: Instant) {
        let longer = self.0.map_or(Self::FIRST, |(pause, _)| (pause * 2).min(Self::LONGEST));
        self.0 = (!is_done).then_some((longer, now));
    }
}

fn is_pause_over(state: &AppState) -> bool {
    state.compaction_pauses.lock().unwrap_or_else(PoisonError::into_inner).are_over(Instant::now())
}

/// Starts a compaction as a job.
///
/// # Errors
/// The job that is under way, or that the server is about to stop.
fn start(state: &AppState) -> Result<JobStatus, Refused> {
    let slot = state.jobs.reserve(Wish { kind: JobKind::Compaction, ..Wish::default() })?;
    slot.begin(None);
    let status = slot.status();
    let working = state.clone();
    let thread = std::thread::Builder::new().name("compaction".to_owned());
    // Where the system gives no thread, the slot is dropped, and the job has failed.
    if let Err(error) = thread.spawn(move || run(&working, slot)) {
        tracing::error!(%error, "a compaction cannot start: {error}");
    }
    status.ok_or(Refused::Stopping)
}

fn run(state: &AppState, slot: JobSlot) {
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
    let is_done = matches!(outcome.ending, Ending::Done(_));
    let mut pauses = state.compaction_pauses.lock().unwrap_or_else(PoisonError::into_inner);
    pauses.note(is_done, Instant::now());
    drop(pauses);
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

    #[test]
    fn pauses_double_up_to_an_hour_and_end_with_success() {
        let (mut pauses, now) = (Pauses::default(), Instant::now());
        assert!(pauses.are_over(now));
        for seconds in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
            pauses.note(false, now);
            assert!(!pauses.are_over(now + Duration::from_secs(seconds - 1)), "{seconds}");
            assert!(pauses.are_over(now + Duration::from_secs(seconds)), "{seconds}");
        }
        pauses.note(true, now);
        assert!(pauses.are_over(now));
    }
}
