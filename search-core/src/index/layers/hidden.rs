//! Ordinals that stand for nothing that is found: tombstones, stubs, and the gap between the two segments.

use super::BLOCK;
use index_data::model::Ordinal;
use std::ops::Range;

const BITS: Ordinal = u64::BITS;

/// A bitmap over all ordinals of both segments.
#[derive(Debug, Clone)]
pub(crate) struct Hidden {
    words: Vec<u64>,
    count: u64,
}

impl Hidden {
    /// Of so many ordinals, none of them hidden.
    pub(crate) fn new(len: Ordinal) -> Hidden {
        Hidden { words: vec![0; len.div_ceil(BITS) as usize], count: 0 }
    }

    /// Hides one.
    pub(crate) fn hide(&mut self, ordinal: Ordinal) {
        if let Some(word) = self.words.get_mut((ordinal / BITS) as usize) {
            let bit = 1 << (ordinal % BITS);
            self.count += u64::from(*word & bit == 0);
            *word |= bit;
        }
    }

    #[inline]
    pub(crate) fn contains(&self, ordinal: Ordinal) -> bool {
        self.words.get((ordinal / BITS) as usize).is_some_and(|word| word >> (ordinal % BITS) & 1 == 1)
    }

    /// How many are hidden.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The first one from `target` on that is not hidden; it may lie behind the last ordinal.
    pub(crate) fn next_visible(&self, target: Ordinal) -> Ordinal {
        let mut at = (target / BITS) as usize;
        let mut rest = u64::MAX << (target % BITS);
        while let Some(word) = self.words.get(at) {
            let visible = !word & rest;
            if visible != 0 {
                return at as Ordinal * BITS + visible.trailing_zeros();
            }
            (at, rest) = (at + 1, u64::MAX);
        }
        target.max(at as Ordinal * BITS)
    }

    /// The words of the block that begins at `start`, a multiple of [`BLOCK`].
    pub(crate) fn block(&self, start: Ordinal) -> &[u64] {
        let first = ((start / BITS) as usize).min(self.words.len());
        let end = (first + (BLOCK / BITS) as usize).min(self.words.len());
        &self.words[first..end]
    }

    /// The hidden ones of a run, ascending.
    pub(crate) fn of_run(&self, run: Range<Ordinal>) -> impl Iterator<Item = Ordinal> + '_ {
        let first = ((run.start / BITS) as usize).min(self.words.len());
        let end = (run.end.div_ceil(BITS) as usize).clamp(first, self.words.len());
        let words = self.words[first..end].iter().enumerate();
        words
            .flat_map(move |(at, &word)| Ones(word).map(move |bit| (first + at) as Ordinal * BITS + bit))
            .filter(move |ordinal| run.contains(ordinal))
    }
}

/// The places of the set bits of a word.
struct Ones(u64);

impl Iterator for Ones {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let bit = self.0.trailing_zeros();
        (self.0 != 0).then(|| {
            self.0 &= self.0 - 1;
            bit
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn hidden_ones_are_left_out_and_no_other(hide in prop::collection::vec(0u32..500, 0..400), from in 0u32..600) {
            let mut hidden = Hidden::new(500);
            hide.iter().for_each(|&ordinal| hidden.hide(ordinal));
            let is_hidden = |ordinal: &u32| hide.contains(ordinal);
            prop_assert_eq!(hidden.count(), (0..500).filter(is_hidden).count() as u64);
            prop_assert!((0..600).all(|ordinal| hidden.contains(ordinal) == is_hidden(&ordinal)));
            let next = hidden.next_visible(from);
            prop_assert!(next >= from && !is_hidden(&next) && (from..next).all(|skipped| is_hidden(&skipped) || skipped >= 500));
            let run = from.min(450)..from.min(450) + 50;
            prop_assert!(hidden.of_run(run.clone()).eq(run.filter(is_hidden)));
        }
    }
}
