//! What a replica keeps on its own disk, beside the generations: enough to go on after a restart, with or without the
//! store. All of it may be removed at any time; it is pulled again.
//!
//! ```text
//! DIR/replica/
//!   log/7-1a2b3c4d/00000000000000000012.json   entries whose generations lie in DIR/generations, or are being pulled
//!   log/7-1a2b3c4d/applied                     the last entry whose batch of changes is in DIR/changes
//!   files/5feceb66…                            whole files under their digests; hard links of those in generations
//!   files/5feceb66….part                       the beginning of one that is being pulled
//!   incoming/g000012/                          a generation whose files are all there, about to be installed
//! ```

use super::digest::{Digest, read_file};
use super::entry::{Generation, LogEntry, StoredFile};
use super::error::ReplicaError;
use search_core::GenerationFormat;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The folder of the cache, below the data directory.
pub(crate) const FOLDER: &str = "replica";

const LOG: &str = "log";
const FILES: &str = "files";
const INCOMING: &str = "incoming";
const APPLIED: &str = "applied";

/// Which batches of changes were about to be applied last. Written before they are, so that whether they are is told by
/// the log of changes alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Applying {
    /// The last entry before them, and the number of the batch in it; 0: it is the entry of the generation.
    pub(super) before: u64,
    pub(super) batch_before: u64,
    /// The last entry of theirs.
    pub(super) entry: u64,
    /// The number of the batch in it.
    pub(super) batch: u64,
}

/// The cache of one replica.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    dir: PathBuf,
    format: GenerationFormat,
}

impl Cache {
    pub(super) fn new(data: &Path, format: &GenerationFormat) -> Self {
        Cache { dir: data.join(FOLDER), format: format.clone() }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    fn entry_path(&self, sequence: u64) -> PathBuf {
        self.dir.join(LOG).join(self.format.as_str()).join(format!("{sequence:020}.json"))
    }

    /// The entries that are kept, in any order. What cannot be read is pulled again.
    fn entries(&self) -> Vec<LogEntry> {
        let folder = self.dir.join(LOG).join(self.format.as_str());
        let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
        let read = |file: io::Result<fs::DirEntry>| {
            let path = file.ok()?.path();
            let sequence = path.file_stem()?.to_str()?.parse().ok()?;
            LogEntry::from_json(&fs::read(path).ok()?, sequence, &self.format).ok()
        };
        files.filter_map(read).collect()
    }

    /// The newest entry that gave the generation of this name.
    pub(super) fn entry_of(&self, name: &str) -> Option<LogEntry> {
        let gave = |entry: &LogEntry| entry.generation().is_some_and(|generation| generation.name == name);
        self.entries().into_iter().filter(gave).max_by_key(|entry| entry.sequence)
    }

    /// Keeps an entry, durably: after a restart it tells what is served.
    pub(super) fn keep(&self, entry: &LogEntry) -> Result<(), ReplicaError> {
        let path = self.entry_path(entry.sequence);
        let folder = path.parent().unwrap_or(&self.dir);
        let new = path.with_extension("new");
        let write = || {
            fs::create_dir_all(folder)?;
            let mut file = File::create(&new)?;
            file.write_all(&entry.to_json())?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(ReplicaError::io("writing", &path))
    }

    /// What was about to be applied last; nothing if that cannot be read: then it is applied again, which changes nothing.
    pub(super) fn applying(&self) -> Applying {
        let read = fs::read(self.applied_path()).ok();
        read.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    pub(super) fn set_applying(&self, applying: &Applying) -> Result<(), ReplicaError> {
        let path = self.applied_path();
        let new = path.with_extension("new");
        let text = serde_json::to_vec(applying).unwrap_or_default();
        let written = fs::write(&new, text).and_then(|()| fs::rename(&new, &path));
        written.map_err(ReplicaError::io("writing", &path))
    }

    fn applied_path(&self) -> PathBuf {
        self.dir.join(LOG).join(self.format.as_str()).join(APPLIED)
    }

    /// Where a whole file stands.
    pub(super) fn file(&self, digest: &Digest) -> PathBuf {
        self.dir.join(FILES).join(digest.as_str())
    }

    /// Where its beginning stands.
    pub(super) fn part(&self, digest: &Digest) -> PathBuf {
        self.dir.join(FILES).join(format!("{digest}.part"))
    }

    pub(super) fn create(&self) -> Result<(), ReplicaError> {
        let folder = self.dir.join(FILES);
        fs::create_dir_all(&folder).map_err(ReplicaError::io("creating", &folder))
    }

    /// Whether a whole file is there. One that is not what its name says is removed: a disk may have changed it.
    pub(super) fn has(&self, digest: &Digest, bytes: u64) -> Result<bool, ReplicaError> {
        let path = self.file(digest);
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(ReplicaError::io("reading", &path)(error)),
            Ok(there) if there.len() != bytes => {}
            Ok(_) => {
                let read = read_file(&path, |_| ()).map_err(ReplicaError::io("reading", &path))?;
                if read.digest == *digest {
                    return Ok(true);
                }
            }
        }
        fs::remove_file(&path).map_err(ReplicaError::io("removing", &path))?;
        Ok(false)
    }

    /// How much of a file is there already.
    pub(super) fn bytes_of(&self, file: &StoredFile) -> u64 {
        let places = [self.file(&file.sha256), self.part(&file.sha256)];
        places.iter().find_map(|path| fs::metadata(path).ok()).map_or(0, |there| there.len().min(file.bytes))
    }

    /// Puts a generation together of files that are all there. Gives its directory.
    pub(super) fn assemble(&self, generation: &Generation) -> Result<PathBuf, ReplicaError> {
        let incoming = self.dir.join(INCOMING);
        let dir = incoming.join(&generation.name);
        if incoming.exists() {
            fs::remove_dir_all(&incoming).map_err(ReplicaError::io("removing", &incoming))?;
        }
        for file in &generation.files {
            let to = dir.join(&file.path);
            let folder = to.parent().unwrap_or(&dir);
            fs::create_dir_all(folder).map_err(ReplicaError::io("creating", folder))?;
            link(&self.file(&file.sha256), &to).map_err(ReplicaError::io("writing", &to))?;
        }
        Ok(dir)
    }

    /// Removes entries and files of generations that are no longer on the disk. What cannot be removed stays.
    pub(super) fn tidy(&self, is_there: impl Fn(&str) -> bool) {
        let (kept, gone): (Vec<_>, Vec<_>) = self
            .entries()
            .into_iter()
            .partition(|entry| entry.generation().is_some_and(|generation| is_there(&generation.name)));
        for entry in gone {
            let _ = fs::remove_file(self.entry_path(entry.sequence));
        }
        let wanted: HashSet<PathBuf> = kept
            .iter()
            .filter_map(LogEntry::generation)
            .flat_map(|generation| generation.files.iter().map(|file| self.file(&file.sha256)))
            .collect();
        for file in fs::read_dir(self.dir.join(FILES)).into_iter().flatten().flatten() {
            if !wanted.contains(&file.path()) {
                let _ = fs::remove_file(file.path());
            }
        }
        let _ = fs::remove_dir_all(self.dir.join(INCOMING));
    }
}

/// The same file under another name; a copy where the disk knows no hard links.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => fs::copy(from, to).map(drop),
        linked => linked,
    }
}
