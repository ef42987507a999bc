//! How far a transfer has come, told to whoever watches.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of an upload or a download, counted where they pass.
#[derive(Debug, Default)]
pub(crate) struct Transfer {
    total: AtomicU64,
    done: AtomicU64,
    moved: AtomicU64,
}

impl Transfer {
    pub(super) fn expect(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes that went through the network.
    pub(super) fn move_on(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
        self.moved.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes that were there already.
    pub(super) fn skip(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Of those that are to be done, and how many there are.
    pub(crate) fn done(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// Bytes that went through the network.
    pub(crate) fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }
}
