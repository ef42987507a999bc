//! Which pages may call from a browser.

use axum::http::HeaderValue;

/// Pages of other origins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebSettings {
    /// Origins whose scripts may read answers (`https://zhuce.example.cn`), or `*` for all. The admin routes are never
    /// among what they may call. `ORGSEARCH_ALLOW_ORIGIN`, separated by commas; default none.
    pub allow_origins: Vec<AllowedOrigin>,
}

/// One entry of the allow-list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigin {
    /// Every origin.
    Any,
    /// This one.
    One(HeaderValue),
}

impl AllowedOrigin {
    /// Reads `*` or an origin: scheme, host, perhaps a port, and nothing behind it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text == "*" {
            return Ok(AllowedOrigin::Any);
        }
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let is_host = |host: &str| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ', '*']);
        match host.filter(|host| is_host(host)).and_then(|_| HeaderValue::from_str(text).ok()) {
            Some(origin) => Ok(AllowedOrigin::One(origin)),
            None => Err("it is * or an origin such as https://zhuce.example.cn".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_have_no_path() {
        for good in ["*", "https://a.cn", "http://127.0.0.1:8080", " https://a.cn "] {
            assert!(AllowedOrigin::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a.cn", "https://", "https://a.cn/", "https://a.cn/x", "https://*.a.cn", "ftp://a.cn"]
        {
            assert!(AllowedOrigin::parse(bad).is_err(), "{bad}");
        }
    }
}
