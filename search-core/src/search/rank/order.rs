//! The order of hits, and which candidates are worth showing at all.

use super::ScoredOrg;
use super::exactness::Tier;
use crate::search::candidates::Candidates;
use crate::search::tuning::feature::ALL;
use crate::search::tuning::fit::{BEHIND_MATCHES, LIKELY_SHARE};
use std::cmp::Ordering;

/// The one order of hits: the tier, the raw score, the prior, the static rank. It is total, so that it does not depend on how
/// candidates were found.
pub(super) fn compare(a: &ScoredOrg, b: &ScoredOrg) -> Ordering {
    a.tier
        .cmp(&b.tier)
        .then_with(|| b.raw.total_cmp(&a.raw))
        .then_with(|| b.features.prior.total_cmp(&a.features.prior))
        .then_with(|| a.ordinal.cmp(&b.ordinal))
}

/// Removes what is not worth showing and counting. Where nothing matches whole, what holds nearly as much of the query
/// as the best one stays, as long as some of it stands in its own name; beside matches, what holds all of it hardly
/// worse than the best match. Matches stay, however they score (law 1).
pub(super) fn keep_likely(orgs: &mut Vec<ScoredOrg>, candidates: &Candidates) {
    let best_match = orgs.iter().filter(|org| org.is_match).map(|org| org.raw).fold(0.0, f32::max);
    let best_coverage = orgs.iter().map(|org| org.features.coverage).fold(0.0, f32::max);
    let least = least_coverage(candidates, best_coverage);
    orgs.retain(|org| {
        let is_likely = match candidates.matches {
            0 => org.features.coverage >= least,
            _ => org.features.is_whole() && org.raw >= best_match - BEHIND_MATCHES,
        };
        let is_chosen = org.features.chosen.is_some_and(|share| share > 0.0);
        org.is_match || is_chosen || org.tier < Tier::Partial || (org.features.own > 0.0 && is_likely)
    });
}

/// The least of the query that a likely candidate holds, where the best one holds `best`.
pub(super) fn least_coverage(candidates: &Candidates, best: f32) -> f32 {
    if candidates.matches == 0 { best * LIKELY_SHARE } else { ALL }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rank::Features;
    use crate::search::rank::tests::scored;

    fn org(ordinal: u32, tier: Tier, raw: f32) -> ScoredOrg {
        ScoredOrg { tier, raw, ..scored(ordinal, Features::NONE) }
    }

    #[test]
    fn the_order_is_tier_then_score_then_prior_then_static_rank() {
        let likely = Features { prior: 0.5, ..Features::NONE };
        let mut orgs = vec![
            org(5, Tier::Partial, 0.9),
            org(3, Tier::Partial, 0.9),
            ScoredOrg { raw: 0.9, ..scored(4, likely) },
            org(2, Tier::Partial, 0.95),
            org(1, Tier::Core, 0.1),
            org(0, Tier::Partial, f32::NAN),
        ];
        orgs.sort_by(compare);
        let ordinals: Vec<u32> = orgs.iter().map(|org| org.ordinal).collect();
        assert_eq!(ordinals, [1, 0, 2, 4, 3, 5], "NaN is as good as any number, but has its place");
        for a in &orgs {
            for b in &orgs {
                assert_eq!(compare(a, b), compare(b, a).reverse());
            }
        }
    }

    #[test]
    fn unlikely_candidates_are_left_out_and_matches_stay() {
        let features = |coverage, own| Features { coverage, own, ..Features::NONE };
        let candidate = |ordinal, coverage, own, is_match| ScoredOrg {
            is_match,
            ..scored(ordinal, features(coverage, own))
        };
        let kept = |matches: usize, mut orgs: Vec<ScoredOrg>| -> Vec<u32> {
            let mut candidates = Candidates::default();
            candidates.matches = matches;
            keep_likely(&mut orgs, &candidates);
            orgs.iter().map(|org| org.ordinal).collect()
        };
        let (all, some, little) = (1.0, LIKELY_SHARE, LIKELY_SHARE - 0.01);
        let without_matches = vec![
            candidate(0, all, 1.0, false),
            candidate(1, some, 1.0, false),
            candidate(2, little, 1.0, false),
            candidate(3, all, 0.0, false),
        ];
        assert_eq!(kept(0, without_matches), [0, 1]);
        let beside_matches = vec![candidate(0, little, 0.0, true), candidate(1, some, 1.0, false)];
        assert_eq!(kept(1, beside_matches), [0]);
    }
}
