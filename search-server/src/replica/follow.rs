//! The follow flow: look at the log, pull the newest generation, install it, serve it, and apply the batches behind it.

use super::cache::{Applying, Cache, FOLDER};
use super::digest::{Digest, Hasher};
use super::download::download;
use super::entry::{Generation, LogEntry, StoredBatch};
use super::error::ReplicaError;
use super::files::FILES_AT_ONCE;
use super::log::Log;
use super::newest::begun_with;
use super::progress::Transfer;
use super::status::formats_of;
use futures_util::{FutureExt, StreamExt, stream};
use object_store::ObjectStore;
use search_core::changes::{BatchState, ChangesAbove};
use search_core::{Engine, EngineError, GenerationFormat, SearchRequest};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Entries read before what is in them is applied.
const ENTRIES_AT_ONCE: u64 = 64;

/// A server that follows a store. What it serves is a whole generation with whole batches above it, and never what was
/// before.
pub(crate) struct Replica {
    engine: Arc<Engine>,
    data: PathBuf,
    cache: Cache,
    format: GenerationFormat,
    /// How many generations stay on the disk, the live one among them.
    keep: usize,
    /// The entry of the generation that is served.
    served: Option<LogEntry>,
    /// The last entry of which anything is served.
    applied: u64,
    /// The number of the batch in it; 0: it is the entry of the generation.
    last_batch: u64,
    /// Up to where the log was read: what stands behind `applied` asks for nothing.
    read_to: u64,
    /// What was pulled since somebody asked.
    transfer: Transfer,
}

/// What a look at the store came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Turn {
    /// What is served is the newest there is.
    Current,
    /// Another generation is served now.
    Served { name: String },
    /// More batches of changes are in effect now.
    Changed { batches: usize },
}

impl Replica {
    /// Goes on from what lies in the data directory, whose live generation `engine` has opened if it could.
    pub(crate) fn open(engine: Arc<Engine>, data: &Path, keep: usize) -> Self {
        let format = GenerationFormat::current();
        let cache = Cache::new(data, &format);
        let batches = engine.batches().unwrap_or_default().into_iter();
        let in_effect: HashSet<u64> = batches
            .filter(|batch| batch.state == BatchState::Applied)
            .map(|batch| batch.applied.sequence)
            .collect();
        // One whose batches are lost is taken over anew.
        let is_whole = |entry: &LogEntry| {
            let generation = entry.generation();
            generation.is_some_and(|one| {
                // A rollback that was on its way: a batch that it undoes is still in effect.
                let is_undone = |sequence: &u64| {
                    one.begins.as_ref().is_some_and(|begins| {
                        *sequence <= begins.sequence && begins.batches.binary_search(sequence).is_err()
                    })
                };
                one.batches.iter().all(|batch| in_effect.contains(&batch.sequence))
                    && !in_effect.iter().any(is_undone)
            })
        };
        let served = cache.entry_of(&engine.generation().name).filter(is_whole);
        let applied =
            served.as_ref().map_or(0, |entry| entry.sequence.max(applied(&in_effect, &cache.applying())));
        let last_batch = match served.as_ref().is_some_and(|entry| applied > entry.sequence) {
            true => in_effect.into_iter().max().unwrap_or(0),
            false => 0,
        };
        Replica {
            applied,
            last_batch,
            read_to: applied,
            engine,
            data: data.to_owned(),
            cache,
            format,
            keep,
            served,
            transfer: Transfer::default(),
        }
    }

    /// Whether a data directory holds generations that no store gave: a replica would replace them.
    pub(crate) fn is_foreign(data: &Path) -> bool {
        !data.join(FOLDER).is_dir()
            && Engine::unopened(data).is_ok_and(|engine| !matches!(engine.published(), Ok(None)))
    }

    /// The sequence of the last entry of which anything is served; 0: none yet.
    pub(crate) fn sequence(&self) -> u64 {
        self.applied
    }

    /// Bytes that came from the store since this was asked last.
    pub(crate) fn take_moved(&mut self) -> u64 {
        std::mem::take(&mut self.transfer).moved()
    }

    /// One look. After an error what was served is served on, and the next look begins anew; files that were pulled
    /// whole stay, of others the beginning.
    pub(crate) async fn turn(&mut self, store: &Arc<dyn ObjectStore>) -> Result<Turn, ReplicaError> {
        let log = Log::new(store, &self.format);
        self.check_same_log(&log).await?;
        let last = log.last_after(self.read_to).await?;
        if last == self.read_to {
            return self.nothing_new(store).await;
        }
        let end = log.entry(last).await?;
        self.check(&end)?;
        let mut turn = Turn::Current;
        if let Some(entry) = log.newest_generation(&end).await?
            && self.served.as_ref().is_none_or(|served| served.sequence < entry.sequence)
        {
            self.check(&entry)?;
            turn = self.take_over(store, &log, entry).await?;
        }
        let batches = self.read_on(&log, last).await?;
        Ok(if turn == Turn::Current && batches > 0 { Turn::Changed { batches } } else { turn })
    }

    /// Where nothing was ever published, that is all there is to it; unless it was for another version of the program.
    async fn nothing_new(&self, store: &Arc<dyn ObjectStore>) -> Result<Turn, ReplicaError> {
        if self.read_to == 0 {
            let found: Vec<_> = formats_of(store).await?.iter().map(ToString::to_string).collect();
            if !found.is_empty() && !found.contains(&self.format.to_string()) {
                let (found, wanted) = (found.join(", "), self.format.to_string());
                return Err(ReplicaError::OtherFormat { found, wanted });
            }
        }
        Ok(Turn::Current)
    }

    /// The entry that is served must still be there. A store that was emptied and filled anew has another log, whose
    /// sequences mean nothing here; a folder that is not mounted lists nothing, which is no proof that nothing is new.
    async fn check_same_log(&self, log: &Log) -> Result<(), ReplicaError> {
        let Some(served) = &self.served else { return Ok(()) };
        match log.read(served.sequence).await? {
            Some(entry) => self.check_log(&entry.log),
            None => self.check_log("that lacks what is served"),
        }
    }

    fn check_log(&self, found: &str) -> Result<(), ReplicaError> {
        match &self.served {
            Some(served) if served.log != found => Err(ReplicaError::OtherLog {
                followed: served.log.clone(),
                found: found.to_owned(),
                dir: self.data.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// An entry behind the one served has the same log, and no lower epoch.
    fn check(&self, entry: &LogEntry) -> Result<(), ReplicaError> {
        self.check_log(&entry.log)?;
        match &self.served {
            Some(served) if entry.epoch < served.epoch => Err(ReplicaError::Entry {
                place: format!("{}/{}", self.format, entry.sequence),
                what: format!("its epoch {} is before epoch {}, which is served", entry.epoch, served.epoch),
            }),
            _ => Ok(()),
        }
    }

    /// Reads the entries behind the last one that was read, and applies the batches in them. Gives how many there were.
    async fn read_on(&mut self, log: &Log, to: u64) -> Result<usize, ReplicaError> {
        let mut batches = 0;
        while self.read_to < to {
            let from = self.read_to + 1;
            let entries = log.entries(from..=to.min(self.read_to + ENTRIES_AT_ONCE)).await?;
            entries.iter().try_for_each(|entry| self.check(entry))?;
            // What stands before an entry that cannot be understood is served.
            let known =
                entries.iter().position(|entry| entry.unknown_kind.is_some()).unwrap_or(entries.len());
            batches += self.apply(&entries[..known]).await?;
            self.read_to += known as u64;
            if let Some((sequence, kind)) =
                entries.get(known).and_then(|entry| Some((entry.sequence, entry.unknown_kind.clone()?)))
            {
                return Err(ReplicaError::UnknownKind { place: format!("{}/{sequence}", self.format), kind });
            }
        }
        Ok(batches)
    }

    /// Applies the batches of the generation that is served. Others belong to one that is on its way, whose entry will
    /// name them.
    async fn apply(&mut self, entries: &[LogEntry]) -> Result<usize, ReplicaError> {
        let Some(generation) = self.served.as_ref().and_then(LogEntry::generation) else { return Ok(0) };
        let name = generation.name.clone();
        let is_its = |entry: &&LogEntry| entry.batch().is_some_and(|batch| batch.generation == name);
        let wanted: Vec<&LogEntry> = entries.iter().filter(is_its).collect();
        let Some((last, batch)) =
            wanted.last().and_then(|last| Some((last.sequence, last.batch()?.sequence)))
        else {
            return Ok(0);
        };
        let batches = wanted.iter().filter_map(|entry| entry.batch().map(StoredBatch::numbered)).collect();
        let above = ChangesAbove { generation: name, begins: None, batches };
        let applying = Applying { before: self.applied, batch_before: self.last_batch, entry: last, batch };
        let engine = Arc::clone(&self.engine);
        self.on_disk(move |cache| {
            cache.set_applying(&applying)?;
            Ok(engine.replay(&above)?)
        })
        .await?;
        (self.applied, self.last_batch) = (last, batch);
        Ok(wanted.len())
    }

    async fn take_over(
        &mut self,
        store: &Arc<dyn ObjectStore>,
        log: &Log,
        entry: LogEntry,
    ) -> Result<Turn, ReplicaError> {
        let Some(generation) = entry.generation().cloned() else { return Ok(Turn::Current) };
        let begun_with = begun_with(log, &entry).await?;
        let is_there = self.engine.manifest_bytes(&generation.name).map(|bytes| digest(&bytes));
        let kept = entry.clone();
        self.on_disk(move |cache| cache.keep(&kept)).await?;
        let is_there = is_there.as_ref() == generation.manifest().map(|file| &file.sha256);
        if !is_there {
            self.pull(&**store, &generation).await?;
        }
        // In the log of changes before the generation is live, so that it is never served without them.
        let engine = Arc::clone(&self.engine);
        self.on_disk(move |_| Ok(engine.replay(&begun_with)?)).await?;
        if !(is_there && self.activate(&generation.name).await) {
            if is_there {
                self.pull(&**store, &generation).await?;
            }
            self.install(generation.clone()).await?;
        }
        (self.applied, self.last_batch, self.read_to) = (entry.sequence, 0, entry.sequence);
        self.served = Some(entry);
        let engine = Arc::clone(&self.engine);
        self.on_disk(move |cache| {
            cache.tidy(|name| engine.manifest_bytes(name).is_some());
            Ok(())
        })
        .await?;
        Ok(Turn::Served { name: generation.name })
    }

    /// Makes a generation live that lies here already, from before. Whether that went well: one that is damaged is
    /// pulled again.
    async fn activate(&self, name: &str) -> bool {
        let (engine, name) = (Arc::clone(&self.engine), name.to_owned());
        let activated = tokio::task::spawn_blocking(move || {
            engine.generation().name == name || engine.activate(&name).is_ok()
        });
        activated.await.unwrap_or(false)
    }

    /// Brings all files of a generation into the cache.
    async fn pull(&mut self, store: &dyn ObjectStore, generation: &Generation) -> Result<(), ReplicaError> {
        let mut seen = HashSet::new();
        let files: Vec<_> = generation.files.iter().filter(|file| seen.insert(&file.sha256)).collect();
        let total = files.iter().fold(0, |sum: u64, file| sum.saturating_add(file.bytes));
        let there = files.iter().fold(0, |sum: u64, file| sum.saturating_add(self.cache.bytes_of(file)));
        let (engine, cache) = (Arc::clone(&self.engine), self.cache.clone());
        self.on_disk(move |_| engine.make_room(total.saturating_sub(there)).map_err(Into::into)).await?;
        self.on_disk(|cache| cache.create()).await?;
        let mut downloads = Vec::new();
        for file in files {
            // Boxed, as the compiler cannot see through a stream of borrowing futures that it may change threads.
            downloads.push(download(store, &cache, file, &generation.name, &self.transfer).boxed());
        }
        // All of them come to an end, so that what is whole stays, and nobody writes any more when the next turn begins.
        let ended: Vec<_> = stream::iter(downloads).buffer_unordered(FILES_AT_ONCE).collect().await;
        ended.into_iter().collect()
    }

    /// Puts the generation together, opens it, searches it once, and swaps.
    async fn install(&self, generation: Generation) -> Result<(), ReplicaError> {
        let (engine, keep) = (Arc::clone(&self.engine), self.keep);
        self.on_disk(move |cache| {
            let dir = cache.assemble(&generation)?;
            match engine.install(&dir, keep, warm) {
                // It is served; the disk may forget it, and then it is pulled again.
                Err(EngineError::NotDurable { .. }) | Ok(_) => Ok(()),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Cache) -> Result<T, ReplicaError> + Send + 'static,
    ) -> Result<T, ReplicaError> {
        let cache = self.cache.clone();
        let ended = |ended| ReplicaError::io("writing", self.cache.dir())(std::io::Error::other(ended));
        tokio::task::spawn_blocking(move || work(&cache)).await.map_err(ended)?
    }
}

/// The entry up to which batches are applied; 0 if the log of changes lost some of them.
fn applied(in_effect: &HashSet<u64>, applying: &Applying) -> u64 {
    let Applying { before, batch_before, entry, batch } = applying;
    if in_effect.contains(batch) {
        *entry
    } else if *batch_before == 0 || in_effect.contains(batch_before) {
        *before
    } else {
        0
    }
}

/// Reads what searches read first, so that the first member does not wait for the disk.
fn warm(new: &Engine) {
    for query in ["大学团委", "24级1班", "beijing", "团支部"] {
        // Whether it finds something does not matter, and faults are told by those who ask.
        let _ = new.search(&SearchRequest::autocomplete(query));
    }
}

fn digest(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(bytes);
    hasher.finish().digest
}
