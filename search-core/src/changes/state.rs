//! What an engine knows of the changes since its generation was built, and how they become what is searched.

use super::apply::{Searchable, apply, apply_for_build};
use super::change::{Applied, Batch, QueuedBatch, Submitted};
use super::changed_orgs::ChangedOrgs;
use super::error::ChangeError;
use super::finding::ChangeFinding;
use super::log::{BatchState, ChangeLog, Entry, LogRecord, LoggedBatch, digest, in_effect, queued, undone};
use super::replicate::{NumberedBatch, Share};
use super::{KEY_SECONDS, MAX_CHANGES, MAX_KEY_BYTES};
use crate::error::EngineError;
use crate::index::layers::{BaseMembers, Records, with_overlay};
use crate::index::snapshot::Snapshot;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;
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
    /// The batch that waits for the next generation.
    queued: Option<u64>,
    /// What each batch was answered, by its number.
    answers: BTreeMap<u64, Applied>,
    /// The last entry that had been read when something was last searched.
    pub(super) served: u64,
    /// What is searched.
    pub(super) searched: Option<Snapshot>,
    pub(super) searchable: Searchable,
}

/// The generation that is changed.
#[derive(Clone)]
pub(super) struct Base {
    snapshot: Snapshot,
    /// Worked out with the first change.
    members: Option<Arc<BaseMembers>>,
    /// With the overlay that was built last, searched or not: the next one takes over what it knows.
    last_built: Option<Records>,
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
    pub(super) fn last(&self) -> u64 {
        self.entries.last_key_value().map_or(0, |(&sequence, _)| sequence)
    }

    /// The number of the next one.
    fn next(&self) -> u64 {
        let reserved = self.log.as_ref().map_or(0, ChangeLog::reserved);
        self.last().max(reserved) + 1
    }

    /// Whether somebody has written to the log since something was last searched.
    pub(crate) fn is_behind(&self) -> bool {
        self.served < self.last() || self.log.as_ref().is_some_and(|log| log.has_after(self.last()))
    }

    /// The generation that is changed; `None` before the first one was served.
    pub(crate) fn base(&self) -> Option<&Snapshot> {
        self.base.as_ref().map(|base| &base.snapshot)
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
        // What was written says nothing of this generation, as when another one is about to go live.
        let is_open = self.base().is_some_and(|known| std::ptr::eq(known.opened(), base.opened()));
        if let Some(searched) = self.searched.clone().filter(|_| is_open && wanted == self.made_by) {
            self.queued = queued(self.entries.values(), &base.manifest.generation);
            self.served = self.last();
            return Ok(searched);
        }
        let (changed, known) = match is_same {
            true => (self.changed.clone(), self.made_by.len()),
            false => (ChangedOrgs::default(), 0),
        };
        let changed = self.make(base, changed, &wanted[known..])?;
        let (members, last_built) = match &self.base {
            Some(known) if is_same => (known.members.clone(), known.last_built.clone()),
            _ => (None, None),
        };
        let mut base = Base { snapshot: base.clone(), members, last_built };
        let searched = base.overlaid(&changed, wanted.last().copied())?;
        self.queued = queued(self.entries.values(), &base.snapshot.manifest.generation);
        (self.base, self.changed, self.made_by) = (Some(base), changed, wanted);
        (self.served, self.searched) = (self.last(), Some(searched.clone()));
        Ok(searched)
    }

    /// Makes batches of the log, in their order.
    fn make(
        &self,
        base: &Snapshot,
        mut changed: ChangedOrgs,
        sequences: &[u64],
    ) -> Result<ChangedOrgs, EngineError> {
        let batches = self.batches(sequences)?;
        if let Some(missing) = sequences.get(batches.len()) {
            let file = format!("batch {missing}");
            return Err(EngineError::DamagedChanges {
                file,
                what: "it, or one before it, is missing".to_owned(),
            });
        }
        for (sequence, batch) in batches {
            changed = apply(base.records.base(), &changed, &batch)
                .map_err(|findings| does_not_fit(sequence, findings))?;
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
        match &mut entry.record {
            LogRecord::Batch { key, changes, .. } | LogRecord::Queued { key, changes, .. } => {
                let applied = Applied {
                    key: key.clone(),
                    applied: changes.len(),
                    generation: label(&entry.generation, entry.sequence),
                    sequence: entry.sequence,
                };
                self.answers.insert(entry.sequence, applied.clone());
                let known =
                    KnownBatch { digest: digest(changes).map_err(unwritable)?, applied, at: entry.at };
                self.keys.insert(key.clone(), known);
                changes.clear();
                changes.shrink_to_fit();
            }
            LogRecord::Carried { .. } | LogRecord::Undone | LogRecord::UndoneAfter { .. } => {}
        }
        let was_queued = self.queued;
        match &entry.record {
            LogRecord::Batch { .. } => {}
            LogRecord::Queued { .. } => self.queued = Some(entry.sequence),
            LogRecord::Carried { queued, .. } => self.queued = *queued,
            LogRecord::Undone | LogRecord::UndoneAfter { .. } => self.queued = None,
        }
        if let (LogRecord::Carried { .. }, Some(batch)) = (&entry.record, was_queued)
            && self.queued != was_queued
        {
            self.answer_built_in(batch, &entry.generation);
        }
        self.entries.insert(entry.sequence, entry);
        Ok(())
    }

    /// A queued batch is answered with the generation that was built with it.
    fn answer_built_in(&mut self, batch: u64, generation: &str) {
        let Some(answer) = self.answers.get_mut(&batch) else { return };
        generation.clone_into(&mut answer.generation);
        if let Some(known) = self.keys.get_mut(&answer.key).filter(|known| known.applied.sequence == batch) {
            known.applied = answer.clone();
        }
    }

    /// Batches with their changes, read again.
    pub(super) fn batches(&self, sequences: &[u64]) -> Result<Vec<(u64, Batch)>, EngineError> {
        let (Some(log), Some(&first)) = (&self.log, sequences.first()) else { return Ok(Vec::new()) };
        let entries = log.read_after(first.saturating_sub(1))?.into_iter();
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
        if let Some(answer) = self.answer(batch)? {
            return Ok((answer, None));
        }
        let records = self.records()?;
        let changed = apply(records.base(), &self.changed, batch)
            .map_err(|findings| ChangeError::Invalid { findings })?;
        let (applied, searched) = self.make_last(batch, changed, None, share)?;
        Ok((applied, Some(searched)))
    }

    /// The same; a batch that changes too much to be searched beside the generation is queued.
    ///
    /// # Errors
    /// As [`crate::Engine::submit`].
    pub(super) fn submit(&mut self, batch: &Batch) -> Result<(Submitted, Option<Snapshot>), ChangeError> {
        self.submit_again(batch, None)
    }

    /// The same for a batch that was undone, if that is one: its key is known then, and means this one from now on.
    pub(super) fn submit_again(
        &mut self,
        batch: &Batch,
        replays: Option<u64>,
    ) -> Result<(Submitted, Option<Snapshot>), ChangeError> {
        let waiting = self.queued_batch().filter(|waiting| waiting.key == batch.key);
        match (replays, waiting) {
            (Some(_), _) => self.refuse_while_queued()?,
            (None, Some(waiting)) => {
                // Other changes under its key are told.
                self.known(batch)?;
                return Ok((Submitted::Queued(waiting), None));
            }
            (None, None) => {
                if let Some(answer) = self.answer(batch)? {
                    return Ok((Submitted::Applied(answer), None));
                }
            }
        }
        let records = self.records()?;
        let changed = apply_for_build(records.base(), &self.changed, batch)
            .map_err(|findings| ChangeError::Invalid { findings })?;
        if self.searchable.holds(&self.changed, &changed) || self.log.is_none() {
            let (applied, searched) = self.make_last(batch, changed, replays, None)?;
            return Ok((Submitted::Applied(applied), Some(searched)));
        }
        let (key, changes) = (batch.key.clone(), batch.changes.clone());
        self.write_entry(self.next(), batch.at, LogRecord::Queued { key, changes, replays })?;
        self.served = self.last();
        let waiting = self.queued_batch().ok_or_else(nothing_to_change)?;
        Ok((Submitted::Queued(waiting), None))
    }

    /// The batch that waits for the next generation.
    pub(super) fn queued_batch(&self) -> Option<QueuedBatch> {
        let sequence = self.queued?;
        let Applied { key, applied: changes, .. } = self.answers.get(&sequence)?.clone();
        Some(QueuedBatch { key, changes, sequence })
    }

    /// All that is changed, with the batch that waits for the next generation; `None` if none does.
    ///
    /// # Errors
    /// [`EngineError::DamagedChanges`], [`EngineError::Io`].
    pub(super) fn changed_with_queued(&self) -> Result<Option<ChangedOrgs>, EngineError> {
        let (Some(sequence), Some(base)) = (self.queued, &self.base) else { return Ok(None) };
        let mut changed = None;
        for (_, batch) in self.batches(&[sequence])? {
            let records = base.snapshot.records.base();
            let after = apply_for_build(records, &self.changed, &batch);
            changed = Some(after.map_err(|findings| does_not_fit(sequence, findings))?);
        }
        Ok(changed)
    }

    /// What a batch was answered if it came before; an error if it cannot be made now.
    fn answer(&self, batch: &Batch) -> Result<Option<Applied>, ChangeError> {
        match self.known(batch)? {
            Some(answer) if self.queued != Some(answer.sequence) => Ok(Some(answer)),
            _ => self.refuse_while_queued().map(|()| None),
        }
    }

    fn refuse_while_queued(&self) -> Result<(), ChangeError> {
        match self.queued_batch() {
            Some(QueuedBatch { key, sequence, .. }) => Err(ChangeError::Queued { key, sequence }),
            None => Ok(()),
        }
    }

    /// What a batch was answered, if its key is still known.
    fn known(&self, batch: &Batch) -> Result<Option<Applied>, ChangeError> {
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
                true => Ok(Some(known.applied.clone())),
                false => Err(ChangeError::KeyReused { key: batch.key.clone() }),
            };
        }
        Ok(None)
    }

    /// The records of the generation that is changed.
    fn records(&self) -> Result<Records, EngineError> {
        self.base().map(|base| base.records.clone()).ok_or_else(nothing_to_change)
    }

    /// Writes a batch to the log, whose changes are known to be possible.
    fn make_last(
        &mut self,
        batch: &Batch,
        changed: ChangedOrgs,
        replays: Option<u64>,
        share: Option<&mut Share<'_>>,
    ) -> Result<(Applied, Snapshot), ChangeError> {
        let sequence = self.next();
        let base = self.base.as_mut().ok_or_else(nothing_to_change)?;
        let searched = base.overlaid(&changed, Some(sequence))?;
        if let Some(share) = share {
            if let Some(log) = &self.log {
                log.reserve(sequence)?;
            }
            let numbered = NumberedBatch { sequence, batch: batch.clone() };
            share(base.generation(), &numbered).map_err(|source| ChangeError::NotShared { source })?;
        }
        let (key, changes) = (batch.key.clone(), batch.changes.clone());
        self.write_entry(sequence, batch.at, LogRecord::Batch { key, changes, replays })?;
        self.changed = changed;
        self.made_by.push(sequence);
        (self.served, self.searched) = (sequence, Some(searched.clone()));
        Ok((self.answers.get(&sequence).cloned().ok_or_else(nothing_to_change)?, searched))
    }

    /// Writes an entry of the generation that is changed.
    fn write_entry(&mut self, sequence: u64, at: u64, record: LogRecord) -> Result<(), EngineError> {
        let generation =
            self.base().map(|base| base.manifest.generation.clone()).ok_or_else(nothing_to_change)?;
        let entry = Entry { sequence, generation, at, record };
        if let Some(log) = &self.log {
            log.append(&entry)?;
        }
        self.know(entry)
    }

    /// Writes down that a generation, about to go live in place of `from`, begins with those of its batches that came at
    /// `since` or later, or while it was built. Those that do not fit it are left out, unless `all` have to fit. One of
    /// them that was queued is queued again.
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
        let waiting = from.and_then(|from| queued(self.entries.values(), from)).filter(is_newer);
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
        let mut queued = None;
        for (sequence, batch) in self.batches(waiting.as_slice())? {
            match apply_for_build(to.records.base(), &changed, &batch) {
                Ok(_) => queued = Some(sequence),
                Err(_) if !carry.all => {}
                Err(findings) => {
                    return Err(EngineError::ChangesConflict { key: batch.key, sequence, findings });
                }
            }
        }
        self.write_record(&to.manifest.generation, LogRecord::Carried { sequences, queued })
    }

    /// Removes entries that say nothing of the generations that are there, and whose keys are free again. The last one
    /// stays: numbers are never used again.
    pub(crate) fn forget_old(&mut self, generations: &[String]) {
        let (last, newest) = (self.last(), self.entries.values().map(|entry| entry.at).max().unwrap_or(0));
        // A rollback goes to any of them.
        let in_effect = |name: &String| in_effect(self.entries.values(), name);
        let needed: BTreeSet<u64> =
            generations.iter().flat_map(in_effect).chain(self.made_by.clone()).chain(self.queued).collect();
        let is_old = |entry: &&Entry| {
            let speaks_of_one = generations.contains(&entry.generation) && !entry.is_batch();
            let is_known = newest <= entry.at.saturating_add(KEY_SECONDS);
            entry.sequence != last && !speaks_of_one && !needed.contains(&entry.sequence) && !is_known
        };
        let old: Vec<u64> = self.entries.values().filter(is_old).map(|entry| entry.sequence).collect();
        if let Some(log) = &self.log {
            log.remove(&old);
        }
        self.entries.retain(|sequence, _| old.binary_search(sequence).is_err());
        self.answers.retain(|sequence, _| old.binary_search(sequence).is_err());
        self.keys.retain(|_, known| old.binary_search(&known.applied.sequence).is_err());
    }

    /// Writes down that a rollback goes to a generation as it was built, or to one of its batches: those that came later,
    /// and one that is queued, no longer hold.
    ///
    /// # Errors
    /// [`EngineError::UnknownGeneration`] if the batch is not one of those that hold, [`EngineError::Io`].
    pub(crate) fn undo(&mut self, generation: &str, after: Option<u64>) -> Result<(), EngineError> {
        self.read_log()?;
        if self.entries.is_empty() && after.is_none() {
            return Ok(());
        }
        let Some(sequence) = after else { return self.write_record(generation, LogRecord::Undone) };
        let made = in_effect(self.entries.values(), generation);
        if !made.contains(&sequence) {
            let labels: Vec<String> = made.iter().map(|&made| label(generation, made)).collect();
            let wanted = Some(label(generation, sequence));
            return Err(EngineError::UnknownGeneration { wanted, present: labels.join(", ") });
        }
        self.write_record(generation, LogRecord::UndoneAfter { sequence })
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
        let undone = undone(self.entries.values());
        let state = |sequence: u64| match sequence {
            made if self.made_by.binary_search(&made).is_ok() => BatchState::Applied,
            waiting if self.queued == Some(waiting) => BatchState::Queued,
            taken_back if undone.contains(&taken_back) => BatchState::Undone,
            _ => BatchState::NotApplied,
        };
        let logged = |(&sequence, applied): (&u64, &Applied)| {
            let at = self.entries.get(&sequence)?.at;
            Some(LoggedBatch { applied: applied.clone(), at, state: state(sequence) })
        };
        Ok(self.answers.iter().filter_map(logged).collect())
    }

    /// Batches of the log that were undone, ascending.
    ///
    /// # Errors
    /// [`EngineError::DamagedChanges`], [`EngineError::Io`].
    pub(super) fn undone_in(
        &self,
        sequences: &RangeInclusive<u64>,
    ) -> Result<Vec<(u64, Batch)>, EngineError> {
        let wanted: Vec<u64> =
            undone(self.entries.values()).into_iter().filter(|at| sequences.contains(at)).collect();
        self.batches(&wanted)
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
        let before = self.last_built.as_ref();
        let opened = with_overlay(self.snapshot.opened(), members, changed.orgs(), before, label)?;
        self.last_built = Some(opened.records.clone());
        Ok(Snapshot::from(opened).with_learned(self.snapshot.learned().cloned()))
    }
}

/// What answers call a generation after this batch.
fn label(generation: &str, sequence: u64) -> String {
    format!("{generation}-{sequence}")
}

fn does_not_fit(sequence: u64, findings: Vec<ChangeFinding>) -> EngineError {
    let what = format!("its changes do not fit the generation: {}", ChangeError::Invalid { findings });
    EngineError::DamagedChanges { file: format!("batch {sequence}"), what }
}

pub(super) fn nothing_to_change() -> EngineError {
    EngineError::NotServing
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn unwritable(error: serde_json::Error) -> EngineError {
    EngineError::TextIndex(format!("a change cannot be written: {error}"))
}
