//! CSV and TSV: RFC 4180 quoting; comma, semicolon or tab; rows counted as a spreadsheet counts them.

use super::columns::{ColumnMap, Columns};
use super::encoding::{BUFFER_BYTES, Text};
use super::error::LoadError;
use super::format::Format;
use super::row::SourceRow;
use super::row_limit::{Ending, RowLimit};
use crate::field::Field;
use crate::finding::{Finding, FindingCode};
use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Terminator};
use std::io::{BufRead, BufReader, Read};

/// The rows below the header. Rows without any text are passed over, but counted.
pub(super) struct CsvRows {
    records: Records,
    columns: Columns,
}

impl CsvRows {
    /// Reads the header.
    pub(super) fn new(mut records: Records, what: &str, map: &ColumnMap) -> Result<CsvRows, LoadError> {
        if !records.read_next()? {
            return Err(LoadError::Empty { what: what.to_owned() });
        }
        let header: Vec<&str> = records.cells().collect();
        let columns = Columns::from_header(&header, map, what)?;
        Ok(CsvRows { records, columns })
    }

    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    fn row(&self) -> SourceRow {
        let mut row = SourceRow { row: self.records.row, ..SourceRow::default() };
        for (column, cell) in self.records.cells().enumerate() {
            self.columns.fill(&mut row, column, cell);
        }
        self.check_cell_count(&mut row);
        self.check_quote(&mut row);
        row
    }

    fn check_cell_count(&self, row: &mut SourceRow) {
        let (found, wanted) = (self.records.record.len(), self.columns.listed().len());
        if found != wanted {
            let value = format!("{found} cells, the header has {wanted}");
            row.findings.push(Finding::new(
                Some(row.row),
                Field::Attributes,
                FindingCode::WrongCellCount,
                &value,
            ));
        }
    }

    /// A quotation mark that is never closed swallows the rest of the file without any other sign.
    fn check_quote(&self, row: &mut SourceRow) {
        if self.records.ends_in_open_quote() {
            let lines = self.records.lines_in_record();
            let value = format!("a quotation mark is never closed; {lines} lines were read as this one row");
            row.findings.push(Finding::new(
                Some(row.row),
                Field::Attributes,
                FindingCode::UnreadableRow,
                &value,
            ));
        }
    }
}

impl Iterator for CsvRows {
    type Item = Result<SourceRow, LoadError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.records.read_next() {
            Ok(true) => Some(Ok(self.row())),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// Delimiter and line ends, as the beginning of a file shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dialect {
    delimiter: u8,
    /// Lines end in a carriage return alone, as old Macintosh programs write them.
    bare_cr: bool,
}

impl Dialect {
    fn sniff(head: &[u8], format: Format) -> Self {
        let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
        let head = &head[start..];
        let end = head.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(head.len());
        let bare_cr = head.get(end) == Some(&b'\r') && !head.contains(&b'\n');
        Dialect { delimiter: sniff_delimiter(&head[..end], format), bare_cr }
    }
}

/// The delimiter the format calls for; if the header has none of those, the most frequent other one.
fn sniff_delimiter(header: &[u8], format: Format) -> u8 {
    let wanted = if format == Format::Tsv { b'\t' } else { b',' };
    let count = |delimiter: u8| {
        let mut in_quotes = false;
        let outside = header.iter().filter(|&&byte| {
            in_quotes ^= byte == b'"';
            byte == delimiter && !in_quotes
        });
        outside.count()
    };
    if count(wanted) > 0 {
        return wanted;
    }
    let others = [b'\t', b';', b','].map(|delimiter| (count(delimiter), delimiter));
    others.into_iter().filter(|(count, _)| *count > 0).max().map_or(wanted, |(_, delimiter)| delimiter)
}

/// Records that are not blank, with their row numbers.
pub(super) struct Records {
    reader: Reader<RowLimit<BufReader<Box<dyn Read + Send>>>>,
    record: StringRecord,
    /// Row number of `record`: every record counts as one row however many lines it has, and so do blank lines.
    row: u64,
    /// Set once the text has been read to its last byte.
    ending: Option<Ending>,
    bare_cr: bool,
    bom_bytes: u64,
    what: String,
}

impl Records {
    /// Finds out the dialect.
    pub(super) fn open(mut text: Text, format: Format, what: &str) -> Result<Records, LoadError> {
        let head = text.reader.fill_buf().map_err(|error| LoadError::from_stream(what, 1, error))?;
        let dialect = Dialect::sniff(head, format);
        Ok(Records::new(text, dialect, what))
    }

    fn new(text: Text, dialect: Dialect, what: &str) -> Self {
        // Only "\n" ends a record: the line count then tells the blank lines between records. The "\r" before it
        // is taken off in `cells`.
        let terminator = if dialect.bare_cr { Terminator::CRLF } else { Terminator::Any(b'\n') };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(dialect.delimiter)
            .terminator(terminator)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(RowLimit::new(text.reader));
        Records {
            reader,
            record: StringRecord::new(),
            row: 0,
            ending: None,
            bare_cr: dialect.bare_cr,
            bom_bytes: text.bom_bytes,
            what: what.to_owned(),
        }
    }

    /// Reads the next record that holds any text; false at the end.
    pub(super) fn read_next(&mut self) -> Result<bool, LoadError> {
        loop {
            let lines_before = self.reader.position().line();
            let found = self.reader.read_record(&mut self.record).map_err(|error| self.failure(error))?;
            if !found {
                return Ok(false);
            }
            self.ending = self.reader.get_ref().ending(self.reader.position().byte());
            self.count_row(self.reader.position().line() - lines_before);
            self.reader.get_mut().start_row();
            if !self.is_blank() {
                return Ok(true);
            }
        }
    }

    /// The row number of the record.
    pub(super) fn row(&self) -> u64 {
        self.row
    }

    /// The cells of the record.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        let last = self.record.len().saturating_sub(1);
        let strip = move |(column, cell): (usize, _)| {
            if column == last { without_line_end(cell) } else { cell }
        };
        self.record.iter().enumerate().map(strip)
    }

    fn is_blank(&self) -> bool {
        self.record.iter().all(|cell| cell.trim().is_empty())
    }

    /// Counts the record and the blank lines before it, which the reader skips.
    fn count_row(&mut self, lines: u64) {
        self.row += 1;
        if lines > 1 && !self.bare_cr {
            let own_line_end = u64::from(self.ending.is_none_or(|ending| ending.in_line_end));
            self.row += lines.saturating_sub(own_line_end + self.line_ends_in_record());
        }
    }

    fn line_ends_in_record(&self) -> u64 {
        let bytes = self.record.as_byte_record().as_slice();
        bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
    }

    /// How many lines the record has.
    pub(super) fn lines_in_record(&self) -> u64 {
        self.line_ends_in_record() + 1
    }

    /// Whether the text ends within a quoted cell: the last cell holds line ends, but no quotation mark closes it.
    pub(super) fn ends_in_open_quote(&self) -> bool {
        let is_open = |ending: Ending| !ending.in_quote;
        self.ending.is_some_and(is_open)
            && self.record.iter().next_back().is_some_and(|cell| cell.contains('\n'))
    }

    fn failure(&self, error: csv::Error) -> LoadError {
        let (what, row) = (self.what.as_str(), self.row + 1);
        let byte = error.position().map_or(0, csv::Position::byte) + self.bom_bytes;
        match error.into_kind() {
            ErrorKind::Io(error) => LoadError::from_stream(what, row, error),
            ErrorKind::Utf8 { err, .. } => LoadError::Malformed {
                what: what.to_owned(),
                row,
                offset: byte + err.valid_up_to() as u64,
                encoding: "UTF-8",
            },
            kind => {
                LoadError::Io { what: what.to_owned(), cause: std::io::Error::other(format!("{kind:?}")) }
            }
        }
    }
}

fn without_line_end(cell: &str) -> &str {
    cell.strip_suffix('\r').unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn rows(text: &str) -> Vec<(u64, String)> {
        let text = Text::open(Box::new(Cursor::new(text.to_owned())), false, "f.csv").unwrap();
        open_rows(text).into_iter().map(|row| (row.row, row.name)).collect()
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_does() {
        for (text, wanted) in [
            ("id,name\n1,a\n2,b\n", &[(2, "a"), (3, "b")][..]),
            ("id,name\r\n1,a\r\n2,b", &[(2, "a"), (3, "b")]),
            ("id,name\r1,a\r2,b\r", &[(2, "a"), (3, "b")]),
            ("id,name\n\n1,a\n\n\n2,b\n\n", &[(3, "a"), (6, "b")]),
            ("id,name\r\n\r\n1,a\r\n\r\n\r\n2,b", &[(3, "a"), (6, "b")]),
            ("id,name\n\n\n1,a", &[(4, "a")]),
            ("id,name\n,\n1,a\n, \n2,b\n", &[(3, "a"), (5, "b")]),
            ("id,name\n1,\"a\nb\nc\"\n2,d\n", &[(2, "a\nb\nc"), (3, "d")]),
            ("id,name\n\n1,\"a\nb\"\n\n2,\"d\ne\"", &[(3, "a\nb"), (5, "d\ne")]),
            ("id,name\r\n1,\"a\r\nb\"\r\n2,\"d\"\r\n", &[(2, "a\r\nb"), (3, "d")]),
            ("id,name\n1,a\r\n2,b\n3,c\r\n", &[(2, "a"), (3, "b"), (4, "c")]),
            ("\n\nid,name\n1,a\n", &[(4, "a")]),
        ] {
            let rows = rows(text);
            let found: Vec<_> = rows.iter().map(|(row, name)| (*row, name.as_str())).collect();
            assert_eq!(found, wanted, "{text:?}");
        }
    }

    #[test]
    fn delimiters_are_found_in_the_header() {
        for (header, format, delimiter) in [
            ("id,name", Format::Csv, b','),
            ("id;name", Format::Csv, b';'),
            ("id\tname", Format::Csv, b'\t'),
            ("id\tname, full", Format::Tsv, b'\t'),
            ("id,name", Format::Tsv, b','),
            ("\"id,x\";name", Format::Csv, b';'),
            ("id", Format::Csv, b','),
            ("id", Format::Tsv, b'\t'),
        ] {
            assert_eq!(sniff_delimiter(header.as_bytes(), format), delimiter, "{header}");
        }
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_found() {
        for (text, open) in [
            ("id,name\n1,\"a\n2,b\n3,c\n", true),
            ("id,name\n1,\"a\n2,b\n3,c", true),
            ("id,name\n1,\"a\n2,b\"\n", false),
            ("id,name\n1,\"a\nb\n\"\n\n", false),
            ("id,name\n1,a\n", false),
        ] {
            let text_reader = Text::open(Box::new(Cursor::new(text.to_owned())), false, "f.csv").unwrap();
            let rows = open_rows(text_reader);
            let found =
                rows.iter().any(|row| row.findings.iter().any(|f| f.code == FindingCode::UnreadableRow));
            assert_eq!(found, open, "{text:?}");
        }
    }

    fn open_rows(text: Text) -> Vec<SourceRow> {
        let records = Records::open(text, Format::Csv, "f.csv").unwrap();
        let rows = CsvRows::new(records, "f.csv", &ColumnMap::default()).unwrap();
        rows.map(|row| row.unwrap()).collect()
    }
}
