//! Why a workbook is refused before it is read.

/// Why a workbook is refused.
#[derive(Debug)]
pub(super) enum Danger {
    /// It would take too much memory.
    TooLarge(String),
    /// It refers to a cell or row outside every sheet.
    CellOutside(String),
    /// It holds what no spreadsheet program writes.
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
