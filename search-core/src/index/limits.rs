//! How much one index can hold: offsets and ordinals are 32 bits wide.

use std::io;

/// Organizations of one index: their ordinals have 26 bits.
const MOST_ORGS: u32 = 1 << 26;

/// What a build may come to; less than the default only in tests that reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexLimits {
    /// Organizations.
    pub(crate) orgs: u32,
    /// The largest offset into a column: bytes of text, or entries.
    pub(crate) column: u32,
}

impl Default for IndexLimits {
    fn default() -> Self {
        IndexLimits { orgs: MOST_ORGS, column: u32::MAX }
    }
}

/// A column is longer than its offsets can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its {what} take more than {most}")]
pub(crate) struct TooLarge {
    /// What the column holds.
    pub(crate) what: &'static str,
    /// The limit, in bytes of text or in entries.
    pub(crate) most: u32,
}

impl IndexLimits {
    /// `len` as an offset into the column of `what`.
    ///
    /// # Errors
    /// If it is over the limit.
    pub(crate) fn offset(&self, what: &'static str, len: usize) -> Result<u32, TooLarge> {
        let offset = u32::try_from(len).ok().filter(|&offset| offset <= self.column);
        offset.ok_or(TooLarge { what, most: self.column })
    }
}

/// Columns are computed while they are written; the caller takes it out again.
impl From<TooLarge> for io::Error {
    fn from(error: TooLarge) -> Self {
        io::Error::new(io::ErrorKind::FileTooLarge, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_up_to_the_limit_are_given() {
        let limits = IndexLimits { orgs: 1, column: 7 };
        for (len, offset) in [(0, Ok(0)), (7, Ok(7)), (8, Err(TooLarge { what: "names", most: 7 }))] {
            assert_eq!(limits.offset("names", len), offset, "{len}");
        }
        let whole = IndexLimits::default();
        assert!(whole.offset("names", u32::MAX as usize).is_ok());
        assert!(whole.offset("names", u32::MAX as usize + 1).is_err());
    }
}
