//! The lock of a directory's only writer.

use super::file_system::inherit_access;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

const LOCK: &str = "writer.lock";
const CHANGES_LOCK: &str = "changes.lock";

/// Held by the one that writes to a directory; the system gives it up where its process dies.
#[derive(Debug)]
pub(crate) struct WriteLock(File);

impl WriteLock {
    /// Takes the lock of a directory that is there; `None` while another writer holds it.
    pub(crate) fn take(dir: &Path) -> io::Result<Option<WriteLock>> {
        let file = open(&dir.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(WriteLock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Held while the log of changes grows, or while it is decided which of its batches a generation begins with: for a
/// moment, so whoever needs it waits.
#[derive(Debug)]
pub(crate) struct ChangesLock(File);

impl ChangesLock {
    /// Waits for the lock of a directory that is there.
    pub(crate) fn wait(dir: &Path) -> io::Result<ChangesLock> {
        let file = open(&dir.join(CHANGES_LOCK))?;
        file.lock()?;
        Ok(ChangesLock(file))
    }
}

impl Drop for ChangesLock {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

fn open(path: &Path) -> io::Result<File> {
    let is_new = !path.exists();
    let file = File::options().create(true).append(true).open(path)?;
    if is_new {
        inherit_access(path)?;
    }
    Ok(file)
}

impl Drop for WriteLock {
    fn drop(&mut self) {
        // Closing the file is not enough: a child process that is just being started holds a copy of it for a moment.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_free_as_soon_as_it_is_dropped_whoever_holds_a_copy_of_the_file() {
        let dir = tempfile::tempdir().expect("there is a place");
        let lock = WriteLock::take(dir.path()).expect("it can be opened").expect("nobody holds it");
        assert!(WriteLock::take(dir.path()).expect("it can be opened").is_none());
        // What a child process has between fork and exec.
        let copy = lock.0.try_clone().expect("it is copied");
        drop(lock);
        assert!(WriteLock::take(dir.path()).expect("it can be opened").is_some());
        drop(copy);
    }
}
