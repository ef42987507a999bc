//! What a shown hit is shown with: why it was found, which spans of its names, which parts of the query.
//!
//! Ranking thousands of candidates needs none of it, so it is worked out for the few that are shown, from the alignment
//! that ranked them.

use super::candidate_text::CandidateText;
use super::exactness::Tier;
use super::needles::{NeedleFinder, Occurrence};
use super::span::{NameField, Span};
use super::{ScoredOrg, Scorer, other_name};
use crate::index::layers::Records;
use crate::index::name_view::placed_symbols;
use crate::number_hash::NumberHash;
use crate::search::align::{MatchRule, MatchedPiece};
use crate::search::hits::{MatchReason, PartRole};
use crate::search::interpret::Part;
use crate::search::plan::QueryPlan;
use crate::text::forms;
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
    /// Where in its names; `None`: in an alias of an organization above.
    pub(crate) named: Option<Span>,
    pub(crate) rule: MatchRule,
}

/// What a hit is shown with.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub(crate) reason: MatchReason,
    /// The name that matches where the official one does not.
    pub(crate) other_name: Option<NameField>,
    /// In its own names and those above, each name's ascending.
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
        let matches = layout.matches(pieces, text, &mut cache.names_above);
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
    names_above: NamesAbove,
}

/// What names above add to those above them, read where something stands for a part of them.
type NamesAbove = HashMap<Ordinal, AddedName, NumberHash>;

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

/// Where the symbols of an official name above lie in the aligned text.
struct NameRun {
    org: Ordinal,
    places: Range<usize>,
    /// How many of its first symbols are not in the text.
    left_out: usize,
}

/// Where a name holds a symbol of a shorter one, if it holds all of that in its order: 北 of 北大 in 北京大学. What the
/// shorter one begins with may stand in the names above: 北京十五中 for 第十五中学.
fn spelled_in(short: &[Symbol], name: &AddedName, at: usize) -> Option<Range<usize>> {
    let spelled_from = |from: usize| {
        let mut named = name.symbols.iter();
        let own = short.get(from..)?.iter();
        let mut spelled = own.map(|symbol| named.find(|placed| placed.symbol == *symbol));
        let placed = spelled.nth(at - from)??;
        spelled.all(|placed| placed.is_some()).then(|| placed.range.clone())
    };
    (0..=at).find_map(spelled_from)
}

impl Layout<'_> {
    /// Which typed span stands for which span of which name, runs joined, in typed order.
    fn matches(
        &self,
        pieces: &[MatchedPiece],
        text: &CandidateText,
        names_above: &mut NamesAbove,
    ) -> Vec<SpanMatch> {
        let lattice = &self.plan.lattice;
        let runs = self.runs_above(text);
        let mut matches: Vec<SpanMatch> = Vec::new();
        for &MatchedPiece { edge, place, rule, continues } in pieces {
            let edge = &lattice.edges[edge];
            let typed = lattice.places[edge.from].start..lattice.places[edge.to - 1].end;
            let (org, named) = match text.own.first().is_some_and(|own| own.start <= place) {
                true => (self.ordinal, self.own_span(place, text)),
                false => self.span_above(place, &runs, names_above),
            };
            let extends = |last: &SpanMatch| {
                let same_name = match (&last.named, &named) {
                    (Some(last), Some(next)) => {
                        last.field == next.field
                            && last.range.start <= next.range.start
                            && self.touches(last, next)
                    }
                    (last, next) => last.is_none() && next.is_none(),
                };
                continues && last.rule == rule && last.org == org && same_name
            };
            match matches.last_mut().filter(|last| extends(last)) {
                Some(last) => {
                    last.typed.end = typed.end;
                    if let (Some(last), Some(named)) = (&mut last.named, named) {
                        last.range.end = named.range.end;
                    }
                }
                None => matches.push(SpanMatch { typed, org, named, rule }),
            }
        }
        let class_places = lattice.class_places.iter();
        matches.extend(
            class_places.filter_map(|(symbol, place)| {
                self.class_match(*symbol, place.clone(), text.class, names_above)
            }),
        );
        matches.extend(self.open_number_match(pieces, text, names_above));
        matches.sort_by_key(|found| (found.typed.start, found.typed.end));
        matches
    }

    /// The number typed last, where the year or the class begins with it.
    fn open_number_match(
        &self,
        pieces: &[MatchedPiece],
        text: &CandidateText,
        names_above: &mut NamesAbove,
    ) -> Option<SpanMatch> {
        let (lattice, open) = (&self.plan.lattice, self.plan.open_number.as_ref()?);
        let reads = |piece: &MatchedPiece| {
            let edge = &lattice.edges[piece.edge];
            (edge.from..edge.to).contains(&open.node)
        };
        let symbol = text.class.symbols().find(|&symbol| open.begins(ClassKey::of([symbol])))?;
        let is_read = pieces.iter().any(reads);
        let place = lattice.places[open.node].clone();
        (!is_read).then(|| self.class_match(symbol, place, text.class, names_above)).flatten()
    }

    /// The year, class or grade typed, where the path says it.
    fn class_match(
        &self,
        symbol: Symbol,
        typed: Range<usize>,
        named: ClassKey,
        names_above: &mut NamesAbove,
    ) -> Option<SpanMatch> {
        let records = self.records;
        if !named.symbols().any(|known| known == symbol) {
            return None;
        }
        let org = std::iter::once(self.ordinal)
            .chain(records.ancestors(self.ordinal))
            .find(|&org| records.view_symbols(org).any(|known| known == symbol))?;
        let (name, field) = match org == self.ordinal {
            true => (self.own, NameField::Name),
            false => (self.name_above(org, names_above), NameField::Above(org)),
        };
        let placed = name.symbols.iter().find(|placed| placed.symbol == symbol);
        let named = placed.map(|placed| Span { field, range: placed.range.clone() });
        Some(SpanMatch { typed, org, named, rule: MatchRule::Number })
    }

    /// Where the official names above lie in the text, the nearest first. The top of a long path is not in it.
    fn runs_above(&self, text: &CandidateText) -> Vec<NameRun> {
        let records = self.records;
        let mut end = text.own.first().map_or(text.text.len(), |own| own.start);
        let mut runs = Vec::new();
        for org in records.ancestors(self.ordinal) {
            if records.has_details(org) {
                let views = records.other_views(org);
                let aliases: usize = views.for_subtree().iter().map(|view| view.symbols.len()).sum();
                end = end.saturating_sub(aliases);
            }
            let len = records.view_symbols(org).len();
            let start = end.saturating_sub(len);
            runs.push(NameRun { org, places: start..end, left_out: len - (end - start) });
            end = start;
            if end == 0 {
                break;
            }
        }
        runs
    }

    fn span_above(
        &self,
        place: usize,
        runs: &[NameRun],
        names_above: &mut NamesAbove,
    ) -> (Ordinal, Option<Span>) {
        let Some(run) = runs.iter().find(|run| run.places.contains(&place)) else {
            // An alias: it stands behind the name of its organization.
            let Some(run) = runs.iter().find(|run| run.places.end <= place) else {
                return (self.ordinal, None);
            };
            return (run.org, self.spelled_out(run.org, place - run.places.end, names_above));
        };
        let at = place - run.places.start + run.left_out;
        let placed = self.name_above(run.org, names_above).symbols.get(at);
        let span =
            placed.map(|placed| Span { field: NameField::Above(run.org), range: placed.range.clone() });
        (run.org, span)
    }

    /// Where the official name holds a symbol of its aliases and short names: see [`spelled_in`]. `at` counts through
    /// them, one behind the other.
    fn spelled_out(&self, org: Ordinal, mut at: usize, names_above: &mut NamesAbove) -> Option<Span> {
        let views = self.records.other_views(org);
        let alias = views.for_subtree().iter().find(|view| {
            let is_here = at < view.symbols.len();
            at -= if is_here { 0 } else { view.symbols.len() };
            is_here
        })?;
        let range = spelled_in(&alias.symbols, self.name_above(org, names_above), at)?;
        Some(Span { field: NameField::Above(org), range })
    }

    /// Whether nothing that counts stands between two spans; what an alias leaves out does.
    fn touches(&self, last: &Span, next: &Span) -> bool {
        let org = match last.field {
            NameField::Above(org) => org,
            NameField::Name => self.ordinal,
            NameField::Alias(_) | NameField::FormerName(_) => return true,
        };
        let between = self.records.normalized(org).get(last.range.end..next.range.start);
        between.is_none_or(|between| !between.contains(char::is_alphanumeric))
    }

    fn name_above<'n>(&self, org: Ordinal, names_above: &'n mut NamesAbove) -> &'n AddedName {
        names_above.entry(org).or_insert_with(|| AddedName::read(self.records, org))
    }

    /// In the official name or in one of the others.
    fn own_span(&self, place: usize, text: &CandidateText) -> Option<Span> {
        let at = text.own.iter().position(|own| own.range().contains(&place))?;
        let symbol = place - text.own[at].start;
        if at + 1 == text.own.len() {
            let range = self.own.symbols.get(symbol)?.range.clone();
            return Some(Span { field: NameField::Name, range });
        }
        let views = self.records.other_views(self.ordinal);
        let Some(field) = other_name::field(at, &views) else {
            let range = spelled_in(&views.all().get(at)?.symbols, self.own, symbol)?;
            return Some(Span { field: NameField::Name, range });
        };
        let details = self.records.details(self.ordinal);
        let raw = match field {
            NameField::Alias(at) => details.aliases.get(at)?,
            NameField::FormerName(at) => details.former_names.get(at)?,
            NameField::Name | NameField::Above(_) => return None,
        };
        let normalized = crate::normalize(raw);
        let core = forms::split(&normalized).core;
        let range = placed_symbols(raw, &normalized, core).get(symbol)?.range.clone();
        Some(Span { field, range })
    }

    /// The spans that the query matches. What was matched in a name above is marked in its own name where that one
    /// repeats it.
    fn spans(&self, occurrences: &[Occurrence], matches: &[SpanMatch]) -> Vec<Span> {
        let mut spans: Vec<Span> = occurrences.iter().filter_map(|needle| needle.own.clone()).collect();
        if spans.is_empty() || spans.len() < self.plan.needles.len() {
            let named = matches.iter().filter_map(|found| found.named.clone());
            spans.extend(named.map(|span| self.repeated(&span).unwrap_or(span)));
        }
        spans.sort_by_key(|span| (span.field, span.range.start, span.range.end));
        spans.dedup();
        spans
    }

    /// Where its own name repeats a span of a name above.
    fn repeated(&self, span: &Span) -> Option<Span> {
        let NameField::Above(org) = span.field else { return None };
        let (records, added) = (self.records, &self.own.added);
        let core_start = records.core_range(self.ordinal).start;
        if added.start == core_start {
            return None;
        }
        // It repeats the end of the path, so places are counted from there.
        let between = records.ancestors(self.ordinal).take_while(|&above| above != org);
        let after: usize = between.map(|above| records.added_range(above).len()).sum();
        let from_end = after + records.added_range(org).end.checked_sub(span.range.end)?;
        let end = added.start.checked_sub(from_end)?;
        let start = end.checked_sub(span.range.len()).filter(|&start| start >= core_start)?;
        let text = records.normalized(self.ordinal).get(start..end);
        let is_same = text.is_some() && text == records.normalized(org).get(span.range.clone());
        is_same.then_some(Span { field: NameField::Name, range: start..end })
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

#[cfg(test)]
mod tests {
    use crate::search::request::SearchRequest;
    use crate::search::test_tree::search;
    use crate::{Highlight, HighlightField, MatchReason};

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
                HighlightField::Path => unreachable!("{query}"),
            };
            let of_mark = |mark: &crate::Highlight| -> String {
                assert_eq!(mark.field, field, "{query}");
                text.chars().skip(mark.start).take(mark.end - mark.start).collect()
            };
            assert_eq!(hit.highlights.iter().map(of_mark).collect::<String>(), marked, "{query}");
        }
    }

    /// What is marked in each name: the field, the id above, the text.
    fn marks(query: &str) -> Vec<(HighlightField, Option<String>, String)> {
        let hit = search(&SearchRequest::new(query)).hits.remove(0);
        let text_of = |mark: &Highlight| match mark.field {
            HighlightField::Name => hit.org.name.clone(),
            HighlightField::Alias => hit.org.aliases[0].clone(),
            HighlightField::FormerName => hit.org.former_names[0].clone(),
            HighlightField::Path => {
                let step = hit.org.path.iter().find(|step| Some(&step.id) == mark.id.as_ref());
                step.expect("the id is of the path").name.clone()
            }
        };
        let marked = |mark: &Highlight| {
            let text: String = text_of(mark).chars().skip(mark.start).take(mark.end - mark.start).collect();
            (mark.field, mark.id.clone(), text)
        };
        hit.highlights.iter().map(marked).collect()
    }

    #[test]
    fn what_matched_above_is_marked_in_its_own_name_or_in_the_path() {
        use HighlightField::{FormerName, Name, Path};
        type Mark<'a> = (HighlightField, Option<&'a str>, &'a str);
        let rows: [(&str, &[Mark<'_>]); 8] = [
            // The own name spells the university out.
            ("北大软微", &[(Name, None, "北"), (Name, None, "大"), (Name, None, "软"), (Name, None, "微")]),
            // The own name says the class only.
            ("软微24级1班", &[(Name, None, "2024级1班"), (Path, Some("12"), "软"), (Path, Some("12"), "微")]),
            ("清华 办公室", &[(Name, None, "办公室"), (Path, Some("31"), "清华")]),
            ("qinghua bangongshi", &[(Name, None, "办公室"), (Path, Some("31"), "清华")]),
            ("十五中高一4班", &[(Name, None, "高一4班"), (Path, Some("17"), "第十五中")]),
            // 东大 is an alias; its characters stand in the official name.
            ("东大办公室", &[(Name, None, "办公室"), (Path, Some("30"), "东"), (Path, Some("30"), "大")]),
            ("海淀 科春", &[(Name, None, "科春"), (Path, Some("20"), "海淀")]),
            ("十五女中", &[(FormerName, None, "女"), (FormerName, None, "中")]),
        ];
        for (query, expected) in rows {
            let found = marks(query);
            let found: Vec<Mark<'_>> =
                found.iter().map(|(field, id, text)| (*field, id.as_deref(), text.as_str())).collect();
            assert_eq!(found, expected, "{query}");
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
