//! One file comes down: in ranges, several at once, written in their order, so that what is there after a crash is a
//! beginning that the next attempt goes on from.

use super::cache::Cache;
use super::digest::Hasher;
use super::entry::StoredFile;
use super::error::ReplicaError;
use super::files::{self, PART_BYTES, PARTS_AT_ONCE};
use super::progress::Transfer;
use super::upload::blocking;
use futures_util::{StreamExt, stream};
use object_store::{ObjectStore, ObjectStoreExt};
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Brings a file into the cache, if it is not there. It gets its name only once it has its digest.
pub(super) async fn download(
    store: &dyn ObjectStore,
    cache: &Cache,
    file: &StoredFile,
    generation: &str,
    transfer: &Transfer,
) -> Result<(), ReplicaError> {
    let (looking, wanted) = (cache.clone(), file.clone());
    let there = tokio::task::spawn_blocking(move || looking.has(&wanted.sha256, wanted.bytes));
    if there.await.map_err(|ended| ReplicaError::io("reading", cache.dir())(io::Error::other(ended)))?? {
        transfer.skip(file.bytes);
        return Ok(());
    }
    let path = files::path(&file.sha256);
    let mut part = Part::open(cache.part(&file.sha256), file.bytes).await?;
    transfer.skip(part.bytes);
    let starts = (part.bytes..file.bytes).step_by(PART_BYTES as usize);
    let ranges = starts.map(|start| store.get_range(&path, start..file.bytes.min(start + PART_BYTES)));
    let mut ranges = stream::iter(ranges).buffered(PARTS_AT_ONCE);
    while let Some(range) = ranges.next().await {
        let bytes = match range {
            Err(object_store::Error::NotFound { .. }) => {
                let (digest, path) = (file.sha256.clone(), file.path.clone());
                return Err(ReplicaError::MissingFile { digest, path, generation: generation.to_owned() });
            }
            range => range.map_err(ReplicaError::store("reading", &path))?,
        };
        transfer.move_on(bytes.len() as u64);
        part.write(bytes.to_vec()).await?;
    }
    drop(ranges);
    part.finish(file, &cache.file(&file.sha256)).await
}

/// The beginning of a file on the disk.
struct Part {
    path: PathBuf,
    bytes: u64,
    // Away while something is written.
    writing: Option<(File, Hasher)>,
}

impl Part {
    /// Goes on from what is there, if it can be a beginning of so many bytes.
    async fn open(path: PathBuf, most: u64) -> Result<Part, ReplicaError> {
        let owned = path.clone();
        let opened = blocking(move || open(&owned, most)).await;
        let (bytes, file, hasher) = opened.map_err(ReplicaError::io("reading", &path))?;
        Ok(Part { path, bytes, writing: Some((file, hasher)) })
    }

    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ReplicaError> {
        let Some((mut file, mut hasher)) = self.writing.take() else { return Ok(()) };
        self.bytes += bytes.len() as u64;
        let written = blocking(move || {
            hasher.update(&bytes);
            file.write_all(&bytes)?;
            Ok((file, hasher))
        });
        self.writing = Some(written.await.map_err(ReplicaError::io("writing", &self.path))?);
        Ok(())
    }

    /// Gives the file its name if it is the one wanted; else removes it.
    async fn finish(mut self, wanted: &StoredFile, to: &Path) -> Result<(), ReplicaError> {
        let Some((file, hasher)) = self.writing.take() else { return Ok(()) };
        let found = hasher.finish();
        let (from, to) = (self.path.clone(), to.to_owned());
        if (found.bytes, &found.digest) != (wanted.bytes, &wanted.sha256) {
            blocking(move || fs::remove_file(from))
                .await
                .map_err(ReplicaError::io("removing", &self.path))?;
            let place = files::path(&wanted.sha256).to_string();
            return Err(ReplicaError::WrongDigest {
                place,
                found: found.digest,
                expected: wanted.sha256.clone(),
            });
        }
        let named = blocking(move || {
            file.sync_all()?;
            match fs::rename(from, &to) {
                // A pull that was given up has finished it meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound && to.exists() => Ok(()),
                renamed => renamed,
            }
        });
        named.await.map_err(ReplicaError::io("writing", &self.path))
    }
}

fn open(path: &Path, most: u64) -> io::Result<(u64, File, Hasher)> {
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    // A pull that was given up may still be writing the piece it had: it has the lock until then.
    let _ = file.lock();
    let mut hasher = Hasher::default();
    let mut bytes = file.metadata()?.len();
    if bytes > most {
        file.set_len(0)?;
        bytes = 0;
    }
    hasher.read(&mut file, |_| ())?;
    file.seek(SeekFrom::Start(bytes))?;
    Ok((bytes, file, hasher))
}
