//! Where the synchronous engine runs: threads of its own beside the asynchronous ones, with one bounded queue.
//!
//! At most so many searches run, at most so many wait, and none longer than the deadline; past that the caller gets
//! an error at once instead of a place in an endless queue. The threads take one search after the other from the
//! queue: under load nobody has to be woken for the next one.

use crate::config::LimitSettings;
use crate::error::{ApiError, texts};
use crossbeam_channel::{Receiver, Sender};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Span;

/// Set when the work is no longer wanted; goes into [`search_core::SearchRequest::cancel`].
pub(crate) type CancelFlag = Arc<AtomicBool>;

type Job = Box<dyn FnOnce() + Send>;

/// Runs work of the engine.
#[derive(Debug)]
pub(crate) struct SearchPool {
    queue: Sender<Job>,
    /// Keeps the queue open where no thread takes from it.
    _jobs: Receiver<Job>,
    /// Running and waiting.
    admitted: Arc<AtomicUsize>,
    admitted_max: usize,
    deadline: Duration,
}

impl SearchPool {
    /// How long a cancelled search may take to notice. The engine looks at its flag every few thousand steps.
    const GRACE: Duration = Duration::from_millis(250);
    /// More threads than any machine has use for.
    const MOST_THREADS: usize = 1_024;

    pub(crate) fn new(limits: &LimitSettings) -> Self {
        let threads = limits.searches_at_once.min(Self::MOST_THREADS);
        let (queue, jobs) = crossbeam_channel::unbounded();
        for at in 0..threads {
            let jobs: Receiver<Job> = jobs.clone();
            let thread = std::thread::Builder::new().name(format!("search-{at}"));
            if let Err(error) = thread.spawn(move || jobs.iter().for_each(|job| job())) {
                tracing::error!(%error, "only {at} of {threads} search threads could be started: {error}");
                break;
            }
        }
        SearchPool {
            queue,
            _jobs: jobs,
            admitted: Arc::default(),
            admitted_max: threads.saturating_add(limits.searches_waiting),
            deadline: limits.deadline,
        }
    }

    /// Runs work on a thread of the pool. At the deadline its flag is set; what it returns soon after still counts.
    /// The flag is also set when the caller goes away; work that nobody wants any more by its turn is left out.
    ///
    /// # Errors
    /// `overloaded` if too many wait already, `timeout` past the deadline, `internal` if the work panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(CancelFlag) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let deadline = Instant::now() + self.deadline;
        let admitted = Admitted::enter(&self.admitted, self.admitted_max)?;
        let cancel = CancelOnDrop(CancelFlag::default());
        let has_begun = Arc::new(AtomicBool::new(false));
        let (answer, mut answered) = oneshot::channel();
        let (flag, begun, span) = (Arc::clone(&cancel.0), Arc::clone(&has_begun), Span::current());
        let job = move || {
            let _admitted = admitted;
            if flag.load(Ordering::Relaxed) {
                return;
            }
            begun.store(true, Ordering::Relaxed);
            let finished = catch_unwind(AssertUnwindSafe(|| span.in_scope(|| work(flag))));
            // The caller may have gone away; then nobody wants the answer.
            let _ = answer.send(finished.map_err(|_| ApiError::internal("the work panicked")));
        };
        self.queue.send(Box::new(job)).map_err(|_| ApiError::internal("the search threads are gone"))?;
        let finished = match timeout_at(deadline, &mut answered).await {
            Ok(finished) => finished,
            Err(_) => {
                cancel.0.store(true, Ordering::Relaxed);
                if !has_begun.load(Ordering::Relaxed) {
                    return Err(self.timed_out());
                }
                timeout(Self::GRACE, answered).await.map_err(|_| self.timed_out())?
            }
        };
        finished.map_err(ApiError::internal)?
    }

    fn timed_out(&self) -> ApiError {
        ApiError::new(&texts::TIMEOUT).with("ms", self.deadline.as_millis())
    }
}

/// One that runs or waits.
struct Admitted(Arc<AtomicUsize>);

impl Admitted {
    fn enter(count: &Arc<AtomicUsize>, max: usize) -> Result<Self, ApiError> {
        let entered = Admitted(Arc::clone(count));
        if count.fetch_add(1, Ordering::Relaxed) >= max {
            return Err(ApiError::new(&texts::OVERLOADED));
        }
        Ok(entered)
    }
}

impl Drop for Admitted {
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
        // Nobody takes them from the queue here; those turned away leave no trace.
        assert_eq!(pool.admitted.load(Ordering::Relaxed), 1);
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
    async fn what_nobody_wants_any_more_is_left_out() {
        let pool = pool(1, 1, 20);
        let slow = |_| std::thread::sleep(Duration::from_millis(100));
        let (has_run, ran) = (CancelFlag::default(), CancelFlag::default());
        let mark = Arc::clone(&has_run);
        let (_, waited) =
            tokio::join!(pool.run(slow), pool.run(move |_| mark.store(true, Ordering::Relaxed)));
        assert_eq!(waited.unwrap_err().code(), "timeout");
        tokio::time::sleep(Duration::from_millis(150)).await;
        let mark = Arc::clone(&ran);
        pool.run(move |_| mark.store(true, Ordering::Relaxed)).await.unwrap();
        assert!(ran.load(Ordering::Relaxed) && !has_run.load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        let pool = pool(1, 0, 1_000);
        let error = pool.run(|_| -> () { panic!("on purpose") }).await.unwrap_err();
        assert_eq!(error.code(), "internal");
        assert!(pool.run(|_| ()).await.is_ok());
    }
}
