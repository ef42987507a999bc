//! Spans of an organization's names.

use std::ops::Range;

/// Which of an organization's names a span lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameField {
    Name,
    /// The alias at this place of the row.
    Alias(usize),
    /// The former name at this place of the row.
    FormerName(usize),
}

/// A matched span of one of the normalized names, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) field: NameField,
    pub(crate) range: Range<usize>,
}
