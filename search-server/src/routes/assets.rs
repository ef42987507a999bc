//! The files of the page, from the program itself: nothing is fetched from elsewhere.

use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha384};
use std::sync::LazyLock;

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// One file.
struct Asset {
    content_type: &'static str,
    text: &'static str,
    etag: LazyLock<String>,
}

macro_rules! asset {
    ($file:literal, $content_type:literal) => {
        Asset {
            content_type: $content_type,
            text: include_str!(concat!("../assets/", $file)),
            etag: LazyLock::new(|| etag(include_str!(concat!("../assets/", $file)))),
        }
    };
}

static STYLE: Asset = asset!("page.css", "text/css; charset=utf-8");
static SCRIPT: Asset = asset!("page.js", "text/javascript; charset=utf-8");
static ELEMENT: Asset = asset!("org-autocomplete.js", "text/javascript; charset=utf-8");
static ICON: Asset = asset!("icon.svg", "image/svg+xml");

/// The handler of `GET /assets/page.css`.
pub(crate) async fn style(headers: HeaderMap) -> Response {
    STYLE.answer(&headers)
}

/// The handler of `GET /assets/page.js`.
pub(crate) async fn script(headers: HeaderMap) -> Response {
    SCRIPT.answer(&headers)
}

/// The path of the form field of this version, whose bytes never change.
pub(crate) const ELEMENT_OF_VERSION: &str = concat!("/org-autocomplete@", env!("CARGO_PKG_VERSION"), ".js");
const UNCHANGING: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The handler of `GET /org-autocomplete.js`: the form field, for pages anywhere.
pub(crate) async fn element(headers: HeaderMap) -> Response {
    for_all_pages(ELEMENT.answer(&headers))
}

/// The handler of [`ELEMENT_OF_VERSION`]: the same file, to be kept, and to be checked by its hash.
pub(crate) async fn element_of_version(headers: HeaderMap) -> Response {
    let mut response = for_all_pages(ELEMENT.answer(&headers));
    response.headers_mut().insert(CACHE_CONTROL, UNCHANGING);
    response
}

/// The line that puts the form field of this version into a page, with its hash (<https://www.w3.org/TR/sri/>);
/// `address` is where the server is reached.
pub(crate) fn script_line(address: &str) -> String {
    let hash = STANDARD.encode(Sha384::digest(ELEMENT.text.as_bytes()));
    format!(
        "<script src=\"{address}{ELEMENT_OF_VERSION}\" integrity=\"sha384-{hash}\" crossorigin=\"anonymous\" defer></script>"
    )
}

/// Any page may load it: one that isolates itself (COEP), and one that checks the hash, which needs CORS.
fn for_all_pages(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// The handler of `GET /assets/icon.svg`.
pub(crate) async fn icon(headers: HeaderMap) -> Response {
    ICON.answer(&headers)
}

impl Asset {
    fn answer(&self, headers: &HeaderMap) -> Response {
        let etag = self.etag.as_str();
        let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let caching = [(ETAG, etag), (CACHE_CONTROL, "no-cache")];
        if known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag) {
            return (StatusCode::NOT_MODIFIED, caching).into_response();
        }
        (caching, [(CONTENT_TYPE, self.content_type)], self.text).into_response()
    }
}

fn etag(text: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}
