//! Whether the server should be given requests.

use crate::error::texts::{self, Problem};
use crate::openapi::vocabularies;
use search_core::GenerationInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What `/readyz` tells. Readiness changes in one direction only: warming up, ready, draining. Damage is told and
/// changes nothing: what still answers is better than nothing.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    warm: AtomicBool,
    draining: AtomicBool,
    faults: Mutex<Faults>,
}

/// What is wrong although the server answers.
#[derive(Debug, Default)]
struct Faults {
    /// The generation whose files were read last, and what is wrong with them.
    scrubbed: Option<(String, Vec<String>)>,
    /// The published generation that cannot be opened.
    refused: Option<Refusal>,
}

/// A published generation that cannot be opened; the one before is served.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct Refusal {
    /// Its name.
    pub(crate) generation: String,
    /// Why it cannot be opened.
    #[schema(value_type = vocabularies::RefusalCode)]
    pub(crate) code: &'static str,
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

    /// The files of a generation have been read; `damaged` names those that are wrong.
    pub(crate) fn set_scrubbed(&self, generation: &str, damaged: Vec<String>) {
        self.faults().scrubbed = Some((generation.to_owned(), damaged));
    }

    /// The files that were found damaged in the live generation.
    pub(crate) fn damaged(&self, live: &GenerationInfo) -> Vec<String> {
        let faults = self.faults();
        let of_live = faults.scrubbed.as_ref().filter(|(generation, _)| *generation == live.name);
        of_live.map(|(_, damaged)| damaged.clone()).unwrap_or_default()
    }

    /// A published generation cannot be opened. True if that is news.
    pub(crate) fn set_refused(&self, refusal: Refusal) -> bool {
        let mut faults = self.faults();
        let is_news = faults.refused.as_ref().is_none_or(|known| known.generation != refusal.generation);
        faults.refused = Some(refusal);
        is_news
    }

    /// The published generation is the one served.
    pub(crate) fn set_followed(&self) {
        self.faults().refused = None;
    }

    /// The published generation that cannot be opened, if there is one.
    pub(crate) fn refused(&self) -> Option<Refusal> {
        self.faults().refused.clone()
    }

    /// Plain data, whole at any moment: a panic elsewhere does not spoil it.
    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
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
