//! How much of the query is found, how faithfully, and how much of it in the organization's own names.

use super::super::candidate_text::CandidateText;
use super::candidate::{Candidate, share};
use super::class;
use crate::index::rank_row::RankRow;
use crate::search::align::{Alignment, MatchRule, Point};
use crate::search::lattice::Segment;
use crate::search::open_number::OpenNumber;
use crate::search::plan::QueryPlan;
use crate::search::tuning::{
    feature::{ALL, REPLACED, UNKNOWN_REGION},
    node_weight, quality,
};
use crate::text::symbols::{ClassKey, Number};

pub(super) struct Coverage {
    /// The share of the query found, by weight.
    pub(super) found: f32,
    /// The share of what is found that is the same, not only of the same sound or shape.
    pub(super) faithful: f32,
    /// The share of the query found in its own names.
    pub(super) own: f32,
}

/// `class_agreed` is the number of years, classes and grades that agree on the path, `own_share` the share of its own
/// name that the query accounts for.
pub(super) fn coverage(candidate: &Candidate<'_>, class_agreed: f32, own_share: f32) -> Coverage {
    let Candidate { plan, row, text, .. } = *candidate;
    let alignment = candidate.alignment();
    let (mut found, mut faithful, mut own) = (0.0, 0.0, 0.0);
    for piece in alignment.pieces {
        let weight = alignment.weight(piece);
        found += weight;
        faithful += weight * piece.rule.quality();
        own += if piece.place >= text.own_start { weight } else { 0.0 };
    }
    let replaced = REPLACED * replaced_weight(&alignment);
    (found, faithful) = (found + replaced, faithful + replaced * quality::UNLIKELY_TYPO);
    let class = class_agreed * node_weight::CLASS;
    (found, faithful) = (found + class, faithful + class);
    own += class::agreement(plan.lattice.class, row.class).agreed * node_weight::CLASS;
    if own_share >= ALL && text.above.is_empty() && !text.is_all_stop_words() {
        let region = unread_region(&alignment);
        (found, faithful) = (found + region, faithful + region * UNKNOWN_REGION);
    }
    if let Some(open) = plan.open_number.as_ref().filter(|open| is_begun(open, &alignment, text.class)) {
        (found, faithful) = (found + open.weight, faithful + open.weight * quality::NUMBER);
        own += if open.begins(row.class) { open.weight } else { 0.0 };
    }
    let total = plan.weight();
    // Every name holds the empty query.
    let of_query = |found: f32| if total == 0.0 { 1.0 } else { (found / total).min(1.0) };
    Coverage { found: of_query(found), faithful: share(faithful, found), own: of_query(own) }
}

/// The weight of characters that nothing stands for, alone between two that are found with one other character between
/// them: 攻 of 民攻局, where 民政局 was meant. Another number is not a number copied wrong.
fn replaced_weight(alignment: &Alignment<'_>) -> f32 {
    let lattice = alignment.lattice;
    let is_replaced = |node: usize, place: usize| {
        let of_segment = lattice.segments.iter().find(|segment| segment.nodes.contains(&node));
        let is_inside = of_segment.is_some_and(|segment| {
            segment.nodes.contains(&(node - 1)) && segment.nodes.contains(&(node + 1))
        });
        is_inside && Number::of(alignment.text.symbols[place]).is_none() && !lattice.is_number(node)
    };
    let pairs = alignment.pieces.windows(2).filter_map(|pair| {
        let (before, after) = (alignment.edge(&pair[0]), alignment.edge(&pair[1]));
        let are_same = pair.iter().all(|piece| piece.rule == MatchRule::Same);
        let is_between = after.from == before.to + 1 && pair[1].place == pair[0].place + 2;
        (are_same && is_between && is_replaced(before.to, pair[0].place + 1)).then_some(before.to)
    });
    pairs.map(|node| lattice.weights[node]).sum()
}

/// Whether the number typed last stands for nothing in the names, but begins the year or the number of the class.
pub(super) fn is_begun(open: &OpenNumber, alignment: &Alignment<'_>, class: ClassKey) -> bool {
    open.begins(class) && !alignment.reads(open.node)
}

/// The weight of the regions typed before the name that no piece reads.
fn unread_region(alignment: &Alignment<'_>) -> f32 {
    let nodes = alignment.lattice.regions.iter().cloned().flatten();
    nodes.filter(|&node| !alignment.reads(node)).map(|node| alignment.lattice.weights[node]).sum()
}

/// The share of several parts that are found whole; `None` where one part alone was typed.
pub(super) fn parts(alignment: &Alignment<'_>) -> Option<f32> {
    let segments = &alignment.lattice.segments;
    if segments.len() < 2 {
        return None;
    }
    let read_of = |segment: &Segment| -> usize {
        let pieces = alignment.pieces.iter().filter(|piece| segment.edges.contains(&piece.edge));
        pieces.map(|piece| alignment.edge(piece).len()).sum()
    };
    let whole = segments.iter().filter(|segment| read_of(segment) >= segment.nodes.len()).count();
    Some(whole as f32 / segments.len() as f32)
}

/// The most of the query that a candidate can hold, before it is aligned: most candidates are ruled out by it.
pub(crate) struct CoverageBound {
    /// The nodes that each edge reads, as bits.
    nodes_of: Vec<u128>,
    query_weight: f32,
}

impl CoverageBound {
    pub(crate) fn new(plan: &QueryPlan<'_>) -> Self {
        let nodes_of = plan.lattice.edges.iter().map(|edge| (1 << edge.to) - (1 << edge.from)).collect();
        CoverageBound { nodes_of, query_weight: plan.weight() }
    }

    /// Never less than the coverage of the candidate; 0 where nothing of the query is in its own names.
    pub(crate) fn of(
        &self,
        plan: &QueryPlan<'_>,
        row: &RankRow<'_>,
        text: &CandidateText,
        transposed: bool,
    ) -> f32 {
        const ROUNDING: f32 = 0.001;
        let lattice = &plan.lattice;
        let open = plan.open_number.as_ref();
        let is_own = |point: &Point| point.place() >= text.own_start;
        let class_agreed = class::agreement(lattice.class, row.class).agreed;
        let begins = open.is_some_and(|open| open.begins(row.class));
        if class_agreed == 0.0 && !begins && !text.points.iter().any(is_own) {
            return 0.0;
        }
        let mut nodes: u128 = text.points.iter().fold(0, |nodes, point| nodes | self.nodes_of[point.edge()]);
        if let Some(open) = open.filter(|open| open.begins(text.class)) {
            nodes |= 1 << open.node;
        }
        if transposed {
            lattice.duplicates.iter().for_each(|&node| nodes |= 0b11 << (node - 1));
        }
        if text.above.is_empty() {
            lattice.regions.iter().for_each(|region| nodes |= (1 << region.end) - (1 << region.start));
        }
        let mut left = !nodes & ((1 << lattice.weights.len()) - 1);
        // A character between two that are found may be replaced.
        let between = left & nodes << 1 & nodes >> 1;
        let mut missing = 0.0;
        while left != 0 {
            let node = left.trailing_zeros() as usize;
            let share = if between >> node & 1 == 1 { 1.0 - REPLACED } else { 1.0 };
            missing += share * lattice.weights[node];
            left &= left - 1;
        }
        if self.query_weight == 0.0 { 1.0 } else { 1.0 - missing / self.query_weight + ROUNDING }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rank::features::tests::with_alignment;

    #[test]
    fn parts_count_where_there_are_several() {
        for (query, own, expected) in [
            ("北京大学", "北京|大学", None),
            ("北京 大学", "北京|大学", Some(1.0)),
            ("北京 医院", "北京|大学", Some(0.5)),
            ("京都 医院", "北京|大学", Some(0.0)),
        ] {
            with_alignment(query, "", own, |_, alignment| assert_eq!(parts(alignment), expected, "{query}"));
        }
    }
}
