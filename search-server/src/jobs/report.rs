//! What validation found, as a job shows it: all counts, and the first findings.

use index_data::validate::{Finding, Report, Severity};
use serde::Serialize;
use std::collections::BTreeMap;

/// Findings that a job lists; `orgsearch validate` lists all.
const FINDINGS_LISTED: usize = 50;

/// The summary of a report.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct ReportJson {
    rows: u64,
    errors: u64,
    warnings: u64,
    infos: u64,
    counts: BTreeMap<&'static str, u64>,
    findings: Vec<FindingJson>,
    /// Findings counted above and not listed.
    omitted: u64,
}

/// One finding, with its place and what it means.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct FindingJson {
    row: Option<u64>,
    field: &'static str,
    code: &'static str,
    #[schema(value_type = String)]
    severity: Severity,
    message: &'static str,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_row: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
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
            counts: report.counts,
            findings: report.findings.into_iter().take(FINDINGS_LISTED).map(Into::into).collect(),
            omitted: report.omitted + not_listed,
        }
    }
}

impl From<Finding> for FindingJson {
    fn from(finding: Finding) -> Self {
        FindingJson {
            row: finding.row,
            field: finding.field.name(),
            code: finding.code.code(),
            severity: finding.severity,
            message: finding.code.message(),
            value: finding.value,
            other_row: finding.other_row,
            suggestion: finding.suggestion,
        }
    }
}
