//! What several test files share.

pub(crate) mod cli;
pub(crate) mod server;
pub(crate) mod trees;
