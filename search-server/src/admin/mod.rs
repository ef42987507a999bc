//! The routes that change something. All of them need the admin key.

pub(crate) mod changes;
mod difference_body;
pub(crate) mod generations;
pub(crate) mod jobs;
pub(crate) mod reindex;
mod reindex_job;
pub(crate) mod upload;
