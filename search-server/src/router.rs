//! Every route on one page.

use crate::admin::{self, upload::FORM_OVERHEAD_BYTES};
use crate::middleware::admin_key::admin_key;
use crate::middleware::cors::cors;
use crate::middleware::panic::catch_panic;
use crate::middleware::problems::{method_not_allowed, not_found, problems};
use crate::middleware::rate_limit::rate_limit;
use crate::middleware::replica::refuse_on_replica;
use crate::middleware::request_id::request_id;
use crate::middleware::security_headers::security_headers;
use crate::middleware::trace::trace;
use crate::openapi;
use crate::routes::{
    assets, autocomplete, docs, feedback, health, misses, orgs, page, resolve, search, transfer_guide,
};
use crate::state::AppState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

/// Builds the service with all its routes. It needs no socket: tests may call it as a function.
pub fn build_app(state: AppState) -> Router {
    let (public, admin, document) = routes_and_document(&state);
    with_layers(public.merge(docs::routes(&document, &state.settings.web)).merge(admin), state)
}

/// The same as two services: what everybody may reach, and the admin routes with `/metrics`.
pub(crate) fn build_apps(state: AppState) -> (Router, Router) {
    let (public, admin, document) = routes_and_document(&state);
    let public = public.merge(docs::routes(&document, &state.settings.web));
    let health = Router::new().route("/livez", get(health::livez)).route("/readyz", get(health::readyz));
    (with_layers(public, state.clone()), with_layers(admin.merge(health), state))
}

/// The routes for everybody, those for admins, and the document of all.
fn routes_and_document(state: &AppState) -> (Router<AppState>, Router<AppState>, OpenApi) {
    let limits = &state.settings.limits;
    let upload_bytes = limits.upload_bytes.saturating_add(FORM_OVERHEAD_BYTES);
    let upload_limit = DefaultBodyLimit::max(usize::try_from(upload_bytes).unwrap_or(usize::MAX));

    let (public, mut document) = OpenApiRouter::with_openapi(openapi::document())
        .routes(routes!(autocomplete::autocomplete))
        .routes(routes!(search::search))
        .routes(routes!(resolve::resolve))
        .routes(routes!(orgs::org))
        .routes(routes!(orgs::children))
        .routes(routes!(orgs::explain))
        .routes(routes!(orgs::roots))
        .routes(routes!(transfer_guide::transfer_guide))
        .routes(routes!(misses::misses))
        .routes(routes!(feedback::feedback))
        .route("/", get(page::page))
        .route("/o/{id}", get(page::share::share))
        .route_layer(from_fn_with_state(state.clone(), rate_limit))
        .routes(routes!(health::livez))
        .routes(routes!(health::readyz))
        .route("/assets/page.css", get(assets::style))
        .route("/assets/page.js", get(assets::script))
        .route("/assets/icon.svg", get(assets::icon))
        .route("/org-autocomplete.js", get(assets::element))
        .route(assets::ELEMENT_OF_VERSION, get(assets::element_of_version))
        .split_for_parts();
    let changing = OpenApiRouter::new()
        .routes(routes!(admin::reindex::reindex).layer(upload_limit))
        .routes(routes!(admin::changes::changes))
        .routes(routes!(admin::jobs::publish))
        .routes(routes!(admin::generations::activate))
        .routes(routes!(admin::generations::prune))
        .routes(routes!(admin::generations::rollback))
        .route_layer(from_fn_with_state(state.clone(), refuse_on_replica));
    let (admin, admin_document) = OpenApiRouter::new()
        .routes(routes!(admin::jobs::list))
        .routes(routes!(admin::jobs::one, admin::jobs::cancel))
        .routes(routes!(admin::jobs::events))
        .routes(routes!(admin::jobs::difference))
        .routes(routes!(admin::generations::list))
        .routes(routes!(admin::generations::inspect))
        .routes(routes!(admin::generations::verify))
        .merge(changing)
        .route_layer(from_fn_with_state(state.clone(), admin_key))
        .split_for_parts();
    let (metrics, metrics_document) = OpenApiRouter::new().routes(routes!(health::metrics)).split_for_parts();
    document.merge(admin_document);
    document.merge(metrics_document);
    openapi::set_largest_page(&mut document, limits.largest_page());
    openapi::add_examples(&mut document);
    // Without a key the admin routes do not exist, whatever the method.
    let admin = if state.settings.admin.key.is_some() { admin.merge(metrics) } else { metrics };
    // A preflight is answered by the layer around the routes, which has to hold their fallback too.
    let public = public.method_not_allowed_fallback(method_not_allowed).layer(cors(&state.settings.web));
    (public, admin, document)
}

/// Wraps the routes. The last layer is the outermost.
fn with_layers(app: Router<AppState>, state: AppState) -> Router {
    app.fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(state.settings.limits.body_bytes))
        .layer(catch_panic())
        .layer(from_fn(problems))
        .layer(from_fn(security_headers))
        .layer(from_fn_with_state(state.clone(), trace))
        .layer(CompressionLayer::new().gzip(true))
        .layer(from_fn(request_id))
        .with_state(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServeSettings;
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use http_body_util::BodyExt;
    use index_data::model::OrgTree;
    use search_core::Engine;
    use sha2::{Digest, Sha384};
    use std::sync::Arc;
    use tower::ServiceExt;

    fn state() -> AppState {
        AppState::new(ServeSettings::default(), Arc::new(Engine::in_memory(OrgTree::default()).unwrap()))
    }

    async fn get(app: Router, path: &str) -> (StatusCode, String) {
        let response = app.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_costs_its_own_request_only_and_does_not_tell_why() {
        async fn fails() -> &'static str {
            panic!("secret")
        }
        let app = with_layers(Router::new().route("/fails", axum::routing::get(fails)), state());
        let (status, body) = get(app.clone(), "/fails").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body.contains("\"code\":\"internal\"") && !body.contains("secret"), "{body}");
        assert_eq!(get(app, "/fails").await.0, StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[tokio::test]
    async fn the_app_answers_without_a_socket() {
        let (status, body) = get(build_app(state()), "/livez").await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, "{\"status\":\"alive\"}"));
    }

    #[tokio::test]
    async fn the_form_field_of_this_version_is_kept_and_bears_the_hash_that_is_told() {
        let app = build_app(state());
        let (_, moving) = get(app.clone(), "/org-autocomplete.js").await;
        let request = Request::get(assets::ELEMENT_OF_VERSION).body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        for (name, value) in [
            ("cache-control", "public, max-age=31536000, immutable"),
            ("access-control-allow-origin", "*"),
            ("cross-origin-resource-policy", "cross-origin"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(bytes, moving.as_bytes());
        let hash = STANDARD.encode(Sha384::digest(&bytes));
        let line = assets::script_line("https://a.cn");
        assert!(line.contains(&format!("integrity=\"sha384-{hash}\"")), "{line}");
        assert!(line.contains(&format!("src=\"https://a.cn{}\"", assets::ELEMENT_OF_VERSION)), "{line}");
        let (status, body) = get(app.clone(), "/org-autocomplete@9.9.9.js").await;
        assert!(status == StatusCode::NOT_FOUND && body.contains("\"code\":\"not_found\""), "{body}");
        assert!(get(app, "/docs").await.1.contains(&format!("sha384-{hash}")));
    }

    #[tokio::test]
    async fn the_document_says_the_largest_page_of_this_server() {
        let mut settings = ServeSettings::default();
        settings.limits.page_max = 40;
        let engine = Engine::in_memory(OrgTree::default()).unwrap();
        let (_, body) = get(build_app(AppState::new(settings, Arc::new(engine))), "/openapi.json").await;
        let document: serde_json::Value = serde_json::from_str(&body).unwrap();
        for path in ["/v1/search", "/v1/autocomplete", "/v1/orgs/{id}/children"] {
            let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
            let limit = parameters.iter().find(|parameter| parameter["name"] == "limit").unwrap();
            assert_eq!(limit["schema"]["maximum"], 40, "{path}");
        }
    }
}
