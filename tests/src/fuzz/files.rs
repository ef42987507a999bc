//! Files that people hand in: org-tree files of all formats, column maps, settings files, packed details.

use index_data::load::{ColumnMap, Format, RecordColumns, RecordMap, Source, Table};
use index_data::model::Details;
use index_data::validate::validate;
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Reads a table as a resolve does: what is in a cell stands under a column.
fn read_table(bytes: &[u8], format: Format, map: &RecordMap) {
    let Ok(mut table) = Table::from_reader(Cursor::new(bytes.to_vec()), format, "fuzz") else { return };
    let rows: Vec<_> = table.by_ref().map_while(Result::ok).collect();
    let width = table.header().len();
    assert_eq!(table.column_names().len(), width);
    assert!(rows.iter().flat_map(|row| &row.cells).all(|(column, _)| *column < width), "{table:?}");
    if let Ok(columns) = RecordColumns::recognise(table.header(), map, "fuzz") {
        rows.iter().for_each(|row| drop(columns.texts(row)));
    }
}

/// Loads and checks a file as a reindex does, and reads it as a table.
fn load(bytes: &[u8], format: Format, map: &ColumnMap) {
    read_table(bytes, format, &RecordMap::default());
    let reader = Cursor::new(bytes.to_vec());
    let Ok(source) = Source::from_reader(reader, format, "fuzz", map) else { return };
    let Ok(checked) = validate(source) else { return };
    assert_eq!(
        checked.tree.is_some(),
        checked.report.errors == 0,
        "a tree without errors, and none with: {:?}",
        checked.report
    );
}

/// An org-tree file as CSV.
pub(super) fn csv(input: &[u8]) {
    load(input, Format::Csv, &ColumnMap::default());
}

/// An org-tree file as TSV.
pub(super) fn tsv(input: &[u8]) {
    load(input, Format::Tsv, &ColumnMap::default());
}

/// An org-tree file as JSONL.
pub(super) fn jsonl(input: &[u8]) {
    load(input, Format::Jsonl, &ColumnMap::default());
}

/// A workbook as raw bytes.
pub(super) fn xlsx(input: &[u8]) {
    load(input, Format::Xlsx, &ColumnMap::default());
}

/// A line that begins a part of a workbook: `=== xl/workbook.xml`.
const PART: &[u8] = b"=== ";

/// A workbook as the text of its parts, packed here: so edits reach the XML.
pub(super) fn xlsx_parts(input: &[u8]) {
    let mut book = ZipWriter::new(Cursor::new(Vec::new()));
    for line in input.split_inclusive(|&byte| byte == b'\n') {
        let written = match line.strip_prefix(PART) {
            Some(name) => {
                let name = String::from_utf8_lossy(name);
                book.start_file(name.trim(), SimpleFileOptions::default()).is_ok()
            }
            None => book.write_all(line).is_ok(),
        };
        if !written {
            return; // Twice the same part, or text before the first.
        }
    }
    if let Ok(packed) = book.finish() {
        xlsx(&packed.into_inner());
    }
}

/// The pairs of `--map`, one a line, an empty line, and a CSV file.
pub(super) fn column_maps(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (pairs, file) = text.split_once("\n\n").unwrap_or((&text, "id,name\n1,a\n"));
    let pairs: Vec<_> = pairs.lines().collect();
    if let Ok(map) = ColumnMap::parse(&pairs) {
        load(file.as_bytes(), Format::Csv, &map);
    }
    if let Ok(map) = RecordMap::parse(&pairs) {
        read_table(file.as_bytes(), Format::Csv, &map);
    }
}

/// A settings file of `serve`.
pub(super) fn settings(input: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(input).expect("room for a temporary file");
    search_server::cli::takes_settings_file(file.path());
}

/// Packed aliases, former names and attributes. What is taken must be taken again as it was.
pub(super) fn details(input: &[u8]) {
    if let Some(details) = Details::unpack(input) {
        let mut packed = Vec::new();
        details.pack(&mut packed);
        assert_eq!(Details::unpack(&packed), Some(details), "details came back otherwise");
    }
}
