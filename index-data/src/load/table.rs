//! A table of any columns: somebody's list of organizations, to be given back with all it holds.

use super::cell::Cell;
#[cfg(feature = "csv")]
use super::csv::Records;
use super::error::LoadError;
use super::file::{BytesRead, OpenedFile, RawRows};
use super::format::Format;
#[cfg(feature = "jsonl")]
use super::jsonl::{self, Object};
use super::limits::MAX_COLUMNS;
use super::mapping::unique_names;
use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::path::Path;

/// The rows of a table, one after another, with every cell to the letter.
///
/// - Formats, encodings, limits and row numbers are those of [`Source`](super::Source). Rows without any text are passed
///   over, but counted.
/// - The header may grow while rows are read: JSONL has none, so that each new key adds a column; in the other formats
///   a row with more cells than the header adds columns without a name. [`Table::notes`] tells of such rows.
/// - A row that cannot be read ends the table: half a table given back is worse than none.
///
/// ```
/// use index_data::load::{Format, Table};
///
/// let file = "班级,备注\n软工1班,\n,\n软工2班,海淀,转入\n";
/// let mut table = Table::from_reader(file.as_bytes(), Format::Csv, "rows.csv")?;
/// let rows = table.by_ref().collect::<Result<Vec<_>, _>>()?;
/// assert_eq!((rows[1].row, rows[1].text(1)), (4, "海淀".into()));
/// assert_eq!(table.header(), ["班级", "备注", ""]);
/// assert_eq!(table.notes()[0].to_string(), "1 row has more cells than the header (row 4)");
/// # Ok::<(), index_data::load::LoadError>(())
/// ```
pub struct Table {
    rows: RawRows,
    encoding: &'static str,
    bytes: BytesRead,
    what: String,
    header: Vec<String>,
    /// The file was read to its end before: the header does not grow any more.
    is_complete: bool,
    /// Columns by their key; JSONL only.
    keys: HashMap<String, usize>,
    key_bytes: usize,
    wider: RowCount,
    failed: RowCount,
    ended: bool,
}

/// One row of a [`Table`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableRow {
    /// Row number as a person counts it in the file.
    pub row: u64,
    /// The cells that are not empty, with their columns from 0, in order.
    pub cells: Vec<(usize, Cell)>,
    /// The JSON object, to the letter; JSONL only.
    pub line: Option<String>,
}

impl TableRow {
    /// What stands in a column, if anything.
    pub fn cell(&self, column: usize) -> Option<&Cell> {
        let at = self.cells.binary_search_by_key(&column, |(column, _)| *column).ok()?;
        self.cells.get(at).map(|(_, cell)| cell)
    }

    /// The text in a column; empty where nothing stands.
    pub fn text(&self, column: usize) -> std::borrow::Cow<'_, str> {
        self.cell(column).map(Cell::text).unwrap_or_default()
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        let cells = self.cells.iter().map(|(_, cell)| cell.bytes() + size_of::<(usize, Cell)>());
        cells.sum::<usize>() + self.line.as_ref().map_or(0, String::len)
    }
}

/// Something about a table that is no error, but may be one of whoever made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableNote {
    /// Rows with more cells than the header.
    WiderRows {
        /// How many.
        count: u64,
        /// The first of them.
        first_row: u64,
    },
    /// Cells with a failed formula.
    FailedFormulas {
        /// How many.
        count: u64,
        /// The row of the first.
        first_row: u64,
    },
    /// Ranges of merged cells anywhere in the workbook.
    MergedCells {
        /// How many.
        count: u64,
    },
    /// Formulas without a value anywhere in the workbook.
    FormulasWithoutValue {
        /// How many.
        count: u64,
    },
}

impl TableNote {
    /// A stable name for programs.
    pub fn code(self) -> &'static str {
        match self {
            TableNote::WiderRows { .. } => "wider_rows",
            TableNote::FailedFormulas { .. } => "failed_formulas",
            TableNote::MergedCells { .. } => "merged_cells",
            TableNote::FormulasWithoutValue { .. } => "formulas_without_value",
        }
    }
}

impl fmt::Display for TableNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TableNote::WiderRows { count: 1, first_row } => {
                write!(f, "1 row has more cells than the header (row {first_row})")
            }
            TableNote::WiderRows { count, first_row } => {
                write!(f, "{count} rows have more cells than the header, first row {first_row}")
            }
            TableNote::FailedFormulas { count, first_row } => {
                write!(f, "failed formulas, which say nothing: {count}, first in row {first_row}")
            }
            TableNote::MergedCells { count } => {
                write!(
                    f,
                    "merged ranges, of which only the first cell says anything: {count}; unmerge and fill"
                )
            }
            TableNote::FormulasWithoutValue { count } => {
                write!(
                    f,
                    "formulas without a value, which read as empty: {count}; open and save the workbook"
                )
            }
        }
    }
}

/// How many rows, or cells, and the first row.
#[derive(Debug, Clone, Copy, Default)]
struct RowCount {
    count: u64,
    first_row: u64,
}

impl RowCount {
    fn add(&mut self, count: u64, row: u64) {
        if self.count == 0 {
            self.first_row = row;
        }
        self.count += count;
    }
}

impl Table {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// Those [`LoadError`]s that are not about columns: the file cannot be read, is empty, or is of an unknown or
    /// unsupported format or encoding.
    pub fn open(path: &Path) -> Result<Table, LoadError> {
        let what = path.display().to_string();
        Table::new(OpenedFile::open(path, &what)?, what)
    }

    /// Reads from anything; `name` is for messages. A workbook is held in memory whole.
    ///
    /// # Errors
    /// As [`Table::open`].
    pub fn from_reader(
        reader: impl Read + Send + 'static,
        format: Format,
        name: &str,
    ) -> Result<Table, LoadError> {
        Table::new(OpenedFile::from_reader(reader, format, name)?, name.to_owned())
    }

    /// Opens a file once more whose header is known after it was read to its end. Rows that would add to the header are
    /// [`LoadError::Changed`].
    ///
    /// # Errors
    /// As [`Table::open`], and [`LoadError::Changed`] if the file begins with another header.
    pub fn open_again(path: &Path, header: &[String]) -> Result<Table, LoadError> {
        let mut table = Table::open(path)?;
        if !header.starts_with(&table.header) {
            return Err(LoadError::Changed { what: table.what });
        }
        table.keys = header.iter().cloned().enumerate().map(|(column, key)| (key, column)).collect();
        table.header = header.to_vec();
        table.is_complete = true;
        Ok(table)
    }

    fn new(file: OpenedFile, what: String) -> Result<Table, LoadError> {
        let OpenedFile { mut rows, encoding, bytes } = file;
        let header = read_header(&mut rows, &what)?;
        if header.len() > MAX_COLUMNS {
            return Err(LoadError::TooManyColumns { what, row: 1 });
        }
        Ok(Table {
            rows,
            encoding,
            bytes,
            what,
            header,
            is_complete: false,
            keys: HashMap::new(),
            key_bytes: 0,
            wider: RowCount::default(),
            failed: RowCount::default(),
            ended: false,
        })
    }

    /// The texts of the header as far as it is known, to the letter.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Names of the columns: the header, with empty and repeated texts numbered.
    pub fn column_names(&self) -> Vec<String> {
        unique_names(&self.header)
    }

    /// Whether the file has a header; JSONL has none.
    pub fn has_header(&self) -> bool {
        match &self.rows {
            #[cfg(feature = "jsonl")]
            RawRows::Jsonl(_) => false,
            #[cfg(any(feature = "csv", feature = "xlsx"))]
            _ => true,
        }
    }

    /// The encoding found: see [`Source::encoding`](super::Source::encoding).
    pub fn encoding(&self) -> &'static str {
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

    /// What there is to know about the rows read so far.
    pub fn notes(&self) -> Vec<TableNote> {
        let mut notes = Vec::new();
        if let RowCount { count: count @ 1.., first_row } = self.wider {
            notes.push(TableNote::WiderRows { count, first_row });
        }
        if let RowCount { count: count @ 1.., first_row } = self.failed {
            notes.push(TableNote::FailedFormulas { count, first_row });
        }
        #[cfg(feature = "xlsx")]
        if let RawRows::Xlsx(sheet) = &self.rows {
            let oddities = sheet.oddities();
            if oddities.merged_ranges > 0 {
                notes.push(TableNote::MergedCells { count: oddities.merged_ranges });
            }
            if oddities.formulas_without_value > 0 {
                notes.push(TableNote::FormulasWithoutValue { count: oddities.formulas_without_value });
            }
        }
        notes
    }

    fn read_next(&mut self) -> Result<Option<TableRow>, LoadError> {
        let width = self.header.len();
        let row = match &mut self.rows {
            #[cfg(feature = "csv")]
            RawRows::Csv(records) => csv_row(records, &self.what)?,
            #[cfg(feature = "jsonl")]
            RawRows::Jsonl(lines) => match lines.read_object()? {
                None => None,
                Some(object) => Some(self.jsonl_row(object)?),
            },
            #[cfg(feature = "xlsx")]
            RawRows::Xlsx(sheet) => {
                let row = sheet.read_next()?;
                row.map(|row| TableRow { row: row.row, cells: row.cells, line: None })
            }
        };
        if let Some(row) = &row {
            self.look_at(row, width)?;
        }
        Ok(row)
    }

    /// Widens the header to the row, and takes note of what is odd about it.
    fn look_at(&mut self, row: &TableRow, width: usize) -> Result<(), LoadError> {
        let needed = row.cells.last().map_or(0, |(column, _)| column + 1);
        if needed > MAX_COLUMNS {
            return Err(LoadError::TooManyColumns { what: self.what.clone(), row: row.row });
        }
        if needed > width && self.has_header() {
            self.check_may_grow()?;
            self.wider.add(1, row.row);
            self.header.resize(needed, String::new());
        }
        let failed = row.cells.iter().filter(|(_, cell)| matches!(cell, Cell::Error(_))).count();
        self.failed.add(failed as u64, row.row);
        Ok(())
    }

    fn check_may_grow(&self) -> Result<(), LoadError> {
        match self.is_complete {
            true => Err(LoadError::Changed { what: self.what.clone() }),
            false => Ok(()),
        }
    }

    #[cfg(feature = "jsonl")]
    fn jsonl_row(&mut self, object: Object) -> Result<TableRow, LoadError> {
        let RawRows::Jsonl(lines) = &self.rows else { return Ok(TableRow::default()) };
        let (row, line) = (lines.row(), lines.text().trim().to_owned());
        let mut cells: Vec<(usize, Cell)> = Vec::with_capacity(object.0.len());
        let mut seen = Vec::with_capacity(object.0.len());
        for (key, value) in object.0 {
            let column = match self.keys.get(&key) {
                Some(&column) => column,
                None => self.add_key(key, row)?,
            };
            seen.push(column);
            cells.extend(jsonl::cell_of(value).map(|cell| (column, cell)));
        }
        seen.sort_unstable();
        if let Some(twice) = seen.windows(2).find(|pair| pair[0] == pair[1]) {
            let key = self.header.get(twice[0]).map_or("", String::as_str);
            let RawRows::Jsonl(lines) = &self.rows else { return Ok(TableRow::default()) };
            return Err(lines.not_an_object(format!("the key {key:?} repeats an earlier one")));
        }
        cells.sort_unstable_by_key(|(column, _)| *column);
        Ok(TableRow { row, cells, line: Some(line) })
    }

    #[cfg(feature = "jsonl")]
    fn add_key(&mut self, key: String, row: u64) -> Result<usize, LoadError> {
        self.check_may_grow()?;
        let column = self.header.len();
        self.key_bytes += key.len();
        if column >= MAX_COLUMNS || self.key_bytes > super::limits::MAX_ROW_BYTES {
            return Err(LoadError::TooManyColumns { what: self.what.clone(), row });
        }
        self.header.push(key.clone());
        self.keys.insert(key, column);
        Ok(column)
    }
}

impl Iterator for Table {
    type Item = Result<TableRow, LoadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.read_next().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl std::iter::FusedIterator for Table {}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("header", &self.header)
            .field("encoding", &self.encoding)
            .field("bytes_read", &self.bytes_read())
            .finish_non_exhaustive()
    }
}

/// Empty for JSONL.
fn read_header(rows: &mut RawRows, what: &str) -> Result<Vec<String>, LoadError> {
    match rows {
        #[cfg(feature = "csv")]
        RawRows::Csv(records) => match records.read_next()? {
            true => Ok(records.cells().map(str::to_owned).collect()),
            false => Err(LoadError::Empty { what: what.to_owned() }),
        },
        #[cfg(feature = "jsonl")]
        RawRows::Jsonl(_) => Ok(Vec::new()),
        #[cfg(feature = "xlsx")]
        RawRows::Xlsx(sheet) => match sheet.read_next()? {
            Some(row) => {
                let width = row.cells.last().map_or(0, |(column, _)| column + 1);
                let mut header = vec![String::new(); width];
                for (column, cell) in &row.cells {
                    header[*column] = cell.text().into_owned();
                }
                Ok(header)
            }
            None => Err(LoadError::Empty { what: what.to_owned() }),
        },
    }
}

#[cfg(feature = "csv")]
fn csv_row(records: &mut Records, what: &str) -> Result<Option<TableRow>, LoadError> {
    if !records.read_next()? {
        return Ok(None);
    }
    let row = records.row();
    if records.ends_in_open_quote() {
        return Err(LoadError::OpenQuote { what: what.to_owned(), row, lines: records.lines_in_record() });
    }
    let cells = records.cells().enumerate().filter(|(_, cell)| !cell.is_empty());
    let cells = cells.map(|(column, cell)| (column, Cell::Text(cell.to_owned()))).collect();
    Ok(Some(TableRow { row, cells, line: None }))
}
