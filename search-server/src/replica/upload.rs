//! One file goes up: in parts, several at once, and only becomes an object if it is what it was when it was named.

use super::digest::Hasher;
use super::entry::StoredFile;
use super::error::ReplicaError;
use super::files::{self, PART_BYTES, PARTS_AT_ONCE};
use super::progress::Transfer;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, TryStreamExt};
use object_store::path::Path as ObjectPath;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Puts the file at `from` into the store under its digest.
pub(super) async fn upload(
    store: &dyn ObjectStore,
    from: &Path,
    file: &StoredFile,
    transfer: &Transfer,
) -> Result<(), ReplicaError> {
    let path = files::path(&file.sha256);
    let mut parts = Parts::open(from).await?;
    if file.bytes <= PART_BYTES {
        let whole = parts.next().await?;
        parts.check(file).await?;
        let bytes = whole.len() as u64;
        store.put(&path, whole.into()).await.map_err(ReplicaError::store("uploading", &path))?;
        transfer.move_on(bytes);
        return Ok(());
    }
    let mut upload = store.put_multipart(&path).await.map_err(ReplicaError::store("uploading", &path))?;
    let sent = send(&mut *upload, &path, &mut parts, transfer).await;
    let sent = match sent {
        Ok(()) => parts.check(file).await,
        failed => failed,
    };
    match sent {
        Ok(()) => upload.complete().await.map(drop).map_err(ReplicaError::store("completing", &path)),
        Err(error) => {
            // What cannot be taken back now is removed by the store's own rule for unfinished uploads.
            let _ = upload.abort().await;
            Err(error)
        }
    }
}

/// All parts in their order, several under way.
async fn send(
    upload: &mut dyn MultipartUpload,
    path: &ObjectPath,
    parts: &mut Parts,
    transfer: &Transfer,
) -> Result<(), ReplicaError> {
    let mut under_way = FuturesUnordered::new();
    loop {
        let part = parts.next().await?;
        if part.is_empty() {
            break;
        }
        let bytes = part.len() as u64;
        under_way.push(upload.put_part(PutPayload::from(part)).map(move |put| put.map(|()| bytes)));
        if under_way.len() >= PARTS_AT_ONCE
            && let Some(bytes) = under_way.try_next().await.map_err(ReplicaError::store("uploading", path))?
        {
            transfer.move_on(bytes);
        }
    }
    while let Some(bytes) = under_way.try_next().await.map_err(ReplicaError::store("uploading", path))? {
        transfer.move_on(bytes);
    }
    Ok(())
}

/// A file, part by part, hashed on the way.
struct Parts {
    path: PathBuf,
    // Away while a part is read.
    reading: Option<(File, Hasher)>,
}

impl Parts {
    async fn open(path: &Path) -> Result<Parts, ReplicaError> {
        let owned = path.to_owned();
        let file = blocking(move || File::open(owned)).await.map_err(ReplicaError::io("reading", path))?;
        Ok(Parts { path: path.to_owned(), reading: Some((file, Hasher::default())) })
    }

    /// The next part; empty at the end.
    async fn next(&mut self) -> Result<Vec<u8>, ReplicaError> {
        let Some((mut file, mut hasher)) = self.reading.take() else { return Ok(Vec::new()) };
        let read = blocking(move || {
            let mut part = Vec::new();
            Read::by_ref(&mut file).take(PART_BYTES).read_to_end(&mut part)?;
            hasher.update(&part);
            Ok((part, file, hasher))
        });
        let (part, file, hasher) = read.await.map_err(ReplicaError::io("reading", &self.path))?;
        self.reading = Some((file, hasher));
        Ok(part)
    }

    /// Whether what was read to its end is the file that was named.
    async fn check(&mut self, file: &StoredFile) -> Result<(), ReplicaError> {
        let rest = self.next().await?;
        let hasher = self.reading.take().map(|(_, hasher)| hasher).unwrap_or_default();
        let read = hasher.finish();
        if rest.is_empty() && read.bytes == file.bytes && read.digest == file.sha256 {
            return Ok(());
        }
        Err(ReplicaError::Damaged { path: self.path.clone() })
    }
}

/// Runs work on files away from the threads that wait for the network.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(ended) => Err(io::Error::other(ended)),
    }
}
