//! Times of many calls, as percentiles.

use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// Collected times.
#[derive(Default)]
pub(crate) struct Latencies {
    micros: Vec<f64>,
    is_sorted: bool,
}

impl Latencies {
    pub(crate) fn add(&mut self, time: Duration) {
        self.micros.push(time.as_secs_f64() * 1e6);
        self.is_sorted = false;
    }

    pub(crate) fn len(&self) -> usize {
        self.micros.len()
    }

    /// The time, in microseconds, that the share `at` of all calls stays below; 0 without calls.
    pub(crate) fn percentile(&mut self, at: f64) -> f64 {
        if !self.is_sorted {
            self.micros.sort_by(f64::total_cmp);
            self.is_sorted = true;
        }
        let last = self.micros.len().saturating_sub(1);
        self.micros.get((last as f64 * at).round() as usize).copied().unwrap_or(0.0)
    }

    /// In microseconds; 0 without calls.
    pub(crate) fn mean(&self) -> f64 {
        self.micros.iter().sum::<f64>() / self.micros.len().max(1) as f64
    }
}

/// How long one call took.
pub(crate) struct Taken {
    /// By the clock on the wall: what else the machine did counts as well.
    pub(crate) wall: Duration,
    /// The processor time of this thread alone.
    pub(crate) processor: Duration,
}

/// Calls `work` once.
pub(crate) fn time<T>(work: impl FnOnce() -> T) -> (T, Taken) {
    let (wall, processor) = (Instant::now(), thread_time());
    let result = work();
    let taken = Taken { processor: thread_time().saturating_sub(processor), wall: wall.elapsed() };
    (result, taken)
}

fn thread_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
