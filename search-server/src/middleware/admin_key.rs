//! Lets only holders of the admin key pass.

use super::rate_limit::{client, rate_limited};
use crate::clients::rates::network;
use crate::error::{ApiError, texts};
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;

/// The layer. Without a configured key the routes behind it seem not to exist; whoever guesses keys has to wait.
pub(crate) async fn admin_key(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let Some(key) = &state.settings.admin.key else {
        return Err(ApiError::new(&texts::NOT_FOUND).with("path", request.uri().path()));
    };
    let client = client(&request, state.settings.limits.client_ip_header.as_ref()).map(network);
    if let Some(wait) = client.and_then(|client| state.key_guesses.wait(client)) {
        return Err(rate_limited(&texts::TOO_MANY_GUESSES, wait));
    }
    match presented_key(&request) {
        Some(presented) if key.opens_for(presented) => Ok(next.run(request).await),
        presented => {
            if let (Some(_), Some(client)) = (presented, client) {
                state.key_guesses.was_wrong(client);
            }
            Err(ApiError::new(&texts::UNAUTHORIZED))
        }
    }
}

fn presented_key(request: &Request) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}
