//! Whether scores mean what they say: the score of the first hit against the share of first hits that are right.

use serde::Serialize;

/// Buckets of equal width over `0.0..=1.0`.
const BUCKETS: usize = 10;

/// Scores and what became of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Calibration {
    /// Queries with a hit.
    pub(super) n: u64,
    /// Queries without any hit: nothing was predicted.
    pub(super) without_hit: u64,
    /// Mean distance between score and share of right ones, each bucket counting by its queries (Naeini et al. 2015).
    pub(super) expected_calibration_error: f64,
    /// Ten, from the lowest scores to the highest.
    pub(super) buckets: Vec<Bucket>,
}

/// The queries whose first hit has a score of `from..to`; of the last bucket, `to` as well.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Bucket {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) n: u64,
    /// Mean score; `None` without queries.
    pub(super) predicted: Option<f64>,
    /// Share of first hits that are right; `None` without queries.
    pub(super) right: Option<f64>,
}

/// Collects first hits.
#[derive(Debug, Clone, Default)]
pub(super) struct CalibrationTally {
    counts: [u64; BUCKETS],
    scores: [f64; BUCKETS],
    right: [u64; BUCKETS],
    without_hit: u64,
}

impl CalibrationTally {
    /// Adds one query: the score of its first hit, and whether that one is right.
    pub(super) fn add(&mut self, score: Option<f32>, is_right: bool) {
        let Some(score) = score.map(f64::from) else {
            self.without_hit += 1;
            return;
        };
        // A score is 0..=1; the cast keeps what may be below it in the first bucket.
        let bucket = ((score * BUCKETS as f64) as usize).min(BUCKETS - 1);
        self.counts[bucket] += 1;
        self.scores[bucket] += score;
        self.right[bucket] += u64::from(is_right);
    }

    /// What was collected.
    pub(super) fn calibration(&self) -> Calibration {
        let n: u64 = self.counts.iter().sum();
        let buckets: Vec<Bucket> = (0..BUCKETS).map(|at| self.bucket(at)).collect();
        let gaps = buckets
            .iter()
            .filter_map(|bucket| Some(bucket.n as f64 * (bucket.predicted? - bucket.right?).abs()));
        let error = if n == 0 { 0.0 } else { gaps.sum::<f64>() / n as f64 };
        Calibration { n, without_hit: self.without_hit, expected_calibration_error: error, buckets }
    }

    fn bucket(&self, at: usize) -> Bucket {
        let n = self.counts[at];
        let mean = |sum: f64| (n > 0).then(|| sum / n as f64);
        Bucket {
            from: at as f64 / BUCKETS as f64,
            to: (at + 1) as f64 / BUCKETS as f64,
            n,
            predicted: mean(self.scores[at]),
            right: mean(self.right[at] as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_fall_into_buckets() {
        for (score, bucket) in [(0.0, 0), (0.05, 0), (0.125, 1), (0.5, 5), (0.99, 9), (1.0, 9), (f32::NAN, 0)]
        {
            let mut tally = CalibrationTally::default();
            tally.add(Some(score), true);
            assert_eq!(tally.counts.iter().position(|count| *count == 1), Some(bucket), "{score}");
        }
    }

    #[test]
    fn the_error_is_the_mean_gap() {
        let mut tally = CalibrationTally::default();
        assert_eq!(tally.calibration().expected_calibration_error, 0.0);
        for (score, is_right) in [(Some(0.75), true), (Some(0.75), false), (Some(1.0), true), (None, false)] {
            tally.add(score, is_right);
        }
        let found = tally.calibration();
        assert_eq!((found.n, found.without_hit), (3, 1));
        assert!((found.expected_calibration_error - 0.5 / 3.0).abs() < 1e-12);
        assert_eq!((found.buckets[7].n, found.buckets[7].right), (2, Some(0.5)));
        assert_eq!((found.buckets[3].n, found.buckets[3].predicted), (0, None));
    }
}
