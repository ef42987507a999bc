//! A generation: what its manifest says, how its directory is opened and checked.
//!
//! ```text
//! g000001/
//!   manifest.json     written last; says what the other files are
//!   records.bin       the columns (see `records`)
//!   vocabulary.txt    the tree's own words for jieba, one a line
//!   text/             the tantivy segment
//! ```

use super::profiles::Profiles;
use super::records::{Records, RecordsBuilder};
use super::sections::Bytes;
use super::snapshot::Snapshot;
use super::text_index::TextIndex;
use crate::error::EngineError;
use crate::text::segment::Segmenter;
use crate::text::{self, analyzers, forms, normalize, sounds, symbols};
use index_data::lexicon;
use index_data::model::OrgTree;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tantivy::directory::RamDirectory;

/// Changes whenever files of a generation are laid out differently.
pub(crate) const FORMAT_VERSION: u32 = 4;

/// The name of a generation that lives in memory.
pub(crate) const MEMORY: &str = "memory";

pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const RECORDS: &str = "records.bin";
pub(crate) const VOCABULARY: &str = "vocabulary.txt";
pub(crate) const TEXT: &str = "text";

/// What a generation says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format_version: u32,
    pub(crate) generation: String,
    /// The generation that was live when this one was built: where a rollback goes.
    pub(crate) replaces: Option<String>,
    pub(crate) orgs: u64,
    pub(crate) inner_orgs: u64,
    /// SHA-256 over all fields of all organizations in ordinal order: equal for the same rows in any order.
    pub(crate) source_digest: String,
    /// How text was cut and compared: normalization, tokenizers, lexicons.
    pub(crate) text_version: String,
    pub(crate) lexicon_version: String,
    pub(crate) files: Vec<ManifestFile>,
}

/// One file of a generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ManifestFile {
    /// Relative, with `/`.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// CRC-32 (IEEE).
    pub(crate) crc32: u32,
}

impl Manifest {
    pub(crate) fn new(
        generation: String,
        replaces: Option<String>,
        tree: &OrgTree,
        source_digest: String,
        files: Vec<ManifestFile>,
    ) -> Self {
        Manifest {
            format_version: FORMAT_VERSION,
            generation,
            replaces,
            orgs: u64::from(tree.len()),
            inner_orgs: u64::from(tree.inner_count()),
            source_digest,
            text_version: text_version(),
            lexicon_version: lexicon::version(),
            files,
        }
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

fn text_version() -> String {
    format!(
        "normalize {}, tokenizers {}, symbols {}, sounds {}, forms {}",
        normalize::VERSION,
        analyzers::VERSION,
        symbols::VERSION,
        sounds::VERSION,
        forms::VERSION
    )
}

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
/// their sizes. Checksums are read by [`damaged_files`].
pub(crate) fn open(dir: &Path) -> Result<Snapshot, EngineError> {
    let manifest = read_manifest(dir)?;
    let damaged = |what: String| EngineError::Damaged { generation: manifest.generation.clone(), what };
    for file in &manifest.files {
        let found =
            fs::metadata(dir.join(&file.path)).map_err(|error| damaged(format!("{}: {error}", file.path)))?;
        if found.len() != file.bytes {
            let what = format!("{} has {} bytes, the manifest says {}", file.path, found.len(), file.bytes);
            return Err(damaged(what));
        }
    }
    let vocabulary = fs::read_to_string(dir.join(VOCABULARY))
        .map_err(|error| damaged(format!("{VOCABULARY}: {error}")))?;
    let vocabulary: Vec<String> = vocabulary.lines().map(str::to_owned).collect();
    let segmenter = Segmenter::with_vocabulary(&vocabulary);
    let bytes = Bytes::map(&dir.join(RECORDS)).map_err(|error| damaged(format!("{RECORDS}: {error}")))?;
    let records = Records::open(bytes).map_err(|what| damaged(format!("{RECORDS}: {what}")))?;
    let postings = TextIndex::open_dir(&dir.join(TEXT), &segmenter)
        .map_err(|error| damaged(format!("{TEXT}: {error}")))?;
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
    let profiles = Profiles::new(&records);
    Ok(Snapshot { manifest, records, profiles, text: postings, segmenter })
}

/// The manifest of the generation in `dir`, if this program can read that generation.
pub(crate) fn read_manifest(dir: &Path) -> Result<Manifest, EngineError> {
    let generation = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let damaged = |what: String| EngineError::Damaged { generation: generation.clone(), what };
    let text = fs::read(dir.join(MANIFEST)).map_err(|error| damaged(format!("{MANIFEST}: {error}")))?;
    let versions: Versions = serde_json::from_slice(&text)
        .map_err(|error| damaged(format!("{MANIFEST} cannot be read: {error}")))?;
    let expected = Versions {
        format_version: FORMAT_VERSION,
        text_version: text_version(),
        lexicon_version: lexicon::version(),
    };
    if versions != expected {
        let (found, expected) = (versions.to_string(), expected.to_string());
        return Err(EngineError::OtherFormat { generation, found, expected });
    }
    serde_json::from_slice(&text).map_err(|error| damaged(format!("{MANIFEST} cannot be read: {error}")))
}

/// The part of a manifest that every version can read.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Versions {
    format_version: u32,
    text_version: String,
    lexicon_version: String,
}

impl std::fmt::Display for Versions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, lexicons {})", self.format_version, self.text_version, self.lexicon_version)
    }
}

/// Reads every file of the generation in `dir` and names those that are missing or changed, each with what is wrong.
pub(crate) fn damaged_files(dir: &Path) -> Result<Vec<String>, EngineError> {
    let manifest = read_manifest(dir)?;
    let check = |file: &ManifestFile| match checksum(&dir.join(&file.path)) {
        Ok((bytes, _)) if bytes != file.bytes => {
            Some(format!("{}: {bytes} bytes, expected {}", file.path, file.bytes))
        }
        Ok((_, crc32)) if crc32 != file.crc32 => Some(format!("{}: its checksum differs", file.path)),
        Ok(_) => None,
        Err(error) => Some(format!("{}: {error}", file.path)),
    };
    Ok(manifest.files.iter().filter_map(check).collect())
}

/// Size and CRC-32 of a file.
pub(crate) fn checksum(path: &Path) -> io::Result<(u64, u32)> {
    let mut file = File::open(path)?;
    let (mut hasher, mut bytes, mut buffer) = (crc32fast::Hasher::new(), 0u64, vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, hasher.finalize()));
        }
        bytes += read as u64;
        hasher.update(&buffer[..read]);
    }
}

/// Writes the vocabulary and the records into `dir`.
pub(crate) fn write_files(
    dir: &Path,
    tree: &OrgTree,
    vocabulary: &[String],
    records: RecordsBuilder,
) -> Result<(), EngineError> {
    let io = |action, path: PathBuf| move |source| EngineError::Io { action, path, source };
    let path = dir.join(VOCABULARY);
    fs::write(&path, vocabulary.join("\n")).map_err(io("writing", path))?;
    let path = dir.join(RECORDS);
    let file = File::create(&path).map_err(io("creating", path.clone()))?;
    let written = records.write(tree, io::BufWriter::with_capacity(1 << 20, file));
    written.and_then(|mut file| file.flush()).map_err(io("writing", path))
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
    let records = Records::open(Bytes::Owned(bytes.into())).map_err(failed)?;
    let text = TextIndex::open(Box::new(text), &segmenter).map_err(|error| failed(error.to_string()))?;
    let profiles = Profiles::new(&records);
    Ok(Snapshot { manifest, records, profiles, text, segmenter })
}
