//! From raw scores to probabilities.

use super::features::Tier;

/// The raw score at which half of the first hits are right.
const MIDDLE: f32 = 0.72;
/// How fast trust grows around it.
const STEEPNESS: f32 = 14.0;
/// The least trust in a bare name that is matched whole.
const CORE_FLOOR: f32 = 0.9;

/// The probability that a hit is the one meant, `0.0..=1.0`; rises with the raw score within a tier.
pub(crate) fn score(tier: Tier, raw: f32) -> f32 {
    let logistic = 1.0 / (1.0 + (-(raw - MIDDLE) * STEEPNESS).exp());
    match tier {
        Tier::Verbatim | Tier::Exact => 1.0,
        Tier::Core => CORE_FLOOR + (1.0 - CORE_FLOOR) * logistic,
        Tier::Partial => logistic * CORE_FLOOR,
    }
}
