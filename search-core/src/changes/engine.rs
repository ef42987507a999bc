//! Changes as the engine makes them: one at a time, and never while another generation goes live.

use super::change::{Applied, Batch, QueuedBatch, Submitted};
use super::changed_orgs::ChangedOrgs;
use super::error::ChangeError;
use super::log::{BatchState, ChangeLog, LoggedBatch};
use super::state::{Carry, Changes};
use crate::engine::{Engine, Reindexed};
use crate::error::EngineError;
use crate::index::generation;
use crate::index::snapshot::Snapshot;
use crate::index::store::{Sealed, Store};
use crate::reindex::{ReindexOptions, ReindexProgress, Served};
use index_data::load::SourceRow;
use index_data::model::OrgUnit;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, MutexGuard, PoisonError};

impl Changes {
    /// Those of a data directory.
    pub(crate) fn of(store: &Store) -> Changes {
        Changes::logged_in(ChangeLog::new(store.dir(), store.files()))
    }
}

/// A reindex, or a compaction, at its beginning.
pub(crate) struct Begun {
    snapshot: Arc<Snapshot>,
    pub(crate) carry: Carry,
    /// All that is changed, with the batch that is queued; `None` if none is.
    with_queued: Option<ChangedOrgs>,
    batches: u64,
    lost: Vec<LoggedBatch>,
}

impl Begun {
    pub(crate) fn served(&self) -> Served<'_> {
        Served { snapshot: &self.snapshot, lost: &self.lost, batches: self.batches }
    }
}

impl Engine {
    /// Makes a batch of changes: all of it, or nothing. When this returns it is on the disk, and searched. Searches go
    /// on meanwhile and keep their snapshot. The same key again gives the same answer and changes nothing.
    ///
    /// ```
    /// use index_data::load::SourceRow;
    /// use search_core::changes::{Batch, Change};
    /// use search_core::{Engine, SearchRequest};
    ///
    /// let row = |id: &str, name: &str| Ok::<_, std::io::Error>(SourceRow {
    ///     id: id.into(), name: name.into(), ..SourceRow::default()
    /// });
    /// let dir = tempfile::tempdir()?;
    /// let engine = Engine::open_or_empty(dir.path())?;
    /// engine.reindex([row("1", "共青团北京市委员会"), row("2", "法学院团委")], |_| {})?;
    ///
    /// let change = Change::Rename { id: "2".into(), name: "法律学院团委".into() };
    /// let batch = Batch { key: "rename-2".into(), changes: vec![change], at: 1_790_000_000 };
    /// let applied = engine.apply(&batch)?;
    /// assert_eq!((applied.applied, applied.generation.as_str()), (1, "g000001-1"));
    /// assert_eq!(engine.search(&SearchRequest::new("法律学院"))?.hits[0].org.former_names, ["法学院团委"]);
    /// assert_eq!(engine.apply(&batch)?, applied);
    /// assert_eq!(Engine::open(dir.path())?.org("2")?.name, "法律学院团委");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ChangeError::Invalid`] with all that is wrong, [`ChangeError::KeyReused`], [`ChangeError::BadKey`],
    /// [`ChangeError::TooManyChanges`], [`ChangeError::Queued`]; [`EngineError::NoGeneration`] before the first reindex, [`EngineError::Io`] if
    /// the log cannot be written. Nothing is changed then.
    pub fn apply(&self, batch: &Batch) -> Result<Applied, ChangeError> {
        self.change(|changes| changes.apply(batch, None))
    }

    /// [`Engine::apply`], also for batches that change too much to be searched beside the generation: more than
    /// [`MAX_CHANGED_BY_BATCH`](super::MAX_CHANGED_BY_BATCH) organizations at once, or more than
    /// [`MAX_CHANGED`](super::MAX_CHANGED) since it was built. Such a batch is queued: it is on the disk when this returns,
    /// and searched once a generation is built with it, by [`Engine::compact`]. Until then no other batch is taken
    /// ([`ChangeError::Queued`]); a rollback takes it back. The same key again says whether it is searched by now.
    ///
    /// An engine in memory has no disk: it makes the batch at once, however long that takes.
    ///
    /// # Errors
    /// As [`Engine::apply`]; too many organizations are more than
    /// [`MAX_CHANGED_BY_BUILD`](super::MAX_CHANGED_BY_BUILD) in one batch.
    pub fn submit(&self, batch: &Batch) -> Result<Submitted, ChangeError> {
        self.change(|changes| changes.submit(batch))
    }

    /// The batch that waits for the next generation, if one does: see [`Engine::submit`].
    pub fn queued_batch(&self) -> Option<QueuedBatch> {
        self.lock_changes().queued_batch()
    }

    /// Whether somebody builds a generation in the data directory at this moment, or moves its pointer.
    pub fn is_being_written(&self) -> bool {
        self.store.as_ref().is_some_and(Store::is_being_written)
    }

    /// Lets `work` change what is searched, on top of what others have written by then.
    pub(super) fn change<T>(
        &self,
        work: impl FnOnce(&mut Changes) -> Result<(T, Option<Snapshot>), ChangeError>,
    ) -> Result<T, ChangeError> {
        let mut changes = self.lock_changes();
        let _lock = match &self.store {
            Some(store) => {
                if store.current()?.is_none() {
                    return Err(EngineError::NoGeneration { dir: store.dir().to_owned() }.into());
                }
                let lock = store.lock_changes()?;
                self.catch_up(store, &mut changes)?;
                Some(lock)
            }
            None => None,
        };
        let (answer, searched) = work(&mut changes)?;
        if let Some(searched) = searched {
            self.go_live(&searched);
        }
        Ok(answer)
    }

    /// All batches of changes in the log, the oldest first; none for an engine in memory.
    ///
    /// # Errors
    /// [`EngineError::DamagedChanges`], [`EngineError::Io`].
    pub fn batches(&self) -> Result<Vec<LoggedBatch>, EngineError> {
        self.lock_changes().list()
    }

    /// How many organizations were changed since the live generation was built, with those below changed ones. Waits for
    /// nobody.
    pub fn changed_orgs(&self) -> usize {
        self.live.load().records.changed() as usize
    }

    /// Builds a generation of what is searched now, changes among it, and makes it live: searches cost again what they
    /// cost without changes. A batch that is queued is part of it. Batches that come meanwhile are carried on.
    ///
    /// ```
    /// use index_data::load::SourceRow;
    /// use search_core::changes::{Batch, Change};
    /// use search_core::{Engine, ReindexOptions};
    ///
    /// let row = SourceRow { id: "1".into(), name: "法学院团委".into(), ..SourceRow::default() };
    /// let dir = tempfile::tempdir()?;
    /// let engine = Engine::open_or_empty(dir.path())?;
    /// engine.reindex([Ok::<_, std::io::Error>(row)], |_| {})?;
    /// let change = Change::Aliases { id: "1".into(), aliases: vec!["法团".into()] };
    /// engine.apply(&Batch { key: "1".into(), changes: vec![change], at: 1_790_000_000 })?;
    ///
    /// let compacted = engine.compact(ReindexOptions::default(), |_| {})?;
    /// assert_eq!((compacted.generation.version.as_str(), engine.changed_orgs()), ("g000002", 0));
    /// assert_eq!(engine.org("1")?.aliases, ["法团"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Engine::reindex_with`].
    pub fn compact(
        &self,
        options: ReindexOptions<'_>,
        progress: impl FnMut(ReindexProgress),
    ) -> Result<Reindexed, EngineError> {
        let mut begun = self.begin_rebuild(None, true)?;
        // The rows hold all batches so far; those that come now have to fit.
        begun.lost.clear();
        begun.carry.all = true;
        let (records, none) = (&begun.snapshot.records, BTreeMap::new());
        let changed = begun.with_queued.as_ref().map_or(&none, ChangedOrgs::orgs);
        let unchanged = records.visible().filter(|&at| !changed.contains_key(&*records.id(at)));
        let orgs = unchanged.map(|at| records.org(at)).chain(changed.values().cloned());
        let rows = orgs.map(|org| Ok::<_, Infallible>(row_of(org)));
        self.rebuild(&begun, options, rows, progress)
    }

    pub(crate) fn lock_changes(&self) -> MutexGuard<'_, Changes> {
        // A batch that panicked has changed nothing yet: its last step is to put everything in place.
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is served when rows begin to be read, and the batches of changes that will not be kept. `builds_queued`: the
    /// rows are those of the changed tree, a queued batch among them.
    pub(crate) fn begin_rebuild(
        &self,
        keep_since: Option<u64>,
        builds_queued: bool,
    ) -> Result<Begun, EngineError> {
        let mut changes = self.lock_changes();
        if let Some(store) = &self.store {
            // What cannot be opened is no reason not to replace it.
            let _ = self.catch_up(store, &mut changes);
        }
        let built_with = changes.last_logged()?;
        let with_queued = if builds_queued { changes.changed_with_queued()? } else { None };
        let holds = |batch: &LoggedBatch| matches!(batch.state, BatchState::Applied | BatchState::Queued);
        let applied: Vec<LoggedBatch> = changes.list()?.into_iter().filter(holds).collect();
        let (batches, mut lost) = (applied.len() as u64, applied);
        lost.retain(|batch| keep_since.is_none_or(|since| batch.at < since));
        // What is kept is not in the rows, and no difference.
        let snapshot = match lost.len() as u64 == batches {
            true => self.live.load_full(),
            // Where clocks were set back, they may build on others; then all is compared.
            false => changes.made_by_only(&lost).map_or_else(|_| self.live.load_full(), Arc::new),
        };
        let carry = Carry { built_with, since: keep_since, all: false };
        Ok(Begun { snapshot, carry, with_queued, batches, lost })
    }

    /// Opens what the data directory points at, and makes the changes of its log; whether there was anything new.
    pub(crate) fn catch_up(&self, store: &Store, changes: &mut Changes) -> Result<bool, EngineError> {
        let Some(name) = store.current()? else { return Ok(false) };
        let known = changes.base().filter(|base| base.manifest.generation == name).cloned();
        match known {
            Some(_) if !changes.is_behind() => Ok(false),
            Some(base) => {
                let before = self.live.load().generation().to_owned();
                self.serve(changes, &base)?;
                Ok(self.live.load().generation() != before)
            }
            None => self.serve(changes, &generation::open(&store.generation_dir(&name))?).map(|()| true),
        }
    }

    /// Searches a generation, with the changes of the log that belong to it.
    pub(crate) fn serve(&self, changes: &mut Changes, base: &Snapshot) -> Result<(), EngineError> {
        let searched = changes.serve(base)?;
        self.go_live(&searched);
        Ok(())
    }

    /// Makes a sealed generation live, with the batches that it carries on.
    pub(crate) fn publish(
        &self,
        store: &Store,
        sealed: Sealed,
        snapshot: &Snapshot,
        carry: Carry,
    ) -> Result<Option<EngineError>, EngineError> {
        let mut changes = self.lock_changes();
        let _lock = store.lock_changes()?;
        changes.carry(store.current().ok().flatten().as_deref(), snapshot, carry)?;
        let not_durable = match sealed.publish() {
            Err(error @ EngineError::NotDurable { .. }) => Some(error),
            published => published.map(|()| None)?,
        };
        self.serve(&mut changes, snapshot)?;
        // Where the names cannot be read, nothing is forgotten this time.
        if let Ok(generations) = store.names() {
            changes.forget_old(&generations);
        }
        Ok(not_durable)
    }
}

/// An organization as a row of a file.
fn row_of(org: OrgUnit) -> SourceRow {
    SourceRow {
        row: 0,
        id: org.id,
        name: org.name,
        parent_id: org.parent_id.unwrap_or_default(),
        kind: org.kind.map(|kind| kind.code().to_owned()).unwrap_or_default(),
        system: org.system.map(|system| system.code().to_owned()).unwrap_or_default(),
        region: org.region.unwrap_or_default(),
        members: org.members.map(|members| members.to_string()).unwrap_or_default(),
        status: org.status.code().to_owned(),
        aliases: org.aliases,
        former_names: org.former_names,
        successor_id: org.successor_id.unwrap_or_default(),
        attributes: org.attributes,
        findings: Vec::new(),
    }
}
