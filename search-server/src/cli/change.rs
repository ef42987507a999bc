//! `orgsearch change`: batches of changes from a file, as `POST /v1/admin/changes` takes them.

mod rows;

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::output;
use super::table::{Align, Table};
use crate::json::changes::AppliedJson;
use clap::Args;
use rows::{FileBatch, read_batches};
use search_core::Engine;
use search_core::changes::{Batch, Change, ChangeError, ChangeFinding};
use serde::Serialize;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Changes organizations without a rebuild.
///
/// The file is JSONL or a spreadsheet (CSV, TSV, XLSX). In JSONL each line is a batch, {"key":…,"changes":[…]}, or one
/// change, {"op":"rename","id":…,"name":…}; all lines that are one change are one batch. In a spreadsheet each row is a
/// change: the columns op and id, and those that the op needs (name, parent_id, into, children, kind, system, region,
/// members, status, aliases, former_names, successor_id); other columns of add and set are attributes. All rows are one
/// batch.
///
/// A batch is all or nothing, and in effect when the command ends; a server on the same directory has it within
/// seconds. The same key again changes nothing. Batches come into effect one after another, until one is refused.
#[derive(Debug, Args)]
#[command(after_help = help_end("orgsearch change --data ./orgsearch-data --from changes.csv"))]
pub(super) struct ChangeFile {
    /// The file.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The key of the changes that are in no batch of their own; without it, a digest of them.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct ChangeAnswer {
    /// The batches in effect, in their order.
    batches: Vec<AppliedJson>,
    /// What was wrong with the next one; empty if all are in effect.
    findings: Vec<FindingJson>,
}

#[derive(Debug, Serialize)]
struct FindingJson {
    /// The row of the file.
    row: u64,
    #[serde(flatten)]
    finding: ChangeFinding,
}

impl ChangeFile {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let batches = read_batches(&self.from, self.key.as_deref())?;
        let engine = data.open()?;
        let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let mut answer = ChangeAnswer { batches: Vec::new(), findings: Vec::new() };
        for batch in batches {
            match apply(&engine, batch, at) {
                Ok(Ok(applied)) => answer.batches.push(applied),
                Ok(Err(findings)) => {
                    answer.findings = findings;
                    break;
                }
                Err(ChangeError::Engine(error)) => return Err(Failure::engine(error, data.path())),
                Err(error) => {
                    tell(&answer, self.json)?;
                    return Err(Failure::new(Exit::InputErrors, error.to_string()));
                }
            }
        }
        tell(&answer, self.json)?;
        Ok(if answer.findings.is_empty() { Exit::Done } else { Exit::InputErrors })
    }
}

fn apply(
    engine: &Engine,
    batch: FileBatch,
    at: u64,
) -> Result<Result<AppliedJson, Vec<FindingJson>>, ChangeError> {
    let FileBatch { key, changes, rows } = batch;
    let place =
        |finding: ChangeFinding| FindingJson { row: rows.get(finding.index).copied().unwrap_or(0), finding };
    let read = Change::read_all(changes).map_err(|findings| ChangeError::Invalid { findings });
    match read.and_then(|changes| engine.apply(&Batch { key, changes, at })) {
        Ok(applied) => Ok(Ok(applied.into())),
        Err(ChangeError::Invalid { findings }) => Ok(Err(findings.into_iter().map(place).collect())),
        Err(error) => Err(error),
    }
}

fn tell(answer: &ChangeAnswer, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::print_json(answer);
    }
    output::print(|out| {
        for AppliedJson { key, applied, generation, sequence, .. } in &answer.batches {
            let key = output::printable(key);
            writeln!(out, "batch {sequence} ({key}): {applied} changes in effect, {generation}")?;
        }
        if answer.findings.is_empty() {
            return Ok(());
        }
        let mut table = Table::new(&[
            ("row", Align::Right),
            ("field", Align::Left),
            ("code", Align::Left),
            ("", Align::Left),
        ]);
        for FindingJson { row, finding } in &answer.findings {
            let code = finding.code.code().to_owned();
            table.row([row.to_string(), finding.field.clone(), code, finding.detail.clone()]);
        }
        table.write(out)?;
        writeln!(out, "nothing of this batch was changed")
    })
}
