//! The model: what an organization is, and the tree they form.

mod org;

mod build;
mod level_order;
mod natural_order;
mod tree;

mod details;
mod interner;
mod text_column;

pub(crate) use build::TreeBuilder;
pub use build::{MAX_DEPTH, SiblingKey};
pub use details::Details;
pub use level_order::{LevelOrder, Ordinal, checked_parent};
pub use org::{HomeSystem, OrgKind, OrgStatus, OrgUnit};
pub use tree::{OrgTree, Subtree};
