//! What is weighed of a record and one organization that it may name: each feature with what it means.

use crate::search::rank::Features as SearchFeatures;
use crate::search::rank::{FieldMatch, RecordMatch};

/// How many features there are.
pub(super) const LEN: usize = 62;

/// Their names, in their order: those of the model file.
pub(super) const NAMES: [&str; LEN] = [
    "name_found",
    "name_missing",
    "name_corrected",
    "name_own",
    "leftover",
    "replaced",
    "skipped_words",
    "skipped_regions",
    "skipped_above",
    "skipped_regions_above",
    "behind",
    "above",
    "run",
    "head",
    "start",
    "end",
    "official",
    "bare",
    "class",
    "parent_found",
    "parent_missing",
    "region",
    "form",
    "evidence",
    "said",
    "said_class",
    "name_missing_any",
    "skipped_of_class",
    "lead",
    "community_missing",
    "community_corrected",
    "community_leftover",
    "bearer",
    "said_twice",
    "skipped_symbols",
    "class_missing",
    "class_skipped_above",
    "school_missing",
    "number_missing",
    "number_leftover",
    "content_missing",
    "parent_content_missing",
    "class_content_missing",
    "community_content_missing",
    "community_leftover_any",
    "set_aside",
    "below_parent",
    "not_below_parent",
    "elsewhere",
    "class_replaced",
    "below_unit",
    "not_below_unit",
    "backward",
    "others_bear_name",
    "inside_runs",
    "community_inside_runs",
    "school_number_skipped",
    "class_of_another_major",
    "company_leftover",
    "company_skipped_symbols",
    "community_skipped_symbols",
    "community_backward",
];

/// The values of one candidate.
pub(super) type Features = [f32; LEN];

/// How the name of a record and an organization's names agree as wholes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NameAgreement {
    /// It is none of its names.
    Partial,
    /// It is the official name without prefix and form, or a former name.
    Bare,
    /// It is its official name or an alias.
    Official,
}

/// What else of a record and an organization was compared.
pub(super) struct Compared {
    pub(super) name: NameAgreement,
    /// Years, classes and grades that agree.
    pub(super) classes: usize,
    /// Regions that agree.
    pub(super) regions: usize,
    /// Regions that the organization does not say.
    pub(super) unknown_regions: usize,
    /// How far it is behind the best of the search, by raw score.
    pub(super) behind: f32,
    /// How far the next one of the search is behind it, by raw score; 0 but for the best.
    pub(super) lead: f32,
    /// Whether the record names a class.
    pub(super) says_class: bool,
    /// Whether the organization is of a village or a community: there are many of similar names, and people write them
    /// out.
    pub(super) is_community: bool,
    /// Whether it is of a company.
    pub(super) is_company: bool,
    /// Whether it is of a school.
    pub(super) is_school: bool,
    /// Whether the record says a number that is none of a class: 第十五中学.
    pub(super) says_number: bool,
    /// How many characters of the name are set aside as words of a sentence.
    pub(super) set_aside: usize,
    /// Whether it is below an organization with the exact name of the parent; `None` where there is none.
    pub(super) is_below_parent: Option<bool>,
    /// The same of the institution that the name of the record begins with: 北京大学 of 北京大学法学院.
    pub(super) is_below_unit: Option<bool>,
    /// Whether organizations bear the exact name of the record.
    pub(super) others_bear_name: bool,
    /// Whether its name says a county, and the name of the record another place.
    pub(super) is_elsewhere: bool,
    /// How unusual it is to call it by the short name that the record says, 0 for the most usual meaning; `None` if the
    /// record says no short name of it.
    pub(super) bearer: Option<usize>,
    /// Columns, kinds and former names that agree, less those that differ.
    pub(super) evidence: i32,
}

/// Weights are measured in rare characters.
const RARE: f32 = 12.0;

/// The weight from which on something that is not found is more than a slip.
const SOME: f32 = 2.5;
/// The same of words that few names have: a character is enough, 上 of 桥上村.
const SOME_CONTENT: f32 = 0.1;
/// Two organizations of one name differ by less than this in the raw score of a search.
const TWIN: f32 = 0.02;

/// Measures a candidate. `record` has the fields name, parent, region.
pub(super) fn features(search: &SearchFeatures, record: &RecordMatch, compared: &Compared) -> Features {
    let nothing = FieldMatch::default();
    let field = |at: usize| record.fields.get(at).unwrap_or(&nothing);
    let (name, parent) = (field(0), field(1));
    let is_official = compared.name == NameAgreement::Official;
    let missing = (name.missing() / RARE).min(3.0);
    let leftover = if is_official { 0.0 } else { (record.leftover / 3.0).min(2.0) };
    let misses = |field: &FieldMatch| field.missing_content > SOME_CONTENT;
    let name_misses = misses(name) || compared.set_aside > 0;
    let skipped_symbols = if is_official { 0.0 } else { record.skipped_own.symbols.min(8) as f32 / 4.0 };
    let flag = |is_set: bool| f32::from(u8::from(is_set));
    let has_parent = parent.weight > 0.0;
    [
        name.share(),
        missing,
        (name.corrected() / RARE).min(2.0),
        if name.read > 0.0 { name.own / name.read } else { 0.0 },
        leftover,
        record.replaced.min(3) as f32,
        record.skipped_own.words.min(4) as f32 / 2.0,
        record.skipped_own.regions.min(2) as f32 / 2.0,
        record.skipped_above.words.min(4) as f32 / 2.0,
        record.skipped_above.regions.min(2) as f32 / 2.0,
        // What is hardly behind may be a twin.
        (10.0 * (compared.behind - TWIN)).clamp(0.0, 2.0),
        search.above,
        search.run,
        search.head,
        search.start,
        search.end,
        flag(is_official),
        flag(compared.name == NameAgreement::Bare),
        compared.classes as f32 / 2.0,
        if has_parent { parent.share() } else { 0.0 },
        if has_parent { 1.0 - parent.share() } else { 0.0 },
        compared.regions.min(2) as f32 / 2.0 - compared.unknown_regions.min(2) as f32 / 4.0,
        search.form,
        compared.evidence.clamp(-2, 2) as f32 / 2.0,
        // How much the name says: one that says little may be anybody's.
        (name.weight / (4.0 * RARE)).min(1.0),
        flag(compared.says_class),
        flag(name.missing() > SOME),
        // The major of a class, where the record says another one or none.
        flag(compared.says_class && name.own == 0.0 && record.skipped_own.words > 0),
        (10.0 * compared.lead).min(1.0),
        if compared.is_community { missing } else { 0.0 },
        if compared.is_community { (name.corrected() / RARE).min(2.0) } else { 0.0 },
        if compared.is_community { leftover } else { 0.0 },
        compared.bearer.map_or(0.0, |unusual| 1.0 / (1.0 + unusual as f32)),
        (record.said_twice / RARE).min(2.0),
        skipped_symbols,
        if compared.says_class { missing } else { 0.0 },
        if compared.says_class { record.skipped_above.words.min(4) as f32 / 2.0 } else { 0.0 },
        if compared.is_school { missing } else { 0.0 },
        if compared.says_number { missing } else { 0.0 },
        if compared.says_number { leftover } else { 0.0 },
        flag(name_misses),
        flag(misses(parent)),
        flag(compared.says_class && name_misses),
        flag(compared.is_community && name_misses),
        flag(compared.is_community && leftover > 0.0),
        compared.set_aside.min(8) as f32 / 4.0,
        flag(compared.is_below_parent == Some(true)),
        flag(compared.is_below_parent == Some(false)),
        flag(compared.is_elsewhere),
        if compared.says_class { record.replaced.min(3) as f32 } else { 0.0 },
        flag(compared.is_below_unit == Some(true)),
        flag(compared.is_below_unit == Some(false)),
        record.backward.min(3) as f32,
        flag(compared.others_bear_name && compared.name == NameAgreement::Partial),
        record.inside_runs.min(3) as f32,
        if compared.is_community { record.inside_runs.min(3) as f32 } else { 0.0 },
        flag(compared.is_school && compared.says_number && skipped_symbols > 0.0),
        // The record says the major of its class in the name of the unit alone: 软件工程1班 of 软件工程学院.
        flag(compared.says_class && record.said_twice > 0.0 && record.skipped_own.words > 0),
        if compared.is_company { leftover } else { 0.0 },
        if compared.is_company { skipped_symbols } else { 0.0 },
        if compared.is_community { skipped_symbols } else { 0.0 },
        if compared.is_community { record.backward.min(3) as f32 } else { 0.0 },
    ]
}
