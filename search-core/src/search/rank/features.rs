//! Measures one candidate: what of the query it holds, where, and what speaks for it besides.

use super::weights;
use crate::index::rank_row::RankRow;
use crate::index::records::Records;
use crate::index::snapshot::Snapshot;
use crate::number_hash::NumberHash;
use crate::search::align::{Aligner, Leniency, MatchRule, MatchTable, Matched, PathText, Point};
use crate::search::hits::MatchReason;
use crate::search::lattice::{ArcKind, Segment};
use crate::search::plan::QueryPlan;
use crate::text::forms;
use crate::text::placed_symbols::PlacedSymbol;
use crate::text::symbols::{ClassKey, Number, Symbol};
use index_data::model::{LevelOrder, Ordinal};
use memchr::memmem::Finder;
use std::collections::HashMap;
use std::ops::Range;

/// Symbols of the names above that are aligned; of a longer path the top is left out.
const MAX_ABOVE: usize = 128;
/// What a matching year, class or grade weighs in the coverage.
pub(crate) const CLASS_WEIGHT: f32 = 8.0;
/// How much an unmatched symbol counts as accounted for whose word begins with a matched one: 学 in 大学 for 大.
const BY_ITS_HEAD: f32 = 0.7;
/// How much of a piece it is to go on with the next word: 人大附中 in 中国人民大学附属中学 is hardly scattered.
const NEXT_WORD: f32 = 0.2;
/// How much a symbol of a word that says little counts.
const WEAK: f32 = 0.35;

/// How faithful a name is to a region typed before it where nobody knows its region.
const UNKNOWN: f32 = 0.6;

/// A coverage that counts as all.
pub(super) const ALL: f32 = 0.999;

/// What was measured of one candidate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Pieces that stand for something that only sounds or looks alike, and slips.
    pub(crate) corrected: usize,
    /// Characters and letters that stand for nothing.
    pub(crate) unread: usize,
    /// Compared first; 0 is the best. See [`Tier`].
    pub(crate) tier: Tier,
    /// Why it is of that tier; `None` for partial matches.
    pub(crate) exact_reason: Option<MatchReason>,
    pub(crate) features: Features,
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
    pub(crate) faithful: f32,
    pub(crate) own: f32,
    pub(crate) share: f32,
    pub(crate) above: f32,
    pub(crate) run: f32,
    pub(crate) head: f32,
    pub(crate) start: f32,
    pub(crate) end: f32,
    pub(crate) class: f32,
    pub(crate) number: f32,
    pub(crate) form: f32,
    pub(crate) active: f32,
    pub(crate) level: f32,
    pub(crate) size: f32,
    pub(crate) members: f32,
    /// `None`: one part alone was typed, so it neither counts nor weighs.
    pub(crate) parts: Option<f32>,
    /// `None`: not asked for.
    pub(crate) near: Option<f32>,
}

impl Features {
    /// Every feature with its name and weight, in the order of the table. Ranking sums over this list and `explain`
    /// prints it.
    pub(crate) fn weighted(&self) -> [(&'static str, f32, f32); 19] {
        [
            ("coverage", self.coverage, weights::COVERAGE),
            ("whole", f32::from(u8::from(self.coverage >= ALL)), weights::WHOLE),
            ("faithful", self.faithful, weights::FAITHFUL),
            ("own", self.own, weights::OWN),
            ("share", self.share, weights::SHARE),
            ("above", self.above, weights::ABOVE),
            ("run", self.run, weights::RUN),
            ("head", self.head, weights::HEAD),
            ("start", self.start, weights::START),
            ("end", self.end, weights::END),
            ("class", self.class, weights::CLASS),
            ("number", self.number, weights::NUMBER),
            ("form", self.form, weights::FORM),
            ("active", self.active, weights::ACTIVE),
            ("level", self.level, weights::LEVEL),
            ("size", self.size, weights::SIZE),
            ("members", self.members, weights::MEMBERS),
            ("parts", self.parts.unwrap_or(0.0), if self.parts.is_some() { weights::PARTS } else { 0.0 }),
            ("near", self.near.unwrap_or(0.0), if self.near.is_some() { weights::NEAR } else { 0.0 }),
        ]
    }

    /// The weighted sum, `0.0..=1.0`.
    pub(crate) fn raw_score(&self) -> f32 {
        let weighted = self.weighted();
        let total: f32 = weighted.iter().map(|(_, _, weight)| weight).sum();
        weighted.iter().map(|(_, value, weight)| value * weight).sum::<f32>() / total
    }

    /// How tidy the match is: names accounted for, few pieces, at heads of words.
    pub(crate) fn neatness(&self) -> f32 {
        (self.share + self.above + self.run + self.head) / 4.0
    }

    /// Whether class and numbers are those typed.
    pub(crate) fn contradicts_nothing(&self) -> bool {
        self.class >= ALL && self.number >= ALL
    }

    /// Whether all that was typed is found as it was typed, and nothing contradicts it.
    pub(crate) fn is_whole(&self) -> bool {
        self.coverage >= ALL && self.contradicts_nothing()
    }
}

/// The names above an organization, read once for all its children: ranges of [`AboveTexts`].
#[derive(Clone)]
struct Above {
    text: Range<usize>,
    points: Range<usize>,
    names: Range<usize>,
    class: ClassKey,
}

/// The names above all candidates, one after another, so that none takes memory of its own.
#[derive(Default)]
struct AboveTexts {
    text: PathText,
    points: Vec<Point>,
    names: Vec<NameText>,
    path: Vec<Ordinal>,
}

/// Where a name lies in the text aligned.
#[derive(Debug, Clone, Copy)]
pub(super) struct NameText {
    start: usize,
    pub(super) len: usize,
    heads: u32,
    weak: u32,
}

/// Measures candidates of one query.
pub(crate) struct Measure<'a> {
    pub(super) plan: &'a QueryPlan<'a>,
    pub(super) snapshot: &'a Snapshot,
    table: MatchTable,
    /// The nodes that each arc reads, as bits.
    nodes_of: Vec<u128>,
    aligner: Aligner,
    above: HashMap<Ordinal, Above, NumberHash>,
    aboves: AboveTexts,
    pub(super) text: PathText,
    points: Vec<Point>,
    pub(super) matched: Vec<Matched>,
    /// The names above, the root's first.
    above_texts: Vec<NameText>,
    /// Its own names; the official one last.
    pub(super) own_texts: Vec<NameText>,
    /// Where the symbols of names above lie in them, for those that were asked for.
    pub(super) placed_above: HashMap<Ordinal, Vec<PlacedSymbol>, NumberHash>,
    /// Of the needles, once something is to be shown.
    pub(super) finders: Option<Vec<Finder<'a>>>,
    /// Which needles stand in the names of an organization above, for those that were asked for.
    pub(super) held_above: HashMap<Ordinal, Vec<bool>, NumberHash>,
    total_weight: f32,
    near_path: Vec<Ordinal>,
}

impl<'a> Measure<'a> {
    pub(crate) fn new(plan: &'a QueryPlan<'a>, snapshot: &'a Snapshot, leniency: Leniency) -> Self {
        let near_path =
            plan.near.map(|near| std::iter::once(near).chain(snapshot.records.ancestors(near)).collect());
        let wanted = plan.lattice.class;
        let classes = [wanted.year.is_some(), wanted.class.is_some(), wanted.grade.is_some()];
        let class_weight = classes.iter().filter(|&&wanted| wanted).count() as f32 * CLASS_WEIGHT;
        Measure {
            total_weight: plan.lattice.total_weight() + class_weight,
            table: MatchTable::new(&plan.lattice, leniency),
            nodes_of: plan.lattice.arcs.iter().map(|arc| (1 << arc.to) - (1 << arc.from)).collect(),
            plan,
            snapshot,
            aligner: Aligner::new(leniency),
            above: HashMap::default(),
            aboves: AboveTexts::default(),
            text: PathText::default(),
            points: Vec::new(),
            matched: Vec::new(),
            above_texts: Vec::new(),
            own_texts: Vec::new(),
            placed_above: HashMap::default(),
            finders: None,
            held_above: HashMap::default(),
            near_path: near_path.unwrap_or_default(),
        }
    }

    /// Everything there is to know of one candidate for this query.
    pub(crate) fn measure(&mut self, ordinal: Ordinal) -> Measured {
        let row = self.snapshot.records.rank_row(ordinal);
        let exactness = exactness(ordinal, &row, self.plan, &self.snapshot.records);
        let class = self.read(ordinal, &row);
        self.match_segments();
        self.measured(ordinal, &row, class, exactness)
    }

    /// The same, unless it is no exact one and cannot hold this much of the query, some of it in its own names.
    pub(crate) fn measure_if(&mut self, ordinal: Ordinal, least_coverage: f32) -> Option<Measured> {
        let row = self.snapshot.records.rank_row(ordinal);
        let exactness = exactness(ordinal, &row, self.plan, &self.snapshot.records);
        let class = self.read(ordinal, &row);
        if exactness.is_none() && self.most_coverage(&row) < least_coverage {
            return None;
        }
        self.match_segments();
        Some(self.measured(ordinal, &row, class, exactness))
    }

    fn measured(
        &self,
        ordinal: Ordinal,
        row: &RankRow,
        class: ClassKey,
        exactness: Option<(Tier, MatchReason)>,
    ) -> Measured {
        let records = &self.snapshot.records;
        let lattice = &self.plan.lattice;
        let own_start = self.own_start(row);
        let (mut found, mut faithful, mut own) = (0.0, 0.0, 0.0);
        let (mut pieces, mut begun, mut heads) = (0.0f32, 0usize, 0usize);
        for (at, matched) in self.matched.iter().enumerate() {
            let arc = &lattice.arcs[matched.arc];
            let weight = lattice.weight(arc.from..arc.to);
            found += weight;
            faithful += weight * matched.rule.quality();
            own += if matched.at >= own_start { weight } else { 0.0 };
            if !matched.continues {
                begun += 1;
                pieces += if self.abbreviates(at) { NEXT_WORD } else { 1.0 };
            }
            heads += usize::from(!matched.continues && self.is_head(matched.at));
        }
        let by_path = class_agreement(lattice.class, class);
        let by_own = class_agreement(lattice.class, row.class);
        found += by_path.agreed * CLASS_WEIGHT;
        faithful += by_path.agreed * CLASS_WEIGHT;
        own += by_own.agreed * CLASS_WEIGHT;
        // Every name holds the empty query.
        let of_query =
            |found: f32| if self.total_weight == 0.0 { 1.0 } else { (found / self.total_weight).min(1.0) };
        let of = |part: f32, whole: f32| if whole > 0.0 { part / whole } else { 1.0 };
        let (share, start, end) = self.own_shares();
        if share >= ALL && self.above_texts.is_empty() && !self.is_weak() {
            let region = self.unknown_region();
            found += region;
            faithful += region * UNKNOWN;
        }
        let share = if row.repeats_above { share.max(self.whole_name_share()) } else { share };
        let extra_pieces = (pieces - lattice.segments.len() as f32).max(0.0);
        let features = Features {
            coverage: of_query(found),
            faithful: of(faithful, found),
            own: of_query(own),
            share,
            above: self.above_share(),
            run: 1.0 - of(extra_pieces, self.matched.len() as f32).min(1.0) * f32::from(u8::from(begun > 0)),
            head: of(heads as f32, begun as f32),
            start,
            end,
            class: by_path.score,
            number: self.number_agreement(),
            form: form_agreement(self.plan.interpretation.form, row.form),
            active: f32::from(u8::from(row.is_active)),
            level: level(row, records.hierarchy().is_unit(ordinal)),
            size: size(row),
            members: f32::from(row.members_log) / 32.0,
            parts: self.parts_found(),
            near: self.nearness(ordinal),
        };
        let tier = exactness.map_or(Tier::Partial, |(tier, _)| tier);
        let corrected = |matched: &&Matched| matched.rule.is_correction();
        let swapped = self.matched.iter().filter(|matched| matched.rule == MatchRule::Swapped).count();
        let corrected = self.matched.iter().filter(corrected).count() - swapped / 2;
        let read: usize = self.matched.iter().map(|matched| arc_len(&lattice.arcs[matched.arc])).sum();
        let unread = lattice.weights.len().saturating_sub(read);
        Measured { corrected, unread, tier, exact_reason: exactness.map(|(_, reason)| reason), features }
    }

    /// Aligns all segments with the names above and the organization's own; gives the class that the path says.
    pub(super) fn align(&mut self, ordinal: Ordinal, row: &RankRow) -> ClassKey {
        let class = self.read(ordinal, row);
        self.match_segments();
        class
    }

    /// Reads the names above and the organization's own, and where typed pieces can stand for something in them.
    fn read(&mut self, ordinal: Ordinal, row: &RankRow) -> ClassKey {
        let records = &self.snapshot.records;
        let class = self.read_above(row.parent);
        let above_len = self.text.symbols.len();
        self.own_texts.clear();
        if row.has_details {
            for view in records.other_views(ordinal).all() {
                self.push_own(view.symbols.iter().copied(), (view.word_initials, view.stop_words));
            }
        }
        self.push_own(records.symbols_of(*row), (row.word_initials, row.stop_words));
        let own_symbols = &self.text.symbols[above_len..];
        self.table.points(&self.plan.lattice, own_symbols, above_len, &mut self.points);
        ClassKey::of(class.symbols().chain(row.class.symbols()))
    }

    fn match_segments(&mut self) {
        let lattice = &self.plan.lattice;
        self.matched.clear();
        for segment in &lattice.segments {
            self.aligner.align(lattice, segment, &self.text, &self.points, &mut self.matched);
        }
        if self.aligner.reads_slips() {
            self.read_doubled();
        }
    }

    /// The most of the query that what was read can hold; 0 where nothing of it is in its own names.
    fn most_coverage(&self, row: &RankRow) -> f32 {
        const ROUNDING: f32 = 0.001;
        let lattice = &self.plan.lattice;
        let class = class_agreement(lattice.class, row.class);
        let own_start = self.own_start(row);
        let is_own = |point: &Point| point.place() >= own_start;
        if class.agreed == 0.0 && !self.points.iter().any(is_own) {
            return 0.0;
        }
        let mut nodes: u128 = self.points.iter().fold(0, |nodes, point| nodes | self.nodes_of[point.arc()]);
        if self.aligner.reads_slips() {
            lattice.doubled.iter().for_each(|&node| nodes |= 0b11 << (node - 1));
        }
        if self.above_texts.is_empty() {
            lattice.regions.iter().for_each(|region| nodes |= (1 << region.end) - (1 << region.start));
        }
        let mut left = !nodes & ((1 << lattice.weights.len()) - 1);
        let mut open = 0.0;
        while left != 0 {
            open += lattice.weights[left.trailing_zeros() as usize];
            left &= left - 1;
        }
        if self.total_weight == 0.0 { 1.0 } else { 1.0 - open / self.total_weight + ROUNDING }
    }

    /// Where its own names begin: with its parent's where it says that one as well.
    fn own_start(&self, row: &RankRow) -> usize {
        let said_first = self.above_texts.last().filter(|_| row.repeats_above).or(self.own_texts.first());
        said_first.map_or(0, |name| name.start)
    }

    /// Takes a character that repeats the one beside it for a slip, where only one of the two stands for something.
    fn read_doubled(&mut self) {
        let lattice = &self.plan.lattice;
        for &node in &lattice.doubled {
            let reads = |matched: &Matched, node: usize| {
                let arc = &lattice.arcs[matched.arc];
                arc.from <= node && node < arc.to
            };
            let of = |node: usize| self.matched.iter().position(|matched| reads(matched, node));
            let (twin, unread) = match (of(node - 1), of(node)) {
                (Some(twin), None) => (twin, node),
                (None, Some(twin)) => (twin, node - 1),
                _ => continue,
            };
            let arc = lattice.arcs.iter().position(|arc| arc.from == unread && arc.to == unread + 1);
            if let Some(arc) = arc {
                let matched =
                    Matched { arc, rule: MatchRule::Doubled, continues: true, ..self.matched[twin] };
                self.matched.insert(twin + 1, matched);
                if let Some(next) = self.matched.get_mut(twin + 2) {
                    next.continues |= next.at == matched.at + 1 && lattice.arcs[next.arc].from == node + 1;
                }
            }
        }
    }

    fn push_own(&mut self, symbols: impl ExactSizeIterator<Item = Symbol>, (heads, weak): (u32, u32)) {
        self.own_texts.push(NameText { start: self.text.symbols.len(), len: symbols.len(), heads, weak });
        for (at, symbol) in symbols.enumerate() {
            self.text.push(symbol, heads >> at & 1 == 1);
        }
    }

    /// Begins the text with the names above; gives the class they say.
    fn read_above(&mut self, parent: Option<Ordinal>) -> ClassKey {
        self.text.truncate(0);
        self.points.clear();
        self.above_texts.clear();
        let Some(parent) = parent else { return ClassKey::default() };
        let above = match self.above.get(&parent) {
            Some(above) => above.clone(),
            None => {
                let above = self.gather_above(parent);
                self.above.insert(parent, above.clone());
                above
            }
        };
        let AboveTexts { text, points, names, .. } = &self.aboves;
        self.text.symbols.extend_from_slice(&text.symbols[above.text.clone()]);
        self.text.heads.extend_from_slice(&text.heads[above.text]);
        self.points.extend_from_slice(&points[above.points]);
        self.above_texts.extend_from_slice(&names[above.names]);
        above.class
    }

    /// Reads the names of a parent and of those above it.
    fn gather_above(&mut self, parent: Ordinal) -> Above {
        let records = &self.snapshot.records;
        let AboveTexts { text, points, names, path } = &mut self.aboves;
        let (start, first_point, first_name) = (text.symbols.len(), points.len(), names.len());
        let mut class = ClassKey::default();
        path.clear();
        path.extend(std::iter::once(parent).chain(records.ancestors(parent)));
        for &up in path.iter().rev() {
            let row = records.rank_row(up);
            let RankRow { word_initials: heads, stop_words: weak, .. } = row;
            let symbols = records.symbols_of(row);
            names.push(NameText { start: text.symbols.len() - start, len: symbols.len(), heads, weak });
            for (at, symbol) in symbols.enumerate() {
                text.push(symbol, heads >> at & 1 == 1);
                class.take(symbol);
            }
            if row.has_details {
                for view in records.other_views(up).aliases() {
                    for (at, &symbol) in view.symbols.iter().enumerate() {
                        text.push(symbol, view.word_initials >> at & 1 == 1);
                    }
                }
            }
        }
        let surplus = (text.symbols.len() - start).saturating_sub(MAX_ABOVE);
        if surplus > 0 {
            text.symbols.drain(start..start + surplus);
            text.heads.drain(start..start + surplus);
            let of_those_left = names.split_off(first_name).into_iter().filter(|name| name.start >= surplus);
            names.extend(of_those_left.map(|name| NameText { start: name.start - surplus, ..name }));
        }
        self.table.points(&self.plan.lattice, &text.symbols[start..], 0, points);
        Above {
            text: start..text.symbols.len(),
            points: first_point..points.len(),
            names: first_name..names.len(),
            class,
        }
    }

    /// How much of its own text is accounted for, and whether its beginning and its end are; of the text that fits
    /// best.
    fn own_shares(&self) -> (f32, f32, f32) {
        let shares = self.own_texts.iter().map(|own| self.share_of(own));
        shares.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default()
    }

    /// Whether a match goes on with the next word of the text, as in 人大附中: no word is skipped.
    fn abbreviates(&self, at: usize) -> bool {
        let own = self.matched[at];
        let Some(before) = at.checked_sub(1).map(|before| self.matched[before]) else { return false };
        let arcs = &self.plan.lattice.arcs;
        arcs[before.arc].to == arcs[own.arc].from
            && before.at < own.at
            && self.text.heads[own.at]
            && !self.text.heads[before.at + 1..own.at].contains(&true)
    }

    /// Whether a word begins here, or a name ends: its last character says what it is (系 in 历史学系).
    fn is_head(&self, at: usize) -> bool {
        let mut names = self.above_texts.iter().chain(&self.own_texts);
        self.text.heads[at] || names.any(|name| name.start + name.len == at + 1)
    }

    /// How much of the whole name is accounted for, with what it repeats of its parent's: of two names that begin with
    /// 北京大学 the shorter one is first.
    fn whole_name_share(&self) -> f32 {
        let (Some(parent), Some(own)) = (self.above_texts.last(), self.own_texts.last()) else { return 0.0 };
        let len = (parent.len + own.len) as f32;
        (self.share_of(parent).0 * parent.len as f32 + self.share_of(own).0 * own.len as f32) / len.max(1.0)
    }

    /// How much of the names above that hold something of the query it accounts for: 北大 is 北京大学 before
    /// 北京建筑大学.
    fn above_share(&self) -> f32 {
        let (mut all, mut accounted) = (0.0, 0.0);
        for name in &self.above_texts {
            let range = name.start..name.start + name.len;
            let held = self.matched.iter().filter(|matched| range.contains(&matched.at)).count() as f32;
            if held > 0.0 {
                all += held;
                accounted += held * self.share_of(name).0;
            }
        }
        if all > 0.0 { accounted / all } else { 1.0 }
    }

    /// How many symbols an own text begins with that a name above begins with as well: 北京 in 北京某公司 below 北京市.
    fn repeated_len(&self, own: &NameText) -> usize {
        const SHORTEST: usize = 2;
        let text = &self.text.symbols;
        let shared = |name: &NameText| {
            let pairs =
                text[own.start..own.start + own.len].iter().zip(&text[name.start..name.start + name.len]);
            pairs.take_while(|(a, b)| a == b).count()
        };
        let longest = self.above_texts.iter().filter(|name| name.start < own.start).map(shared).max();
        longest.filter(|&len| len >= SHORTEST && len < own.len).unwrap_or(0)
    }

    fn share_of(&self, own: &NameText) -> (f32, f32, f32) {
        let mut held = 0u32;
        let range = own.start..own.start + own.len;
        for matched in self.matched.iter().filter(|matched| range.contains(&matched.at)) {
            held |= 1 << (matched.at - own.start).min(31);
        }
        let wanted = self.plan.lattice.class;
        let repeated = self.repeated_len(own);
        let (mut all, mut accounted, mut by_head, mut last, mut start) = (0.0, 0.0, 0.0, 0.0, 0.0);
        let begins = if held & 1 == 0 { repeated } else { 0 };
        for at in 0..own.len {
            let number = Number::of(self.text.symbols[own.start + at]);
            let is_wanted = match number {
                Some(Number::Year(year)) => wanted.year == Some(year),
                Some(Number::Class(class)) => wanted.class == Some(class),
                Some(Number::Grade(stage, year)) => wanted.grade == Some((stage, year)),
                _ => false,
            };
            let is_held = is_wanted || held >> at & 1 == 1;
            if own.heads >> at & 1 == 1 {
                by_head = if is_held { BY_ITS_HEAD } else { 0.0 };
            }
            let is_weak = own.weak >> at & 1 == 1 || (at < repeated && !is_held);
            let weight = if is_weak { WEAK } else { 1.0 };
            last = if is_held { 1.0 } else { by_head };
            if at == begins && is_held {
                start = 1.0;
            }
            all += weight;
            accounted += weight * last;
        }
        (if all > 0.0 { accounted / all } else { 0.0 }, start, last)
    }

    /// 1 if every number typed is found; 0 if one is not and the names hold another; else one half.
    fn number_agreement(&self) -> f32 {
        let lattice = &self.plan.lattice;
        let is_number = |at: usize| match lattice.arcs[at].kind {
            ArcKind::Symbol(symbol) => Number::of(symbol).is_some(),
            _ => false,
        };
        let is_slip = |at: usize| matches!(lattice.arcs[at].kind, ArcKind::Slip(_));
        let typed = (0..lattice.arcs.len()).filter(|&at| is_number(at)).count();
        let is_found = |matched: &&Matched| is_number(matched.arc) || is_slip(matched.arc);
        let found = self.matched.iter().filter(is_found).count();
        if found >= typed {
            return 1.0;
        }
        let is_other = |at: usize| {
            matches!(Number::of(self.text.symbols[at]), Some(Number::Plain(_)))
                && !self.matched.iter().any(|matched| matched.at == at)
        };
        if (0..self.text.symbols.len()).any(is_other) { 0.0 } else { 0.5 }
    }

    /// The weight of the region typed before a name that stands below nothing, so that nobody knows where it is.
    fn unknown_region(&self) -> f32 {
        let lattice = &self.plan.lattice;
        let is_read = |node: usize| {
            self.matched.iter().any(|matched| {
                let arc = &lattice.arcs[matched.arc];
                arc.from <= node && node < arc.to
            })
        };
        let unread = lattice.regions.iter().cloned().flatten().filter(|&node| !is_read(node));
        unread.map(|node| lattice.weights[node]).sum()
    }

    /// Whether its name is made of nothing but words that many names have.
    fn is_weak(&self) -> bool {
        self.own_texts.last().is_some_and(|own| (0..own.len).all(|at| own.weak >> at & 1 == 1))
    }

    /// How many of several parts are found whole.
    fn parts_found(&self) -> Option<f32> {
        let segments = &self.plan.lattice.segments;
        if segments.len() < 2 {
            return None;
        }
        let arcs = &self.plan.lattice.arcs;
        let read_of = |segment: &Segment| -> usize {
            let of = self.matched.iter().filter(|matched| segment.arcs.contains(&matched.arc));
            of.map(|matched| arc_len(&arcs[matched.arc])).sum()
        };
        let whole = segments.iter().filter(|segment| read_of(segment) >= segment.nodes.len()).count();
        Some(whole as f32 / segments.len() as f32)
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

fn arc_len(arc: &crate::search::lattice::Arc) -> usize {
    arc.to - arc.from
}

/// Whether the query is all of one of the organization's names, and which.
fn exactness(
    ordinal: Ordinal,
    row: &RankRow,
    plan: &QueryPlan<'_>,
    records: &Records,
) -> Option<(Tier, MatchReason)> {
    let text = plan.name.as_str();
    // Most candidates are none of these by their lengths alone.
    let is_long = |len: u16, text: &str| usize::from(len) == text.len().min(usize::from(u16::MAX));
    let may_be_id = usize::from(row.id_len) == plan.typed.len().min(usize::from(u8::MAX));
    let may_be_name = is_long(row.name_len, text) || is_long(row.core_len, &plan.core);
    if !may_be_id && !may_be_name && !row.has_details {
        return None;
    }
    if records.id(ordinal) == plan.typed {
        return Some((Tier::Verbatim, MatchReason::Id));
    }
    if text.is_empty() {
        return None;
    }
    let exact = |raw: &str| if raw == plan.typed { Tier::Verbatim } else { Tier::Exact };
    if records.normalized_bytes(ordinal) == text.as_bytes() {
        return Some((exact(records.name(ordinal)), MatchReason::Exact));
    }
    let is_core = records.is_core(ordinal, &plan.core);
    if row.has_details {
        let details = records.details(ordinal);
        let among =
            |names: &[String], text: &str| names.iter().find(|name| crate::normalize(name) == text).cloned();
        if let Some(alias) = among(&details.aliases, text) {
            return Some((exact(&alias), MatchReason::Alias));
        }
        if among(&details.former_names, text).is_some() {
            return Some((Tier::Core, MatchReason::FormerName));
        }
        if !is_core && among(&details.aliases, &plan.core).is_some() {
            return Some((Tier::Core, MatchReason::Alias));
        }
    }
    is_core.then_some((Tier::Core, MatchReason::Substring))
}

/// How a class typed agrees with the class of an organization.
struct ClassAgreement {
    /// Years, classes and grades that are the same.
    agreed: f32,
    /// 1 if all are the same or none is typed; less where one is missing, 0 where all are others.
    score: f32,
}

fn class_agreement(typed: ClassKey, named: ClassKey) -> ClassAgreement {
    const MISSING: f32 = 0.4;
    let (mut wanted, mut agreed, mut score) = (0.0f32, 0.0, 0.0);
    let mut compare = |is_typed: bool, is_named: bool, is_same: bool| {
        if is_typed {
            wanted += 1.0;
            agreed += f32::from(u8::from(is_same));
            score += if is_same {
                1.0
            } else if is_named {
                0.0
            } else {
                MISSING
            };
        }
    };
    compare(typed.year.is_some(), named.year.is_some(), typed.year == named.year);
    compare(typed.class.is_some(), named.class.is_some(), typed.class == named.class);
    compare(typed.grade.is_some(), named.grade.is_some(), typed.grade == named.grade);
    ClassAgreement { agreed, score: if wanted > 0.0 { score / wanted } else { 1.0 } }
}

fn form_agreement(typed: Option<forms::Form>, named: Option<forms::Form>) -> f32 {
    match (typed, named) {
        (Some(typed), Some(named)) if typed == named => 1.0,
        (Some(_), Some(_)) => 0.0,
        _ => 0.5,
    }
}

fn level(row: &RankRow, is_inner: bool) -> f32 {
    const DEEPEST: usize = 10;
    let depth = usize::from(row.depth).min(DEEPEST);
    1.0 - (depth + usize::from(!is_inner)) as f32 / (DEEPEST + 1) as f32
}

/// How many children it has, on a logarithmic scale.
fn size(row: &RankRow) -> f32 {
    const LARGEST: f32 = 16.0;
    (f32::from(row.size_log) / LARGEST).min(1.0)
}
