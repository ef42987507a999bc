//! What the gate said, as `--json`, jobs and problems tell it.

use crate::openapi::vocabularies;
use search_core::GateReport;
use search_core::gate::{Compared, GateCheck, GateSample};
use serde::{Deserialize, Serialize};

/// What the gate said of a new tree.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = GateReport)]
pub(crate) struct GateJson {
    /// What came of it. A rehearsal says `refused` or `forced` of what a reindex would do.
    #[schema(value_type = vocabularies::GateOutcome)]
    pub(crate) outcome: String,
    /// What the new tree was held against: `tree`; `counts` only, where the live generation cannot be opened; `nothing`,
    /// where none is live or its manifest cannot be read.
    #[schema(value_type = vocabularies::GateCompared)]
    compared: String,
    /// Why not against the live tree; null if it was, or if none is live.
    reason: Option<String>,
    /// Every limit that could be looked at.
    checks: Vec<GateCheckJson>,
}

/// One limit, held against what was found.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = GateCheck)]
struct GateCheckJson {
    /// Which one.
    #[schema(value_type = vocabularies::GateLimit)]
    limit: String,
    /// Whether more were found than are allowed.
    tripped: bool,
    /// How many were found.
    count: u64,
    /// Of how many.
    of: u64,
    /// How many are allowed.
    allowed: u64,
    /// The limit in percent of `of`; null where it is a number.
    allowed_percent: Option<f64>,
    /// The first of them, those that stand highest in the tree.
    samples: Vec<GateSampleJson>,
}

/// One of what was found.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = GateSample)]
struct GateSampleJson {
    /// The golden query; null for organizations.
    query: Option<String>,
    /// The live organization, or the first answer of a golden query so far; empty if there was none.
    id: String,
    /// Its name.
    name: String,
    /// What is in its place now: another name, the organization above it, or the first answer; null if nothing.
    now: Option<String>,
    /// Organizations in use below it; null where they do not matter.
    active_below: Option<u64>,
}

/// What stands for each way to compare.
pub(crate) const COMPARED: [&str; 3] = ["tree", "counts", "nothing"];

impl From<&GateReport> for GateJson {
    fn from(report: &GateReport) -> Self {
        let (compared, reason) = match &report.compared {
            Compared::Tree => (COMPARED[0], None),
            Compared::CountsOnly { reason } => (COMPARED[1], Some(reason.clone())),
            Compared::Nothing => (COMPARED[2], None),
            Compared::Unreadable { reason } => (COMPARED[2], Some(reason.clone())),
        };
        GateJson {
            outcome: report.outcome.name().to_owned(),
            compared: compared.to_owned(),
            reason,
            checks: report.checks.iter().map(Into::into).collect(),
        }
    }
}

impl From<&GateCheck> for GateCheckJson {
    fn from(check: &GateCheck) -> Self {
        GateCheckJson {
            limit: check.limit.name().to_owned(),
            tripped: check.is_tripped(),
            count: check.count,
            of: check.of,
            allowed: check.allowed,
            allowed_percent: check.allowed_percent,
            samples: check.samples.iter().map(Into::into).collect(),
        }
    }
}

impl From<&GateSample> for GateSampleJson {
    fn from(sample: &GateSample) -> Self {
        let GateSample { query, id, name, now, active_below } = sample.clone();
        GateSampleJson { query, id, name, now, active_below }
    }
}
