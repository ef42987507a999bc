//! A generation of the index.

use search_core::GenerationInfo;
use serde::Serialize;

/// A generation on disk.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct GenerationJson {
    /// Its name: `g` and a number that rises; `memory` for an index in memory.
    name: String,
    /// How many organizations it holds.
    orgs: u64,
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
}

impl From<GenerationInfo> for GenerationJson {
    fn from(info: GenerationInfo) -> Self {
        GenerationJson {
            name: info.name,
            orgs: info.orgs,
            source_digest: info.source_digest,
            size_bytes: info.size_bytes,
            live: info.live,
            format_version: info.format_version,
            lexicon_version: info.lexicon_version,
        }
    }
}
