//! The leg for queries that no name holds as they were typed: short forms, pinyin, numbers in another form, errors,
//! parts in any order.
//!
//! Two steps. First the **anchors** ([`anchors`]): units whose names, with those above them, hold most of the query's
//! bigrams ([`bigrams`]), the rarest first. Then what is **below** them ([`below`]): organizations that hold what the
//! anchor does not, found by a signature of 64 bits each, and classes by their number. What is found is only likely;
//! ranking compares the names.

mod anchors;
mod below;
mod bigrams;
mod holders;
mod leg;

use crate::index::snapshot::Snapshot;
use crate::search::candidates::Candidates;
use crate::search::hits::Truncation;
use crate::search::lattice::Edge;
use crate::search::plan::QueryPlan;
use crate::search::step_budget::StepBudget;
use anchors::Anchors;
use index_data::model::Ordinal;
pub(crate) use leg::Depth;
use leg::{Likely, ShortForms, better_first, sort_likely};

/// The least score of an anchor that becomes a candidate, as a share of the best one's.
const LIKELY: f32 = 0.35;
/// Organizations below anchors that become candidates.
const LIMIT_BELOW: usize = 32;
/// Rounds of looking below: a district, its school, the school's class.
const ROUNDS: usize = 3;

pub(super) fn collect(plan: &QueryPlan<'_>, snapshot: &Snapshot, depth: Depth, candidates: &mut Candidates) {
    let steps = StepBudget::new(plan.request.budget.unit_steps, plan.request.cancel.as_deref());
    let pieces = leg::pieces(&plan.lattice, depth);
    let sounds = plan.lattice.edges.iter().map(Edge::sounds).collect();
    let mut search = ShortForms {
        plan,
        records: &snapshot.records,
        depth,
        steps,
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
    if search.steps.is_spent() {
        candidates.truncate(Truncation::ShortForms);
    }
    // The same organization may be found below several anchors, but hardly below more than four.
    if search.found.len() > 4 * LIMIT_BELOW {
        search.found.select_nth_unstable_by(4 * LIMIT_BELOW, better_first);
        search.found.truncate(4 * LIMIT_BELOW);
    }
    sort_likely(&mut search.found);
    let accepted =
        search.found.iter().filter(|likely| plan.filter.accepts(&snapshot.records, likely.ordinal));
    accepted.take(LIMIT_BELOW).for_each(|likely| candidates.add(likely.ordinal));
}
