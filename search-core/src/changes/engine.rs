//! Changes as the engine makes them: one at a time, and never while another generation goes live.

use super::change::{Applied, Batch};
use super::error::ChangeError;
use super::log::{BatchState, ChangeLog, LoggedBatch};
use super::replicate::Share;
use super::state::{Carry, Changes};
use crate::engine::{Engine, Reindexed};
use crate::error::EngineError;
use crate::index::generation;
use crate::index::snapshot::Snapshot;
use crate::index::store::{Sealed, Store};
use crate::reindex::{ReindexOptions, ReindexProgress, Served};
use index_data::load::SourceRow;
use index_data::model::OrgUnit;
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
    /// [`ChangeError::TooManyChanges`]; [`EngineError::NoGeneration`] before the first reindex, [`EngineError::Io`] if
    /// the log cannot be written. Nothing is changed then.
    pub fn apply(&self, batch: &Batch) -> Result<Applied, ChangeError> {
        self.apply_with(batch, None)
    }

    pub(super) fn apply_with(
        &self,
        batch: &Batch,
        share: Option<&mut Share<'_>>,
    ) -> Result<Applied, ChangeError> {
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
        let (applied, searched) = changes.apply(batch, share)?;
        if let Some(searched) = searched {
            self.go_live(&searched);
        }
        Ok(applied)
    }

    /// All batches of changes in the log, the oldest first; none for an engine in memory.
    ///
    /// # Errors
    /// [`EngineError::DamagedChanges`], [`EngineError::Io`].
    pub fn batches(&self) -> Result<Vec<LoggedBatch>, EngineError> {
        self.lock_changes().list()
    }

    /// How many organizations were changed since the live generation was built, with those below changed ones.
    pub fn changed_orgs(&self) -> usize {
        self.lock_changes().changed()
    }

    /// Builds a generation of what is searched now, changes among it, and makes it live: searches cost again what they
    /// cost without changes. Batches that come meanwhile are carried on.
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
        let mut begun = self.begin_rebuild(None)?;
        // The rows hold all batches so far; those that come now have to fit.
        begun.lost.clear();
        begun.carry.all = true;
        let records = &begun.snapshot.records;
        let rows = records.visible().map(|ordinal| Ok::<_, Infallible>(row_of(records.org(ordinal))));
        self.rebuild(&begun, options, rows, progress)
    }

    pub(crate) fn lock_changes(&self) -> MutexGuard<'_, Changes> {
        // A batch that panicked has changed nothing yet: its last step is to put everything in place.
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is served when rows begin to be read, and the batches of changes that will not be kept.
    pub(crate) fn begin_rebuild(&self, keep_since: Option<u64>) -> Result<Begun, EngineError> {
        let mut changes = self.lock_changes();
        if let Some(store) = &self.store {
            // What cannot be opened is no reason not to replace it.
            let _ = self.catch_up(store, &mut changes);
        }
        let built_with = changes.last_logged()?;
        let applied: Vec<LoggedBatch> =
            changes.list()?.into_iter().filter(|batch| batch.state == BatchState::Applied).collect();
        let (batches, mut lost) = (applied.len() as u64, applied);
        lost.retain(|batch| keep_since.is_none_or(|since| batch.at < since));
        // What is kept is not in the rows, and no difference.
        let snapshot = match lost.len() as u64 == batches {
            true => self.live.load_full(),
            // Where clocks were set back, they may build on others; then all is compared.
            false => changes.made_by_only(&lost).map_or_else(|_| self.live.load_full(), Arc::new),
        };
        Ok(Begun { snapshot, carry: Carry { built_with, since: keep_since, all: false }, batches, lost })
    }

    /// Opens what the data directory points at, and makes the changes of its log; whether there was anything new.
    pub(crate) fn catch_up(&self, store: &Store, changes: &mut Changes) -> Result<bool, EngineError> {
        let Some(name) = store.current()? else { return Ok(false) };
        let known = changes.base().filter(|base| base.manifest.generation == name).cloned();
        match known {
            Some(_) if !changes.is_behind() => Ok(false),
            Some(base) => self.serve(changes, &base).map(|()| true),
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
        changes.forget_old();
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
