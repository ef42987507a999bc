//! tantivy's view of a sealed generation: its files are mapped and read, nothing is written, not even a lock file.
//!
//! tantivy locks a directory while a reader looks up the current segments, against writers that collect garbage. A
//! sealed generation has no writer, and may lie on a read-only disk.

use std::io;
use std::path::Path;
use std::sync::Arc;
use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    DirectoryLock, FileHandle, Lock, MmapDirectory, WatchCallback, WatchHandle, WritePtr,
};

/// The files of a sealed segment.
#[derive(Clone, Debug)]
pub(super) struct SealedDirectory {
    pub(super) files: MmapDirectory,
}

fn sealed() -> io::Error {
    io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "a sealed generation is not written to")
}

impl Directory for SealedDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(sealed()), filepath: path.to_owned() })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::wrap_io_error(sealed(), path.to_owned()))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.files.atomic_read(path)
    }

    fn atomic_write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Err(sealed())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn files_are_read_and_never_changed() {
        let dir = tempfile::tempdir().expect("there is a place");
        fs::write(dir.path().join("a"), "content").expect("it is written");
        let sealed = SealedDirectory { files: MmapDirectory::open(dir.path()).expect("it is opened") };
        let (there, new) = (Path::new("a"), Path::new("b"));
        assert_eq!(sealed.atomic_read(there).expect("it is read"), b"content");
        assert!(sealed.delete(there).is_err() && sealed.atomic_write(there, b"x").is_err());
        assert!(sealed.open_write(new).is_err() && sealed.atomic_write(new, b"x").is_err());
        assert_eq!(fs::read_dir(dir.path()).expect("it is read").count(), 1);
        assert_eq!(fs::read(dir.path().join("a")).expect("it is read"), b"content");
    }
}
