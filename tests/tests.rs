//! The product as its users meet it, and the laws it must keep. Which kind of test goes where:
//!
//! - `golden` runs the YAML files in `golden/`: whole flows as data, anyone can add a case.
//! - `properties` holds the laws of the design against a brute-force scan and random trees.
//! - `resolve` holds the rules of decisions on generated trees.
//! - `reindex` is about generations on disk: publish, roll back, damage, a writer killed at any instant.
//! - `gate` is about what a new tree takes away: the difference, the limits, golden queries.
//! - `corruption` flips bits in every file of a generation.
//! - `connections` is about sockets: slow clients, limits, requests out of the ordinary, stopping in order.
//! - `fuzz` holds the fuzz targets and their runner together; the targets themselves run in `./check` and `./soak`.
//! - `documents` holds documents against what they describe.
//! - `cli` runs the real binary on real files, `tables` its `resolve` on tables of every format.
//! - `changes` changes it without a rebuild, over HTTP and from files.
//! - `compaction` lets a server compact by itself, in a child process that is held and killed.
//! - `jobs` replaces the tree as admins do it: refused jobs, history, events, generations.
//! - `replicas` publishes into a folder as the store, and follows it with real servers.
//! - `api` talks to a real server on a socket, `api_resolve` gives it batches of records.

#![expect(
    clippy::unwrap_used,
    reason = "what the tests prepare must succeed; clippy.toml covers test functions only"
)]

/// Counts what searches ask for.
#[global_allocator]
static ALLOCATOR: orgsearch_tests::allocations::Counting = orgsearch_tests::allocations::Counting;

mod golden;

mod properties;
mod resolve;

mod corruption;
mod gate;
mod reindex;

mod api;
mod api_resolve;
mod changes;
mod cli;
mod compaction;
mod connections;
mod jobs;
mod replicas;
mod tables;

mod documents;
mod fuzz;

mod support;
