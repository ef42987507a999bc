//! A replica serves what its store holds: whoever wants to change that has to go to the writer.

use crate::error::{ApiError, texts};
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

/// Refuses a request that would change generations.
pub(crate) async fn refuse_on_replica(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    match &state.follow {
        Some(follow) => Err(ApiError::new(&texts::FOLLOWING).with("store", &follow.address)),
        None => Ok(next.run(request).await),
    }
}
