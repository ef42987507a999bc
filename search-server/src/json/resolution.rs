//! What became of the records of a batch.

use super::hit::HitJson;
use crate::error::ApiError;
use crate::language::Language;
use crate::openapi::vocabularies;
use search_core::resolve::{Reason, ReasonLanguage, ResolvedCandidate};
use search_core::{Hit, Resolution};
use serde::Serialize;
use serde_json::value::RawValue;

/// What `POST /v1/resolve` answers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ResolveAnswer {
    /// One for each query, in their order.
    #[schema(value_type = Vec<QueryResultJson<'_>>)]
    pub(crate) results: Vec<Box<RawValue>>,
    /// The generation that answered, one for all of them.
    pub(crate) generation: String,
}

/// What became of one query: a decision, or what kept it from one.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub(crate) enum QueryResultJson<'a> {
    /// It was decided.
    Decided(Box<ResolutionJson<'a>>),
    /// It was not.
    Failed(QueryFailureJson<'a>),
}

/// What was decided of a record, and why.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ResolutionJson<'a> {
    /// The key of the query.
    #[schema(value_type = QueryKey)]
    key: &'a RawValue,
    /// What was decided.
    #[schema(value_type = vocabularies::Decision)]
    decision: &'static str,
    /// How likely the first candidate is the organization that the record names, 0 to 1; 0 where there is none, or where
    /// something contradicts it.
    probability: f32,
    /// How much likelier the first candidate is than the second, 0 to 1.
    margin: f32,
    /// The organization that the record names, as a hit whose score is its probability. One that was merged or closed
    /// says where its members went (`successor`). Absent unless the decision is `matched`.
    #[serde(skip_serializing_if = "Option::is_none")]
    r#match: Option<HitJson>,
    /// Organizations that the record may name, the likeliest first; those that it contradicts come last.
    candidates: Vec<CandidateJson>,
    /// What speaks for and against the first candidate, and what there is to know besides, in Chinese or English.
    reasons: Vec<String>,
}

impl<'a> ResolutionJson<'a> {
    /// Converts what the engine decided.
    pub(crate) fn new(key: &'a RawValue, resolution: Resolution, language: Language) -> Self {
        ResolutionJson {
            key,
            decision: resolution.decision.name(),
            probability: resolution.probability,
            margin: resolution.margin,
            r#match: resolution.matched().map(|hit| Hit::clone(hit).into()),
            reasons: texts(&resolution.reasons, language),
            candidates: resolution
                .candidates
                .into_iter()
                .map(|candidate| CandidateJson::new(candidate, language))
                .collect(),
        }
    }
}

/// An organization that a record may name.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CandidateJson {
    #[serde(flatten)]
    hit: HitJson,
    /// How likely the record names it, 0 to 1; 0 where something contradicts it.
    probability: f32,
    /// What contradicts it, whatever else agrees, in Chinese or English.
    contradictions: Vec<String>,
}

impl CandidateJson {
    fn new(candidate: ResolvedCandidate, language: Language) -> Self {
        CandidateJson {
            probability: candidate.probability,
            contradictions: texts(&candidate.contradictions, language),
            hit: candidate.hit.into(),
        }
    }
}

/// A query that was not decided.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct QueryFailureJson<'a> {
    /// The key of the query.
    #[schema(value_type = QueryKey)]
    key: &'a RawValue,
    /// Why it was not decided.
    error: QueryErrorJson,
}

impl<'a> QueryFailureJson<'a> {
    /// Says what is wrong.
    pub(crate) fn new(key: &'a RawValue, error: &ApiError, language: Language) -> Self {
        QueryFailureJson { key, error: QueryErrorJson { code: error.code(), detail: error.detail(language) } }
    }
}

/// Why a query was not decided.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct QueryErrorJson {
    /// The stable code: `invalid_query` and `query_too_long` say what is wrong with it; `timeout`, `overloaded` and
    /// `internal` that it may be sent again.
    #[schema(value_type = vocabularies::ProblemCode)]
    code: &'static str,
    /// What is wrong with this query, and what would be right, in Chinese or English.
    detail: String,
}

/// The client's own name of a query, given back as it came; the place of the query in the batch, from 0, if it has none.
#[derive(Debug, utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes keys, which are not looked into")]
pub(crate) enum QueryKey {
    /// Any string.
    Text(String),
    /// Any number.
    Number(f64),
}

fn texts(reasons: &[Reason], language: Language) -> Vec<String> {
    let language = match language {
        Language::Chinese => ReasonLanguage::Chinese,
        Language::English => ReasonLanguage::English,
    };
    reasons.iter().map(|reason| reason.text(language)).collect()
}
