//! From raw scores to probabilities.

use super::features::Tier;

/// The raw score at which a partial match reaches half of the ceiling.
const MIDDLE: f32 = 0.75;
/// How fast trust grows around it.
const STEEPNESS: f32 = 33.0;
/// The most that a partial match can score, and the least that a bare name matched whole does.
const CEILING: f32 = 0.97;

/// The probability that a hit is what the query describes, `0.0..=1.0`; rises with the raw score within a tier.
pub(crate) fn score(tier: Tier, raw: f32) -> f32 {
    let logistic = 1.0 / (1.0 + (-(raw - MIDDLE) * STEEPNESS).exp());
    match tier {
        Tier::Verbatim | Tier::Exact => 1.0,
        Tier::Core => CEILING + (1.0 - CEILING) * logistic,
        Tier::Partial => CEILING * logistic,
    }
}
