//! Receives the body of a request that is no upload: small, and within a time.

use crate::error::{ApiError, texts};
use crate::state::AppState;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use tokio::time::timeout;

/// A body that came as a whole, within the limits of bytes and time.
#[derive(Debug)]
pub(crate) struct WholeBody(pub(crate) Bytes);

impl FromRequest<AppState> for WholeBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let limits = &state.settings.limits;
        let too_slow = |_| ApiError::new(&texts::BODY_TIMEOUT).with("ms", limits.body_timeout.as_millis());
        let received = timeout(limits.body_timeout, Bytes::from_request(request, state)).await;
        let body =
            received.map_err(too_slow)?.map_err(|rejection| match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => {
                    ApiError::new(&texts::BODY_TOO_LARGE).with("max", limits.body_bytes)
                }
                status => ApiError::new(&texts::BAD_BODY).with("cause", status),
            })?;
        Ok(WholeBody(body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{LimitSettings, ServeSettings};
    use crate::language::Language;
    use axum::body::Body;
    use futures_util::stream;
    use index_data::model::OrgTree;
    use search_core::Engine;
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::{Instant, sleep};

    #[tokio::test(start_paused = true)]
    async fn a_body_has_to_be_whole_in_time() {
        const PAUSE: Duration = Duration::from_millis(100);
        let limits = LimitSettings { body_timeout: 3 * PAUSE / 2, ..LimitSettings::default() };
        let engine = Engine::in_memory(OrgTree::default()).unwrap();
        let state = AppState::new(ServeSettings { limits, ..ServeSettings::default() }, Arc::new(engine));
        for (pieces, is_in_time) in [(0, true), (1, true), (2, false), (usize::MAX, false)] {
            let trickle = stream::unfold(pieces, |left| async move {
                let left = left.checked_sub(1)?;
                sleep(PAUSE).await;
                Some((Ok::<_, Infallible>("{"), left))
            });
            let began = Instant::now();
            let request = Request::new(Body::from_stream(trickle));
            match WholeBody::from_request(request, &state).await {
                Ok(WholeBody(body)) => assert!(is_in_time && body.len() == pieces, "{pieces} pieces"),
                Err(error) => {
                    assert!(!is_in_time, "{pieces} pieces");
                    assert_eq!((error.code(), error.status().as_u16()), ("body_timeout", 408));
                    assert!(error.detail(Language::English).contains("150 ms"));
                    assert!(began.elapsed() < 2 * PAUSE);
                }
            }
        }
    }
}
