//! The follow flow: look at the log, pull the newest generation, install it, serve it.

use super::cache::{Cache, FOLDER};
use super::digest::{Digest, Hasher};
use super::download::download;
use super::entry::{Generation, LogEntry};
use super::error::ReplicaError;
use super::files::FILES_AT_ONCE;
use super::log::Log;
use super::progress::Transfer;
use super::status::formats_of;
use futures_util::{FutureExt, StreamExt, stream};
use object_store::ObjectStore;
use search_core::{Engine, EngineError, GenerationFormat, SearchRequest};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A server that follows a store. What it serves is a whole generation, and never one from before.
pub(crate) struct Replica {
    engine: Arc<Engine>,
    data: PathBuf,
    cache: Cache,
    format: GenerationFormat,
    /// How many generations stay on the disk, the live one among them.
    keep: usize,
    /// The entry of the generation that is served.
    served: Option<LogEntry>,
    /// Up to where the log was read: what stands behind the entry that is served asks for nothing.
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
}

impl Replica {
    /// Goes on from what lies in the data directory, whose live generation `engine` has opened if it could.
    pub(crate) fn open(engine: Arc<Engine>, data: &Path, keep: usize) -> Self {
        let format = GenerationFormat::current();
        let cache = Cache::new(data, &format);
        let served = cache.entry_of(&engine.generation().name);
        Replica {
            read_to: served.as_ref().map_or(0, |entry| entry.sequence),
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

    /// The sequence of the entry that is served; 0: none yet.
    pub(crate) fn sequence(&self) -> u64 {
        self.served.as_ref().map_or(0, |entry| entry.sequence)
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
        let Some(listed) = log.listed_after(self.read_to).await? else {
            return self.nothing_new(store).await;
        };
        let end = log.entry(listed).await?;
        self.check(&end)?;
        let mut turn = Turn::Current;
        if let Some(entry) = log.newest_generation(&end).await?
            && self.served.as_ref().is_none_or(|served| served.sequence < entry.sequence)
        {
            self.check(&entry)?;
            turn = self.take_over(&**store, entry).await?;
        }
        self.read_on(&log, listed).await?;
        Ok(turn)
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

    /// Reads the entries behind the generation, which may ask for something.
    async fn read_on(&mut self, log: &Log, to: u64) -> Result<(), ReplicaError> {
        let from = self.served.as_ref().map_or(0, |served| served.sequence).max(self.read_to);
        for sequence in from + 1..=to {
            let entry = log.entry(sequence).await?;
            if let Some(kind) = entry.unknown_kind {
                return Err(ReplicaError::UnknownKind { place: format!("{}/{sequence}", self.format), kind });
            }
            self.read_to = sequence;
        }
        Ok(())
    }

    async fn take_over(&mut self, store: &dyn ObjectStore, entry: LogEntry) -> Result<Turn, ReplicaError> {
        let Some(generation) = entry.generation().cloned() else { return Ok(Turn::Current) };
        let is_there = self.engine.manifest_bytes(&generation.name).map(|bytes| digest(&bytes));
        let kept = entry.clone();
        self.on_disk(move |cache| cache.keep(&kept)).await?;
        let is_there = is_there.as_ref() == generation.manifest().map(|file| &file.sha256);
        if !(is_there && self.activate(&generation.name).await) {
            self.pull(store, &generation).await?;
            self.install(generation.clone()).await?;
        }
        self.read_to = self.read_to.max(entry.sequence);
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
            engine.generation().name == name || engine.rollback(Some(&name)).is_ok()
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
