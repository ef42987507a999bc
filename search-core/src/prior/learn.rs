//! From clicks to a prior.

use super::{
    Head, LearnedCount, LearnedPrior, MAX_COUNTS, MAX_ID_BYTES, MAX_QUERIES, MAX_QUERY_CHARS, VERSION, sort,
};
use std::collections::{BTreeMap, HashSet};

/// Somebody chose an organization for a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// Normalized.
    pub query: String,
    /// The organization.
    pub id: String,
    /// Who: equal for the clicks of one person on one day, else different.
    pub asker: u64,
    /// When, in days of any era.
    pub day: u32,
}

/// What is learned from clicks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LearnOptions {
    /// How many askers must have chosen alike before it counts.
    pub askers: u32,
    /// After how many days a click counts half.
    pub half_life_days: u32,
    /// Today, in the days of the clicks.
    pub day: u32,
}

impl LearnOptions {
    /// Askers without any option: what fewer chose may tell who they are.
    pub const DEFAULT_ASKERS: u32 = 5;
    /// The half-life without any option: a season of transfers.
    pub const DEFAULT_HALF_LIFE_DAYS: u32 = 90;
}

/// Counts clicks: each asker once for a query and an organization, older clicks less by half after each half-life.
/// What fewer askers than asked for chose is left out. The order of the clicks does not matter.
///
/// ```
/// use search_core::prior::{Click, LearnOptions, learn};
/// let click = |asker, day| Click { query: "北大".into(), id: "2".into(), asker, day };
/// let options = LearnOptions { askers: 2, half_life_days: 90, day: 190 };
/// let prior = learn([click(1, 190), click(2, 100), click(2, 100)], &options, "g000001");
/// assert_eq!(prior.counts("北大")[0].count, 1.5);
/// ```
pub fn learn(
    clicks: impl IntoIterator<Item = Click>,
    options: &LearnOptions,
    generation: &str,
) -> LearnedPrior {
    let mut pairs: BTreeMap<(String, String), Pair> = BTreeMap::new();
    for Click { query, id, asker, day } in clicks {
        let is_known = pairs.contains_key(&(query.clone(), id.clone()));
        let is_sound = !query.is_empty()
            && query.chars().count() <= MAX_QUERY_CHARS
            && !id.is_empty()
            && id.len() <= MAX_ID_BYTES;
        if !is_sound || (!is_known && pairs.len() >= MAX_QUERIES) {
            continue;
        }
        let pair = pairs.entry((query, id)).or_default();
        if pair.seen.insert((asker, day)) {
            pair.days.push(day);
        }
    }
    let mut queries = std::collections::HashMap::<String, Vec<LearnedCount>>::new();
    for ((query, id), pair) in pairs {
        if let Some(count) = pair.count(options) {
            queries.entry(query).or_default().push(LearnedCount { id, count });
        }
    }
    for clicks in queries.values_mut() {
        sort(clicks);
        clicks.truncate(MAX_COUNTS);
    }
    let head = Head {
        version: VERSION,
        generation: generation.to_owned(),
        askers: options.askers,
        half_life_days: options.half_life_days,
        day: options.day,
    };
    LearnedPrior { head, queries }
}

/// The clicks of one organization for one query.
#[derive(Debug, Default)]
struct Pair {
    seen: HashSet<(u64, u32)>,
    days: Vec<u32>,
}

impl Pair {
    /// The smoothed count; `None` if too few askers chose it, or all of them long ago.
    fn count(mut self, options: &LearnOptions) -> Option<f32> {
        if self.seen.len() < options.askers as usize {
            return None;
        }
        // The same order in every run, or the sum may differ in its last bit.
        self.days.sort_unstable();
        let half_life = f64::from(options.half_life_days.max(1));
        let weight = |day: &u32| 0.5_f64.powf(f64::from(options.day.saturating_sub(*day)) / half_life);
        let count = self.days.iter().map(weight).sum::<f64>() as f32;
        (count > LEAST_COUNT).then_some(count)
    }
}

/// What counts less was chosen too long ago to say anything.
const LEAST_COUNT: f32 = 0.01;

#[cfg(test)]
mod tests {
    use super::*;

    fn click(query: &str, id: &str, asker: u64, day: u32) -> Click {
        Click { query: query.to_owned(), id: id.to_owned(), asker, day }
    }

    #[test]
    fn counts_need_askers_and_fade() {
        let options = LearnOptions { askers: 3, half_life_days: 10, day: 100 };
        let today = |askers: std::ops::Range<u64>| askers.map(|asker| click("q", "1", asker, 100)).collect();
        let cases: Vec<(Vec<Click>, Option<f32>)> = vec![
            (vec![], None),
            (today(0..2), None),
            (today(0..3), Some(3.0)),
            // One asker counts once a day.
            ([today(0..2), today(0..2)].concat(), None),
            (
                vec![click("q", "1", 7, 98), click("q", "1", 7, 99), click("q", "1", 7, 100)],
                Some(2.803_583_6),
            ),
            // Ten days are a half, twenty a quarter; what is of tomorrow counts as today.
            (vec![click("q", "1", 1, 90), click("q", "1", 2, 80), click("q", "1", 3, 101)], Some(1.75)),
            ((0..3).map(|asker| click("q", "1", asker, 0)).collect(), None),
            ((0..3).map(|asker| click("", "1", asker, 100)).collect(), None),
        ];
        for (clicks, expected) in cases {
            let prior = learn(clicks.clone(), &options, "g000001");
            let found = if expected.is_some() { prior.counts("q").first().map(|c| c.count) } else { None };
            assert_eq!((found, prior.queries()), (expected, usize::from(expected.is_some())), "{clicks:?}");
            let turned = learn(clicks.into_iter().rev(), &options, "g000001");
            assert_eq!(turned, prior, "the order does not matter");
        }
    }
}
