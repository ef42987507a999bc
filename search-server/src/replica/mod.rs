//! Replicas over an object store: one writer publishes sealed generations and batches of changes, any number of servers
//! follow.
//!
//! Everything that happened is in one ordered log; an entry is created once and stays. The store needs puts that fail
//! where something is there already, and reads that see what was written. It needs no updates on a condition, and nobody
//! holds a lease or looks at a clock.
//!
//! ```text
//! URL/
//!   log/7-1a2b3c4d/00000000000000000012.json    entry 12 of the log of one format (`entry.rs`, `log.rs`)
//!   files/5feceb66…                             the files of generations, each under its SHA-256 (`files.rs`)
//! ```
//!
//! | what | how |
//! | --- | --- |
//! | publish (`publish.rs`) | claim an epoch, upload what the store lacks, append an entry that names all files |
//! | change (`publisher.rs`) | check a batch, append an entry that holds it, keep it, serve it, acknowledge it |
//! | follow (`follow.rs`) | read what is behind the last entry, pull the files, check digests, install, apply batches, serve |
//! | look after (`status.rs`, `verify.rs`, `prune.rs`) | what is there, whether it is whole, what nobody needs any more |
//!
//! Two writers cannot both go on: whoever claims an epoch ends those before it (`log.rs`). A replica serves a generation
//! only once all its files are there and have their digests, and only if its entry stands behind the one served.
//!
//! What is served is the newest generation, the batches that its entry names, and those of later entries, in their order.

mod address;
mod error;

mod digest;
mod entry;
mod files;
mod log;

mod newest;
mod publish;
mod publisher;
mod upload;

mod cache;
mod download;
mod follow;
mod progress;

mod prune;
mod status;
mod verify;

#[cfg(test)]
mod batch_tests;
#[cfg(test)]
mod faulty_store;
#[cfg(test)]
mod tests;

pub(crate) use address::Patience;
pub use address::StoreAddress;
pub(crate) use error::ReplicaError;
pub(crate) use follow::{Replica, Turn};
pub(crate) use progress::Transfer;
pub(crate) use prune::{PruneOptions, Pruned, prune};
pub(crate) use publish::{Outcome, Published, Publishing, chosen};
pub(crate) use publisher::{BatchError, Publisher};
pub(crate) use status::{FormatStatus, StoreStatus, status};
pub(crate) use verify::{Verified, verify};
