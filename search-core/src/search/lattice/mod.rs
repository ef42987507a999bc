//! The typed name parts as a lattice: every way to read them, each a chain of edges.
//!
//! A hanzi is one edge. Letters are cut into pinyin syllables in every sensible way (xian: xian or xi'an), into an
//! unfinished last syllable, and into initials where they spell no syllables. Year, class and grade are taken out:
//! they are compared by themselves, wherever they stand.

mod build;
mod numerals;
mod pinyin;
mod respell;
mod spread;

pub(crate) use respell::Respelled;

use crate::text::placed_symbols::PlacedSymbol;
use crate::text::sounds::{self, Sound, Syllable};
use crate::text::symbols::{ClassKey, Number, Symbol, of_char};
use std::ops::Range;

/// Nodes of a lattice: characters or letters of a query; what a longer query says beyond is not read.
pub(crate) const MAX_NODES: usize = 96;
/// Edges of a lattice; where there are as many, words get no synonyms.
const MAX_EDGES: usize = 640;

/// What an edge stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EdgeKind {
    /// A character or a number.
    Symbol(Symbol),
    /// A syllable in pinyin.
    Syllable(Syllable),
    /// The beginning of a syllable, at the end of what is typed so far.
    SyllablePrefix(Range<Syllable>),
    /// The first letter of a syllable.
    Initial(u8),
    /// A number behind 第 by the first letters of its numeral: dj for 第九.
    NumberInitials(Symbol),
    /// A syllable that becomes the typed letters if two of them are transposed or a vowel is left out.
    MistypedSyllable(Syllable),
    /// A number that becomes the typed one if two of its digits are transposed or one is duplicated.
    MistypedNumber(Symbol),
    /// A character of a word that means what was typed: 南京航空航天大学 for NUAA, 街道 for 办事处.
    Synonym(Symbol),
}

/// One way to read the nodes `from..to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) kind: EdgeKind,
}

impl Edge {
    /// How many nodes it reads.
    pub(crate) fn len(&self) -> usize {
        self.to - self.from
    }

    /// The character or number that it is taken for.
    pub(crate) fn symbol(&self) -> Option<Symbol> {
        match self.kind {
            EdgeKind::Symbol(symbol) | EdgeKind::MistypedNumber(symbol) | EdgeKind::Synonym(symbol) => {
                Some(symbol)
            }
            _ => None,
        }
    }

    /// The sounds that it may stand for, ascending.
    pub(crate) fn sounds(&self) -> Vec<Sound> {
        let mut of: Vec<Sound> = match &self.kind {
            EdgeKind::Symbol(symbol) | EdgeKind::Synonym(symbol) => sounds::sounds(*symbol).collect(),
            EdgeKind::Syllable(syllable) | EdgeKind::MistypedSyllable(syllable) => {
                vec![sounds::fold(*syllable)]
            }
            EdgeKind::SyllablePrefix(range) => range.clone().map(sounds::fold).collect(),
            EdgeKind::Initial(_) | EdgeKind::NumberInitials(_) | EdgeKind::MistypedNumber(_) => Vec::new(),
        };
        of.sort_unstable();
        of.dedup();
        of
    }
}

/// Nodes that are read in order; segments may match in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) nodes: Range<usize>,
    pub(crate) edges: Range<usize>,
}

/// What a typed word means, in other words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Synonym {
    /// Where the word lies in the normalized query, in bytes.
    pub(crate) place: Range<usize>,
    pub(crate) symbols: Vec<Symbol>,
}

/// The symbols of one part of the query.
#[derive(Debug, Clone, Default)]
pub(crate) struct LatticePart {
    pub(crate) symbols: Vec<PlacedSymbol>,
    /// Other words for some of them.
    pub(crate) synonyms: Vec<Synonym>,
    /// Whether it goes on with the part before: pinyin with a space after each syllable.
    pub(crate) continues: bool,
}

impl LatticePart {
    /// Its symbols and those of its synonyms.
    pub(crate) fn all_symbols(&self) -> impl Iterator<Item = Symbol> {
        let typed = self.symbols.iter().map(|placed| placed.symbol);
        typed.chain(self.synonyms.iter().flat_map(|synonym| synonym.symbols.iter().copied()))
    }
}

/// All readings of the name parts of a query.
#[derive(Debug, Default)]
pub(crate) struct Lattice {
    /// The weight of each node.
    pub(crate) weights: Vec<f32>,
    /// The weight of all nodes before this one; one more than there are nodes.
    pub(crate) weight_before: Vec<f32>,
    /// Nodes that repeat the one before them: 大学学.
    pub(crate) duplicates: Vec<usize>,
    /// Nodes that name regions before a name.
    pub(crate) regions: Vec<Range<usize>>,
    /// Where each node lies in the normalized query, in bytes.
    pub(crate) places: Vec<Range<usize>>,
    /// By segment, then by the node they begin at.
    pub(crate) edges: Vec<Edge>,
    pub(crate) segments: Vec<Segment>,
    /// Year, class and grade, wherever they were typed.
    pub(crate) class: ClassKey,
    /// Where they lie in the normalized query.
    pub(crate) class_places: Vec<(Symbol, Range<usize>)>,
}

impl Lattice {
    /// The weight of some nodes.
    pub(crate) fn weight(&self, nodes: Range<usize>) -> f32 {
        let before = |node: usize| self.weight_before.get(node).copied().unwrap_or(0.0);
        before(nodes.end) - before(nodes.start)
    }

    /// Whether a number begins at a node.
    pub(crate) fn is_number(&self, node: usize) -> bool {
        let number =
            |edge: &Edge| matches!(edge.kind, EdgeKind::Symbol(symbol) if Number::of(symbol).is_some());
        self.edges.iter().any(|edge| edge.from == node && number(edge))
    }

    /// The weight of all nodes.
    pub(crate) fn total_weight(&self) -> f32 {
        self.weight(0..self.weights.len())
    }

    /// The letters and numbers of a segment that is nothing but these, as they were typed.
    pub(crate) fn letters_and_numbers_of(&self, segment: &Segment) -> Option<Vec<Symbol>> {
        let is_wanted = |symbol: Symbol| letter(symbol).is_some() || Number::of(symbol).is_some();
        let (mut end, mut found) = (segment.nodes.start, Vec::with_capacity(segment.nodes.len()));
        for edge in &self.edges[segment.edges.clone()] {
            match edge.kind {
                // Numbers that letters spell begin where one of these does, and are longer.
                EdgeKind::Symbol(symbol) if edge.from == end && is_wanted(symbol) => {
                    end = edge.to;
                    found.push(symbol);
                }
                _ if edge.from > end => return None,
                _ => {}
            }
        }
        (end == segment.nodes.end).then_some(found)
    }
}

/// A character, letter or number of a segment that is not closed yet.
#[derive(Debug, Clone)]
struct Node {
    symbol: Symbol,
    place: Range<usize>,
    weight: f32,
    after_gap: bool,
}

/// The letter that a symbol is; ü is v.
pub(crate) fn letter(symbol: Symbol) -> Option<u8> {
    match u8::try_from(symbol) {
        Ok(letter @ b'a'..=b'z') => Some(letter),
        _ if symbol == of_char('ü') => Some(b'v'),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::text::normalize::NormalizedText;
    use crate::text::placed_symbols::{placed_chars, symbols};

    /// The lattice of a query of one part, each character of it weighing 5.
    pub(crate) fn lattice(query: &str) -> Lattice {
        let text = NormalizedText::new(query);
        let part = LatticePart { symbols: symbols(&placed_chars(&text)), ..LatticePart::default() };
        Lattice::new(text.text(), &[part], |_| 5.0)
    }

    #[test]
    fn the_letters_and_numbers_of_a_segment_are_given_where_it_holds_nothing_else() {
        for (query, is_given) in
            [("bjdx", true), ("lü", true), ("beijingyi", true), ("39z", true), ("北京dx", false)]
        {
            let lattice = lattice(query);
            let typed = symbols(&placed_chars(&NormalizedText::new(query))).into_iter();
            let expected = is_given.then(|| typed.map(|placed| placed.symbol).collect::<Vec<_>>());
            assert_eq!(lattice.letters_and_numbers_of(&lattice.segments[0]), expected, "{query}");
        }
    }
}
