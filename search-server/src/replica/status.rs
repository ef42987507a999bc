//! What a store holds.

use super::entry::LogEntry;
use super::error::ReplicaError;
use super::files::{self, Object};
use super::log::{LOGS, Log};
use super::newest::Newest;
use object_store::ObjectStore;
use object_store::path::Path;
use search_core::GenerationFormat;
use std::collections::HashSet;
use std::sync::Arc;

/// What a store holds.
#[derive(Debug, Clone)]
pub(crate) struct StoreStatus {
    /// One for each log, by format.
    pub(crate) formats: Vec<FormatStatus>,
    /// All files.
    pub(crate) files: Vec<Object>,
}

/// The log of one format.
#[derive(Debug, Clone)]
pub(crate) struct FormatStatus {
    pub(crate) format: GenerationFormat,
    /// Its last entry.
    pub(crate) end: LogEntry,
    /// Its generations that are not pruned, the newest first.
    pub(crate) generations: Vec<LogEntry>,
    /// The batches of changes above the newest generation: how many, and the number of the last.
    pub(crate) batches: (usize, Option<u64>),
}

impl StoreStatus {
    /// The digests that some generation needs.
    pub(super) fn named(&self) -> HashSet<&str> {
        let entries = self.formats.iter().flat_map(|format| &format.generations);
        let files = entries.filter_map(LogEntry::generation).flat_map(|generation| &generation.files);
        files.map(|file| file.sha256.as_str()).collect()
    }

    /// Files that no generation needs, as their number and their bytes.
    pub(crate) fn unnamed(&self) -> (usize, u64) {
        let named = self.named();
        let unnamed = self.files.iter().filter(|object| !named.contains(object.digest.as_str()));
        unnamed.fold((0, 0), |(files, bytes), object| (files + 1, bytes.saturating_add(object.bytes)))
    }
}

/// Reads all logs and lists all files.
pub(crate) async fn status(store: &Arc<dyn ObjectStore>) -> Result<StoreStatus, ReplicaError> {
    let mut formats = Vec::new();
    for format in formats_of(store).await? {
        let log = Log::new(store, &format);
        if let Some(end) = log.end().await? {
            let (newest, _) = Newest::read(&log, &end).await?;
            let batches = (newest.batches.len(), newest.batches.keys().next_back().copied());
            formats.push(FormatStatus { format, end, generations: newest.generations, batches });
        }
    }
    Ok(StoreStatus { formats, files: files::list(&**store).await? })
}

/// The formats that have a log.
pub(super) async fn formats_of(store: &Arc<dyn ObjectStore>) -> Result<Vec<GenerationFormat>, ReplicaError> {
    let folder = Path::from(LOGS);
    let listed = store.list_with_delimiter(Some(&folder)).await;
    let folders = match listed {
        Ok(listed) => listed.common_prefixes,
        Err(object_store::Error::NotFound { .. }) => Vec::new(),
        Err(source) => return Err(ReplicaError::store("listing", &folder)(source)),
    };
    let mut formats: Vec<_> =
        folders.iter().filter_map(|folder| GenerationFormat::parse(folder.filename()?)).collect();
    formats.sort();
    Ok(formats)
}
