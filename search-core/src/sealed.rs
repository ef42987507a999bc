//! Sealed generations as files, of any format: what somebody needs who carries them elsewhere.

use crate::error::EngineError;
use crate::generation_info::GenerationFile;
use crate::index::manifest::{self, MANIFEST};
use crate::index::store::Store;
use std::fmt;
use std::path::{Path, PathBuf};

/// What a program must be able to read to serve a generation: the layout of its files, and how texts were cut and
/// compared. Written `7-1a2b3c4d`: the version of the layout, and the beginning of a digest of all the rest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GenerationFormat(String);

impl GenerationFormat {
    /// The format that this program writes and reads.
    ///
    /// ```
    /// let format = search_core::GenerationFormat::current();
    /// assert_eq!(search_core::GenerationFormat::parse(format.as_str()), Some(format));
    /// ```
    pub fn current() -> Self {
        Self(manifest::current_format())
    }

    /// A format by its written form; `None` if it has another shape. Safe as the name of a folder.
    pub fn parse(text: &str) -> Option<Self> {
        let (version, digest) = text.split_once('-')?;
        let is_version = matches!(version.len(), 1..=6) && version.bytes().all(|byte| byte.is_ascii_digit());
        let is_digest =
            digest.len() == 8 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (is_version && is_digest).then(|| Self(text.to_owned()))
    }

    /// The written form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `wanted` names it: in full, or by the version of the layout alone.
    pub fn is_named(&self, wanted: &str) -> bool {
        self.0 == wanted || self.0.split_once('-').is_some_and(|(version, _)| version == wanted)
    }
}

impl fmt::Display for GenerationFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One sealed generation of a data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedGeneration {
    /// Its name: `g` and a number that rises.
    pub name: String,
    /// Who can read it.
    pub format: GenerationFormat,
    /// How many organizations it holds.
    pub orgs: u64,
    /// SHA-256 over all fields of all organizations.
    pub source_digest: String,
    /// Where it lies.
    pub dir: PathBuf,
    /// All its files but the manifest.
    pub files: Vec<GenerationFile>,
}

impl SealedGeneration {
    /// The name of the file that says what the others are.
    pub const MANIFEST: &str = MANIFEST;

    /// The sealed generations of a data directory, of every format whose manifest lists files, the oldest first.
    ///
    /// # Errors
    /// [`EngineError::Io`].
    pub fn all(data: &Path) -> Result<Vec<SealedGeneration>, EngineError> {
        let store = Store::new(data);
        let dirs = store.names()?.into_iter().map(|name| store.generation_dir(&name));
        Ok(dirs.filter_map(|dir| SealedGeneration::read(&dir)).collect())
    }

    fn read(dir: &Path) -> Option<SealedGeneration> {
        let outline = manifest::read_outline(dir)?;
        Some(SealedGeneration {
            name: dir.file_name()?.to_str()?.to_owned(),
            format: GenerationFormat(outline.format()),
            orgs: outline.orgs,
            source_digest: outline.source_digest,
            dir: dir.to_owned(),
            files: outline
                .files
                .into_iter()
                .map(|file| GenerationFile { path: file.path, bytes: file.bytes, crc32: file.crc32 })
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use index_data::load::SourceRow;

    #[test]
    fn only_written_formats_are_read() {
        for (text, is_format) in [
            ("7-0123abcd", true),
            ("12-00000000", true),
            ("7", false),
            ("7-0123abc", false),
            ("7-0123ABCD", false),
            ("-0123abcd", false),
            ("../../7-0123abcd", false),
            ("7-0123abcd/", false),
        ] {
            assert_eq!(GenerationFormat::parse(text).is_some(), is_format, "{text}");
        }
        let format = GenerationFormat::parse("7-0123abcd").expect("it is one");
        assert!(format.is_named("7") && format.is_named("7-0123abcd") && !format.is_named("70"));
    }

    #[test]
    fn generations_of_other_formats_are_listed_with_their_files() {
        let data = tempfile::tempdir().expect("there is a place");
        let engine = Engine::open_or_empty(data.path()).expect("it is opened");
        for count in 1..3 {
            let row =
                |id: usize| SourceRow { id: id.to_string(), name: "团委".into(), ..SourceRow::default() };
            let rows = (0..count).map(|id| Ok::<_, std::io::Error>(row(id)));
            engine.reindex(rows, |_| {}).expect("it is built");
        }
        let path = data.path().join("generations/g000001/manifest.json");
        let text = std::fs::read_to_string(&path).expect("it is read");
        let version = format!("\"format_version\": {}", manifest::FORMAT_VERSION);
        std::fs::write(&path, text.replace(&version, "\"format_version\": 3")).expect("it is written");

        let all = SealedGeneration::all(data.path()).expect("they are read");
        let seen: Vec<_> =
            all.iter().map(|one| (one.name.as_str(), one.orgs, one.format.is_named("3"))).collect();
        assert_eq!(seen, [("g000001", 1, true), ("g000002", 2, false)]);
        assert_eq!(all[1].format, GenerationFormat::current());
        assert!(all.iter().all(|one| one.files.iter().any(|file| file.path == "records.bin")));
    }
}
