//! Runs `golden/**/*.yaml`: whole flows as data.
//!
//! A search file names its organizations (`orgs`: rows of id, name, parent id and further fields, or `sample` for the
//! embedded Beijing sample) and its `cases`; a reindex file gives a `file` as text and the findings it must give.
//! `golden/typed/queries.tsv` holds what members type for organizations of the sample, by family; those whose
//! organization does not come first are named in `golden/typed/misses.tsv`.

use index_data::load::{ColumnMap, Format, Source, SourceRow};
use index_data::model::{HomeSystem, OrgKind, OrgStatus};
use index_data::validate::{validate, validate_rows};
use search_core::{Engine, Facet, FacetField, HighlightField, Hit, SearchRequest};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZeroUsize;
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

fn parse<T: for<'de> Deserialize<'de>>(text: &str, place: &str) -> T {
    serde_norway::from_str(text).unwrap_or_else(|error| panic!("{place}: {error}"))
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
    choices_at_least: Option<NonZeroUsize>,
    #[serde(default)]
    autocomplete: bool,
    within: Option<String>,
    near: Option<String>,
    kind: Option<String>,
    system: Option<String>,
    region: Option<String>,
    status: Option<String>,
}

impl SearchCase {
    /// Whether the case can fail at all: a list of nothing expects nothing, but for `hits`, which is all of them.
    fn expects_something(&self) -> bool {
        let SearchCase { first, hits, absent, reason, total, parts, highlighted, facets, .. } = self;
        let some = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
        [first, absent, parts, &self.choices].into_iter().any(some)
            || facets.as_ref().is_some_and(|facets| !facets.is_empty())
            || [reason, highlighted, &self.complete_to].into_iter().any(Option::is_some)
            || hits.is_some()
            || total.is_some()
            || self.choices_at_least.is_some()
    }
}

/// Reads a search file; every case in it must be able to fail.
fn read_search(text: &str, place: &str) -> SearchFile {
    let golden: SearchFile = parse(text, place);
    assert!(!golden.cases.is_empty(), "{place}: no case");
    if let Some(SearchCase { query, why, .. }) = golden.cases.iter().find(|case| !case.expects_something()) {
        panic!("{place}: {query:?} ({why}) expects nothing");
    }
    golden
}

#[test]
fn a_case_that_cannot_fail_is_refused() {
    let file = |case: &str| format!("orgs: sample\ncases: [{{query: 北京, why: test{case}}}]");
    let read = |case: &str| std::panic::catch_unwind(|| read_search(&file(case), "test")).is_ok();
    for empty in ["", ", autocomplete: true", ", first: []", ", absent: []", ", facets: {}", ", choices: []"]
    {
        assert!(!read(empty), "{empty:?} was taken");
    }
    for misspelt in [", frist: [\"1\"]", ", choices_at_least: 0"] {
        assert!(!read(misspelt), "{misspelt:?} was taken");
    }
    for enough in [", hits: []", ", total: 0", ", first: [\"1\"]", ", complete_to: 北京市"] {
        assert!(read(enough), "{enough:?} was refused");
    }
    assert!(std::panic::catch_unwind(|| read_search("orgs: sample\ncases: []", "test")).is_err());
}

#[test]
fn search() {
    for file in files("search") {
        let golden = read_search(&fs::read_to_string(&file).unwrap(), &file.display().to_string());
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

/// Whether a hit is the organization that a line of the file names: `name`, or `name < parent's name < …`.
fn is_named(hit: &Hit, answer: &str) -> bool {
    let mut names = answer.split(" < ").map(str::trim);
    let above = hit.org.path.iter().rev().map(|step| step.name.as_str());
    names.next() == Some(hit.org.name.as_str()) && names.zip(above).all(|(wanted, name)| wanted == name)
}

/// The families of typed queries; the file has all of them and no other.
const FAMILIES: &[&str] =
    &["natural", "noisy", "numbers", "partial", "pinyin", "reordered", "short", "trad", "typo"];

/// Every typed query has its organization first, but for the known misses: `typed/misses.tsv` names each with the place
/// its organization has instead. A new miss fails, as does one that got worse; one that got better must be taken off
/// the list or moved up in it, so that it cannot come back unseen.
#[test]
fn typed_queries_find_their_organizations() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/typed");
    let queries = fs::read_to_string(dir.join("queries.tsv")).unwrap();
    let known = fs::read_to_string(dir.join("misses.tsv")).unwrap();
    let mut families = BTreeSet::new();
    let mut missed = BTreeSet::new();
    for line in rows_of(&queries) {
        let [query, answers, family] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not three columns: {line}");
        };
        let request = SearchRequest { count_total: false, ..SearchRequest::new(query) };
        let hits = SAMPLE.search(&request).unwrap().hits;
        families.insert(family);
        match hits.iter().position(|hit| answers.split(" | ").any(|answer| is_named(hit, answer))) {
            Some(0) => {}
            Some(at) => _ = missed.insert(format!("{query}\t{family}\t{}", at + 1)),
            None => _ = missed.insert(format!("{query}\t{family}\t-")),
        }
    }
    assert_eq!(families.into_iter().collect::<Vec<_>>(), FAMILIES);
    let known: BTreeSet<String> = rows_of(&known).map(str::to_owned).collect();
    let list = |lines: &mut dyn Iterator<Item = &String>| lines.map(|line| format!("\n  {line}")).collect();
    let (new, gone): (String, String) =
        (list(&mut missed.difference(&known)), list(&mut known.difference(&missed)));
    assert!(
        new.is_empty() && gone.is_empty(),
        "tests/golden/typed/misses.tsv (query, family, place) does not hold\nmissed now:{new}\nnot missed so:{gone}"
    );
}

/// The rows of a table: no comments, no header.
fn rows_of(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter(|line| !line.starts_with('#')).skip(1)
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
    let is = |hit: &Hit, wanted: &String| [&hit.org.id, &hit.org.name, &hit.org.display].contains(&wanted);
    let shown: Vec<&str> = answer.hits.iter().map(|hit| hit.org.display.as_str()).collect();
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
    let counted: BTreeMap<String, String> = answer.facets.iter().map(first_value).collect();
    assert_eq!(counted, facets, "{place}");
    if let Some(complete_to) = &case.complete_to {
        assert_eq!(answer.complete_to.as_ref(), Some(complete_to), "{place}");
    }
    if let Some(least) = case.choices_at_least {
        assert!(answer.choices.len() >= least.get(), "{place}: {:?}", answer.choices);
    }
    if let Some(choices) = &case.choices {
        let names: Vec<&String> = answer.choices.iter().map(|choice| &choice.name).collect();
        assert_eq!(names, choices.iter().collect::<Vec<_>>(), "{place}");
    }
}

/// A facet's name, and its first value with its count.
fn first_value(facet: &Facet) -> (String, String) {
    let first = facet.values.first().map(|(value, count)| format!("{value} {count}"));
    (facet.field.name().to_owned(), first.unwrap_or_default())
}

fn bracketed(hit: &Hit) -> String {
    let marks: Vec<_> = hit.highlights.iter().filter(|mark| mark.field == HighlightField::Name).collect();
    let mut out = String::new();
    for (at, c) in hit.org.name.chars().enumerate() {
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
        let golden: ReindexFile = parse(&fs::read_to_string(&file).unwrap(), &file.display().to_string());
        assert!(!golden.cases.is_empty(), "{}: no case", file.display());
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
