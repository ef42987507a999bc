//! Who may be in the pool, and whose turn it is, as plain data: each method is one step that others cannot divide, so
//! every order of steps can be tried out.

/// Places for work that runs or waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    taken: usize,
    most: usize,
}

impl Places {
    pub(super) fn new(most: usize) -> Self {
        Places { taken: 0, most }
    }

    /// Takes a place. False: there is none, and nothing was taken.
    pub(super) fn enter(&mut self) -> bool {
        let is_free = self.taken < self.most;
        self.taken += usize::from(is_free);
        is_free
    }

    /// Gives a place back.
    pub(super) fn leave(&mut self) {
        self.taken = self.taken.saturating_sub(1);
    }

    /// How many run or wait.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }
}

/// What has become of one piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// In the queue.
    Waiting,
    /// On a thread.
    Begun,
    /// Its caller left before its turn.
    Withdrawn,
}

impl Turn {
    /// A thread takes the work. False: nobody wants it any more.
    pub(super) fn begin(&mut self) -> bool {
        if *self == Turn::Waiting {
            *self = Turn::Begun;
        }
        *self == Turn::Begun
    }

    /// The caller leaves. True: the work will never begin; false: it has, and an answer may come.
    pub(super) fn withdraw(&mut self) -> bool {
        if *self == Turn::Waiting {
            *self = Turn::Withdrawn;
        }
        *self == Turn::Withdrawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interleavings::{Steps, explore};
    use std::collections::VecDeque;

    /// What a caller waits for.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Caller {
        Outside,
        Waits,
        /// Past its deadline, for what has begun.
        WaitsALittle,
        Answered,
    }

    /// One piece of work on its thread.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Thread {
        Idle,
        Works(usize),
        /// Has given the place back and not answered yet.
        Answers(usize),
    }

    #[derive(Debug, Clone)]
    struct World {
        places: Places,
        queue: VecDeque<usize>,
        turns: [Turn; 4],
        callers: [Caller; 4],
        answers: [u8; 4],
        threads: Vec<Thread>,
    }

    impl World {
        fn new(threads: usize, waiting: usize) -> Self {
            World {
                places: Places::new(threads + waiting),
                queue: VecDeque::new(),
                turns: [Turn::Waiting; 4],
                callers: [Caller::Outside; 4],
                answers: [0; 4],
                threads: vec![Thread::Idle; threads],
            }
        }

        fn answer(&mut self, who: usize) {
            self.callers[who] = Caller::Answered;
            self.answers[who] += 1;
        }

        fn come(&mut self, who: usize) {
            if self.places.enter() {
                self.queue.push_back(who);
                self.callers[who] = Caller::Waits;
            } else {
                self.answer(who);
            }
        }

        /// The deadline.
        fn tire(&mut self, who: usize) {
            if self.turns[who].withdraw() {
                self.answer(who);
            } else {
                self.callers[who] = Caller::WaitsALittle;
            }
        }

        fn work(&mut self, thread: usize) {
            self.threads[thread] = match self.threads[thread] {
                Thread::Idle => match self.queue.pop_front() {
                    Some(who) if self.turns[who].begin() => Thread::Works(who),
                    Some(_) => {
                        self.places.leave();
                        Thread::Idle
                    }
                    None => Thread::Idle,
                },
                Thread::Works(who) => {
                    self.places.leave();
                    Thread::Answers(who)
                }
                Thread::Answers(who) => {
                    // Whoever is gone does not hear it.
                    if self.callers[who] != Caller::Answered {
                        self.answer(who);
                    }
                    Thread::Idle
                }
            };
        }
    }

    impl Steps for World {
        fn next(&self) -> Vec<Self> {
            let mut all = Vec::new();
            let mut add = |step: &dyn Fn(&mut World)| {
                let mut next = self.clone();
                step(&mut next);
                all.push(next);
            };
            for who in 0..4 {
                match self.callers[who] {
                    Caller::Outside => add(&|world| world.come(who)),
                    Caller::Waits => add(&|world| world.tire(who)),
                    Caller::WaitsALittle => add(&|world| world.answer(who)),
                    Caller::Answered => {}
                }
            }
            for thread in 0..self.threads.len() {
                if self.threads[thread] != Thread::Idle || !self.queue.is_empty() {
                    add(&|world| world.work(thread));
                }
            }
            all
        }

        fn key(&self) -> String {
            format!("{self:?}")
        }

        fn check(&self, is_end: bool) {
            assert!(self.places.taken() <= self.places.most, "{self:?}");
            let works = self.threads.iter().filter(|thread| matches!(thread, Thread::Works(_))).count();
            assert_eq!(self.places.taken(), works + self.queue.len(), "a place is lost: {self:?}");
            assert!(self.answers.iter().all(|&answers| answers <= 1), "{self:?}");
            if is_end {
                assert_eq!((self.answers, self.places.taken()), ([1; 4], 0), "{self:?}");
            }
        }
    }

    #[test]
    fn every_order_of_four_callers_keeps_the_rules() {
        let mut worlds = 0;
        for (threads, waiting) in [(1, 0), (1, 1), (1, 3), (2, 0), (2, 1), (2, 2)] {
            worlds += explore(World::new(threads, waiting));
        }
        assert!(worlds > 10_000, "only {worlds} states were seen");
    }
}
