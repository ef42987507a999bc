//! A file opened: what holds its rows and how they are encoded is found out, and the rows can be read as they are.

use super::container::{self, Container, Counted};
#[cfg(feature = "csv")]
use super::csv;
#[cfg(any(feature = "csv", feature = "jsonl"))]
use super::encoding;
use super::error::LoadError;
use super::format::Format;
#[cfg(feature = "jsonl")]
use super::jsonl;
#[cfg(feature = "xlsx")]
use super::xlsx::{self, refuse_ole};
use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The largest workbook that is taken from a reader, since it must be held whole.
#[cfg(feature = "xlsx")]
const MAX_BUFFERED_WORKBOOK_BYTES: u64 = 512 << 20;

/// A file whose beginning has been read.
pub(super) struct OpenedFile {
    pub(super) rows: RawRows,
    /// The encoding's name, for people.
    pub(super) encoding: &'static str,
    pub(super) bytes: BytesRead,
}

/// The rows as the file tells them, header included.
pub(super) enum RawRows {
    #[cfg(feature = "csv")]
    Csv(csv::Records),
    #[cfg(feature = "jsonl")]
    Jsonl(jsonl::Lines),
    #[cfg(feature = "xlsx")]
    Xlsx(xlsx::SheetRows),
}

/// How much of a file has been read.
pub(super) struct BytesRead {
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

impl BytesRead {
    /// How many bytes have been read so far, packed as they are.
    pub(super) fn read(&self) -> u64 {
        let read = self.read.load(Ordering::Relaxed);
        // Parts of a workbook are read more than once.
        self.total.map_or(read, |total| read.min(total))
    }

    /// How many bytes the file has; `None` for readers and pipes.
    pub(super) fn total(&self) -> Option<u64> {
        self.total
    }
}

impl OpenedFile {
    pub(super) fn open(path: &Path, what: &str) -> Result<OpenedFile, LoadError> {
        let format = Format::from_path(path)?;
        let io_error = |cause| LoadError::Io { what: what.to_owned(), cause };
        let file = File::open(path).map_err(io_error)?;
        let metadata = file.metadata().map_err(io_error)?;
        let mut file = Counted::new(file);
        let read = file.count();
        let first = container::first_bytes(&mut file).map_err(io_error)?;
        let (rows, encoding) = match holder(&first, format, what)? {
            Holder::Text { gzip } => open_text(Box::new(Cursor::new(first).chain(file)), gzip, format, what)?,
            Holder::Workbook => {
                file.rewind().map_err(io_error)?;
                open_workbook(file, what)?
            }
            Holder::OleWorkbook => return Err(refuse_ole(file, what)),
        };
        let total = metadata.is_file().then_some(metadata.len());
        Ok(OpenedFile { rows, encoding, bytes: BytesRead { read, total } })
    }

    pub(super) fn from_reader(
        reader: impl Read + Send + 'static,
        format: Format,
        what: &str,
    ) -> Result<OpenedFile, LoadError> {
        let io_error = |cause| LoadError::Io { what: what.to_owned(), cause };
        let mut reader = Counted::new(reader);
        let read = reader.count();
        let first = container::first_bytes(&mut reader).map_err(io_error)?;
        let holder = holder(&first, format, what)?;
        let reader = Cursor::new(first).chain(reader);
        let (rows, encoding) = match holder {
            Holder::Text { gzip } => open_text(Box::new(reader), gzip, format, what)?,
            Holder::Workbook => {
                let workbook = Cursor::new(buffer_workbook(reader, what)?);
                open_workbook(Counted::new(workbook), what)?
            }
            Holder::OleWorkbook => return Err(refuse_ole(reader, what)),
        };
        Ok(OpenedFile { rows, encoding, bytes: BytesRead { read, total: None } })
    }
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

type RowsAndEncoding = (RawRows, &'static str);

#[cfg(any(feature = "csv", feature = "jsonl"))]
fn open_text(
    bytes: Box<dyn Read + Send>,
    gzip: bool,
    format: Format,
    what: &str,
) -> Result<RowsAndEncoding, LoadError> {
    let text = encoding::Text::open(bytes, gzip, what)?;
    let encoding = text.encoding;
    match format {
        #[cfg(feature = "csv")]
        Format::Csv | Format::Tsv => Ok((RawRows::Csv(csv::Records::open(text, format, what)?), encoding)),
        #[cfg(feature = "jsonl")]
        Format::Jsonl => Ok((RawRows::Jsonl(jsonl::Lines::new(text, what)), encoding)),
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
) -> Result<RowsAndEncoding, LoadError> {
    Err(LoadError::Unsupported { what: what.to_owned(), format })
}

#[cfg(feature = "xlsx")]
fn open_workbook(
    workbook: Counted<impl Read + Seek + Send + 'static>,
    what: &str,
) -> Result<RowsAndEncoding, LoadError> {
    Ok((RawRows::Xlsx(xlsx::SheetRows::open(workbook, what)?), "UTF-8"))
}

#[cfg(not(feature = "xlsx"))]
fn open_workbook(_: Counted<impl Read + Seek>, what: &str) -> Result<RowsAndEncoding, LoadError> {
    Err(LoadError::Unsupported { what: what.to_owned(), format: Format::Xlsx })
}

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
