//! The JSON of answers, for HTTP and for `--json` on the command line alike.

pub(crate) mod problem;
