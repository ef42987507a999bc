//! Two segments read as one: the base, which is a sealed generation, and an overlay with what was changed since.
//!
//! | | base | overlay |
//! | --- | --- | --- |
//! | ordinals | from 0 | from [`Layers::start`], the first multiple of [`BLOCK`] after the base |
//! | holds | all organizations of the generation | those changed since, with all that stands below them |
//! | hidden | the **tombstones**: what the overlay holds now | the **stubs**: organizations of the base above or after changed ones |
//!
//! The whole engine works on the one range of ordinals; only here it is known that there are two segments. Three
//! facts make that possible:
//!
//! 1. *A unit is changed with its whole subtree.* So whatever stands below a tombstone is one, no organization of the
//!    base that can be seen has a changed one above it, and views, inherited fields and signatures hold as they are.
//! 2. *A parent's ordinal is smaller than its children's*, as in one segment: the parent of an organization of the
//!    overlay is in the overlay, or it is a stub, and then it is the organization of the base that the stub stands for.
//! 3. *The overlay begins at a block boundary.* So an ascending list of the base, and behind it that of the overlay, is
//!    an ascending list, and no block of counting lies in both.
//!
//! What no longer holds: that a subtree is two runs a level (those of the overlay are further ones), and that all units
//! come before all leaves. How rare characters are, and the words that the tree brings, stay those of the base until
//! the next generation.

mod build;
mod find;
mod hidden;
mod hierarchy;
mod initials;
mod members;
mod pairs;
mod patches;
mod profiles;
mod records;
mod text;

pub(crate) use build::with_overlay;
use hidden::Hidden;
pub(crate) use initials::InitialPlaces;
pub(crate) use members::BaseMembers;
pub(crate) use profiles::Profiles;
use records::OverlayRecords;
pub(crate) use records::Records;
pub(crate) use text::{BlockPostings, Postings, TextIndex};

use index_data::model::Ordinal;

/// Organizations in a block of counting.
pub(crate) const BLOCK: Ordinal = 4096;

/// Where the overlay of so many organizations of the base begins; `None` where there is no room for it.
pub(crate) fn overlay_start(base_len: Ordinal) -> Option<Ordinal> {
    base_len.checked_next_multiple_of(BLOCK)
}
