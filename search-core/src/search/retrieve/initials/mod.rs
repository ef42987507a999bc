//! The leg of initials: bjdx for 北京大学, 39z for 第三十九中学, bdtyx for 北大 and its 体育系.

mod below;
mod typed;

use crate::index::layers::InitialPlaces;
use crate::index::snapshot::Snapshot;
use crate::search::candidates::Candidates;
use crate::search::filter::Filter;
use crate::search::plan::QueryPlan;
use below::Below;
use index_data::model::Ordinal;
use typed::Typed;

/// Organizations taken of those that begin with the letters of one segment.
pub(crate) const LIMIT: usize = 40;
/// The fewest letters that are looked up.
const SHORTEST: usize = 2;
/// Entries of the index looked at for one segment: no two letters begin more of a million names.
const MOST_ENTRIES: usize = 1 << 16;
/// So many names that begin with all of the letters leave no room for two names side by side.
const ENOUGH: usize = 5;

pub(super) fn collect(plan: &QueryPlan<'_>, snapshot: &Snapshot, candidates: &mut Candidates) {
    let typed: Vec<Option<Typed>> =
        plan.lattice.segments.iter().map(|segment| Typed::of(&plan.lattice, segment)).collect();
    let below = Below::new(plan, snapshot);
    for own in typed.iter().flatten() {
        let found = beginning_with(own, &plan.filter, snapshot);
        found.iter().for_each(|&ordinal| candidates.add(ordinal));
        below.look_within(own, candidates);
        if found.len() < ENOUGH {
            below.look_across(own, candidates);
        }
    }
    for pair in typed.windows(2) {
        if let [Some(first), Some(rest)] = pair {
            below.look_below_units(first, rest, candidates);
        }
    }
}

/// The organizations whose initials begin so, the highest of those with no further letter first.
fn beginning_with(typed: &Typed, filter: &Filter, snapshot: &Snapshot) -> Vec<Ordinal> {
    let letters = typed.letters();
    if letters.len() < SHORTEST {
        return Vec::new();
    }
    let index = snapshot.records.initials();
    let named = index.named(&letters);
    let others = index.beginning_with(&letters).behind(&named);
    let accepts = |&ordinal: &Ordinal| filter.accepts(&snapshot.records, ordinal);
    let mut found = highest(snapshot, named, LIMIT, accepts);
    if found.len() < LIMIT {
        found.extend(highest(snapshot, others, LIMIT - found.len(), accepts));
    }
    found
}

/// The organizations of a range of the index that stand highest in the tree, ascending, of its first
/// [`MOST_ENTRIES`] entries.
fn highest(
    snapshot: &Snapshot,
    places: InitialPlaces,
    limit: usize,
    accepts: impl Fn(&Ordinal) -> bool,
) -> Vec<Ordinal> {
    let mut found: Vec<Ordinal> = Vec::with_capacity(4 * limit);
    // Anything from here on is not among them.
    let mut end = Ordinal::MAX;
    let keep_first = |found: &mut Vec<Ordinal>| {
        found.sort_unstable();
        found.dedup();
        found.truncate(limit);
    };
    for ordinal in snapshot.records.initials().ordinals(places).take(MOST_ENTRIES) {
        if ordinal < end && accepts(&ordinal) {
            found.push(ordinal);
            if found.len() == 4 * limit {
                keep_first(&mut found);
                if let Some(&last) = found.get(limit - 1) {
                    end = last;
                }
            }
        }
    }
    keep_first(&mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::request::SearchRequest;
    use crate::search::test_tree::with_plan;

    #[test]
    fn within_an_organization_one_letter_and_any_word_will_do() {
        for (within, query, expected) in [
            ("11", "r", vec!["12"]),
            ("11", "wdz", vec!["12"]),
            ("15", "r", vec![]),
            ("20", "kc", vec!["22"]),
        ] {
            let request = SearchRequest { within: Some(within.into()), ..SearchRequest::new(query) };
            with_plan(&request, |plan, snapshot| {
                let mut candidates = Candidates::default();
                collect(plan, snapshot, &mut candidates);
                let found =
                    candidates.ordinals().iter().map(|&ordinal| snapshot.records.id(ordinal).to_owned());
                assert_eq!(found.collect::<Vec<_>>(), expected, "{within} {query}");
            });
        }
    }

    #[test]
    fn the_highest_of_a_range_are_kept_each_once() {
        with_plan(&SearchRequest::new(""), |_, snapshot| {
            let all = snapshot.records.initials().beginning_with(b"");
            let mut expected: Vec<Ordinal> = snapshot.records.initials().ordinals(all.clone()).collect();
            expected.sort_unstable();
            expected.dedup();
            expected.retain(|ordinal| ordinal % 2 == 0);
            for limit in [1, 3, 100] {
                let found = highest(snapshot, all.clone(), limit, |ordinal| ordinal % 2 == 0);
                assert_eq!(found, expected[..limit.min(expected.len())], "{limit}");
            }
        });
    }
}
