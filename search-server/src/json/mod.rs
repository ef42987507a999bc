//! The JSON that routes and `--json` on the command line share.

pub(crate) mod answer;
pub(crate) mod changes;
pub(crate) mod difference;
pub(crate) mod explanation;
pub(crate) mod gate;
pub(crate) mod generation;
pub(crate) mod hit;
pub(crate) mod org;
pub(crate) mod problem;
pub(crate) mod resolution;
