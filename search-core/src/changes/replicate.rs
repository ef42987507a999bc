//! The log of changes as others have it: what a replica needs of it, and what comes from a writer.
//!
//! A replica keeps batches under the numbers that the writer gave them, so that answers call the tree the same on both,
//! and a replica that becomes the writer knows the same keys.

use super::KEY_SECONDS;
use super::apply::apply;
use super::change::{Applied, Batch};
use super::changed_orgs::ChangedOrgs;
use super::error::ChangeError;
use super::log::{ChangeLog, Entry, LogRecord, digest, in_effect};
use super::state::Changes;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::index::snapshot::Snapshot;
use crate::index::store::Store;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

/// A batch with the number that its writer gave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberedBatch {
    /// The number, as in [`Applied`].
    pub sequence: u64,
    /// The batch.
    #[serde(flatten)]
    pub batch: Batch,
}

impl NumberedBatch {
    /// SHA-256 of the changes as JSON.
    pub fn digest(&self) -> [u8; 32] {
        // Texts and numbers: nothing that JSON could refuse.
        digest(&self.batch.changes).unwrap_or_default()
    }
}

/// What a generation begins with: a compaction or a reindex carried these batches on, or a rollback undid what came
/// later. Of all other batches up to `sequence` its rows hold what is wanted of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning {
    /// The number of the entry that says so; batches of the generation with higher numbers come on top.
    pub sequence: u64,
    /// The numbers of the batches, ascending.
    pub batches: Vec<u64>,
}

/// The batches in effect above a generation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChangesAbove {
    /// The name of the generation.
    pub generation: String,
    /// What it begins with; `None`: no batch, and none was ever undone.
    pub begins: Option<Beginning>,
    /// The batches, ascending; of those that are taken in anew, the ones that may be missing.
    pub batches: Vec<NumberedBatch>,
}

/// What the log of a data directory says of the live generation, read without opening that.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LocalChanges {
    /// What is in effect.
    pub above: ChangesAbove,
    /// All entries of the log by their numbers, and the keys of those that are batches.
    entries: BTreeMap<u64, Option<String>>,
    newest_at: u64,
}

impl LocalChanges {
    /// Those of a data directory; `None` if nothing was ever published there. Reads the whole log.
    ///
    /// # Errors
    /// [`EngineError::DamagedChanges`], [`EngineError::Io`].
    pub fn read(data: &Path) -> Result<Option<LocalChanges>, EngineError> {
        Self::read_for(data, None)
    }

    /// The same for another generation than the live one.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_for(data: &Path, generation: Option<&str>) -> Result<Option<LocalChanges>, EngineError> {
        let store = Store::new(data);
        if store.current()?.is_none() {
            return Ok(None);
        }
        // While this is held, neither does the pointer move nor the log grow.
        let _lock = store.lock_changes()?;
        let Some(live) = store.current()? else { return Ok(None) };
        let generation = generation.map_or(live, str::to_owned);
        let entries = ChangeLog::new(store.dir(), store.files()).read_after(0)?;
        let sequences = in_effect(entries.iter(), &generation);
        let is_made = |entry: &&Entry| sequences.binary_search(&entry.sequence).is_ok();
        let batches = entries.iter().filter(is_made).filter_map(numbered).collect();
        let begins = beginning(&entries.iter(), &generation);
        let newest_at = entries.iter().map(|entry| entry.at).max().unwrap_or(0);
        let entries = entries.iter().map(|entry| (entry.sequence, key(entry).cloned())).collect();
        Ok(Some(LocalChanges { above: ChangesAbove { generation, begins, batches }, entries, newest_at }))
    }

    /// The number of the last entry of the log; 0: it is empty.
    pub fn last(&self) -> u64 {
        self.entries.last_key_value().map_or(0, |(&sequence, _)| sequence)
    }

    /// Whether the log has a batch, be it under another number, or had it: one that nothing needs any more is forgotten
    /// once its key is free again. `at` is when the batch came, in seconds since 1970.
    pub fn has(&self, sequence: u64, key: &str, at: u64) -> bool {
        let is_old = self.newest_at > at.saturating_add(KEY_SECONDS);
        let is_forgotten = is_old && sequence <= self.last() && !self.entries.contains_key(&sequence);
        is_forgotten || self.entries.values().flatten().any(|known| known == key)
    }
}

fn key(entry: &Entry) -> Option<&String> {
    match &entry.record {
        LogRecord::Batch { key, .. } | LogRecord::Queued { key, .. } => Some(key),
        LogRecord::Carried { .. } | LogRecord::Undone | LogRecord::UndoneAfter { .. } => None,
    }
}

fn numbered(entry: &Entry) -> Option<NumberedBatch> {
    Some(NumberedBatch { sequence: entry.sequence, batch: entry.batch()? })
}

/// What a generation begins with, after all entries.
fn beginning<'a>(entries: &(impl Iterator<Item = &'a Entry> + Clone), generation: &str) -> Option<Beginning> {
    let mut begins: Option<Beginning> = None;
    for entry in entries.clone().filter(|entry| entry.generation == generation) {
        let batches = match &entry.record {
            LogRecord::Batch { .. } | LogRecord::Queued { .. } => continue,
            LogRecord::Carried { sequences, .. } => sequences.clone(),
            LogRecord::Undone | LogRecord::UndoneAfter { .. } => {
                in_effect(entries.clone().take_while(|at| at.sequence <= entry.sequence), generation)
            }
        };
        begins = Some(Beginning { sequence: entry.sequence, batches });
    }
    begins
}

impl Changes {
    /// Takes batches in that have their numbers. Gives what is to be searched if they belong to what is served.
    ///
    /// # Errors
    /// [`EngineError::DamagedChanges`] if they do not fit, or another batch has one of the numbers: then nothing is
    /// changed. [`EngineError::Io`].
    fn replay(&mut self, above: &ChangesAbove) -> Result<Option<Snapshot>, EngineError> {
        self.read_log()?;
        let missing = self.missing(above)?;
        if missing.is_empty() {
            return Ok(None);
        }
        let made = match self.base.as_ref().filter(|base| base.generation() == above.generation) {
            Some(_) => Some(self.made_with(&missing, &above.generation)?),
            None => None,
        };
        if let Some(log) = &self.log {
            missing.iter().try_for_each(|entry| log.append(entry))?;
        }
        for entry in missing {
            self.know(entry)?;
        }
        let Some((changed, made_by, searched)) = made else { return Ok(None) };
        (self.changed, self.made_by) = (changed, made_by);
        (self.served, self.searched) = (self.last(), Some(searched.clone()));
        Ok(Some(searched))
    }

    /// The entries that are not in the log yet, ascending.
    fn missing(&self, above: &ChangesAbove) -> Result<Vec<Entry>, EngineError> {
        let of = |sequence: u64, at: u64, record: LogRecord| {
            let generation = above.generation.clone();
            Entry { sequence, generation, at, record }
        };
        let mut missing = Vec::new();
        for numbered @ NumberedBatch { sequence, batch } in &above.batches {
            match self.entries.get(sequence) {
                None => {
                    let Batch { key, changes, at } = batch.clone();
                    missing.push(of(*sequence, at, LogRecord::Batch { key, changes, replays: None }));
                }
                Some(known) if !self.is_same(known, numbered) => return Err(number_taken(*sequence)),
                Some(_) => {}
            }
        }
        if let Some(Beginning { sequence, batches }) = &above.begins {
            match self.entries.get(sequence) {
                None => {
                    let at = self.entries.values().map(|entry| entry.at).max().unwrap_or(0);
                    missing.push(of(
                        *sequence,
                        at,
                        LogRecord::Carried { sequences: batches.clone(), queued: None },
                    ));
                }
                Some(known) if known.is_batch() || known.generation != above.generation => {
                    return Err(number_taken(*sequence));
                }
                Some(_) => {}
            }
        }
        missing.sort_by_key(|entry| entry.sequence);
        Ok(missing)
    }

    fn is_same(&self, known: &Entry, batch: &NumberedBatch) -> bool {
        let LogRecord::Batch { key, .. } = &known.record else { return false };
        let other_changes = self
            .keys
            .get(key)
            .is_some_and(|known| known.applied.sequence == batch.sequence && known.digest != batch.digest());
        *key == batch.batch.key && !other_changes
    }

    /// What would be searched with more entries above the generation that is served.
    fn made_with(
        &mut self,
        missing: &[Entry],
        generation: &str,
    ) -> Result<(ChangedOrgs, Vec<u64>, Snapshot), EngineError> {
        let mut entries: Vec<&Entry> = self.entries.values().chain(missing).collect();
        entries.sort_by_key(|entry| entry.sequence);
        let wanted = in_effect(entries.into_iter(), generation);
        let (mut changed, known) = match wanted.starts_with(&self.made_by) {
            true => (self.changed.clone(), self.made_by.len()),
            false => (ChangedOrgs::default(), 0),
        };
        let new: BTreeMap<u64, &Entry> = missing.iter().map(|entry| (entry.sequence, entry)).collect();
        let rest = &wanted[known..];
        let logged: Vec<u64> = rest.iter().copied().filter(|sequence| !new.contains_key(sequence)).collect();
        let mut logged = self.batches(&logged)?.into_iter().peekable();
        let base = self.base.as_mut().ok_or_else(super::state::nothing_to_change)?;
        for sequence in rest {
            let batch = match new.get(sequence) {
                Some(entry) => entry.batch(),
                None => logged.next_if(|(known, _)| known == sequence).map(|(_, batch)| batch),
            };
            let damaged =
                |what: String| EngineError::DamagedChanges { file: format!("batch {sequence}"), what };
            let batch = batch.ok_or_else(|| damaged("it is missing".to_owned()))?;
            changed = apply(base.snapshot().records.base(), &changed, &batch).map_err(|findings| {
                damaged(format!("its changes do not fit: {}", ChangeError::Invalid { findings }))
            })?;
        }
        let searched = base.overlaid(&changed, wanted.last().copied())?;
        Ok((changed, wanted, searched))
    }
}

fn number_taken(sequence: u64) -> EngineError {
    EngineError::DamagedChanges {
        file: format!("batch {sequence}"),
        what: "the log of changes here has something else under this number".to_owned(),
    }
}

/// Why a batch was not shared with others.
pub type NotShared = Box<dyn Error + Send + Sync>;

/// Tells others of a batch and of the generation that it changes.
pub type Share<'a> = dyn FnMut(&str, &NumberedBatch) -> Result<(), NotShared> + 'a;

impl Engine {
    /// [`Engine::apply`] that has `share` tell others of the batch, once it is known to fit and before it is kept: what
    /// others do not have, this engine does not have either. A batch whose key is known is not shared again.
    ///
    /// Between the two the process may end: then others have the batch, and [`Engine::replay`] brings it here.
    ///
    /// # Errors
    /// Those of [`Engine::apply`], and [`ChangeError::NotShared`] with what `share` gave; then nothing is changed here.
    pub fn apply_shared(&self, batch: &Batch, share: &mut Share<'_>) -> Result<Applied, ChangeError> {
        self.change(|changes| changes.apply(batch, Some(share)))
    }

    /// Takes in batches that another engine has made, under their numbers: of a writer whose log this engine copies, or
    /// of its own that it lost. What is there already is left alone, so all of it may be said again. Those of the live
    /// generation are searched when this returns; those of another one once that is live. True if anything was new.
    ///
    /// ```
    /// use index_data::load::SourceRow;
    /// use search_core::changes::{Batch, Change, LocalChanges};
    /// use search_core::Engine;
    ///
    /// let row = || SourceRow { id: "1".into(), name: "法学院团委".into(), ..SourceRow::default() };
    /// let (first, second) = (tempfile::tempdir()?, tempfile::tempdir()?);
    /// let writer = Engine::open_or_empty(first.path())?;
    /// writer.reindex([Ok::<_, std::io::Error>(row())], |_| {})?;
    /// let replica = Engine::open_or_empty(second.path())?;
    /// replica.reindex([Ok::<_, std::io::Error>(row())], |_| {})?;
    ///
    /// let change = Change::Aliases { id: "1".into(), aliases: vec!["法团".into()] };
    /// writer.apply(&Batch { key: "1".into(), changes: vec![change], at: 1_790_000_000 })?;
    /// let above = LocalChanges::read(first.path())?.unwrap().above;
    /// assert!(replica.replay(&above)?);
    /// assert_eq!((replica.generation().version.as_str(), replica.replay(&above)?), ("g000001-1", false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`EngineError::DamagedChanges`] if they do not fit the live generation, or another batch has one of the numbers;
    /// then nothing is changed. [`EngineError::Io`], [`EngineError::InMemory`].
    pub fn replay(&self, above: &ChangesAbove) -> Result<bool, EngineError> {
        let store = self.store.as_ref().ok_or(EngineError::InMemory)?;
        let mut changes = self.lock_changes();
        let _lock = store.lock_changes()?;
        let before = changes.last_logged()?;
        let searched = changes.replay(above)?;
        let is_new = searched.is_some() || changes.last_logged()? != before;
        if let Some(searched) = searched {
            self.go_live(&searched);
        }
        Ok(is_new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::Change;
    use crate::{ReindexOptions, SearchRequest};
    use index_data::load::SourceRow;
    use std::convert::Infallible;
    use std::fs;

    fn built(dir: &Path) -> Engine {
        let row = |at: usize| SourceRow {
            id: at.to_string(),
            name: format!("第{at}学院团委"),
            ..SourceRow::default()
        };
        let engine = Engine::open_or_empty(dir).expect("it is opened");
        engine.reindex((0..3).map(|at| Ok::<_, Infallible>(row(at))), |_| {}).expect("it is built");
        engine
    }

    fn rename(key: &str, name: &str) -> Batch {
        let change = Change::Rename { id: "1".to_owned(), name: name.to_owned() };
        Batch { key: key.to_owned(), changes: vec![change], at: 7 }
    }

    fn local(dir: &Path) -> LocalChanges {
        LocalChanges::read(dir).expect("it is read").expect("there is a generation")
    }

    #[test]
    fn a_copy_has_the_numbers_the_answers_and_the_keys_of_the_first_log() {
        let (first, second) = (tempfile::tempdir().expect("a place"), tempfile::tempdir().expect("a place"));
        let (writer, copy) = (built(first.path()), built(second.path()));
        for (key, name) in [("a", "法学院团委"), ("b", "法律学院团委")] {
            let applied = writer.apply(&rename(key, name)).expect("it is made");
            copy.replay(&local(first.path()).above).expect("it is taken in");
            assert_eq!(copy.generation().version, applied.generation);
            assert_eq!(copy.apply(&rename(key, name)).expect("it is known"), applied);
        }
        assert!(matches!(copy.apply(&rename("a", "商学院团委")), Err(ChangeError::KeyReused { .. })));
        let opened = Engine::open(second.path()).expect("it is opened");
        assert_eq!(opened.org("1").expect("it is there").name, "法律学院团委");
        assert_eq!(local(second.path()).above, local(first.path()).above);
    }

    #[test]
    fn what_a_compaction_carries_on_comes_with_its_generation() {
        let (first, second) = (tempfile::tempdir().expect("a place"), tempfile::tempdir().expect("a place"));
        let (writer, copy) = (built(first.path()), built(second.path()));
        writer.apply(&rename("a", "法学院团委")).expect("it is made");
        let mut came = false;
        let progress = |_| {
            if !std::mem::replace(&mut came, true) {
                writer.apply(&rename("b", "法律学院团委")).expect("it is made");
            }
        };
        writer.compact(ReindexOptions::default(), progress).expect("it is built");
        writer.apply(&rename("c", "商学院团委")).expect("it is made");
        let above = local(first.path()).above;
        assert_eq!(above.generation, "g000002");
        let begins = above.begins.clone().expect("it was compacted");
        let sequences: Vec<u64> = above.batches.iter().map(|batch| batch.sequence).collect();
        assert_eq!((begins, &sequences[..]), (Beginning { sequence: 3, batches: vec![2] }, &[2, 4][..]));
        // The copy lacks batch 1, and is not disturbed by those of a generation that it does not serve.
        copy.replay(&above).expect("it is taken in");
        assert_eq!(copy.generation().version, "g000001");
        assert_eq!(Engine::open(second.path()).expect("it is opened").generation().version, "g000001");
        let from = second.path().join("g000002");
        copy_dir(&first.path().join("generations/g000002"), &from);
        copy.install(&from, 2, |_| {}).expect("it is installed");
        assert_eq!(copy.generation().version, "g000002-4");
        assert_eq!(copy.search(&SearchRequest::new("商学院")).expect("it is searched").hits[0].org.id, "1");
        assert_eq!(Engine::open(second.path()).expect("it is opened").generation().version, "g000002-4");
        // A rollback of the writer, seen by the copy.
        writer.rollback(Some("g000002")).expect("it is rolled back");
        copy.replay(&local(first.path()).above).expect("it is taken in");
        assert_eq!(
            (copy.generation().version, writer.generation().version.as_str()),
            ("g000002-2".to_owned(), "g000002-2")
        );
        // An earlier generation comes back, as it was built.
        copy.replay(&ChangesAbove { generation: "g000001".to_owned(), ..ChangesAbove::default() })
            .expect("there is nothing to take in");
        copy.activate("g000001").expect("it lies there");
        assert_eq!(copy.generation().version, "g000001");
    }

    #[test]
    fn a_rollback_to_a_batch_and_one_to_the_generation_reach_a_copy() {
        let (first, second) = (tempfile::tempdir().expect("a place"), tempfile::tempdir().expect("a place"));
        let (writer, copy) = (built(first.path()), built(second.path()));
        for (key, name) in [("a", "法学院团委"), ("b", "法律学院团委")] {
            writer.apply(&rename(key, name)).expect("it is made");
        }
        copy.replay(&local(first.path()).above).expect("it is taken in");
        for (wanted, shown) in [("g000001-1", "g000001-1"), ("g000001", "g000001")] {
            writer.rollback(Some(wanted)).expect("it is rolled back");
            copy.replay(&local(first.path()).above).expect("it is taken in");
            let versions = (writer.generation().version, copy.generation().version);
            assert_eq!(versions, (shown.to_owned(), shown.to_owned()), "{wanted}");
        }
    }

    #[test]
    fn what_does_not_fit_leaves_nothing_behind() {
        let (first, second) = (tempfile::tempdir().expect("a place"), tempfile::tempdir().expect("a place"));
        let (writer, copy) = (built(first.path()), built(second.path()));
        writer.apply(&rename("a", "法学院团委")).expect("it is made");
        let above = local(first.path()).above;
        let mut unfit = above.clone();
        unfit.batches[0].batch.changes = vec![Change::Reopen { id: "9".to_owned() }];
        assert!(matches!(copy.replay(&unfit), Err(EngineError::DamagedChanges { .. })));
        assert!(!second.path().join("changes").exists());
        copy.apply(&rename("other", "商学院团委")).expect("it is made");
        assert!(
            matches!(copy.replay(&above), Err(EngineError::DamagedChanges { .. })),
            "the number is taken"
        );
        assert!(!local(second.path()).has(1, "a", 7) && local(second.path()).has(7, "other", 7));
        assert!(!local(second.path()).has(2, "b", 7));
    }

    #[test]
    fn a_batch_that_is_not_shared_is_not_made_and_one_that_is_shared_twice_is_made_once() {
        let dir = tempfile::tempdir().expect("a place");
        let engine = built(dir.path());
        let refused = engine.apply_shared(&rename("a", "法学院团委"), &mut |_, _| Err("away".into()));
        assert!(matches!(refused, Err(ChangeError::NotShared { .. })));
        assert_eq!((engine.generation().version.as_str(), local(dir.path()).last()), ("g000001", 0));
        let mut shared = Vec::new();
        for _ in 0..2 {
            let share = &mut |_: &str, batch: &NumberedBatch| {
                shared.push(batch.clone());
                Ok(())
            };
            engine.apply_shared(&rename("a", "法学院团委"), share).expect("it is made");
        }
        assert_eq!(shared.len(), 1);
        assert_eq!(shared[0].sequence, 2, "others may have something under the first number");
        // The writer lost it: it comes back from those that have it.
        fs::remove_dir_all(dir.path().join("changes")).expect("it is removed");
        let engine = Engine::open(dir.path()).expect("it is opened");
        let above =
            ChangesAbove { generation: "g000001".to_owned(), batches: shared, ..ChangesAbove::default() };
        assert!(engine.replay(&above).expect("it is taken in"));
        assert_eq!(engine.apply(&rename("a", "法学院团委")).expect("it is known").sequence, 2);
    }

    #[test]
    fn a_number_that_others_may_have_seen_is_not_used_again_by_any_process() {
        let dir = tempfile::tempdir().expect("a place");
        let engine = built(dir.path());
        let refused = engine.apply_shared(&rename("a", "法学院团委"), &mut |_, _| Err("away".into()));
        assert!(matches!(refused, Err(ChangeError::NotShared { .. })));
        let other = Engine::open(dir.path()).expect("it is opened");
        assert_eq!(other.apply(&rename("b", "商学院团委")).expect("it is made").sequence, 2);
        assert!(engine.refresh().expect("it is read"), "the gap hides nothing");
        assert_eq!(engine.generation().version, "g000001-2");
        // It comes back under its number, before the one that followed.
        let batch = NumberedBatch { sequence: 1, batch: rename("a", "法学院团委") };
        let above = ChangesAbove {
            generation: "g000001".to_owned(),
            batches: vec![batch],
            ..ChangesAbove::default()
        };
        assert!(engine.replay(&above).expect("it is taken in"));
        let org = engine.org("1").expect("it is there");
        assert_eq!(
            (org.name.as_str(), &org.former_names[..]),
            ("商学院团委", &["第1学院团委", "法学院团委"].map(str::to_owned)[..])
        );
    }

    fn copy_dir(from: &Path, to: &Path) {
        fs::create_dir_all(to).expect("it is created");
        for entry in fs::read_dir(from).expect("it is read") {
            let path = entry.expect("it is read").path();
            let to = to.join(path.file_name().expect("it has a name"));
            match path.is_dir() {
                true => copy_dir(&path, &to),
                false => drop(fs::copy(&path, &to).expect("it is copied")),
            }
        }
    }
}
