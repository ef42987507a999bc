//! The data directory: generations side by side, one of them live.
//!
//! ```text
//! DIR/
//!   CURRENT                  the name of the live generation; replaced by one rename
//!   writer.lock              held while a generation is built or the pointer moves
//!   generations/g000001/ …   sealed, never written to again
//!   generations/.building    what a reindex is writing; worthless if found without its writer
//!   generations/.removed     a generation that is being removed; what a killed writer left of one
//! ```
//! A crash at any instant leaves CURRENT pointing at a sealed generation. All changes go through [`FileSystem`], and
//! the tests in `faults` fail or cut off each of them in turn.

mod install;

use super::building_directory::BuildingDirectory;
use super::file_system::{FileSystem, LocalFiles};
use super::manifest::{self, MANIFEST, Manifest, TEXT};
use super::sealed_files::{Checksums, ManifestFile};
use super::space::MARGIN_BYTES;
use super::write_lock::{ChangesLock, WriteLock};
use crate::error::EngineError;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const CURRENT: &str = "CURRENT";
/// The pointer while it is written.
const CURRENT_NEW: &str = "CURRENT.new";
const GENERATIONS: &str = "generations";
const BUILDING: &str = ".building";
const REMOVED: &str = ".removed";

/// Sealed generations kept, the live one among them.
pub(crate) const KEPT: usize = 3;

/// A data directory.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    dir: PathBuf,
    files: Arc<dyn FileSystem>,
}

impl Store {
    pub(crate) fn new(dir: &Path) -> Self {
        Store::on(dir, Arc::new(LocalFiles))
    }

    /// A data directory on another file system.
    pub(crate) fn on(dir: &Path, files: Arc<dyn FileSystem>) -> Self {
        Store { dir: dir.to_owned(), files }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The name of the live generation; `None` if nothing was ever published.
    pub(crate) fn current(&self) -> Result<Option<String>, EngineError> {
        let path = self.dir.join(CURRENT);
        match fs::read_to_string(&path) {
            Ok(name) if generation_number(name.trim()).is_some() => Ok(Some(name.trim().to_owned())),
            Ok(name) => Err(no_generation_named(&name)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(no_generation_named("bytes that are no text"))
            }
            Err(source) => Err(EngineError::Io { action: "reading", path, source }),
        }
    }

    pub(crate) fn generation_dir(&self, name: &str) -> PathBuf {
        self.dir.join(GENERATIONS).join(name)
    }

    /// The names of all sealed generations, oldest first.
    pub(crate) fn names(&self) -> Result<Vec<String>, EngineError> {
        let path = self.dir.join(GENERATIONS);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(EngineError::Io { action: "reading", path, source }),
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| generation_number(name).is_some())
            .collect();
        names.sort_by_key(|name| generation_number(name));
        Ok(names)
    }

    /// Takes the write lock and clears what a killed writer left.
    pub(crate) fn begin(&self) -> Result<Building, EngineError> {
        let generations = self.dir.join(GENERATIONS);
        self.create_data_dir()?;
        self.files.create_dir(&generations).map_err(io_error("creating", &generations))?;
        let lock = self.lock()?;
        let dir = generations.join(BUILDING);
        for left in [&dir, &generations.join(REMOVED)] {
            self.clear(left).map_err(io_error("removing", left))?;
        }
        let number = self.names()?.iter().filter_map(|name| generation_number(name)).max().unwrap_or(0) + 1;
        let name = format!("g{number:06}");
        let place = Unpublished { store: self.clone(), name, dir, is_published: false, _lock: lock };
        let text = place.dir.join(TEXT);
        self.files.create_dir(&text).map_err(io_error("creating", &text))?;
        Ok(Building { place })
    }

    /// Whether there is room for so many bytes and a margin, as far as the system tells.
    ///
    /// # Errors
    /// [`EngineError::NoSpace`].
    pub(crate) fn check_space(&self, bytes: u64) -> Result<(), EngineError> {
        let needed = bytes.saturating_add(MARGIN_BYTES);
        match self.files.free_bytes(&self.dir) {
            Some(free) if free < needed => Err(EngineError::NoSpace { dir: self.dir.clone(), free, needed }),
            _ => Ok(()),
        }
    }

    fn create_data_dir(&self) -> Result<(), EngineError> {
        if self.dir.is_dir() {
            return Ok(());
        }
        self.files.create_dir(&self.dir).map_err(io_error("creating", &self.dir))?;
        match self.dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => self.files.sync_dir(parent).map_err(io_error("flushing", parent)),
            None => Ok(()),
        }
    }

    fn lock(&self) -> Result<WriteLock, EngineError> {
        let lock = WriteLock::take(&self.dir).map_err(io_error("locking", &self.dir))?;
        lock.ok_or_else(|| EngineError::Busy { dir: self.dir.clone() })
    }

    /// Whether somebody holds the write lock.
    pub(crate) fn is_being_written(&self) -> bool {
        self.dir.is_dir() && matches!(self.lock(), Err(EngineError::Busy { .. }))
    }

    /// Waits for the lock of the log of changes.
    pub(crate) fn lock_changes(&self) -> Result<ChangesLock, EngineError> {
        self.create_data_dir()?;
        ChangesLock::wait(&self.dir).map_err(io_error("locking", &self.dir))
    }

    pub(crate) fn files(&self) -> Arc<dyn FileSystem> {
        Arc::clone(&self.files)
    }

    /// Makes a sealed generation the live one: one rename.
    ///
    /// # Errors
    /// [`EngineError::NotDurable`] if it is live, but may not be after a power failure; after any other error the
    /// former one is live.
    fn point_to(&self, name: &str) -> Result<(), EngineError> {
        let (path, new) = (self.dir.join(CURRENT), self.dir.join(CURRENT_NEW));
        let write = || -> io::Result<()> {
            let mut file = self.files.create_file(&new)?;
            file.write_all(format!("{name}\n").as_bytes())?;
            file.flush()?;
            self.files.sync_file(&new)?;
            self.files.rename(&new, &path)
        };
        if let Err(error) = write() {
            let _ = self.files.remove_file(&new);
            return Err(io_error("writing", &path)(error));
        }
        self.sync_pointer(name)
    }

    fn sync_pointer(&self, name: &str) -> Result<(), EngineError> {
        let not_durable = |source| EngineError::NotDurable { generation: name.to_owned(), source };
        self.files.sync_dir(&self.dir).map_err(not_durable)
    }

    /// Makes `to` live, or the generation that the live one replaced. Gives its name; `check` opens it before.
    ///
    /// # Errors
    /// As [`Store::point_to`], and what `check` gives.
    pub(crate) fn roll_back(
        &self,
        to: Option<&str>,
        check: impl FnOnce(&str) -> Result<(), EngineError>,
    ) -> Result<String, EngineError> {
        if self.names()?.is_empty() {
            return Err(EngineError::NoGeneration { dir: self.dir.clone() });
        }
        let _lock = self.lock()?;
        let names = self.names()?;
        let wanted = match to {
            Some(name) => Some(name.to_owned()),
            None => {
                let no_generation = || EngineError::NoGeneration { dir: self.dir.clone() };
                self.replaced_by(&self.current()?.ok_or_else(no_generation)?, &names)
            }
        };
        let known = wanted.as_ref().and_then(|wanted| names.iter().find(|known| *known == wanted));
        let Some(known) = known else {
            return Err(EngineError::UnknownGeneration { wanted, present: names.join(", ") });
        };
        check(known)?;
        match self.current() {
            // Whatever `check` did is all there is to do; an earlier move of the pointer may not last yet.
            Ok(Some(live)) if live == *known => self.sync_pointer(known)?,
            _ => self.point_to(known)?,
        }
        Ok(known.clone())
    }

    /// Removes the oldest generations past `keep`, never the live one or the one it replaced. Gives the names of those
    /// that are gone. Readers that still map their files keep them.
    ///
    /// # Errors
    /// [`EngineError::Busy`], and [`EngineError::Io`] if one cannot be removed; those before it are gone.
    pub(crate) fn prune_to(&self, keep: usize) -> Result<Vec<String>, EngineError> {
        let no_generation = || EngineError::NoGeneration { dir: self.dir.clone() };
        if self.names()?.is_empty() {
            return Err(no_generation());
        }
        let _lock = self.lock()?;
        let names = self.names()?;
        // A pointer that is damaged protects nothing, so nothing is removed.
        let live = self.current()?.ok_or_else(no_generation)?;
        let replaced = self.replaced_by(&live, &names);
        let mut removed = Vec::new();
        for name in surplus(&names, keep, &live, replaced.as_deref()) {
            let dir = self.generation_dir(name);
            self.remove_generation(name).map_err(io_error("removing", &dir))?;
            removed.push(name.clone());
        }
        Ok(removed)
    }

    /// The generation that was live when this one was published; if its manifest cannot be read, the one before it.
    fn replaced_by(&self, live: &str, names: &[String]) -> Option<String> {
        match manifest::read_manifest(&self.generation_dir(live)) {
            Ok(manifest) => manifest.replaces,
            Err(_) => names
                .iter()
                .take_while(|name| generation_number(name) < generation_number(live))
                .last()
                .cloned(),
        }
    }

    /// Removes the oldest generations, never the live one or the one it replaced. Readers that still map their files
    /// keep them. What cannot be removed stays until the next time.
    fn prune(&self, live: &str, replaced: Option<&str>) {
        let names = self.names().unwrap_or_default();
        for name in surplus(&names, KEPT, live, replaced) {
            let _ = self.remove_generation(name);
        }
    }

    /// Removes a generation. Under its name it is whole or not there, also if the process ends meanwhile: a rollback finds
    /// none that lacks files.
    fn remove_generation(&self, name: &str) -> io::Result<()> {
        let removed = self.generation_dir(REMOVED);
        self.clear(&removed)?;
        self.files.rename(&self.generation_dir(name), &removed)?;
        self.files.remove_dir(&removed)
    }

    /// Removes a directory that may be there.
    fn clear(&self, dir: &Path) -> io::Result<()> {
        if fs::symlink_metadata(dir).is_ok() { self.files.remove_dir(dir) } else { Ok(()) }
    }
}

/// The directory of a generation that is not live yet, under the write lock. Removed when it is dropped before it was
/// published: a reindex that failed must not leave a full disk full.
struct Unpublished {
    store: Store,
    name: String,
    dir: PathBuf,
    is_published: bool,
    _lock: WriteLock,
}

impl Drop for Unpublished {
    fn drop(&mut self) {
        let is_sealed = self.dir == self.store.generation_dir(&self.name);
        // A rename may have been carried out although it was reported to have failed.
        let may_be_live =
            is_sealed && !matches!(self.store.current(), Ok(live) if live.as_ref() != Some(&self.name));
        if !self.is_published && !may_be_live {
            // What cannot be removed now is cleared by the next writer, or is one more generation to go back to.
            let _ = match is_sealed {
                true => self.store.remove_generation(&self.name),
                false => self.store.files.remove_dir(&self.dir),
            };
        }
    }
}

/// A generation being written.
pub(crate) struct Building {
    place: Unpublished,
}

impl Building {
    pub(crate) fn dir(&self) -> &Path {
        &self.place.dir
    }

    pub(crate) fn name(&self) -> &str {
        &self.place.name
    }

    /// The generation that is live now, and will be replaced; `None` if there is none, or none that can be named.
    pub(crate) fn replaces(&self) -> Option<String> {
        self.place.store.current().ok().flatten()
    }

    /// Where tantivy writes its segment.
    pub(crate) fn text_directory(&self) -> Result<BuildingDirectory, EngineError> {
        let dir = self.place.dir.join(TEXT);
        let files = Arc::clone(&self.place.store.files);
        BuildingDirectory::open(&dir, files).map_err(|error| EngineError::TextIndex(error.to_string()))
    }

    /// Writes one file of the generation.
    pub(crate) fn write_file(
        &self,
        name: &str,
        write: impl FnOnce(Box<dyn Write + Send + Sync>) -> io::Result<()>,
    ) -> Result<(), EngineError> {
        let path = self.place.dir.join(name);
        let written = self.place.store.files.create_file(&path).and_then(write);
        written.map_err(io_error("writing", &path))
    }

    /// Every file written so far with size and checksums, flushed to the disk.
    pub(crate) fn sync_files(&self) -> Result<Vec<ManifestFile>, EngineError> {
        let mut files = Vec::new();
        self.sync_below(self.dir(), "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    fn sync_below(&self, dir: &Path, prefix: &str, files: &mut Vec<ManifestFile>) -> Result<(), EngineError> {
        let file_system = &self.place.store.files;
        for entry in fs::read_dir(dir).map_err(io_error("reading", dir))? {
            let entry = entry.map_err(io_error("reading", dir))?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() {
                self.sync_below(&path, &format!("{prefix}{name}/"), files)?;
                continue;
            }
            file_system.sync_file(&path).map_err(io_error("flushing", &path))?;
            let Checksums { bytes, whole, edges } =
                Checksums::of(&path).map_err(io_error("reading", &path))?;
            let path = format!("{prefix}{name}");
            files.push(ManifestFile { path, bytes, crc32: whole, edges_crc32: edges });
        }
        file_system.sync_dir(dir).map_err(io_error("flushing", dir))
    }

    /// Writes the manifest, gives the directory its final name and flushes both. Nothing is live yet.
    pub(crate) fn seal(mut self, manifest: &Manifest) -> Result<Sealed, EngineError> {
        let text = manifest::manifest_text(manifest);
        let text = text.map_err(|error| EngineError::TextIndex(error.to_string()))?;
        self.write_file(MANIFEST, |mut file| file.write_all(&text).and_then(|()| file.flush()))?;
        let store = &self.place.store;
        let (path, dir) = (self.dir().join(MANIFEST), self.dir());
        store.files.sync_file(&path).map_err(io_error("flushing", &path))?;
        store.files.sync_dir(dir).map_err(io_error("flushing", dir))?;
        let sealed = store.generation_dir(self.name());
        store.files.rename(dir, &sealed).map_err(io_error("renaming", dir))?;
        self.place.dir = sealed;
        let generations = self.place.store.dir.join(GENERATIONS);
        self.place.store.files.sync_dir(&generations).map_err(io_error("flushing", &generations))?;
        Ok(Sealed { replaces: manifest.replaces.clone(), place: self.place })
    }
}

/// A sealed generation that is not live yet.
pub(crate) struct Sealed {
    place: Unpublished,
    replaces: Option<String>,
}

impl Sealed {
    pub(crate) fn dir(&self) -> &Path {
        &self.place.dir
    }

    /// Makes it live and removes generations past the last [`KEPT`].
    ///
    /// # Errors
    /// As [`Store::point_to`]. Where it is live but may not stay so, nothing is removed: the former generation may be
    /// wanted again.
    pub(crate) fn publish(mut self) -> Result<(), EngineError> {
        let pointed = self.place.store.point_to(&self.place.name);
        self.place.is_published = matches!(pointed, Ok(()) | Err(EngineError::NotDurable { .. }));
        pointed?;
        self.place.store.prune(&self.place.name, self.replaces.as_deref());
        Ok(())
    }
}

/// The oldest generations past `keep`, but for the live one and the one it replaced.
fn surplus<'n>(
    names: &'n [String],
    keep: usize,
    live: &'n str,
    replaced: Option<&'n str>,
) -> impl Iterator<Item = &'n String> {
    let may_go = names.iter().filter(move |name| *name != live && Some(name.as_str()) != replaced);
    may_go.take(names.len().saturating_sub(keep))
}

fn no_generation_named(found: &str) -> EngineError {
    let found: String = found.trim().chars().take(40).collect();
    EngineError::Damaged {
        generation: CURRENT.to_owned(),
        what: format!("it names no generation: {found:?}"),
    }
}

fn generation_number(name: &str) -> Option<u64> {
    name.strip_prefix('g').filter(|digits| digits.len() >= 6)?.parse().ok()
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EngineError {
    let path = path.to_owned();
    move |source| EngineError::io(action, &path, source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_generations_have_a_number() {
        for (name, number) in [
            ("g000001", Some(1)),
            ("g1000000", Some(1_000_000)),
            ("g00001", None),
            ("g00000x", None),
            ("000001", None),
            (".building", None),
        ] {
            assert_eq!(generation_number(name), number, "{name}");
        }
    }

    #[test]
    fn the_pointer_is_read_or_told_to_be_damaged() {
        let dir = tempfile::tempdir().expect("there is a place");
        let store = Store::new(dir.path());
        assert!(matches!(store.current(), Ok(None)));
        for (content, name) in [
            (&b"g000007\n"[..], Some("g000007")),
            (b"g000007", Some("g000007")),
            (b"", None),
            (b"../g000007", None),
            (b"\xff", None),
        ] {
            fs::write(dir.path().join(CURRENT), content).expect("it is written");
            match store.current() {
                Ok(found) => assert_eq!(found.as_deref(), name, "{content:?}"),
                Err(error) => {
                    assert!(matches!(error, EngineError::Damaged { .. }) && name.is_none(), "{error}");
                }
            }
        }
    }

    #[test]
    fn generations_are_listed_by_their_number() {
        let dir = tempfile::tempdir().expect("there is a place");
        let store = Store::new(dir.path());
        assert_eq!(store.names().expect("it is read"), [""; 0]);
        for name in ["g1000000", "g000002", BUILDING, "g000010"] {
            fs::create_dir_all(store.generation_dir(name)).expect("it is created");
        }
        assert_eq!(store.names().expect("it is read"), ["g000002", "g000010", "g1000000"]);
        let _lock = store.lock().expect("nobody else writes");
        assert!(matches!(store.begin(), Err(EngineError::Busy { .. })));
    }
}
