//! What validation found, as a job shows it: all counts, and the first findings.

use crate::openapi::vocabularies;
use index_data::validate::{Finding, Report, Severity};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Findings that a job lists; `orgsearch validate` lists all.
const FINDINGS_LISTED: usize = 50;

/// The summary of a report.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct ReportJson {
    /// Rows read.
    rows: u64,
    /// Findings that stop a reindex.
    errors: u64,
    /// Findings worth a look.
    warnings: u64,
    /// Facts about the file.
    infos: u64,
    /// How many findings there are of each code.
    #[schema(value_type = BTreeMap<String, u64>)]
    counts: BTreeMap<Cow<'static, str>, u64>,
    /// The first findings.
    findings: Vec<FindingJson>,
    /// Findings counted above and not listed.
    omitted: u64,
}

/// One finding, with its place and what it means.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
struct FindingJson {
    /// The row of the file, from 1, a header counted; null for the file as a whole.
    row: Option<u64>,
    /// The column.
    #[schema(value_type = vocabularies::FindingField)]
    field: Cow<'static, str>,
    /// What is wrong.
    #[schema(value_type = vocabularies::FindingCode)]
    code: Cow<'static, str>,
    /// How bad it is.
    #[schema(value_type = vocabularies::Severity)]
    severity: Cow<'static, str>,
    /// The same as one sentence, in English.
    #[schema(value_type = String)]
    message: Cow<'static, str>,
    /// What the cell holds; empty if nothing.
    value: String,
    /// The other row of a pair. Absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    other_row: Option<u64>,
    /// What to write instead. Absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suggestion: Option<String>,
}

impl From<Report> for ReportJson {
    fn from(report: Report) -> Self {
        let not_listed = report.findings.len().saturating_sub(FINDINGS_LISTED) as u64;
        ReportJson {
            rows: report.rows,
            errors: report.errors,
            warnings: report.warnings,
            infos: report.infos,
            counts: report.counts.into_iter().map(|(code, count)| (Cow::Borrowed(code), count)).collect(),
            findings: report.findings.into_iter().take(FINDINGS_LISTED).map(Into::into).collect(),
            omitted: report.omitted + not_listed,
        }
    }
}

impl From<Finding> for FindingJson {
    fn from(finding: Finding) -> Self {
        FindingJson {
            row: finding.row,
            field: Cow::Borrowed(finding.field.name()),
            code: Cow::Borrowed(finding.code.code()),
            severity: Cow::Borrowed(severity_name(finding.severity)),
            message: Cow::Borrowed(finding.code.message()),
            value: finding.value,
            other_row: finding.other_row,
            suggestion: finding.suggestion,
        }
    }
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
