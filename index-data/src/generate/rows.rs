//! The rows of a planned tree, one after the other or any one alone.

use super::facts;
use super::names::{Label, Scene};
use super::rng::{Purpose, Rng};
use super::short;
use super::tree::{Group, NO_REGION, Segment, Standing, Tree, Unit};
use crate::load::SourceRow;
use crate::model::OrgStatus;

/// The id of a row: eight digits, the same for the same seed and size.
pub(crate) fn id(row: u64) -> String {
    (10_000_001 + row).to_string()
}

/// The number of the row with this id, if a tree could have it.
pub(crate) fn number(id: &str) -> Option<u64> {
    id.parse::<u64>().ok()?.checked_sub(10_000_001)
}

/// Where a row stands: the unit itself, or one of its leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) unit: u32,
    pub(crate) leaf: Option<(Segment, u32)>,
}

impl Spot {
    pub(crate) fn of_row(tree: &Tree, row: u64) -> Option<Spot> {
        let at = tree.unit_of_row(row);
        let unit = tree.unit(at)?;
        let leaf = match row.checked_sub(u64::from(unit.row) + 1) {
            None => None,
            Some(index) => Some(unit.leaf(index as u32)?),
        };
        Some(Spot { unit: at, leaf })
    }
}

/// The row at a spot; `number` is its number in the stream.
pub(crate) fn row(scene: &Scene<'_>, leaf: Option<(Segment, u32)>, number: u64) -> SourceRow {
    let mut row = match leaf {
        None => unit_row(scene),
        Some((segment, index)) => leaf_row(scene, segment, index),
    };
    row.row = number + 2;
    row.id = id(number);
    // A few exports leave cells empty.
    if Rng::at(scene.tree.seed, Purpose::Cells, number).permille(15) {
        row.members.clear();
    }
    row
}

fn unit_row(scene: &Scene<'_>) -> SourceRow {
    let (tree, unit) = (scene.tree, scene.unit);
    let mut row = SourceRow::default();
    let Some(label) = scene.unit_label() else { return row };
    row.name = label.full();
    row.kind = label.kind.export_spelling().to_owned();
    row.members = unit.members.to_string();
    if let Some(parent) = tree.unit(unit.parent) {
        row.parent_id = id(u64::from(parent.row));
    }
    let (status, successor) = match unit.standing {
        Standing::Active => (OrgStatus::Active, None),
        Standing::Closed => (OrgStatus::Closed, None),
        Standing::Merged(into) => (OrgStatus::Merged, tree.unit(into).map(|into| into.row)),
    };
    row.status = status.export_spelling().to_owned();
    row.successor_id = successor.map(|row| id(u64::from(row))).unwrap_or_default();
    row.aliases = aliases(scene);
    row.former_names = former_names(scene);
    write_home(tree, unit, scene.at, true, &mut row);
    row
}

fn leaf_row(scene: &Scene<'_>, segment: Segment, index: u32) -> SourceRow {
    let (tree, unit) = (scene.tree, scene.unit);
    let mut row = SourceRow::default();
    let Some(label) = scene.leaf_label(segment, index) else { return row };
    row.name = label.full();
    row.kind = label.kind.export_spelling().to_owned();
    row.parent_id = id(u64::from(unit.row));
    let facts = facts::leaf(tree, unit, scene.house.as_ref(), segment, index);
    row.members = facts.members.to_string();
    row.status = facts.status.export_spelling().to_owned();
    row.successor_id = facts.successor.map(|row| id(u64::from(row))).unwrap_or_default();
    row.former_names.extend(leaf_former(scene, segment, index).map(|label| label.full()));
    write_home(tree, unit, scene.at, false, &mut row);
    row
}

/// Writes system and province where the row itself tells them: always where they change or stand high, for a third of
/// the other units and their leaves; else they are inherited.
fn write_home(tree: &Tree, unit: &Unit, at: u32, is_unit: bool, row: &mut SourceRow) {
    let above = tree.unit(unit.parent);
    let changes = above.is_none_or(|above| above.system != unit.system || above.region != unit.region);
    let is_high =
        !matches!(unit.group, Group::Town | Group::Street | Group::Zone | Group::College | Group::Body);
    let says = Rng::at(tree.seed, Purpose::Cells, u64::from(at) | 1 << 40).permille(340);
    if (is_unit && (changes || is_high)) || says {
        row.system = unit.home_system().export_spelling().to_owned();
        if unit.region != NO_REGION {
            row.region = tree
                .lists
                .provinces
                .get(usize::from(unit.region))
                .map_or("", |province| province.name)
                .to_owned();
        }
    }
}

pub(crate) fn aliases(scene: &Scene<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let listed = scene.tree.text(scene.unit.alias);
    if !listed.is_empty() {
        found.push(listed.to_owned());
    }
    let share = match scene.unit.group {
        Group::University => 600,
        Group::College => 110,
        Group::School => 250,
        _ => 0,
    };
    if Rng::at(scene.tree.seed, Purpose::Cells, u64::from(scene.at) | 1 << 41).permille(share) {
        found.extend(short::unit(scene.tree, scene.at));
    }
    found
}

fn former_names(scene: &Scene<'_>) -> Vec<String> {
    former_labels(scene, None).iter().map(Label::full).collect()
}

/// The earlier names of a row: counties and bodies renamed, villages that became communities, companies renamed.
pub(crate) fn former_labels(scene: &Scene<'_>, leaf: Option<(Segment, u32)>) -> Vec<Label> {
    match leaf {
        None => {
            let former = scene.tree.text(scene.unit.former);
            let names = former.split('|').filter(|own| !own.is_empty());
            names.filter_map(|own| scene.unit_label_named(own)).collect()
        }
        Some((segment, index)) => leaf_former(scene, segment, index).into_iter().collect(),
    }
}

fn leaf_former(scene: &Scene<'_>, segment: Segment, index: u32) -> Option<Label> {
    let number = u64::from(scene.unit.leaf_row(segment, index));
    let mut rng = Rng::at(scene.tree.seed, Purpose::Cells, number | 1 << 42);
    let text = match segment {
        Segment::Village if rng.permille(12) => {
            format!("{}村", scene.leaf_text(segment, index).strip_suffix("社区")?)
        }
        Segment::Company if rng.permille(14) => {
            let mut text = String::new();
            scene.company_from(&mut rng, &mut text);
            text
        }
        _ => return None,
    };
    scene.leaf_label_named(segment, index, &text)
}
