//! The routes that read. What handlers share stands first; their answers are in `json/`.

pub(crate) mod body;
pub(crate) mod etag;
pub(crate) mod parameters;
pub(crate) mod queries;

pub(crate) mod autocomplete;
pub(crate) mod orgs;
pub(crate) mod resolve;
pub(crate) mod search;

pub(crate) mod assets;
pub(crate) mod docs;
pub(crate) mod feedback;
pub(crate) mod health;
pub(crate) mod misses;
pub(crate) mod page;
pub(crate) mod transfer_guide;
