//! What changes from the live tree to another one, organization by organization, told apart by id.
//!
//! ```text
//! live records ─┐
//!               ├─ compare ──> Difference (counts, groups, samples)      every Change, one by one, to whoever asks
//! new OrgTree ──┘         └──> Losses, which the gate judges
//! ```
//! One walk over the live organizations and one over the new ones. Memory: four bytes for each live organization and
//! one bit for each new one, whatever changes.

mod change;
mod compare;
mod groups;

pub use change::{Change, ChangeCounts, ChangeKind, ChangeKinds, OrgState};
pub use groups::{Breakdown, GroupChanges};

pub(crate) use compare::{Comparison, Losses, Lost, LostOrg, compare};

/// Changes of each kind that a [`Difference`] shows.
pub const SAMPLES: usize = 10;

/// What changes from the live tree to another one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Organizations that are live.
    pub live: u64,
    /// Organizations of the other tree.
    pub new: u64,
    /// How many changed, and how. One that was renamed and moved counts in both.
    pub counts: ChangeCounts,
    /// By region: the one before, for what was removed; else the one after. Empty name: none is known.
    pub by_region: Breakdown,
    /// By kind, as [`index_data::model::OrgKind::code`] says it; regions and kinds are chosen alike.
    pub by_kind: Breakdown,
    /// By the part of the tree: the organizations below each root, or below each child of the root where the live tree
    /// (the new one, if none is live) has only one.
    pub by_subtree: Breakdown,
    /// The first [`SAMPLES`] changes of each kind: what left and what changed in the order of the live tree, then what
    /// came in the order of the new one. One change may stand for several kinds.
    pub samples: Vec<Change<'static>>,
}

impl Difference {
    /// Whether nothing that is looked at has changed.
    pub fn is_empty(&self) -> bool {
        self.counts == ChangeCounts::default()
    }
}
