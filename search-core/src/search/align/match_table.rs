//! Which typed pieces can stand for a symbol, and by which rule.

use super::{MatchRule, Point, Tolerance};
use crate::number_hash::NumberHash;
use crate::search::lattice::{EdgeKind, Lattice, letter};
use crate::text::numbers::YEARS_ALONE;
use crate::text::numerals::small_value;
use crate::text::sounds::{self, Sound};
use crate::text::symbols::{Number, Symbol};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Characters of similar shape, from `shapes.tsv`.
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

/// For each symbol the edges of a lattice that can stand for it. Worked out when a symbol is first looked up.
pub(crate) struct MatchTable {
    /// Characters, and those of similar shape, with the edges that stand for them, ascending.
    symbols: Vec<(Symbol, u16, MatchRule)>,
    /// Sounds with the edges that may have them, ascending.
    sounds: Vec<(Sound, u16)>,
    /// Edges by initial letter.
    initials: Vec<(u8, u16)>,
    /// Edges of 第 without a number.
    unnumbered: Vec<u16>,
    tolerance: Tolerance,
    /// Symbols that were looked up before.
    known: Box<SymbolSet>,
    /// Those of them that edges can stand for: hardly any.
    matched: Box<SymbolSet>,
    /// For each of these its range in `matches`.
    matches_of: HashMap<Symbol, Range<usize>, NumberHash>,
    /// Edges and the rules by which they stand for a symbol.
    matches: Vec<(u16, MatchRule)>,
}

/// A set of symbols, as bits.
struct SymbolSet([u64; 1 << (Symbol::BITS - 6)]);

impl SymbolSet {
    fn new() -> Box<Self> {
        Box::new(SymbolSet([0; 1 << (Symbol::BITS - 6)]))
    }

    fn contains(&self, symbol: Symbol) -> bool {
        self.0[usize::from(symbol) / 64] >> (symbol % 64) & 1 == 1
    }

    fn insert(&mut self, symbol: Symbol) {
        self.0[usize::from(symbol) / 64] |= 1 << (symbol % 64);
    }
}

impl MatchTable {
    pub(crate) fn new(lattice: &Lattice, tolerance: Tolerance) -> MatchTable {
        let mut table = MatchTable {
            symbols: Vec::with_capacity(2 * lattice.edges.len()),
            sounds: Vec::with_capacity(2 * lattice.edges.len()),
            initials: Vec::new(),
            unnumbered: Vec::new(),
            tolerance,
            known: SymbolSet::new(),
            matched: SymbolSet::new(),
            matches_of: HashMap::default(),
            matches: Vec::new(),
        };
        for (at, edge) in lattice.edges.iter().enumerate() {
            let at = at as u16;
            match edge.kind {
                EdgeKind::Symbol(symbol) => table.add_symbol(symbol, at),
                EdgeKind::MistypedNumber(symbol) if tolerance >= Tolerance::Transposed => {
                    table.symbols.push((symbol, at, MatchRule::Doubled));
                }
                EdgeKind::Synonym(symbol) => table.symbols.push((symbol, at, MatchRule::Synonym)),
                EdgeKind::Initial(letter) => table.initials.push((letter, at)),
                EdgeKind::NumberInitials(symbol) => table.symbols.push((symbol, at, MatchRule::Initial)),
                _ => {}
            }
            // A typed letter is compared as it is; its sounds are edges of their own.
            if !matches!(edge.kind, EdgeKind::Symbol(symbol) if letter(symbol).is_some()) {
                table.sounds.extend(edge.sounds().into_iter().map(|sound| (sound, at)));
            }
        }
        table.symbols.sort_unstable();
        table.sounds.sort_unstable();
        table
    }

    fn add_symbol(&mut self, symbol: Symbol, edge: u16) {
        self.symbols.push((symbol, edge, MatchRule::Same));
        if let Some(Number::Plain(value)) = Number::of(symbol) {
            // 葡萄牙语 23 2: a number that stands alone may be the year or the class.
            let year = YEARS_ALONE.contains(&value.into()).then_some(Number::Year(2000 + value));
            let meant = std::iter::once(Number::Class(value)).chain(year);
            self.symbols
                .extend(meant.filter_map(Number::symbol).map(|symbol| (symbol, edge, MatchRule::Number)));
        }
        if self.tolerance == Tolerance::Similar {
            self.symbols.extend(similar(symbol).iter().map(|&similar| (similar, edge, MatchRule::Shape)));
            if symbol == *ORDINAL {
                self.unnumbered.push(edge);
            }
        }
    }

    /// Appends the places where edges can stand for symbols, the first of which is at `start` of the text.
    pub(crate) fn points(
        &mut self,
        lattice: &Lattice,
        symbols: &[Symbol],
        start: usize,
        points: &mut Vec<Point>,
    ) {
        for (at, &symbol) in (start..).zip(symbols) {
            if !self.known.contains(symbol) {
                self.look_up(symbol, lattice);
            }
            if self.matched.contains(symbol)
                && let Some(matches) = self.matches_of.get(&symbol)
            {
                let matches = &self.matches[matches.clone()];
                points.extend(matches.iter().map(|&(edge, rule)| Point::new(edge, at, rule)));
            }
        }
    }

    /// Works out which edges can stand for a symbol.
    fn look_up(&mut self, symbol: Symbol, lattice: &Lattice) {
        self.known.insert(symbol);
        let first = self.matches.len();
        let of_symbol = self.symbols.partition_point(|&(known, ..)| known < symbol);
        let of_symbol = self.symbols[of_symbol..].iter().take_while(|&&(known, ..)| known == symbol);
        self.matches.extend(of_symbol.map(|&(_, edge, rule)| (edge, rule)));
        for sound in sounds::sounds(symbol) {
            let of_sound = self.sounds.partition_point(|&(known, _)| known < sound);
            for &(_, edge) in self.sounds[of_sound..].iter().take_while(|&&(known, _)| known == sound) {
                let Some(rule) = rule_by_sound(&lattice.edges[usize::from(edge)].kind, symbol) else {
                    continue;
                };
                if rule.is_correction() && self.tolerance < Tolerance::Similar {
                    continue;
                }
                match self.matches[first..].iter_mut().find(|(known, _)| *known == edge) {
                    Some((_, known)) => *known = rule.min(*known),
                    None => self.matches.push((edge, rule)),
                }
            }
        }
        if !self.initials.is_empty() {
            let letters = sounds::initials(symbol);
            let by_letter =
                self.initials.iter().filter(|(letter, _)| sounds::letter_bit(Some(*letter)) & letters != 0);
            self.matches.extend(by_letter.map(|&(_, edge)| (edge, MatchRule::Initial)));
        }
        if !self.unnumbered.is_empty() && matches!(Number::of(symbol), Some(Number::Plain(_))) {
            self.matches.extend(self.unnumbered.iter().map(|&edge| (edge, MatchRule::NumberLeftOut)));
        }
        if self.matches.len() > first {
            self.matched.insert(symbol);
            self.matches_of.insert(symbol, first..self.matches.len());
        }
    }
}

/// The rule by which an edge stands for a symbol of one of its sounds.
fn rule_by_sound(kind: &EdgeKind, symbol: Symbol) -> Option<MatchRule> {
    let readings = sounds::syllables(symbol);
    match kind {
        EdgeKind::Symbol(typed) if *typed == symbol => Some(MatchRule::Same),
        EdgeKind::Symbol(typed) => match (value(*typed), value(symbol)) {
            (Some(typed), Some(named)) => (typed == named).then_some(MatchRule::Number),
            (None, None) if readings.is_empty() => None,
            (None, None) => {
                let same = sounds::syllables(*typed).iter().any(|reading| readings.contains(reading));
                Some(if same { MatchRule::Homophone } else { MatchRule::NearSound })
            }
            _ => None,
        },
        EdgeKind::Synonym(meant) => (*meant == symbol).then_some(MatchRule::Synonym),
        EdgeKind::MistypedSyllable(syllable) => readings.contains(syllable).then_some(MatchRule::NearPinyin),
        EdgeKind::Syllable(syllable) => Some(match readings.iter().position(|reading| reading == syllable) {
            Some(0) => MatchRule::Pinyin,
            Some(_) => MatchRule::OtherReading,
            None => MatchRule::NearPinyin,
        }),
        EdgeKind::SyllablePrefix(range) => {
            readings.iter().any(|reading| range.contains(reading)).then_some(MatchRule::Pinyin)
        }
        EdgeKind::Initial(_) | EdgeKind::NumberInitials(_) | EdgeKind::MistypedNumber(_) => None,
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
