//! One entry of the log: what it says, how it is written and read.
//!
//! ```json
//! {"version": 1, "log": "9f3a…", "sequence": 12, "epoch": 3, "writer": "77b0…", "written_at": 1795689600, "base": 9,
//!  "kind": "generation", "generation": {"name": "g000012", …, "files": [{"path": "records.bin", "bytes": …, "sha256": …}]}}
//! {…, "sequence": 13, "base": 12,
//!  "kind": "changes", "changes": {"generation": "g000012", "sequence": 347, "key": …, "sha256": …, "changes": [{"op": "rename", …}]}}
//! ```
//! Batches are numbered twice: an entry has its place in this log, a batch the number that its writer gave it, which is
//! the one that callers see.
//!
//! A later version may add members, which this one leaves unread, and kinds, at which this one stops: it serves what
//! stands before such an entry, and goes on with the next generation behind it, which needs nothing before it.

use super::digest::Digest;
use super::error::ReplicaError;
use search_core::GenerationFormat;
use search_core::changes::{Batch, Beginning, Change, MAX_CHANGES, MAX_KEY_BYTES, NumberedBatch};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Changes whenever an older program would understand an entry wrongly.
pub(super) const VERSION: u32 = 1;

/// A generation has a dozen files, and a batch what fits into one request; an entry of more bytes is not written, and
/// not read.
pub(super) const MOST_BYTES: u64 = 16 << 20;
const MOST_FILES: usize = 1_000;
const MOST_PATH_BYTES: usize = 200;
const MOST_BATCHES: usize = 100_000;

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LogEntry {
    pub(super) version: u32,
    /// The log it belongs to: drawn by whoever began the log, so that another one in its place is noticed.
    pub(super) log: String,
    /// Its place, from 1 on, without gaps.
    pub(crate) sequence: u64,
    /// The writer's epoch; never lower than that of the entry before.
    pub(crate) epoch: u64,
    /// Drawn by each writer for itself.
    pub(crate) writer: String,
    /// When the writer thought it was, in seconds since 1970. For people: nothing depends on it.
    pub(crate) written_at: u64,
    /// The newest generation before it, by its sequence; 0: none.
    pub(super) base: u64,
    #[serde(flatten)]
    pub(crate) body: Body,
    /// What it is about, where this version does not know.
    #[serde(skip)]
    pub(super) unknown_kind: Option<String>,
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Body {
    /// A writer begins.
    Epoch,
    /// A sealed generation whose files are in the store.
    Generation { generation: Generation },
    /// A batch of changes of a generation.
    Changes { changes: StoredBatch },
    /// A generation whose files may be gone, or a batch that nobody needs any more.
    Pruned,
    /// Something that a later version knows.
    #[serde(other)]
    Unknown,
}

/// A sealed generation, as the log tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Generation {
    /// Its name: `g` and a number that rises.
    pub(crate) name: String,
    /// The highest number of a generation in the log so far, its own among them.
    pub(super) highest: u64,
    pub(crate) format: String,
    pub(crate) orgs: u64,
    pub(crate) source_digest: String,
    /// All its files, the manifest among them.
    pub(crate) files: Vec<StoredFile>,
    /// Up to which number its rows hold all batches, but for those listed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) begins: Option<Beginning>,
    /// The batches that were in effect above it when it was published, ascending; those in later entries come on top.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) batches: Vec<NamedBatch>,
}

/// A batch in an earlier entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NamedBatch {
    /// Its number.
    pub(super) sequence: u64,
    /// The place of its entry.
    pub(super) entry: u64,
}

/// A batch of changes, as the log tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredBatch {
    /// The generation that it changes.
    pub(super) generation: String,
    /// Its number.
    pub(super) sequence: u64,
    pub(super) key: String,
    /// When it came, in seconds since 1970.
    pub(super) at: u64,
    /// Of the changes as JSON without white space.
    pub(super) sha256: Digest,
    pub(super) changes: Vec<Change>,
}

impl StoredBatch {
    pub(super) fn new(generation: &str, batch: NumberedBatch) -> Self {
        let sha256 = Digest::from_bytes(batch.digest());
        let NumberedBatch { sequence, batch: Batch { key, changes, at } } = batch;
        StoredBatch { generation: generation.to_owned(), sequence, key, at, sha256, changes }
    }

    pub(super) fn numbered(&self) -> NumberedBatch {
        let StoredBatch { key, changes, at, .. } = self.clone();
        NumberedBatch { sequence: self.sequence, batch: Batch { key, changes, at } }
    }

    fn check(&self) -> Result<(), String> {
        if generation_number(&self.generation).is_none() || !is_batch_number(self.sequence) {
            return Err(format!("its batch {} changes no generation", self.sequence));
        }
        if !(1..=MAX_KEY_BYTES).contains(&self.key.len()) || self.changes.len() > MAX_CHANGES {
            return Err(format!("its batch of {} changes is none", self.changes.len()));
        }
        match Digest::from_bytes(self.numbered().digest()) == self.sha256 {
            true => Ok(()),
            false => Err("its changes have another digest".to_owned()),
        }
    }
}

/// One file of a generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredFile {
    /// Below the generation, with `/`.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// What names it in the store.
    pub(crate) sha256: Digest,
}

impl LogEntry {
    /// The sequence of the newest generation at or before this entry; 0: none.
    pub(super) fn newest_generation(&self) -> u64 {
        match self.body {
            Body::Generation { .. } => self.sequence,
            _ => self.base,
        }
    }

    pub(crate) fn generation(&self) -> Option<&Generation> {
        match &self.body {
            Body::Generation { generation } => Some(generation),
            _ => None,
        }
    }

    pub(crate) fn batch(&self) -> Option<&StoredBatch> {
        match &self.body {
            Body::Changes { changes } => Some(changes),
            _ => None,
        }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        // Texts, numbers and lists of them: nothing that JSON could refuse.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// Reads the entry that stands at `sequence` of a log of `format`. All that later becomes a path is checked here.
    pub(super) fn from_json(
        text: &[u8],
        sequence: u64,
        format: &GenerationFormat,
    ) -> Result<Self, ReplicaError> {
        let damaged = |what: String| ReplicaError::Entry { place: format!("{format}/{sequence}"), what };
        #[derive(Deserialize)]
        struct Outline {
            version: u32,
            kind: String,
        }
        let outline: Outline =
            serde_json::from_slice(text).map_err(|error| damaged(format!("it cannot be read: {error}")))?;
        if outline.version != VERSION {
            let what = format!("it has version {}, this program reads version {VERSION}", outline.version);
            return Err(damaged(what));
        }
        let mut entry: LogEntry =
            serde_json::from_slice(text).map_err(|error| damaged(format!("it cannot be read: {error}")))?;
        entry.check(sequence, format).map_err(damaged)?;
        entry.unknown_kind = (entry.body == Body::Unknown).then(|| shortened(&outline.kind));
        Ok(entry)
    }

    fn check(&self, sequence: u64, format: &GenerationFormat) -> Result<(), String> {
        if self.sequence != sequence || sequence == 0 {
            return Err(format!("it says that it is number {}", self.sequence));
        }
        if self.base >= sequence {
            return Err(format!("its generation {} is not before it", self.base));
        }
        match &self.body {
            Body::Generation { generation } => {
                generation.check(format)?;
                generation.check_batches(sequence)
            }
            Body::Changes { changes } => changes.check(),
            _ => Ok(()),
        }
    }
}

/// Whether a batch may have this number: others follow it.
fn is_batch_number(sequence: u64) -> bool {
    (1..1 << 62).contains(&sequence)
}

/// The number in a generation's name: 12 of `g000012`. Only what has one becomes a path.
pub(super) fn generation_number(name: &str) -> Option<u64> {
    let digits = name.strip_prefix('g').filter(|digits| matches!(digits.len(), 6..=19))?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

impl Generation {
    pub(crate) fn size_bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
    }

    /// What is served: two generations of the same manifest are the same.
    pub(super) fn manifest(&self) -> Option<&StoredFile> {
        self.files.iter().find(|file| file.path == search_core::SealedGeneration::MANIFEST)
    }

    fn check_batches(&self, sequence: u64) -> Result<(), String> {
        let is_ascending = self.batches.is_sorted_by(|a, b| a.sequence < b.sequence);
        let is_before = self.batches.iter().all(|batch| (1..sequence).contains(&batch.entry));
        let are_numbers = self.batches.iter().all(|batch| is_batch_number(batch.sequence));
        let begins = self.begins.as_ref().is_none_or(|begins| {
            is_batch_number(begins.sequence)
                && begins.batches.is_sorted_by(|a, b| a < b)
                && begins.batches.iter().all(|batch| (1..begins.sequence).contains(batch))
        });
        match is_ascending && is_before && are_numbers && begins && self.batches.len() <= MOST_BATCHES {
            true => Ok(()),
            false => Err(format!("its {} batches are not before it in their order", self.batches.len())),
        }
    }

    fn check(&self, format: &GenerationFormat) -> Result<(), String> {
        if generation_number(&self.name).is_none_or(|number| number > self.highest) {
            return Err(format!("{:?} is no name of a generation", shortened(&self.name)));
        }
        if self.format != format.as_str() {
            return Err(format!("its generation has the format {:?}", shortened(&self.format)));
        }
        if self.manifest().is_none() || self.files.len() > MOST_FILES {
            return Err(format!("its {} files are not those of a generation", self.files.len()));
        }
        let mut paths = HashSet::new();
        match self.files.iter().find(|file| !is_safe(&file.path) || !paths.insert(&file.path)) {
            Some(file) => Err(format!("{:?} is no path of a generation", shortened(&file.path))),
            None => Ok(()),
        }
    }
}

/// Whether a path stays below its generation, on every system: short names of plain characters.
fn is_safe(path: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    path.len() <= MOST_PATH_BYTES
        && path.split('/').count() <= 3
        && path.split('/').all(|part| {
            !part.is_empty() && part.chars().all(is_plain) && !part.ends_with('.') && !part.ends_with(".part")
        })
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn format() -> GenerationFormat {
        GenerationFormat::parse("7-0123abcd").unwrap()
    }

    fn generation() -> Value {
        let digest = Digest::of(b"content");
        json!({
            "version": 1, "log": "l", "sequence": 12, "epoch": 3, "writer": "w", "written_at": 0, "base": 9,
            "kind": "generation",
            "generation": {
                "name": "g000012", "highest": 12, "format": "7-0123abcd", "orgs": 5, "source_digest": "d",
                "files": [
                    {"path": "manifest.json", "bytes": 7, "sha256": digest},
                    {"path": "text/a.idx", "bytes": 7, "sha256": digest},
                ],
            },
        })
    }

    fn changes() -> Value {
        let changes: Vec<Change> = serde_json::from_value(json!([
            {"op": "add", "id": "9", "name": "1班", "parent_id": "3", "members": 41, "teacher": "…"},
            {"op": "set", "id": "9", "fields": {"system": null, "attributes": {"year": null}}},
            {"op": "move", "id": "9", "parent_id": null},
        ]))
        .unwrap();
        let batch = NumberedBatch { sequence: 347, batch: Batch { key: "k".into(), changes, at: 7 } };
        let mut value = generation();
        value["kind"] = json!("changes");
        value["changes"] = serde_json::to_value(StoredBatch::new("g000009", batch)).unwrap();
        value
    }

    fn read(value: &Value) -> Result<LogEntry, String> {
        LogEntry::from_json(value.to_string().as_bytes(), 12, &format()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let entry = read(&generation()).unwrap();
        assert_eq!((entry.newest_generation(), entry.generation().unwrap().size_bytes()), (12, 14));
        assert_eq!(LogEntry::from_json(&entry.to_json(), 12, &format()).unwrap(), entry);
        let entry = read(&changes()).unwrap();
        let batch = entry.batch().unwrap();
        assert_eq!(
            (batch.sequence, batch.numbered().batch.changes.len(), entry.newest_generation()),
            (347, 3, 9)
        );
        assert_eq!(LogEntry::from_json(&entry.to_json(), 12, &format()).unwrap(), entry);
    }

    #[test]
    fn a_batch_that_is_not_what_was_written_is_refused() {
        for (pointer, value, fault) in [
            ("/changes/generation", json!("../g000009"), "no generation"),
            ("/changes/sequence", json!(0), "no generation"),
            ("/changes/key", json!(""), "is none"),
            ("/changes/changes/0/name", json!("2班"), "another digest"),
            ("/changes/changes/0/op", json!("vanish"), "cannot be read"),
            ("/changes/sha256", json!("0"), "no SHA-256"),
        ] {
            let mut entry = changes();
            *entry.pointer_mut(pointer).unwrap() = value.clone();
            let told = read(&entry).unwrap_err();
            assert!(told.contains(fault), "{pointer} = {value}: {told}");
        }
        for (batches, is_read) in [
            (json!([{"sequence": 1, "entry": 4}, {"sequence": 2, "entry": 3}]), true),
            (json!([{"sequence": 2, "entry": 4}, {"sequence": 1, "entry": 3}]), false),
            (json!([{"sequence": 1, "entry": 12}]), false),
            (json!([{"sequence": 1, "entry": 0}]), false),
        ] {
            let mut entry = generation();
            entry["generation"]["batches"] = batches.clone();
            assert_eq!(read(&entry).is_ok(), is_read, "{batches}");
        }
    }

    #[test]
    fn what_a_later_version_adds_is_left_unread_and_its_kinds_are_told() {
        let mut value = generation();
        value["more"] = json!([1]);
        value["generation"]["more"] = json!("x");
        assert!(read(&value).unwrap().generation().is_some());
        value["kind"] = json!("lexicon");
        let entry = read(&value).unwrap();
        assert_eq!((entry.unknown_kind.as_deref(), entry.newest_generation()), (Some("lexicon"), 9));
        value["version"] = json!(2);
        assert!(read(&value).unwrap_err().contains("it has version 2, this program reads version 1"));
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        for (pointer, value, fault) in [
            ("/sequence", json!(11), "number 11"),
            ("/base", json!(12), "not before it"),
            ("/generation/name", json!("../g000012"), "no name"),
            ("/generation/name", json!("g12"), "no name"),
            ("/generation/name", json!("g000013"), "no name"),
            ("/generation/format", json!("7-0123abce"), "format"),
            ("/generation/files/1/path", json!("../../etc/passwd"), "no path"),
            ("/generation/files/1/path", json!("/etc/passwd"), "no path"),
            ("/generation/files/1/path", json!("text\\a"), "no path"),
            ("/generation/files/1/path", json!("a.part"), "no path"),
            ("/generation/files/1/path", json!("."), "no path"),
            ("/generation/files/1/path", json!("manifest.json"), "no path"),
            ("/generation/files/0/path", json!("m"), "not those of a generation"),
            ("/generation/files/0/sha256", json!("../x"), "no SHA-256"),
            ("/generation/files/0/bytes", json!(-1), "cannot be read"),
        ] {
            let mut entry = generation();
            *entry.pointer_mut(pointer).unwrap() = value.clone();
            let told = read(&entry).unwrap_err();
            assert!(told.contains(fault), "{pointer} = {value}: {told}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(18), ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0usize..900) {
            let _ = LogEntry::from_json(&bytes, 12, &format());
            let mut text = generation().to_string().into_bytes();
            text.truncate(cut);
            text.extend(&bytes[..bytes.len().min(9)]);
            let _ = LogEntry::from_json(&text, 12, &format());
        }
    }
}
