//! An ascending list of units, packed so that it is read and intersected where it lies.
//!
//! - A short list has its ordinals in as few whole bytes as the largest ordinal needs.
//! - A long list is cut into chunks of units with the same upper 16 bits, as the array containers of Roaring bitmaps are
//!   (Lemire, Kai, Kaser: Consistently faster and smaller compressed bitmaps with Roaring, 2016): the length, how many
//!   chunks, upper bits and length less one of each, then the lower 16 bits of all units. What cannot be in both of two
//!   lists is leapt over by the chunk, and two bytes a unit are half as much to read as a whole ordinal.

use index_data::model::Ordinal;

/// A list of more units than this is a long one.
pub(super) const LONG: usize = 512;
const LOW_BITS: u32 = 16;
/// The length and the number of chunks, in numbers of 16 bits.
const HEAD: usize = 3;

/// Bytes of an ordinal of a short list, among so many organizations.
pub(super) fn short_width(orgs: u32) -> usize {
    if orgs > 1 << 24 { 4 } else { 3 }
}

/// Appends a list: whole numbers of 16 bits, so that the next one is aligned.
pub(super) fn pack(units: &[Ordinal], width: usize, into: &mut Vec<u8>) {
    if units.len() <= LONG {
        units.iter().for_each(|unit| into.extend_from_slice(&unit.to_le_bytes()[..width]));
        if into.len() % 2 == 1 {
            into.push(0);
        }
        return;
    }
    let chunks = units.chunk_by(|a, b| a >> LOW_BITS == b >> LOW_BITS);
    let mut put = |number: u32| into.extend_from_slice(&(number as u16).to_le_bytes());
    put(units.len() as u32);
    put(units.len() as u32 >> LOW_BITS);
    put(chunks.clone().count() as u32);
    for chunk in chunks {
        put(chunk[0] >> LOW_BITS);
        put(chunk.len() as u32 - 1);
    }
    units.iter().for_each(|&unit| put(unit));
}

/// Ascending units, and the likeliest of them where they are many.
#[derive(Clone, Copy)]
pub(crate) struct UnitList<'a> {
    units: Units<'a>,
    /// What is added to every ordinal: where the segment of the list begins.
    start: Ordinal,
    champions: &'a [[u8; 4]],
}

#[derive(Clone, Copy)]
enum Units<'a> {
    Short(Short<'a>),
    Long(Long<'a>),
}

/// Ordinals of `width` bytes.
#[derive(Clone, Copy)]
struct Short<'a> {
    bytes: &'a [u8],
    width: usize,
    len: usize,
}

impl Short<'_> {
    #[inline]
    fn get(&self, at: usize) -> Option<Ordinal> {
        if at >= self.len {
            return None;
        }
        let start = at * self.width;
        // Nearly always four bytes are there to be read at once.
        if let Some(&four) = self.bytes.get(start..).and_then(|rest| rest.first_chunk()) {
            return Some(u32::from_le_bytes(four) & (u32::MAX >> (32 - 8 * self.width)));
        }
        let own = self.bytes.get(start..start + self.width)?;
        Some(own.iter().rev().fold(0, |unit, &byte| unit << 8 | u32::from(byte)))
    }
}

/// Chunks, and the lower bits of all units, one chunk after another.
#[derive(Clone, Copy)]
struct Long<'a> {
    len: usize,
    /// Upper bits, and length less one.
    chunks: &'a [[u8; 4]],
    lows: &'a [[u8; 2]],
}

/// A chunk: the upper bits of its units in their place, and the lower ones.
#[derive(Clone, Copy)]
struct Chunk<'a> {
    high: u32,
    lows: &'a [[u8; 2]],
}

impl<'a> Long<'a> {
    fn chunks(self) -> Chunks<'a> {
        Chunks { chunks: self.chunks, lows: self.lows }
    }
}

struct Chunks<'a> {
    chunks: &'a [[u8; 4]],
    lows: &'a [[u8; 2]],
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    #[inline]
    fn next(&mut self) -> Option<Chunk<'a>> {
        let (&[high, high_too, len, len_too], chunks) = self.chunks.split_first()?;
        let len = usize::from(u16::from_le_bytes([len, len_too])) + 1;
        let (lows, rest) = self.lows.split_at_checked(len)?;
        (self.chunks, self.lows) = (chunks, rest);
        Some(Chunk { high: u32::from(u16::from_le_bytes([high, high_too])) << LOW_BITS, lows })
    }
}

impl<'a> UnitList<'a> {
    pub(super) const EMPTY: UnitList<'static> =
        UnitList { units: Units::Short(Short { bytes: &[], width: 4, len: 0 }), start: 0, champions: &[] };

    pub(super) fn short(bytes: &'a [u8], width: usize) -> UnitList<'a> {
        let len = bytes.len() / width;
        UnitList { units: Units::Short(Short { bytes, width, len }), start: 0, champions: &[] }
    }

    /// `None` if the bytes are no long list.
    pub(super) fn long(bytes: &'a [u8], champions: &'a [[u8; 4]]) -> Option<UnitList<'a>> {
        let numbers: &[[u8; 2]] = bytes.as_chunks().0;
        let (&[low, high, chunks], rest) = numbers.split_first_chunk::<HEAD>()?;
        let [low, high, chunks] = [low, high, chunks].map(|number| usize::from(u16::from_le_bytes(number)));
        let (chunk_numbers, lows) = rest.split_at_checked(2 * chunks)?;
        let len = high << LOW_BITS | low;
        let chunks = chunk_numbers.as_flattened().as_chunks().0;
        (len == lows.len()).then_some(UnitList {
            units: Units::Long(Long { len, chunks, lows }),
            start: 0,
            champions,
        })
    }

    /// The same list of a segment whose first organization has this ordinal.
    pub(crate) fn starting_at(self, start: Ordinal) -> UnitList<'a> {
        UnitList { start, ..self }
    }

    pub(crate) fn len(self) -> usize {
        match self.units {
            Units::Short(short) => short.len,
            Units::Long(long) => long.len,
        }
    }

    /// The first unit.
    pub(crate) fn first(self) -> Option<Ordinal> {
        self.first_of_segment().map(|unit| self.start + unit)
    }

    fn first_of_segment(self) -> Option<Ordinal> {
        match self.units {
            Units::Short(short) => short.get(0),
            Units::Long(long) => {
                let Chunk { high, lows } = long.chunks().next()?;
                lows.first().map(|&low| high | u32::from(u16::from_le_bytes(low)))
            }
        }
    }

    /// Calls `take` with the first units, up to `limit`.
    #[inline]
    pub(crate) fn first_units(self, limit: usize, mut take: impl FnMut(Ordinal)) {
        let mut take = |unit| take(self.start + unit);
        match self.units {
            Units::Short(short) => (0..limit.min(short.len)).filter_map(|at| short.get(at)).for_each(take),
            Units::Long(long) => {
                let mut left = limit;
                for Chunk { high, lows } in long.chunks() {
                    let lows = &lows[..lows.len().min(left)];
                    lows.iter().for_each(|&low| take(high | u32::from(u16::from_le_bytes(low))));
                    left -= lows.len();
                    if left == 0 {
                        break;
                    }
                }
            }
        }
    }

    /// The units of the highest prior, the likeliest first; none of a short list.
    pub(crate) fn champions(self) -> impl Iterator<Item = Ordinal> + use<'a> {
        self.champions.iter().map(move |&four| self.start + u32::from_le_bytes(four))
    }

    /// Calls `take` with the first units of both lists, up to `limit`.
    pub(crate) fn intersection(self, other: UnitList<'_>, limit: usize, mut take: impl FnMut(Ordinal)) {
        let mut left = limit;
        let take = |unit| {
            take(self.start + unit);
            left -= 1;
            left > 0
        };
        if limit == 0 || self.start != other.start {
            return;
        }
        match (self.units, other.units) {
            (Units::Short(a), Units::Short(b)) => intersect_short(a, b, take),
            (Units::Short(short), Units::Long(long)) | (Units::Long(long), Units::Short(short)) => {
                intersect_with_short(long, short, take);
            }
            (Units::Long(a), Units::Long(b)) => intersect_long(a, b, take),
        }
    }
}

/// A slice so many times as long is leapt through instead of read.
const MUCH_LONGER: usize = 16;

/// Calls `take` with what both hold, until it gives false.
fn intersect_short(a: Short<'_>, b: Short<'_>, mut take: impl FnMut(Ordinal) -> bool) {
    let (a, b) = if a.len <= b.len { (a, b) } else { (b, a) };
    if b.len > a.len * MUCH_LONGER {
        let mut from = 0;
        for unit in (0..a.len).filter_map(|at| a.get(at)) {
            from = leap(b.len, from, |at| b.get(at).is_some_and(|known| known < unit));
            if b.get(from) == Some(unit) && !take(unit) {
                return;
            }
        }
        return;
    }
    // Without branches but for what is taken: which list goes on is as good as random.
    let (mut own, mut others) = (0, 0);
    while let (Some(unit), Some(other)) = (a.get(own), b.get(others)) {
        if unit == other && !take(unit) {
            return;
        }
        own += usize::from(unit <= other);
        others += usize::from(other <= unit);
    }
}

fn intersect_with_short(long: Long<'_>, short: Short<'_>, mut take: impl FnMut(Ordinal) -> bool) {
    let mut chunks = long.chunks();
    let Some(mut chunk) = chunks.next() else { return };
    let mut from = 0;
    for unit in (0..short.len).filter_map(|at| short.get(at)) {
        let high = unit >> LOW_BITS << LOW_BITS;
        while chunk.high < high {
            let Some(next) = chunks.next() else { return };
            (chunk, from) = (next, 0);
        }
        if chunk.high > high {
            continue;
        }
        let low = unit as u16;
        from = leap_to(chunk.lows, from, low);
        if chunk.lows.get(from).is_some_and(|&known| u16::from_le_bytes(known) == low) && !take(unit) {
            return;
        }
    }
}

fn intersect_long(a: Long<'_>, b: Long<'_>, mut take: impl FnMut(Ordinal) -> bool) {
    let (mut all, mut all_others) = (a.chunks(), b.chunks());
    let (mut own, mut others) = (all.next(), all_others.next());
    while let (Some(a), Some(b)) = (own, others) {
        if a.high == b.high && !intersect_lows(a.lows, b.lows, |low| take(a.high | u32::from(low))) {
            return;
        }
        if a.high <= b.high {
            own = all.next();
        }
        if b.high <= a.high {
            others = all_others.next();
        }
    }
}

/// Calls `take` with what both slices hold, until it gives false; whether it never did.
fn intersect_lows(a: &[[u8; 2]], b: &[[u8; 2]], take: impl FnMut(u16) -> bool) -> bool {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    match b.len() > a.len() * MUCH_LONGER {
        true => intersect_by_leaps(a, b, take),
        false => intersect_by_blocks(a, b, take),
    }
}

/// A merge of blocks: all pairs of two blocks are compared at once, which the compiler makes vector instructions, and
/// the block that ends first makes way for the next one. After Katsov and others: Lemire, Boytsov, Kurz, SIMD
/// compression and the intersection of sorted integers (2016).
fn intersect_by_blocks(
    mut own: &[[u8; 2]],
    mut others: &[[u8; 2]],
    mut take: impl FnMut(u16) -> bool,
) -> bool {
    const BLOCK: usize = 8;
    let read = |block: &[[u8; 2]; BLOCK]| block.map(u16::from_le_bytes);
    while let (Some(a), Some(b)) = (own.first_chunk::<BLOCK>(), others.first_chunk::<BLOCK>()) {
        let (a, b) = (read(a), read(b));
        let mut is_both = [0u16; BLOCK];
        for other in b {
            for (is_both, low) in is_both.iter_mut().zip(a) {
                *is_both |= u16::from(low == other);
            }
        }
        if is_both != [0; BLOCK] {
            for (low, _) in a.into_iter().zip(is_both).filter(|(_, is_both)| *is_both != 0) {
                if !take(low) {
                    return false;
                }
            }
        }
        let (last, other_last) = (a[BLOCK - 1], b[BLOCK - 1]);
        own = &own[if last <= other_last { BLOCK } else { 0 }..];
        others = &others[if other_last <= last { BLOCK } else { 0 }..];
    }
    let (mut at, mut other_at) = (0, 0);
    while let (Some(&low), Some(&other)) = (own.get(at), others.get(other_at)) {
        let (low, other) = (u16::from_le_bytes(low), u16::from_le_bytes(other));
        if low == other && !take(low) {
            return false;
        }
        at += usize::from(low <= other);
        other_at += usize::from(other <= low);
    }
    true
}

fn intersect_by_leaps(own: &[[u8; 2]], others: &[[u8; 2]], mut take: impl FnMut(u16) -> bool) -> bool {
    let mut from = 0;
    for &low in own {
        from = leap_to(others, from, u16::from_le_bytes(low));
        match others.get(from) {
            None => break,
            Some(&known) if known == low => {
                if !take(u16::from_le_bytes(low)) {
                    return false;
                }
            }
            Some(_) => {}
        }
    }
    true
}

/// The first place from `from` on that is not less than `low`.
fn leap_to(lows: &[[u8; 2]], from: usize, low: u16) -> usize {
    leap(lows.len(), from, |at| lows.get(at).is_some_and(|&known| u16::from_le_bytes(known) < low))
}

/// The first of `from..len` that is not before what is looked for: galloping, then a binary search between the last two
/// leaps.
fn leap(len: usize, from: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let mut step = 1;
    while from + step < len && is_before(from + step) {
        step *= 2;
    }
    let (mut low, mut high) = (from + step / 2, len.min(from + step + 1));
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packed(units: &[Ordinal]) -> Vec<u8> {
        let mut bytes = Vec::new();
        pack(units, 3, &mut bytes);
        bytes
    }

    fn list<'a>(bytes: &'a [u8], units: &[Ordinal]) -> UnitList<'a> {
        match units.len() > LONG {
            true => UnitList::long(bytes, &[]).expect("it is a list"),
            false => UnitList::short(bytes, 3),
        }
    }

    /// Lists of all lengths, over ranges in which they meet often or hardly ever.
    fn units() -> impl Strategy<Value = Vec<Ordinal>> {
        let most = prop_oneof![Just(600u32), Just(5_000), Just(200_000), Just(1 << 24)];
        let len = prop_oneof![0..20usize, 500..530usize, 500..3_000usize];
        (most, len, any::<u64>()).prop_map(|(most, len, seed)| {
            let mut numbers = index_data::hash::SplitMix64(seed);
            let mut units: Vec<Ordinal> =
                (0..len).map(|_| (numbers.next_u64() % u64::from(most)) as u32).collect();
            units.sort_unstable();
            units.dedup();
            units
        })
    }

    proptest! {
        #[test]
        fn units_are_read_as_they_were_packed(units in units(), limit in 0usize..4_000) {
            let bytes = packed(&units);
            prop_assert!(bytes.len().is_multiple_of(2));
            let list = list(&bytes, &units);
            let mut read = Vec::new();
            list.first_units(limit, |unit| read.push(unit));
            prop_assert_eq!(&read[..], &units[..limit.min(units.len())]);
            prop_assert_eq!((list.len(), list.first()), (units.len(), units.first().copied()));
        }

        #[test]
        fn intersections_are_what_both_lists_hold(a in units(), b in units(), limit in 0usize..4_000) {
            let (a_bytes, b_bytes) = (packed(&a), packed(&b));
            let mut both = Vec::new();
            list(&a_bytes, &a).intersection(list(&b_bytes, &b), limit, |unit| both.push(unit));
            let is_in_b = |unit: &Ordinal| b.binary_search(unit).is_ok();
            let expected: Vec<Ordinal> = a.iter().copied().filter(is_in_b).take(limit).collect();
            prop_assert_eq!(both, expected);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), chunks in 0u16..6, limit in 0usize..50) {
            // The head fits, so that what comes after it is read.
            let rest = (bytes.len() / 2).saturating_sub(HEAD + 2 * usize::from(chunks)) as u16;
            let mut long = bytes.clone();
            for (at, number) in [rest, 0, chunks].into_iter().enumerate() {
                if let Some(two) = long.get_mut(2 * at..2 * at + 2) {
                    two.copy_from_slice(&number.to_le_bytes());
                }
            }
            let lists = [UnitList::short(&bytes, 3), UnitList::long(&long, &[]).unwrap_or(UnitList::EMPTY)];
            let mut read = 0;
            for list in lists {
                list.first_units(limit, |_| read += 1);
                lists.iter().for_each(|other| list.intersection(*other, limit, |_| read += 1));
            }
            prop_assert!(read <= 6 * limit);
        }
    }
}
