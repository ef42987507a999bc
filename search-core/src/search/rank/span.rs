//! Spans of an organization's names, and of those above it.

use index_data::model::Ordinal;
use std::ops::Range;

/// Which name a span lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NameField {
    Name,
    /// The alias at this place of the row.
    Alias(usize),
    /// The former name at this place of the row.
    FormerName(usize),
    /// The official name of an organization above.
    Above(Ordinal),
}

/// A matched span of a normalized name, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) field: NameField,
    pub(crate) range: Range<usize>,
}
