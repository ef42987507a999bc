//! Reads org-tree files: format, encoding and columns are found out, rows stream with their numbers.
//!
//! ```text
//! file -> container (gzip? workbook?) -> encoding -> csv | jsonl ─┐
//!                    └─────────────────> xlsx ───────────────────┴-> columns -> SourceRow
//! ```
//! Memory stays bounded whatever a file holds: rows are read a few batches ahead (`read_ahead.rs`), and none may be
//! longer than [`MAX_ROW_BYTES`]. Of a workbook, its table of texts is held too, within the limits of `xlsx/inspect.rs`.

#![cfg_attr(
    not(all(feature = "csv", feature = "jsonl", feature = "xlsx")),
    allow(dead_code, reason = "each format uses its part of what all formats share")
)]

mod container;

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

mod columns;
#[cfg(any(feature = "jsonl", feature = "xlsx"))]
mod number;

mod error;
mod format;
mod limits;
mod read_ahead;
mod row;

pub use columns::ColumnMap;
pub use error::LoadError;
pub use format::Format;
pub use limits::{MAX_COLUMNS, MAX_ROW_BYTES};
pub use row::{SourceRow, split_names};

use crate::field::Field;
use container::{Container, Counted};
use read_ahead::ReadAhead;
use std::fmt;
use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The largest workbook that [`Source::from_reader`] takes, since it must hold it whole.
#[cfg(feature = "xlsx")]
const MAX_BUFFERED_WORKBOOK_BYTES: u64 = 512 << 20;

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
    opened: Opened,
    bytes_read: Arc<AtomicU64>,
    bytes_total: Option<u64>,
    ended: bool,
}

impl Source {
    /// Opens a file and reads its beginning.
    ///
    /// # Errors
    /// Any [`LoadError`] but those about `--map` syntax: the file cannot be read, is empty, is of an unknown or
    /// unsupported format or encoding, or has no columns for id and name.
    pub fn open(path: &Path, map: &ColumnMap) -> Result<Source, LoadError> {
        let format = Format::from_path(path)?;
        let what = path.display().to_string();
        let io_error = |cause| LoadError::Io { what: what.clone(), cause };
        let file = File::open(path).map_err(io_error)?;
        let metadata = file.metadata().map_err(io_error)?;
        let mut file = Counted::new(file);
        let bytes_read = file.count();
        let first = container::first_bytes(&mut file).map_err(io_error)?;
        let opened = match holder(&first, format, &what)? {
            Holder::Text { gzip } => {
                open_text(Box::new(Cursor::new(first).chain(file)), gzip, format, &what, map)?
            }
            Holder::Workbook => {
                file.rewind().map_err(io_error)?;
                open_workbook(file, &what, map)?
            }
            Holder::OleWorkbook => return Err(refuse_ole(file, &what)),
        };
        let bytes_total = metadata.is_file().then_some(metadata.len());
        Ok(Source { opened, bytes_read, bytes_total, ended: false })
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
        let io_error = |cause| LoadError::Io { what: name.to_owned(), cause };
        let mut reader = Counted::new(reader);
        let bytes_read = reader.count();
        let first = container::first_bytes(&mut reader).map_err(io_error)?;
        let holder = holder(&first, format, name)?;
        let reader = Cursor::new(first).chain(reader);
        let opened = match holder {
            Holder::Text { gzip } => open_text(Box::new(reader), gzip, format, name, map)?,
            Holder::Workbook => {
                let workbook = Cursor::new(buffer_workbook(reader, name)?);
                open_workbook(Counted::new(workbook), name, map)?
            }
            Holder::OleWorkbook => return Err(refuse_ole(reader, name)),
        };
        Ok(Source { opened, bytes_read, bytes_total: None, ended: false })
    }

    /// The columns in file order: header text, and the field it is read as (`None`: kept as an attribute under this
    /// name). Empty headers are numbered, as are repeated ones. Empty for JSONL, which has no header.
    pub fn columns(&self) -> &[(String, Option<Field>)] {
        &self.opened.columns
    }

    /// The encoding found: `UTF-8`, `UTF-8 with BOM`, `UTF-16LE`, `UTF-16BE` or `GB18030`. Workbooks are `UTF-8`.
    pub fn encoding(&self) -> &str {
        self.opened.encoding
    }

    /// How many bytes of the file have been read so far, packed as they are.
    pub fn bytes_read(&self) -> u64 {
        let read = self.bytes_read.load(Ordering::Relaxed);
        // Parts of a workbook are read more than once.
        self.bytes_total.map_or(read, |total| read.min(total))
    }

    /// How many bytes the file has; `None` for readers and pipes.
    pub fn bytes_total(&self) -> Option<u64> {
        self.bytes_total
    }
}

impl Iterator for Source {
    type Item = Result<SourceRow, LoadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.opened.rows.next();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl std::iter::FusedIterator for Source {}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("columns", &self.opened.columns)
            .field("encoding", &self.opened.encoding)
            .field("bytes_read", &self.bytes_read())
            .finish_non_exhaustive()
    }
}

/// A file whose beginning has been read.
struct Opened {
    columns: Vec<(String, Option<Field>)>,
    encoding: &'static str,
    rows: ReadAhead,
}

/// What the rows must be taken from.
enum Holder {
    Text { gzip: bool },
    Workbook,
    OleWorkbook,
}

/// Decides by the first bytes, and by the format where they say nothing.
fn holder(first_bytes: &[u8], format: Format, what: &str) -> Result<Holder, LoadError> {
    let not_a_workbook =
        |cause: &str| Err(LoadError::NotAWorkbook { what: what.to_owned(), cause: cause.to_owned() });
    match (Container::of(first_bytes), format) {
        _ if first_bytes.is_empty() => Err(LoadError::Empty { what: what.to_owned() }),
        (Container::Zip, _) => Ok(Holder::Workbook),
        (Container::Ole, _) => Ok(Holder::OleWorkbook),
        (Container::Gzip, Format::Xlsx) => not_a_workbook("it is packed with gzip; unpack it first"),
        (Container::Plain, Format::Xlsx) => not_a_workbook("if it is text, name it .csv, .tsv or .jsonl"),
        (Container::Gzip, _) => Ok(Holder::Text { gzip: true }),
        (Container::Plain, _) => Ok(Holder::Text { gzip: false }),
    }
}

#[cfg(any(feature = "csv", feature = "jsonl"))]
fn open_text(
    bytes: Box<dyn Read + Send>,
    gzip: bool,
    format: Format,
    what: &str,
    map: &ColumnMap,
) -> Result<Opened, LoadError> {
    let text = encoding::Text::open(bytes, gzip, what)?;
    match format {
        #[cfg(feature = "csv")]
        Format::Csv | Format::Tsv => {
            let encoding = text.encoding;
            let rows = csv::open(text, format, what, map)?;
            Ok(Opened {
                columns: rows.columns().listed().to_vec(),
                encoding,
                rows: ReadAhead::new(rows, what),
            })
        }
        #[cfg(feature = "jsonl")]
        Format::Jsonl => {
            let encoding = text.encoding;
            let rows = jsonl::open(text, what, map)?;
            Ok(Opened { columns: Vec::new(), encoding, rows: ReadAhead::new(rows, what) })
        }
        // The feature is not in this build. XLSX is not opened as text.
        _ => Err(LoadError::Unsupported { what: what.to_owned(), format }),
    }
}

#[cfg(not(any(feature = "csv", feature = "jsonl")))]
fn open_text(
    _: Box<dyn Read + Send>,
    _: bool,
    format: Format,
    what: &str,
    _: &ColumnMap,
) -> Result<Opened, LoadError> {
    Err(LoadError::Unsupported { what: what.to_owned(), format })
}

#[cfg(feature = "xlsx")]
fn open_workbook(
    workbook: Counted<impl Read + Seek + Send + 'static>,
    what: &str,
    map: &ColumnMap,
) -> Result<Opened, LoadError> {
    let rows = xlsx::open(workbook, what, map)?;
    Ok(Opened {
        columns: rows.columns().listed().to_vec(),
        encoding: "UTF-8",
        rows: ReadAhead::new(rows, what),
    })
}

#[cfg(not(feature = "xlsx"))]
fn open_workbook(_: Counted<impl Read + Seek>, what: &str, _: &ColumnMap) -> Result<Opened, LoadError> {
    Err(LoadError::Unsupported { what: what.to_owned(), format: Format::Xlsx })
}

#[cfg(feature = "xlsx")]
use xlsx::refuse_ole;

#[cfg(not(feature = "xlsx"))]
fn refuse_ole(_: impl Read, what: &str) -> LoadError {
    LoadError::Unsupported { what: what.to_owned(), format: Format::Xlsx }
}

#[cfg(feature = "xlsx")]
fn buffer_workbook(reader: impl Read, what: &str) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::new();
    let mut limited = reader.take(MAX_BUFFERED_WORKBOOK_BYTES + 1);
    limited.read_to_end(&mut bytes).map_err(|cause| LoadError::Io { what: what.to_owned(), cause })?;
    if bytes.len() as u64 > MAX_BUFFERED_WORKBOOK_BYTES {
        let cause = format!("more than {} MiB", MAX_BUFFERED_WORKBOOK_BYTES >> 20);
        return Err(LoadError::WorkbookTooLarge { what: what.to_owned(), cause });
    }
    Ok(bytes)
}

#[cfg(not(feature = "xlsx"))]
fn buffer_workbook(_: impl Read, what: &str) -> Result<Vec<u8>, LoadError> {
    Err(LoadError::Unsupported { what: what.to_owned(), format: Format::Xlsx })
}
