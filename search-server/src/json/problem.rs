//! An error as RFC 9457 has it.

use crate::openapi::vocabularies;
use serde::Serialize;
use serde_json::{Map, Value};

/// What every answer other than the wished one is.
pub(crate) const PROBLEM: &str =
    "A problem document (RFC 9457) with a stable `code`, in Chinese or English by `Accept-Language`";

/// A problem document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemJson<'a> {
    /// `urn:orgsearch:problem:` and the code.
    pub(crate) r#type: String,
    /// The name of the problem, in Chinese or English.
    pub(crate) title: &'a str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What is wrong with this request, and what would be right, in Chinese or English.
    pub(crate) detail: String,
    /// The stable code.
    #[schema(value_type = vocabularies::ProblemCode)]
    pub(crate) code: &'a str,
    /// The parameter that is wrong. Absent if none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameter: Option<&'a str>,
    /// The path asked for.
    pub(crate) instance: &'a str,
    /// Names the request in the server's log.
    pub(crate) request_id: &'a str,
    // Which one a problem has, if any, depends on its code.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) member: Map<String, Value>,
}
