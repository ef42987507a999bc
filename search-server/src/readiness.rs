//! Whether the server should be given requests.

use crate::error::texts::{self, Problem};
use search_core::GenerationInfo;
use std::sync::atomic::{AtomicBool, Ordering};

/// What `/readyz` tells. It changes in one direction only: warming up, ready, draining.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    warm: AtomicBool,
    draining: AtomicBool,
}

impl Readiness {
    /// A warm-up query has been answered.
    pub(crate) fn set_warm(&self) {
        self.warm.store(true, Ordering::Release);
    }

    /// The server is about to stop.
    pub(crate) fn set_draining(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Why the server is not ready; `None` if it is.
    pub(crate) fn obstacle(&self, live: &GenerationInfo) -> Option<&'static Problem> {
        if self.draining.load(Ordering::Acquire) {
            Some(&texts::DRAINING)
        } else if is_empty(live) {
            Some(&texts::NO_GENERATION)
        } else if !self.warm.load(Ordering::Acquire) {
            Some(&texts::WARMING_UP)
        } else {
            None
        }
    }
}

/// Whether nothing was ever loaded: a tree has at least one organization.
pub(crate) fn is_empty(live: &GenerationInfo) -> bool {
    live.orgs == 0
}
