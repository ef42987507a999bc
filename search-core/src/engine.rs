//! The one handle.

mod former;
mod install;

use crate::changes::{Begun, Changes};
use crate::difference::Difference;
use crate::error::{EngineError, Refused, SearchError};
use crate::gate::{GateOutcome, GateReport};
use crate::generation_info::{GenerationFile, GenerationInfo};
use crate::index::generation;
use crate::index::limits::IndexLimits;
use crate::index::manifest;
use crate::index::snapshot::{NamedPrior, Snapshot};
use crate::index::store::{Sealed, Store};
use crate::index::write::{vocabulary, write};
use crate::lookup::{self, Children, ChildrenRequest, CurrentOrg, OrgExplanation};
use crate::org_record::OrgRecord;
use crate::prior::{PriorError, PriorStore};
use crate::reindex::{
    Cancel, Judged, Published, Rehearsed, ReindexOptions, ReindexProgress, Served, in_memory, rehearse,
    reindex,
};
use crate::resolve::{Record, Resolution, ResolveAll, ResolveOptions, Resolver};
use crate::search::{self, Hits, SearchRequest, SearchStep};
use crate::text::segment::Segmenter;
use arc_swap::ArcSwap;
use former::FormerSnapshots;
use index_data::load::SourceRow;
use index_data::model::OrgTree;
use index_data::validate::Report;
use std::borrow::Borrow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tantivy::directory::RamDirectory;

/// Searches organizations, and replaces them under load.
///
/// Share it behind an [`Arc`]; every method takes `&self`. A request works on the snapshot that was live when it
/// began, to its end. The same request on the same generation gives the same hits, order and scores.
///
/// ```
/// use index_data::load::SourceRow;
/// use index_data::validate::validate_rows;
/// use search_core::{Engine, SearchRequest};
///
/// let row = |id: &str, name: &str, parent: &str| SourceRow {
///     id: id.into(), name: name.into(), parent_id: parent.into(), ..SourceRow::default()
/// };
/// let tree = validate_rows([
///     row("1", "中国共产主义青年团北京大学委员会", ""),
///     row("2", "中国共产主义青年团北京大学软件与微电子学院委员会", "1"),
///     row("3", "2024级软件工程1班团支部", "2"),
/// ]).tree.expect("valid rows");
/// let engine = Engine::in_memory(tree)?;
///
/// let hits = engine.search(&SearchRequest::new("北京大学 软件工程1班").limit(5))?;
/// assert_eq!(hits.hits[0].org.id, "3");
/// assert_eq!(hits.hits[0].org.path[0].name, "中国共产主义青年团北京大学委员会");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Engine {
    pub(crate) live: ArcSwap<Snapshot>,
    pub(crate) store: Option<Store>,
    /// Held by whoever makes another snapshot live.
    pub(crate) changes: Mutex<Changes>,
    /// For cursors.
    former: FormerSnapshots,
}

impl Engine {
    /// Opens the live generation of a data directory. Reads the manifest, checks that all files are there with their
    /// sizes, and maps them; checksums are read by [`Engine::verify`].
    ///
    /// # Errors
    /// [`EngineError::NoGeneration`], [`EngineError::OtherFormat`], [`EngineError::Damaged`], [`EngineError::Io`].
    pub fn open(dir: impl AsRef<Path>) -> Result<Engine, EngineError> {
        let store = Store::new(dir.as_ref());
        let name =
            store.current()?.ok_or_else(|| EngineError::NoGeneration { dir: store.dir().to_owned() })?;
        let snapshot = generation::open(&store.generation_dir(&name))?;
        let mut changes = Changes::of(&store);
        let snapshot = changes.serve(&snapshot)?;
        let changes = Mutex::new(changes);
        let former = FormerSnapshots::default();
        let engine = Engine { live: ArcSwap::from_pointee(snapshot), store: Some(store), changes, former };
        // A prior that cannot be read is no reason not to search; `refresh_learned` says what is wrong with it.
        let _ = engine.refresh_learned();
        Ok(engine)
    }

    /// [`Engine::open`], or an engine without organizations if nothing was ever published there. A reindex fills it.
    ///
    /// # Errors
    /// As [`Engine::open`], but for [`EngineError::NoGeneration`].
    pub fn open_or_empty(dir: impl AsRef<Path>) -> Result<Engine, EngineError> {
        match Self::open(dir.as_ref()) {
            Err(EngineError::NoGeneration { .. }) => Self::unopened(dir),
            opened => opened,
        }
    }

    /// An engine over a data directory whose live generation is not opened: it finds nothing until a reindex or a
    /// rollback gives it one. For writers, and to repair a directory whose live generation is damaged.
    ///
    /// # Errors
    /// [`EngineError::TextIndex`].
    pub fn unopened(dir: impl AsRef<Path>) -> Result<Engine, EngineError> {
        Self::over(Store::new(dir.as_ref()))
    }

    /// The same over a store.
    pub(crate) fn over(store: Store) -> Result<Engine, EngineError> {
        let snapshot = snapshot_in_memory(&OrgTree::default(), &Cancel::never())?;
        let changes = Mutex::new(Changes::of(&store));
        let (live, former) = (ArcSwap::from_pointee(snapshot), FormerSnapshots::default());
        Ok(Engine { live, store: Some(store), changes, former })
    }

    /// Builds an engine that lives in memory only, from a tree or a reference to one.
    ///
    /// # Errors
    /// [`EngineError::TextIndex`].
    pub fn in_memory(tree: impl Borrow<OrgTree>) -> Result<Engine, EngineError> {
        let snapshot = snapshot_in_memory(tree.borrow(), &Cancel::never())?;
        let mut changes = Changes::default();
        let snapshot = changes.serve(&snapshot)?;
        let (live, former) = (ArcSwap::from_pointee(snapshot), FormerSnapshots::default());
        Ok(Engine { live, store: None, changes: Mutex::new(changes), former })
    }

    /// Searches; see [`SearchRequest`] and [`Hits`].
    ///
    /// # Errors
    /// [`SearchError::UnknownOrg`] for an unknown `within` or `near`; [`SearchError::StaleCursor`] and
    /// [`SearchError::InvalidCursor`]; [`SearchError::Index`] if the disk fails.
    pub fn search(&self, request: &SearchRequest) -> Result<Hits, SearchError> {
        self.search_observed(request, &mut |_| ())
    }

    /// Searches as [`Engine::search`], and tells at the end of each piece of work which step it belonged to; retrieval
    /// and ranking may alternate. For whoever has a clock: the engine has none.
    ///
    /// # Errors
    /// As [`Engine::search`].
    ///
    /// ```
    /// use search_core::{Engine, SearchRequest, SearchStep};
    ///
    /// let engine = Engine::in_memory(index_data::model::OrgTree::default())?;
    /// let mut steps = Vec::new();
    /// engine.search_observed(&SearchRequest::new("北京大学"), &mut |step| steps.push(step))?;
    /// assert_eq!(steps.first(), Some(&SearchStep::Normalize));
    /// assert_eq!(steps.last(), Some(&SearchStep::Present));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn search_observed(
        &self,
        request: &SearchRequest,
        done: &mut dyn FnMut(SearchStep),
    ) -> Result<Hits, SearchError> {
        let version = request.cursor.as_deref().and_then(search::version_of);
        let snapshot = self.paged(version, FormerSnapshots::of_version);
        generation::without_panic(|| search::search(&snapshot, request, done)).unwrap_or_else(unreadable)
    }

    /// The values of a field that organizations of the live generation have, in no order that means anything.
    pub fn values(&self, field: ValueField) -> Vec<String> {
        let snapshot = self.live.load();
        let words = snapshot.records.words();
        match field {
            ValueField::Kind => words.kinds.clone(),
            ValueField::System => words.systems.clone(),
            ValueField::Status => words.statuses.clone(),
        }
    }

    /// One organization by its id.
    ///
    /// # Errors
    /// [`SearchError::UnknownOrg`].
    pub fn org(&self, id: &str) -> Result<OrgRecord, SearchError> {
        lookup::org(&self.live.load_full(), id)
    }

    /// One organization by its id, or where its members went if it is closed or merged.
    ///
    /// # Errors
    /// [`SearchError::UnknownOrg`].
    pub fn current_org(&self, id: &str) -> Result<CurrentOrg, SearchError> {
        lookup::current(&self.live.load_full(), id)
    }

    /// The children of an organization, those with children of their own first, each group in static order.
    ///
    /// # Errors
    /// [`SearchError::UnknownOrg`], [`SearchError::StaleCursor`], [`SearchError::InvalidCursor`].
    pub fn children(&self, id: &str, limit: usize, cursor: Option<&str>) -> Result<Children, SearchError> {
        let cursor = cursor.map(str::to_owned);
        self.children_with(id, &ChildrenRequest { limit, cursor, ..ChildrenRequest::default() })
    }

    /// [`Engine::children`] of some statuses only.
    ///
    /// # Errors
    /// As [`Engine::children`].
    pub fn children_with(&self, id: &str, request: &ChildrenRequest) -> Result<Children, SearchError> {
        lookup::children(&self.listed(request), Some(id), request)
    }

    /// The top of the tree: the organizations without a parent, in the order of [`Engine::children`].
    ///
    /// ```
    /// use index_data::load::SourceRow;
    /// use index_data::validate::validate_rows;
    /// use search_core::{ChildrenRequest, Engine};
    ///
    /// let row = |id: &str, name: &str, parent: &str| SourceRow {
    ///     id: id.into(), name: name.into(), parent_id: parent.into(), ..SourceRow::default()
    /// };
    /// let tree = validate_rows([
    ///     row("1", "中国共产主义青年团北京大学委员会", ""),
    ///     row("2", "2024级软件工程1班团支部", "1"),
    /// ]).tree.expect("valid rows");
    /// let engine = Engine::in_memory(tree)?;
    ///
    /// let roots = engine.roots(&ChildrenRequest { limit: 10, ..ChildrenRequest::default() })?;
    /// let top = &roots.children[0];
    /// assert_eq!((roots.total, top.org.short_name.as_str(), top.descendants), (1, "北京大学", 1));
    /// let below = engine.children(&top.org.id, 10, None)?;
    /// assert_eq!(below.children[0].class.as_ref().and_then(|class| class.year), Some(2024));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SearchError::StaleCursor`], [`SearchError::InvalidCursor`].
    pub fn roots(&self, request: &ChildrenRequest) -> Result<Children, SearchError> {
        lookup::children(&self.listed(request), None, request)
    }

    /// Why an organization stands where it stands for a query, beside the hit that is first.
    ///
    /// # Errors
    /// [`SearchError::UnknownOrg`], [`SearchError::Index`].
    pub fn explain(&self, id: &str, query: &str) -> Result<OrgExplanation, SearchError> {
        let snapshot = self.live.load_full();
        generation::without_panic(|| lookup::explain(&snapshot, id, query)).unwrap_or_else(unreadable)
    }

    /// Decides which organization a record names, if any: see [`crate::resolve`].
    ///
    /// ```
    /// use index_data::load::SourceRow;
    /// use index_data::validate::validate_rows;
    /// use search_core::{Decision, Engine, Record};
    ///
    /// let row = |id: &str, name: &str, parent: &str| SourceRow {
    ///     id: id.into(), name: name.into(), parent_id: parent.into(), ..SourceRow::default()
    /// };
    /// let tree = validate_rows([
    ///     row("1", "中国共产主义青年团北京大学委员会", ""),
    ///     row("2", "中国共产主义青年团北京大学软件与微电子学院委员会", "1"),
    ///     row("3", "2024级软件工程1班团支部", "2"),
    /// ]).tree.expect("valid rows");
    /// let engine = Engine::in_memory(tree)?;
    ///
    /// let found = engine.resolve(&Record::named("共青团北京大学软微学院2024级软工一班支部"))?;
    /// assert_eq!(found.matched().map(|hit| hit.org.id.as_str()), Some("3"));
    /// let none = engine.resolve(&Record::named("北京大学软件与微电子学院2024级软件工程2班"))?;
    /// assert_eq!(none.decision, Decision::NoMatch);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SearchError::Index`] if the disk fails.
    pub fn resolve(&self, record: &Record) -> Result<Resolution, SearchError> {
        self.resolve_with(record, &ResolveOptions::default())
    }

    /// [`Engine::resolve`] with another precision, more candidates, or a way to stop. Nothing is remembered from one call to
    /// the next: of many records of the same units [`Engine::resolver`] makes less work.
    ///
    /// # Errors
    /// As [`Engine::resolve`].
    pub fn resolve_with(&self, record: &Record, options: &ResolveOptions) -> Result<Resolution, SearchError> {
        self.resolver().resolve(record, options)
    }

    /// Resolves records one by one, all of them on the generation that is live now.
    pub fn resolver(&self) -> Resolver {
        Resolver::new(self.live.load_full())
    }

    /// Resolves many records on `threads` threads (0 counts as 1), in their order and on the generation that is live
    /// now. Equal records are resolved once. Few records are under way at any time, so memory does not grow with their
    /// number.
    ///
    /// ```
    /// use search_core::{Engine, Record, ResolveOptions};
    ///
    /// let engine = Engine::in_memory(index_data::model::OrgTree::default())?;
    /// let records = ["北京大学", "清华大学"].map(Record::named);
    /// for resolved in engine.resolve_all(records, 2, &ResolveOptions::default()) {
    ///     println!("{}\t{}", resolved.record.name, resolved.resolution?.decision.name());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resolve_all<I: IntoIterator<Item = Record>>(
        &self,
        records: I,
        threads: usize,
        options: &ResolveOptions,
    ) -> ResolveAll<I::IntoIter> {
        ResolveAll::new(self.resolver(), records.into_iter(), threads, options)
    }

    /// `count` different organizations drawn by `seed`, as (id, official name); all of them if there are fewer. The
    /// same seed draws the same ones from the same generation. For evaluations.
    pub fn sample_names(&self, count: usize, seed: u64) -> Vec<(String, String)> {
        lookup::sample_names(&self.live.load_full(), count, seed)
    }

    /// Replaces all organizations by those of `rows`: builds beside the live generation, seals, publishes by one
    /// atomic step. Searches go on meanwhile and keep their snapshot. `progress` is called now and then from this
    /// thread. To stop, let `rows` give an error, or use [`Engine::reindex_with`].
    ///
    /// ```
    /// use index_data::load::SourceRow;
    /// use search_core::Engine;
    ///
    /// let dir = tempfile::tempdir()?;
    /// let engine = Engine::open_or_empty(dir.path())?;
    /// let row = SourceRow { id: "1".into(), name: "共青团北京市委员会".into(), ..SourceRow::default() };
    /// let done = engine.reindex([Ok::<_, std::io::Error>(row)], |_progress| {})?;
    /// assert_eq!(done.generation.orgs, 1);
    /// assert_eq!(Engine::open(dir.path())?.generation().name, done.generation.name);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`EngineError::InvalidSource`] with the report if a row is wrong, [`EngineError::Source`] if the source breaks
    /// off, [`EngineError::Busy`] if another one is running, [`EngineError::TooManyOrgs`], [`EngineError::TooLarge`],
    /// [`EngineError::Io`]: the live generation stays as it is, and what was written is removed.
    /// [`EngineError::NotDurable`] if the new one is live, but may not be after a power failure.
    pub fn reindex<E: std::error::Error + Send + Sync + 'static>(
        &self,
        rows: impl IntoIterator<Item = Result<SourceRow, E>>,
        progress: impl FnMut(ReindexProgress),
    ) -> Result<Reindexed, EngineError> {
        self.reindex_with(ReindexOptions::default(), rows, progress)
    }

    /// [`Engine::reindex`] that can be cancelled at every step until it publishes, and that has to pass a gate:
    /// see [`crate::gate`].
    ///
    /// # Errors
    /// Those of [`Engine::reindex`], and [`EngineError::Cancelled`] and [`EngineError::Refused`].
    ///
    /// ```
    /// use index_data::load::SourceRow;
    /// use search_core::{Engine, EngineError, ReindexOptions};
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// let dir = tempfile::tempdir()?;
    /// let engine = Engine::open_or_empty(dir.path())?;
    /// let row = SourceRow { id: "1".into(), name: "共青团北京市委员会".into(), ..SourceRow::default() };
    /// let cancel = Arc::new(AtomicBool::new(false));
    /// let options = ReindexOptions { cancel: Some(Arc::clone(&cancel)), ..ReindexOptions::default() };
    /// let stopped = engine.reindex_with(options, [Ok::<_, std::io::Error>(row)], |_progress| {
    ///     cancel.store(true, Ordering::Relaxed);
    /// });
    /// assert!(matches!(stopped, Err(EngineError::Cancelled)));
    /// assert_eq!(engine.generation().orgs, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reindex_with<E: std::error::Error + Send + Sync + 'static>(
        &self,
        options: ReindexOptions<'_>,
        rows: impl IntoIterator<Item = Result<SourceRow, E>>,
        progress: impl FnMut(ReindexProgress),
    ) -> Result<Reindexed, EngineError> {
        let mut begun = self.begin_rebuild(options.keep_changes_since, false)?;
        begun.carry.all = options.gate.as_ref().is_some_and(|gate| !gate.force);
        self.rebuild(&begun, options, rows, progress)
    }

    /// A reindex that was begun with a snapshot, and carries batches of changes on.
    pub(crate) fn rebuild<E: std::error::Error + Send + Sync + 'static>(
        &self,
        begun: &Begun,
        options: ReindexOptions<'_>,
        rows: impl IntoIterator<Item = Result<SourceRow, E>>,
        progress: impl FnMut(ReindexProgress),
    ) -> Result<Reindexed, EngineError> {
        let (served, carry) = (&begun.served(), begun.carry);
        let published = match &self.store {
            Some(store) => {
                let publish =
                    |sealed: Sealed, snapshot: &Snapshot| self.publish(store, sealed, snapshot, carry);
                reindex(store, served, rows, IndexLimits::default(), options, progress, publish)?
            }
            None => {
                let published = reindex_in_memory(served, rows, options, progress)?;
                self.serve(&mut self.lock_changes(), &published.snapshot)?;
                published
            }
        };
        let generation = GenerationInfo::of_live(&self.live.load());
        let Judged { difference, gate } = published.judged;
        match published.not_durable {
            None => Ok(Reindexed { generation, report: published.report, difference, gate }),
            Some(error) => Err(error),
        }
    }

    /// Says what [`Engine::reindex_with`] would do, and changes nothing. With golden queries the new generation is
    /// built, asked, and thrown away; without them the rows are only compared.
    ///
    /// ```
    /// use index_data::load::SourceRow;
    /// use search_core::difference::ChangeKind;
    /// use search_core::{Engine, Gate, GateOutcome, ReindexOptions};
    ///
    /// let row = |id: &str, name: &str| Ok::<_, std::io::Error>(SourceRow {
    ///     id: id.into(), name: name.into(), ..SourceRow::default()
    /// });
    /// let dir = tempfile::tempdir()?;
    /// let engine = Engine::open_or_empty(dir.path())?;
    /// engine.reindex([row("1", "共青团北京市委员会"), row("2", "共青团天津市委员会")], |_| {})?;
    ///
    /// let options = ReindexOptions { gate: Some(Gate::default()), ..ReindexOptions::default() };
    /// let rehearsed = engine.rehearse(options, [row("1", "共青团北京市委员会")], |_| {})?;
    /// assert_eq!(rehearsed.difference.unwrap().counts.get(ChangeKind::Removed), 1);
    /// assert_eq!(rehearsed.gate.unwrap().outcome, GateOutcome::Refused);
    /// assert_eq!(engine.generation().orgs, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Engine::reindex_with`], but for what publishing gives. That the gate would refuse is no error here.
    pub fn rehearse<E: std::error::Error + Send + Sync + 'static>(
        &self,
        options: ReindexOptions<'_>,
        rows: impl IntoIterator<Item = Result<SourceRow, E>>,
        progress: impl FnMut(ReindexProgress),
    ) -> Result<Rehearsed, EngineError> {
        let begun = self.begin_rebuild(options.keep_changes_since, false)?;
        let served = begun.served();
        match &self.store {
            Some(store) => rehearse(store, &served, rows, IndexLimits::default(), options, progress),
            None => Ok(in_memory(&served, rows, snapshot_in_memory, options, progress)?.1),
        }
    }

    /// Makes an earlier generation live again: the one named, or the one before the live one. `g000012` is that
    /// generation as it was built, `g000012-347` with its batches of changes up to 347. Later batches are undone, and so is
    /// one that is queued; they stay in the log, and [`Engine::replay_undone`] makes them again.
    ///
    /// # Errors
    /// [`EngineError::UnknownGeneration`], also for a batch that does not hold above that generation, [`EngineError::Busy`], [`EngineError::InMemory`], and those of
    /// [`Engine::open`] for the generation asked for; the live one then stays. [`EngineError::NotDurable`] if the
    /// generation asked for is live, but may not be after a power failure.
    pub fn rollback(&self, to: Option<&str>) -> Result<GenerationInfo, EngineError> {
        let store = self.store.as_ref().ok_or(EngineError::InMemory)?;
        let (mut opened, mut lock) = (None, None);
        // What is no number behind the dash is part of a name that nobody has.
        let parsed = to
            .and_then(|to| to.rsplit_once('-'))
            .and_then(|(name, sequence)| Some((name, sequence.parse().ok()?)));
        let (name, after) = parsed.map_or((to, None), |(name, sequence)| (Some(name), Some(sequence)));
        let mut changes = self.lock_changes();
        let rolled = store.roll_back(name, |name| {
            opened = Some(generation::open(&store.generation_dir(name))?);
            lock = Some(store.lock_changes()?);
            changes.undo(name, after)
        });
        if let (Ok(_) | Err(EngineError::NotDurable { .. }), Some(snapshot)) = (&rolled, opened) {
            self.serve(&mut changes, &snapshot)?;
        }
        drop(lock);
        rolled.map(|_| self.generation())
    }

    /// The generations in the data directory, oldest first, as far as this program can read them; for an engine in
    /// memory, its one.
    ///
    /// # Errors
    /// [`EngineError::Io`].
    pub fn generations(&self) -> Result<Vec<GenerationInfo>, EngineError> {
        let Some(store) = &self.store else { return Ok(vec![self.generation()]) };
        // A pointer that is damaged makes none of them live.
        let live = store.current().ok().flatten();
        let manifests = store
            .names()?
            .into_iter()
            .filter_map(|name| manifest::read_manifest(&store.generation_dir(&name)).ok());
        Ok(manifests
            .map(|manifest| GenerationInfo::new(&manifest, Some(&manifest.generation) == live.as_ref()))
            .collect())
    }

    /// One of [`Engine::generations`], and its files.
    ///
    /// # Errors
    /// [`EngineError::UnknownGeneration`], [`EngineError::InMemory`], and why its manifest cannot be read.
    pub fn inspect(&self, name: &str) -> Result<(GenerationInfo, Vec<GenerationFile>), EngineError> {
        let store = self.store_with(name)?;
        let manifest = manifest::read_manifest(&store.generation_dir(name))?;
        let is_live = store.current().ok().flatten().as_deref() == Some(name);
        Ok((GenerationInfo::new(&manifest, is_live), GenerationFile::all_of(&manifest)))
    }

    /// [`Engine::verify_paced`] of any generation in the data directory.
    ///
    /// # Errors
    /// [`EngineError::UnknownGeneration`], [`EngineError::InMemory`], [`EngineError::Damaged`] if the manifest itself
    /// cannot be read.
    pub fn verify_generation(
        &self,
        name: &str,
        pause: &mut dyn FnMut(u64),
    ) -> Result<Vec<String>, EngineError> {
        generation::damaged_files(&self.store_with(name)?.generation_dir(name), pause)
    }

    /// Removes the oldest generations past the newest `keep`, never the live one or the one it replaced, so that a
    /// rollback stays possible. Gives the names of those that are gone; requests under way keep their files.
    ///
    /// # Errors
    /// [`EngineError::InMemory`], [`EngineError::NoGeneration`], [`EngineError::Busy`], [`EngineError::Damaged`] if
    /// nobody knows which one is live, [`EngineError::Io`].
    pub fn prune(&self, keep: usize) -> Result<Vec<String>, EngineError> {
        self.store.as_ref().ok_or(EngineError::InMemory)?.prune_to(keep)
    }

    /// The data directory, if it has this generation: names come from outside and become paths.
    fn store_with(&self, name: &str) -> Result<&Store, EngineError> {
        let store = self.store.as_ref().ok_or(EngineError::InMemory)?;
        let names = store.names()?;
        match names.iter().any(|known| known == name) {
            true => Ok(store),
            false => Err(EngineError::UnknownGeneration {
                wanted: Some(name.to_owned()),
                present: names.join(", "),
            }),
        }
    }

    /// The name of the generation the data directory points at, whether it can be opened or not; `None` if nothing
    /// was ever published, or for an engine in memory.
    ///
    /// # Errors
    /// [`EngineError::Io`].
    pub fn published(&self) -> Result<Option<String>, EngineError> {
        self.store.as_ref().map_or(Ok(None), Store::current)
    }

    /// The live generation.
    pub fn generation(&self) -> GenerationInfo {
        GenerationInfo::of_live(&self.live.load())
    }

    /// Reads every checksum of the live generation. Gives one line for each file that is missing or changed, its path and
    /// what is wrong; empty: all is well. An engine that has none open looks at the published one.
    ///
    /// # Errors
    /// [`EngineError::Damaged`] if the manifest itself cannot be read.
    pub fn verify(&self) -> Result<Vec<String>, EngineError> {
        self.verify_paced(&mut |_| {})
    }

    /// [`Engine::verify`] at the caller's pace: `pause` is called after each piece of at most 1 MiB with the bytes that
    /// were read, and reading goes on when it returns.
    ///
    /// # Errors
    /// As [`Engine::verify`].
    pub fn verify_paced(&self, pause: &mut dyn FnMut(u64)) -> Result<Vec<String>, EngineError> {
        let Some(store) = &self.store else { return Ok(Vec::new()) };
        let open = self.live.load().manifest.generation.clone();
        let name = if open == manifest::MEMORY { store.current()? } else { Some(open) };
        name.map_or(Ok(Vec::new()), |name| generation::damaged_files(&store.generation_dir(&name), pause))
    }

    /// Lets cursors outlive batches of changes: the latest `most` snapshots of the live generation stay, and a cursor
    /// that one of them wrote goes on in it. None stays by itself. They share the files of the generation; of changed
    /// organizations they hold 200,000 in all, at most, so fewer of them stay where much is changed. They never go away
    /// with time alone: see [`Engine::forget_snapshots`].
    ///
    /// ```
    /// use index_data::load::SourceRow;
    /// use search_core::changes::{Batch, Change};
    /// use search_core::{Engine, SearchError, SearchRequest};
    ///
    /// let row = |id: &str| Ok::<_, std::io::Error>(SourceRow {
    ///     id: id.into(), name: format!("法学院{id}班团支部"), ..SourceRow::default()
    /// });
    /// let dir = tempfile::tempdir()?;
    /// let engine = Engine::open_or_empty(dir.path())?;
    /// engine.reindex(["1", "2", "3"].map(row), |_| {})?;
    /// engine.keep_snapshots(8);
    ///
    /// let request = SearchRequest::new("法学院").limit(2);
    /// let cursor = engine.search(&request)?.next_cursor;
    /// let change = Change::Rename { id: "3".into(), name: "历史系3班团支部".into() };
    /// engine.apply(&Batch { key: "1".into(), changes: vec![change], at: 1_790_000_000 })?;
    /// let next = SearchRequest { cursor, ..request };
    /// assert_eq!(engine.search(&next)?.hits[0].org.name, "法学院3班团支部");
    /// engine.forget_snapshots(1);
    /// assert_eq!(engine.search(&next).err(), Some(SearchError::StaleCursor));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keep_snapshots(&self, most: usize) {
        self.former.keep(most);
    }

    /// Lets go of the snapshots that are kept for cursors, once this was called `rounds` times since they were replaced.
    /// For whoever has a clock: called every five seconds with 12, they stay for a minute.
    pub fn forget_snapshots(&self, rounds: u32) {
        self.former.grow_older(rounds);
    }

    /// The snapshot that a page comes from: the live one, but for a cursor of one that was kept.
    fn paged(
        &self,
        written_by: Option<&str>,
        find: impl Fn(&FormerSnapshots, &str) -> Option<Arc<Snapshot>>,
    ) -> Arc<Snapshot> {
        let live = self.live.load_full();
        match written_by {
            Some(name) if name != live.version() && name != live.generation() => {
                find(&self.former, name).unwrap_or(live)
            }
            _ => live,
        }
    }

    fn listed(&self, request: &ChildrenRequest) -> Arc<Snapshot> {
        self.paged(request.cursor.as_deref().and_then(lookup::generation_of), FormerSnapshots::of_generation)
    }

    /// The live snapshot, for tests that look inside.
    #[cfg(test)]
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.live.load_full()
    }

    /// Takes over a generation that another process has published, and the changes that it has made; true if there were
    /// any.
    ///
    /// # Errors
    /// As [`Engine::open`]; the generation served so far then stays.
    pub fn refresh(&self) -> Result<bool, EngineError> {
        let Some(store) = &self.store else { return Ok(false) };
        self.catch_up(store, &mut self.lock_changes())
    }

    /// The name of the learned prior in use (p000003): see [`crate::prior`].
    pub fn learned(&self) -> Option<String> {
        self.live.load().learned().map(|learned| learned.name.clone())
    }

    /// Takes over the learned prior that the data directory names, or none if it names none. [`Engine::open`] does so by
    /// itself. Gives whether it is another one than before. Requests under way keep theirs.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged; the one before then stays.
    pub fn refresh_learned(&self) -> Result<bool, PriorError> {
        let Some(store) = &self.store else { return Ok(false) };
        let priors = PriorStore::new(store.dir());
        if priors.current_name()? == self.learned() {
            return Ok(false);
        }
        let learned = priors.current()?.map(|(name, prior)| Arc::new(NamedPrior { name, prior }));
        self.live.rcu(|live| live.with_learned(learned.clone()));
        // Another prior orders hits otherwise.
        self.former.clear();
        Ok(true)
    }

    /// Searches another snapshot, with what was learned so far. Only for whoever holds the changes.
    pub(crate) fn go_live(&self, snapshot: &Snapshot) {
        let before = self.live.rcu(|live| snapshot.with_learned(live.learned().cloned()));
        self.former.replaced(before, &self.live.load());
    }
}

/// A search that panicked: postings that are not what was sealed, or a fault of the engine.
pub(crate) fn unreadable<T>() -> Result<T, SearchError> {
    Err(SearchError::Index("it panicked over the index; verify the generation".to_owned()))
}

/// A field with few values, which a request may filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueField {
    /// What an organization is: see [`index_data::model::OrgKind`].
    Kind,
    /// The system its members are in: see [`index_data::model::HomeSystem`].
    System,
    /// Whether it is active: see [`index_data::model::OrgStatus`].
    Status,
}

fn snapshot_in_memory(tree: &OrgTree, cancel: &Cancel) -> Result<Snapshot, EngineError> {
    let words = vocabulary(tree);
    let segmenter = Segmenter::with_vocabulary(&words);
    let text = RamDirectory::create();
    let limits = IndexLimits::default();
    let records = write(tree, Box::new(text.clone()), &segmenter, limits, |_| cancel.check(), Ok)?;
    generation::open_in_memory(tree, text, segmenter, records)
}

fn reindex_in_memory<E: std::error::Error + Send + Sync + 'static>(
    served: &Served<'_>,
    rows: impl IntoIterator<Item = Result<SourceRow, E>>,
    options: ReindexOptions<'_>,
    progress: impl FnMut(ReindexProgress),
) -> Result<Published, EngineError> {
    let (snapshot, rehearsed) = in_memory(served, rows, snapshot_in_memory, options, progress)?;
    let Rehearsed { report, difference, gate } = rehearsed;
    match (snapshot, gate) {
        (None, Some(gate)) if gate.outcome == GateOutcome::Refused => {
            Err(EngineError::Refused { refused: Box::new(Refused { report, difference, gate }) })
        }
        (Some(snapshot), gate) => {
            Ok(Published { snapshot, report, judged: Judged { difference, gate }, not_durable: None })
        }
        (None, _) => Err(EngineError::Cancelled),
    }
}

/// What a reindex has done.
#[derive(Debug, Clone, PartialEq)]
pub struct Reindexed {
    /// The generation that is live now.
    pub generation: GenerationInfo,
    /// What was found in the rows; no errors.
    pub report: Report,
    /// What changed; `None` if nobody asked, or the generation before cannot be opened.
    pub difference: Option<Difference>,
    /// What the gate said; `None` without one.
    pub gate: Option<GateReport>,
}
