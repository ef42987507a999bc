//! The order of hits, and which candidates are worth showing at all.

use super::ScoredOrg;
use super::exactness::Tier;
use crate::search::candidates::Candidates;
use crate::search::tuning::feature::ALL;
use crate::search::tuning::fit::{BEHIND_MATCHES, LIKELY_SHARE};
use std::cmp::Ordering;

/// The one order of hits: the tier, the raw score, the static rank. It is total, so that it does not depend on how
/// candidates were found.
pub(super) fn compare(a: &ScoredOrg, b: &ScoredOrg) -> Ordering {
    a.tier.cmp(&b.tier).then_with(|| b.raw.total_cmp(&a.raw)).then_with(|| a.ordinal.cmp(&b.ordinal))
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
        org.is_match || org.tier < Tier::Partial || (org.features.own > 0.0 && is_likely)
    });
}

/// The least of the query that a likely candidate holds, where the best one holds `best`.
pub(super) fn least_coverage(candidates: &Candidates, best: f32) -> f32 {
    if candidates.matches == 0 { best * LIKELY_SHARE } else { ALL }
}
