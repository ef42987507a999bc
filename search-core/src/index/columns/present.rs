//! Which rows have something, with how many before each: what few rows have takes place for these alone.

use crate::index::sections::{Section, SectionWriter, Sections};
use std::io::{self, Write};

/// Words of 64 rows for which one count is kept.
const BLOCK: usize = 8;

/// Collects the rows, which must ascend.
#[derive(Default)]
pub(crate) struct PresentBuilder {
    words: Vec<u64>,
}

impl PresentBuilder {
    pub(crate) fn set(&mut self, row: u32) {
        let word = row as usize / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (row % 64);
    }

    /// Writes the bits of so many rows, and the counts.
    pub(crate) fn write<W: Write>(
        &self,
        writer: &mut SectionWriter<W>,
        (bits, counts): (u32, u32),
        rows: usize,
    ) -> io::Result<()> {
        let words = || (0..rows.div_ceil(64)).map(|at| self.words.get(at).copied().unwrap_or(0));
        writer.u64s(bits, words())?;
        let mut before = 0;
        let with_counts = words().enumerate().filter_map(|(at, word)| {
            let count = at.is_multiple_of(BLOCK).then_some(before);
            before += word.count_ones();
            count
        });
        let counts_of_blocks: Vec<u32> = with_counts.collect();
        writer.u32s(counts, counts_of_blocks.into_iter().chain([before]))
    }
}

/// The rows of a sealed generation.
pub(crate) struct Present {
    bits: Section,
    counts: Section,
}

impl Present {
    pub(crate) fn open(sections: &Sections, (bits, counts): (u32, u32), rows: usize) -> Result<Self, String> {
        let words = rows.div_ceil(64);
        Ok(Present {
            bits: sections.column(bits, words, 8)?,
            counts: sections.column(counts, words.div_ceil(BLOCK) + 1, 4)?,
        })
    }

    /// How many rows have something.
    pub(crate) fn len(&self) -> usize {
        self.counts.u32((self.counts.bytes().len() / 4).saturating_sub(1)) as usize
    }

    #[inline]
    pub(crate) fn contains(&self, row: usize) -> bool {
        self.bits.u64(row / 64) >> (row % 64) & 1 == 1
    }

    /// How many rows before this one have something.
    #[inline]
    pub(crate) fn rank(&self, row: usize) -> usize {
        let word = row / 64;
        let first = word / BLOCK * BLOCK;
        let whole: u32 = (first..word).map(|at| self.bits.u64(at).count_ones()).sum();
        let part = self.bits.u64(word) & ((1 << (row % 64)) - 1);
        self.counts.u32(word / BLOCK) as usize + (whole + part.count_ones()) as usize
    }
}

/// A run of bytes for each row that has one.
pub(crate) struct SparseRuns {
    rows: Present,
    starts: Section,
    runs: Section,
}

/// The numbers of the sections of [`SparseRuns`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct SparseSections {
    /// Bits and counts.
    pub(crate) rows: (u32, u32),
    pub(crate) starts: u32,
    pub(crate) runs: u32,
}

impl SparseRuns {
    pub(crate) fn open(sections: &Sections, ids: SparseSections, rows: usize) -> Result<Self, String> {
        let rows = Present::open(sections, ids.rows, rows)?;
        let (starts, runs) = sections.runs((ids.starts, ids.runs), rows.len(), 1)?;
        Ok(SparseRuns { rows, starts, runs })
    }

    /// Writes which of so many rows have a run, and where each begins; the runs are the caller's. `starts` of all rows,
    /// and the end.
    pub(crate) fn write_starts<W: Write>(
        writer: &mut SectionWriter<W>,
        ids: SparseSections,
        starts: &[u32],
    ) -> io::Result<()> {
        let (mut present, mut own_starts) = (PresentBuilder::default(), Vec::new());
        for (row, run) in starts.windows(2).enumerate().filter(|(_, run)| run[0] < run[1]) {
            present.set(row as u32);
            own_starts.push(run[0]);
        }
        present.write(writer, ids.rows, starts.len().saturating_sub(1))?;
        writer.u32s(ids.starts, own_starts.into_iter().chain(starts.last().copied()))
    }

    /// The run of a row; `None` if it has none.
    #[inline]
    pub(crate) fn get(&self, row: u32) -> Option<&[u8]> {
        let row = row as usize;
        if !self.rows.contains(row) {
            return None;
        }
        let at = self.rows.rank(row);
        self.runs.bytes().get(self.starts.u32(at) as usize..self.starts.u32(at + 1) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sections::Bytes;
    use proptest::prelude::*;

    const IDS: SparseSections = SparseSections { rows: (1, 2), starts: 3, runs: 4 };

    proptest! {
        #[test]
        fn runs_are_read_as_they_were_written(runs in prop::collection::vec(prop_oneof![Just(String::new()), "[a-z]{0,5}"], 0..1_500)) {
            let mut writer = SectionWriter::new(Vec::new()).expect("it is written");
            let mut starts = vec![0];
            let mut end = 0;
            for run in &runs {
                end += run.len() as u32;
                starts.push(end);
            }
            SparseRuns::write_starts(&mut writer, IDS, &starts).expect("it is written");
            writer.section(IDS.runs, &runs).expect("it is written");
            let bytes = Bytes::Owned(writer.finish().expect("it is written").into());
            let sections = Sections::open(bytes, 4).expect("it is opened");
            let read = SparseRuns::open(&sections, IDS, runs.len()).expect("it fits");
            for (row, run) in runs.iter().enumerate() {
                let expected = (!run.is_empty()).then_some(run.as_bytes());
                prop_assert_eq!(read.get(row as u32), expected);
            }
            prop_assert_eq!(read.rows.len(), runs.iter().filter(|run| !run.is_empty()).count());
            prop_assert!(SparseRuns::open(&sections, IDS, runs.len() + 512).is_err());
        }
    }
}
