//! A file system that counts operations, fails one of them, and knows at each what a crash could leave.

use super::crashes::Crashes;
use crate::index::file_system::FileSystem;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A change of a directory's entries that no flush has made last yet.
#[derive(Debug)]
pub(super) enum Change {
    Created(PathBuf),
    Renamed { from: PathBuf, to: PathBuf, replaced: Option<PathBuf> },
    Removed { path: PathBuf, kept_as: PathBuf },
}

impl Change {
    /// The directory whose flush makes it last.
    pub(super) fn dir(&self) -> &Path {
        let (Change::Created(path) | Change::Renamed { to: path, .. } | Change::Removed { path, .. }) = self;
        path.parent().expect("below the data directory")
    }
}

/// How much of the bytes that were not flushed a crash leaves of each file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bytes {
    All,
    None,
    Half,
}

/// What fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The operation does nothing.
    Error(io::ErrorKind),
    /// A write leaves half of its bytes.
    ShortWrite,
}

/// A file system that counts operations, fails one of them, and knows at each what a crash could leave.
#[derive(Debug)]
pub(super) struct FaultyFiles {
    pub(super) data: PathBuf,
    /// Where removed files are kept, in case a crash brings them back.
    pub(super) attic: PathBuf,
    pub(super) state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) operations: usize,
    pub(super) failing: Option<(usize, Failure)>,
    /// Bytes of each file, by its inode, that were flushed; a file that is not named was there before, and is whole.
    flushed: HashMap<u64, u64>,
    pub(super) changes: Vec<Change>,
    /// What the disk says is free, from the first question on; the last answer stays.
    pub(super) free: Vec<u64>,
    attic: usize,
    /// Gets the directory as crashes before the next operation would leave it.
    pub(super) crashes: Option<Crashes>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} operations", self.operations)
    }
}

impl FaultyFiles {
    pub(super) fn new(data: &Path, attic: &Path) -> Arc<FaultyFiles> {
        let (data, attic) = (data.to_owned(), attic.to_owned());
        Arc::new(FaultyFiles { data, attic, state: Mutex::default() })
    }

    /// Counts an operation and carries it out, unless it is the one that fails.
    fn operation<T>(
        &self,
        work: impl FnOnce(&mut State) -> io::Result<T>,
        half: impl FnOnce(),
    ) -> io::Result<T> {
        let state = &mut *self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(mut crashes) = state.crashes.take() {
            crashes.look(self, state);
            state.crashes = Some(crashes);
        }
        state.operations += 1;
        match state.failing {
            Some((at, Failure::Error(kind))) if at == state.operations => Err(kind.into()),
            Some((at, Failure::ShortWrite)) if at == state.operations => {
                half();
                Err(io::ErrorKind::StorageFull.into())
            }
            _ => work(state),
        }
    }

    fn put_away(&self, path: &Path, state: &mut State) -> io::Result<PathBuf> {
        state.attic += 1;
        let kept_as = self.attic.join(state.attic.to_string());
        fs::rename(path, &kept_as)?;
        Ok(kept_as)
    }

    /// The directory as a crash at this moment leaves it.
    pub(super) fn after_crash(
        &self,
        state: &State,
        to: &Path,
        bytes: Bytes,
        loses: impl Fn(&Change) -> bool,
    ) {
        copy_linked(&self.data, to);
        for path in files_below(to) {
            let metadata = fs::metadata(&path).unwrap();
            let Some(&flushed) = state.flushed.get(&metadata.ino()) else { continue };
            let kept = match bytes {
                Bytes::All => metadata.len(),
                Bytes::None => flushed,
                Bytes::Half => flushed + (metadata.len() - flushed) / 2,
            };
            // The copies are links: what is cut, or still written to, needs a file of its own.
            let mut content = fs::read(&path).unwrap();
            content.truncate(kept as usize);
            fs::remove_file(&path).unwrap();
            fs::write(&path, content).unwrap();
        }
        let there = |path: &Path| to.join(path.strip_prefix(&self.data).unwrap());
        for change in state.changes.iter().rev().filter(|change| loses(change)) {
            match change {
                Change::Created(path) => remove(&there(path)),
                Change::Renamed { from, to, replaced } => {
                    if there(to).exists() {
                        fs::rename(there(to), there(from)).unwrap();
                    }
                    if let Some(replaced) = replaced {
                        copy_linked(replaced, &there(to));
                    }
                }
                Change::Removed { path, kept_as } => copy_linked(kept_as, &there(path)),
            }
        }
    }
}

impl FileSystem for Arc<FaultyFiles> {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = dir.ancestors().take_while(|above| !above.exists()).collect();
        let create = |dir: &Path, state: &mut State| {
            fs::create_dir(dir)?;
            state.changes.push(Change::Created(dir.to_owned()));
            Ok(())
        };
        missing.into_iter().rev().try_for_each(|dir| self.operation(|state| create(dir, state), || ()))
    }

    fn create_file(&self, path: &Path) -> io::Result<Box<dyn Write + Send + Sync>> {
        self.operation(
            |state| {
                if path.exists() {
                    let kept_as = self.put_away(path, state)?;
                    state.changes.push(Change::Removed { path: path.to_owned(), kept_as });
                }
                let file = File::create(path)?;
                state.flushed.insert(file.metadata()?.ino(), 0);
                state.changes.push(Change::Created(path.to_owned()));
                Ok(Box::new(FaultyFile { file, files: Arc::clone(self) }) as Box<dyn Write + Send + Sync>)
            },
            || (),
        )
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.operation(
            |state| {
                let replaced = if to.exists() { Some(self.put_away(to, state)?) } else { None };
                fs::rename(from, to)?;
                state.changes.push(Change::Renamed { from: from.to_owned(), to: to.to_owned(), replaced });
                Ok(())
            },
            || (),
        )
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.remove_dir(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.operation(
            |state| {
                let kept_as = self.put_away(dir, state)?;
                state.changes.push(Change::Removed { path: dir.to_owned(), kept_as });
                Ok(())
            },
            || (),
        )
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.operation(
            |state| {
                let metadata = fs::metadata(path)?;
                state.flushed.insert(metadata.ino(), metadata.len());
                Ok(())
            },
            || (),
        )
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.operation(
            |state| {
                state.changes.retain(|change| change.dir() != dir);
                Ok(())
            },
            || (),
        )
    }

    fn free_bytes(&self, _dir: &Path) -> Option<u64> {
        let free = &mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner).free;
        if free.len() > 1 { Some(free.remove(0)) } else { free.first().copied() }
    }
}

#[derive(Debug)]
pub(super) struct FaultyFile {
    file: File,
    files: Arc<FaultyFiles>,
}

impl Write for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (mut file, mut other) = (self.file.try_clone()?, self.file.try_clone()?);
        let half = || other.write_all(&bytes[..bytes.len() / 2]).unwrap();
        self.files.operation(|_| file.write_all(bytes).map(|()| bytes.len()), half)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Copies a tree, files as links; each lock is one of its own.
pub(super) fn copy_linked(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy_linked(&entry.path(), &to.join(entry.file_name()));
        }
    } else if from.extension().is_some_and(|suffix| suffix == "lock") {
        File::create(to).unwrap();
    } else if from.exists() && !to.exists() {
        fs::hard_link(from, to).unwrap();
    }
}

pub(super) fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn remove(path: &Path) {
    if path.is_dir() {
        fs::remove_dir_all(path).unwrap();
    } else if path.exists() {
        fs::remove_file(path).unwrap();
    }
}
