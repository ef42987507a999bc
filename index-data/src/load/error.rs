//! Why a file cannot be loaded any further.

use super::format::Format;
use super::limits::{MAX_COLUMNS, MAX_ROW_BYTES};
use std::io;
use thiserror::Error;

/// Why a file cannot be opened, or cannot be read any further. A bad *row* is no error: it comes as a
/// [`SourceRow`](super::SourceRow) with findings.
///
/// `what` is the file as the caller named it; `row` counts as a person does in a spreadsheet.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The operating system refuses to give the file or a part of it.
    #[error("cannot read {what}: {cause}")]
    Io {
        /// The file.
        what: String,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The file's extension names no known format.
    #[error(
        "{what}: the name tells no known format; use .csv, .tsv, .txt, .jsonl, .ndjson or .xlsx (the text ones also with .gz)"
    )]
    UnknownFormat {
        /// The file.
        what: String,
    },
    /// The format is known, but this build was made without its cargo feature.
    #[error("{what}: this build cannot read {format}; build it with the feature `{}`", .format.feature())]
    Unsupported {
        /// The file.
        what: String,
        /// The format that was left out.
        format: Format,
    },
    /// The file holds nothing at all.
    #[error("{what} is empty")]
    Empty {
        /// The file.
        what: String,
    },
    /// The file is no text although its format says so.
    #[error(
        "{what} is not a text file: a zero byte stands at offset {offset}; export it as CSV UTF-8 or as XLSX"
    )]
    NotText {
        /// The file.
        what: String,
        /// Where the first zero byte stands.
        offset: u64,
    },
    /// Bytes that the encoding does not allow. Nothing is ever replaced in silence.
    #[error(
        "{what}: row {row}: the bytes near offset {offset} are not {encoding}; save the file as UTF-8 and load it again"
    )]
    Malformed {
        /// The file.
        what: String,
        /// The row that was being read.
        row: u64,
        /// About where in the text (unpacked, when it is gzipped).
        offset: u64,
        /// The encoding, or encodings, that the bytes do not fit.
        encoding: &'static str,
    },
    /// A row, or a part of it, in another encoding than the rest. Read in the file's encoding it would be nonsense.
    #[error(
        "{what}: row {row}: the text near offset {offset} is UTF-8 ({reading:?}), the file is GB18030; save all of it as UTF-8 and load it again"
    )]
    MixedEncodings {
        /// The file.
        what: String,
        /// The row that was being read.
        row: u64,
        /// About where in the file (unpacked, when it is gzipped).
        offset: u64,
        /// The text as UTF-8, shortened.
        reading: String,
    },
    /// A row longer than [`MAX_ROW_BYTES`].
    #[error(
        "{what}: row {row} is longer than {} MiB; look for a quotation mark that is never closed, or for missing line ends",
        MAX_ROW_BYTES >> 20
    )]
    RowTooLong {
        /// The file.
        what: String,
        /// The row.
        row: u64,
    },
    /// A text file breaks off or its packing is damaged.
    #[error("{what}: row {row}: the gzip data is cut off or damaged ({cause}); fetch the file again")]
    DamagedGzip {
        /// The file.
        what: String,
        /// The row that was being read.
        row: u64,
        /// What unpacking says.
        cause: io::Error,
    },
    /// The header (JSONL: the first row) has no column for `id` or `name`.
    #[error(
        "{what}: no column is recognised as {missing}; the header is {header}; use {advice}, and delete rows above the header"
    )]
    NoKeyColumn {
        /// The file.
        what: String,
        /// `id`, `name` or both.
        missing: String,
        /// The header as found, shortened.
        header: String,
        /// The `--map` arguments that would help, with the nearest columns where there are any.
        advice: String,
    },
    /// Two columns are read as the same field.
    #[error(
        "{what}: the columns {first:?} and {second:?} are both read as {field}; rename one, or choose with --map {field}=<column>"
    )]
    RepeatedColumn {
        /// The file.
        what: String,
        /// The field both are read as.
        field: &'static str,
        /// The column further left.
        first: String,
        /// The column further right.
        second: String,
    },
    /// No column of a table says which organization its rows mean.
    #[error(
        "{what}: no column is recognised as what names an organization; the header is {header}; use {advice}, and delete rows above the header"
    )]
    NoRecordColumn {
        /// The file.
        what: String,
        /// The header as found, shortened.
        header: String,
        /// The `--map` argument that would help, with the nearest column where there is one.
        advice: String,
    },
    /// `--map` names a column that the file does not have.
    #[error("{what}: --map {field}={column}: there is no such column; the header is {header}")]
    MappedColumnMissing {
        /// The file.
        what: String,
        /// The field that was mapped.
        field: &'static str,
        /// The column that is missing.
        column: String,
        /// The header as found, shortened.
        header: String,
    },
    /// A `--map` argument that is not `field=column`, or contradicts another.
    #[error("--map {mapping}: {cause}")]
    BadMapping {
        /// The argument.
        mapping: String,
        /// What is wrong with it and what would be right.
        cause: String,
    },
    /// A row of a JSONL file is no JSON object, where that must not be: the first, or any of a table.
    #[error("{what}: row {row} is not a JSON object ({cause}); write one object on each line")]
    NotJsonl {
        /// The file.
        what: String,
        /// The row.
        row: u64,
        /// What the parser says.
        cause: String,
    },
    /// A quotation mark that is never closed: everything behind it was read as one row.
    #[error("{what}: row {row}: a quotation mark is never closed; {lines} lines were read as this one row")]
    OpenQuote {
        /// The file.
        what: String,
        /// The row that it stands in.
        row: u64,
        /// How many lines were read as the row.
        lines: u64,
    },
    /// A file that is no longer what it was when it was read before.
    #[error("{what}: the file changed while it was read; run it again")]
    Changed {
        /// The file.
        what: String,
    },
    /// Too many unreadable rows in succession: the file must be damaged.
    #[error("{what}: {count} rows up to row {row} cannot be read; the file seems to be damaged from row {} on", .row.saturating_sub(*.count).saturating_add(1))]
    TooManyUnreadable {
        /// The file.
        what: String,
        /// The last of them.
        row: u64,
        /// How many.
        count: u64,
    },
    /// The file is named .xlsx but is something else.
    #[error("{what} is not an XLSX workbook ({cause})")]
    NotAWorkbook {
        /// The file.
        what: String,
        /// What it is instead, and what to do.
        cause: String,
    },
    /// The workbook is protected by a password.
    #[error("{what} is protected by a password; save it without one")]
    Password {
        /// The file.
        what: String,
    },
    /// A workbook that is cut off or damaged.
    #[error("{what}: {}the workbook is cut off or damaged ({cause}); open it in a spreadsheet program and save it again", at(*.row))]
    DamagedWorkbook {
        /// The file.
        what: String,
        /// The row that was being read; 0 before the first.
        row: u64,
        /// What the reader says.
        cause: String,
    },
    /// A workbook with a cell that no sheet has.
    #[error(
        "{what}: the cell {cell:?} lies outside of a sheet, whose last cell is XFD1048576; open the workbook in a spreadsheet program and save it again"
    )]
    CellOutside {
        /// The file.
        what: String,
        /// The cell, row or range as the file names it, shortened.
        cell: String,
    },
    /// More columns than a sheet can have.
    #[error(
        "{what}: row {row} has more than {} columns; look for another delimiter or missing line ends",
        MAX_COLUMNS
    )]
    TooManyColumns {
        /// The file.
        what: String,
        /// The row.
        row: u64,
    },
    /// A workbook that unpacks to more than fits into memory.
    #[error("{what} is too large as a workbook ({cause}); export it as CSV")]
    WorkbookTooLarge {
        /// The file.
        what: String,
        /// Which part is how large.
        cause: String,
    },
}

/// The place of a problem in a message; nothing before the first row.
fn at(row: u64) -> String {
    if row == 0 { String::new() } else { format!("row {row}: ") }
}

impl LoadError {
    /// What a failed read means: our own readers put a [`StreamProblem`] into the `io::Error`.
    pub(super) fn from_stream(what: &str, row: u64, error: io::Error) -> Self {
        let what = what.to_owned();
        match error.downcast::<StreamProblem>() {
            Ok(StreamProblem::Malformed { offset, encoding }) => {
                LoadError::Malformed { what, row, offset, encoding }
            }
            Ok(StreamProblem::ZeroByte { offset }) => LoadError::NotText { what, offset },
            Ok(StreamProblem::Mixed { offset, reading }) => {
                LoadError::MixedEncodings { what, row, offset, reading }
            }
            Ok(StreamProblem::RowTooLong) => LoadError::RowTooLong { what, row },
            Ok(StreamProblem::Gzip(cause)) => LoadError::DamagedGzip { what, row, cause },
            Err(cause) => LoadError::Io { what, cause },
        }
    }
}

/// A problem found below the row readers. It travels inside an `io::Error`, the only error type that the
/// crates in between pass on, and becomes a [`LoadError`] where the row is known.
#[derive(Debug, Error)]
pub(super) enum StreamProblem {
    /// Bytes the encoding does not allow.
    #[error("malformed {encoding} near byte {offset}")]
    Malformed { offset: u64, encoding: &'static str },
    /// A zero byte, which no text has.
    #[error("a zero byte at {offset}")]
    ZeroByte { offset: u64 },
    /// UTF-8 among GB18030.
    #[error("UTF-8 near byte {offset}: {reading}")]
    Mixed { offset: u64, reading: String },
    /// More bytes than a row may have.
    #[error("the row is too long")]
    RowTooLong,
    /// The gzip stream breaks off or is damaged.
    #[error("damaged gzip stream: {0}")]
    Gzip(io::Error),
}

impl From<StreamProblem> for io::Error {
    fn from(problem: StreamProblem) -> Self {
        io::Error::other(problem)
    }
}
