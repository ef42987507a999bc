//! The address under which members reach this server: by setting, else as the request says it.

use crate::config::WebSettings;
use crate::config::is_authority;
use axum::http::HeaderMap;
use axum::http::header::HOST;

/// Names of hosts are shorter.
const MAX_HOST_BYTES: usize = 255;

/// Scheme and host, with the path below which the service hangs if one is set; no slash at the end. `None` if the
/// setting is missing and the request names no host of the shape of one.
pub(super) fn own_address(settings: &WebSettings, headers: &HeaderMap) -> Option<String> {
    if let Some(url) = &settings.public_url {
        return Some(url.as_str().to_owned());
    }
    let host = headers.get(HOST)?.to_str().ok()?;
    // A proxy's word on the scheme is not trusted; behind TLS the setting tells it.
    is_host(host).then(|| format!("http://{host}"))
}

/// Whether a text has the shape of a host, perhaps with a port: nothing that could mean something in a page.
fn is_host(text: &str) -> bool {
    text.len() <= MAX_HOST_BYTES && is_authority(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PublicUrl;

    #[test]
    fn only_what_looks_like_a_host_is_taken_from_a_request() {
        for good in ["org.example.cn", "127.0.0.1:7700", "localhost", "[::1]:80", "[2001:db8::1]"] {
            assert!(is_host(good), "{good}");
        }
        let long = "a".repeat(300);
        for bad in [
            "", ":80", "a:b", "a:0", "a:99999", "a b", "a/b", "a@b", "a\"b", "<a>", "[::1", "[x]", "-a",
            &long,
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn the_setting_comes_before_the_request() {
        let mut headers = HeaderMap::new();
        let mut settings = WebSettings::default();
        assert_eq!(own_address(&settings, &headers), None);
        headers.insert(HOST, "a.cn".parse().unwrap());
        headers.insert("x-forwarded-proto", "https".parse().unwrap());
        assert_eq!(own_address(&settings, &headers).as_deref(), Some("http://a.cn"));
        settings.public_url = Some(PublicUrl::parse("https://b.cn/").unwrap());
        assert_eq!(own_address(&settings, &headers).as_deref(), Some("https://b.cn"));
    }
}
