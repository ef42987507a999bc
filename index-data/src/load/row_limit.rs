//! Bounds the memory one row can take.

use super::encoding::BUFFER_BYTES;
use super::error::StreamProblem;
use super::limits::MAX_ROW_BYTES;
use std::io::{self, Read};

/// A reader that fails once a row reader has taken more than [`MAX_ROW_BYTES`] without finishing a row. The row
/// reader must call [`Self::start_row`] after each row; it may read ahead by up to [`BUFFER_BYTES`].
///
/// It also remembers how the text ends, which tells a quotation mark that is never closed.
pub(super) struct RowLimit<R> {
    inner: R,
    since_row_start: usize,
    delivered: u64,
    ended: bool,
    last_byte: u8,
    last_solid_byte: u8,
}

impl<R> RowLimit<R> {
    pub(super) fn new(inner: R) -> Self {
        RowLimit { inner, since_row_start: 0, delivered: 0, ended: false, last_byte: 0, last_solid_byte: 0 }
    }

    /// A row is finished: the next may be as long again.
    pub(super) fn start_row(&mut self) {
        self.since_row_start = 0;
    }

    /// How the text ends, once a row reader that has used `consumed` bytes has used them all.
    pub(super) fn ending(&self, consumed: u64) -> Option<Ending> {
        (self.ended && consumed == self.delivered).then_some(Ending {
            in_line_end: self.last_byte == b'\n',
            in_quote: self.last_solid_byte == b'"',
        })
    }
}

/// The last bytes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ending {
    /// The very last byte ends a line.
    pub(super) in_line_end: bool,
    /// The last byte that does not end a line is a quotation mark.
    pub(super) in_quote: bool,
}

impl<R: Read> Read for RowLimit<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.since_row_start > MAX_ROW_BYTES + BUFFER_BYTES {
            return Err(StreamProblem::RowTooLong.into());
        }
        let length = self.inner.read(out)?;
        self.since_row_start += length;
        self.delivered += length as u64;
        self.ended = length == 0;
        let read = &out[..length];
        self.last_byte = read.last().copied().unwrap_or(self.last_byte);
        let solid = read.iter().rev().find(|byte| !matches!(byte, b'\n' | b'\r'));
        self.last_solid_byte = solid.copied().unwrap_or(self.last_solid_byte);
        Ok(length)
    }
}
