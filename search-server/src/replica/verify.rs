//! Whether a store holds what its logs say.

use super::digest::Hasher;
use super::entry::{LogEntry, StoredFile};
use super::error::ReplicaError;
use super::files::{self, FILES_AT_ONCE};
use super::log::Log;
use super::newest::begun_with;
use super::progress::Transfer;
use super::status::{FormatStatus, StoreStatus, status};
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use object_store::{ObjectStore, ObjectStoreExt};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was looked at, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verified {
    pub(crate) entries: u64,
    /// Batches of changes that some generation needs, or that come on top of the newest.
    pub(crate) batches: usize,
    pub(crate) files: usize,
    pub(crate) bytes: u64,
    /// In words, one for each entry or file.
    pub(crate) faults: Vec<String>,
}

/// Reads every entry of every log, and every file that a generation needs.
pub(crate) async fn verify(
    store: &Arc<dyn ObjectStore>,
    transfer: &Transfer,
) -> Result<Verified, ReplicaError> {
    let status = status(store).await?;
    let mut verified = Verified { entries: 0, batches: 0, files: 0, bytes: 0, faults: Vec::new() };
    for format in &status.formats {
        let log = Log::new(store, &format.format);
        verified.entries += format.end.sequence;
        verify_entries(&log, &format.end, &mut verified.faults).await?;
        verified.batches += verify_batches(&log, format, &mut verified.faults).await?;
    }
    let needed = needed_files(&status);
    needed.values().for_each(|(file, _)| transfer.expect(file.bytes));
    let looks = needed.values().map(|(file, whose)| verify_file(store, file, whose, transfer));
    let mut looks = stream::iter(looks).buffered(FILES_AT_ONCE);
    while let Some(fault) = looks.try_next().await? {
        verified.faults.extend(fault);
        verified.files += 1;
    }
    verified.bytes = transfer.moved();
    Ok(verified)
}

/// Entries have no gaps, belong to one log, and their epochs do not fall.
async fn verify_entries(log: &Log, end: &LogEntry, faults: &mut Vec<String>) -> Result<(), ReplicaError> {
    let mut before: Option<LogEntry> = None;
    let reads = (1..=end.sequence).map(|sequence| log.entry(sequence).boxed());
    let mut reads = stream::iter(reads).buffered(FILES_AT_ONCE * 4);
    while let Some(read) = reads.next().await {
        let fault = match read {
            Err(error @ ReplicaError::Entry { .. }) => Some(error.to_string()),
            Err(error) => return Err(error),
            Ok(entry) => {
                let fault = before.as_ref().and_then(|before| fault_behind(before, &entry, log));
                before = Some(entry);
                fault
            }
        };
        faults.extend(fault);
    }
    Ok(())
}

/// The batches that generations name are there.
async fn verify_batches(
    log: &Log,
    format: &FormatStatus,
    faults: &mut Vec<String>,
) -> Result<usize, ReplicaError> {
    let mut batches = format.batches.0;
    for (at, entry) in format.generations.iter().enumerate() {
        match begun_with(log, entry).await {
            // Those of the newest one are counted already.
            Ok(begun_with) if at > 0 => batches += begun_with.batches.len(),
            Ok(_) => {}
            Err(error @ ReplicaError::Entry { .. }) => faults.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(batches)
}

fn fault_behind(before: &LogEntry, entry: &LogEntry, log: &Log) -> Option<String> {
    let place = format!("the log entry {}/{}", log.format(), entry.sequence);
    if entry.log != before.log {
        Some(format!("{place} belongs to another log than the one before"))
    } else if entry.epoch < before.epoch {
        Some(format!("{place} has epoch {}, the one before has {}", entry.epoch, before.epoch))
    } else {
        None
    }
}

/// Each file once, with the name of a generation that needs it.
fn needed_files(status: &StoreStatus) -> BTreeMap<&str, (&StoredFile, &str)> {
    let entries = status.formats.iter().flat_map(|format| &format.generations);
    let generations = entries.filter_map(LogEntry::generation);
    let files = generations.flat_map(|generation| {
        generation.files.iter().map(|file| (file.sha256.as_str(), (file, generation.name.as_str())))
    });
    files.collect()
}

async fn verify_file(
    store: &Arc<dyn ObjectStore>,
    file: &StoredFile,
    generation: &str,
    transfer: &Transfer,
) -> Result<Option<String>, ReplicaError> {
    let path = files::path(&file.sha256);
    let reading = || ReplicaError::store("reading", &path);
    let mut pieces = match store.get(&path).await {
        Err(object_store::Error::NotFound { .. }) => {
            return Ok(Some(format!("{path}, the file {} of {generation}, is missing", file.path)));
        }
        found => found.map_err(reading())?.into_stream(),
    };
    let mut hasher = Hasher::default();
    while let Some(piece) = pieces.try_next().await.map_err(reading())? {
        hasher.update(&piece);
        transfer.move_on(piece.len() as u64);
    }
    let found = hasher.finish();
    let is_whole = found.bytes == file.bytes && found.digest == file.sha256;
    Ok((!is_whole).then(|| format!("{path}, the file {} of {generation}, has other bytes", file.path)))
}
