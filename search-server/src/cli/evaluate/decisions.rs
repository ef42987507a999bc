//! How decisions agree with what is right: precision, recall and abstention by family.

use super::records::Expected;
use search_core::{Decision, Resolution};
use serde::Serialize;

/// Counts of one family.
#[derive(Debug, Clone, Default)]
pub(super) struct DecisionTally {
    n: u64,
    /// Records that name an organization.
    named: u64,
    right: u64,
    wrong: u64,
    ambiguous: u64,
    none: u64,
}

/// What the counts come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct DecisionScores {
    /// Records.
    pub(super) n: u64,
    /// Records that name an organization.
    pub(super) named: u64,
    /// Matches that are right.
    pub(super) right: u64,
    /// Matches that are wrong.
    pub(super) wrong: u64,
    /// Records left ambiguous.
    pub(super) ambiguous: u64,
    /// Records that are said to name nothing.
    pub(super) none: u64,
    /// The share of right ones among the matches; `None` without a match.
    pub(super) precision: Option<f64>,
    /// The share of records that name an organization which are matched with it; `None` where none does.
    pub(super) recall: Option<f64>,
    /// The share of records left ambiguous.
    pub(super) abstention: f64,
    /// The share of records that are matched wrongly.
    pub(super) false_matches: f64,
}

/// Whether the first candidate is what the record names.
pub(super) fn is_first_right(expected: &Expected, resolution: &Resolution) -> bool {
    let first = resolution.candidates.first().map(|first| first.hit.org.id.as_str());
    match expected {
        Expected::Ids(ids) => first.is_some_and(|first| ids.iter().any(|id| id == first)),
        Expected::Ambiguous | Expected::NoMatch => false,
    }
}

impl DecisionTally {
    pub(super) fn add(&mut self, expected: &Expected, resolution: &Resolution) {
        self.n += 1;
        self.named += u64::from(matches!(expected, Expected::Ids(_)));
        let count = match resolution.decision {
            Decision::Matched if is_first_right(expected, resolution) => &mut self.right,
            Decision::Matched => &mut self.wrong,
            Decision::Ambiguous => &mut self.ambiguous,
            Decision::NoMatch => &mut self.none,
        };
        *count += 1;
    }

    pub(super) fn scores(&self) -> DecisionScores {
        let share = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64);
        DecisionScores {
            n: self.n,
            named: self.named,
            right: self.right,
            wrong: self.wrong,
            ambiguous: self.ambiguous,
            none: self.none,
            precision: share(self.right, self.right + self.wrong),
            recall: share(self.right, self.named),
            abstention: share(self.ambiguous, self.n).unwrap_or(0.0),
            false_matches: share(self.wrong, self.n).unwrap_or(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_what_they_say() {
        let tally = DecisionTally { n: 10, named: 5, right: 3, wrong: 1, ambiguous: 2, none: 4 };
        let scores = tally.scores();
        assert_eq!((scores.precision, scores.recall), (Some(0.75), Some(0.6)));
        assert_eq!((scores.abstention, scores.false_matches), (0.2, 0.1));
        assert_eq!(DecisionTally::default().scores().precision, None);
    }
}
