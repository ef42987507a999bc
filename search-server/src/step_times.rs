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
        StepTimes { last: Instant::now(), times: Default::default() }
    }

    /// The time since the last call belongs to this step.
    pub(crate) fn done(&mut self, step: SearchStep) {
        let now = Instant::now();
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
        let mut times = StepTimes::start();
        for step in [SearchStep::Retrieve, SearchStep::Rank, SearchStep::Retrieve] {
            std::thread::sleep(Duration::from_millis(2));
            times.done(step);
        }
        assert!(times.of(SearchStep::Retrieve) >= Duration::from_millis(4));
        assert!(times.of(SearchStep::Rank) >= Duration::from_millis(2));
        assert_eq!(times.of(SearchStep::Plan), Duration::ZERO);
        assert_eq!(times.total(), times.of(SearchStep::Retrieve) + times.of(SearchStep::Rank));
    }
}
