//! `orgsearch validate`: every problem of an org-tree file, without touching any index.

use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::findings::{ReportAnswer, write_report};
use super::output;
use super::progress::Progress;
use super::source_file::{FileDescription, SourceFile};
use clap::Args;
use index_data::validate::validate;
use serde::Serialize;
use std::path::PathBuf;

/// Reports every problem of an org-tree file.
///
/// Reads CSV, TSV, JSONL (each also with .gz) and XLSX; encoding and columns are found out. Each finding tells row,
/// column and cause, and a fix where one can be guessed. Rows are numbered as a spreadsheet does: the header is row 1.
/// Ends with 1 if there is an error; warnings and infos do not stop a reindex.
#[derive(Debug, Args)]
#[command(after_help = help_end("orgsearch validate orgs.xlsx --map name=单位全称 --map id=单位编号"))]
pub(super) struct Validate {
    /// The org-tree file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Reads a column as a field, such as name=组织全称; may be given several times.
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<String>,
    /// How many findings the table lists.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit_findings: usize,
    /// Prints one JSON object with all findings.
    #[arg(long)]
    json: bool,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct ValidateAnswer<'a> {
    #[serde(flatten)]
    file: &'a FileDescription,
    /// Whether a reindex would take the file.
    valid: bool,
    #[serde(flatten)]
    report: ReportAnswer<'a>,
}

impl Validate {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let progress = Progress::start("validate");
        let rows = SourceFile::open(&self.file, &self.map, &progress)?;
        let file = rows.description(&self.file);
        let report = validate(rows)?.report;
        drop(progress);
        if self.json {
            let (valid, report) = (!report.has_errors(), ReportAnswer::from(&report));
            output::print_json(&ValidateAnswer { file: &file, valid, report })?;
        } else {
            output::print(|out| {
                file.write(out)?;
                writeln!(out)?;
                write_report(&report, self.limit_findings, out)
            })?;
        }
        Ok(if report.has_errors() { Exit::InputErrors } else { Exit::Done })
    }
}
