//! The language of messages and pages: Chinese or English.

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use std::convert::Infallible;

/// A language that texts exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese, the language of most callers and the default.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// What a request asks for: `?lang=` first, then `Accept-Language`; Chinese if it wants neither or says nothing.
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let query = uri.query().unwrap_or_default().as_bytes();
        let asked = form_urlencoded::parse(query).find(|(name, _)| name == "lang");
        asked.and_then(|(_, tag)| Self::of_tag(&tag)).unwrap_or_else(|| Self::accepted(headers))
    }

    /// What `Accept-Language` asks for, without a look at `?lang=`.
    pub(crate) fn accepted(headers: &HeaderMap) -> Self {
        let header = headers.get(ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok());
        header.and_then(Self::preferred).unwrap_or(Language::Chinese)
    }

    /// The tag for `lang` attributes and `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// The language of a tag such as `zh-CN`, if there are texts in it.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "zh" => Some(Language::Chinese),
            "en" => Some(Language::English),
            _ => None,
        }
    }

    /// The language of highest quality in an `Accept-Language` header, the first of equal ones.
    fn preferred(header: &str) -> Option<Self> {
        let mut best: Option<(Language, f32)> = None;
        for range in header.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let quality =
                parameters.trim().strip_prefix("q=").map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            let Some(language) = Self::of_tag(tag) else { continue };
            if quality > 0.0 && best.is_none_or(|(_, highest)| quality > highest) {
                best = Some((language, quality));
            }
        }
        best.map(|(language, _)| language)
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Language::of(&parts.uri, &parts.headers))
    }
}

/// A text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// The Chinese text.
    pub zh: &'static str,
    /// The English text.
    pub en: &'static str,
}

impl Text {
    /// The text in one language.
    pub fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_of_highest_quality_is_taken() {
        for (header, expected) in [
            ("", None),
            ("fr", None),
            ("en", Some(Language::English)),
            ("zh-CN,zh;q=0.9,en;q=0.8", Some(Language::Chinese)),
            ("en-US,en;q=0.9,zh;q=0.8", Some(Language::English)),
            ("zh;q=0.5, en;q=0.7", Some(Language::English)),
            ("fr, zh_TW;q=0.3", Some(Language::Chinese)),
            ("en;q=0, zh;q=0.1", Some(Language::Chinese)),
            ("en;q=nonsense", None),
        ] {
            assert_eq!(Language::preferred(header), expected, "{header:?}");
        }
    }
}
