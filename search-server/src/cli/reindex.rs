//! `orgsearch reindex`: an org-tree file becomes the live generation, or nothing changes.

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::findings::write_report;
use super::generation::GenerationAnswer;
use super::output;
use super::progress::{Progress, Unit};
use super::source_file::{FileDescription, SourceFile};
use super::tree_changes::TreeChanges;
use clap::Args;
use index_data::validate::{Report, validate};
use search_core::{Engine, EngineError, ReindexProgress, ReindexStep, Reindexed};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

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
struct ReindexAnswer {
    #[serde(flatten)]
    file: FileDescription,
    dry_run: bool,
    /// Whether the file may go live.
    valid: bool,
    /// The generation that is live now; absent after a dry run or errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<GenerationAnswer>,
    /// What would change; only after a dry run without errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<TreeChanges>,
    took_ms: u64,
    #[serde(flatten)]
    report: Report,
}

impl Reindex {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let started = Instant::now();
        let progress = Progress::start("reindex");
        let rows = SourceFile::open(&self.from, &self.map, &progress)?;
        let file = rows.description(&self.from);
        let engine = data.open_or_empty()?;
        let (report, outcome) = if self.dry_run {
            rehearse(&engine, rows, &progress)?
        } else {
            rebuild(&engine, rows, &progress).map_err(|error| Failure::engine(error, data.path()))?
        };
        drop(progress);
        let (generation, changes) = match outcome {
            Outcome::Invalid => (None, None),
            Outcome::Live(generation) => (Some(generation), None),
            Outcome::Rehearsed(changes) => (None, Some(changes)),
        };
        let valid = !report.has_errors();
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let answer =
            ReindexAnswer { file, dry_run: self.dry_run, valid, generation, changes, took_ms, report };
        if self.json {
            output::print_json(&answer)?
        } else {
            answer.print()?
        }
        Ok(if valid { Exit::Done } else { Exit::InputErrors })
    }
}

enum Outcome {
    Invalid,
    Live(GenerationAnswer),
    Rehearsed(TreeChanges),
}

/// Builds and publishes; rows with errors are an outcome, not a failure.
fn rebuild(
    engine: &Engine,
    rows: SourceFile<'_>,
    progress: &Progress,
) -> Result<(Report, Outcome), EngineError> {
    match engine.reindex(rows, |at| show(progress, &at)) {
        Ok(Reindexed { generation, report }) => {
            Ok((report, Outcome::Live(GenerationAnswer::from(&generation))))
        }
        Err(EngineError::InvalidSource { report }) => Ok((*report, Outcome::Invalid)),
        Err(error) => Err(error),
    }
}

/// Validates, and compares with what is live.
fn rehearse(
    engine: &Engine,
    rows: SourceFile<'_>,
    progress: &Progress,
) -> Result<(Report, Outcome), Failure> {
    let validated = validate(rows)?;
    let outcome = match &validated.tree {
        Some(tree) => Outcome::Rehearsed(TreeChanges::between(engine, tree, progress)?),
        None => Outcome::Invalid,
    };
    Ok((validated.report, outcome))
}

fn show(progress: &Progress, at: &ReindexProgress) {
    // While rows are loaded the file says how many bytes are left, which tells more than rows without a total.
    if at.step != ReindexStep::Load {
        progress.at(at.step.name(), Unit::Rows, at.done, at.total);
    }
}

impl ReindexAnswer {
    fn print(&self) -> Result<(), Failure> {
        output::print(|out| {
            self.file.write(out)?;
            writeln!(out)?;
            write_report(&self.report, FINDINGS_SHOWN, out)?;
            if let Some(generation) = &self.generation {
                let seconds = self.took_ms as f64 / 1000.0;
                return writeln!(out, "live: {}, built in {seconds:.1} s", generation.words());
            }
            match &self.changes {
                Some(changes) => changes.write(out),
                None => writeln!(out, "the file holds errors: nothing was changed"),
            }
        })
    }
}
