//! tantivy's view of a segment that is being written: everything that changes files goes through [`FileSystem`].
//!
//! tantivy's own directory flushes each file when it is finished, keeps its temporary files to its owner, and locks.
//! Here the store flushes all files before the generation is sealed, and holds the one lock.

use super::file_system::FileSystem;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, DirectoryLock, FileHandle, Lock, MmapDirectory, TerminatingWrite, WatchCallback,
    WatchHandle, WritePtr,
};

/// The files of a segment under construction.
#[derive(Clone, Debug)]
pub(crate) struct BuildingDirectory {
    dir: PathBuf,
    /// For reading back.
    mapped: MmapDirectory,
    file_system: Arc<dyn FileSystem>,
}

impl BuildingDirectory {
    /// The directory must be there.
    pub(crate) fn open(dir: &Path, file_system: Arc<dyn FileSystem>) -> Result<Self, OpenDirectoryError> {
        Ok(BuildingDirectory { dir: dir.to_owned(), mapped: MmapDirectory::open(dir)?, file_system })
    }
}

impl Directory for BuildingDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.mapped.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.file_system.remove_file(&self.dir.join(path)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => DeleteError::FileDoesNotExist(path.to_owned()),
            _ => DeleteError::IoError { io_error: Arc::new(error), filepath: path.to_owned() },
        })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.mapped.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let full_path = self.dir.join(path);
        if full_path.exists() {
            return Err(OpenWriteError::FileAlreadyExists(path.to_owned()));
        }
        let file = self.file_system.create_file(&full_path);
        let file = file.map_err(|error| OpenWriteError::wrap_io_error(error, path.to_owned()))?;
        Ok(BufWriter::new(Box::new(SegmentFile(file))))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.mapped.atomic_read(path)
    }

    /// Not atomic: a crash leaves a directory that is thrown away as a whole.
    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let mut file = self.file_system.create_file(&self.dir.join(path))?;
        file.write_all(data)?;
        file.flush()
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

/// A file that tantivy writes from beginning to end.
struct SegmentFile(Box<dyn Write + Send + Sync>);

impl Write for SegmentFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl TerminatingWrite for SegmentFile {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::file_system::LocalFiles;

    #[test]
    fn what_is_written_is_read_back_and_removed_once() {
        let dir = tempfile::tempdir().expect("there is a place");
        let building = BuildingDirectory::open(dir.path(), Arc::new(LocalFiles)).expect("it is opened");
        let path = Path::new("a");
        let mut file = building.open_write(path).expect("it is new");
        file.write_all(b"content").expect("it is written");
        file.terminate().expect("it is finished");
        assert_eq!(building.atomic_read(path).expect("it is read"), b"content");
        assert!(matches!(building.open_write(path), Err(OpenWriteError::FileAlreadyExists(_))));
        building.atomic_write(path, b"other").expect("it is replaced");
        assert_eq!(building.atomic_read(path).expect("it is read"), b"other");
        building.delete(path).expect("it is removed");
        assert!(matches!(building.delete(path), Err(DeleteError::FileDoesNotExist(_))));
    }
}
