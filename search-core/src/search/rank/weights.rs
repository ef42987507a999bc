//! The weight table: every feature that ranks, how much it counts, and the behaviour it buys.
//!
//! Features are measured `0.0..=1.0`; the raw score is their weighted sum over the sum of the weights.

/// How much of the query, by rarity, is found in the organization's names or above it. By far the heaviest: whoever
/// matches more of what was typed comes first.
pub(crate) const COVERAGE: f32 = 40.0;
/// How much of that is found in its own names: 海淀区 is the district's committee before what lies below it.
pub(crate) const OWN: f32 = 8.0;
/// How much of its name, without boilerplate, the query accounts for, or of what the name adds to its parent's,
/// whichever is more: the shorter of two names that hold the query, whether they spell out their chain or not.
pub(crate) const SHARE: f32 = 16.0;
/// How few pieces the match falls into: a run is worth more than scattered characters.
pub(crate) const RUN: f32 = 8.0;
/// Whether the match begins where the name begins, or what it adds to its parent's.
pub(crate) const START: f32 = 4.0;
/// Whether the match ends where the name ends: the last word of a name says what it is.
pub(crate) const END: f32 = 5.0;
/// Whether matched numbers are whole numbers: 4班 is not the end of 14班.
pub(crate) const NUMBER: f32 = 8.0;
/// Whether the form word typed is the form word of the name; half where none is typed.
pub(crate) const FORM: f32 = 4.0;
/// Whether members can still move there: equally good ones that are closed or graduated come after.
pub(crate) const ACTIVE: f32 = 3.0;
/// How high it stands in the tree: the university before its classes.
pub(crate) const LEVEL: f32 = 2.0;
/// How many members it has, on a logarithmic scale: the weakest prior.
pub(crate) const MEMBERS: f32 = 0.5;
/// How close it is to the organization asked for with `near`.
pub(crate) const NEAR: f32 = 6.0;
