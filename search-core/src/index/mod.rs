//! A generation on disk or in memory: built once, sealed, then only read.

pub(crate) mod document;
pub(crate) mod name_view;
pub(crate) mod write;

pub(crate) mod building_directory;
mod initials_index;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod pair_index;
pub(crate) mod profiles;
pub(crate) mod rank_row;
pub(crate) mod records;
mod sealed_directory;
pub(crate) mod sections;
pub(crate) mod text_index;
pub(crate) mod told_by;

pub(crate) mod file_system;
pub(crate) mod generation;
pub(crate) mod snapshot;
pub(crate) mod store;

#[cfg(all(test, unix))]
mod faults;
