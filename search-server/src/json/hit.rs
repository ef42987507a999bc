//! An organization that was found.

use super::explanation::ExplanationJson;
use super::org::{AttributesJson, PathStepJson, kind_code, path_json, system_code};
use search_core::{Highlight, Hit, MatchedName};
use serde::Serialize;

/// One hit. `kind`, `system` and `region` are null where the export does not say them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct HitJson {
    id: String,
    name: String,
    short_name: String,
    display: String,
    path: Vec<PathStepJson>,
    kind: Option<String>,
    system: Option<String>,
    region: Option<String>,
    status: String,
    members: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    successor: Option<PathStepJson>,
    score: f32,
    r#match: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    matched_name: Option<MatchedNameJson>,
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
            short_name: hit.org.short_name,
            display: hit.org.display,
            path: path_json(hit.org.path),
            kind: kind_code(hit.org.kind.as_ref()),
            system: system_code(hit.org.system.as_ref()),
            region: hit.org.region,
            status: hit.org.status.code().to_owned(),
            members: hit.org.members,
            successor: hit.org.successor.map(Into::into),
            score: hit.score,
            r#match: hit.match_reason.name(),
            matched_name: hit.matched_name.map(Into::into),
            highlights: hit.highlights.into_iter().map(Into::into).collect(),
            attributes: AttributesJson(hit.org.attributes),
            explanation: hit.explanation.map(Into::into),
        }
    }
}

/// The alias or former name that the query matches, where the official name does not.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MatchedNameJson {
    field: &'static str,
    name: String,
}

impl From<MatchedName> for MatchedNameJson {
    fn from(MatchedName { field, name }: MatchedName) -> Self {
        MatchedNameJson { field: field.name(), name }
    }
}

/// Where the query stands in a name. Ends are exclusive; UTF-16 is how browsers count.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct HighlightJson {
    field: &'static str,
    /// Which step of the path, for the field `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    start: usize,
    end: usize,
    start_utf16: usize,
    end_utf16: usize,
}

impl From<Highlight> for HighlightJson {
    fn from(highlight: Highlight) -> Self {
        let Highlight { field, id, start, end, start_utf16, end_utf16 } = highlight;
        HighlightJson { field: field.name(), id, start, end, start_utf16, end_utf16 }
    }
}
