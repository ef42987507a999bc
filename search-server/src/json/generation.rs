//! A generation of the index.

use search_core::{GenerationFile, GenerationInfo};
use serde::Serialize;

/// A generation on disk.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct GenerationJson {
    /// Its name: `g` and a number that rises; `memory` for an index in memory.
    name: String,
    /// How many organizations it holds.
    orgs: u64,
    /// How many of them have others below them.
    units: u64,
    /// SHA-256 over all fields of all organizations, in hexadecimal; equal for the same rows in any order.
    source_digest: String,
    /// Its size on disk, in bytes.
    size_bytes: u64,
    /// Whether it is the one searched.
    live: bool,
    /// The layout of its files.
    format_version: u32,
    /// Digest of the word tables that it was built with.
    lexicon_version: String,
    /// The generation that was live when it was built; null for the first.
    replaces: Option<String>,
    /// What came of the gate when it was published: `first_import`, `passed` or `forced`; null if there was none.
    #[schema(example = "passed")]
    gate: Option<String>,
    /// The limits that tripped when it was published by force.
    tripped: Vec<String>,
}

impl From<GenerationInfo> for GenerationJson {
    fn from(info: GenerationInfo) -> Self {
        GenerationJson {
            name: info.name,
            orgs: info.orgs,
            units: info.units,
            source_digest: info.source_digest,
            size_bytes: info.size_bytes,
            live: info.live,
            format_version: info.format_version,
            lexicon_version: info.lexicon_version,
            replaces: info.replaces,
            gate: info.gate,
            tripped: info.tripped,
        }
    }
}

/// A generation and its files.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = GenerationDetails)]
pub(crate) struct GenerationDetailsJson {
    /// What it says of itself.
    generation: GenerationJson,
    /// Its files, by path.
    files: Vec<GenerationFileJson>,
}

/// One file of a generation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = GenerationFile)]
struct GenerationFileJson {
    /// Its path below the generation.
    path: String,
    /// Its size in bytes.
    bytes: u64,
    /// CRC-32 of all its bytes, in hexadecimal.
    crc32: String,
}

impl GenerationDetailsJson {
    pub(crate) fn new(info: GenerationInfo, files: Vec<GenerationFile>) -> Self {
        let file = |GenerationFile { path, bytes, crc32 }| GenerationFileJson {
            path,
            bytes,
            crc32: format!("{crc32:08x}"),
        };
        GenerationDetailsJson { generation: info.into(), files: files.into_iter().map(file).collect() }
    }
}

/// Whether a generation is what was sealed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Verified)]
pub(crate) struct VerifiedJson {
    /// Which one.
    pub(crate) generation: String,
    /// Whether every checksum is right.
    intact: bool,
    /// The files that are missing or changed, each with what is wrong.
    pub(crate) damaged: Vec<String>,
}

impl VerifiedJson {
    pub(crate) fn new(generation: String, damaged: Vec<String>) -> Self {
        VerifiedJson { generation, intact: damaged.is_empty(), damaged }
    }
}

/// What was removed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Pruned)]
pub(crate) struct PrunedJson {
    /// The names of the generations that are gone, the oldest first.
    pub(crate) removed: Vec<String>,
}
