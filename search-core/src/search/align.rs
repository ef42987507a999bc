//! Aligns the typed parts with a name and the names above it: which typed piece stands for which symbol, by which rule.
//!
//! A local alignment in the manner of Smith and Waterman (1981), over the few places where a piece can stand for a
//! symbol at all. What is matched earns its weight, less if it only sounds or looks alike; runs earn a bonus, jumps
//! cost, pieces left out cost half their weight. Chinese short forms are nearly always subsequences of the full name,
//! made of heads of words, so this needs no dictionary.

use super::lattice::{ArcKind, Lattice, Segment};
use crate::number_hash::NumberHash;
use crate::text::numerals::small_value;
use crate::text::sounds::{self, Sound};
use crate::text::symbols::{Number, Symbol};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// By which rule a typed piece stands for a symbol, from the strictest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchRule {
    /// The same character.
    Same,
    /// The same number in another form: 十五 for 15.
    Number,
    /// Its pinyin.
    Pinyin,
    /// One of its less usual readings.
    OtherReading,
    /// The first letter of its pinyin.
    Initial,
    /// A reading that people mix up with its own: zang for zhang.
    NearPinyin,
    /// A character of the same sound.
    Homophone,
    /// A character of nearly the same sound.
    NearSound,
    /// Two neighbours in the wrong order, or two digits of a number.
    Swapped,
    /// A character, or a digit of a number, typed twice.
    Doubled,
    /// A character of similar shape.
    Shape,
    /// 第 with its number left out.
    NumberLeftOut,
}

impl MatchRule {
    /// How much of its weight a match by this rule earns.
    pub(crate) fn quality(self) -> f32 {
        match self {
            MatchRule::Same => 1.0,
            MatchRule::Number => 0.97,
            MatchRule::Pinyin => 0.95,
            MatchRule::OtherReading => 0.88,
            MatchRule::Initial => 0.75,
            MatchRule::NearPinyin => 0.7,
            MatchRule::Homophone | MatchRule::Swapped | MatchRule::Doubled => 0.58,
            MatchRule::NearSound | MatchRule::Shape | MatchRule::NumberLeftOut => 0.45,
        }
    }

    /// Whether it takes something else to be meant than what was typed.
    pub fn is_correction(self) -> bool {
        self >= MatchRule::NearPinyin
    }

    /// The rule's name in explanations.
    pub fn name(self) -> &'static str {
        match self {
            MatchRule::Same => "same",
            MatchRule::Number => "number",
            MatchRule::Pinyin => "pinyin",
            MatchRule::OtherReading => "other_reading",
            MatchRule::Initial => "initial",
            MatchRule::NearPinyin => "near_pinyin",
            MatchRule::Homophone => "homophone",
            MatchRule::NearSound => "near_sound",
            MatchRule::Swapped => "swapped",
            MatchRule::Doubled => "doubled",
            MatchRule::Shape => "shape",
            MatchRule::NumberLeftOut => "number_left_out",
        }
    }
}

/// What may be meant by what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Leniency {
    /// What was typed.
    Strict,
    /// The same characters, two of them swapped or one of them typed twice.
    Slips,
    /// Also what sounds or looks alike.
    Alike,
}

/// A bonus for each match that continues a run, as a share of its weight.
const RUN_BONUS: f32 = 0.5;
/// What a match inside of a word that does not continue a run loses, as a share of its weight.
const INSIDE_WORD: f32 = 0.3;
/// The cost of jumping ahead in the text: once, and for each symbol jumped over.
const JUMP: f32 = 0.4;
const JUMP_SYMBOL: f32 = 0.06;
/// What a place earns again that an earlier segment stands for: 基础医学院 基础医学1班 means two names.
const AGAIN: f32 = 0.6;
/// Pieces at the beginning or end of a segment that are looked for elsewhere if they do not fit in order.
const SHORTEST_REST: usize = 2;
/// The cost of what is typed and has no counterpart, as a share of its weight.
const LEFT_OUT: f32 = 0.5;
/// Places where a piece can stand for a symbol that are looked at; a text has no more unless it repeats itself.
const MAX_POINTS: usize = 160;

/// Characters that look alike, from `shapes.tsv`.
static SHAPES: LazyLock<HashMap<Symbol, Vec<Symbol>, NumberHash>> = LazyLock::new(|| {
    let symbol = crate::text::symbols::of_char;
    index_data::lexicon::shapes()
        .map(|row| (symbol(row.character), row.similar.chars().map(symbol).collect()))
        .collect()
});

/// What stands before a number.
static ORDINAL: LazyLock<Symbol> = LazyLock::new(|| crate::text::symbols::of_char('第'));

/// Characters of similar shape.
pub(crate) fn similar(symbol: Symbol) -> &'static [Symbol] {
    SHAPES.get(&symbol).map_or(&[], Vec::as_slice)
}

/// A text to align with: a path of names and what is known of each symbol.
#[derive(Debug, Clone, Default)]
pub(crate) struct PathText {
    pub(crate) symbols: Vec<Symbol>,
    /// Whether a word begins here.
    pub(crate) heads: Vec<bool>,
}

impl PathText {
    pub(crate) fn push(&mut self, symbol: Symbol, is_head: bool) {
        self.symbols.push(symbol);
        self.heads.push(is_head);
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.symbols.truncate(len);
        self.heads.truncate(len);
    }
}

/// A place where an arc can stand for a symbol.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    arc: u16,
    at: u16,
    rule: MatchRule,
    /// Where two neighbours are swapped: the arc of the second one, which stands for this symbol; the first one
    /// stands for the next.
    second: Option<u16>,
}

impl Point {
    fn new(arc: u16, at: usize, rule: MatchRule) -> Self {
        Point { arc, at: at as u16, rule, second: None }
    }

    /// The arc that stands for it.
    pub(crate) fn arc(&self) -> usize {
        usize::from(self.arc)
    }

    /// Where in the text it is.
    pub(crate) fn place(&self) -> usize {
        usize::from(self.at)
    }

    /// One past the last symbol.
    fn end(&self) -> u16 {
        self.at + 1 + u16::from(self.second.is_some())
    }

    /// The nodes that it reads.
    fn nodes(&self, lattice: &Lattice) -> Range<usize> {
        let last = self.second.unwrap_or(self.arc);
        lattice.arcs[usize::from(self.arc)].from..lattice.arcs[usize::from(last)].to
    }
}

/// A typed piece and what it stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Matched {
    /// The arc in the lattice.
    pub(crate) arc: usize,
    /// The place in the text.
    pub(crate) at: usize,
    pub(crate) rule: MatchRule,
    /// Whether it continues a run: side by side with the match before, in the query and in the text.
    pub(crate) continues: bool,
}

/// What the arcs of a lattice can stand for, by symbol: worked out for each symbol when it is first met.
pub(crate) struct MatchTable {
    /// Characters and look-alikes with the arcs that stand for them, ascending.
    symbols: Vec<(Symbol, u16, MatchRule)>,
    /// Sounds with the arcs that may have them, ascending.
    sounds: Vec<(Sound, u16)>,
    /// Arcs by initial.
    initials: Vec<(u8, u16)>,
    /// Arcs of 第 without a number.
    unnumbered: Vec<u16>,
    leniency: Leniency,
    /// Symbols that were met, as bits.
    met: Box<SymbolSet>,
    /// Those of them that arcs can stand for, as bits: hardly any.
    held: Box<SymbolSet>,
    /// For each of these its range in `readings`.
    readings_of: HashMap<Symbol, Range<usize>, NumberHash>,
    readings: Vec<(u16, MatchRule)>,
}

/// A set of symbols, as bits.
struct SymbolSet([u64; 1 << (Symbol::BITS - 6)]);

impl SymbolSet {
    fn new() -> Box<Self> {
        Box::new(SymbolSet([0; 1 << (Symbol::BITS - 6)]))
    }

    fn holds(&self, symbol: Symbol) -> bool {
        self.0[usize::from(symbol) / 64] >> (symbol % 64) & 1 == 1
    }

    fn insert(&mut self, symbol: Symbol) {
        self.0[usize::from(symbol) / 64] |= 1 << (symbol % 64);
    }
}

impl MatchTable {
    pub(crate) fn new(lattice: &Lattice, leniency: Leniency) -> MatchTable {
        let mut table = MatchTable {
            symbols: Vec::with_capacity(2 * lattice.arcs.len()),
            sounds: Vec::with_capacity(2 * lattice.arcs.len()),
            initials: Vec::new(),
            unnumbered: Vec::new(),
            leniency,
            met: SymbolSet::new(),
            held: SymbolSet::new(),
            readings_of: HashMap::default(),
            readings: Vec::new(),
        };
        for (at, arc) in lattice.arcs.iter().enumerate() {
            let at = at as u16;
            if let ArcKind::Symbol(symbol) = arc.kind {
                table.symbols.push((symbol, at, MatchRule::Same));
                for &similar in similar(symbol).iter().filter(|_| leniency == Leniency::Alike) {
                    table.symbols.push((similar, at, MatchRule::Shape));
                }
                if let Some(Number::Plain(value)) = Number::of(symbol)
                    && let Some(class) = Number::Class(value).symbol()
                {
                    table.symbols.push((class, at, MatchRule::Number));
                }
                if super::lattice::letter(symbol).is_some() {
                    continue;
                }
                if symbol == *ORDINAL && leniency == Leniency::Alike {
                    table.unnumbered.push(at);
                }
            }
            if let ArcKind::Slip(symbol) = arc.kind
                && leniency >= Leniency::Slips
            {
                table.symbols.push((symbol, at, MatchRule::Doubled));
            }
            if let ArcKind::Initial(letter) = arc.kind {
                table.initials.push((letter, at));
            }
            table.sounds.extend(arc.sounds().into_iter().map(|sound| (sound, at)));
        }
        table.symbols.sort_unstable();
        table.sounds.sort_unstable();
        table
    }

    /// Appends the places where arcs can stand for symbols, the first of which is at `start` of the text.
    pub(crate) fn points(
        &mut self,
        lattice: &Lattice,
        symbols: &[Symbol],
        start: usize,
        points: &mut Vec<Point>,
    ) {
        for (at, &symbol) in (start..).zip(symbols) {
            if !self.met.holds(symbol) {
                self.meet(symbol, lattice);
            }
            if self.held.holds(symbol)
                && let Some(readings) = self.readings_of.get(&symbol)
            {
                let readings = &self.readings[readings.clone()];
                points.extend(readings.iter().map(|&(arc, rule)| Point::new(arc, at, rule)));
            }
        }
    }

    /// Works out which arcs can stand for a symbol.
    fn meet(&mut self, symbol: Symbol, lattice: &Lattice) {
        self.met.insert(symbol);
        let first = self.readings.len();
        let of_symbol = self.symbols.partition_point(|&(known, ..)| known < symbol);
        let of_symbol = self.symbols[of_symbol..].iter().take_while(|&&(known, ..)| known == symbol);
        self.readings.extend(of_symbol.map(|&(_, arc, rule)| (arc, rule)));
        for sound in sounds::sounds(symbol) {
            let of_sound = self.sounds.partition_point(|&(known, _)| known < sound);
            for &(_, arc) in self.sounds[of_sound..].iter().take_while(|&&(known, _)| known == sound) {
                let Some(rule) = rule_by_sound(&lattice.arcs[usize::from(arc)].kind, symbol) else {
                    continue;
                };
                if rule.is_correction() && self.leniency < Leniency::Alike {
                    continue;
                }
                match self.readings[first..].iter_mut().find(|(known, _)| *known == arc) {
                    Some((_, known)) => *known = rule.min(*known),
                    None => self.readings.push((arc, rule)),
                }
            }
        }
        if !self.initials.is_empty() {
            let letters = sounds::initials(symbol);
            let by_letter =
                self.initials.iter().filter(|(letter, _)| sounds::letter_bit(Some(*letter)) & letters != 0);
            self.readings.extend(by_letter.map(|&(_, arc)| (arc, MatchRule::Initial)));
        }
        if !self.unnumbered.is_empty() && matches!(Number::of(symbol), Some(Number::Plain(_))) {
            self.readings.extend(self.unnumbered.iter().map(|&arc| (arc, MatchRule::NumberLeftOut)));
        }
        if self.readings.len() > first {
            self.held.insert(symbol);
            self.readings_of.insert(symbol, first..self.readings.len());
        }
    }
}

/// The rule by which an arc stands for a symbol of one of its sounds.
fn rule_by_sound(kind: &ArcKind, symbol: Symbol) -> Option<MatchRule> {
    let readings = sounds::syllables(symbol);
    match kind {
        ArcKind::Symbol(typed) if *typed == symbol => Some(MatchRule::Same),
        ArcKind::Symbol(typed) => match (value(*typed), value(symbol)) {
            (Some(typed), Some(named)) => (typed == named).then_some(MatchRule::Number),
            (None, None) if readings.is_empty() => None,
            (None, None) => {
                let same = sounds::syllables(*typed).iter().any(|reading| readings.contains(reading));
                Some(if same { MatchRule::Homophone } else { MatchRule::NearSound })
            }
            _ => None,
        },
        ArcKind::Syllable(syllable) => Some(match readings.iter().position(|reading| reading == syllable) {
            Some(0) => MatchRule::Pinyin,
            Some(_) => MatchRule::OtherReading,
            None => MatchRule::NearPinyin,
        }),
        ArcKind::Beginning(range) => {
            readings.iter().any(|reading| range.contains(reading)).then_some(MatchRule::Pinyin)
        }
        ArcKind::Initial(_) | ArcKind::Slip(_) => None,
    }
}

/// The value of a number or of a hanzi digit.
fn value(symbol: Symbol) -> Option<u32> {
    match Number::of(symbol) {
        Some(Number::Plain(value)) => Some(u32::from(value)),
        Some(_) => None,
        None => char::from_u32(u32::from(symbol)).and_then(small_value).map(u32::from),
    }
}

/// Buffers kept between alignments.
#[derive(Default)]
pub(crate) struct Aligner {
    reads_slips: bool,
    own: Vec<Point>,
    steps: Vec<Step>,
    /// Places that an earlier segment stands for.
    used: Vec<bool>,
}

impl Aligner {
    pub(crate) fn new(leniency: Leniency) -> Self {
        Aligner { reads_slips: leniency >= Leniency::Slips, ..Aligner::default() }
    }

    /// Whether two neighbours may be swapped, and one may be typed twice.
    pub(crate) fn reads_slips(&self) -> bool {
        self.reads_slips
    }

    /// Appends the best alignment of one segment, in order.
    pub(crate) fn align(
        &mut self,
        lattice: &Lattice,
        segment: &Segment,
        text: &PathText,
        points: &[Point],
        out: &mut Vec<Matched>,
    ) {
        self.used.clear();
        self.used.resize(text.symbols.len(), false);
        out.iter().for_each(|matched| self.used[matched.at] = true);
        let first = out.len();
        self.align_nodes(lattice, &segment.nodes, segment, text, points, out);
        let Some((begin, end)) = out.get(first).zip(out.last()) else { return };
        // What is left before and after stands elsewhere, if anywhere: 急诊科北京地坛医院.
        let (begin, end) = (lattice.arcs[begin.arc].from, lattice.arcs[end.arc].to);
        for rest in [segment.nodes.start..begin, end..segment.nodes.end] {
            if rest.len() >= SHORTEST_REST {
                out[first..].iter().for_each(|matched| self.used[matched.at] = true);
                self.align_nodes(lattice, &rest, segment, text, points, out);
            }
        }
    }

    fn align_nodes(
        &mut self,
        lattice: &Lattice,
        nodes: &Range<usize>,
        segment: &Segment,
        text: &PathText,
        points: &[Point],
        out: &mut Vec<Matched>,
    ) {
        let within = |point: &&Point| {
            segment.arcs.contains(&usize::from(point.arc)) && {
                let arc = &lattice.arcs[usize::from(point.arc)];
                nodes.start <= arc.from && arc.to <= nodes.end
            }
        };
        self.own.clear();
        self.own.extend(points.iter().filter(within).take(MAX_POINTS));
        if self.reads_slips {
            self.add_swaps(lattice);
        }
        // Points come by place; arcs are numbered by where they begin.
        self.own.sort_unstable_by_key(|point| (point.arc, point.at));
        self.fill(lattice, text);
        let scores = self.steps.iter().map(|step| step.best.0).enumerate();
        let ending = scores.max_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let Some((mut at, _)) = ending.filter(|(_, score)| *score > 0.0) else { return };
        let first = out.len();
        loop {
            let (_, before, continues) = self.steps[at].best;
            let point = self.own[at];
            let matched = |arc, at: u16, continues| Matched {
                arc: usize::from(arc),
                at: usize::from(at),
                rule: point.rule,
                continues,
            };
            match point.second {
                Some(second) => {
                    out.push(matched(second, point.at, true));
                    out.push(matched(point.arc, point.at + 1, continues));
                }
                None => out.push(matched(point.arc, point.at, continues)),
            }
            if before == u16::MAX {
                break;
            }
            at = usize::from(before);
        }
        out[first..].reverse();
    }

    /// Adds the places where two neighbours stand in the other order.
    fn add_swaps(&mut self, lattice: &Lattice) {
        let plain = self.own.len();
        let is_same = |point: &Point| point.rule == MatchRule::Same;
        for first in 0..plain {
            let a = self.own[first];
            if !is_same(&a) {
                continue;
            }
            let after = lattice.arcs[usize::from(a.arc)].to;
            for second in 0..plain {
                let b = self.own[second];
                let is_swap =
                    b.at + 1 == a.at && is_same(&b) && after == lattice.arcs[usize::from(b.arc)].from;
                if is_swap && self.own.len() < MAX_POINTS {
                    self.own.push(Point { at: b.at, rule: MatchRule::Swapped, second: Some(b.arc), ..a });
                }
            }
        }
    }

    fn fill(&mut self, lattice: &Lattice, text: &PathText) {
        self.steps.clear();
        for point in &self.own {
            let nodes = point.nodes(lattice);
            let again = if self.used[usize::from(point.at)] { AGAIN } else { 1.0 };
            let worth = lattice.weight(nodes.clone()) * point.rule.quality() * again;
            let is_head = text.heads[usize::from(point.at)];
            let entering = if is_head { worth } else { worth * (1.0 - INSIDE_WORD) };
            let before = |node: usize| lattice.weight_before.get(node).copied().unwrap_or(0.0);
            let step = Step {
                at: point.at,
                end: point.end(),
                from: nodes.start as u16,
                to: nodes.end as u16,
                weight_to: before(nodes.end),
                best: (entering, u16::MAX, false),
            };
            let weight_from = before(nodes.start);
            let mut best = step.best;
            for (before_at, before) in self.steps.iter().enumerate() {
                if before.end > step.at || before.to > step.from {
                    continue;
                }
                let skipped = step.at - before.end;
                let left_out = (weight_from - before.weight_to) * LEFT_OUT;
                let continues = skipped == 0 && before.to == step.from;
                let gain = if continues {
                    worth * (1.0 + RUN_BONUS)
                } else {
                    entering - JUMP - JUMP_SYMBOL * f32::from(skipped)
                };
                let score = before.best.0 + gain - left_out;
                if score > best.0 {
                    best = (score, before_at as u16, continues);
                }
            }
            self.steps.push(Step { best, ..step });
        }
    }
}

/// A point with what the points after it ask of it.
#[derive(Debug, Clone, Copy)]
struct Step {
    at: u16,
    /// One past the last symbol.
    end: u16,
    /// The nodes that it reads.
    from: u16,
    to: u16,
    /// The weight of all nodes up to the last one it reads.
    weight_to: f32,
    /// The best score of an alignment ending here, the point before, and whether it continues a run.
    best: (f32, u16, bool),
}
