//! The publish flow: a sealed generation of a data directory becomes one that replicas follow.

use super::digest::{Checksums, read_file};
use super::entry::{Body, Generation, LogEntry, StoredFile, generation_number};
use super::error::ReplicaError;
use super::files::{self, FILES_AT_ONCE, LEAST_GRACE};
use super::log::{Log, Writer};
use super::progress::Transfer;
use super::upload::{blocking, upload};
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::ObjectStore;
use search_core::{GenerationFile, SealedGeneration};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// What a publish is made with.
pub(crate) struct Publishing<'a> {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) sealed: &'a SealedGeneration,
    /// What was read of the files.
    pub(crate) hashed: Arc<Transfer>,
    /// What was uploaded of them.
    pub(crate) uploaded: Arc<Transfer>,
}

/// What a publish has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) outcome: Outcome,
    pub(crate) entry: LogEntry,
    /// Files that the store lacked.
    pub(crate) uploaded: usize,
}

/// Whether there was anything to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Published,
    /// It is the newest generation of the log already.
    AlreadyThere,
}

impl Publishing<'_> {
    /// Hash, claim, upload, append; in this order, so that an entry never names a file that is not there.
    ///
    /// A publish that ends at any instant leaves the log as it was, or with the whole generation. It may be run again:
    /// what is there already is not uploaded twice.
    pub(crate) async fn run(&self) -> Result<Published, ReplicaError> {
        let log = Log::new(&self.store, &self.sealed.format);
        if let Some(end) = log.end().await? {
            let known = log.generations(&end).await?;
            let manifest = self.describe_file(&manifest_file()).await?;
            if let Some(entry) = known.first().filter(|entry| is_same(entry, &self.sealed.name, &manifest)) {
                return self.mend(entry).await;
            }
            // Before anybody else is disturbed by a claim, and before everything is read.
            highest_number(&known, &self.sealed.name, &manifest)?;
        }
        let mut generation = self.describe().await?;

        let mut writer = Writer::claim(&log).await?;
        // Behind the claim nothing can come between what is read here and what is appended.
        let known = log.generations(writer.last()).await?;
        if let Some(manifest) = generation.manifest() {
            generation.highest = highest_number(&known, &generation.name, manifest)?;
        }
        let now = files::written_at(&*self.store, &log.path(writer.last().sequence)).await?;
        let named = known.iter().filter_map(LogEntry::generation).flat_map(|known| &known.files);
        let named = named.map(|file| file.sha256.as_str().to_owned()).collect();
        let mut uploaded = self.upload_missing(&generation, &named, Some(now)).await?;
        let entry = writer.append(Body::Generation { generation: generation.clone() }).await?;
        // Somebody may have pruned what no entry named until now.
        uploaded += self.upload_missing(&generation, &HashSet::new(), None).await?;
        Ok(Published { outcome: Outcome::Published, entry, uploaded })
    }

    /// What is published already only has to be there.
    async fn mend(&self, entry: &LogEntry) -> Result<Published, ReplicaError> {
        let uploaded = match entry.generation() {
            Some(generation) => self.upload_missing(generation, &HashSet::new(), None).await?,
            None => 0,
        };
        Ok(Published { outcome: Outcome::AlreadyThere, entry: entry.clone(), uploaded })
    }

    /// Reads every file, holds it against its seal, and names it.
    async fn describe(&self) -> Result<Generation, ReplicaError> {
        let sealed = self.sealed;
        let expected = sealed.files.iter().fold(0, |sum: u64, file| sum.saturating_add(file.bytes));
        self.hashed.expect(expected);
        let manifest = manifest_file();
        let all = sealed.files.iter().chain([&manifest]);
        let files: Vec<StoredFile> = stream::iter(all.map(|file| self.describe_file(file)))
            .buffered(FILES_AT_ONCE)
            .try_collect()
            .await?;
        Ok(Generation {
            name: sealed.name.clone(),
            highest: 0,
            format: sealed.format.as_str().to_owned(),
            orgs: sealed.orgs,
            source_digest: sealed.source_digest.clone(),
            files,
        })
    }

    async fn describe_file(&self, file: &GenerationFile) -> Result<StoredFile, ReplicaError> {
        let path = self.sealed.dir.join(&file.path);
        let (there, hashed) = (path.clone(), Arc::clone(&self.hashed));
        let read = blocking(move || read_file(&there, |bytes| hashed.move_on(bytes))).await;
        let Checksums { bytes, crc32, digest } = read.map_err(ReplicaError::io("reading", &path))?;
        // The manifest carries its own checksum; readers hold it against that.
        let is_sealed = (bytes, crc32) == (file.bytes, file.crc32);
        if !is_sealed && file.path != SealedGeneration::MANIFEST {
            return Err(ReplicaError::Damaged { path });
        }
        Ok(StoredFile { path: file.path.clone(), bytes, sha256: digest })
    }

    /// Uploads what the store lacks, several files at once. With `now`, the time by the store's clock, also what it has
    /// but neither `named` says nor is young: a prune may be about to remove that.
    async fn upload_missing(
        &self,
        generation: &Generation,
        named: &HashSet<String>,
        now: Option<i64>,
    ) -> Result<usize, ReplicaError> {
        let mut seen = HashSet::new();
        let distinct = generation.files.iter().filter(|file| seen.insert(&file.sha256));
        let looks = distinct.map(|file| async move {
            let there = files::find(&*self.store, &file.sha256).await?;
            let stays = there.is_some_and(|object| {
                let is_young =
                    now.is_none_or(|now| now - object.written_at < LEAST_GRACE.as_secs() as i64 / 2);
                object.bytes == file.bytes && (is_young || named.contains(file.sha256.as_str()))
            });
            Ok::<_, ReplicaError>((file, stays))
        });
        let looked: Vec<_> = stream::iter(looks).buffer_unordered(FILES_AT_ONCE * 4).try_collect().await?;
        let missing: Vec<&StoredFile> =
            looked.into_iter().filter(|(_, stays)| !stays).map(|(file, _)| file).collect();
        missing.iter().for_each(|file| self.uploaded.expect(file.bytes));
        let dir: &Path = &self.sealed.dir;
        let uploads = missing.iter().map(|file| async move {
            upload(&*self.store, &dir.join(&file.path), file, &self.uploaded).await
        });
        stream::iter(uploads).buffer_unordered(FILES_AT_ONCE).try_collect::<()>().await?;
        Ok(missing.len())
    }
}

fn manifest_file() -> GenerationFile {
    GenerationFile { path: SealedGeneration::MANIFEST.to_owned(), bytes: 0, crc32: 0 }
}

/// Whether an entry is about this generation: a manifest says all that there is to say of the other files.
fn is_same(entry: &LogEntry, name: &str, manifest: &StoredFile) -> bool {
    let known = entry.generation().filter(|known| known.name == name);
    known.and_then(Generation::manifest).is_some_and(|known| known.sha256 == manifest.sha256)
}

/// The highest number of a generation once this one is in the log. A name stands for one generation for ever, as
/// replicas and cursors tell generations apart by their names: it is either a new one, or one that the log has.
fn highest_number(known: &[LogEntry], name: &str, manifest: &StoredFile) -> Result<u64, ReplicaError> {
    let number = generation_number(name).unwrap_or(0);
    let Some(newest) = known.first().and_then(LogEntry::generation) else { return Ok(number) };
    if number > newest.highest || known.iter().any(|entry| is_same(entry, name, manifest)) {
        return Ok(number.max(newest.highest));
    }
    Err(ReplicaError::NameTaken { name: name.to_owned(), newest: format!("g{:06}", newest.highest) })
}

/// The live generation of a data directory, and the newest one of each format asked for besides.
pub(crate) fn chosen(data: &Path, also: &[String]) -> Result<Vec<SealedGeneration>, ReplicaError> {
    let all = SealedGeneration::all(data)?;
    let live = search_core::Engine::unopened(data)?.published()?;
    let none = |format: String| ReplicaError::NothingToPublish { dir: data.to_owned(), format };
    let live = all.iter().find(|one| Some(&one.name) == live.as_ref());
    let mut chosen = vec![live.ok_or_else(|| none(String::new()))?.clone()];
    for wanted in also {
        let newest = all.iter().rev().find(|one| one.format.is_named(wanted));
        let newest = newest.ok_or_else(|| none(format!(" of format {wanted}")))?;
        if !chosen.contains(newest) {
            chosen.push(newest.clone());
        }
    }
    Ok(chosen)
}
