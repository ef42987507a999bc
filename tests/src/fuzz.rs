//! Every fuzz target: a function over any bytes, which must come back without a panic, soon, and without much memory.
//!
//! A target panics if the code under test does, or if a promise about its answer does not hold.

mod edits;
mod files;
mod generations;
mod mutate;
mod searches;
mod service;

pub use mutate::{Mutator, tokens};

/// A fuzz target.
pub struct Target {
    /// Its name, also that of its folder of seeds in `tests/fuzz/corpus/`.
    pub name: &'static str,
    /// Runs one input.
    pub run: fn(&[u8]),
    /// Seeds that depend on the build, beside the committed ones.
    pub more_seeds: fn() -> Vec<Vec<u8>>,
    /// Runs in `./check`: some seconds for each target, and the same inputs every time.
    pub runs_in_check: u64,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    target("csv", files::csv, 5_000),
    target("tsv", files::tsv, 5_000),
    target("jsonl", files::jsonl, 10_000),
    target("xlsx", files::xlsx, 2_000),
    target("xlsx_parts", files::xlsx_parts, 2_500),
    target("column_maps", files::column_maps, 15_000),
    target("settings", files::settings, 5_000),
    target("details", files::details, 200_000),
    target("name_views", generations::name_views, 200_000),
    target("records", generations::records, 1_000),
    Target { more_seeds: generations::manifest_seeds, ..target("manifest", generations::manifest, 60) },
    target("generation", generations::generation, 40),
    target("queries", searches::queries, 1_500),
    target("cursors", searches::cursors, 10_000),
    target("requests", service::requests, 20_000),
    target("multipart", service::multipart, 3_000),
];

const fn target(name: &'static str, run: fn(&[u8]), runs_in_check: u64) -> Target {
    Target { name, run, more_seeds: Vec::new, runs_in_check }
}

/// Runs one input of a target by its name: what a target of cargo-fuzz is made of.
///
/// # Panics
/// If there is no such target, or the input is a finding.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("the name of a target");
    (target.run)(input);
}
