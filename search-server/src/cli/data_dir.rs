//! `--data DIR`: where the generations live.

use super::failure::Failure;
use clap::Args;
use search_core::Engine;
use std::path::{Path, PathBuf};

/// The data directory, the same option for every command.
#[derive(Debug, Args)]
pub(super) struct DataDir {
    /// The directory that holds the generations.
    #[arg(
        long = "data",
        global = true,
        value_name = "DIR",
        env = "ORGSEARCH_DATA",
        default_value = "./orgsearch-data"
    )]
    dir: PathBuf,
}

impl DataDir {
    /// The directory.
    pub(super) fn path(&self) -> &Path {
        &self.dir
    }

    /// The engine over the live generation.
    pub(super) fn open(&self) -> Result<Engine, Failure> {
        Engine::open(&self.dir).map_err(|error| Failure::engine(error, &self.dir))
    }

    /// The engine over the live generation, or an empty one that a reindex fills.
    pub(super) fn open_or_empty(&self) -> Result<Engine, Failure> {
        Engine::open_or_empty(&self.dir).map_err(|error| Failure::engine(error, &self.dir))
    }

    /// The engine of a writer: it does not need the live generation to be intact, or to be there.
    pub(super) fn unopened(&self) -> Result<Engine, Failure> {
        Engine::unopened(&self.dir).map_err(|error| Failure::engine(error, &self.dir))
    }
}
