//! The leg for what stands in no name as it was typed: short forms, pinyin, other numbers, errors, parts in any order.
//!
//! Two steps. First the **anchors** ([`anchors`]): units whose names, with those above them, hold most of the pairs
//! typed, the rarest pairs first. Then what is **below** them ([`below`]): organizations that hold what the anchor
//! leaves open, told by one word of signature each, and classes by their number. What is found is only likely; rank
//! compares the names.

mod anchors;
mod below;
mod slots;

use super::Candidates;
use crate::index::records::Records;
use crate::index::snapshot::Snapshot;
use crate::number_hash::NumberHash;
use crate::search::effort::Effort;
use crate::search::lattice::{Arc, ArcKind};
use crate::search::plan::QueryPlan;
use crate::text::sounds::Sound;
use crate::text::symbols::Symbol;
use anchors::Anchors;
use below::Piece;
use index_data::model::Ordinal;
use std::cmp::Ordering;

/// The best anchors, looked below.
pub(crate) const LIMIT: usize = 64;
/// What an anchor that is handed to rank holds at least, as a share of what the best one holds.
const LIKELY: f32 = 0.35;
/// Organizations below anchors that are handed to rank.
const LIMIT_BELOW: usize = 32;
/// Rounds of looking below: a district, its school, the school's class.
const ROUNDS: usize = 3;

/// How far to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// For what was typed as it is; the rarest pairs tell.
    Strict,
    /// Where that leads to nothing: also for what sounds or looks alike, and for common pairs.
    Deep,
}

/// An organization with what it is likely to hold of the query, by weight.
#[derive(Clone, Copy)]
struct Likely {
    score: f32,
    ordinal: Ordinal,
}

pub(super) fn collect(plan: &QueryPlan<'_>, snapshot: &Snapshot, depth: Depth, candidates: &mut Candidates) {
    let effort = Effort::new(plan.request.budget.unit_steps, plan.request.cancel.as_deref());
    let pieces = below::pieces(&plan.lattice, depth);
    let sounds = plan.lattice.arcs.iter().map(Arc::sounds).collect();
    let mut search = ShortForms {
        plan,
        records: &snapshot.records,
        depth,
        effort,
        matches: candidates.matches,
        sounds,
        pieces,
        found: Vec::new(),
    };
    let mut anchors = search.named();
    let Anchors { mut likely, all, tops } = search.anchors();
    likely.extend(&anchors);
    anchors.extend(all);
    if let Some(within) = plan.filter.within_org() {
        anchors.push(Likely { score: 0.0, ordinal: within });
    }
    sort_likely(&mut likely);
    let least = likely.first().map_or(0.0, |best| best.score) * LIKELY;
    let likely = likely.iter().take_while(|anchor| anchor.score >= least).map(|anchor| anchor.ordinal);
    likely
        .filter(|&anchor| plan.filter.accepts(&snapshot.records, anchor))
        .for_each(|anchor| candidates.add(anchor));
    let mut looked_below: Vec<Ordinal> = Vec::new();
    for _ in 0..ROUNDS {
        anchors = search.below(&anchors, &tops, &mut looked_below);
        if anchors.is_empty() {
            break;
        }
    }
    if search.effort.is_spent() && !candidates.truncated.contains(&"short_forms") {
        candidates.truncated.push("short_forms");
    }
    // The same may be found below several anchors, hardly below more than a few.
    if search.found.len() > 4 * LIMIT_BELOW {
        search.found.select_nth_unstable_by(4 * LIMIT_BELOW, better_first);
        search.found.truncate(4 * LIMIT_BELOW);
    }
    sort_likely(&mut search.found);
    let accepted =
        search.found.iter().filter(|likely| plan.filter.accepts(&snapshot.records, likely.ordinal));
    accepted.take(LIMIT_BELOW).for_each(|likely| candidates.add(likely.ordinal));
}

/// The likelier first; of equals the one that comes first in the tree.
fn better_first(a: &Likely, b: &Likely) -> Ordering {
    b.score.total_cmp(&a.score).then(a.ordinal.cmp(&b.ordinal))
}

fn sort_likely(likely: &mut Vec<Likely>) {
    likely.sort_unstable_by(better_first);
    let mut seen = std::collections::HashSet::with_capacity_and_hasher(likely.len(), NumberHash);
    likely.retain(|likely| seen.insert(likely.ordinal));
}

struct ShortForms<'a> {
    plan: &'a QueryPlan<'a>,
    records: &'a Records,
    depth: Depth,
    effort: Effort<'a>,
    /// Organizations that hold the very text.
    matches: usize,
    /// What each arc of the lattice may sound like.
    sounds: Vec<Vec<Sound>>,
    pieces: Vec<Piece<'a>>,
    found: Vec<Likely>,
}

/// A symbol with what else writes the same number: 二 for 第二.
fn same_value(symbol: Symbol) -> [Option<Symbol>; 2] {
    [Some(symbol), crate::text::symbols::other_form(symbol)]
}

/// Whether pairs say anything of it: not of initials, and not of letters that may be pinyin.
fn is_read(arc: &Arc, depth: Depth) -> bool {
    match arc.kind {
        ArcKind::Symbol(symbol) => crate::search::lattice::letter(symbol).is_none(),
        ArcKind::Syllable(_) | ArcKind::Beginning(_) => true,
        ArcKind::Slip(_) => depth == Depth::Deep,
        ArcKind::Initial(_) => false,
    }
}
