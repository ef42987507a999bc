//! The file formats.

use std::fmt;

/// A file format. The file's first bytes take precedence: a workbook named `.csv` is read as a workbook, and gzip is
/// unpacked whatever the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Comma-separated; semicolons and tabs are recognised too when the header has no comma.
    Csv,
    /// Tab-separated; quoted as CSV is.
    Tsv,
    /// One JSON object on each line.
    Jsonl,
    /// An Excel workbook since 2007. The first visible sheet that holds anything is read.
    Xlsx,
}

impl Format {
    /// The cargo feature that brings the format.
    pub(super) fn feature(self) -> &'static str {
        match self {
            Format::Csv | Format::Tsv => "csv",
            Format::Jsonl => "jsonl",
            Format::Xlsx => "xlsx",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Csv => "CSV",
            Format::Tsv => "TSV",
            Format::Jsonl => "JSONL",
            Format::Xlsx => "XLSX",
        })
    }
}
