//! Pairs of symbols, and pairs of sounds, to the units that hold them: where short forms, pinyin and misheard
//! characters begin.
//!
//! Each unit (every organization but the classes of a school) has the pairs of what its name adds to its parent's:
//! see [`NameView::pairs`]. Pairs of symbols share buckets by a hash; pairs of sounds have one list each. Lists
//! ascend and are read where they lie.

use super::name_view::{MAX_SYMBOLS, NameView, boundary_pairs};
use super::sections::{Section, SectionWriter};
use crate::text::sounds::{self, SOUNDS, Sound};
use crate::text::symbols::Symbol;
use index_data::model::Ordinal;
use std::io::{self, Write};
use std::ops::Range;

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
    units: Vec<(Unit, u32)>,
}

impl PairIndexBuilder {
    /// With room for the pairs of so many organizations, leaves that are told by their class not among them.
    pub(crate) fn with_capacity(orgs: usize) -> Self {
        const LISTS_OF_ONE: usize = 12;
        PairIndexBuilder {
            lists: Vec::with_capacity(LISTS_OF_ONE * orgs),
            units: Vec::with_capacity(orgs / 2),
        }
    }

    /// Lists of one organization, after which no further name is taken: dozens of long aliases would otherwise cost
    /// hundreds of KiB each. They are found by their text. Organizations have a few dozen lists, a long name some
    /// hundred.
    const ENOUGH_LISTS: usize = 2_048;

    /// `view` of what its name adds, `others` of its other names; `above`: the name that stands before each of them
    /// where both are typed as one.
    pub(crate) fn add(&mut self, ordinal: Ordinal, above: &NameView, view: &NameView, others: &[NameView]) {
        let start = self.lists.len();
        for view in std::iter::once(view).chain(others) {
            if self.lists.len() - start >= Self::ENOUGH_LISTS {
                break;
            }
            let mut add = |first, second| {
                self.lists.push(symbols_list(first, second));
                for a in sounds::sounds(first) {
                    self.lists.extend(sounds::sounds(second).map(|b| sounds_list(a, b)));
                }
            };
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
            self.units.push((Unit::new(ordinal, view.symbols.len()), kept as u32));
        }
    }

    /// How many pairs of all units are collected. The caller MUST stop before they are more than a u32 counts: places
    /// in the lists are u32s.
    pub(crate) fn len(&self) -> usize {
        self.lists.len()
    }

    /// Writes where each list begins, the lists, and the champions of the long ones by the priors of all organizations.
    pub(crate) fn write<W: Write>(
        self,
        writer: &mut SectionWriter<W>,
        priors: &[u8],
        sections: PairSections,
    ) -> io::Result<()> {
        let mut list_starts = vec![0u32; LISTS + 1];
        for &list in &self.lists {
            list_starts[list as usize + 1] += 1;
        }
        for at in 1..list_starts.len() {
            list_starts[at] += list_starts[at - 1];
        }
        writer.u32s(sections.starts, list_starts.iter().copied())?;
        let mut champions = Champions::default();
        let units = parts(&list_starts).flat_map(|part| {
            let units = self.units_of(part.clone(), &list_starts);
            champions.add(part, &units, &list_starts, priors);
            units
        });
        writer.u32s(sections.lists, units)?;
        writer.u32s(sections.champion_lists, champions.lists)?;
        writer.u32s(sections.champions, champions.units)
    }

    /// The units of a range of lists, one list after another.
    fn units_of(&self, part: Range<usize>, list_starts: &[u32]) -> Vec<u32> {
        let first = list_starts[part.start];
        let mut next: Vec<u32> = list_starts[part.clone()].iter().map(|start| start - first).collect();
        let mut units = vec![0u32; (list_starts[part.end] - first) as usize];
        let mut from = 0;
        for &(unit, end) in &self.units {
            // The lists of one unit ascend.
            let own = &self.lists[from as usize..end as usize];
            let own = &own[own.partition_point(|&list| (list as usize) < part.start)..];
            for list in own.iter().map(|&list| list as usize).take_while(|&list| list < part.end) {
                let slot = &mut next[list - part.start];
                units[*slot as usize] = unit.0;
                *slot += 1;
            }
            from = end;
        }
        units
    }
}

/// The numbers of the sections that are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairSections {
    pub(crate) starts: u32,
    pub(crate) lists: u32,
    pub(crate) champion_lists: u32,
    pub(crate) champions: u32,
}

/// Units of a list that are longer than this are not all read, so their champions are kept.
const LONG: usize = 512;
/// The champions of a long list: its units of the highest prior. Of a broad text these are meant, wherever they stand in
/// the tree. After the champion lists of Manning, Raghavan, Schütze, Introduction to information retrieval (2008), 7.1.
const CHAMPIONS: usize = 48;

/// Collects the champions of long lists.
#[derive(Default)]
struct Champions {
    /// The long lists, ascending.
    lists: Vec<u32>,
    /// [`CHAMPIONS`] units of each, the likeliest first.
    units: Vec<u32>,
}

impl Champions {
    /// Takes the units of a range of lists, one list after another.
    fn add(&mut self, part: Range<usize>, units: &[u32], list_starts: &[u32], priors: &[u8]) {
        let prior = |unit: u32| priors.get(Unit(unit).ordinal() as usize).copied().unwrap_or(0);
        let key = |unit: &u32| (std::cmp::Reverse(prior(*unit)), *unit);
        let first = list_starts[part.start];
        for list in part {
            let own = (list_starts[list] - first) as usize..(list_starts[list + 1] - first) as usize;
            if own.len() <= LONG {
                continue;
            }
            let mut best = units[own].to_vec();
            best.select_nth_unstable_by_key(CHAMPIONS - 1, key);
            best.truncate(CHAMPIONS);
            best.sort_unstable_by_key(key);
            self.lists.push(list as u32);
            self.units.extend(best);
        }
    }
}

/// All lists in ranges that hold about as many units each: turned around at once, the lists would be in memory twice.
fn parts(list_starts: &[u32]) -> impl Iterator<Item = Range<usize>> + '_ {
    const PARTS: u64 = 8;
    let all = u64::from(list_starts.last().copied().unwrap_or(0));
    let cut = move |part: u64| list_starts.partition_point(|&start| u64::from(start) * PARTS < all * part);
    (0..PARTS).map(move |part| cut(part)..cut(part + 1))
}

/// The lists of a sealed generation.
pub(crate) struct PairIndex {
    starts: Section,
    lists: Section,
    champion_lists: Section,
    champions: Section,
}

impl PairIndex {
    /// How many lists there are.
    pub(crate) const LISTS: usize = LISTS;
    /// Bytes of an entry of a list.
    pub(crate) const WIDTH: usize = size_of::<Unit>();

    /// Entries of the champions of a long list.
    pub(crate) const CHAMPIONS: usize = CHAMPIONS;

    pub(crate) fn new(
        (starts, lists): (Section, Section),
        (champion_lists, champions): (Section, Section),
    ) -> Self {
        PairIndex { starts, lists, champion_lists, champions }
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
        let units = self.lists.bytes().as_chunks().0.get(from..to).unwrap_or_default();
        UnitList { units, champions: if units.len() > LONG { self.champions(list) } else { &[] } }
    }

    /// The champions of a long list.
    fn champions(&self, list: usize) -> &[[u8; 4]] {
        let lists = self.champion_lists.bytes().as_chunks().0;
        let at = lists.binary_search_by_key(&(list as u32), |&four| u32::from_le_bytes(four));
        let champions = at
            .ok()
            .and_then(|at| self.champions.bytes().as_chunks().0.get(at * CHAMPIONS..(at + 1) * CHAMPIONS));
        champions.unwrap_or_default()
    }
}

/// A unit as it stands in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unit(u32);

impl Unit {
    const LEN_BITS: u32 = 6;
    /// Organizations that can be told apart.
    pub(crate) const MOST_ORGS: u32 = 1 << (u32::BITS - Self::LEN_BITS);

    fn new(ordinal: Ordinal, len: usize) -> Unit {
        const { assert!(MAX_SYMBOLS < 1 << Unit::LEN_BITS) };
        Unit(ordinal << Self::LEN_BITS | len.min(MAX_SYMBOLS) as u32)
    }

    pub(crate) fn ordinal(self) -> Ordinal {
        self.0 >> Self::LEN_BITS
    }

    /// How many symbols its name adds to its parent's.
    pub(crate) fn len(self) -> u32 {
        self.0 & ((1 << Self::LEN_BITS) - 1)
    }
}

/// Ascending units, little-endian, and the likeliest of them where they are many.
#[derive(Clone, Copy)]
pub(crate) struct UnitList<'a> {
    units: &'a [[u8; 4]],
    champions: &'a [[u8; 4]],
}

impl<'a> UnitList<'a> {
    pub(crate) fn len(self) -> usize {
        self.units.len()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Unit> + 'a {
        self.units.iter().map(|&four| Unit(u32::from_le_bytes(four)))
    }

    /// The units of the highest prior, the likeliest first; none of a short list.
    pub(crate) fn champions(self) -> impl Iterator<Item = Unit> + 'a {
        self.champions.iter().map(|&four| Unit(u32::from_le_bytes(four)))
    }

    fn of(units: &'a [[u8; 4]]) -> Self {
        UnitList { units, champions: &[] }
    }

    /// Calls `take` with the first units of both lists, up to `limit`. This one better be the shorter.
    pub(crate) fn intersection(self, other: UnitList<'_>, limit: usize, take: impl FnMut(Unit)) {
        /// Lists so many times as long are leapt through instead of read.
        const MUCH_LONGER: usize = 16;
        if other.len() > self.len() * MUCH_LONGER {
            self.intersection_by_leaps(other, limit, take);
        } else {
            self.intersection_by_blocks(other, limit, take);
        }
    }

    /// A merge of blocks: all pairs of two blocks are compared at once, which the compiler makes vector instructions,
    /// and the block that ends first makes way for the next one. After Katsov and others: Lemire, Boytsov, Kurz, SIMD
    /// compression and the intersection of sorted integers (2016).
    fn intersection_by_blocks(self, other: UnitList<'_>, limit: usize, mut take: impl FnMut(Unit)) {
        const BLOCK: usize = 8;
        let read = |block: &[[u8; 4]; BLOCK]| block.map(u32::from_le_bytes);
        let (mut own, mut others) = (self.units, other.units);
        let mut taken = 0;
        while let (Some(a), Some(b)) = (own.first_chunk::<BLOCK>(), others.first_chunk::<BLOCK>()) {
            let (a, b) = (read(a), read(b));
            let mut is_both = [0u32; BLOCK];
            for other in b {
                for (is_both, unit) in is_both.iter_mut().zip(a) {
                    *is_both |= u32::from(unit == other);
                }
            }
            if is_both != [0; BLOCK] {
                for (unit, _) in a.into_iter().zip(is_both).filter(|(_, is_both)| *is_both != 0) {
                    take(Unit(unit));
                    taken += 1;
                    if taken >= limit {
                        return;
                    }
                }
            }
            let (last_a, last_b) = (a[BLOCK - 1], b[BLOCK - 1]);
            own = &own[if last_a <= last_b { BLOCK } else { 0 }..];
            others = &others[if last_b <= last_a { BLOCK } else { 0 }..];
        }
        UnitList::of(own).intersection_by_steps(UnitList::of(others), limit - taken, take);
    }

    /// A merge without branches but for what is taken: which list goes on is as good as random.
    fn intersection_by_steps(self, other: UnitList<'_>, limit: usize, mut take: impl FnMut(Unit)) {
        let (mut own, mut others, mut taken) = (0, 0, 0);
        while let (Some(&a), Some(&b)) = (self.units.get(own), other.units.get(others)) {
            let (a, b) = (u32::from_le_bytes(a), u32::from_le_bytes(b));
            if a == b {
                take(Unit(a));
                taken += 1;
                if taken >= limit {
                    break;
                }
            }
            own += usize::from(a <= b);
            others += usize::from(b <= a);
        }
    }

    /// Galloping, then a binary search between the last two leaps.
    fn intersection_by_leaps(self, other: UnitList<'_>, limit: usize, mut take: impl FnMut(Unit)) {
        let (mut from, mut taken) = (0, 0);
        for unit in self.iter() {
            let rest = &other.units[from..];
            let is_before = |at: usize| rest.get(at).is_some_and(|&known| u32::from_le_bytes(known) < unit.0);
            let mut leap = 1;
            while is_before(leap) {
                leap *= 2;
            }
            let between = &rest[leap / 2..rest.len().min(leap)];
            from += leap / 2 + between.partition_point(|&known| u32::from_le_bytes(known) < unit.0);
            match other.units.get(from) {
                None => break,
                Some(&known) if u32::from_le_bytes(known) == unit.0 => {
                    take(unit);
                    taken += 1;
                    if taken >= limit {
                        break;
                    }
                }
                Some(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn many_long_aliases_add_no_more_than_enough() {
        let segmenter = crate::text::segment::Segmenter::with_vocabulary(&[]);
        let name = |n: u32| -> String {
            (0..40).filter_map(|at| char::from_u32(0x4e00 + (n * 977 + at * 131) % 20_000)).collect()
        };
        let views: Vec<NameView> = (0..64).map(|n| NameView::of_name(&name(n), &segmenter)).collect();
        let mut builder = PairIndexBuilder::default();
        builder.add(1, &NameView::default(), &views[0], &views[1..]);
        let all = builder.lists.len();
        let mut one = PairIndexBuilder::default();
        one.add(1, &NameView::default(), &views[0], &[]);
        assert!(all > one.lists.len(), "aliases are taken as long as there is room");
        assert!(all < 2 * PairIndexBuilder::ENOUGH_LISTS, "{all}");
    }

    #[test]
    fn champions_are_the_likeliest_units_of_long_lists() {
        let units: Vec<u32> = (0..2 * LONG as u32).map(|ordinal| Unit::new(ordinal, 3).0).collect();
        let priors: Vec<u8> = (0..units.len()).map(|ordinal| (ordinal % 251) as u8).collect();
        let starts = [0, LONG as u32 - 1, units.len() as u32];
        let mut champions = Champions::default();
        champions.add(0..2, &units, &starts, &priors);
        assert_eq!((champions.lists, champions.units.len()), (vec![1], CHAMPIONS));
        let found: Vec<u8> =
            champions.units.iter().map(|&unit| priors[Unit(unit).ordinal() as usize]).collect();
        assert!(found[0] == 250 && found.is_sorted_by(|a, b| a >= b), "{found:?}");
    }

    proptest! {
        #[test]
        fn intersections_are_what_both_lists_hold(a in "[!-~]{0,120}", b in "[!-~]{0,120}", limit in 1usize..30) {
            let ordinals = |text: &str| -> Vec<u32> {
                let mut of: Vec<u32> = text.bytes().map(u32::from).collect();
                of.sort_unstable();
                of.dedup();
                of
            };
            let (a, b) = (ordinals(&a), ordinals(&b));
            let bytes = |of: &[u32]| -> Vec<[u8; 4]> { of.iter().map(|ordinal| ordinal.to_le_bytes()).collect() };
            let (a_bytes, b_bytes) = (bytes(&a), bytes(&b));
            let expected: Vec<u32> = a.iter().copied().filter(|ordinal| b.contains(ordinal)).take(limit).collect();
            for way in 0..3 {
                let mut both = Vec::new();
                let (short, long) = (UnitList::of(&a_bytes), UnitList::of(&b_bytes));
                match way {
                    0 => short.intersection_by_steps(long, limit, |unit| both.push(unit.0)),
                    1 => short.intersection_by_blocks(long, limit, |unit| both.push(unit.0)),
                    _ => short.intersection_by_leaps(long, limit, |unit| both.push(unit.0)),
                }
                prop_assert_eq!(&both, &expected);
            }
        }
    }
}
