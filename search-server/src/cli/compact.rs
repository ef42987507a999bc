//! `orgsearch compact`: a generation of what is searched now, changes among it.

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::generation;
use super::output;
use crate::json::generation::GenerationJson;
use clap::Args;
use search_core::ReindexOptions;
use serde::Serialize;

/// Builds a new generation with all changes made so far.
///
/// Searches over many changed organizations cost more; afterwards they cost what they did without changes. Readers are
/// not disturbed, and batches that come meanwhile are carried on. The generation before stays for a rollback.
#[derive(Debug, Args)]
#[command(after_help = help_end("orgsearch compact --data ./orgsearch-data"))]
pub(super) struct Compact {
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
        let refuse = |error| Failure::engine(error, data.path());
        let engine = data.open()?;
        let changed = engine.changed_orgs();
        let info = match changed {
            0 => engine.generation(),
            _ => engine.compact(ReindexOptions::default(), |_| {}).map_err(refuse)?.generation,
        };
        if self.json {
            output::print_json(&CompactAnswer { changed, generation: info.into() })?;
        } else {
            output::print(|out| {
                writeln!(out, "live: {}, {changed} changed organizations built in", generation::words(&info))
            })?;
        }
        Ok(Exit::Done)
    }
}
