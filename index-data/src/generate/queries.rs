//! What people would type for the organizations of a generated tree, with the right answers.
//!
//! For each family targets are drawn from the whole tree, and a query is made from each one's name. A second pass over
//! the tree then collects every organization that the query fits as well ([`super::truth`]).

mod dictated;
mod english;
pub(crate) mod families;
mod mention;
mod mixed_pinyin;
mod ocr;
mod office;
mod sentence;
pub(crate) mod target;

use super::candidate::{Candidate, Fit};
use super::distort;
use super::options::{GenerateOptions, MAX_ORGS};
use super::plan;
use super::rng::{Purpose, Rng};
use super::rows::Spot;
use super::tree::{Group, Segment, Tree};
use super::truth::{self, MOST_IDS};
use std::collections::{HashMap, HashSet};
use target::Target;

/// One query with all organizations it is right for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedQuery {
    /// What is typed.
    pub query: String,
    /// The organizations it fits equally well, at most fifty; any of them is a right first answer. In row order.
    pub ids: Vec<String>,
    /// How it was made: one of [`FAMILIES`] or [`MORE_FAMILIES`].
    pub family: &'static str,
}

/// How a query of one family is made from a target.
type Make = fn(&Target<'_>, &mut Rng) -> Option<(String, Fit)>;

/// The families, in their order, each with what it draws its targets from.
const MAKERS: &[(&str, Draw, Make)] = &[
    ("full", Draw::Any, families::full),
    ("core", Draw::Any, families::core),
    ("short_form", Draw::Teaching, families::short_form),
    ("committee_forms", Draw::Units, families::committee_forms),
    ("numerals", Draw::Teaching, families::numeral_forms),
    ("trad", Draw::Any, families::trad),
    ("reordered", Draw::Any, families::reordered),
    ("path", Draw::Any, families::path),
    ("partial", Draw::NoClass, families::partial),
    ("typo_homophone", Draw::NoClass, |target, rng| {
        families::typo(target, rng, distort::homophone, distort::before_homophone)
    }),
    ("typo_shape", Draw::NoClass, |target, rng| {
        families::typo(target, rng, distort::shape, distort::before_shape)
    }),
    ("typo_missing", Draw::NoClass, families::typo_missing),
    ("typo_extra", Draw::NoClass, |target, rng| {
        families::typo(target, rng, distort::extra, distort::before_extra)
    }),
    ("typo_swap", Draw::NoClass, |target, rng| {
        families::typo(target, rng, distort::swap, distort::before_swap)
    }),
    ("pinyin_full", Draw::NoClass, |target, _| families::pinyin(target, "")),
    ("pinyin_spaced", Draw::NoClass, |target, _| families::pinyin(target, " ")),
    ("pinyin_mixed", Draw::NoClass, families::pinyin_mixed),
    ("pinyin_initials", Draw::NoClass, families::pinyin_initials),
    ("noisy", Draw::Any, families::noisy),
    ("ambiguous", Draw::Any, families::ambiguous),
    ("former", Draw::NoClass, families::former),
    ("alias", Draw::Teaching, families::alias),
];

/// Families that are made only when asked for by name.
const MORE_MAKERS: &[(&str, Draw, Make)] = &[
    ("sentence", Draw::Any, sentence::sentence),
    ("ocr", Draw::Any, ocr::ocr),
    ("dictated", Draw::Any, dictated::dictated),
    ("mixed_pinyin", Draw::Any, mixed_pinyin::mixed_pinyin),
    ("english", Draw::Any, english::english),
    ("office", Draw::NoClass, office::office),
];

/// The names of the families that [`generate_queries`] makes, in the order of the queries.
pub const FAMILIES: [&str; MAKERS.len()] = names(MAKERS);

/// The names of the further families, in the order of the queries; [`generate_queries_of`] makes them.
pub const MORE_FAMILIES: [&str; MORE_MAKERS.len()] = names(MORE_MAKERS);

const fn names<const N: usize>(makers: &[(&'static str, Draw, Make)]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < N {
        names[at] = makers[at].0;
        at += 1;
    }
    names
}

/// What the targets of a family are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Draw {
    /// Units and leaves, as likely as each other.
    Any,
    /// Units only.
    Units,
    /// Units and leaves other than classes.
    NoClass,
    /// Universities, colleges and schools, and their classes.
    Teaching,
}

/// Candidates drawn for each query wanted. Some are dropped: they fit too many organizations, or another's name.
const CANDIDATES_PER_QUERY: usize = 4;
/// The same for ambiguous names: most candidates fit only one organization.
const CANDIDATES_PER_AMBIGUOUS: usize = 60;
/// Draws for each candidate. Most organizations do not suit a given family.
const TRIES_PER_CANDIDATE: usize = 60;

/// Makes about `per_family` queries of each of [`FAMILIES`] for the tree that `options` give, family by family. A small
/// tree may give fewer. The same options give the same queries.
///
/// ```
/// use index_data::generate::{GenerateOptions, generate_queries};
/// let queries = generate_queries(&GenerateOptions::national(5_000, 1), 3);
/// assert!(queries.iter().all(|query| !query.ids.is_empty() && !query.query.is_empty()));
/// ```
pub fn generate_queries(options: &GenerateOptions, per_family: usize) -> Vec<GeneratedQuery> {
    generate_queries_of(options, per_family, &FAMILIES)
}

/// The same for the families named, of [`FAMILIES`] and [`MORE_FAMILIES`]; other names give nothing. What a family's
/// queries are does not depend on which others are asked for.
///
/// ```
/// use index_data::generate::{GenerateOptions, generate_queries_of};
/// let queries = generate_queries_of(&GenerateOptions::national(5_000, 1), 3, &["sentence"]);
/// assert!(queries.iter().all(|query| query.family == "sentence"));
/// ```
pub fn generate_queries_of(
    options: &GenerateOptions,
    per_family: usize,
    families: &[&str],
) -> Vec<GeneratedQuery> {
    let orgs = options.orgs.min(MAX_ORGS);
    let tree = plan::plan(&GenerateOptions { orgs, ..*options });
    let candidates = draw(&tree, per_family, families);
    let ids = truth::find(&tree, &candidates);
    let mut made: Vec<GeneratedQuery> = Vec::new();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (candidate, ids) in candidates.into_iter().zip(ids) {
        let count = counts.entry(candidate.family).or_default();
        let least = if candidate.family == "ambiguous" { 2 } else { 1 };
        if *count < per_family && (least..=MOST_IDS).contains(&ids.len()) {
            *count += 1;
            made.push(GeneratedQuery { query: candidate.query, ids, family: candidate.family });
        }
    }
    made
}

/// Draws the candidates of the families named. Chance is drawn by a family's place among all of them.
fn draw(tree: &Tree, per_family: usize, families: &[&str]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    if tree.rows < 2 {
        return candidates;
    }
    for (nth, (family, from, make)) in MAKERS.iter().chain(MORE_MAKERS).enumerate() {
        if !families.contains(family) {
            continue;
        }
        let each = if *family == "ambiguous" { CANDIDATES_PER_AMBIGUOUS } else { CANDIDATES_PER_QUERY };
        let wanted = per_family * each;
        let mut seen = HashSet::new();
        let mut found = 0;
        for attempt in 0..wanted * TRIES_PER_CANDIDATE {
            if found == wanted {
                break;
            }
            let mut rng = Rng::at(tree.seed, Purpose::Queries, (nth as u64) << 40 | attempt as u64);
            let Some(spot) = draw_spot(tree, *from, &mut rng) else { continue };
            let Some(target) = Target::new(tree, spot) else { continue };
            if let Some((query, fit)) = make(&target, &mut rng)
                && seen.insert(query.clone())
            {
                candidates.push(Candidate { query, family, fit });
                found += 1;
            }
        }
    }
    candidates
}

fn draw_spot(tree: &Tree, from: Draw, rng: &mut Rng) -> Option<Spot> {
    let unit = rng.index(tree.units.len()) as u32;
    let is_teaching = |at: u32| {
        tree.unit(at)
            .is_some_and(|unit| matches!(unit.group, Group::University | Group::College | Group::School))
    };
    let spot = match from {
        Draw::Units => Spot { unit, leaf: None },
        Draw::Teaching if rng.permille(500) => Spot { unit, leaf: None },
        Draw::Any | Draw::NoClass if rng.permille(400) => Spot { unit, leaf: None },
        _ => Spot::of_row(tree, rng.below(tree.rows))?,
    };
    match from {
        Draw::Teaching if !is_teaching(spot.unit) => None,
        Draw::NoClass if matches!(spot.leaf, Some((Segment::Class, _))) => None,
        _ => Some(spot),
    }
}
