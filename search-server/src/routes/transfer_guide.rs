//! `GET /v1/orgs/{id}/transfer-guide?from=`: how a member gets from a home system into an organization.

use super::parameters::Parameters;
use crate::error::{ApiError, texts};
use crate::json::org::OrgJson;
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::language::Language;
use crate::openapi::vocabularies;
use crate::state::AppState;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LANGUAGE, VARY};
use axum::response::{IntoResponse, Response};
use index_data::model::{HomeSystem, OrgStatus};
use index_data::transfer::{self, Guide, SYSTEMS, Statement, Target};
use search_core::{CurrentOrg, OrgRecord};

/// Where a member comes from.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct GuideQuery {
    /// The home system the member is in: zhtj, beijing, guangdong or fujian.
    #[param(value_type = String, example = "zhtj")]
    from: HomeSystem,
    /// The language of the statements: zh or en.
    #[param(value_type = Option<String>, example = "zh")]
    lang: Option<Language>,
}

impl GuideQuery {
    fn read(parameters: &Parameters) -> Result<Self, ApiError> {
        let missing = || ApiError::new(&texts::MISSING_PARAMETER).with("parameter", "from");
        let name = parameters.non_empty("from").ok_or_else(missing)?;
        let from = HomeSystem::parse(&name);
        if !SYSTEMS.contains(&from) {
            let choices = SYSTEMS.map(|system| system.code().to_owned()).join(", ");
            let error = ApiError::new(&texts::BAD_CHOICE).with("parameter", "from");
            return Err(error.with("choices", choices).with("value", name));
        }
        Ok(GuideQuery { from, lang: parameters.text("lang").and_then(Language::of_tag) })
    }
}

/// What to do, and what of it is known.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct GuideAnswer {
    /// Where to go: the organization asked for, or its successor.
    org: OrgJson,
    /// The organization asked for, where `org` is its successor; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<OrgJson>,
    /// The home system the member is in: `zhtj`, `beijing`, `guangdong` or `fujian`.
    from: String,
    /// The target's home system; null where the export does not say it.
    to: Option<String>,
    /// The full name to paste.
    paste: String,
    /// The answer to the question 转入组织属于哪个省.
    province: ProvinceJson,
    /// What to do, in order.
    steps: Vec<StatementJson>,
    /// What goes wrong easily. That the target is no branch comes first, where it is none.
    warnings: Vec<StatementJson>,
}

/// The answer to the question 转入组织属于哪个省.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct ProvinceJson {
    /// What to answer: 北京; null where that is not known.
    answer: Option<String>,
    /// What is known of the answer, as a sentence. Absent where no rule applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Whether a public source says so. Absent where no rule applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<vocabularies::Certainty>)]
    certainty: Option<&'static str>,
    /// Where it is said, or was looked for. Absent where no rule applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'static str>,
    /// In which case it is said: `always`, `province`, `national_line`, …. Absent where no rule applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<&'static str>,
}

impl ProvinceJson {
    fn new(answer: Option<String>, statement: Option<StatementJson>) -> Self {
        let Some(StatementJson { text, certainty, source, when }) = statement else {
            return ProvinceJson { answer, text: None, certainty: None, source: None, when: None };
        };
        ProvinceJson {
            answer,
            text: Some(text),
            certainty: Some(certainty),
            source: Some(source),
            when: Some(when),
        }
    }
}

/// One thing to do or to know.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct StatementJson {
    /// What is said, in the language asked for.
    text: String,
    /// Whether a public source says so.
    #[schema(value_type = vocabularies::Certainty)]
    certainty: &'static str,
    /// Where it is said, or was looked for.
    source: &'static str,
    /// In which case it is said: `always`, `not_a_branch`, `moved`, ….
    when: &'static str,
}

impl StatementJson {
    fn new(statement: Statement, language: Language) -> Self {
        StatementJson {
            text: match language {
                Language::Chinese => statement.zh,
                Language::English => statement.en,
            },
            certainty: statement.certainty.name(),
            source: statement.source,
            when: statement.when,
        }
    }
}

/// Tells how a member gets from a home system into an organization.
///
/// The name to paste, the province to choose, the steps, and what no source states. Of a closed or merged organization
/// it gives the way to its successor.
#[utoipa::path(
    get,
    path = "/v1/orgs/{id}/transfer-guide",
    tag = "organizations",
    params(("id" = String, Path, description = "The id of an organization", example = "10001154"), GuideQuery),
    responses((status = 200, body = GuideAnswer, description = "What to do, and what of it is known"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn transfer_guide(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let Path(id) = id?;
    let GuideQuery { from, lang } = GuideQuery::read(&parameters)?;
    let language = lang.unwrap_or_else(|| Language::accepted(&headers));
    let found = state.run(move |engine, _| engine.current_org(&id)).await??;
    let headers = [(CONTENT_LANGUAGE, language.tag()), (VARY, "accept-language")];
    Ok((headers, Json(answer(&from, found, language))).into_response())
}

fn answer(from: &HomeSystem, found: CurrentOrg, language: Language) -> GuideAnswer {
    let CurrentOrg { asked, org } = found;
    let guide = guide(from, asked.as_ref(), &org);
    let statement = |statement: Statement| StatementJson::new(statement, language);
    GuideAnswer {
        from: from.code().to_owned(),
        to: org.system.as_ref().map(|system| system.code().to_owned()),
        paste: org.name.clone(),
        province: ProvinceJson::new(guide.province, guide.province_statement.map(statement)),
        steps: guide.steps.into_iter().map(statement).collect(),
        warnings: guide.branch.into_iter().chain(guide.warnings).map(statement).collect(),
        org: org.into(),
        asked: asked.map(Into::into),
    }
}

/// What the rules say of one member's way.
pub(crate) fn guide(from: &HomeSystem, asked: Option<&OrgRecord>, org: &OrgRecord) -> Guide {
    transfer::guide(from, &target(asked, org))
}

/// What the rules say of an organization that is no branch; nothing for a branch.
pub(crate) fn to_the_branch(org: &OrgRecord) -> Vec<Statement> {
    transfer::to_the_branch(&target(None, org))
}

fn target<'a>(asked: Option<&'a OrgRecord>, org: &'a OrgRecord) -> Target<'a> {
    Target {
        name: &org.name,
        path: org.path.iter().map(|step| step.name.as_str()).chain([org.name.as_str()]).collect(),
        kind: org.kind.as_ref(),
        has_below: org.children > 0,
        system: org.system.as_ref(),
        successor_of: asked.map(|asked| asked.name.as_str()),
        is_gone: org.status != OrgStatus::Active,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_province_is_one_flat_object() {
        let said = StatementJson {
            text: "选择：北京".to_owned(),
            certainty: "known",
            source: "说明",
            when: "always",
        };
        let province = ProvinceJson::new(Some("北京".to_owned()), Some(said));
        let expected = json!({
            "answer": "北京", "text": "选择：北京", "certainty": "known", "source": "说明", "when": "always",
        });
        assert_eq!(serde_json::to_value(province).unwrap(), expected);
    }

    #[test]
    fn where_no_rule_applies_the_province_is_a_null_answer() {
        let province = ProvinceJson::new(None, None);
        assert_eq!(serde_json::to_value(province).unwrap(), json!({ "answer": null }));
    }
}
