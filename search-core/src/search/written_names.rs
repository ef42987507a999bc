//! The names that are written out in a sentence: spans of it that are all of some organization's name.

use super::hits::PartRole;
use super::interpret::Interpretation;
use crate::index::layers::Records;
use std::ops::Range;

/// Characters of such a name. Shorter ones are words of a sentence as well.
const LENGTHS: Range<usize> = 4..33;

/// Organizations that bear a name which says whom it means. 运行控制中心 is a name of many.
const FEW: usize = 2;

/// The spans, in typed order, in bytes of the normalized text; none if each is a name of many. Of those that overlap the
/// longest, then the first.
pub(crate) fn written_names(read: &Interpretation, records: &Records) -> Vec<Range<usize>> {
    let text = read.text.text();
    let bearers = |span: &Range<usize>| {
        let name = &text[span.clone()];
        records.find_core(name).chain(records.find_alias(name)).take(FEW + 1).count()
    };
    let is_name = |span: &Range<usize>| bearers(span) > 0;
    let mut spans: Vec<Range<usize>> = Vec::new();
    for part in read.parts.iter().filter(|part| part.role == PartRole::Name) {
        let starts = text[part.range.clone()].char_indices().map(|(at, _)| part.range.start + at);
        let mut edges: Vec<usize> = starts.collect();
        edges.push(part.range.end);
        for (first, &start) in edges.iter().enumerate() {
            let ends = edges.iter().skip(first + LENGTHS.start).take(LENGTHS.len());
            spans.extend(ends.map(|&end| start..end).filter(is_name));
        }
    }
    spans.sort_by(|a, b| b.len().cmp(&a.len()).then(a.start.cmp(&b.start)));
    let mut kept: Vec<Range<usize>> = Vec::new();
    for span in spans {
        if kept.iter().all(|known| known.end <= span.start || span.end <= known.start) {
            kept.push(span);
        }
    }
    if kept.iter().all(|span| bearers(span) > FEW) {
        return Vec::new();
    }
    kept.sort_by_key(|span| span.start);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::SearchRequest;
    use crate::search::test_tree::with_plan;

    #[test]
    fn the_longest_spans_that_are_names_are_found() {
        let rows: [(&str, &[&str]); 4] = [
            ("材料要交到北京大学团委吗", &["北京大学"]),
            ("北京大学和清华大学", &["北京大学", "清华大学"]),
            ("北大的材料", &[]),
            ("", &[]),
        ];
        for (query, expected) in rows {
            with_plan(&SearchRequest::new(query), |plan, snapshot| {
                let read = &plan.interpretation;
                let found = written_names(read, &snapshot.records);
                let found: Vec<&str> = found.into_iter().map(|span| &read.text.text()[span]).collect();
                assert_eq!(found, expected, "{query}");
            });
        }
    }
}
