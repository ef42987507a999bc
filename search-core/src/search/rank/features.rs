//! Measures one candidate: what of the query it holds, where, and what speaks for it besides.

use super::weights;
use crate::index::records::Records;
use crate::index::snapshot::Snapshot;
use crate::search::align::{Aligner, MAX_TEXT};
use crate::search::hits::MatchReason;
use crate::search::plan::QueryPlan;
use crate::text::forms;
use index_data::model::Ordinal;
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

/// What was measured of one candidate.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    /// Compared first; 0 is the best. See [`Tier`].
    pub(crate) tier: Tier,
    pub(crate) features: Features,
    pub(crate) reason: MatchReason,
    /// Ascending, in its own names.
    pub(crate) spans: Vec<Span>,
    /// For each name part of the query, whether all of it is found.
    pub(crate) parts_matched: Vec<bool>,
}

/// The class of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    /// The query is its id, or letter for letter its official name or one of its aliases.
    Verbatim,
    /// The query is its official name or one of its aliases, normalized (law 2).
    Exact,
    /// The query is its name without boilerplate, or a former name.
    Core,
    /// Anything else.
    Partial,
}

/// The features, each `0.0..=1.0`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Features {
    pub(crate) coverage: f32,
    pub(crate) own: f32,
    pub(crate) share: f32,
    pub(crate) run: f32,
    pub(crate) start: f32,
    pub(crate) end: f32,
    pub(crate) number: f32,
    pub(crate) form: f32,
    pub(crate) active: f32,
    pub(crate) level: f32,
    pub(crate) members: f32,
    /// `None`: not asked for, so it neither counts nor weighs.
    pub(crate) near: Option<f32>,
}

impl Features {
    /// Every feature with its name and weight, in the order of the table. Ranking sums over this list and `explain`
    /// prints it.
    pub(crate) fn weighted(&self) -> [(&'static str, f32, f32); 12] {
        [
            ("coverage", self.coverage, weights::COVERAGE),
            ("own", self.own, weights::OWN),
            ("share", self.share, weights::SHARE),
            ("run", self.run, weights::RUN),
            ("start", self.start, weights::START),
            ("end", self.end, weights::END),
            ("number", self.number, weights::NUMBER),
            ("form", self.form, weights::FORM),
            ("active", self.active, weights::ACTIVE),
            ("level", self.level, weights::LEVEL),
            ("members", self.members, weights::MEMBERS),
            ("near", self.near.unwrap_or(0.0), if self.near.is_some() { weights::NEAR } else { 0.0 }),
        ]
    }

    /// The weighted sum, `0.0..=1.0`.
    pub(crate) fn raw_score(&self) -> f32 {
        let weighted = self.weighted();
        let total: f32 = weighted.iter().map(|(_, _, weight)| weight).sum();
        weighted.iter().map(|(_, value, weight)| value * weight).sum::<f32>() / total
    }
}

/// Measures candidates of one query.
pub(crate) struct Measure<'a> {
    plan: &'a QueryPlan<'a>,
    snapshot: &'a Snapshot,
    aligner: Aligner,
    path: Vec<char>,
    /// The weight of each name part, and of all.
    part_weights: Vec<f32>,
    total_weight: f32,
    near_path: Vec<Ordinal>,
}

/// How one part of the query was found.
struct PartFound {
    own: f32,
    above: f32,
    pieces: usize,
    is_whole: bool,
    is_aligned: bool,
}

impl<'a> Measure<'a> {
    pub(crate) fn new(plan: &'a QueryPlan<'a>, snapshot: &'a Snapshot) -> Self {
        let part_weights: Vec<f32> = plan.needles.iter().map(|needle| weight_of(needle, plan)).collect();
        let near_path =
            plan.near.map(|near| std::iter::once(near).chain(snapshot.records.ancestors(near)).collect());
        Measure {
            total_weight: part_weights.iter().sum::<f32>().max(f32::MIN_POSITIVE),
            part_weights,
            plan,
            snapshot,
            aligner: Aligner::default(),
            path: Vec::new(),
            near_path: near_path.unwrap_or_default(),
        }
    }

    /// Everything there is to know of one candidate for this query.
    pub(crate) fn measure(&mut self, ordinal: Ordinal) -> Measured {
        let records = &self.snapshot.records;
        let mut spans = Vec::new();
        let mut parts_matched = Vec::with_capacity(self.plan.needles.len());
        let (mut own, mut above, mut pieces, mut aligned) = (0.0, 0.0, 0usize, false);
        for part in 0..self.plan.needles.len() {
            let found = self.find_part(part, ordinal, &mut spans);
            own += found.own;
            above += found.above;
            pieces += found.pieces;
            aligned |= found.is_aligned;
            parts_matched.push(found.is_whole);
        }
        spans.sort_by_key(|span| span.range.start);
        let core = records.core_range(ordinal);
        let added = core.start + inherited_len(records, ordinal)..core.end;
        let name = records.normalized(ordinal);
        let named: Vec<&Range<usize>> =
            spans.iter().filter(|span| span.field == NameField::Name).map(|span| &span.range).collect();
        // Every name holds the empty query.
        let of_query = |found: f32| {
            if self.plan.needles.is_empty() { 1.0 } else { (found / self.total_weight).min(1.0) }
        };
        let features = Features {
            coverage: of_query(own + above),
            own: of_query(own),
            share: share(&named, &core).max(share(&named, &added)),
            run: if pieces == 0 { 0.0 } else { (self.plan.needles.len() as f32 / pieces as f32).min(1.0) },
            start: f32::from(u8::from(
                named.first().is_some_and(|first| [core.start, added.start].contains(&first.start)),
            )),
            end: f32::from(u8::from(named.last().is_some_and(|last| last.end >= core.end))),
            number: whole_numbers(name, &named),
            form: form_agreement(self.plan.interpretation.form, forms::split(name).family),
            active: f32::from(u8::from(records.is_active(ordinal))),
            level: level(records, ordinal),
            members: records.members(ordinal).map_or(0.0, |members| (members + 1).ilog2() as f32 / 32.0),
            near: self.nearness(ordinal),
        };
        let tier_and_reason = self.exactness(ordinal);
        let (tier, reason) = tier_and_reason.unwrap_or_else(|| {
            let whole = parts_matched.iter().all(|&matched| matched);
            (Tier::Partial, self.reason(&features, whole, aligned))
        });
        Measured { tier, features, reason, spans, parts_matched }
    }

    /// Finds a part in the organization's own names, else above it, else aligned with all of its path.
    fn find_part(&mut self, part: usize, ordinal: Ordinal, spans: &mut Vec<Span>) -> PartFound {
        let (needle, weight) = (self.plan.needles[part].as_str(), self.part_weights[part]);
        let whole = |own, above| PartFound { own, above, pieces: 1, is_whole: true, is_aligned: false };
        let records = &self.snapshot.records;
        if let Some(range) =
            best_occurrence(records.normalized(ordinal), needle, &records.core_range(ordinal))
        {
            spans.push(Span { field: NameField::Name, range });
            return whole(weight, 0.0);
        }
        if let Some(span) = find_in_other_names(records, ordinal, needle) {
            spans.push(span);
            return whole(weight, 0.0);
        }
        if records.ancestors(ordinal).any(|above| records.normalized(above).contains(needle)) {
            return whole(0.0, weight);
        }
        self.align_part(needle, ordinal, spans)
    }

    fn align_part(&mut self, needle: &str, ordinal: Ordinal, spans: &mut Vec<Span>) -> PartFound {
        let records = &self.snapshot.records;
        let own_start = self.read_path(ordinal);
        let pairs = self.aligner.align(needle, &self.path, &self.plan.weights);
        let mut found = PartFound {
            own: 0.0,
            above: 0.0,
            pieces: 0,
            is_whole: pairs.len() == needle.chars().count(),
            is_aligned: true,
        };
        let core = records.core_range(ordinal);
        let offsets: Vec<usize> =
            records.core(ordinal).char_indices().map(|(at, _)| at + core.start).collect();
        let mut previous = None;
        for (_, at) in pairs {
            let c = self.path[at];
            let weight = self.plan.weights.get(&c).copied().unwrap_or(1.0);
            let continues = previous.is_some_and(|previous| previous + 1 == at);
            found.pieces += usize::from(!continues);
            if let Some(&start) = at.checked_sub(own_start).and_then(|at| offsets.get(at)) {
                found.own += weight;
                let end = start + c.len_utf8();
                match spans.last_mut() {
                    Some(last) if continues && last.range.end == start => last.range.end = end,
                    _ => spans.push(Span { field: NameField::Name, range: start..end }),
                }
            } else {
                found.above += weight;
            }
            previous = Some(at);
        }
        found
    }

    /// Reads the cores from the top down to the organization's own; gives where its own begins. A path too long to be
    /// aligned loses its top.
    fn read_path(&mut self, ordinal: Ordinal) -> usize {
        let records = &self.snapshot.records;
        let own: Vec<char> = records.core(ordinal).chars().take(MAX_TEXT).collect();
        let mut above: Vec<Ordinal> = records.ancestors(ordinal).collect();
        above.reverse();
        self.path.clear();
        for up in above {
            self.path.extend(records.core(up).chars());
        }
        let surplus = (self.path.len() + own.len()).saturating_sub(MAX_TEXT);
        self.path.drain(..surplus);
        let own_start = self.path.len();
        self.path.extend(own);
        own_start
    }

    fn exactness(&self, ordinal: Ordinal) -> Option<(Tier, MatchReason)> {
        let records = &self.snapshot.records;
        let text = self.plan.interpretation.text.text();
        if records.id(ordinal) == self.plan.typed {
            return Some((Tier::Verbatim, MatchReason::Id));
        }
        if text.is_empty() {
            return None;
        }
        let exact = |raw: &str| if raw == self.plan.typed { Tier::Verbatim } else { Tier::Exact };
        if records.normalized(ordinal) == text {
            return Some((exact(records.name(ordinal)), MatchReason::Exact));
        }
        let is_core = records.core(ordinal) == self.plan.core;
        if records.has_details(ordinal) {
            let details = records.details(ordinal);
            let among = |names: &[String], text: &str| {
                names.iter().find(|name| crate::normalize(name) == text).cloned()
            };
            if let Some(alias) = among(&details.aliases, text) {
                return Some((exact(&alias), MatchReason::Alias));
            }
            if among(&details.former_names, text).is_some() {
                return Some((Tier::Core, MatchReason::FormerName));
            }
            if !is_core && among(&details.aliases, &self.plan.core).is_some() {
                return Some((Tier::Core, MatchReason::Alias));
            }
        }
        is_core.then_some((Tier::Core, MatchReason::Substring))
    }

    fn reason(&self, features: &Features, whole: bool, aligned: bool) -> MatchReason {
        match (whole, aligned) {
            (true, true) => MatchReason::ShortForm,
            (true, false) if features.own < 1.0 => MatchReason::Path,
            (true, false) if self.plan.needles.len() <= 1 => MatchReason::Substring,
            (true, false) => MatchReason::Words,
            (false, _) => MatchReason::Corrected,
        }
    }

    /// 1 at the organization asked for, less with every step through the tree.
    fn nearness(&self, ordinal: Ordinal) -> Option<f32> {
        self.plan.near?;
        let records = &self.snapshot.records;
        let steps = std::iter::once(ordinal)
            .chain(records.ancestors(ordinal))
            .enumerate()
            .find_map(|(up, at)| self.near_path.iter().position(|&near| near == at).map(|down| up + down));
        Some(steps.map_or(0.0, |steps| 1.0 / (1.0 + steps as f32)))
    }
}

fn weight_of(text: &str, plan: &QueryPlan<'_>) -> f32 {
    text.chars().map(|c| plan.weights.get(&c).copied().unwrap_or(1.0)).sum()
}

/// The occurrence that cuts no number and, among those, the one at the beginning or end of the core, else the first.
fn best_occurrence(name: &str, needle: &str, core: &Range<usize>) -> Option<Range<usize>> {
    let ranges = name.match_indices(needle).map(|(start, _)| start..start + needle.len());
    ranges.min_by_key(|range| {
        let at_edge = range.start == core.start || range.end == core.end;
        (cuts_number(name, range), !at_edge, range.start)
    })
}

fn find_in_other_names(records: &Records, ordinal: Ordinal, needle: &str) -> Option<Span> {
    if !records.has_details(ordinal) {
        return None;
    }
    let details = records.details(ordinal);
    let find = |names: &[String], field: fn(usize) -> NameField| {
        names.iter().enumerate().find_map(|(at, name)| {
            let start = crate::normalize(name).find(needle)?;
            Some(Span { field: field(at), range: start..start + needle.len() })
        })
    };
    find(&details.aliases, NameField::Alias).or_else(|| find(&details.former_names, NameField::FormerName))
}

/// How many bytes the core begins with that its parent's core ends with: 海淀区 in 海淀区公安局 below 北京市海淀区, all of
/// the parent's in a name that spells out its chain. What follows is what the name adds.
fn inherited_len(records: &Records, ordinal: Ordinal) -> usize {
    let Some(parent) = records.parent(ordinal) else { return 0 };
    let (own, above) = (records.core(ordinal), records.core(parent));
    let ends = above.char_indices().map(|(start, _)| &above[start..]);
    ends.filter(|end| end.chars().nth(1).is_some() && end.len() < own.len())
        .find(|end| own.starts_with(*end))
        .map_or(0, str::len)
}

/// How much of a range the spans cover, by bytes.
fn share(spans: &[&Range<usize>], of: &Range<usize>) -> f32 {
    let mut covered = 0;
    let mut from = of.start;
    for span in spans {
        let (start, end) = (span.start.max(from), span.end.min(of.end));
        covered += end.saturating_sub(start);
        from = from.max(end);
    }
    covered as f32 / of.len().max(1) as f32
}

/// Which share of the spans that begin or end with a digit take in the whole number; 1 if there is none.
fn whole_numbers(name: &str, spans: &[&Range<usize>]) -> f32 {
    let edge_digits = |span: &&&Range<usize>| {
        let bytes = &name.as_bytes()[(**span).clone()];
        bytes.first().is_some_and(u8::is_ascii_digit) || bytes.last().is_some_and(u8::is_ascii_digit)
    };
    let (mut numbers, mut whole) = (0u32, 0u32);
    for span in spans.iter().filter(edge_digits) {
        numbers += 1;
        whole += u32::from(!cuts_number(name, span));
    }
    if numbers == 0 { 1.0 } else { whole as f32 / numbers as f32 }
}

/// Whether a span begins or ends inside a number.
fn cuts_number(name: &str, span: &Range<usize>) -> bool {
    let digit = |at: Option<usize>| at.and_then(|at| name.as_bytes().get(at)).is_some_and(u8::is_ascii_digit);
    (digit(Some(span.start)) && digit(span.start.checked_sub(1)))
        || (digit(span.end.checked_sub(1)) && digit(Some(span.end)))
}

fn form_agreement(typed: Option<forms::Form>, named: Option<forms::Form>) -> f32 {
    match (typed, named) {
        (Some(typed), Some(named)) if typed == named => 1.0,
        (Some(_), Some(_)) => 0.0,
        _ => 0.5,
    }
}

fn level(records: &Records, ordinal: Ordinal) -> f32 {
    const DEEPEST: usize = 10;
    let depth = records.ancestors(ordinal).take(DEEPEST).count();
    let leaf = usize::from(ordinal >= records.inner_count());
    1.0 - (depth + leaf) as f32 / (DEEPEST + 1) as f32
}
