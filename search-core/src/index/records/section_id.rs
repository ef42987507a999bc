//! The numbers of the sections of `records.bin`. Part of the format.

pub(super) const NAMES: u32 = 1;
pub(super) const NAME_STARTS: u32 = 2;
pub(super) const NORMALIZED: u32 = 3;
pub(super) const NORMALIZED_STARTS: u32 = 4;
pub(super) const CORES: u32 = 5;
pub(super) const IDS: u32 = 6;
pub(super) const ID_STARTS: u32 = 7;
pub(super) const PARENTS: u32 = 8;
pub(super) const INNER_CHILD_STARTS: u32 = 9;
pub(super) const LEAF_CHILD_STARTS: u32 = 10;
pub(super) const RANK_ROWS: u32 = 11;
pub(super) const MEMBERS: u32 = 12;
pub(super) const DETAILS: u32 = 13;
pub(super) const DETAIL_STARTS: u32 = 14;
pub(super) const SUCCESSORS: u32 = 15;
pub(super) const CODE_WORDS: u32 = 16;
pub(super) const KEYS: u32 = 17;
pub(super) const VIEW_SYMBOLS: u32 = 18;
pub(super) const SIGNATURES: u32 = 19;
pub(super) const VIEW_CODES: u32 = 20;
pub(super) const PAIR_STARTS: u32 = 21;
pub(super) const PAIR_LISTS: u32 = 22;
pub(super) const INITIALS_KEYS: u32 = 23;
pub(super) const INITIALS_ORDINALS: u32 = 24;
pub(super) const DISAMBIGUATORS: u32 = 25;
pub(super) const COUNT: usize = 25;
