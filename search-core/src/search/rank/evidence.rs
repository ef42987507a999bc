//! What a shown hit is shown with: why it was found, which spans of its names, which parts of the query.
//!
//! Ranking thousands of candidates needs none of it, so it is worked out for the few that are shown, from the alignment
//! that ranked them.

use super::candidate_text::CandidateText;
use super::exactness::Tier;
use super::needles::{NeedleFinder, Occurrence};
use super::span::{NameField, Span};
use super::{ScoredOrg, Scorer, other_name};
use crate::index::name_view::placed_symbols;
use crate::index::records::Records;
use crate::number_hash::NumberHash;
use crate::search::align::{MatchRule, MatchedPiece};
use crate::search::hits::{MatchReason, PartRole};
use crate::search::interpret::Part;
use crate::search::plan::QueryPlan;
use crate::text::placed_symbols::PlacedSymbol;
use crate::text::symbols::{ClassKey, Symbol};
use index_data::model::Ordinal;
use std::collections::HashMap;
use std::ops::Range;

/// A typed span and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SpanMatch {
    /// In bytes of the normalized query.
    pub(crate) typed: Range<usize>,
    /// The organization in whose name it was found: itself or one above.
    pub(crate) org: Ordinal,
    /// In bytes of that normalized name; `None`: in one of its other names.
    pub(crate) named: Option<Range<usize>>,
    pub(crate) rule: MatchRule,
}

/// What a hit is shown with.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub(crate) reason: MatchReason,
    /// The name that matches where the official one does not.
    pub(crate) other_name: Option<NameField>,
    /// Ascending, in its own names.
    pub(crate) spans: Vec<Span>,
    /// For each part of the query, whether all of it is found.
    pub(crate) parts_matched: Vec<bool>,
    pub(crate) matches: Vec<SpanMatch>,
}

impl Scorer<'_> {
    /// The evidence for an organization that this scorer scored.
    pub(crate) fn evidence(&mut self, org: &ScoredOrg) -> Evidence {
        let (plan, records) = (self.plan, &self.snapshot.records);
        let mut cache = std::mem::take(&mut self.evidence);
        let (pieces, text) = self.alignment_of(org);
        let own = AddedName::read(records, org.ordinal);
        let layout = Layout { plan, records, ordinal: org.ordinal, own: &own };
        let matches = layout.matches(pieces, text, &mut cache.added_names);
        let finder = cache.needles.get_or_insert_with(|| NeedleFinder::new(&plan.needles));
        let occurrences = finder.find(records, org.ordinal);
        let parts_matched = parts_matched(plan, &occurrences, &matches);
        let reason = reason(org, pieces, &occurrences, &parts_matched);
        let other_name = other_name::find(org, pieces, text, &occurrences, plan, records);
        let spans = match plan.request.highlight {
            true => layout.spans(&occurrences, &matches),
            false => Vec::new(),
        };
        self.evidence = cache;
        Evidence { reason, other_name, spans, parts_matched, matches }
    }
}

/// What is worked out once for all hits of a page.
#[derive(Default)]
pub(super) struct EvidenceCache<'a> {
    needles: Option<NeedleFinder<'a>>,
    added_names: HashMap<Ordinal, Vec<PlacedSymbol>, NumberHash>,
}

/// The best reason that an organization was found for.
fn reason(
    org: &ScoredOrg,
    pieces: &[MatchedPiece],
    occurrences: &[Occurrence],
    parts_matched: &[bool],
) -> MatchReason {
    if let Some(reason) = org.exact_reason {
        return reason;
    }
    debug_assert!(org.tier == Tier::Partial);
    if occurrences.iter().all(|needle| needle.own.is_some()) {
        return if occurrences.len() <= 1 { MatchReason::Substring } else { MatchReason::Words };
    }
    if occurrences.iter().all(Occurrence::is_found) {
        return MatchReason::Path;
    }
    let has = |rule: fn(MatchRule) -> bool| pieces.iter().any(|piece| rule(piece.rule));
    let is_pinyin = |rule| matches!(rule, MatchRule::Pinyin | MatchRule::OtherReading | MatchRule::Initial);
    if parts_matched.contains(&false) || has(MatchRule::is_correction) {
        MatchReason::Corrected
    } else if has(is_pinyin) {
        MatchReason::Pinyin
    } else {
        MatchReason::ShortForm
    }
}

/// For each part of the query whether all of it is found: as it was typed, or every node of it by some match.
fn parts_matched(plan: &QueryPlan<'_>, occurrences: &[Occurrence], matches: &[SpanMatch]) -> Vec<bool> {
    let (interpretation, lattice) = (&plan.interpretation, &plan.lattice);
    let is_found = |place: &Range<usize>| {
        matches.iter().any(|found| found.typed.start <= place.start && place.end <= found.typed.end)
    };
    let is_matched = |part: &Part| {
        if part.role != PartRole::Name {
            return true;
        }
        let text = interpretation.part_text(part);
        let needle = plan.needles.iter().position(|needle| needle == text);
        if needle.is_some_and(|needle| occurrences[needle].is_found()) {
            return true;
        }
        let nodes = lattice.places.iter().filter(|place| part.range.contains(&place.start));
        let classes = lattice.class_places.iter().map(|(_, place)| place);
        nodes.chain(classes.filter(|place| part.range.contains(&place.start))).all(is_found)
    };
    interpretation.parts.iter().map(is_matched).collect()
}

/// Leads from places of an aligned text back to spans of names.
struct Layout<'a> {
    plan: &'a QueryPlan<'a>,
    records: &'a Records,
    ordinal: Ordinal,
    own: &'a AddedName,
}

/// Whose name a place of the aligned text belongs to, and where it lies in that normalized name.
type Place = (Ordinal, Option<Range<usize>>);

impl Layout<'_> {
    /// Which typed span stands for which span of which name, runs joined, in typed order.
    fn matches(
        &self,
        pieces: &[MatchedPiece],
        text: &CandidateText,
        added_names: &mut HashMap<Ordinal, Vec<PlacedSymbol>, NumberHash>,
    ) -> Vec<SpanMatch> {
        let lattice = &self.plan.lattice;
        let places = self.places(text, added_names);
        let mut matches: Vec<SpanMatch> = Vec::new();
        for &MatchedPiece { edge, place, rule, continues } in pieces {
            let edge = &lattice.edges[edge];
            let typed = lattice.places[edge.from].start..lattice.places[edge.to - 1].end;
            let Some((org, named)) = places.get(place).cloned() else { continue };
            match matches.last_mut() {
                Some(last) if continues && last.rule == rule && last.org == org => {
                    last.typed.end = typed.end;
                    if let (Some(last), Some(named)) = (&mut last.named, named) {
                        last.end = named.end;
                    }
                }
                _ => matches.push(SpanMatch { typed, org, named, rule }),
            }
        }
        matches.extend(self.class_matches(text.class));
        matches.sort_by_key(|found| (found.typed.start, found.typed.end));
        matches
    }

    /// The year, class and grade typed, where the path says them.
    fn class_matches(&self, named: ClassKey) -> impl Iterator<Item = SpanMatch> {
        let typed = self.plan.lattice.class_places.iter();
        typed.filter_map(move |(symbol, place)| self.class_match(*symbol, place.clone(), named))
    }

    fn class_match(&self, symbol: Symbol, typed: Range<usize>, named: ClassKey) -> Option<SpanMatch> {
        let records = self.records;
        if !named.symbols().any(|known| known == symbol) {
            return None;
        }
        let org = std::iter::once(self.ordinal)
            .chain(records.ancestors(self.ordinal))
            .find(|&org| records.view_symbols(org).any(|known| known == symbol))?;
        let find = |placed: &[PlacedSymbol]| {
            placed.iter().find(|placed| placed.symbol == symbol).map(|placed| placed.range.clone())
        };
        let named = match org == self.ordinal {
            true => find(&self.own.symbols),
            false if self.plan.request.explain => find(&AddedName::read(records, org).symbols),
            false => None,
        };
        Some(SpanMatch { typed, org, named, rule: MatchRule::Number })
    }

    /// For each place of the aligned text where it lies.
    fn places(
        &self,
        text: &CandidateText,
        added_names: &mut HashMap<Ordinal, Vec<PlacedSymbol>, NumberHash>,
    ) -> Vec<Place> {
        let own_len: usize = text.own.iter().map(|own| own.len).sum();
        let above_len = text.text.len() - own_len;
        let mut places = if self.plan.request.explain {
            self.places_above(above_len, added_names)
        } else {
            // Only an explanation tells which name above it is.
            vec![(self.records.parent(self.ordinal).unwrap_or(self.ordinal), None); above_len]
        };
        let official_len = text.official().map_or(0, |official| official.len);
        places.extend(std::iter::repeat_n((self.ordinal, None), own_len - official_len));
        let official = self.own.symbols.iter().take(official_len);
        places.extend(official.map(|placed| (self.ordinal, Some(placed.range.clone()))));
        places
    }

    fn places_above(
        &self,
        above_len: usize,
        added_names: &mut HashMap<Ordinal, Vec<PlacedSymbol>, NumberHash>,
    ) -> Vec<Place> {
        let records = self.records;
        let mut path: Vec<Ordinal> = records.ancestors(self.ordinal).collect();
        path.reverse();
        let mut places: Vec<Place> = Vec::new();
        for above in path {
            let kept = records.view_symbols(above).len();
            let added = added_names.entry(above).or_insert_with(|| AddedName::read(records, above).symbols);
            places.extend(added.iter().take(kept).map(|placed| (above, Some(placed.range.clone()))));
            let aliases = match records.has_details(above) {
                true => records.other_views(above).aliases().iter().map(|view| view.symbols.len()).sum(),
                false => 0,
            };
            places.extend(std::iter::repeat_n((above, None), aliases));
        }
        // The top of a long path is not aligned.
        let surplus = places.len().saturating_sub(above_len);
        places.drain(..surplus);
        places
    }

    /// The spans of its own names that the query matches.
    fn spans(&self, occurrences: &[Occurrence], matches: &[SpanMatch]) -> Vec<Span> {
        let (records, needles) = (self.records, &self.plan.needles);
        let start = records.core_range(self.ordinal).start;
        let repeated = records.normalized(self.ordinal).get(start..self.own.added.start).unwrap_or_default();
        let mut spans: Vec<Span> = Vec::new();
        for (needle, occurrence) in needles.iter().zip(occurrences) {
            match &occurrence.own {
                Some(span) => spans.push(span.clone()),
                None => spans.extend(repeated_span(start, repeated, needle)),
            }
        }
        if spans.is_empty() || spans.len() < needles.len() {
            let own = matches.iter().filter(|found| found.org == self.ordinal);
            let named = own.filter_map(|found| found.named.clone());
            spans.extend(named.map(|range| Span { field: NameField::Name, range }));
        }
        spans.sort_by_key(|span| (span.range.start, span.range.end));
        spans.dedup();
        spans
    }
}

/// What an organization's name adds to those above.
struct AddedName {
    /// Where in its normalized name, in bytes.
    added: Range<usize>,
    symbols: Vec<PlacedSymbol>,
}

impl AddedName {
    fn read(records: &Records, ordinal: Ordinal) -> AddedName {
        let added = records.added_range(ordinal);
        let symbols = placed_symbols(records.name(ordinal), records.normalized(ordinal), added.clone());
        AddedName { added, symbols }
    }
}

/// Where the name repeats what was matched in a name above it; `repeated` is what it repeats and begins at `start`.
fn repeated_span(start: usize, repeated: &str, needle: &str) -> Option<Span> {
    let same = repeated.chars().zip(needle.chars()).take_while(|(a, b)| a == b);
    let len: usize = same.map(|(c, _)| c.len_utf8()).sum();
    (len > 0).then_some(Span { field: NameField::Name, range: start..start + len })
}

#[cfg(test)]
mod tests {
    use crate::search::request::SearchRequest;
    use crate::search::test_tree::search;
    use crate::{HighlightField, MatchReason};

    #[test]
    fn a_hit_says_why_it_was_found() {
        for (query, reason) in [
            ("11", MatchReason::Id),
            ("中国共产主义青年团北京大学委员会", MatchReason::Exact),
            ("北京团市委", MatchReason::Alias),
            ("北京市第十五女子中学团委", MatchReason::FormerName),
            ("科春", MatchReason::Substring),
            ("清华 办公室", MatchReason::Path),
            ("人民 从江", MatchReason::Words),
            ("人大附中", MatchReason::ShortForm),
            ("qinghua", MatchReason::Pinyin),
            ("青华大雪", MatchReason::Corrected),
        ] {
            assert_eq!(search(&SearchRequest::new(query)).hits[0].match_reason, reason, "{query}");
        }
    }

    #[test]
    fn highlights_mark_what_was_typed() {
        for (query, field, marked) in [
            ("科春", HighlightField::Name, "科春"),
            ("从江医院", HighlightField::Name, "从江医院"),
            ("十五女子", HighlightField::FormerName, "十五女子"),
        ] {
            let hit = search(&SearchRequest::new(query)).hits.remove(0);
            let text = match field {
                HighlightField::Name => hit.org.name,
                HighlightField::Alias => hit.org.aliases[0].clone(),
                HighlightField::FormerName => hit.org.former_names[0].clone(),
            };
            let of_mark = |mark: &crate::Highlight| -> String {
                assert_eq!(mark.field, field, "{query}");
                text.chars().skip(mark.start).take(mark.end - mark.start).collect()
            };
            assert_eq!(hit.highlights.iter().map(of_mark).collect::<String>(), marked, "{query}");
        }
    }

    #[test]
    fn parts_that_nobody_holds_are_named() {
        let hits = search(&SearchRequest::new("北京大学 火星基地"));
        let parts: Vec<(&str, bool)> =
            hits.query.parts.iter().map(|part| (part.text.as_str(), part.matched)).collect();
        assert_eq!(parts, [("北京大学", true), ("火星基地", false)]);
    }
}
