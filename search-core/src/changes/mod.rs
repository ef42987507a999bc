//! Changes of the tree without a rebuild: batches of add, rename, move, merge, close, reopen, set and aliases.
//!
//! One flow: check (`apply.rs`) -> overlay (`index/layers/`) -> log (`log.rs`) -> live. A batch is all or
//! nothing; each change sees those before it. It is answered once the log is on the disk, and searched from then on.
//!
//! A batch that changes too much to be searched beside the generation is queued: it is on the disk when it is answered, and
//! searched once the next generation is built with it. No other batch is taken meanwhile, so that batches come into effect
//! in the order of their numbers.
//!
//! The **log** is what lasts; the overlay is only ever in memory, and is built again from the log when a directory is
//! opened. A batch belongs to the generation that was live when it came, and to those that carry it on.

mod apply;
mod change;
mod changed_orgs;
mod engine;
mod error;
mod finding;
mod log;
mod replay_undone;
mod replicate;
mod state;

#[cfg(test)]
mod engine_tests;
#[cfg(test)]
mod tests;

pub use change::{Applied, Batch, Change, FieldChanges, NewOrg, OfChildren, QueuedBatch, Submitted};
pub use error::ChangeError;
pub use finding::{ChangeCode, ChangeFinding};
pub use log::{BatchState, LoggedBatch};
pub use replay_undone::Replayed;
pub use replicate::{Beginning, ChangesAbove, LocalChanges, NotShared, NumberedBatch, Share};

pub(crate) use engine::Begun;
pub(crate) use state::Changes;

/// Changes of one batch, at most.
pub const MAX_CHANGES: usize = 10_000;
/// Organizations that one batch may change, at most, with all that stands below them, to be searched at once.
pub const MAX_CHANGED_BY_BATCH: usize = 50_000;
/// Organizations that a batch may change, at most, for which a generation is built: see [`crate::Engine::submit`].
pub const MAX_CHANGED_BY_BUILD: usize = 500_000;
/// Organizations that are changed since the generation was built, at most. Past it, a generation has to be built.
pub const MAX_CHANGED: usize = 200_000;
/// The longest key of a batch, in bytes.
pub const MAX_KEY_BYTES: usize = 128;
/// How long a key is remembered, in seconds: 30 days.
pub const KEY_SECONDS: u64 = 30 * 24 * 60 * 60;
