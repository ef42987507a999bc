//! From the parts of a query to a lattice.

use super::spread::Spread;
use super::{
    Edge, EdgeKind, Lattice, LatticePart, MAX_NODES, Node, Segment, Synonym, letter, numerals, pinyin,
};
use crate::search::tuning::node_weight;
use crate::text::placed_symbols::PlacedSymbol;
use crate::text::regions::region_len;
use crate::text::symbols::{Number, Symbol, of_char};
use index_data::lexicon::town_ends;
use std::sync::LazyLock;

impl Lattice {
    /// Reads the parts of a normalized query in typed order; `weight` says how much a character weighs.
    pub(crate) fn new(text: &str, parts: &[LatticePart], weight: impl Fn(Symbol) -> f32) -> Lattice {
        let mut lattice = Lattice::default();
        let mut open: Vec<Node> = Vec::new();
        let mut synonyms: Vec<&Synonym> = Vec::new();
        for part in parts {
            if !part.continues {
                lattice.close_segment(text, &mut open, &synonyms, &weight);
                synonyms.clear();
            }
            synonyms.extend(&part.synonyms);
            for (at, placed) in part.symbols.iter().enumerate() {
                if lattice.weights.len() + open.len() >= MAX_NODES {
                    break;
                }
                let goes_on = letter(placed.symbol).is_some()
                    && open.last().is_some_and(|node| letter(node.symbol).is_some());
                if placed.after_gap && at > 0 && !goes_on {
                    lattice.close_segment(text, &mut open, &synonyms, &weight);
                }
                if let Some(Number::Year(_) | Number::Class(_) | Number::Grade(..)) =
                    Number::of(placed.symbol)
                {
                    lattice.class.take(placed.symbol);
                    lattice.class_places.push((placed.symbol, placed.range.clone()));
                    lattice.close_segment(text, &mut open, &synonyms, &weight);
                } else {
                    open.push(node(placed, placed.after_gap || at == 0, &weight));
                }
            }
        }
        lattice.close_segment(text, &mut open, &synonyms, &weight);
        numerals::add_mistyped_numbers(&mut lattice, text);
        lattice.weight_before = vec![0.0];
        for weight in &lattice.weights {
            lattice.weight_before.push(lattice.weight_before.last().unwrap_or(&0.0) + weight);
        }
        lattice
    }

    /// Ends a segment: its nodes get their edges.
    fn close_segment(
        &mut self,
        text: &str,
        open: &mut Vec<Node>,
        synonyms: &[&Synonym],
        weight: &impl Fn(Symbol) -> f32,
    ) {
        if open.is_empty() {
            return;
        }
        let first_node = self.weights.len();
        let left = MAX_NODES - first_node;
        let spread = Spread::new(open, synonyms, left);
        self.weigh_down_duplicates(text, open, first_node, &spread);
        self.weigh_down_region(open, first_node, &spread);
        weigh_down_towns(open);
        spread.weigh_words(open, weight);
        let mut edges: Vec<Edge> = Vec::with_capacity(2 * open.len());
        let mut at = 0;
        while at < open.len() {
            let run = open[at..].iter().take_while(|node| letter(node.symbol).is_some()).count();
            if run == 0 {
                edges.push(Edge { from: at, to: at + 1, kind: EdgeKind::Symbol(open[at].symbol) });
                at += 1;
            } else {
                let is_last = at + run == open.len();
                pinyin::add_letters(&mut edges, &open[at..at + run], at, is_last);
                at += run;
            }
        }
        edges.retain(|edge| !spread.is_of_acronym(edge));
        numerals::add_spelled_numbers(&mut edges, 0);
        numerals::add_initialed_numbers(&mut edges);
        let first_edge = self.edges.len();
        self.edges.extend(edges.into_iter().map(|edge| spread.place(edge, first_node)));
        spread.add_words(&mut self.edges, first_node);
        self.edges[first_edge..].sort_by_key(|edge| (edge.from, edge.to));
        for (at, node) in open.drain(..).enumerate() {
            let width = spread.width(at);
            for _ in 0..width {
                self.weights.push(node.weight / width as f32);
                self.places.push(node.place.clone());
            }
        }
        let (nodes, edges) = (first_node..self.weights.len(), first_edge..self.edges.len());
        self.segments.push(Segment { nodes, edges });
    }

    /// A character that repeats the one before it was mostly typed twice, and else says little more.
    fn weigh_down_duplicates(
        &mut self,
        text: &str,
        open: &mut [Node],
        first_node: usize,
        spread: &Spread<'_>,
    ) {
        let typed = |node: &Node| text.get(node.place.clone());
        for at in 1..open.len() {
            let (before, own) = (&open[at - 1], &open[at]);
            // 第十五五: the digit stands behind the number that it belongs to.
            let is_digit_again = Number::of(before.symbol).is_some()
                && typed(own)
                    .is_some_and(|digit| typed(before).is_some_and(|number| number.ends_with(digit)));
            let is_same = own.symbol == before.symbol && letter(own.symbol).is_none();
            if is_same || is_digit_again {
                open[at].weight *= node_weight::DUPLICATE;
                if spread.width(at - 1) == 1 && spread.width(at) == 1 {
                    self.duplicates.push(first_node + spread.start(at));
                }
            }
        }
    }

    fn weigh_down_region(&mut self, open: &mut [Node], first_node: usize, spread: &Spread<'_>) {
        let symbols: Vec<Symbol> = open.iter().map(|node| node.symbol).collect();
        let len = region_len(&symbols);
        open[..len].iter_mut().for_each(|node| node.weight *= node_weight::REGION);
        if len > 0 {
            self.regions.push(first_node..first_node + spread.start(len));
        }
    }
}

/// The end of a town's name before the kind of a school: 南化塘镇中学 is mostly 南化塘中学.
fn weigh_down_towns(open: &mut [Node]) {
    const SHORTEST_TOWN: usize = 2;
    for at in SHORTEST_TOWN..open.len().saturating_sub(1) {
        let (own, next) = (open[at].symbol, open[at + 1].symbol);
        if TOWN_ENDS.iter().any(|(end, before)| *end == own && before.contains(&next)) {
            open[at].weight *= node_weight::TOWN_END;
        }
    }
}

static TOWN_ENDS: LazyLock<Vec<(Symbol, Vec<Symbol>)>> = LazyLock::new(|| {
    town_ends().map(|row| (of_char(row.end), row.before.chars().map(of_char).collect())).collect()
});

fn node(placed: &PlacedSymbol, after_gap: bool, weight: impl Fn(Symbol) -> f32) -> Node {
    let weight = match Number::of(placed.symbol) {
        Some(_) => node_weight::NUMBER,
        None if letter(placed.symbol).is_some() => node_weight::LETTER,
        None => weight(placed.symbol),
    };
    Node { symbol: placed.symbol, place: placed.range.clone(), weight, after_gap }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::lattice::tests::lattice;
    use crate::text::symbols::ClassKey;

    #[test]
    fn classes_are_taken_out() {
        let lattice = lattice("软微24级软工1班");
        assert_eq!(lattice.class, ClassKey { year: Some(2024), class: Some(1), grade: None });
        let lens: Vec<usize> = lattice.segments.iter().map(|segment| segment.nodes.len()).collect();
        assert_eq!(lens, [2, 2]);
    }

    #[test]
    fn the_end_of_a_town_counts_little_before_a_school() {
        for (query, weight) in [
            ("文峰镇中学", 5.0 * node_weight::TOWN_END),
            ("文峰镇社区", 5.0),
            ("文峰镇", 5.0),
            ("镇中学", 5.0),
        ] {
            let lattice = lattice(query);
            let at = query.chars().position(|c| c == '镇').expect("it is in the query");
            assert_eq!(lattice.weights[at], weight, "{query}");
        }
    }

    #[test]
    fn a_character_typed_twice_weighs_little_the_second_time() {
        let lattice = lattice("大学学院");
        assert_eq!(lattice.duplicates, [2]);
        assert_eq!(lattice.weights, [5.0, 5.0, 5.0 * node_weight::DUPLICATE, 5.0]);
        assert_eq!(lattice.total_weight(), 15.0 + 5.0 * node_weight::DUPLICATE);
    }
}
