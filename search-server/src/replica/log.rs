//! The log of one format: entries in order, each created once; and the one writer who may go on with it.
//!
//! - Entries have the sequences 1, 2, 3 … without gaps: an entry is created only by whoever has read the one before it,
//!   and a sequence that was used once stays used (`prune.rs` empties entries, and removes none). So where an entry is,
//!   all before it are, and the end is found by asking for single entries: a listing may lag behind, a read may not.
//! - Epochs never fall along the log, since a writer that reads a higher one than its own stops. Whoever claims an epoch
//!   takes the place of all writers before it, at whatever they are.

use super::entry::{Body, LogEntry, MOST_BYTES, VERSION};
use super::error::ReplicaError;
use crate::random_id::random_id;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use search_core::GenerationFormat;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the logs stand, each in a folder named after its format.
pub(super) const LOGS: &str = "log";

/// How often a writer that finds its place taken reads on, and how far it follows others.
const MOST_TRIES: usize = 10_000;

/// Entries read at once.
const ENTRIES_AT_ONCE: usize = 8;

/// The log of one format.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    store: Arc<dyn ObjectStore>,
    format: GenerationFormat,
}

/// What became of an entry to be created.
enum Created {
    Ours,
    /// Somebody else was first.
    Lost(Box<LogEntry>),
}

impl Log {
    pub(crate) fn new(store: &Arc<dyn ObjectStore>, format: &GenerationFormat) -> Self {
        Log { store: Arc::clone(store), format: format.clone() }
    }

    pub(super) fn format(&self) -> &GenerationFormat {
        &self.format
    }

    pub(super) fn path(&self, sequence: u64) -> Path {
        Path::from(format!("{LOGS}/{}/{sequence:020}.json", self.format))
    }

    /// The last sequence that is in use, where `known` is; by asking for entries ever further behind it, and then between.
    pub(super) async fn last_after(&self, known: u64) -> Result<u64, ReplicaError> {
        let (mut there, mut step) = (known, 1);
        while self.is_there(there + step).await? {
            there += step;
            step *= 2;
        }
        // `there` is in use, and `there + step` was not.
        let mut free = there + step;
        while free - there > 1 {
            let middle = there + (free - there) / 2;
            match self.is_there(middle).await? {
                true => there = middle,
                false => free = middle,
            }
        }
        Ok(there)
    }

    async fn is_there(&self, sequence: u64) -> Result<bool, ReplicaError> {
        let path = self.path(sequence);
        match self.store.head(&path).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(ReplicaError::store("asking for", &path)(source)),
        }
    }

    /// The entry at `sequence`; `None` if there is none.
    pub(super) async fn read(&self, sequence: u64) -> Result<Option<LogEntry>, ReplicaError> {
        let text = self.read_bytes(sequence).await?;
        text.map(|text| LogEntry::from_json(&text, sequence, &self.format)).transpose()
    }

    async fn read_bytes(&self, sequence: u64) -> Result<Option<Vec<u8>>, ReplicaError> {
        let path = self.path(sequence);
        let reading = || ReplicaError::store("reading", &path);
        let found = match self.store.get_opts(&path, GetOptions::default()).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            found => found.map_err(reading())?,
        };
        if found.meta.size > MOST_BYTES {
            let what = format!("it has {} bytes, an entry has at most {MOST_BYTES}", found.meta.size);
            return Err(ReplicaError::Entry { place: format!("{}/{sequence}", self.format), what });
        }
        Ok(Some(found.bytes().await.map_err(reading())?.to_vec()))
    }

    /// The entry at a sequence at which there must be one.
    pub(super) async fn entry(&self, sequence: u64) -> Result<LogEntry, ReplicaError> {
        let missing = || ReplicaError::Entry {
            place: format!("{}/{sequence}", self.format),
            what: "it is not there".to_owned(),
        };
        self.read(sequence).await?.ok_or_else(missing)
    }

    /// Entries at which there must be some, in the order of `sequences`.
    pub(super) async fn entries(
        &self,
        sequences: impl IntoIterator<Item = u64>,
    ) -> Result<Vec<LogEntry>, ReplicaError> {
        // Collected first, as the compiler cannot see through a stream of borrowing futures that it may change threads.
        let reads: Vec<_> = sequences.into_iter().map(|sequence| self.entry(sequence).boxed()).collect();
        stream::iter(reads).buffered(ENTRIES_AT_ONCE).try_collect().await
    }

    /// The last entry; `None` if the log is empty.
    pub(super) async fn end(&self) -> Result<Option<LogEntry>, ReplicaError> {
        match self.last_after(0).await? {
            0 => Ok(None),
            last => self.entry(last).await.map(Some),
        }
    }

    /// The newest generation that is not pruned, with its entry; `None` if there is none.
    pub(super) async fn newest_generation(&self, end: &LogEntry) -> Result<Option<LogEntry>, ReplicaError> {
        match end.newest_generation() {
            0 => Ok(None),
            at if at == end.sequence => Ok(Some(end.clone())),
            at => Ok(Some(self.entry(at).await?).filter(|entry| entry.generation().is_some())),
        }
    }

    /// All generations that are not pruned, the newest first.
    pub(super) async fn generations(&self, end: &LogEntry) -> Result<Vec<LogEntry>, ReplicaError> {
        let mut found: Vec<LogEntry> = Vec::new();
        let mut next = self.newest_generation(end).await?;
        while let Some(entry) = next {
            let before = entry.base;
            found.push(entry);
            next = match before {
                0 => None,
                at => Some(self.entry(at).await?).filter(|entry| entry.generation().is_some()),
            };
        }
        Ok(found)
    }

    /// Puts an entry where there must be none. What became of it is known in the end, whatever the network did to the
    /// answer: an entry that says just the same is ours.
    async fn create(&self, entry: &LogEntry) -> Result<Created, ReplicaError> {
        const TRIES: usize = 3;
        let (path, text) = (self.path(entry.sequence), entry.to_json());
        if text.len() as u64 > MOST_BYTES {
            return Err(ReplicaError::TooLarge { bytes: text.len() as u64, most: MOST_BYTES });
        }
        let mut last = None;
        for _ in 0..TRIES {
            match self.store.put_opts(&path, PutPayload::from(text.clone()), PutMode::Create.into()).await {
                Ok(_) => return Ok(Created::Ours),
                // Also an answer that was lost, or another one who is at it in this moment.
                Err(error) => last = Some(error),
            }
            match self.read_bytes(entry.sequence).await? {
                Some(there) if there == text => return Ok(Created::Ours),
                Some(there) => {
                    return LogEntry::from_json(&there, entry.sequence, &self.format)
                        .map(|other| Created::Lost(Box::new(other)));
                }
                None => {}
            }
        }
        let source =
            last.unwrap_or(object_store::Error::NotFound { path: path.to_string(), source: "".into() });
        Err(ReplicaError::Store { action: "creating", place: path.to_string(), source })
    }

    /// Empties the entry at `sequence`, whose files may go; it stays as a place that is taken.
    pub(super) async fn empty(&self, entry: LogEntry) -> Result<(), ReplicaError> {
        let path = self.path(entry.sequence);
        let emptied = LogEntry { body: Body::Pruned, ..entry };
        let put = self.store.put_opts(&path, PutPayload::from(emptied.to_json()), PutMode::Overwrite.into());
        put.await.map(drop).map_err(ReplicaError::store("writing", &path))
    }

    fn crowded(&self) -> ReplicaError {
        ReplicaError::Crowded { place: format!("{LOGS}/{}", self.format) }
    }
}

/// Who may append to a log: the one with the highest epoch.
#[derive(Debug)]
pub(super) struct Writer {
    log: Log,
    id: String,
    last: LogEntry,
}

impl Writer {
    /// Claims the next epoch, and with it ends all writers before.
    pub(super) async fn claim(log: &Log) -> Result<Writer, ReplicaError> {
        let id = random_id();
        let mut end = log.end().await?;
        for _ in 0..MOST_TRIES {
            let claim = match &end {
                Some(end) => follow(end, end.epoch + 1, &id, Body::Epoch),
                None => first(&id),
            };
            match log.create(&claim).await? {
                Created::Ours => return Ok(Writer { log: log.clone(), id, last: claim }),
                Created::Lost(other) => end = Some(*other),
            }
        }
        Err(log.crowded())
    }

    /// The last entry that this writer has written or read.
    pub(super) fn last(&self) -> &LogEntry {
        &self.last
    }

    /// Appends an entry, if no other writer has claimed an epoch meanwhile.
    pub(super) async fn append(&mut self, body: Body) -> Result<LogEntry, ReplicaError> {
        let own = self.last.epoch;
        let entry = follow(&self.last, own, &self.id, body);
        match self.log.create(&entry).await? {
            Created::Ours => {
                self.last = entry.clone();
                Ok(entry)
            }
            Created::Lost(other) if other.writer == self.id => {
                Err(ReplicaError::LateEntry { sequence: other.sequence })
            }
            Created::Lost(other) => Err(self.taken_over(&other)),
        }
    }

    /// Reads entries of its own that it did not know of: a put whose answer was lost may have been carried out, also long
    /// after it was given up. Gives how many.
    ///
    /// # Errors
    /// [`ReplicaError::TakenOver`] if there is one of another writer.
    pub(super) async fn catch_up(&mut self) -> Result<usize, ReplicaError> {
        let mut found = 0;
        while let Some(next) = self.log.read(self.last.sequence + 1).await? {
            if next.writer != self.id {
                return Err(self.taken_over(&next));
            }
            self.last = next;
            found += 1;
        }
        Ok(found)
    }

    fn taken_over(&self, by: &LogEntry) -> ReplicaError {
        ReplicaError::TakenOver { writer: by.writer.clone(), epoch: by.epoch, own: self.last.epoch }
    }
}

fn follow(end: &LogEntry, epoch: u64, writer: &str, body: Body) -> LogEntry {
    LogEntry {
        version: VERSION,
        log: end.log.clone(),
        sequence: end.sequence + 1,
        epoch,
        writer: writer.to_owned(),
        written_at: now(),
        base: end.newest_generation(),
        body,
        unknown_kind: None,
    }
}

fn first(writer: &str) -> LogEntry {
    LogEntry {
        version: VERSION,
        log: random_id(),
        sequence: 1,
        epoch: 1,
        writer: writer.to_owned(),
        written_at: now(),
        base: 0,
        body: Body::Epoch,
        unknown_kind: None,
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
