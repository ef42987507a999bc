//! The reindex job: an uploaded file becomes the live generation, or the reasons why not.

use super::upload::Upload;
use crate::jobs::{Ending, JobError, JobSlot, Outcome, ReportJson};
use crate::state::AppState;
use index_data::load::{ColumnMap, LoadError, Source, SourceRow};
use index_data::validate::validate;
use search_core::{EngineError, ReindexOptions};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tracing::Span;

/// A reindex, or the rehearsal of one. Running it twice gives the same generation twice.
pub(crate) struct ReindexJob {
    pub(crate) state: AppState,
    pub(crate) slot: JobSlot,
    pub(crate) upload: Upload,
    pub(crate) map: ColumnMap,
    pub(crate) dry_run: bool,
}

impl ReindexJob {
    /// Starts the job on a thread of its own; searches go on meanwhile.
    ///
    /// # Errors
    /// If the system gives no further thread.
    pub(crate) fn start(self) -> io::Result<()> {
        let span = Span::current();
        let thread = std::thread::Builder::new().name("reindex".to_owned());
        thread.spawn(move || span.in_scope(|| self.run())).map(drop)
    }

    fn run(self) {
        let running = Running::enter(&self.state);
        let started = Instant::now();
        self.slot.begin(self.upload.describe());
        let outcome = if self.dry_run { self.rehearse() } else { self.reindex() };
        running.leave(&outcome, started);
        // Whoever sees the job done must not find its upload any more.
        drop(self.upload);
        self.slot.finish(outcome);
    }

    fn rehearse(&self) -> Outcome {
        let source = match Source::open(self.upload.path(), &self.map) {
            Ok(source) => source,
            Err(error) => return self.unreadable(&error),
        };
        const ROWS_BETWEEN_REPORTS: u64 = 4_096;
        let mut rows = 0;
        let counted = source.inspect(|_| {
            rows += 1;
            if rows % ROWS_BETWEEN_REPORTS == 0 {
                self.slot.progress("load", rows, None);
            }
        });
        match validate(Stoppable { rows: counted, flag: self.slot.cancel_flag() }) {
            Err(Stopped::Cancelled) => Outcome { report: None, ending: Ending::Cancelled },
            Err(Stopped::Broken(error)) => self.unreadable(&error),
            Ok(validated) => {
                self.slot.progress("load", validated.report.rows, Some(validated.report.rows));
                let ending = match validated.report.errors {
                    0 => Ending::Done(None),
                    count => Ending::Failed(JobError {
                        code: "invalid_source",
                        message: format!("the source has {count} error(s); it would not go live"),
                    }),
                };
                Outcome { report: Some(validated.report.into()), ending }
            }
        }
    }

    fn reindex(&self) -> Outcome {
        let source = match Source::open(self.upload.path(), &self.map) {
            Ok(source) => source,
            Err(error) => return self.unreadable(&error),
        };
        let options = ReindexOptions { cancel: Some(self.slot.cancel_flag()) };
        let progressed = self.state.engine.reindex_with(options, source, |progress| {
            self.slot.progress(progress.step.name(), progress.done, progress.total);
        });
        match progressed {
            Ok(reindexed) => {
                self.state.warm_up();
                let report = Some(ReportJson::from(reindexed.report));
                Outcome { report, ending: Ending::Done(Some(reindexed.generation.name)) }
            }
            Err(EngineError::Cancelled) => Outcome { report: None, ending: Ending::Cancelled },
            Err(error) => self.refused(error),
        }
    }

    fn refused(&self, error: EngineError) -> Outcome {
        let message = self.upload.without_path(&error.to_string());
        let (code, report) = match error {
            EngineError::InvalidSource { report } => ("invalid_source", Some(ReportJson::from(*report))),
            EngineError::Source(_) => ("unreadable_source", None),
            EngineError::Busy { .. } => ("index_busy", None),
            EngineError::Io { .. } => ("storage", None),
            EngineError::NotDurable { .. } => {
                self.state.take_over_what_is_live();
                ("not_durable", None)
            }
            _ => ("internal", None),
        };
        Outcome { report, ending: Ending::Failed(JobError { code, message }) }
    }

    fn unreadable(&self, error: &dyn std::error::Error) -> Outcome {
        let message = self.upload.without_path(&error.to_string());
        Outcome { report: None, ending: Ending::Failed(JobError { code: "unreadable_source", message }) }
    }
}

/// Rows that end with an error once the flag is set. A rehearsal reads them without the engine, which looks itself.
struct Stoppable<I> {
    rows: I,
    flag: Arc<AtomicBool>,
}

/// Why rows ended before their time.
#[derive(Debug, thiserror::Error)]
enum Stopped {
    #[error("cancelled")]
    Cancelled,
    #[error(transparent)]
    Broken(LoadError),
}

impl<I: Iterator<Item = Result<SourceRow, LoadError>>> Iterator for Stoppable<I> {
    type Item = Result<SourceRow, Stopped>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.flag.load(Ordering::Relaxed) {
            return Some(Err(Stopped::Cancelled));
        }
        self.rows.next().map(|row| row.map_err(Stopped::Broken))
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
            Ending::Failed(JobError { code, message }) => {
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
    use crate::jobs::{Cancelled, JobState};
    use search_core::Engine;
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

    fn job(state: &AppState, tree: &str, dry_run: bool) -> ReindexJob {
        ReindexJob {
            state: state.clone(),
            slot: state.jobs.reserve(dry_run).unwrap(),
            upload: Upload::of_text(&state.settings, tree),
            map: ColumnMap::default(),
            dry_run,
        }
    }

    fn uploads(data: &TempDir) -> usize {
        std::fs::read_dir(data.path().join("uploads")).unwrap().count()
    }

    #[test]
    fn a_job_can_be_cancelled_in_every_step_and_leaves_nothing() {
        for (dry_run, at, expected) in [
            (false, "load", JobState::Cancelled),
            (false, "write", JobState::Cancelled),
            (false, "seal", JobState::Cancelled),
            // The new generation is sealed: too late.
            (false, "publish", JobState::Done),
            (true, "load", JobState::Cancelled),
        ] {
            let data = TempDir::new().unwrap();
            let state = state(&data);
            job(&state, OLD, false).run();
            let mut job = job(&state, &new_tree(), dry_run);
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
            let expected = if live == "g000001" { "cancelled" } else { "done" };
            let metrics = state.metrics.render(&state.engine.generation(), 0, 0);
            assert!(
                metrics.contains(&format!("orgsearch_reindex_jobs_total{{state=\"{expected}\"}}")),
                "{at}"
            );
        }
    }

    #[test]
    fn a_job_cancelled_before_it_begins_reads_nothing() {
        let data = TempDir::new().unwrap();
        let state = state(&data);
        let job = job(&state, OLD, false);
        let id = job.slot.id().to_owned();
        assert!(matches!(state.jobs.cancel(&id), Cancelled::Asked(_)));
        job.run();
        assert_eq!(state.jobs.find(&id).unwrap().state, JobState::Cancelled);
        assert_eq!((state.engine.generation().orgs, uploads(&data)), (0, 0));
    }

    #[test]
    fn a_generation_that_the_disk_did_not_confirm_is_said_to_be_live() {
        let data = TempDir::new().unwrap();
        let state = state(&data);
        let job = job(&state, OLD, false);
        let source = io::Error::from_raw_os_error(5);
        let outcome = job.refused(EngineError::NotDurable { generation: "g000002".to_owned(), source });
        let Ending::Failed(error) = outcome.ending else { panic!("{outcome:?}") };
        assert_eq!(error.code, "not_durable");
        assert!(
            error.message.contains("generation g000002 is live") && error.message.contains("power failure")
        );
    }
}
