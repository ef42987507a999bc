//! What the columns of a row tell beside the name, and what all of them together say of an organization.

use super::census;
use super::draft::{Cells, Claim, Draft, Name, Wanted, Word};
use super::likeness::likeness;
use crate::generate::lists::RecordWords;
use crate::generate::names::Scene;
use crate::generate::place_stem::place_stem;
use crate::generate::queries::target::Target;
use crate::generate::rng::Rng;
use crate::generate::short;
use crate::generate::tree::{Group, NO_REGION, Segment, Unit};
use crate::model::OrgKind;

/// One of the texts that the list of row words has under a sort.
pub(super) fn pick(sort: &str, rng: &mut Rng) -> &'static str {
    rng.pick(&RecordWords::get().texts(sort)).copied().unwrap_or_default()
}

/// The cells of a row that names the target as its official name does.
pub(super) fn official(target: &Target<'_>) -> Cells {
    let label = &target.label;
    let name =
        Name { prefix: label.prefix.to_owned(), text: label.core.clone(), suffix: label.suffix.to_owned() };
    Cells { name, ..Cells::default() }
}

/// The unit directly above the target, as the number of its unit.
pub(super) fn parent_of(target: &Target<'_>) -> Option<u32> {
    let at = if target.leaf.is_some() { target.scene.at } else { target.scene.unit.parent };
    let unit = target.tree.unit(at)?;
    (unit.group != Group::Centre).then_some(at)
}

/// Fills the column of the parent: its full name, what it is called, now and then its short form. Gives the word that a
/// short form tells.
pub(super) fn tell_parent(target: &Target<'_>, cells: &mut Cells, rng: &mut Rng) -> Option<Word> {
    let at = parent_of(target)?;
    let scene = Scene::new(target.tree, at)?;
    let mut institution = String::new();
    target.tree.institution(at, &mut institution);
    let called = if institution.is_empty() { scene.own().to_owned() } else { institution };
    let short = if rng.permille(100) { short::unit(target.tree, at) } else { None };
    if let Some(short) = short {
        cells.parent = short.clone();
        return Some(Word::Short(likeness(&short)));
    }
    cells.parent = match rng.below(9) {
        0..=3 => scene.unit_label()?.full(),
        4 | 5 => scene.unit_label()?.core,
        _ => called,
    };
    None
}

/// Fills the column of the region: province alone or with the places below it, with or without their last words.
pub(super) fn tell_region(target: &Target<'_>, cells: &mut Cells, rng: &mut Rng) {
    let place = &target.scene.place;
    if place.province.is_empty() || target.scene.unit.region == NO_REGION {
        return;
    }
    if rng.permille(350) {
        cells.region = place_stem(place.province).to_owned();
    } else {
        cells.region = places(target, 1, rng);
    }
}

/// Places from the province down, at least so many of them if there are.
pub(super) fn places(target: &Target<'_>, least: usize, rng: &mut Rng) -> String {
    let place = &target.scene.place;
    let names: Vec<&str> =
        [place.province, place.city, place.county].into_iter().filter(|name| !name.is_empty()).collect();
    let least = least.min(names.len());
    let depth = least + rng.index(names.len() + 1 - least);
    names[..depth].join(pick("joint", rng))
}

/// Fills columns that need not be there, each by chance.
pub(super) fn tell_more(target: &Target<'_>, cells: &mut Cells, rng: &mut Rng) -> Vec<Word> {
    let mut words = Vec::new();
    if cells.parent.is_empty() && rng.permille(450) {
        words.extend(tell_parent(target, cells, rng));
    }
    if cells.region.is_empty() && rng.permille(400) {
        tell_region(target, cells, rng);
    }
    tell_kind(target.label.kind, cells, rng);
    words
}

pub(super) fn tell_kind(kind: &OrgKind, cells: &mut Cells, rng: &mut Rng) {
    if rng.permille(250) {
        cells.kind = if rng.permille(800) { kind.export_spelling() } else { kind.code() }.to_owned();
    }
}

/// Every name above the target that stands in a text, places also without their last word.
pub(super) fn told(target: &Target<'_>, text: &str, words: &mut Vec<Word>) {
    let text = likeness(text);
    let above = |(at, unit): &(u32, &Unit)| {
        unit.group != Group::Centre && (target.leaf.is_some() || *at != target.scene.at)
    };
    for (_, unit) in target.tree.chain(target.scene.at).filter(above) {
        let own = target.tree.text(unit.own);
        let stem = if unit.group.is_institution() { own } else { place_stem(own) };
        let found = [own, stem].into_iter().map(likeness).find(|name| text.contains(name.as_str()));
        let word = if unit.group.is_institution() { Word::Named } else { Word::In };
        words.extend(found.map(word));
    }
}

/// What is said of the target when it is called by its own name.
pub(super) fn own_texts(target: &Target<'_>) -> Vec<String> {
    let mut texts = vec![likeness(&target.label.core)];
    if !target.own.is_empty() {
        texts.push(likeness(&target.own));
    }
    if let (Some((Segment::Class, index)), Some(house)) = (target.leaf, &target.scene.house) {
        texts.push(census::class_key(house, &target.scene, index));
    }
    texts.dedup();
    texts
}

/// A row that names the target; `texts` are what it calls it, `words` what it says of the units above by short forms.
pub(super) fn positive(target: &Target<'_>, cells: Cells, texts: Vec<String>, mut words: Vec<Word>) -> Draft {
    for text in [&cells.name.text, &cells.parent, &cells.region] {
        told(target, text, &mut words);
    }
    let wanted = if is_anchored(target, &words) { Wanted::Only(target.row) } else { Wanted::Several };
    let claim = Claim { texts, words, slips: Vec::new() };
    Draft { family: "", cells, claim, wanted, is_official: false }
}

/// Whether a row says in which university, school or body a part of one is. 数理系 alone may be the only one of the tree,
/// but nobody would know that it is this one.
fn is_anchored(target: &Target<'_>, words: &[Word]) -> bool {
    let tree = target.tree;
    let institutions = tree.chain(target.scene.at).filter(|(_, unit)| unit.group.is_institution());
    match institutions.last() {
        None => true,
        Some((at, _)) if target.leaf.is_none() && (at == target.scene.at || target.scene.unit.alone) => true,
        Some((at, _)) => {
            let own = Word::Named(likeness(tree.own(at)));
            words.iter().any(|word| *word == own || matches!(word, Word::Short(_)))
        }
    }
}

/// The same for a row that names it by its own name or core.
pub(super) fn named(target: &Target<'_>, cells: Cells, words: Vec<Word>) -> Draft {
    positive(target, cells, own_texts(target), words)
}

/// A row that names nothing: `texts` are what a reader would look for, `words` where.
pub(super) fn nothing(cells: Cells, texts: Vec<String>, words: Vec<Word>) -> Draft {
    let claim = Claim { texts, words, slips: Vec::new() };
    Draft { family: "", cells, claim, wanted: Wanted::Nothing, is_official: false }
}
