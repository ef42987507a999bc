//! Errors on their way out: each becomes a status, a stable code and calm words, once.
//!
//! Handlers return [`ApiError`]; `middleware/problems.rs` renders it as an RFC 9457 document in the caller's
//! language, or the page does as HTML.

pub mod texts;

use crate::language::Language;
use axum::extract::rejection::PathRejection;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use search_core::{EngineError, SearchError};
use serde_json::Value;
use texts::Problem;

/// Why a request is not answered as it wished.
#[derive(Debug, Clone)]
pub struct ApiError {
    // Boxed: errors are rare, and results should stay small.
    parts: Box<Parts>,
}

#[derive(Debug, Clone)]
struct Parts {
    problem: &'static Problem,
    arguments: Vec<(&'static str, String)>,
    headers: Vec<(HeaderName, HeaderValue)>,
    member: Option<(&'static str, Value)>,
    cause: Option<String>,
}

impl ApiError {
    /// An error of one kind, without arguments.
    pub fn new(problem: &'static Problem) -> Self {
        let parts = Parts { problem, arguments: Vec::new(), headers: Vec::new(), member: None, cause: None };
        let error = ApiError { parts: Box::new(parts) };
        match problem.status {
            503 => error.header(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S)),
            401 => {
                error.header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"orgsearch admin\""))
            }
            _ => error,
        }
    }

    /// Fills in a word of the detail. Values from outside are shortened.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "numbers, texts and errors alike: callers need not borrow"
    )]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.parts.arguments.push((name, shortened(&value.to_string())));
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.parts.headers.retain(|(known, _)| *known != name);
        self.parts.headers.push((name, value));
        self
    }

    /// Adds a member to the problem document.
    #[must_use]
    pub fn member(mut self, name: &'static str, value: Value) -> Self {
        self.parts.member = Some((name, value));
        self
    }

    /// Our own fault; the cause is logged and not told.
    pub fn internal(cause: impl ToString) -> Self {
        ApiError::new(&texts::INTERNAL).because(cause)
    }

    /// The upload cannot be kept; the cause is logged and not told.
    pub(crate) fn storage(cause: impl ToString) -> Self {
        ApiError::new(&texts::STORAGE).because(cause)
    }

    #[expect(clippy::needless_pass_by_value, reason = "so that its callers can be named in `map_err`")]
    fn because(mut self, cause: impl ToString) -> Self {
        self.parts.cause = Some(cause.to_string());
        self
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.parts.problem.code
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.parts.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The name of the problem.
    pub fn title(&self, language: Language) -> &'static str {
        self.parts.problem.title.in_language(language)
    }

    /// What is wrong with this request.
    pub fn detail(&self, language: Language) -> String {
        fill(self.parts.problem.detail.in_language(language), &self.parts.arguments)
    }

    /// The parameter that is wrong, if one is.
    pub(crate) fn parameter(&self) -> Option<&str> {
        self.parts.arguments.iter().find(|(name, _)| *name == "parameter").map(|(_, value)| value.as_str())
    }

    /// Headers of the answer.
    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.parts.headers
    }

    /// A further member of the problem document.
    pub(crate) fn extra_member(&self) -> Option<&(&'static str, Value)> {
        self.parts.member.as_ref()
    }

    /// What is logged beside the code.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.parts.cause.as_deref()
    }
}

/// After how many seconds to try again. Load passes quickly; a restart takes a moment longer.
const RETRY_AFTER_S: &str = "1";

/// An error leaves a handler as a bare status; the layer that knows language and request id writes the body.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<SearchError> for ApiError {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::UnknownOrg { id } => ApiError::new(&texts::UNKNOWN_ORG).with("id", id),
            SearchError::StaleCursor => ApiError::new(&texts::STALE_CURSOR),
            SearchError::InvalidCursor => ApiError::new(&texts::INVALID_CURSOR),
            other => ApiError::internal(other),
        }
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::UnknownGeneration { wanted: Some(wanted), present } => {
                ApiError::new(&texts::UNKNOWN_GENERATION).with("wanted", wanted).with("present", present)
            }
            EngineError::UnknownGeneration { wanted: None, present } => {
                ApiError::new(&texts::NO_FORMER_GENERATION).with("present", present)
            }
            EngineError::NoGeneration { .. } | EngineError::NotServing => {
                ApiError::new(&texts::NO_GENERATION)
            }
            EngineError::Busy { .. } => ApiError::new(&texts::INDEX_BUSY),
            EngineError::NotDurable { generation, source } => {
                ApiError::new(&texts::NOT_DURABLE).with("generation", generation).because(source)
            }
            EngineError::NoSpace { free, needed, .. } => {
                ApiError::new(&texts::NO_SPACE).with("free", free).with("needed", needed)
            }
            EngineError::InMemory => ApiError::new(&texts::NO_HISTORY),
            other => ApiError::internal(other),
        }
    }
}

impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        ApiError::new(&texts::BAD_PATH)
    }
}

fn fill(template: &str, arguments: &[(&'static str, String)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(arguments.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = tail;
    }
    filled + rest
}

fn shortened(value: &str) -> String {
    const SHOWN_CHARS: usize = 200;
    match value.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_filled_in_and_never_read_as_templates() {
        let error =
            ApiError::new(&texts::BAD_SWITCH).with("parameter", "explain").with("value", "{parameter}{");
        let detail = error.detail(Language::English);
        assert_eq!(detail, "The parameter explain must be true or false, not \"{parameter}{\".");
    }

    #[test]
    fn a_generation_that_the_disk_did_not_confirm_is_said_to_be_live() {
        let source = std::io::Error::from_raw_os_error(5);
        let error = ApiError::from(EngineError::NotDurable { generation: "g000002".to_owned(), source });
        assert_eq!((error.code(), error.status().as_u16()), ("not_durable", 500));
        assert!(error.detail(Language::English).starts_with("Generation g000002 is live"));
        assert!(error.detail(Language::Chinese).contains("g000002"));
        assert!(error.cause().is_some(), "the log says why");
    }

    #[test]
    fn long_values_are_shortened() {
        let error = ApiError::new(&texts::UNKNOWN_ORG).with("id", "团".repeat(5_000));
        assert!(error.detail(Language::Chinese).chars().count() < 300);
    }
}
