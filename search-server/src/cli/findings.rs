//! A validation report as `validate` and `reindex` give it: for a person, and with all findings as JSON.

use super::numbers::{counted, grouped};
use super::table::{Align, Table, shortened};
use index_data::validate::{Finding, FindingCode, Report, Severity};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Cells that an offending value may take in the table.
const VALUE_CELLS: usize = 48;

/// A report in `--json` answers. Findings stand errors first, each group by row.
#[derive(Debug, Serialize)]
pub(super) struct ReportAnswer<'a> {
    rows: u64,
    errors: u64,
    warnings: u64,
    infos: u64,
    counts: &'a BTreeMap<&'static str, u64>,
    findings: Vec<FindingAnswer<'a>>,
    /// Findings counted above and not listed: only past [`Report::MAX_KEPT`].
    omitted: u64,
}

#[derive(Debug, Serialize)]
struct FindingAnswer<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    message: &'static str,
}

impl<'a> From<&'a Report> for ReportAnswer<'a> {
    fn from(report: &'a Report) -> Self {
        let told = |finding: &'a Finding| FindingAnswer { finding, message: finding.code.message() };
        ReportAnswer {
            rows: report.rows,
            errors: report.errors,
            warnings: report.warnings,
            infos: report.infos,
            counts: &report.counts,
            findings: report.findings.iter().map(told).collect(),
            omitted: report.omitted,
        }
    }
}

/// Writes the first `limit` findings, how often each code was found, and the sums.
pub(super) fn write_report(report: &Report, limit: usize, out: &mut dyn Write) -> io::Result<()> {
    write_findings(report, limit, out)?;
    write_counts(report, out)?;
    writeln!(out, "{}", summary(report))
}

/// The sums in one line: `1,234 rows: 3 errors, 1 warning, 0 infos`.
pub(super) fn summary(report: &Report) -> String {
    let (errors, warnings) = (counted(report.errors, "error"), counted(report.warnings, "warning"));
    format!("{}: {errors}, {warnings}, {}", counted(report.rows, "row"), counted(report.infos, "info"))
}

fn write_findings(report: &Report, limit: usize, out: &mut dyn Write) -> io::Result<()> {
    let shown = report.findings.len().min(limit);
    if shown == 0 {
        return Ok(());
    }
    let mut table = Table::new(&[
        ("ROW", Align::Right),
        ("FIELD", Align::Left),
        ("SEVERITY", Align::Left),
        ("CODE", Align::Left),
        ("VALUE", Align::Left),
        ("HINT", Align::Left),
    ]);
    for finding in &report.findings[..shown] {
        table.row([
            finding.row.map_or_else(|| "-".to_owned(), |row| row.to_string()),
            finding.field.name().to_owned(),
            severity(finding.severity).to_owned(),
            finding.code.code().to_owned(),
            shortened(&finding.value, VALUE_CELLS),
            hint(finding),
        ]);
    }
    table.write(out)?;
    let more = report.findings.len() as u64 + report.omitted - shown as u64;
    if more > 0 {
        writeln!(out, "… and {} (--limit-findings shows more, --json shows all)", counted(more, "finding"))?;
    }
    writeln!(out)
}

fn write_counts(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.counts.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[("COUNT", Align::Right), ("CODE", Align::Left), ("MEANING", Align::Left)]);
    for (code, count) in &report.counts {
        let known = FindingCode::ALL.iter().find(|known| known.code() == *code);
        let meaning = known.map_or("", |known| known.message());
        table.row([grouped(*count), (*code).to_owned(), meaning.to_owned()]);
    }
    table.write(out)?;
    writeln!(out)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn hint(finding: &Finding) -> String {
    let suggestion = finding.suggestion.as_ref().map(|text| format!("→ {}", shortened(text, VALUE_CELLS)));
    let other_row = finding.other_row.map(|row| format!("see row {row}"));
    let hints: Vec<_> = suggestion.into_iter().chain(other_row).collect();
    hints.join("; ")
}
