//! Requests and bodies as strangers send them, against the whole service without a socket.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::BodyExt;
use index_data::load::SourceRow;
use index_data::validate::validate_rows;
use search_core::Engine;
use search_server::{AdminKey, AdminSettings, AppState, ServeSettings, build_app};
use std::sync::{Arc, LazyLock};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

const ADMIN_KEY: &str = "open sesame";
/// The boundary of the seeds of `multipart`.
const BOUNDARY: &str = "x";

struct Service {
    app: Router,
    runtime: Runtime,
}

static SERVICE: LazyLock<Service> = LazyLock::new(|| {
    let row = |id: &str, name: &str, parent: &str| SourceRow {
        id: id.into(),
        name: name.into(),
        parent_id: parent.into(),
        ..SourceRow::default()
    };
    let checked = validate_rows([
        row("1", "中国共产主义青年团北京市委员会", ""),
        row("2", "中国共产主义青年团北京大学委员会", "1"),
        row("3", "2024级软件工程1班团支部", "2"),
        row("4", "2024级软件工程2班团支部", "2"),
    ]);
    let engine = Engine::in_memory(checked.tree.expect("valid rows")).expect("memory for an index");
    let settings =
        ServeSettings { admin: AdminSettings { key: AdminKey::new(ADMIN_KEY) }, ..ServeSettings::default() };
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("threads for a runtime");
    let app = {
        let _entered = runtime.enter();
        build_app(AppState::new(settings, Arc::new(engine)))
    };
    Service { app, runtime }
});

/// Asks the service; its status and body.
fn ask(request: Request<Body>) -> (StatusCode, Vec<u8>) {
    SERVICE.runtime.block_on(async {
        let answer = SERVICE.app.clone().oneshot(request).await.expect("the service always answers");
        let status = answer.status();
        let body =
            answer.into_body().collect().await.expect("the body of an answer comes to its end").to_bytes();
        (status, body.to_vec())
    })
}

/// The service's own faults are findings; that it has no time or no index is not.
fn check_status(status: StatusCode, body: &[u8]) {
    assert!(
        !status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE,
        "{status}: {}",
        String::from_utf8_lossy(body)
    );
}

/// `METHOD /path?query`, header lines, an empty line, a body: with the admin key, unless the input brings another.
pub(super) fn requests(input: &[u8]) {
    let (head, body) = match input.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&input[..at], &input[at + 2..]),
        None => (input, &[][..]),
    };
    let mut lines = head.split(|&byte| byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let space = first.iter().position(|&byte| byte == b' ').unwrap_or(first.len());
    let (method, target) = (&first[..space], first.get(space + 1..).unwrap_or_default());
    let (Ok(method), Ok(target)) = (Method::from_bytes(method), Uri::try_from(target)) else { return };
    if target.path().starts_with("/v1/admin/reindex") && method == Method::POST {
        return; // It changes what the other inputs meet; `multipart` is about it.
    }
    let mut request = Request::builder().method(method).uri(target);
    for line in lines {
        let colon = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
        let (name, value) = (&line[..colon], line.get(colon + 1..).unwrap_or_default());
        let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value.trim_ascii()))
        else {
            return;
        };
        request = request.header(name, value);
    }
    if !request.headers_ref().is_some_and(|headers| headers.contains_key("authorization")) {
        request = request.header("authorization", format!("Bearer {ADMIN_KEY}"));
    }
    if let Ok(request) = request.body(Body::from(body.to_vec())) {
        let (status, body) = ask(request);
        check_status(status, &body);
    }
}

/// The body of an upload as a form; what it brings is checked as a dry run to its end.
pub(super) fn multipart(input: &[u8]) {
    let request = Request::post("/v1/admin/reindex?dry_run=true")
        .header("authorization", format!("Bearer {ADMIN_KEY}"))
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(Body::from(input.to_vec()))
        .expect("a right request");
    let (status, body) = ask(request);
    check_status(status, &body);
    // The next input must find no job running.
    while is_job_running() {
        std::thread::yield_now();
    }
}

fn is_job_running() -> bool {
    let request = Request::get("/v1/admin/jobs").header("authorization", format!("Bearer {ADMIN_KEY}"));
    let (status, body) = ask(request.body(Body::empty()).expect("a right request"));
    assert_eq!(status, StatusCode::OK);
    let body = String::from_utf8_lossy(&body);
    body.contains("\"state\":\"running\"") || body.contains("\"state\":\"queued\"")
}
