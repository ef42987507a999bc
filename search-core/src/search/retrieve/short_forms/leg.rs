//! What all steps of the leg share: the query as pieces, and what was found so far.

use crate::index::layers::Records;
use crate::index::snapshot::Snapshot;
use crate::number_hash::NumberHash;
use crate::search::lattice::{Edge, EdgeKind, Lattice};
use crate::search::plan::QueryPlan;
use crate::search::step_budget::StepBudget;
use crate::text::sounds::{self, Sound};
use crate::text::symbols::Symbol;
use index_data::model::Ordinal;
use std::cmp::Ordering;

/// The best anchors, below which further organizations are looked for.
pub(crate) const LIMIT: usize = 64;

/// How far to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// For what was typed as it is, by the rarest bigrams.
    Strict,
    /// Also for what sounds or looks similar, and by more common bigrams.
    Deep,
}

/// An organization with an upper estimate of what it holds of the query, by weight.
#[derive(Clone, Copy)]
pub(super) struct Likely {
    pub(super) score: f32,
    pub(super) ordinal: Ordinal,
}

/// The likelier one first. Equal ones are told apart by static rank.
pub(super) fn better_first(a: &Likely, b: &Likely) -> Ordering {
    b.score.total_cmp(&a.score).then(a.ordinal.cmp(&b.ordinal))
}

pub(super) fn sort_likely(likely: &mut Vec<Likely>) {
    likely.sort_unstable_by(better_first);
    let mut seen = std::collections::HashSet::with_capacity_and_hasher(likely.len(), NumberHash);
    likely.retain(|likely| seen.insert(likely.ordinal));
}

/// One run of the leg.
pub(super) struct ShortForms<'a> {
    pub(super) plan: &'a QueryPlan<'a>,
    pub(super) records: &'a Records,
    pub(super) depth: Depth,
    pub(super) steps: StepBudget<'a>,
    /// How many organizations hold the literal text.
    pub(super) matches: usize,
    /// What each edge of the lattice may sound like.
    pub(super) sounds: Vec<Vec<Sound>>,
    pub(super) pieces: Vec<Piece<'a>>,
    pub(super) found: Vec<Likely>,
}

impl<'a> ShortForms<'a> {
    pub(super) fn new(
        plan: &'a QueryPlan<'a>,
        snapshot: &'a Snapshot,
        depth: Depth,
        matches: usize,
    ) -> ShortForms<'a> {
        ShortForms {
            plan,
            records: &snapshot.records,
            depth,
            steps: StepBudget::new(plan.budget.unit_steps, plan.request.cancel.as_deref()),
            matches,
            sounds: plan.lattice.edges.iter().map(Edge::sounds).collect(),
            pieces: pieces(&plan.lattice, depth),
            found: Vec::new(),
        }
    }
}

/// A symbol, and the other one that writes the same number: 二 and 第二.
pub(super) fn same_value(symbol: Symbol) -> [Option<Symbol>; 2] {
    [Some(symbol), crate::text::symbols::other_form(symbol)]
}

/// Whether the index of pairs knows it: not initials, and not letters that may be pinyin.
pub(super) fn is_read(edge: &Edge, depth: Depth) -> bool {
    match edge.kind {
        EdgeKind::Symbol(symbol) => crate::search::lattice::letter(symbol).is_none(),
        EdgeKind::Syllable(_) | EdgeKind::SyllablePrefix(_) | EdgeKind::Synonym(_) => true,
        EdgeKind::MistypedNumber(_) | EdgeKind::MistypedSyllable(_) => depth == Depth::Deep,
        EdgeKind::Initial(_) | EdgeKind::NumberInitials(_) => false,
    }
}

/// A typed piece that a name below an anchor may hold.
pub(super) struct Piece<'a> {
    pub(super) edge: &'a Edge,
    /// What it may sound like.
    pub(super) sounds: Vec<Sound>,
    /// The same, as a signature.
    pub(super) signature: u64,
    /// The letter that it may be the initial of.
    pub(super) initials: u32,
    pub(super) weight: f32,
}

/// The pieces of a query, once for all anchors.
fn pieces(lattice: &Lattice, depth: Depth) -> Vec<Piece<'_>> {
    let is_read = |edge: &&Edge| is_read(edge, depth) || matches!(edge.kind, EdgeKind::Initial(_));
    let piece = |edge| {
        let sounds = Edge::sounds(edge);
        Piece {
            signature: sounds.iter().fold(0, |bits, &sound| bits | sounds::signature_bit(sound)),
            sounds,
            initials: match edge.kind {
                EdgeKind::Initial(letter) => sounds::letter_bit(Some(letter)),
                _ => 0,
            },
            weight: lattice.weight(edge.from..edge.to),
            edge,
        }
    };
    lattice.edges.iter().filter(is_read).map(piece).collect()
}
