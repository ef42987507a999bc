//! Who fits what the rows claim: found by a pass over the whole tree, so that an answer is right by construction.

use super::draft::{Claim, Draft, Wanted, Word};
use super::likeness::likeness;
use super::shorter;
use crate::generate::classes::ClassHouse;
use crate::generate::facts;
use crate::generate::names::{Label, Scene};
use crate::generate::place_stem::place_stem;
use crate::generate::rows;
use crate::generate::short;
use crate::generate::tree::{Group, Segment, Standing, Tree};
use crate::model::OrgStatus;
use std::collections::HashMap;

/// How well an organization fits: by a name it bears, by one it bore; active ones first.
const GRADES: usize = 4;

/// What the pass found about one draft.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Organizations that fit, by grade.
    fits: [u32; GRADES],
    /// The last organization counted: several keys of one row count once.
    last: Option<u64>,
    /// Active organizations of the name, whatever the row says beside it.
    bearers: u32,
    last_bearer: Option<u64>,
    /// The grade of the organization that is meant.
    wanted: Option<usize>,
    /// Another organization is called as the row spells it by a slip.
    is_spoilt: bool,
}

/// The right answer of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Row(u64),
    Ambiguous,
    Nothing,
}

impl Found {
    /// The right answer; `None` if the draft is to be dropped.
    pub(super) fn answer(&self, wanted: Wanted) -> Option<Answer> {
        let best = self.fits.iter().position(|count| *count > 0);
        match wanted {
            _ if self.is_spoilt => None,
            Wanted::Nothing => best.is_none().then_some(Answer::Nothing),
            Wanted::Several => (self.fits[0] > 1).then_some(Answer::Ambiguous),
            Wanted::Told(row) => self.wanted.map(|_| Answer::Row(row)),
            Wanted::OnlyHere(_) if self.bearers < 2 => None,
            Wanted::Only(row) | Wanted::OnlyHere(row) => match best {
                Some(best) if self.wanted != Some(best) => None,
                Some(best) if self.fits[best] == 1 => Some(Answer::Row(row)),
                // Two closed ones of a name: nobody would say which.
                Some(0) => Some(Answer::Ambiguous),
                _ => None,
            },
        }
    }
}

/// Finds who fits each of the drafts.
pub(super) fn find(tree: &Tree, drafts: &[Draft]) -> Vec<Found> {
    let mut census = Census::new(drafts);
    for at in 0..tree.units.len() as u32 {
        let Some(scene) = Scene::new(tree, at) else { continue };
        if u64::from(scene.unit.row) >= tree.rows {
            break;
        }
        census.unit(&scene);
        census.leaves(&scene);
    }
    census.found
}

/// How places before the name of an institution end.
const PLACE_ENDS: [char; 8] = ['省', '市', '区', '县', '旗', '州', '盟', '镇'];

struct Census<'a> {
    drafts: &'a [Draft],
    /// Drafts by the texts they claim, and by their slips.
    by_text: HashMap<&'a str, Vec<(usize, bool)>>,
    found: Vec<Found>,
    above: Above,
}

/// The names at and above the unit at hand.
#[derive(Debug, Default)]
struct Above {
    names: Vec<String>,
    shorts: Vec<String>,
}

/// One organization of the pass.
struct Org {
    row: u64,
    core: String,
    is_active: bool,
}

impl<'a> Census<'a> {
    fn new(drafts: &'a [Draft]) -> Census<'a> {
        let mut by_text: HashMap<&str, Vec<(usize, bool)>> = HashMap::new();
        for (at, Draft { claim, .. }) in drafts.iter().enumerate() {
            for text in &claim.texts {
                by_text.entry(text.as_str()).or_default().push((at, false));
            }
            for text in &claim.slips {
                by_text.entry(text.as_str()).or_default().push((at, true));
            }
        }
        Census { drafts, by_text, found: vec![Found::default(); drafts.len()], above: Above::default() }
    }

    fn unit(&mut self, scene: &Scene<'_>) {
        self.above = Above::of(scene);
        let Some(label) = scene.unit_label() else { return };
        let is_active = scene.unit.standing == Standing::Active;
        let org = Org::new(u64::from(scene.unit.row), &label, is_active);
        let mut names = vec![likeness(scene.own()), org.core.clone(), without_place(&org.core, scene)];
        names.extend(called(scene));
        add_shorter(&mut names);
        self.offer(&org, &names, &former_names(scene, None));
    }

    fn leaves(&mut self, scene: &Scene<'_>) {
        let mut row = u64::from(scene.unit.row);
        for segment in Segment::ALL {
            for index in 0..scene.unit.leaves[segment as usize] {
                row += 1;
                if row >= scene.tree.rows {
                    return;
                }
                self.leaf(scene, (segment, index), row);
            }
        }
    }

    fn leaf(&mut self, scene: &Scene<'_>, (segment, index): (Segment, u32), row: u64) {
        let Some(label) = scene.leaf_label(segment, index) else { return };
        let facts = facts::leaf(scene.tree, scene.unit, scene.house.as_ref(), segment, index);
        let org = Org::new(row, &label, facts.status == OrgStatus::Active);
        let mut names = vec![org.core.clone(), without_place(&org.core, scene)];
        let text = scene.leaf_text(segment, index);
        if !text.is_empty() {
            names.push(likeness(&text));
        }
        if segment == Segment::Class
            && let Some(house) = &scene.house
        {
            names.push(class_key(house, scene, index));
        }
        add_shorter(&mut names);
        self.offer(&org, &names, &former_names(scene, Some((segment, index))));
    }

    fn offer(&mut self, org: &Org, names: &[String], former: &[String]) {
        let grade = if org.is_active { 0 } else { 2 };
        for name in names {
            self.offer_name(org, name, grade);
        }
        for name in former.iter().filter(|name| !names.contains(name)) {
            self.offer_name(org, name, grade + 1);
        }
    }

    fn offer_name(&mut self, org: &Org, name: &str, grade: usize) {
        let Some(drafts) = self.by_text.get(name) else { return };
        for &(at, is_slip) in drafts {
            let (draft, found) = (&self.drafts[at], &mut self.found[at]);
            let row = draft.wanted.row();
            let fits = self.above.fit(&draft.claim, org);
            if is_slip {
                found.is_spoilt |= fits && row != Some(org.row);
                continue;
            }
            if grade == 0 && found.last_bearer != Some(org.row) {
                found.last_bearer = Some(org.row);
                found.bearers += 1;
            }
            if !fits || found.last == Some(org.row) {
                continue;
            }
            found.last = Some(org.row);
            found.fits[grade] += 1;
            if row == Some(org.row) {
                found.wanted = Some(grade);
            }
        }
    }
}

impl Org {
    fn new(row: u64, label: &Label, is_active: bool) -> Org {
        Org { row, core: likeness(&label.core), is_active }
    }
}

impl Above {
    fn of(scene: &Scene<'_>) -> Above {
        let tree = scene.tree;
        let units = tree.chain(scene.at).filter(|(_, unit)| unit.group != Group::Centre);
        let mut above = Above::default();
        for (at, unit) in units {
            above.names.push(likeness(tree.text(unit.own)));
            if let Some(short) = short::unit(tree, at) {
                above.shorts.push(likeness(&short));
            }
        }
        above
    }

    /// Whether all that a claim says of what stands above is so.
    fn fit(&self, claim: &Claim, org: &Org) -> bool {
        let has =
            |text: &String| self.names.iter().chain([&org.core]).any(|name| name.contains(text.as_str()));
        claim.words.iter().all(|word| match word {
            Word::In(text) => has(text),
            Word::Named(text) => self.names.iter().chain([&org.core]).any(|name| is_named(name, text)),
            Word::Either(one, other) => has(one) || has(other),
            Word::Short(text) => self.shorts.contains(text),
        })
    }
}

/// Whether a name is this text, or this text behind places.
fn is_named(name: &str, text: &str) -> bool {
    const SHORTEST_PLACE: usize = 2;
    name.strip_suffix(text).is_some_and(|before| {
        before.is_empty() || before.chars().count() >= SHORTEST_PLACE && before.ends_with(PLACE_ENDS)
    })
}

impl Wanted {
    fn row(self) -> Option<u64> {
        match self {
            Wanted::Only(row) | Wanted::OnlyHere(row) | Wanted::Told(row) => Some(row),
            Wanted::Several | Wanted::Nothing => None,
        }
    }
}

/// Adds the names as people cut them.
fn add_shorter(names: &mut Vec<String>) {
    let cut = |name: &String| [shorter::company(name), shorter::place(name)].map(|short| short.map(str::to_owned));
    let shorter: Vec<String> = names.iter().flat_map(cut).flatten().collect();
    names.extend(shorter);
}

/// The likeness of a name without the places that it begins with.
fn without_place(name: &str, scene: &Scene<'_>) -> String {
    let mut rest = name;
    for place in [scene.place.province, scene.place.city, scene.place.county] {
        let without = [place, place_stem(place)].into_iter().filter(|place| !place.is_empty());
        rest = without.map(likeness).find_map(|place| rest.strip_prefix(place.as_str())).unwrap_or(rest);
    }
    rest.to_owned()
}

/// Other names of a unit.
fn called(scene: &Scene<'_>) -> impl Iterator<Item = String> {
    let lists = scene.tree.lists;
    let own = match scene.unit.group {
        Group::College => short::college(lists, scene.own()),
        _ => None,
    };
    let short = short::unit(scene.tree, scene.at);
    rows::aliases(scene).into_iter().chain(short).chain(own).map(|name| likeness(&name))
}

/// Earlier names, whole and by themselves.
fn former_names(scene: &Scene<'_>, leaf: Option<(Segment, u32)>) -> Vec<String> {
    let mut found: Vec<String> =
        rows::former_labels(scene, leaf).iter().map(|label| likeness(&label.core)).collect();
    if leaf.is_none() {
        let former = scene.tree.text(scene.unit.former);
        found.extend(former.split('|').filter(|own| !own.is_empty()).map(likeness));
    }
    found
}

/// Year, major and number of a class: what its name says, however it is written.
pub(super) fn class_key(house: &ClassHouse, scene: &Scene<'_>, index: u32) -> String {
    let class = house.class(index);
    let major = scene.major_of(index).filter(|_| house.has_majors()).map_or("", |major| major.name);
    class_key_of(class.year(), major, class.number)
}

pub(super) fn class_key_of(year: u32, major: &str, number: u32) -> String {
    format!("#{year}|{major}|{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_fit_is_the_answer_if_it_is_alone() {
        let found = |fits: [u32; GRADES], wanted: Option<usize>| Found { fits, wanted, ..Found::default() };
        let only = Wanted::Only(7);
        for (fits, meant, wanted, answer) in [
            ([1, 0, 0, 0], Some(0), only, Some(Answer::Row(7))),
            ([1, 3, 2, 0], Some(0), only, Some(Answer::Row(7))),
            ([2, 0, 0, 0], Some(0), only, Some(Answer::Ambiguous)),
            ([1, 1, 0, 0], Some(1), only, None),
            ([0, 0, 1, 0], Some(2), only, Some(Answer::Row(7))),
            ([0, 0, 2, 0], Some(2), only, None),
            ([0, 0, 0, 0], None, only, None),
            ([3, 0, 0, 0], Some(0), Wanted::Told(7), Some(Answer::Row(7))),
            ([0, 0, 0, 0], None, Wanted::Nothing, Some(Answer::Nothing)),
            ([0, 0, 0, 1], None, Wanted::Nothing, None),
            ([1, 5, 0, 0], None, Wanted::Several, None),
            ([2, 0, 0, 0], None, Wanted::Several, Some(Answer::Ambiguous)),
            ([1, 0, 0, 0], Some(0), Wanted::OnlyHere(7), None),
        ] {
            assert_eq!(found(fits, meant).answer(wanted), answer, "{fits:?} {wanted:?}");
        }
        let spoilt = Found { is_spoilt: true, ..found([1, 0, 0, 0], Some(0)) };
        assert_eq!(spoilt.answer(only), None);
    }
}
