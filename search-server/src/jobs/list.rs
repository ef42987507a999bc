//! The list of jobs as plain data: no lock, no thread, no clock. Each method is one step that others cannot divide, so
//! every order of steps can be tried out.
//!
//! - At most one job is unfinished.
//! - A job ends once, in one of `done`, `refused`, `failed` and `cancelled`.
//! - After [`JobList::stop`] no job begins.

use super::events::{Events, JobEvent};
use super::pace::{Pace, StepProgress};
use super::status::{Ending, JobState, JobStatus, Outcome, SourceJson};
use std::borrow::Cow;
use std::collections::VecDeque;

/// Why a job cannot begin.
#[derive(Debug)]
pub(crate) enum Refused {
    /// This one is not finished yet.
    Running(Box<JobStatus>),
    /// The server is about to stop.
    Stopping,
}

/// What came of the wish to cancel a job.
#[derive(Debug)]
pub(crate) enum Cancelled {
    /// It will stop as soon as it notices, unless it is done before.
    Asked(Box<JobStatus>),
    /// It has ended already.
    Finished(Box<JobStatus>),
    /// There is no such job.
    Unknown,
}

/// All jobs, the oldest first.
#[derive(Debug, Clone)]
pub(super) struct JobList {
    jobs: VecDeque<Listed>,
    /// Finished jobs that are remembered.
    kept: usize,
    stopping: bool,
}

/// A job, what happened to it, and when its step began.
#[derive(Debug, Clone)]
struct Listed {
    job: JobStatus,
    events: Events,
    step_began_unix_ms: u64,
}

/// What came of a job's word that it came further.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Noted {
    /// It entered another step.
    pub(super) is_another_step: bool,
    /// There is one more event.
    pub(super) is_event: bool,
}

impl JobList {
    /// With jobs that have ended before, the oldest first.
    pub(super) fn new(kept: usize, ended: impl IntoIterator<Item = (JobStatus, Vec<JobEvent>)>) -> Self {
        let listed = |(job, events)| Listed { job, events: Events::of(events), step_began_unix_ms: 0 };
        JobList { jobs: ended.into_iter().map(listed).collect(), kept, stopping: false }
    }

    /// Takes the one place for a job; it is queued from now on. Gives the ids of those that are no longer remembered.
    pub(super) fn queue(&mut self, job: JobStatus) -> Result<Vec<String>, Refused> {
        if let Some(unfinished) = self.unfinished() {
            return Err(Refused::Running(Box::new(unfinished.clone())));
        }
        if self.stopping {
            return Err(Refused::Stopping);
        }
        let surplus = self.jobs.len().saturating_sub(self.kept);
        let forgotten = self.jobs.drain(..surplus).map(|old| old.job.id).collect();
        let now_unix_ms = job.created_unix_ms;
        let mut listed = Listed { job, events: Events::default(), step_began_unix_ms: now_unix_ms };
        listed.note(now_unix_ms);
        self.jobs.push_back(listed);
        Ok(forgotten)
    }

    /// A queued job begins, with its file if it reads one.
    pub(super) fn begin(&mut self, id: &str, source: Option<SourceJson>, now_unix_ms: u64) {
        if let Some(listed) = self.of_state(id, |state| state == JobState::Queued) {
            listed.enter("load", now_unix_ms);
            (listed.job.state, listed.job.source) = (JobState::Running, source);
            listed.note(now_unix_ms);
        }
    }

    /// A running job came further.
    pub(super) fn progress(
        &mut self,
        id: &str,
        step: &'static str,
        progress: StepProgress,
        now_unix_ms: u64,
    ) -> Noted {
        let Some(listed) = self.of_state(id, |state| state == JobState::Running) else {
            return Noted::default();
        };
        let is_another_step = listed.job.step != step;
        if is_another_step {
            listed.enter(step, now_unix_ms);
        }
        let took_ms = now_unix_ms.saturating_sub(listed.step_began_unix_ms);
        (listed.job.done, listed.job.total) = (progress.done, progress.total);
        listed.job.pace = Pace::of(progress, took_ms);
        Noted { is_another_step, is_event: listed.note(now_unix_ms) }
    }

    /// A job ends. Only the first end counts; true if this was it.
    pub(super) fn end(&mut self, id: &str, outcome: Outcome, has_difference: bool, now_unix_ms: u64) -> bool {
        let Some(listed) = self.of_state(id, JobState::is_unfinished) else { return false };
        let job = &mut listed.job;
        (job.report, job.difference, job.gate) = (outcome.report, outcome.difference, outcome.gate);
        match outcome.ending {
            Ending::Done(generation) => (job.state, job.generation) = (JobState::Done, generation),
            Ending::Refused => job.state = JobState::Refused,
            Ending::Failed(error) => (job.state, job.error) = (JobState::Failed, Some(error)),
            Ending::Cancelled => job.state = JobState::Cancelled,
        }
        (job.finished_unix_ms, job.difference_csv) = (Some(now_unix_ms), has_difference);
        job.pace = Pace { seconds_left: None, ..job.pace };
        listed.note(now_unix_ms);
        true
    }

    /// A queued job never began: it is forgotten, as its caller was told why.
    pub(super) fn forget(&mut self, id: &str) {
        self.jobs.retain(|listed| listed.job.id != id || listed.job.state != JobState::Queued);
    }

    /// Whether and how a job may be cancelled. Whoever asks sets the job's flag in the same step.
    pub(super) fn cancel(&self, id: &str) -> Cancelled {
        match self.find(id) {
            None => Cancelled::Unknown,
            Some(job) if job.state.is_unfinished() => Cancelled::Asked(Box::new(job.clone())),
            Some(job) => Cancelled::Finished(Box::new(job.clone())),
        }
    }

    /// No job begins any more. Gives the unfinished one, which should be cancelled in the same step.
    pub(super) fn stop(&mut self) -> Option<JobStatus> {
        self.stopping = true;
        self.unfinished().cloned()
    }

    /// The job that is queued or running, if one is.
    pub(super) fn unfinished(&self) -> Option<&JobStatus> {
        self.jobs.iter().map(|listed| &listed.job).find(|job| job.state.is_unfinished())
    }

    pub(super) fn find(&self, id: &str) -> Option<&JobStatus> {
        self.jobs.iter().map(|listed| &listed.job).find(|job| job.id == id)
    }

    /// The events of a job behind the one with this number, and its state.
    pub(super) fn events(&self, id: &str, after: u64) -> Option<(JobState, Vec<JobEvent>)> {
        let listed = self.jobs.iter().find(|listed| listed.job.id == id)?;
        Some((listed.job.state, listed.events.after(after).to_vec()))
    }

    /// All remembered jobs, the newest first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = &JobStatus> {
        self.jobs.iter().rev().map(|listed| &listed.job)
    }

    fn of_state(&mut self, id: &str, state: impl Fn(JobState) -> bool) -> Option<&mut Listed> {
        self.jobs.iter_mut().find(|listed| listed.job.id == id && state(listed.job.state))
    }
}

impl Listed {
    fn enter(&mut self, step: &'static str, now_unix_ms: u64) {
        self.job.step = Cow::Borrowed(step);
        (self.job.done, self.job.total, self.job.pace) = (0, None, Pace::default());
        self.step_began_unix_ms = now_unix_ms;
    }

    fn note(&mut self, now_unix_ms: u64) -> bool {
        self.events.note(&self.job, now_unix_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interleavings::{Steps, explore};
    use crate::jobs::status::{JobError, Wish};

    /// Somebody who does one thing after the other; `at` counts what is done.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    enum Actor {
        /// Queues a job, begins it, works on it twice, ends it; stops early if it is cancelled.
        Worker,
        /// Queues a job and gives up before it begins.
        GivesUp,
        /// Queues a job, begins it, and breaks off without a word, as a panic does.
        BreaksOff,
        /// Cancels the job of the first worker, twice.
        Canceller,
        /// Stops the server.
        Stopper,
    }

    #[derive(Debug, Clone)]
    struct World {
        list: JobList,
        actors: Vec<(Actor, u8)>,
        /// Jobs whose flag is set.
        asked: Vec<String>,
        /// How often each job has ended.
        ends: Vec<(String, JobState)>,
        queued: usize,
        refused: usize,
        forgotten: usize,
        stopped: bool,
    }

    impl World {
        fn new(actors: &[Actor]) -> Self {
            World {
                list: JobList::new(9, []),
                actors: actors.iter().map(|&actor| (actor, 0)).collect(),
                asked: Vec::new(),
                ends: Vec::new(),
                queued: 0,
                refused: 0,
                forgotten: 0,
                stopped: false,
            }
        }

        /// The next thing that one of them does.
        fn step(&mut self, who: usize) {
            const OVER: u8 = 9;
            let (actor, at) = self.actors[who];
            let id = who.to_string();
            let mut next = at + 1;
            match (actor, at) {
                (Actor::Worker | Actor::GivesUp | Actor::BreaksOff, 0) => {
                    if !self.queue(id) {
                        next = OVER;
                    }
                }
                (Actor::Worker | Actor::BreaksOff, 1) => {
                    let source = SourceJson { name: String::new(), format: "csv".into(), bytes: 1 };
                    self.list.begin(&id, Some(source), 0);
                }
                (Actor::GivesUp, _) => {
                    self.list.forget(&id);
                    (next, self.forgotten) = (OVER, self.forgotten + 1);
                }
                (Actor::BreaksOff, _) => {
                    self.end(&id, Ending::Failed(JobError::broke_off()));
                    next = OVER;
                }
                (Actor::Worker, 2 | 3) if self.asked.contains(&id) => {
                    self.end(&id, Ending::Cancelled);
                    next = OVER;
                }
                (Actor::Worker, 2) => assert!(self.write(&id, 1).is_another_step),
                (Actor::Worker, 3) => assert!(!self.write(&id, 2).is_another_step),
                (Actor::Worker, _) => {
                    // A flag that is set from here on comes too late.
                    self.end(&id, Ending::Done(None));
                    next = OVER;
                }
                (Actor::Canceller, _) => {
                    let ended = self.ends.iter().any(|(job, _)| job == "0");
                    match self.list.cancel("0") {
                        Cancelled::Asked(job) => {
                            assert!(!ended);
                            self.asked.push(job.id);
                        }
                        Cancelled::Finished(_) => assert!(ended),
                        Cancelled::Unknown => assert!(self.list.find("0").is_none()),
                    }
                    next = if at == 0 { 1 } else { OVER };
                }
                (Actor::Stopper, _) => {
                    let unfinished = self.list.stop();
                    self.asked.extend(unfinished.map(|job| job.id));
                    (next, self.stopped) = (OVER, true);
                }
            }
            self.actors[who].1 = next;
        }

        /// Whether a job is queued now.
        fn queue(&mut self, id: String) -> bool {
            match self.list.queue(JobStatus::queued(id, Wish::default(), 0)) {
                Ok(_) => {
                    assert!(!self.stopped, "a job began after the stop");
                    self.queued += 1;
                    return true;
                }
                Err(Refused::Running(other)) => assert!(other.state.is_unfinished()),
                Err(Refused::Stopping) => assert!(self.stopped),
            }
            self.refused += 1;
            false
        }

        fn write(&mut self, id: &str, done: u64) -> Noted {
            self.list.progress(id, "write", StepProgress { done, total: None, bytes: None }, 0)
        }

        fn end(&mut self, id: &str, ending: Ending) {
            assert!(self.list.end(id, Outcome::only(ending), false, 1));
            self.ends.push((id.to_owned(), self.list.find(id).unwrap().state));
        }

        fn jobs(&self) -> impl Iterator<Item = &JobStatus> {
            self.list.newest_first()
        }

        fn key(&self) -> String {
            let states: Vec<_> = self.jobs().map(|job| (&job.id, job.state, &job.step)).collect();
            format!("{states:?}{:?}{:?}{:?}", self.actors, self.asked, self.ends)
        }
    }

    impl Steps for World {
        fn next(&self) -> Vec<Self> {
            let busy = (0..self.actors.len()).filter(|&who| self.actors[who].1 != 9);
            let step = |who| {
                let mut next = self.clone();
                next.step(who);
                next
            };
            busy.map(step).collect()
        }

        fn key(&self) -> String {
            World::key(self)
        }

        fn check(&self, is_end: bool) {
            let unfinished = self.jobs().filter(|job| job.state.is_unfinished()).count();
            assert!(unfinished <= 1, "{self:?}");
            for job in self.jobs() {
                let ends: Vec<_> = self.ends.iter().filter(|(id, _)| *id == job.id).collect();
                assert_eq!(ends.len(), usize::from(!job.state.is_unfinished()), "{self:?}");
                assert!(ends.iter().all(|(_, state)| *state == job.state), "an end was changed: {self:?}");
                assert_eq!(job.error.is_some(), job.state == JobState::Failed);
                assert_eq!(job.finished_unix_ms.is_some(), !job.state.is_unfinished());
                let asked = self.asked.contains(&job.id);
                assert!(job.state != JobState::Cancelled || asked, "nobody asked: {self:?}");
            }
            if is_end {
                assert_eq!(unfinished, 0, "a place is lost: {self:?}");
                assert_eq!(self.ends.len() + self.forgotten, self.queued, "{self:?}");
                let mut again = self.list.clone();
                let free = again.queue(JobStatus::queued("z".to_owned(), Wish::default(), 2)).is_ok();
                assert_eq!(free, !self.stopped, "{self:?}");
            }
        }
    }

    #[test]
    fn every_order_of_four_actors_keeps_the_rules() {
        use Actor::{BreaksOff, Canceller, GivesUp, Stopper, Worker};
        let mut worlds = 0;
        for actors in [
            [Worker, Worker, Canceller, Stopper],
            [Worker, Canceller, Canceller, Canceller],
            [Worker, BreaksOff, Canceller, Stopper],
            [Worker, GivesUp, BreaksOff, Canceller],
            [GivesUp, GivesUp, Worker, Stopper],
            [Worker, Worker, Worker, Worker],
            [BreaksOff, Canceller, Stopper, Stopper],
        ] {
            worlds += explore(World::new(&actors));
        }
        assert!(worlds > 1_000, "only {worlds} states were seen");
    }

    #[test]
    fn only_the_first_end_counts() {
        let mut list = JobList::new(1, []);
        list.queue(JobStatus::queued("a".to_owned(), Wish::default(), 0)).unwrap();
        assert!(list.end("a", Outcome::only(Ending::Cancelled), false, 1));
        assert!(!list.end("a", Outcome::only(Ending::Done(Some("g".to_owned()))), false, 2));
        let job = list.find("a").unwrap();
        assert_eq!((job.state, job.finished_unix_ms), (JobState::Cancelled, Some(1)));
    }
}
