//! How much of the query is found, how faithfully, and how much of it in the organization's own names.

use super::super::candidate_text::CandidateText;
use super::candidate::{Candidate, share};
use super::class;
use crate::index::rank_row::RankRow;
use crate::search::align::{Alignment, Point};
use crate::search::lattice::Segment;
use crate::search::open_number::OpenNumber;
use crate::search::plan::QueryPlan;
use crate::search::tuning::{
    feature::{ALL, UNKNOWN_REGION},
    node_weight, quality,
};
use crate::text::symbols::ClassKey;

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
        let mut missing = 0.0;
        while left != 0 {
            missing += lattice.weights[left.trailing_zeros() as usize];
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
