//! Loading whole files.
//!
//! 1. The same organizations load identically from every format and encoding.
//! 2. Wrong rows come with findings and row numbers, and reading goes on.
//! 3. Broken files end with one error that says where and what to do.
//! 4. No bytes panic, hang or take memory without bound.

#![cfg(all(feature = "csv", feature = "jsonl", feature = "xlsx"))]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use index_data::load::{ColumnMap, Format, LoadError, MAX_ROW_BYTES, Source, SourceRow};
use index_data::validate::{Field, FindingCode, Severity};
use proptest::prelude::*;
use rust_xlsxwriter::{Formula, Workbook};
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/formats").join(name)
}

fn open_sample(name: &str) -> Source {
    Source::open(&sample(name), &ColumnMap::default()).unwrap()
}

fn open(bytes: impl Into<Vec<u8>>, format: Format) -> Result<Source, LoadError> {
    Source::from_reader(Cursor::new(bytes.into()), format, "orgs", &ColumnMap::default())
}

/// All rows, or the error that ended the file.
fn load(bytes: impl Into<Vec<u8>>, format: Format) -> Result<Vec<SourceRow>, LoadError> {
    open(bytes, format)?.collect()
}

/// The rows before the error, and the error.
fn load_until_error(bytes: impl Into<Vec<u8>>, format: Format) -> (Vec<SourceRow>, LoadError) {
    let mut rows = Vec::new();
    let mut source = match open(bytes, format) {
        Ok(source) => source,
        Err(error) => return (rows, error),
    };
    loop {
        match source.next().expect("the file must end in an error") {
            Ok(row) => rows.push(row),
            Err(error) => {
                assert!(source.next().is_none(), "nothing comes after an error");
                return (rows, error);
            }
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn workbook(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().unwrap()
}

/// A sheet of text cells; empty text leaves the cell out.
fn sheet(book: &mut Workbook, rows: &[&[&str]]) {
    let sheet = book.add_worksheet();
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row as u32, column as u16, *cell).unwrap();
        }
    }
}

fn lines(count: usize) -> String {
    let rows: String = (0..count).map(|row| format!("{row},共青团第{row}支部委员会\n")).collect();
    format!("id,name\n{rows}")
}

// 1. Every format and encoding

#[test]
fn every_format_gives_the_same_rows() {
    let wanted: Vec<SourceRow> = open_sample("orgs.csv").collect::<Result<_, _>>().unwrap();
    assert_eq!(wanted.iter().map(|row| row.row).collect::<Vec<_>>(), [2, 3, 4, 5, 6]);
    assert_eq!(wanted[0].aliases, ["团市委", "北京团市委"]);
    assert_eq!(wanted[2].aliases, ["北大软微", "软微团委"]);
    assert_eq!(wanted[3].name, "\"先锋\"青年突击队团支部");
    assert_eq!(wanted[4].attributes, [("备注".to_owned(), "入学\n2024-09-01".to_owned())]);
    for (name, encoding) in [
        ("orgs.csv", "UTF-8"),
        ("orgs-bom.csv", "UTF-8 with BOM"),
        ("orgs-gb18030.csv", "GB18030"),
        ("orgs-utf16.txt", "UTF-16LE"),
        ("orgs.tsv", "UTF-8"),
        ("orgs.csv.gz", "UTF-8"),
        ("orgs.xlsx", "UTF-8"),
        ("orgs.jsonl", "UTF-8"),
    ] {
        let mut source = open_sample(name);
        assert_eq!(source.encoding(), encoding, "{name}");
        let mut rows: Vec<SourceRow> = source.by_ref().collect::<Result<_, _>>().unwrap();
        if name == "orgs.jsonl" {
            // Its first row is row 1, followed by a blank line.
            assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [1, 3, 4, 5, 6]);
            rows.iter_mut().zip(&wanted).for_each(|(row, wanted)| row.row = wanted.row);
        }
        assert_eq!(rows, wanted, "{name}");
        assert_eq!(Some(source.bytes_read()), source.bytes_total(), "{name}");
    }
}

#[test]
fn columns_tell_what_was_read_as_what() {
    let source = open_sample("orgs.csv");
    let columns = source.columns();
    assert_eq!(columns[0], ("组织ID".to_owned(), Some(Field::Id)));
    assert_eq!(columns[10], ("合并至".to_owned(), Some(Field::SuccessorId)));
    assert_eq!(columns[11], ("备注".to_owned(), None));
    assert!(open_sample("orgs.jsonl").columns().is_empty());
}

#[test]
fn the_container_decides_where_the_name_is_wrong() {
    let xlsx = std::fs::read(sample("orgs.xlsx")).unwrap();
    assert_eq!(load(xlsx, Format::Csv).unwrap().len(), 5);
    let packed = std::fs::read(sample("orgs.csv.gz")).unwrap();
    assert_eq!(load(packed, Format::Csv).unwrap().len(), 5);
    let jsonl = gzip(&std::fs::read(sample("orgs.jsonl")).unwrap());
    assert_eq!(load(jsonl, Format::Jsonl).unwrap().len(), 5);
}

#[test]
fn names_tell_the_format() {
    for (name, format) in [
        ("a.csv", Some(Format::Csv)),
        ("A.CSV.GZ", Some(Format::Csv)),
        ("a.txt", Some(Format::Csv)),
        ("a.tsv.gz", Some(Format::Tsv)),
        ("a.ndjson", Some(Format::Jsonl)),
        ("a.b.jsonl", Some(Format::Jsonl)),
        ("a.xlsx", Some(Format::Xlsx)),
        ("a.xlsx.gz", None),
        ("a.xls", None),
        ("csv", None),
        ("", None),
    ] {
        assert_eq!(Format::from_path(Path::new(name)).ok(), format, "{name}");
    }
}

#[test]
fn a_source_can_move_to_another_thread() {
    fn assert_send<T: Send>(_: &T) {}
    assert_send(&open_sample("orgs.xlsx"));
    let source = open_sample("orgs.xlsx");
    assert_eq!(std::thread::spawn(move || source.count()).join().unwrap(), 5);
}

// 2. Wrong rows

#[test]
fn rows_with_a_wrong_number_of_cells_are_kept_and_told() {
    let rows = load("id,name,kind\n1,a,b,c\n2,d\n,,\n3,e,f\n", Format::Csv).unwrap();
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row.row, row.name.as_str(), row.findings.first().map(|f| (f.code, f.value.as_str()))))
        .collect();
    let wrong = FindingCode::WrongCellCount;
    assert_eq!(
        found,
        [
            (2, "a", Some((wrong, "4 cells, the header has 3"))),
            (3, "d", Some((wrong, "2 cells, the header has 3"))),
            (5, "e", None),
        ]
    );
    assert_eq!(rows[0].attributes, [("column 4".to_owned(), "c".to_owned())]);
}

#[test]
fn typed_cells_of_a_workbook_become_text() {
    let bytes = workbook(|book| {
        let sheet = book.add_worksheet();
        for (column, text) in ["id", "name", "上级组织", "团员数", "开", "日期"].iter().enumerate()
        {
            sheet.write_string(1, column as u16, *text).unwrap();
        }
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_number(3, 0, 10_000_001.0).unwrap();
        sheet.write_string(3, 1, "a").unwrap();
        sheet.write_number(3, 2, 7.0).unwrap();
        sheet.write_number(3, 3, 12.5).unwrap();
        sheet.write_boolean(3, 4, true).unwrap();
        sheet.write_number_with_format(3, 5, 45_536.0, &date).unwrap();
        sheet.write_number(4, 0, 110_108_100_000_000_001.0).unwrap();
        sheet.write_formula(4, 1, Formula::new("=X").set_result("#NAME?")).unwrap();
        sheet.write_formula(4, 4, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        sheet.write_number(5, 0, 12.0).unwrap();
    });
    let rows = load(bytes, Format::Xlsx).unwrap();
    assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [4, 5, 6]);
    let first = &rows[0];
    assert_eq!(
        (first.id.as_str(), first.parent_id.as_str(), first.members.as_str()),
        ("10000001", "7", "12.5")
    );
    assert_eq!(first.attributes, [("开".into(), "TRUE".into()), ("日期".into(), "2024-09-01".to_owned())]);
    let findings: Vec<_> = rows.iter().flat_map(|row| &row.findings).collect();
    let told: Vec<_> = findings.iter().map(|f| (f.row, f.field, f.code, f.severity)).collect();
    assert_eq!(
        told,
        [
            (Some(4), Field::Id, FindingCode::IdNotText, Severity::Warning),
            (Some(4), Field::ParentId, FindingCode::IdNotText, Severity::Warning),
            (Some(5), Field::Id, FindingCode::IdNotText, Severity::Error),
            (Some(5), Field::Name, FindingCode::UnreadableRow, Severity::Error),
            (Some(5), Field::Attributes, FindingCode::UnreadableRow, Severity::Warning),
        ]
    );
    assert_eq!(findings[3].value, "#NAME? in the column name");
}

#[test]
fn the_first_visible_sheet_with_anything_is_read() {
    let bytes = workbook(|book| {
        book.add_worksheet();
        sheet(book, &[&["类别"], &["团委"]]);
        book.worksheets_mut()[1].set_hidden(true);
        sheet(book, &[&["id", "name"], &["1", "a"]]);
        sheet(book, &[&["x"]]);
    });
    assert_eq!(load(bytes, Format::Xlsx).unwrap()[0].name, "a");
}

#[test]
fn a_large_workbook_streams_in_order() {
    let bytes = workbook(|book| {
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "id").unwrap();
        sheet.write_string(0, 1, "name").unwrap();
        for row in 1..3000 {
            sheet.write_string(row, 0, row.to_string()).unwrap();
            sheet.write_string(row, 1, "支部").unwrap();
        }
    });
    let rows = load(bytes.clone(), Format::Xlsx).unwrap();
    assert!(rows.iter().all(|row| row.id == (row.row - 1).to_string()));
    assert_eq!(rows.len(), 2999);
    // Dropping a source in the middle must not block.
    drop(open(bytes, Format::Xlsx).unwrap());
}

// 3. Broken files

#[test]
fn broken_files_say_what_is_wrong() {
    let utf8 = lines(40_000);
    let damaged_late = {
        let mut bytes = utf8.clone().into_bytes();
        let offset = bytes.len() - 10;
        bytes[offset] = 0xff;
        bytes
    };
    let xlsx = std::fs::read(sample("orgs.xlsx")).unwrap();
    let ole = |rest: &[u8]| [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &[0; 600][..], rest].concat();
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let flipped = {
        let mut bytes = xlsx.clone();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 40].fill(0x55);
        bytes
    };
    let open_quote = format!("id,name\n1,\"a\n{}", lines(200_000));
    let cases: Vec<(&str, Format, Vec<u8>, &str)> = vec![
        ("empty", Format::Csv, vec![], "orgs is empty"),
        ("empty workbook", Format::Xlsx, vec![], "orgs is empty"),
        ("nothing but a mark", Format::Csv, b"\xef\xbb\xbf".to_vec(), "orgs is empty"),
        ("blank lines", Format::Tsv, b"\n \r\n\n".to_vec(), "orgs is empty"),
        ("empty gzip", Format::Csv, gzip(b""), "orgs is empty"),
        ("empty sheet", Format::Xlsx, workbook(|book| sheet(book, &[])), "orgs is empty"),
        ("zero bytes", Format::Csv, b"id,name\n\0\0\0\n".to_vec(), "a zero byte stands at offset 8"),
        (
            "noise",
            Format::Csv,
            b"\x80\xff\x81\x20\xc3\x28".repeat(50),
            "row 1: the bytes near offset 2 are not UTF-8 or GB18030; save the file as UTF-8",
        ),
        (
            "no columns",
            Format::Csv,
            b"a,b\n1,2\n".to_vec(),
            "no column is recognised as id and name; the header is \"a\", \"b\"",
        ),
        (
            "no columns in a sheet",
            Format::Xlsx,
            workbook(|book| sheet(book, &[&["编号", "", "全称"]])),
            "the header is \"编号\", \"\", \"全称\"; use --map id=",
        ),
        ("late damage", Format::Csv, damaged_late, "row 40001: the bytes near offset"),
        (
            "truncated gzip",
            Format::Csv,
            {
                let mut g = gzip(utf8.as_bytes());
                g.truncate(g.len() / 2);
                g
            },
            "the gzip data is cut off or damaged",
        ),
        (
            "gzip header only",
            Format::Csv,
            gzip(b"id,name\n1,a\n")[..5].to_vec(),
            "row 1: the gzip data is cut off or damaged",
        ),
        (
            "truncated workbook",
            Format::Xlsx,
            xlsx[..xlsx.len() / 2].to_vec(),
            "the workbook is cut off or damaged",
        ),
        ("damaged workbook", Format::Xlsx, flipped, "the workbook is cut off or damaged"),
        (
            "another zip",
            Format::Csv,
            b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
            "orgs is not an XLSX workbook (it is another kind of zip archive",
        ),
        ("text as a workbook", Format::Xlsx, b"id,name\n".to_vec(), "if it is text, name it .csv"),
        ("gzip as a workbook", Format::Xlsx, gzip(&xlsx), "it is packed with gzip; unpack it first"),
        ("old workbook", Format::Xlsx, ole(b""), "it is an old .xls workbook; save it as .xlsx"),
        ("password", Format::Csv, ole(&encrypted), "orgs is protected by a password; save it without one"),
        (
            "open quote",
            Format::Csv,
            open_quote.into_bytes(),
            "row 2 is longer than 1 MiB; look for a quotation mark",
        ),
        (
            "an array",
            Format::Jsonl,
            b"[\n{\"id\":1}]".to_vec(),
            "row 1 is not a JSON object (it begins an array)",
        ),
        ("CSV as JSONL", Format::Jsonl, b"id,name\n".to_vec(), "row 1 is not a JSON object (expected value"),
        (
            "JSONL damage",
            Format::Jsonl,
            b"{\"id\":1,\"name\":\"\xe5\xa4\xa9\xe5\xa4\xa9\xe5\xa4\xa9\xff\"}".to_vec(),
            "row 1: the bytes near offset",
        ),
    ];
    for (case, format, bytes, wanted) in cases {
        let (_, error) = load_until_error(bytes, format);
        let message = error.to_string();
        assert!(message.contains(wanted), "{case}: {message}");
        assert!(message.chars().count() < 400, "{case}: {message}");
    }
}

#[test]
fn rows_before_the_damage_are_given() {
    let mut packed = gzip(lines(200_000).as_bytes());
    packed.truncate(packed.len() * 3 / 4);
    let (rows, error) = load_until_error(packed, Format::Csv);
    let LoadError::DamagedGzip { row, .. } = error else { panic!("{error:?}") };
    assert!(rows.len() > 100_000);
    assert_eq!(row, rows.len() as u64 + 2);
    let small = gzip(b"id,name\n1,a\n2,b\n");
    let (rows, _) = load_until_error(&small[..small.len() - 4], Format::Csv);
    assert_eq!(rows.len(), 2);
}

#[test]
fn a_header_alone_gives_no_rows() {
    assert_eq!(load("id,name\n", Format::Csv).unwrap(), []);
    assert_eq!(load(workbook(|book| sheet(book, &[&["id", "name"]])), Format::Xlsx).unwrap(), []);
}

#[test]
fn files_that_are_not_there_say_so() {
    let open = |path: &Path| Source::open(path, &ColumnMap::default()).unwrap_err();
    assert!(matches!(open(Path::new("/nowhere/orgs.csv")), LoadError::Io { .. }));
    let dir = tempfile::Builder::new().suffix(".csv").tempdir().unwrap();
    assert!(matches!(open(dir.path()), LoadError::Io { .. }));
    let message = open(Path::new("orgs.pdf")).to_string();
    assert!(message.starts_with("orgs.pdf: the name tells no known format"), "{message}");
}

// 4. Bounds

/// A stream without an end: `start`, then `filler` for ever (1 GiB, in case somebody reads on).
fn endless(start: &str, filler: u8) -> impl Read + Send + 'static {
    Cursor::new(start.to_owned()).chain(std::io::repeat(filler).take(1 << 30))
}

#[test]
fn a_row_without_an_end_is_refused_at_once() {
    let map = ColumnMap::default();
    for (start, row) in [("", 1), ("id,name\n1,b\n2,", 3), ("id,name\n1,b\n2,\"", 3)] {
        for format in [Format::Csv, Format::Tsv] {
            let error = match Source::from_reader(endless(start, b'a'), format, "orgs", &map) {
                Ok(source) => source.last().unwrap().unwrap_err(),
                Err(error) => error,
            };
            assert!(matches!(error, LoadError::RowTooLong { row: found, .. } if found == row), "{error:?}");
        }
    }
    for (start, row) in [("", 1), ("{\"id\":1,\"name\":\"a\"}\n\n", 3)] {
        let error = match Source::from_reader(endless(start, b'a'), Format::Jsonl, "orgs", &map) {
            Ok(source) => source.last().unwrap().unwrap_err(),
            Err(error) => error,
        };
        assert!(matches!(error, LoadError::RowTooLong { row: found, .. } if found == row), "{error:?}");
    }
}

#[test]
fn rows_up_to_the_limit_are_read() {
    let long = "x".repeat(MAX_ROW_BYTES - 100);
    let rows = load(format!("id,name\n1,{long}\n2,{long}\n3,b\n"), Format::Csv).unwrap();
    assert_eq!(rows.iter().map(|row| row.name.len()).collect::<Vec<_>>(), [long.len(), long.len(), 1]);
    let rows = load(format!("{{\"id\":1,\"name\":\"{long}\"}}\n"), Format::Jsonl).unwrap();
    assert_eq!(rows[0].name.len(), long.len());
}

#[test]
fn deep_json_is_one_unreadable_row() {
    let deep = "[".repeat(100_000);
    let text = format!("{{\"id\":1,\"name\":\"a\"}}\n{{\"id\":{deep}\n{{\"id\":2,\"name\":\"b\"}}\n");
    let rows = load(text, Format::Jsonl).unwrap();
    assert_eq!(rows[1].findings[0].code, FindingCode::UnreadableRow);
    assert_eq!(rows[2].id, "2");
}

#[test]
fn a_workbook_that_unpacks_without_measure_is_refused() {
    let mut book = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    book.start_file("xl/sharedStrings.xml", options).unwrap();
    for _ in 0..40 {
        book.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bytes = book.finish().unwrap().into_inner();
    let error = load(bytes, Format::Xlsx).unwrap_err();
    assert!(matches!(error, LoadError::WorkbookTooLarge { .. }), "{error:?}");
}

#[test]
fn a_workbook_that_claims_too_many_texts_is_refused() {
    let xlsx = std::fs::read(sample("orgs.xlsx")).unwrap();
    let mut parts = zip::ZipArchive::new(Cursor::new(xlsx)).unwrap();
    let mut book = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..parts.len() {
        let mut part = parts.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        let claim = text.find("uniqueCount=\"").map(|start| start + "uniqueCount=\"".len());
        if let Some(start) = claim {
            text.insert_str(start, "99999999999");
        }
        book.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        book.write_all(text.as_bytes()).unwrap();
    }
    let error = load(book.finish().unwrap().into_inner(), Format::Xlsx).unwrap_err();
    assert!(error.to_string().contains("claims more texts than it can hold"), "{error}");
}

/// Reads everything that comes; the outcome does not matter, only that there is one.
fn read_whatever(bytes: &[u8]) {
    for format in [Format::Csv, Format::Tsv, Format::Jsonl, Format::Xlsx] {
        let _ = load(bytes, format);
    }
}

fn with_prefix(prefix: &'static [u8], max: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..max).prop_map(move |rest| [prefix, &rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_bytes_never_panic(bytes in prop_oneof![
        with_prefix(b"", 2000),
        with_prefix(b"id,name\n", 500),
        with_prefix(b"\xff\xfei\0d\0,\0n\0a\0m\0e\0\n\0", 500),
        with_prefix(b"{\"id\":1,\"name\":\"a\"}\n", 500),
        with_prefix(b"\x1f\x8b\x08\0\0\0\0\0\0\0", 300),
        with_prefix(b"PK\x03\x04", 300),
        with_prefix(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 600),
    ]) {
        read_whatever(&bytes);
    }

    #[test]
    fn almost_good_text_never_panics(text in "(id|name|组织ID|[,;\t\"\r\n{}\\[\\]:1a团| ]){0,60}") {
        read_whatever(format!("id,name\n{text}").as_bytes());
        read_whatever(format!("{{\"id\":1,\"name\":\"a\"}}\n{text}").as_bytes());
    }

    #[test]
    fn a_damaged_sample_never_panics(
        name in prop::sample::select(vec!["orgs.csv.gz", "orgs.xlsx", "orgs-gb18030.csv", "orgs-utf16.txt", "orgs.jsonl"]),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = std::fs::read(sample(name)).unwrap();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        read_whatever(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        read_whatever(&bytes);
    }

    /// What the csv crate writes, we read back cell for cell, with the row numbers of a spreadsheet.
    #[test]
    fn written_rows_are_read_back(
        rows in prop::collection::vec(("[^\0]{1,12}", "[^\0]{0,12}", "[a\"\n,团]{0,8}"), 0..20),
        crlf in any::<bool>(),
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["name", "备注", "id"]).unwrap();
        for (name, remark, id) in &rows {
            writer.write_record([name, remark, id]).unwrap();
        }
        let read = load(writer.into_inner().unwrap(), Format::Csv).unwrap();
        let wanted: Vec<_> = rows
            .iter()
            .enumerate()
            .filter(|(_, (name, remark, id))| ![name, remark, id].iter().all(|cell| cell.trim().is_empty()))
            .map(|(index, (name, _, id))| (index as u64 + 2, name.clone(), id.clone()))
            .collect();
        let found: Vec<_> = read.into_iter().map(|row| (row.row, row.name, row.id)).collect();
        prop_assert_eq!(found, wanted);
    }
}
