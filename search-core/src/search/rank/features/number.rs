//! Whether numbers in names are those typed: 第十五中学 is not 第五中学.

use crate::search::align::{Alignment, MatchedPiece};
use crate::search::lattice::EdgeKind;
use crate::search::tuning::feature::NUMBER_NOT_NAMED;
use crate::text::symbols::Number;

/// 1 if every number typed is found, but for `begun` ones that a class goes on with; 0 if one is not and the names hold
/// another; else [`NUMBER_NOT_NAMED`].
pub(super) fn agreement(alignment: &Alignment<'_>, begun: usize) -> f32 {
    let edges = &alignment.lattice.edges;
    let is_number =
        |kind: &EdgeKind| matches!(kind, EdgeKind::Symbol(symbol) if Number::of(*symbol).is_some());
    let stands_for_number = |piece: &&MatchedPiece| {
        let kind = &edges[piece.edge].kind;
        is_number(kind) || matches!(kind, EdgeKind::MistypedNumber(_))
    };
    let typed = edges.iter().filter(|edge| is_number(&edge.kind)).count();
    if alignment.pieces.iter().filter(stands_for_number).count() + begun >= typed {
        return 1.0;
    }
    let is_other = |(place, &symbol): (usize, &u16)| {
        matches!(Number::of(symbol), Some(Number::Plain(_)))
            && !alignment.pieces.iter().any(|piece| piece.place == place)
    };
    if alignment.text.symbols.iter().enumerate().any(is_other) { 0.0 } else { NUMBER_NOT_NAMED }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rank::features::tests::with_alignment;

    #[test]
    fn another_number_is_worse_than_none() {
        for (query, own, expected) in [
            ("十五中", "第15|中学", 1.0),
            ("十五中", "第5|中学", 0.0),
            ("十五中", "实验|中学", NUMBER_NOT_NAMED),
            ("实验中学", "第5|中学", 1.0),
        ] {
            with_alignment(query, "", own, |_, alignment| {
                assert_eq!(agreement(alignment, 0), expected, "{query}");
            });
        }
    }
}
