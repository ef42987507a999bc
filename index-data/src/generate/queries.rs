//! What people would type for the organizations of a generated tree, with the right answers.
//!
//! For each family targets are drawn from the whole tree, and a query is made from each one's name. A second pass over
//! the tree then collects every organization that the query fits as well ([`super::truth`]).

use super::candidate::{Candidate, Fit, Key};
use super::distort;
use super::facts;
use super::lists::Lists;
use super::names::{Label, Scene};
use super::numerals;
use super::options::{GenerateOptions, MAX_ORGS};
use super::place_stem::place_stem;
use super::plan;
use super::rng::{Purpose, Rng};
use super::rows::{self, Spot};
use super::short;
use super::tree::{Group, Segment, Standing, Tree};
use super::truth::{self, MOST_IDS};
use crate::model::OrgStatus;
use std::collections::HashSet;

/// One query with all organizations it is right for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedQuery {
    /// What is typed.
    pub query: String,
    /// The organizations it fits equally well, at most fifty; any of them is a right first answer. In row order.
    pub ids: Vec<String>,
    /// How it was made: one of [`FAMILIES`].
    pub family: &'static str,
}

/// How a query of one family is made from a target.
type Make = fn(&Target<'_>, &mut Rng) -> Option<(String, Fit)>;

/// The families, in their order, each with what it draws its targets from.
const MAKERS: &[(&str, Draw, Make)] = &[
    ("full", Draw::Any, full),
    ("core", Draw::Any, core),
    ("short_form", Draw::Teaching, short_form),
    ("committee_forms", Draw::Units, committee_forms),
    ("numerals", Draw::Teaching, numeral_forms),
    ("trad", Draw::Any, trad),
    ("reordered", Draw::Any, reordered),
    ("path", Draw::Any, path),
    ("partial", Draw::NoClass, partial),
    ("typo_homophone", Draw::NoClass, |target, rng| {
        typo(target, rng, distort::homophone, distort::before_homophone)
    }),
    ("typo_shape", Draw::NoClass, |target, rng| typo(target, rng, distort::shape, distort::before_shape)),
    ("typo_missing", Draw::NoClass, typo_missing),
    ("typo_extra", Draw::NoClass, |target, rng| typo(target, rng, distort::extra, distort::before_extra)),
    ("typo_swap", Draw::NoClass, |target, rng| typo(target, rng, distort::swap, distort::before_swap)),
    ("pinyin_full", Draw::NoClass, |target, _| pinyin(target, "")),
    ("pinyin_spaced", Draw::NoClass, |target, _| pinyin(target, " ")),
    ("pinyin_mixed", Draw::NoClass, pinyin_mixed),
    ("pinyin_initials", Draw::NoClass, pinyin_initials),
    ("noisy", Draw::Any, noisy),
    ("ambiguous", Draw::Any, ambiguous),
    ("former", Draw::NoClass, former),
    ("alias", Draw::Teaching, alias),
];

/// The names of the families, in the order of the queries.
pub const FAMILIES: [&str; 22] = {
    let mut names = [""; 22];
    let mut at = 0;
    while at < names.len() {
        names[at] = MAKERS[at].0;
        at += 1;
    }
    names
};

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

/// Questions drawn for each one wanted: some fit too many organizations, or someone else's name.
const CANDIDATES_PER_QUERY: usize = 4;
/// The same where most fit one organization alone.
const CANDIDATES_PER_AMBIGUOUS: usize = 60;
/// Draws for each candidate: most spots of a tree are none for a given family.
const TRIES_PER_CANDIDATE: usize = 60;

/// Makes about `per_family` queries of each family for the tree that `options` give, family by family. A small tree may
/// give fewer. The same options give the same queries.
///
/// ```
/// use index_data::generate::{GenerateOptions, generate_queries};
/// let queries = generate_queries(&GenerateOptions::national(5_000, 1), 3);
/// assert!(queries.iter().all(|query| !query.ids.is_empty() && !query.query.is_empty()));
/// ```
pub fn generate_queries(options: &GenerateOptions, per_family: usize) -> Vec<GeneratedQuery> {
    let orgs = options.orgs.min(MAX_ORGS);
    let tree = plan::plan(&GenerateOptions { orgs, ..*options });
    let candidates = draw(&tree, per_family);
    let ids = truth::find(&tree, &candidates);
    let mut made: Vec<GeneratedQuery> = Vec::new();
    let mut counts = [0_usize; FAMILIES.len()];
    for (candidate, ids) in candidates.into_iter().zip(ids) {
        let Some(count) =
            FAMILIES.iter().position(|name| *name == candidate.family).and_then(|at| counts.get_mut(at))
        else {
            continue;
        };
        let least = if candidate.family == "ambiguous" { 2 } else { 1 };
        if *count < per_family && (least..=MOST_IDS).contains(&ids.len()) {
            *count += 1;
            made.push(GeneratedQuery { query: candidate.query, ids, family: candidate.family });
        }
    }
    made
}

/// Draws the candidates of all families.
fn draw(tree: &Tree, per_family: usize) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    if tree.rows < 2 {
        return candidates;
    }
    for (nth, (family, from, make)) in MAKERS.iter().enumerate() {
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

/// An active organization that a query is made for.
struct Target<'a> {
    tree: &'a Tree,
    scene: Scene<'a>,
    leaf: Option<(Segment, u32)>,
    label: Label,
    /// What it is called by itself: a leaf's text, a unit's own name.
    own: String,
}

impl<'a> Target<'a> {
    fn new(tree: &'a Tree, spot: Spot) -> Option<Target<'a>> {
        let scene = Scene::new(tree, spot.unit)?;
        let row = match spot.leaf {
            Some((segment, index)) => scene.unit.leaf_row(segment, index),
            None => scene.unit.row,
        };
        if u64::from(row) >= tree.rows {
            return None;
        }
        let (label, own, is_active) = match spot.leaf {
            Some((segment, index)) => {
                let facts = facts::leaf(tree, scene.unit, scene.house.as_ref(), segment, index);
                let label = scene.leaf_label(segment, index)?;
                (label, scene.leaf_text(segment, index), facts.status == OrgStatus::Active)
            }
            None => (scene.unit_label()?, scene.own().to_owned(), scene.unit.standing == Standing::Active),
        };
        is_active.then_some(Target { tree, scene, leaf: spot.leaf, label, own })
    }

    fn lists(&self) -> &'static Lists {
        self.tree.lists
    }

    fn group(&self) -> Group {
        self.scene.unit.group
    }

    fn is_class(&self) -> bool {
        matches!(self.leaf, Some((Segment::Class, _)))
    }

    /// Names above the target that a person would put in front of its own, from above; and whether each is a place.
    fn ancestors(&self) -> Vec<(String, bool)> {
        let mut names: Vec<(String, bool)> = self
            .tree
            .chain(self.scene.at)
            .skip(usize::from(self.leaf.is_none()))
            .filter(|(_, unit)| !matches!(unit.group, Group::Centre | Group::Province | Group::City))
            .map(|(_, unit)| (self.tree.text(unit.own).to_owned(), !unit.group.is_institution()))
            .take(2)
            .collect();
        names.reverse();
        names
    }

    /// The name without boilerplate, told apart: with its unit in front if the name alone would not do.
    fn telling_core(&self) -> Option<(String, Fit)> {
        if self.label.bare && self.leaf.is_some() {
            if self.own.is_empty() || self.scene.inst.is_empty() {
                return None;
            }
            let words = self.institution_words();
            return Some((
                format!("{}{}", self.scene.inst, self.own),
                Fit::new(Key::Leaf, &self.own).with_words(words),
            ));
        }
        (self.label.core.chars().count() >= 4)
            .then(|| (self.label.core.clone(), Fit::new(Key::Core, &self.label.core)))
    }

    fn institution_words(&self) -> Vec<String> {
        let chain = self.tree.chain(self.scene.at).filter(|(_, unit)| unit.group.is_institution());
        chain.map(|(_, unit)| self.tree.text(unit.own).to_owned()).collect()
    }
}

fn full(target: &Target<'_>, _: &mut Rng) -> Option<(String, Fit)> {
    let name = target.label.full();
    (!target.label.bare).then(|| (name.clone(), Fit::new(Key::Name, name)))
}

fn core(target: &Target<'_>, _: &mut Rng) -> Option<(String, Fit)> {
    target.telling_core()
}

/// 北大软微, 人大附中, 北大软微24级软工1班.
fn short_form(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let short = short::unit(target.tree, target.scene.at)?;
    let Some((Segment::Class, index)) = target.leaf else {
        return target.leaf.is_none().then(|| (short.clone(), Fit::new(Key::Short, short)));
    };
    let mut leaf = two_digit_year(&target.own);
    if let Some(major) = target.scene.major_of(index)
        && !major.short.is_empty()
        && rng.permille(500)
    {
        leaf = leaf.replace(major.name, major.short);
    }
    Some((format!("{short}{leaf}"), Fit::new(Key::ShortLeaf, truth::short_leaf(&short, &target.own))))
}

/// 团海淀区委, 北京团市委, 北京大学校团委.
fn committee_forms(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let group = match target.group() {
        Group::Town => "town",
        Group::Zone => return None,
        group => group.owner(),
    };
    let forms: Vec<&str> = target
        .lists()
        .committee_forms
        .iter()
        .filter(|(owner, _)| *owner == group)
        .map(|(_, form)| *form)
        .collect();
    let stem = place_stem(&target.own);
    let level = target.own.get(stem.len()..)?;
    let forms: Vec<&str> =
        forms.into_iter().filter(|form| !form.contains("{stem}") || level.chars().count() == 1).collect();
    let form = rng.pick(&forms)?;
    let query = form.replace("{own}", &target.own).replace("{stem}", stem).replace("{level}", level);
    Some((query, Fit::new(Key::Own, &target.own)))
}

/// The same class or school with its number written otherwise.
fn numeral_forms(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    if target.is_class() {
        let other = renumber(&target.own, rng)?;
        let words = target.institution_words();
        let query = format!("{}{other}", target.scene.inst);
        return Some((query, Fit::new(Key::Leaf, &target.own).with_words(words)));
    }
    let (before, rest) = target.own.split_once('第')?;
    let (number, after) = rest.split_once("中学")?;
    if target.leaf.is_some() || !after.is_empty() {
        return None;
    }
    let value = numerals::read_number(number)?;
    let form = match rng.below(3) {
        0 => format!("{before}{value}中"),
        1 => format!("{before}第{value}中学"),
        _ => format!("{before}{number}中"),
    };
    Some((form, Fit::new(Key::Own, &target.own)))
}

/// 2024级 as 24级.
fn two_digit_year(text: &str) -> String {
    match text.find("20") {
        Some(at) if text[at..].chars().take(5).nth(4) == Some('级') => {
            format!("{}{}", &text[..at], &text[at + 2..])
        }
        _ => text.to_owned(),
    }
}

/// Another way to write the number in front of 班: 1班, 一班, 01班, (1)班, （1）班.
fn renumber(text: &str, rng: &mut Rng) -> Option<String> {
    let before = text.strip_suffix('班')?;
    let bare = before.trim_end_matches([')', '）']);
    let is_digit = |char: &char| char.is_ascii_digit() || "一二三四五六七八九十".contains(*char);
    let digits: String =
        bare.chars().rev().take_while(is_digit).collect::<Vec<_>>().into_iter().rev().collect();
    let head = bare.strip_suffix(digits.as_str())?;
    let is_bracketed = bare.len() < before.len();
    let head = if is_bracketed { head.strip_suffix(['(', '（'])? } else { head };
    let value = digits.parse().ok().or_else(|| numerals::read_number(&digits))?;
    // 软件工程2301: the digits are a code, not a number. 高二十五: the first digit is the year's.
    let is_code = (digits.len() > 2 && digits.is_ascii()) || head.ends_with('-');
    let is_grade = !is_bracketed && head.ends_with(['高', '初']);
    if value == 0 || value > 60 || is_code || is_grade {
        return None;
    }
    let forms = [
        format!("{value}班"),
        format!("{}班", numerals::number(value)),
        format!("{value:02}班"),
        format!("({value})班"),
        format!("（{value}）班"),
    ];
    let head = if rng.permille(500) { two_digit_year(head) } else { head.to_owned() };
    let form = format!("{head}{}", rng.pick(&forms)?);
    (form != text).then_some(form)
}

fn trad(target: &Target<'_>, _: &mut Rng) -> Option<(String, Fit)> {
    let (core, fit) = target.telling_core()?;
    Some((distort::to_traditional(&core)?, fit))
}

/// The target's own name first, then what stands above it.
fn reordered(target: &Target<'_>, _: &mut Rng) -> Option<(String, Fit)> {
    let (mut words, fit) = path_words(target)?;
    words.rotate_right(1);
    Some((words.join(" "), fit))
}

/// 海淀 中关村 科春社区; 北京大学 软件与微电子学院 2024级1班.
fn path(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let (mut words, mut fit) = path_words(target)?;
    let places = target.ancestors().into_iter().map(|(_, is_place)| is_place);
    for ((word, wanted), is_place) in words.iter_mut().zip(fit.words.iter_mut()).zip(places) {
        if is_place && rng.permille(500) {
            *word = place_stem(word).to_owned();
            *wanted = word.clone();
        }
    }
    Some((words.join(" "), fit))
}

/// What stands above the target and its own name, and everything they fit.
fn path_words(target: &Target<'_>) -> Option<(Vec<String>, Fit)> {
    let mut words: Vec<String> = target.ancestors().into_iter().map(|(name, _)| name).collect();
    if words.is_empty() || target.own.is_empty() {
        return None;
    }
    let key = if target.leaf.is_some() { Key::Leaf } else { Key::Own };
    let fit = Fit::new(key, &target.own).with_words(words.clone());
    words.push(target.own.clone());
    Some((words, fit))
}

/// The first half to nine tenths of a name.
fn partial(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let count = target.label.core.chars().count();
    let kept = count * (50 + rng.index(41)) / 100;
    if target.label.bare && target.leaf.is_some_and(|(segment, _)| segment != Segment::Company) || kept < 4 {
        return None;
    }
    let query: String = target.label.core.chars().take(kept).collect();
    Some((query.clone(), Fit::new(Key::Prefix, query)))
}

/// A name with one thing wrong: whatever the same slip makes the same of is meant as well.
fn typo(
    target: &Target<'_>,
    rng: &mut Rng,
    distort: fn(&str, &mut Rng) -> Option<String>,
    undo: fn(&str) -> Vec<String>,
) -> Option<(String, Fit)> {
    let (core, fit) = target.telling_core()?;
    let query = distort(&core, rng)?;
    let fit = if fit.key == Key::Core { Fit::any_of(Key::Called, undo(&query)) } else { fit };
    Some(not_in_others(fit, query))
}

/// A name with a hanzi left out.
fn typo_missing(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let (core, fit) = target.telling_core()?;
    let query = distort::missing(&core, rng)?;
    let fit = if fit.key == Key::Core { Fit::new(Key::CalledShorter, &query) } else { fit };
    Some(not_in_others(fit, query))
}

/// A slip is one only if it stands in no other name.
fn not_in_others(fit: Fit, query: String) -> (String, Fit) {
    (query.clone(), Fit { not_in_others: Some(query), ..fit })
}

/// Names that are typed in pinyin are short.
const PINYIN_CHARS: std::ops::RangeInclusive<usize> = 3..=16;

fn syllables(target: &Target<'_>) -> Option<Vec<String>> {
    let count = target.label.core.chars().count();
    if !PINYIN_CHARS.contains(&count) || !target.label.core.chars().all(distort::is_hanzi) {
        return None;
    }
    distort::syllables(target.lists(), &target.label.core)
}

fn pinyin(target: &Target<'_>, between: &str) -> Option<(String, Fit)> {
    let syllables = syllables(target)?;
    Some((syllables.join(between), Fit::new(Key::Pinyin, syllables.concat())))
}

/// One half in hanzi, the other in pinyin.
fn pinyin_mixed(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let syllables = syllables(target)?;
    let chars: Vec<char> = target.label.core.chars().collect();
    let cut = 1 + rng.index(chars.len() - 1);
    let (first, second): (String, String) = (chars[..cut].iter().collect(), chars[cut..].iter().collect());
    let (query, word) = if rng.permille(500) {
        (format!("{first}{}", syllables.get(cut..)?.concat()), first)
    } else {
        (format!("{}{second}", syllables.get(..cut)?.concat()), second)
    };
    Some((query, Fit::new(Key::Pinyin, syllables.concat()).with_words(vec![word])))
}

fn pinyin_initials(target: &Target<'_>, _: &mut Rng) -> Option<(String, Fit)> {
    let initials = distort::initials(&syllables(target)?);
    (initials.len() >= 5).then(|| (initials.clone(), Fit::new(Key::Initials, initials)))
}

fn noisy(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let (core, fit) = target.telling_core()?;
    let name = if rng.permille(400) && !target.label.bare { target.label.full() } else { core };
    Some((rng.pick(&target.lists().noise)?.replace("{}", &name), fit))
}

/// A name that several bear: 和平村, 第一中学 of equal places.
fn ambiguous(target: &Target<'_>, _: &mut Rng) -> Option<(String, Fit)> {
    match target.leaf {
        Some((Segment::Village, _)) => Some((target.own.clone(), Fit::new(Key::Leaf, &target.own))),
        Some((Segment::Class, _)) if target.label.bare => {
            let unit = target.scene.own();
            let fit = Fit::new(Key::Leaf, &target.own).with_words(vec![unit.to_owned()]);
            Some((format!("{unit}{}", target.own), fit))
        }
        None => Some((target.own.clone(), Fit::new(Key::Own, &target.own))),
        _ => None,
    }
}

fn former(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let former = rows::former_labels(&target.scene, target.leaf);
    let label = rng.pick(&former)?;
    if label.bare && target.leaf.is_some_and(|(segment, _)| segment == Segment::Village) {
        return None;
    }
    let query = if rng.permille(300) { label.full() } else { label.core.clone() };
    Some((query, Fit::new(Key::Former, &label.core)))
}

fn alias(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    if target.leaf.is_some() {
        return None;
    }
    let aliases = rows::aliases(&target.scene);
    let alias = rng.pick(&aliases)?;
    let query = if rng.permille(400) { format!("{alias}团委") } else { alias.clone() };
    Some((query, Fit::new(Key::Alias, alias)))
}
