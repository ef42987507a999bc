//! Columns that take less than a whole number of 32 bits a row, and are still read where they lie.

mod ids;
mod narrow;
mod present;
mod starts;
mod uints;

pub(crate) use ids::{IdSections, IdText, Ids};
pub(crate) use narrow::{Narrow, SortedMap, entry};
pub(crate) use present::{SparseRuns, SparseSections};
pub(crate) use starts::{Starts, StartsBuilder};
pub(crate) use uints::{Uints, width_of};
