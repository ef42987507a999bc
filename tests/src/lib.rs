//! What tests and fuzz targets share; the tests themselves live in `tests.rs`.
//!
//! - [`fuzz`] has every fuzz target as a function over bytes, and what makes inputs for it. `src/bin/fuzz-loop.rs` runs
//!   them on a stable compiler, `fuzz/` is the same for cargo-fuzz.
//! - `src/bin/crash-loop.rs` kills the real program at random instants, and holds what it left against a model.
//! - [`allocations`] counts what a thread asks of the allocator, and keeps a program below a cap.

pub mod allocations;
pub mod fuzz;
