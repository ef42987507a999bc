//! What the log and the metrics tell of a batch.

use search_core::Decision;

/// How a batch came out; handlers put it into the extensions of their answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ResolveTrace {
    /// Records by decision, in the order of [`Decision::ALL`].
    decided: [u64; Decision::ALL.len()],
    /// Records that were not decided.
    pub(crate) failed: u64,
}

impl ResolveTrace {
    /// Counts a decision.
    pub(crate) fn count(&mut self, decision: Decision) {
        self.decided[decision as usize] += 1;
    }

    /// Adds another part of the batch.
    pub(crate) fn add(&mut self, other: ResolveTrace) {
        for (sum, more) in self.decided.iter_mut().zip(other.decided) {
            *sum += more;
        }
        self.failed += other.failed;
    }

    /// Records with this decision.
    pub(crate) fn of(&self, decision: Decision) -> u64 {
        self.decided[decision as usize]
    }

    /// Records with any decision.
    pub(crate) fn decided(&self) -> u64 {
        self.decided.iter().sum()
    }
}
