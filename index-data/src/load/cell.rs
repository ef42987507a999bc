//! One cell of a table, as its file tells it.

use super::number::print_number;
use std::borrow::Cow;

/// The largest whole number up to which an `f64` holds every digit.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

/// A cell that is not empty.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text, to the letter.
    Text(String),
    /// A number of a workbook or of JSON.
    Number(f64),
    /// A failed formula of a workbook, such as `#N/A`.
    Error(String),
}

impl Cell {
    /// The text of the cell; a number as a person would write it.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Cell::Text(text) | Cell::Error(text) => Cow::Borrowed(text),
            Cell::Number(number) => Cow::Owned(print_number(*number)),
        }
    }

    /// Whether it is a number that has lost digits on its way, as long ids in number cells have.
    pub fn has_lost_digits(&self) -> bool {
        matches!(self, Cell::Number(number) if is_lossy(*number))
    }

    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Cell::Text(text) | Cell::Error(text) => text.len(),
            Cell::Number(_) => size_of::<f64>(),
        }
    }
}

/// Whether a number cannot be an id any more: it has a fraction, or more digits than a number cell holds.
pub(super) fn is_lossy(number: f64) -> bool {
    number.fract() != 0.0 || number.abs() >= EXACT_BELOW
}
