//! A generation in words, as `status`, `rollback` and `reindex` tell of it.

use super::numbers::{bytes, counted};
use search_core::GenerationInfo;

/// Name, organizations and size in one phrase.
pub(super) fn words(generation: &GenerationInfo) -> String {
    let orgs = counted(generation.orgs, "organization");
    format!("generation {}: {orgs}, {}", generation.name, bytes(generation.size_bytes))
}
