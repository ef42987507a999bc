//! All problems of one file, counted and in order.

use crate::finding::{Finding, Severity};
use serde::Serialize;

/// All findings of one file, errors first, then by row, with honest counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows read, the header not counted.
    pub rows: u64,
    /// Findings of severity error.
    pub errors: u64,
    /// Findings of severity warning.
    pub warnings: u64,
    /// Findings of severity info.
    pub infos: u64,
    /// How often each code was found.
    pub counts: std::collections::BTreeMap<&'static str, u64>,
    /// Findings past [`Report::MAX_KEPT`], counted above but not listed.
    pub omitted: u64,
    /// The findings: errors, warnings, infos; each group by row.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How many findings are listed; a file can be wrong in more places than memory should hold.
    pub const MAX_KEPT: usize = 500_000;

    /// Whether the rows may not go live.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        match finding.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => self.infos += 1,
        }
        *self.counts.entry(finding.code.code()).or_default() += 1;
        if self.findings.len() < Self::MAX_KEPT {
            self.findings.push(finding);
        } else {
            self.omitted += 1;
        }
    }

    pub(crate) fn sort(&mut self) {
        self.findings
            .sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.row, finding.field));
    }
}
