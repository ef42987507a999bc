//! An organization that was found.

use super::explanation::ExplanationJson;
use super::org::{AttributesJson, PathStepJson, kind_code, path_json, system_code};
use search_core::{Highlight, Hit};
use serde::Serialize;

/// One hit. `kind`, `system` and `region` are null where the export does not say them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct HitJson {
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

/// Where the query stands in a name. Ends are exclusive; UTF-16 is how browsers count.
#[derive(Debug, Serialize, utoipa::ToSchema)]
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
