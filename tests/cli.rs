//! The command line, run for real.
//!
//! 1. Every `--help` has a description, an example and the exit codes.
//! 2. Wrong usage ends with 2 and says what is wrong.
//! 3. A file that cannot go live is refused with place and cause, and the live generation stays as it is.
//! 4. So it is when the system refuses: no directory, no space, no port.
//! 5. Every `--json` can be read by a program, and holds what the tables hold.
//! 6. A reader that leaves early is no error.
//! 7. What `generate` writes, `reindex` and `evaluate` read.

use crate::support::cli::{Ran, finish, orgsearch, orgsearch_after, run, run_after, run_into, write_file};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const TREE: &str = "\
组织ID,组织全称,上级组织ID,组织类别,所属系统,省份,状态,简称,备注
1,中国共产主义青年团北京市委员会,,领导机关,北京共青团线上系统,北京,正常,团市委,
2,中国共产主义青年团北京大学委员会,1,团委,,,正常,北大团委,海淀
3,中国共产主义青年团北京大学软件与微电子学院委员会,2,团委,,,正常,,
4,2024级软件工程1班团支部,3,团支部,,,正常,,
5,2024级软件工程2班团支部,3,团支部,,,正常,,
6,2020级软件工程1班团支部,3,团支部,,,毕业,,
7,共青团北京市海淀区委员会,1,领导机关,,,正常,,
";

/// A data directory with [`TREE`] live.
pub(crate) struct Data {
    dir: TempDir,
}

impl Data {
    fn new() -> Self {
        let data = Data::empty();
        data.reindex(TREE);
        data
    }

    pub(crate) fn empty() -> Self {
        Data { dir: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self) -> String {
        self.dir.path().join("data").to_str().unwrap().to_owned()
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        write_file(self.dir.path(), name, content.as_ref())
    }

    /// Publishes a tree whatever the gate says, which has tests of its own.
    pub(crate) fn reindex(&self, tree: &str) -> Value {
        let file = self.file("tree.csv", tree);
        self.run(&["reindex", "--from", &file, "--force", "--json"]).expect(0).json()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let path = self.path();
        run(arguments.iter().copied().chain(["--data", path.as_str()]))
    }

    /// A place for a file beside the data directory.
    pub(crate) fn beside(&self, name: &str) -> String {
        self.folder().join(name).to_str().unwrap().to_owned()
    }

    /// The directory that holds the data directory and the files.
    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    fn status(&self) -> Value {
        self.run(&["status", "--verify", "--json"]).expect(0).json()
    }
}

#[test]
fn every_help_has_a_description_an_example_and_the_exit_codes() {
    for command in [
        "serve",
        "reindex",
        "validate",
        "search",
        "resolve",
        "generate",
        "evaluate",
        "learn",
        "status",
        "generations",
        "rollback",
        "publish",
        "store",
        "change",
        "compact",
    ] {
        for flag in ["--help", "-h"] {
            let help = run([command, flag]).expect(0);
            let (head, tail) = help.stdout.split_once("Example").expect("there is an example");
            assert!(head.trim_start().len() > head.find("Usage:").unwrap(), "{command} has a description");
            assert!(tail.contains(&format!("orgsearch {command}")), "{command}: {tail}");
            for line in
                ["Exit codes:", "0  done", "1  the input has errors", "2  ", "3  ", "4  ", "130  interrupted"]
            {
                assert!(tail.contains(line), "{command} {flag} has no {line:?}");
            }
        }
    }
    run(["--help"]).expect(0).shows(&["serve", "reindex", "Exit codes:", "orgsearch serve --demo"]);
    run(["--version"]).expect(0).shows(&["orgsearch "]);
}

#[test]
fn wrong_usage_ends_with_2() {
    let data = Data::new();
    let tree = data.file("t.csv", TREE);
    let cases: &[(&[&str], &str)] = &[
        (&[], "Usage:"),
        (&["serach"], "search"),
        (&["search"], "<QUERY>"),
        (&["search", "北大", "--limit", "0"], "--limit"),
        (&["search", "北大", "--limit", "many"], "--limit"),
        (&["search", "北大", "--within", "404"], "no organization with the id \"404\""),
        (&["search", "北大", "--near", "404"], "no organization with the id \"404\""),
        (&["search", "北大", "--cursor", "~"], "cursor"),
        (&["validate"], "<FILE>"),
        (&["validate", &tree, "--map", "nmae=组织全称"], "did you mean name=组织全称?"),
        (&["validate", &tree, "--map", "name=名字"], "no such column"),
        (&["reindex", "--json"], "--from"),
        (&["generate", "--orgs", "0", "--to", "-"], "--orgs"),
        (&["generate", "--orgs", "3", "--to", ""], "--to"),
        (
            &["generate", "--orgs", "3", "--to", "-", "--json"],
            "--to - and --json both write to standard output",
        ),
        (&["generate", "--orgs", "3", "--to", "-", "--queries", "-"], "both write to standard output"),
        (&["generate", "--orgs", "3", "--to", "-", "--records", "-"], "both write to standard output"),
        (&["generate", "--orgs", "3", "--to", "-", "--records", "r", "--records-none", "2"], "from 0 to 1"),
        (&["generate", "--orgs", "3", "--to", "-", "--records-count", "5"], "--records"),
        (&["evaluate"], "--queries"),
        (&["evaluate", "--names", "0"], "--names"),
        (&["evaluate", "--names", "9", "--keystrokes"], "--queries"),
        (&["evaluate", "--queries", "q.tsv", "--weights", "w.tsv"], "--weighted"),
        (&["serve", "--listen", "nowhere"], "nowhere"),
        (&["serve", "--log-format", "xml"], "auto, text or json"),
        (&["serve", "--log", "=,="], "log filter"),
        (&["rollback", "now"], "now"),
    ];
    for (arguments, complaint) in cases {
        data.run(arguments).expect(2).complains(&[complaint]);
    }
    assert_eq!(data.status()["live"], "g000001");
}

#[test]
fn without_a_generation_the_way_to_one_is_told() {
    let data = Data::empty();
    let queries = data.file("q.tsv", "北大\t2\tshort\n");
    let commands: &[&[&str]] = &[
        &["search", "北大"],
        &["evaluate", "--queries", &queries],
        &["status"],
        &["rollback"],
        &["serve", "--listen", "127.0.0.1:0"],
    ];
    for arguments in commands {
        let complaints = ["holds no generation", "help: orgsearch reindex --data", "--from FILE"];
        let ran = data.run(arguments).expect(3).complains(&complaints);
        assert!(ran.stderr.starts_with(&format!("error: {}: ", arguments[0])), "{ran:?}");
        assert_eq!(ran.stdout, "");
    }
    assert!(!Path::new(&data.path()).exists(), "reading makes no directory");
}

/// A file that must be refused: its name, how it is made, the exit code, and what must be said.
type Refused = (&'static str, fn(&Path), i32, &'static [&'static str]);

const REFUSED: &[Refused] = &[
    ("missing.csv", |_| {}, 4, &["cannot read", "missing.csv: no such file or directory"]),
    (
        "folder.csv",
        |path| fs::create_dir(path).unwrap(),
        4,
        &["folder.csv: is a directory", "help: name a file"],
    ),
    ("empty.csv", |path| put(path, b""), 1, &["empty.csv is empty"]),
    ("empty.xlsx", |path| put(path, b""), 1, &["empty.xlsx is empty"]),
    ("random.csv", |path| put(path, &random_bytes()), 1, &["random.csv"]),
    ("random.jsonl", |path| put(path, &random_bytes()), 1, &["random.jsonl"]),
    ("random.xlsx", |path| put(path, &random_bytes()), 1, &["random.xlsx is not an XLSX workbook"]),
    ("unknown.pdf", |path| put(path, TREE.as_bytes()), 1, &["unknown.pdf", ".csv"]),
    ("encoding.csv", |path| put(path, &wrong_encoding()), 1, &["encoding.csv: row ", "are not"]),
    ("cut.csv.gz", cut_gzip, 1, &["cut.csv.gz: row ", "cut off or damaged"]),
    ("cut.xlsx", |path| put(path, &cut(&workbook())), 1, &["cut.xlsx", "damaged"]),
    (
        "headless.csv",
        |path| put(path, "甲,乙\n1,2\n".as_bytes()),
        1,
        &["no column is recognised as id and name"],
    ),
];

#[test]
fn a_file_that_cannot_be_loaded_is_refused_and_changes_nothing() {
    let data = Data::new();
    let before = data.status();
    for (name, make, code, complaints) in REFUSED {
        let path = data.dir.path().join(name);
        make(&path);
        let path = path.to_str().unwrap();
        for arguments in
            [&["validate", path][..], &["reindex", "--from", path], &["reindex", "--dry-run", "--from", path]]
        {
            let ran = data.run(arguments).expect(*code).complains(complaints);
            assert!(ran.stderr.starts_with(&format!("error: {}: ", arguments[0])), "{ran:?}");
            assert!(!ran.stderr.contains("os error"), "{ran:?}");
            assert_eq!(ran.stdout, "");
        }
        assert_eq!(data.status(), before, "{name}");
    }
}

#[test]
fn a_gigabyte_without_line_end_is_refused_without_being_held() {
    let data = Data::new();
    let path = data.dir.path().join("one-line.csv");
    one_line(&path);
    let (path, complaints) = (path.to_str().unwrap(), ["one-line.csv: row 1 is longer than 1 MiB"]);
    run_after("ulimit -v 400000", &["validate", path]).expect(1).complains(&complaints);
    data.run(&["reindex", "--from", path]).expect(1).complains(&complaints);
    assert_eq!(data.status()["live"], "g000001");
}

#[test]
fn rows_with_errors_are_reported_and_change_nothing() {
    let data = Data::new();
    let before = data.status();
    let cases: &[(&str, &str, &[&str])] = &[
        ("duplicate", "id,name\n1,甲\n1,乙\n", &["duplicate_id", "see row 2"]),
        ("cycle", "id,name,parent_id\n1,甲,2\n2,乙,1\n", &["cycle", "parent_id"]),
        ("orphan", "id,name,parent_id\n1,甲,9\n", &["unknown_parent", "9"]),
        ("nameless", "id,name\n1,甲\n2,\n", &["missing_name"]),
        ("no rows", "id,name\n", &["no_rows"]),
    ];
    for (name, tree, shown) in cases {
        let file = data.file("bad.csv", tree);
        data.run(&["validate", &file]).expect(1).shows(shown);
        data.run(&["reindex", "--from", &file]).expect(1).shows(shown).shows(&["nothing was changed"]);
        let answer = data.run(&["reindex", "--from", &file, "--json"]).expect(1).json();
        assert_eq!((&answer["valid"], answer.get("generation")), (&json!(false), None), "{name}");
        assert_eq!(data.status(), before, "{name}");
    }
}

#[test]
fn validate_shows_an_aligned_table() {
    let data = Data::empty();
    let tree = "编码,组织全称,上级组织,kind\n1,北京团市委,,领导机关\n2,北大团委,1,团委员\n2,清华团委,1,团委\n3,,1,团委\n";
    let file = data.file("t.csv", tree);
    let ran = data.run(&["validate", &file, "--map", "id=编码"]).expect(1);
    let expected = format!(
        "\
{file}: CSV, UTF-8
columns: 编码 → id, 组织全称 → name, 上级组织 → parent_id, kind

ROW  FIELD  SEVERITY  CODE          VALUE   HINT
  4  id     error     duplicate_id  2       see row 3
  5  name   error     missing_name
  3  kind   warning   unknown_kind  团委员  → 团委

COUNT  CODE          MEANING
    1  duplicate_id  the id stands in an earlier row
    1  missing_name  the row has no name
    1  unknown_kind  the kind is not a known one; it is kept as it is

4 rows: 2 errors, 1 warning, 0 infos
"
    );
    assert_eq!(ran.stdout, expected);
    data.run(&["validate", &file, "--map", "id=编码", "--limit-findings", "1"])
        .expect(1)
        .shows(&["… and 2 findings (--limit-findings shows more, --json shows all)"]);
    let answer = data
        .run(&["validate", &file, "--map", "id=编码", "--limit-findings", "1", "--json"])
        .expect(1)
        .json();
    assert_eq!(answer["findings"].as_array().unwrap().len(), 3);
    assert_eq!(
        answer["findings"][0],
        json!({"row": 4, "field": "id", "code": "duplicate_id", "severity": "error", "value": "2", "other_row": 3,
               "message": "the id stands in an earlier row"})
    );
    assert_eq!(answer["columns"][0], json!({"column": "编码", "field": "id"}));
    let sums = ["valid", "rows", "errors", "warnings", "infos", "omitted", "format", "encoding"];
    let sums: Vec<_> = sums.iter().map(|key| &answer[*key]).collect();
    assert_eq!(json!(sums), json!([false, 4, 2, 1, 0, 0, "CSV", "UTF-8"]));
}

#[test]
fn reindex_makes_a_generation_and_a_dry_run_makes_none() {
    let data = Data::empty();
    let changed =
        TREE.replace("2班", "02班").replace("4,2024级软件工程1班团支部,3", "4,2024级软件工程1班团支部,2");
    let changed = changed.replace("7,共青团", "8,共青团").replace("毕业", "已撤销");
    let (tree, changed) = (data.file("a.csv", TREE), data.file("b.csv", changed));
    let rehearse = |file: &str, code| {
        let answer = data.run(&["reindex", "--dry-run", "--json", "--from", file]).expect(code).json();
        let counts = ["live", "new", "added", "removed", "renamed", "moved", "status", "aliases"];
        (json!(counts.map(|count| answer["difference"][count].clone())), answer["gate"]["outcome"].clone())
    };

    assert_eq!(rehearse(&tree, 0), (json!([0, 7, 7, 0, 0, 0, 0, 0]), json!("first_import")));
    assert!(!Path::new(&data.path()).exists(), "a dry run makes no directory");

    let ran = data.run(&["reindex", "--from", &tree]).expect(0);
    let ran = ran.shows(&["7 rows: 0 errors", "gate: passed", "live: generation g000001: 7 organizations"]);
    assert_eq!(ran.stderr, "", "short work shows no progress");
    // One of seven is more than five percent.
    assert_eq!(rehearse(&changed, 1), (json!([7, 7, 1, 1, 1, 1, 1, 0]), json!("refused")));
    data.run(&["reindex", "--dry-run", "--from", &changed]).expect(1).shows(&[
        "difference: 7 organizations live, 7 in the file",
        "1 added, 1 removed, 1 renamed, 1 moved, 1 with another status, 0 with other aliases",
        "moved: 1 of 7 organizations stand below another one; 0 (5 %) are allowed",
        "gate: refused",
        "dry run: nothing was changed",
    ]);
    assert_eq!(data.status()["live"], "g000001");

    let answer = data.reindex(TREE);
    assert_eq!(
        (&answer["generation"]["name"], &answer["generation"]["orgs"]),
        (&json!("g000002"), &json!(7))
    );
    assert_eq!(
        (&answer["dry_run"], &answer["valid"], &answer["rows"]),
        (&json!(false), &json!(true), &json!(7))
    );
}

#[test]
fn columns_can_be_mapped_in_both_spellings() {
    let data = Data::empty();
    let file = data.file("t.csv", "编号,单位\n1,共青团北京市委员会\n");
    data.run(&["reindex", "--from", &file, "--map", "id=编号", "--map", "name=单位"]).expect(0);
    data.run(&["reindex", "--from", &file, "--map", "id=编号", "name=单位"]).expect(0);
    data.run(&["validate", "--map", "id=编号", "--map", "name=单位", &file]).expect(0);
    data.run(&["search", "1"]).expect(0).shows(&["共青团北京市委员会"]);
}

#[test]
fn the_directory_comes_from_the_flag_the_variable_or_the_default() {
    let data = Data::new();
    let in_place = |directory: &Path| {
        let mut command = command(&["search", "北大团委", "--json"]);
        command.current_dir(directory);
        command
    };
    let mut with_variable = in_place(Path::new("/"));
    with_variable.env("ORGSEARCH_DATA", data.path());
    finish(with_variable).expect(0).shows(&["北京大学"]);
    finish(in_place(data.dir.path())).expect(3).complains(&["./orgsearch-data holds no generation"]);
    fs::rename(data.path(), data.dir.path().join("orgsearch-data")).unwrap();
    finish(in_place(data.dir.path())).expect(0).shows(&["北京大学"]);
}

#[test]
fn search_shows_hits_with_their_ancestors() {
    let data = Data::new();
    let ran = data.run(&["search", "2024级软件工程1班团支部", "--limit", "3"]).expect(0);
    let first: Vec<_> = ran.stdout.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(
        (first[0], first[2], first[3], first[4], first[6]),
        ("1", "4", "branch", "active", "exact"),
        "{ran:?}"
    );
    let ran = ran.shows(&["#  ORGANIZATION", "MATCH", "generation g000001"]);
    assert!(
        ran.stdout.contains("中国共产主义青年团北京大学软件与微电子学院委员会"),
        "the path tells whose class it is"
    );
    data.run(&["search", "软件工程1班", "--explain"]).expect(0).shows(&["tier ", "FEATURE", "WEIGHT"]);
    data.run(&["search", "𰻝𰻝面"]).expect(0).shows(&["nothing matches 𰻝𰻝面"]);
    data.run(&["search", "\u{1b}[2J"]).expect(0).shows(&[r"\u{1b}"]);
}

#[test]
fn search_as_json_is_the_http_answer() {
    let data = Data::new();
    let answer = data.run(&["search", "北大团委", "--json"]).expect(0).json();
    let keys: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["query", "hits", "total", "generation", "took_us", "truncated"] {
        assert!(keys.contains(&key), "{key} in {keys:?}");
    }
    let hit = &answer["hits"][0];
    assert_eq!(
        (&hit["id"], &hit["match"], &hit["kind"]),
        (&json!("2"), &json!("alias"), &json!("committee"))
    );
    assert_eq!((&hit["path"][0]["id"], &hit["attributes"]["备注"]), (&json!("1"), &json!("海淀")));
    let explained = data.run(&["search", "北大团委", "--json", "--explain"]).expect(0).json();
    assert!(!explained["hits"][0]["explanation"]["features"].as_array().unwrap().is_empty());
}

#[test]
fn search_narrows_and_pages() {
    let data = Data::new();
    let ids = |arguments: &[&str]| {
        let arguments: Vec<_> = ["search", "", "--json"].iter().chain(arguments).copied().collect();
        let answer = data.run(&arguments).expect(0).json();
        let mut ids: Vec<_> =
            answer["hits"].as_array().unwrap().iter().map(|hit| hit["id"].to_string()).collect();
        ids.sort();
        (ids.join("").replace('"', ""), answer["next_cursor"].as_str().map(str::to_owned))
    };
    for (arguments, expected) in [
        (&["--within", "3"][..], "3456"),
        (&["--kind", "branch"], "456"),
        (&["--kind", "committee,branch"], "23456"),
        (&["--status", "graduated"], "6"),
        (&["--kind", "branch", "--status", "active", "--within", "2"], "45"),
        (&["--system", "zhtj"], ""),
        (&["--region", "北京"], "1234567"),
        (&["--near", "4"], "1234567"),
    ] {
        assert_eq!(ids(arguments).0, expected, "{arguments:?}");
    }
    let (mut seen, mut cursor) = (String::new(), None::<String>);
    for _ in 0..4 {
        let mut arguments = vec!["--limit", "2"];
        arguments.extend(cursor.iter().flat_map(|cursor| ["--cursor", cursor.as_str()]));
        let (page, next) = ids(&arguments);
        seen += &page;
        cursor = next;
    }
    let mut seen: Vec<_> = seen.chars().collect();
    seen.sort_unstable();
    assert_eq!((seen.into_iter().collect::<String>().as_str(), cursor), ("1234567", None));
}

#[test]
fn status_and_rollback_tell_what_is_live() {
    let data = Data::new();
    data.run(&["rollback"]).expect(3).complains(&["g000001", "help: orgsearch status"]);
    data.reindex(&TREE.replace("2班", "3班"));
    data.run(&["status"]).expect(0).shows(&["GENERATION", "g000001", "g000002"]);
    let status = data.status();
    assert_eq!(
        (&status["live"], &status["verified"]),
        (&json!("g000002"), &json!({"intact": true, "damaged": []}))
    );
    let generations = status["generations"].as_array().unwrap();
    let shown: Vec<_> = generations.iter().map(|one| (&one["name"], &one["orgs"], &one["live"])).collect();
    assert_eq!(json!(shown), json!([["g000001", 7, false], ["g000002", 7, true]]));
    for key in ["size_bytes", "source_digest", "format_version", "lexicon_version"] {
        assert!(!generations[0][key].is_null(), "{key}");
    }

    let answer = data.run(&["rollback", "--json"]).expect(0).json();
    assert_eq!((&answer["left"], &answer["generation"]["name"]), (&json!("g000002"), &json!("g000001")));
    data.run(&["search", "2024级软件工程2班团支部", "--json"]).expect(0).shows(&["\"exact\""]);
    data.run(&["rollback", "--to", "g000002"])
        .expect(0)
        .shows(&["live: generation g000002", "g000001 was left"]);
    data.run(&["rollback", "--to", "g7"]).expect(3).complains(&["g7"]);
    assert_eq!(data.status()["live"], "g000002");
}

#[test]
fn damage_is_told_with_the_file_and_a_way_out() {
    let data = Data::new();
    let live = Path::new(&data.path()).join("generations/g000001");
    let mut verified = 0;
    for path in files_below(&live) {
        let intact = fs::read(&path).unwrap();
        if intact.is_empty() {
            continue;
        }
        let mut flipped = intact.clone();
        flipped[intact.len() / 2] ^= 1;
        put(&path, &flipped);
        // Found by verify, if not already when the generation is opened.
        let ran = data.run(&["status", "--verify", "--json"]).expect(3).complains(&["g000001", "help: "]);
        let verdict = &ran.json()["verified"];
        if !verdict.is_null() {
            let damaged = verdict["damaged"].to_string();
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(damaged.contains(name) && ran.stderr.contains(name), "{damaged} does not name {name}");
            verified += 1;
        }
        put(&path, &intact[..intact.len() - 1]);
        data.run(&["search", "北大"]).expect(3).complains(&["error: search: ", "g000001", "help: "]);
        put(&path, &intact);
    }
    assert!(verified > 0);
    assert_eq!(data.status()["verified"]["intact"], true);
}

#[test]
fn a_damaged_generation_is_left_by_rollback_and_by_reindex() {
    let data = Data::new();
    data.reindex(TREE);
    let cut_records = |generation: &str| {
        let path = Path::new(&data.path()).join("generations").join(generation).join("records.bin");
        let intact = fs::read(&path).unwrap();
        put(&path, &intact[..intact.len() - 8]);
    };
    cut_records("g000002");
    data.run(&["search", "北大"]).expect(3).complains(&["g000002", "records.bin"]);
    data.run(&["status"]).expect(3).shows(&["g000001", "g000002"]).complains(&["records.bin"]);
    data.run(&["rollback"]).expect(0).shows(&["live: generation g000001", "g000002 was left"]);
    data.run(&["search", "北大"]).expect(0);
    cut_records("g000001");
    data.run(&["search", "北大"]).expect(3);
    data.reindex(TREE);
    data.run(&["search", "北大"]).expect(0);
}

#[test]
fn a_directory_being_written_is_busy() {
    let data = Data::new();
    let engine = search_core::Engine::open(data.path()).unwrap();
    let file = data.file("t.csv", TREE);
    let mut tried = false;
    let rows = std::iter::once_with(|| {
        data.run(&["reindex", "--from", &file]).expect(3).complains(&["is being written by another process"]);
        tried = true;
        Err(std::io::Error::other("enough"))
    });
    assert!(engine.reindex(rows, |_| {}).is_err());
    assert!(tried);
    assert_eq!(data.status()["live"], "g000001");
}

#[test]
fn a_directory_that_cannot_be_written_is_refused() {
    let data = Data::empty();
    let file = data.file("t.csv", TREE);
    // Not even root may write there.
    for directory in [format!("{file}/data"), "/proc/orgsearch".to_owned()] {
        let ran = run(["reindex", "--from", &file, "--data", &directory]).expect(4).complains(&[&directory]);
        assert!(ran.stderr.starts_with("error: reindex: ") && !ran.stderr.contains("os error"), "{ran:?}");
    }
}

#[test]
fn a_disk_that_fills_up_is_an_error_and_changes_nothing() {
    let data = Data::new();
    let before = data.status();
    let big = data.dir.path().join("big.csv");
    let big = big.to_str().unwrap();
    run(["generate", "--orgs", "20000", "--to", big]).expect(0);
    // No file may grow past 32 KiB (or 64, as shells differ): writing fails as it does on a full disk.
    let path = data.path();
    let full = |arguments: &[&str]| {
        let ran = run_after("ulimit -f 64", arguments).expect(4);
        assert!(ran.stderr.starts_with("error: "), "{ran:?}");
        ran
    };
    full(&["reindex", "--force", "--from", big, "--data", &path]);
    assert_eq!(data.status(), before);
    data.run(&["search", "北大团委"]).expect(0).shows(&["北京大学"]);

    let small = data.file("out.csv", "old");
    full(&["generate", "--orgs", "20000", "--to", &small]).complains(&[
        "cannot write",
        "file too large",
        "ulimit -f",
    ]);
    assert_eq!(fs::read_to_string(&small).unwrap(), "old", "the file keeps what it held");
    run(["generate", "--orgs", "2000", "--to", "/dev/full"])
        .expect(4)
        .complains(&["cannot write /dev/full: no space left on device", "help: free some space"]);
    run(["generate", "--orgs", "20", "--to", "/nowhere/a.csv"]).expect(4).complains(&["/nowhere/a.csv"]);
    for arguments in
        [&["search", "北大", "--data", &path][..], &["status", "--json", "--data", &path], &["validate", big]]
    {
        run_into("/dev/full", arguments)
            .expect(4)
            .complains(&["cannot write standard output: no space left"]);
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let data = Data::new();
    let path = data.path();
    let bad: String = (2..60_000).map(|row| format!("{row},\n")).collect();
    let bad = data.file("bad.csv", format!("id,name\n{bad}"));
    let commands: &[(&[&str], i32)] = &[
        (&["generate", "--orgs", "100000", "--to", "-"], 0),
        (&["validate", &bad, "--json"], 0),
        (&["validate", &bad, "--limit-findings", "60000"], 0),
        (&["search", "", "--limit", "1000", "--json", "--data", &path], 0),
    ];
    for (arguments, code) in commands {
        let mut child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}");
    }
}

#[test]
fn an_interrupted_file_does_not_stay() {
    let data = Data::empty();
    let file = data.file("out.csv", "old");
    let mut child =
        command(&["generate", "--orgs", "20000000", "--to", &file]).stderr(Stdio::null()).spawn().unwrap();
    let unfinished = || files_below(data.dir.path()).into_iter().find(|path| *path != Path::new(&file));
    while unfinished().is_none_or(|path| fs::metadata(path).unwrap().len() == 0) {
        assert_eq!(child.try_wait().unwrap(), None);
        std::thread::yield_now();
    }
    signal("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!((unfinished(), fs::read_to_string(&file).unwrap().as_str()), (None, "old"));
}

#[test]
fn what_is_generated_can_be_indexed_and_evaluated() {
    let data = Data::empty();
    let path = |name: &str| data.dir.path().join(name).to_str().unwrap().to_owned();
    let (plain, packed, queries) = (path("a.csv"), path("a.csv.gz"), path("q.tsv.gz"));
    let size = ["--orgs", "1500", "--seed", "7"];
    let generate = |more: &[&str]| run([&["generate"][..], &size, more].concat()).expect(0);

    let answer = generate(&["--to", &packed, "--queries", &queries, "--per-family", "5", "--json"]).json();
    assert_eq!((&answer["orgs"], &answer["seed"], &answer["to"]), (&json!(1500), &json!(7), &json!(packed)));
    generate(&["--to", &plain]);
    let to_stdout = generate(&["--to", "-"]).stdout;
    assert_eq!(fs::read_to_string(&plain).unwrap(), to_stdout, "the same seed gives the same bytes");
    assert!(fs::read(&packed).unwrap().starts_with(&[0x1f, 0x8b]), "the name decides about packing");
    generate(&["--scope", "beijing", "--to", &path("b.csv")]);
    let more = path("more.tsv");
    generate(&[
        "--to",
        &path("c.csv"),
        "--queries",
        &more,
        "--families",
        "sentence,office",
        "--per-family",
        "2",
    ]);
    let text = fs::read_to_string(&more).unwrap();
    let families: Vec<_> = text.lines().skip(1).map(|line| line.rsplit('\t').next().unwrap()).collect();
    assert_eq!(families, ["sentence", "sentence", "office", "office"]);
    let rows = path("rows.tsv");
    let answer = generate(&["--to", &plain, "--records", &rows, "--records-count", "60", "--json"]).json();
    let text = fs::read_to_string(&rows).unwrap();
    assert_eq!(text.lines().next(), Some("name\tparent\tregion\tcode\tformer_name\tkind\texpected\tfamily"));
    assert_eq!(answer["records"], json!({ "count": text.lines().count() - 1, "to": rows }));

    data.run(&["reindex", "--from", &packed]).expect(0);
    let answer = data.run(&["evaluate", "--queries", &queries, "--names", "50", "--json"]).expect(0).json();
    assert_eq!((&answer["orgs"], &answer["unanswerable"]), (&json!(1500), &json!(0)));
    assert!(answer["overall"]["n"].as_u64().unwrap() > 0);
    assert_eq!((&answer["names"]["n"], &answer["names"]["s_at_1"]), (&json!(50), &json!(1.0)));
}

#[test]
fn evaluate_counts_places_by_family() {
    let data = Data::new();
    let queries = data.file(
        "q.tsv",
        "query\tids\tfamily\n北大团委\t2\talias\n2024级软件工程1班团支部\t9,4\texact\n北大团委\t9\talias\n北大团委\t3\talias\n",
    );
    let ran = data.run(&["evaluate", "--queries", &queries, "--misses", "9"]).expect(0);
    let row = |family: &str| {
        let line =
            ran.stdout.lines().find(|line| line.starts_with(family)).unwrap_or_else(|| panic!("{ran:?}"));
        line.split_whitespace().skip(1).take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("alias"), ["3", "0.3333"]);
    assert_eq!(row("exact"), ["1", "1.0000"]);
    assert_eq!(row("overall"), ["4", "0.5000"]);
    let ran = ran.shows(&["1 query names no organization", "wanted  9  (not in this generation)", "P99 µs"]);
    assert!(ran.stdout.contains("got     2  中国共产主义青年团北京大学委员会"));

    let arguments = ["evaluate", "--queries", &queries, "--names", "7", "--json", "--misses", "1"];
    let ran = data.run(&arguments).expect(0);
    let answer = ran.json();
    assert_eq!(answer["families"][0]["family"], "alias");
    assert_eq!((&answer["overall"]["n"], &answer["overall"]["s_at_1"]), (&json!(4), &json!(0.5)));
    assert_eq!((&answer["names"]["s_at_1"], answer["misses"].as_array().unwrap().len()), (&json!(1.0), 1));
    let latency = &answer["overall"]["latency_us"];
    assert!(["p50", "p95", "p99", "max"].iter().all(|key| latency[*key].is_u64()));
    assert_eq!(
        data.run(&["evaluate", "--names", "7", "--seed", "3", "--autocomplete", "--json"]).expect(0).json()["preset"],
        "autocomplete"
    );

    let before = data.file("before.json", &ran.stdout);
    data.run(&["evaluate", "--queries", &queries, "--against", &before])
        .expect(0)
        .shows(&["0.5000 (+0.0000)"]);
    data.run(&["evaluate", "--queries", &queries, "--against", &queries])
        .expect(1)
        .complains(&["evaluate --json"]);
}

#[test]
fn evaluate_weighs_types_and_checks_scores() {
    let data = Data::new();
    let queries = data.file(
        "q.tsv",
        "北大团委\t2\talias\n北大团委\t9\talias\n2024级软件工程1班团支部\t4\tfull\n北大团委\t2\tmine\n",
    );
    let all = ["evaluate", "--queries", &queries, "--weighted", "--keystrokes", "--calibration"];
    let answer = data.run(&[&all[..], &["--json"]].concat()).expect(0).json();
    // The table gives alias 3 and full 6.
    assert_eq!(answer["families"][0]["weight"], 3.0);
    let weighted = &answer["weighted"];
    assert!((weighted["s_at_1"].as_f64().unwrap() - (3.0 * 0.5 + 6.0) / 9.0).abs() < 1e-12, "{weighted}");
    assert_eq!((&weighted["n"], &weighted["unweighted"]), (&json!(3), &json!(["mine"])));
    assert_eq!(weighted["weights"], "docs/query-weights.tsv");

    let keystrokes = &answer["keystrokes"];
    assert_eq!((&keystrokes["overall"]["n"], &keystrokes["overall"]["prefixes"]), (&json!(4), &json!(26)));
    let [alias, full] = [&keystrokes["families"][0], &keystrokes["families"][1]];
    assert!(alias["first"]["from"]["p50"].as_f64().is_some_and(|share| share > 0.0 && share <= 1.0));
    assert_eq!(alias["top_5"]["from"]["p90"], Value::Null, "one of the two is never found");
    assert!(full["first"]["prefixes"].as_f64().unwrap() <= full["top_5"]["prefixes"].as_f64().unwrap());

    let calibration = &answer["calibration"];
    let buckets = calibration["buckets"].as_array().unwrap();
    let counted: u64 = buckets.iter().map(|bucket| bucket["n"].as_u64().unwrap()).sum();
    assert_eq!((buckets.len(), &calibration["n"], counted), (10, &json!(4), 4));
    assert!(calibration["expected_calibration_error"].as_f64().is_some_and(|error| error <= 1.0));

    data.run(&all)
        .expect(0)
        .shows(&["weighted by docs/query-weights.tsv", "not counted: mine", "TOP 5", "never", "0.9–1.0"])
        .shows(&["expected calibration error"]);

    let own = data.file("w.tsv", "mine\t1\nfull\t0\n");
    let arguments = ["evaluate", "--queries", &queries, "--weighted", "--weights", &own, "--json"];
    let weighted = data.run(&arguments).expect(0).json()["weighted"].clone();
    assert_eq!((&weighted["s_at_1"], &weighted["weights"]), (&json!(1.0), &json!(own)));
    for (table, complaint) in [
        ("other\t1\n", "gives no family of the queries a weight"),
        ("mine\tmuch\n", "w.tsv: line 1: the weight"),
    ] {
        let own = data.file("w.tsv", table);
        data.run(&["evaluate", "--queries", &queries, "--weighted", "--weights", &own])
            .expect(1)
            .complains(&[complaint]);
    }
}

#[test]
fn a_malformed_line_of_queries_is_named() {
    let data = Data::new();
    let cases: &[(&[u8], i32, &str)] = &[
        ("北大\t2\tshort\n北大\t2\n".as_bytes(), 1, "q.tsv: line 2: 2 columns instead of 3"),
        ("北大\t\tshort\n".as_bytes(), 1, "q.tsv: line 1: no id is given as right"),
        ("\t2\tshort\n".as_bytes(), 1, "q.tsv: line 1: the query is empty"),
        (b"\xb1\xb1\xb4\xf3\t2\tshort\n", 1, "q.tsv: line 1: not UTF-8"),
        (b"", 1, "q.tsv holds no query"),
        (b"query\tids\tfamily\n", 1, "q.tsv holds no query"),
    ];
    for (content, code, complaint) in cases {
        let file = data.file("q.tsv", content);
        data.run(&["evaluate", "--queries", &file]).expect(*code).complains(&[complaint]);
    }
    data.run(&["evaluate", "--queries", "/nowhere"])
        .expect(4)
        .complains(&["cannot read /nowhere: no such file"]);
}

#[test]
fn learn_publishes_what_enough_people_chose_alike() {
    let data = Data::new();
    let learn = |more: &[&str]| data.run(&[&["learn"][..], more].concat());
    let answer = learn(&["--json"]).expect(0).json();
    assert_eq!(
        (&answer["prior"], &answer["queries"], &answer["clicks"]),
        (&json!("p000001"), &json!(0), &json!(0))
    );

    let day = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() / 86_400;
    let line = |pair: u32, asker: u32, text: &str| format!("{day}\t{pair:016x}\t{asker:016x}\t1{text}\n");
    let log = [
        line(1, 1, ""),
        line(1, 2, ""),
        line(1, 3, "\t北大\t2"),
        line(2, 1, "\t软微\t3"),
        "cut off".to_owned(),
    ];
    let folder = Path::new(&data.path()).join("feedback");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("clicks.tsv"), log.concat()).unwrap();
    let answer = learn(&["--k", "3", "--json"]).expect(0).json();
    let expected = json!({"prior": "p000002", "left": "p000001", "clicks": 4, "queries": 1, "pairs": 1});
    assert_eq!(answer, expected);
    let prior = fs::read_to_string(Path::new(&data.path()).join("priors/p000002.json")).unwrap();
    let prior: Value = serde_json::from_str(&prior).unwrap();
    assert_eq!(prior["queries"], json!([{"query": "北大", "counts": [{"id": "2", "count": 3.0}]}]));
    assert_eq!((&prior["version"], &prior["generation"]), (&json!(1), &json!("g000001")));

    learn(&["--k", "1"]).expect(0).shows(&["prior p000003: 2 organizations for 2 queries, from 4 clicks"]);
    learn(&["--off"]).expect(0).shows(&["no prior is in use; p000003 was left"]);
    learn(&["--off"]).expect(0).shows(&["no prior was in use"]);
    learn(&["--off", "--k", "3"]).expect(2);
    learn(&["--k", "0"]).expect(2);
}

#[test]
fn serve_answers_until_it_is_told_to_stop() {
    let data = Data::new();
    let server = Served::start(&data, &[], None);
    let answer = server.get("/v1/search?q=%E5%8C%97%E5%A4%A7%E5%9B%A2%E5%A7%94").1;
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["hits"][0]["id"], "2");
    assert_eq!(server.get("/v1/admin/generations").0, 404, "there are no admin routes without a key");
    server.stop();
}

#[test]
fn serve_starts_empty_only_for_an_admin() {
    let data = Data::empty();
    let server = Served::start(&data, &[], Some("k"));
    assert_eq!((server.get("/livez").0, server.get("/readyz").0), (200, 503));
    server.stop();
    let mut no_key = command(&["serve", "--listen", "127.0.0.1:0", "--data", &data.path()]);
    no_key.env("ORGSEARCH_ADMIN_KEY", " ");
    finish(no_key).expect(2).complains(&["ORGSEARCH_ADMIN_KEY is set, but empty"]);
}

#[test]
fn serve_told_to_stop_in_any_step_of_a_job_loses_nothing_in_silence() {
    for step in ["load", "validate", "document", "write", "seal", "verify", "publish"] {
        let data = Data::new();
        let (server, mut log) = Served::start_with_log(&data, "k");
        let answer = server.post("/v1/admin/reindex?force=true", "k", &long_tree());
        assert_eq!(answer.0, 202, "{answer:?}");
        let id: Value = serde_json::from_str(&answer.1).unwrap();
        let entered = format!("job {}: {step}", id["id"].as_str().unwrap());
        let mut line = String::new();
        while !line.contains(&entered) {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the server ended before {step}");
        }
        server.stop();
        let mut rest = String::new();
        log.read_to_string(&mut rest).unwrap();
        let is_done = rest.contains("the reindex is done");
        assert_ne!(is_done, rest.contains("the reindex was cancelled"), "{step}: {rest}");
        assert_eq!(data.status()["live"], if is_done { "g000002" } else { "g000001" }, "{step}: {rest}");
        assert_eq!(files_below(&Path::new(&data.path()).join("uploads")), [] as [PathBuf; 0], "{step}");
        data.run(&["status", "--verify"]).expect(0);
        data.reindex(TREE);
    }
}

#[test]
fn an_upload_of_a_killed_server_is_removed_by_the_next_and_that_of_a_living_one_stays() {
    let data = Data::new();
    let server = Served::start(&data, &[], Some("k"));
    let mut slow = std::net::TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
    slow.write_all(
        b"POST /v1/admin/reindex HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\ncontent-type: text/csv\r\n\
          content-length: 99\r\n\r\nid,name",
    )
    .unwrap();
    let uploads = Path::new(&data.path()).join("uploads");
    while fs::read_dir(&uploads).map_or(0, Iterator::count) == 0 {
        std::thread::yield_now();
    }
    Served::start(&data, &[], Some("k")).stop();
    assert_eq!(fs::read_dir(&uploads).unwrap().count(), 1, "its owner lives");
    drop(server); // SIGKILL
    Served::start(&data, &[], Some("k")).stop();
    assert_eq!(fs::read_dir(&uploads).unwrap().count(), 0, "its owner is dead");
}

#[test]
fn a_disk_that_cannot_hold_an_upload_is_a_problem_and_the_server_goes_on() {
    let data = Data::new();
    let path = data.path();
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -f 64; exec \"$@\"", "sh"]).arg(crate::support::cli::binary());
    shell.args(["serve", "--listen", "127.0.0.1:0", "--drain-notice-ms", "0", "--data", &path]);
    shell.env("ORGSEARCH_ADMIN_KEY", "k").stderr(Stdio::null());
    let server = Served::of(shell);
    let answer = server.post("/v1/admin/reindex?force=true", "k", &long_tree());
    assert_eq!(answer.0, 507, "{answer:?}");
    assert_eq!(files_below(&Path::new(&path).join("uploads")), [] as [PathBuf; 0]);
    assert_eq!(server.post("/v1/admin/reindex?dry_run=true", "k", TREE.as_bytes()).0, 202);
    server.stop();
}

#[test]
fn serve_refuses_a_port_in_use() {
    let data = Data::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    data.run(&["serve", "--listen", &address]).expect(4).complains(&[
        "error: serve: cannot listen on",
        &address,
        "in use",
    ]);
}

#[test]
fn the_demo_brings_its_own_data() {
    let data = Data::empty();
    let server = Served::start(&data, &["--demo"], None);
    let page = server.get("/").1;
    assert!(page.contains("<html"), "{page}");
    server.stop();
    assert!(data.status()["generations"][0]["orgs"].as_u64().unwrap() > 10_000);
}

/// The limit of connections follows the limit of descriptors: clients that never finish a request are given up before
/// they use all of them.
#[test]
fn half_open_clients_do_not_use_up_the_descriptors() {
    let data = Data::new();
    let arguments =
        ["serve", "--listen", "127.0.0.1:0", "--drain-notice-ms", "0", "--header-timeout-ms", "300"];
    let data_path = data.path();
    let arguments: Vec<&str> = arguments.into_iter().chain(["--data", data_path.as_str()]).collect();
    let mut command = orgsearch_after("ulimit -n 64", &arguments);
    command.stderr(Stdio::null());
    let server = Served::of(command);
    let half_open = |_| {
        let mut client = TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
        client.write_all(b"GET /li").unwrap();
        client
    };
    let clients: Vec<TcpStream> = (0..80).map(half_open).collect();
    assert_eq!(server.get("/livez").0, 200);
    server.stop();
    drop(clients);
}

/// A server as another process.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(data: &Data, more: &[&str], admin_key: Option<&str>) -> Self {
        let mut command =
            command(&["serve", "--listen", "127.0.0.1:0", "--drain-notice-ms", "0", "--data", &data.path()]);
        command.args(more).stderr(Stdio::null());
        command.envs(admin_key.map(|key| ("ORGSEARCH_ADMIN_KEY", key)));
        Served::of(command)
    }

    /// With its log, which must be read to its end.
    fn start_with_log(data: &Data, admin_key: &str) -> (Self, impl BufRead + use<>) {
        let mut command =
            command(&["serve", "--listen", "127.0.0.1:0", "--drain-notice-ms", "0", "--data", &data.path()]);
        command.stderr(Stdio::piped()).env("ORGSEARCH_ADMIN_KEY", admin_key);
        let mut server = Served::of(command);
        let log = BufReader::new(server.child.stderr.take().unwrap());
        (server, log)
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Served { child, address }
    }

    /// Status and body.
    fn get(&self, path: &str) -> (u16, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent.get(format!("{}{path}", self.address)).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    /// Status and body of an upload.
    fn post(&self, path: &str, key: &str, csv: &[u8]) -> (u16, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = agent.post(format!("{}{path}", self.address)).content_type("text/csv");
        let mut answer = request.header("authorization", format!("Bearer {key}")).send(csv).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    /// Sends SIGTERM, and expects an orderly end.
    fn stop(mut self) {
        signal("-TERM", &self.child);
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // After a failed assertion; an ended process is left alone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = orgsearch();
    command.args(arguments);
    command
}

pub(crate) fn signal(name: &str, child: &Child) {
    let told = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(told.success());
}

fn put(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

/// 64 KiB from a fixed seed.
fn random_bytes() -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..65_536).map(|_| next()).collect()
}

/// A gigabyte of one letter.
fn one_line(path: &Path) {
    let mut file = File::create(path).unwrap();
    let block = vec![b'a'; 8 << 20];
    (0..128).for_each(|_| file.write_all(&block).unwrap());
}

/// UTF-8 in the first rows, GB18030 further down: neither fits the whole.
fn wrong_encoding() -> Vec<u8> {
    let mut bytes = long_tree();
    bytes.extend_from_slice(b"x,\xb1\xb1\xbe\xa9\xff\xff,\n");
    bytes
}

fn long_tree() -> Vec<u8> {
    let rows: String =
        (1..20_000).map(|id| format!("{id},第{id}团支部,{}\n", if id == 1 { "" } else { "1" })).collect();
    format!("id,name,parent_id\n{rows}").into_bytes()
}

fn workbook() -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in TREE.lines().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            sheet.write_string(row as u32, column as u16, cell).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn cut_gzip(path: &Path) {
    run(["generate", "--orgs", "5000", "--to", path.to_str().unwrap()]).expect(0);
    put(path, &cut(&fs::read(path).unwrap()));
}

fn cut(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() * 2 / 3].to_vec()
}

pub(crate) fn files_below(directory: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
