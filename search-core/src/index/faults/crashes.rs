//! What crashes leave, and whether it can be served and written to.

use super::faulty_files::{Bytes, Change, FaultyFiles, State, files_below};
use super::rows;
use crate::engine::Engine;
use crate::error::EngineError;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Looks at what crashes leave, each different outcome once.
#[derive(Default)]
pub(super) struct Crashes {
    /// Numbers of organizations that may be served.
    pub(super) allowed: Vec<u64>,
    /// Organizations that a writer finds afterwards.
    pub(super) seen: HashSet<Vec<(PathBuf, u64, u32)>>,
    /// Outcomes that were written to again: one of each list of files.
    pub(super) rewritten: HashSet<Vec<PathBuf>>,
    pub(super) tried: usize,
}

impl Crashes {
    pub(super) fn look(&mut self, files: &FaultyFiles, state: &State) {
        let dirs: HashSet<&Path> = state.changes.iter().map(Change::dir).collect();
        for bytes in [Bytes::All, Bytes::None, Bytes::Half] {
            self.look_at(files, state, bytes, |_| false);
            self.look_at(files, state, bytes, |_| true);
            for dir in &dirs {
                self.look_at(files, state, bytes, |change| change.dir() == *dir);
            }
        }
    }

    fn look_at(&mut self, files: &FaultyFiles, state: &State, bytes: Bytes, loses: impl Fn(&Change) -> bool) {
        let place = tempfile::tempdir_in(&files.attic).unwrap();
        let dir = place.path().join("data");
        files.after_crash(state, &dir, bytes, loses);
        self.tried += 1;
        let outcome: Vec<(PathBuf, u64, u32)> = files_below(&dir)
            .into_iter()
            .map(|path| {
                let name = path.strip_prefix(&dir).unwrap().to_owned();
                let inode = fs::metadata(&path).unwrap();
                // A file with another link is one that was there before.
                match inode.nlink() > 1 {
                    true => (name, inode.ino(), 0),
                    false => (name, inode.len(), crc32(&path)),
                }
            })
            .collect();
        let names = outcome.iter().map(|(name, ..)| name.clone()).collect();
        if self.seen.insert(outcome) {
            let at = format!("before operation {}, bytes {bytes:?}", state.operations + 1);
            assert_serves(&dir, &self.allowed, &at);
            if self.rewritten.insert(names) {
                assert_writable(&dir, &at);
            }
        }
    }
}

/// The directory serves one of the allowed numbers of organizations, whole; 0: it has no generation.
pub(super) fn assert_serves(dir: &Path, allowed: &[u64], at: &str) {
    let orgs = match Engine::open(dir) {
        Ok(engine) => {
            assert_eq!(engine.verify().unwrap(), [""; 0], "{at}");
            engine.generation().orgs
        }
        Err(EngineError::NoGeneration { .. }) => 0,
        Err(error) => panic!("{at}: {error}"),
    };
    assert!(allowed.contains(&orgs), "{at}: {orgs} organizations, allowed are {allowed:?}");
}

fn assert_writable(dir: &Path, at: &str) {
    const AFTERWARDS: usize = 7;
    let engine = Engine::unopened(dir).unwrap();
    engine.reindex(rows(AFTERWARDS), |_| {}).unwrap_or_else(|error| panic!("{at}: {error}"));
    assert_serves(dir, &[AFTERWARDS as u64], at);
    for leftover in [".building", ".removed"] {
        assert!(!dir.join("generations").join(leftover).exists(), "{at}");
    }
}

fn crc32(path: &Path) -> u32 {
    let mut content = Vec::new();
    File::open(path).unwrap().read_to_end(&mut content).unwrap();
    crc32fast::hash(&content)
}
