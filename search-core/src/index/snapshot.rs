//! One opened generation: immutable, shared by all requests that began with it.

use super::manifest::Manifest;
use super::profiles::Profiles;
use super::records::Records;
use super::text_index::TextIndex;
use crate::text::segment::Segmenter;

/// Everything a request reads. It never changes; a request keeps the one it began with.
pub(crate) struct Snapshot {
    pub(crate) manifest: Manifest,
    pub(crate) records: Records,
    pub(crate) profiles: Profiles,
    pub(crate) text: TextIndex,
    pub(crate) segmenter: Segmenter,
}

impl Snapshot {
    pub(crate) fn generation(&self) -> &str {
        &self.manifest.generation
    }
}
