//! The reindex job: an uploaded file becomes the live generation, or the reasons why not.

use super::{JobError, JobSlot, Outcome, ReportJson};
use crate::admin::upload::Upload;
use crate::state::AppState;
use index_data::load::{ColumnMap, Source};
use index_data::validate::validate;
use search_core::EngineError;
use std::io;
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
        self.slot.begin(self.upload.describe());
        let span = Span::current();
        let thread = std::thread::Builder::new().name("reindex".to_owned());
        thread.spawn(move || span.in_scope(|| self.run())).map(drop)
    }

    fn run(self) {
        let running = Running::enter(&self.state);
        let started = Instant::now();
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
        match validate(counted) {
            Err(error) => self.unreadable(&error),
            Ok(validated) => {
                self.slot.progress("load", validated.report.rows, Some(validated.report.rows));
                let result = match validated.report.errors {
                    0 => Ok(None),
                    count => Err(JobError {
                        code: "invalid_source",
                        message: format!("the source has {count} error(s); it would not go live"),
                    }),
                };
                Outcome { report: Some(validated.report.into()), result }
            }
        }
    }

    fn reindex(&self) -> Outcome {
        let source = match Source::open(self.upload.path(), &self.map) {
            Ok(source) => source,
            Err(error) => return self.unreadable(&error),
        };
        let progressed = self.state.engine.reindex(source, |progress| {
            self.slot.progress(progress.step.name(), progress.done, progress.total);
        });
        match progressed {
            Ok(reindexed) => {
                self.state.warm_up();
                let report = Some(ReportJson::from(reindexed.report));
                Outcome { report, result: Ok(Some(reindexed.generation.name)) }
            }
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
            _ => ("internal", None),
        };
        Outcome { report, result: Err(JobError { code, message }) }
    }

    fn unreadable(&self, error: &dyn std::error::Error) -> Outcome {
        let message = self.upload.without_path(&error.to_string());
        Outcome { report: None, result: Err(JobError { code: "unreadable_source", message }) }
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
        match &outcome.result {
            Ok(generation) => {
                self.ended_as = "done";
                let generation = generation.as_deref().unwrap_or("none, a rehearsal");
                tracing::info!(generation, took_ms, "the reindex is done after {took_ms} ms: {generation}");
            }
            Err(JobError { code, message }) => {
                tracing::warn!(code, took_ms, "the reindex failed after {took_ms} ms: {message}");
            }
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.state.metrics.reindex_finished(self.ended_as);
    }
}
