//! A generation on disk or in memory: built once, sealed, then only read.

pub(crate) mod document;
pub(crate) mod name_view;
mod names_above;
mod spellings;
pub(crate) mod write;

pub(crate) mod building_directory;
pub(crate) mod codes;
mod columns;
pub(crate) mod disambiguator;
pub(crate) mod hierarchy;
pub(crate) mod initials_index;
pub(crate) mod keys;
pub(crate) mod layers;
pub(crate) mod limits;
pub(crate) mod pair_index;
pub(crate) mod prior;
pub(crate) mod profiles;
pub(crate) mod rank_row;
pub(crate) mod records;
mod sealed_directory;
pub(crate) mod sections;
pub(crate) mod short_names;
pub(crate) mod text_index;
pub(crate) mod unit_list;
mod views;

pub(crate) mod file_system;
pub(crate) mod generation;
pub(crate) mod manifest;
mod sealed_files;
pub(crate) mod snapshot;
pub(crate) mod space;
pub(crate) mod store;
pub(crate) mod write_lock;

#[cfg(all(test, unix))]
mod faults;
