//! Removes what nobody needs any more.
//!
//! First the entries of old generations are emptied, so that nobody begins to read their files, with those of batches that
//! stand before the oldest generation that stays, and that none of those names; then go the files that no
//! entry of any log names, if they have been there for the grace period. Age is told by the store's clock alone: of an
//! object that was just written and of the file. A publish under way has claimed an epoch before it looks for files, and
//! uploads anew what is neither named nor young; so what it counts on is younger than the grace period.

use super::entry::LogEntry;
use super::error::ReplicaError;
use super::files::{self, LEAST_GRACE};
use super::log::Log;
use super::status::{FormatStatus, status};
use crate::random_id::random_id;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What stays.
#[derive(Debug, Clone)]
pub(crate) struct PruneOptions {
    /// Generations of each format.
    pub(crate) keep: usize,
    /// Formats of which none stays.
    pub(crate) drop_formats: Vec<String>,
    /// How long files stay that nobody names; at least [`LEAST_GRACE`].
    pub(crate) grace: Duration,
    pub(crate) dry_run: bool,
}

impl PruneOptions {
    /// The shortest grace period, in seconds.
    pub(crate) const LEAST_GRACE: Duration = LEAST_GRACE;
}

/// What is gone, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pruned {
    /// As format and name.
    pub(crate) generations: Vec<(String, String)>,
    pub(crate) batches: usize,
    pub(crate) files: usize,
    pub(crate) bytes: u64,
    /// Files that nobody names and that are too young to go.
    pub(crate) waiting: usize,
}

/// Files are removed for at most so long after they were found to be unneeded; what is left goes the next time.
const MOST_REMOVING: Duration = Duration::from_secs(10 * 60);

/// Entries read at once.
const ENTRIES_AT_ONCE: u64 = 256;

/// Where a probe of the store's clock is written.
const PROBES: &str = "probe";

/// Empties entries and removes files.
pub(crate) async fn prune(
    store: &Arc<dyn ObjectStore>,
    options: &PruneOptions,
) -> Result<Pruned, ReplicaError> {
    let mut pruned = Pruned::default();
    let mut status = status(store).await?;
    for format in &mut status.formats {
        let is_dropped = options.drop_formats.iter().any(|wanted| format.format.is_named(wanted));
        let keep = if is_dropped { 0 } else { options.keep.max(1) };
        let gone = format.generations.split_off(keep.min(format.generations.len()));
        let log = Log::new(store, &format.format);
        // `generations` has the newest first. The oldest go first: behind an emptied entry nothing older is looked for.
        for entry in gone.into_iter().rev() {
            let name = entry.generation().map(|generation| generation.name.clone()).unwrap_or_default();
            pruned.generations.push((format.format.to_string(), name));
            if !options.dry_run {
                log.empty(entry).await?;
            }
        }
        pruned.batches += prune_batches(&log, format, options.dry_run).await?;
    }
    let (now, began) = (store_now(store).await?, Instant::now());
    let grace = options.grace.max(LEAST_GRACE).as_secs() as i64;
    let named = status.named();
    for object in status.files.iter().filter(|object| !named.contains(object.digest.as_str())) {
        // Looked at again: a publish may just have uploaded it anew.
        let is_old = match files::find(&**store, &object.digest).await? {
            Some(there) => now - there.written_at >= grace,
            None => continue,
        };
        if !is_old || began.elapsed() > MOST_REMOVING {
            pruned.waiting += 1;
            continue;
        }
        pruned.files += 1;
        pruned.bytes = pruned.bytes.saturating_add(object.bytes);
        if !options.dry_run {
            remove(store, &files::path(&object.digest)).await?;
        }
    }
    Ok(pruned)
}

/// Empties the entries of batches that are part of every generation that stays, or of none.
///
/// A writer names batches of earlier entries in the entry of a generation, but only those that stand behind the newest one
/// so far, or that this one names: those stay here.
async fn prune_batches(log: &Log, format: &FormatStatus, dry_run: bool) -> Result<usize, ReplicaError> {
    let Some(oldest) = format.generations.last().map(|entry| entry.sequence) else { return Ok(0) };
    let generations = format.generations.iter().filter_map(LogEntry::generation);
    let named: HashSet<u64> =
        generations.flat_map(|generation| generation.batches.iter().map(|batch| batch.entry)).collect();
    let (mut emptied, mut from) = (0, 1);
    while from < oldest {
        let to = oldest.min(from + ENTRIES_AT_ONCE);
        let entries = log.entries(from..to).await?;
        for entry in entries {
            if entry.batch().is_some() && !named.contains(&entry.sequence) {
                emptied += 1;
                if !dry_run {
                    log.empty(entry).await?;
                }
            }
        }
        from = to;
    }
    Ok(emptied)
}

/// What the store thinks it is, in seconds since 1970.
async fn store_now(store: &Arc<dyn ObjectStore>) -> Result<i64, ReplicaError> {
    let path = Path::from(format!("{PROBES}/{}", random_id()));
    let written = store.put(&path, PutPayload::from_static(b"orgsearch store prune\n")).await;
    written.map_err(ReplicaError::store("writing", &path))?;
    let now = files::written_at(&**store, &path).await;
    remove(store, &path).await?;
    now
}

async fn remove(store: &Arc<dyn ObjectStore>, path: &Path) -> Result<(), ReplicaError> {
    match store.delete(path).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(source) => Err(ReplicaError::store("removing", path)(source)),
    }
}
