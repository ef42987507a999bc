//! `POST /v1/resolve`: rows of somebody's table, to the organizations that they name.

mod batch;
mod decide;

use self::batch::{Batch, ResolveBody};
use self::decide::{Decided, decide};
use super::body::WholeBody;
use super::parameters::Parameters;
use crate::error::ApiError;
use crate::json::problem::{PROBLEM, ProblemJson};
use crate::json::resolution::ResolveAnswer;
use crate::language::Language;
use crate::middleware::rate_limit::{Client, limit_batch};
use crate::state::AppState;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, VARY};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use search_core::ResolveOptions;

/// How to decide.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Deciding {
    /// The share of right ones wanted among the matches. The higher it is, the more records are left ambiguous.
    #[param(value_type = Option<f32>, minimum = 0.5, maximum = 0.9999, example = 0.99)]
    precision: f32,
    /// The share of records that are expected to name no organization of this tree.
    #[param(value_type = Option<f32>, minimum = 0, maximum = 1, example = 0.2)]
    expected_none: f32,
}

impl Deciding {
    /// # Errors
    /// The first parameter that is no number of its range.
    fn read(parameters: &Parameters) -> Result<Self, ApiError> {
        let defaults = ResolveOptions::default();
        Ok(Deciding {
            precision: parameters.fraction("precision", 0.5, 0.9999)?.unwrap_or(defaults.precision),
            expected_none: parameters.fraction("expected_none", 0.0, 1.0)?.unwrap_or(defaults.expected_none),
        })
    }
}

/// Decides which organizations records name.
///
/// Takes a batch of rows of somebody's table and says of each, in their order, which organization it names, if any; all
/// of them on one generation. A query that cannot be read has an `error` in its place, and does not harm the others.
/// Past the deadline of batches the rest has `timeout` in its place: send those again. Where the server limits the rate
/// of clients, each query counts as one request.
#[utoipa::path(
    post,
    path = "/v1/resolve",
    tag = "search",
    params(Deciding),
    request_body(content = ResolveBody<'_>, description = "The batch"),
    responses((status = 200, body = ResolveAnswer, description = "A result for each query, in their order"), (status = "default", body = ProblemJson<'_>, content_type = "application/problem+json", description = PROBLEM))
)]
pub(crate) async fn resolve(
    State(state): State<AppState>,
    Client(client): Client,
    language: Language,
    parameters: Parameters,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let Deciding { precision, expected_none } = Deciding::read(&parameters)?;
    let body = ResolveBody::parse(&body, &state.settings.limits)?;
    limit_batch(&state, client, body.queries())?;
    let Batch { queries, limit } = body.read(&state.settings.limits)?;
    let options = ResolveOptions { precision, expected_none, limit, ..ResolveOptions::default() };
    let Decided { results, generation, trace } = decide(&state, queries, options, language).await?;
    let headers =
        [(CACHE_CONTROL, "no-store"), (CONTENT_LANGUAGE, language.tag()), (VARY, "accept-language")];
    Ok((headers, Extension(trace), Json(ResolveAnswer { results, generation })).into_response())
}
