//! XLSX workbooks: the first visible sheet that holds anything, row by row.
//!
//! The reader of cells borrows its workbook, so both live on a thread of their own that sends rows in batches. That
//! also keeps a fault of the workbook reader on a damaged file from taking the caller down.

mod danger;
mod inspect;
mod references;
mod scan;
mod tag;

use super::cell::Cell;
use super::columns::{ColumnMap, Columns};
use super::container::Counted;
use super::error::LoadError;
use super::limits::MAX_ROW_BYTES;
use super::number::{NumberIds, print_number};
use super::row::SourceRow;
use crate::field::Field;
use crate::finding::{Finding, FindingCode, Severity};
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};
pub(super) use scan::Oddities;
use std::io::{Read, Seek};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

/// Why an OLE compound file cannot be read: it is an old workbook, or an encrypted one.
pub(super) fn refuse_ole(mut file: impl Read, what: &str) -> LoadError {
    let what = what.to_owned();
    match inspect::is_encrypted(&mut file) {
        Ok(true) => LoadError::Password { what },
        Ok(false) => {
            LoadError::NotAWorkbook { what, cause: "it is an old .xls workbook; save it as .xlsx".to_owned() }
        }
        Err(cause) => LoadError::Io { what, cause },
    }
}

/// How many sheets are searched for one that is not empty. Sheets can share one part of the file, so a small file
/// could make the same hundreds of MiB be unpacked many times.
const MAX_EMPTY_SHEETS: usize = 64;

/// The rows below the header. Empty rows are passed over; row numbers are the sheet's own.
pub(super) struct XlsxRows {
    sheet: SheetRows,
    columns: Columns,
    number_ids: NumberIds,
}

impl XlsxRows {
    /// Reads the header.
    pub(super) fn new(mut sheet: SheetRows, what: &str, map: &ColumnMap) -> Result<XlsxRows, LoadError> {
        let Some(header) = sheet.read_next()? else {
            return Err(LoadError::Empty { what: what.to_owned() });
        };
        let columns = Columns::from_header(&header.as_header(), map, what)?;
        Ok(XlsxRows { sheet, columns, number_ids: NumberIds::default() })
    }

    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    fn row(&mut self, cells: &SheetRow) -> SourceRow {
        let mut row = SourceRow { row: cells.row, ..SourceRow::default() };
        for (column, cell) in &cells.cells {
            let field = self.columns.field(*column);
            match cell {
                Cell::Text(text) => self.columns.fill(&mut row, *column, text),
                Cell::Number(number) => {
                    let text = print_number(*number);
                    self.number_ids.note(&mut row, field, *number, &text);
                    self.columns.fill(&mut row, *column, &text);
                }
                Cell::Error(error) => {
                    let finding = formula_error(row.row, field, &self.columns.name(*column), error);
                    row.findings.push(finding);
                }
            }
        }
        row
    }
}

impl Iterator for XlsxRows {
    type Item = Result<SourceRow, LoadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.sheet.read_next().transpose()?;
        Some(row.map(|cells| self.row(&cells)))
    }
}

/// The finding for a failed formula, whose cell has no value. For an attribute it is only a warning.
fn formula_error(row: u64, field: Field, column: &str, error: &str) -> Finding {
    let value = format!("{error} in the column {column}");
    let mut finding = Finding::new(Some(row), field, FindingCode::UnreadableRow, &value);
    if field == Field::Attributes {
        finding.severity = Severity::Warning;
    }
    finding
}

/// A row that holds at least one cell.
pub(super) struct SheetRow {
    pub(super) row: u64,
    /// Column, from 0, and what stands there.
    pub(super) cells: Vec<(usize, Cell)>,
}

impl SheetRow {
    /// The cells as texts, with empty ones for the gaps.
    pub(super) fn as_header(&self) -> Vec<&str> {
        let width = self.cells.iter().map(|(column, _)| column + 1).max().unwrap_or(0);
        let mut header = vec![""; width];
        for (column, cell) in &self.cells {
            if let (Some(place), Cell::Text(text)) = (header.get_mut(*column), cell) {
                *place = text;
            }
        }
        header
    }
}

/// What stands in a cell; `None` if it is empty.
fn cell_of(data: &DataRef<'_>) -> Option<Cell> {
    let cell = match data {
        DataRef::Empty => return None,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Cell::Text(text.clone())
        }
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Int(number) => Cell::Text(number.to_string()),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(value) => Cell::Text(value.to_string().to_uppercase()),
        DataRef::DateTime(time) if time.is_duration() => Cell::Number(time.as_f64()),
        DataRef::DateTime(time) => Cell::Text(print_date(time.to_ymd_hms_milli())),
        DataRef::Error(error) => Cell::Error(error.to_string()),
    };
    let is_blank = matches!(&cell, Cell::Text(text) if text.trim().is_empty());
    (!is_blank).then_some(cell)
}

/// A date as `2025-09-01`, with the time of day only when there is one.
fn print_date((year, month, day, hour, minute, second, _): (u16, u8, u8, u8, u8, u8, u16)) -> String {
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        _ => format!("{date} {hour:02}:{minute:02}:{second:02}"),
    }
}

/// The caller's end of the reading thread. Dropping it ends the thread at its next batch.
pub(super) struct SheetRows {
    batches: Receiver<Result<Vec<SheetRow>, LoadError>>,
    batch: std::vec::IntoIter<SheetRow>,
    thread: Option<JoinHandle<()>>,
    oddities: Arc<OnceLock<Oddities>>,
    row: u64,
    what: String,
}

impl SheetRows {
    pub(super) fn open(
        workbook: Counted<impl Read + Seek + Send + 'static>,
        what: &str,
    ) -> Result<Self, LoadError> {
        const BATCHES_AHEAD: usize = 2;
        let (sender, batches) = sync_channel(BATCHES_AHEAD);
        let reading = what.to_owned();
        let oddities = Arc::new(OnceLock::new());
        let found = Arc::clone(&oddities);
        let thread = thread::Builder::new()
            .name("xlsx reader".to_owned())
            .spawn(move || {
                if let Err(error) = read_workbook(workbook, &reading, &found, &sender) {
                    // The receiver may be gone; then nobody needs the error.
                    let _ = sender.send(Err(error));
                }
            })
            .map_err(|cause| LoadError::Io { what: what.to_owned(), cause })?;
        Ok(SheetRows {
            batches,
            batch: Vec::new().into_iter(),
            thread: Some(thread),
            oddities,
            row: 0,
            what: what.to_owned(),
        })
    }

    /// What there is to know about the workbook; all zero before the first row.
    pub(super) fn oddities(&self) -> Oddities {
        self.oddities.get().copied().unwrap_or_default()
    }

    pub(super) fn read_next(&mut self) -> Result<Option<SheetRow>, LoadError> {
        loop {
            if let Some(row) = self.batch.next() {
                self.row = row.row;
                return Ok(Some(row));
            }
            match self.batches.recv() {
                Ok(batch) => self.batch = batch?.into_iter(),
                Err(_) => return self.finish().map(|()| None),
            }
        }
    }

    /// The thread has ended: by itself, or on a fault of the workbook reader.
    fn finish(&mut self) -> Result<(), LoadError> {
        match self.thread.take().map(JoinHandle::join) {
            None | Some(Ok(())) => Ok(()),
            Some(Err(_)) => Err(LoadError::DamagedWorkbook {
                what: self.what.clone(),
                row: self.row,
                cause: "its parts contradict each other".to_owned(),
            }),
        }
    }
}

/// Runs on the thread: finds the sheet and sends its rows. Ends early when nobody listens any more.
fn read_workbook(
    mut workbook: Counted<impl Read + Seek>,
    what: &str,
    oddities: &OnceLock<Oddities>,
    sender: &SyncSender<Result<Vec<SheetRow>, LoadError>>,
) -> Result<(), LoadError> {
    let found = inspect::check_parts(workbook.uncounted(), what)?;
    // Set here only, and once.
    let _ = oddities.set(found);
    let mut workbook: Xlsx<_> = Xlsx::new(workbook).map_err(|error| failure(what, 0, error))?;
    for sheet in sheets_in_order(&workbook).into_iter().take(MAX_EMPTY_SHEETS) {
        let mut batches = Batches::new(sender);
        let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(|error| failure(what, 0, error))?;
        let outcome = read_sheet(&mut cells, &mut batches, what);
        if outcome.is_err() {
            batches.drop_unfinished_row();
        }
        let held_anything = batches.finish();
        outcome?;
        if held_anything {
            return Ok(());
        }
    }
    Ok(())
}

/// Sends the rows of one sheet, as long as somebody listens.
fn read_sheet<R: Read + Seek>(
    cells: &mut XlsxCellReader<'_, R>,
    batches: &mut Batches<'_>,
    what: &str,
) -> Result<(), LoadError> {
    while let Some(cell) = cells.next_cell().map_err(|error| failure(what, batches.row, error))? {
        let Some(value) = cell_of(cell.get_value()) else { continue };
        if !batches.push(cell.get_position(), value, what)? {
            break;
        }
    }
    Ok(())
}

/// Worksheets, visible ones first: lists for drop-down cells are often kept on a hidden sheet.
fn sheets_in_order<R: Read + Seek>(workbook: &Xlsx<R>) -> Vec<String> {
    let mut sheets: Vec<_> =
        workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).collect();
    sheets.sort_by_key(|sheet| sheet.visible != SheetVisible::Visible);
    sheets.into_iter().map(|sheet| sheet.name.clone()).collect()
}

/// Gathers cells into rows, and rows into batches.
struct Batches<'s> {
    sender: &'s SyncSender<Result<Vec<SheetRow>, LoadError>>,
    batch: Vec<SheetRow>,
    /// The row being gathered; 0 before the first.
    row: u64,
    row_bytes: usize,
    batch_bytes: usize,
}

impl<'s> Batches<'s> {
    fn new(sender: &'s SyncSender<Result<Vec<SheetRow>, LoadError>>) -> Self {
        Batches { sender, batch: Vec::new(), row: 0, row_bytes: 0, batch_bytes: 0 }
    }

    /// Takes a cell; false when nobody listens any more.
    fn push(&mut self, position: (u32, u32), cell: Cell, what: &str) -> Result<bool, LoadError> {
        self.check_position(position, what)?;
        let (row, column) = (u64::from(position.0) + 1, position.1);
        if self.row != row {
            if self.is_full() && !self.send() {
                return Ok(false);
            }
            self.row = row;
            self.row_bytes = 0;
            self.batch.push(SheetRow { row, cells: Vec::new() });
        }
        let bytes = cell.bytes() + size_of::<(usize, Cell)>();
        self.row_bytes += bytes;
        self.batch_bytes += bytes;
        if self.row_bytes > MAX_ROW_BYTES {
            return Err(LoadError::RowTooLong { what: what.to_owned(), row });
        }
        if let Some(last) = self.batch.last_mut() {
            last.cells.push((column as usize, cell));
        }
        Ok(true)
    }

    /// Refuses cells outside of the sheet: the reader numbers cells without a reference, without a limit. Also refuses
    /// cells out of order, which would split a row or overwrite one another.
    fn check_position(&self, (row, column): (u32, u32), what: &str) -> Result<(), LoadError> {
        if row >= references::MAX_ROWS || column >= references::MAX_COLUMNS {
            let cell = format!("column {} of row {}", u64::from(column) + 1, u64::from(row) + 1);
            return Err(LoadError::CellOutside { what: what.to_owned(), cell });
        }
        let row = u64::from(row) + 1;
        let last_column = self.batch.last().and_then(|row| row.cells.last()).map(|(column, _)| *column);
        let follows = match last_column {
            Some(last) if row == self.row => last < column as usize,
            _ => row > self.row,
        };
        if follows {
            return Ok(());
        }
        let cause = format!("column {} of row {row} stands out of order", column + 1);
        Err(LoadError::DamagedWorkbook { what: what.to_owned(), row: self.row, cause })
    }

    fn is_full(&self) -> bool {
        const BATCH_ROWS: usize = 512;
        self.batch.len() >= BATCH_ROWS || self.batch_bytes > MAX_ROW_BYTES
    }

    fn send(&mut self) -> bool {
        self.batch_bytes = 0;
        self.sender.send(Ok(std::mem::take(&mut self.batch))).is_ok()
    }

    /// Drops the row being gathered, which is incomplete.
    fn drop_unfinished_row(&mut self) {
        self.batch.pop();
    }

    /// Sends what is left; false when the sheet held nothing.
    fn finish(mut self) -> bool {
        let any = self.row > 0;
        if any {
            self.send();
        }
        any
    }
}

fn failure(what: &str, row: u64, error: XlsxError) -> LoadError {
    let what = what.to_owned();
    match error {
        XlsxError::Password => LoadError::Password { what },
        XlsxError::Io(cause) if cause.raw_os_error().is_some() => LoadError::Io { what, cause },
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound if row == 0 => LoadError::NotAWorkbook {
            what,
            cause: "it is another kind of zip archive; unpack it, and load what it holds".to_owned(),
        },
        error => LoadError::DamagedWorkbook { what, row, cause: error.to_string() },
    }
}
