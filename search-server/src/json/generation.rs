//! A generation of the index.

use search_core::GenerationInfo;
use serde::Serialize;

/// A generation on disk.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct GenerationJson {
    name: String,
    orgs: u64,
    source_digest: String,
    size_bytes: u64,
    live: bool,
    format_version: u32,
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
