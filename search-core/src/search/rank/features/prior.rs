//! What speaks for an organization whatever was typed, and what the query prefers without naming it.

use crate::index::prior::{PRIOR_OF_ALL, STEPS};
use crate::index::rank_row::RankRow;
use crate::search::plan::QueryPlan;
use crate::search::tuning::feature::FORM_NOT_NAMED;
use crate::search::tuning::prior::LARGE;
use crate::search::tuning::weight;
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
pub(super) fn level(row: &RankRow<'_>, is_unit: bool) -> f32 {
    const DEEPEST: usize = 10;
    let depth = usize::from(row.depth).min(DEEPEST);
    1.0 - (depth + usize::from(!is_unit)) as f32 / (DEEPEST + 1) as f32
}

/// How many children it has, on a logarithmic scale: 1 at 65,535.
pub(super) fn size(row: &RankRow<'_>) -> f32 {
    const LARGEST: f32 = 16.0;
    (f32::from(row.size_log) / LARGEST).min(1.0)
}

/// How likely it is meant before anything is typed: 1 at sixteen million members. Each more usual meaning of a short
/// name takes three doublings.
pub(super) fn prior(prior: u8, unusual: usize) -> f32 {
    const LESS_USUAL: f32 = 3.0 * STEPS as f32;
    ((f32::from(prior) - LESS_USUAL * unusual as f32) / f32::from(PRIOR_OF_ALL)).clamp(0.0, 1.0)
}

/// The weight of the prior for a query: all of it where the query says little, none where it says all.
pub(in crate::search::rank) fn prior_weight(plan: &QueryPlan<'_>) -> f32 {
    weight::PRIOR * plan.prior_share()
}

/// Whether so few people are meant by a bare name that it decides nothing for a query that leaves the prior this weight.
pub(in crate::search::rank) fn is_small(prior: u8, prior_weight: f32) -> bool {
    f32::from(prior) < LARGE * f32::from(STEPS) * prior_weight / weight::PRIOR
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::request::SearchRequest;
    use crate::search::test_tree::with_plan;
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
    fn the_prior_is_a_share_and_less_usual_meanings_have_less() {
        for (steps, unusual, expected) in [
            (0, 0, 0.0),
            (PRIOR_OF_ALL, 0, 1.0),
            (u8::MAX, 0, 1.0),
            (PRIOR_OF_ALL / 2, 0, 0.5),
            (PRIOR_OF_ALL / 2, 2, 0.5 - 6.0 / 24.0),
            (3, 9, 0.0),
        ] {
            assert_eq!(prior(steps, unusual), expected, "{steps} {unusual}");
        }
    }

    #[test]
    fn a_bare_name_of_few_people_decides_nothing_where_little_is_typed() {
        let doublings = |doublings: f32| (doublings * f32::from(STEPS)) as u8;
        for (prior, weight, expected) in [
            (doublings(LARGE), weight::PRIOR, false),
            (doublings(LARGE - 1.0), weight::PRIOR, true),
            (doublings(LARGE - 1.0), weight::PRIOR / 2.0, false),
            (0, 0.0, false),
        ] {
            assert_eq!(is_small(prior, weight), expected, "{prior} {weight}");
        }
    }

    #[test]
    fn the_prior_weighs_less_the_more_is_typed() {
        let weight = |query| with_plan(&SearchRequest::new(query), |plan, _| prior_weight(plan));
        assert_eq!((weight(""), weight("大学")), (weight::PRIOR, weight::PRIOR));
        let weights = ["北京大学", "北京大学软件", "北京大学软件与微电子学院2024级1班"].map(weight);
        assert!(weights.is_sorted_by(|a, b| a > b), "{weights:?}");
        assert_eq!(weights[2], 0.0);
    }
}
