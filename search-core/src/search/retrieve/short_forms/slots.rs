//! Pieces typed side by side, and the lists of units that hold them.

use super::{Depth, ShortForms, is_read, same_value};
use crate::index::pair_index::UnitList;
use crate::search::align::similar;
use crate::search::lattice::{Arc, ArcKind};
use crate::text::symbols::Symbol;

/// Pairs that are looked up; one bit each.
pub(super) const MAX_SLOTS: usize = 32;

/// Two pieces typed side by side: the units that hold them, and what finding them says.
pub(super) struct Slot<'a> {
    /// The pieces, by their places in the lattice.
    pub(super) arcs: (usize, usize),
    /// Ascending each.
    pub(super) lists: Vec<UnitList<'a>>,
    pub(super) len: usize,
    pub(super) weight: f32,
}

impl ShortForms<'_> {
    /// The pieces typed side by side, the rarest first.
    pub(super) fn slots(&self) -> Vec<Slot<'_>> {
        let lattice = &self.plan.lattice;
        let orgs = self.records.len().max(1) as usize;
        let mut slots: Vec<Slot<'_>> = Vec::new();
        for segment in &lattice.segments {
            let arcs = || segment.arcs.clone().filter(|&arc| is_read(&lattice.arcs[arc], self.depth));
            // Arcs come by where they begin: strictly, only those right behind another one count.
            let behind = |a: usize| {
                let begin = |node: usize| {
                    segment.arcs.start
                        + lattice.arcs[segment.arcs.clone()].partition_point(|arc| arc.from < node)
                };
                match self.depth {
                    Depth::Strict => begin(lattice.arcs[a].to)..begin(lattice.arcs[a].to + 1),
                    Depth::Deep => segment.arcs.clone(),
                }
            };
            let is_read = |&b: &usize| is_read(&lattice.arcs[b], self.depth);
            for (a, b) in arcs().flat_map(|a| behind(a).filter(is_read).map(move |b| (a, b))) {
                let (first, second) = (&lattice.arcs[a], &lattice.arcs[b]);
                let lists = match second.from.checked_sub(first.to) {
                    Some(0) => self.lists(a, b),
                    // One piece too many between them, or the two in the wrong order.
                    Some(1) if self.depth == Depth::Deep => self.plain_lists(first, second),
                    None if self.depth == Depth::Deep && second.to == first.from => {
                        self.plain_lists(first, second)
                    }
                    _ => continue,
                };
                let len: usize = lists.iter().map(|list| list.len()).sum();
                if let Some(rarity) = orgs.checked_div(len) {
                    let weight = 1.0 + rarity.max(1).ilog2() as f32;
                    slots.push(Slot { arcs: (a, b), lists, len, weight });
                }
            }
        }
        slots.sort_by_key(|slot| slot.len);
        slots.truncate(MAX_SLOTS);
        slots
    }

    /// The units that hold two characters as they are.
    fn plain_lists(&self, first: &Arc, second: &Arc) -> Vec<UnitList<'_>> {
        match (symbol_of(first), symbol_of(second)) {
            (Some(a), Some(b)) => vec![self.records.pairs().symbols(a, b)],
            _ => Vec::new(),
        }
    }

    /// The units that hold two pieces: as they are where both are characters and nothing is corrected, else by sound
    /// and shape.
    fn lists(&self, first: usize, second: usize) -> Vec<UnitList<'_>> {
        let pairs = self.records.pairs();
        let arcs = &self.plan.lattice.arcs;
        let mut lists: Vec<UnitList<'_>> = Vec::new();
        if let (Some(a), Some(b)) = (symbol_of(&arcs[first]), symbol_of(&arcs[second])) {
            let (same_a, same_b) = (same_value(a), same_value(b));
            for &a in same_a.iter().flatten() {
                lists.extend(same_b.iter().flatten().map(|&b| pairs.symbols(a, b)));
            }
            if self.depth == Depth::Strict {
                return lists;
            }
            lists.extend(similar(a).iter().map(|&a| pairs.symbols(a, b)));
            lists.extend(similar(b).iter().map(|&b| pairs.symbols(a, b)));
        }
        for &a in &self.sounds[first] {
            let with_second = self.sounds[second].iter().map(|&b| pairs.sounds(a, b));
            lists.extend(with_second.filter(|list| list.len() > 0));
        }
        lists
    }
}

/// The character or number that an arc is taken for.
fn symbol_of(arc: &Arc) -> Option<Symbol> {
    match arc.kind {
        ArcKind::Symbol(symbol) | ArcKind::Slip(symbol) => Some(symbol),
        _ => None,
    }
}
