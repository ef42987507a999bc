//! How far a step is, how fast it goes, and how long the rest will take.

use serde::{Deserialize, Serialize};

/// The pace of the step under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct Pace {
    /// How much of the step is done, in percent; null while that is not known.
    pub(super) percent: Option<u8>,
    /// Rows, or organizations, a second in this step; null in its first moments.
    pub(super) rows_per_second: Option<u64>,
    /// Seconds until the step is done at this pace; null while that is not known.
    pub(super) seconds_left: Option<u64>,
}

/// What was done of a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepProgress {
    /// Rows, or organizations.
    pub(crate) done: u64,
    /// Of so many, once that is known.
    pub(crate) total: Option<u64>,
    /// Bytes read of a file and its size, while the number of its rows is not known.
    pub(crate) bytes: Option<(u64, u64)>,
}

impl Pace {
    /// A step that has taken so long.
    pub(super) fn of(progress: StepProgress, took_ms: u64) -> Self {
        let StepProgress { done, total, bytes } = progress;
        let share = total.map(|total| (done, total)).or(bytes).filter(|(_, total)| *total > 0);
        let share = share.map(|(done, total)| (done.min(total), total));
        let per_second =
            |count: u64| count.saturating_mul(1_000).checked_div(took_ms).filter(|&rate| rate > 0);
        Pace {
            percent: share.map(|(done, total)| (u128::from(done) * 100 / u128::from(total)) as u8),
            rows_per_second: per_second(done),
            seconds_left: share.and_then(|(done, total)| Some((total - done).div_ceil(per_second(done)?))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_what_is_left_by_what_was_done() {
        let rows = |done, total| StepProgress { done, total, bytes: None };
        let read = |done, bytes| StepProgress { done, total: None, bytes: Some(bytes) };
        for (progress, took_ms, percent, rows_per_second, seconds_left) in [
            (rows(0, None), 0, None, None, None),
            (rows(500, None), 1_000, None, Some(500), None),
            (rows(500, Some(2_001)), 1_000, Some(24), Some(500), Some(4)),
            (rows(0, Some(10)), 1_000, Some(0), None, None),
            (rows(10, Some(10)), 0, Some(100), None, None),
            (rows(12, Some(10)), 1_000, Some(100), Some(12), Some(0)),
            (rows(7, Some(0)), 1_000, None, Some(7), None),
            (read(30, (25, 100)), 2_000, Some(25), Some(15), Some(7)),
            (rows(u64::MAX, Some(u64::MAX)), 1, Some(100), Some(u64::MAX), Some(0)),
        ] {
            let pace = Pace { percent, rows_per_second, seconds_left };
            assert_eq!(Pace::of(progress, took_ms), pace, "{progress:?} {took_ms}");
        }
    }
}
