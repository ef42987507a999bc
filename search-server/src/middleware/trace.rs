//! One span, one log line and one count for each request. Query text is not among them.

use super::problems::ProblemTrace;
use super::request_id::RequestId;
use crate::resolve_trace::ResolveTrace;
use crate::search_trace::SearchTrace;
use crate::state::AppState;
use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use search_core::{Decision, SearchStep};
use std::time::{Duration, Instant};
use tracing::{Instrument, info_span};

/// The layer.
pub(crate) async fn trace(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let request_id = request.extensions().get::<RequestId>().cloned();
    let request_id = request_id.as_ref().map_or("none", RequestId::as_str);
    let trace_id = trace_id(request.headers());
    let span = info_span!("request", method = %request.method(), route, request_id, trace_id);

    let started = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let took = started.elapsed();

    state.metrics.request(&route, response.status().as_u16(), took);
    let search = response.extensions().get::<SearchTrace>();
    if let Some(search) = search {
        state.metrics.search(&route, search);
    }
    let batch = response.extensions().get::<ResolveTrace>();
    if let Some(batch) = batch {
        state.metrics.resolved(batch);
    }
    span.in_scope(|| log(&route, &response, search, batch, took));
    response
}

fn log(
    route: &str,
    response: &Response,
    search: Option<&SearchTrace>,
    batch: Option<&ResolveTrace>,
    took: Duration,
) {
    let status = response.status().as_u16();
    let took_us = micros(took);
    let problem = response.extensions().get::<ProblemTrace>();
    if let Some(problem) = problem {
        let (code, cause) = (problem.code, problem.cause.as_deref());
        match status {
            // Load and restarts pass by themselves.
            503 => {
                tracing::warn!(status, took_us, problem = code, "{route} turned away with {status} {code}");
            }
            500.. => {
                let reason = cause.unwrap_or(code);
                tracing::error!(
                    status,
                    took_us,
                    problem = code,
                    cause,
                    "{route} failed with {status}: {reason}"
                );
            }
            _ => {
                tracing::info!(status, took_us, problem = code, "{route} refused with {status} {code}");
            }
        }
    } else if let Some(search) = search {
        let (hits, query_chars) = (search.hits, search.query_chars);
        let step_us = |step| micros(search.steps.of(step));
        tracing::info!(
            status,
            took_us,
            engine_us = micros(search.steps.total()),
            interpret_us =
                step_us(SearchStep::Normalize) + step_us(SearchStep::Interpret) + step_us(SearchStep::Plan),
            retrieve_us = step_us(SearchStep::Retrieve),
            rank_us = step_us(SearchStep::Rank),
            present_us = step_us(SearchStep::Present),
            query_chars,
            query = search.query,
            name_parts = search.name_parts,
            form_parts = search.form_parts,
            boilerplate_parts = search.boilerplate_parts,
            hits,
            pass = search.pass.name(),
            truncated = search.truncated,
            "{route} found {hits} hits for {query_chars} characters in {took_us} us"
        );
    } else if let Some(batch) = batch {
        let [matched, ambiguous, none] = Decision::ALL.map(|decision| batch.of(decision));
        let (records, failed) = (batch.decided() + batch.failed, batch.failed);
        tracing::info!(
            status,
            took_us,
            records,
            matched,
            ambiguous,
            none,
            failed,
            "{route} resolved {records} records in {took_us} us: {matched} matched, {failed} failed"
        );
    } else {
        // Probes and assets come every few seconds and say nothing new.
        tracing::debug!(status, took_us, "{route} answered {status} in {took_us} us");
    }
}

/// The id of the distributed trace that the caller belongs to: the second field of W3C Trace Context's `traceparent`.
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let fields: Vec<_> = headers.get("traceparent")?.to_str().ok()?.split('-').collect();
    let [_version, id, _parent, _flags, ..] = fields[..] else { return None };
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(id)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_trace_is_joined_if_it_is_one() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", value.parse().unwrap());
            trace_id(&headers).map(str::to_owned)
        };
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").as_deref(), Some(id));
        for bad in [
            "",
            "00",
            "00-4bf9-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473\"-00f067aa0ba902b7-01",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
