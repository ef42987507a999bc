//! The flags of the gate, the same for `reindex` and `serve`.

use super::exit::Exit;
use super::failure::Failure;
use crate::config::GateSettings;
use crate::golden::{GoldenError, read_golden};
use clap::Args;
use search_core::{Gate, GateLimits};
use std::path::PathBuf;

/// How much a new tree may take away before it is refused.
#[derive(Debug, Args)]
#[command(next_help_heading = "Gate")]
pub(super) struct GateFlags {
    /// Organizations with children that may be gone, in percent of all such.
    #[arg(
        long,
        value_name = "PERCENT",
        env = "ORGSEARCH_GATE_UNITS_LOST",
        default_value_t = GateLimits::default().units_lost_percent,
        value_parser = percent
    )]
    gate_units_lost: f64,
    /// Organizations without children that may be gone, in percent of all such.
    #[arg(
        long,
        value_name = "PERCENT",
        env = "ORGSEARCH_GATE_LEAVES_LOST",
        default_value_t = GateLimits::default().leaves_lost_percent,
        value_parser = percent
    )]
    gate_leaves_lost: f64,
    /// Organizations that may stand below another one, in percent of all.
    #[arg(
        long,
        value_name = "PERCENT",
        env = "ORGSEARCH_GATE_MOVED",
        default_value_t = GateLimits::default().moved_percent,
        value_parser = percent
    )]
    gate_moved: f64,
    /// Organizations that may have another official name, in percent of all.
    #[arg(
        long,
        value_name = "PERCENT",
        env = "ORGSEARCH_GATE_RENAMED",
        default_value_t = GateLimits::default().renamed_percent,
        value_parser = percent
    )]
    gate_renamed: f64,
    /// Organizations with children that may be gone although some below them are in use.
    #[arg(
        long,
        value_name = "N",
        env = "ORGSEARCH_GATE_UNITS_LOST_WITH_ACTIVE",
        default_value_t = GateLimits::default().units_lost_with_active
    )]
    gate_units_lost_with_active: u64,
    /// Golden queries that may lose their first answer.
    #[arg(
        long,
        value_name = "N",
        env = "ORGSEARCH_GATE_GOLDEN_LOST",
        default_value_t = GateLimits::default().golden_lost
    )]
    gate_golden_lost: u64,
    /// Golden queries: one a line, after a tab the ids that are right, with commas between; without ids the answer that
    /// is first now. Each is asked of the live generation and of the new one.
    #[arg(long, value_name = "FILE", env = "ORGSEARCH_GATE_GOLDEN")]
    golden: Option<PathBuf>,
}

impl GateFlags {
    pub(super) fn settings(self) -> GateSettings {
        GateSettings {
            limits: GateLimits {
                units_lost_percent: self.gate_units_lost,
                leaves_lost_percent: self.gate_leaves_lost,
                moved_percent: self.gate_moved,
                renamed_percent: self.gate_renamed,
                units_lost_with_active: self.gate_units_lost_with_active,
                golden_lost: self.gate_golden_lost,
            },
            golden: self.golden,
        }
    }

    /// The gate, its golden queries read.
    pub(super) fn gate(self, force: bool) -> Result<Gate, Failure> {
        let GateSettings { limits, golden } = self.settings();
        let golden = golden.map(|path| read_golden(&path)).transpose()?;
        Ok(Gate { limits, golden: golden.unwrap_or_default(), force })
    }
}

impl From<GoldenError> for Failure {
    fn from(error: GoldenError) -> Self {
        match error {
            GoldenError::Io { file, cause } => Failure::reading(&file, &cause),
            content @ GoldenError::Content { .. } => Failure::new(Exit::InputErrors, content.to_string())
                .help("one query a line; after a tab the ids that are right, with commas between"),
        }
    }
}

fn percent(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("not a number from 0 to 100".to_owned()),
    }
}
