//! What several test files share.

pub mod cli;
pub mod server;
pub mod trees;
