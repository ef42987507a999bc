//! The publish flow: a sealed generation of a data directory becomes one that replicas follow.

use super::digest::{Checksums, read_file};
use super::entry::{Body, Generation, LogEntry, NamedBatch, StoredBatch, StoredFile, generation_number};
use super::error::ReplicaError;
use super::files::{self, FILES_AT_ONCE, LEAST_GRACE};
use super::log::{Log, Writer};
use super::newest::{KnownBatch, Newest};
use super::progress::Transfer;
use super::upload::{blocking, upload};
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use object_store::ObjectStore;
use search_core::changes::{LocalChanges, NumberedBatch};
use search_core::{GenerationFile, SealedGeneration};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// What a publish is made with.
pub(crate) struct Publishing<'a> {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) sealed: &'a SealedGeneration,
    /// What stands above it; nothing for a generation that is not the live one.
    pub(crate) changes: &'a LocalChanges,
    /// What was read of the files.
    pub(crate) hashed: Arc<Transfer>,
    /// What was uploaded of them.
    pub(crate) uploaded: Arc<Transfer>,
}

/// What a publish has done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Published {
    pub(crate) outcome: Outcome,
    /// The generation's entry.
    pub(crate) entry: LogEntry,
    /// Files that the store lacked.
    pub(crate) uploaded: usize,
    /// Batches of changes that the log lacked.
    pub(crate) batches: usize,
}

/// Whether there was anything to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Published,
    /// It is the newest generation of the log already, but not all of its batches were there.
    BatchesPublished,
    /// It is there already, with all its batches.
    AlreadyThere,
}

/// What a log lacks of a data directory.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lacks {
    Nothing,
    /// Batches of its newest generation.
    Batches,
    Generation,
}

impl Publishing<'_> {
    /// Hash, claim, upload, append; in this order, so that an entry never names a file that is not there.
    ///
    /// A publish that ends at any instant leaves the log as it was, or with the whole generation. It may be run again:
    /// what is there already is not uploaded twice.
    pub(crate) async fn run(&self) -> Result<Published, ReplicaError> {
        let log = Log::new(&self.store, &self.sealed.format);
        if let Some(end) = log.end().await? {
            let (newest, _) = Newest::read(&log, &end).await?;
            // Before anybody else is disturbed by a claim, and before everything is read.
            if self.lacks(&newest).await? == Lacks::Nothing
                && let Some(entry) = newest.entry()
            {
                return self.mend(entry).await;
            }
        }
        let generation = self.describe().await?;
        let mut writer = Writer::claim(&log).await?;
        // Behind the claim nothing can come between what is read here and what is appended.
        let (mut newest, _) = Newest::read(&log, writer.last()).await?;
        self.append(&mut writer, &mut newest, Some(generation)).await
    }

    /// Appends what the log of a writer lacks. What is `described` of the generation already is not read again.
    pub(super) async fn append(
        &self,
        writer: &mut Writer,
        newest: &mut Newest,
        described: Option<Generation>,
    ) -> Result<Published, ReplicaError> {
        match (self.lacks(newest).await?, newest.entry().cloned()) {
            (Lacks::Nothing, Some(entry)) => self.mend(&entry).await,
            (Lacks::Batches, Some(entry)) => {
                let batches = self.append_batches(writer, newest, u64::MAX).await?.len();
                Ok(Published { outcome: Outcome::BatchesPublished, batches, ..self.mend(&entry).await? })
            }
            _ => {
                let described = match described {
                    Some(described) => described,
                    None => self.describe().await?,
                };
                self.append_generation(writer, newest, described).await
            }
        }
    }

    /// What the log lacks.
    ///
    /// # Errors
    /// If it has what the data directory lacks: publishing would lose that.
    pub(super) async fn lacks(&self, newest: &Newest) -> Result<Lacks, ReplicaError> {
        let manifest = self.describe_file(&manifest_file()).await?;
        let Some(known) = newest.generation() else {
            return Ok(Lacks::Generation);
        };
        let dir = || self.data().to_owned();
        for (sequence, batch) in &newest.batches {
            if !self.changes.has(*sequence, &batch.key, batch.at) {
                let (key, generation) = (batch.key.clone(), known.name.clone());
                return Err(ReplicaError::LacksBatch { sequence: *sequence, key, generation, dir: dir() });
            }
        }
        let begins_later = known.begins.as_ref().is_some_and(|begins| begins.sequence > self.changes.last());
        let is_newest = newest.entry().is_some_and(|entry| is_same(entry, &self.sealed.name, &manifest));
        if is_newest && !begins_later && self.changes.above.begins == known.begins {
            // Two under one number: only a new generation leads past that.
            let other = self.changes.above.batches.iter().find(|batch| {
                newest.batches.get(&batch.sequence).is_some_and(|known| known.key != batch.batch.key)
            });
            if let Some(NumberedBatch { sequence, batch }) = other {
                let generation = known.name.clone();
                return Err(ReplicaError::NumberTaken {
                    sequence: *sequence,
                    key: batch.key.clone(),
                    generation,
                });
            }
            let is_there = |batch: &NumberedBatch| newest.batches.contains_key(&batch.sequence);
            return Ok(match self.changes.above.batches.iter().all(is_there) {
                true => Lacks::Nothing,
                false => Lacks::Batches,
            });
        }
        highest_number(&newest.generations, &self.sealed.name, &manifest)?;
        let is_later = generation_number(&self.sealed.name).unwrap_or(0) > known.highest;
        if begins_later || !(is_later || is_newest || self.has(known).await) {
            let (newest, live) = (known.name.clone(), self.sealed.name.clone());
            return Err(ReplicaError::LacksGeneration { newest, live, dir: dir() });
        }
        Ok(Lacks::Generation)
    }

    fn data(&self) -> &Path {
        self.sealed.dir.ancestors().nth(2).unwrap_or(&self.sealed.dir)
    }

    /// Whether the data directory has a generation of the log too.
    async fn has(&self, known: &Generation) -> bool {
        let manifest = self.sealed.dir.with_file_name(&known.name).join(SealedGeneration::MANIFEST);
        let read = blocking(move || read_file(&manifest, |_| ())).await;
        read.is_ok_and(|read| known.manifest().is_some_and(|file| file.sha256 == read.digest))
    }

    async fn append_generation(
        &self,
        writer: &mut Writer,
        newest: &mut Newest,
        mut generation: Generation,
    ) -> Result<Published, ReplicaError> {
        let known = &newest.generations;
        if let Some(manifest) = generation.manifest() {
            generation.highest = highest_number(known, &generation.name, manifest)?;
        }
        let log = Log::new(&self.store, &self.sealed.format);
        let now = files::written_at(&*self.store, &log.path(writer.last().sequence)).await?;
        let named = known.iter().filter_map(LogEntry::generation).flat_map(|known| &known.files);
        let named = named.map(|file| file.sha256.as_str().to_owned()).collect();
        let mut uploaded = self.upload_missing(&generation, &named, Some(now)).await?;
        // Of a generation that is served already, what a rollback undoes goes first: replicas would apply what came after
        // it on top.
        let is_served = newest.generation().is_some_and(|served| served.name == self.sealed.name);
        let begins_at = self.changes.above.begins.as_ref().map_or(u64::MAX, |begins| begins.sequence);
        let before = if is_served { begins_at } else { u64::MAX };
        let appended = self.append_batches(writer, newest, before).await?;
        generation.begins.clone_from(&self.changes.above.begins);
        generation.batches = self
            .changes
            .above
            .batches
            .iter()
            .filter_map(|batch| {
                let known = newest.batches.get(&batch.sequence).map(|known| known.entry);
                let entry = appended.get(&batch.sequence).copied().or(known)?;
                Some(NamedBatch { sequence: batch.sequence, entry })
            })
            .collect();
        let entry = writer.append(Body::Generation { generation: generation.clone() }).await?;
        newest.add(&entry);
        for (sequence, entry) in &appended {
            if let Some(batch) = self.changes.above.batches.iter().find(|batch| batch.sequence == *sequence) {
                let known = KnownBatch::new(*entry, batch);
                newest.batches.insert(*sequence, known);
            }
        }
        let later = self.append_batches(writer, newest, u64::MAX).await?;
        // Somebody may have pruned what no entry named until now.
        uploaded += self.upload_missing(&generation, &HashSet::new(), None).await?;
        let batches = appended.len() + later.len();
        Ok(Published { outcome: Outcome::Published, entry, uploaded, batches })
    }

    /// Appends the batches below a number that the log lacks; gives their numbers and the places of their entries. Those of a generation
    /// that is about to come are left alone by replicas until its entry names them.
    async fn append_batches(
        &self,
        writer: &mut Writer,
        newest: &mut Newest,
        before: u64,
    ) -> Result<BTreeMap<u64, u64>, ReplicaError> {
        let mut appended = BTreeMap::new();
        for batch in self.changes.above.batches.iter().filter(|batch| batch.sequence < before) {
            if newest.batches.get(&batch.sequence).is_some_and(|known| known.key == batch.batch.key) {
                continue;
            }
            let changes = StoredBatch::new(&self.sealed.name, batch.clone());
            let entry = writer.append(Body::Changes { changes }).await?;
            appended.insert(batch.sequence, entry.sequence);
            newest.add(&entry);
        }
        Ok(appended)
    }

    /// What is published already only has to be there.
    async fn mend(&self, entry: &LogEntry) -> Result<Published, ReplicaError> {
        let uploaded = match entry.generation() {
            Some(generation) => self.upload_missing(generation, &HashSet::new(), None).await?,
            None => 0,
        };
        Ok(Published { outcome: Outcome::AlreadyThere, entry: entry.clone(), uploaded, batches: 0 })
    }

    /// Reads every file, holds it against its seal, and names it.
    async fn describe(&self) -> Result<Generation, ReplicaError> {
        let sealed = self.sealed;
        let expected = sealed.files.iter().fold(0, |sum: u64, file| sum.saturating_add(file.bytes));
        self.hashed.expect(expected);
        let manifest = manifest_file();
        let all = sealed.files.iter().chain([&manifest]);
        // Boxed and collected here and below, as the compiler cannot see through a stream of borrowing futures that it may
        // change threads.
        let reads: Vec<_> = all.map(|file| self.describe_file(file).boxed()).collect();
        let files: Vec<StoredFile> = stream::iter(reads).buffered(FILES_AT_ONCE).try_collect().await?;
        Ok(Generation {
            name: sealed.name.clone(),
            highest: 0,
            format: sealed.format.as_str().to_owned(),
            orgs: sealed.orgs,
            source_digest: sealed.source_digest.clone(),
            files,
            begins: None,
            batches: Vec::new(),
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
        let looks = distinct.map(|file| {
            async move {
                let there = files::find(&*self.store, &file.sha256).await?;
                let stays = there.is_some_and(|object| {
                    let is_young =
                        now.is_none_or(|now| now - object.written_at < LEAST_GRACE.as_secs() as i64 / 2);
                    object.bytes == file.bytes && (is_young || named.contains(file.sha256.as_str()))
                });
                Ok::<_, ReplicaError>((file, stays))
            }
            .boxed()
        });
        let looks: Vec<_> = looks.collect();
        let looked: Vec<_> = stream::iter(looks).buffer_unordered(FILES_AT_ONCE * 4).try_collect().await?;
        let missing: Vec<&StoredFile> =
            looked.into_iter().filter(|(_, stays)| !stays).map(|(file, _)| file).collect();
        missing.iter().for_each(|file| self.uploaded.expect(file.bytes));
        let dir: &Path = &self.sealed.dir;
        let uploads = missing.iter().map(|file| {
            async move { upload(&*self.store, &dir.join(&file.path), file, &self.uploaded).await }.boxed()
        });
        let uploads: Vec<_> = uploads.collect();
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

/// What a data directory has to publish: the live generation with what stands above it, and the newest one of each
/// format asked for besides.
pub(crate) fn chosen(
    data: &Path,
    also: &[String],
) -> Result<Vec<(SealedGeneration, LocalChanges)>, ReplicaError> {
    let none = |format: String| ReplicaError::NothingToPublish { dir: data.to_owned(), format };
    let changes = LocalChanges::read(data)?.ok_or_else(|| none(String::new()))?;
    let all = SealedGeneration::all(data)?;
    let live = all.iter().find(|one| one.name == changes.above.generation);
    let mut chosen = vec![(live.ok_or_else(|| none(String::new()))?.clone(), changes)];
    for wanted in also {
        let newest = all.iter().rev().find(|one| one.format.is_named(wanted));
        let newest = newest.ok_or_else(|| none(format!(" of format {wanted}")))?;
        if chosen.iter().all(|(one, _)| one != newest) {
            let changes = LocalChanges::read_for(data, Some(&newest.name))?;
            chosen.push((newest.clone(), changes.unwrap_or_default()));
        }
    }
    Ok(chosen)
}
