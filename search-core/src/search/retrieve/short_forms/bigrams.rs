//! Query bigrams: two pieces typed side by side, and the lists of units that hold them.

use super::leg::{Depth, ShortForms, is_read, same_value};
use crate::index::unit_list::UnitList;
use crate::search::align::similar;
use crate::search::lattice::Edge;

/// Bigrams that are looked up; one bit each.
pub(super) const MAX_BIGRAMS: usize = 32;

/// Two pieces typed side by side, with the units that hold both.
pub(super) struct Bigram<'a> {
    /// The two edges of the lattice.
    pub(super) edges: (usize, usize),
    /// The postings, ascending each.
    pub(super) lists: Vec<UnitList<'a>>,
    /// How many postings there are.
    pub(super) len: usize,
    /// How much finding it says: the binary logarithm of its rarity, and one.
    pub(super) weight: f32,
}

impl ShortForms<'_> {
    /// The bigrams of the query, the rarest first.
    pub(super) fn bigrams(&self) -> Vec<Bigram<'_>> {
        let lattice = &self.plan.lattice;
        let orgs = self.records.orgs().max(1) as usize;
        let mut bigrams: Vec<Bigram<'_>> = Vec::new();
        for segment in &lattice.segments {
            let edges = || segment.edges.clone().filter(|&edge| is_read(&lattice.edges[edge], self.depth));
            // Edges come by where they begin, so those right behind another one are found by a search.
            let behind = |a: usize| {
                let begin = |node: usize| {
                    segment.edges.start
                        + lattice.edges[segment.edges.clone()].partition_point(|edge| edge.from < node)
                };
                match self.depth {
                    Depth::Strict => begin(lattice.edges[a].to)..begin(lattice.edges[a].to + 1),
                    Depth::Deep => segment.edges.clone(),
                }
            };
            let is_read = |&b: &usize| is_read(&lattice.edges[b], self.depth);
            for (a, b) in edges().flat_map(|a| behind(a).filter(is_read).map(move |b| (a, b))) {
                let (first, second) = (&lattice.edges[a], &lattice.edges[b]);
                let lists = match second.from.checked_sub(first.to) {
                    Some(0) => self.lists(a, b),
                    // A piece too many between them, or the two transposed.
                    Some(1) if self.depth == Depth::Deep => self.plain_lists(first, second),
                    None if self.depth == Depth::Deep && second.to == first.from => {
                        self.plain_lists(first, second)
                    }
                    _ => continue,
                };
                let len = self.postings(&lists);
                if let Some(rarity) = orgs.checked_div(len) {
                    let weight = 1.0 + rarity.max(1).ilog2() as f32;
                    bigrams.push(Bigram { edges: (a, b), lists, len, weight });
                }
            }
        }
        bigrams.sort_by_key(|bigram| bigram.len);
        bigrams.truncate(MAX_BIGRAMS);
        bigrams
    }

    /// How many postings lists have. Of a few, those of tombstones do not count, so that a change of the tree does not
    /// make a rare bigram a common one; of many they hardly matter.
    fn postings(&self, lists: &[UnitList<'_>]) -> usize {
        const FEW: usize = 512;
        let all = lists.iter().map(|list| list.len()).sum();
        if self.records.hidden().is_none() || all > FEW {
            return all;
        }
        let mut visible = 0;
        for list in lists {
            list.first_units(list.len(), |unit| visible += usize::from(!self.records.is_hidden(unit)));
        }
        visible
    }

    /// The units that hold two characters as they are.
    fn plain_lists(&self, first: &Edge, second: &Edge) -> Vec<UnitList<'_>> {
        match (first.symbol(), second.symbol()) {
            (Some(a), Some(b)) => self.records.pairs().symbols(a, b).collect(),
            _ => Vec::new(),
        }
    }

    /// The units that hold two pieces: as they are where both are characters and nothing is corrected, else by sound
    /// and shape.
    fn lists(&self, first: usize, second: usize) -> Vec<UnitList<'_>> {
        let pairs = self.records.pairs();
        let edges = &self.plan.lattice.edges;
        let mut lists: Vec<UnitList<'_>> = Vec::new();
        if let (Some(a), Some(b)) = (edges[first].symbol(), edges[second].symbol()) {
            let (same_a, same_b) = (same_value(a), same_value(b));
            for &a in same_a.iter().flatten() {
                lists.extend(same_b.iter().flatten().flat_map(|&b| pairs.symbols(a, b)));
            }
            if self.depth == Depth::Strict {
                return lists;
            }
            lists.extend(similar(a).iter().flat_map(|&a| pairs.symbols(a, b)));
            lists.extend(similar(b).iter().flat_map(|&b| pairs.symbols(a, b)));
        }
        for &a in &self.sounds[first] {
            let with_second = self.sounds[second].iter().flat_map(|&b| pairs.sounds(a, b));
            lists.extend(with_second.filter(|list| list.len() > 0));
        }
        lists
    }
}
