//! The answer of a search as JSON: one form for the results page, one for a keystroke.

use super::hit::HitJson;
use crate::openapi::vocabularies;
use search_core::{Choice, Facet, Hits, QueryPart, QueryReading, Total, Truncation};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::time::Duration;

/// What `GET /v1/search` and `orgsearch search --json` answer.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct SearchAnswer {
    /// How the query was read.
    query: QueryJson,
    /// The page, best first; empty if nothing was found.
    hits: Vec<HitJson>,
    /// How many organizations match, over all pages.
    total: TotalJson,
    /// For each facet asked for, its values over all matches, the most frequent first. Absent if none was asked for.
    #[serde(skip_serializing_if = "FacetsJson::is_empty")]
    #[schema(value_type = Option<HashMap<String, Vec<FacetValueJson<'_>>>>)]
    facets: FacetsJson,
    /// To be sent as `cursor` for the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// The generation that answered.
    generation: String,
    /// The learned prior that took part in the order (`orgsearch learn`); null where none is in use.
    prior: Option<String>,
    /// How long the search took, in microseconds.
    took_us: u64,
    /// What a budget cut short; empty: nothing.
    #[schema(value_type = Vec<vocabularies::Truncation>)]
    truncated: Vec<&'static str>,
}

impl SearchAnswer {
    /// Converts what the engine found. Without a counted total, the hits themselves are what there is at least.
    pub(crate) fn new(hits: Hits, took: Duration) -> Self {
        let at_least = Total { value: hits.hits.len() as u64, exact: false };
        SearchAnswer {
            query: hits.query.into(),
            total: hits.total.unwrap_or(at_least).into(),
            hits: hits.hits.into_iter().map(Into::into).collect(),
            facets: FacetsJson(hits.facets),
            next_cursor: hits.next_cursor,
            generation: hits.generation,
            prior: hits.prior,
            took_us: micros(took),
            truncated: hits.truncated.into_iter().map(Truncation::name).collect(),
        }
    }
}

/// What `GET /v1/autocomplete` answers.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct AutocompleteAnswer {
    /// How the query was read.
    query: QueryJson,
    /// What to offer, best first; empty if nothing was found.
    hits: Vec<HitJson>,
    /// The longest continuation of the query that all answers share; null if there is none.
    complete_to: Option<String>,
    /// The next ancestors to choose between when many organizations fit equally; else empty.
    choices: Vec<ChoiceJson>,
    /// To be sent as `cursor` for the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// The generation that answered.
    generation: String,
    /// The learned prior that took part in the order (`orgsearch learn`); null where none is in use.
    prior: Option<String>,
    /// How long the search took, in microseconds.
    took_us: u64,
    /// What a budget cut short; empty: nothing.
    #[schema(value_type = Vec<vocabularies::Truncation>)]
    truncated: Vec<&'static str>,
}

impl AutocompleteAnswer {
    /// Converts what the engine found.
    pub(crate) fn new(hits: Hits, took: Duration) -> Self {
        AutocompleteAnswer {
            query: hits.query.into(),
            hits: hits.hits.into_iter().map(Into::into).collect(),
            complete_to: hits.complete_to,
            choices: hits.choices.into_iter().map(Into::into).collect(),
            next_cursor: hits.next_cursor,
            generation: hits.generation,
            prior: hits.prior,
            took_us: micros(took),
            truncated: hits.truncated.into_iter().map(Truncation::name).collect(),
        }
    }
}

/// How the query was read.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct QueryJson {
    /// As it was typed.
    raw: String,
    /// Normalized, as it is compared with names.
    normalized: String,
    /// Its parts, in typed order.
    parts: Vec<PartJson>,
}

/// One part of the query.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct PartJson {
    /// The part, normalized.
    text: String,
    /// What it was taken for.
    #[schema(value_type = vocabularies::PartRole)]
    role: &'static str,
    /// Whether the first hit matches it, in its name or on its path. Boilerplate always counts as matched.
    matched: bool,
}

impl From<QueryReading> for QueryJson {
    fn from(query: QueryReading) -> Self {
        let part =
            |part: QueryPart| PartJson { text: part.text, role: part.role.name(), matched: part.matched };
        let parts = query.parts.into_iter().map(part).collect();
        QueryJson { raw: query.raw, normalized: query.normalized, parts }
    }
}

/// A count, and whether it is exact (`eq`) or a lower bound (`gte`).
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct TotalJson {
    /// The number counted.
    value: u64,
    /// Whether it is exact or a lower bound.
    #[schema(value_type = vocabularies::TotalRelation)]
    relation: &'static str,
}

impl From<Total> for TotalJson {
    fn from(total: Total) -> Self {
        TotalJson { value: total.value, relation: if total.exact { "eq" } else { "gte" } }
    }
}

/// An ancestor that divides organizations which fit equally.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct ChoiceJson {
    /// Its id, to be sent as `within`.
    id: String,
    /// Its official name.
    name: String,
    /// Its official name without boilerplate and form words.
    short_name: String,
    /// How many of those that fit equally stand below it.
    count: u64,
}

impl From<Choice> for ChoiceJson {
    fn from(Choice { id, name, short_name, count }: Choice) -> Self {
        ChoiceJson { id, name, short_name, count }
    }
}

/// `{"kind": [{"value", "count"}, …], …}`, the most frequent value first.
#[derive(Debug)]
struct FacetsJson(Vec<Facet>);

/// One value of a facet.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct FacetValueJson<'a> {
    /// The value, as a filter takes it.
    value: &'a str,
    /// How many matches have it.
    count: u64,
}

impl FacetsJson {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for FacetsJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for facet in &self.0 {
            let values = facet.values.iter().map(|(value, count)| FacetValueJson { value, count: *count });
            map.serialize_entry(facet.field.name(), &values.collect::<Vec<_>>())?;
        }
        map.end()
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
