//! The prior of each organization: how likely it is meant before anything is typed.
//!
//! It stands for the expected number of people who move to it or below it, on a logarithmic scale:
//!
//! ```text
//! prior = log2(1 + members below) - age of the class - 3 if it is a leading body
//! ```
//!
//! - **Members below**: an export counts an organization's own members or those of its whole subtree, so it is the
//!   larger of its own number and the sum over its children. An organization that has no children and says no number
//!   counts as a branch of usual size: then the sums follow the shape of the tree.
//! - **Age**: in years after the newest class, at most four. Half of the people who still come each year.
//! - **Leading body**: people who look for something below a district mostly name it, not the district.
//!
//! A deeper organization has fewer members than those above it, so the level needs no term of its own.

use crate::text::symbols::ClassKey;
use index_data::model::{LevelOrder, OrgKind, OrgTree};
use std::collections::BTreeMap;

/// Steps of a prior for one doubling.
pub(crate) const STEPS: u8 = 8;
/// The prior of sixteen million members: as high as any counts.
pub(crate) const PRIOR_OF_ALL: u8 = 24 * STEPS;
/// Members of a branch that does not say how many it has.
const USUAL_BRANCH: u64 = 20;
/// Doublings that a class loses at most, one a year.
const OLDEST: u16 = 4;
/// Doublings that a leading body loses.
const LEADING_BODY: u8 = 3;
/// A year counts as the newest if it has this share of the classes of the most common one: single wrong years do not.
const NEWEST_SHARE: usize = 20;

/// The priors of all organizations but for the age of classes, which only their names say.
pub(crate) fn priors(tree: &OrgTree) -> Vec<u8> {
    let of = |(ordinal, members): (u32, u64)| prior(members, tree.kind(ordinal));
    tree.ordinals().zip(members_below(tree)).map(of).collect()
}

/// The prior of an organization of this kind with so many members at it and below it, but for its age.
pub(crate) fn prior(members: u64, kind: Option<&OrgKind>) -> u8 {
    let lost = if kind == Some(&OrgKind::LeadingBody) { LEADING_BODY * STEPS } else { 0 };
    log_steps(members).saturating_sub(lost)
}

/// Members of an organization by its own number, which the row may not say, and the sum over its children; `None`: it
/// has none.
pub(crate) fn members_of(own: Option<u32>, of_children: Option<u64>) -> u64 {
    let usual = if of_children.is_some() { 0 } else { USUAL_BRANCH };
    own.map_or(usual, u64::from).max(of_children.unwrap_or(0))
}

/// For each organization the members at it and below it.
pub(crate) fn members_below(tree: &OrgTree) -> Vec<u64> {
    let mut below = vec![0u64; tree.len() as usize];
    // A parent's ordinal is smaller than its children's.
    for ordinal in tree.ordinals().rev() {
        let of_children = tree.is_unit(ordinal).then_some(below[ordinal as usize]);
        let members = members_of(tree.members(ordinal), of_children);
        below[ordinal as usize] = members;
        if let Some(parent) = tree.parent(ordinal) {
            below[parent as usize] = below[parent as usize].saturating_add(members);
        }
    }
    below
}

/// The binary logarithm of a number and one, in steps, straight between powers of two: the same on every machine.
fn log_steps(number: u64) -> u8 {
    let number = number.saturating_add(1);
    let log = number.ilog2();
    let rest = (((u128::from(number) - (1 << log)) * u128::from(STEPS)) >> log) as u32;
    u8::try_from(log * u32::from(STEPS) + rest).unwrap_or(u8::MAX)
}

/// The newest year that classes have.
pub(crate) fn newest_year(classes: impl Iterator<Item = ClassKey>) -> Option<u16> {
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    classes.filter_map(|class| class.year).for_each(|year| *counts.entry(year).or_default() += 1);
    let most = counts.values().max().copied()?;
    counts.into_iter().rev().find(|&(_, count)| count * NEWEST_SHARE >= most).map(|(year, _)| year)
}

/// What is left of a prior for the age of the class.
pub(crate) fn aged(prior: u8, class: ClassKey, newest: Option<u16>) -> u8 {
    let by_year = class.year.zip(newest).map(|(year, newest)| newest.saturating_sub(year));
    let by_grade = class.grade.map(|(_, year)| u16::from(year.saturating_sub(1)));
    let age = by_year.or(by_grade).unwrap_or(0).min(OLDEST) as u8;
    prior.saturating_sub(age * STEPS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use index_data::load::SourceRow;
    use index_data::validate::validate_rows;

    /// `(id, parent, kind, members)`.
    fn tree(rows: &[(&str, &str, &str, &str)]) -> OrgTree {
        let row = |&(id, parent, kind, members): &(&str, &str, &str, &str)| SourceRow {
            id: id.into(),
            name: format!("第{id}团支部"),
            parent_id: parent.into(),
            kind: kind.into(),
            members: members.into(),
            ..SourceRow::default()
        };
        validate_rows(rows.iter().map(row)).tree.expect("the rows are valid")
    }

    fn check(rows: &[(&str, &str, &str, &str)], expected: &[(&str, u64)]) {
        let tree = tree(rows);
        let below = members_below(&tree);
        for (id, members) in expected {
            assert_eq!(below[tree.find(id).expect("it is there") as usize], *members, "{id}");
        }
    }

    #[test]
    fn members_below_are_the_larger_of_the_own_number_and_the_sum() {
        let rows = [("1", "", "", "0"), ("2", "1", "", "90"), ("3", "2", "", "30"), ("4", "1", "", "")];
        check(&rows, &[("1", 90 + USUAL_BRANCH), ("2", 90), ("3", 30), ("4", USUAL_BRANCH)]);
        // Own numbers alone: sums take their place.
        let rows = [("1", "", "", "5"), ("2", "1", "", "5"), ("3", "2", "", "30"), ("4", "2", "", "40")];
        check(&rows, &[("1", 70), ("2", 70)]);
        // No number anywhere: the shape of the tree.
        let rows = [("1", "", "", ""), ("2", "1", "", ""), ("3", "2", "", ""), ("4", "2", "", "")];
        check(&rows, &[("1", 2 * USUAL_BRANCH), ("2", 2 * USUAL_BRANCH)]);
    }

    #[test]
    fn a_leading_body_counts_less_than_a_committee_of_its_size() {
        let tree = tree(&[("1", "", "leading_body", "1023"), ("2", "", "committee", "1023")]);
        let prior = |id| priors(&tree)[tree.find(id).expect("it is there") as usize];
        assert_eq!((prior("1"), prior("2")), ((10 - LEADING_BODY) * STEPS, 10 * STEPS));
    }

    #[test]
    fn logarithms_rise_and_end() {
        assert_eq!([0, 1, 2, 3, 7, 11].map(log_steps), [0, 8, 12, 16, 24, 28]);
        assert!((0..5_000).map(log_steps).is_sorted());
        assert_eq!(log_steps(u64::MAX), u8::MAX);
    }

    #[test]
    fn a_class_loses_a_doubling_each_year() {
        let class = |year| ClassKey { year, ..ClassKey::default() };
        let years = std::iter::repeat_n(class(Some(2025)), 30).chain([class(Some(2033)), class(None)]);
        let newest = newest_year(years);
        assert_eq!(newest, Some(2025));
        let grade = |year| ClassKey { grade: Some((1, year)), ..ClassKey::default() };
        for (class, lost) in [
            (class(None), 0),
            (class(Some(2025)), 0),
            (class(Some(2033)), 0),
            (class(Some(2023)), 2),
            (class(Some(1990)), u8::try_from(OLDEST).unwrap()),
            (grade(1), 0),
            (grade(3), 2),
        ] {
            assert_eq!(aged(100, class, newest), 100 - lost * STEPS, "{class:?}");
        }
        assert_eq!(aged(3, class(Some(2020)), newest), 0);
        assert_eq!(newest_year(std::iter::empty()), None);
    }
}
