//! Files of generations in the store: each under its digest, whoever published it.

use super::digest::Digest;
use super::error::ReplicaError;
use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use std::time::Duration;

/// Where the files stand.
pub(super) const FILES: &str = "files";

/// Bytes of one part of an upload or a download: enough that a request's own time does not count, and little enough that
/// several are in memory at once. S3 takes up to 10,000 parts of one object: 80 GB.
pub(super) const PART_BYTES: u64 = 8 << 20;

/// Parts under way at once, of one file.
pub(super) const PARTS_AT_ONCE: usize = 4;

/// Files under way at once.
pub(super) const FILES_AT_ONCE: usize = 3;

/// A file that no log entry names is kept at least so long after it was written: an upload may be under way.
pub(super) const LEAST_GRACE: Duration = Duration::from_secs(60 * 60);

pub(super) fn path(digest: &Digest) -> Path {
    Path::from(format!("{FILES}/{digest}"))
}

/// An object below `files/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) digest: Digest,
    pub(crate) bytes: u64,
    /// When it was written, by the store's clock, in seconds since 1970.
    pub(super) written_at: i64,
}

impl Object {
    fn new(meta: &ObjectMeta) -> Option<Object> {
        let digest = Digest::try_from(meta.location.filename()?.to_owned()).ok()?;
        Some(Object { digest, bytes: meta.size, written_at: meta.last_modified.timestamp() })
    }
}

/// All files in the store. What is not named as one is no file of ours.
pub(super) async fn list(store: &dyn ObjectStore) -> Result<Vec<Object>, ReplicaError> {
    let folder = Path::from(FILES);
    let mut listed = store.list(Some(&folder));
    let mut found = Vec::new();
    while let Some(meta) = listed.try_next().await.map_err(ReplicaError::store("listing", &folder))? {
        found.extend(Object::new(&meta));
    }
    Ok(found)
}

/// The file of a digest, if the store has it.
pub(super) async fn find(store: &dyn ObjectStore, digest: &Digest) -> Result<Option<Object>, ReplicaError> {
    let path = path(digest);
    match store.head(&path).await {
        Ok(meta) => Ok(Object::new(&meta)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(source) => Err(ReplicaError::store("asking for", &path)(source)),
    }
}

/// When an object was written, by the store's clock: of one that was just written, what the store thinks it is now.
pub(super) async fn written_at(store: &dyn ObjectStore, path: &Path) -> Result<i64, ReplicaError> {
    let meta = store.head(path).await.map_err(ReplicaError::store("asking for", path))?;
    Ok(meta.last_modified.timestamp())
}
