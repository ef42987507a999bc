//! How well what was found fits what was typed: it decides whether a search goes on.

use super::ScoredOrg;
use super::exactness::Tier;
use crate::search::plan::QueryPlan;
use crate::search::tuning::fit::{AT_WORDS, CONFIDENT, CONFIDENT_SCATTERED, CROWDING, FEW_RUNS, SURE};

/// How well an organization, or the best of many, fits what was typed. Better ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// Something typed is missing or contradicted, or stands for something similar.
    Partial,
    /// All of it is found, one piece of it by a correction.
    Nearly,
    /// All of it is found, but in several runs or inside of words: it may be mistyped.
    Scattered,
    /// All of it is found, in few runs that begin where words do.
    Whole,
    /// An organization bears the exact name typed, or so many hold all of it that there is no room for short forms.
    Settled,
}

impl Fit {
    /// How one organization fits.
    pub(super) fn of(org: &ScoredOrg) -> Fit {
        let (features, compactness) = (&org.features, org.features.compactness());
        let is_scattered = features.head < AT_WORDS || features.run < FEW_RUNS;
        let least = if is_scattered { CONFIDENT_SCATTERED } else { CONFIDENT };
        let is_compact = features.is_whole() && compactness >= least && org.corrections == 0;
        if org.tier < Tier::Partial || (is_compact && !is_scattered) {
            Fit::Whole
        } else if is_compact {
            Fit::Scattered
        } else if org.unread == 0
            && org.corrections <= 1
            && compactness >= SURE
            && features.head >= AT_WORDS
            && features.contradicts_nothing()
        {
            Fit::Nearly
        } else {
            Fit::Partial
        }
    }
}

/// Whether matches that hold all of what was typed compactly leave no room for short forms: a page of them, or fewer of
/// a longer text. One alone never does: it may stand below the one that is meant. Of up to four characters none do,
/// since 人大附中 is part of many names and short for another one; with its form (团委) a text means one name.
pub(super) fn is_crowded<'a>(orgs: impl Iterator<Item = &'a ScoredOrg>, plan: &QueryPlan<'_>) -> bool {
    let enough = match plan.lattice.weights.len() {
        ..=4 => return false,
        5..=6 => 10,
        7..=8 => 5,
        _ => 3,
    };
    let is_compact =
        |org: &&ScoredOrg| org.is_match && org.features.is_whole() && org.features.compactness() >= CROWDING;
    plan.interpretation.form.is_none() && orgs.filter(is_compact).take(enough).count() == enough
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rank::tests::scored;
    use crate::search::rank::{Features, ScoredOrg};
    use crate::search::request::SearchRequest;
    use crate::search::test_tree::with_plan;
    use crate::search::tuning::feature::ALL;

    const PERFECT: Features = Features {
        coverage: 1.0,
        share: 1.0,
        above: 1.0,
        run: 1.0,
        head: 1.0,
        class: 1.0,
        number: 1.0,
        ..Features::NONE
    };

    #[test]
    fn what_is_missing_scattered_or_corrected_fits_less() {
        let org = |features| scored(0, features);
        let rows = [
            ("perfect", org(PERFECT), Fit::Whole),
            ("a name typed", ScoredOrg { tier: Tier::Core, ..org(Features::NONE) }, Fit::Whole),
            ("inside of words", org(Features { head: 0.5, ..PERFECT }), Fit::Scattered),
            ("many runs", org(Features { run: FEW_RUNS - 0.01, ..PERFECT }), Fit::Scattered),
            ("one correction", ScoredOrg { corrections: 1, ..org(PERFECT) }, Fit::Nearly),
            ("two corrections", ScoredOrg { corrections: 2, ..org(PERFECT) }, Fit::Partial),
            ("something missing", org(Features { coverage: ALL - 0.01, ..PERFECT }), Fit::Nearly),
            (
                "a piece missing",
                ScoredOrg { unread: 1, ..org(Features { coverage: 0.9, ..PERFECT }) },
                Fit::Partial,
            ),
            ("another number", org(Features { number: 0.0, ..PERFECT }), Fit::Partial),
            (
                "little of the name",
                org(Features { share: 0.0, above: 0.0, head: 0.9, ..PERFECT }),
                Fit::Partial,
            ),
        ];
        for (case, org, expected) in rows {
            assert_eq!(Fit::of(&org), expected, "{case}");
        }
    }

    #[test]
    fn only_several_compact_matches_of_a_longer_text_crowd_out_short_forms() {
        let orgs = |count: u32, is_match| -> Vec<ScoredOrg> {
            (0..count).map(|ordinal| ScoredOrg { is_match, ..scored(ordinal, PERFECT) }).collect()
        };
        for (query, count, is_match, expected) in [
            ("人民医院", 20, true, false),
            ("从江人民医院", 9, true, false),
            ("从江人民医院", 10, true, true),
            ("从江人民医院", 10, false, false),
            ("从江县人民医院门诊部", 3, true, true),
            ("从江人民医院团委", 10, true, false),
        ] {
            with_plan(&SearchRequest::new(query), |plan, _| {
                assert_eq!(is_crowded(orgs(count, is_match).iter(), plan), expected, "{query} {count}");
            });
        }
    }
}
