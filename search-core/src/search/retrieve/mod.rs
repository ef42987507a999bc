//! retrieve: candidates from one leg after another, each within its stated budget.
//!
//! | leg | finds | budget |
//! | --- | --- | --- |
//! | `exact` | the id, name, core, alias or former name typed | [`exact::LIMIT`] of each |
//! | `substring` | every organization that holds all parts, in its names or above it | `ranked_matches`; the rest follows on later pages |
//! | `champions` | beside `substring`, where the query says little: its likeliest matches, wherever they stand | 48 units a pair of characters |
//! | `initials` | names by the first letters of their pinyin, also a unit's and those of a name below it | [`initials::LIMIT`], and the limits of `initials/below.rs` |
//! | `short_forms` | short forms, pinyin, other numbers, parts in any order; deep: errors as well | `unit_steps`, 64 anchors and what is below them |
//! | `words` | as `substring` with the parts cut into words, where nothing was found | the same |
//! | `fuzzy_fallback` | what shares most of the rarest words and pairs, where nothing was found | [`fuzzy_fallback::LIMIT`], [`fuzzy_fallback::POSTINGS`] |
//!
//! A leg may return too much; `substring` never misses an organization whose normalized name holds the normalized
//! query, within its budget and with the pages that follow (law 1). Which leg runs when stands in [`super::passes`].

mod blocks;
mod champions;
mod exact;
mod fuzzy_fallback;
mod initials;
mod matches;
mod short_forms;
mod substring;

use super::candidates::{Candidates, NeedleSet};
use super::hits::Truncation;
use super::plan::QueryPlan;
use super::step_budget::StepBudget;
use crate::error::SearchError;
use crate::index::snapshot::Snapshot;

pub(crate) use blocks::{BLOCK, Bits, BlockMatches, bits_of_runs};
pub(crate) use matches::{END, MatchSet};
use short_forms::Depth;

/// One way to find candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leg {
    Exact,
    Substring,
    Initials,
    ShortForms,
    DeepShortForms,
    Words,
    FuzzyFallback,
}

/// Adds what one leg finds.
///
/// # Errors
/// [`SearchError::Index`] if the postings cannot be read.
pub(crate) fn retrieve(
    leg: Leg,
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
    candidates: &mut Candidates,
) -> Result<(), SearchError> {
    match leg {
        Leg::Exact => {
            exact::collect(plan, snapshot, candidates);
            candidates.are_named = !candidates.ordinals().is_empty();
            exact::collect_bearers(plan, snapshot, candidates);
        }
        Leg::Substring => collect_matches(NeedleSet::Parts, plan, snapshot, candidates)?,
        Leg::Initials => initials::collect(plan, snapshot, candidates),
        // 医院 is itself, and not short for 医学院.
        Leg::ShortForms if candidates.matches > 0 && plan.is_stop_word() => {}
        Leg::ShortForms => short_forms::collect(plan, snapshot, Depth::Strict, candidates),
        _ if plan.filter.rejects_all(snapshot) => {}
        Leg::DeepShortForms => short_forms::collect(plan, snapshot, Depth::Deep, candidates),
        Leg::Words if candidates.found_nothing() && !plan.words(snapshot).is_empty() => {
            collect_matches(NeedleSet::Words, plan, snapshot, candidates)?;
        }
        Leg::FuzzyFallback if candidates.found_nothing() => {
            fuzzy_fallback::collect(plan, snapshot, candidates)?;
        }
        Leg::Words | Leg::FuzzyFallback => {}
    }
    Ok(())
}

/// Matches ranked beside an organization that bears the exact name typed: they are only its company.
const RANKED_BESIDE_A_NAME: usize = 100;

fn collect_matches(
    needle_set: NeedleSet,
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
    candidates: &mut Candidates,
) -> Result<(), SearchError> {
    let budget = plan.budget;
    let steps = StepBudget::new(budget.retrieve_steps, plan.request.cancel.as_deref());
    let mut matches = MatchSet::new(plan.needles_of(needle_set, snapshot), plan, snapshot)?;
    candidates.needle_set = needle_set;
    if matches.units_cut() {
        candidates.truncate(Truncation::Path);
    }
    let start = candidates.ordinals().len();
    let limit = if candidates.are_named {
        budget.ranked_matches.min(RANKED_BESIDE_A_NAME)
    } else {
        budget.ranked_matches
    };
    let mut found = 0;
    candidates.complete = matches.collect(limit, &steps, |ordinal| {
        candidates.add_match(ordinal);
        found += 1;
    });
    candidates.matches = found;
    if !candidates.complete && needle_set == NeedleSet::Parts && plan.prior_share() > 0.0 {
        champions::collect(&matches, plan, snapshot, candidates);
    }
    candidates.match_places = start..candidates.ordinals().len();
    if steps.is_spent() {
        candidates.truncate(needle_set.truncation());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    //! Properties under test: what each leg finds alone, and what it leaves to others.

    use super::*;
    use crate::search::test_tree::found_by;

    #[test]
    fn each_leg_finds_its_kind_of_match() {
        let rows: [(&[Leg], &str, &[&str]); 21] = [
            (&[Leg::Exact], "11", &["11"]),
            (&[Leg::Exact], "北京团市委", &["10"]),
            (&[Leg::Exact], "北京大学", &["11"]),
            (&[Leg::Exact], "北京市第十五女子中学团委", &["17"]),
            (&[Leg::Exact], "团委办公室团支部", &["33", "32"]),
            (&[Leg::Exact], "北京大", &[]),
            (&[Leg::Substring], "北京大", &["11", "12"]),
            (&[Leg::Substring], "清华 办公室", &["32"]),
            (&[Leg::Substring], "大学 北京 软件", &["12"]),
            (&[Leg::Substring], "大学北京", &[]),
            (&[Leg::Initials], "bjdx", &["11", "12"]),
            (&[Leg::Initials], "bd", &["11", "12"]),
            (&[Leg::Initials], "b", &[]),
            (&[Leg::Initials], "15z", &["17"]),
            (&[Leg::Initials], "bdrw", &["12"]),
            (&[Leg::Initials], "hd zgc", &["20", "21"]),
            (&[Leg::Initials], "1班", &[]),
            (&[Leg::ShortForms], "人大附中", &["16"]),
            (&[Leg::DeepShortForms], "青华大雪", &["31"]),
            (&[Leg::Substring, Leg::Words], "人民医院从江县", &["41"]),
            (&[Leg::Substring, Leg::FuzzyFallback], "榕江市人民大医院", &["42", "41", "15", "16"]),
        ];
        for (legs, query, expected) in rows {
            let found = found_by(legs, query);
            let found: Vec<&str> = found.iter().map(String::as_str).collect();
            let is_ranked_later = legs.iter().any(|leg| matches!(leg, Leg::ShortForms | Leg::DeepShortForms));
            let shown = if is_ranked_later { &found[..expected.len().min(found.len())] } else { &found[..] };
            assert_eq!(shown, expected, "{legs:?} {query}: {found:?}");
        }
    }

    #[test]
    fn looser_legs_wait_until_nothing_is_found() {
        let legs = [Leg::Substring, Leg::Words, Leg::FuzzyFallback];
        assert_eq!(found_by(&legs, "从江县人民医院"), ["41"]);
    }
}
