//! Reads query parameters: typed, limited, and with an error that names the one that is wrong.
//!
//! Unknown parameters are ignored. Of a repeated parameter the first value counts; filters take all of them.

use crate::config::LimitSettings;
use crate::error::{ApiError, texts};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use index_data::model::{HomeSystem, OrgKind, OrgStatus};
use search_core::{Engine, FacetField, SearchRequest, ValueField};
use std::convert::Infallible;
use std::fmt::Display;

/// The parameters of a request, decoded. Bytes that are no UTF-8 become U+FFFD and match nothing.
#[derive(Debug, Clone)]
pub(crate) struct Parameters {
    pairs: Vec<(String, String)>,
}

impl Parameters {
    /// Decodes the part of an address after the question mark.
    pub(crate) fn parse(query: &str) -> Self {
        Parameters { pairs: form_urlencoded::parse(query.as_bytes()).into_owned().collect() }
    }

    /// The value as it is; empty counts.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The value, unless it is empty.
    pub(crate) fn non_empty(&self, name: &str) -> Option<String> {
        self.text(name).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// Every value of a repeated parameter, whole.
    pub(crate) fn all<'p>(&'p self, name: &str) -> impl Iterator<Item = &'p str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The query text.
    ///
    /// # Errors
    /// If it is missing or too long.
    pub(crate) fn query(&self, limits: &LimitSettings) -> Result<&str, ApiError> {
        let missing = || ApiError::new(&texts::MISSING_PARAMETER).with("parameter", "q");
        let query = self.text("q").ok_or_else(missing)?;
        check_length(query, limits)?;
        Ok(query)
    }

    /// A page length.
    ///
    /// # Errors
    /// If it is no number from 1 to the largest page.
    pub(crate) fn limit(&self, default: usize, limits: &LimitSettings) -> Result<usize, ApiError> {
        let max = limits.page_max.clamp(1, SearchRequest::MAX_LIMIT);
        let Some(text) = self.non_empty("limit") else { return Ok(default.min(max)) };
        let number = text.parse().ok().filter(|number| (1..=max).contains(number));
        let error =
            ApiError::new(&texts::BAD_NUMBER).with("parameter", "limit").with("min", 1).with("max", max);
        number.ok_or_else(|| error.with("value", text))
    }

    /// A switch.
    ///
    /// # Errors
    /// If it is neither true nor false.
    pub(crate) fn switch(&self, name: &'static str, default: bool) -> Result<bool, ApiError> {
        match self.text(name) {
            None | Some("") => Ok(default),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(value) => {
                Err(ApiError::new(&texts::BAD_SWITCH).with("parameter", name).with("value", value))
            }
        }
    }

    /// What narrows and shapes a search, put into a request that holds the defaults.
    ///
    /// # Errors
    /// If a parameter is malformed.
    pub(crate) fn shape(
        &self,
        defaults: SearchRequest,
        limits: &LimitSettings,
    ) -> Result<SearchRequest, ApiError> {
        let statuses = self.list("status", limits)?;
        Ok(SearchRequest {
            limit: self.limit(defaults.limit, limits)?,
            cursor: self.non_empty("cursor"),
            within: self.non_empty("within"),
            near: self.non_empty("near"),
            kinds: self.list("kind", limits)?.into_iter().map(OrgKind::parse).collect(),
            systems: self.list("system", limits)?.into_iter().map(HomeSystem::parse).collect(),
            regions: self.list("region", limits)?.into_iter().map(str::to_owned).collect(),
            statuses: match statuses.is_empty() {
                true => defaults.statuses,
                false => statuses.into_iter().map(OrgStatus::parse).collect(),
            },
            highlight: self.switch("highlight", defaults.highlight)?,
            explain: self.switch("explain", defaults.explain)?,
            ..defaults
        })
    }

    /// Refuses filters by a kind, system or status that is neither one of the known ones nor borne by any organization:
    /// a slip would find nothing, and nobody would know why. Regions are names, of which a tree holds a part only.
    ///
    /// # Errors
    /// The first such value.
    pub(crate) fn check_values(request: &SearchRequest, engine: &Engine) -> Result<(), ApiError> {
        let kinds = request.kinds.iter().map(|kind| (kind.code(), kind.is_known()));
        check_borne("kind", kinds, OrgKind::KNOWN, || engine.values(ValueField::Kind))?;
        let systems = request.systems.iter().map(|system| (system.code(), system.is_known()));
        check_borne("system", systems, HomeSystem::KNOWN, || engine.values(ValueField::System))?;
        let statuses = request.statuses.iter().map(|status| (status.code(), status.is_known()));
        check_borne("status", statuses, OrgStatus::KNOWN, || engine.values(ValueField::Status))
    }

    /// The facets to count, each once.
    ///
    /// # Errors
    /// If a name is unknown.
    pub(crate) fn facets(&self, limits: &LimitSettings) -> Result<Vec<FacetField>, ApiError> {
        let mut facets = Vec::new();
        for name in self.list("facets", limits)? {
            let facet = FacetField::parse(name).ok_or_else(|| unknown_facet(name))?;
            if !facets.contains(&facet) {
                facets.push(facet);
            }
        }
        Ok(facets)
    }

    /// The values of a filter: separated by commas, repeated, or both.
    fn list(&self, name: &'static str, limits: &LimitSettings) -> Result<Vec<&str>, ApiError> {
        let values = self.all(name).flat_map(|value| value.split(',')).map(str::trim);
        let values: Vec<_> = values.filter(|value| !value.is_empty()).collect();
        if values.len() > limits.filter_values {
            let error = ApiError::new(&texts::TOO_MANY_VALUES);
            return Err(error.with("parameter", name).with("max", limits.filter_values));
        }
        Ok(values)
    }
}

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Parameters::parse(parts.uri.query().unwrap_or_default()))
    }
}

/// Refuses a query of too many characters.
pub(crate) fn check_length(query: &str, limits: &LimitSettings) -> Result<(), ApiError> {
    let length = query.chars().count();
    if length > limits.query_chars {
        let error = ApiError::new(&texts::QUERY_TOO_LONG);
        return Err(error.with("length", length).with("max", limits.query_chars));
    }
    Ok(())
}

/// Refuses the first value that is neither known nor among those that organizations have.
fn check_borne<'a, T: Display>(
    parameter: &'static str,
    mut values: impl Iterator<Item = (&'a str, bool)>,
    known: &[T],
    borne: impl Fn() -> Vec<String>,
) -> Result<(), ApiError> {
    let unknown = values.find(|(value, is_known)| !is_known && !borne().iter().any(|borne| borne == value));
    let Some((value, _)) = unknown else { return Ok(()) };
    let choices: Vec<String> = known.iter().map(T::to_string).collect();
    let error = ApiError::new(&texts::UNKNOWN_VALUE).with("parameter", parameter);
    Err(error.with("choices", choices.join(", ")).with("value", value))
}

fn unknown_facet(name: &str) -> ApiError {
    let choices = FacetField::ALL.map(FacetField::name).join(", ");
    ApiError::new(&texts::BAD_CHOICE).with("parameter", "facets").with("choices", choices).with("value", name)
}
