//! What an engine knows of the changes since its generation was built, and how they become what is searched.

use super::apply::apply;
use super::change::{Applied, Batch};
use super::changed_orgs::ChangedOrgs;
use super::error::ChangeError;
use super::log::{BatchState, ChangeLog, Entry, LogRecord, LoggedBatch, digest, in_effect};
use super::replicate::{NumberedBatch, Share};
use super::{KEY_SECONDS, MAX_CHANGES, MAX_KEY_BYTES};
use crate::error::EngineError;
use crate::index::layers::{BaseMembers, with_overlay};
use crate::index::snapshot::Snapshot;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The changes of one engine. One thread at a time.
#[derive(Default)]
pub(crate) struct Changes {
    /// `None`: an engine in memory keeps nothing.
    pub(super) log: Option<ChangeLog>,
    /// All entries read so far; of batches only what is needed to know them again.
    pub(super) entries: BTreeMap<u64, Entry>,
    pub(super) keys: HashMap<String, KnownBatch>,
    pub(super) base: Option<Base>,
    pub(super) changed: ChangedOrgs,
    /// The batches that made them, ascending.
    pub(super) made_by: Vec<u64>,
}

/// The generation that is changed.
#[derive(Clone)]
pub(super) struct Base {
    snapshot: Snapshot,
    /// Worked out with the first change.
    members: Option<Arc<BaseMembers>>,
}

/// A batch that was answered.
pub(super) struct KnownBatch {
    pub(super) digest: [u8; 32],
    pub(super) applied: Applied,
    at: u64,
}

impl Changes {
    pub(super) fn logged_in(log: ChangeLog) -> Self {
        Changes { log: Some(log), ..Changes::default() }
    }

    /// The number of the last entry of the log.
    ///
    /// # Errors
    /// As [`Self::serve`].
    pub(crate) fn last_logged(&mut self) -> Result<u64, EngineError> {
        self.read_log()?;
        Ok(self.last())
    }

    /// The number of the last entry known.
    fn last(&self) -> u64 {
        self.entries.last_key_value().map_or(0, |(&sequence, _)| sequence)
    }

    /// The number of the next one.
    fn next(&self) -> u64 {
        let reserved = self.log.as_ref().map_or(0, ChangeLog::reserved);
        self.last().max(reserved) + 1
    }

    /// Whether somebody has written to the log since.
    pub(crate) fn is_behind(&self) -> bool {
        self.log.as_ref().is_some_and(|log| log.has_after(self.last()))
    }

    /// The generation that is changed; `None` before the first one was served.
    pub(crate) fn base(&self) -> Option<&Snapshot> {
        self.base.as_ref().map(|base| &base.snapshot)
    }

    /// How many organizations are changed.
    pub(crate) fn changed(&self) -> usize {
        self.changed.len()
    }

    /// Takes a generation as the one that is changed, with the batches of the log that belong to it; gives what is to
    /// be searched.
    ///
    /// # Errors
    /// [`EngineError::DamagedChanges`] and [`EngineError::Io`]: then all is as before.
    pub(crate) fn serve(&mut self, base: &Snapshot) -> Result<Snapshot, EngineError> {
        self.read_log()?;
        let wanted = in_effect(self.entries.values(), &base.manifest.generation);
        let known = self.base().map(|known| known.manifest.generation.as_str());
        let is_same = known == Some(&base.manifest.generation) && wanted.starts_with(&self.made_by);
        let (changed, known) = match is_same {
            true => (self.changed.clone(), self.made_by.len()),
            false => (ChangedOrgs::default(), 0),
        };
        let changed = self.make(base, changed, &wanted[known..])?;
        let mut base = Base { snapshot: base.clone(), members: None };
        if is_same {
            base.members = self.base.as_ref().and_then(|base| base.members.clone());
        }
        let searched = base.overlaid(&changed, wanted.last().copied())?;
        (self.base, self.changed, self.made_by) = (Some(base), changed, wanted);
        Ok(searched)
    }

    /// Makes batches of the log, in their order.
    fn make(
        &self,
        base: &Snapshot,
        mut changed: ChangedOrgs,
        sequences: &[u64],
    ) -> Result<ChangedOrgs, EngineError> {
        for (sequence, batch) in self.batches(sequences)? {
            changed = apply(base.records.base(), &changed, &batch).map_err(|findings| {
                let what =
                    format!("its changes do not fit the generation: {}", ChangeError::Invalid { findings });
                EngineError::DamagedChanges { file: format!("batch {sequence}"), what }
            })?;
        }
        Ok(changed)
    }

    /// What would be searched if only these batches had been made.
    ///
    /// # Errors
    /// As [`Self::serve`].
    pub(super) fn made_by_only(&self, batches: &[LoggedBatch]) -> Result<Snapshot, EngineError> {
        let sequences: Vec<u64> = batches.iter().map(|batch| batch.applied.sequence).collect();
        let mut base = self.base.clone().ok_or_else(nothing_to_change)?;
        let changed = self.make(&base.snapshot, ChangedOrgs::default(), &sequences)?;
        base.overlaid(&changed, sequences.last().copied())
    }

    pub(super) fn read_log(&mut self) -> Result<(), EngineError> {
        let Some(log) = &self.log else { return Ok(()) };
        for entry in log.read_after(self.last())? {
            self.know(entry)?;
        }
        Ok(())
    }

    /// Keeps of an entry what is needed to know it again.
    pub(super) fn know(&mut self, mut entry: Entry) -> Result<(), EngineError> {
        if let LogRecord::Batch { key, changes } = &mut entry.record {
            let applied = Applied {
                key: key.clone(),
                applied: changes.len(),
                generation: label(&entry.generation, entry.sequence),
                sequence: entry.sequence,
            };
            let known = KnownBatch { digest: digest(changes).map_err(unwritable)?, applied, at: entry.at };
            self.keys.insert(key.clone(), known);
            changes.clear();
            changes.shrink_to_fit();
        }
        self.entries.insert(entry.sequence, entry);
        Ok(())
    }

    /// Batches with their changes, read again.
    pub(super) fn batches(&self, sequences: &[u64]) -> Result<Vec<(u64, Batch)>, EngineError> {
        let (Some(log), Some(&first)) = (&self.log, sequences.first()) else { return Ok(Vec::new()) };
        let entries = log.read_after(first - 1)?.into_iter();
        let wanted = entries.filter(|entry| sequences.binary_search(&entry.sequence).is_ok());
        Ok(wanted.filter_map(|entry| Some((entry.sequence, entry.batch()?))).collect())
    }

    /// Makes a batch last; gives the answer, and what is to be searched from now on unless it was answered before.
    ///
    /// # Errors
    /// As [`crate::Engine::apply`].
    pub(super) fn apply(
        &mut self,
        batch: &Batch,
        share: Option<&mut Share<'_>>,
    ) -> Result<(Applied, Option<Snapshot>), ChangeError> {
        if !(1..=MAX_KEY_BYTES).contains(&batch.key.len()) {
            return Err(ChangeError::BadKey);
        }
        if batch.changes.len() > MAX_CHANGES {
            return Err(ChangeError::TooManyChanges { found: batch.changes.len() });
        }
        if let Some(known) =
            self.keys.get(&batch.key).filter(|known| batch.at <= known.at.saturating_add(KEY_SECONDS))
        {
            return match known.digest == digest(&batch.changes).map_err(unwritable)? {
                true => Ok((known.applied.clone(), None)),
                false => Err(ChangeError::KeyReused { key: batch.key.clone() }),
            };
        }
        let sequence = self.next();
        let Some(base) = self.base.as_mut() else { return Err(nothing_to_change().into()) };
        let changed = apply(base.snapshot.records.base(), &self.changed, batch)
            .map_err(|findings| ChangeError::Invalid { findings })?;
        let searched = base.overlaid(&changed, Some(sequence))?;
        if let Some(share) = share {
            if let Some(log) = &self.log {
                log.reserve(sequence)?;
            }
            let numbered = NumberedBatch { sequence, batch: batch.clone() };
            share(base.generation(), &numbered).map_err(|source| ChangeError::NotShared { source })?;
        }
        let entry = Entry {
            sequence,
            generation: base.snapshot.manifest.generation.clone(),
            at: batch.at,
            record: LogRecord::Batch { key: batch.key.clone(), changes: batch.changes.clone() },
        };
        if let Some(log) = &self.log {
            log.append(&entry)?;
        }
        self.know(entry)?;
        self.changed = changed;
        self.made_by.push(sequence);
        let applied = self.keys.get(&batch.key).map(|known| known.applied.clone());
        Ok((applied.ok_or_else(nothing_to_change)?, Some(searched)))
    }

    /// Writes down that a generation, about to go live in place of `from`, begins with those of its batches that came at
    /// `since` or later, or while it was built. Those that do not fit it are left out, unless
    /// `all` have to fit.
    ///
    /// # Errors
    /// [`EngineError::ChangesConflict`] if one of them does not fit, and those of [`Self::serve`].
    pub(crate) fn carry(
        &mut self,
        from: Option<&str>,
        to: &Snapshot,
        carry: Carry,
    ) -> Result<(), EngineError> {
        self.read_log()?;
        if self.log.is_none() || self.entries.is_empty() {
            return Ok(());
        }
        let of_live = from.map_or_else(Vec::new, |from| in_effect(self.entries.values(), from));
        let is_newer = |sequence: &u64| {
            let at = self.entries.get(sequence).map_or(0, |entry| entry.at);
            *sequence > carry.built_with || carry.since.is_some_and(|since| at >= since)
        };
        let newer: Vec<u64> = of_live.into_iter().filter(is_newer).collect();
        let (mut changed, mut sequences) = (ChangedOrgs::default(), Vec::new());
        for (sequence, batch) in self.batches(&newer)? {
            match apply(to.records.base(), &changed, &batch) {
                Ok(after) => {
                    changed = after;
                    sequences.push(sequence);
                }
                Err(_) if !carry.all => {}
                Err(findings) => {
                    return Err(EngineError::ChangesConflict { key: batch.key, sequence, findings });
                }
            }
        }
        self.write_record(&to.manifest.generation, LogRecord::Carried { sequences })
    }

    /// Removes entries that say nothing of what is served, and whose keys are free again. The last one stays: numbers
    /// are never used again.
    pub(crate) fn forget_old(&mut self) {
        let (last, newest) = (self.last(), self.entries.values().map(|entry| entry.at).max().unwrap_or(0));
        let live = self.base().map(|base| base.manifest.generation.clone());
        let is_old = |entry: &&Entry| {
            let speaks_of_live = Some(&entry.generation) == live.as_ref() && !entry.is_batch();
            let is_made = self.made_by.binary_search(&entry.sequence).is_ok();
            let is_known = newest <= entry.at.saturating_add(KEY_SECONDS);
            entry.sequence != last && !speaks_of_live && !is_made && !is_known
        };
        let old: Vec<u64> = self.entries.values().filter(is_old).map(|entry| entry.sequence).collect();
        if let Some(log) = &self.log {
            log.remove(&old);
        }
        self.entries.retain(|sequence, _| old.binary_search(sequence).is_err());
        self.keys.retain(|_, known| old.binary_search(&known.applied.sequence).is_err());
    }

    /// Writes down that what a generation had of batches no longer holds.
    ///
    /// # Errors
    /// [`EngineError::Io`].
    pub(crate) fn undo(&mut self, generation: &str) -> Result<(), EngineError> {
        self.read_log()?;
        match in_effect(self.entries.values(), generation).is_empty() {
            true => Ok(()),
            false => self.write_record(generation, LogRecord::Undone),
        }
    }

    fn write_record(&mut self, generation: &str, record: LogRecord) -> Result<(), EngineError> {
        let at = self.entries.values().map(|entry| entry.at).max().unwrap_or(0);
        let entry = Entry { sequence: self.next(), generation: generation.to_owned(), at, record };
        if let Some(log) = &self.log {
            log.append(&entry)?;
        }
        self.know(entry)
    }

    /// All batches of the log, the oldest first.
    pub(super) fn list(&mut self) -> Result<Vec<LoggedBatch>, EngineError> {
        self.read_log()?;
        let mut batches: Vec<LoggedBatch> = self
            .keys
            .values()
            .map(|known| LoggedBatch {
                applied: known.applied.clone(),
                at: known.at,
                state: match self.made_by.binary_search(&known.applied.sequence) {
                    Ok(_) => BatchState::Applied,
                    Err(_) => BatchState::NotApplied,
                },
            })
            .collect();
        batches.sort_by_key(|batch| batch.applied.sequence);
        Ok(batches)
    }
}

/// Which batches a new generation begins with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carry {
    /// The last entry of the log when its rows began to be read.
    pub(crate) built_with: u64,
    /// Batches from then on as well, in seconds since 1970.
    pub(crate) since: Option<u64>,
    /// Whether the generation is given up if one of them does not fit.
    pub(crate) all: bool,
}

impl Base {
    pub(super) fn generation(&self) -> &str {
        &self.snapshot.manifest.generation
    }

    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// What is searched: the generation itself where nothing is changed.
    pub(super) fn overlaid(
        &mut self,
        changed: &ChangedOrgs,
        last: Option<u64>,
    ) -> Result<Snapshot, EngineError> {
        let Some(last) = last else { return Ok(self.snapshot.clone()) };
        let records = self.snapshot.records.base();
        let members = self.members.get_or_insert_with(|| Arc::new(BaseMembers::of(records)));
        let label = label(&self.snapshot.manifest.generation, last);
        let opened = with_overlay(self.snapshot.opened(), members, changed.orgs(), label)?;
        Ok(Snapshot::from(opened).with_learned(self.snapshot.learned().cloned()))
    }
}

/// What answers call a generation after this batch.
fn label(generation: &str, sequence: u64) -> String {
    format!("{generation}-{sequence}")
}

pub(super) fn nothing_to_change() -> EngineError {
    EngineError::TextIndex("no generation is open that could be changed".to_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn unwritable(error: serde_json::Error) -> EngineError {
    EngineError::TextIndex(format!("a change cannot be written: {error}"))
}
