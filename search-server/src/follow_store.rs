//! Serves what a writer publishes into an object store: looks now and then, and tells how far behind the server is.

use crate::config::FollowSettings;
use crate::replica::{Patience, Replica, ReplicaError, StoreAddress, Turn};
use crate::state::AppState;
use futures_util::FutureExt;
use object_store::ObjectStore;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How far a replica is. It knows no clock but its own: the lag is how long ago it last saw that nothing newer than what
/// it serves was in the store.
#[derive(Debug)]
pub(crate) struct FollowStatus {
    /// What is followed.
    pub(crate) address: StoreAddress,
    max_lag: Option<Duration>,
    sequence: AtomicU64,
    pulled_bytes: AtomicU64,
    current_at: Mutex<Instant>,
}

impl FollowStatus {
    /// For a server that follows a store.
    pub(crate) fn new(settings: &FollowSettings, now: Instant) -> Option<FollowStatus> {
        Some(FollowStatus {
            address: settings.address.clone()?,
            max_lag: settings.max_lag,
            sequence: AtomicU64::new(0),
            pulled_bytes: AtomicU64::new(0),
            current_at: Mutex::new(now),
        })
    }

    /// The entry of the log that is served; 0: none yet.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence.load(Ordering::Relaxed)
    }

    /// Bytes that came from the store since the server began.
    pub(crate) fn pulled_bytes(&self) -> u64 {
        self.pulled_bytes.load(Ordering::Relaxed)
    }

    /// How long ago what is served was known to be the newest; since the start, if it never was.
    pub(crate) fn lag(&self, now: Instant) -> Duration {
        now.saturating_duration_since(*self.current_at.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The lag if it is more than was allowed.
    pub(crate) fn excessive_lag(&self, now: Instant) -> Option<Duration> {
        let lag = self.lag(now);
        self.max_lag.filter(|max_lag| lag > *max_lag).map(|_| lag)
    }

    fn set_current(&self, began: Instant) {
        *self.current_at.lock().unwrap_or_else(PoisonError::into_inner) = began;
    }
}

/// The longest pause between two looks at a store that fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Follows the store as long as the server runs.
pub(crate) async fn follow_store(state: AppState) {
    let (Some(status), Some(data)) = (state.follow.clone(), state.settings.index.data_dir.clone()) else {
        return;
    };
    let every = state.settings.index.refresh_every.max(Duration::from_millis(10));
    let keep = state.settings.follow.keep.max(1);
    let engine = Arc::clone(&state.engine);
    let opened = tokio::task::spawn_blocking(move || Replica::open(engine, &data, keep));
    let Ok(mut replica) = opened.await else { return };
    status.sequence.store(replica.sequence(), Ordering::Relaxed);
    let mut looks = Looks { store: None, told: None, pause: every };
    loop {
        looks.look(&state, &status, &mut replica, every).await;
        sleep(looks.pause).await;
    }
}

/// What is remembered from one look to the next.
struct Looks {
    /// The client, with its open connections.
    store: Option<Arc<dyn ObjectStore>>,
    /// The error that was told last, so that it is told once.
    told: Option<String>,
    pause: Duration,
}

impl Looks {
    async fn look(
        &mut self,
        state: &AppState,
        status: &FollowStatus,
        replica: &mut Replica,
        every: Duration,
    ) {
        let began = Instant::now();
        let turned = match self.store(&status.address) {
            Ok(store) => replica.turn(&store).boxed().await,
            Err(error) => Err(error),
        };
        status.sequence.store(replica.sequence(), Ordering::Relaxed);
        status.pulled_bytes.fetch_add(replica.take_moved(), Ordering::Relaxed);
        match turned {
            Ok(turn) => {
                // What was published after the look began may be missing.
                status.set_current(began);
                match turn {
                    Turn::Served { name } => {
                        self.tell_served(state, &name, replica.sequence(), began).await;
                    }
                    Turn::Changed { batches } => tell_changed(state, batches, replica.sequence()),
                    Turn::Current => {}
                }
                self.recovered(&status.address);
                self.pause = every;
            }
            Err(error) => {
                state.metrics.store_failed(error.code());
                self.tell(state, &status.address, &error);
                self.pause = (self.pause * 2).clamp(every, LONGEST_PAUSE.max(every));
            }
        }
    }

    fn store(&mut self, address: &StoreAddress) -> Result<Arc<dyn ObjectStore>, ReplicaError> {
        if let Some(store) = &self.store {
            return Ok(Arc::clone(store));
        }
        let store = address.open(Patience::Replica)?;
        self.store = Some(Arc::clone(&store));
        Ok(store)
    }

    async fn tell_served(&self, state: &AppState, name: &str, sequence: u64, began: Instant) {
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(generation = name, sequence, took_ms, "serving generation {name} of the store");
        let warming = state.clone();
        let _ = tokio::task::spawn_blocking(move || warming.warm_up()).await;
    }

    fn tell(&mut self, state: &AppState, address: &StoreAddress, error: &ReplicaError) {
        let (text, code) = (error.to_string(), error.code());
        if self.told.as_ref() != Some(&text) {
            let served = state.engine.generation().name;
            tracing::warn!(code, error = text, "{served} is served on; following {address} failed: {text}");
            self.told = Some(text);
        }
    }

    fn recovered(&mut self, address: &StoreAddress) {
        if self.told.take().is_some() {
            tracing::info!("following {address} again");
        }
    }
}

fn tell_changed(state: &AppState, batches: usize, sequence: u64) {
    let generation = state.engine.generation().version;
    tracing::info!(
        generation,
        sequence,
        batches,
        "{batches} batches of the store are in effect: {generation}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_is_counted_from_the_last_look_that_found_nothing_newer() {
        let began = Instant::now();
        let settings = FollowSettings {
            address: Some(StoreAddress::parse("file:///srv").unwrap()),
            max_lag: Some(Duration::from_secs(10)),
            ..FollowSettings::default()
        };
        let status = FollowStatus::new(&settings, began).unwrap();
        let after = |seconds| began + Duration::from_secs(seconds);
        assert_eq!(status.excessive_lag(after(10)), None);
        assert_eq!(status.excessive_lag(after(11)), Some(Duration::from_secs(11)));
        status.set_current(after(5));
        assert_eq!((status.lag(after(11)), status.excessive_lag(after(11))), (Duration::from_secs(6), None));
        assert!(FollowStatus::new(&FollowSettings::default(), began).is_none());
    }
}
