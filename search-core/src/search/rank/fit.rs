//! How well what was found fits what was typed: it decides whether a search goes on.

use super::ScoredOrg;
use super::exactness::Tier;
use crate::search::plan::QueryPlan;
use crate::search::tuning::fit::{AT_WORDS, CONFIDENT, CROWDING, FEW_RUNS, SURE};

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
    /// An organization bears the very name typed, or so many hold all of it that there is no room for short forms.
    Settled,
}

impl Fit {
    /// How one organization fits.
    pub(super) fn of(org: &ScoredOrg) -> Fit {
        let (features, compactness) = (&org.features, org.features.compactness());
        let is_compact = features.is_whole() && compactness >= CONFIDENT && org.corrections == 0;
        let is_scattered = features.head < AT_WORDS || features.run < FEW_RUNS;
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
