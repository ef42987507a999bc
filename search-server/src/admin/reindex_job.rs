//! The reindex job: an uploaded file becomes the live generation, or the reasons why not.

use super::upload::{KeptUpload, Upload};
use crate::difference_csv::DifferenceCsv;
use crate::golden::{GoldenError, read_golden};
use crate::jobs::{Ending, JobError, JobSlot, Outcome, ReportJson, StepProgress, Wish};
use crate::priority::Place;
use crate::state::AppState;
use flate2::Compression;
use flate2::write::GzEncoder;
use index_data::load::{ColumnMap, LoadError, Source, SourceRow};
use search_core::{
    EachChange, EngineError, Gate, GateOutcome, Refused, Rehearsed, ReindexOptions, ReindexProgress,
    ReindexStep, Reindexed,
};
use std::cell::Cell;
use std::io::{self, BufWriter, Write};
use std::sync::PoisonError;
use std::time::Instant;
use tempfile::NamedTempFile;
use tracing::Span;

/// A reindex, or the rehearsal of one. Running it twice gives the same generation twice.
pub(crate) struct ReindexJob {
    pub(crate) state: AppState,
    pub(crate) slot: JobSlot,
    pub(crate) upload: Upload,
    pub(crate) map: ColumnMap,
    pub(crate) wish: Wish,
    /// Changes made from then on are kept, in seconds since 1970.
    pub(crate) since: Option<u64>,
}

impl ReindexJob {
    /// Starts the job on a thread of its own; searches go on meanwhile.
    ///
    /// # Errors
    /// If the system gives no further thread.
    pub(crate) fn start(self) -> io::Result<()> {
        let span = Span::current();
        let thread = std::thread::Builder::new().name("reindex".to_owned());
        let priority = self.state.settings.building.priority;
        let work = move || {
            priority.take(Place::Thread);
            span.in_scope(|| self.run());
        };
        thread.spawn(work).map(drop)
    }

    fn run(mut self) {
        let state = self.state.clone();
        let running = Running::enter(&state);
        let started = Instant::now();
        self.slot.begin(self.upload.describe());
        let outcome = self.work();
        running.leave(&outcome, started);
        // Whoever sees the job done must not find its upload any more, unless it may still be published.
        let may_be_published = match outcome.ending {
            Ending::Refused => true,
            Ending::Done(_) => self.wish.dry_run,
            Ending::Failed(_) | Ending::Cancelled => false,
        };
        let job = self.slot.id().to_owned();
        let kept = may_be_published.then_some(KeptUpload {
            job,
            upload: self.upload,
            map: self.map,
            since: self.since,
        });
        let before = {
            let mut place = state.kept_upload.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, kept)
        };
        drop(before);
        self.slot.finish(outcome);
    }

    fn work(&mut self) -> Outcome {
        let gate = match self.gate() {
            Ok(gate) => gate,
            Err(error) => {
                return Outcome::only(Ending::Failed(JobError::new("golden_queries", error.to_string())));
            }
        };
        let source = match Source::open(self.upload.path(), &self.map) {
            Ok(source) => source,
            Err(error) => {
                let message = self.upload.without_path(&error.to_string());
                return Outcome::only(Ending::Failed(JobError::new("unreadable_source", message)));
            }
        };
        let mut csv = self.difference_csv();
        let outcome = match &mut csv {
            None => self.reindex(gate, source, None),
            Some(csv) => self.reindex(gate, source, Some(&mut |change| csv.write(change))),
        };
        // A job that was refused is looked at most of all.
        let is_whole = outcome.difference.is_some();
        match csv.filter(|_| is_whole).map(whole).transpose() {
            Ok(Some(file)) => self.slot.set_difference(file),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the difference cannot be kept: {error}"),
        }
        outcome
    }

    fn gate(&self) -> Result<Gate, GoldenError> {
        let settings = &self.state.settings.gate;
        let golden = settings.golden.as_deref().map(read_golden).transpose()?;
        Ok(Gate { limits: settings.limits, golden: golden.unwrap_or_default(), force: self.wish.force })
    }

    /// Where every change goes; without a data directory, or if the disk refuses, nowhere.
    fn difference_csv(&self) -> Option<PackedCsv> {
        let begun = self.slot.difference_file()?.and_then(|file| {
            let packer = GzEncoder::new(file, Compression::fast());
            DifferenceCsv::begin(BufWriter::with_capacity(1 << 16, packer))
        });
        begun.inspect_err(|error| tracing::warn!(%error, "the difference cannot be kept: {error}")).ok()
    }

    fn reindex(&self, gate: Gate, source: Source, each_change: Option<EachChange<'_>>) -> Outcome {
        let read = Cell::new((0, None));
        let rows = BytesRead { source, read: &read };
        let (cancel, gate) = (Some(self.slot.cancel_flag()), Some(gate));
        let options = ReindexOptions { cancel, gate, each_change, keep_changes_since: self.since };
        let progress = |at: ReindexProgress| {
            let (done, size) = read.get();
            let bytes = size.filter(|_| at.step == ReindexStep::Load).map(|size| (done, size));
            self.slot.progress(at.step.name(), StepProgress { done: at.done, total: at.total, bytes });
        };
        let engine = &self.state.engine;
        if self.wish.dry_run {
            return match engine.rehearse(options, rows, progress) {
                Ok(rehearsed) => of_rehearsal(rehearsed),
                Err(error) => self.ended(error),
            };
        }
        match engine.reindex_with(options, rows, progress) {
            Ok(reindexed) => {
                self.state.warm_up();
                of_reindex(reindexed)
            }
            Err(error) => self.ended(error),
        }
    }

    fn ended(&self, error: EngineError) -> Outcome {
        let message = self.upload.without_path(&error.to_string());
        let (code, report) = match error {
            EngineError::Cancelled => return Outcome::only(Ending::Cancelled),
            EngineError::Refused { refused } => {
                tracing::warn!("{message}");
                return of_refusal(*refused);
            }
            EngineError::InvalidSource { report } => ("invalid_source", Some(ReportJson::from(*report))),
            EngineError::Source(_) => ("unreadable_source", None),
            EngineError::Busy { .. } => ("index_busy", None),
            EngineError::NoSpace { .. } => ("no_space", None),
            EngineError::Io { .. } => ("storage", None),
            EngineError::NotDurable { .. } => {
                self.state.take_over_what_is_live();
                ("not_durable", None)
            }
            _ => ("internal", None),
        };
        Outcome { report, ..Outcome::only(Ending::Failed(JobError::new(code, message))) }
    }
}

fn of_reindex(Reindexed { generation, report, difference, gate }: Reindexed) -> Outcome {
    Outcome {
        report: Some(report.into()),
        difference: difference.as_ref().map(Into::into),
        gate: gate.as_ref().map(Into::into),
        ending: Ending::Done(Some(generation.name)),
    }
}

fn of_rehearsal(Rehearsed { report, difference, gate }: Rehearsed) -> Outcome {
    let is_refused = gate.as_ref().is_some_and(|gate| gate.outcome == GateOutcome::Refused);
    Outcome {
        report: Some(report.into()),
        difference: difference.as_ref().map(Into::into),
        gate: gate.as_ref().map(Into::into),
        ending: if is_refused { Ending::Refused } else { Ending::Done(None) },
    }
}

fn of_refusal(Refused { report, difference, gate }: Refused) -> Outcome {
    Outcome {
        report: Some(report.into()),
        difference: difference.as_ref().map(Into::into),
        gate: Some((&gate).into()),
        ending: Ending::Refused,
    }
}

type PackedCsv = DifferenceCsv<BufWriter<GzEncoder<NamedTempFile>>>;

/// The file of a difference, once all of it is written.
fn whole(csv: PackedCsv) -> io::Result<NamedTempFile> {
    let mut file = csv.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
    file.flush()?;
    Ok(file)
}

/// Rows that say how much of their file was read.
struct BytesRead<'r> {
    source: Source,
    read: &'r Cell<(u64, Option<u64>)>,
}

impl Iterator for BytesRead<'_> {
    type Item = Result<SourceRow, LoadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read.set((self.source.bytes_read(), self.source.bytes_total()));
        self.source.next()
    }
}

/// Counts a running job, also one that panics.
struct Running<'a> {
    state: &'a AppState,
    ended_as: &'static str,
}

impl<'a> Running<'a> {
    fn enter(state: &'a AppState) -> Self {
        state.metrics.reindex_started();
        Running { state, ended_as: "failed" }
    }

    fn leave(mut self, outcome: &Outcome, started: Instant) {
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &outcome.ending {
            Ending::Done(generation) => {
                self.ended_as = "done";
                let generation = generation.as_deref().unwrap_or("none, a rehearsal");
                tracing::info!(generation, took_ms, "the reindex is done after {took_ms} ms: {generation}");
            }
            Ending::Refused => {
                self.ended_as = "refused";
                tracing::warn!(took_ms, "the gate refused the file after {took_ms} ms; nothing was changed");
            }
            Ending::Failed(JobError { code, message }) => {
                let code = code.as_ref();
                tracing::warn!(code, took_ms, "the reindex failed after {took_ms} ms: {message}");
            }
            Ending::Cancelled => {
                self.ended_as = "cancelled";
                tracing::warn!(took_ms, "the reindex was cancelled after {took_ms} ms; nothing was changed");
            }
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.state.metrics.reindex_finished(self.ended_as);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{IndexSettings, ServeSettings};
    use crate::jobs::{Cancelled, JobKind, JobState};
    use crate::telemetry::Now;
    use search_core::Engine;
    use std::sync::Arc;
    use tempfile::TempDir;

    const OLD: &str = "id,name\n1,旧团委\n";

    fn new_tree() -> String {
        let classes: String = (2..12_000).map(|id| format!("{id},{id}班团支部,1\n")).collect();
        format!("id,name,parent_id\n1,新团委,\n{classes}")
    }

    fn state(data: &TempDir) -> AppState {
        let engine = Engine::open_or_empty(data.path()).unwrap();
        let data_dir = Some(data.path().to_owned());
        let index = IndexSettings { data_dir, ..IndexSettings::default() };
        AppState::new(ServeSettings { index, ..ServeSettings::default() }, Arc::new(engine))
    }

    fn job(state: &AppState, tree: &str, wish: Wish) -> ReindexJob {
        ReindexJob {
            state: state.clone(),
            slot: state.jobs.reserve(wish).unwrap(),
            upload: Upload::of_text(&state.settings, tree),
            map: ColumnMap::default(),
            wish,
            since: None,
        }
    }

    fn uploads(data: &TempDir) -> usize {
        std::fs::read_dir(data.path().join("uploads")).unwrap().count()
    }

    /// A change that no gate lets pass.
    const BY_FORCE: Wish = Wish { kind: JobKind::Reindex, dry_run: false, force: true };
    const REHEARSAL: Wish = Wish { kind: JobKind::Reindex, dry_run: true, force: true };

    #[test]
    fn a_job_can_be_cancelled_in_every_step_and_leaves_nothing() {
        for (wish, at, expected) in [
            (BY_FORCE, "load", JobState::Cancelled),
            (BY_FORCE, "validate", JobState::Cancelled),
            (BY_FORCE, "document", JobState::Cancelled),
            (BY_FORCE, "write", JobState::Cancelled),
            (BY_FORCE, "seal", JobState::Cancelled),
            (BY_FORCE, "verify", JobState::Cancelled),
            // The new generation gets its name: too late.
            (BY_FORCE, "publish", JobState::Done),
            (REHEARSAL, "load", JobState::Cancelled),
            (REHEARSAL, "validate", JobState::Cancelled),
        ] {
            let data = TempDir::new().unwrap();
            let state = state(&data);
            job(&state, OLD, Wish::default()).run();
            let mut job = job(&state, &new_tree(), wish);
            let id = job.slot.id().to_owned();
            job.slot.on_step(move |jobs, id, step| {
                if step == at {
                    // Two who ask at once are told the same.
                    assert!(matches!(jobs.cancel(id), Cancelled::Asked(_)), "{at}");
                    assert!(matches!(jobs.cancel(id), Cancelled::Asked(_)), "{at}");
                }
            });
            job.run();
            let ended = state.jobs.find(&id).unwrap();
            assert_eq!((ended.state, ended.error.is_none()), (expected, true), "{at} {ended:?}");
            assert!(matches!(state.jobs.cancel(&id), Cancelled::Finished(_)), "{at}");
            let live = if expected == JobState::Done { "g000002" } else { "g000001" };
            assert_eq!(state.engine.generation().name, live, "{at}");
            assert_eq!((uploads(&data), state.engine.verify().unwrap().len()), (0, 0), "{at}");
            let sealed = if expected == JobState::Done { 2 } else { 1 };
            assert_eq!(state.engine.generations().unwrap().len(), sealed, "{at}");
            assert!(!data.path().join("generations/.building").exists(), "{at}");
            let expected = if live == "g000001" { "cancelled" } else { "done" };
            let metrics = state.metrics.render(&state.engine.generation(), &Now::default());
            assert!(
                metrics.contains(&format!("orgsearch_reindex_jobs_total{{state=\"{expected}\"}}")),
                "{at}"
            );
        }
    }

    #[test]
    fn the_steps_come_in_their_order_with_an_event_each() {
        let data = TempDir::new().unwrap();
        let state = state(&data);
        let job = job(&state, &new_tree(), Wish::default());
        let id = job.slot.id().to_owned();
        job.run();
        let (ended, events) = state.jobs.events(&id, 0).unwrap();
        assert_eq!(ended, JobState::Done);
        let mut steps: Vec<String> = events.iter().map(|event| event.step.to_string()).collect();
        steps.dedup();
        let expected: Vec<_> =
            std::iter::once("upload").chain(ReindexStep::ALL.map(ReindexStep::name)).collect();
        assert_eq!(steps, expected);
        assert!(events.iter().map(|event| event.sequence).eq(1..=events.len() as u64));
        assert_eq!(state.jobs.events(&id, 3).unwrap().1.len(), events.len() - 3);
        assert!(state.jobs.events(&id, u64::MAX).unwrap().1.is_empty());
    }

    #[test]
    fn a_job_cancelled_before_it_begins_reads_nothing() {
        let data = TempDir::new().unwrap();
        let state = state(&data);
        let job = job(&state, OLD, Wish::default());
        let id = job.slot.id().to_owned();
        assert!(matches!(state.jobs.cancel(&id), Cancelled::Asked(_)));
        job.run();
        assert_eq!(state.jobs.find(&id).unwrap().state, JobState::Cancelled);
        assert_eq!((state.engine.generation().orgs, uploads(&data)), (0, 0));
    }

    #[test]
    fn what_the_engine_refuses_is_told_by_a_code() {
        let data = TempDir::new().unwrap();
        let state = state(&data);
        let job = job(&state, OLD, Wish::default());
        let dir = data.path().to_owned();
        for (error, code) in [
            (EngineError::NoSpace { dir: dir.clone(), free: 1, needed: 2 }, "no_space"),
            (EngineError::Busy { dir }, "index_busy"),
        ] {
            let Ending::Failed(error) = job.ended(error).ending else { panic!("{code}") };
            assert_eq!(error.code, code);
        }
    }

    #[test]
    fn a_generation_that_the_disk_did_not_confirm_is_said_to_be_live() {
        let data = TempDir::new().unwrap();
        let state = state(&data);
        let job = job(&state, OLD, Wish::default());
        let source = io::Error::from_raw_os_error(5);
        let outcome = job.ended(EngineError::NotDurable { generation: "g000002".to_owned(), source });
        let Ending::Failed(error) = outcome.ending else { panic!("{outcome:?}") };
        assert_eq!(error.code, "not_durable");
        assert!(
            error.message.contains("generation g000002 is live") && error.message.contains("power failure")
        );
    }
}
