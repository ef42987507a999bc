//! What a file is by its first bytes, whatever its name says, and how much of it has been read.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What holds the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    /// Text, or something that only decoding can tell from text.
    Plain,
    /// A gzip stream of text.
    Gzip,
    /// A zip archive, as every XLSX file is.
    Zip,
    /// An OLE compound file: an old .xls workbook, or an encrypted .xlsx.
    Ole,
}

impl Container {
    /// Tells the container from the first bytes of a file.
    pub(super) fn of(first_bytes: &[u8]) -> Self {
        const MAGIC: [(&[u8], Container); 4] = [
            (b"\x1f\x8b", Container::Gzip),
            (b"PK\x03\x04", Container::Zip),
            (b"PK\x05\x06", Container::Zip),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Container::Ole),
        ];
        let found = MAGIC.iter().find(|(magic, _)| first_bytes.starts_with(magic));
        found.map_or(Container::Plain, |&(_, container)| container)
    }
}

/// Takes the first bytes off a reader: eight, or fewer at the end of a short file.
pub(super) fn first_bytes(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(8);
    reader.take(8).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A reader that counts the bytes that went through it, for progress bars on other threads.
pub(super) struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    pub(super) fn new(inner: R) -> Self {
        Counted { inner, count: Arc::default() }
    }

    /// The reader itself, for a look that is not to be counted.
    pub(super) fn uncounted(&mut self) -> &mut R {
        &mut self.inner
    }

    pub(super) fn count(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(out)?;
        self.count.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_told_by_magic() {
        for (bytes, container) in [
            (&b""[..], Container::Plain),
            (b"id,name", Container::Plain),
            (b"\x1f\x8b\x08", Container::Gzip),
            (b"PK\x03\x04....", Container::Zip),
            (b"PK", Container::Plain),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Container::Ole),
        ] {
            assert_eq!(Container::of(bytes), container, "{bytes:?}");
        }
    }
}
