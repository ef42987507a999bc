//! The routes that read. Types of requests and answers live beside their handlers; what several share is in
//! `parameters.rs`, `queries.rs`, `etag.rs`, [`answer`] and [`hit`].

pub mod answer;
pub(crate) mod etag;
pub mod hit;
pub(crate) mod parameters;
pub(crate) mod queries;

pub(crate) mod autocomplete;
pub(crate) mod orgs;
pub(crate) mod search;

pub(crate) mod assets;
pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod page;
pub(crate) mod transfer_guide;
