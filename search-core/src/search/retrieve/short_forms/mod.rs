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
use crate::search::plan::QueryPlan;
use anchors::Anchors;
use index_data::model::Ordinal;
pub(crate) use leg::Depth;
use leg::{Likely, ShortForms, sort_likely};

/// The least score of an anchor that becomes a candidate, as a share of the best one's.
const LIKELY: f32 = 0.35;
/// Organizations below anchors that become candidates.
const LIMIT_BELOW: usize = 32;
/// Units named whole by a part of the query, below which everything is looked for.
const NAMED: usize = 6;
/// Rounds of looking below: a district, its school, the school's class.
const ROUNDS: usize = 3;

pub(super) fn collect(plan: &QueryPlan<'_>, snapshot: &Snapshot, depth: Depth, candidates: &mut Candidates) {
    let mut search = ShortForms::new(plan, snapshot, depth, candidates.matches);
    let mut anchors = search.named();
    let Anchors { mut likely, all, mut tops } = search.anchors();
    tops.extend(plan.origin.around());
    // A part that is a unit's whole name (东大) names it, however much of the rest others hold.
    sort_likely(&mut anchors);
    let is_unit = |named: &&Likely| snapshot.records.hierarchy().is_unit(named.ordinal);
    tops.extend(anchors.iter().filter(is_unit).take(NAMED).map(|named| named.ordinal));
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
    let accepts = |org| plan.filter.accepts(&snapshot.records, org);
    search.likeliest_below(LIMIT_BELOW, accepts).into_iter().for_each(|org| candidates.add(org));
}

#[cfg(test)]
mod tests {
    //! Properties under test: the bigrams of a query, the anchors they lead to, and what is found below an anchor.

    use super::*;
    use crate::search::request::SearchRequest;
    use crate::search::test_tree::with_plan;

    fn with_leg<T>(query: &str, depth: Depth, test: impl FnOnce(ShortForms<'_>, &Snapshot) -> T) -> T {
        with_plan(&SearchRequest::new(query), |plan, snapshot| {
            test(ShortForms::new(plan, snapshot, depth, 0), snapshot)
        })
    }

    fn ids(found: &[Likely], snapshot: &Snapshot) -> Vec<String> {
        found.iter().map(|likely| snapshot.records.id(likely.ordinal).to_owned()).collect()
    }

    #[test]
    fn bigrams_come_rarest_first_and_only_if_some_unit_holds_them() {
        with_leg("从江县人民医院", Depth::Strict, |leg, _| {
            let lens: Vec<usize> = leg.bigrams().iter().map(|bigram| bigram.len).collect();
            assert!(lens.is_sorted() && lens[0] == 1 && lens.iter().all(|&len| len > 0), "{lens:?}");
            assert!(leg.bigrams().is_sorted_by(|a, b| a.weight >= b.weight));
        });
        // 无 and 此 stand side by side in no name.
        with_leg("无此", Depth::Strict, |leg, _| assert_eq!(leg.bigrams().len(), 0));
    }

    #[test]
    fn only_a_deep_leg_pairs_pieces_that_are_transposed() {
        let pairs = |depth| with_leg("关中", depth, |leg, _| leg.bigrams().len());
        assert_eq!((pairs(Depth::Strict), pairs(Depth::Deep) > 0), (0, true));
    }

    #[test]
    fn anchors_hold_most_of_the_query() {
        for (query, id) in [("人大附中", "16"), ("北大软微", "12"), ("从江医院", "41")] {
            with_leg(query, Depth::Strict, |leg, snapshot| {
                let Anchors { likely, .. } = leg.anchors();
                assert!(ids(&likely, snapshot).contains(&id.to_owned()), "{query}");
            });
        }
    }

    #[test]
    fn a_part_that_is_a_whole_name_leads_to_its_bearer() {
        with_leg("北京大学软微", Depth::Strict, |leg, snapshot| {
            assert!(ids(&leg.named(), snapshot).contains(&"11".to_owned()));
        });
    }

    #[test]
    fn below_an_anchor_stands_what_it_misses_of_the_query() {
        with_leg("海淀科春", Depth::Strict, |mut leg, snapshot| {
            let ordinal = snapshot.records.find_id("20").expect("it is in the tree");
            let mut looked_below = Vec::new();
            leg.below(&[Likely { score: 0.0, ordinal }], &[], &mut looked_below);
            assert_eq!(looked_below, [ordinal]);
            assert_eq!(ids(&leg.found, snapshot)[0], "22");
        });
    }
}
