//! Lets pages of allowed origins read answers (<https://fetch.spec.whatwg.org/#http-cors-protocol>).

use crate::config::{AllowedOrigin, WebSettings};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, Method};
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may keep the answer to a preflight.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// The layer; without allowed origins it adds nothing that a page could use.
pub(crate) fn cors(settings: &WebSettings) -> CorsLayer {
    let origins = &settings.allow_origins;
    let allowed = match origins.contains(&AllowedOrigin::Any) {
        true => AllowOrigin::any(),
        false => AllowOrigin::list(origins.iter().filter_map(|origin| match origin {
            AllowedOrigin::One(origin) => Some(origin.clone()),
            AllowedOrigin::Any => None,
        })),
    };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers([ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderName::from_static("x-request-id")])
        .expose_headers([RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(MAX_AGE)
}
