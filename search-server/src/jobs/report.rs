//! What validation found, as a job shows it: all counts, and the first findings.

use crate::openapi::vocabularies;
use index_data::validate::{Finding, Report, Severity};
use serde::Serialize;
use std::collections::BTreeMap;

/// Findings that a job lists; `orgsearch validate` lists all.
const FINDINGS_LISTED: usize = 50;

/// The summary of a report.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
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
    counts: BTreeMap<&'static str, u64>,
    /// The first findings.
    findings: Vec<FindingJson>,
    /// Findings counted above and not listed.
    omitted: u64,
}

/// One finding, with its place and what it means.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct FindingJson {
    /// The row of the file, from 1, a header counted; null for the file as a whole.
    row: Option<u64>,
    /// The column.
    #[schema(value_type = vocabularies::FindingField)]
    field: &'static str,
    /// What is wrong.
    #[schema(value_type = vocabularies::FindingCode)]
    code: &'static str,
    /// How bad it is.
    #[schema(value_type = vocabularies::Severity)]
    severity: Severity,
    /// The same as one sentence, in English.
    message: &'static str,
    /// What the cell holds; empty if nothing.
    value: String,
    /// The other row of a pair. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_row: Option<u64>,
    /// What to write instead. Absent where that is not known.
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
