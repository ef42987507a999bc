//! `orgsearch change`: batches of changes from a file, as `POST /v1/admin/changes` takes them.

mod rows;

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::output;
use super::progress::{Progress, Unit};
use super::table::{Align, Table};
use crate::json::changes::AppliedJson;
use clap::{ArgGroup, Args};
use rows::{FileBatch, read_batches};
use search_core::changes::{
    Applied, Batch, Change, ChangeError, ChangeFinding, QueuedBatch, Replayed, Submitted,
};
use search_core::{Engine, EngineError, ReindexOptions, ReindexProgress};
use serde::Serialize;
use std::ops::RangeInclusive;
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
/// seconds. The same key again changes nothing. Batches come into effect one after another, until one is refused. For
/// one that changes more than 50,000 organizations, with those below them, a generation is built.
///
/// --replay makes batches again that a rollback has undone.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("what").required(true),
    after_help = help_end(
        "orgsearch change --data ./orgsearch-data --from changes.csv\n\
         orgsearch change --replay 340..347"
    )
)]
pub(super) struct ChangeFile {
    /// The file.
    #[arg(long, value_name = "FILE", group = "what")]
    from: Option<PathBuf>,
    /// The undone batches with these numbers, both among them. They get new numbers.
    #[arg(long, value_name = "FROM..TO", group = "what", value_parser = sequences)]
    replay: Option<RangeInclusive<u64>>,
    /// The key of the changes that are in no batch of their own; without it, a digest of them.
    #[arg(long, value_name = "KEY", conflicts_with = "replay")]
    key: Option<String>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// The `--json` answer.
#[derive(Debug, Default, Serialize)]
struct ChangeAnswer {
    /// The batches in effect, in their order.
    batches: Vec<AppliedJson>,
    /// What was wrong with the next one; empty if all are in effect.
    findings: Vec<FindingJson>,
}

#[derive(Debug, Serialize)]
struct FindingJson {
    /// The row of the file; of a batch that was undone, its number.
    row: u64,
    #[serde(flatten)]
    finding: ChangeFinding,
}

impl ChangeFile {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let work = Work { engine: data.open()?, data, at: now() };
        let mut answer = ChangeAnswer::default();
        let done = match (&self.from, self.replay) {
            (Some(file), _) => work.make(read_batches(file, self.key.as_deref())?, &mut answer),
            (None, Some(sequences)) => work.replay(sequences, &mut answer),
            (None, None) => Ok(()),
        };
        match done {
            Err(ChangeError::Engine(error)) => Err(Failure::engine(error, data.path())),
            Err(error) => {
                tell(&answer, self.json)?;
                Err(Failure::new(Exit::InputErrors, error.to_string()))
            }
            Ok(()) => {
                tell(&answer, self.json)?;
                Ok(if answer.findings.is_empty() { Exit::Done } else { Exit::InputErrors })
            }
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// `340..347`, or one number.
fn sequences(text: &str) -> Result<RangeInclusive<u64>, String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok(first..=last),
        _ => Err("write two numbers of batches, the smaller one first: 340..347".to_owned()),
    }
}

struct Work<'d> {
    engine: Engine,
    data: &'d DataDir,
    at: u64,
}

impl Work<'_> {
    /// Makes the batches of a file, until one is refused.
    fn make(&self, batches: Vec<FileBatch>, answer: &mut ChangeAnswer) -> Result<(), ChangeError> {
        for FileBatch { key, changes, rows } in batches {
            let row = |finding: &ChangeFinding| rows.get(finding.index).copied().unwrap_or(0);
            let read = Change::read_all(changes).map_err(|findings| ChangeError::Invalid { findings });
            let made = read.and_then(|changes| {
                let batch = Batch { key, changes, at: self.at };
                let submitted = self.engine.submit(&batch)?;
                self.in_effect(submitted, &batch)
            });
            match made {
                Ok(applied) => answer.batches.push(applied.into()),
                Err(ChangeError::Invalid { findings }) => {
                    let place = |finding| FindingJson { row: row(&finding), finding };
                    answer.findings = findings.into_iter().map(place).collect();
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Makes undone batches again, until one is refused.
    fn replay(&self, sequences: RangeInclusive<u64>, answer: &mut ChangeAnswer) -> Result<(), ChangeError> {
        let (mut first, last) = sequences.into_inner();
        loop {
            let Replayed { made, refused } = self.engine.replay_undone(first..=last, self.at)?;
            let mut is_queued = false;
            for (sequence, submitted) in made {
                first = sequence + 1;
                match submitted {
                    Submitted::Applied(applied) => answer.batches.push(applied.into()),
                    Submitted::Queued(queued) => {
                        let generation = self.compact()?;
                        let QueuedBatch { key, changes, sequence } = queued;
                        answer.batches.push(AppliedJson {
                            key,
                            applied: changes,
                            generation,
                            sequence,
                            ack: None,
                        });
                        is_queued = true;
                    }
                }
            }
            return match refused {
                // Those behind a queued batch had to wait until it was built in.
                Some((_, ChangeError::Queued { .. })) if is_queued => continue,
                Some((row, ChangeError::Invalid { findings })) => {
                    answer.findings =
                        findings.into_iter().map(|finding| FindingJson { row, finding }).collect();
                    Ok(())
                }
                Some((_, error)) => Err(error),
                None => Ok(()),
            };
        }
    }

    /// Builds a generation for a batch that is queued; then it is answered like any other.
    fn in_effect(&self, submitted: Submitted, batch: &Batch) -> Result<Applied, ChangeError> {
        match submitted {
            Submitted::Applied(applied) => Ok(applied),
            Submitted::Queued(QueuedBatch { key, sequence, .. }) => {
                self.compact()?;
                match self.engine.submit(batch)? {
                    Submitted::Applied(applied) => Ok(applied),
                    Submitted::Queued(_) => Err(ChangeError::Queued { key, sequence }),
                }
            }
        }
    }

    fn compact(&self) -> Result<String, EngineError> {
        let data = self.data.path().display();
        output::say(&format!(
            "change: a generation is built below {data}, as more than 50,000 organizations change"
        ));
        let progress = Progress::start("change");
        let shown = |at: ReindexProgress| progress.at(at.step.name(), Unit::Rows, at.done, at.total);
        Ok(self.engine.compact(ReindexOptions::default(), shown)?.generation.name)
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
