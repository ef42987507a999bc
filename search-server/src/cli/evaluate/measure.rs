//! The numbers of an evaluation: where the right answer stood, and how long it took.

use index_data::hash::SplitMix64;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Places that count for S@10.
const PAGE: usize = 10;

/// What a group of queries came to. Every ratio is `0.0..=1.0`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Scores {
    /// How many queries.
    pub(super) n: u64,
    /// Share with a right answer first.
    pub(super) s_at_1: f64,
    /// Where that share lies with 95 % confidence, by resampling the queries (Efron's percentile bootstrap, 1979).
    #[serde(default)]
    pub(super) s_at_1_interval: [f64; 2],
    /// Share with a right answer among the first ten.
    pub(super) s_at_10: f64,
    /// Mean of 1 / place of the first right answer, 0 where there is none on the page.
    pub(super) mrr: f64,
    /// How long the answers took.
    pub(super) latency_us: Latency,
}

/// Percentiles by nearest rank, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Latency {
    pub(super) p50: u64,
    pub(super) p95: u64,
    pub(super) p99: u64,
    pub(super) max: u64,
}

/// Collects the outcomes of a group of queries.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    first: u64,
    on_page: u64,
    reciprocal_places: f64,
    latencies_us: Vec<u64>,
}

impl Tally {
    /// Adds one query: the place of the first right answer, from 1, and the time it took.
    pub(super) fn add(&mut self, place: Option<usize>, took: Duration) {
        self.first += u64::from(place == Some(1));
        self.on_page += u64::from(place.is_some_and(|place| place <= PAGE));
        self.reciprocal_places += place.map_or(0.0, |place| 1.0 / place as f64);
        self.latencies_us.push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// The scores so far; all zero without queries.
    pub(super) fn scores(&self) -> Scores {
        let n = self.latencies_us.len();
        let share = |count: f64| if n == 0 { 0.0 } else { count / n as f64 };
        Scores {
            n: n as u64,
            s_at_1: share(self.first as f64),
            s_at_1_interval: bootstrap_interval(self.first, n as u64),
            s_at_10: share(self.on_page as f64),
            mrr: share(self.reciprocal_places),
            latency_us: Latency::of(self.latencies_us.clone()),
        }
    }
}

/// The interval that holds 95 % of the shares found by drawing `n` queries of these `n` with replacement, `first` of
/// them right. The draws are the same in every run.
fn bootstrap_interval(first: u64, n: u64) -> [f64; 2] {
    const RESAMPLES: usize = 1_000;
    if n == 0 {
        return [0.0, 0.0];
    }
    let mut numbers = SplitMix64(0x006f_7267_7365_6172);
    let mut draw = || numbers.next_u64() % n;
    let resample = |_| (0..n).filter(|_| draw() < first).count() as u64;
    let mut counts: Vec<u64> = (0..RESAMPLES).map(resample).collect();
    counts.sort_unstable();
    let share = |per_mille: usize| counts[per_mille * (RESAMPLES - 1) / 1_000] as f64 / n as f64;
    [share(25), share(975)]
}

impl Latency {
    pub(super) fn of(mut us: Vec<u64>) -> Self {
        us.sort_unstable();
        let percentile = |percent| nearest_rank(&us, percent).copied().unwrap_or(0);
        Latency { p50: percentile(50), p95: percentile(95), p99: percentile(99), max: percentile(100) }
    }
}

/// The percentile of sorted values; `None` without values.
pub(super) fn nearest_rank<T>(sorted: &[T], percent: usize) -> Option<&T> {
    sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_follow_the_places() {
        let mut tally = Tally::default();
        for (place, us) in [(Some(1), 10), (Some(2), 40), (Some(11), 20), (None, 30)] {
            tally.add(place, Duration::from_micros(us));
        }
        let scores = tally.scores();
        assert!(scores.s_at_1_interval[0] <= 0.25 && scores.s_at_1_interval[1] >= 0.25);
        assert_eq!(bootstrap_interval(100, 100), [1.0, 1.0]);
        let [low, high] = bootstrap_interval(50, 100);
        assert!((0.38..0.43).contains(&low) && (0.57..0.62).contains(&high), "{low} {high}");
        assert_eq!((scores.n, scores.s_at_1, scores.s_at_10), (4, 0.25, 0.5));
        assert!((scores.mrr - (1.0 + 0.5 + 1.0 / 11.0) / 4.0).abs() < 1e-12);
        assert_eq!(scores.latency_us, Latency { p50: 20, p95: 40, p99: 40, max: 40 });
        assert_eq!(Tally::default().scores().latency_us.max, 0);
    }
}
