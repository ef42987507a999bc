//! The result in the format that its name tells: the columns of the table, to the letter, and those that are added.

use super::answer::{Added, COLUMNS};
use index_data::load::{Cell, Format, TableRow};
use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};
use std::io::{self, Seek, Write};
use std::path::Path;

/// Rows and columns of a sheet, and characters of a cell.
const SHEET_ROWS: u64 = 1_048_576;
const SHEET_COLUMNS: usize = 16_384;
const SHEET_CELL_CHARS: usize = 32_767;

/// What the result looks like.
#[derive(Debug, Clone)]
pub(super) struct ResultLayout<'t> {
    pub(super) format: Format,
    /// The header of the table, to the letter.
    pub(super) header: &'t [String],
    /// The columns by names of their own.
    pub(super) names: &'t [String],
    /// Begins with a byte order mark, by which spreadsheet programs tell UTF-8.
    pub(super) byte_order_mark: bool,
    /// Where a workbook is put together.
    pub(super) directory: &'t Path,
}

impl ResultLayout<'_> {
    /// Why the result cannot hold the table, if it cannot.
    pub(super) fn refusal(&self, rows: u64) -> Option<String> {
        let columns = self.header.len() + COLUMNS.len();
        match self.format {
            Format::Xlsx if rows >= SHEET_ROWS => Some(format!("a sheet holds {SHEET_ROWS} rows")),
            Format::Xlsx if columns > SHEET_COLUMNS => Some(format!("a sheet holds {SHEET_COLUMNS} columns")),
            _ => None,
        }
    }

    /// Begins the result with its header.
    pub(super) fn begin<'o>(&self, out: &'o mut dyn Write) -> io::Result<ResultFile<'o>> {
        match self.format {
            Format::Csv => self.begin_text(out, b','),
            Format::Tsv => self.begin_text(out, b'\t'),
            Format::Jsonl => Ok(ResultFile::Jsonl { out, names: self.names.to_vec() }),
            Format::Xlsx => {
                Ok(ResultFile::Xlsx { out, sheet: Box::new(Sheet::begin(self.header, self.directory)?) })
            }
        }
    }

    fn begin_text<'o>(&self, out: &'o mut dyn Write, delimiter: u8) -> io::Result<ResultFile<'o>> {
        if self.byte_order_mark {
            out.write_all("\u{feff}".as_bytes())?;
        }
        let mut rows = csv::WriterBuilder::new().delimiter(delimiter).from_writer(out);
        rows.write_record(self.header.iter().map(String::as_str).chain(COLUMNS))?;
        Ok(ResultFile::Text { rows: Box::new(rows), width: self.header.len() })
    }
}

/// A result being written.
pub(super) enum ResultFile<'o> {
    Text { rows: Box<csv::Writer<&'o mut dyn Write>>, width: usize },
    Jsonl { out: &'o mut dyn Write, names: Vec<String> },
    Xlsx { out: &'o mut dyn Write, sheet: Box<Sheet> },
}

impl ResultFile<'_> {
    /// Writes a row of the table with what is added.
    pub(super) fn row(&mut self, row: &TableRow, added: &[Added]) -> io::Result<()> {
        match self {
            ResultFile::Text { rows, width } => write_text(rows, *width, row, added),
            ResultFile::Jsonl { out, names } => write_object(*out, names, row, added),
            ResultFile::Xlsx { sheet, .. } => sheet.row(row, added),
        }
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            ResultFile::Text { mut rows, .. } => rows.flush(),
            ResultFile::Jsonl { out, .. } => out.flush(),
            ResultFile::Xlsx { out, sheet } => sheet.finish(out),
        }
    }
}

fn write_text(
    rows: &mut csv::Writer<&mut dyn Write>,
    width: usize,
    row: &TableRow,
    added: &[Added],
) -> io::Result<()> {
    for column in 0..width {
        rows.write_field(row.text(column).as_bytes())?;
    }
    for cell in added {
        match cell {
            Added::Nothing => rows.write_field("")?,
            Added::Text(text) => rows.write_field(text)?,
            Added::Number(number) => rows.write_field(format!("{number:.4}"))?,
        }
    }
    rows.write_record(None::<&[u8]>)?;
    Ok(())
}

/// An object as the table has it, with more keys behind its own; from another format, an object of its cells.
fn write_object(out: &mut dyn Write, names: &[String], row: &TableRow, added: &[Added]) -> io::Result<()> {
    let mut is_first = true;
    match row.line.as_deref().and_then(|line| line.strip_suffix('}')) {
        Some(line) => {
            out.write_all(line.as_bytes())?;
            is_first = line.trim_end() == "{";
        }
        None => {
            out.write_all(b"{")?;
            for (column, cell) in &row.cells {
                let Some(name) = names.get(*column) else { continue };
                write_key(out, name, &mut is_first)?;
                write_value(out, cell)?;
            }
        }
    }
    for (name, cell) in COLUMNS.iter().zip(added) {
        write_key(out, name, &mut is_first)?;
        match cell {
            Added::Nothing => out.write_all(b"null")?,
            Added::Text(text) => serde_json::to_writer(&mut *out, text)?,
            Added::Number(number) => serde_json::to_writer(&mut *out, number)?,
        }
    }
    out.write_all(b"}\n")
}

fn write_key(out: &mut dyn Write, key: &str, is_first: &mut bool) -> io::Result<()> {
    if !std::mem::replace(is_first, false) {
        out.write_all(b",")?;
    }
    serde_json::to_writer(&mut *out, key)?;
    out.write_all(b":")
}

fn write_value(out: &mut dyn Write, cell: &Cell) -> io::Result<()> {
    match cell {
        Cell::Number(number) if number.fract() == 0.0 && !cell.has_lost_digits() => {
            out.write_all(cell.text().as_bytes())
        }
        Cell::Number(number) => Ok(serde_json::to_writer(&mut *out, number)?),
        Cell::Text(text) | Cell::Error(text) => Ok(serde_json::to_writer(&mut *out, text)?),
    }
}

/// A workbook of one sheet. Its rows wait in a nameless file, not in memory.
pub(super) struct Sheet {
    book: Workbook,
    next_row: u32,
    width: usize,
    directory: std::path::PathBuf,
}

impl Sheet {
    fn begin(header: &[String], directory: &Path) -> io::Result<Sheet> {
        let mut book = Workbook::new();
        book.set_tempdir(directory).map_err(sheet_error)?;
        let sheet = book.add_worksheet_with_constant_memory().map_err(sheet_error)?;
        sheet.set_freeze_panes(1, 0).map_err(sheet_error)?;
        let bold = CellFormat::new().set_bold();
        for (column, text) in (0_u16..).zip(header.iter().map(String::as_str).chain(COLUMNS)) {
            check_length(text, 1)?;
            if !text.is_empty() {
                sheet.write_string_with_format(0, column, text, &bold).map_err(sheet_error)?;
            }
        }
        Ok(Sheet { book, next_row: 1, width: header.len(), directory: directory.to_owned() })
    }

    /// Text stays text, whatever it looks like: a cell that begins with = is no formula.
    fn row(&mut self, row: &TableRow, added: &[Added]) -> io::Result<()> {
        let at = self.next_row;
        self.next_row += 1;
        let sheet = self.book.worksheet_from_index(0).map_err(sheet_error)?;
        for (column, cell) in &row.cells {
            let column = u16::try_from(*column).map_err(io::Error::other)?;
            match cell {
                Cell::Number(number) if number.is_finite() => {
                    sheet.write_number(at, column, *number).map_err(sheet_error)?;
                }
                cell => {
                    let text = cell.text();
                    check_length(&text, row.row)?;
                    sheet.write_string(at, column, text).map_err(sheet_error)?;
                }
            }
        }
        for (column, cell) in (self.width..).zip(added) {
            let column = u16::try_from(column).map_err(io::Error::other)?;
            match cell {
                Added::Nothing => {}
                Added::Number(number) => {
                    sheet.write_number(at, column, *number).map_err(sheet_error)?;
                }
                Added::Text(text) => {
                    let text: String = text.chars().take(SHEET_CELL_CHARS).collect();
                    sheet.write_string(at, column, text).map_err(sheet_error)?;
                }
            }
        }
        Ok(())
    }

    fn finish(mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut packed = tempfile::tempfile_in(&self.directory)?;
        self.book.save_to_writer(&mut packed).map_err(sheet_error)?;
        packed.rewind()?;
        io::copy(&mut packed, out).map(|_| ())
    }
}

fn check_length(text: &str, row: u64) -> io::Result<()> {
    if text.len() <= SHEET_CELL_CHARS || text.encode_utf16().count() <= SHEET_CELL_CHARS {
        return Ok(());
    }
    let message =
        format!("row {row}: a cell of a sheet holds {SHEET_CELL_CHARS} characters; name it .csv or .jsonl");
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

fn sheet_error(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) | XlsxError::TempFileError(_, error) => error,
        error => io::Error::other(error),
    }
}
