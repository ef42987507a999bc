//! The dynamic program: the best local alignment of each segment.

use super::{AlignedText, MatchRule, MatchedPiece, Point, Tolerance};
use crate::search::lattice::{Lattice, Segment};
use crate::search::tuning::alignment::{INSIDE_WORD, JUMP, JUMP_SYMBOL, RUN_BONUS, SKIPPED, USED_PLACE};
use std::ops::Range;

/// Nodes left over at the beginning or end of a segment that are looked for elsewhere in the text.
const SHORTEST_REST: usize = 2;
/// Points of one segment that are looked at; a text has no more unless it repeats itself.
const MAX_POINTS: usize = 160;
/// Stands for "no state before this one".
const NONE: u16 = u16::MAX;

/// Aligns segments with texts. Keeps its buffers from one text to the next.
pub(crate) struct Aligner {
    tolerance: Tolerance,
    points: Vec<Point>,
    states: Vec<State>,
    /// For each place of the text whether a piece of an earlier segment stands for it.
    used: Vec<bool>,
}

/// The best alignment that ends with one point.
#[derive(Debug, Clone, Copy)]
struct State {
    place: u16,
    /// One past the last symbol.
    end: u16,
    /// The nodes that the point reads.
    from: u16,
    to: u16,
    /// The weight of all nodes before `to`.
    weight_to: f32,
    score: f32,
    /// The state before, or [`NONE`].
    before: u16,
    /// Whether the point continues the run of the state before.
    continues: bool,
}

impl Aligner {
    pub(crate) fn new(tolerance: Tolerance) -> Self {
        Aligner { tolerance, points: Vec::new(), states: Vec::new(), used: Vec::new() }
    }

    /// Aligns all segments with a text; `points` are ordered by place. The pieces replace those in `out`.
    pub(crate) fn align(
        &mut self,
        lattice: &Lattice,
        text: &AlignedText,
        points: &[Point],
        out: &mut Vec<MatchedPiece>,
    ) {
        out.clear();
        for segment in &lattice.segments {
            self.align_segment(lattice, segment, text, points, out);
        }
        if self.allows_transpositions() {
            match_duplicates(lattice, out);
        }
    }

    /// Whether two neighbours may be transposed, and one may be duplicated.
    pub(crate) fn allows_transpositions(&self) -> bool {
        self.tolerance >= Tolerance::Transposed
    }

    /// Appends the best alignment of a segment, then those of what is left before and after it: 急诊科北京地坛医院.
    fn align_segment(
        &mut self,
        lattice: &Lattice,
        segment: &Segment,
        text: &AlignedText,
        points: &[Point],
        out: &mut Vec<MatchedPiece>,
    ) {
        self.used.clear();
        self.used.resize(text.len(), false);
        out.iter().for_each(|piece| self.used[piece.place] = true);
        let first = out.len();
        self.align_nodes(lattice, &segment.nodes, segment, text, points, out);
        let Some((begin, end)) = out.get(first).zip(out.last()) else { return };
        let (begin, end) = (lattice.edges[begin.edge].from, lattice.edges[end.edge].to);
        for rest in [segment.nodes.start..begin, end..segment.nodes.end] {
            if rest.len() >= SHORTEST_REST {
                out[first..].iter().for_each(|piece| self.used[piece.place] = true);
                self.align_nodes(lattice, &rest, segment, text, points, out);
            }
        }
    }

    /// Appends the best alignment of some nodes of a segment, if there is any.
    fn align_nodes(
        &mut self,
        lattice: &Lattice,
        nodes: &Range<usize>,
        segment: &Segment,
        text: &AlignedText,
        points: &[Point],
        out: &mut Vec<MatchedPiece>,
    ) {
        let within = |point: &&Point| {
            segment.edges.contains(&point.edge()) && {
                let edge = &lattice.edges[point.edge()];
                nodes.start <= edge.from && edge.to <= nodes.end
            }
        };
        self.points.clear();
        self.points.extend(points.iter().filter(within).take(MAX_POINTS));
        if self.allows_transpositions() {
            self.add_transpositions(lattice);
        }
        // Points come by place; edges are numbered by where they begin.
        self.points.sort_unstable_by_key(|point| (point.edge, point.place));
        self.fill_states(lattice, text);
        self.trace_back(out);
    }

    /// Adds the places where two neighbours stand in the other order.
    fn add_transpositions(&mut self, lattice: &Lattice) {
        let plain = self.points.len();
        let is_same = |point: &Point| point.rule == MatchRule::Same;
        for first in 0..plain {
            let a = self.points[first];
            if !is_same(&a) {
                continue;
            }
            let after = lattice.edges[a.edge()].to;
            for second in 0..plain {
                let b = self.points[second];
                let is_transposed =
                    b.place + 1 == a.place && is_same(&b) && after == lattice.edges[b.edge()].from;
                if is_transposed && self.points.len() < MAX_POINTS {
                    let point = Point { place: b.place, rule: MatchRule::Swapped, second: Some(b.edge), ..a };
                    self.points.push(point);
                }
            }
        }
    }

    /// The best alignment that ends with each point: it begins there, or goes on from an earlier state.
    fn fill_states(&mut self, lattice: &Lattice, text: &AlignedText) {
        self.states.clear();
        for point in &self.points {
            let nodes = point.nodes(lattice);
            let used = if self.used[point.place()] { USED_PLACE } else { 1.0 };
            let worth = lattice.weight(nodes.clone()) * point.rule.quality() * used;
            let entering =
                if text.word_initials[point.place()] { worth } else { worth * (1.0 - INSIDE_WORD) };
            let before = |node: usize| lattice.weight_before.get(node).copied().unwrap_or(0.0);
            let mut state = State {
                place: point.place,
                end: point.end(),
                from: nodes.start as u16,
                to: nodes.end as u16,
                weight_to: before(nodes.end),
                score: entering,
                before: NONE,
                continues: false,
            };
            let weight_from = before(nodes.start);
            for (at, before) in self.states.iter().enumerate() {
                if before.end > state.place || before.to > state.from {
                    continue;
                }
                let jumped = state.place - before.end;
                let skipped = (weight_from - before.weight_to) * SKIPPED;
                let continues = jumped == 0 && before.to == state.from;
                let gain = if continues {
                    worth * (1.0 + RUN_BONUS)
                } else {
                    entering - JUMP - JUMP_SYMBOL * f32::from(jumped)
                };
                let score = before.score + gain - skipped;
                if score > state.score {
                    (state.score, state.before, state.continues) = (score, at as u16, continues);
                }
            }
            self.states.push(state);
        }
    }

    /// The score of the alignment made last: of the last segment, or of what was left of it.
    #[cfg(test)]
    pub(super) fn best_score(&self) -> f32 {
        self.states.iter().map(|state| state.score).fold(0.0, f32::max)
    }

    /// Appends the pieces of the best state, in typed order.
    fn trace_back(&self, out: &mut Vec<MatchedPiece>) {
        let scores = self.states.iter().map(|state| state.score).enumerate();
        let best = scores.max_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let Some((mut at, _)) = best.filter(|(_, score)| *score > 0.0) else { return };
        let first = out.len();
        loop {
            let (state, point) = (self.states[at], self.points[at]);
            let piece = |edge: u16, place: u16, continues| MatchedPiece {
                edge: usize::from(edge),
                place: usize::from(place),
                rule: point.rule,
                continues,
            };
            match point.second {
                Some(second) => {
                    out.push(piece(second, point.place, true));
                    out.push(piece(point.edge, point.place + 1, state.continues));
                }
                None => out.push(piece(point.edge, point.place, state.continues)),
            }
            if state.before == NONE {
                break;
            }
            at = usize::from(state.before);
        }
        out[first..].reverse();
    }
}

/// Where one of two equal neighbours is matched and the other is not, the other one was typed twice.
fn match_duplicates(lattice: &Lattice, pieces: &mut Vec<MatchedPiece>) {
    for &node in &lattice.duplicates {
        let reads = |piece: &MatchedPiece, node: usize| {
            let edge = &lattice.edges[piece.edge];
            edge.from <= node && node < edge.to
        };
        let of = |node: usize| pieces.iter().position(|piece| reads(piece, node));
        let (twin, unread) = match (of(node - 1), of(node)) {
            (Some(twin), None) => (twin, node),
            (None, Some(twin)) => (twin, node - 1),
            _ => continue,
        };
        let edge = lattice.edges.iter().position(|edge| edge.from == unread && edge.to == unread + 1);
        let Some(edge) = edge else { continue };
        let piece = MatchedPiece { edge, rule: MatchRule::Doubled, continues: true, ..pieces[twin] };
        pieces.insert(twin + 1, piece);
        if let Some(next) = pieces.get_mut(twin + 2) {
            next.continues |= next.place == piece.place + 1 && lattice.edges[next.edge].from == node + 1;
        }
    }
}
