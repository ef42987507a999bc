//! The model that turns features into probabilities: weights that were fitted on generated records, as data.
//!
//! A conditional logit over the candidates, with "none of them" as one more choice (McFadden 1974): a candidate's
//! probability is `exp(score)` over the sum of all `exp(score)` and `exp(none)`, its score the weighted sum of its
//! features. One more that counts as none is the best candidate that something contradicts: a record that names a class
//! of a known school means that class, whether it exists or not. Twins share what there is, so margins and ties need no rule of their own. Fitted by
//! `cargo run --release -p orgsearch-benches --bin fit-resolve`, see docs/resolve.md.

use super::features::{Features, LEN, NAMES};
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../data/resolve_model.tsv");

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::parse(TABLE).unwrap_or_default());

/// The weights, and what probability buys what precision.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Model {
    weights: Features,
    /// The score of "none of them".
    none: f32,
    /// The share of records without an organization among those that it was fitted on.
    fitted_none: f32,
    version: u32,
    /// `(precision, least probability)`, ascending.
    thresholds: Vec<(f32, f32)>,
}

impl Default for Model {
    fn default() -> Model {
        Model { weights: [0.0; LEN], none: 0.0, fitted_none: 0.0, version: 0, thresholds: Vec::new() }
    }
}

impl Model {
    /// The one that is shipped.
    pub(super) fn shipped() -> &'static Model {
        &MODEL
    }

    /// Reads a model: rows of `name TAB value`, and `threshold TAB precision TAB probability`. `None` if a row cannot be
    /// read, a feature is unknown or one is missing.
    fn parse(table: &str) -> Option<Model> {
        let mut model = Model::default();
        let mut known = [false; LEN];
        for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let cells: Vec<&str> = line.split('\t').collect();
            match cells[..] {
                ["version", version] => model.version = version.parse().ok()?,
                ["fitted_none", value] => model.fitted_none = value.parse().ok()?,
                ["none", value] => model.none = value.parse().ok()?,
                ["threshold", precision, probability] => {
                    model.thresholds.push((precision.parse().ok()?, probability.parse().ok()?));
                }
                [name, value] => {
                    let at = NAMES.iter().position(|known| *known == name)?;
                    model.weights[at] = value.parse().ok()?;
                    known[at] = true;
                }
                _ => return None,
            }
        }
        (known.iter().all(|&is_known| is_known) && !model.thresholds.is_empty()).then_some(model)
    }

    /// The probability of each candidate that is possible, in their order, beside the best one that is `ruled_out`, where
    /// a share of `expected_none` records has no organization.
    pub(super) fn probabilities(
        &self,
        possible: &[&Features],
        ruled_out: &[&Features],
        expected_none: f32,
    ) -> Vec<f32> {
        let expected = f64::from(expected_none.clamp(0.01, 0.99));
        let fitted = f64::from(self.fitted_none.clamp(0.01, 0.99));
        let shift = ((expected / (1.0 - expected)) / (fitted / (1.0 - fitted))).ln();
        let none = std::iter::once(f64::from(self.none) + shift);
        let rival = ruled_out.iter().map(|features| self.score(features) + shift).max_by(f64::total_cmp);
        let none: Vec<f64> = none.chain(rival).collect();
        let scores: Vec<f64> = possible.iter().map(|features| self.score(features)).collect();
        let most = scores.iter().chain(&none).copied().fold(f64::MIN, f64::max);
        let sum: f64 = scores.iter().chain(&none).map(|score| (score - most).exp()).sum();
        scores.iter().map(|score| ((score - most).exp() / sum) as f32).collect()
    }

    fn score(&self, features: &Features) -> f64 {
        features.iter().zip(&self.weights).map(|(value, weight)| f64::from(value * weight)).sum()
    }

    /// The weight of each feature, in their order.
    pub(super) fn weights(&self) -> &Features {
        &self.weights
    }

    /// The least probability of a match, so that a share of `precision` is right.
    pub(super) fn threshold(&self, precision: f32) -> f32 {
        let precision = precision.clamp(0.5, 0.9999);
        let enough = self.thresholds.iter().find(|(known, _)| *known >= precision);
        enough.or(self.thresholds.last()).map_or(1.0, |(_, probability)| *probability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_model_is_read() {
        let model = Model::parse(TABLE).expect("it names every feature once");
        assert_eq!(&model, Model::shipped());
        assert!(model.thresholds.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{:?}", model.thresholds);
    }

    #[test]
    fn twins_share_and_none_takes_its_share() {
        let model = Model { fitted_none: 0.5, ..Model::default() };
        let features = [0.0; LEN];
        assert_eq!(model.probabilities(&[&features], &[], 0.5), [0.5]);
        let twins = model.probabilities(&[&features, &features], &[], 0.5);
        assert_eq!(twins[0], twins[1]);
        assert!((twins[0] - 1.0 / 3.0).abs() < 1e-6);
        assert!(model.probabilities(&[&features], &[], 0.9)[0] < 0.11);
    }
}
