//! Tries every order in which several actors may take their steps. For state machines that are plain data.

use std::collections::HashSet;

/// A world in which somebody can take the next step.
pub(crate) trait Steps: Sized {
    /// The world after each step that can be taken next; empty: nobody has anything left to do.
    fn next(&self) -> Vec<Self>;
    /// What tells this world from others; worlds of one key have one future.
    fn key(&self) -> String;
    /// Panics if a rule is broken. `is_end`: nobody has anything left to do.
    fn check(&self, is_end: bool);
}

/// Visits every world that can be reached and checks it. Gives their number.
pub(crate) fn explore<S: Steps>(start: S) -> usize {
    let mut seen = HashSet::from([start.key()]);
    let mut unvisited = vec![start];
    while let Some(world) = unvisited.pop() {
        let next = world.next();
        world.check(next.is_empty());
        unvisited.extend(next.into_iter().filter(|world| seen.insert(world.key())));
    }
    seen.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two who each take two steps.
    #[derive(Clone)]
    struct Two([u8; 2]);

    impl Steps for Two {
        fn next(&self) -> Vec<Self> {
            let able = (0..2).filter(|&who| self.0[who] < 2);
            able.map(|who| {
                let mut next = self.clone();
                next.0[who] += 1;
                next
            })
            .collect()
        }

        fn key(&self) -> String {
            format!("{:?}", self.0)
        }

        fn check(&self, is_end: bool) {
            assert_eq!(is_end, self.0 == [2, 2]);
        }
    }

    #[test]
    fn every_order_is_seen() {
        assert_eq!(explore(Two([0, 0])), 9);
    }
}
