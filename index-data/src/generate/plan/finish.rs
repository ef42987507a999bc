//! The last steps of a plan: leaves, row numbers, members.

use crate::generate::facts;
use crate::generate::quotas;
use crate::generate::tree::{Group, Segment, Tree, Unit};

/// Gives classes and companies what is left, then numbers the rows and adds up the members.
pub(super) fn finish(mut tree: Tree, orgs: u64, planned: u64) -> Tree {
    let left = orgs.saturating_sub(planned);
    let class_weights: Vec<u64> =
        (0..tree.units.len()).map(|at| facts::class_weight(&tree, at as u32)).collect();
    let company_weights: Vec<u64> = tree.units.iter().map(company_weight).collect();
    let has_classes = class_weights.iter().any(|weight| *weight > 0);
    let companies = if has_classes { left.min(orgs * quotas::COMPANIES_PERMILLE / 1000) } else { left };
    let classes = quotas::apportion(left - companies, &class_weights);
    let companies = quotas::apportion(companies, &company_weights);
    for ((unit, classes), companies) in tree.units.iter_mut().zip(classes).zip(companies) {
        unit.leaves[Segment::Class as usize] = classes as u32;
        unit.leaves[Segment::Company as usize] = companies as u32;
    }
    let mut row = 0;
    for unit in &mut tree.units {
        unit.row = row;
        row += 1 + unit.leaf_rows() as u32;
    }
    tree.rows = orgs.min(u64::from(row));
    count_members(&mut tree);
    tree
}

fn company_weight(unit: &Unit) -> u64 {
    match unit.group {
        Group::Centre => 0,
        Group::City => 20,
        Group::County => 40,
        Group::Street => 9,
        Group::Town => 4,
        Group::Zone => 14,
        _ => 0,
    }
}

fn count_members(tree: &mut Tree) {
    for at in (0..tree.units.len() as u32).rev() {
        let own = facts::leaf_members(tree, at);
        let Some(unit) = tree.units.get_mut(at as usize) else { continue };
        unit.members = unit.members.saturating_add(own);
        let (above, sum) = (unit.parent, unit.members);
        if let Some(above) = tree.units.get_mut(above as usize) {
            above.members = above.members.saturating_add(sum);
        }
    }
}
