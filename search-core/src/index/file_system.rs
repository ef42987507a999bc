//! What a data directory's writers do to the disk: one small trait, so that tests can fail or cut off every operation.
//!
//! Reading is not part of it: files of a generation are memory-mapped, and nobody writes to them once they are sealed.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Operations that change files or make changes last.
///
/// Implementations MUST carry out an operation as a whole or give an error, but for a write, of which a beginning may
/// have been carried out. What was not flushed by [`FileSystem::sync_file`] and [`FileSystem::sync_dir`] may be lost
/// in a power failure, in any combination.
pub(crate) trait FileSystem: Debug + Send + Sync {
    /// Creates a directory and those above it, as far as they are not there.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Creates an empty file, in place of the one that may be there.
    fn create_file(&self, path: &Path) -> io::Result<Box<dyn Write + Send + Sync>>;

    /// Renames a file or a directory; a file takes the place of another one.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory with all it holds.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;

    /// Makes the content of a file last.
    fn sync_file(&self, path: &Path) -> io::Result<()>;

    /// Makes the entries of a directory last: what was created, renamed and removed in it.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// The bytes that this process may still write where a directory is; `None` if nobody tells.
    fn free_bytes(&self, dir: &Path) -> Option<u64>;
}

/// The file system of the machine.
///
/// What is created gets the owner and the permissions of the directory it is created in, so that a reindex by root
/// can be read, and removed, by the service that runs as another user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LocalFiles;

impl FileSystem for LocalFiles {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        if dir.is_dir() {
            return Ok(());
        }
        if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            self.create_dir(parent)?;
        }
        match fs::create_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
            Err(error) => Err(error),
            Ok(()) => inherit_access(dir),
        }
    }

    fn create_file(&self, path: &Path) -> io::Result<Box<dyn Write + Send + Sync>> {
        let file = File::create(path)?;
        inherit_access(path)?;
        Ok(Box::new(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir_all(dir)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    #[cfg(unix)]
    fn free_bytes(&self, dir: &Path) -> Option<u64> {
        let disk = rustix::fs::statvfs(dir).ok()?;
        disk.f_bavail.checked_mul(disk.f_frsize)
    }

    #[cfg(not(unix))]
    fn free_bytes(&self, _dir: &Path) -> Option<u64> {
        None
    }
}

/// Gives a new file or directory the owner and the permissions of the directory it lies in.
#[cfg(unix)]
pub(crate) fn inherit_access(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    /// Read and write, for whomever the directory lets in.
    const FILE_MODE: u32 = 0o666;
    const DIR_MODE: u32 = 0o7777;
    let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) else { return Ok(()) };
    let (above, own) = (fs::metadata(parent)?, fs::metadata(path)?);
    // Somebody else's world-writable directory with the sticky bit, such as /tmp, gives no example.
    const STICKY: u32 = 0o1000;
    if above.mode() & STICKY != 0 {
        return Ok(());
    }
    if (above.uid(), above.gid()) != (own.uid(), own.gid()) {
        match chown(path, Some(above.uid()), Some(above.gid())) {
            // Only root may give files away. Whoever else writes here has been let in by the directory's mode.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            other => other?,
        }
    }
    let mode = above.mode() & if own.is_dir() { DIR_MODE } else { FILE_MODE };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Gives a new file or directory the owner and the permissions of the directory it lies in.
#[cfg(not(unix))]
pub(crate) fn inherit_access(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_directories_are_created_replaced_and_removed() {
        let place = tempfile::tempdir().expect("there is a place");
        let dir = place.path().join("a/b");
        LocalFiles.create_dir(&dir).expect("it is created");
        LocalFiles.create_dir(&dir).expect("it is there already");
        let (file, other) = (dir.join("file"), dir.join("other"));
        for content in ["first", "second"] {
            let mut created = LocalFiles.create_file(&file).expect("it is created");
            created.write_all(content.as_bytes()).expect("it is written");
            LocalFiles.sync_file(&file).expect("it is flushed");
            assert_eq!(fs::read_to_string(&file).expect("it is read"), content);
        }
        fs::write(&other, "other").expect("it is written");
        LocalFiles.rename(&file, &other).expect("it is renamed");
        LocalFiles.sync_dir(&dir).expect("it is flushed");
        assert_eq!(fs::read_to_string(&other).expect("it is read"), "second");
        LocalFiles.remove_file(&other).expect("it is removed");
        assert!(LocalFiles.remove_file(&other).is_err());
        LocalFiles.remove_dir(&place.path().join("a")).expect("it is removed");
        assert!(!dir.exists());
    }
}
