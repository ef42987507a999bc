//! What a log says is to be served: its newest generation, and the batches of changes above it.

use super::entry::{Generation, LogEntry, StoredBatch};
use super::error::ReplicaError;
use super::log::Log;
use search_core::changes::{ChangesAbove, NumberedBatch};
use std::collections::BTreeMap;

/// The newest generation of a log and what stands above it, for a writer that goes on from there.
#[derive(Debug, Default)]
pub(super) struct Newest {
    /// All generations that are not pruned, the newest first.
    pub(super) generations: Vec<LogEntry>,
    /// The batches above the newest one, by their numbers.
    pub(super) batches: BTreeMap<u64, KnownBatch>,
}

/// A batch that the log has.
#[derive(Debug, Clone)]
pub(super) struct KnownBatch {
    /// The place of its entry.
    pub(super) entry: u64,
    pub(super) key: String,
    /// When it came, in seconds since 1970.
    pub(super) at: u64,
}

impl KnownBatch {
    pub(super) fn new(entry: u64, batch: &NumberedBatch) -> Self {
        KnownBatch { entry, key: batch.batch.key.clone(), at: batch.batch.at }
    }
}

impl Newest {
    /// Reads it, up to the entry `end`; also gives what a data directory needs of it.
    pub(super) async fn read(log: &Log, end: &LogEntry) -> Result<(Newest, ChangesAbove), ReplicaError> {
        let mut newest = Newest { generations: log.generations(end).await?, ..Newest::default() };
        let Some(entry) = newest.generations.first().cloned() else {
            return Ok((newest, ChangesAbove::default()));
        };
        let mut above = begun_with(log, &entry).await?;
        for batch in entry.generation().iter().flat_map(|generation| &generation.batches) {
            if let Some(stored) = above.batches.iter().find(|stored| stored.sequence == batch.sequence) {
                newest.batches.insert(batch.sequence, KnownBatch::new(batch.entry, stored));
            }
        }
        for later in log.entries(entry.sequence + 1..=end.sequence).await? {
            newest.add(&later);
            let batch = later.batch().filter(|batch| batch.generation == above.generation);
            above.batches.extend(batch.map(StoredBatch::numbered));
        }
        Ok((newest, above))
    }

    pub(super) fn entry(&self) -> Option<&LogEntry> {
        self.generations.first()
    }

    pub(super) fn generation(&self) -> Option<&Generation> {
        self.entry().and_then(LogEntry::generation)
    }

    /// The last entry that says what is to be served; 0: none.
    pub(super) fn sequence(&self) -> u64 {
        let batches = self.batches.values().map(|batch| batch.entry);
        batches.chain(self.entry().map(|entry| entry.sequence)).max().unwrap_or(0)
    }

    /// Takes an entry into account that stands behind all so far.
    pub(super) fn add(&mut self, entry: &LogEntry) {
        if let Some(generation) = entry.generation() {
            let named = |sequence: &u64| generation.batches.iter().any(|batch| batch.sequence == *sequence);
            self.batches.retain(|sequence, _| named(sequence));
            self.generations.insert(0, entry.clone());
        }
        let name = self.generation().map(|generation| generation.name.as_str());
        if let Some(batch) = entry.batch().filter(|batch| Some(batch.generation.as_str()) == name) {
            let known = KnownBatch { entry: entry.sequence, key: batch.key.clone(), at: batch.at };
            self.batches.insert(batch.sequence, known);
        }
    }
}

/// What the generation of an entry begins with, its batches read from their entries.
pub(super) async fn begun_with(log: &Log, entry: &LogEntry) -> Result<ChangesAbove, ReplicaError> {
    let Some(generation) = entry.generation() else { return Ok(ChangesAbove::default()) };
    let named = log.entries(generation.batches.iter().map(|batch| batch.entry)).await?;
    let mut batches = Vec::with_capacity(named.len());
    for (named, batch) in named.iter().zip(&generation.batches) {
        match named.batch().filter(|stored| stored.sequence == batch.sequence) {
            Some(stored) => batches.push(stored.numbered()),
            None => {
                let what =
                    format!("{} needs it as batch {}, which it is not", generation.name, batch.sequence);
                return Err(ReplicaError::Entry {
                    place: format!("{}/{}", log.format(), named.sequence),
                    what,
                });
            }
        }
    }
    Ok(ChangesAbove { generation: generation.name.clone(), begins: generation.begins.clone(), batches })
}
