//! Where each of many short runs begins: one whole offset a block, and short ones from there.

use crate::index::limits::{IndexLimits, TooLarge};
use crate::index::sections::{Section, SectionWriter, Sections};
use std::io::{self, Write};
use std::ops::Range;

/// Runs of a block. A name has at most some 2,000 bytes, so a block has less than 16 bits count.
const BLOCK: usize = 16;

/// Collects the ends of runs that follow each other.
pub(crate) struct StartsBuilder {
    limits: IndexLimits,
    what: &'static str,
    bases: Vec<u32>,
    offsets: Vec<u16>,
}

impl StartsBuilder {
    /// Of so many runs of `what`; the first begins at 0.
    pub(crate) fn new(limits: IndexLimits, what: &'static str, runs: usize) -> Self {
        let (mut bases, mut offsets) = (Vec::with_capacity(runs / BLOCK + 1), Vec::with_capacity(runs + 1));
        bases.push(0);
        offsets.push(0);
        StartsBuilder { limits, what, bases, offsets }
    }

    /// Takes the end of the next run.
    ///
    /// # Errors
    /// If offsets of the whole column, or of one block, do not fit.
    pub(crate) fn end_at(&mut self, end: usize) -> Result<(), TooLarge> {
        let end = self.limits.offset(self.what, end)?;
        if self.offsets.len().is_multiple_of(BLOCK) {
            self.bases.push(end);
        }
        let base = self.bases.last().copied().unwrap_or(0);
        let too_large = TooLarge { what: self.what, most: u32::from(u16::MAX) };
        self.offsets.push(u16::try_from(end - base).map_err(|_| too_large)?);
        Ok(())
    }

    pub(crate) fn write<W: Write>(
        &self,
        writer: &mut SectionWriter<W>,
        (bases, offsets): (u32, u32),
    ) -> io::Result<()> {
        writer.u32s(bases, self.bases.iter().copied())?;
        writer.section(offsets, self.offsets.iter().map(|offset| offset.to_le_bytes()))
    }
}

/// The column of a sealed generation.
pub(crate) struct Starts {
    bases: Section,
    offsets: Section,
}

impl Starts {
    /// Of `count` runs, the last of which ends at `end`.
    pub(crate) fn open(
        sections: &Sections,
        (bases, offsets): (u32, u32),
        count: usize,
        end: usize,
    ) -> Result<Starts, String> {
        let starts = Starts {
            bases: sections.column(bases, count / BLOCK + 1, 4)?,
            offsets: sections.column(offsets, count + 1, 2)?,
        };
        match (starts.get(0), starts.get(count)) {
            (0, last) if last == end => Ok(starts),
            (_, last) => Err(format!("section {offsets} ends at {last}, its values at {end}")),
        }
    }

    #[inline]
    fn get(&self, at: usize) -> usize {
        let offset = self.offsets.bytes().get(at * 2..at * 2 + 2).and_then(|two| two.try_into().ok());
        self.bases.u32(at / BLOCK) as usize + usize::from(offset.map_or(0, u16::from_le_bytes))
    }

    /// Where a run lies.
    #[inline]
    pub(crate) fn range(&self, at: usize) -> Range<usize> {
        self.get(at)..self.get(at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sections::Bytes;
    use proptest::prelude::*;

    fn built(lens: &[usize]) -> Result<StartsBuilder, TooLarge> {
        let mut builder = StartsBuilder::new(IndexLimits::default(), "names", lens.len());
        let mut end = 0;
        for len in lens {
            end += len;
            builder.end_at(end)?;
        }
        Ok(builder)
    }

    proptest! {
        #[test]
        fn runs_lie_where_they_were_put(lens in prop::collection::vec(0usize..2_500, 0..200)) {
            let mut writer = SectionWriter::new(Vec::new()).expect("it is written");
            built(&lens).expect("they fit").write(&mut writer, (1, 2)).expect("it is written");
            let bytes = Bytes::Owned(writer.finish().expect("it is written").into());
            let sections = Sections::open(bytes, 2).expect("it is opened");
            let end = lens.iter().sum();
            let read = Starts::open(&sections, (1, 2), lens.len(), end).expect("it fits");
            let mut start = 0;
            for (at, len) in lens.iter().enumerate() {
                prop_assert_eq!(read.range(at), start..start + len);
                start += len;
            }
            prop_assert!(Starts::open(&sections, (1, 2), lens.len(), end + 1).is_err());
        }
    }

    #[test]
    fn a_block_that_is_too_long_is_an_error() {
        assert!(built(&[60_000, 5_000]).is_ok());
        assert!(built(&[60_000, 6_000]).is_err());
        assert!(built(&[6_000; 40]).is_err(), "the sixteenth");
    }
}
