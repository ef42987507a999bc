//! What fuzz targets reach below the public interface: readers of bytes that come from a disk. No part of the library's
//! promises; it is compiled with the feature `fuzzing` only.

use crate::index::manifest::{RECORDS, TEXT, VOCABULARY, read_manifest};
use crate::index::name_view::{NameView, OtherViews};
use crate::index::profiles::SegmentProfiles;
use crate::index::records::SegmentRecords;
use crate::index::sections::Bytes;
use crate::index::snapshot::{OpenedGeneration, Snapshot};
use crate::index::text_index::SegmentText;
use crate::search::{Hits, SearchRequest, search};
use crate::text::segment::Segmenter;
use crate::{EngineError, SearchError};
use std::fs;
use std::path::{Path, PathBuf};

/// Unpacks the view of a name and packs it again; what is taken must come back as it was.
pub fn name_view(bytes: &[u8]) {
    let mut rest = bytes;
    if let Some(view) = NameView::unpack(&mut rest) {
        let mut packed = Vec::new();
        view.pack(&mut packed);
        assert_eq!(packed, bytes[..bytes.len() - rest.len()], "a view came back otherwise");
        let _ = (view.class_key(), view.signature(), view.initials());
        view.pairs(|_, _| {});
    }
}

/// Unpacks the views of other names; no alias may be counted that is not there.
pub fn other_views(bytes: &[u8]) {
    let mut rest = bytes;
    if let Some(views) = OtherViews::unpack(&mut rest) {
        assert!(views.for_subtree().len() <= views.all().len() && rest.len() < bytes.len());
    }
}

/// A sealed generation whose records may be replaced by other bytes, past all checksums.
pub struct Generation {
    dir: PathBuf,
    records: Vec<u8>,
    segmenter: Segmenter,
}

impl Generation {
    /// Takes the generation in a directory, such as `DATA/generations/g000001`.
    ///
    /// # Errors
    /// As [`crate::Engine::open`].
    pub fn open(dir: &Path) -> Result<Self, EngineError> {
        read_manifest(dir)?;
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| EngineError::Io { action: "reading", path, source }
        };
        let (records, vocabulary) = (dir.join(RECORDS), dir.join(VOCABULARY));
        let words = fs::read_to_string(&vocabulary).map_err(io(&vocabulary))?;
        let words: Vec<String> = words.lines().map(str::to_owned).collect();
        Ok(Generation {
            dir: dir.to_owned(),
            records: fs::read(&records).map_err(io(&records))?,
            segmenter: Segmenter::with_vocabulary(&words),
        })
    }

    /// The bytes of its records.
    pub fn records(&self) -> &[u8] {
        &self.records
    }

    /// Searches with other records; `None` if they are refused when they are opened.
    pub fn search(
        &self,
        records: Vec<u8>,
        requests: &[SearchRequest],
    ) -> Option<Vec<Result<Hits, SearchError>>> {
        let records = SegmentRecords::open(Bytes::Owned(records.into())).ok()?;
        let text = SegmentText::open_dir(&self.dir.join(TEXT), &self.segmenter).ok()?;
        let manifest = read_manifest(&self.dir).ok()?;
        let (profiles, segmenter) = (SegmentProfiles::new(&records), self.segmenter.clone());
        let snapshot = Snapshot::from(OpenedGeneration {
            label: manifest.generation.clone(),
            manifest,
            records: records.into(),
            profiles: profiles.into(),
            text: text.into(),
            segmenter,
        });
        if u64::from(snapshot.records.len()) != snapshot.manifest.orgs {
            return None;
        }
        Some(requests.iter().map(|request| search(&snapshot, request, &mut |_| ())).collect())
    }
}
