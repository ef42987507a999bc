//! The exact leg: the query is an id, a name, an alias, a former name, or a name without its boilerplate.

use crate::index::snapshot::Snapshot;
use crate::search::candidates::Candidates;
use crate::search::plan::QueryPlan;
use index_data::model::Ordinal;

/// Organizations taken of each kind of key. Further bearers of the same name follow on later pages, before all other
/// matches.
pub(crate) const LIMIT: usize = 500;

/// Adds what the query names in another way: it leaves room for short forms.
pub(super) fn collect_bearers(plan: &QueryPlan<'_>, snapshot: &Snapshot, candidates: &mut Candidates) {
    let bearers = plan.bearers.iter().map(|bearer| bearer.ordinal);
    let accepted = bearers.filter(|&ordinal| plan.filter.accepts(&snapshot.records, ordinal));
    accepted.for_each(|ordinal| candidates.add(ordinal));
}

pub(super) fn collect(plan: &QueryPlan<'_>, snapshot: &Snapshot, candidates: &mut Candidates) {
    let (records, text) = (&snapshot.records, plan.name.as_str());
    if plan.request.exact_of_any_status {
        let mut add = |ordinal| {
            if plan.filter.accepts_of_any_status(records, ordinal) {
                candidates.add(ordinal);
            }
        };
        records.find_id(plan.typed).into_iter().for_each(&mut add);
        records.find_name(text).take(LIMIT).filter(|_| !text.is_empty()).for_each(&mut add);
    }
    let mut add = |ordinal| {
        if plan.filter.accepts(records, ordinal) {
            candidates.add(ordinal);
        }
    };
    plan.chosen.ordinals().for_each(&mut add);
    records.find_id(plan.typed).into_iter().for_each(&mut add);
    if text.is_empty() {
        return;
    }
    let is_verbatim = |ordinal: &Ordinal| records.name(*ordinal) == plan.typed;
    records.find_name(text).filter(is_verbatim).take(LIMIT).for_each(&mut add);
    records.find_name(text).take(LIMIT).for_each(&mut add);
    records.find_alias(text).take(LIMIT).for_each(&mut add);
    records.find_former_name(text).take(LIMIT).for_each(&mut add);
    records.find_core(&plan.core).take(LIMIT).for_each(&mut add);
    if plan.core != text {
        records.find_alias(&plan.core).take(LIMIT).for_each(&mut add);
    }
}
