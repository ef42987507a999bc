//! What is weighed of a record and one organization that it may name: each feature with what it means.

use crate::search::rank::Features as SearchFeatures;
use crate::search::rank::{FieldMatch, RecordMatch};

/// How many features there are.
pub(super) const LEN: usize = 32;

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
    /// Columns, kinds and former names that agree, less those that differ.
    pub(super) evidence: i32,
}

/// Weights are measured in rare characters.
const RARE: f32 = 12.0;

/// The weight from which on something that is not found is more than a slip.
const SOME: f32 = 2.5;
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
    ]
}
