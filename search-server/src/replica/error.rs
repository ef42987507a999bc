//! Why something about an object store did not succeed, by what can be done about it.

use super::digest::Digest;
use search_core::EngineError;
use std::path::{Path, PathBuf};

/// Why something about an object store did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplicaError {
    /// The store does not answer, refuses, or does something else than asked.
    #[error("{action} {place} failed: {source}")]
    Store { action: &'static str, place: String, source: object_store::Error },
    /// The address leads to no store.
    #[error("{address}: {source}")]
    Address { address: String, source: Box<dyn std::error::Error + Send + Sync> },
    /// An entry of the log is not what an entry is.
    #[error("the log entry {place} is damaged: {what}")]
    Entry { place: String, what: String },
    /// An entry of the log is of a kind that this version does not know.
    #[error(
        "the log entry {place} is of the kind {kind:?}, which this version does not know; use a newer one"
    )]
    UnknownKind { place: String, kind: String },
    /// The store has no generation that this version of the program reads.
    #[error("the store has generations of the formats {found} only, and this version reads {wanted}")]
    OtherFormat { found: String, wanted: String },
    /// The store has another log than the one that was followed so far.
    #[error(
        "the store holds the log {found}, and {dir} follows the log {followed}; give it a data directory of its own, or remove {dir}"
    )]
    OtherLog { followed: String, found: String, dir: PathBuf },
    /// An entry of this writer stands where it wanted to put another one: a put that it had given up.
    #[error("the log entry {sequence} is of this writer, and came late")]
    LateEntry { sequence: u64 },
    /// Something went live meanwhile that is not in the store yet.
    #[error("{live} is live, and not in the store yet")]
    NotPublished { live: String },
    /// An entry of so many bytes is not read by anybody.
    #[error("an entry of the log would have {bytes} bytes, at most {most} are written")]
    TooLarge { bytes: u64, most: u64 },
    /// The log has a batch of changes that the data directory lacks.
    #[error("the store has batch {sequence} ({key}) above {generation}, which {dir} lacks")]
    LacksBatch { sequence: u64, key: String, generation: String, dir: PathBuf },
    /// The log has another batch of changes under a number of the data directory.
    #[error(
        "the store has another batch {sequence} above {generation} than the data directory, which has {key}"
    )]
    NumberTaken { sequence: u64, key: String, generation: String },
    /// The log has a generation that the data directory lacks.
    #[error(
        "the newest generation of the store is {newest}, which {dir} never had; {live} would bring older data back"
    )]
    LacksGeneration { newest: String, live: String, dir: PathBuf },
    /// Another writer has claimed a later epoch.
    #[error(
        "another writer ({writer}) has claimed epoch {epoch}, this one had {own}; nothing more is published"
    )]
    TakenOver { writer: String, epoch: u64, own: u64 },
    /// Others append faster than this writer can read.
    #[error("the end of the log {place} cannot be reached: others append all the time")]
    Crowded { place: String },
    /// The log has another generation of that name.
    #[error("the store has another generation {name}, and its newest is {newest}")]
    NameTaken { name: String, newest: String },
    /// A file that the log names is not in the store.
    #[error("{digest}, the file {path} of {generation}, is not in the store")]
    MissingFile { digest: Digest, path: String, generation: String },
    /// What was read is not what the log says.
    #[error("{place} has the digest {found}, expected {expected}")]
    WrongDigest { place: String, found: Digest, expected: Digest },
    /// A file of the generation to publish is not what was sealed.
    #[error("{path} is not what was sealed: its size or its checksum differs")]
    Damaged { path: PathBuf },
    /// There is nothing to publish.
    #[error("{dir} holds no generation{format}")]
    NothingToPublish { dir: PathBuf, format: String },
    /// A file of the data directory cannot be read or written.
    #[error("{action} {path}: {source}")]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    /// The engine cannot open or install a generation.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl ReplicaError {
    pub(super) fn store(
        action: &'static str,
        place: &object_store::path::Path,
    ) -> impl FnOnce(object_store::Error) -> ReplicaError {
        let place = place.to_string();
        move |source| ReplicaError::Store { action, place, source }
    }

    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> ReplicaError {
        let path = path.to_owned();
        move |source| ReplicaError::Io { action, path, source }
    }

    /// A stable word for metrics and logs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            ReplicaError::Store { .. } | ReplicaError::Address { .. } => "store",
            ReplicaError::Entry { .. } => "entry",
            ReplicaError::UnknownKind { .. } => "unknown_kind",
            ReplicaError::OtherLog { .. } => "other_log",
            ReplicaError::TakenOver { .. } | ReplicaError::Crowded { .. } => "taken_over",
            ReplicaError::LateEntry { .. } => "late_entry",
            ReplicaError::NotPublished { .. } => "not_published",
            ReplicaError::TooLarge { .. } => "too_large",
            ReplicaError::LacksBatch { .. }
            | ReplicaError::NumberTaken { .. }
            | ReplicaError::LacksGeneration { .. } => "behind_store",
            ReplicaError::NameTaken { .. } => "name_taken",
            ReplicaError::MissingFile { .. } => "missing_file",
            ReplicaError::WrongDigest { .. } => "wrong_digest",
            ReplicaError::Damaged { .. } => "damaged",
            ReplicaError::NothingToPublish { .. } => "no_generation",
            ReplicaError::Io { .. } => "disk",
            ReplicaError::OtherFormat { .. } | ReplicaError::Engine(EngineError::OtherFormat { .. }) => {
                "other_format"
            }
            ReplicaError::Engine(EngineError::Damaged { .. } | EngineError::DamagedChanges { .. }) => {
                "damaged"
            }
            ReplicaError::Engine(EngineError::NoSpace { .. }) => "no_space",
            ReplicaError::Engine(_) => "engine",
        }
    }
}
