//! Every constant that decides the order of hits: what behaviour it buys.
//!
//! Features are `0.0..=1.0`; the raw score is their weighted sum over the sum of the weights. The values were found on
//! generated queries with known answers and on hand-written ones; each family of them has a bar in `orgsearch
//! evaluate`. [`super::align`] and [`super::rank`] state scores as sums of these constants in their tests.
//!
//! Each group names its guards: what failed when each constant in turn was set to zero and to three times its value.

/// The weight of each feature in the raw score.
///
/// Guards: `golden/typed` for all but class, number, form, active, prior, parts, near and from; `rank/tests.rs` for prior; `golden/search/001-basics`
/// for share (北京大学), above (北京大学软件2024级软件工程1班), level and near (流动团员). The others move single places
/// of the evaluation files only.
pub(crate) mod weight {
    /// How much of the query, by rarity, is found in the organization's names or above it. By far the heaviest: whoever
    /// matches more of what was typed comes first.
    pub(crate) const COVERAGE: f32 = 60.0;
    /// Whether all of the query is found.
    pub(crate) const WHOLE: f32 = 14.0;
    /// How much of what is found is the same, not only of the same sound or shape.
    pub(crate) const FAITHFUL: f32 = 24.0;
    /// How much of the query is found in its own names: 海淀区 is the district's committee before what lies below it.
    /// Small, since some organizations leave the names above them out of their own.
    pub(crate) const OWN: f32 = 3.0;
    /// How much of its own name the query accounts for, words by their initial characters: of two names that hold the
    /// query the shorter one is first.
    pub(crate) const SHARE: f32 = 16.0;
    /// How much of the names above that hold something of the query it accounts for: 北大 is 北京大学 before
    /// 北京建筑大学.
    pub(crate) const ABOVE: f32 = 14.0;
    /// How few runs the match falls into: one run is worth more than scattered characters.
    pub(crate) const RUN: f32 = 10.0;
    /// How many of the runs begin where a word begins: 北大 is 北京大学 before 北方大数据.
    pub(crate) const HEAD: f32 = 6.0;
    /// Whether the match begins where its own name begins.
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
    /// How likely it is meant before anything is typed, where the query says next to nothing, and among the bearers of
    /// the exact name typed. It falls as the query says more: see [`super::prior`].
    pub(crate) const PRIOR: f32 = 24.0;
    /// How many of several parts typed are found whole: of two names side by side one will do, and both are better.
    pub(crate) const PARTS: f32 = 12.0;
    /// How close it is to the organization asked for with `near`.
    pub(crate) const NEAR: f32 = 12.0;
    /// Whether home system and region are those that the member is in: most people stay there.
    pub(crate) const FROM: f32 = 6.0;
    /// How many of those who typed just this chose it.
    pub(crate) const CHOSEN: f32 = 40.0;
}

/// How the weight of the prior falls as the query says more, in the units of [`node_weight`]. Corrected readings get
/// none: a guess needs more than a popular name.
///
/// Guards: the table of `rank/features/prior.rs`.
pub(crate) mod prior {
    /// Up to here it weighs all: two characters.
    pub(crate) const SAYS_LITTLE: f32 = 14.0;
    /// From here on it weighs nothing: a full name.
    pub(crate) const SAYS_ALL: f32 = 44.0;
    /// The doublings of a prior from which on a bare name counts as one, where the query says little: a town.
    pub(crate) const LARGE: f32 = 9.0;
}

/// How much of its weight a typed piece earns by the rule that matched it.
///
/// Guards: `golden/typed` for all but the less usual and the near readings; these by the tables of `align/tests.rs`.
pub(crate) mod quality {
    /// The same character.
    pub(crate) const SAME: f32 = 1.0;
    /// The same number in another form: what was typed that way comes first.
    pub(crate) const NUMBER: f32 = 0.97;
    /// The usual pinyin of a character.
    pub(crate) const PINYIN: f32 = 0.95;
    /// A less usual reading: chong for 重 comes after zhong.
    pub(crate) const OTHER_READING: f32 = 0.88;
    /// The first letter of the pinyin: it may stand for many characters.
    pub(crate) const INITIAL: f32 = 0.75;
    /// Another word for what was typed: names that hold the very word come first.
    pub(crate) const SYNONYM: f32 = 0.85;
    /// A reading that people mix up: better than any corrected character.
    pub(crate) const NEAR_PINYIN: f32 = 0.7;
    /// A homophone, two neighbours transposed, one character duplicated: what input methods and fingers do.
    pub(crate) const LIKELY_TYPO: f32 = 0.58;
    /// A near sound, a similar shape, a number left out: less usual, so not before the likely ones.
    pub(crate) const UNLIKELY_TYPO: f32 = 0.3;
}

/// The local alignment of a typed segment with names. All are shares of a piece's weight, but for jumps.
///
/// Guards: `golden/typed` for all but the run bonus and the jump; these by the tables of `align/tests.rs`.
pub(crate) mod alignment {
    /// Added to a piece that continues a run: 北京 is found side by side before it is found apart.
    pub(crate) const RUN_BONUS: f32 = 0.5;
    /// Taken from a piece that begins a run inside of a word: short forms take the initial characters of words.
    pub(crate) const INSIDE_WORD: f32 = 0.3;
    /// The cost of a jump ahead in the names, in units of weight: few runs before many.
    pub(crate) const JUMP: f32 = 0.4;
    /// What each symbol jumped over adds to that: the nearer place of two.
    pub(crate) const JUMP_SYMBOL: f32 = 0.06;
    /// What a place earns that an earlier segment stands for already: 基础医学院 基础医学1班 means two names.
    pub(crate) const USED_PLACE: f32 = 0.6;
    /// The cost of a typed piece that is skipped inside of an alignment.
    pub(crate) const SKIPPED: f32 = 0.5;
}

/// What the nodes of a query weigh. Characters weigh by their rarity in all names, in bits.
///
/// Guards: `golden/typed` and `golden/search/010-sample` (密云区第二中学高一4班) for all but the duplicate; that one by
/// `lattice/build.rs`.
pub(crate) mod node_weight {
    /// A letter, which says less than a character.
    pub(crate) const LETTER: f32 = 1.6;
    /// A number in a name: 15 in 第十五中学. One that few names hold still must not outweigh the name.
    pub(crate) const NUMBER: f32 = 10.0;
    /// A year, class or grade that agrees.
    pub(crate) const CLASS: f32 = 8.0;
    /// The most that a character weighs: what hardly any name holds is mostly a typing error.
    pub(crate) const RAREST: f32 = 12.0;
    /// The share left to a character that repeats the one before it: mostly typed twice.
    pub(crate) const DUPLICATE: f32 = 0.2;
    /// The share left to the characters of a region before a name: many names leave their region out.
    pub(crate) const REGION: f32 = 0.5;
    /// The share left to the end of a town's name before the kind of a school: 镇 in 文峰镇中学.
    pub(crate) const TOWN_END: f32 = 0.2;
}

/// How features are measured.
///
/// Guards: `golden/typed` for the first four; the agreements by the tables of `rank/features`; the unknown region by the
/// evaluation files only.
pub(crate) mod feature {
    /// From here on a coverage, or the agreement of class or number, counts as all: what is lost to rounding.
    pub(crate) const ALL: f32 = 0.999;
    /// How much a symbol counts as accounted for whose word begins with a matched one: 学 in 大学 for 大.
    pub(crate) const BY_WORD_INITIAL: f32 = 0.7;
    /// How much of a new run it is to go on with the next word: 人大附中 in 中国人民大学附属中学 is hardly scattered.
    pub(crate) const NEXT_WORD: f32 = 0.2;
    /// How much a symbol of a stop word counts in the share of a name: 有限公司 left out is no loss.
    pub(crate) const STOP_WORD: f32 = 0.35;
    /// The share of its weight that a character counts whose place another one holds in the name, between two that are found.
    pub(crate) const REPLACED: f32 = 0.5;
    /// How faithful a name that stands below nothing is to a region typed before it: nobody knows where it is.
    pub(crate) const UNKNOWN_REGION: f32 = 0.6;
    /// The agreement of a year, class or grade that the names do not say: better than another one.
    pub(crate) const CLASS_NOT_NAMED: f32 = 0.4;
    /// The agreement of numbers where one typed is missing and the names hold no other.
    pub(crate) const NUMBER_NOT_NAMED: f32 = 0.5;
    /// The agreement of forms where the query or the name has none.
    pub(crate) const FORM_NOT_NAMED: f32 = 0.5;
}

/// When a search has found what was meant.
///
/// Guards: the tables of `rank/fit.rs` and `rank/order.rs`; `golden/search/001-basics` for the last two (北京大学
/// 软件工程1班). Law 4 in `tests/properties.rs` holds the first against corrections.
pub(crate) mod fit {
    /// The compactness from which on a whole match is taken for what was meant: nothing is corrected then (law 4).
    pub(crate) const CONFIDENT: f32 = 0.5;
    /// The same for a match in several runs, or one that begins inside of a word: 乔 and 口区 far apart are no proof that
    /// 乔口区 was typed right.
    pub(crate) const CONFIDENT_SCATTERED: f32 = 0.75;
    /// The share of runs that begin where words do, below which a whole match may come of a typing error: one run that
    /// begins inside of a word is hardly what was meant.
    pub(crate) const AT_WORDS: f32 = 0.999;
    /// The `run` feature below which a whole match is too scattered to be sure of.
    pub(crate) const FEW_RUNS: f32 = 0.93;
    /// The compactness of a match beside which there is no room for short forms.
    pub(crate) const CROWDING: f32 = 0.75;
    /// The compactness of a match with one correction that is not worth looking further.
    pub(crate) const SURE: f32 = 0.88;
    /// The share of the best coverage that a candidate must hold to be worth showing.
    pub(crate) const LIKELY_SHARE: f32 = 0.75;
    /// How far behind the best match by raw score another candidate may be that is shown beside matches.
    pub(crate) const BEHIND_MATCHES: f32 = 0.03;
}

/// When a query is answered as a sentence, and with how much of it. All are raw scores of the best candidate.
///
/// Guard: the evaluation files only; the chains changed single places of them.
pub(crate) mod sentence {
    /// What leaving out all of a sentence would cost; a share of it costs a share.
    pub(crate) const LEFT_OUT: f32 = 0.25;
    /// The same where nothing is kept but names that are written out: more of what is left out may belong to them.
    pub(crate) const LEFT_OUT_OF_NAMES: f32 = 0.375;
    /// From here on chains of a sentence are not tried, nor the names alone that are written out in a text.
    pub(crate) const FITS: f32 = 0.65;
    /// From here on a sentence was read right: what was typed is not corrected.
    pub(crate) const READ_RIGHT: f32 = 0.7;
    /// From here on the names that are written out in a sentence are not tried alone.
    pub(crate) const FITS_WELL: f32 = 0.8;
}

/// What many people chose.
///
/// Guard: the tests of `search/chosen.rs`.
pub(crate) mod chosen {
    /// Choices that are as good as none: with so many the share is a half.
    pub(crate) const SMOOTHING: f32 = 5.0;
}

/// From raw scores to probabilities: a logistic curve fitted on generated queries with known answers
/// (`cargo run --release -p orgsearch-benches -- --calibrate` prints predicted and real shares). Guard: the table of
/// `rank/calibrate.rs`.
pub(crate) mod calibration {
    /// The raw score at which a partial match reaches half of the ceiling.
    pub(crate) const MIDDLE: f32 = 0.72;
    /// How fast trust grows around it.
    pub(crate) const STEEPNESS: f32 = 20.0;
    /// The most that a partial match can score, and the least that a bare name matched whole does.
    pub(crate) const CEILING: f32 = 0.98;
}
