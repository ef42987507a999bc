//! Work done and work allowed, in steps that do not depend on the machine, and the caller's wish to stop.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

/// Steps left. One step is one posting visited or one name compared.
pub(crate) struct StepBudget<'a> {
    steps_left: Cell<usize>,
    cancel: Option<&'a AtomicBool>,
}

impl<'a> StepBudget<'a> {
    pub(crate) fn new(steps: usize, cancel: Option<&'a AtomicBool>) -> Self {
        StepBudget { steps_left: Cell::new(steps), cancel }
    }

    /// Takes one step; false once there are none left or the caller has cancelled.
    #[inline]
    pub(crate) fn take(&self) -> bool {
        const LOOK_EVERY: usize = 1024;
        let left = self.steps_left.get();
        if left == 0 {
            return false;
        }
        self.steps_left.set(left - 1);
        if left.is_multiple_of(LOOK_EVERY) && self.is_cancelled() {
            self.steps_left.set(0);
        }
        true
    }

    /// Takes up to so many steps at once; how many there were.
    pub(crate) fn take_up_to(&self, wanted: usize) -> usize {
        if self.is_cancelled() {
            self.steps_left.set(0);
        }
        let taken = wanted.min(self.steps_left.get());
        self.steps_left.set(self.steps_left.get() - taken);
        taken
    }

    /// Whether nothing more may be done.
    pub(crate) fn is_spent(&self) -> bool {
        self.steps_left.get() == 0 || self.is_cancelled()
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_down_and_never_below_zero() {
        let steps = StepBudget::new(3, None);
        assert_eq!([steps.take(), steps.take()], [true, true]);
        assert_eq!([steps.take_up_to(5), steps.take_up_to(5)], [1, 0]);
        assert!(steps.is_spent() && !steps.take());
    }

    #[test]
    fn a_cancelled_search_has_no_steps_left() {
        let cancel = AtomicBool::new(false);
        let steps = StepBudget::new(10, Some(&cancel));
        assert_eq!(steps.take_up_to(4), 4);
        cancel.store(true, Ordering::Relaxed);
        assert!(steps.is_spent());
        assert_eq!(steps.take_up_to(4), 0);
    }
}
