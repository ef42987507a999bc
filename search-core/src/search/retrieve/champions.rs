//! The likeliest matches of a broad text: the champions of its pairs of characters, as far as they hold all of it.
//!
//! Of 医院 thousands of organizations are matches, and the first in static order are hardly those that people mean.

use super::matches::MatchSet;
use crate::index::snapshot::Snapshot;
use crate::index::unit_list::UnitList;
use crate::search::candidates::Candidates;
use crate::search::plan::QueryPlan;
use crate::text::symbols::{Number, of_char};

/// Pairs of characters that are looked up: a text with more says so much that few hold it.
const PAIRS: usize = 4;
/// Matches taken. Each costs an alignment.
const LIMIT: usize = 32;

pub(super) fn collect(
    matches: &MatchSet<'_>,
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
    candidates: &mut Candidates,
) {
    let (records, filter) = (&snapshot.records, &plan.filter);
    let [needle] = &plan.needles[..] else { return };
    let mut taken = 0;
    let symbols: Vec<_> = needle.chars().map(of_char).collect();
    for pair in symbols.windows(2).take(PAIRS) {
        // Numbers are other symbols than their digits.
        if pair.iter().any(|&symbol| Number::of(symbol).is_some()) {
            continue;
        }
        for ordinal in records.pairs().symbols(pair[0], pair[1]).flat_map(UnitList::champions) {
            if taken < LIMIT && filter.accepts(records, ordinal) && matches.contains(ordinal) {
                candidates.add_match(ordinal);
                taken += 1;
            }
        }
    }
}
