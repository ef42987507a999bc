//! Why a workbook is refused before it is read.

/// Why a workbook is not given to the reader.
#[derive(Debug)]
pub(super) enum Danger {
    /// More than can be held.
    TooLarge(String),
    /// A reference to a cell or a row that no sheet has.
    CellOutside(String),
    /// Nothing a spreadsheet program writes.
    Damaged(String),
}

impl Danger {
    /// The same danger with the part it is found in.
    pub(super) fn in_part(self, name: &str) -> Self {
        match self {
            Danger::TooLarge(cause) => Danger::TooLarge(format!("the part {name:?} {cause}")),
            other => other,
        }
    }
}
