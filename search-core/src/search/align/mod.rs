//! Aligns the typed segments with the names of a candidate: which typed piece stands for which symbol, by which rule.
//!
//! A local alignment in the manner of Smith and Waterman (1981), over the few places where a piece can stand for a
//! symbol at all ([`MatchTable`]). A matched piece earns its weight, less if it only sounds or looks similar; runs earn
//! a bonus, jumps cost, skipped pieces cost a share of their weight. Chinese short forms are nearly always
//! subsequences of the full name, made of the initial characters of its words, so this needs no dictionary.
//! Every constant stands in [`super::tuning::alignment`] and [`super::tuning::quality`].

mod aligner;
mod match_rule;
mod match_table;

#[cfg(test)]
mod tests;

use super::lattice::{Edge, Lattice};
use crate::text::symbols::Symbol;
use std::ops::Range;

pub(crate) use aligner::Aligner;
pub use match_rule::MatchRule;
pub(crate) use match_rule::Tolerance;
pub(crate) use match_table::{MatchTable, similar};

/// The names of a candidate, one after another, as symbols.
#[derive(Debug, Clone, Default)]
pub(crate) struct AlignedText {
    pub(crate) symbols: Vec<Symbol>,
    /// For each symbol whether a word begins here.
    pub(crate) word_initials: Vec<bool>,
}

impl AlignedText {
    pub(crate) fn push(&mut self, symbol: Symbol, is_word_initial: bool) {
        self.symbols.push(symbol);
        self.word_initials.push(is_word_initial);
    }

    pub(crate) fn extend(&mut self, other: &AlignedText, range: Range<usize>) {
        self.symbols.extend_from_slice(&other.symbols[range.clone()]);
        self.word_initials.extend_from_slice(&other.word_initials[range]);
    }

    pub(crate) fn remove(&mut self, range: Range<usize>) {
        self.symbols.drain(range.clone());
        self.word_initials.drain(range);
    }

    pub(crate) fn clear(&mut self) {
        self.symbols.clear();
        self.word_initials.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.symbols.len()
    }
}

/// A place of the text where an edge of the lattice can stand for the symbol.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    edge: u16,
    place: u16,
    rule: MatchRule,
    /// Where two neighbours are transposed: the edge of the second one, which stands for this symbol; the first one
    /// stands for the next.
    second: Option<u16>,
}

impl Point {
    fn new(edge: u16, place: usize, rule: MatchRule) -> Self {
        Point { edge, place: place as u16, rule, second: None }
    }

    /// The edge that stands for the symbol.
    pub(crate) fn edge(&self) -> usize {
        usize::from(self.edge)
    }

    /// Where in the text it is.
    pub(crate) fn place(&self) -> usize {
        usize::from(self.place)
    }

    /// One past the last symbol.
    fn end(&self) -> u16 {
        self.place + 1 + u16::from(self.second.is_some())
    }

    /// The nodes that it reads.
    fn nodes(&self, lattice: &Lattice) -> Range<usize> {
        let last = self.second.unwrap_or(self.edge);
        lattice.edges[usize::from(self.edge)].from..lattice.edges[usize::from(last)].to
    }
}

/// A typed piece and the symbol that it stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MatchedPiece {
    /// Its edge in the lattice.
    pub(crate) edge: usize,
    /// The place of the symbol in the text.
    pub(crate) place: usize,
    pub(crate) rule: MatchRule,
    /// Whether it continues a run: side by side with the piece before, in the query and in the text.
    pub(crate) continues: bool,
}

/// The best alignment of a query with a text: segment by segment, each in typed order.
#[derive(Clone, Copy)]
pub(crate) struct Alignment<'a> {
    pub(crate) lattice: &'a Lattice,
    pub(crate) text: &'a AlignedText,
    pub(crate) pieces: &'a [MatchedPiece],
}

impl<'a> Alignment<'a> {
    pub(crate) fn edge(&self, piece: &MatchedPiece) -> &'a Edge {
        &self.lattice.edges[piece.edge]
    }

    /// The weight of the nodes that a piece reads.
    pub(crate) fn weight(&self, piece: &MatchedPiece) -> f32 {
        let edge = self.edge(piece);
        self.lattice.weight(edge.from..edge.to)
    }

    /// Whether some piece reads a node.
    pub(crate) fn reads(&self, node: usize) -> bool {
        self.pieces.iter().any(|piece| {
            let edge = self.edge(piece);
            edge.from <= node && node < edge.to
        })
    }

    /// Nodes that no piece reads.
    pub(crate) fn unread(&self) -> usize {
        let read: usize = self.pieces.iter().map(|piece| self.edge(piece).len()).sum();
        self.lattice.weights.len().saturating_sub(read)
    }

    /// Pieces that stand for something else than what was typed; two that are transposed count once.
    pub(crate) fn corrections(&self) -> usize {
        let corrections = self.pieces.iter().filter(|piece| piece.rule.is_correction()).count();
        let transposed = self.pieces.iter().filter(|piece| piece.rule == MatchRule::Swapped).count();
        corrections - transposed / 2
    }
}
