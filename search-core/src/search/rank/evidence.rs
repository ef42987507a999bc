//! What a shown hit is shown with: why it was found, which spans of its names, which parts of the query.
//!
//! Ranking thousands of candidates needs none of it, so it is read again for the few that are shown, from the same
//! alignment.

use super::RankedOrg;
use super::features::{Measure, Tier};
use crate::index::name_view::placed_symbols;
use crate::index::records::Records;
use crate::search::align::{MatchRule, Matched};
use crate::search::hits::{MatchReason, PartRole};
use crate::text::placed_symbols::PlacedSymbol;
use crate::text::symbols::ClassKey;
use index_data::model::Ordinal;
use memchr::memmem::Finder;
use std::ops::Range;

/// Which of an organization's names a span lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameField {
    Name,
    /// The alias at this place of the row.
    Alias(usize),
    /// The former name at this place of the row.
    FormerName(usize),
}

/// A matched span of one of the normalized names, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) field: NameField,
    pub(crate) range: Range<usize>,
}

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
    /// Ascending, in its own names.
    pub(crate) spans: Vec<Span>,
    /// For each part of the query, whether all of it is found.
    pub(crate) parts_matched: Vec<bool>,
    pub(crate) matches: Vec<SpanMatch>,
}

/// Where a needle stands as it was typed.
struct Verbatim {
    /// In one of its own names.
    own: Option<Span>,
    /// Whether a name above holds it.
    is_above: bool,
}

impl Verbatim {
    fn is_found(&self) -> bool {
        self.own.is_some() || self.is_above
    }
}

impl Measure<'_> {
    /// The evidence for one ranked organization.
    pub(crate) fn evidence(&mut self, org: &RankedOrg) -> Evidence {
        let ordinal = org.ordinal;
        let class = self.align(ordinal, &self.snapshot.records.rank_row(ordinal));
        let own = OwnName::read(&self.snapshot.records, ordinal);
        let matches = self.span_matches(ordinal, class, &own);
        let verbatim = self.verbatim(ordinal);
        let parts_matched = self.parts_matched(&verbatim, &matches);
        Evidence {
            reason: self.reason(org, &verbatim, &parts_matched),
            spans: self.spans(ordinal, &own, verbatim, &matches),
            parts_matched,
            matches,
        }
    }

    /// Where the needles stand as they were typed.
    fn verbatim(&mut self, ordinal: Ordinal) -> Vec<Verbatim> {
        let (plan, records) = (self.plan, &self.snapshot.records);
        let finders = self.finders.get_or_insert_with(|| plan.needles.iter().map(Finder::new).collect());
        let mut verbatim: Vec<Verbatim> = finders
            .iter()
            .map(|finder| Verbatim { own: own_span(records, ordinal, finder), is_above: false })
            .collect();
        for above in records.ancestors(ordinal) {
            let holds = || finders.iter().map(|finder| own_span(records, above, finder).is_some()).collect();
            let held = self.held_above.entry(above).or_insert_with(holds);
            for (verbatim, &is_held) in verbatim.iter_mut().zip(held.iter()) {
                verbatim.is_above |= is_held;
            }
        }
        verbatim
    }

    fn reason(&self, org: &RankedOrg, verbatim: &[Verbatim], parts_matched: &[bool]) -> MatchReason {
        if let Some(reason) = org.measured.exact_reason {
            return reason;
        }
        debug_assert!(org.measured.tier == Tier::Partial);
        if verbatim.iter().all(|needle| needle.own.is_some()) {
            return if verbatim.len() <= 1 { MatchReason::Substring } else { MatchReason::Words };
        }
        if verbatim.iter().all(Verbatim::is_found) {
            return MatchReason::Path;
        }
        let has = |rule: fn(MatchRule) -> bool| self.matched.iter().any(|matched| rule(matched.rule));
        if parts_matched.contains(&false) || has(MatchRule::is_correction) {
            MatchReason::Corrected
        } else if has(|rule| matches!(rule, MatchRule::Pinyin | MatchRule::OtherReading | MatchRule::Initial))
        {
            MatchReason::Pinyin
        } else {
            MatchReason::ShortForm
        }
    }

    /// Which typed span stands for which span of which name, runs joined, in typed order.
    fn span_matches(&mut self, ordinal: Ordinal, class: ClassKey, own: &OwnName) -> Vec<SpanMatch> {
        let records = &self.snapshot.records;
        let lattice = &self.plan.lattice;
        let layout = self.layout(ordinal, own);
        let mut matches: Vec<SpanMatch> = Vec::new();
        for &Matched { arc, at, rule, continues } in &self.matched {
            let arc = &lattice.arcs[arc];
            let typed = lattice.places[arc.from].start..lattice.places[arc.to - 1].end;
            let Some((org, named)) = layout.get(at).cloned() else { continue };
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
        for (symbol, typed) in &lattice.class_places {
            if !class.symbols().any(|known| known == *symbol) {
                continue;
            }
            let holder = std::iter::once(ordinal)
                .chain(records.ancestors(ordinal))
                .find(|&org| records.view_symbols(org).any(|known| known == *symbol));
            let Some(org) = holder else { continue };
            let find = |placed: &[PlacedSymbol]| {
                placed.iter().find(|placed| placed.symbol == *symbol).map(|placed| placed.range.clone())
            };
            let named = match org == ordinal {
                true => find(&own.symbols),
                false if self.plan.request.explain => find(&added_symbols(records, org)),
                false => None,
            };
            matches.push(SpanMatch { typed: typed.clone(), org, named, rule: MatchRule::Number });
        }
        matches.sort_by_key(|found| (found.typed.start, found.typed.end));
        matches
    }

    /// For each place of the text aligned, whose name it is and where it lies in it.
    fn layout(&mut self, ordinal: Ordinal, own: &OwnName) -> Vec<(Ordinal, Option<Range<usize>>)> {
        let records = &self.snapshot.records;
        let own_len: usize = self.own_texts.iter().map(|own| own.len).sum();
        let above_len = self.text.symbols.len() - own_len;
        let mut above = if self.plan.request.explain {
            self.layout_above(ordinal, above_len)
        } else {
            // Which name above it is tells only an explanation.
            vec![(records.parent(ordinal).unwrap_or(ordinal), None); above_len]
        };
        let (view, others) = self
            .own_texts
            .split_last()
            .map_or((0, 0), |(view, others)| (view.len, others.iter().map(|own| own.len).sum()));
        above.extend(std::iter::repeat_n((ordinal, None), others));
        let own = own.symbols.iter().take(view);
        above.extend(own.map(|placed| (ordinal, Some(placed.range.clone()))));
        above
    }

    fn layout_above(&mut self, ordinal: Ordinal, above_len: usize) -> Vec<(Ordinal, Option<Range<usize>>)> {
        let records = &self.snapshot.records;
        let mut path: Vec<Ordinal> = records.ancestors(ordinal).collect();
        path.reverse();
        let mut above: Vec<(Ordinal, Option<Range<usize>>)> = Vec::new();
        for up in path {
            let kept = records.view_symbols(up).len();
            let placed = self.placed_above.entry(up).or_insert_with(|| added_symbols(records, up));
            above.extend(placed.iter().take(kept).map(|placed| (up, Some(placed.range.clone()))));
            let aliases = self.alias_len(up);
            above.extend(std::iter::repeat_n((up, None), aliases));
        }
        let surplus = above.len().saturating_sub(above_len);
        above.drain(..surplus);
        above
    }

    fn parts_matched(&self, verbatim: &[Verbatim], matches: &[SpanMatch]) -> Vec<bool> {
        let interpretation = &self.plan.interpretation;
        let lattice = &self.plan.lattice;
        let is_found = |place: &Range<usize>| {
            matches.iter().any(|found| found.typed.start <= place.start && place.end <= found.typed.end)
        };
        let part = |part: &crate::search::interpret::Part| {
            if part.role != PartRole::Name {
                return true;
            }
            let text = interpretation.part_text(part);
            let needle = self.plan.needles.iter().position(|needle| needle == text);
            if needle.is_some_and(|needle| verbatim[needle].is_found()) {
                return true;
            }
            let nodes = lattice.places.iter().filter(|place| part.range.contains(&place.start));
            let classes = lattice.class_places.iter().map(|(_, place)| place);
            nodes.chain(classes.filter(|place| part.range.contains(&place.start))).all(is_found)
        };
        interpretation.parts.iter().map(part).collect()
    }

    /// The spans of its own names that the query matches.
    fn spans(
        &self,
        ordinal: Ordinal,
        own: &OwnName,
        verbatim: Vec<Verbatim>,
        matches: &[SpanMatch],
    ) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        if !self.plan.request.highlight {
            return spans;
        }
        let records = &self.snapshot.records;
        let inherited_start = records.core_range(ordinal).start;
        let inherited = records.normalized(ordinal).get(inherited_start..own.added.start).unwrap_or_default();
        for (needle, verbatim) in self.plan.needles.iter().zip(verbatim) {
            match verbatim.own {
                Some(span) => spans.push(span),
                None => spans.extend(inherited_span(inherited_start, inherited, needle)),
            }
        }
        if spans.is_empty() || spans.len() < self.plan.needles.len() {
            let own = matches.iter().filter(|found| found.org == ordinal);
            spans.extend(
                own.filter_map(|found| Some(Span { field: NameField::Name, range: found.named.clone()? })),
            );
        }
        spans.sort_by_key(|span| (span.range.start, span.range.end));
        spans.dedup();
        spans
    }

    fn alias_len(&self, up: Ordinal) -> usize {
        let records = &self.snapshot.records;
        match records.has_details(up) {
            true => records.other_views(up).aliases().iter().map(|view| view.symbols.len()).sum(),
            false => 0,
        }
    }
}

/// What an organization's name adds to those above.
struct OwnName {
    /// Where in its normalized name, in bytes.
    added: Range<usize>,
    symbols: Vec<PlacedSymbol>,
}

impl OwnName {
    fn read(records: &Records, ordinal: Ordinal) -> OwnName {
        let added = records.added_range(ordinal);
        let symbols = placed_symbols(records.name(ordinal), records.normalized(ordinal), added.clone());
        OwnName { added, symbols }
    }
}

/// Where the name repeats what was matched in a name above it: `inherited`, which begins at `start`.
fn inherited_span(start: usize, inherited: &str, needle: &str) -> Option<Span> {
    let same = inherited.chars().zip(needle.chars()).take_while(|(a, b)| a == b);
    let shared: usize = same.map(|(c, _)| c.len_utf8()).sum();
    (shared > 0).then_some(Span { field: NameField::Name, range: start..start + shared })
}

fn added_symbols(records: &Records, ordinal: Ordinal) -> Vec<PlacedSymbol> {
    OwnName::read(records, ordinal).symbols
}

/// Where one of the organization's names holds a text.
fn own_span(records: &Records, ordinal: Ordinal, needle: &Finder<'_>) -> Option<Span> {
    let own = best_occurrence(records.normalized_bytes(ordinal), needle, &records.core_range(ordinal));
    own.map(|range| Span { field: NameField::Name, range })
        .or_else(|| find_in_other_names(records, ordinal, needle))
}

/// The occurrence that cuts no number and, among those, the one at the beginning or end of the core, else the first.
fn best_occurrence(name: &[u8], needle: &Finder<'_>, core: &Range<usize>) -> Option<Range<usize>> {
    let ranges = needle.find_iter(name).map(|start| start..start + needle.needle().len());
    ranges.min_by_key(|range| {
        let at_edge = range.start == core.start || range.end == core.end;
        (cuts_number(name, range), !at_edge, range.start)
    })
}

fn find_in_other_names(records: &Records, ordinal: Ordinal, needle: &Finder<'_>) -> Option<Span> {
    if !records.has_details(ordinal) {
        return None;
    }
    let details = records.details(ordinal);
    let find = |names: &[String], field: fn(usize) -> NameField| {
        names.iter().enumerate().find_map(|(at, name)| {
            let start = needle.find(crate::normalize(name).as_bytes())?;
            Some(Span { field: field(at), range: start..start + needle.needle().len() })
        })
    };
    find(&details.aliases, NameField::Alias).or_else(|| find(&details.former_names, NameField::FormerName))
}

/// Whether a span begins or ends inside a number.
fn cuts_number(name: &[u8], span: &Range<usize>) -> bool {
    let digit = |at: Option<usize>| at.and_then(|at| name.get(at)).is_some_and(u8::is_ascii_digit);
    (digit(Some(span.start)) && digit(span.start.checked_sub(1)))
        || (digit(span.end.checked_sub(1)) && digit(Some(span.end)))
}
