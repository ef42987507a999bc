//! `orgsearch rollback`: an earlier generation becomes live again.

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::generation;
use super::output;
use crate::json::generation::GenerationJson;
use clap::Args;
use serde::Serialize;

/// Makes an earlier generation live again.
///
/// Readers are not disturbed. Nothing is deleted: the generation left can be taken up again with --to. Batches of changes
/// that came later are undone; they stay in the log, and `orgsearch change --replay` makes them again.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch rollback --data ./orgsearch-data\n\
     orgsearch rollback --to g000012-347"
))]
pub(super) struct Rollback {
    /// The generation to go to, as `status` names it (g000012: as it was built), or one of its batches of changes
    /// (g000012-347: with all up to this one); without it, the generation before the live one.
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct RollbackAnswer {
    /// The generation that was live before; null if the directory did not name one.
    left: Option<String>,
    /// The generation that is live now.
    generation: GenerationJson,
}

impl Rollback {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let refuse = |error| Failure::engine(error, data.path());
        let engine = data.unopened()?;
        // A pointer that is damaged names nothing to leave.
        let left = engine.published().ok().flatten();
        let info = engine.rollback(self.to.as_deref()).map_err(refuse)?;
        if self.json {
            output::print_json(&RollbackAnswer { left, generation: info.into() })?;
        } else {
            let left = left.map_or_else(String::new, |left| format!("; {left} was left"));
            output::print(|out| writeln!(out, "live: {}{left}", generation::words(&info)))?;
        }
        Ok(Exit::Done)
    }
}
