//! `orgsearch compact`: a generation of what is searched now, changes among it.

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::generation;
use super::output;
use super::progress::{Progress, Unit};
use crate::compaction::ProgressLine;
use crate::json::generation::GenerationJson;
use crate::priority::{Place, Priority};
use clap::Args;
use search_core::{ReindexOptions, ReindexProgress};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Builds a new generation with all changes made so far, and a batch that is queued.
///
/// Searches over many changed organizations cost more; afterwards they cost what they did without changes. Readers are
/// not disturbed, and batches that come meanwhile are carried on. The generation before stays for a rollback. If the
/// command is killed at any instant, the live generation stays as it is. A server does it by itself: `serve
/// --compact-at`.
#[derive(Debug, Args)]
#[command(after_help = help_end("orgsearch compact --data ./orgsearch-data"))]
pub(super) struct Compact {
    /// How much of the machine it takes: normal, or low (what nobody else wants, nice 19), beside a server.
    #[arg(long, value_name = "PRIORITY", default_value = "normal", value_parser = Priority::parse)]
    priority: Priority,
    /// For a program that runs this command: tells its progress on standard output, a JSON object a line (step, done,
    /// total), and stops once its standard input ends. Nothing is changed then.
    #[arg(long, conflicts_with = "json")]
    supervised: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct CompactAnswer {
    /// Organizations that were changed, with those below changed ones; 0: there was nothing to do.
    changed: usize,
    /// The generation that is live now.
    generation: GenerationJson,
}

impl Compact {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        self.priority.take(Place::Process);
        let refuse = |error| Failure::engine(error, data.path());
        let cancel = self.supervised.then(set_when_standard_input_ends);
        let engine = data.open()?;
        let changed = engine.changed_orgs();
        let progress = (!self.supervised).then(|| Progress::start("compact"));
        let options = ReindexOptions { cancel, ..ReindexOptions::default() };
        let compacted = match changed {
            0 if engine.queued_batch().is_none() => Ok(engine.generation()),
            _ => engine.compact(options, |at| tell(progress.as_ref(), at)).map(|done| done.generation),
        };
        drop(progress);
        let info = compacted.map_err(refuse)?;
        if self.json {
            output::print_json(&CompactAnswer { changed, generation: info.into() })?;
        } else if !self.supervised {
            output::print(|out| {
                writeln!(out, "live: {}, {changed} changed organizations built in", generation::words(&info))
            })?;
        }
        Ok(Exit::Done)
    }
}

/// Shows how far it is, or tells whoever started it. What cannot be told is lost: the end is what counts.
fn tell(progress: Option<&Progress>, at: ReindexProgress) {
    let ReindexProgress { step, done, total } = at;
    match progress {
        Some(progress) => progress.at(step.name(), Unit::Rows, done, total),
        None => {
            let mut line =
                serde_json::to_vec(&ProgressLine { step: step.name(), done, total }).unwrap_or_default();
            line.push(b'\n');
            let _ = io::stdout().write_all(&line).and_then(|()| io::stdout().flush());
        }
    }
}

/// A flag that is set once whoever started this process closes its standard input, or is gone.
fn set_when_standard_input_ends() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    // It waits for as long as the process lives.
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        set.store(true, Ordering::Relaxed);
    });
    flag
}
