//! How soon the right organization is there: every query as it is typed, character by character.

use super::measure::{Latency, nearest_rank};
use serde::Serialize;
use std::time::Duration;

/// How far down a list is seen without scrolling.
const TOP: usize = 5;

/// What typing a group of queries came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct KeystrokeScores {
    /// How many queries.
    pub(super) n: u64,
    /// How many prefixes they have, the whole queries among them.
    pub(super) prefixes: u64,
    /// With a right answer first.
    pub(super) first: Reached,
    /// With a right answer among the first five.
    pub(super) top_5: Reached,
    /// How long the answers to the prefixes took.
    pub(super) latency_us: Latency,
}

/// How soon a right answer stands high enough.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Reached {
    /// Share of the prefixes where it does.
    pub(super) prefixes: f64,
    /// Share of a query's keystrokes from which on it does for good; over the queries.
    pub(super) from: FromShare,
}

/// Percentiles by nearest rank, `0.0..=1.0`; `None` where it is never reached for good.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct FromShare {
    pub(super) p50: Option<f64>,
    pub(super) p90: Option<f64>,
}

/// Collects what typing a group of queries came to.
#[derive(Debug, Clone, Default)]
pub(super) struct KeystrokeTally {
    first: ReachedTally,
    top: ReachedTally,
    latencies_us: Vec<u64>,
}

#[derive(Debug, Clone, Default)]
struct ReachedTally {
    prefixes: u64,
    /// One for each query; infinite where it is never reached for good.
    from: Vec<f64>,
}

impl KeystrokeTally {
    /// Adds one query: for each of its prefixes, the shortest first, the place of the first right answer, from 1, and
    /// the time it took.
    pub(super) fn add(&mut self, prefixes: &[(Option<usize>, Duration)]) {
        self.first.add(prefixes.iter().map(|(place, _)| *place == Some(1)));
        self.top.add(prefixes.iter().map(|(place, _)| place.is_some_and(|place| place <= TOP)));
        let us = |took: &Duration| u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.latencies_us.extend(prefixes.iter().map(|(_, took)| us(took)));
    }

    /// The scores so far.
    pub(super) fn scores(&self) -> KeystrokeScores {
        let prefixes = self.latencies_us.len() as u64;
        KeystrokeScores {
            n: self.first.from.len() as u64,
            prefixes,
            first: self.first.reached(prefixes),
            top_5: self.top.reached(prefixes),
            latency_us: Latency::of(self.latencies_us.clone()),
        }
    }
}

impl ReachedTally {
    fn add(&mut self, prefixes: impl ExactSizeIterator<Item = bool> + DoubleEndedIterator + Clone) {
        let length = prefixes.len();
        let for_good = prefixes.clone().rev().take_while(|reached| *reached).count();
        self.prefixes += prefixes.filter(|reached| *reached).count() as u64;
        self.from.push(match for_good {
            0 => f64::INFINITY,
            _ => (length - for_good + 1) as f64 / length as f64,
        });
    }

    fn reached(&self, prefixes: u64) -> Reached {
        let mut from = self.from.clone();
        from.sort_unstable_by(f64::total_cmp);
        let percentile =
            |percent| nearest_rank(&from, percent).copied().filter(|share: &f64| share.is_finite());
        let share = if prefixes == 0 { 0.0 } else { self.prefixes as f64 / prefixes as f64 };
        Reached { prefixes: share, from: FromShare { p50: percentile(50), p90: percentile(90) } }
    }
}

/// The beginnings of a query as it is typed, the whole of it last.
pub(super) fn prefixes(query: &str) -> impl Iterator<Item = &str> {
    query.char_indices().map(|(start, char)| &query[..start + char.len_utf8()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_typed_character_by_character() {
        for (query, expected) in [("", vec![]), ("北大2", vec!["北", "北大", "北大2"])] {
            assert_eq!(prefixes(query).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn what_is_lost_again_was_not_reached_for_good() {
        let cases: &[(&[usize], Option<f64>, Option<f64>)] = &[
            // Places by prefix, 0 for none; from which share on first, and among five.
            (&[0, 1, 1, 1], Some(0.5), Some(0.5)),
            (&[1, 2, 1, 1], Some(0.75), Some(0.25)),
            (&[6, 5, 2, 3], None, Some(0.5)),
            (&[1, 1, 1, 0], None, None),
            (&[1], Some(1.0), Some(1.0)),
        ];
        for (places, first, top) in cases {
            let typed: Vec<_> =
                places.iter().map(|place| ((*place > 0).then_some(*place), Duration::ZERO)).collect();
            let mut tally = KeystrokeTally::default();
            tally.add(&typed);
            let scores = tally.scores();
            assert_eq!((scores.first.from.p50, scores.top_5.from.p90), (*first, *top), "{places:?}");
        }
    }

    #[test]
    fn percentiles_are_over_queries_and_shares_over_prefixes() {
        let mut tally = KeystrokeTally::default();
        assert_eq!(tally.scores().first.from, FromShare { p50: None, p90: None });
        let typed = |places: &[usize]| -> Vec<_> {
            places.iter().map(|place| ((*place > 0).then_some(*place), Duration::from_micros(7))).collect()
        };
        tally.add(&typed(&[1, 1]));
        tally.add(&typed(&[0, 0, 0, 1]));
        tally.add(&typed(&[0, 2]));
        let scores = tally.scores();
        assert_eq!((scores.n, scores.prefixes, scores.first.prefixes), (3, 8, 3.0 / 8.0));
        assert_eq!(scores.first.from, FromShare { p50: Some(1.0), p90: None });
        assert_eq!((scores.top_5.from.p90, scores.latency_us.max), (Some(1.0), 7));
    }
}
