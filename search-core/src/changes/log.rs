//! The log of batches: what lasts of the changes. One small file for each entry, `changes/000000347.json`.
//!
//! An entry is written under another name, flushed, renamed, and its directory flushed: it is there as a whole or not
//! at all, so no half of a batch can follow from a crash, and there is no tail to cut. Its first line is a checksum of
//! the rest. Entries are never changed; old ones are removed as whole files.
//!
//! | record | says |
//! | --- | --- |
//! | `batch` | these changes were made while `generation` was live |
//! | `queued` | so will these be, with the generation that is built next: they change too much to be searched beside it |
//! | `carried` | `generation` begins with these earlier batches, and no others: a reindex or a compaction built it |
//! | `undone` | a rollback went back to `generation` as it was built: what it had of batches so far no longer holds |
//! | `undone_after` | a rollback went back to a batch of `generation`: later ones no longer hold |

use super::change::{Applied, Batch, Change};
use crate::error::EngineError;
use crate::index::file_system::FileSystem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, str};

const FOLDER: &str = "changes";
const SUFFIX: &str = ".json";
/// An entry while it is written.
const NEW: &str = "new.json";
/// The highest number that was given to a batch which others may have, and this log has not.
const RESERVED: &str = "reserved";
/// The largest entry that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) sequence: u64,
    pub(super) generation: String,
    /// In seconds since 1970.
    pub(super) at: u64,
    pub(super) record: LogRecord,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LogRecord {
    Batch {
        key: String,
        changes: Vec<Change>,
        /// The batch that was undone and is made again by this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replays: Option<u64>,
    },
    Queued {
        key: String,
        changes: Vec<Change>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replays: Option<u64>,
    },
    Carried {
        sequences: Vec<u64>,
        /// The batch that is queued for the generation after this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queued: Option<u64>,
    },
    Undone,
    UndoneAfter {
        sequence: u64,
    },
}

impl Entry {
    pub(super) fn is_batch(&self) -> bool {
        matches!(self.record, LogRecord::Batch { .. } | LogRecord::Queued { .. })
    }

    /// The batch, if it is one.
    pub(super) fn batch(&self) -> Option<Batch> {
        match &self.record {
            LogRecord::Batch { key, changes, .. } | LogRecord::Queued { key, changes, .. } => {
                Some(Batch { key: key.clone(), changes: changes.clone(), at: self.at })
            }
            LogRecord::Carried { .. } | LogRecord::Undone | LogRecord::UndoneAfter { .. } => None,
        }
    }
}

/// What became of a batch of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    /// It is part of what is searched, above the generation.
    Applied,
    /// It is on the disk, and searched once the next generation is built.
    Queued,
    /// A rollback went back behind it; [`crate::Engine::replay_undone`] makes it again.
    Undone,
    /// A later generation has it, or was built without it; or another batch has made it again.
    NotApplied,
}

impl BatchState {
    /// The state's name.
    pub fn name(self) -> &'static str {
        match self {
            BatchState::Applied => "applied",
            BatchState::Queued => "queued",
            BatchState::Undone => "undone",
            BatchState::NotApplied => "not_applied",
        }
    }
}

/// One batch of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedBatch {
    /// What it was answered.
    pub applied: Applied,
    /// When it came, in seconds since 1970.
    pub at: u64,
    /// Whether it is searched now.
    pub state: BatchState,
}

/// The log of a data directory.
#[derive(Debug, Clone)]
pub(super) struct ChangeLog {
    dir: PathBuf,
    files: Arc<dyn FileSystem>,
}

impl ChangeLog {
    pub(super) fn new(data: &Path, files: Arc<dyn FileSystem>) -> ChangeLog {
        ChangeLog { dir: data.join(FOLDER), files }
    }

    /// The entries behind `after`, ascending.
    ///
    /// # Errors
    /// [`EngineError::Io`], and [`EngineError::Damaged`] if one is not what was written.
    pub(super) fn read_after(&self, after: u64) -> Result<Vec<Entry>, EngineError> {
        let mut entries = Vec::new();
        for sequence in self.sequences()?.into_iter().filter(|&sequence| sequence > after) {
            entries.push(self.read(sequence)?);
        }
        Ok(entries)
    }

    /// Whether an entry is there: a look at one name.
    pub(super) fn has(&self, sequence: u64) -> bool {
        self.path(sequence).exists()
    }

    fn sequences(&self) -> Result<Vec<u64>, EngineError> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(EngineError::io("reading", &self.dir, source)),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut sequences: Vec<u64> =
            names.filter_map(|name| name.strip_suffix(SUFFIX)?.parse().ok()).collect();
        sequences.sort_unstable();
        Ok(sequences)
    }

    fn path(&self, sequence: u64) -> PathBuf {
        self.dir.join(format!("{sequence:09}{SUFFIX}"))
    }

    fn read(&self, sequence: u64) -> Result<Entry, EngineError> {
        let path = self.path(sequence);
        let name = || format!("{FOLDER}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        let damaged = |what: &str| EngineError::DamagedChanges { file: name(), what: what.to_owned() };
        let len = fs::metadata(&path).map_err(|source| EngineError::io("reading", &path, source))?.len();
        if len > LARGEST {
            return Err(damaged("it is larger than any batch"));
        }
        let bytes = fs::read(&path).map_err(|source| EngineError::io("reading", &path, source))?;
        let payload = checked(&bytes).ok_or_else(|| damaged("its checksum differs"))?;
        let entry: Entry = serde_json::from_slice(payload).map_err(|error| damaged(&error.to_string()))?;
        match entry.sequence == sequence {
            true => Ok(entry),
            false => Err(damaged("it has the number of another one")),
        }
    }

    /// Writes an entry behind all others; when this returns it is on the disk.
    ///
    /// # Errors
    /// [`EngineError::Io`]: it is not there, as far as the disk lets it be taken back.
    pub(super) fn append(&self, entry: &Entry) -> Result<(), EngineError> {
        let (new, path) = (self.dir.join(NEW), self.path(entry.sequence));
        let failed = |source| EngineError::io("writing", &path, source);
        let payload = serde_json::to_vec(entry).map_err(|error| failed(io::Error::other(error)))?;
        if !self.dir.is_dir() {
            self.create_folder().map_err(failed)?;
        }
        let write = || -> io::Result<()> {
            let mut file = self.files.create_file(&new)?;
            file.write_all(&[checksum_line(&payload).as_bytes(), &payload].concat())?;
            file.flush()?;
            self.files.sync_file(&new)?;
            self.files.rename(&new, &path)
        };
        if let Err(error) = write() {
            let _ = self.files.remove_file(&new);
            return Err(failed(error));
        }
        self.files.sync_dir(&self.dir).map_err(|error| {
            // Nobody is told that it is done, so it should not be done.
            let _ = self.files.remove_file(&path);
            failed(error)
        })
    }

    /// Removes entries that nobody needs any more. What cannot be removed stays until the next time.
    pub(super) fn remove(&self, sequences: &[u64]) {
        for &sequence in sequences {
            let _ = self.files.remove_file(&self.path(sequence));
        }
    }

    /// Keeps a number for a batch that others are about to be told of: nothing else gets it, whatever becomes of the batch.
    ///
    /// # Errors
    /// [`EngineError::Io`].
    pub(super) fn reserve(&self, sequence: u64) -> Result<(), EngineError> {
        let (new, path) = (self.dir.join(NEW), self.dir.join(RESERVED));
        let write = || -> io::Result<()> {
            if !self.dir.is_dir() {
                self.create_folder()?;
            }
            let mut file = self.files.create_file(&new)?;
            file.write_all(sequence.to_string().as_bytes())?;
            file.flush()?;
            self.files.sync_file(&new)?;
            self.files.rename(&new, &path)?;
            self.files.sync_dir(&self.dir)
        };
        write().map_err(|source| EngineError::io("writing", &path, source))
    }

    /// The highest number that was reserved; 0: none.
    pub(super) fn reserved(&self) -> u64 {
        let read = fs::read_to_string(self.dir.join(RESERVED)).ok();
        read.and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// Whether there is an entry behind `sequence`.
    pub(super) fn has_after(&self, sequence: u64) -> bool {
        // The next number is missing only where one was reserved and not used.
        self.has(sequence + 1)
            || self.reserved() > sequence
                && self.sequences().is_ok_and(|all| all.last().is_some_and(|last| *last > sequence))
    }

    fn create_folder(&self) -> io::Result<()> {
        self.files.create_dir(&self.dir)?;
        self.dir.parent().map_or(Ok(()), |data| self.files.sync_dir(data))
    }
}

fn checksum_line(payload: &[u8]) -> String {
    format!("{:08x}\n", crc32fast::hash(payload))
}

/// What stands behind the checksum, if it is that.
fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let (line, payload) = bytes.split_at(end + 1);
    (str::from_utf8(line).ok()? == checksum_line(payload)).then_some(payload)
}

/// A digest of what a batch changes: another body under the same key has another one.
pub(super) fn digest(changes: &[Change]) -> Result<[u8; 32], serde_json::Error> {
    Ok(Sha256::digest(serde_json::to_vec(changes)?).into())
}

/// Which batches hold above a generation, in their order, after all entries.
pub(super) fn in_effect<'a>(entries: impl Iterator<Item = &'a Entry>, generation: &str) -> Vec<u64> {
    let (mut sequences, mut begun_with) = (Vec::new(), &Vec::new());
    for entry in entries.filter(|entry| entry.generation == generation) {
        match &entry.record {
            LogRecord::Batch { .. } => sequences.push(entry.sequence),
            LogRecord::Queued { .. } => {}
            LogRecord::Carried { sequences: carried, .. } => {
                begun_with = carried;
                sequences.clone_from(begun_with);
            }
            LogRecord::Undone => sequences.clone_from(begun_with),
            LogRecord::UndoneAfter { sequence } => sequences.retain(|made| made <= sequence),
        }
    }
    sequences
}

/// The batch that waits for the generation after this one. A rollback takes it back.
pub(super) fn queued<'a>(entries: impl Iterator<Item = &'a Entry>, generation: &str) -> Option<u64> {
    let mut waiting = None;
    for entry in entries.filter(|entry| entry.generation == generation) {
        match &entry.record {
            LogRecord::Batch { .. } => {}
            LogRecord::Queued { .. } => waiting = Some(entry.sequence),
            LogRecord::Carried { queued, .. } => waiting = *queued,
            LogRecord::Undone | LogRecord::UndoneAfter { .. } => waiting = None,
        }
    }
    waiting
}

/// The batches that rollbacks have taken back, and that nobody has made again. A rollback to a later generation gives
/// back what that one was built with.
pub(super) fn undone<'a>(entries: impl Iterator<Item = &'a Entry> + Clone) -> BTreeSet<u64> {
    let mut undone = BTreeSet::new();
    // For each generation, when it was built, and what was undone then.
    let mut built: HashMap<&str, (u64, BTreeSet<u64>)> = HashMap::new();
    for entry in entries.clone() {
        let generation = entry.generation.as_str();
        match &entry.record {
            LogRecord::Batch { .. } | LogRecord::Queued { .. } => {}
            LogRecord::Carried { .. } => drop(built.insert(generation, (entry.sequence, undone.clone()))),
            LogRecord::Undone | LogRecord::UndoneAfter { .. } => {
                let so_far = entries.clone().take_while(|at| at.sequence <= entry.sequence);
                let stays = in_effect(so_far.clone(), generation);
                let (since, before) = built.get(generation).cloned().unwrap_or_default();
                let waiting = queued(so_far.clone().filter(|at| at.sequence < entry.sequence), generation);
                let later = so_far.filter(|at| at.is_batch() && at.sequence > since);
                let taken_back = later.map(|at| at.sequence).filter(|at| stays.binary_search(at).is_err());
                undone = taken_back.chain(waiting).chain(before).collect();
            }
        }
    }
    for entry in entries {
        if let LogRecord::Batch { replays: Some(of), .. } | LogRecord::Queued { replays: Some(of), .. } =
            &entry.record
        {
            undone.remove(of);
        }
    }
    undone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::file_system::LocalFiles;

    fn entry(sequence: u64, generation: &str, record: LogRecord) -> Entry {
        Entry { sequence, generation: generation.to_owned(), at: 7, record }
    }

    fn batch(sequence: u64, generation: &str) -> Entry {
        let key = sequence.to_string();
        entry(sequence, generation, LogRecord::Batch { key, changes: Vec::new(), replays: None })
    }

    fn carried(sequence: u64, generation: &str, sequences: &[u64], queued: Option<u64>) -> Entry {
        entry(sequence, generation, LogRecord::Carried { sequences: sequences.to_vec(), queued })
    }

    fn queued_batch(sequence: u64, generation: &str) -> Entry {
        let key = sequence.to_string();
        entry(sequence, generation, LogRecord::Queued { key, changes: Vec::new(), replays: None })
    }

    #[test]
    fn entries_are_read_as_they_were_written_and_damage_is_told() {
        let place = tempfile::tempdir().expect("there is a place");
        let log = ChangeLog::new(place.path(), Arc::new(LocalFiles));
        assert_eq!(log.read_after(0).expect("it is read"), Vec::new());
        let entries = [batch(1, "g000001"), entry(2, "g000001", LogRecord::Undone), batch(11, "g000001")];
        entries.iter().for_each(|entry| log.append(entry).expect("it is written"));
        assert_eq!(log.read_after(0).expect("it is read"), entries);
        assert_eq!(log.read_after(2).expect("it is read"), entries[2..]);
        assert_eq!((log.has(2), log.has(3)), (true, false));
        let path = place.path().join("changes/000000002.json");
        let written = fs::read(&path).expect("it is read");
        for at in [0, 9, written.len() - 1] {
            let mut bytes = written.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).expect("it is written");
            assert!(matches!(log.read_after(0), Err(EngineError::DamagedChanges { .. })), "byte {at}");
        }
        fs::write(&path, &written[..written.len() / 2]).expect("it is written");
        assert!(log.read_after(0).is_err());
        fs::remove_file(&path).expect("it is removed");
        assert_eq!(log.read_after(0).expect("it is read").len(), 2);
    }

    #[test]
    fn a_generation_has_its_own_batches_and_those_it_carries_but_none_that_were_undone() {
        let entries = [
            batch(1, "g000001"),
            batch(2, "g000001"),
            carried(3, "g000002", &[2], None),
            batch(4, "g000002"),
            entry(5, "g000001", LogRecord::Undone),
            batch(6, "g000001"),
            batch(7, "g000002"),
        ];
        assert_eq!(in_effect(entries.iter(), "g000001"), [6]);
        assert_eq!(in_effect(entries.iter(), "g000002"), [2, 4, 7]);
        let undone = entry(8, "g000002", LogRecord::Undone);
        assert_eq!(
            in_effect(entries.iter().chain([&undone]), "g000002"),
            [2],
            "what it was built with stays"
        );
        assert_eq!(in_effect(entries.iter(), "g000003"), [0; 0]);
        let to_four = entry(8, "g000002", LogRecord::UndoneAfter { sequence: 4 });
        assert_eq!(in_effect(entries.iter().chain([&to_four]), "g000002"), [2, 4]);
    }

    #[test]
    fn a_queued_batch_waits_until_a_generation_has_it_or_a_rollback_takes_it_back() {
        let entries = [
            batch(1, "g000001"),
            queued_batch(2, "g000001"),
            carried(3, "g000002", &[], Some(2)),
            carried(4, "g000003", &[], None),
        ];
        let waiting = |upto: usize, generation| queued(entries[..upto].iter(), generation);
        assert_eq!((waiting(1, "g000001"), waiting(2, "g000001")), (None, Some(2)));
        assert_eq!((waiting(3, "g000002"), waiting(4, "g000003")), (Some(2), None));
        assert_eq!(in_effect(entries.iter(), "g000001"), [1]);
        for record in [LogRecord::Undone, LogRecord::UndoneAfter { sequence: 1 }] {
            let rollback = entry(3, "g000001", record);
            let entries = entries[..2].iter().chain([&rollback]);
            assert_eq!((queued(entries.clone(), "g000001"), undone(entries).contains(&2)), (None, true));
        }
    }

    #[test]
    fn a_rollback_undoes_all_that_came_later_and_one_forward_gives_back_what_was_built_in() {
        let mut entries = vec![
            batch(1, "g000001"),
            batch(2, "g000001"),
            carried(3, "g000002", &[2], None),
            batch(4, "g000002"),
            entry(5, "g000001", LogRecord::UndoneAfter { sequence: 1 }),
        ];
        let all = |entries: &[Entry]| undone(entries.iter()).into_iter().collect::<Vec<u64>>();
        assert_eq!((all(&entries[..4]), all(&entries)), (vec![], vec![2, 4]));
        entries.push(entry(6, "g000002", LogRecord::Undone));
        assert_eq!(all(&entries), [4], "the generation has 1 and carries 2");
        entries.push(entry(
            7,
            "g000002",
            LogRecord::Batch { key: "4".to_owned(), changes: Vec::new(), replays: Some(4) },
        ));
        assert_eq!(all(&entries), [0; 0]);
        entries.push(entry(8, "g000001", LogRecord::Undone));
        assert_eq!(all(&entries), [1, 2, 7], "of a batch and the one that made it again only the latter");
    }
}
