//! ETags of answers (RFC 9110, 8.8.3): a page that has an answer already is told so without a search.

use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use search_core::Engine;
use sha2::{Digest, Sha256};

/// How long a browser need not ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// For a minute: keys are taken back and typed again.
    Typing,
    /// It asks each time, and is told if nothing has changed.
    Asking,
}

/// Stands for all that an answer depends on: the program, the generation, the learned prior, and the query with all its parameters.
pub(crate) struct Etag(String);

impl Etag {
    pub(crate) fn new(engine: &Engine, uri: &Uri) -> Self {
        let (generation, learned) = (engine.generation(), engine.learned().unwrap_or_default());
        let parts = [env!("CARGO_PKG_VERSION"), &generation.version, &generation.source_digest, &learned];
        let mut digest = Sha256::new();
        for part in parts.into_iter().chain(uri.path_and_query().map(|path| path.as_str())) {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
        let digest: [u8; 32] = digest.finalize().into();
        let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        // Weak: how long the search took differs from answer to answer.
        Etag(format!("W/\"{hex}\""))
    }

    /// The whole answer if the caller has it already.
    pub(crate) fn not_modified(&self, headers: &HeaderMap, freshness: Freshness) -> Option<Response> {
        let known = headers.get(IF_NONE_MATCH)?.to_str().ok()?;
        let is_known = known.split(',').any(|tag| tag.trim() == self.0);
        is_known.then(|| (StatusCode::NOT_MODIFIED, self.headers(freshness)).into_response())
    }

    /// The headers of an answer that is whole: one cut short by a budget may be better the next time.
    pub(crate) fn headers(&self, freshness: Freshness) -> [(HeaderName, String); 2] {
        let cache_control = match freshness {
            Freshness::Typing => "private, max-age=60",
            Freshness::Asking => "private, no-cache",
        };
        [(ETAG, self.0.clone()), (CACHE_CONTROL, cache_control.to_owned())]
    }
}
