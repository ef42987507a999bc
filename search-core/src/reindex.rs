//! The reindex flow, one page: load -> validate -> document -> write -> seal -> verify -> publish.
//!
//! Rows stream in; nothing that is live is touched until the last step, which moves one pointer. Whatever fails, is
//! refused by the gate or kills the process before that leaves the former generation served.

use crate::changes::LoggedBatch;
use crate::difference::{Change, Difference};
use crate::error::{EngineError, Refused};
use crate::gate::{Gate, GateOutcome, GateReport, ask};
use crate::index::generation;
use crate::index::limits::IndexLimits;
use crate::index::manifest::{GateRecord, Manifest};
use crate::index::snapshot::Snapshot;
use crate::index::space;
use crate::index::store::{Building, Sealed, Store};
use crate::index::write::{vocabulary, write, write_files};
use crate::live::Live;
use crate::text::segment::Segmenter;
use index_data::load::SourceRow;
use index_data::model::OrgTree;
use index_data::validate::{Report, validate};
use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The steps of the flow, for progress and logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReindexStep {
    /// Rows are read and checked one by one.
    Load,
    /// Parents are found, the tree is built and compared with the live one; the gate judges what is lost.
    Validate,
    /// Names are normalized, words are taken from the tree; postings are written beside.
    Document,
    /// The columns are written.
    Write,
    /// Files are flushed, checksums taken.
    Seal,
    /// What was written is opened as any reader would, every checksum is read, and golden queries are asked.
    Verify,
    /// The manifest is written, the generation gets its name, and the pointer moves.
    Publish,
}

impl ReindexStep {
    /// All steps in order.
    pub const ALL: [ReindexStep; 7] = [
        ReindexStep::Load,
        ReindexStep::Validate,
        ReindexStep::Document,
        ReindexStep::Write,
        ReindexStep::Seal,
        ReindexStep::Verify,
        ReindexStep::Publish,
    ];

    /// The step's name.
    pub fn name(self) -> &'static str {
        match self {
            ReindexStep::Load => "load",
            ReindexStep::Validate => "validate",
            ReindexStep::Document => "document",
            ReindexStep::Write => "write",
            ReindexStep::Seal => "seal",
            ReindexStep::Verify => "verify",
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
    /// Organizations in all, once that is known; live ones too while trees are compared.
    pub total: Option<u64>,
}

/// Gets every change from the live tree to the new one; an error ends the reindex.
pub type EachChange<'a> = &'a mut dyn FnMut(&Change<'_>) -> io::Result<()>;

/// How a reindex is done.
#[derive(Default)]
pub struct ReindexOptions<'a> {
    /// Set from anywhere to stop the reindex with [`EngineError::Cancelled`]. It is looked at for every row, every few
    /// thousand organizations and between the steps; at four million organizations it may go unnoticed for some
    /// seconds. Once publishing has begun it is too late.
    pub cancel: Option<Arc<AtomicBool>>,
    /// What the new tree has to pass; `None`: it is published whatever it takes away, and nothing is compared.
    pub gate: Option<Gate>,
    /// Gets every change, before the gate judges. What left and what changed comes first, in the order of the live
    /// tree, then what is new, in the order of the new one.
    pub each_change: Option<EachChange<'a>>,
    /// Batches of changes that came at that time or later, in seconds since 1970, are kept: the rows do not hold them
    /// yet. `None`: of the batches so far none is kept; those that come while it is built always are.
    pub keep_changes_since: Option<u64>,
}

impl ReindexOptions<'_> {
    /// Whether somebody wants to know what changes.
    fn compares(&self) -> bool {
        self.gate.is_some() || self.each_change.is_some()
    }

    /// The queries that need a new generation to be asked of.
    fn golden(&self) -> Option<&Gate> {
        self.gate.as_ref().filter(|gate| !gate.golden.is_empty())
    }
}

/// Whether the caller still wants the reindex.
#[derive(Debug)]
pub(crate) struct Cancel(Option<Arc<AtomicBool>>);

impl Cancel {
    pub(crate) fn of(options: &ReindexOptions<'_>) -> Self {
        Cancel(options.cancel.clone())
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
}

/// Where a reindex tells how far it is, and learns whether it is still wanted.
struct Watch<'p> {
    cancel: Cancel,
    progress: RefCell<&'p mut dyn FnMut(ReindexProgress)>,
}

impl Watch<'_> {
    fn tell(&self, step: ReindexStep, done: u64, total: Option<u64>) {
        (self.progress.borrow_mut())(ReindexProgress { step, done, total });
    }

    /// Tells, and gives an error once the caller has given up.
    fn at(&self, step: ReindexStep, done: u64, total: u64) -> Result<(), EngineError> {
        self.tell(step, done, Some(total));
        self.cancel.check()
    }
}

/// What is served while a reindex runs.
pub(crate) struct Served<'a> {
    pub(crate) snapshot: &'a Snapshot,
    /// Batches of changes that it holds, and the new generation will not.
    pub(crate) lost: &'a [LoggedBatch],
    /// How many batches it holds.
    pub(crate) batches: u64,
}

/// Builds a generation from rows, lets the gate judge it, has it made live by `publish`, and gives it opened. `publish`
/// says why it may not be live any more after a power failure.
pub(crate) fn reindex<E: std::error::Error + Send + Sync + 'static>(
    store: &Store,
    served: &Served<'_>,
    rows: impl IntoIterator<Item = Result<SourceRow, E>>,
    limits: IndexLimits,
    mut options: ReindexOptions<'_>,
    mut progress: impl FnMut(ReindexProgress),
    publish: impl FnOnce(Sealed, &Snapshot) -> Result<Option<EngineError>, EngineError>,
) -> Result<Published, EngineError> {
    let watch = Watch { cancel: Cancel::of(&options), progress: RefCell::new(&mut progress) };
    let building = store.begin()?;
    let live = if options.compares() { Live::of(store, served.snapshot) } else { Live::Nothing };
    store.check_space(live.size_bytes())?;

    let (tree, report) = load_and_validate(rows, &watch)?;
    let judged = match options.compares() {
        true => judge(&live, served, &tree, &mut options, &watch)?,
        false => Judged { difference: None, gate: None },
    };
    let (report, judged) = judged.or_refuse(report)?;
    // Only golden queries need it again: its pages would count as ours while the new one is built.
    let live = match options.golden() {
        Some(_) => live,
        None => {
            drop(live);
            Live::Nothing
        }
    };

    store.check_space(space::expected_bytes(&tree))?;
    let manifest = build(&building, tree, limits, &watch)?;
    let judged = verify(&building, &manifest, &live, judged, &options, &watch)?;
    let (report, judged) = judged.or_refuse(report)?;
    drop(live);

    // The last look: a sealed generation that is not published would lie about on the disk.
    watch.cancel.check()?;
    watch.tell(ReindexStep::Publish, 0, Some(manifest.orgs));
    let gate = judged.gate.as_ref().map(GateRecord::of);
    let sealed = building.seal(&Manifest { gate, ..manifest })?;
    let snapshot = generation::open(sealed.dir())?;
    let not_durable = publish(sealed, &snapshot)?;
    watch.tell(ReindexStep::Publish, snapshot.manifest.orgs, Some(snapshot.manifest.orgs));
    Ok(Published { snapshot, report, judged, not_durable })
}

/// Does all that [`reindex`] does but for publishing; without golden queries nothing is built either.
pub(crate) fn rehearse<E: std::error::Error + Send + Sync + 'static>(
    store: &Store,
    served: &Served<'_>,
    rows: impl IntoIterator<Item = Result<SourceRow, E>>,
    limits: IndexLimits,
    mut options: ReindexOptions<'_>,
    mut progress: impl FnMut(ReindexProgress),
) -> Result<Rehearsed, EngineError> {
    let watch = Watch { cancel: Cancel::of(&options), progress: RefCell::new(&mut progress) };
    let building = options.golden().map(|_| store.begin()).transpose()?;
    let live = Live::of(store, served.snapshot);
    let (tree, report) = load_and_validate(rows, &watch)?;
    let judged = judge(&live, served, &tree, &mut options, &watch)?;
    let judged = match building.filter(|_| !judged.is_refused()) {
        None => judged,
        Some(building) => {
            store.check_space(space::expected_bytes(&tree))?;
            let manifest = build(&building, tree, limits, &watch)?;
            verify(&building, &manifest, &live, judged, &options, &watch)?
        }
    };
    let Judged { difference, gate } = judged;
    Ok(Rehearsed { report, difference, gate })
}

/// The same two for an engine in memory, which has nothing to seal: `publish` says whether the new one is wanted.
pub(crate) fn in_memory<E: std::error::Error + Send + Sync + 'static>(
    served: &Served<'_>,
    rows: impl IntoIterator<Item = Result<SourceRow, E>>,
    build: impl Fn(&OrgTree, &Cancel) -> Result<Snapshot, EngineError>,
    mut options: ReindexOptions<'_>,
    mut progress: impl FnMut(ReindexProgress),
) -> Result<(Option<Snapshot>, Rehearsed), EngineError> {
    let watch = Watch { cancel: Cancel::of(&options), progress: RefCell::new(&mut progress) };
    let live = Live::served(served.snapshot);
    let (tree, report) = load_and_validate(rows, &watch)?;
    let judged = judge(&live, served, &tree, &mut options, &watch)?;
    if judged.is_refused() {
        let Judged { difference, gate } = judged;
        return Ok((None, Rehearsed { report, difference, gate }));
    }
    watch.at(ReindexStep::Document, 0, u64::from(tree.len()))?;
    let snapshot = build(&tree, &watch.cancel)?;
    let Judged { difference, gate } = ask_golden(&snapshot, &live, judged, &options, &watch)?;
    let is_refused = gate.as_ref().is_some_and(|gate| gate.outcome == GateOutcome::Refused);
    Ok(((!is_refused).then_some(snapshot), Rehearsed { report, difference, gate }))
}

/// Load and validate: rows become a tree, or the reasons why not.
fn load_and_validate<E: std::error::Error + Send + Sync + 'static>(
    rows: impl IntoIterator<Item = Result<SourceRow, E>>,
    watch: &Watch<'_>,
) -> Result<(OrgTree, Report), EngineError> {
    let checked = validate(watched(rows, watch))?;
    watch.cancel.check()?;
    match checked.tree {
        Some(tree) => Ok((tree, checked.report)),
        None => Err(EngineError::InvalidSource { report: Box::new(checked.report) }),
    }
}

/// The rows until the caller gives up or they break off, then the reason.
fn watched<'w, E: std::error::Error + Send + Sync + 'static>(
    rows: impl IntoIterator<Item = Result<SourceRow, E>> + 'w,
    watch: &'w Watch<'_>,
) -> impl Iterator<Item = Result<SourceRow, EngineError>> + 'w {
    const EVERY: u64 = 5_000;
    let (mut rows, mut done) = (rows.into_iter(), 0u64);
    std::iter::from_fn(move || {
        let Some(row) = rows.next() else {
            watch.tell(ReindexStep::Validate, 0, Some(done));
            return None;
        };
        done += 1;
        if done.is_multiple_of(EVERY) {
            watch.tell(ReindexStep::Load, done, None);
        }
        let unwanted = watch.cancel.check().err();
        Some(match unwanted {
            Some(cancelled) => Err(cancelled),
            None => row.map_err(|error| EngineError::Source(Box::new(error))),
        })
    })
}

/// What is known of a new tree before it is published.
pub(crate) struct Judged {
    /// `None` if nobody asked, or if the live generation cannot be opened.
    pub(crate) difference: Option<Difference>,
    /// `None` without a gate.
    pub(crate) gate: Option<GateReport>,
}

impl Judged {
    fn is_refused(&self) -> bool {
        self.gate.as_ref().is_some_and(|gate| gate.outcome == GateOutcome::Refused)
    }

    fn or_refuse(self, report: Report) -> Result<(Report, Judged), EngineError> {
        match self {
            Judged { difference, gate: Some(gate) } if gate.outcome == GateOutcome::Refused => {
                Err(EngineError::Refused { refused: Box::new(Refused { report, difference, gate }) })
            }
            judged => Ok((report, judged)),
        }
    }
}

/// Compares the new tree with the live one, and lets the gate judge what is lost.
fn judge(
    live: &Live,
    served: &Served<'_>,
    tree: &OrgTree,
    options: &mut ReindexOptions<'_>,
    watch: &Watch<'_>,
) -> Result<Judged, EngineError> {
    let total = live.len() + u64::from(tree.len());
    let looked_at = |done| watch.at(ReindexStep::Validate, done, total);
    let judged = live.judge(tree, options.gate.as_ref(), options.each_change.take(), looked_at)?;
    let force = options.gate.as_ref().is_some_and(|gate| gate.force);
    let gate = judged.gate.map(|gate| gate.with_changes(served.lost, served.batches, force));
    Ok(Judged { gate, ..judged })
}

/// Document, write and seal: the tree becomes files, flushed and with their checksums.
fn build(
    building: &Building,
    tree: OrgTree,
    limits: IndexLimits,
    watch: &Watch<'_>,
) -> Result<Manifest, EngineError> {
    let total = u64::from(tree.len());
    watch.at(ReindexStep::Document, 0, total)?;
    let words = vocabulary(&tree);
    let segmenter = Segmenter::with_vocabulary(&words);
    let directory = building.text_directory()?;
    let digest = std::thread::scope(|scope| {
        let digest = scope.spawn(|| generation::source_digest(&tree));
        let documented = |done| watch.at(ReindexStep::Document, done, total);
        let write_records = |records| {
            watch.at(ReindexStep::Write, 0, total)?;
            write_files(building, &tree, &words, records)
        };
        let written = write(&tree, Box::new(directory), &segmenter, limits, documented, write_records);
        written.map_err(|error| error.below(building.dir()))?;
        Ok::<_, EngineError>(digest.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    watch.at(ReindexStep::Write, total, total)?;

    watch.at(ReindexStep::Seal, 0, total)?;
    let (name, replaces) = (building.name().to_owned(), building.replaces());
    let manifest = Manifest::new(name, replaces, &tree, digest, building.sync_files()?);
    // It is not needed any more, and is half of what is held in memory.
    drop(tree);
    Ok(manifest)
}

/// Reads what was written as any reader would, every byte of it, and asks the golden queries.
fn verify(
    building: &Building,
    manifest: &Manifest,
    live: &Live,
    judged: Judged,
    options: &ReindexOptions<'_>,
    watch: &Watch<'_>,
) -> Result<Judged, EngineError> {
    watch.at(ReindexStep::Verify, 0, manifest.orgs)?;
    let snapshot = generation::open_as(building.dir(), manifest.clone())?;
    let (mut read, bytes) = (0u64, manifest.size_bytes().max(1));
    let damaged = generation::damaged_files_of(building.dir(), manifest, &mut |piece| {
        read += piece;
        let orgs = u128::from(manifest.orgs) * u128::from(read.min(bytes)) / u128::from(bytes);
        watch.tell(ReindexStep::Verify, orgs as u64, Some(manifest.orgs));
    })?;
    if !damaged.is_empty() {
        let (generation, what) = (manifest.generation.clone(), damaged.join(", "));
        return Err(EngineError::Damaged { generation, what });
    }
    ask_golden(&snapshot, live, judged, options, watch)
}

fn ask_golden(
    snapshot: &Snapshot,
    live: &Live,
    judged: Judged,
    options: &ReindexOptions<'_>,
    watch: &Watch<'_>,
) -> Result<Judged, EngineError> {
    let (Some(gate), Some(report)) = (options.golden(), judged.gate.clone()) else { return Ok(judged) };
    let snapshot = snapshot.with_learned(live.snapshot().and_then(Snapshot::learned).cloned());
    let golden = ask(live.snapshot(), &snapshot, &gate.golden, |_| watch.cancel.check())?;
    Ok(Judged { gate: Some(report.with_golden(golden, &gate.limits, gate.force)), ..judged })
}

/// A generation that is live.
pub(crate) struct Published {
    pub(crate) snapshot: Snapshot,
    pub(crate) report: Report,
    pub(crate) judged: Judged,
    /// Why it may not be live any more after a power failure.
    pub(crate) not_durable: Option<EngineError>,
}

/// What a reindex would have done.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsed {
    /// What was found in the rows; no errors.
    pub report: Report,
    /// What would change; `None` if the live generation cannot be opened.
    pub difference: Option<Difference>,
    /// What the gate says; `None` without one. [`GateOutcome::Refused`]: a reindex would publish nothing.
    pub gate: Option<GateReport>,
}
