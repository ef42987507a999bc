//! `orgsearch rollback`: an earlier generation becomes live again.

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::generation;
use super::output;
use crate::admin::generations::GenerationJson;
use clap::Args;
use search_core::EngineError;
use serde::Serialize;

/// Makes an earlier generation live again.
///
/// Readers are not disturbed. Nothing is deleted: the generation left can be taken up again with --to.
#[derive(Debug, Args)]
#[command(after_help = help_end("orgsearch rollback --data ./orgsearch-data"))]
pub(super) struct Rollback {
    /// The generation to go to, as `status` names it; without it, the one before the live one.
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct RollbackAnswer {
    /// The generation that was live before.
    left: String,
    /// The generation that is live now.
    generation: GenerationJson,
}

impl Rollback {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let refuse = |error| Failure::engine(error, data.path());
        let engine = data.unopened()?;
        let no_generation = || EngineError::NoGeneration { dir: data.path().to_owned() };
        let left = engine.published().and_then(|name| name.ok_or_else(no_generation)).map_err(refuse)?;
        let info = engine.rollback(self.to.as_deref()).map_err(refuse)?;
        if self.json {
            output::print_json(&RollbackAnswer { left, generation: info.into() })?;
        } else {
            output::print(|out| writeln!(out, "live: {}; {left} was left", generation::words(&info)))?;
        }
        Ok(Exit::Done)
    }
}
