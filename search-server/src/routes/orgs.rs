//! `GET /v1/orgs/{id}` and what lies below it: one organization, its children, and its rank for a query.

use super::parameters::Parameters;
use super::queries::{ChildrenPage, TypedQuery};
use crate::error::ApiError;
use crate::json::answer::{QueryJson, TotalJson};
use crate::json::explanation::ExplanationJson;
use crate::json::hit::HitJson;
use crate::json::org::{ChildJson, OrgJson};
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::lead::sentence;
use crate::state::AppState;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use search_core::{Children, OrgExplanation, Total};

/// Gives one organization with all its fields.
///
/// Its status may be any.
#[utoipa::path(
    get,
    path = "/v1/orgs/{id}",
    tag = "organizations",
    params(("id" = String, Path, description = "The id of an organization", example = "10001154")),
    responses((status = 200, body = OrgJson, description = "The organization"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn org(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<OrgJson>, ApiError> {
    let Path(id) = id?;
    let org = state.run(move |engine, _| engine.org(&id)).await??;
    Ok(Json(org.into()))
}

/// The organizations directly below one, or those at the top: a page of them.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ChildrenAnswer {
    /// The organization asked for; null at the top of the tree.
    id: Option<String>,
    /// The page; those that have others below them come first.
    children: Vec<ChildJson>,
    /// How many there are, over all pages.
    total: TotalJson,
    /// To be sent as `cursor` for the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// The generation that answered.
    generation: String,
}

/// Lists the organizations directly below one.
///
/// Those that have others below them come first. Each says how many stand below it, and what its name says of a class.
#[utoipa::path(
    get,
    path = "/v1/orgs/{id}/children",
    tag = "organizations",
    params(("id" = String, Path, description = "The id of an organization", example = "10001154"), ChildrenPage),
    responses((status = 200, body = ChildrenAnswer, description = "One page of children"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn children(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
    parameters: Parameters,
) -> Result<Json<ChildrenAnswer>, ApiError> {
    let Path(id) = id?;
    let page = ChildrenPage::read(&parameters, &state.settings.limits)?.request(&state.engine)?;
    let found = state.run(move |engine, _| {
        let children = engine.children_with(&id, &page);
        children.map(|children| (id, children))
    });
    let (id, children) = found.await??;
    Ok(Json(children_answer(Some(id), children)))
}

/// Lists the top of the tree: the organizations without a parent.
///
/// It answers as the children of an organization are answered, with a null `id`.
#[utoipa::path(
    get,
    path = "/v1/roots",
    tag = "organizations",
    params(ChildrenPage),
    responses((status = 200, body = ChildrenAnswer, description = "One page of the organizations without a parent; `id` is null"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn roots(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<Json<ChildrenAnswer>, ApiError> {
    let page = ChildrenPage::read(&parameters, &state.settings.limits)?.request(&state.engine)?;
    let roots = state.run(move |engine, _| engine.roots(&page)).await??;
    Ok(Json(children_answer(None, roots)))
}

fn children_answer(id: Option<String>, found: Children) -> ChildrenAnswer {
    let Children { children, total, next_cursor, generation } = found;
    ChildrenAnswer {
        id,
        children: children.into_iter().map(Into::into).collect(),
        total: Total { value: total, exact: true }.into(),
        next_cursor,
        generation,
    }
}

/// Why an organization stands where it stands for a query, beside the one that stands first.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ExplainAnswer {
    /// The organization asked for.
    org: OrgJson,
    /// How the query was read.
    query: QueryJson,
    /// Its place among the ranked hits, from 1; null if it is not among them.
    rank: Option<usize>,
    /// The features that rank it.
    explanation: ExplanationJson,
    /// The hit that stands first, with its explanation; null if nothing was found.
    first: Option<HitJson>,
    /// Why the first hit is before it: one sentence, in English.
    reason: String,
}

/// Explains why an organization stands where it stands for a query.
///
/// Beside the hit that stands first, with the features that ranked both.
#[utoipa::path(
    get,
    path = "/v1/orgs/{id}/explain",
    tag = "organizations",
    params(("id" = String, Path, description = "The id of an organization", example = "10002641"), TypedQuery),
    responses((status = 200, body = ExplainAnswer, description = "Its place, and why"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn explain(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
    parameters: Parameters,
) -> Result<Json<ExplainAnswer>, ApiError> {
    let Path(id) = id?;
    let TypedQuery { q } = TypedQuery::read(&parameters, &state.settings.limits)?;
    let explained = state.run(move |engine, _| engine.explain(&id, &q)).await??;
    let OrgExplanation { record, query, rank, explanation, first, lead } = explained;
    Ok(Json(ExplainAnswer {
        org: record.into(),
        query: query.into(),
        rank,
        explanation: explanation.into(),
        first: first.map(Into::into),
        reason: sentence(lead),
    }))
}
