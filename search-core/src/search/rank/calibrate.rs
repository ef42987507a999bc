//! From raw scores to probabilities.

use super::exactness::Tier;
use crate::search::tuning::calibration::{CEILING, MIDDLE, STEEPNESS};

/// The probability that a hit is what the query describes, `0.0..=1.0`; rises with the raw score within a tier.
pub(crate) fn score(tier: Tier, raw: f32) -> f32 {
    let logistic = 1.0 / (1.0 + (-(raw - MIDDLE) * STEEPNESS).exp());
    match tier {
        Tier::Verbatim | Tier::Exact => 1.0,
        Tier::Core => CEILING + (1.0 - CEILING) * logistic,
        Tier::Partial => CEILING * logistic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_rise_within_a_tier_and_never_cross_tiers() {
        for tier in [Tier::Core, Tier::Partial] {
            let scores: Vec<f32> = (0..=10).map(|raw| score(tier, raw as f32 / 10.0)).collect();
            assert!(scores.is_sorted(), "{tier:?} {scores:?}");
        }
        assert_eq!(score(Tier::Partial, MIDDLE), CEILING / 2.0);
        assert!(score(Tier::Partial, 1.0) <= score(Tier::Core, 0.0));
        assert_eq!(score(Tier::Exact, 0.0), 1.0);
    }
}
