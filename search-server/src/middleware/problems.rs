//! Writes every error as an RFC 9457 problem document, in the caller's language.

use super::request_id::RequestId;
use crate::error::{ApiError, texts};
use crate::json::problem::ProblemJson;
use crate::language::Language;
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, VARY};
use axum::middleware::Next;
use axum::response::Response;

/// What a log line tells about a problem; left in the extensions of the answer.
#[derive(Debug, Clone)]
pub(crate) struct ProblemTrace {
    pub(crate) code: &'static str,
    pub(crate) cause: Option<String>,
}

impl ProblemTrace {
    pub(crate) fn of(error: &ApiError) -> Self {
        ProblemTrace { code: error.code(), cause: error.cause().map(str::to_owned) }
    }
}

/// The layer. Handlers answer with an [`ApiError`] in the extensions.
pub(crate) async fn problems(request: Request, next: Next) -> Response {
    let language = Language::of(request.uri(), request.headers());
    let path = request.uri().path().to_owned();
    let request_id = request.extensions().get::<RequestId>().cloned();
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    let request_id = request_id.as_ref().map_or("none", RequestId::as_str);
    write_problem(&mut response, &error, language, &path, request_id);
    response
}

fn write_problem(
    response: &mut Response,
    error: &ApiError,
    language: Language,
    path: &str,
    request_id: &str,
) {
    let problem = ProblemJson {
        r#type: format!("urn:orgsearch:problem:{}", error.code()),
        title: error.title(language),
        status: error.status().as_u16(),
        detail: error.detail(language),
        code: error.code(),
        parameter: error.parameter(),
        instance: path,
        request_id,
        member: error
            .extra_member()
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    *response.status_mut() = error.status();
    *response.body_mut() = Body::from(body);
    let headers = response.headers_mut();
    headers.extend(error.headers().iter().cloned());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(VARY, HeaderValue::from_static("accept-language"));
    response.extensions_mut().insert(ProblemTrace::of(error));
}

/// The handler of unknown routes.
pub(crate) async fn not_found(request: Request) -> ApiError {
    ApiError::new(&texts::NOT_FOUND).with("path", request.uri().path())
}

/// The handler of known routes with another method.
pub(crate) async fn method_not_allowed(request: Request) -> ApiError {
    ApiError::new(&texts::METHOD_NOT_ALLOWED)
        .with("path", request.uri().path())
        .with("method", request.method())
}
