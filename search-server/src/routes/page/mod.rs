//! `GET /`: a transfer form that works without scripts. `?q=` lists results; `?org=` shows one organization and, with
//! `?from=`, how to get there from that home system. Scripts put the form field with suggestions in place of the plain
//! one.

mod chosen;
pub(crate) mod html;
mod render;
mod texts;

use super::parameters::Parameters;
use super::queries::{Narrowing, check_length};
use super::search::{Found, find};
use crate::error::ApiError;
use crate::language::Language;
use crate::middleware::problems::ProblemTrace;
use crate::middleware::security_headers::PAGE_POLICY;
use crate::state::AppState;
use axum::Extension;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, VARY,
};
use axum::response::{IntoResponse, Response};
use index_data::model::HomeSystem;
use index_data::transfer::SYSTEMS;
use render::render;
use search_core::{CurrentOrg, Hits, OrgRecord, SearchRequest};

/// Hits on a page.
const PAGE_LEN: usize = 20;

/// The handler. Errors are told on the page, under their own status.
pub(crate) async fn page(
    State(state): State<AppState>,
    language: Language,
    parameters: Parameters,
) -> Response {
    let query = PageQuery::read(&parameters, language);
    let outcome =
        if query.asks_nothing() { Ok(None) } else { look_up(&state, &query, &parameters).await.map(Some) };
    let body = render(&query, outcome.as_ref().map(Option::as_ref), state.settings.limits.query_chars);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_LANGUAGE, HeaderValue::from_static(language.tag())),
        (CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (VARY, HeaderValue::from_static("accept-language")),
    ];
    let mut response = (headers, body).into_response();
    match outcome {
        Ok(None) => response,
        Ok(Some(Results::Found { found, .. })) => (Extension(found.trace), response).into_response(),
        Ok(Some(Results::Chosen(_))) => response,
        Err(error) => {
            *response.status_mut() = error.status();
            response.headers_mut().extend(error.headers().iter().cloned());
            (Extension(ProblemTrace::of(&error)), response).into_response()
        }
    }
}

/// What the address of the page says.
#[derive(Debug, Clone)]
struct PageQuery {
    text: String,
    within: Option<String>,
    cursor: Option<String>,
    /// The organization chosen.
    org: Option<String>,
    /// The home system the member is in.
    from: Option<HomeSystem>,
    language: Language,
    /// Whether the address names the language; links then do so too.
    names_language: bool,
}

impl PageQuery {
    fn read(parameters: &Parameters, language: Language) -> Self {
        PageQuery {
            text: parameters.text("q").unwrap_or_default().to_owned(),
            within: parameters.non_empty("within"),
            cursor: parameters.non_empty("cursor"),
            org: parameters.non_empty("org"),
            from: parameters
                .non_empty("from")
                .map(|from| HomeSystem::parse(&from))
                .filter(|from| SYSTEMS.contains(from)),
            language,
            names_language: parameters.non_empty("lang").is_some(),
        }
    }

    fn asks_nothing(&self) -> bool {
        self.text.trim().is_empty() && self.within.is_none() && self.org.is_none()
    }

    /// The address of a page like this one.
    fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.text.is_empty() {
            query.append_pair("q", &self.text);
        }
        let from = self.from.as_ref().map(|from| from.code().to_owned());
        let named = [("from", &from), ("org", &self.org), ("within", &self.within), ("cursor", &self.cursor)];
        for (name, value) in named {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        if self.names_language {
            query.append_pair("lang", self.language.tag());
        }
        let query = query.finish();
        if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
    }

    fn with_within(&self, within: Option<&str>) -> PageQuery {
        PageQuery { within: within.map(str::to_owned), cursor: None, org: None, ..self.clone() }
    }

    fn with_org(&self, org: &str) -> PageQuery {
        PageQuery { org: Some(org.to_owned()), cursor: None, ..self.clone() }
    }

    fn with_cursor(&self, cursor: Option<&str>) -> PageQuery {
        PageQuery { cursor: cursor.map(str::to_owned), ..self.clone() }
    }

    fn in_language(&self, language: Language) -> PageQuery {
        PageQuery { language, names_language: true, ..self.clone() }
    }
}

/// What there is to show.
enum Results {
    /// What was found, and the organization it was looked for in.
    Found { found: Box<Found<Hits>>, within: Option<Box<OrgRecord>> },
    /// The organization chosen, or its successor.
    Chosen(Box<CurrentOrg>),
}

async fn look_up(state: &AppState, query: &PageQuery, parameters: &Parameters) -> Result<Results, ApiError> {
    if let Some(id) = query.org.clone() {
        let chosen = state.run(move |engine, _| engine.current_org(&id)).await??;
        return Ok(Results::Chosen(Box::new(chosen)));
    }
    let limits = &state.settings.limits;
    check_length(&query.text, limits)?;
    let defaults = SearchRequest::new(&query.text).limit(PAGE_LEN);
    let request = Narrowing::read(parameters, limits)?.shape(defaults, limits);
    let within = match query.within.clone() {
        Some(id) => Some(Box::new(state.run(move |engine, _| engine.org(&id)).await??)),
        None => None,
    };
    Ok(Results::Found { found: Box::new(find(state, request, |hits, _| hits).await?), within })
}
