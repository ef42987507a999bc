//! What a new tree has to pass before it is published.

use search_core::GateLimits;
use std::path::PathBuf;

/// The gate of reindex jobs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GateSettings {
    /// How much a new tree may take away. `ORGSEARCH_GATE_UNITS_LOST` and its like; defaults: see [`GateLimits`].
    pub limits: GateLimits,
    /// A file of golden queries, read anew for every job. `ORGSEARCH_GATE_GOLDEN`, no default.
    pub golden: Option<PathBuf>,
}
