//! A generation: how its directory is opened and checked.
//!
//! ```text
//! g000001/
//!   manifest.json     written last; says what the other files are, and carries its own checksum
//!   records.bin       the columns (see `records`)
//!   vocabulary.txt    the tree's own words for jieba, one a line
//!   text/             the tantivy segment
//! ```

use super::layers::Records;
use super::limits::IndexLimits;
use super::manifest::{MANIFEST, MEMORY, Manifest, RECORDS, TEXT, TEXT_META, VOCABULARY, read_manifest};
use super::profiles::SegmentProfiles;
use super::records::{PartOfTree, RecordsBuilder, SegmentRecords};
use super::sealed_files::{Fault, check_edges, check_whole};
use super::sections::Bytes;
use super::snapshot::{OpenedGeneration, Snapshot};
use super::text_index::SegmentText;
use crate::error::EngineError;
use crate::text;
use crate::text::segment::Segmenter;
use index_data::model::OrgTree;
use sha2::{Digest, Sha256};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use tantivy::directory::RamDirectory;

/// Everything the tree says, field by field with lengths, so that no two trees share it.
pub(crate) fn source_digest(tree: &OrgTree) -> String {
    let mut digest = Sha256::new();
    let mut details = Vec::new();
    for ordinal in tree.ordinals() {
        let parent = tree.parent(ordinal).map_or("", |parent| tree.id(parent));
        let successor = tree.successor(ordinal).map_or("", |successor| tree.id(successor));
        let kind = tree.kind(ordinal).map_or("", |kind| kind.code());
        let system = tree.system(ordinal).map_or("", |system| system.code());
        let region = tree.region(ordinal).unwrap_or_default();
        let status = tree.status(ordinal).code();
        for text in [tree.id(ordinal), tree.name(ordinal), parent, successor, kind, system, region, status] {
            digest.update((text.len() as u32).to_le_bytes());
            digest.update(text);
        }
        digest.update(tree.members(ordinal).map_or(u64::MAX, u64::from).to_le_bytes());
        details.clear();
        tree.details(ordinal).pack(&mut details);
        digest.update(&details);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Opens the generation in `dir`: reads the manifest, refuses other versions, checks that all files are there with
/// their sizes, beginnings and ends, and that tables and columns fit together. The rest is read by [`damaged_files`].
pub(crate) fn open(dir: &Path) -> Result<Snapshot, EngineError> {
    open_as(dir, read_manifest(dir)?)
}

/// [`open`] for a directory whose manifest is not written yet.
pub(crate) fn open_as(dir: &Path, manifest: Manifest) -> Result<Snapshot, EngineError> {
    let damaged = |what: String| EngineError::Damaged { generation: manifest.generation.clone(), what };
    check_list(dir, &manifest)?;
    for file in &manifest.files {
        check_edges(dir, file).map_err(|fault| fault.of(&manifest.generation, dir))?;
    }
    let bytes = Bytes::map(&dir.join(RECORDS)).map_err(|error| damaged(format!("{RECORDS}: {error}")))?;
    let records = SegmentRecords::open(bytes).map_err(|what| damaged(format!("{RECORDS}: {what}")))?;
    let vocabulary = fs::read_to_string(dir.join(VOCABULARY))
        .map_err(|error| damaged(format!("{VOCABULARY}: {error}")))?;
    let vocabulary: Vec<String> = vocabulary.lines().map(str::to_owned).collect();
    let segmenter = Segmenter::with_vocabulary(&vocabulary);
    let opened = without_panic(|| SegmentText::open_dir(&dir.join(TEXT), &segmenter));
    let postings = match opened {
        Some(opened) => opened.map_err(|error| damaged(format!("{TEXT}: {error}")))?,
        None => return Err(damaged(format!("{TEXT}: tantivy cannot read it"))),
    };
    if u64::from(records.len()) != manifest.orgs || postings.len() != manifest.orgs {
        let what = format!(
            "the manifest counts {} organizations, the records {}, the text index {}",
            manifest.orgs,
            records.len(),
            postings.len()
        );
        return Err(damaged(what));
    }
    // The tables of the text steps are built at their first use; that should not be a user's first search.
    text::prepare();
    let profiles = SegmentProfiles::new(&records);
    Ok(OpenedGeneration {
        label: manifest.generation.clone(),
        manifest,
        records: records.into(),
        profiles: profiles.into(),
        text: postings.into(),
        segmenter,
    }
    .into())
}

/// What `work` gives; `None` if it panicked. tantivy trusts what it reads, and panics on some damaged files. The
/// process's panic hook runs as for any panic.
pub(crate) fn without_panic<T>(work: impl FnOnce() -> T) -> Option<T> {
    // Nothing is seen of what was half done: its result is dropped.
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// The manifest lists what every generation has, and all files that tantivy may read.
fn check_list(dir: &Path, manifest: &Manifest) -> Result<(), EngineError> {
    let is_listed = |path: &str| manifest.files.iter().any(|file| file.path == path);
    let damaged = |what| EngineError::Damaged { generation: manifest.generation.clone(), what };
    if let Some(missing) = [RECORDS, VOCABULARY, TEXT_META].into_iter().find(|path| !is_listed(path)) {
        return Err(damaged(format!("{MANIFEST} does not list {missing}")));
    }
    let text = dir.join(TEXT);
    let unreadable = |error| Fault::reading(TEXT, error).of(&manifest.generation, dir);
    for entry in fs::read_dir(text).map_err(unreadable)? {
        let path = format!("{TEXT}/{}", entry.map_err(unreadable)?.file_name().to_string_lossy());
        if !is_listed(&path) {
            return Err(damaged(format!("{path} is not in {MANIFEST}")));
        }
    }
    Ok(())
}

/// Reads every file of the generation in `dir` and names those that are missing or changed, each with what is wrong.
/// `pause` is called after each piece with its bytes.
pub(crate) fn damaged_files(dir: &Path, pause: &mut dyn FnMut(u64)) -> Result<Vec<String>, EngineError> {
    damaged_files_of(dir, &read_manifest(dir)?, pause)
}

/// [`damaged_files`] for a directory whose manifest is not written yet.
pub(crate) fn damaged_files_of(
    dir: &Path,
    manifest: &Manifest,
    pause: &mut dyn FnMut(u64),
) -> Result<Vec<String>, EngineError> {
    check_list(dir, manifest)?;
    let mut damaged = Vec::new();
    for file in &manifest.files {
        match check_whole(dir, file, pause) {
            Ok(()) => {}
            Err(Fault::Damaged(what)) => damaged.push(what),
            Err(unreadable) => return Err(unreadable.of(&manifest.generation, dir)),
        }
    }
    Ok(damaged)
}

/// The records of no organization.
pub(crate) fn empty_records() -> Result<Records, EngineError> {
    let tree = OrgTree::default();
    let bytes = RecordsBuilder::new(&tree, IndexLimits::default(), PartOfTree::default())
        .write(&tree, Vec::new())
        .map_err(|error| EngineError::TextIndex(error.to_string()))?;
    let records = SegmentRecords::open(Bytes::Owned(bytes.into())).map_err(EngineError::TextIndex)?;
    Ok(records.into())
}

/// Opens a generation that lives in memory.
pub(crate) fn open_in_memory(
    tree: &OrgTree,
    text: RamDirectory,
    segmenter: Segmenter,
    records: RecordsBuilder,
) -> Result<Snapshot, EngineError> {
    let manifest = Manifest::new(MEMORY.to_owned(), None, tree, source_digest(tree), Vec::new());
    let failed = |error: String| EngineError::TextIndex(error);
    let bytes = records.write(tree, Vec::new()).map_err(|error| failed(error.to_string()))?;
    let records = SegmentRecords::open(Bytes::Owned(bytes.into())).map_err(failed)?;
    let text = SegmentText::open(Box::new(text), &segmenter).map_err(|error| failed(error.to_string()))?;
    let profiles = SegmentProfiles::new(&records);
    Ok(OpenedGeneration {
        label: manifest.generation.clone(),
        manifest,
        records: records.into(),
        profiles: profiles.into(),
        text: text.into(),
        segmenter,
    }
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use index_data::generate::{GenerateOptions, Scope, generate};
    use index_data::validate::validate_rows;

    #[test]
    fn the_digest_depends_on_the_rows_and_not_on_their_order() {
        let mut rows: Vec<_> =
            generate(&GenerateOptions { orgs: 300, seed: 4, scope: Scope::Beijing }).collect();
        let digest = |rows: &[index_data::load::SourceRow]| {
            source_digest(&validate_rows(rows.to_vec()).tree.expect("generated rows are valid"))
        };
        let before = digest(&rows);
        rows.reverse();
        assert_eq!(digest(&rows), before);
        rows[0].name.push('甲');
        assert_ne!(digest(&rows), before);
    }

    #[test]
    fn a_panic_is_no_answer() {
        assert_eq!(without_panic(|| 1), Some(1));
        assert_eq!(without_panic(|| -> u8 { panic!("of the test") }), None);
    }
}
