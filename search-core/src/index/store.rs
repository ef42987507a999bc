//! The data directory: generations side by side, one of them live.
//!
//! ```text
//! DIR/
//!   CURRENT                  the name of the live generation; replaced by one rename
//!   writer.lock              held while a generation is built or the pointer moves
//!   generations/g000001/ …   sealed, never written to again
//!   generations/.building    what a reindex is writing; worthless if found without its writer
//! ```
//! A crash at any instant leaves CURRENT pointing at a sealed generation.

use super::generation::{self, MANIFEST, Manifest, ManifestFile};
use crate::error::EngineError;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const CURRENT: &str = "CURRENT";
const LOCK: &str = "writer.lock";
const GENERATIONS: &str = "generations";
const BUILDING: &str = ".building";

/// Sealed generations kept, the live one among them.
pub(crate) const KEPT: usize = 3;

/// A data directory.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    dir: PathBuf,
}

impl Store {
    pub(crate) fn new(dir: &Path) -> Self {
        Store { dir: dir.to_owned() }
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
        fs::create_dir_all(&generations).map_err(io_error("creating", &generations))?;
        let lock = self.lock()?;
        let dir = generations.join(BUILDING);
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error("removing", &dir)(error));
            }
            _ => {}
        }
        let text = dir.join(generation::TEXT);
        fs::create_dir_all(&text).map_err(io_error("creating", &text))?;
        let number = self.names()?.iter().filter_map(|name| generation_number(name)).max().unwrap_or(0) + 1;
        Ok(Building { store: self.clone(), name: format!("g{number:06}"), dir, _lock: lock })
    }

    fn lock(&self) -> Result<File, EngineError> {
        let path = self.dir.join(LOCK);
        let file =
            File::options().create(true).append(true).open(&path).map_err(io_error("opening", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(EngineError::Busy { dir: self.dir.clone() }),
            Err(TryLockError::Error(error)) => Err(io_error("locking", &path)(error)),
        }
    }

    /// Makes a sealed generation the live one: one rename.
    fn point_to(&self, name: &str) -> Result<(), EngineError> {
        let (path, new) = (self.dir.join(CURRENT), self.dir.join("CURRENT.new"));
        let write = || -> io::Result<()> {
            let mut file = File::create(&new)?;
            writeln!(file, "{name}")?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            sync_dir(&self.dir)
        };
        write().map_err(io_error("writing", &path))
    }

    /// Makes `to` live, or the generation that the live one replaced. Gives its name; `check` opens it before.
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
            let wanted = wanted.unwrap_or_else(|| "before the live one".to_owned());
            return Err(EngineError::UnknownGeneration { wanted, present: names.join(", ") });
        };
        check(known)?;
        self.point_to(known)?;
        Ok(known.clone())
    }

    /// The generation that was live when this one was published; if its manifest cannot be read, the one before it.
    fn replaced_by(&self, live: &str, names: &[String]) -> Option<String> {
        match generation::read_manifest(&self.generation_dir(live)) {
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
        let surplus = names.len().saturating_sub(KEPT);
        for name in names.iter().filter(|name| *name != live && Some(name.as_str()) != replaced).take(surplus)
        {
            let _ = fs::remove_dir_all(self.generation_dir(name));
        }
    }
}

/// A generation being written, under the write lock. Dropped without [`Building::seal`], its files stay until the
/// next writer clears them.
pub(crate) struct Building {
    store: Store,
    name: String,
    dir: PathBuf,
    _lock: File,
}

impl Building {
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The generation that is live now, and will be replaced; `None` if there is none, or none that can be named.
    pub(crate) fn replaces(&self) -> Option<String> {
        self.store.current().ok().flatten()
    }

    /// Every file written so far with size and checksum, flushed to the disk.
    pub(crate) fn sync_files(&self) -> Result<Vec<ManifestFile>, EngineError> {
        let mut files = Vec::new();
        self.sync_below(&self.dir, "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    fn sync_below(&self, dir: &Path, prefix: &str, files: &mut Vec<ManifestFile>) -> Result<(), EngineError> {
        for entry in fs::read_dir(dir).map_err(io_error("reading", dir))? {
            let entry = entry.map_err(io_error("reading", dir))?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() {
                self.sync_below(&path, &format!("{prefix}{name}/"), files)?;
            } else if name.ends_with(".lock") {
                // tantivy's; of no use once sealed.
                fs::remove_file(&path).map_err(io_error("removing", &path))?;
            } else {
                File::open(&path).and_then(|file| file.sync_all()).map_err(io_error("flushing", &path))?;
                let (bytes, crc32) = generation::checksum(&path).map_err(io_error("reading", &path))?;
                files.push(ManifestFile { path: format!("{prefix}{name}"), bytes, crc32 });
            }
        }
        sync_dir(dir).map_err(io_error("flushing", dir))
    }

    /// Writes the manifest, gives the directory its final name and flushes both. Nothing is live yet.
    pub(crate) fn seal(self, manifest: &Manifest) -> Result<Sealed, EngineError> {
        let path = self.dir.join(MANIFEST);
        let text =
            serde_json::to_vec_pretty(manifest).map_err(|error| EngineError::TextIndex(error.to_string()))?;
        let write = || -> io::Result<()> {
            let mut file = File::create(&path)?;
            file.write_all(&text)?;
            file.sync_all()?;
            sync_dir(&self.dir)
        };
        write().map_err(io_error("writing", &path))?;
        let sealed = self.store.generation_dir(&self.name);
        fs::rename(&self.dir, &sealed).map_err(io_error("renaming", &self.dir))?;
        let generations = self.store.dir.join(GENERATIONS);
        sync_dir(&generations).map_err(io_error("flushing", &generations))?;
        Ok(Sealed {
            store: self.store,
            name: self.name,
            replaces: manifest.replaces.clone(),
            dir: sealed,
            _lock: self._lock,
        })
    }
}

/// A sealed generation that is not live yet, still under the write lock.
pub(crate) struct Sealed {
    store: Store,
    name: String,
    replaces: Option<String>,
    dir: PathBuf,
    _lock: File,
}

impl Sealed {
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes it live and removes generations past the last [`KEPT`].
    pub(crate) fn publish(self) -> Result<(), EngineError> {
        self.store.point_to(&self.name)?;
        self.store.prune(&self.name, self.replaces.as_deref());
        Ok(())
    }
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

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EngineError {
    let path = path.to_owned();
    move |source| EngineError::Io { action, path, source }
}
