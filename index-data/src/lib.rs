//! What an organization is: reads it, checks it, invents it. Knows no engine.
//!
//! ```text
//! a file ── load ──> SourceRow … ── validate ──> OrgTree + Report
//!                        ^
//!   generate (seeded) ───┘
//! ```
//!
//! The few types you need:
//!
//! - [`load::Source`] reads CSV, TSV, JSONL and XLSX files row by row, finds out their encoding and their columns.
//! - [`load::SourceRow`] is one row as its file tells it: text, nothing judged yet.
//! - [`load::Table`] reads somebody's table of any columns to the letter; [`load::RecordColumns`] says which of its
//!   columns name an organization.
//! - [`validate::validate`] checks all rows, never stops at the first problem, and builds the tree.
//! - [`model::OrgTree`] is a tree that is valid by construction, and compact.
//! - [`lexicon`] holds the words that names are made of: data, never code.
//! - [`transfer`] says how to move from one home system into another: data as well.
//! - [`generate`] invents a national tree of any size from real lists, and what people would type for it.
//!
//! This crate checks *shape* (ids, parents, cycles, encodings). Whether two names are *alike* needs the
//! normalization of `search-core` and is not decided here.

mod field;
mod finding;
mod report;

pub mod load;
pub mod model;

pub mod validate;

pub mod lexicon;

pub mod hash;

pub mod transfer;

#[cfg(feature = "generate")]
pub mod generate;
