//! Pairs of symbols, and pairs of sounds, to the units that hold them: where short forms, pinyin and misheard
//! characters begin.
//!
//! Each unit (every organization but the classes of a school) has the pairs of what its name adds to its parent's:
//! see [`NameView::pairs`]. Pairs of symbols share buckets by a hash; pairs of sounds have one list each. Lists
//! ascend and are read where they lie.

use super::name_view::{NameView, boundary_pairs};
use super::sections::{Section, SectionWriter};
use crate::text::sounds::{self, SOUNDS, Sound};
use crate::text::symbols::Symbol;
use index_data::model::Ordinal;
use std::io::{self, Write};

/// Lists for pairs of symbols, by a hash of so many bits; a few pairs share one, and rank tells them apart.
const SYMBOL_BITS: u32 = 21;
/// All lists: those of symbols, then those of sounds.
const LISTS: usize = (1 << SYMBOL_BITS) + SOUNDS * SOUNDS;

fn symbols_list(first: Symbol, second: Symbol) -> u32 {
    (u32::from(first) << 16 | u32::from(second)).wrapping_mul(0x9e37_79b1) >> (32 - SYMBOL_BITS)
}

fn sounds_list(first: Sound, second: Sound) -> u32 {
    (1 << SYMBOL_BITS) + u32::from(first) * SOUNDS as u32 + u32::from(second)
}

/// Collects the pairs of units in ordinal order.
#[derive(Default)]
pub(crate) struct PairIndexBuilder {
    /// The lists of all units, one unit after another.
    lists: Vec<u32>,
    /// A unit with pairs, and where they end.
    units: Vec<(Ordinal, u32)>,
}

impl PairIndexBuilder {
    /// `above`: the name that stands before each of the views where both are typed as one.
    pub(crate) fn add<'a>(
        &mut self,
        ordinal: Ordinal,
        above: &NameView,
        views: impl IntoIterator<Item = &'a NameView>,
    ) {
        let start = self.lists.len();
        let mut add = |first, second| {
            self.lists.push(symbols_list(first, second));
            for a in sounds::sounds(first) {
                self.lists.extend(sounds::sounds(second).map(|b| sounds_list(a, b)));
            }
        };
        for view in views {
            boundary_pairs(above, view, &mut add);
            view.pairs(&mut add);
        }
        self.lists[start..].sort_unstable();
        let mut kept = start;
        for at in start..self.lists.len() {
            if kept == start || self.lists[kept - 1] != self.lists[at] {
                self.lists[kept] = self.lists[at];
                kept += 1;
            }
        }
        self.lists.truncate(kept);
        if kept > start {
            self.units.push((ordinal, kept as u32));
        }
    }

    /// Writes where each list begins, and the lists.
    pub(crate) fn write<W: Write>(
        self,
        writer: &mut SectionWriter<W>,
        starts: u32,
        lists: u32,
    ) -> io::Result<()> {
        let mut ends = vec![0u32; LISTS + 1];
        for &list in &self.lists {
            ends[list as usize + 1] += 1;
        }
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        writer.u32s(starts, ends.iter().copied())?;
        let mut next = ends;
        let mut ordinals = vec![0u32; self.lists.len()];
        let mut from = 0;
        for (ordinal, end) in self.units {
            for &list in &self.lists[from..end as usize] {
                let slot = &mut next[list as usize];
                ordinals[*slot as usize] = ordinal;
                *slot += 1;
            }
            from = end as usize;
        }
        writer.u32s(lists, ordinals)
    }
}

/// The lists of a sealed generation.
pub(crate) struct PairIndex {
    starts: Section,
    lists: Section,
}

impl PairIndex {
    pub(crate) fn new(starts: Section, lists: Section) -> Self {
        PairIndex { starts, lists }
    }

    /// The units that hold these symbols, and a few more.
    pub(crate) fn symbols(&self, first: Symbol, second: Symbol) -> UnitList<'_> {
        let list = symbols_list(first, second) as usize;
        self.list(list)
    }

    /// The units that hold symbols of these sounds.
    pub(crate) fn sounds(&self, first: Sound, second: Sound) -> UnitList<'_> {
        self.list(sounds_list(first, second) as usize)
    }

    fn list(&self, list: usize) -> UnitList<'_> {
        let from = self.starts.u32(list) as usize;
        let to = self.starts.u32(list + 1) as usize;
        UnitList(self.lists.bytes().get(from * 4..to * 4).unwrap_or_default())
    }
}

/// Ordinals of units.
#[derive(Clone, Copy)]
pub(crate) struct UnitList<'a>(&'a [u8]);

impl<'a> UnitList<'a> {
    pub(crate) fn len(self) -> usize {
        self.0.len() / 4
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Ordinal> + 'a {
        self.0.chunks_exact(4).map(|four| four.try_into().map_or(0, u32::from_le_bytes))
    }

    /// Calls `take` with every unit of both lists; both must ascend, this one better be the shorter.
    pub(crate) fn crossing(self, other: UnitList<'_>, mut take: impl FnMut(Ordinal)) {
        let mut from = 0;
        for ordinal in self.iter() {
            // Galloping, then a binary search between the last two leaps.
            let mut leap = 1;
            while other.get(from + leap).is_some_and(|known| known < ordinal) {
                leap *= 2;
            }
            let (mut low, mut high) = (from + leap / 2, (from + leap).min(other.len()));
            while low < high {
                let middle = low + (high - low) / 2;
                if other.get(middle).is_some_and(|known| known < ordinal) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            from = low;
            match other.get(from) {
                None => break,
                Some(known) if known == ordinal => take(ordinal),
                Some(_) => {}
            }
        }
    }

    fn get(self, at: usize) -> Option<Ordinal> {
        Some(self.0.get(at * 4..at * 4 + 4)?.try_into().map_or(0, u32::from_le_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn crossings_are_what_both_lists_hold(a in "[a-z]{0,40}", b in "[a-z]{0,40}") {
            let ordinals = |text: &str| -> Vec<u32> {
                let mut of: Vec<u32> = text.bytes().map(u32::from).collect();
                of.sort_unstable();
                of.dedup();
                of
            };
            let (a, b) = (ordinals(&a), ordinals(&b));
            let bytes = |of: &[u32]| -> Vec<u8> { of.iter().flat_map(|ordinal| ordinal.to_le_bytes()).collect() };
            let (a_bytes, b_bytes) = (bytes(&a), bytes(&b));
            let mut both = Vec::new();
            UnitList(&a_bytes).crossing(UnitList(&b_bytes), |ordinal| both.push(ordinal));
            let expected: Vec<u32> = a.iter().copied().filter(|ordinal| b.contains(ordinal)).collect();
            prop_assert_eq!(both, expected);
        }
    }
}
