//! How generations are built beside the searches.

use crate::priority::Priority;
use std::path::{Path, PathBuf};

/// Compaction by itself, and how much of the machine a build may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildingSettings {
    /// From how many changed organizations on a generation is built with the changes in it; 0: never by itself.
    /// `ORGSEARCH_COMPACT_AT`, default [`Self::DEFAULT_COMPACT_AT`].
    pub compact_at: usize,
    /// The program `orgsearch`, whose `compact` builds it in a process of its own; `None`: nothing is compacted by
    /// itself. The command line names itself.
    pub program: Option<PathBuf>,
    /// The priority of compactions, and of reindexes that come over HTTP. `ORGSEARCH_BUILD_PRIORITY`, default low.
    pub priority: Priority,
}

impl BuildingSettings {
    /// Changed organizations from which on a batch of one change takes about a second, over four million organizations.
    pub const DEFAULT_COMPACT_AT: usize = 20_000;

    /// The program that runs now. On Linux the very file that was started, also where a newer one took its place.
    pub fn this_program() -> Option<PathBuf> {
        let started = Path::new("/proc/self/exe");
        if started.exists() { Some(started.to_owned()) } else { std::env::current_exe().ok() }
    }
}

impl Default for BuildingSettings {
    fn default() -> Self {
        BuildingSettings {
            compact_at: Self::DEFAULT_COMPACT_AT,
            program: None,
            priority: Priority::default(),
        }
    }
}
