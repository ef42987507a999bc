//! `orgsearch resolve`, run for real on somebody's tables.
//!
//! 1. The same rows in any format, encoding and order of columns get the same answers.
//! 2. Every column and cell of the table comes back to the letter, in every format of the result.
//! 3. What cannot be read, or written, is refused with the place and the cause; what was there before stays.
//! 4. Odd sheets are told of, and cost no more than they hold.

use crate::cli::{Data, files_below, signal};
use crate::support::cli::{Ran, orgsearch};
use index_data::load::{Cell, Table};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

const TREE: &str = "\
id,name,parent_id,kind,system,region,备注
1,中国共产主义青年团北京市委员会,,leading_body,beijing,北京,
2,中国共产主义青年团北京大学委员会,1,committee,,,
3,中国共产主义青年团北京大学软件与微电子学院委员会,2,committee,,,
4,2024级软件工程1班团支部,3,branch,,,大兴
5,2024级软件工程2班团支部,3,branch,,,
6,中国共产主义青年团清华大学委员会,1,committee,,,
7,中国共产主义青年团清华大学软件学院委员会,6,committee,zhtj,,
8,2024级软件工程1班团支部,7,branch,,,
";

const ROWS: [[&str; 5]; 5] = [
    ["序号", "学校", "学院", "班级", "说明"],
    ["01", "北京大学", "软件与微电子学院", "2024级软件工程1班团支部", "a,\"b\"; c"],
    ["02", "清华大学", "软件学院", "2024级软件工程1班团支部", "=1+1"],
    ["03", "", "", "2024级软件工程1班团支部", ""],
    ["04", "北京大学", "软件与微电子学院", "2024级软件工程9班团支部", " x "],
];

/// What is decided of [`ROWS`], with the id.
const DECIDED: [(&str, &str); 4] = [("matched", "4"), ("matched", "8"), ("ambiguous", ""), ("none", "")];

fn data() -> Data {
    let data = Data::empty();
    data.reindex(TREE);
    data
}

fn csv(rows: &[[&str; 5]], delimiter: &str) -> String {
    let quoted = |cell: &&str| match cell.contains(['"', ',', '\t']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => (*cell).to_owned(),
    };
    let line = |row: &[&str; 5]| row.iter().map(quoted).collect::<Vec<_>>().join(delimiter) + "\n";
    rows.iter().map(line).collect()
}

fn jsonl(rows: &[[&str; 5]]) -> String {
    let line = |row: &[&str; 5]| {
        let pairs: Vec<_> =
            rows[0].iter().zip(row).map(|(key, cell)| format!("{}:{}", json!(key), json!(cell))).collect();
        format!("{{{}}}\n", pairs.join(", "))
    };
    rows[1..].iter().map(line).collect()
}

fn xlsx(rows: &[[&str; 5]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A result, read back.
struct Found {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Found {
    fn read(path: &str) -> Found {
        let mut table = Table::open(Path::new(path)).unwrap();
        let rows: Vec<_> = table.by_ref().map(|row| row.unwrap()).collect();
        let header = table.header().to_vec();
        let texts = |row: &index_data::load::TableRow| {
            (0..header.len()).map(|column| row.text(column).into_owned()).collect()
        };
        let rows = rows.iter().map(texts).collect();
        Found { header, rows }
    }

    /// A column by its name.
    fn column(&self, name: &str) -> Vec<&str> {
        let at = self.header.iter().position(|header| header == name).unwrap_or_else(|| panic!("no {name}"));
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }

    fn decided(&self) -> Vec<(&str, &str)> {
        self.column("orgsearch_decision").into_iter().zip(self.column("orgsearch_id")).collect()
    }
}

/// Resolves a table into a new file, and reads it.
fn resolved(data: &Data, rows: &str, result: &str, more: &[&str]) -> (Found, Ran) {
    let to = data.beside(result);
    let arguments: Vec<_> = ["resolve", "--from", rows, "--to", &to].iter().chain(more).copied().collect();
    let ran = data.run(&arguments).expect(0);
    (Found::read(&to), ran)
}

#[test]
fn every_format_gets_the_same_answers() {
    let data = data();
    let (comma, tab, objects) = (csv(&ROWS, ","), csv(&ROWS, "\t"), jsonl(&ROWS));
    let utf16: Vec<u8> = format!("\u{feff}{comma}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes) in [
        ("rows.csv", comma.clone().into_bytes()),
        ("rows.csv.gz", gzip(comma.as_bytes())),
        ("rows16.csv", utf16),
        ("rows.tsv", tab.clone().into_bytes()),
        ("rows.tsv.gz", gzip(tab.as_bytes())),
        ("rows.jsonl", objects.clone().into_bytes()),
        ("rows.jsonl.gz", gzip(objects.as_bytes())),
        ("rows.xlsx", xlsx(&ROWS)),
    ] {
        let rows = data.file(name, bytes);
        for result in ["r.csv", "r.tsv", "r.jsonl", "r.xlsx", "r.csv.gz", "r.jsonl.gz"] {
            let (found, ran) = resolved(&data, &rows, result, &[]);
            assert_eq!(found.header[..5], ROWS[0], "{name} {result}");
            assert_eq!(found.decided(), DECIDED, "{name} {result}: {ran:#?}");
            let kept: Vec<_> = found.rows.iter().map(|row| &row[..5]).collect();
            assert_eq!(kept, ROWS[1..], "{name} {result}");
        }
    }
}

#[test]
fn a_result_says_what_was_found_and_why() {
    let data = data();
    let rows = data.file("rows.csv", csv(&ROWS, ","));
    let (found, ran) = resolved(&data, &rows, "result.csv", &[]);
    assert_eq!(
        found.header[5..],
        [
            "orgsearch_decision",
            "orgsearch_id",
            "orgsearch_name",
            "orgsearch_path",
            "orgsearch_system",
            "orgsearch_probability",
            "orgsearch_reasons",
            "orgsearch_candidate1_id",
            "orgsearch_candidate1_name",
            "orgsearch_candidate1_probability",
            "orgsearch_candidate2_id",
            "orgsearch_candidate2_name",
            "orgsearch_candidate2_probability",
            "orgsearch_candidate3_id",
            "orgsearch_candidate3_name",
            "orgsearch_candidate3_probability",
        ]
    );
    assert_eq!(found.column("orgsearch_name")[0], "2024级软件工程1班团支部");
    assert_eq!(
        found.column("orgsearch_path")[0],
        "中国共产主义青年团北京市委员会 / 中国共产主义青年团北京大学委员会 / 中国共产主义青年团北京大学软件与微电子学院委员会"
    );
    assert_eq!(found.column("orgsearch_system"), ["北京共青团线上系统", "智慧团建", "", ""]);
    assert_eq!(found.column("orgsearch_candidate1_id")[..2], ["4", "8"]);
    let mut twins = [found.column("orgsearch_candidate1_id")[2], found.column("orgsearch_candidate2_id")[2]];
    twins.sort_unstable();
    assert_eq!(twins, ["4", "8"]);
    for probability in found.column("orgsearch_probability") {
        assert!((0.0..=1.0).contains(&probability.parse::<f64>().unwrap()) && probability.len() == 6);
    }
    assert!(found.column("orgsearch_reasons").iter().all(|reasons| !reasons.is_empty()));
    ran.shows(&[
        "rows.csv: 4 rows, UTF-8",
        "序号 (kept), 学校 → school, 学院 → college, 班级 → class, 说明 (kept)",
        "2 matched, 1 ambiguous, 1 none; 4 rows in ",
        "generation g000001, ",
        " rows/s",
    ]);

    let (english, _) = resolved(&data, &rows, "result.csv", &["--lang", "en"]);
    assert_eq!(english.column("orgsearch_system")[1], "zhtj");
    assert_ne!(english.column("orgsearch_reasons"), found.column("orgsearch_reasons"));
    assert_eq!(english.decided(), found.decided());
}

#[test]
fn the_summary_can_be_read_by_a_program() {
    let data = data();
    let rows = data.file("rows.csv", csv(&ROWS, ","));
    let (_, ran) = resolved(&data, &rows, "result.csv", &["--json", "--threads", "3"]);
    let summary = ran.json();
    let counts =
        ["rows", "matched", "ambiguous", "none", "written"].map(|key| summary[key].as_u64().unwrap());
    assert_eq!(counts, [4, 2, 1, 1, 4]);
    assert_eq!(summary["columns"][1], json!({"column": "学校", "field": "school"}));
    assert_eq!(summary["columns"][4], json!({"column": "说明", "field": null}));
    assert_eq!((&summary["encoding"], &summary["notes"]), (&json!("UTF-8"), &json!([])));
    assert!(summary["took_ms"].is_u64() && summary["rows_per_second"].is_u64());
}

#[test]
fn objects_and_numbers_come_back_to_the_letter() {
    let data = data();
    let line =
        r#"{"n" : 1.50, "big":123456789012345678901234567890,"班级":"共青团北京大学委员会","o":{"a":[]}}"#;
    let rows = data.file("rows.jsonl", format!("  {line}\n{{}}\n"));
    let to = data.beside("result.jsonl");
    data.run(&["resolve", "--from", &rows, "--to", &to]).expect(0);
    let result = fs::read_to_string(&to).unwrap();
    let lines: Vec<_> = result.lines().collect();
    assert!(lines[0].starts_with(&line[..line.len() - 1]), "{result}");
    let values: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values[0]["orgsearch_id"], "2");
    assert!(values[0]["orgsearch_probability"].is_f64());
    assert_ne!(values[1]["orgsearch_decision"], "matched");
    assert_eq!(values[1]["orgsearch_id"], Value::Null);

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in ["名称", "团员数", "编码"].iter().enumerate() {
        sheet.write_string(0, column as u16, *header).unwrap();
    }
    sheet.write_number(1, 1, 12.5).unwrap().write_number(1, 2, 5).unwrap();
    let rows = data.file("rows.xlsx", book.save_to_buffer().unwrap());
    let (found, _) = resolved(&data, &rows, "result.csv", &[]);
    assert_eq!((found.rows[0][1].as_str(), found.decided()[0]), ("12.5", ("matched", "5")));
    resolved(&data, &rows, "result.xlsx", &[]);
    let row = Table::open(Path::new(&data.beside("result.xlsx"))).unwrap().next().unwrap().unwrap();
    assert_eq!(row.cell(1), Some(&Cell::Number(12.5)));
}

#[test]
fn headers_come_back_to_the_letter() {
    let data = data();
    let rows = data.file("rows.csv", "\u{feff} 名称 ,备注,,备注\n共青团清华大学委员会,1,2,3\n");
    let (found, _) = resolved(&data, &rows, "result.csv", &[]);
    assert_eq!(
        (&found.header[..4], &found.rows[0][..4]),
        (
            &[" 名称 ", "备注", "", "备注"].map(String::from)[..],
            &["共青团清华大学委员会", "1", "2", "3"].map(String::from)[..]
        )
    );
    let result = fs::read(data.beside("result.csv")).unwrap();
    assert!(result.starts_with("\u{feff} 名称 ,备注,,备注,orgsearch_decision,".as_bytes()));
    resolved(&data, &rows, "result.jsonl", &[]);
    let object: Value = serde_json::from_slice(&fs::read(data.beside("result.jsonl")).unwrap()).unwrap();
    assert_eq!(
        (&object["备注"], &object["column 3"], &object["备注 (column 4)"]),
        (&json!("1"), &json!("2"), &json!("3"))
    );
}

#[test]
fn columns_are_mapped_by_hand() {
    let data = data();
    let rows = data.file(
        "rows.csv",
        "姓名,教学班,归属,省,市\n甲,2024级软件工程1班团支部,清华大学软件学院,北京,北京市\n",
    );
    data.run(&["resolve", "--from", &rows, "--to", &data.beside("r.csv")]).expect(1).complains(&[
        "no column is recognised as what names an organization",
        "the header is \"姓名\", \"教学班\", \"归属\", \"省\", \"市\"",
        "use --map name=",
    ]);
    let map = ["--map", "class=教学班", "--map", "parent=归属", "--json"];
    let (found, ran) = resolved(&data, &rows, "r.csv", &map);
    assert_eq!(found.decided(), [("matched", "8")]);
    let fields: Vec<_> =
        ran.json()["columns"].as_array().unwrap().iter().map(|column| column["field"].clone()).collect();
    assert_eq!(json!(fields), json!([null, "class", "parent", "region", "region"]));
    for (map, complaint) in [
        ("klass=教学班", "did you mean class=教学班?"),
        ("class=班", "--map class=班: there is no such column"),
        (
            "members=教学班",
            "the fields are name, school, college, major, year, class, parent, region, code, former_name, kind",
        ),
    ] {
        data.run(&["resolve", "--from", &rows, "--to", &data.beside("x.csv"), "--map", map])
            .expect(2)
            .complains(&[complaint]);
    }
}

#[test]
fn only_what_must_be_reviewed_is_written() {
    let data = data();
    let rows = data.file("rows.csv", csv(&ROWS, ","));
    let (found, ran) = resolved(&data, &rows, "review.csv", &["--review-only"]);
    assert_eq!((found.rows.len(), found.rows[0][0].as_str()), (1, "03"));
    ran.shows(&["2 matched, 1 ambiguous, 1 none; 1 row in "]);
}

#[test]
fn repeated_rows_get_the_same_answer_in_their_places() {
    let data = data();
    let mut rows = csv(&ROWS[..1], ",");
    for _ in 0..300 {
        rows += &csv(&ROWS[1..], ",");
    }
    let rows = data.file("rows.csv", rows);
    let (found, _) = resolved(&data, &rows, "result.csv", &["--threads", "2"]);
    assert_eq!(found.rows.len(), 1_200);
    for (at, (row, decided)) in found.rows.iter().zip(found.decided()).enumerate() {
        assert_eq!((row[0].as_str(), decided), (ROWS[1 + at % 4][0], DECIDED[at % 4]), "row {at}");
    }
}

#[test]
fn other_columns_are_evidence_where_organizations_have_them() {
    let data = data();
    let rows = data.file("rows.csv", "名称,备注,电话\n2024级软件工程1班团支部,大兴,1\n");
    let (_, ran) = resolved(&data, &rows, "result.csv", &["--json"]);
    let fields: Vec<_> =
        ran.json()["columns"].as_array().unwrap().iter().map(|column| column["field"].clone()).collect();
    assert_eq!(json!(fields), json!(["name", "evidence", null]));
}

#[test]
fn rows_go_to_standard_output() {
    let data = data();
    let rows = data.file("rows.csv", csv(&ROWS, ","));
    let ran = data.run(&["resolve", "--from", &rows, "--to", "-"]).expect(0);
    ran.complains(&["2 matched, 1 ambiguous, 1 none"])
        .shows(&["序号,学校,学院,班级,说明,orgsearch_decision,", "\n01,北京大学,"]);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let data = data();
    let rows = data.file("rows.csv", csv(&ROWS, ","));
    let result = data.file("result.csv", "old");
    let open = data.file("open.csv", "名称\n北京大学\n\"清华大学\n北京大学\n");
    let broken = data.file("broken.jsonl", "{\"名称\":\"北京大学\"}\n\n{\"名称\":\n");
    let again = data.file("again.csv", "名称,orgsearch_id\n北京大学,2\n");
    let no_keys = data.file("none.jsonl", "{\"姓名\":\"甲\"}\n");
    let empty = data.file("empty.jsonl", "\n");
    let old_book = data.file("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old");
    let long = data.file("long.csv", format!("名称,备注\n北京大学,{}\n", "x".repeat(40_000)));
    let sheet = data.beside("sheet.xlsx");
    let folder = data.path();
    let missing = data.beside("missing/result.csv");
    let cases: &[(&[&str], i32, &str)] = &[
        (&["--from", &rows, "--to", &rows], 2, "--from and --to name the same file"),
        (&["--from", &rows, "--to", "result.ods"], 2, "the name tells no known format; use .csv"),
        (&["--from", &rows, "--to", "result.xlsx.gz"], 2, "the name tells no known format"),
        (&["--from", &rows, "--to", "-", "--json"], 2, "--to - and --json both write to standard output"),
        (&["--from", "/dev/null", "--to", &result], 2, "the table is read twice"),
        (&["--from", "rows.ods", "--to", &result], 4, "cannot read rows.ods"),
        (&["--from", &folder, "--to", &result], 4, "name a file, not a directory"),
        (&["--from", &rows, "--to", &missing], 4, "cannot write"),
        (&["--from", &open, "--to", &result], 1, "row 3: a quotation mark is never closed; 3 lines"),
        (&["--from", &broken, "--to", &result], 1, "row 3 is not a JSON object"),
        (&["--from", &no_keys, "--to", &result], 1, "the header is \"姓名\""),
        (&["--from", &empty, "--to", &result], 1, "empty.jsonl is empty"),
        (&["--from", &old_book, "--to", &result], 1, "save it as .xlsx"),
        (&["--from", &again, "--to", &result], 1, "it has the column \"orgsearch_id\" already"),
        (&["--from", &long, "--to", &sheet], 1, "row 2: a cell of a sheet holds 32767 characters"),
        (&["--from", &rows, "--to", &result, "--precision", "1.5"], 2, "a number from 0.5 to 0.9999"),
        (&["--from", &rows, "--to", &result, "--expected-none", "x"], 2, "a number from 0 to 1"),
        (&["--from", &rows, "--to", &result, "--threads", "0"], 2, "--threads"),
        (&["--from", &rows], 2, "--to"),
    ];
    let before = files_below(data.folder());
    for (arguments, code, complaint) in cases {
        let arguments: Vec<_> = ["resolve"].iter().chain(*arguments).copied().collect();
        data.run(&arguments).expect(*code).complains(&[complaint]);
    }
    assert_eq!(files_below(data.folder()), before);
    assert_eq!(fs::read_to_string(&result).unwrap(), "old");
    data.run(&["resolve", "--from", &rows, "--to", &result]).expect(0);
    assert_eq!(Found::read(&result).decided(), DECIDED);
    Data::empty()
        .run(&["resolve", "--from", &rows, "--to", "-"])
        .expect(3)
        .complains(&["help: orgsearch reindex"]);
}

#[test]
fn odd_sheets_are_told_of() {
    let data = data();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = rust_xlsxwriter::Format::new();
    sheet.write_string(0, 0, "学校").unwrap().write_string(0, 1, "班级").unwrap();
    sheet.merge_range(1, 0, 2, 0, "北京大学", &plain).unwrap();
    for row in 1..3 {
        sheet.write_string(row, 1, "2024级软件工程1班团支部").unwrap();
    }
    for column in 2..1_000 {
        sheet.write_string(0, column, format!("列{column}")).unwrap();
    }
    let rows = data.file("rows.xlsx", book.save_to_buffer().unwrap());
    let (found, ran) = resolved(&data, &rows, "result.xlsx", &[]);
    assert_eq!((found.header.len(), found.column("学校")), (1_016, vec!["北京大学", ""]));
    ran.shows(&["note: merged ranges, of which only the first cell says anything: 1", "970 more"]);

    let rows = data.file("rows.csv", "班级\n2024级软件工程2班团支部\n2024级软件工程2班团支部,多余\n");
    let (found, ran) = resolved(&data, &rows, "result.csv", &[]);
    assert_eq!(found.decided(), [("matched", "5"), ("matched", "5")]);
    assert_eq!((found.header[1].as_str(), found.rows[1][1].as_str()), ("", "多余"));
    ran.shows(&["note: 1 row has more cells than the header (row 3)"]);
}

#[test]
fn rows_of_enormous_length_are_refused_before_memory_runs_out() {
    let data = data();
    let long = format!("北京大学,{}\n", "x".repeat(900_000));
    let rows = data.file("rows.csv", format!("名称,备注\n{}", long.repeat(100)));
    let result = data.beside("result.csv");
    data.run(&["resolve", "--from", &rows, "--to", &result, "--threads", "1"])
        .expect(1)
        .complains(&["it and the rows before it hold more than 64 MiB"]);
    assert!(!Path::new(&result).exists());
}

#[cfg(unix)]
#[test]
fn an_interrupted_result_does_not_stay() {
    let data = data();
    let mut rows = String::from("名称\n");
    for row in 0..200_000 {
        rows += &format!("北京大学软件与微电子学院{row}级软件{}班\n", row % 97);
    }
    let rows = data.file("rows.csv", rows);
    let result = data.file("result.csv", "old");
    let before = files_below(data.folder());
    let mut child = orgsearch()
        .args(["resolve", "--from", &rows, "--to", &result, "--data", &data.path()])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let unfinished = || files_below(data.folder()).into_iter().find(|path| !before.contains(path));
    while unfinished().is_none_or(|path| fs::metadata(path).map_or(0, |it| it.len()) == 0) {
        assert_eq!(child.try_wait().unwrap(), None);
        std::thread::yield_now();
    }
    signal("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!((unfinished(), fs::read_to_string(&result).unwrap().as_str()), (None, "old"));
}
