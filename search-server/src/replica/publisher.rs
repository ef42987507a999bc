//! The writer as a server: whatever its engine makes live goes into the store, and a batch of changes is acknowledged once
//! it is there.
//!
//! ```text
//! batch -> does it fit -> an entry of the log -> the log of changes on the disk -> searched -> acknowledged
//! ```
//! Where the process ends between two of these steps, or a put has no answer, the log says what happened: before the next
//! batch, and when the server starts, what the log has and the disk lacks is brought here, under its numbers.

use super::entry::{Body, LogEntry, StoredBatch};
use super::error::ReplicaError;
use super::log::{Log, Writer};
use super::newest::Newest;
use super::publish::{Published, Publishing, chosen};
use object_store::ObjectStore;
use search_core::changes::{
    Applied, Batch, ChangeError, ChangesAbove, LocalChanges, NotShared, NumberedBatch,
};
use search_core::{Engine, EngineError, GenerationFormat};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Handle;

/// A batch is begun anew so often if the log or the live generation has moved on meanwhile.
const MOST_TRIES: usize = 5;

/// Publishes what an engine makes live. One task at a time.
pub(crate) struct Publisher {
    engine: Arc<Engine>,
    data: PathBuf,
    log: Log,
    store: Arc<dyn ObjectStore>,
    /// `None` until an epoch is claimed.
    writer: Option<Writer>,
    newest: Newest,
    /// Whether the log may have entries of this writer that it does not know of.
    is_unsettled: bool,
    /// What the engine called the tree when all of it was in the log.
    published: Option<String>,
}

/// Why a batch is not acknowledged.
#[derive(Debug)]
pub(crate) enum BatchError {
    /// It was refused, or the disk failed.
    Change(ChangeError),
    /// The store did not take it, or its answer was lost: whether it is in effect is known once it was sent again.
    Replica(ReplicaError),
    /// Something else is being published, for longer than a request waits.
    Busy,
}

impl From<ReplicaError> for BatchError {
    fn from(error: ReplicaError) -> Self {
        BatchError::Replica(error)
    }
}

impl Publisher {
    /// Nothing is asked of the store yet.
    pub(crate) fn new(engine: Arc<Engine>, data: &Path, store: Arc<dyn ObjectStore>) -> Self {
        Publisher {
            engine,
            data: data.to_owned(),
            log: Log::new(&store, &GenerationFormat::current()),
            store,
            writer: None,
            newest: Newest::default(),
            is_unsettled: true,
            published: None,
        }
    }

    /// The last entry that says what is to be served; 0: none.
    pub(crate) fn sequence(&self) -> u64 {
        self.newest.sequence()
    }

    /// The epoch that it has claimed; 0: none yet.
    pub(crate) fn epoch(&self) -> u64 {
        self.writer.as_ref().map_or(0, |writer| writer.last().epoch)
    }

    /// Publishes what the engine has and the log lacks; gives what that was.
    ///
    /// # Errors
    /// [`ReplicaError::TakenOver`]: another writer goes on, and this one never will. After others it may be tried again.
    pub(crate) async fn sync(&mut self) -> Result<Option<Published>, ReplicaError> {
        self.settle().await?;
        let (engine, known) = (Arc::clone(&self.engine), self.published.clone());
        let look = move || {
            // What others did in the data directory comes first. What cannot be opened is told by whoever follows it.
            let _ = engine.refresh();
            Ok(engine.generation().version)
        };
        let version = blocking(look).await?;
        if known.as_ref() == Some(&version) {
            return Ok(None);
        }
        let data = self.data.clone();
        let (sealed, changes) = match blocking(move || chosen(&data, &[])).await {
            Ok(mut chosen) => chosen.swap_remove(0),
            // The first generation is still to come.
            Err(ReplicaError::NothingToPublish { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let writer = self.writer.as_mut().ok_or_else(no_epoch)?;
        let (hashed, uploaded) = (Arc::default(), Arc::default());
        let publishing = Publishing {
            store: Arc::clone(&self.store),
            sealed: &sealed,
            changes: &changes,
            hashed,
            uploaded,
        };
        // Until it is through, an entry may be there that nobody was told of.
        self.is_unsettled = true;
        let published = publishing.append(writer, &mut self.newest, None).await?;
        self.is_unsettled = false;
        self.published = Some(version);
        Ok(Some(published))
    }

    /// Claims an epoch the first time; then brings here what the log has and the disk lacks.
    async fn settle(&mut self) -> Result<(), ReplicaError> {
        match &mut self.writer {
            None => self.writer = Some(Writer::claim(&self.log).await?),
            // One read, also where nothing is to be done: it tells that the store answers, and that nobody took over.
            Some(writer) => self.is_unsettled |= writer.catch_up().await? > 0,
        }
        if !self.is_unsettled {
            return Ok(());
        }
        let last = self.writer.as_ref().map(Writer::last).ok_or_else(no_epoch)?;
        let (newest, above) = Newest::read(&self.log, last).await?;
        let (engine, data) = (Arc::clone(&self.engine), self.data.clone());
        blocking(move || take_in(&engine, &data, &above)).await?;
        (self.newest, self.is_unsettled, self.published) = (newest, false, None);
        Ok(())
    }

    /// Makes a batch, and puts it into the log before it is kept here.
    ///
    /// # Errors
    /// See [`BatchError`].
    pub(crate) async fn apply(&mut self, batch: &Batch) -> Result<Applied, BatchError> {
        let mut last = None;
        for _ in 0..MOST_TRIES {
            self.sync().await?;
            match self.try_apply(batch.clone()).await {
                Err(BatchError::Replica(
                    error @ (ReplicaError::LateEntry { .. } | ReplicaError::NotPublished { .. }),
                )) => last = Some(error),
                done => return done,
            }
        }
        Err(last.unwrap_or_else(no_epoch).into())
    }

    async fn try_apply(&mut self, batch: Batch) -> Result<Applied, BatchError> {
        let published = self.published.clone();
        let (engine, handle) = (Arc::clone(&self.engine), Handle::current());
        let mut writer = self.writer.take().ok_or_else(no_epoch)?;
        self.is_unsettled = true;
        let (writer, appended, done) = blocking(move || {
            let mut appended = None;
            let mut share = |generation: &str, batch: &NumberedBatch| -> Result<(), NotShared> {
                // Others that write to the data directory may have been there since.
                let live = engine.generation().version;
                if published.as_ref() != Some(&live) {
                    return Err(Box::new(ReplicaError::NotPublished { live }));
                }
                let changes = StoredBatch::new(generation, batch.clone());
                appended = Some(handle.block_on(writer.append(Body::Changes { changes }))?);
                Ok(())
            };
            let done = engine.apply_shared(&batch, &mut share);
            Ok((writer, appended, done))
        })
        .await?;
        self.writer = Some(writer);
        self.finish(appended.as_ref(), done)
    }

    fn finish(
        &mut self,
        appended: Option<&LogEntry>,
        done: Result<Applied, ChangeError>,
    ) -> Result<Applied, BatchError> {
        match done {
            Ok(applied) => {
                if let Some(entry) = appended {
                    self.newest.add(entry);
                    self.published = Some(applied.generation.clone());
                }
                self.is_unsettled = false;
                Ok(applied)
            }
            Err(ChangeError::NotShared { source }) => match source.downcast::<ReplicaError>() {
                Ok(error) => Err(BatchError::Replica(*error)),
                Err(source) => Err(BatchError::Change(ChangeError::NotShared { source })),
            },
            Err(error) => {
                // A batch that is in the log and not here is fetched before the next one.
                self.is_unsettled = appended.is_some();
                Err(BatchError::Change(error))
            }
        }
    }
}

/// Brings batches here that the log has and the disk lacks.
fn take_in(engine: &Engine, data: &Path, above: &ChangesAbove) -> Result<(), ReplicaError> {
    // What cannot be opened is told by whoever follows the data directory.
    let _ = engine.refresh();
    let Some(local) = LocalChanges::read(data)? else { return Ok(()) };
    let lacks = |batch: &&NumberedBatch| !local.has(batch.sequence, &batch.batch.key, batch.batch.at);
    let lacking: Vec<NumberedBatch> = above.batches.iter().filter(lacks).cloned().collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let (count, generation) = (lacking.len(), engine.generation().name);
    let is_live = generation == above.generation;
    let begins = above.begins.clone();
    let above = ChangesAbove { generation: generation.clone(), begins, batches: lacking };
    let mut taken_in = count;
    if !is_live || engine.replay(&above).is_err() {
        // What is live was built, or changed, before they were here: they are made anew on top of it, under other numbers.
        // What does not fit is told by `Publishing`, as a batch that is lacking.
        taken_in = above.batches.iter().map_while(|batch| engine.apply(&batch.batch).ok()).count();
    }
    tracing::info!(
        count,
        taken_in,
        generation,
        "{count} batches of the store were lacking; taken in above {generation}: {taken_in}"
    );
    Ok(())
}

fn no_epoch() -> ReplicaError {
    ReplicaError::Engine(EngineError::TextIndex("no epoch is claimed".to_owned()))
}

/// Runs work on files away from the threads that wait for the network.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ReplicaError> + Send + 'static,
) -> Result<T, ReplicaError> {
    let ended = |ended| ReplicaError::Io {
        action: "writing",
        path: PathBuf::from("the data directory"),
        source: std::io::Error::other(ended),
    };
    tokio::task::spawn_blocking(work).await.map_err(ended)?
}
