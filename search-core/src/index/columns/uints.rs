//! Numbers in as few whole bytes as the largest of them needs.

use crate::index::sections::{Section, SectionWriter, Sections};
use std::io::{self, Write};

/// The most bytes of a number.
const WIDEST: usize = 8;

/// Bytes that hold a number, at least one.
pub(crate) fn width_of(largest: u64) -> usize {
    (largest.checked_ilog2().unwrap_or(0) as usize / 8) + 1
}

/// Numbers of one width, little-endian.
pub(crate) struct Uints {
    numbers: Section,
    width: usize,
}

impl Uints {
    /// A section of `count` numbers; their width follows from its length.
    pub(crate) fn open(sections: &Sections, id: u32, count: usize) -> Result<Uints, String> {
        let numbers = sections.section(id)?;
        let width = numbers.bytes().len().checked_div(count).unwrap_or(1);
        if !(1..=WIDEST).contains(&width) {
            return Err(format!("section {id} has {} bytes for {count} numbers", numbers.bytes().len()));
        }
        Ok(Uints { numbers: sections.column(id, count, width)?, width })
    }

    /// A section of any count of numbers of a known width.
    pub(crate) fn of_width(sections: &Sections, id: u32, width: usize) -> Result<Uints, String> {
        Ok(Uints { numbers: sections.list(id, width)?, width })
    }

    pub(crate) fn write<W: Write>(
        writer: &mut SectionWriter<W>,
        id: u32,
        width: usize,
        numbers: impl IntoIterator<Item = u64>,
    ) -> io::Result<()> {
        // Handed on by the thousand: a call for each number would take longer than the number.
        const BUFFER: usize = 1 << 13;
        let mut numbers = numbers.into_iter().peekable();
        let buffers = std::iter::from_fn(move || {
            numbers.peek()?;
            let mut buffer = Vec::with_capacity(BUFFER);
            for number in numbers.by_ref().take(BUFFER / width) {
                buffer.extend_from_slice(&number.to_le_bytes()[..width]);
            }
            Some(buffer)
        });
        writer.section(id, buffers)
    }

    pub(crate) fn len(&self) -> usize {
        self.numbers.bytes().len() / self.width
    }

    /// The number at a place; 0 past the end.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> u64 {
        let bytes = self.numbers.bytes();
        let start = at * self.width;
        // Nearly always eight bytes are there to be read at once.
        if let Some(&eight) = bytes.get(start..).and_then(|rest| rest.first_chunk()) {
            return u64::from_le_bytes(eight) & (u64::MAX >> (u64::BITS as usize - 8 * self.width));
        }
        let mut eight = [0; WIDEST];
        let own = bytes.get(start..start + self.width).unwrap_or_default();
        eight[..own.len()].copy_from_slice(own);
        u64::from_le_bytes(eight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sections::Bytes;
    use proptest::prelude::*;

    fn written(width: usize, numbers: &[u64]) -> Sections {
        let mut writer = SectionWriter::new(Vec::new()).expect("it is written");
        Uints::write(&mut writer, 1, width, numbers.iter().copied()).expect("it is written");
        Sections::open(Bytes::Owned(writer.finish().expect("it is written").into()), 1).expect("it is opened")
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written(bits in 0u32..64, numbers in prop::collection::vec(any::<u64>(), 0..5_000)) {
            let numbers: Vec<u64> = numbers.iter().map(|number| number >> bits).collect();
            let width = width_of(numbers.iter().copied().max().unwrap_or(0));
            let read = Uints::open(&written(width, &numbers), 1, numbers.len()).expect("it fits");
            prop_assert!(numbers.iter().enumerate().all(|(at, &number)| read.get(at) == number));
            prop_assert_eq!(read.get(numbers.len()), 0);
        }
    }

    #[test]
    fn other_counts_are_refused() {
        let sections = written(2, &[1, 2, 3]);
        for count in [0, 4, 5, 7] {
            assert!(Uints::open(&sections, 1, count).is_err(), "{count}");
        }
        assert!(Uints::of_width(&sections, 1, 4).is_err());
        assert_eq!([0, 255, 256, u64::MAX].map(width_of), [1, 1, 2, 8]);
    }
}
