//! `orgsearch reindex`: an org-tree file becomes the live generation, or nothing changes.

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::findings::{ReportAnswer, write_report};
use super::gate_flags::GateFlags;
use super::gate_report::{write_difference, write_gate};
use super::generation;
use super::output;
use super::progress::{Progress, Unit};
use super::source_file::{FileDescription, SourceFile};
use super::target_file::Target;
use crate::difference_csv::DifferenceCsv;
use crate::json::difference::DifferenceJson;
use crate::json::gate::GateJson;
use crate::json::generation::GenerationJson;
use crate::priority::{Place, Priority};
use crate::since::seconds_since_1970;
use clap::Args;
use index_data::validate::Report;
use search_core::{
    Difference, EachChange, Engine, EngineError, Gate, GateOutcome, GateReport, GenerationInfo, Refused,
    Rehearsed, ReindexOptions, ReindexProgress, ReindexStep, Reindexed,
};
use serde::Serialize;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Findings listed in the table; `validate` shows more.
const FINDINGS_SHOWN: usize = 50;

/// Builds a new generation from an org-tree file and makes it live.
///
/// Readers are not disturbed. The file is validated first, then compared with the live organizations: where more is gone,
/// moved or renamed than the gate allows, nothing is published, and the command ends with 1. --force publishes all the
/// same, and the generation says so. If anything fails, or if the command is killed at any instant, the live generation
/// stays as it is. The generation before stays on disk for `rollback`. A running `serve` on the same directory takes the
/// new generation up by itself.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch reindex --data ./orgsearch-data --from orgs.xlsx --map name=单位全称 --map id=单位编号\n\
     orgsearch reindex --from orgs.csv.gz --dry-run --difference changes.csv\n\
     orgsearch reindex --from orgs.csv.gz --golden golden.tsv"
))]
pub(super) struct Reindex {
    /// The org-tree file: CSV, TSV, JSONL (each also with .gz) or XLSX.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Reads a column as a field, such as name=组织全称; may be given several times.
    #[arg(long, value_name = "FIELD=COLUMN", num_args = 1..)]
    map: Vec<String>,
    /// Changes nothing: says what would change, and whether the gate would pass it. With --golden the generation is
    /// built, asked, and thrown away.
    #[arg(long)]
    dry_run: bool,
    /// Publishes whatever the gate says.
    #[arg(long)]
    force: bool,
    /// Keeps changes made from then on (2026-09-01, 2026-09-01T08:00:00+08:00, or seconds since 1970): when the file was
    /// exported. Without it the gate refuses to lose any.
    #[arg(long, value_name = "TIME", value_parser = seconds_since_1970)]
    since: Option<u64>,
    /// Every organization that changes as CSV; packed if it ends in .gz; - for standard output.
    #[arg(long, value_name = "FILE", value_parser = Target::parse)]
    difference: Option<Target>,
    /// How much of the machine it takes: normal, or low (what nobody else wants, nice 19), beside a server.
    #[arg(long, value_name = "PRIORITY", default_value = "normal", value_parser = Priority::parse)]
    priority: Priority,
    /// Prints one JSON object: the report, the difference, the gate and the generation.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    gate: GateFlags,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct ReindexAnswer<'a> {
    #[serde(flatten)]
    file: &'a FileDescription,
    dry_run: bool,
    /// Whether the rows hold no error.
    valid: bool,
    /// The generation that is live now; absent unless it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<GenerationJson>,
    /// What changes; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<DifferenceJson>,
    /// What the gate says; absent where the rows hold errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    gate: Option<GateJson>,
    took_ms: u64,
    #[serde(flatten)]
    report: ReportAnswer<'a>,
}

impl Reindex {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let started = Instant::now();
        self.check_standard_output()?;
        self.priority.take(Place::Process);
        let gate = self.gate.gate(self.force)?;
        let progress = Progress::start("reindex");
        let rows = SourceFile::open(&self.from, &self.map, &progress)?;
        let file = rows.description(&self.from);
        let (dry_run, since) = (self.dry_run, self.since);
        let work = Work { engine: data.unopened()?, dry_run, since, gate, progress: &progress };
        let done = work.run_into(rows, self.difference.as_ref(), data)?;
        drop(progress);
        let took = started.elapsed();
        if self.json {
            output::print_json(&done.answer(&file, self.dry_run, took))?;
        } else if self.difference == Some(Target::StandardOutput) {
            output::say(&done.one_line());
        } else {
            output::print(|out| done.write(&file, took, out))?;
        }
        Ok(if done.is_refused() { Exit::InputErrors } else { Exit::Done })
    }

    /// Two results cannot share standard output.
    fn check_standard_output(&self) -> Result<(), Failure> {
        match self.json && self.difference == Some(Target::StandardOutput) {
            true => {
                let message = "--difference - and --json both write to standard output";
                Err(Failure::new(Exit::Usage, message))
            }
            false => Ok(()),
        }
    }
}

/// What is to be done.
struct Work<'p> {
    engine: Engine,
    dry_run: bool,
    since: Option<u64>,
    gate: Gate,
    progress: &'p Progress,
}

impl Work<'_> {
    /// Does it, and writes the difference where that is wanted: also of what the gate refuses.
    fn run_into(
        self,
        rows: SourceFile<'_>,
        difference: Option<&Target>,
        data: &DataDir,
    ) -> Result<Done, Failure> {
        let refuse = |error| Failure::engine(error, data.path());
        let Some(target) = difference else { return self.run(rows, None).map_err(refuse) };
        let mut done = None;
        let written = target.write(|out| {
            let mut csv = DifferenceCsv::begin(out)?;
            let result = done.insert(self.run(rows, Some(&mut |change| csv.write(change))));
            match result {
                Ok(Done { outcome: Outcome::Invalid, .. }) | Err(_) => Err(io::ErrorKind::Interrupted.into()),
                Ok(_) => csv.finish().map(drop),
            }
        });
        match done {
            // What went wrong with the reindex says more than that there is no file.
            Some(Err(error)) => Err(refuse(error)),
            Some(Ok(done)) if matches!(done.outcome, Outcome::Invalid) => Ok(done),
            Some(Ok(done)) => written.map(|()| done),
            None => written.and(Err(Failure::new(Exit::System, "nothing was done"))),
        }
    }

    /// Rows with errors and what the gate refuses are outcomes, not failures.
    fn run(self, rows: SourceFile<'_>, each_change: Option<EachChange<'_>>) -> Result<Done, EngineError> {
        let (gate, keep_changes_since) = (Some(self.gate), self.since);
        let options = ReindexOptions { gate, each_change, keep_changes_since, ..ReindexOptions::default() };
        let progress = |at: ReindexProgress| show(self.progress, &at);
        let done = match self.dry_run {
            true => self.engine.rehearse(options, rows, progress).map(Done::of_rehearsal),
            false => self.engine.reindex_with(options, rows, progress).map(Done::of_reindex),
        };
        match done {
            Err(EngineError::InvalidSource { report }) => {
                Ok(Done { report: *report, difference: None, gate: None, outcome: Outcome::Invalid })
            }
            Err(EngineError::Refused { refused }) => Ok(Done::of_refusal(*refused)),
            done => done,
        }
    }
}

/// What came of it.
struct Done {
    report: Report,
    difference: Option<Difference>,
    gate: Option<GateReport>,
    outcome: Outcome,
}

enum Outcome {
    /// The rows hold errors.
    Invalid,
    /// The gate refused.
    Refused,
    /// The generation that is live now.
    Live(Box<GenerationInfo>),
    /// Nothing was to be changed.
    Rehearsed,
}

fn show(progress: &Progress, at: &ReindexProgress) {
    // While rows are loaded the file says how many bytes are left, which tells more than rows without a total.
    if at.step != ReindexStep::Load {
        progress.at(at.step.name(), Unit::Rows, at.done, at.total);
    }
}

impl Done {
    fn of_rehearsal(Rehearsed { report, difference, gate }: Rehearsed) -> Self {
        Done { report, difference, gate, outcome: Outcome::Rehearsed }
    }

    fn of_reindex(Reindexed { generation, report, difference, gate }: Reindexed) -> Self {
        Done { report, difference, gate, outcome: Outcome::Live(Box::new(generation)) }
    }

    fn of_refusal(Refused { report, difference, gate }: Refused) -> Self {
        Done { report, difference, gate: Some(gate), outcome: Outcome::Refused }
    }

    /// Whether the file cannot go live as it is, in a rehearsal too.
    fn is_refused(&self) -> bool {
        self.report.has_errors()
            || self.gate.as_ref().is_some_and(|gate| gate.outcome == GateOutcome::Refused)
    }

    fn answer<'a>(&'a self, file: &'a FileDescription, dry_run: bool, took: Duration) -> ReindexAnswer<'a> {
        let generation = match &self.outcome {
            Outcome::Live(generation) => Some(GenerationJson::from(GenerationInfo::clone(generation))),
            Outcome::Invalid | Outcome::Refused | Outcome::Rehearsed => None,
        };
        ReindexAnswer {
            file,
            dry_run,
            valid: !self.report.has_errors(),
            generation,
            difference: self.difference.as_ref().map(Into::into),
            gate: self.gate.as_ref().map(Into::into),
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            report: ReportAnswer::from(&self.report),
        }
    }

    fn write(&self, file: &FileDescription, took: Duration, out: &mut dyn Write) -> io::Result<()> {
        file.write(out)?;
        writeln!(out)?;
        write_report(&self.report, FINDINGS_SHOWN, out)?;
        if let Some(difference) = &self.difference {
            write_difference(difference, out)?;
        }
        if let Some(gate) = &self.gate {
            write_gate(gate, out)?;
        }
        match &self.outcome {
            Outcome::Live(live) => {
                writeln!(out, "live: {}, built in {:.1} s", generation::words(live), took.as_secs_f64())
            }
            _ => writeln!(out, "{}", self.one_line()),
        }
    }

    fn one_line(&self) -> String {
        match &self.outcome {
            Outcome::Invalid => "the file holds errors: nothing was changed".to_owned(),
            Outcome::Refused => {
                "the gate refuses the file: nothing was changed; --force publishes it all the same".to_owned()
            }
            Outcome::Rehearsed => "dry run: nothing was changed".to_owned(),
            Outcome::Live(live) => format!("live: {}", generation::words(live)),
        }
    }
}
