//! A file of numbered sections: columns and blobs that are read where they lie, mapped or in memory.
//!
//! ```text
//! magic (8 bytes) | section … each at a multiple of 8 | table: (id u64, start u64, len u64) … | CRC-32 of the table
//! ```
//! All numbers are little-endian. The table is checked when the file is opened, the sections are not. Reads are
//! bounds-checked: a damaged section gives wrong values or none, never a crash.

use memmap2::Mmap;
use std::fs::File;
use std::io::{self, Write};
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"orgsect2";
const TABLE_ROW: usize = 24;

/// Bytes shared by all sections of a file.
#[derive(Clone)]
pub(crate) enum Bytes {
    Mapped(Arc<Mmap>),
    Owned(Arc<[u8]>),
}

impl Bytes {
    /// Maps a file.
    #[expect(
        unsafe_code,
        reason = "memory-mapping; the file belongs to a sealed generation, which nobody writes to again"
    )]
    pub(crate) fn map(path: &Path) -> io::Result<Bytes> {
        let file = File::open(path)?;
        // SAFETY: the map is read-only and private to this process; sealed generations are never written to, only
        // unlinked as a whole, which leaves the mapped pages in place.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Bytes::Mapped(Arc::new(map)))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Owned(bytes) => bytes,
        }
    }
}

/// Writes sections one after another.
pub(crate) struct SectionWriter<W> {
    to: W,
    at: u64,
    table: Vec<(u32, u64, u64)>,
}

impl<W: Write> SectionWriter<W> {
    pub(crate) fn new(mut to: W) -> io::Result<Self> {
        to.write_all(MAGIC)?;
        Ok(SectionWriter { to, at: MAGIC.len() as u64, table: Vec::new() })
    }

    /// Writes one section from pieces.
    pub(crate) fn section<P: AsRef<[u8]>>(
        &mut self,
        id: u32,
        pieces: impl IntoIterator<Item = P>,
    ) -> io::Result<()> {
        let start = self.at;
        for piece in pieces {
            self.write(piece.as_ref())?;
        }
        self.table.push((id, start, self.at - start));
        let padding = self.at.next_multiple_of(8) - self.at;
        self.write(&[0; 8][..padding as usize])
    }

    pub(crate) fn u32s(&mut self, id: u32, numbers: impl IntoIterator<Item = u32>) -> io::Result<()> {
        self.section(id, numbers.into_iter().map(u32::to_le_bytes))
    }

    pub(crate) fn u64s(&mut self, id: u32, numbers: impl IntoIterator<Item = u64>) -> io::Result<()> {
        self.section(id, numbers.into_iter().map(u64::to_le_bytes))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += bytes.len() as u64;
        self.to.write_all(bytes)
    }

    /// Writes the table and gives the target back.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let rows = self.table.iter().flat_map(|&(id, start, len)| [u64::from(id), start, len]);
        let table: Vec<u8> = rows.flat_map(u64::to_le_bytes).collect();
        self.to.write_all(&table)?;
        self.to.write_all(&crc32fast::hash(&table).to_le_bytes())?;
        Ok(self.to)
    }
}

/// The sections of a file.
pub(crate) struct Sections {
    bytes: Bytes,
    table: Vec<(u64, Range<usize>)>,
}

impl Sections {
    /// Reads the table at the end of `bytes`, which holds `count` rows.
    pub(crate) fn open(bytes: Bytes, count: usize) -> Result<Sections, String> {
        let too_short = || "its table of sections is cut off".to_owned();
        if !bytes.starts_with(MAGIC) {
            return Err("it is not a file of sections".to_owned());
        }
        let (rest, checksum) = bytes.split_last_chunk().ok_or_else(too_short)?;
        let table_start = rest.len().checked_sub(count * TABLE_ROW).ok_or_else(too_short)?;
        let rows = &rest[table_start..];
        if crc32fast::hash(rows) != u32::from_le_bytes(*checksum) {
            return Err("the checksum of its table of sections differs".to_owned());
        }
        let mut table = Vec::with_capacity(count);
        for row in rows.chunks_exact(TABLE_ROW) {
            let number = |at: usize| u64::from_le_bytes(row[at..at + 8].try_into().unwrap_or_default());
            let (id, start, len) = (number(0), number(8) as usize, number(16) as usize);
            let end = start.checked_add(len).filter(|&end| end <= table_start).ok_or_else(too_short)?;
            table.push((id, start..end));
        }
        Ok(Sections { bytes, table })
    }

    /// A section of any length.
    pub(crate) fn section(&self, id: u32) -> Result<Section, String> {
        let (_, range) = self
            .table
            .iter()
            .find(|(known, _)| *known == u64::from(id))
            .ok_or_else(|| format!("section {id} is missing"))?;
        Ok(Section { bytes: self.bytes.clone(), range: range.clone() })
    }

    /// A section of any number of values of `width` bytes.
    pub(crate) fn list(&self, id: u32, width: usize) -> Result<Section, String> {
        let list = self.section(id)?;
        match list.range.len().is_multiple_of(width) {
            true => Ok(list),
            false => Err(format!("section {id} has {} bytes, no multiple of {width}", list.range.len())),
        }
    }

    /// A section of `count` values of `width` bytes.
    pub(crate) fn column(&self, id: u32, count: usize, width: usize) -> Result<Section, String> {
        let column = self.section(id)?;
        match column.range.len() {
            len if Some(len) == count.checked_mul(width) => Ok(column),
            len => Err(format!("section {id} has {len} bytes, not {count} values of {width}")),
        }
    }

    /// Two sections: `count` starts and a closing end, each a u32, and the values of `width` bytes that they cut.
    pub(crate) fn runs(
        &self,
        (starts, values): (u32, u32),
        count: usize,
        width: usize,
    ) -> Result<(Section, Section), String> {
        let (starts_column, list) = (self.column(starts, count + 1, 4)?, self.list(values, width)?);
        match (starts_column.u32(0), starts_column.u32(count) as usize) {
            (0, end) if end == list.range.len() / width => Ok((starts_column, list)),
            (_, end) => Err(format!("section {starts} ends at {end}, {values} does not")),
        }
    }
}

/// One section.
#[derive(Clone)]
pub(crate) struct Section {
    bytes: Bytes,
    range: Range<usize>,
}

impl Section {
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.range.clone()]
    }

    /// The `at`-th u32; 0 past the end.
    #[inline]
    pub(crate) fn u32(&self, at: usize) -> u32 {
        self.bytes()
            .get(at * 4..at * 4 + 4)
            .and_then(|four| four.try_into().ok())
            .map_or(0, u32::from_le_bytes)
    }

    /// The `at`-th u64; 0 past the end.
    #[inline]
    pub(crate) fn u64(&self, at: usize) -> u64 {
        self.bytes()
            .get(at * 8..at * 8 + 8)
            .and_then(|eight| eight.try_into().ok())
            .map_or(0, u64::from_le_bytes)
    }

    /// The u64s of a range of places, as bytes; none if they are not all there.
    #[inline]
    pub(crate) fn u64s(&self, places: Range<usize>) -> &[[u8; 8]] {
        self.bytes().as_chunks().0.get(places).unwrap_or_default()
    }

    pub(crate) fn u64_len(&self) -> usize {
        self.range.len() / 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        let mut writer = SectionWriter::new(Vec::new()).expect("it is written");
        writer.section(1, ["ab", "", "c"]).expect("it is written");
        writer.u32s(2, [0, 1, 3]).expect("it is written");
        writer.u64s(3, [7, u64::MAX]).expect("it is written");
        writer.finish().expect("it is written")
    }

    #[test]
    fn sections_are_read_as_they_were_written() {
        let sections = Sections::open(Bytes::Owned(file().into()), 3).expect("it is opened");
        let (starts, texts) = sections.runs((2, 1), 2, 1).expect("they fit");
        assert_eq!(texts.bytes(), b"abc");
        assert_eq!([0, 1, 2, 3].map(|at| starts.u32(at)), [0, 1, 3, 0]);
        let numbers = sections.column(3, 2, 8).expect("it fits");
        assert_eq!([numbers.u64(0), numbers.u64(1), numbers.u64(2)], [7, u64::MAX, 0]);
        assert!(sections.column(3, 3, 8).is_err() && sections.section(4).is_err());
        assert!(sections.list(1, 2).is_err() && sections.runs((2, 3), 2, 8).is_err());
    }

    #[test]
    fn a_damaged_table_is_refused() {
        let whole = file();
        for len in 0..whole.len() {
            assert!(Sections::open(Bytes::Owned(whole[..len].into()), 3).is_err(), "{len} bytes");
        }
        for at in (0..MAGIC.len()).chain(whole.len() - 3 * TABLE_ROW - 4..whole.len()) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(Sections::open(Bytes::Owned(changed.into()), 3).is_err(), "byte {at}");
        }
    }
}
