//! Why a hit stands where it stands.

use crate::openapi::vocabularies;
use search_core::{Explanation, FeatureValue, MatchRule, TypedMatch};
use serde::Serialize;

/// Why a hit stands where it stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ExplanationJson {
    /// The class of the match, which is compared first; 0 is the best.
    tier: u8,
    /// The weighted sum of the features before calibration, 0 to 1.
    raw: f32,
    /// Each feature that ranked it, with its value and weight.
    features: Vec<FeatureJson>,
    /// Which typed span stands for which span of which name, in typed order.
    matches: Vec<TypedMatchJson>,
}

/// A typed span and what it was taken for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TypedMatchJson {
    /// As it was typed, normalized.
    typed: String,
    /// The organization in whose name it was found: the hit itself or one above it.
    org_id: String,
    /// What it stands for in that organization's normalized name; null if it was found in one of its other names.
    name: Option<String>,
    /// The rule by which it stands for that.
    #[schema(value_type = vocabularies::MatchRule)]
    rule: &'static str,
}

/// One feature of a ranked organization.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FeatureJson {
    /// The feature's name.
    name: &'static str,
    /// What was measured, 0 to 1.
    value: f32,
    /// Its weight in the sum.
    weight: f32,
}

impl From<Explanation> for ExplanationJson {
    fn from(explanation: Explanation) -> Self {
        let feature = |FeatureValue { name, value, weight }| FeatureJson { name, value, weight };
        let typed_match = |TypedMatch { typed, org_id, name, rule }| TypedMatchJson {
            typed,
            org_id,
            name,
            rule: MatchRule::name(rule),
        };
        ExplanationJson {
            tier: explanation.tier,
            raw: explanation.raw,
            features: explanation.features.into_iter().map(feature).collect(),
            matches: explanation.matches.into_iter().map(typed_match).collect(),
        }
    }
}
