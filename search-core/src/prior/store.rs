//! Priors on disk.
//!
//! ```text
//! DIR/priors/
//!   CURRENT        the name of the prior in use; absent: none. Replaced by one rename
//!   p000001.json   never written to again
//! ```

use super::{LearnedPrior, MAX_BYTES};
use crate::index::file_system::inherit_access;
use crate::index::write_lock::WriteLock;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const PRIORS: &str = "priors";
const CURRENT: &str = "CURRENT";
/// Priors kept, the one in use among them.
const KEPT: usize = 3;

/// Why a prior cannot be read or published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PriorError {
    /// The file is no prior, or damaged.
    #[error("{} is no learned prior: {cause}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// Another process is publishing one.
    #[error("another process is writing to {}", .dir.display())]
    Busy {
        /// The directory.
        dir: PathBuf,
    },
    /// The system refused.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The priors of a data directory.
#[derive(Debug, Clone)]
pub struct PriorStore {
    dir: PathBuf,
}

impl PriorStore {
    /// The priors of the data directory `data`; nothing is read or made yet.
    pub fn new(data: &Path) -> PriorStore {
        PriorStore { dir: data.join(PRIORS) }
    }

    /// The name of the prior in use; `None` if none is.
    ///
    /// # Errors
    /// If the pointer cannot be read, or names no prior.
    pub fn current_name(&self) -> Result<Option<String>, PriorError> {
        let path = self.dir.join(CURRENT);
        let Some(text) = read_at_most(&path, 64)? else { return Ok(None) };
        let name = String::from_utf8_lossy(&text).trim().to_owned();
        match number(&name) {
            Some(_) => Ok(Some(name)),
            None => Err(PriorError::Malformed { path, cause: "it names no prior".to_owned() }),
        }
    }

    /// The prior in use with its name; `None` if none is.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    pub fn current(&self) -> Result<Option<(String, LearnedPrior)>, PriorError> {
        let Some(name) = self.current_name()? else { return Ok(None) };
        let path = self.path(&name);
        let malformed = |cause| PriorError::Malformed { path: path.clone(), cause };
        let json = read_at_most(&path, MAX_BYTES as u64 + 1)?;
        let json = json.ok_or_else(|| malformed("it is not there, though CURRENT names it".to_owned()))?;
        let prior = LearnedPrior::from_json(&json).map_err(malformed)?;
        Ok(Some((name, prior)))
    }

    /// Writes a prior and makes it the one in use: one rename. Older ones than the last few are removed. Gives its name.
    ///
    /// # Errors
    /// Then the former one stays in use.
    pub fn publish(&self, prior: &LearnedPrior) -> Result<String, PriorError> {
        self.create_dir()?;
        let _lock = self.lock()?;
        let names = self.names()?;
        let name = format!("p{:06}", names.iter().filter_map(|name| number(name)).max().unwrap_or(0) + 1);
        self.replace(&format!("{name}.json"), prior.to_json().as_bytes())?;
        self.replace(CURRENT, format!("{name}\n").as_bytes())?;
        for old in names.iter().rev().skip(KEPT - 1) {
            // One too many does no harm.
            let _ = fs::remove_file(self.path(old));
        }
        Ok(name)
    }

    /// Takes the prior out of use; its file stays. Gives its name, `None` if none was in use.
    ///
    /// # Errors
    /// Then it stays in use.
    pub fn unset(&self) -> Result<Option<String>, PriorError> {
        if !self.dir.is_dir() {
            return Ok(None);
        }
        let _lock = self.lock()?;
        // A pointer that is damaged is taken away as well.
        let name = self.current_name().unwrap_or_default();
        let path = self.dir.join(CURRENT);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(PriorError::Io { path, source }),
        }
        File::open(&self.dir).and_then(|dir| dir.sync_all()).map_err(io_error(&self.dir))?;
        Ok(name)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.json"))
    }

    /// The names of all priors, oldest first.
    fn names(&self) -> Result<Vec<String>, PriorError> {
        let entries = fs::read_dir(&self.dir).map_err(io_error(&self.dir))?;
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".json").map(str::to_owned))
            .filter(|name| number(name).is_some())
            .collect();
        names.sort_by_key(|name| number(name));
        Ok(names)
    }

    fn create_dir(&self) -> Result<(), PriorError> {
        match fs::create_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.dir.is_dir() => Ok(()),
            Err(source) => Err(PriorError::Io { path: self.dir.clone(), source }),
            Ok(()) => inherit_access(&self.dir).map_err(io_error(&self.dir)),
        }
    }

    fn lock(&self) -> Result<WriteLock, PriorError> {
        let lock = WriteLock::take(&self.dir).map_err(io_error(&self.dir))?;
        lock.ok_or_else(|| PriorError::Busy { dir: self.dir.clone() })
    }

    /// Writes a file beside its place, makes it last, and puts it there by one rename.
    fn replace(&self, file_name: &str, content: &[u8]) -> Result<(), PriorError> {
        let (path, new) = (self.dir.join(file_name), self.dir.join(format!("{file_name}.new")));
        let write = || -> io::Result<()> {
            let mut file = File::create(&new)?;
            inherit_access(&new)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            File::open(&self.dir)?.sync_all()
        };
        write().map_err(|source| {
            let _ = fs::remove_file(&new);
            PriorError::Io { path: path.clone(), source }
        })
    }
}

/// The number of a prior's name.
fn number(name: &str) -> Option<u64> {
    let digits = name.strip_prefix('p')?;
    (digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// The beginning of a file; `None` if there is none.
fn read_at_most(path: &Path, bytes: u64) -> Result<Option<Vec<u8>>, PriorError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(PriorError::Io { path: path.to_owned(), source }),
    };
    let mut content = Vec::new();
    file.take(bytes).read_to_end(&mut content).map_err(io_error(path))?;
    Ok(Some(content))
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> PriorError {
    let path = path.to_owned();
    move |source| PriorError::Io { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::super::{Click, LearnOptions, learn};
    use super::*;

    fn prior(query: &str) -> LearnedPrior {
        let options = LearnOptions { askers: 1, half_life_days: 90, day: 1 };
        let click = Click { query: query.to_owned(), id: "1".to_owned(), asker: 1, day: 1 };
        learn([click], &options, "g000001")
    }

    #[test]
    fn priors_are_published_replaced_and_unset() {
        let data = tempfile::tempdir().unwrap();
        let store = PriorStore::new(data.path());
        assert!(store.current().unwrap().is_none() && store.unset().unwrap().is_none());
        for number in 1..=5 {
            let query = format!("q{number}");
            let name = store.publish(&prior(&query)).unwrap();
            assert_eq!(name, format!("p{number:06}"));
            let (current, read) = store.current().unwrap().unwrap();
            assert_eq!((current, read), (name, prior(&query)));
        }
        assert_eq!(store.names().unwrap(), ["p000003", "p000004", "p000005"]);
        assert_eq!(store.unset().unwrap().as_deref(), Some("p000005"));
        assert!(store.current().unwrap().is_none());
        assert_eq!(store.publish(&prior("q")).unwrap(), "p000006", "names are not used again");
    }

    #[test]
    fn damage_is_told() {
        let data = tempfile::tempdir().unwrap();
        let store = PriorStore::new(data.path());
        let name = store.publish(&prior("q")).unwrap();
        fs::write(store.path(&name), "{").unwrap();
        assert!(store.current().unwrap_err().to_string().contains("p000001.json is no learned prior"));
        fs::remove_file(store.path(&name)).unwrap();
        assert!(store.current().unwrap_err().to_string().contains("not there"));
        for pointer in ["", "x", "p1", "../p000001", "p00000a"] {
            fs::write(data.path().join("priors/CURRENT"), pointer).unwrap();
            assert!(store.current().unwrap_err().to_string().contains("names no prior"), "{pointer}");
        }
        assert_eq!(store.unset().unwrap(), None, "it is taken away all the same");
        assert!(store.current().unwrap().is_none());
    }

    #[test]
    fn one_writer_at_a_time() {
        let data = tempfile::tempdir().unwrap();
        let store = PriorStore::new(data.path());
        store.publish(&prior("q")).unwrap();
        let lock = store.lock().unwrap();
        assert!(matches!(store.publish(&prior("r")), Err(PriorError::Busy { .. })));
        drop(lock);
        store.publish(&prior("r")).unwrap();
    }
}
