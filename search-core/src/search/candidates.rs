//! What retrieval found, before anything is scored.

use super::hits::Truncation;
use crate::number_hash::NumberHash;
use index_data::model::Ordinal;
use std::collections::HashSet;
use std::ops::Range;

/// Organizations found by the legs of retrieval, each once.
#[derive(Default)]
pub(crate) struct Candidates {
    /// In the order they were found.
    ordinals: Vec<Ordinal>,
    seen: HashSet<Ordinal, NumberHash>,
    /// Whether an organization bears the exact name typed.
    pub(crate) are_named: bool,
    /// What these match.
    pub(crate) needle_set: NeedleSet,
    /// Whether these are all matches of it.
    pub(crate) complete: bool,
    /// How many are matches: they hold all needles.
    pub(crate) matches: usize,
    /// Where they stand among all candidates.
    pub(crate) match_places: Range<usize>,
    /// Further matches: those that an earlier leg had found.
    matches_found_before: HashSet<Ordinal, NumberHash>,
    /// What a budget cut short.
    pub(crate) truncated: Vec<Truncation>,
}

/// How the query's parts are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum NeedleSet {
    /// As they were typed.
    #[default]
    Parts,
    /// Into words.
    Words,
}

impl NeedleSet {
    /// What is said to be cut short where a budget ends before all its matches are found.
    pub(crate) fn truncation(self) -> Truncation {
        match self {
            NeedleSet::Parts => Truncation::Substring,
            NeedleSet::Words => Truncation::Words,
        }
    }
}

impl Candidates {
    pub(crate) fn ordinals(&self) -> &[Ordinal] {
        &self.ordinals
    }

    /// Adds an organization unless it is there.
    pub(crate) fn add(&mut self, ordinal: Ordinal) {
        if self.seen.insert(ordinal) {
            self.ordinals.push(ordinal);
        }
    }

    /// Adds a match, between the first and the last of which nothing else is added.
    pub(crate) fn add_match(&mut self, ordinal: Ordinal) {
        if !self.seen.insert(ordinal) {
            self.matches_found_before.insert(ordinal);
        } else {
            self.ordinals.push(ordinal);
        }
    }

    /// Whether the candidate at a place holds all needles.
    pub(crate) fn is_match(&self, at: usize) -> bool {
        self.match_places.contains(&at) || self.matches_found_before.contains(&self.ordinals[at])
    }

    /// Says once that something was cut short.
    pub(crate) fn truncate(&mut self, truncation: Truncation) {
        if !self.truncated.contains(&truncation) {
            self.truncated.push(truncation);
        }
    }

    /// Keeps only these, in this order; none of them counts as a match any more.
    pub(crate) fn keep(&mut self, best: impl Iterator<Item = Ordinal>) {
        self.ordinals = best.collect();
        self.seen = self.ordinals.iter().copied().collect();
        self.match_places = 0..0;
        self.matches_found_before.clear();
    }

    /// Whether all matches were looked for and nothing was found at all: then a looser set of needles may be tried.
    pub(crate) fn found_nothing(&self) -> bool {
        self.ordinals.is_empty() && self.complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_organization_is_kept_once_in_the_order_it_was_found() {
        let mut candidates = Candidates::default();
        [3, 1, 3, 2, 1].into_iter().for_each(|ordinal| candidates.add(ordinal));
        assert_eq!(candidates.ordinals(), [3, 1, 2]);
        candidates.keep([2, 3].into_iter());
        candidates.add(1);
        candidates.add(2);
        assert_eq!(candidates.ordinals(), [2, 3, 1]);
    }

    #[test]
    fn a_match_is_one_whichever_leg_found_it_first() {
        let mut candidates = Candidates::default();
        candidates.add(7);
        candidates.add(5);
        [5, 9].into_iter().for_each(|ordinal| candidates.add_match(ordinal));
        candidates.match_places = 2..3;
        assert_eq!(candidates.ordinals(), [7, 5, 9]);
        assert_eq!([0, 1, 2].map(|at| candidates.is_match(at)), [false, true, true]);
    }

    #[test]
    fn an_incomplete_search_has_not_found_nothing() {
        let mut candidates = Candidates::default();
        assert!(!candidates.found_nothing());
        candidates.complete = true;
        assert!(candidates.found_nothing());
        candidates.add(0);
        assert!(!candidates.found_nothing());
    }
}
