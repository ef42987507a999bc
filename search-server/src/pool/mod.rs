//! Where the synchronous engine runs: threads of its own beside the asynchronous ones, with one bounded queue.
//!
//! At most so many searches run, at most so many wait, and none longer than the deadline; past that the caller gets
//! an error at once instead of a place in an endless queue. The threads take one search after the other from the
//! queue: under load nobody has to be woken for the next one.

mod admission;

use crate::config::LimitSettings;
use crate::error::{ApiError, texts};
use admission::{Places, Turn};
use crossbeam_channel::{Receiver, Sender};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    places: Arc<Mutex<Places>>,
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
            places: Arc::new(Mutex::new(Places::new(threads.saturating_add(limits.searches_waiting)))),
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
        let admitted = Admitted::enter(&self.places)?;
        let wish = Wish { cancel: CancelFlag::default(), turn: Arc::new(Mutex::new(Turn::Waiting)) };
        let (answer, mut answered) = oneshot::channel();
        let (flag, turn, span) = (Arc::clone(&wish.cancel), Arc::clone(&wish.turn), Span::current());
        let job = move || {
            if !lock(&turn).begin() {
                return;
            }
            let finished = catch_unwind(AssertUnwindSafe(|| span.in_scope(|| work(flag))));
            // First the place: whoever has an answer may ask again at once.
            drop(admitted);
            // The caller may have gone away; then nobody wants the answer.
            let _ = answer.send(finished.map_err(|_| ApiError::internal("the work panicked")));
        };
        self.queue.send(Box::new(job)).map_err(|_| ApiError::internal("the search threads are gone"))?;
        let finished = match timeout_at(deadline, &mut answered).await {
            Ok(finished) => finished,
            Err(_) => {
                if wish.withdraw() {
                    return Err(self.timed_out());
                }
                timeout(Self::GRACE, answered).await.map_err(|_| self.timed_out())?
            }
        };
        finished.map_err(ApiError::internal)?
    }

    /// How many searches run or wait for their turn.
    pub(crate) fn taken(&self) -> usize {
        lock(&self.places).taken()
    }

    fn timed_out(&self) -> ApiError {
        ApiError::new(&texts::TIMEOUT).with("ms", self.deadline.as_millis())
    }
}

/// One that runs or waits.
struct Admitted(Arc<Mutex<Places>>);

impl Admitted {
    fn enter(places: &Arc<Mutex<Places>>) -> Result<Self, ApiError> {
        if lock(places).enter() {
            Ok(Admitted(Arc::clone(places)))
        } else {
            Err(ApiError::new(&texts::OVERLOADED))
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        lock(&self.0).leave();
    }
}

/// What a caller holds while it waits; dropping it withdraws the work.
struct Wish {
    cancel: CancelFlag,
    turn: Arc<Mutex<Turn>>,
}

impl Wish {
    /// True if the work will never begin.
    fn withdraw(&self) -> bool {
        self.cancel.store(true, Ordering::Relaxed);
        lock(&self.turn).withdraw()
    }
}

impl Drop for Wish {
    fn drop(&mut self) {
        self.withdraw();
    }
}

/// Plain data, whole at any moment: a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use tokio::time::advance;

    fn pool(at_once: usize, waiting: usize, deadline_ms: u64) -> SearchPool {
        SearchPool::new(&LimitSettings {
            searches_at_once: at_once,
            searches_waiting: waiting,
            deadline: Duration::from_millis(deadline_ms),
            ..LimitSettings::default()
        })
    }

    /// Keeps a paused clock from running ahead while real threads work: it moves by [`advance`] only.
    struct StillClock {
        _held: mpsc::Sender<()>,
    }

    impl StillClock {
        fn new() -> Self {
            let (held, dropped) = mpsc::channel::<()>();
            tokio::task::spawn_blocking(move || dropped.recv().is_err());
            StillClock { _held: held }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_has_an_end() {
        let pool = pool(0, 1, 50);
        let (first, second) = tokio::join!(pool.run(|_| ()), pool.run(|_| ()));
        assert_eq!(first.unwrap_err().code(), "timeout");
        assert_eq!(second.unwrap_err().code(), "overloaded");
        // Nobody takes them from the queue here; those turned away leave no trace.
        assert_eq!(lock(&pool.places).taken(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_search_may_still_answer() {
        let _still = StillClock::new();
        let pool = pool(1, 0, 20);
        let (begins, begun) = oneshot::channel();
        let until_cancelled = |flag: CancelFlag| {
            begins.send(()).unwrap();
            while !flag.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
            "truncated"
        };
        let (answer, ()) = tokio::join!(pool.run(until_cancelled), async {
            begun.await.unwrap();
            advance(Duration::from_millis(20)).await;
        });
        assert_eq!(answer.unwrap(), "truncated");
    }

    #[tokio::test(start_paused = true)]
    async fn a_deaf_search_is_left_behind_and_keeps_its_place() {
        let still = StillClock::new();
        let pool = pool(1, 0, 20);
        let (begins, begun) = oneshot::channel();
        let (_release, released) = mpsc::channel::<()>();
        let deaf = move |_| {
            begins.send(()).unwrap();
            let _ = released.recv();
        };
        // Once it has begun the clock may run: it stands at the deadline, then at the end of the grace.
        let (answer, ()) = tokio::join!(pool.run(deaf), async {
            begun.await.unwrap();
            drop(still);
        });
        assert_eq!(answer.unwrap_err().code(), "timeout");
        assert_eq!(pool.run(|_| ()).await.unwrap_err().code(), "overloaded");
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_wants_any_more_is_left_out() {
        let still = StillClock::new();
        let pool = pool(1, 2, 20);
        let (begins, begun) = oneshot::channel();
        let (release, released) = mpsc::channel::<()>();
        let slow = move |_| {
            begins.send(()).unwrap();
            let _ = released.recv();
        };
        let (has_run, ran) = (CancelFlag::default(), CancelFlag::default());
        let mark = Arc::clone(&has_run);
        let (_, waited, ()) =
            tokio::join!(pool.run(slow), pool.run(move |_| mark.store(true, Ordering::Relaxed)), async {
                begun.await.unwrap();
                drop(still);
            });
        assert_eq!(waited.unwrap_err().code(), "timeout");
        let _still = StillClock::new();
        drop(release);
        let mark = Arc::clone(&ran);
        pool.run(move |_| mark.store(true, Ordering::Relaxed)).await.unwrap();
        assert!(ran.load(Ordering::Relaxed) && !has_run.load(Ordering::Relaxed));
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_is_an_answer() {
        let _still = StillClock::new();
        let pool = pool(1, 0, 1_000);
        let error = pool.run(|_| -> () { panic!("on purpose") }).await.unwrap_err();
        assert_eq!(error.code(), "internal");
        assert!(pool.run(|_| ()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_place_is_free_when_the_answer_comes() {
        let _still = StillClock::new();
        let pool = pool(1, 0, 1_000);
        for _ in 0..5_000 {
            pool.run(|_| ()).await.unwrap();
        }
    }
}
