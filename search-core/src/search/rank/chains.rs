//! The chains of a sentence: which spans of the query the candidates hold in runs.

use super::ScoredOrg;
use crate::search::align::MatchedPiece;
use crate::search::lattice::Lattice;
use std::ops::Range;

/// The nodes that one candidate holds, and how much they say.
struct Chain {
    spans: Vec<Range<usize>>,
    gain: f32,
}

/// Characters between two pieces of a chain that belong to it: they may be mistyped.
const GAP: usize = 2;

/// The spans of the best few chains of different candidates, as nodes of the lattice, the best chain first. `alignments`
/// are those of all candidates.
pub(super) fn chains(
    orgs: &[ScoredOrg],
    alignments: &[MatchedPiece],
    lattice: &Lattice,
    most: usize,
) -> Vec<Vec<Range<usize>>> {
    let mut best: Vec<Chain> = Vec::new();
    for org in orgs {
        let Some(pieces) = alignments.get(org.alignment.clone()) else { continue };
        let chain = Chain::of(org, pieces, lattice);
        if chain.spans.is_empty() {
            continue;
        }
        match best.iter_mut().find(|known| known.spans == chain.spans) {
            Some(known) => known.gain = known.gain.max(chain.gain),
            None => best.push(chain),
        }
    }
    best.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    best.into_iter().take(most).map(|chain| chain.spans).collect()
}

impl Chain {
    fn of(org: &ScoredOrg, pieces: &[MatchedPiece], lattice: &Lattice) -> Chain {
        let mut nodes: Vec<(Range<usize>, f32)> = pieces
            .iter()
            .map(|piece| {
                let edge = &lattice.edges[piece.edge];
                (edge.from..edge.to, lattice.weight(edge.from..edge.to) * piece.rule.quality())
            })
            .collect();
        nodes.sort_by_key(|(place, _)| place.start);
        let mut runs: Vec<(Range<usize>, f32)> = Vec::new();
        for (place, weight) in nodes {
            match runs.last_mut() {
                Some((run, gain)) if run.end == place.start && same_segment(lattice, run.end) => {
                    run.end = place.end;
                    *gain += weight;
                }
                _ => runs.push((place, weight)),
            }
        }
        // A single character that some name holds says nothing.
        runs.retain(|(run, _)| run.len() > 1);
        let held: f32 = runs.iter().map(|(_, gain)| gain).sum();
        let mut spans: Vec<Range<usize>> = Vec::new();
        for (run, _) in runs {
            match spans.last_mut() {
                Some(span)
                    if run.start.saturating_sub(span.end) <= GAP
                        && in_one_segment(lattice, span.start, run.start) =>
                {
                    span.end = run.end;
                }
                _ => spans.push(run),
            }
        }
        Chain { spans, gain: held * org.features.compactness() }
    }
}

/// Whether a node is not the first of its segment.
fn same_segment(lattice: &Lattice, node: usize) -> bool {
    !lattice.segments.iter().any(|segment| segment.nodes.start == node)
}

fn in_one_segment(lattice: &Lattice, first: usize, last: usize) -> bool {
    lattice.segments.iter().any(|segment| segment.nodes.contains(&first) && segment.nodes.contains(&last))
}
