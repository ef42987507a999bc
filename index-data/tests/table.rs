//! Reading tables of any columns.
//!
//! 1. Every format gives the same cells, to the letter.
//! 2. Odd rows are kept and told; rows that cannot be read end the table with their number.
//! 3. A table that is read again is the same table.
//! 4. No bytes panic, hang or take memory without bound.

#![cfg(all(feature = "csv", feature = "jsonl", feature = "xlsx"))]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use index_data::load::{Cell, Format, LoadError, MAX_COLUMNS, Table, TableRow};
use proptest::prelude::*;
use rust_xlsxwriter::{Format as CellFormat, Formula, Workbook, Worksheet};
use std::io::{Cursor, Read, Write};

fn open(bytes: impl Into<Vec<u8>>, format: Format) -> Result<Table, LoadError> {
    Table::from_reader(Cursor::new(bytes.into()), format, "rows")
}

fn read(bytes: impl Into<Vec<u8>>, format: Format) -> Result<(Table, Vec<TableRow>), LoadError> {
    let mut table = open(bytes, format)?;
    let rows = table.by_ref().collect::<Result<_, _>>()?;
    Ok((table, rows))
}

fn texts(rows: &[TableRow], width: usize) -> Vec<Vec<String>> {
    rows.iter().map(|row| (0..width).map(|column| row.text(column).into_owned()).collect()).collect()
}

fn notes(table: &Table) -> String {
    table.notes().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

/// A workbook whose one sheet holds this XML.
fn raw_workbook(sheet: &str) -> Vec<u8> {
    const PARTS: [(&str, &str); 4] = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
    ];
    let mut book = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{sheet}</worksheet>"#
    );
    for (name, part) in PARTS.into_iter().chain([("xl/worksheets/sheet1.xml", sheet.as_str())]) {
        book.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        book.write_all(part.as_bytes()).unwrap();
    }
    book.finish().unwrap().into_inner()
}

#[test]
fn every_format_gives_the_same_cells() {
    let header = ["班级", "编号", "备注"];
    let cells = [["软工1班", "007", "a,\"b\"; \tc"], ["软工2班", "", "=1+1"], ["", "8", " x "]];
    let csv = "班级,编号,备注\n软工1班,007,\"a,\"\"b\"\"; \tc\"\n软工2班,,=1+1\n,8, x \n";
    let tsv = "班级\t编号\t备注\n软工1班\t007\t\"a,\"\"b\"\"; \tc\"\n软工2班\t\t=1+1\n\t8\t x \n";
    let jsonl = concat!(
        r#"{"班级":"软工1班","编号":"007","备注":"a,\"b\"; \tc"}"#,
        "\n",
        r#"{"备注":"=1+1","班级":"软工2班"}"#,
        "\n",
        r#"{"编号":8,"备注":" x ","班级":null}"#,
    );
    let xlsx = workbook(|sheet| {
        for (row, texts) in (0..).zip([header].iter().chain(&cells)) {
            for (column, text) in (0..).zip(texts).filter(|(_, text)| !text.is_empty()) {
                sheet.write_string(row, column, *text).unwrap();
            }
        }
    });
    for (bytes, format) in [
        (csv.as_bytes().to_vec(), Format::Csv),
        (tsv.as_bytes().to_vec(), Format::Tsv),
        (jsonl.as_bytes().to_vec(), Format::Jsonl),
        (xlsx, Format::Xlsx),
    ] {
        let (table, rows) = read(bytes, format).unwrap();
        assert_eq!(table.header(), header, "{format}");
        assert_eq!(texts(&rows, 3), cells, "{format}");
        assert_eq!(notes(&table), "", "{format}");
        let first = if format == Format::Jsonl { 1 } else { 2 };
        assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [first, first + 1, first + 2]);
    }
}

#[test]
fn numbers_stay_numbers_and_objects_stay_what_they_are() {
    let line = r#"{"a":1.50,"b":123456789012345678,"c":{"d":[1]},"e":10}"#;
    let (_, rows) = read(format!(" {line} \n"), Format::Jsonl).unwrap();
    assert_eq!(rows[0].line.as_deref(), Some(line));
    let wanted = [
        Cell::Number(1.5),
        Cell::Text("123456789012345678".into()),
        Cell::Text(r#"{"d":[1]}"#.into()),
        Cell::Number(10.0),
    ];
    assert!(rows[0].cells.iter().map(|(_, cell)| cell).eq(&wanted), "{rows:?}");

    let book = workbook(|sheet| {
        sheet.write_number(0, 0, 2024).unwrap();
        sheet.write_number(1, 0, 1e17).unwrap();
    });
    let (table, rows) = read(book, Format::Xlsx).unwrap();
    assert_eq!(table.header(), ["2024"]);
    assert!(rows[0].cells[0].1.has_lost_digits());
}

#[test]
fn odd_rows_are_kept_and_told() {
    let (table, rows) = read("a,b\n1\n1,2,,4\n\n1,2,3\n", Format::Csv).unwrap();
    assert_eq!(table.header(), ["a", "b", "", ""]);
    assert_eq!(table.column_names(), ["a", "b", "column 3", "column 4"]);
    assert_eq!(texts(&rows, 4), [["1", "", "", ""], ["1", "2", "", "4"], ["1", "2", "3", ""]]);
    assert_eq!(notes(&table), "1 row has more cells than the header (row 3)");

    let book = raw_workbook(concat!(
        "<sheetData>",
        r#"<row r="1"><c r="A1" t="inlineStr"><is><t>班级</t></is></c></row>"#,
        r#"<row r="2"><c r="A2"><f>B9</f></c><c r="C2"><v>1</v></c></row>"#,
        r#"<row r="3"><c r="A3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>"#,
        "</sheetData>",
        r#"<mergeCells><mergeCell ref="A3:A9"/></mergeCells>"#,
    ));
    let (table, rows) = read(book, Format::Xlsx).unwrap();
    assert_eq!(texts(&rows, 3), [["", "", "1"], ["#DIV/0!", "", ""]]);
    let codes: Vec<_> = table.notes().iter().map(|note| note.code()).collect();
    assert_eq!(codes, ["wider_rows", "failed_formulas", "merged_cells", "formulas_without_value"]);
}

#[test]
fn formulas_are_read_by_their_values() {
    let book = workbook(|sheet| {
        sheet.write_string(0, 0, "班级").unwrap();
        sheet.write_formula(1, 0, Formula::new("=1+1").set_result("软工1班")).unwrap();
    });
    let (table, rows) = read(book, Format::Xlsx).unwrap();
    assert_eq!((texts(&rows, 1), notes(&table)), (vec![vec!["软工1班".to_owned()]], String::new()));
}

#[test]
fn rows_that_cannot_be_read_are_named() {
    let wide_key = format!("{{\"{}\":1}}\n", "k".repeat(1000));
    for (text, format, wanted) in [
        ("", Format::Csv, "rows is empty".to_owned()),
        ("a\n1\n\"2\n3\n", Format::Csv, "row 3: a quotation mark is never closed; 3 lines".to_owned()),
        ("{\"a\":1}\n{\"a\":\n", Format::Jsonl, "row 2 is not a JSON object".to_owned()),
        (
            "{\"a\":1,\"b\":2,\"a\":3}",
            Format::Jsonl,
            "row 1 is not a JSON object (the key \"a\" repeats".to_owned(),
        ),
        (&wide_key.repeat(2), Format::Jsonl, String::new()),
        (
            &format!("a\n1\n{}1\n", ",".repeat(MAX_COLUMNS)),
            Format::Csv,
            "row 3 has more than 16384 columns".to_owned(),
        ),
        (
            &format!("a{}", ",".repeat(MAX_COLUMNS)),
            Format::Csv,
            "row 1 has more than 16384 columns".to_owned(),
        ),
        ("a\nb\0\n", Format::Csv, "is not a text file".to_owned()),
    ] {
        match read(text, format) {
            Ok(_) => assert_eq!(wanted, ""),
            Err(error) => {
                let error = error.to_string();
                assert!(!wanted.is_empty() && error.contains(&wanted), "{error}");
            }
        }
    }
}

#[test]
fn keys_without_end_are_refused() {
    let lines: String = (0..=MAX_COLUMNS).map(|key| format!("{{\"k{key}\":1}}\n")).collect();
    let error = read(lines, Format::Jsonl).unwrap_err();
    assert!(
        matches!(error, LoadError::TooManyColumns { row, .. } if row == MAX_COLUMNS as u64 + 1),
        "{error}"
    );
    let long = "k".repeat(100_000);
    let lines: String = (0..20).map(|key| format!("{{\"{long}{key}\":1}}\n")).collect();
    assert!(matches!(read(lines, Format::Jsonl), Err(LoadError::TooManyColumns { row: 11, .. })));
}

#[test]
fn a_million_blank_rows_are_no_rows() {
    let blank = "\n".repeat(1_000_000);
    let (_, rows) = read(format!("a\n{blank}1\n"), Format::Csv).unwrap();
    assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [1_000_002]);

    let mut sheet = String::from("<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>");
    for row in 2..=1_000_000 {
        sheet += &format!("<row r=\"{row}\"/>");
    }
    sheet += "<row r=\"1000001\"><c r=\"A1000001\"><v>2</v></c></row></sheetData>";
    let (_, rows) = read(raw_workbook(&sheet), Format::Xlsx).unwrap();
    assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [1_000_001]);
}

#[test]
fn a_thousand_columns_cost_what_they_hold() {
    let book = workbook(|sheet| {
        let style = CellFormat::new().set_bold();
        for column in 0..1_000 {
            sheet.write_string(0, column, format!("列{column}")).unwrap();
            sheet.write_blank(1, column, &style).unwrap();
        }
        sheet.write_string(1, 999, "x").unwrap();
    });
    let (table, rows) = read(book, Format::Xlsx).unwrap();
    assert_eq!((table.header().len(), rows[0].cells.len(), rows[0].text(999).as_ref()), (1_000, 1, "x"));
}

#[test]
fn a_small_workbook_that_unpacks_without_measure_is_refused() {
    let sheet = format!("<sheetData>{}</sheetData>", " ".repeat(64 << 20));
    let book = raw_workbook(&sheet);
    assert!(book.len() < 100_000, "{}", book.len());
    let error = read(book, Format::Xlsx).unwrap_err();
    assert!(matches!(error, LoadError::WorkbookTooLarge { .. }), "{error}");
}

#[test]
fn a_table_is_read_again_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text, changed) in [
        ("a.csv", "a,b\n1,2,3\n", "a,b\n1,2,3,4\n"),
        ("b.csv", "a,b\n1,2\n", "b,a\n1,2\n"),
        ("c.jsonl", "{\"a\":1}\n{\"b\":2}\n", "{\"a\":1}\n{\"c\":2}\n"),
    ] {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        let mut table = Table::open(&path).unwrap();
        let rows = table.by_ref().collect::<Result<Vec<_>, _>>().unwrap();
        let again = Table::open_again(&path, table.header()).unwrap();
        assert_eq!(again.header(), table.header());
        assert_eq!(again.collect::<Result<Vec<_>, _>>().unwrap(), rows);

        std::fs::write(&path, changed).unwrap();
        let again = Table::open_again(&path, table.header()).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        assert!(matches!(again, Err(LoadError::Changed { .. })), "{name}");
    }
}

#[test]
fn a_row_without_an_end_is_refused_at_once() {
    for (start, format) in [("a\n\"", Format::Csv), ("{\"a\":\"", Format::Jsonl)] {
        let endless = Cursor::new(start.to_owned()).chain(std::io::repeat(b'x'));
        let error = Table::from_reader(endless, format, "rows").unwrap().find_map(Result::err).unwrap();
        assert!(matches!(error, LoadError::RowTooLong { .. }), "{error}");
    }
}

proptest! {
    #[test]
    fn almost_good_text_never_panics(text in "(a|班级|[,;\t\"\r\n{}\\[\\]:1 ]){0,60}") {
        for format in [Format::Csv, Format::Tsv, Format::Jsonl, Format::Xlsx] {
            if let Ok((table, rows)) = read(text.clone(), format) {
                let widest = rows.iter().filter_map(|row| row.cells.last()).map(|(column, _)| column + 1).max();
                prop_assert!(widest.unwrap_or(0) <= table.header().len());
            }
        }
    }
}
