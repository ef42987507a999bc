//! What callers of the engine hand in: queries and cursors, against the embedded sample.

use super::edits;
use index_data::load::{ColumnMap, Format, Source};
use index_data::validate::validate;
use search_core::{Engine, FacetField, Hits, SearchRequest};
use std::collections::HashSet;
use std::io::Cursor;
use std::sync::LazyLock;

static SAMPLE: LazyLock<Engine> = LazyLock::new(|| {
    let file = Cursor::new(index_data::generate::beijing_sample());
    let source = Source::from_reader(file, Format::Csv, "the embedded sample", &ColumnMap::default());
    let checked = validate(source.expect("the sample has a header")).expect("the sample is whole");
    Engine::in_memory(checked.tree.expect("the sample is valid")).expect("memory for an index")
});

/// A query as people type it, asked in every way.
pub(super) fn queries(input: &[u8]) {
    let query = String::from_utf8_lossy(input);
    let facets = FacetField::ALL.to_vec();
    let search = SearchRequest { facets, ..SearchRequest::new(&*query).limit(20).explain() };
    for request in [search, SearchRequest::autocomplete(&*query)] {
        let hits = SAMPLE.search(&request).expect("no query fails");
        check_page(&hits, &request);
    }
}

/// What holds for every page.
fn check_page(hits: &Hits, request: &SearchRequest) {
    assert!(hits.hits.len() <= request.limit);
    let ids: HashSet<&str> = hits.hits.iter().map(|hit| hit.org.id.as_str()).collect();
    assert_eq!(ids.len(), hits.hits.len(), "an organization came twice");
    for hit in &hits.hits {
        assert!((0.0..=1.0).contains(&hit.score), "score {}", hit.score);
        for mark in hit.highlights.iter().filter(|mark| mark.field == search_core::HighlightField::Name) {
            let (chars, units) = (hit.org.name.chars().count(), hit.org.name.encode_utf16().count());
            assert!(mark.start < mark.end && mark.end <= chars, "{mark:?} in {}", hit.org.name);
            assert!(
                mark.start_utf16 < mark.end_utf16 && mark.end_utf16 <= units,
                "{mark:?} in {}",
                hit.org.name
            );
        }
    }
}

/// A query, a line's end, then either a cursor or, behind `~`, how to damage a right one.
pub(super) fn cursors(input: &[u8]) {
    let end = input.iter().position(|&byte| byte == b'\n').unwrap_or(input.len());
    let (query, rest) = (String::from_utf8_lossy(&input[..end]), input.get(end + 1..).unwrap_or_default());
    let request = SearchRequest { count_total: false, ..SearchRequest::new(&*query).limit(5) };
    let cursor = match rest.strip_prefix(b"~") {
        None => rest.to_vec(),
        Some(damage) => {
            let first = SAMPLE.search(&request).expect("no query fails");
            let mut cursor = first.next_cursor.unwrap_or_default().into_bytes();
            edits::apply(damage, &mut cursor);
            cursor
        }
    };
    let request = request.cursor(String::from_utf8_lossy(&cursor));
    if let Ok(hits) = SAMPLE.search(&request) {
        check_page(&hits, &request);
    }
    let _ = SAMPLE.children("", 5, request.cursor.as_deref());
}
