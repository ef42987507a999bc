//! What speaks for an organization whatever was typed, and what the query prefers without naming it.

use crate::index::rank_row::RankRow;
use crate::search::tuning::feature::FORM_NOT_NAMED;
use crate::text::forms::Form;

/// Whether the form word typed is that of the name.
pub(super) fn form(typed: Option<Form>, named: Option<Form>) -> f32 {
    match (typed, named) {
        (Some(typed), Some(named)) if typed == named => 1.0,
        (Some(_), Some(_)) => 0.0,
        _ => FORM_NOT_NAMED,
    }
}

/// 1 at the root, less with each level; one without others below it counts as one level lower.
pub(super) fn level(row: &RankRow, is_unit: bool) -> f32 {
    const DEEPEST: usize = 10;
    let depth = usize::from(row.depth).min(DEEPEST);
    1.0 - (depth + usize::from(!is_unit)) as f32 / (DEEPEST + 1) as f32
}

/// How many children it has, on a logarithmic scale: 1 at 65,535.
pub(super) fn size(row: &RankRow) -> f32 {
    const LARGEST: f32 = 16.0;
    (f32::from(row.size_log) / LARGEST).min(1.0)
}

/// How many members it has, on a logarithmic scale.
pub(super) fn members(row: &RankRow) -> f32 {
    const MOST: f32 = 32.0;
    f32::from(row.members_log) / MOST
}

/// 1 at the organization asked for, less with every step through the tree.
pub(super) fn nearness(steps: f32) -> f32 {
    1.0 / (1.0 + steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::forms;

    #[test]
    fn forms_agree_by_family() {
        let of = |text| forms::family_of(text);
        for (typed, named, expected) in [
            (of("团委"), of("委员会"), 1.0),
            (of("团支部"), of("委员会"), 0.0),
            (None, of("委员会"), FORM_NOT_NAMED),
            (of("团委"), None, FORM_NOT_NAMED),
        ] {
            assert_eq!(form(typed, named), expected, "{typed:?} {named:?}");
        }
    }

    #[test]
    fn the_nearer_one_is_preferred() {
        assert_eq!([0.0, 1.0, 3.0, f32::INFINITY].map(nearness), [1.0, 0.5, 0.25, 0.0]);
    }
}
