//! Properties under test:
//! 1. The tier, the typed spans with what they stand for, and the raw score of a hit. The score is written as a sum of
//!    the named constants of [`tuning`](crate::search::tuning).
//! 2. The order is total: equal scores are told apart by static rank.

use super::Tier::{self, Core, Exact, Partial, Verbatim};
use super::{Features, ScoredOrg};
use crate::search::SearchRequest;
use crate::search::test_tree::search;
use crate::search::tuning::feature::FORM_NOT_NAMED;
use crate::search::tuning::weight;
use crate::search::{Hit, MatchRule};

/// What the features that do not depend on the query are worth for an organization: by its depth, its children,
/// whether it is a unit, and its prior.
struct Prior {
    level: f32,
    size: f32,
    prior: f32,
}

/// The sum of all weights of a query of one part that says little, without `near`.
const ALL_WEIGHTS: f32 = weight::COVERAGE
    + weight::WHOLE
    + weight::FAITHFUL
    + weight::OWN
    + weight::SHARE
    + weight::ABOVE
    + weight::RUN
    + weight::HEAD
    + weight::START
    + weight::END
    + weight::CLASS
    + weight::NUMBER
    + weight::FORM
    + weight::ACTIVE
    + weight::LEVEL
    + weight::SIZE
    + weight::PRIOR;

/// The raw score of a hit that is perfect but for its prior, without a form typed, less what `lost` takes away.
fn raw(prior: &Prior, lost: f32) -> f32 {
    let prior_lost = (1.0 - prior.level) * weight::LEVEL
        + (1.0 - prior.size) * weight::SIZE
        + (1.0 - prior.prior) * weight::PRIOR;
    (ALL_WEIGHTS - prior_lost - (1.0 - FORM_NOT_NAMED) * weight::FORM - lost) / ALL_WEIGHTS
}

/// An organization of these features, scored by nobody.
pub(super) fn scored(ordinal: u32, features: Features) -> ScoredOrg {
    ScoredOrg {
        ordinal,
        tier: Partial,
        exact_reason: None,
        raw: features.raw_score(),
        features,
        corrections: 0,
        unread: 0,
        is_match: true,
        alignment: 0..0,
    }
}

fn first(query: &str) -> Hit {
    search(&SearchRequest::new(query).explain()).hits.remove(0)
}

/// `matches` are `(typed, id, name, rule)`.
type Matches<'a> = &'a [(&'a str, &'a str, &'a str, MatchRule)];

fn check(query: &str, id: &str, tier: Tier, matches: Matches<'_>, raw: f32) {
    let hit = first(query);
    let explanation = hit.explanation.expect("it was asked for");
    let found: Vec<_> = explanation
        .matches
        .iter()
        .map(|found| {
            (found.typed.as_str(), found.org_id.as_str(), found.name.as_deref().unwrap_or(""), found.rule)
        })
        .collect();
    assert_eq!((hit.org.id.as_str(), explanation.tier), (id, tier as u8), "{query}");
    assert_eq!(found, matches, "{query}");
    assert!((explanation.raw - raw).abs() < 1e-4, "{query}: {} is not {raw}", explanation.raw);
}

/// 北京大学 stands two levels below the root, has one child, and two branches of a thousand members below it.
const PEKING: Prior = Prior { level: 1.0 - 2.0 / 11.0, size: 1.0 / 16.0, prior: 87.0 / 192.0 };

#[test]
fn scores_are_sums_of_named_constants() {
    use MatchRule::Same;
    // All of the name, in one run.
    check("北京大学", "11", Core, &[("北京大学", "11", "北京大学", Same)], raw(&PEKING, 0.0));
    // The short name that everybody says leaves nothing of the name over.
    let matches = [("北", "11", "北", Same), ("大", "11", "大", Same)];
    check("北大", "11", Core, &matches, raw(&PEKING, 0.0));
}

#[test]
fn tiers_say_how_exact_a_match_is() {
    for (query, id, tier) in [
        ("11", "11", Verbatim),
        ("中国共产主义青年团北京大学委员会", "11", Verbatim),
        ("中国共產主義青年團北京大學委員會", "11", Exact),
        ("北京团市委", "10", Verbatim),
        ("北京大学", "11", Core),
        ("北京大学团委", "11", Core),
        ("北京市第十五女子中学团委", "17", Core),
        ("北大", "11", Core),
        ("京大", "11", Partial),
    ] {
        let hit = first(query);
        let found = hit.explanation.expect("it was asked for").tier;
        assert_eq!((hit.org.id.as_str(), found), (id, tier as u8), "{query}");
    }
}

#[test]
fn equal_scores_are_told_apart_by_static_rank() {
    let hits = search(&SearchRequest::new("团委办公室")).hits;
    let ids: Vec<&str> = hits.iter().map(|hit| hit.org.id.as_str()).collect();
    assert_eq!(ids, ["33", "32"]);
    assert_eq!(hits[0].score, hits[1].score);
}
