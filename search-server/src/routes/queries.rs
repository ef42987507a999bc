//! What the reading routes take from the query of an address. The API document describes these very types.

use super::parameters::Parameters;
use crate::config::LimitSettings;
use crate::error::{ApiError, texts};
use index_data::model::{HomeSystem, OrgKind, OrgStatus};
use search_core::{ChildrenRequest, Engine, FacetField, SearchRequest, ValueField};
use std::fmt::Display;
use utoipa::IntoParams;

/// What was typed.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TypedQuery {
    /// What was typed: a name, parts of it, pinyin, an alias or an id.
    #[param(example = "北大软微24级软工1班")]
    pub(crate) q: String,
}

impl TypedQuery {
    /// Reads the query text.
    ///
    /// # Errors
    /// If it is missing or too long.
    pub(crate) fn read(parameters: &Parameters, limits: &LimitSettings) -> Result<Self, ApiError> {
        let missing = || ApiError::new(&texts::MISSING_PARAMETER).with("parameter", "q");
        let q = parameters.text("q").ok_or_else(missing)?;
        check_length(q, limits)?;
        Ok(TypedQuery { q: q.to_owned() })
    }
}

/// What narrows and shapes the hits.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Narrowing {
    /// Hits on one page.
    #[param(value_type = Option<u32>, minimum = 1, example = 10)]
    limit: Option<usize>,
    /// Continues after an earlier answer's `next_cursor`.
    #[param(example = "1.g000001.4e716fc66bf3d6a1.h2")]
    cursor: Option<String>,
    /// Only this organization and those below it.
    #[param(example = "10001154")]
    within: Option<String>,
    /// Raises organizations close to this one; hides none.
    #[param(example = "10001154")]
    near: Option<String>,
    /// The home system that the member is in; raises organizations of the same one: zhtj, beijing, guangdong, fujian.
    #[param(value_type = Option<String>, example = "beijing")]
    from: Option<HomeSystem>,
    /// The region that the member is in; raises organizations of the same one.
    #[param(example = "北京市")]
    from_region: Option<String>,
    /// Only these kinds, separated by commas: leading_body, committee, work_committee, general_branch, branch.
    #[param(value_type = Option<String>, example = "committee,branch")]
    kind: Vec<OrgKind>,
    /// Only these home systems: zhtj, beijing, guangdong, fujian.
    #[param(value_type = Option<String>, example = "beijing")]
    system: Vec<HomeSystem>,
    /// Only these statuses: active, graduated, closed, merged.
    #[param(value_type = Option<String>, example = "active")]
    status: Vec<OrgStatus>,
    /// Only these regions.
    #[param(value_type = Option<String>, example = "北京市")]
    region: Vec<String>,
    /// Whether hits say where they match.
    #[param(example = true)]
    highlight: Option<bool>,
    /// Whether hits say why they stand where they stand.
    #[param(example = false)]
    explain: Option<bool>,
}

impl Narrowing {
    /// Reads what a search may be narrowed by.
    ///
    /// # Errors
    /// The first parameter that is malformed.
    pub(crate) fn read(parameters: &Parameters, limits: &LimitSettings) -> Result<Self, ApiError> {
        let list = |name| parameters.list(name, limits);
        Ok(Narrowing {
            status: list("status")?.into_iter().map(OrgStatus::parse).collect(),
            limit: parameters.limit(limits)?,
            cursor: parameters.non_empty("cursor"),
            within: parameters.non_empty("within"),
            near: parameters.non_empty("near"),
            from: parameters.non_empty("from").map(|system| HomeSystem::parse(&system)),
            from_region: parameters.non_empty("from_region"),
            kind: list("kind")?.into_iter().map(OrgKind::parse).collect(),
            system: list("system")?.into_iter().map(HomeSystem::parse).collect(),
            region: list("region")?.into_iter().map(str::to_owned).collect(),
            highlight: parameters.switch("highlight")?,
            explain: parameters.switch("explain")?,
        })
    }

    /// Puts what was asked for in place of the defaults.
    pub(crate) fn shape(self, defaults: SearchRequest, limits: &LimitSettings) -> SearchRequest {
        SearchRequest {
            limit: self.limit.unwrap_or_else(|| defaults.limit.min(limits.largest_page())),
            cursor: self.cursor,
            within: self.within,
            near: self.near,
            from: self.from,
            from_region: self.from_region,
            kinds: self.kind,
            systems: self.system,
            regions: self.region,
            exact_of_any_status: defaults.exact_of_any_status && self.status.is_empty(),
            statuses: if self.status.is_empty() { defaults.statuses } else { self.status },
            highlight: self.highlight.unwrap_or(defaults.highlight),
            explain: self.explain.unwrap_or(defaults.explain),
            ..defaults
        }
    }
}

/// What a results page asks besides.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// What to count over all matches, separated by commas: kind, system, region.
    #[param(value_type = Option<String>, example = "kind,system,region")]
    pub(crate) facets: Vec<FacetField>,
}

impl Paging {
    /// Takes each facet once.
    ///
    /// # Errors
    /// If a name is unknown.
    pub(crate) fn read(parameters: &Parameters, limits: &LimitSettings) -> Result<Self, ApiError> {
        let mut facets = Vec::new();
        for name in parameters.list("facets", limits)? {
            let facet = FacetField::parse(name).ok_or_else(|| unknown_facet(name))?;
            if !facets.contains(&facet) {
                facets.push(facet);
            }
        }
        Ok(Paging { facets })
    }
}

/// A page of children.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChildrenPage {
    /// Children on one page.
    #[param(value_type = Option<u32>, minimum = 1, example = 10)]
    pub(crate) limit: usize,
    /// Continues after an earlier answer's `next_cursor`.
    #[param(example = "g000001.174.2")]
    pub(crate) cursor: Option<String>,
    /// Only these statuses, separated by commas: active, graduated, closed, merged.
    #[param(value_type = Option<String>, example = "active")]
    pub(crate) status: Vec<OrgStatus>,
}

impl ChildrenPage {
    /// Children on a page unless asked otherwise.
    const DEFAULT_LIMIT: usize = 50;

    /// Reads which page to show.
    ///
    /// # Errors
    /// If the limit is no number from 1 to the largest page, or there are too many statuses.
    pub(crate) fn read(parameters: &Parameters, limits: &LimitSettings) -> Result<Self, ApiError> {
        let default = || Self::DEFAULT_LIMIT.min(limits.largest_page());
        let limit = parameters.limit(limits)?.unwrap_or_else(default);
        let status = parameters.list("status", limits)?.into_iter().map(OrgStatus::parse).collect();
        Ok(ChildrenPage { limit, cursor: parameters.non_empty("cursor"), status })
    }

    /// What the engine is asked.
    ///
    /// # Errors
    /// The first status that is neither known nor borne by any organization.
    pub(crate) fn request(self, engine: &Engine) -> Result<ChildrenRequest, ApiError> {
        check_statuses(&self.status, engine)?;
        Ok(ChildrenRequest { limit: self.limit, cursor: self.cursor, statuses: self.status })
    }
}

/// Refuses filters by a kind, system or status that is neither one of the known ones nor borne by any organization:
/// a typing error would find nothing, and nobody would know why. Regions are names, of which a tree holds a part only.
///
/// # Errors
/// The first such value.
pub(crate) fn check_values(request: &SearchRequest, engine: &Engine) -> Result<(), ApiError> {
    let kinds = request.kinds.iter().map(|kind| (kind.code(), kind.is_known()));
    check_borne("kind", kinds, OrgKind::KNOWN, || engine.values(ValueField::Kind))?;
    let systems = request.systems.iter().map(|system| (system.code(), system.is_known()));
    check_borne("system", systems, HomeSystem::KNOWN, || engine.values(ValueField::System))?;
    let from = request.from.iter().map(|system| (system.code(), system.is_known()));
    check_borne("from", from, HomeSystem::KNOWN, || engine.values(ValueField::System))?;
    check_statuses(&request.statuses, engine)
}

fn check_statuses(statuses: &[OrgStatus], engine: &Engine) -> Result<(), ApiError> {
    let statuses = statuses.iter().map(|status| (status.code(), status.is_known()));
    check_borne("status", statuses, OrgStatus::KNOWN, || engine.values(ValueField::Status))
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
