//! Runs `golden/**/*.yaml`: whole flows as data.
//!
//! A search file names its organizations (`orgs`: rows of id, name, parent id and further fields, or `sample` for the
//! embedded Beijing sample) and its `cases`; a reindex file gives a `file` as text and the findings it must give.
//! `golden/typed/queries.tsv` holds what members type for organizations of the sample, by family; each family must
//! reach its bar.

use index_data::load::{ColumnMap, Format, Source, SourceRow};
use index_data::model::{HomeSystem, OrgKind, OrgStatus};
use index_data::validate::{validate, validate_rows};
use search_core::{Engine, FacetField, Hit, SearchRequest};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static SAMPLE: LazyLock<Engine> = LazyLock::new(|| {
    let file = std::io::Cursor::new(index_data::generate::beijing_sample());
    let source =
        Source::from_reader(file, Format::Csv, "the embedded sample", &ColumnMap::default()).unwrap();
    let checked = validate(source).unwrap();
    Engine::in_memory(checked.tree.expect("the embedded sample is valid")).unwrap()
});

fn files(flow: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(flow);
    let mut files: Vec<PathBuf> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no golden file in {}", dir.display());
    files
}

fn read<T: for<'de> Deserialize<'de>>(file: &Path) -> T {
    let text = fs::read_to_string(file).unwrap();
    serde_norway::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchFile {
    orgs: Orgs,
    cases: Vec<SearchCase>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Orgs {
    Sample(String),
    Rows(Vec<BTreeMap<String, String>>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchCase {
    query: String,
    /// Why this must be so, for whoever breaks it.
    why: String,
    /// What stands first, in this order: an id, an official name, or a display. Further hits are free.
    first: Option<Vec<String>>,
    /// All hits, in this order.
    hits: Option<Vec<String>>,
    /// Must not be among the hits.
    absent: Option<Vec<String>>,
    /// The reason of the first hit.
    #[serde(rename = "match")]
    reason: Option<String>,
    /// The number of matches.
    total: Option<u64>,
    /// The query's parts, as `text:role` or `text:role:unmatched`.
    parts: Option<Vec<String>>,
    /// The first hit's name with its highlights in brackets.
    highlighted: Option<String>,
    /// Facets asked for and their first value.
    facets: Option<BTreeMap<String, String>>,
    complete_to: Option<String>,
    /// Names of the choices.
    choices: Option<Vec<String>>,
    choices_at_least: Option<usize>,
    #[serde(default)]
    autocomplete: bool,
    within: Option<String>,
    near: Option<String>,
    kind: Option<String>,
    system: Option<String>,
    region: Option<String>,
    status: Option<String>,
}

#[test]
fn search() {
    for file in files("search") {
        let golden: SearchFile = read(&file);
        let built;
        let engine = match &golden.orgs {
            Orgs::Sample(name) => {
                assert_eq!(name, "sample", "{}", file.display());
                &*SAMPLE
            }
            Orgs::Rows(rows) => {
                let tree = validate_rows(rows.iter().enumerate().map(|(at, row)| source_row(at, row))).tree;
                built = Engine::in_memory(tree.unwrap_or_else(|| panic!("{}: invalid rows", file.display())))
                    .unwrap();
                &built
            }
        };
        for case in &golden.cases {
            check(&file, engine, case);
        }
    }
}

/// The share of a family's queries whose right organization comes first, and is among the first ten.
struct Bar {
    family: &'static str,
    first: f64,
    among_ten: f64,
}

/// What the engine reached when the file was last looked at, rounded down: it may only rise.
const BARS: &[Bar] = &[
    Bar { family: "short", first: 0.95, among_ten: 0.98 },
    Bar { family: "natural", first: 0.95, among_ten: 0.98 },
    Bar { family: "numbers", first: 0.95, among_ten: 0.97 },
    Bar { family: "typo", first: 0.95, among_ten: 0.97 },
    Bar { family: "pinyin", first: 0.93, among_ten: 0.96 },
    Bar { family: "reordered", first: 0.94, among_ten: 1.0 },
    Bar { family: "noisy", first: 0.94, among_ten: 1.0 },
    Bar { family: "trad", first: 0.93, among_ten: 1.0 },
    Bar { family: "partial", first: 0.92, among_ten: 1.0 },
];

/// Whether a hit is the organization that a line of the file names: `name`, or `name < parent's name < …`.
fn is_named(hit: &Hit, answer: &str) -> bool {
    let mut names = answer.split(" < ").map(str::trim);
    let above = hit.path.iter().rev().map(|step| step.name.as_str());
    names.next() == Some(hit.name.as_str()) && names.zip(above).all(|(wanted, name)| wanted == name)
}

#[test]
fn typed_queries_find_their_organizations() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/typed/queries.tsv");
    let text = fs::read_to_string(&file).unwrap();
    let mut families: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    let mut misses = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let [query, answers, family] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not three columns: {line}");
        };
        let request = SearchRequest { count_total: false, ..SearchRequest::new(query) };
        let hits = SAMPLE.search(&request).unwrap().hits;
        let place = hits.iter().position(|hit| answers.split(" | ").any(|answer| is_named(hit, answer)));
        let (asked, first, among_ten) = families.entry(family).or_default();
        *asked += 1;
        *first += usize::from(place == Some(0));
        *among_ten += usize::from(place.is_some());
        if place != Some(0) {
            let got = hits.first().map_or("nothing", |hit| &hit.display);
            misses += &format!("\n{family}: {query}: {answers} at {place:?}, first {got}");
        }
    }
    assert_eq!(families.len(), BARS.len());
    let mut failed = String::new();
    for bar in BARS {
        let (asked, first, among_ten) = families[bar.family];
        let share = |count: usize| count as f64 / asked as f64;
        if share(first) < bar.first || share(among_ten) < bar.among_ten {
            failed += &format!("\n{}: {first} first, {among_ten} among ten, of {asked}", bar.family);
        }
    }
    assert!(failed.is_empty(), "{failed}\nmisses:{misses}");
}

fn source_row(at: usize, fields: &BTreeMap<String, String>) -> SourceRow {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let names = |name: &str| index_data::load::split_names(&field(name));
    SourceRow {
        row: at as u64 + 1,
        id: field("id"),
        name: field("name"),
        parent_id: field("parent_id"),
        kind: field("kind"),
        system: field("system"),
        region: field("region"),
        members: field("members"),
        status: field("status"),
        aliases: names("aliases"),
        former_names: names("former_names"),
        successor_id: field("successor_id"),
        ..SourceRow::default()
    }
}

fn check(file: &Path, engine: &Engine, case: &SearchCase) {
    let place = format!("{}: {:?} ({})", file.file_name().unwrap().to_string_lossy(), case.query, case.why);
    let mut request = if case.autocomplete {
        SearchRequest::autocomplete(case.query.as_str())
    } else {
        SearchRequest::new(case.query.as_str())
    };
    request.within.clone_from(&case.within);
    request.near.clone_from(&case.near);
    request.kinds = case.kind.iter().map(|kind| OrgKind::parse(kind)).collect();
    request.systems = case.system.iter().map(|system| HomeSystem::parse(system)).collect();
    request.regions = case.region.iter().cloned().collect();
    request.statuses.extend(case.status.iter().map(|status| OrgStatus::parse(status)));
    let facets = case.facets.clone().unwrap_or_default();
    request.facets = facets.keys().map(|name| FacetField::parse(name).expect("a facet's name")).collect();
    let answer = engine.search(&request).unwrap();
    let is = |hit: &Hit, wanted: &String| [&hit.id, &hit.name, &hit.display].contains(&wanted);
    let shown: Vec<&str> = answer.hits.iter().map(|hit| hit.display.as_str()).collect();
    for (at, wanted) in case.first.iter().chain(&case.hits).flatten().enumerate() {
        assert!(
            answer.hits.get(at).is_some_and(|hit| is(hit, wanted)),
            "{place}: {wanted} at {at}, got {shown:#?}"
        );
    }
    if let Some(hits) = &case.hits {
        assert_eq!(answer.hits.len(), hits.len(), "{place}: {shown:#?}");
    }
    for unwanted in case.absent.iter().flatten() {
        assert!(!answer.hits.iter().any(|hit| is(hit, unwanted)), "{place}: {unwanted} is there");
    }
    let first = answer.hits.first();
    if let Some(reason) = &case.reason {
        assert_eq!(first.map(|hit| hit.match_reason.name()), Some(reason.as_str()), "{place}");
    }
    if let Some(total) = case.total {
        assert_eq!(answer.total.map(|total| (total.value, total.exact)), Some((total, true)), "{place}");
    }
    if let Some(parts) = &case.parts {
        let read: Vec<String> = answer
            .query
            .parts
            .iter()
            .map(|part| {
                format!("{}:{}{}", part.text, part.role.name(), if part.matched { "" } else { ":unmatched" })
            })
            .collect();
        assert_eq!(&read, parts, "{place}");
    }
    if let Some(highlighted) = &case.highlighted {
        assert_eq!(first.map(bracketed).as_ref(), Some(highlighted), "{place}");
    }
    for facet in &answer.facets {
        let (value, count) = facet.values.first().unwrap_or_else(|| panic!("{place}: no facet"));
        assert_eq!(format!("{value} {count}"), facets[facet.field.name()], "{place}");
    }
    if let Some(complete_to) = &case.complete_to {
        assert_eq!(answer.complete_to.as_ref(), Some(complete_to), "{place}");
    }
    let least = case.choices_at_least.unwrap_or(0);
    assert!(answer.choices.len() >= least, "{place}: {:?}", answer.choices);
    if let Some(choices) = &case.choices {
        let names: Vec<&String> = answer.choices.iter().map(|choice| &choice.name).collect();
        assert_eq!(names, choices.iter().collect::<Vec<_>>(), "{place}");
    }
}

fn bracketed(hit: &Hit) -> String {
    let marks: Vec<_> = hit.highlights.iter().filter(|mark| mark.field == "name").collect();
    let mut out = String::new();
    for (at, c) in hit.name.chars().enumerate() {
        if marks.iter().any(|mark| mark.start == at) {
            out.push('[');
        }
        out.push(c);
        if marks.iter().any(|mark| mark.end == at + 1) {
            out.push(']');
        }
    }
    out
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReindexFile {
    cases: Vec<ReindexCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReindexCase {
    why: String,
    /// The file's text, as CSV.
    file: String,
    /// Rows like one another, below those of the file.
    more_rows: Option<MoreRows>,
    #[serde(default)]
    map: Vec<String>,
    /// Every finding as `row field code`, `-` for no row.
    findings: Option<Vec<String>>,
    /// How often each code is found, where findings are too many to be listed.
    counts: Option<BTreeMap<String, u64>>,
    /// Ids in static order, if the tree is valid.
    tree: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoreRows {
    count: usize,
    /// One row; `{n}` is its number, from 1.
    row: String,
}

impl ReindexCase {
    fn text(&self) -> String {
        let more = self.more_rows.iter().flat_map(|more| {
            (1..=more.count).map(|n| more.row.replace("{n}", &n.to_string()) + "\n").collect::<Vec<_>>()
        });
        self.file.clone() + &more.collect::<String>()
    }
}

#[test]
fn reindex() {
    for file in files("reindex") {
        let golden: ReindexFile = read(&file);
        for case in golden.cases {
            let map = ColumnMap::parse(&case.map).unwrap();
            let text = std::io::Cursor::new(case.text().into_bytes());
            let source = Source::from_reader(text, Format::Csv, "golden", &map).unwrap();
            let checked = validate(source).unwrap();
            let findings: Vec<String> = checked
                .report
                .findings
                .iter()
                .map(|finding| {
                    let row = finding.row.map_or_else(|| "-".to_owned(), |row| row.to_string());
                    format!("{row} {} {}", finding.field.name(), finding.code)
                })
                .collect();
            let counts = checked.report.counts.into_iter().map(|(code, count)| (code.to_owned(), count));
            assert!(case.findings.is_some() != case.counts.is_some(), "{}: findings or counts", case.why);
            case.findings.iter().for_each(|wanted| assert_eq!(&findings, wanted, "{}", case.why));
            let counts: BTreeMap<String, u64> = counts.collect();
            case.counts.iter().for_each(|wanted| assert_eq!(&counts, wanted, "{}", case.why));
            let ids = checked
                .tree
                .map(|tree| tree.ordinals().map(|ordinal| tree.id(ordinal).to_owned()).collect::<Vec<_>>());
            assert_eq!(ids, case.tree, "{}", case.why);
        }
    }
}
