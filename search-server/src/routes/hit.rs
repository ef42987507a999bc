//! An organization as JSON: as a hit, and as a record.

use index_data::model::{HomeSystem, OrgKind};
use search_core::{Explanation, FeatureValue, Highlight, Hit, MatchRule, OrgRecord, PathStep, TypedMatch};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// One hit. `kind`, `system` and `region` are null where the export does not say them.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct HitJson {
    id: String,
    name: String,
    display: String,
    path: Vec<PathStepJson>,
    kind: Option<String>,
    system: Option<String>,
    region: Option<String>,
    status: String,
    score: f32,
    r#match: &'static str,
    highlights: Vec<HighlightJson>,
    #[serde(skip_serializing_if = "AttributesJson::is_empty")]
    #[schema(value_type = Option<HashMap<String, String>>)]
    attributes: AttributesJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<ExplanationJson>,
}

impl From<Hit> for HitJson {
    fn from(hit: Hit) -> Self {
        HitJson {
            id: hit.org.id,
            name: hit.org.name,
            display: hit.org.display,
            path: path_json(hit.org.path),
            kind: kind_code(hit.org.kind.as_ref()),
            system: system_code(hit.org.system.as_ref()),
            region: hit.org.region,
            status: hit.org.status.code().to_owned(),
            score: hit.score,
            r#match: hit.match_reason.name(),
            highlights: hit.highlights.into_iter().map(Into::into).collect(),
            attributes: AttributesJson(hit.org.attributes),
            explanation: hit.explanation.map(Into::into),
        }
    }
}

/// All that is known of one organization.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct OrgJson {
    id: String,
    name: String,
    display: String,
    path: Vec<PathStepJson>,
    kind: Option<String>,
    system: Option<String>,
    region: Option<String>,
    status: String,
    members: Option<u32>,
    aliases: Vec<String>,
    former_names: Vec<String>,
    successor_id: Option<String>,
    #[serde(skip_serializing_if = "AttributesJson::is_empty")]
    #[schema(value_type = Option<HashMap<String, String>>)]
    attributes: AttributesJson,
    children_count: u64,
}

impl From<OrgRecord> for OrgJson {
    fn from(org: OrgRecord) -> Self {
        OrgJson {
            id: org.id,
            name: org.name,
            display: org.display,
            path: path_json(org.path),
            kind: kind_code(org.kind.as_ref()),
            system: system_code(org.system.as_ref()),
            region: org.region,
            status: org.status.code().to_owned(),
            members: org.members,
            aliases: org.aliases,
            former_names: org.former_names,
            successor_id: org.successor_id,
            attributes: AttributesJson(org.attributes),
            children_count: org.children,
        }
    }
}

/// One organization above.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct PathStepJson {
    id: String,
    name: String,
}

/// Where the query stands in a name. Ends are exclusive; UTF-16 is how browsers count.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct HighlightJson {
    field: &'static str,
    start: usize,
    end: usize,
    start_utf16: usize,
    end_utf16: usize,
}

impl From<Highlight> for HighlightJson {
    fn from(highlight: Highlight) -> Self {
        let Highlight { field, start, end, start_utf16, end_utf16 } = highlight;
        HighlightJson { field: field.name(), start, end, start_utf16, end_utf16 }
    }
}

/// Why a hit stands where it stands.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ExplanationJson {
    tier: u8,
    raw: f32,
    features: Vec<FeatureJson>,
    matches: Vec<TypedMatchJson>,
}

/// A typed span and what it was taken for.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct TypedMatchJson {
    typed: String,
    org_id: String,
    name: Option<String>,
    rule: &'static str,
}

#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
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

/// Other columns of the export, as an object in file order.
#[derive(Debug)]
struct AttributesJson(Vec<(String, String)>);

impl AttributesJson {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for AttributesJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (column, value) in &self.0 {
            map.serialize_entry(column, value)?;
        }
        map.end()
    }
}

fn path_json(path: Vec<PathStep>) -> Vec<PathStepJson> {
    path.into_iter().map(|PathStep { id, name }| PathStepJson { id, name }).collect()
}

fn kind_code(kind: Option<&OrgKind>) -> Option<String> {
    kind.map(|kind| kind.code().to_owned())
}

fn system_code(system: Option<&HomeSystem>) -> Option<String> {
    system.map(|system| system.code().to_owned())
}
