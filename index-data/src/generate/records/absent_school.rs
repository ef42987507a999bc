//! Rows that name a school or body that the place does not have.

use super::draft::{Cells, Draft, Word};
use super::likeness::{is_one_slip, likeness};
use super::negatives::{beside, shares};
use super::source::Source;
use super::telling::{nothing, tell_kind, tell_region};
use super::writing::with_form;
use crate::generate::distort;
use crate::generate::lists::RecordWords;
use crate::generate::numerals;
use crate::generate::place_stem::place_stem;
use crate::generate::queries::target::Target;
use crate::generate::rng::Rng;
use crate::model::OrgKind;

/// A number that no school or hospital of the place has.
pub(super) fn school_number(_: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let (before, rest) = near.own.split_once('第')?;
    let digits: String = rest.chars().take_while(|char| distort::is_numeral(*char)).collect();
    let value = numerals::read_number(&digits)?;
    let ending = rest.strip_prefix(digits.as_str())?;
    let other = if rng.permille(700) { value + 1 + rng.below(12) } else { 1 + rng.below(40) };
    if ending.is_empty() || other == value {
        return None;
    }
    let number = if rng.permille(700) { numerals::number(other) } else { other.to_string() };
    let text = if rng.permille(250) && ending == "中学" {
        format!("{before}{number}中")
    } else {
        format!("{before}第{number}{ending}")
    };
    // 第三初级中学 may be what 第三中学 stands for.
    let endings = ["中学", "初级中学", "高级中学", "实验中学", "学校", "小学", ending];
    let texts = endings.iter().map(|ending| likeness(&format!("{before}第{other}{ending}"))).collect();
    Some(beside(near, (text, near.label.kind), texts, Vec::new(), rng))
}

/// A college that the university does not have, nor any like it.
pub(super) fn no_college(source: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let college = rng.pick(&near.lists().colleges_common)?.text;
    let colleges = source.children(near.scene.at).iter().map(|at| near.tree.own(*at));
    let is_known = colleges.into_iter().any(|other| shares(subject(college), subject(other)));
    if is_known || college == "分校" {
        return None;
    }
    let kind = &OrgKind::Committee;
    let mut cells = Cells::default();
    if rng.permille(600) {
        cells.name = with_form(format!("{}{college}", near.own), kind, rng);
    } else {
        cells.name = with_form(college, kind, rng);
        cells.parent = if rng.permille(500) { near.own.clone() } else { near.label.full() };
    }
    if rng.permille(300) {
        tell_region(near, &mut cells, rng);
    }
    tell_kind(kind, &mut cells, rng);
    let texts = vec![likeness(college), likeness(&format!("{}{college}", near.own))];
    Some(nothing(cells, texts, vec![Word::In(likeness(&near.own))]))
}

/// What a college teaches, without the words that many share.
fn subject(college: &str) -> &str {
    let stem = ["学院", "学部", "系", "部", "院", "所"].iter().find_map(|word| college.strip_suffix(word));
    let stem = stem.unwrap_or(college);
    ["与工程", "工程", "与技术", "科学", "技术"]
        .iter()
        .find_map(|word| stem.strip_suffix(word))
        .unwrap_or(stem)
}

/// A school of a kind that was closed nearly everywhere.
pub(super) fn closed_school(source: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let words = RecordWords::get();
    let of_town = rng.permille(700);
    let sort = if of_town { "town" } else { "county" };
    let kinds: Vec<&str> = words
        .of("closed")
        .filter(|(what, _)| *what == sort)
        .flat_map(|(_, texts)| texts.iter().copied())
        .collect();
    let kind = rng.pick(&kinds)?;
    let place = &near.scene.place;
    let stem = place_stem(&near.own);
    let (head, tail) =
        if of_town { (place.county, format!("{stem}{kind}")) } else { (place.county, (*kind).to_owned()) };
    let texts = vec![
        likeness(&tail),
        likeness(&format!("{head}{tail}")),
        likeness(&format!("{}{head}{tail}", place.city)),
    ];
    let is_known =
        source.children(near.scene.unit.parent).iter().any(|at| near.tree.own(*at).ends_with(&tail));
    if is_known || head.is_empty() {
        return None;
    }
    let text =
        if rng.permille(300) { format!("{}{head}{tail}", place.city) } else { format!("{head}{tail}") };
    let words = vec![Word::In(likeness(place_stem(head)))];
    Some(beside(near, (text, &OrgKind::Committee), texts, words, rng))
}

/// A primary school where there is only a middle school.
pub(super) fn other_stage(source: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    exchanged(source, near, "stage", rng)
}

/// A body of another sort: 公证处 where there is a 人民法院.
pub(super) fn other_type(source: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    exchanged(source, near, "type", rng)
}

/// The name with another ending of the list.
fn exchanged(source: &Source<'_>, near: &Target<'_>, sort: &str, rng: &mut Rng) -> Option<Draft> {
    let endings: Vec<_> =
        RecordWords::get().of(sort).filter(|(ending, _)| near.own.ends_with(ending)).collect();
    let (ending, others) = endings.iter().max_by_key(|(ending, _)| ending.len())?;
    let text = format!("{}{}", near.own.strip_suffix(ending)?, rng.pick(others)?);
    let is_like = |at: &u32| is_one_slip(near.tree.own(*at), &text);
    if near.leaf.is_some() || source.children(near.scene.unit.parent).iter().any(is_like) {
        return None;
    }
    let texts = vec![likeness(&text)];
    // What belongs to a town has a branch, not the work committee of the town.
    let kind = if near.group().is_institution() { near.label.kind } else { &OrgKind::Branch };
    Some(beside(near, (text, kind), texts, Vec::new(), rng))
}
