//! How much disk a generation needs, before it is written.

use index_data::model::OrgTree;

/// What one organization takes on the disk in a national tree (337 bytes), less a tenth: a reindex should not be refused
/// that would just fit. What turns out to be more is told by the disk.
const BYTES_PER_ORG: u64 = 300;

/// What must be free besides, for the manifest, the log and whoever else writes to this disk.
pub(crate) const MARGIN_BYTES: u64 = 32 << 20;

/// What the generation of a tree will take, about.
pub(crate) fn expected_bytes(tree: &OrgTree) -> u64 {
    u64::from(tree.len()) * BYTES_PER_ORG
}
