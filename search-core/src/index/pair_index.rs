//! Pairs of symbols, and pairs of sounds, to the units that hold them: where short forms, pinyin and misheard
//! characters begin.
//!
//! Each unit (every organization but the classes of a school) has the pairs of what its name adds to its parent's:
//! see [`NameView::pairs`]. Pairs of symbols share buckets by a hash; pairs of sounds have one list each. Lists
//! ascend and are read where they lie: see [`super::unit_list`].

use super::limits::{IndexLimits, TooLarge};
use super::name_view::{NameView, boundary_pairs};
use super::sections::{Section, SectionWriter, Sections};
use super::unit_list::{LONG, UnitList, pack, short_width};
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
    units: Vec<(Ordinal, u32)>,
    limits: IndexLimits,
}

impl PairIndexBuilder {
    /// With room for the pairs of so many organizations, leaves that are told by their class not among them.
    pub(crate) fn with_capacity(orgs: usize, limits: IndexLimits) -> Self {
        const LISTS_OF_ONE: usize = 12;
        PairIndexBuilder {
            lists: Vec::with_capacity(LISTS_OF_ONE * orgs),
            units: Vec::with_capacity(orgs / 2),
            limits,
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
            self.units.push((ordinal, kept as u32));
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
        sections: PairSections,
        priors: &[u8],
    ) -> io::Result<()> {
        let mut list_starts = vec![0u32; LISTS + 1];
        for &list in &self.lists {
            list_starts[list as usize + 1] += 1;
        }
        for at in 1..list_starts.len() {
            list_starts[at] += list_starts[at - 1];
        }
        let width = short_width(priors.len() as u32);
        let mut champions = Champions::default();
        let mut starts = Starts { ends: Vec::with_capacity(LISTS), end: 0, overflow: Ok(()) };
        let packed = parts(&list_starts).map_while(|part| {
            let units = self.units_of(part.clone(), &list_starts);
            let first = list_starts[part.start];
            let mut packed = Vec::new();
            for list in part {
                let own =
                    &units[(list_starts[list] - first) as usize..(list_starts[list + 1] - first) as usize];
                let before = packed.len();
                pack(own, width, &mut packed);
                starts.add(packed.len() - before, self.limits);
                champions.add(list, own, priors);
            }
            starts.overflow.is_ok().then_some(packed)
        });
        writer.section(sections.lists, packed)?;
        starts.overflow?;
        // The lists behind the last unit are empty.
        starts.ends.resize(LISTS, starts.ends.last().copied().unwrap_or(0));
        writer.u32s(sections.starts, std::iter::once(0).chain(starts.ends))?;
        writer.u32s(sections.long_lists, champions.lists)?;
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
                units[*slot as usize] = unit;
                *slot += 1;
            }
            from = end;
        }
        units
    }
}

/// The numbers of the sections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairSections {
    pub(crate) starts: u32,
    pub(crate) lists: u32,
    /// The long lists, ascending.
    pub(crate) long_lists: u32,
    pub(crate) champions: u32,
}

/// Collects where lists end, in numbers of 16 bits.
struct Starts {
    ends: Vec<u32>,
    end: usize,
    overflow: Result<(), TooLarge>,
}

impl Starts {
    fn add(&mut self, bytes: usize, limits: IndexLimits) {
        self.end += bytes / 2;
        match limits.offset("lists of pairs", self.end) {
            Ok(end) => self.ends.push(end),
            Err(too_large) => self.overflow = Err(too_large),
        }
    }
}

/// The champions of a long list: its units of the highest prior. Such lists are not all read, and of a broad text these
/// are meant, wherever they stand in the tree. After the champion lists of Manning, Raghavan, Schütze, Introduction to
/// information retrieval (2008), 7.1.
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
    /// Takes the units of the next list.
    fn add(&mut self, list: usize, units: &[Ordinal], priors: &[u8]) {
        if units.len() <= LONG {
            return;
        }
        let prior = |unit: Ordinal| priors.get(unit as usize).copied().unwrap_or(0);
        let key = |unit: &Ordinal| (std::cmp::Reverse(prior(*unit)), *unit);
        let mut best = units.to_vec();
        best.select_nth_unstable_by_key(CHAMPIONS - 1, key);
        best.truncate(CHAMPIONS);
        best.sort_unstable_by_key(key);
        self.lists.push(list as u32);
        self.units.extend(best);
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
    long_lists: Section,
    champions: Section,
    /// Bytes of an ordinal of a short list.
    width: usize,
}

impl PairIndex {
    /// Of so many organizations.
    pub(super) fn open(sections: &Sections, ids: PairSections, orgs: u32) -> Result<PairIndex, String> {
        let (starts, lists) = sections.runs((ids.starts, ids.lists), LISTS, 2)?;
        let long_lists = sections.list(ids.long_lists, 4)?;
        let long_count = long_lists.bytes().len() / 4;
        let champions = sections.column(ids.champions, long_count * CHAMPIONS, 4)?;
        Ok(PairIndex { starts, lists, long_lists, champions, width: short_width(orgs) })
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
        let (from, to) = (self.starts.u32(list) as usize, self.starts.u32(list + 1) as usize);
        let bytes = self.lists.bytes().get(2 * from..2 * to).unwrap_or_default();
        // Most lists are too short to be looked for among the long ones.
        match if bytes.len() > 2 * LONG { self.place_among_long(list) } else { None } {
            None => UnitList::short(bytes, self.width),
            Some(at) => {
                let champions: &[[u8; 4]] = self.champions.bytes().as_chunks().0;
                let own = champions.get(at * CHAMPIONS..(at + 1) * CHAMPIONS).unwrap_or_default();
                UnitList::long(bytes, own).unwrap_or(UnitList::EMPTY)
            }
        }
    }

    fn place_among_long(&self, list: usize) -> Option<usize> {
        let lists: &[[u8; 4]] = self.long_lists.bytes().as_chunks().0;
        lists.binary_search_by_key(&(list as u32), |&four| u32::from_le_bytes(four)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sections::Bytes;

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
        let units: Vec<Ordinal> = (0..2 * LONG as u32).collect();
        let priors: Vec<u8> = (0..units.len()).map(|ordinal| (ordinal % 251) as u8).collect();
        let mut champions = Champions::default();
        champions.add(0, &units[..LONG], &priors);
        champions.add(1, &units[LONG..], &priors);
        champions.add(2, &units, &priors);
        assert_eq!((champions.lists, champions.units.len()), (vec![2], CHAMPIONS));
        let found: Vec<u8> = champions.units.iter().map(|&unit| priors[unit as usize]).collect();
        assert!(found[0] == 250 && found.is_sorted_by(|a, b| a >= b), "{found:?}");
    }

    #[test]
    fn each_unit_is_in_the_lists_of_its_pairs_and_in_no_other() {
        const ORGS: u32 = 3_000;
        let symbol = |number: u32| 0x4e00 + (number % 40) as Symbol;
        // Neighbouring symbols: 0 and 1 in half of the units, a pair of its own in few.
        let view = |ordinal: u32| NameView {
            symbols: vec![0x4e00, if ordinal.is_multiple_of(2) { 0x4e01 } else { symbol(ordinal) + 2 }],
            ..NameView::default()
        };
        let mut builder = PairIndexBuilder::default();
        (0..ORGS).for_each(|ordinal| builder.add(ordinal, &NameView::default(), &view(ordinal), &[]));
        let ids = PairSections { starts: 1, lists: 2, long_lists: 3, champions: 4 };
        let mut writer = SectionWriter::new(Vec::new()).expect("it is written");
        builder.write(&mut writer, ids, &vec![7; ORGS as usize]).expect("it is written");
        let bytes = Bytes::Owned(writer.finish().expect("it is written").into());
        let sections = Sections::open(bytes, 4).expect("it is opened");
        let index = PairIndex::open(&sections, ids, ORGS).expect("it fits");
        for second in 0x4e01..0x4e30 {
            let mut found = Vec::new();
            index.symbols(0x4e00, second).first_units(usize::MAX, |unit| found.push(unit));
            let expected = (0..ORGS).filter(|&ordinal| view(ordinal).symbols[1] == second);
            assert_eq!(found, expected.collect::<Vec<_>>(), "{second:x}");
        }
        assert_eq!(index.symbols(0x4e00, 0x4e01).champions().count(), CHAMPIONS);
        let file = SectionWriter::new(Vec::new()).and_then(|mut writer| {
            writer.u32s(1, [0; 5])?;
            (2..5).try_for_each(|id| writer.u32s(id, []))?;
            writer.finish()
        });
        let short = Sections::open(Bytes::Owned(file.expect("it is written").into()), 4);
        assert!(PairIndex::open(&short.expect("it is opened"), ids, ORGS).is_err(), "lists are missing");
    }
}
