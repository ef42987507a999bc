//! Keeps one client from taking what all need: so many requests in a second, a burst after a pause.

use crate::error::ApiError;
use crate::error::texts::{self, Problem};
use crate::state::AppState;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// The layer.
pub(crate) async fn rate_limit(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let header = state.settings.limits.client_ip_header.as_ref();
    let wait = state.client_rates.as_ref().and_then(|rates| rates.wait(client(&request, header)?));
    match wait {
        None => Ok(next.run(request).await),
        Some(wait) => Err(rate_limited(&texts::RATE_LIMITED, wait)),
    }
}

/// For a handler: each record of a batch counts as a request. The layer has counted the first.
///
/// # Errors
/// `rate_limited` if they are too many.
pub(crate) fn limit_batch(state: &AppState, client: Option<IpAddr>, records: usize) -> Result<(), ApiError> {
    let rates = state.client_rates.as_ref();
    match rates.and_then(|rates| rates.wait_for_batch(client?, records)) {
        None => Ok(()),
        Some(wait) => Err(rate_limited(&texts::RATE_LIMITED, wait)),
    }
}

/// The answer to a client that has to wait.
pub(super) fn rate_limited(problem: &'static Problem, wait: Duration) -> ApiError {
    let seconds = wait.as_secs_f64().ceil().max(1.0) as u32;
    let error = ApiError::new(problem).with("seconds", seconds);
    error.header(RETRY_AFTER, HeaderValue::from(seconds))
}

/// Whose request it is; `None` where nobody can say, as in a call without a socket.
pub(super) fn client(request: &Request, header: Option<&HeaderName>) -> Option<IpAddr> {
    client_of(request.headers(), request.extensions(), header)
}

/// Whose request it is, for a handler.
pub(crate) struct Client(pub(crate) Option<IpAddr>);

impl FromRequestParts<AppState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let header = state.settings.limits.client_ip_header.as_ref();
        Ok(Client(client_of(&parts.headers, &parts.extensions, header)))
    }
}

fn client_of(headers: &HeaderMap, extensions: &Extensions, header: Option<&HeaderName>) -> Option<IpAddr> {
    let told = header.and_then(|name| headers.get_all(name).iter().next_back()?.to_str().ok());
    let told = told.and_then(|values| values.rsplit(',').next()?.trim().parse().ok());
    told.or_else(|| extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn the_last_address_of_the_trusted_header_counts() {
        let header = HeaderName::from_static("x-forwarded-for");
        let from = |value: &str, header: Option<&HeaderName>| {
            let mut request = Request::get("/").header("x-forwarded-for", value).body(Body::empty()).unwrap();
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9))));
            client(&request, header).unwrap().to_string()
        };
        assert_eq!(from("6.6.6.6, 10.0.0.7", Some(&header)), "10.0.0.7");
        assert_eq!(from("6.6.6.6, 10.0.0.7", None), "127.0.0.1");
        assert_eq!(from("nonsense", Some(&header)), "127.0.0.1");
    }
}
