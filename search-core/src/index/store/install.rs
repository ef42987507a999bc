//! A sealed generation that was built elsewhere takes its place in a data directory.

use super::{GENERATIONS, Store, Unpublished, generation_number, io_error, surplus};
use crate::error::EngineError;
use crate::index::manifest::MANIFEST;
use std::fs;
use std::path::Path;

impl Store {
    /// Moves the directory `from`, which lies below the data directory and bears the name of its generation, among the
    /// generations and makes it live. `check` opens it there before. One of the same name gives way. Of the others the
    /// newest stay, so that there are `keep` with the live one.
    ///
    /// # Errors
    /// As [`Store::point_to`], and what `check` gives; then `from` is removed.
    pub(crate) fn install(
        &self,
        from: &Path,
        keep: usize,
        check: impl FnOnce(&Path) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let name = from.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if generation_number(&name).is_none() {
            return Err(EngineError::Damaged {
                generation: name,
                what: "its name is none of a generation".to_owned(),
            });
        }
        let generations = self.dir.join(GENERATIONS);
        self.files.create_dir(&generations).map_err(io_error("creating", &generations))?;
        let lock = self.lock()?;
        let dir = from.to_owned();
        let mut place =
            Unpublished { store: self.clone(), name: name.clone(), dir, is_published: false, _lock: lock };
        self.sync_below(from)?;
        let sealed = self.generation_dir(&name);
        if fs::symlink_metadata(&sealed).is_ok() {
            self.files.remove_dir(&sealed).map_err(io_error("removing", &sealed))?;
        }
        self.files.rename(from, &sealed).map_err(io_error("renaming", from))?;
        place.dir.clone_from(&sealed);
        self.files.sync_dir(&generations).map_err(io_error("flushing", &generations))?;
        check(&sealed)?;
        let pointed = self.point_to(&name);
        place.is_published = matches!(pointed, Ok(()) | Err(EngineError::NotDurable { .. }));
        pointed?;
        self.prune_others(&name, keep);
        Ok(())
    }

    /// Flushes all files of a directory and what is below it.
    fn sync_below(&self, dir: &Path) -> Result<(), EngineError> {
        for entry in fs::read_dir(dir).map_err(io_error("reading", dir))? {
            let path = entry.map_err(io_error("reading", dir))?.path();
            match path.is_dir() {
                true => self.sync_below(&path)?,
                false => self.files.sync_file(&path).map_err(io_error("flushing", &path))?,
            }
        }
        self.files.sync_dir(dir).map_err(io_error("flushing", dir))
    }

    /// Removes the oldest generations past `keep`, but for `live`. Unlike after a reindex the one before may go: there is
    /// another copy of it. What cannot be removed stays until the next time.
    fn prune_others(&self, live: &str, keep: usize) {
        let names = self.names().unwrap_or_default();
        for name in surplus(&names, keep, live, None) {
            let _ = self.remove_generation(name);
        }
    }

    /// Makes room for a generation of so many bytes, beside the live one: removes the oldest others until it fits.
    ///
    /// # Errors
    /// [`EngineError::NoSpace`], [`EngineError::Busy`].
    pub(crate) fn make_room(&self, bytes: u64) -> Result<(), EngineError> {
        self.create_data_dir()?;
        if self.check_space(bytes).is_ok() {
            return Ok(());
        }
        // A pointer that is damaged protects nothing, so nothing is removed.
        if let Some(live) = self.current()? {
            let _lock = self.lock()?;
            for name in self.names()?.iter().filter(|name| **name != live) {
                let _ = self.remove_generation(name);
                if self.check_space(bytes).is_ok() {
                    return Ok(());
                }
            }
        }
        self.check_space(bytes)
    }

    /// The bytes of a generation's manifest; `None` if there is none.
    pub(crate) fn manifest_bytes(&self, name: &str) -> Option<Vec<u8>> {
        generation_number(name)?;
        fs::read(self.generation_dir(name).join(MANIFEST)).ok()
    }
}
