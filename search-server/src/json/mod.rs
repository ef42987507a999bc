//! The JSON of answers, for HTTP and for `--json` on the command line alike.

pub(crate) mod answer;
pub(crate) mod explanation;
pub(crate) mod generation;
pub(crate) mod hit;
pub(crate) mod org;
pub(crate) mod problem;
