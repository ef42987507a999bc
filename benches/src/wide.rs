//! Texts that a large part of all organizations holds, behind filters, with totals and facets: what they cost beside a
//! keystroke, and whether the numbers are right.

use crate::case::{Wide, WideFilter};
use crate::corpus::Corpus;
use crate::latency::{Latencies, time};
use crate::report;
use index_data::load::{ColumnMap, Source};
use index_data::model::{HomeSystem, OrgKind, OrgStatus};
use memchr::memmem::Finder;
use search_core::{Engine, FacetField, Hits, PartRole, SearchRequest, normalize};
use std::collections::HashMap;
use std::error::Error;

/// Each request is measured so often; the quickest counts, for the others were disturbed.
const ROUNDS: usize = 5;
/// Keystrokes measured for comparison.
const KEYSTROKES: usize = 2_000;
/// Hits beyond the scan's (short forms) that a total may count as well.
const BESIDE: u64 = 400;
/// Hits read before a page far behind is measured.
const DEEP: usize = 3_000;

/// Measures every query behind every filter with every set of facets; false if a total is wrong or one costs too much.
pub(crate) fn measure(corpus: &Corpus, engine: &Engine, wide: &Wide) -> Result<bool, Box<dyn Error>> {
    let unit = keystroke(corpus, engine)?;
    report(&format!(
        "\nthe 99th percentile of keystrokes: {unit:.0} us of processor time, the unit of the last columns"
    ));
    report(&format!(
        "{:<28} {:<28} {:>6} {:>10} {:>9} {:>9} {:>9} {:>7}",
        "query", "filter", "facets", "total", "page us", "count us", "deep us", "ratio"
    ));
    let expected = scan(corpus, &wide.queries)?;
    let (mut worst, mut wrong) = (0.0_f64, 0);
    for (query, expected) in wide.queries.iter().zip(&expected) {
        for filter in &wide.filters {
            for facets in &wide.facets {
                let request = request(query, filter, facets, engine)?;
                let measured = one(&request, engine)?;
                let ratio = measured.count / unit;
                worst = worst.max(ratio);
                report(&format!(
                    "{:<28} {:<28} {:>6} {:>10} {:>9.0} {:>9.0} {:>9.0} {ratio:>7.2}",
                    query,
                    filter.name,
                    facets.len(),
                    total_text(&measured.hits),
                    measured.page,
                    measured.count,
                    measured.deep
                ));
                if let Some(what) = expected.contradicts(&measured.hits, filter) {
                    wrong += 1;
                    report(&format!("WRONG: {query:?} behind {:?}: {what}", filter.name));
                }
            }
        }
    }
    report(&format!(
        "wide: the most is {worst:.2} keystrokes, {} are allowed; {wrong} totals wrong",
        wide.most
    ));
    Ok(wrong == 0 && worst <= wide.most)
}

/// The 99th percentile of keystrokes, in microseconds of processor time.
fn keystroke(corpus: &Corpus, engine: &Engine) -> Result<f64, Box<dyn Error>> {
    let mut latencies = Latencies::default();
    for query in corpus.queries.iter().cycle().take(2 * KEYSTROKES) {
        let (found, taken) = time(|| engine.search(&SearchRequest::autocomplete(query.text.as_str())));
        found?;
        latencies.add(taken.processor);
    }
    Ok(latencies.percentile(0.99))
}

struct Measured {
    hits: Hits,
    /// Microseconds of processor time without total and facets, what these add, and a page far behind.
    page: f64,
    count: f64,
    deep: f64,
}

fn one(request: &SearchRequest, engine: &Engine) -> Result<Measured, Box<dyn Error>> {
    let page = SearchRequest { count_total: false, facets: Vec::new(), ..request.clone() };
    let without = quickest(&page, engine)?;
    let (mut hits, mut with) = (engine.search(request)?, quickest(request, engine)?);
    let mut deep = SearchRequest { cursor: hits.next_cursor.clone(), ..page.clone() }.limit(1_000);
    let mut read = hits.hits.len();
    while read < DEEP && deep.cursor.is_some() {
        let next = engine.search(&deep)?;
        read += next.hits.len().max(1);
        deep.cursor = next.next_cursor;
    }
    let deep = if deep.cursor.is_some() { quickest(&deep.limit(30), engine)? } else { 0.0 };
    with = (with - without).max(0.0);
    hits.hits.clear();
    Ok(Measured { hits, page: without, count: with, deep })
}

fn quickest(request: &SearchRequest, engine: &Engine) -> Result<f64, Box<dyn Error>> {
    let mut quickest = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (found, taken) = time(|| engine.search(request));
        found?;
        quickest = quickest.min(taken.processor.as_secs_f64() * 1e6);
    }
    Ok(quickest)
}

fn request(
    query: &str,
    filter: &WideFilter,
    facets: &[String],
    engine: &Engine,
) -> Result<SearchRequest, Box<dyn Error>> {
    let mut request = SearchRequest::new(query).limit(30);
    request.kinds = filter.kinds.iter().map(|kind| OrgKind::parse(kind)).collect();
    request.systems = filter.systems.iter().map(|system| HomeSystem::parse(system)).collect();
    request.statuses = filter.statuses.iter().map(|status| OrgStatus::parse(status)).collect();
    request.facets = facets.iter().filter_map(|field| FacetField::parse(field)).collect();
    if let Some(depth) = filter.depth {
        // The top of the tree, then always the first below it, which has the most below it of all.
        let first = engine.search(&SearchRequest::new("").limit(1))?.hits;
        let mut top = first.first().ok_or("there are no organizations")?.org.id.clone();
        for _ in 0..depth {
            top = engine.children(&top, 1, None)?.children.first().ok_or("nothing is below")?.org.id.clone();
        }
        request.within = Some(top);
    }
    Ok(request)
}

fn total_text(hits: &Hits) -> String {
    hits.total
        .map_or_else(String::new, |total| format!("{}{}", total.value, if total.exact { "" } else { "+" }))
}

/// What a scan of the file finds for one query.
struct Expected {
    /// Whether the scan can tell: the query is one text.
    is_known: bool,
    /// Organizations by status and kind, where one of their names holds the text.
    counts: HashMap<(String, String), u64>,
}

impl Expected {
    fn contradicts(&self, hits: &Hits, filter: &WideFilter) -> Option<String> {
        let total = hits.total?;
        for facet in &hits.facets {
            let sum: u64 = facet.values.iter().map(|(_, count)| count).sum();
            if sum > total.value {
                return Some(format!("{} values of {} organizations", sum, total.value));
            }
        }
        let holds_all =
            hits.query.parts.len() <= 1 || hits.query.parts.iter().all(|part| part.role == PartRole::Name);
        if !self.is_known || !holds_all || filter.depth.is_some() || !filter.systems.is_empty() {
            return None;
        }
        let passes = |wanted: &[String], value: &String| wanted.is_empty() || wanted.contains(value);
        let of = self
            .counts
            .iter()
            .filter(|((status, kind), _)| passes(&filter.statuses, status) && passes(&filter.kinds, kind));
        let wanted: u64 = of.map(|(_, count)| count).sum();
        if wanted == 0 {
            return None; // Nothing holds it, so a looser reading answers.
        }
        let is_wrong = total.value > wanted + BESIDE || (total.exact && total.value < wanted);
        is_wrong.then(|| format!("a scan finds {wanted}, the answer {}", total.value))
    }
}

fn scan(corpus: &Corpus, queries: &[String]) -> Result<Vec<Expected>, Box<dyn Error>> {
    let needles: Vec<String> = queries.iter().map(|query| normalize(query)).collect();
    let finders: Vec<Finder<'_>> = needles.iter().map(|needle| Finder::new(needle.as_bytes())).collect();
    let mut expected: Vec<Expected> = queries
        .iter()
        .map(|query| Expected { is_known: !query.contains(' '), counts: HashMap::new() })
        .collect();
    for row in Source::open(&corpus.file, &ColumnMap::default())? {
        let row = row?;
        let key =
            (OrgStatus::parse(&row.status).code().to_owned(), OrgKind::parse(&row.kind).code().to_owned());
        let names = std::iter::once(&row.name).chain(&row.aliases).chain(&row.former_names);
        let names: Vec<String> = names.map(|name| normalize(name)).collect();
        for (finder, expected) in finders.iter().zip(&mut expected) {
            if names.iter().any(|name| finder.find(name.as_bytes()).is_some()) {
                *expected.counts.entry(key.clone()).or_default() += 1;
            }
        }
    }
    Ok(expected)
}
