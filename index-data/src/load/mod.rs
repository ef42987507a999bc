//! Reads org-tree files: format, encoding and columns are found out, rows stream with their numbers.
//!
//! ```text
//! file -> container (gzip? workbook?) -> encoding -> csv | jsonl ─┐            ┌-> columns -> SourceRow
//!                    └─────────────────> xlsx ───────────────────┴-> raw rows ┴-> table -> TableRow
//! ```
//! [`Source`] reads the org-tree of an engine. `Table` reads somebody's list of organizations, whose columns are read as
//! `RecordColumns` says. Memory stays bounded whatever a file holds: rows are read a few batches ahead
//! (`read_ahead.rs`), and none may be longer than [`MAX_ROW_BYTES`]. Of a workbook, its table of texts is held too, within
//! the limits of `xlsx/inspect.rs`.

#![cfg_attr(
    not(all(feature = "csv", feature = "jsonl", feature = "xlsx")),
    allow(dead_code, reason = "each format uses its part of what all formats share")
)]
#![cfg_attr(
    not(any(feature = "csv", feature = "jsonl", feature = "xlsx")),
    allow(unused_variables, unreachable_code, reason = "without any format there are no rows")
)]

mod container;
mod file;

#[cfg(any(feature = "csv", feature = "jsonl"))]
mod encoding;

#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "jsonl")]
mod jsonl;
#[cfg(feature = "csv")]
mod row_limit;
#[cfg(feature = "xlsx")]
mod xlsx;

mod cell;
mod columns;
mod mapping;
mod number;
#[cfg(any(feature = "csv", feature = "jsonl", feature = "xlsx"))]
mod record_columns;
#[cfg(any(feature = "csv", feature = "jsonl", feature = "xlsx"))]
mod table;

mod error;
mod format;
mod limits;
mod read_ahead;
mod row;

pub use cell::Cell;
pub use columns::ColumnMap;
pub use error::LoadError;
pub use format::Format;
pub use limits::{MAX_COLUMNS, MAX_ROW_BYTES};
#[cfg(any(feature = "csv", feature = "jsonl", feature = "xlsx"))]
pub use record_columns::{RecordColumns, RecordField, RecordMap, RecordTexts};
pub use row::{SourceRow, split_names};
#[cfg(any(feature = "csv", feature = "jsonl", feature = "xlsx"))]
pub use table::{Table, TableNote, TableRow};

use crate::field::Field;
use file::{BytesRead, OpenedFile};
use read_ahead::ReadAhead;
use std::fmt;
use std::io::Read;
use std::path::Path;

impl Format {
    /// Tells the format from a file's name, without regard to case: `.csv`, `.tsv`, `.txt` (CSV, its delimiter found
    /// in the header), `.jsonl`, `.ndjson`, each also with `.gz`; and `.xlsx`.
    ///
    /// # Errors
    /// [`LoadError::UnknownFormat`] for any other name.
    pub fn from_path(path: &Path) -> Result<Format, LoadError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let stem = name.strip_suffix(".gz");
        let extension = stem.unwrap_or(&name).rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension {
            "csv" | "txt" => Ok(Format::Csv),
            "tsv" => Ok(Format::Tsv),
            "jsonl" | "ndjson" => Ok(Format::Jsonl),
            "xlsx" if stem.is_none() => Ok(Format::Xlsx),
            _ => Err(LoadError::UnknownFormat { what: path.display().to_string() }),
        }
    }
}

/// The rows of an org-tree file, one after another.
///
/// - Opening reads the beginning: it fails on files that are of another kind, empty, or without id and name columns.
/// - A row that is wrong comes with findings, and reading goes on. After an `Err` nothing comes any more.
/// - Row numbers are those a spreadsheet shows: the header is row 1 and the first row of data row 2. A CSV record is
///   one row however many lines its quoted cells have. Rows without any text are passed over, but counted. In JSONL
///   each line is a row, and the first line is row 1.
/// - Cells are given as they are; nothing is trimmed except the names of a list.
///
/// ```
/// use index_data::load::{ColumnMap, Format, Source};
///
/// let file = "组织ID,组织全称,简称,备注\n7,中国共产主义青年团北京大学委员会,北大团委|团委,海淀\n";
/// let map = ColumnMap::default();
/// let mut source = Source::from_reader(file.as_bytes(), Format::Csv, "orgs.csv", &map)?;
/// let row = source.next().expect("one row")?;
/// assert_eq!((row.row, row.id.as_str()), (2, "7"));
/// assert_eq!(row.aliases, ["北大团委", "团委"]);
/// assert_eq!(row.attributes, [("备注".to_owned(), "海淀".to_owned())]);
/// assert!(source.next().is_none());
/// # Ok::<(), index_data::load::LoadError>(())
/// ```
pub struct Source {
    columns: Vec<(String, Option<Field>)>,
    rows: ReadAhead,
    encoding: &'static str,
    bytes: BytesRead,
    ended: bool,
}

impl Source {
    /// Opens a file and reads its beginning.
    ///
    /// # Errors
    /// Any [`LoadError`] but those about `--map` syntax: the file cannot be read, is empty, is of an unknown or
    /// unsupported format or encoding, or has no columns for id and name.
    pub fn open(path: &Path, map: &ColumnMap) -> Result<Source, LoadError> {
        let what = path.display().to_string();
        Source::new(OpenedFile::open(path, &what)?, &what, map)
    }

    /// Reads from anything; `name` is for messages. A workbook is held in memory whole.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub fn from_reader(
        reader: impl Read + Send + 'static,
        format: Format,
        name: &str,
        map: &ColumnMap,
    ) -> Result<Source, LoadError> {
        Source::new(OpenedFile::from_reader(reader, format, name)?, name, map)
    }

    fn new(file: OpenedFile, what: &str, map: &ColumnMap) -> Result<Source, LoadError> {
        let (columns, rows) = match file.rows {
            #[cfg(feature = "csv")]
            file::RawRows::Csv(records) => {
                let rows = csv::CsvRows::new(records, what, map)?;
                (rows.columns().listed().to_vec(), ReadAhead::new(rows, what))
            }
            #[cfg(feature = "jsonl")]
            file::RawRows::Jsonl(lines) => {
                (Vec::new(), ReadAhead::new(jsonl::JsonlRows::new(lines, what, map)?, what))
            }
            #[cfg(feature = "xlsx")]
            file::RawRows::Xlsx(sheet) => {
                let rows = xlsx::XlsxRows::new(sheet, what, map)?;
                (rows.columns().listed().to_vec(), ReadAhead::new(rows, what))
            }
        };
        Ok(Source { columns, rows, encoding: file.encoding, bytes: file.bytes, ended: false })
    }

    /// The columns in file order: header text, and the field it is read as (`None`: kept as an attribute under this
    /// name). Empty headers are numbered, as are repeated ones. Empty for JSONL, which has no header.
    pub fn columns(&self) -> &[(String, Option<Field>)] {
        &self.columns
    }

    /// The encoding found: `UTF-8`, `UTF-8 with BOM`, `UTF-16LE`, `UTF-16BE` or `GB18030`. Workbooks are `UTF-8`.
    pub fn encoding(&self) -> &str {
        self.encoding
    }

    /// How many bytes of the file have been read so far, packed as they are.
    pub fn bytes_read(&self) -> u64 {
        self.bytes.read()
    }

    /// How many bytes the file has; `None` for readers and pipes.
    pub fn bytes_total(&self) -> Option<u64> {
        self.bytes.total()
    }
}

impl Iterator for Source {
    type Item = Result<SourceRow, LoadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.rows.next();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl std::iter::FusedIterator for Source {}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("columns", &self.columns)
            .field("encoding", &self.encoding)
            .field("bytes_read", &self.bytes_read())
            .finish_non_exhaustive()
    }
}
