//! Publishes what the server makes live into an object store, and acknowledges batches of changes.

use crate::config::{Acknowledgement, PublishSettings};
use crate::replica::{BatchError, Outcome, Patience, Published, Publisher, ReplicaError, StoreAddress};
use crate::state::AppState;
use futures_util::FutureExt;
use search_core::changes::{Applied, Batch};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex as PlainMutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, Notify};
use tokio::time::timeout;

/// A writer and how far it is. It knows no clock but its own: the lag is how long ago it last saw that everything it
/// serves was in the store.
pub(crate) struct StoreWriter {
    /// What is published to.
    pub(crate) address: StoreAddress,
    pub(crate) ack: Acknowledgement,
    /// `None` until there is a client.
    publisher: Mutex<Option<Publisher>>,
    /// Told when there is something to publish.
    wanted: Notify,
    sequence: AtomicU64,
    epoch: AtomicU64,
    is_taken_over: AtomicBool,
    current_at: PlainMutex<Instant>,
}

/// How long a batch waits for a generation that is being published.
const MOST_WAITING: Duration = Duration::from_secs(30);

/// The longest pause between two attempts at a store that fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl StoreWriter {
    /// For a server that publishes.
    pub(crate) fn new(settings: &PublishSettings, now: Instant) -> Option<StoreWriter> {
        Some(StoreWriter {
            address: settings.address.clone()?,
            ack: settings.ack,
            publisher: Mutex::default(),
            wanted: Notify::new(),
            sequence: AtomicU64::new(0),
            epoch: AtomicU64::new(0),
            is_taken_over: AtomicBool::new(false),
            current_at: PlainMutex::new(now),
        })
    }

    /// The last entry of the log; 0: none yet.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence.load(Ordering::Relaxed)
    }

    /// The epoch that was claimed; 0: none yet.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Relaxed)
    }

    /// Whether another writer goes on in its place.
    pub(crate) fn is_taken_over(&self) -> bool {
        self.is_taken_over.load(Ordering::Relaxed)
    }

    /// How long ago everything was known to be in the store; since the start, if it never was.
    pub(crate) fn lag(&self, now: Instant) -> Duration {
        now.saturating_duration_since(*self.current_at.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Something is live that may not be in the store yet.
    pub(crate) fn notify(&self) {
        self.wanted.notify_one();
    }

    fn note(&self, publisher: &Publisher, failed: Option<&ReplicaError>, began: Instant) {
        self.sequence.store(publisher.sequence(), Ordering::Relaxed);
        self.epoch.store(publisher.epoch(), Ordering::Relaxed);
        match failed {
            None => *self.current_at.lock().unwrap_or_else(PoisonError::into_inner) = began,
            Some(ReplicaError::TakenOver { .. }) => self.is_taken_over.store(true, Ordering::Relaxed),
            Some(_) => {}
        }
    }
}

/// Puts a batch into the log, and makes it. Goes on although nobody waits for it any more, so that the writer is not left
/// in the middle.
///
/// # Errors
/// See [`BatchError`].
pub(crate) async fn apply(
    state: &AppState,
    writer: &Arc<StoreWriter>,
    batch: Batch,
) -> Result<Applied, BatchError> {
    let (state, writer) = (state.clone(), Arc::clone(writer));
    let applying = tokio::spawn(async move {
        let Ok(mut publisher) = timeout(MOST_WAITING, writer.publisher.lock()).await else {
            return Err(BatchError::Busy);
        };
        let began = Instant::now();
        let publisher = open(&state, &writer, &mut publisher)?;
        let applied = publisher.apply(&batch).boxed().await;
        match &applied {
            Err(BatchError::Replica(error)) => {
                state.metrics.store_failed(error.code());
                writer.note(publisher, Some(error), began);
            }
            _ => writer.note(publisher, None, began),
        }
        applied
    });
    applying.await.unwrap_or(Err(BatchError::Busy))
}

fn open<'a>(
    state: &AppState,
    writer: &StoreWriter,
    publisher: &'a mut Option<Publisher>,
) -> Result<&'a mut Publisher, ReplicaError> {
    let data = state.settings.index.data_dir.clone().unwrap_or_default();
    if publisher.is_none() {
        let store = writer.address.open(Patience::Server)?;
        *publisher = Some(Publisher::new(Arc::clone(&state.engine), &data, store));
    }
    publisher.as_mut().ok_or_else(|| ReplicaError::NothingToPublish { dir: data, format: String::new() })
}

/// Publishes as long as the server runs.
pub(crate) async fn publish_store(state: AppState) {
    let Some(writer) = state.publish.clone() else { return };
    let every = state.settings.index.refresh_every.max(Duration::from_millis(10));
    let (mut pause, mut told) = (every, None);
    loop {
        match sync(&state, &writer).await {
            Ok(published) => {
                if told.take().is_some() {
                    tracing::info!("publishing to {} again", writer.address);
                }
                if let Some(published) = published {
                    tell_published(&published);
                }
                pause = every;
            }
            Err(error) => {
                state.metrics.store_failed(error.code());
                tell(&writer, &error, &mut told);
                pause = (pause * 2).clamp(every, LONGEST_PAUSE.max(every));
            }
        }
        let _ = timeout(pause, writer.wanted.notified()).await;
    }
}

async fn sync(state: &AppState, writer: &Arc<StoreWriter>) -> Result<Option<Published>, ReplicaError> {
    let (state, writer) = (state.clone(), Arc::clone(writer));
    let syncing = async {
        let mut publisher = writer.publisher.lock().await;
        let began = Instant::now();
        let publisher = open(&state, &writer, &mut publisher)?;
        let synced = publisher.sync().boxed().await;
        writer.note(publisher, synced.as_ref().err(), began);
        synced
    };
    syncing.await
}

fn tell_published(published: &Published) {
    let generation =
        published.entry.generation().map(|generation| generation.name.clone()).unwrap_or_default();
    let (sequence, batches) = (published.entry.sequence, published.batches);
    match published.outcome {
        Outcome::Published => tracing::info!(
            generation,
            sequence,
            batches,
            "generation {generation} is published as entry {sequence}"
        ),
        Outcome::BatchesPublished => {
            tracing::info!(generation, batches, "batches above {generation} are published: {batches}");
        }
        Outcome::AlreadyThere => {}
    }
}

/// Tells an error once.
fn tell(writer: &StoreWriter, error: &ReplicaError, told: &mut Option<String>) {
    let (text, code, address) = (error.to_string(), error.code(), &writer.address);
    if told.as_ref() == Some(&text) {
        return;
    }
    match error {
        ReplicaError::TakenOver { .. } => tracing::error!(
            code,
            error = text,
            "another writer publishes to {address}; this server takes no changes until it is restarted: {text}"
        ),
        _ => tracing::warn!(code, error = text, "publishing to {address} failed: {text}"),
    }
    *told = Some(text);
}
