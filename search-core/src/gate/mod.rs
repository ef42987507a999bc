//! The gate before a publication: compares a new tree with the live one and refuses what is probably a mistake.
//!
//! A file with one row, an export that lacks a university, ids that were given anew: each of them is a valid file. So
//! what a new tree would take away is held against [`GateLimits`], and the queries of the admin are asked of both
//! generations ([`GoldenQuery`]). What trips is named with samples ([`GateReport`]), and nothing is published, unless
//! the caller forces it. The first tree always passes: there is nothing to lose.

mod golden;
mod limits;
mod report;

pub use golden::GoldenQuery;
pub use limits::{GateLimit, GateLimits};
pub use report::{Compared, GateCheck, GateOutcome, GateReport, GateSample};

pub(crate) use golden::ask;

/// What a new tree has to pass before it is published.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gate {
    /// How much may be lost.
    pub limits: GateLimits,
    /// Queries whose first answer must not be lost.
    pub golden: Vec<GoldenQuery>,
    /// Publishes whatever the gate says. That it did is written into the generation.
    pub force: bool,
}
