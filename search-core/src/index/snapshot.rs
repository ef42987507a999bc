//! What a request reads: one opened generation, and what was learned beside it.

use super::layers::{Profiles, Records, TextIndex};
use super::manifest::Manifest;
use crate::prior::LearnedPrior;
use crate::text::segment::Segmenter;
use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

/// One opened generation: immutable, shared by all requests that began with it.
pub(crate) struct OpenedGeneration {
    pub(crate) manifest: Manifest,
    /// What answers call it: the name of the generation, and the sequence of the last batch of changes.
    pub(crate) label: String,
    pub(crate) records: Records,
    pub(crate) profiles: Profiles,
    pub(crate) text: TextIndex,
    pub(crate) segmenter: Segmenter,
}

/// Everything a request reads. It never changes; a request keeps the one it began with.
#[derive(Clone)]
pub(crate) struct Snapshot {
    opened: Arc<OpenedGeneration>,
    learned: Option<Arc<NamedPrior>>,
}

/// A learned prior and its name: p000003.
pub(crate) struct NamedPrior {
    pub(crate) name: String,
    pub(crate) prior: LearnedPrior,
}

impl From<OpenedGeneration> for Snapshot {
    fn from(opened: OpenedGeneration) -> Self {
        Snapshot { opened: Arc::new(opened), learned: None }
    }
}

impl Snapshot {
    /// The same generation with another learned prior, or with none.
    pub(crate) fn with_learned(&self, learned: Option<Arc<NamedPrior>>) -> Snapshot {
        Snapshot { learned, ..self.clone() }
    }

    pub(crate) fn learned(&self) -> Option<&Arc<NamedPrior>> {
        self.learned.as_ref()
    }

    /// What answers call it: `g000012`, after changes `g000012-347`.
    pub(crate) fn generation(&self) -> &str {
        &self.label
    }

    /// The opened segments.
    pub(crate) fn opened(&self) -> &OpenedGeneration {
        &self.opened
    }

    /// Names all that the order of hits depends on, for cursors.
    pub(crate) fn version(&self) -> Cow<'_, str> {
        match &self.learned {
            None => Cow::Borrowed(self.generation()),
            Some(learned) => Cow::Owned(format!("{}+{}", self.generation(), learned.name)),
        }
    }
}

impl Deref for Snapshot {
    type Target = OpenedGeneration;

    fn deref(&self) -> &OpenedGeneration {
        &self.opened
    }
}
