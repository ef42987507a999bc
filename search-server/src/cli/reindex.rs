//! `orgsearch reindex`: an org-tree file becomes the live generation, or nothing changes.

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::findings::{ReportAnswer, write_report};
use super::generation;
use super::output;
use super::progress::{Progress, Unit};
use super::source_file::{FileDescription, SourceFile};
use super::tree_changes::TreeChanges;
use crate::json::generation::GenerationJson;
use clap::Args;
use index_data::validate::{Report, validate};
use search_core::{Engine, EngineError, GenerationInfo, ReindexProgress, ReindexStep, Reindexed};
use serde::Serialize;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Findings listed in the table; `validate` shows more.
const FINDINGS_SHOWN: usize = 50;

/// Builds a new generation from an org-tree file and makes it live.
///
/// Readers are not disturbed. The file is validated first. If it holds an error, if anything fails, or if the command
/// is killed at any instant, the live generation stays as it is. The generation before stays on disk for `rollback`.
/// A running `serve` on the same directory takes the new generation up by itself.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch reindex --data ./orgsearch-data --from orgs.xlsx --map name=单位全称 --map id=单位编号\n\
     orgsearch reindex --from orgs.csv.gz --dry-run"
))]
pub(super) struct Reindex {
    /// The org-tree file: CSV, TSV, JSONL (each also with .gz) or XLSX.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Reads a column as a field, such as name=组织全称; may be given several times.
    #[arg(long, value_name = "FIELD=COLUMN", num_args = 1..)]
    map: Vec<String>,
    /// Only validates, and says what would change.
    #[arg(long)]
    dry_run: bool,
    /// Prints one JSON object: the report and the generation, or what would change.
    #[arg(long)]
    json: bool,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct ReindexAnswer<'a> {
    #[serde(flatten)]
    file: &'a FileDescription,
    dry_run: bool,
    /// Whether the file may go live.
    valid: bool,
    /// The generation that is live now; absent after a dry run or errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<GenerationJson>,
    /// What would change; only after a dry run without errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<&'a TreeChanges>,
    took_ms: u64,
    #[serde(flatten)]
    report: ReportAnswer<'a>,
}

impl Reindex {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let started = Instant::now();
        let progress = Progress::start("reindex");
        let rows = SourceFile::open(&self.from, &self.map, &progress)?;
        let file = rows.description(&self.from);
        let engine = if self.dry_run { data.open_or_empty()? } else { data.unopened()? };
        let done = if self.dry_run {
            rehearse(&engine, rows, &progress)?
        } else {
            rebuild(&engine, rows, &progress).map_err(|error| Failure::engine(error, data.path()))?
        };
        drop(progress);
        let took = started.elapsed();
        if self.json {
            output::print_json(&done.answer(&file, self.dry_run, took))?;
        } else {
            output::print(|out| done.write(&file, took, out))?;
        }
        Ok(if done.report.has_errors() { Exit::InputErrors } else { Exit::Done })
    }
}

/// What came of it.
struct Done {
    report: Report,
    outcome: Outcome,
}

enum Outcome {
    /// The rows hold errors.
    Invalid,
    /// The generation that is live now.
    Live(GenerationInfo),
    /// What would change.
    Rehearsed(TreeChanges),
}

/// Builds and publishes; rows with errors are an outcome, not a failure.
fn rebuild(engine: &Engine, rows: SourceFile<'_>, progress: &Progress) -> Result<Done, EngineError> {
    match engine.reindex(rows, |at| show(progress, &at)) {
        Ok(Reindexed { generation, report }) => Ok(Done { report, outcome: Outcome::Live(generation) }),
        Err(EngineError::InvalidSource { report }) => Ok(Done { report: *report, outcome: Outcome::Invalid }),
        Err(error) => Err(error),
    }
}

/// Validates, and compares with what is live.
fn rehearse(engine: &Engine, rows: SourceFile<'_>, progress: &Progress) -> Result<Done, Failure> {
    let validated = validate(rows)?;
    let outcome = match &validated.tree {
        Some(tree) => Outcome::Rehearsed(TreeChanges::between(engine, tree, progress)?),
        None => Outcome::Invalid,
    };
    Ok(Done { report: validated.report, outcome })
}

fn show(progress: &Progress, at: &ReindexProgress) {
    // While rows are loaded the file says how many bytes are left, which tells more than rows without a total.
    if at.step != ReindexStep::Load {
        progress.at(at.step.name(), Unit::Rows, at.done, at.total);
    }
}

impl Done {
    fn answer<'a>(&'a self, file: &'a FileDescription, dry_run: bool, took: Duration) -> ReindexAnswer<'a> {
        let (generation, changes) = match &self.outcome {
            Outcome::Invalid => (None, None),
            Outcome::Live(generation) => (Some(generation.clone().into()), None),
            Outcome::Rehearsed(changes) => (None, Some(changes)),
        };
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let (valid, report) = (!self.report.has_errors(), ReportAnswer::from(&self.report));
        ReindexAnswer { file, dry_run, valid, generation, changes, took_ms, report }
    }

    fn write(&self, file: &FileDescription, took: Duration, out: &mut dyn Write) -> io::Result<()> {
        file.write(out)?;
        writeln!(out)?;
        write_report(&self.report, FINDINGS_SHOWN, out)?;
        match &self.outcome {
            Outcome::Invalid => writeln!(out, "the file holds errors: nothing was changed"),
            Outcome::Live(live) => {
                writeln!(out, "live: {}, built in {:.1} s", generation::words(live), took.as_secs_f64())
            }
            Outcome::Rehearsed(changes) => changes.write(out),
        }
    }
}
