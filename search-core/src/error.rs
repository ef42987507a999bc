//! Errors, by what a caller can do about them.

use crate::index::limits::TooLarge;
use std::path::{Path, PathBuf};

/// The engine could not be opened, rebuilt or switched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The directory holds no generation yet: reindex first.
    #[error("{dir} holds no generation; run a reindex first")]
    NoGeneration {
        /// The data directory.
        dir: PathBuf,
    },
    /// The generation was written by another version of the engine: reindex from the source.
    #[error(
        "generation {generation} has format {found}, this program reads format {expected}; reindex from the source"
    )]
    OtherFormat {
        /// Its name.
        generation: String,
        /// What its manifest says.
        found: String,
        /// What this program reads.
        expected: String,
    },
    /// A file of the generation is missing or changed: roll back, or reindex from the source.
    #[error(
        "generation {generation} is damaged: {what}; roll back to an earlier one or reindex from the source"
    )]
    Damaged {
        /// Its name.
        generation: String,
        /// Which file, and how it is wrong.
        what: String,
    },
    /// An entry of the log of changes is not what was written: restore it from a backup, or remove it to go on without
    /// that batch.
    #[error(
        "the log of changes is damaged: {file}: {what}; restore it from a backup, or remove it to go on without it"
    )]
    DamagedChanges {
        /// The entry, below the data directory.
        file: String,
        /// How it is wrong.
        what: String,
    },
    /// A batch of changes that came while the new generation was built, or that it was to keep, does not fit it; the
    /// live generation was left as it is.
    #[error(
        "batch {sequence} ({key:?}) does not fit the new tree: {}; the live generation was left as it is",
        findings.first().map(ToString::to_string).unwrap_or_default()
    )]
    ChangesConflict {
        /// Its key.
        key: String,
        /// Its number.
        sequence: u64,
        /// Why.
        findings: Vec<crate::changes::ChangeFinding>,
    },
    /// There is no such generation to go back to.
    #[error("there is no generation {}; there are: {present}", wanted.as_deref().unwrap_or("before the live one"))]
    UnknownGeneration {
        /// The one asked for; `None`: the one before the live one.
        wanted: Option<String>,
        /// Those that are there.
        present: String,
    },
    /// Another process or thread is rebuilding this directory: wait for it.
    #[error("{dir} is being written by another process; wait until it is done")]
    Busy {
        /// The data directory.
        dir: PathBuf,
    },
    /// The rows hold errors; nothing was changed. The report says where.
    #[error("the source has {} error(s); the live generation was left as it is", report.errors)]
    InvalidSource {
        /// All findings.
        report: Box<index_data::validate::Report>,
    },
    /// The gate refuses: the new tree would take away more than is allowed. Nothing was changed.
    #[error("the gate refuses: {}; the live generation was left as it is", refused.gate.summary())]
    Refused {
        /// What it found.
        refused: Box<Refused>,
    },
    /// There is not enough room on the disk; nothing was written.
    #[error(
        "{dir} has {free} bytes free, a new generation needs about {needed}; the live generation was left as it is"
    )]
    NoSpace {
        /// The data directory.
        dir: PathBuf,
        /// Bytes that are free.
        free: u64,
        /// Bytes that are needed, about.
        needed: u64,
    },
    /// There are more organizations than an index can tell apart; nothing was changed.
    #[error(
        "the source has {orgs} organizations, one index holds at most {most}; the live generation was left as it is"
    )]
    TooManyOrgs {
        /// Organizations of the source.
        orgs: u32,
        /// The limit.
        most: u32,
    },
    /// The source is more than an index can hold; nothing was changed.
    #[error(
        "the source is too large for one index: its {what} take more than {most}; the live generation was left as it is"
    )]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit, in bytes of text or in entries.
        most: u32,
    },
    /// The generation is live, but the disk did not confirm that it will stay so: after a power failure the former
    /// one may be live again. Look at the disk.
    #[error(
        "generation {generation} is live, but the disk did not confirm it: {source}; it may be lost in a power failure"
    )]
    NotDurable {
        /// The generation that is live.
        generation: String,
        /// What the disk said.
        source: std::io::Error,
    },
    /// The source broke off; nothing was changed.
    #[error("reading the source failed: {0}; the live generation was left as it is")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The caller's flag asked to stop; nothing was changed.
    #[error("the reindex was cancelled; the live generation was left as it is")]
    Cancelled,
    /// The call needs a data directory, and this engine has none.
    #[error("this engine lives in memory and has no data directory")]
    InMemory,
    /// Reading or writing a file failed.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The call needs a generation that is served, and there is none yet.
    #[error("no generation is served yet; reindex first")]
    NotServing,
    /// tantivy refused; a fault of the engine or of the disk.
    #[error("the text index failed: {0}")]
    TextIndex(String),
}

/// What a gate that refuses has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// What was found in the rows; no errors.
    pub report: index_data::validate::Report,
    /// What would change; `None` if the live generation cannot be opened.
    pub difference: Option<crate::difference::Difference>,
    /// Which limits tripped.
    pub gate: crate::gate::GateReport,
}

impl From<TooLarge> for EngineError {
    fn from(TooLarge { what, most }: TooLarge) -> Self {
        EngineError::TooLarge { what, most }
    }
}

impl EngineError {
    /// A file that could not be written; a column that is too long comes out as such.
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        match source.get_ref().and_then(|cause| cause.downcast_ref::<TooLarge>()) {
            Some(&too_large) => too_large.into(),
            None => EngineError::Io { action, path: path.to_owned(), source },
        }
    }

    /// The same error with the directory it happened in, where it does not name a place itself.
    pub(crate) fn below(self, dir: &Path) -> Self {
        match self {
            EngineError::TextIndex(cause) => {
                EngineError::TextIndex(format!("{cause}, below {}", dir.display()))
            }
            other => other,
        }
    }
}

/// A search could not be carried out; the caller can change the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// `within`, `near` or an id names no organization.
    #[error("there is no organization with the id {id:?}")]
    UnknownOrg {
        /// The id.
        id: String,
    },
    /// The cursor was made by a generation that no longer answers: search again from the start.
    #[error("the cursor belongs to another generation; search again from the first page")]
    StaleCursor,
    /// The cursor cannot be read, or belongs to another query or other filters.
    #[error("the cursor does not belong to this request")]
    InvalidCursor,
    /// The index could not be read; a fault of the disk.
    #[error("reading the index failed: {0}")]
    Index(String),
}
