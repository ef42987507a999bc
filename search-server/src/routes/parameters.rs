//! Reads query parameters: decoded, limited, and with an error that names the one that is wrong.
//!
//! Unknown parameters are ignored. Of a repeated parameter the first value counts; filters take all of them.

use crate::config::LimitSettings;
use crate::error::{ApiError, texts};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;

/// The parameters of a request, decoded. Bytes that are no UTF-8 become U+FFFD and match nothing.
#[derive(Debug, Clone)]
pub(crate) struct Parameters {
    pairs: Vec<(String, String)>,
}

impl Parameters {
    /// Decodes the part of an address after the question mark.
    pub(crate) fn parse(query: &str) -> Self {
        Parameters { pairs: form_urlencoded::parse(query.as_bytes()).into_owned().collect() }
    }

    /// The value as it is; empty counts.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The value, unless it is empty.
    pub(crate) fn non_empty(&self, name: &str) -> Option<String> {
        self.text(name).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// Every value of a repeated parameter, whole.
    pub(crate) fn all<'p>(&'p self, name: &str) -> impl Iterator<Item = &'p str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A page length.
    ///
    /// # Errors
    /// If it is no number from 1 to the largest page.
    pub(crate) fn limit(&self, limits: &LimitSettings) -> Result<Option<usize>, ApiError> {
        let max = limits.largest_page();
        let Some(text) = self.non_empty("limit") else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (1..=max).contains(number));
        let error =
            ApiError::new(&texts::BAD_NUMBER).with("parameter", "limit").with("min", 1).with("max", max);
        number.map(Some).ok_or_else(|| error.with("value", text))
    }

    /// A fraction.
    ///
    /// # Errors
    /// If it is no number from `min` to `max`.
    pub(crate) fn fraction(&self, name: &'static str, min: f32, max: f32) -> Result<Option<f32>, ApiError> {
        let Some(text) = self.non_empty(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (min..=max).contains(number));
        let error =
            ApiError::new(&texts::BAD_FRACTION).with("parameter", name).with("min", min).with("max", max);
        number.map(Some).ok_or_else(|| error.with("value", text))
    }

    /// A number from 0 to `max`.
    ///
    /// # Errors
    /// If it is none.
    pub(crate) fn whole_number(&self, name: &'static str, max: u64) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.non_empty(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (0..=max).contains(number));
        let error = ApiError::new(&texts::BAD_NUMBER).with("parameter", name).with("min", 0).with("max", max);
        number.map(Some).ok_or_else(|| error.with("value", text))
    }

    /// A switch.
    ///
    /// # Errors
    /// If it is neither true nor false.
    pub(crate) fn switch(&self, name: &'static str) -> Result<Option<bool>, ApiError> {
        match self.text(name) {
            None | Some("") => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(value) => {
                Err(ApiError::new(&texts::BAD_SWITCH).with("parameter", name).with("value", value))
            }
        }
    }

    /// The values of a filter: separated by commas, repeated, or both.
    ///
    /// # Errors
    /// If there are too many.
    pub(crate) fn list(&self, name: &'static str, limits: &LimitSettings) -> Result<Vec<&str>, ApiError> {
        let values = self.all(name).flat_map(|value| value.split(',')).map(str::trim);
        let values: Vec<_> = values.filter(|value| !value.is_empty()).collect();
        if values.len() > limits.filter_values {
            let error = ApiError::new(&texts::TOO_MANY_VALUES);
            return Err(error.with("parameter", name).with("max", limits.filter_values));
        }
        Ok(values)
    }
}

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Parameters::parse(parts.uri.query().unwrap_or_default()))
    }
}
