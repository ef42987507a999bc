//! Why a batch came to nothing.

use super::finding::ChangeFinding;
use crate::error::EngineError;

/// A batch was refused, or could not be kept: nothing of it is done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// Something is wrong with its changes.
    #[error("{} of the changes cannot be made; the first: {}", findings.len(), findings.first().map(ToString::to_string).unwrap_or_default())]
    Invalid {
        /// What, in the order of the changes.
        findings: Vec<ChangeFinding>,
    },
    /// A batch with other changes had this key.
    #[error("the key {key:?} was used for another batch; a new batch needs a new key")]
    KeyReused {
        /// The key.
        key: String,
    },
    /// The key is empty or longer than [`super::MAX_KEY_BYTES`].
    #[error("a batch needs a key of 1 to {} bytes", super::MAX_KEY_BYTES)]
    BadKey,
    /// There are more changes than [`super::MAX_CHANGES`].
    #[error("the batch has {found} changes, at most {} are taken at once", super::MAX_CHANGES)]
    TooManyChanges {
        /// How many.
        found: usize,
    },
    /// Others could not be told of it: see [`crate::Engine::apply_shared`].
    #[error("the batch was not shared: {source}")]
    NotShared {
        /// Why.
        source: super::NotShared,
    },
    /// A batch waits for the next generation; until that is built, no other one is taken.
    #[error(
        "batch {sequence} ({key:?}) waits until a generation is built with it; try again when it is searched"
    )]
    Queued {
        /// Its key.
        key: String,
        /// Its number.
        sequence: u64,
    },
    /// There is nothing to change yet, or the disk failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
