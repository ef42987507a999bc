//! The last barrier: a handler that panics costs its own request and nothing else.

use crate::error::ApiError;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use tower_http::catch_panic::{CatchPanicLayer, ResponseForPanic};

/// The layer.
pub(crate) fn catch_panic() -> CatchPanicLayer<AnswerInternal> {
    CatchPanicLayer::custom(AnswerInternal)
}

/// Turns a panic into `internal`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerInternal;

impl ResponseForPanic for AnswerInternal {
    type ResponseBody = axum::body::Body;

    fn response_for_panic(&mut self, panic: Box<dyn Any + Send>) -> Response {
        let message = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message = message.or_else(|| panic.downcast_ref::<String>().cloned());
        let message = message.unwrap_or_else(|| "of unknown cause".to_owned());
        ApiError::internal(format!("a handler panicked: {message}")).into_response()
    }
}
