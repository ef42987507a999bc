//! What hostile files cost, counted in bytes and never in seconds.
//!
//! 1. A small file makes the loaders take little memory, whatever it says of itself.
//! 2. Twice as much of anything in a file takes about twice the memory and twice the allocations.
//! 3. Thousands of changed bytes in real files of every format end in rows or in an error, never in a panic.

#![cfg(all(feature = "csv", feature = "jsonl", feature = "xlsx"))]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use index_data::load::{ColumnMap, Format, LoadError, Source, Table};
use index_data::validate::{FindingCode, Validated, validate};
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counts the bytes that are held, the most that ever were, and all bytes and allocations ever asked for.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static ASKED: AtomicUsize = AtomicUsize::new(0);
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator; it only counts and passes on")]
// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(held, Relaxed);
        ASKED.fetch_add(layout.size(), Relaxed);
        ALLOCATIONS.fetch_add(1, Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One test counts at a time: the counters are the whole process's.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

const MIB: usize = 1 << 20;

/// What some work took.
struct Cost {
    /// The most bytes held at once.
    peak: usize,
    /// All bytes asked for.
    bytes: usize,
    allocations: usize,
}

fn counted<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (held, asked, allocations) = (HELD.load(Relaxed), ASKED.load(Relaxed), ALLOCATIONS.load(Relaxed));
    PEAK.store(held, Relaxed);
    let done = work();
    let cost = Cost {
        peak: PEAK.load(Relaxed).saturating_sub(held),
        bytes: ASKED.load(Relaxed) - asked,
        allocations: ALLOCATIONS.load(Relaxed) - allocations,
    };
    (done, cost)
}

fn load(bytes: Vec<u8>, format: Format) -> Result<Validated, LoadError> {
    validate(Source::from_reader(Cursor::new(bytes), format, "orgs", &ColumnMap::default())?)
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/formats").join(name)).unwrap()
}

/// The sample workbook with its sheet's cells and its table of texts replaced.
fn workbook(sheet: &str, texts: Option<&str>) -> Vec<u8> {
    let mut parts = zip::ZipArchive::new(Cursor::new(sample("orgs.xlsx"))).unwrap();
    let mut book = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..parts.len() {
        let mut part = parts.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        if name.contains("worksheets/sheet") {
            text = format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>");
        } else if let (true, Some(texts)) = (name.ends_with("sharedStrings.xml"), texts) {
            text = texts.to_owned();
        }
        book.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        book.write_all(text.as_bytes()).unwrap();
    }
    book.finish().unwrap().into_inner()
}

fn cell(place: &str, text: &str) -> String {
    format!("<c{place} t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

// 1. Memory

#[test]
fn a_table_of_any_length_takes_the_same_memory() {
    let _alone = alone();
    let csv = |rows| format!("班级,备注\n{}", "2024级软件工程1班团支部,\"a,b\"\n".repeat(rows));
    let jsonl = |rows| "{\"班级\":\"2024级软件工程1班团支部\",\"备注\":[1]}\n".repeat(rows);
    let xlsx = |rows| {
        let row =
            |row| format!("<row r=\"{row}\">{}</row>", cell("", &format!("2024级软件工程{row}班团支部")));
        workbook(&(1..=rows).map(row).collect::<String>(), None)
    };
    for (format, short, long) in [
        (Format::Csv, csv(40_000).into_bytes(), csv(400_000).into_bytes()),
        (Format::Jsonl, jsonl(40_000).into_bytes(), jsonl(400_000).into_bytes()),
        (Format::Xlsx, xlsx(10_000), xlsx(100_000)),
    ] {
        let read = |bytes| {
            let table = Table::from_reader(Cursor::new(bytes), format, "rows").unwrap();
            table.inspect(|row| assert!(row.is_ok(), "{row:?}")).count()
        };
        let packed = long.len();
        let (few, short) = counted(|| read(short));
        let (many, long) = counted(|| read(long));
        assert!(many >= 9 * few, "{format}");
        // A workbook from a reader is held as it is packed.
        let most = short.peak + MIB + if format == Format::Xlsx { packed * 2 } else { 0 };
        assert!(long.peak < most, "{format}: {} MiB against {} MiB", long.peak / MIB, short.peak / MIB);
    }
}

#[test]
fn a_hostile_workbook_takes_little_memory() {
    let _alone = alone();
    let header = cell("", "id") + &cell("", "name");
    for (case, sheet, wanted) in [
        (
            "column ZZZZZZ",
            format!("<row>{}</row>", cell(" r=\"ZZZZZZ1\"", "id")),
            "the cell \"ZZZZZZ1\" lies outside",
        ),
        ("column FXSHRXW", format!("<row>{}</row>", cell(" r=\"FXSHRXW1\"", "id")), "the cell \"FXSHRXW1\""),
        ("column XFE", format!("<row>{}</row>", cell(" r=\"XFE1\"", "id")), "the cell \"XFE1\""),
        ("a row past the end", "<row r=\"4294967298\"></row>".to_owned(), "the cell \"4294967298\""),
        ("cells without places", format!("<row>{}</row>", header.repeat(9_000)), "column 16385 of row 1"),
        (
            "rows out of order",
            format!("<row r=\"5\">{header}</row><row r=\"3\">{header}</row>"),
            "out of order",
        ),
        ("blank rows", "<row></row>".repeat(300_000), "orgs is empty"),
        ("blank cells", format!("<row>{}</row>", "<c/>".repeat(300_000)), "orgs is empty"),
        ("deep elements", "<a>".repeat(300_000), "orgs is empty"),
    ] {
        let bytes = workbook(&sheet, None);
        let (outcome, Cost { peak, .. }) = counted(|| load(bytes, Format::Xlsx));
        let message = outcome.unwrap_err().to_string();
        assert!(message.contains(wanted), "{case}: {message}");
        assert!(peak < 32 * MIB, "{case}: {} MiB", peak / MIB);
    }
}

#[test]
fn a_hostile_table_of_texts_takes_little_memory() {
    let _alone = alone();
    for (case, texts) in [
        ("a long text", format!("<sst><si>{}</si></sst>", "<t>x</t><r/>".repeat(2 * MIB))),
        ("a claim", "<sst uniqueCount=\"99999999999\"><si/></sst>".to_owned()),
        ("entities", "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><sst><si><t>&b;</t></si></sst>".to_owned()),
    ] {
        let bytes = workbook(&format!("<row>{}</row>", cell("", "id")), Some(&texts));
        let (outcome, Cost { peak, .. }) = counted(|| load(bytes, Format::Xlsx));
        assert!(outcome.is_err(), "{case}");
        assert!(peak < 32 * MIB, "{case}: {} MiB", peak / MIB);
    }
}

#[test]
fn columns_are_bounded_in_text_too() {
    let _alone = alone();
    let bytes = format!("id,name{}\n1,a\n", ",".repeat(500_000)).into_bytes();
    let (outcome, Cost { peak, .. }) = counted(|| load(bytes, Format::Csv));
    assert!(matches!(outcome, Err(LoadError::TooManyColumns { row: 1, .. })));
    assert!(peak < 64 * MIB, "{} MiB", peak / MIB);
}

// 2. Twice as much

/// Loads a file of `count` and one of twice as many. Neither bytes nor allocations may grow to more than 2.2 times.
/// Gives the larger file's outcome.
fn check_doubling(case: &str, count: usize, format: Format, file: impl Fn(usize) -> Vec<u8>) -> Validated {
    let costs = |count: usize| {
        let bytes = file(count);
        let (outcome, cost) = counted(|| load(bytes, format));
        (outcome.unwrap_or_else(|error| panic!("{case}: {error}")), cost)
    };
    let ((_, once), (checked, twice)) = (costs(count), costs(2 * count));
    for (what, once, twice) in
        [("bytes", once.bytes, twice.bytes), ("allocations", once.allocations, twice.allocations)]
    {
        assert!(twice * 10 < once * 22, "{case}: {once} {what}, then {twice}");
    }
    checked
}

/// The same for a file without errors.
fn check_valid_doubling(case: &str, count: usize, format: Format, file: impl Fn(usize) -> Vec<u8>) {
    let checked = check_doubling(case, count, format, file);
    assert!(checked.tree.is_some(), "{case}: {:?}", checked.report.counts);
}

/// Some text for each of the numbers below `count`, one after another.
fn repeated(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

#[test]
fn twice_the_rows_cost_twice_as_much() {
    let _alone = alone();
    check_valid_doubling("CSV", 20_000, Format::Csv, |count| {
        format!("id,name\n{}", repeated(count, |n| format!("{n},第{n}团支部\n"))).into_bytes()
    });
    check_valid_doubling("JSONL", 20_000, Format::Jsonl, |count| {
        repeated(count, |n| format!("{{\"id\":\"{n}\",\"name\":\"第{n}团支部\"}}\n")).into_bytes()
    });
    check_valid_doubling("XLSX", 5_000, Format::Xlsx, |count| {
        let row = |id: &str, name: &str| format!("<row>{}{}</row>", cell("", id), cell("", name));
        let rows = repeated(count, |n| row(&format!("i{n}"), &format!("第{n}团支部")));
        workbook(&(row("id", "name") + &rows), None)
    });
    check_valid_doubling("XLSX with a table of texts", 5_000, Format::Xlsx, |count| {
        let row = |n: usize| format!("<row><c t=\"s\"><v>{n}</v></c><c t=\"s\"><v>{n}</v></c></row>");
        let header = format!("<row>{}{}</row>", cell("", "id"), cell("", "name"));
        let texts = format!("<sst>{}</sst>", repeated(count, |n| format!("<si><t>t{n}</t></si>")));
        workbook(&(header + &repeated(count, row)), Some(&texts))
    });
}

#[test]
fn twice_the_columns_cost_twice_as_much() {
    let _alone = alone();
    check_valid_doubling("CSV", 4_000, Format::Csv, |count| {
        let header = repeated(count, |n| format!(",column of {n}"));
        format!("id,name{header}\n1,a{}\n", ",x".repeat(count)).into_bytes()
    });
    check_valid_doubling("CSV, all of one name", 4_000, Format::Csv, |count| {
        format!("id,name{}\n1,a{}\n", ",备注".repeat(count), ",x".repeat(count)).into_bytes()
    });
    check_valid_doubling("JSONL", 20_000, Format::Jsonl, |count| {
        let attributes = repeated(count, |n| format!(",\"k{n}\":\"v\""));
        format!("{{\"id\":\"1\",\"name\":\"a\"{attributes}}}\n").into_bytes()
    });
    check_valid_doubling("XLSX", 4_000, Format::Xlsx, |count| {
        let header = cell("", "id") + &cell("", "name") + &repeated(count, |n| cell("", &format!("k{n}")));
        let row = cell("", "1") + &cell("", "a") + &cell("", "v").repeat(count);
        workbook(&format!("<row>{header}</row><row>{row}</row>"), None)
    });
}

#[test]
fn twice_the_names_and_values_cost_twice_as_much() {
    let _alone = alone();
    check_valid_doubling("aliases of a CSV row", 40_000, Format::Csv, |count| {
        format!("id,name,aliases\n1,a,{}\n", repeated(count, |n| format!("a{n}|"))).into_bytes()
    });
    check_valid_doubling("former names of a JSONL row", 40_000, Format::Jsonl, |count| {
        let names = repeated(count, |n| format!("\"b{n}\","));
        format!("{{\"id\":\"1\",\"name\":\"a\",\"former_names\":[{names}\"c\"]}}\n").into_bytes()
    });
    check_valid_doubling("regions", 20_000, Format::Csv, |count| {
        format!("id,name,region\n{}", repeated(count, |n| format!("{n},a{n},r{n}\n"))).into_bytes()
    });
    check_valid_doubling("a long value", 400_000, Format::Csv, |count| {
        format!("id,name,note\n1,a,{}\n", "x".repeat(count)).into_bytes()
    });
    check_valid_doubling("long names", 2_000, Format::Csv, |count| {
        format!("id,name\n{}", repeated(count, |n| format!("{n},{}{n:05}\n", "团".repeat(500)))).into_bytes()
    });
    let checked = check_doubling("a name that is too long", 400_000, Format::Csv, |count| {
        format!("id,name\n1,{}\n", "x".repeat(count)).into_bytes()
    });
    assert_eq!(checked.report.counts[FindingCode::NameTooLong.code()], 1);
}

#[test]
fn twice_the_tree_costs_twice_as_much() {
    const DEPTH: usize = 30;
    let _alone = alone();
    let tree = |count: usize, parent: &dyn Fn(usize) -> String| {
        let rows = repeated(count, |n| format!("{n},第{n}团支部,{}\n", parent(n)));
        format!("id,name,parent_id\n{rows}").into_bytes()
    };
    let above = |n: usize| n.checked_sub(1).map(|above| above.to_string()).unwrap_or_default();
    check_valid_doubling("chains", 15_000, Format::Csv, |count| {
        tree(count, &|n| if n.is_multiple_of(DEPTH) { String::new() } else { above(n) })
    });
    check_valid_doubling("children of one", 15_000, Format::Csv, |count| {
        tree(count, &|n| if n == 0 { String::new() } else { "0".to_owned() })
    });
    let check_findings = |code: FindingCode, parent: &dyn Fn(usize, usize) -> String| {
        let checked =
            check_doubling(code.code(), 15_000, Format::Csv, |count| tree(count, &|n| parent(n, count)));
        assert!(checked.report.counts.contains_key(code.code()), "{code}");
    };
    check_findings(FindingCode::TooDeep, &|n, _| above(n));
    check_findings(FindingCode::Cycle, &|n, count| ((n + 1) % count).to_string());
    check_findings(FindingCode::UnknownParent, &|n, _| format!("x{n}"));
}

#[test]
fn all_aliases_of_a_long_row_are_kept_once() {
    let _alone = alone();
    let aliases: String = (0..150_000).map(|n| format!("{}|", n % 140_000)).collect();
    let checked = load(format!("id,name,aliases\n1,a,{aliases}\n").into_bytes(), Format::Csv).unwrap();
    assert_eq!(checked.report.counts.get(FindingCode::NameTooLong.code()), None);
    assert_eq!(checked.tree.unwrap().details(0).aliases.len(), 140_000);
}

// 3. Changed bytes

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

fn change(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
        match numbers.below(5) {
            0 => bytes[at] ^= 1 << numbers.below(8),
            1 => bytes[at] = [0, 0xff, b'"', b'<', b'>', b'\n', 0x80][numbers.below(7)],
            2 => bytes.truncate(at.max(1)),
            3 => bytes.extend_from_within(at..),
            _ => {
                let end = (at + numbers.below(16) + 1).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
}

#[test]
fn changed_files_end_in_rows_or_in_an_error() {
    const CHANGES: usize = 600;
    let _alone = alone();
    let mut numbers = Numbers(7);
    // The inside of a workbook is changed before it is packed, else hardly a change gets past its checksums.
    let inside = {
        let mut parts = zip::ZipArchive::new(Cursor::new(sample("orgs.xlsx"))).unwrap();
        (0..parts.len())
            .map(|index| {
                let mut part = parts.by_index(index).unwrap();
                let mut bytes = Vec::new();
                part.read_to_end(&mut bytes).unwrap();
                (part.name().unwrap().into_owned(), bytes)
            })
            .collect::<Vec<_>>()
    };
    for _ in 0..CHANGES {
        for (name, format) in [
            ("orgs.csv", Format::Csv),
            ("orgs-gb18030.csv", Format::Csv),
            ("orgs-utf16.txt", Format::Csv),
            ("orgs.csv.gz", Format::Csv),
            ("orgs.tsv", Format::Tsv),
            ("orgs.jsonl", Format::Jsonl),
            ("orgs.xlsx", Format::Xlsx),
        ] {
            let mut bytes = sample(name);
            change(&mut bytes, &mut numbers);
            let (_, Cost { peak, .. }) = counted(|| load(bytes, format).is_ok());
            assert!(peak < 64 * MIB, "{name}: {} MiB", peak / MIB);
        }
        let changed = numbers.below(inside.len());
        let mut book = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (at, (name, bytes)) in inside.iter().enumerate() {
            let mut bytes = bytes.clone();
            if at == changed {
                change(&mut bytes, &mut numbers);
            }
            book.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
            book.write_all(&bytes).unwrap();
        }
        let bytes = book.finish().unwrap().into_inner();
        let (_, Cost { peak, .. }) = counted(|| load(bytes, Format::Xlsx).is_ok());
        assert!(peak < 64 * MIB, "a changed part: {} MiB", peak / MIB);
    }
}
