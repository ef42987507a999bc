//! The reindex flow, one page: load -> validate -> document -> write -> seal -> publish.
//!
//! Rows stream in; nothing that is live is touched until the last step, which moves one pointer. Whatever fails or
//! kills the process before that leaves the former generation served.

use crate::error::EngineError;
use crate::index::generation;
use crate::index::limits::IndexLimits;
use crate::index::manifest::Manifest;
use crate::index::snapshot::Snapshot;
use crate::index::store::Store;
use crate::index::write::{vocabulary, write, write_files};
use crate::text::segment::Segmenter;
use index_data::load::SourceRow;
use index_data::validate::{Report, validate};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The steps of the flow, for progress and logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReindexStep {
    /// Rows are read and checked.
    Load,
    /// Names are normalized, words are taken from the tree, postings are written.
    Write,
    /// Files are flushed, checksums taken, the manifest written.
    Seal,
    /// The pointer moves.
    Publish,
}

impl ReindexStep {
    /// All steps in order.
    pub const ALL: [ReindexStep; 4] =
        [ReindexStep::Load, ReindexStep::Write, ReindexStep::Seal, ReindexStep::Publish];

    /// The step's name.
    pub fn name(self) -> &'static str {
        match self {
            ReindexStep::Load => "load",
            ReindexStep::Write => "write",
            ReindexStep::Seal => "seal",
            ReindexStep::Publish => "publish",
        }
    }
}

/// How far a reindex has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReindexProgress {
    /// The step it is in.
    pub step: ReindexStep,
    /// Organizations done in this step.
    pub done: u64,
    /// Organizations in all, once that is known.
    pub total: Option<u64>,
}

/// How a reindex is done.
#[derive(Debug, Clone, Default)]
pub struct ReindexOptions {
    /// Set from anywhere to stop the reindex with [`EngineError::Cancelled`]. It is looked at for every row, every few
    /// thousand organizations and between the steps; at four million organizations it may go unnoticed for some
    /// seconds. Once the generation is sealed it is too late.
    pub cancel: Option<Arc<AtomicBool>>,
}

/// Whether the caller still wants the reindex.
#[derive(Debug)]
pub(crate) struct Cancel(Option<Arc<AtomicBool>>);

impl Cancel {
    pub(crate) fn new(options: ReindexOptions) -> Self {
        Cancel(options.cancel)
    }

    pub(crate) fn never() -> Self {
        Cancel(None)
    }

    /// An error once the caller has given up.
    pub(crate) fn check(&self) -> Result<(), EngineError> {
        match &self.0 {
            Some(flag) if flag.load(Ordering::Relaxed) => Err(EngineError::Cancelled),
            _ => Ok(()),
        }
    }

    /// The rows until the caller gives up or they break off, then the reason.
    pub(crate) fn watch<E: std::error::Error + Send + Sync + 'static>(
        &self,
        rows: impl IntoIterator<Item = Result<SourceRow, E>>,
    ) -> impl Iterator<Item = Result<SourceRow, EngineError>> {
        rows.into_iter().map(|row| {
            self.check()?;
            row.map_err(|error| EngineError::Source(Box::new(error)))
        })
    }
}

/// Builds a generation from rows, seals it, makes it live, and gives it opened, with the report of its rows.
pub(crate) fn reindex<E: std::error::Error + Send + Sync + 'static>(
    store: &Store,
    rows: impl IntoIterator<Item = Result<SourceRow, E>>,
    limits: IndexLimits,
    cancel: &Cancel,
    mut progress: impl FnMut(ReindexProgress),
) -> Result<Published, EngineError> {
    let building = store.begin()?;

    let rows = counted(rows, |done| progress(ReindexProgress { step: ReindexStep::Load, done, total: None }));
    let checked = validate(cancel.watch(rows))?;
    let Some(tree) = checked.tree else {
        return Err(EngineError::InvalidSource { report: Box::new(checked.report) });
    };
    cancel.check()?;

    let total = Some(u64::from(tree.len()));
    let words = vocabulary(&tree);
    let segmenter = Segmenter::with_vocabulary(&words);
    let directory = building.text_directory()?;
    let digest = std::thread::scope(|scope| {
        let digest = scope.spawn(|| generation::source_digest(&tree));
        let at = |done| {
            progress(ReindexProgress { step: ReindexStep::Write, done, total });
            cancel.check()
        };
        let seal = |records| write_files(&building, &tree, &words, records);
        let written = write(&tree, Box::new(directory), &segmenter, limits, at, seal);
        written.map_err(|error| error.below(building.dir()))?;
        Ok::<_, EngineError>(digest.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;

    progress(ReindexProgress { step: ReindexStep::Seal, done: 0, total });
    cancel.check()?;
    let (name, replaces) = (building.name().to_owned(), building.replaces());
    let manifest = Manifest::new(name, replaces, &tree, digest, building.sync_files()?);
    drop(tree);
    // The last look: a sealed generation that is not published would lie about on the disk.
    cancel.check()?;
    let sealed = building.seal(&manifest)?;

    progress(ReindexProgress { step: ReindexStep::Publish, done: 0, total });
    let snapshot = generation::open(sealed.dir())?;
    let not_durable = match sealed.publish() {
        Err(error @ EngineError::NotDurable { .. }) => Some(error),
        published => published.map(|()| None)?,
    };
    progress(ReindexProgress { step: ReindexStep::Publish, done: manifest.orgs, total });
    Ok(Published { snapshot, report: checked.report, not_durable })
}

/// A generation that is live.
pub(crate) struct Published {
    pub(crate) snapshot: Snapshot,
    pub(crate) report: Report,
    /// Why it may not be live any more after a power failure.
    pub(crate) not_durable: Option<EngineError>,
}

/// The rows, with a call every few thousand.
fn counted<T>(rows: impl IntoIterator<Item = T>, mut progress: impl FnMut(u64)) -> impl Iterator<Item = T> {
    const EVERY: u64 = 5_000;
    let mut done = 0u64;
    rows.into_iter().inspect(move |_| {
        done += 1;
        if done.is_multiple_of(EVERY) {
            progress(done);
        }
    })
}
