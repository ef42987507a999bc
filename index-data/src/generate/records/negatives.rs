//! Rows that name what is not in the tree: a sister of what is there.

use super::census::class_key_of;
use super::draft::{Cells, Draft, Word};
use super::likeness::{is_one_slip, likeness};
use super::source::{Draw, Source};
use super::telling::{nothing, tell_kind, tell_parent, tell_region, told};
use super::writing::with_form;
use crate::generate::classes::Class;
use crate::generate::distort;
use crate::generate::lists::RecordWords;
use crate::generate::place_stem::place_stem;
use crate::generate::queries::target::Target;
use crate::generate::rng::Rng;
use crate::generate::tree::{Group, Segment};
use crate::model::OrgKind;
use std::collections::HashSet;

/// A class number that its year and major do not have.
pub(super) fn sister_class(_: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let (class, classes) = classes(near)?;
    let same = classes.iter().filter(|other| (other.cohort, other.major) == (class.cohort, class.major));
    let most = same.map(|other| other.number).max()?;
    let other = Class { number: most + 1 + rng.below(4) as u32, ..class };
    absent_class(near, other, rng)
}

/// A year in which nobody entered.
pub(super) fn sister_year(_: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let (class, classes) = classes(near)?;
    if near.scene.house.as_ref()?.style_of(near.leaf?.1).by_grade() {
        return None;
    }
    let last = classes.iter().map(|other| other.cohort).max()?;
    let other = Class { cohort: last + 1 + rng.below(5) as u32, ..class };
    absent_class(near, other, rng)
}

/// The class of a target whose name says its year and number, and all classes beside it.
fn classes(near: &Target<'_>) -> Option<(Class, Vec<Class>)> {
    let (Some((Segment::Class, index)), Some(house)) = (near.leaf, &near.scene.house) else { return None };
    let count = near.scene.unit.leaves[Segment::Class as usize];
    let is_told = house.style_of(index).is_telling()
        && near.own.contains(|char: char| char.is_ascii_digit() || distort::is_numeral(char));
    is_told.then(|| (house.class(index), (0..count).map(|index| house.class(index)).collect()))
}

fn absent_class(near: &Target<'_>, class: Class, rng: &mut Rng) -> Option<Draft> {
    let (_, index) = near.leaf?;
    let house = near.scene.house.as_ref()?;
    let style = if rng.permille(500) {
        house.style_of(index)
    } else {
        *rng.pick(&house.other_styles(near.lists(), index))?
    };
    let mut text = String::new();
    class.write(style, &near.scene.majors, &mut text);
    let major = near.scene.majors.get(class.major as usize).filter(|_| house.has_majors());
    let texts =
        vec![likeness(&text), class_key_of(class.year(), major.map_or("", |major| major.name), class.number)];
    let mut words: Vec<Word> = Vec::new();
    let mut cells = Cells::default();
    if rng.permille(600) {
        cells.name = with_form(text, near.label.kind, rng);
        words.extend(tell_parent(near, &mut cells, rng));
    } else {
        cells.name = with_form(format!("{}{text}", near.scene.inst), near.label.kind, rng);
    }
    if rng.permille(300) {
        tell_region(near, &mut cells, rng);
    }
    tell_kind(near.label.kind, &mut cells, rng);
    // Only what the row says: a college of the name may have the class at another university.
    for cell in [&cells.name.text, &cells.parent, &cells.region] {
        told(near, cell, &mut words);
    }
    Some(nothing(cells, texts, words))
}

/// A village that the town does not have, from elsewhere or a sister of one it has.
pub(super) fn no_village(source: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let stem_of = |name: &str| -> String {
        ["社区", "新村", "村"].iter().find_map(|word| name.strip_suffix(word)).unwrap_or(name).to_owned()
    };
    let is_sister = rng.permille(350);
    let own =
        if is_sister { opposite(&near.own, rng)? } else { source.village_around(near.scene.at, rng)?.own };
    let stem = stem_of(&own);
    let count = near.scene.unit.leaves[Segment::Village as usize];
    let siblings: Vec<String> =
        (0..count).map(|index| stem_of(&near.scene.leaf_text(Segment::Village, index))).collect();
    let town = near.scene.own();
    let is_known =
        siblings.iter().any(|other| is_near(other, &stem, is_sister)) || town.starts_with(stem.as_str());
    if is_known || stem.chars().count() < 2 {
        return None;
    }
    let endings = ["", "村", "社区", "新村", "村委会", "居委会", "村社区"];
    let texts: Vec<String> = endings.iter().map(|ending| likeness(&format!("{stem}{ending}"))).collect();
    let (county, kind) = (near.scene.place.county, near.label.kind);
    let mut cells = Cells::default();
    match rng.below(3) {
        0 => cells.name = with_form(format!("{county}{town}{own}"), kind, rng),
        1 => cells.name = with_form(format!("{town}{own}"), kind, rng),
        _ => {
            cells.name = with_form(own, kind, rng);
            tell_parent(near, &mut cells, rng);
        }
    }
    if rng.permille(300) {
        tell_region(near, &mut cells, rng);
    }
    tell_kind(kind, &mut cells, rng);
    // A village of the next town may well be the one that is meant.
    let around = if county.is_empty() { town } else { place_stem(county) };
    Some(nothing(cells, texts, vec![Word::Either(likeness(town), likeness(around))]))
}

/// A name with one of its telling characters turned: 东庄村 for 西庄村.
fn opposite(text: &str, rng: &mut Rng) -> Option<String> {
    let sets = RecordWords::get().texts("opposite");
    let chars: Vec<char> = text.chars().collect();
    let places: Vec<usize> =
        (0..chars.len()).filter(|at| sets.iter().any(|set| set.contains(chars[*at]))).collect();
    let at = *rng.pick(&places)?;
    let set: Vec<char> = sets.iter().find(|set| set.contains(chars[at]))?.chars().collect();
    let other = *rng.pick(&set)?;
    let changed: String =
        chars.iter().enumerate().map(|(here, char)| if here == at { other } else { *char }).collect();
    (changed != text).then_some(changed)
}

/// Whether a reader may take one name for the other: one holds the other, they sound alike, or one slip lies between.
fn is_near(one: &str, other: &str, is_sister: bool) -> bool {
    let sound = |text: &str| {
        text.chars()
            .map(|char| distort::usual_reading(char).unwrap_or_else(|| char.to_string()))
            .collect::<Vec<_>>()
    };
    one.contains(other)
        || other.contains(one)
        || sound(one) == sound(other)
        || (!is_sister && is_one_slip(one, other))
}

/// A company of another trade or another trade name, where a reader would see that it is another one.
pub(super) fn no_company(_: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let (segment, index) = near.leaf?;
    let lists = near.lists();
    let company = near.scene.company_of(near.scene.unit.leaf_row(segment, index))?;
    let mut other = company;
    if rng.permille(500) {
        other.trade = rng.weighted(&lists.company_trades, |word| word.weight)?.text;
        if shares(other.trade, company.trade) {
            return None;
        }
    } else {
        other.trade_name = rng.pick(&lists.trade_names).copied()?;
        if shares(other.trade_name, company.trade_name)
            || is_near(other.trade_name, company.trade_name, false)
        {
            return None;
        }
    }
    let mut text = String::new();
    other.write(&mut text);
    let mut texts = vec![likeness(&text)];
    for form in &lists.company_forms {
        texts.push(likeness(&text.replace(other.form, form.text)));
    }
    let mut cells = Cells { name: with_form(text, near.label.kind, rng), ..Cells::default() };
    columns_of(near, near.label.kind, &mut cells, rng);
    Some(nothing(cells, texts, Vec::new()))
}

/// A common name that is borne only in other provinces.
pub(super) fn other_province(source: &Source<'_>, near: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let is_common = match near.leaf {
        None => matches!(near.group(), Group::Street | Group::Town | Group::Zone),
        Some((segment, _)) => segment == Segment::Village,
    };
    if !is_common {
        return None;
    }
    let there = source.draw(Draw::County, rng)?;
    if there.scene.place.province == near.scene.place.province {
        return None;
    }
    let mut cells = Cells { name: with_form(&near.own, near.label.kind, rng), ..Cells::default() };
    let place = &there.scene.place;
    if rng.permille(400) {
        cells.parent =
            if rng.permille(500) { there.label.full() } else { format!("{}{}", place.city, place.county) };
    }
    if cells.parent.is_empty() || rng.permille(400) {
        tell_region(&there, &mut cells, rng);
    }
    tell_kind(near.label.kind, &mut cells, rng);
    let stem = ["社区", "街道", "村", "镇", "乡"]
        .iter()
        .find_map(|word| near.own.strip_suffix(word))
        .unwrap_or(&near.own);
    let endings = ["社区", "街道", "村", "镇", "乡", "新村", "村委会", "居委会", "地区"];
    let mut texts: Vec<String> = endings.iter().map(|ending| likeness(&format!("{stem}{ending}"))).collect();
    texts.push(likeness(&near.own));
    // Other provinces may have a county of the name.
    let around = Word::Either(likeness(place_stem(place.province)), likeness(place_stem(place.county)));
    Some(nothing(cells, texts, vec![around]))
}

/// Whether two texts have a character in common.
pub(super) fn shares(one: &str, other: &str) -> bool {
    let chars: HashSet<char> = one.chars().collect();
    other.chars().any(|char| chars.contains(&char))
}

/// A row that stands beside an organization that exists: the same place, another name. Without words the name may stand
/// nowhere in the tree.
pub(super) fn beside(
    near: &Target<'_>,
    (text, kind): (String, &OrgKind),
    texts: Vec<String>,
    words: Vec<Word>,
    rng: &mut Rng,
) -> Draft {
    let mut cells = Cells { name: with_form(text, kind, rng), ..Cells::default() };
    columns_of(near, kind, &mut cells, rng);
    nothing(cells, texts, words)
}

/// Columns as the organization itself might have them.
fn columns_of(near: &Target<'_>, kind: &OrgKind, cells: &mut Cells, rng: &mut Rng) {
    if cells.parent.is_empty() && rng.permille(450) {
        tell_parent(near, cells, rng);
    }
    if rng.permille(400) {
        tell_region(near, cells, rng);
    }
    tell_kind(kind, cells, rng);
}
