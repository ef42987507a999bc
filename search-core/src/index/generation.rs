//! A generation: what its manifest says, how its directory is opened and checked.
//!
//! ```text
//! g000001/
//!   manifest.json     written last; says what the other files are, and carries its own checksum
//!   records.bin       the columns (see `records`)
//!   vocabulary.txt    the tree's own words for jieba, one a line
//!   text/             the tantivy segment
//! ```

use super::profiles::Profiles;
use super::records::{Records, RecordsBuilder};
use super::sections::Bytes;
use super::snapshot::Snapshot;
use super::store::Building;
use super::text_index::TextIndex;
use crate::error::EngineError;
use crate::text::segment::Segmenter;
use crate::text::{self, analyzers, forms, normalize, sounds, symbols};
use index_data::lexicon;
use index_data::model::OrgTree;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use tantivy::directory::RamDirectory;

/// Changes whenever files of a generation are laid out differently.
pub(crate) const FORMAT_VERSION: u32 = 5;

/// The name of a generation that lives in memory.
pub(crate) const MEMORY: &str = "memory";

pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const RECORDS: &str = "records.bin";
pub(crate) const VOCABULARY: &str = "vocabulary.txt";
pub(crate) const TEXT: &str = "text";
/// tantivy's own list of segments.
const TEXT_META: &str = "text/meta.json";

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
    /// CRC-32 (IEEE) of the whole file.
    pub(crate) crc32: u32,
    /// CRC-32 of its first and its last [`EDGE_BYTES`], where headers, footers and tables stand: read whenever the
    /// generation is opened, while the whole file is only read by [`damaged_files`].
    pub(crate) edges_crc32: u32,
}

/// Of either end of a file; a file of up to twice as many is read whole.
const EDGE_BYTES: u64 = 64 << 10;

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
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
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
/// their sizes, beginnings and ends, and that tables and columns fit together. The rest is read by [`damaged_files`].
pub(crate) fn open(dir: &Path) -> Result<Snapshot, EngineError> {
    let manifest = read_manifest(dir)?;
    let damaged = |what: String| EngineError::Damaged { generation: manifest.generation.clone(), what };
    check_list(dir, &manifest)?;
    for file in &manifest.files {
        check_edges(dir, file).map_err(|fault| fault.of(&manifest.generation, dir))?;
    }
    let bytes = Bytes::map(&dir.join(RECORDS)).map_err(|error| damaged(format!("{RECORDS}: {error}")))?;
    let records = Records::open(bytes).map_err(|what| damaged(format!("{RECORDS}: {what}")))?;
    let vocabulary = fs::read_to_string(dir.join(VOCABULARY))
        .map_err(|error| damaged(format!("{VOCABULARY}: {error}")))?;
    let vocabulary: Vec<String> = vocabulary.lines().map(str::to_owned).collect();
    let segmenter = Segmenter::with_vocabulary(&vocabulary);
    let opened = without_panic(|| TextIndex::open_dir(&dir.join(TEXT), &segmenter));
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
    let profiles = Profiles::new(&records);
    Ok(Snapshot { manifest, records, profiles, text: postings, segmenter })
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

/// What is wrong with a file of a generation.
enum Fault {
    /// It is not what was sealed.
    Damaged(String),
    /// It cannot be read; nothing is known of its content.
    Unreadable { path: String, error: io::Error },
}

impl Fault {
    fn reading(path: &str, error: io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                Fault::Damaged(format!("{path} is missing"))
            }
            _ => Fault::Unreadable { path: path.to_owned(), error },
        }
    }

    fn of(self, generation: &str, dir: &Path) -> EngineError {
        match self {
            Fault::Damaged(what) => EngineError::Damaged { generation: generation.to_owned(), what },
            Fault::Unreadable { path, error } => {
                EngineError::Io { action: "reading", path: dir.join(path), source: error }
            }
        }
    }
}

/// Size, first and last bytes.
fn check_edges(dir: &Path, file: &ManifestFile) -> Result<(), Fault> {
    let reading = |error| Fault::reading(&file.path, error);
    let mut opened = File::open(dir.join(&file.path)).map_err(reading)?;
    let bytes = opened.metadata().map_err(reading)?.len();
    check_size(file, bytes)?;
    match edges_checksum(&mut opened, bytes).map_err(reading)? {
        crc32 if crc32 == file.edges_crc32 => Ok(()),
        _ => Err(Fault::Damaged(format!("{}: the checksum of its first and last bytes differs", file.path))),
    }
}

fn check_size(file: &ManifestFile, bytes: u64) -> Result<(), Fault> {
    if bytes == file.bytes {
        return Ok(());
    }
    Err(Fault::Damaged(format!("{} has {bytes} bytes, the manifest says {}", file.path, file.bytes)))
}

/// The manifest of the generation in `dir`, if this program can read that generation.
pub(crate) fn read_manifest(dir: &Path) -> Result<Manifest, EngineError> {
    let generation = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let damaged = |what: String| EngineError::Damaged { generation: generation.clone(), what };
    let text =
        fs::read(dir.join(MANIFEST)).map_err(|error| Fault::reading(MANIFEST, error).of(&generation, dir))?;
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
    if !has_its_checksum(&text) {
        return Err(damaged(format!("{MANIFEST}: its checksum differs")));
    }
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|error| damaged(format!("{MANIFEST} cannot be read: {error}")))?;
    if manifest.generation != generation {
        return Err(damaged(format!("{MANIFEST} is that of {}", manifest.generation)));
    }
    Ok(manifest)
}

/// What a manifest begins with; the eight digits of its checksum follow.
const CHECKSUM_BEFORE: &[u8] = b"{\n  \"checksum\": \"";
/// CRC-32 in hexadecimal digits; zeros while it is computed.
const NO_CHECKSUM: &str = "00000000";

/// A manifest as it is written: JSON whose first member is the checksum of all its bytes.
pub(crate) fn manifest_text(manifest: &Manifest) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Checked<'a> {
        checksum: &'a str,
        #[serde(flatten)]
        manifest: &'a Manifest,
    }
    let mut text = serde_json::to_vec_pretty(&Checked { checksum: NO_CHECKSUM, manifest })?;
    let crc32 = crc32fast::hash(&text);
    text[CHECKSUM_BEFORE.len()..][..NO_CHECKSUM.len()].copy_from_slice(format!("{crc32:08x}").as_bytes());
    Ok(text)
}

fn has_its_checksum(text: &[u8]) -> bool {
    let Some(written) = text.strip_prefix(CHECKSUM_BEFORE).and_then(|rest| rest.get(..NO_CHECKSUM.len()))
    else {
        return false;
    };
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(CHECKSUM_BEFORE);
    hasher.update(NO_CHECKSUM.as_bytes());
    hasher.update(&text[CHECKSUM_BEFORE.len() + NO_CHECKSUM.len()..]);
    written == format!("{:08x}", hasher.finalize()).as_bytes()
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
    check_list(dir, &manifest)?;
    let mut damaged = Vec::new();
    for file in &manifest.files {
        match check_whole(dir, file) {
            Ok(()) => {}
            Err(Fault::Damaged(what)) => damaged.push(what),
            Err(unreadable) => return Err(unreadable.of(&manifest.generation, dir)),
        }
    }
    Ok(damaged)
}

fn check_whole(dir: &Path, file: &ManifestFile) -> Result<(), Fault> {
    let checksums =
        Checksums::of(&dir.join(&file.path)).map_err(|error| Fault::reading(&file.path, error))?;
    check_size(file, checksums.bytes)?;
    match checksums.whole == file.crc32 {
        true => Ok(()),
        false => Err(Fault::Damaged(format!("{}: its checksum differs", file.path))),
    }
}

/// The size and the checksums of a file.
pub(crate) struct Checksums {
    pub(crate) bytes: u64,
    pub(crate) whole: u32,
    pub(crate) edges: u32,
}

impl Checksums {
    /// Reads the file once, and its ends a second time.
    pub(crate) fn of(path: &Path) -> io::Result<Checksums> {
        let mut file = File::open(path)?;
        let (mut hasher, mut bytes, mut buffer) = (crc32fast::Hasher::new(), 0u64, vec![0; 1 << 20]);
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            hasher.update(&buffer[..read]);
        }
        Ok(Checksums { bytes, whole: hasher.finalize(), edges: edges_checksum(&mut file, bytes)? })
    }
}

/// The checksum of the first and the last [`EDGE_BYTES`] of a file of so many bytes.
fn edges_checksum(file: &mut File, bytes: u64) -> io::Result<u32> {
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = Vec::with_capacity(EDGE_BYTES.min(bytes) as usize);
    for start in [0, bytes.saturating_sub(EDGE_BYTES)] {
        buffer.clear();
        file.seek(SeekFrom::Start(start))?;
        file.take(EDGE_BYTES).read_to_end(&mut buffer)?;
        hasher.update(&buffer);
    }
    Ok(hasher.finalize())
}

/// Writes the vocabulary and the records.
pub(crate) fn write_files(
    building: &Building,
    tree: &OrgTree,
    vocabulary: &[String],
    records: RecordsBuilder,
) -> Result<(), EngineError> {
    building.write_file(VOCABULARY, |mut file| file.write_all(vocabulary.join("\n").as_bytes()))?;
    building.write_file(RECORDS, |file| {
        records.write(tree, io::BufWriter::with_capacity(1 << 20, file)).and_then(|mut file| file.flush())
    })
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
