//! present: one page of hits, and what there is to know of all matches.

use super::count::count;
use super::cursor::{self, Place};
use super::hits::{
    Highlight, HighlightField, Hit, Hits, MatchedName, PartRole, QueryPart, QueryReading, Truncation,
};
use super::plan::QueryPlan;
use super::rank::{Evidence, NameField, Ranked, ScoredOrg, Scorer, Span};
use super::retrieve::{END, MatchSet};
use super::step_budget::StepBudget;
use super::suggest;
use crate::error::SearchError;
use crate::index::layers::Records;
use crate::index::snapshot::Snapshot;
use crate::org_record::OrgRecord;
use crate::text::normalize::NormalizedText;
use index_data::model::Ordinal;
use std::ops::Range;

/// # Errors
/// [`SearchError::Index`] if the postings cannot be read.
pub(crate) fn present(
    mut ranked: Ranked,
    mut scorer: Scorer<'_>,
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
) -> Result<Hits, SearchError> {
    let first = ranked.orgs.first().map(|org| (org.ordinal, scorer.evidence(org)));
    let query = read_query(first.as_ref().map(|(_, evidence)| evidence), plan);
    let mut truncated = std::mem::take(&mut ranked.truncated);
    let pass = ranked.pass;
    let counted = count(&ranked, plan, snapshot, &mut truncated)?;
    let (complete_to, choices) = match plan.request.suggest_next {
        true => (suggest::completion(&ranked, plan, snapshot), suggest::choices(&ranked, plan, snapshot)),
        false => (None, Vec::new()),
    };
    let page = page(ranked, &mut scorer, plan, snapshot, &mut truncated)?;
    let hit = |org: &ScoredOrg| match &first {
        Some((ordinal, evidence)) if *ordinal == org.ordinal => present_hit(org, evidence, plan, snapshot),
        _ => present_hit(org, &scorer.evidence(org), plan, snapshot),
    };
    Ok(Hits {
        query,
        hits: page.orgs.iter().map(hit).collect(),
        total: counted.total,
        facets: counted.facets,
        next_cursor: page.next.map(|place| cursor::write(place, &snapshot.version(), plan.request)),
        complete_to,
        choices,
        generation: snapshot.generation().to_owned(),
        prior: snapshot.learned().map(|learned| learned.name.clone()),
        truncated,
        pass,
    })
}

/// How the query was read: what of it the first of all hits holds.
fn read_query(first: Option<&Evidence>, plan: &QueryPlan<'_>) -> QueryReading {
    let interpretation = &plan.interpretation;
    let matched = first.map(|first| first.parts_matched.as_slice()).unwrap_or_default();
    let parts = interpretation.parts.iter().enumerate().map(|(at, part)| QueryPart {
        text: interpretation.part_text(part).to_owned(),
        role: part.role,
        matched: part.role != PartRole::Name || matched.get(at) == Some(&true),
    });
    QueryReading {
        raw: interpretation.text.raw().to_owned(),
        normalized: interpretation.text.text().to_owned(),
        parts: parts.collect(),
    }
}

struct Page {
    orgs: Vec<ScoredOrg>,
    next: Option<Place>,
}

/// The organizations from the cursor's place on: the head in its order, then what is left in static order.
fn page(
    mut ranked: Ranked,
    scorer: &mut Scorer<'_>,
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
    truncated: &mut Vec<Truncation>,
) -> Result<Page, SearchError> {
    let len = plan.request.page_len();
    let mut orgs = Vec::new();
    let mut place = plan.start;
    if let Place::Head(from) = place {
        let from = from.min(ranked.orgs.len());
        orgs.extend(ranked.orgs.drain(from..).take(len));
        let end = from + orgs.len();
        if end < ranked.head.len() {
            return Ok(Page { orgs, next: Some(Place::Head(end)) });
        }
        place = Place::Equal(0);
    }
    if ranked.complete {
        return Ok(Page { orgs, next: None });
    }
    let mut tail = Tail { ranked: &ranked, plan, snapshot, scorer };
    if let Place::Equal(from) = place {
        match tail.equal_names(from, len, &mut orgs) {
            Some(next) => return Ok(Page { orgs, next: Some(next) }),
            None => place = Place::Tail(0),
        }
    }
    let Place::Tail(from) = place else { return Ok(Page { orgs, next: None }) };
    let next = tail.matches(from, len, &mut orgs, truncated)?;
    Ok(Page { orgs, next })
}

/// What follows the head.
struct Tail<'a, 'm> {
    ranked: &'a Ranked,
    plan: &'a QueryPlan<'a>,
    snapshot: &'a Snapshot,
    scorer: &'a mut Scorer<'m>,
}

impl Tail<'_, '_> {
    /// Further bearers of the exact name typed; where to go on if the page is full.
    fn equal_names(&mut self, from: Ordinal, len: usize, orgs: &mut Vec<ScoredOrg>) -> Option<Place> {
        let text = self.plan.interpretation.text.text();
        for ordinal in self.snapshot.records.find_name(text).filter(|&ordinal| ordinal >= from) {
            if self.ranked.head.contains(&ordinal)
                || !self.plan.filter.accepts(&self.snapshot.records, ordinal)
            {
                continue;
            }
            if orgs.len() == len {
                return Some(Place::Equal(ordinal));
            }
            orgs.push(self.scorer.score(ordinal));
        }
        None
    }

    /// All other matches; where to go on if the page is full or no steps are left.
    fn matches(
        &mut self,
        from: Ordinal,
        len: usize,
        orgs: &mut Vec<ScoredOrg>,
        truncated: &mut Vec<Truncation>,
    ) -> Result<Option<Place>, SearchError> {
        let steps = StepBudget::new(self.plan.budget.retrieve_steps, self.plan.request.cancel.as_deref());
        let mut matches = MatchSet::new(
            self.plan.needles_of(self.ranked.needle_set, self.snapshot),
            self.plan,
            self.snapshot,
        )?;
        let text = self.plan.interpretation.text.text();
        let mut target = from;
        loop {
            let found = matches.seek(target, &steps);
            if found == END {
                let spent = steps.is_spent();
                truncated.extend(
                    spent
                        .then_some(self.ranked.needle_set.truncation())
                        .filter(|leg| !truncated.contains(leg)),
                );
                return Ok(spent.then(|| Place::Tail(matches.examined().max(target))));
            }
            target = found + 1;
            let is_equal = !text.is_empty() && self.snapshot.records.normalized(found) == text;
            if self.ranked.head.contains(&found) || is_equal {
                continue;
            }
            if orgs.len() == len {
                return Ok(Some(Place::Tail(found)));
            }
            orgs.push(self.scorer.score(found));
        }
    }
}

/// One organization as a hit.
pub(crate) fn present_hit(
    org: &ScoredOrg,
    evidence: &Evidence,
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
) -> Hit {
    let record = OrgRecord::read(&snapshot.records, org.ordinal);
    Hit {
        score: org.score(),
        match_reason: evidence.reason,
        matched_name: evidence.other_name.and_then(|field| matched_name(field, &record)),
        highlights: match plan.request.highlight {
            true => highlights(evidence, &record, &snapshot.records),
            false => Vec::new(),
        },
        explanation: plan.request.explain.then(|| org.explanation(evidence, plan, snapshot)),
        org: record,
    }
}

/// The alias or former name at a place of the row.
fn matched_name(name: NameField, record: &OrgRecord) -> Option<MatchedName> {
    let (field, name) = match name {
        NameField::Name | NameField::Above(_) => return None,
        NameField::Alias(at) => (HighlightField::Alias, record.aliases.get(at)),
        NameField::FormerName(at) => (HighlightField::FormerName, record.former_names.get(at)),
    };
    name.map(|name| MatchedName { field, name: name.clone() })
}

/// The matched spans, led back to the raw texts, joined where they touch.
fn highlights(evidence: &Evidence, record: &OrgRecord, records: &Records) -> Vec<Highlight> {
    let mut highlights = Vec::new();
    for spans in evidence.spans.chunk_by(|a, b| a.field == b.field) {
        let Some(first) = spans.first() else { continue };
        let (field, org, raw) = match first.field {
            NameField::Name => (HighlightField::Name, None, Some(&*record.name)),
            NameField::Alias(at) => (HighlightField::Alias, None, record.aliases.get(at).map(String::as_str)),
            NameField::FormerName(at) => {
                (HighlightField::FormerName, None, record.former_names.get(at).map(String::as_str))
            }
            NameField::Above(org) => (HighlightField::Path, Some(org), Some(records.name(org))),
        };
        let Some(raw) = raw else { continue };
        for chars in raw_ranges(spans, raw) {
            let utf16 = |chars: usize| raw.chars().take(chars).map(char::len_utf16).sum();
            highlights.push(Highlight {
                field,
                id: org.map(|org| records.id(org).to_owned()),
                start_utf16: utf16(chars.start),
                end_utf16: utf16(chars.end),
                start: chars.start,
                end: chars.end,
            });
        }
    }
    highlights
}

/// The characters of a raw name that spans of it stand for, joined where they touch.
fn raw_ranges(spans: &[Span], raw: &str) -> Vec<Range<usize>> {
    let text = NormalizedText::new(raw);
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for chars in spans.iter().filter_map(|span| text.raw_chars(&span.range)) {
        match ranges.last_mut() {
            Some(last) if chars.start <= last.end => last.end = last.end.max(chars.end),
            _ => ranges.push(chars),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::request::SearchRequest;
    use crate::search::test_tree::search;

    #[test]
    fn pages_give_each_match_once_and_end() {
        for query in ["", "北京", "团委办公室团支部"] {
            let all: Vec<String> = search(&SearchRequest::new(query).limit(100))
                .hits
                .into_iter()
                .map(|hit| hit.org.id)
                .collect();
            let mut paged = Vec::new();
            let mut request = SearchRequest::new(query).limit(2);
            loop {
                let page = search(&request);
                assert!(page.hits.len() <= 2);
                paged.extend(page.hits.into_iter().map(|hit| hit.org.id));
                match page.next_cursor {
                    Some(cursor) => request.cursor = Some(cursor),
                    None => break,
                }
                assert!(paged.len() <= all.len(), "{query}: the pages do not end");
            }
            assert_eq!(paged, all, "{query}");
        }
    }

    #[test]
    fn spans_are_joined_and_led_back_to_raw_characters() {
        let span = |range| Span { field: NameField::Name, range };
        // 𠮷 takes four bytes.
        assert_eq!(raw_ranges(&[span(0..4), span(4..7), span(10..13)], "𠮷林大学"), [0..2, 3..4]);
        assert_eq!(raw_ranges(&[span(3..6)], "𠮷"), Vec::<Range<usize>>::new());
    }
}
