//! Where the synchronous engine runs: a bounded number of threads beside the asynchronous ones.
//!
//! At most so many searches run, at most so many wait, and none longer than the deadline; past that the caller gets
//! an error at once instead of a place in an endless queue.

use crate::config::LimitSettings;
use crate::error::{ApiError, texts};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Span;

/// Set when the work is no longer wanted; goes into [`search_core::SearchRequest::cancel`].
pub(crate) type CancelFlag = Arc<AtomicBool>;

/// Runs work of the engine.
#[derive(Debug)]
pub(crate) struct SearchPool {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    waiting_max: usize,
    deadline: Duration,
}

impl SearchPool {
    /// How long a cancelled search may take to notice. The engine looks at its flag every few thousand steps.
    const GRACE: Duration = Duration::from_millis(250);

    pub(crate) fn new(limits: &LimitSettings) -> Self {
        SearchPool {
            places: Arc::new(Semaphore::new(limits.searches_at_once.min(Semaphore::MAX_PERMITS))),
            waiting: AtomicUsize::new(0),
            waiting_max: limits.searches_waiting,
            deadline: limits.deadline,
        }
    }

    /// Runs work on a blocking thread. At the deadline its flag is set; what it returns soon after still counts. The
    /// flag is also set when the caller goes away.
    ///
    /// # Errors
    /// `overloaded` if too many wait already, `timeout` past the deadline, `internal` if the work panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(CancelFlag) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let deadline = Instant::now() + self.deadline;
        let place = self.place(deadline).await?;
        let cancel = CancelOnDrop(CancelFlag::default());
        let flag = Arc::clone(&cancel.0);
        let span = Span::current();
        let mut running = tokio::task::spawn_blocking(move || {
            let _place = place;
            span.in_scope(|| work(flag))
        });
        let finished = match timeout_at(deadline, &mut running).await {
            Ok(finished) => finished,
            Err(_) => {
                cancel.0.store(true, Ordering::Relaxed);
                timeout(Self::GRACE, running).await.map_err(|_| self.timed_out())?
            }
        };
        finished.map_err(ApiError::internal)
    }

    async fn place(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, ApiError> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        let _waiting = Waiting::enter(&self.waiting, self.waiting_max)?;
        match timeout_at(deadline, Arc::clone(&self.places).acquire_owned()).await {
            Ok(place) => place.map_err(ApiError::internal),
            Err(_) => Err(self.timed_out()),
        }
    }

    fn timed_out(&self) -> ApiError {
        ApiError::new(&texts::TIMEOUT).with("ms", self.deadline.as_millis())
    }
}

/// One who waits for a place.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize, max: usize) -> Result<Self, ApiError> {
        let entered = Waiting(count);
        if count.fetch_add(1, Ordering::Relaxed) >= max {
            return Err(ApiError::new(&texts::OVERLOADED));
        }
        Ok(entered)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct CancelOnDrop(CancelFlag);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(at_once: usize, waiting: usize, deadline_ms: u64) -> SearchPool {
        SearchPool::new(&LimitSettings {
            searches_at_once: at_once,
            searches_waiting: waiting,
            deadline: Duration::from_millis(deadline_ms),
            ..LimitSettings::default()
        })
    }

    #[tokio::test]
    async fn the_queue_has_an_end() {
        let pool = pool(0, 1, 50);
        let (first, second) = tokio::join!(pool.run(|_| ()), pool.run(|_| ()));
        assert_eq!(first.unwrap_err().code(), "timeout");
        assert_eq!(second.unwrap_err().code(), "overloaded");
        assert_eq!(pool.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_cancelled_search_may_still_answer() {
        let until_cancelled = |flag: CancelFlag| {
            while !flag.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            "truncated"
        };
        assert_eq!(pool(1, 0, 20).run(until_cancelled).await.unwrap(), "truncated");
    }

    #[tokio::test]
    async fn a_deaf_search_is_left_behind_and_keeps_its_place() {
        let pool = pool(1, 0, 20);
        let deaf = |_| std::thread::sleep(Duration::from_millis(600));
        assert_eq!(pool.run(deaf).await.unwrap_err().code(), "timeout");
        assert_eq!(pool.run(|_| ()).await.unwrap_err().code(), "overloaded");
    }

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        let pool = pool(1, 0, 1_000);
        let error = pool.run(|_| -> () { panic!("on purpose") }).await.unwrap_err();
        assert_eq!(error.code(), "internal");
        assert!(pool.run(|_| ()).await.is_ok());
    }
}
