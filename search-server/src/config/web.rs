//! What pages in browsers see of the server: its address, whom to write to, and which other pages may call.

use axum::http::HeaderValue;
use axum::http::uri::Authority;
use std::net::Ipv6Addr;

/// Pages of other origins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebSettings {
    /// Origins whose scripts may read answers (`https://zhuce.example.cn`), or `*` for all. The admin routes are never
    /// among what they may call. `ORGSEARCH_ALLOW_ORIGIN`, separated by commas; default none.
    pub allow_origins: Vec<AllowedOrigin>,
    /// The address under which members reach the server, for links and QR codes. `ORGSEARCH_PUBLIC_URL`, default none:
    /// the host that a request names, over http.
    pub public_url: Option<PublicUrl>,
    /// Whom to write to when nothing is found; shown on the page. `ORGSEARCH_CONTACT`, default none.
    pub contact: Option<Contact>,
}

/// The address of the server as members see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The longest: a QR code of an address below it can still be read by any phone.
    const MAX_BYTES: usize = 200;

    /// Reads scheme, host and perhaps a port; a slash at the end is left out. There is no path: the pages link to the
    /// root of their host.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_end_matches('/');
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        match rest.is_some_and(is_authority) && text.len() <= Self::MAX_BYTES {
            true => Ok(PublicUrl(text.to_owned())),
            false => {
                Err("it is an address such as https://org.example.cn, of at most 200 characters".to_owned())
            }
        }
    }

    /// The address, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether it is a host, perhaps with a port.
pub(crate) fn is_authority(text: &str) -> bool {
    let Ok(authority) = text.parse::<Authority>() else { return false };
    let host = authority.host();
    let after_host = text.strip_prefix(host).unwrap_or("@");
    let is_name = |part: &str| {
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !part.is_empty() && !part.starts_with('-') && !part.ends_with('-') && part.bytes().all(inside)
    };
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    let is_host = is_ipv6(host) || host.split('.').all(is_name);
    is_host && (after_host.is_empty() || after_host.strip_prefix(':').is_some_and(is_port))
}

fn is_ipv6(host: &str) -> bool {
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    inside.is_some_and(|inside| inside.parse::<Ipv6Addr>().is_ok())
}

/// Whom to write to when nothing is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact(String);

impl Contact {
    /// Characters of the text.
    const MAX_CHARS: usize = 200;

    /// Reads one line of text.
    ///
    /// # Errors
    /// If it is empty, too long, or holds control characters.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let is_line =
            (1..=Self::MAX_CHARS).contains(&text.chars().count()) && !text.contains(char::is_control);
        match is_line {
            true => Ok(Contact(text.to_owned())),
            false => Err("it is one line of 1 to 200 characters".to_owned()),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
    fn a_public_address_has_a_host_and_no_query() {
        for (text, read) in [
            ("https://a.cn", "https://a.cn"),
            (" http://127.0.0.1:8080/ ", "http://127.0.0.1:8080"),
            ("https://a.cn:8443/", "https://a.cn:8443"),
            ("https://[::1]:8443", "https://[::1]:8443"),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().as_str(), read);
        }
        let long = format!("https://{}.cn", "a".repeat(200));
        for bad in [
            "",
            "a.cn",
            "https://",
            "https:///x",
            "ftp://a.cn",
            "https://a.cn?x",
            "https://u@a.cn",
            "https://a\"b",
            "https://a.cn/orgs",
            "https://[",
            "https://]]]",
            "https://a:99999",
            "https://a:b:c",
            "https://%%%",
            "https://.",
            &long,
        ] {
            assert!(PublicUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_contact_is_one_short_line() {
        assert_eq!(
            Contact::parse(" 写信给 tuanwei@example.cn ").unwrap().as_str(),
            "写信给 tuanwei@example.cn"
        );
        assert!(Contact::parse(&"团".repeat(200)).is_ok());
        for bad in ["", "  ", "a\nb", &"团".repeat(201)] {
            assert!(Contact::parse(bad).is_err(), "{bad}");
        }
    }

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
