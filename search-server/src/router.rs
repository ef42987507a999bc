//! Every route on one page.

use crate::admin::{self, upload::FORM_OVERHEAD_BYTES};
use crate::middleware::admin_key::admin_key;
use crate::middleware::panic::catch_panic;
use crate::middleware::problems::{method_not_allowed, not_found, problems};
use crate::middleware::request_id::request_id;
use crate::middleware::security_headers::security_headers;
use crate::middleware::trace::trace;
use crate::routes::{assets, autocomplete, health, orgs, page, search};
use crate::state::AppState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

/// Builds the service. It needs no socket: tests may call it as a function.
pub fn build_app(state: AppState) -> Router {
    let limits = &state.settings.limits;
    let upload_bytes = limits.upload_bytes.saturating_add(FORM_OVERHEAD_BYTES);
    let upload_limit = DefaultBodyLimit::max(usize::try_from(upload_bytes).unwrap_or(usize::MAX));

    let admin = Router::new()
        .route("/v1/admin/reindex", post(admin::reindex::reindex).layer(upload_limit))
        .route("/v1/admin/jobs", get(admin::jobs::list))
        .route("/v1/admin/jobs/{id}", get(admin::jobs::one))
        .route("/v1/admin/generations", get(admin::generations::list))
        .route("/v1/admin/rollback", post(admin::generations::rollback))
        .route_layer(from_fn_with_state(state.clone(), admin_key));

    let app = Router::new()
        .route("/v1/autocomplete", get(autocomplete::autocomplete))
        .route("/v1/search", get(search::search))
        .route("/v1/orgs/{id}", get(orgs::org))
        .route("/v1/orgs/{id}/children", get(orgs::children))
        .route("/v1/orgs/{id}/explain", get(orgs::explain))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/", get(page::page))
        .route("/assets/page.css", get(assets::style))
        .route("/assets/page.js", get(assets::script))
        .route("/assets/icon.svg", get(assets::icon))
        .merge(admin)
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed);

    // The last layer is the outermost.
    app.layer(DefaultBodyLimit::max(limits.body_bytes))
        .layer(catch_panic())
        .layer(from_fn(problems))
        .layer(from_fn(security_headers))
        .layer(from_fn_with_state(state.clone(), trace))
        .layer(CompressionLayer::new().gzip(true))
        .layer(from_fn(request_id))
        .with_state(state)
}
