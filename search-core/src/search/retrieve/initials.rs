//! The leg of initials: bjdx for 北京大学.

use crate::index::snapshot::Snapshot;
use crate::search::candidates::Candidates;
use crate::search::plan::QueryPlan;

/// Organizations taken of one segment of letters.
pub(crate) const LIMIT: usize = 200;
/// The fewest letters that are looked up: half of all names begin with one of a few pairs of letters.
const SHORTEST: usize = 3;

pub(super) fn collect(plan: &QueryPlan<'_>, snapshot: &Snapshot, candidates: &mut Candidates) {
    for segment in &plan.lattice.segments {
        let Some(letters) = plan.lattice.letters_of(segment).filter(|letters| letters.len() >= SHORTEST)
        else {
            continue;
        };
        let found = snapshot.records.initials().beginning_with(&letters);
        let accepted =
            found.take(LIMIT * 4).filter(|&ordinal| plan.filter.accepts(&snapshot.records, ordinal));
        accepted.take(LIMIT).for_each(|ordinal| candidates.add(ordinal));
    }
}
