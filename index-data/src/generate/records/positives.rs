//! Rows that name an organization, by how they differ from its official name.

use super::draft::{Cells, Draft, Name, Wanted, Word};
use super::likeness::likeness;
use super::shorter;
use super::source::Source;
use super::telling::{
    named, official as official_cells, own_texts, pick, places, positive, tell_more, tell_parent, tell_region,
};
use super::typo::slip;
use super::writing::{change_form, change_prefix, rewrite, with_form};
use crate::generate::lists::Major;
use crate::generate::place_stem::place_stem;
use crate::generate::queries::families::committee_forms;
use crate::generate::queries::target::Target;
use crate::generate::rng::Rng;
use crate::generate::rows;
use crate::generate::short;
use crate::generate::tree::{Group, Segment};
use crate::model::OrgStatus;

/// The official name; a name that only its path tells apart comes with its parent.
pub(super) fn official(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let mut cells = official_cells(target);
    let words = with_parent_if_bare(target, &mut cells, rng);
    Some(finished(target, cells, words, rng))
}

pub(super) fn prefix(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let mut cells = official_cells(target);
    let words = with_parent_if_bare(target, &mut cells, rng);
    change_prefix(&mut cells.name, rng).then(|| finished(target, cells, words, rng))
}

/// Another form; of committees also as people call them: 海淀团区委, 北京大学校团委.
pub(super) fn form(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let mut cells = official_cells(target);
    let words = with_parent_if_bare(target, &mut cells, rng);
    if target.leaf.is_none() && rng.permille(300) {
        cells.name = Name::bare(committee_forms(target, rng)?.0);
        return Some(finished(target, cells, words, rng));
    }
    change_form(&mut cells.name, target.label.kind, rng).then(|| finished(target, cells, words, rng))
}

pub(super) fn spacing_width_brackets(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let mut cells = official_cells(target);
    let words = with_parent_if_bare(target, &mut cells, rng);
    let mut draft = finished(target, cells, words, rng);
    draft.cells.name = Name::bare(rewrite(&draft.cells.name.whole(), rng)?);
    Some(draft)
}

/// The parts in another order, or with separators: 2024级1班-软件学院-北京大学, 海淀区/中关村街道/科春社区.
pub(super) fn order(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let above: Vec<String> = target.ancestors().into_iter().map(|(name, _)| name).collect();
    if above.is_empty() || target.own.is_empty() || target.group() == Group::LineSub {
        return None;
    }
    let own = format!("{}{}", target.own, if rng.permille(400) { target.label.suffix } else { "" });
    let separator = pick("separator", rng);
    let mut parts = above;
    match rng.below(3) {
        0 => parts.push(own),
        1 => {
            parts.push(own);
            parts.reverse();
        }
        _ => parts.insert(0, own),
    }
    let cells = Cells { name: Name::bare(parts.join(separator)), ..Cells::default() };
    Some(finished(target, cells, Vec::new(), rng))
}

/// The short form of the name, or of what stands in front: 软微 below 北京大学, 北大软微24级软工1班, 海淀中关村街道.
pub(super) fn short_with_parent(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let (lists, kind) = (target.lists(), target.label.kind);
    let short = short::unit(target.tree, target.scene.at);
    let mut cells = Cells::default();
    match (target.leaf, target.group()) {
        (None, Group::College) if rng.permille(500) => {
            let own = short::college(lists, &target.own)?;
            cells.name = with_form(&own, kind, rng);
            let words = tell_parent(target, &mut cells, rng).into_iter().collect();
            Some(positive(target, cells, vec![likeness(&own)], words))
        }
        (None, Group::University | Group::College | Group::School) => {
            let short = short?;
            cells.name = with_form(&short, kind, rng);
            tell_region(target, &mut cells, rng);
            // 北大软微 says 北大.
            let university = short::university(lists, target.tree.own(target.scene.unit.parent));
            let words = university.filter(|_| target.group() == Group::College);
            let words = words.iter().map(|short| Word::Short(likeness(short))).collect();
            Some(positive(target, cells, vec![likeness(&short)], words))
        }
        (Some((Segment::Class, index)), _) => {
            let short = short?;
            let class = respelled(target, index, rng)?;
            let words = vec![Word::Short(likeness(&short))];
            if rng.permille(500) {
                cells.name = with_form(format!("{short}{class}"), kind, rng);
            } else {
                cells.name = with_form(class, kind, rng);
                cells.parent = short;
            }
            Some(named(target, cells, words))
        }
        (None | Some((Segment::Village, _)), Group::Street | Group::Town | Group::Zone) => {
            let above: String = target.above().iter().map(|(name, _)| place_stem(name).to_owned()).collect();
            if above.is_empty() {
                return None;
            }
            cells.name = with_form(format!("{above}{}", target.own), kind, rng);
            Some(finished(target, cells, Vec::new(), rng))
        }
        _ => None,
    }
}

/// A company without its legal ends, and often without its place.
pub(super) fn company_short(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let short = shorter::company(&target.own)?;
    let place = &target.scene.place;
    let stems = [place.city, place.county].map(place_stem);
    let bare = stems.iter().filter(|stem| !stem.is_empty()).find_map(|stem| {
        let rest = short.strip_prefix(stem)?;
        Some(rest.strip_prefix(['市', '县', '区']).unwrap_or(rest))
    });
    let text = match bare {
        Some(bare) if bare.chars().count() > 3 && rng.permille(500) => bare,
        _ => short,
    };
    let mut cells = Cells { name: with_form(text, target.label.kind, rng), ..Cells::default() };
    tell_region(target, &mut cells, rng);
    let words = if rng.permille(300) { tell_parent(target, &mut cells, rng) } else { None };
    Some(positive(target, cells, vec![likeness(text)], words.into_iter().collect()))
}

/// A village without its last word, and what it lies in.
pub(super) fn place_short(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let short = shorter::place(&target.own)?;
    let mut cells = Cells { name: with_form(short, target.label.kind, rng), ..Cells::default() };
    let words = tell_parent(target, &mut cells, rng).into_iter().collect();
    if rng.permille(500) {
        tell_region(target, &mut cells, rng);
    }
    Some(positive(target, cells, vec![likeness(short)], words))
}

/// A leaf by its own name, its parent in a column.
pub(super) fn leaf_with_parent(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let (segment, index) = target.leaf?;
    let text = match segment {
        Segment::Fixed => target.label.core.clone(),
        Segment::Class if rng.permille(650) => respelled(target, index, rng)?,
        _ => target.own.clone(),
    };
    let mut cells = Cells { name: with_form(text, target.label.kind, rng), ..Cells::default() };
    let words = tell_parent(target, &mut cells, rng).into_iter().collect();
    Some(finished(target, cells, words, rng))
}

/// A class as another house would write it: 24级软工1班 for 2024级软件工程1班.
fn respelled(target: &Target<'_>, index: u32, rng: &mut Rng) -> Option<String> {
    let house = target.scene.house.as_ref()?;
    let style = *rng.pick(&house.other_styles(target.lists(), index))?;
    let majors = &target.scene.majors;
    let major = target.scene.major_of(index).filter(|_| house.has_majors());
    if let Some(major) = major {
        // 软件 is no short form where there is 软件技术 beside 软件工程.
        let short = if major.short.is_empty() { major.name } else { major.short };
        let is_shared =
            |other: &&Major| other.name != major.name && (other.name.contains(short) || other.short == short);
        if majors.iter().any(is_shared) {
            return None;
        }
    }
    let mut text = String::new();
    house.class(index).write(style, majors, &mut text);
    Some(text)
}

/// An earlier name, in place of the name or in its own column.
pub(super) fn former_name(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let formers = rows::former_labels(&target.scene, target.leaf);
    let former = rng.pick(&formers)?;
    let mut cells = official_cells(target);
    let written = if rng.permille(500) { former.full() } else { former.core.clone() };
    if rng.permille(500) {
        let words = with_parent_if_bare(target, &mut cells, rng);
        cells.former_name = written;
        return Some(finished(target, cells, words, rng));
    }
    cells.name = Name::bare(written);
    let words = tell_parent(target, &mut cells, rng).into_iter().collect();
    let mut draft = positive(target, cells, vec![likeness(&former.core)], words);
    if rng.permille(300) {
        tell_region(target, &mut draft.cells, rng);
    }
    Some(draft)
}

/// A closed or merged organization by its name.
pub(super) fn successor(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let is_asked = match target.status {
        OrgStatus::Closed | OrgStatus::Merged => true,
        OrgStatus::Graduated => rng.permille(60),
        _ => false,
    };
    let mut cells = official_cells(target);
    if rng.permille(300) {
        change_form(&mut cells.name, target.label.kind, rng);
    }
    let words = tell_parent(target, &mut cells, rng).into_iter().collect();
    is_asked.then(|| finished(target, cells, words, rng))
}

/// The id in its column, with a name that agrees.
pub(super) fn code(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let mut cells = official_cells(target);
    match rng.below(4) {
        0 if target.own.is_empty() => return None,
        0 => cells.name = with_form(&target.own, target.label.kind, rng),
        1 => {
            change_form(&mut cells.name, target.label.kind, rng);
        }
        2 => cells.name.text = slip(&cells.name.text, rng)?,
        _ => {}
    }
    cells.code = rows::id(target.row);
    let draft = finished(target, cells, Vec::new(), rng);
    Some(Draft { wanted: Wanted::Told(target.row), ..draft })
}

/// A name that many bear, with the place or parent that tells.
pub(super) fn region_told(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let text = if target.own.is_empty() { &target.label.core } else { &target.own };
    let mut cells = Cells { name: with_form(text, target.label.kind, rng), ..Cells::default() };
    let mut words = Vec::new();
    if rng.permille(500) && target.scene.inst.is_empty() {
        // A province alone leaves too much to luck.
        cells.region = places(target, 2, rng);
    } else {
        words.extend(tell_parent(target, &mut cells, rng));
    }
    let draft = named(target, cells, words);
    (draft.wanted != Wanted::Several).then_some(Draft { wanted: Wanted::OnlyHere(target.row), ..draft })
}

/// A name that several bear, and nothing that tells which.
pub(super) fn ambiguous(_: &Source<'_>, target: &Target<'_>, rng: &mut Rng) -> Option<Draft> {
    let text = if target.own.is_empty() { &target.label.core } else { &target.own };
    let mut cells = Cells { name: with_form(text, target.label.kind, rng), ..Cells::default() };
    if rng.permille(250) {
        tell_region(target, &mut cells, rng);
    }
    let draft = named(target, cells, Vec::new());
    Some(Draft { wanted: Wanted::Several, ..draft })
}

/// Names that only the path tells apart get their parent, nearly always.
pub(super) fn with_parent_if_bare(target: &Target<'_>, cells: &mut Cells, rng: &mut Rng) -> Vec<Word> {
    let is_bare = target.label.core == target.own || target.leaf.is_some() && target.label.bare;
    let words = (is_bare && rng.permille(900)).then(|| tell_parent(target, cells, rng));
    words.flatten().into_iter().collect()
}

/// The row with further columns by chance.
pub(super) fn finished(target: &Target<'_>, mut cells: Cells, mut words: Vec<Word>, rng: &mut Rng) -> Draft {
    words.extend(tell_more(target, &mut cells, rng));
    positive(target, cells, own_texts(target), words)
}
