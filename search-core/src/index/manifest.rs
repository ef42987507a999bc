//! The manifest of a generation: what it says, how it is written and read.

use super::sealed_files::{Fault, ManifestFile};
use crate::error::EngineError;
use crate::gate::GateReport;
use crate::text::{analyzers, forms, normalize, sounds, symbols};
use index_data::lexicon;
use index_data::model::OrgTree;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// Changes whenever files of a generation are laid out differently.
pub(crate) const FORMAT_VERSION: u32 = 8;

/// The name of a generation that lives in memory.
pub(crate) const MEMORY: &str = "memory";

pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const RECORDS: &str = "records.bin";
pub(crate) const VOCABULARY: &str = "vocabulary.txt";
pub(crate) const TEXT: &str = "text";
/// tantivy's own list of segments.
pub(super) const TEXT_META: &str = "text/meta.json";

/// What a generation says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format_version: u32,
    pub(crate) generation: String,
    /// The generation that was live when this one was built: where a rollback goes.
    pub(crate) replaces: Option<String>,
    pub(crate) orgs: u64,
    pub(crate) inner_orgs: u64,
    /// SHA-256 over all fields of all organizations in ordinal order: equal for the same rows in any order.
    pub(crate) source_digest: String,
    /// How text was cut and compared: normalization, tokenizers, lexicons.
    pub(crate) text_version: String,
    pub(crate) lexicon_version: String,
    pub(crate) files: Vec<ManifestFile>,
    /// What the gate said when it was published; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gate: Option<GateRecord>,
}

/// What the gate said of a generation: whether it was forced, and past which limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GateRecord {
    /// The name of a [`crate::gate::GateOutcome`].
    pub(crate) outcome: String,
    /// The names of the limits that tripped.
    pub(crate) tripped: Vec<String>,
}

impl GateRecord {
    pub(crate) fn of(report: &GateReport) -> Self {
        let tripped = report.tripped().map(|check| check.limit.name().to_owned()).collect();
        GateRecord { outcome: report.outcome.name().to_owned(), tripped }
    }
}

impl Manifest {
    pub(crate) fn new(
        generation: String,
        replaces: Option<String>,
        tree: &OrgTree,
        source_digest: String,
        files: Vec<ManifestFile>,
    ) -> Self {
        Manifest {
            format_version: FORMAT_VERSION,
            generation,
            replaces,
            orgs: u64::from(tree.len()),
            inner_orgs: u64::from(tree.inner_count()),
            source_digest,
            text_version: text_version(),
            lexicon_version: lexicon::version(),
            files,
            gate: None,
        }
    }

    /// Of all its files.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
    }
}

fn text_version() -> String {
    format!(
        "normalize {}, tokenizers {}, symbols {}, sounds {}, forms {}",
        normalize::VERSION,
        analyzers::VERSION,
        symbols::VERSION,
        sounds::VERSION,
        forms::VERSION
    )
}

/// The manifest of the generation in `dir`, if this program can read that generation.
pub(crate) fn read_manifest(dir: &Path) -> Result<Manifest, EngineError> {
    let generation = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let damaged = |what: String| EngineError::Damaged { generation: generation.clone(), what };
    let text =
        fs::read(dir.join(MANIFEST)).map_err(|error| Fault::reading(MANIFEST, error).of(&generation, dir))?;
    let versions: Versions = serde_json::from_slice(&text)
        .map_err(|error| damaged(format!("{MANIFEST} cannot be read: {error}")))?;
    let expected = Versions::current();
    if versions != expected {
        let (found, expected) = (versions.to_string(), expected.to_string());
        return Err(EngineError::OtherFormat { generation, found, expected });
    }
    if !has_its_checksum(&text) {
        return Err(damaged(format!("{MANIFEST}: its checksum differs")));
    }
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|error| damaged(format!("{MANIFEST} cannot be read: {error}")))?;
    if manifest.generation != generation {
        return Err(damaged(format!("{MANIFEST} is that of {}", manifest.generation)));
    }
    Ok(manifest)
}

/// Units and leaves of a generation that this program may not be able to read: manifests of every version say them.
pub(crate) fn read_counts(dir: &Path) -> Option<(u64, u64)> {
    #[derive(Deserialize)]
    struct Counts {
        orgs: u64,
        inner_orgs: u64,
    }
    let text = fs::read(dir.join(MANIFEST)).ok()?;
    let Counts { orgs, inner_orgs } = serde_json::from_slice(&text).ok()?;
    Some((inner_orgs, orgs.checked_sub(inner_orgs)?))
}

/// What manifests of every version say, as far as files are concerned.
#[derive(Debug, Deserialize)]
pub(crate) struct Outline {
    #[serde(flatten)]
    versions: Versions,
    pub(crate) orgs: u64,
    pub(crate) source_digest: String,
    pub(crate) files: Vec<OutlineFile>,
}

/// A file of a generation of any version.
#[derive(Debug, Deserialize)]
pub(crate) struct OutlineFile {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) crc32: u32,
}

impl Outline {
    pub(crate) fn format(&self) -> String {
        self.versions.format()
    }
}

/// The outline of the generation in `dir`; `None` if it cannot be read.
pub(crate) fn read_outline(dir: &Path) -> Option<Outline> {
    serde_json::from_slice(&fs::read(dir.join(MANIFEST)).ok()?).ok()
}

/// What this program writes and reads, in a word: see [`crate::GenerationFormat`].
pub(crate) fn current_format() -> String {
    Versions::current().format()
}

/// What a manifest begins with; the eight digits of its checksum follow.
const CHECKSUM_BEFORE: &[u8] = b"{\n  \"checksum\": \"";
/// CRC-32 in hexadecimal digits; zeros while it is computed.
const NO_CHECKSUM: &str = "00000000";

/// A manifest as it is written: JSON whose first member is the checksum of all its bytes.
pub(crate) fn manifest_text(manifest: &Manifest) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Checked<'a> {
        checksum: &'a str,
        #[serde(flatten)]
        manifest: &'a Manifest,
    }
    let mut text = serde_json::to_vec_pretty(&Checked { checksum: NO_CHECKSUM, manifest })?;
    let crc32 = crc32fast::hash(&text);
    text[CHECKSUM_BEFORE.len()..][..NO_CHECKSUM.len()].copy_from_slice(format!("{crc32:08x}").as_bytes());
    Ok(text)
}

fn has_its_checksum(text: &[u8]) -> bool {
    let Some(written) = text.strip_prefix(CHECKSUM_BEFORE).and_then(|rest| rest.get(..NO_CHECKSUM.len()))
    else {
        return false;
    };
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(CHECKSUM_BEFORE);
    hasher.update(NO_CHECKSUM.as_bytes());
    hasher.update(&text[CHECKSUM_BEFORE.len() + NO_CHECKSUM.len()..]);
    written == format!("{:08x}", hasher.finalize()).as_bytes()
}

/// The part of a manifest that every version can read.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Versions {
    format_version: u32,
    text_version: String,
    lexicon_version: String,
}

impl Versions {
    fn current() -> Self {
        Versions {
            format_version: FORMAT_VERSION,
            text_version: text_version(),
            lexicon_version: lexicon::version(),
        }
    }

    fn format(&self) -> String {
        let mut digest = Sha256::new();
        for text in [&self.text_version, &self.lexicon_version] {
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        }
        let digest: String = digest.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{digest}", self.format_version)
    }
}

impl std::fmt::Display for Versions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, lexicons {})", self.format_version, self.text_version, self.lexicon_version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_carries_its_own_checksum() {
        let manifest =
            Manifest::new("g000001".to_owned(), None, &OrgTree::default(), "digest".to_owned(), Vec::new());
        let text = manifest_text(&manifest).expect("it is written");
        assert!(has_its_checksum(&text));
        for at in 0..text.len() {
            let mut changed = text.clone();
            changed[at] ^= 1;
            assert!(!has_its_checksum(&changed), "byte {at}");
        }
        assert!(!has_its_checksum(b""));
    }
}
