//! How long each step of a search took.

use search_core::SearchStep;
use std::time::{Duration, Instant};

/// The clock that the engine does not have: [`search_core::Engine::search_observed`] tells when a piece of work is done.
#[derive(Debug, Clone)]
pub(crate) struct StepTimes {
    last: Instant,
    times: [Duration; SearchStep::ALL.len()],
}

impl StepTimes {
    pub(crate) fn start() -> Self {
        StepTimes::start_at(Instant::now())
    }

    fn start_at(now: Instant) -> Self {
        StepTimes { last: now, times: Default::default() }
    }

    /// The time since the last call belongs to this step.
    pub(crate) fn done(&mut self, step: SearchStep) {
        self.done_at(step, Instant::now());
    }

    fn done_at(&mut self, step: SearchStep, now: Instant) {
        self.times[step as usize] += now - self.last;
        self.last = now;
    }

    pub(crate) fn total(&self) -> Duration {
        self.times.iter().sum()
    }

    pub(crate) fn of(&self, step: SearchStep) -> Duration {
        self.times[step as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_step_add_up() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut times = StepTimes::start_at(start);
        for (step, ms) in [(SearchStep::Retrieve, 2), (SearchStep::Rank, 5), (SearchStep::Retrieve, 9)] {
            times.done_at(step, after(ms));
        }
        assert_eq!(times.of(SearchStep::Retrieve), Duration::from_millis(6));
        assert_eq!(times.of(SearchStep::Rank), Duration::from_millis(3));
        assert_eq!(times.of(SearchStep::Plan), Duration::ZERO);
        assert_eq!(times.total(), times.of(SearchStep::Retrieve) + times.of(SearchStep::Rank));
    }
}
