//! An organization that was found.

use super::explanation::ExplanationJson;
use super::org::{AttributesJson, PathStepJson, kind_code, path_json, system_code};
use crate::openapi::vocabularies;
use search_core::{Highlight, Hit, MatchedName};
use serde::Serialize;

/// One hit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct HitJson {
    /// Its id in the export.
    id: String,
    /// Its official name: what to paste into a transfer form.
    name: String,
    /// Its official name without boilerplate and form words.
    short_name: String,
    /// The name with the shortest ancestor that tells it from equal names.
    display: String,
    /// The organizations above it, the root first; empty for a root.
    path: Vec<PathStepJson>,
    /// What it is: `leading_body`, `committee`, `work_committee`, `general_branch`, `branch`, or the export's own word;
    /// null where the export does not say it.
    #[schema(examples("leading_body", "committee", "work_committee", "general_branch", "branch"))]
    kind: Option<String>,
    /// The home system, own or inherited: `zhtj`, `beijing`, `guangdong`, `fujian`, or the export's own word; null where
    /// the export does not say it.
    #[schema(examples("zhtj", "beijing", "guangdong", "fujian"))]
    system: Option<String>,
    /// The region, own or inherited; null where the export does not say it.
    region: Option<String>,
    /// `active`, `graduated`, `closed`, `merged`, or the export's own word, which counts as not active.
    #[schema(examples("active", "graduated", "closed", "merged"))]
    status: String,
    /// Members in its whole subtree; null where the export does not say it.
    members: Option<u32>,
    /// How many organizations stand directly below it; 0 where a member can stop.
    children_count: u64,
    /// Where its members went. Absent unless it was closed or merged and the export says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    successor: Option<PathStepJson>,
    /// How sure the engine is, 0 to 1, comparable between queries.
    score: f32,
    /// The best reason it was found for.
    #[schema(value_type = vocabularies::MatchReason)]
    r#match: &'static str,
    /// The alias or former name that the query matches. Absent where the official name matches it.
    #[serde(skip_serializing_if = "Option::is_none")]
    matched_name: Option<MatchedNameJson>,
    /// Where the query stands in its names and in those above it; empty if `highlight` is off.
    highlights: Vec<HighlightJson>,
    /// Other columns of the export. Absent if there are none.
    #[serde(skip_serializing_if = "AttributesJson::is_empty")]
    #[schema(value_type = Option<HashMap<String, String>>)]
    attributes: AttributesJson,
    /// Why it stands where it stands. Absent unless `explain` is on.
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
            children_count: hit.org.children,
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
    /// Which of its names it is.
    #[schema(value_type = vocabularies::OtherNameField)]
    field: &'static str,
    /// The name as it is registered.
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
    /// The field; the first alias or former name that matches is meant.
    #[schema(value_type = vocabularies::HighlightField)]
    field: &'static str,
    /// Which step of the path. Absent unless the field is `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The first character, from 0.
    start: usize,
    /// One past the last character.
    end: usize,
    /// The first UTF-16 unit, from 0.
    start_utf16: usize,
    /// One past the last UTF-16 unit.
    end_utf16: usize,
}

impl From<Highlight> for HighlightJson {
    fn from(highlight: Highlight) -> Self {
        let Highlight { field, id, start, end, start_utf16, end_utf16 } = highlight;
        HighlightJson { field: field.name(), id, start, end, start_utf16, end_utf16 }
    }
}
