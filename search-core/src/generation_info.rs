//! What a generation says of itself, as callers see it.

use crate::index::manifest::Manifest;
use crate::index::snapshot::Snapshot;

/// What a generation says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerationInfo {
    /// Its name: `g` and a number that rises; `memory` for an engine in memory.
    pub name: String,
    /// What answers call it: the name, and behind changes the number of the last batch: `g000012-347`.
    pub version: String,
    /// How many organizations it holds.
    pub orgs: u64,
    /// How many of them have children.
    pub units: u64,
    /// SHA-256 over all fields of all organizations; equal for the same rows in any order.
    pub source_digest: String,
    /// Bytes on disk.
    pub size_bytes: u64,
    /// Whether it is the one searched.
    pub live: bool,
    /// Layout of its files.
    pub format_version: u32,
    /// Digest of the word tables it was built with.
    pub lexicon_version: String,
    /// The generation that was live when it was built: where a rollback goes. `None` for the first.
    pub replaces: Option<String>,
    /// The name of the [`crate::GateOutcome`] it was published with; `None` if there was no gate.
    pub gate: Option<String>,
    /// The names of the limits that tripped when it was published by force.
    pub tripped: Vec<String>,
}

/// One file of a generation, as its manifest lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerationFile {
    /// Its path below the generation, with `/`.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// CRC-32 (IEEE) of all its bytes.
    pub crc32: u32,
}

impl GenerationInfo {
    /// The number of the last batch of changes that is in effect above it; `None` if there is none.
    pub fn last_batch(&self) -> Option<u64> {
        self.version.strip_prefix(&self.name)?.strip_prefix('-')?.parse().ok()
    }

    /// The one that is searched, with the changes made since.
    pub(crate) fn of_live(snapshot: &Snapshot) -> Self {
        let version = snapshot.generation().to_owned();
        GenerationInfo { version, ..GenerationInfo::new(&snapshot.manifest, true) }
    }

    pub(crate) fn new(manifest: &Manifest, live: bool) -> Self {
        GenerationInfo {
            name: manifest.generation.clone(),
            version: manifest.generation.clone(),
            orgs: manifest.orgs,
            units: manifest.inner_orgs,
            source_digest: manifest.source_digest.clone(),
            size_bytes: manifest.size_bytes(),
            live,
            format_version: manifest.format_version,
            lexicon_version: manifest.lexicon_version.clone(),
            replaces: manifest.replaces.clone(),
            gate: manifest.gate.as_ref().map(|gate| gate.outcome.clone()),
            tripped: manifest.gate.as_ref().map(|gate| gate.tripped.clone()).unwrap_or_default(),
        }
    }
}

impl GenerationFile {
    pub(crate) fn all_of(manifest: &Manifest) -> Vec<GenerationFile> {
        let files = manifest.files.iter();
        files
            .map(|file| GenerationFile { path: file.path.clone(), bytes: file.bytes, crc32: file.crc32 })
            .collect()
    }
}
