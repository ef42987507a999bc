//! Gives every request an id, or takes over the caller's, and returns it.

use crate::random_id::random_id;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// The header, in both directions.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, in its extensions.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// The layer.
pub(crate) async fn request_id(mut request: Request, next: Next) -> Response {
    let id = request.headers().get(X_REQUEST_ID).filter(|id| is_sane(id)).cloned();
    let id = id.or_else(|| HeaderValue::try_from(random_id()).ok());
    let id = RequestId(id.unwrap_or(HeaderValue::from_static("none")));
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    response.headers_mut().insert(X_REQUEST_ID, id.0);
    response
}

/// Whether an id from outside may stand in logs and headers.
fn is_sane(id: &HeaderValue) -> bool {
    const MAX_BYTES: usize = 64;
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    let bytes = id.as_bytes();
    (1..=MAX_BYTES).contains(&bytes.len()) && bytes.iter().all(is_plain)
}
