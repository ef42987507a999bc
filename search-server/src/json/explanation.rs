//! Why a hit stands where it stands.

use search_core::{Explanation, FeatureValue, MatchRule, TypedMatch};
use serde::Serialize;

/// Why a hit stands where it stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ExplanationJson {
    tier: u8,
    raw: f32,
    features: Vec<FeatureJson>,
    matches: Vec<TypedMatchJson>,
}

/// A typed span and what it was taken for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TypedMatchJson {
    typed: String,
    org_id: String,
    name: Option<String>,
    rule: &'static str,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FeatureJson {
    name: &'static str,
    value: f32,
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
