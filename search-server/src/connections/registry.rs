//! Which connections there are, and what each waits for.

use crate::config::ConnectionSettings;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// All connections of a server.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    open: Mutex<HashMap<u64, Arc<Waiting>>>,
    /// Whenever one is closed.
    changed: Notify,
}

/// What a connection waits for, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// The first request, or the rest of a request's head.
    Head,
    /// The next request.
    Request,
    /// The server.
    Answer,
    /// The client, to read its answer.
    Reader,
}

#[derive(Debug)]
struct Waiting {
    state: Mutex<(For, Instant)>,
    /// It has to make way.
    give_up: Notify,
}

impl Registry {
    /// How many connections are open.
    pub(crate) fn len(&self) -> usize {
        lock(&self.open).len()
    }

    /// A place for one more, which another may have to leave first; `None` where all are taken and none waits for its
    /// client.
    pub(super) async fn enter(self: &Arc<Self>, most: usize) -> Option<Arc<Place>> {
        loop {
            let changed = self.changed.notified();
            if let Some(place) = self.try_enter(most) {
                return Some(place);
            }
            if !self.make_way() {
                // The last one may have left in between.
                return self.try_enter(most);
            }
            changed.await;
        }
    }

    fn try_enter(self: &Arc<Self>, most: usize) -> Option<Arc<Place>> {
        let mut open = lock(&self.open);
        if open.len() >= most.max(1) {
            return None;
        }
        let id = next_id();
        let state = Mutex::new((For::Head, Instant::now()));
        let waiting = Arc::new(Waiting { state, give_up: Notify::new() });
        open.insert(id, Arc::clone(&waiting));
        Some(Arc::new(Place { id, waiting, registry: Arc::clone(self) }))
    }

    /// Gives up the connection that waits longest for its client: first those that never sent a whole request. False
    /// if none waits.
    pub(super) fn make_way(&self) -> bool {
        let open = lock(&self.open);
        let waiting = open.values().filter_map(|waiting| {
            let (what, since) = *lock(&waiting.state);
            (what != For::Answer).then_some((what == For::Request, since, waiting))
        });
        let longest = waiting.min_by_key(|(is_between, since, _)| (*is_between, *since));
        longest.inspect(|(_, _, longest)| longest.give_up.notify_one()).is_some()
    }

    /// Done when no connection is open.
    pub(super) async fn emptied(&self) {
        loop {
            let changed = self.changed.notified();
            if self.len() == 0 {
                return;
            }
            changed.await;
        }
    }
}

fn next_id() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The place of one connection; given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    id: u64,
    waiting: Arc<Waiting>,
    registry: Arc<Registry>,
}

impl Place {
    /// Done when the client has kept the connection waiting for too long, or it has to make way.
    pub(super) async fn given_up(&self, settings: &ConnectionSettings) {
        tokio::select! {
            () = self.waiting.give_up.notified() => {}
            () = self.expired(settings) => {}
        }
    }

    async fn expired(&self, settings: &ConnectionSettings) {
        loop {
            let (what, since) = *lock(&self.waiting.state);
            let deadline = match what {
                For::Head | For::Reader => since + settings.header_timeout,
                For::Request => since + settings.keep_alive,
                // The work has its own deadline; looked at again later.
                For::Answer => Instant::now() + settings.header_timeout,
            };
            if deadline <= Instant::now() {
                return;
            }
            sleep_until(deadline).await;
        }
    }

    /// Bytes came in.
    pub(super) fn has_read(&self) {
        let mut state = lock(&self.waiting.state);
        if state.0 == For::Request {
            *state = (For::Head, Instant::now());
        }
    }

    /// Bytes of an answer went out, or cannot.
    pub(super) fn has_written(&self, is_blocked: bool) {
        let mut state = lock(&self.waiting.state);
        match (state.0, is_blocked) {
            (For::Reader, true) => {}
            (_, true) => *state = (For::Reader, Instant::now()),
            (For::Reader, false) => *state = (For::Answer, Instant::now()),
            (_, false) => {}
        }
    }

    /// A request's head is whole. Dropped when the answer has been handed over.
    pub(super) fn begin_request(self: &Arc<Self>) -> Answering {
        *lock(&self.waiting.state) = (For::Answer, Instant::now());
        Answering(Arc::clone(self))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.registry.open).remove(&self.id);
        self.registry.changed.notify_waiters();
    }
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Answering(Arc<Place>);

impl Drop for Answering {
    fn drop(&mut self) {
        let mut state = lock(&self.0.waiting.state);
        if state.0 == For::Answer {
            *state = (For::Request, Instant::now());
        }
    }
}

/// States are plain data and whole at any moment: a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::time::Duration;

    const SETTINGS: ConnectionSettings = ConnectionSettings {
        header_timeout: Duration::from_secs(10),
        keep_alive: Duration::from_secs(60),
        most: 3,
    };

    /// Seconds until the client is given up.
    async fn patience(place: &Place) -> u64 {
        let began = Instant::now();
        place.given_up(&SETTINGS).await;
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_is_waited_for_as_long_as_it_may_take() {
        let registry = Arc::new(Registry::default());
        let place = registry.enter(3).await.unwrap();
        assert_eq!(patience(&place).await, 10, "a head that never comes");
        drop(place.begin_request());
        assert_eq!(patience(&place).await, 60, "between two requests");
        drop(place.begin_request());
        place.has_read();
        assert_eq!(patience(&place).await, 10, "the head of the next request");
        let answering = place.begin_request();
        assert!(tokio::time::timeout(Duration::from_secs(3_600), place.given_up(&SETTINGS)).await.is_err());
        place.has_written(true);
        assert_eq!(patience(&place).await, 10, "an answer that is not read");
        place.has_written(false);
        drop(answering);
        assert_eq!(patience(&place).await, 60);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_longest_for_its_client_makes_way() {
        let registry = Arc::new(Registry::default());
        let mut places = Vec::new();
        for _ in 0..3 {
            places.push(registry.enter(3).await.unwrap());
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        // The oldest has had an answer, the second one is at work, the third one never sent a request.
        drop(places[0].begin_request());
        let at_work = places[1].begin_request();
        assert!(registry.make_way());
        assert!(places[2].waiting.give_up.notified().now_or_never().is_some());
        places.truncate(2);
        assert!(registry.make_way());
        assert!(places[0].waiting.give_up.notified().now_or_never().is_some());
        // Whoever has been asked to make way is waited for.
        let third = registry.enter(3).await.unwrap();
        let busy = [places[0].begin_request(), at_work];
        let mut next = Box::pin(registry.enter(3));
        assert!((&mut next).now_or_never().is_none());
        drop(third);
        let next = next.now_or_never().unwrap().unwrap();
        // Where all are at work, there is no place until one leaves.
        let next_busy = next.begin_request();
        assert!(!registry.make_way());
        assert!(registry.enter(3).now_or_never().unwrap().is_none());
        drop((next_busy, next));
        assert!(registry.enter(3).now_or_never().unwrap().is_some());
        drop(busy);
    }
}
