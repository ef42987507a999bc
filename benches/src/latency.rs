//! Times of many calls, as percentiles.

use std::time::Duration;

/// Collected times.
#[derive(Default)]
pub(crate) struct Latencies {
    micros: Vec<f64>,
}

impl Latencies {
    pub(crate) fn add(&mut self, time: Duration) {
        self.micros.push(time.as_secs_f64() * 1e6);
    }

    /// The time, in microseconds, that the share `at` of all calls stays below; 0 without calls.
    pub(crate) fn percentile(&mut self, at: f64) -> f64 {
        self.micros.sort_by(f64::total_cmp);
        let last = self.micros.len().saturating_sub(1);
        self.micros.get((last as f64 * at).round() as usize).copied().unwrap_or(0.0)
    }
}
