//! Words with synonyms: typed characters are spread over as many nodes as their longest synonym has symbols.
//!
//! NUAA has four letters and stands for the eight characters of 南京航空航天大学. So each letter is spread over two
//! nodes, and each character reads one of them.

use super::{Edge, EdgeKind, MAX_EDGES, Node, Synonym, letter};
use crate::text::sounds;
use crate::text::symbols::Symbol;
use std::ops::Range;

/// Synonyms of one word.
const MAX_SYNONYMS: usize = 6;
/// Symbols of one synonym.
const LONGEST: usize = 24;

/// Where the typed characters of a segment begin among its nodes, and the words among them.
pub(super) struct Spread<'a> {
    /// One more than there are typed characters.
    starts: Vec<usize>,
    words: Vec<Word<'a>>,
}

/// A typed word with its synonyms.
struct Word<'a> {
    typed: Range<usize>,
    synonyms: Vec<&'a [Symbol]>,
    /// Whether it is letters that cannot be pinyin.
    is_acronym: bool,
}

impl<'a> Spread<'a> {
    /// `limit`: how many nodes there may be; where words need more, they keep to what was typed.
    pub(super) fn new(typed: &[Node], synonyms: &[&'a Synonym], limit: usize) -> Spread<'a> {
        let mut words = words(typed, synonyms);
        let mut widths = vec![1; typed.len()];
        words.retain(|word| {
            let longest = word.synonyms.iter().map(|synonym| synonym.len()).max().unwrap_or(0);
            let own: usize = widths[word.typed.clone()].iter().sum();
            let more = longest.saturating_sub(own);
            let fits = widths.iter().sum::<usize>() + more <= limit;
            if fits {
                let len = word.typed.len();
                (0..more).for_each(|at| widths[word.typed.start + at % len] += 1);
            }
            fits
        });
        let mut starts = vec![0];
        widths.iter().for_each(|width| starts.push(starts[starts.len() - 1] + width));
        Spread { starts, words }
    }

    pub(super) fn start(&self, at: usize) -> usize {
        self.starts[at]
    }

    pub(super) fn width(&self, at: usize) -> usize {
        self.starts[at + 1] - self.starts[at]
    }

    /// An edge over typed characters as one over nodes.
    pub(super) fn place(&self, edge: Edge, first_node: usize) -> Edge {
        Edge { from: first_node + self.start(edge.from), to: first_node + self.start(edge.to), ..edge }
    }

    /// Whether an edge takes a letter of an acronym for an initial: an acronym means its name as a whole.
    pub(super) fn is_of_acronym(&self, edge: &Edge) -> bool {
        let holds = |word: &Word<'_>| word.typed.start <= edge.from && edge.to <= word.typed.end;
        matches!(edge.kind, EdgeKind::Initial(_))
            && self.words.iter().any(|word| word.is_acronym && holds(word))
    }

    /// An acronym weighs as much as the name that it stands for, by the lightest of several.
    pub(super) fn weigh_words(&self, typed: &mut [Node], weight: impl Fn(Symbol) -> f32) {
        for word in self.words.iter().filter(|word| word.is_acronym) {
            let nodes = &mut typed[word.typed.clone()];
            let of = |synonym: &&[Symbol]| synonym.iter().map(|&symbol| weight(symbol)).sum::<f32>();
            let lightest = word.synonyms.iter().map(of).fold(f32::MAX, f32::min);
            let each = lightest / nodes.len() as f32;
            nodes.iter_mut().for_each(|node| node.weight = node.weight.max(each));
        }
    }

    /// Appends the edges of the synonyms.
    pub(super) fn add_words(&self, edges: &mut Vec<Edge>, first_node: usize) {
        for word in &self.words {
            let nodes = self.start(word.typed.start)..self.start(word.typed.end);
            for synonym in &word.synonyms {
                if edges.len() + synonym.len() > MAX_EDGES {
                    return;
                }
                let place = |at: usize| first_node + nodes.start + at * nodes.len() / synonym.len();
                let edge = |(at, &symbol): (usize, &Symbol)| Edge {
                    from: place(at),
                    to: place(at + 1),
                    kind: EdgeKind::Synonym(symbol),
                };
                edges.extend(synonym.iter().enumerate().map(edge));
            }
        }
    }
}

/// The words of a segment: synonyms whose place is that of some of its characters.
fn words<'a>(typed: &[Node], synonyms: &[&'a Synonym]) -> Vec<Word<'a>> {
    let mut words: Vec<Word<'a>> = Vec::new();
    for synonym in synonyms {
        let first = typed.iter().position(|node| node.place.start == synonym.place.start);
        let last = typed.iter().rposition(|node| node.place.end == synonym.place.end);
        let (Some(first), Some(last)) = (first, last) else { continue };
        if last < first || synonym.symbols.is_empty() || synonym.symbols.len() > LONGEST {
            continue;
        }
        let range = first..last + 1;
        match words.iter_mut().find(|word| word.typed == range) {
            Some(word) if word.synonyms.len() < MAX_SYNONYMS => word.synonyms.push(&synonym.symbols),
            Some(_) => {}
            None => {
                let is_acronym = is_acronym(&typed[range.clone()]);
                words.push(Word { typed: range, synonyms: vec![&synonym.symbols], is_acronym });
            }
        }
    }
    words
}

fn is_acronym(nodes: &[Node]) -> bool {
    let letters: Option<Vec<u8>> = nodes.iter().map(|node| letter(node.symbol)).collect();
    letters.is_some_and(|letters| !sounds::are_syllables(std::str::from_utf8(&letters).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::super::{Lattice, LatticePart, MAX_NODES};
    use super::*;
    use crate::text::normalize::NormalizedText;
    use crate::text::placed_symbols::{placed_chars, symbols};
    use crate::text::symbols::of_char;

    fn lattice(query: &str, words: &[(&str, &str)]) -> Lattice {
        let text = NormalizedText::new(query);
        let synonym = |(typed, meant): &(&str, &str)| {
            let start = text.text().find(typed).expect("it is typed");
            let symbols = meant.chars().map(of_char).collect();
            Synonym { place: start..start + typed.len(), symbols }
        };
        let synonyms = words.iter().map(synonym).collect();
        let part = LatticePart { symbols: symbols(&placed_chars(&text)), synonyms, continues: false };
        Lattice::new(text.text(), &[part], |_| 5.0)
    }

    fn synonyms(lattice: &Lattice) -> Vec<(usize, usize, char)> {
        let of = |edge: &Edge| match edge.kind {
            EdgeKind::Synonym(symbol) => Some((edge.from, edge.to, char::from_u32(u32::from(symbol))?)),
            _ => None,
        };
        lattice.edges.iter().filter_map(of).collect()
    }

    #[test]
    fn each_symbol_of_a_synonym_has_nodes_of_its_own() {
        let found = lattice("hpu经贸", &[("hpu", "河南理大")]);
        assert_eq!(synonyms(&found), [(0, 1, '河'), (1, 2, '南'), (2, 3, '理'), (3, 4, '大')]);
        assert_eq!(found.weights.len(), 6);
        // The letters weigh as much as the name that they stand for.
        assert!((found.weight(0..4) - 20.0).abs() < 1e-3);
        // A shorter synonym has more nodes for each symbol, and a longer typed word keeps its weight.
        let found = lattice("学院路办事处", &[("办事处", "街道")]);
        assert_eq!(synonyms(&found), [(3, 4, '街'), (4, 6, '道')]);
        assert_eq!(found.total_weight(), 30.0);
    }

    #[test]
    fn a_word_that_needs_too_many_nodes_keeps_to_what_was_typed() {
        let query = format!("{}hpu", "大学".repeat(46));
        let found = lattice(&query, &[("hpu", "河南理工大学")]);
        assert!(found.weights.len() <= MAX_NODES);
        assert_eq!(synonyms(&found), []);
    }

    #[test]
    fn letters_with_synonyms_stay_letters() {
        let found = lattice("nuaa", &[("nuaa", "南京航空航天大学")]);
        let letters = found.letters_and_numbers_of(&found.segments[0]).expect("it is nothing but letters");
        assert_eq!(letters, b"nuaa".map(Symbol::from));
        assert_eq!(found.places[0], 0..1);
    }
}
