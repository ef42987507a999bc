//! Numbers that mostly fit 16 bits; the few that do not stand in a list of their own.

use crate::index::sections::{Section, SectionWriter, Sections};
use std::io::{self, Write};

/// Stands for a number that has a place in the list of large ones.
const LARGE: u16 = u16::MAX;
/// Stands for no number.
const NONE: u16 = u16::MAX - 1;

/// A column of optional numbers.
pub(crate) struct Narrow {
    short: Section,
    large: SortedMap,
}

impl Narrow {
    pub(crate) fn open(
        sections: &Sections,
        (short, large): (u32, u32),
        count: usize,
    ) -> Result<Self, String> {
        Ok(Narrow {
            short: sections.column(short, count, 2)?,
            large: SortedMap::new(sections.list(large, 8)?),
        })
    }

    pub(crate) fn write<W: Write>(
        writer: &mut SectionWriter<W>,
        (short, large): (u32, u32),
        numbers: impl Iterator<Item = Option<u32>> + Clone,
    ) -> io::Result<()> {
        let code = |number: Option<u32>| match number {
            None => NONE,
            Some(number) => u16::try_from(number).ok().filter(|&number| number < NONE).unwrap_or(LARGE),
        };
        writer.section(short, numbers.clone().map(|number| code(number).to_le_bytes()))?;
        let of_large = |(at, number): (usize, Option<u32>)| {
            number.filter(|_| code(number) == LARGE).map(|number| entry(at as u32, number))
        };
        writer.u64s(large, numbers.enumerate().filter_map(of_large))
    }

    pub(crate) fn get(&self, at: u32) -> Option<u32> {
        let place = at as usize * 2;
        let short = self.short.bytes().get(place..place + 2)?;
        match u16::from_le_bytes(short.try_into().ok()?) {
            NONE => None,
            LARGE => self.large.get(at),
            number => Some(u32::from(number)),
        }
    }
}

/// An entry of a [`SortedMap`].
pub(crate) fn entry(key: u32, value: u32) -> u64 {
    u64::from(key) << 32 | u64::from(value)
}

/// Few keys with their values, ascending.
pub(crate) struct SortedMap {
    entries: Section,
}

impl SortedMap {
    pub(crate) fn new(entries: Section) -> Self {
        SortedMap { entries }
    }

    pub(crate) fn get(&self, key: u32) -> Option<u32> {
        let entries: &[[u8; 8]] = self.entries.bytes().as_chunks().0;
        let key_of = |entry: &[u8; 8]| (u64::from_le_bytes(*entry) >> 32) as u32;
        let at = entries.binary_search_by_key(&key, key_of).ok()?;
        entries.get(at).map(|&entry| u64::from_le_bytes(entry) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sections::Bytes;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written(
            numbers in prop::collection::vec(prop::option::of(prop_oneof![0u32..100, 65_530u32..65_540, any::<u32>()]), 0..300)
        ) {
            let mut writer = SectionWriter::new(Vec::new()).expect("it is written");
            Narrow::write(&mut writer, (1, 2), numbers.iter().copied()).expect("it is written");
            let bytes = Bytes::Owned(writer.finish().expect("it is written").into());
            let sections = Sections::open(bytes, 2).expect("it is opened");
            let read = Narrow::open(&sections, (1, 2), numbers.len()).expect("it fits");
            prop_assert!(numbers.iter().enumerate().all(|(at, &number)| read.get(at as u32) == number));
            prop_assert_eq!(read.get(numbers.len() as u32), None);
            prop_assert!(Narrow::open(&sections, (1, 2), numbers.len() + 1).is_err());
        }
    }
}
