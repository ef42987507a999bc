//! What is so about a row beside its name: how many fixed branches, which status, how many members. Each is drawn at
//! its own place, so that any row can be told alone.

use super::classes::ClassHouse;
use super::lists::Style;
use super::rng::{Purpose, Rng};
use super::tree::{Group, Segment, Standing, Tree, Unit};
use crate::hash::fnv1a;
use crate::model::OrgStatus;

/// Status of a leaf, the leaf it was merged into, and its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeafFacts {
    pub(crate) status: OrgStatus,
    pub(crate) successor: Option<u32>,
    pub(crate) members: u32,
}

/// A number for a text, to draw at a place that only its name tells.
pub(crate) fn text_tag(text: &str) -> u64 {
    fnv1a(text.bytes())
}

/// How many branches of fixed name a unit has.
pub(crate) fn fixed_count(tree: &Tree, unit: u32, group: Group) -> u32 {
    fixed_styles(tree, unit, group).count() as u32
}

/// The styles of its branches of fixed name, one for each set that it has.
pub(crate) fn fixed_styles(tree: &Tree, unit: u32, group: Group) -> impl Iterator<Item = &'static Style> {
    let seed = tree.seed;
    let sets = tree.lists.fixed.iter().enumerate();
    sets.filter(move |(_, set)| set.owner == group.owner()).filter_map(move |(nth, set)| {
        let mut rng = Rng::at(seed, Purpose::Fixed, u64::from(unit) << 8 | nth as u64);
        if !rng.permille(set.permille) {
            return None;
        }
        rng.weighted(&set.styles, |style| style.weight)
    })
}

/// How many classes a unit has, beside other units; 0: none at all.
pub(crate) fn class_weight(tree: &Tree, at: u32) -> u64 {
    let Some(unit) = tree.unit(at) else { return 0 };
    let usual = match (unit.group, unit.sort) {
        (Group::College, "college") => 42,
        (Group::College, _) => 30,
        (Group::School, "senior") => 27,
        (Group::School, "junior") => 10,
        (Group::School, _) => 30,
        _ => return 0,
    };
    // Half to one and a half of what is usual.
    usual * (500 + Rng::at(tree.seed, Purpose::Weight, u64::from(at)).below(1001)) / 100
}

/// Members in the leaves of one unit. Units of a finished tree only.
pub(crate) fn leaf_members(tree: &Tree, at: u32) -> u32 {
    let Some(unit) = tree.unit(at) else { return 0 };
    let house = ClassHouse::of(tree, at);
    let mut sum = 0_u32;
    for segment in Segment::ALL {
        for index in 0..unit.leaves[segment as usize] {
            sum = sum.saturating_add(leaf(tree, unit, house.as_ref(), segment, index).members);
        }
    }
    sum
}

/// The facts of one leaf; `house` is the unit's, if it has classes.
pub(crate) fn leaf(
    tree: &Tree,
    unit: &Unit,
    house: Option<&ClassHouse>,
    segment: Segment,
    index: u32,
) -> LeafFacts {
    let row = u64::from(unit.leaf_row(segment, index));
    let mut rng = Rng::at(tree.seed, Purpose::Members, row);
    let graduated = house.is_some_and(|house| segment == Segment::Class && house.is_graduated(index));
    let members = match segment {
        Segment::Fixed => rng.below(120),
        Segment::Village => rng.below(60),
        Segment::Class if graduated => rng.below(9),
        Segment::Class => 14 + rng.below(34),
        Segment::Department => 3 + rng.below(40),
        Segment::Company => 3 + rng.below(30) * rng.below(8),
    } as u32;
    let (status, successor) = if graduated {
        (OrgStatus::Graduated, None)
    } else if unit.standing != Standing::Active {
        (OrgStatus::Closed, None)
    } else {
        leaf_status(tree, unit, segment, index)
    };
    let members = if matches!(status, OrgStatus::Closed | OrgStatus::Merged) { 0 } else { members };
    LeafFacts { status, successor, members }
}

/// Closed in ten thousand, merged in ten thousand, by segment.
fn endings(segment: Segment) -> (u64, u64) {
    match segment {
        Segment::Fixed => (60, 0),
        Segment::Village => (15, 50),
        Segment::Class => (10, 12),
        Segment::Department => (40, 60),
        Segment::Company => (170, 60),
    }
}

fn leaf_status(tree: &Tree, unit: &Unit, segment: Segment, index: u32) -> (OrgStatus, Option<u32>) {
    let (closed, merged) = endings(segment);
    match ending(tree, unit, segment, index) {
        drawn if drawn < closed => (OrgStatus::Closed, None),
        // Into the leaf before it, if that one is still there.
        drawn if drawn < closed + merged && index > 0 => {
            if ending(tree, unit, segment, index - 1) < closed + merged {
                return (OrgStatus::Closed, None);
            }
            (OrgStatus::Merged, Some(unit.leaf_row(segment, index - 1)))
        }
        _ => (OrgStatus::Active, None),
    }
}

fn ending(tree: &Tree, unit: &Unit, segment: Segment, index: u32) -> u64 {
    Rng::at(tree.seed, Purpose::Status, u64::from(unit.leaf_row(segment, index))).below(10_000)
}
