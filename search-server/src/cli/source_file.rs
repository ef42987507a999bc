//! An org-tree file named on the command line: opened, watched while it is read, described in reports.

use super::failure::Failure;
use super::output::printable;
use super::progress::{Progress, Unit};
use index_data::load::{ColumnMap, Format, LoadError, Source, SourceRow};
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;

/// Rows between two looks at how far the file has been read.
const ROWS_PER_LOOK: u64 = 256;

/// A source that reports how much of its file has been read.
#[derive(Debug)]
pub(super) struct SourceFile<'p> {
    source: Source,
    progress: &'p Progress,
    rows: u64,
}

impl<'p> SourceFile<'p> {
    /// Opens a file with `--map` arguments.
    pub(super) fn open(path: &Path, map: &[String], progress: &'p Progress) -> Result<Self, Failure> {
        let map = ColumnMap::parse(map)?;
        // Unix opens a directory like a file and fails only at the first read; say it before its name is judged.
        if path.is_dir() {
            let error = io::Error::from(io::ErrorKind::IsADirectory);
            return Err(Failure::reading(&path.display().to_string(), &error));
        }
        Ok(SourceFile::watch(Source::open(path, &map)?, progress))
    }

    /// Watches a source that is open already.
    pub(super) fn watch(source: Source, progress: &'p Progress) -> Self {
        SourceFile { source, progress, rows: 0 }
    }

    /// What is known about the file before its rows are read.
    pub(super) fn description(&self, path: &Path) -> FileDescription {
        let column = |(column, field): &(String, Option<index_data::validate::Field>)| ColumnReading {
            column: column.clone(),
            field: field.map(index_data::validate::Field::name),
        };
        FileDescription {
            file: path.display().to_string(),
            format: Format::from_path(path).map_or_else(|_| String::new(), |format| format.to_string()),
            encoding: self.source.encoding().to_owned(),
            columns: self.source.columns().iter().map(column).collect(),
        }
    }
}

impl Iterator for SourceFile<'_> {
    type Item = Result<SourceRow, LoadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rows.is_multiple_of(ROWS_PER_LOOK) {
            self.progress.at("load", Unit::Bytes, self.source.bytes_read(), self.source.bytes_total());
        }
        self.rows += 1;
        self.source.next()
    }
}

/// How a file was read: part of the `--json` answers of `validate` and `reindex`.
#[derive(Debug, Serialize)]
pub(super) struct FileDescription {
    file: String,
    format: String,
    encoding: String,
    /// In file order; empty for JSONL, which has no header.
    columns: Vec<ColumnReading>,
}

#[derive(Debug, Serialize)]
struct ColumnReading {
    column: String,
    /// The field it is read as; null: kept as an attribute.
    field: Option<&'static str>,
}

impl FileDescription {
    /// Writes it for a person.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}: {}, {}", printable(&self.file), self.format, self.encoding)?;
        if self.columns.is_empty() {
            return Ok(());
        }
        let columns: Vec<_> = self.columns.iter().map(ColumnReading::words).collect();
        writeln!(out, "columns: {}", columns.join(", "))
    }
}

impl ColumnReading {
    fn words(&self) -> String {
        let column = printable(&self.column);
        match self.field {
            Some(field) if field == self.column => column,
            Some(field) => format!("{column} → {field}"),
            None => format!("{column} (attribute)"),
        }
    }
}
