//! How the query of each family is made from a target.

use super::target::Target;
use crate::generate::candidate::{Fit, Key};
use crate::generate::distort;
use crate::generate::numerals;
use crate::generate::place_stem::place_stem;
use crate::generate::rng::Rng;
use crate::generate::rows;
use crate::generate::short;
use crate::generate::tree::{Group, Segment};
use crate::generate::truth;

pub(super) fn full(target: &Target<'_>, _: &mut Rng) -> Option<(String, Fit)> {
    let name = target.label.full();
    (!target.label.bare).then(|| (name.clone(), Fit::new(Key::Name, name)))
}

pub(super) fn core(target: &Target<'_>, _: &mut Rng) -> Option<(String, Fit)> {
    target.telling_core()
}

/// 北大软微, 人大附中, 北大软微24级软工1班.
pub(super) fn short_form(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
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
pub(crate) fn committee_forms(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
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
pub(super) fn numeral_forms(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
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
pub(crate) fn two_digit_year(text: &str) -> String {
    match text.find("20") {
        Some(at) if text[at..].chars().take(5).nth(4) == Some('级') => {
            format!("{}{}", &text[..at], &text[at + 2..])
        }
        _ => text.to_owned(),
    }
}

/// Another way to write the number in front of 班: 1班, 一班, 01班, (1)班, （1）班.
pub(crate) fn renumber(text: &str, rng: &mut Rng) -> Option<String> {
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

pub(super) fn trad(target: &Target<'_>, _: &mut Rng) -> Option<(String, Fit)> {
    let (core, fit) = target.telling_core()?;
    Some((distort::to_traditional(&core)?, fit))
}

/// The target's own name first, then what stands above it.
pub(super) fn reordered(target: &Target<'_>, _: &mut Rng) -> Option<(String, Fit)> {
    let (mut words, fit) = path_words(target)?;
    words.rotate_right(1);
    Some((words.join(" "), fit))
}

/// 海淀 中关村 科春社区; 北京大学 软件与微电子学院 2024级1班.
pub(super) fn path(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let (mut words, mut fit) = path_words(target)?;
    let places = target.ancestors().into_iter().map(|(_, is_place)| is_place);
    for ((word, wanted), is_place) in words.iter_mut().zip(fit.words.iter_mut()).zip(places) {
        if is_place && rng.permille(500) {
            *word = place_stem(word).to_owned();
            wanted.text = word.clone();
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
pub(super) fn partial(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let count = target.label.core.chars().count();
    let kept = count * (50 + rng.index(41)) / 100;
    if target.label.bare && target.leaf.is_some_and(|(segment, _)| segment != Segment::Company) || kept < 4 {
        return None;
    }
    let query: String = target.label.core.chars().take(kept).collect();
    Some((query.clone(), Fit::new(Key::Prefix, query)))
}

/// A name with one typo. Every name from which the same typo makes the same query fits too.
pub(super) fn typo(
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
pub(super) fn typo_missing(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let (core, fit) = target.telling_core()?;
    let query = distort::missing(&core, rng)?;
    let fit = if fit.key == Key::Core { Fit::new(Key::CalledShorter, &query) } else { fit };
    Some(not_in_others(fit, query))
}

/// Drops the query if another organization's name contains it: then it is no typo.
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

pub(super) fn pinyin(target: &Target<'_>, between: &str) -> Option<(String, Fit)> {
    let syllables = syllables(target)?;
    Some((syllables.join(between), Fit::new(Key::Pinyin, syllables.concat())))
}

/// One half in hanzi, the other in pinyin.
pub(super) fn pinyin_mixed(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
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

pub(super) fn pinyin_initials(target: &Target<'_>, _: &mut Rng) -> Option<(String, Fit)> {
    let initials = distort::initials(&syllables(target)?);
    (initials.len() >= 5).then(|| (initials.clone(), Fit::new(Key::Initials, initials)))
}

pub(super) fn noisy(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let (core, fit) = target.telling_core()?;
    let name = if rng.permille(400) && !target.label.bare { target.label.full() } else { core };
    Some((rng.pick(&target.lists().noise)?.replace("{}", &name), fit))
}

/// A name that several bear: 和平村, 第一中学 of equal places.
pub(super) fn ambiguous(target: &Target<'_>, _: &mut Rng) -> Option<(String, Fit)> {
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

pub(super) fn former(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let former = rows::former_labels(&target.scene, target.leaf);
    let label = rng.pick(&former)?;
    if label.bare && target.leaf.is_some_and(|(segment, _)| segment == Segment::Village) {
        return None;
    }
    let query = if rng.permille(300) { label.full() } else { label.core.clone() };
    Some((query, Fit::new(Key::Former, &label.core)))
}

pub(super) fn alias(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    if target.leaf.is_some() {
        return None;
    }
    let aliases = rows::aliases(&target.scene);
    let alias = rng.pick(&aliases)?;
    let query = if rng.permille(400) { format!("{alias}团委") } else { alias.clone() };
    Some((query, Fit::new(Key::Alias, alias)))
}
