//! The numbers of the sections of `records.bin`. Part of the format.

use crate::index::columns::{IdSections, SparseSections};
use crate::index::pair_index::PairSections;

pub(super) const NAMES: u32 = 1;
pub(super) const NAME_STARTS: (u32, u32) = (2, 3);
pub(super) const NORMALIZED: SparseSections = SparseSections { rows: (4, 5), starts: 6, runs: 7 };
pub(super) const IDS: IdSections =
    IdSections { is_text: (8, 9), text_starts: (10, 11), texts: 12, least: 13, numbers: 14 };
pub(super) const RANK_ROWS: u32 = 15;
pub(super) const PROFILES: u32 = 16;
pub(super) const PROFILE_CODES: u32 = 17;
pub(super) const CODE_WORDS: u32 = 18;
pub(super) const INNER_PARENTS: u32 = 19;
pub(super) const INNER_CHILD_STARTS: u32 = 20;
pub(super) const LEAF_CHILD_STARTS: u32 = 21;
pub(super) const MEMBERS: (u32, u32) = (22, 23);
pub(super) const DETAILS: SparseSections = SparseSections { rows: (24, 25), starts: 26, runs: 27 };
pub(super) const SUCCESSORS: u32 = 28;
pub(super) const KEYS: (u32, u32) = (29, 30);
pub(super) const VIEWS: u32 = 31;
pub(super) const SIGNATURES: u32 = 32;
pub(super) const VIEW_CODES: u32 = 33;
pub(super) const PAIRS: PairSections = PairSections { starts: 34, lists: 35, long_lists: 36, champions: 37 };
pub(super) const INITIALS_KEYS: u32 = 38;
pub(super) const INITIALS_ORDINALS: u32 = 39;
pub(super) const DISAMBIGUATORS: u32 = 40;
pub(super) const OWN_CODES: u32 = 41;
pub(super) const COUNT: usize = 41;
