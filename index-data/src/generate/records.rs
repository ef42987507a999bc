//! Rows as people keep them in spreadsheets, with the right answer of each: to train and to judge the decision whether a
//! row is a known organization.
//!
//! Rows are drafted family by family, each with what it claims ([`draft`]); a pass over the whole tree then finds who
//! fits the claim ([`census`]). A draft whose claim fits other organizations than its family says is dropped, or is an
//! ambiguous row.

mod absent_school;
mod census;
mod draft;
mod likeness;
mod negatives;
mod no_name;
mod positives;
mod shorter;
mod source;
mod telling;
mod typo;
mod writing;

use super::options::{GenerateOptions, MAX_ORGS};
use super::plan;
use super::queries::target::Target;
use super::rng::{Purpose, Rng};
use super::rows;
use super::tree::Tree;
use crate::model::OrgStatus;
use census::Answer;
use draft::{Draft, Name, Wanted};
use source::{Draw, Source};
use std::collections::{HashMap, HashSet};

/// What rows to make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecordOptions {
    /// How many rows.
    pub count: usize,
    /// The share of rows that name no organization of the tree, 0 to 1.
    pub none_share: f64,
    /// The chance of a second disturbance on a row that names something, 0 to 1: sets made with different noise differ as
    /// the spreadsheets of different offices do.
    pub noise: f64,
}

impl RecordOptions {
    /// Ten thousand rows, half of which name nothing, three in ten disturbed twice.
    pub const DEFAULT: RecordOptions = RecordOptions { count: 10_000, none_share: 0.5, noise: 0.3 };
}

impl Default for RecordOptions {
    fn default() -> Self {
        RecordOptions::DEFAULT
    }
}

/// One row with its right answer. Columns that the row does not fill are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedRecord {
    /// The organization's name, or what stands in its place; never empty.
    pub name: String,
    /// What stands above it, in any writing.
    pub parent: String,
    /// Province, or places from the province down.
    pub region: String,
    /// An id of the tree, or a number from elsewhere that says nothing.
    pub code: String,
    /// An earlier name.
    pub former_name: String,
    /// As exports spell it, or its code.
    pub kind: String,
    /// The right answer.
    pub expected: ExpectedRecord,
    /// How it was made: one of [`RECORD_FAMILIES`].
    pub family: &'static str,
}

/// The right answer of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedRecord {
    /// The organization with this id; a closed or merged one by its own id, not its successor's.
    Id(String),
    /// Several organizations fit equally well.
    Ambiguous,
    /// No organization of the tree.
    None,
}

impl ExpectedRecord {
    /// As the file has it: an id, `ambiguous` or `none`.
    pub fn as_str(&self) -> &str {
        match self {
            ExpectedRecord::Id(id) => id,
            ExpectedRecord::Ambiguous => "ambiguous",
            ExpectedRecord::None => "none",
        }
    }
}

/// How a row of one family is made beside an organization that was drawn.
type Make = fn(&Source<'_>, &Target<'_>, &mut Rng) -> Option<Draft>;

/// One family: its weight among those of its half, and what it draws from.
struct Maker {
    family: &'static str,
    weight: usize,
    from: Draw,
    make: Make,
}

const fn maker(family: &'static str, weight: usize, from: Draw, make: Make) -> Maker {
    Maker { family, weight, from, make }
}

const POSITIVES: &[Maker] = &[
    maker("official", 10, Draw::Any, positives::official),
    maker("prefix", 8, Draw::Any, positives::prefix),
    maker("form", 9, Draw::Any, positives::form),
    maker("spacing_width_brackets", 9, Draw::Any, positives::spacing_width_brackets),
    maker("order", 8, Draw::Any, positives::order),
    maker("short_with_parent", 10, Draw::ShortNamed, positives::short_with_parent),
    maker("company_short", 7, Draw::Company, positives::company_short),
    maker("place_short", 5, Draw::Village, positives::place_short),
    maker("leaf_with_parent", 13, Draw::Leaf, positives::leaf_with_parent),
    maker("typo", 10, Draw::Any, typo::typo),
    maker("former_name", 5, Draw::Any, positives::former_name),
    maker("successor", 4, Draw::Any, positives::successor),
    maker("code", 4, Draw::Any, positives::code),
    maker("region_told", 6, Draw::Common, positives::region_told),
    maker(AMBIGUOUS, 6, Draw::Common, positives::ambiguous),
];

const NEGATIVES: &[Maker] = &[
    maker("sister_class", 14, Draw::Class, negatives::sister_class),
    maker("sister_year", 9, Draw::Class, negatives::sister_year),
    maker("school_number", 8, Draw::Institution, absent_school::school_number),
    maker("no_village", 11, Draw::Village, negatives::no_village),
    maker("no_company", 11, Draw::Company, negatives::no_company),
    maker("other_province", 8, Draw::Common, negatives::other_province),
    maker("no_college", 8, Draw::University, absent_school::no_college),
    maker("closed_school", 6, Draw::Street, absent_school::closed_school),
    maker("other_stage", 6, Draw::School, absent_school::other_stage),
    maker("other_type", 6, Draw::Institution, absent_school::other_type),
    maker("person", 5, Draw::Any, no_name::person),
    maker("rubbish", 5, Draw::Any, no_name::rubbish),
    maker("abroad", 3, Draw::Unit, no_name::abroad),
];

const AMBIGUOUS: &str = "ambiguous";

/// The names of the families of rows: those that name an organization, then those that name none.
pub const RECORD_FAMILIES: [&str; POSITIVES.len() + NEGATIVES.len()] = {
    let mut names = [""; POSITIVES.len() + NEGATIVES.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] =
            if at < POSITIVES.len() { POSITIVES[at].family } else { NEGATIVES[at - POSITIVES.len()].family };
        at += 1;
    }
    names
};

/// Drafts made for each row wanted: some claims fit others as well.
const DRAFTS_PER_ROW: usize = 3;
/// Draws for each draft. Few organizations were ever renamed or closed.
const TRIES_PER_DRAFT: usize = 80;

/// One in so many disturbed rows has a number from elsewhere in the column of the code. It has ten digits, ids have eight.
const OTHER_CODES: u64 = 10;
const OTHER_CODE: u64 = 2_000_000_000;

/// Makes rows for the tree that `options` give, mixed. A small tree may give fewer. The same options give the same rows.
///
/// ```
/// use index_data::generate::{GenerateOptions, RecordOptions, generate_records};
/// let options = RecordOptions { count: 40, ..RecordOptions::DEFAULT };
/// let rows = generate_records(&GenerateOptions::national(5_000, 1), &options);
/// assert!(rows.len() <= 40 && rows.iter().any(|row| row.expected.as_str() == "none"));
/// ```
pub fn generate_records(options: &GenerateOptions, records: &RecordOptions) -> Vec<GeneratedRecord> {
    let orgs = options.orgs.min(MAX_ORGS);
    let tree = plan::plan(&GenerateOptions { orgs, ..*options });
    if tree.rows < 2 {
        return Vec::new();
    }
    let none = (records.count as f64 * records.none_share.clamp(0.0, 1.0)).round() as usize;
    let mut made = half(&tree, POSITIVES, records.count - none.min(records.count), records, 0);
    made.extend(half(&tree, NEGATIVES, none.min(records.count), records, POSITIVES.len()));
    let mut rng = Rng::at(tree.seed, Purpose::Records, u64::MAX);
    for at in (1..made.len()).rev() {
        made.swap(at, rng.index(at + 1));
    }
    made
}

/// The rows of one half; `first` is the number of its first family.
fn half(
    tree: &Tree,
    makers: &[Maker],
    count: usize,
    records: &RecordOptions,
    first: usize,
) -> Vec<GeneratedRecord> {
    let weights: usize = makers.iter().map(|maker| maker.weight).sum();
    let quota = |maker: &Maker| (count * maker.weight).div_ceil(weights);
    let source = Source::new(tree);
    let mut seen = HashSet::new();
    let mut drafts = Vec::new();
    for (nth, maker) in makers.iter().enumerate() {
        let wanted = quota(maker) * DRAFTS_PER_ROW;
        drafts.extend(draft_family(&source, maker, (first + nth) as u64, wanted, records.noise, &mut seen));
    }
    let found = census::find(tree, &drafts);
    let mut kept: Vec<GeneratedRecord> = Vec::new();
    let mut spare = Vec::new();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (draft, found) in drafts.into_iter().zip(found) {
        let Some(answer) = found.answer(draft.wanted) else { continue };
        if draft.is_official && answer == Answer::Ambiguous {
            continue;
        }
        let row = record(draft, answer);
        let of_family = counts.entry(row.family).or_default();
        let is_wanted = makers.iter().any(|maker| maker.family == row.family && *of_family < quota(maker));
        if is_wanted {
            *of_family += 1;
            kept.push(row);
        } else {
            spare.push(row);
        }
    }
    // Where a family has too few, the others fill up; nobody needs more of the ambiguous ones.
    spare.retain(|row| row.family != AMBIGUOUS);
    let mut rng = Rng::at(tree.seed, Purpose::Records, u64::MAX - 1 - first as u64);
    while kept.len() < count && !spare.is_empty() {
        kept.push(spare.swap_remove(rng.index(spare.len())));
    }
    while kept.len() > count {
        kept.swap_remove(rng.index(kept.len()));
    }
    kept
}

/// Drafts of one family. Rows of equal cells are made once.
fn draft_family(
    source: &Source<'_>,
    maker: &Maker,
    nth: u64,
    wanted: usize,
    noise: f64,
    seen: &mut HashSet<draft::Cells>,
) -> Vec<Draft> {
    let noise = (noise.clamp(0.0, 1.0) * 1000.0).round() as u64;
    let mut drafts = Vec::new();
    for attempt in 0..wanted * TRIES_PER_DRAFT {
        if drafts.len() == wanted {
            break;
        }
        let mut rng = Rng::at(source.tree.seed, Purpose::Records, nth << 40 | attempt as u64);
        let Some(near) = source.draw(maker.from, &mut rng) else { continue };
        if near.status != OrgStatus::Active && maker.family != "successor" {
            continue;
        }
        let Some(mut draft) = (maker.make)(source, &near, &mut rng) else { continue };
        draft.family = maker.family;
        draft.is_official = draft.cells.name.text == near.label.core && near.label.core != near.own;
        let is_named = !matches!(maker.family, "person" | "rubbish" | "official");
        if is_named
            && rng.permille(noise)
            && let Some(written) = writing::disturb(&mut draft.cells, near.label.kind, &mut rng)
        {
            draft.cells.name = Name::bare(written);
        }
        if draft.cells.code.is_empty() && rng.permille(noise / OTHER_CODES) {
            draft.cells.code = (OTHER_CODE + rng.below(1_000_000_000)).to_string();
        }
        if seen.insert(draft.cells.clone()) {
            drafts.push(draft);
        }
    }
    drafts
}

fn record(draft: Draft, answer: Answer) -> GeneratedRecord {
    let Draft { cells, family, wanted, .. } = draft;
    let (expected, family) = match answer {
        Answer::Row(row) => (ExpectedRecord::Id(rows::id(row)), family),
        Answer::Ambiguous => (ExpectedRecord::Ambiguous, AMBIGUOUS),
        Answer::Nothing => (ExpectedRecord::None, family),
    };
    debug_assert!(wanted != Wanted::Nothing || expected == ExpectedRecord::None);
    GeneratedRecord {
        name: cells.name.whole(),
        parent: cells.parent,
        region: cells.region,
        code: cells.code,
        former_name: cells.former_name,
        kind: cells.kind,
        expected,
        family,
    }
}
