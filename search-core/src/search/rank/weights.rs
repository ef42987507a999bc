//! The weight table: every feature that ranks, how much it counts, and the behaviour it buys.
//!
//! Features are measured `0.0..=1.0`; the raw score is their weighted sum over the sum of the weights.

/// How much of the query, by rarity, is found in the organization's names or above it. By far the heaviest: whoever
/// matches more of what was typed comes first.
pub(crate) const COVERAGE: f32 = 60.0;
/// Whether all of the query is found.
pub(crate) const WHOLE: f32 = 14.0;
/// How much of what is found is the same, not only of the same sound or shape.
pub(crate) const FAITHFUL: f32 = 14.0;
/// How much of the query is found in its own names: 海淀区 is the district's committee before what lies below it. Weak,
/// since some houses leave the chain out of the name.
pub(crate) const OWN: f32 = 3.0;
/// How much of what its name adds to its parent's the query accounts for, words by their heads: the shorter of two
/// names that hold the query.
pub(crate) const SHARE: f32 = 16.0;
/// How much of the names above that hold something of the query it accounts for: 北大 is 北京大学 before 北京建筑大学.
pub(crate) const ABOVE: f32 = 14.0;
/// How few pieces the match falls into: a run is worth more than scattered characters.
pub(crate) const RUN: f32 = 10.0;
/// How many of the pieces begin where a word begins: 北大 is 北京大学 before 北方大数据.
pub(crate) const HEAD: f32 = 6.0;
/// Whether the match begins where what the name adds begins.
pub(crate) const START: f32 = 4.0;
/// Whether the match ends where the name ends: the last word of a name says what it is.
pub(crate) const END: f32 = 4.0;
/// Whether year, class and grade are those typed: 高一4班 is not 高一14班.
pub(crate) const CLASS: f32 = 24.0;
/// Whether numbers in names are those typed: 第十五中学 is not 第五中学.
pub(crate) const NUMBER: f32 = 10.0;
/// Whether the form word typed is the form word of the name; half where none is typed.
pub(crate) const FORM: f32 = 4.0;
/// Whether members can still move there: equally good ones that are closed or graduated come after.
pub(crate) const ACTIVE: f32 = 3.0;
/// How high it stands in the tree: the university before its classes.
pub(crate) const LEVEL: f32 = 4.0;
/// How many organizations stand directly below it: the university before the company of a similar name.
pub(crate) const SIZE: f32 = 3.0;
/// How many members it has, on a logarithmic scale: the weakest prior.
pub(crate) const MEMBERS: f32 = 0.5;
/// How many of several parts typed are found whole: of two names side by side one will do, and both are better.
pub(crate) const PARTS: f32 = 12.0;
/// How close it is to the organization asked for with `near`.
pub(crate) const NEAR: f32 = 6.0;
