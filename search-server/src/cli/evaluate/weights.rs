//! How much each family counts: by its share of what people type.

use super::measure::Scores;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The table that counts where no other is given; its head says where the numbers come from.
const USUAL: &str = include_str!("../../../../docs/query-weights.tsv");
/// What the answer calls that table.
const USUAL_NAME: &str = "docs/query-weights.tsv";
/// A table has a few dozen lines; what is larger is another file.
const MAX_TABLE_BYTES: u64 = 1 << 20;

const COLUMNS: [&str; 2] = ["family", "weight"];

/// Families and their weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    /// Where the table was read from.
    name: String,
    families: Vec<(String, f64)>,
}

/// The mean over families, each counting by its weight. Every ratio is `0.0..=1.0`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct WeightedScores {
    /// Where the weights come from.
    pub(super) weights: String,
    /// Queries of families with a weight.
    pub(super) n: u64,
    pub(super) s_at_1: f64,
    pub(super) s_at_10: f64,
    pub(super) mrr: f64,
    /// Families of the file that the table does not name: they do not count.
    pub(super) unweighted: Vec<String>,
}

impl Weights {
    /// The table of `path`, or the usual one.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Weights::parse(USUAL, USUAL_NAME) };
        let place = path.display().to_string();
        let unreadable = |error| Failure::reading(&place, &error);
        if path.is_dir() {
            return Err(unreadable(io::ErrorKind::IsADirectory.into()));
        }
        let mut text = String::new();
        let file = File::open(path).map_err(unreadable)?;
        file.take(MAX_TABLE_BYTES + 1).read_to_string(&mut text).map_err(unreadable)?;
        if text.len() as u64 > MAX_TABLE_BYTES {
            let message = format!("{place} is longer than {} KiB", MAX_TABLE_BYTES >> 10);
            return Err(Failure::new(Exit::InputErrors, message));
        }
        Weights::parse(&text, &place)
    }

    fn parse(text: &str, place: &str) -> Result<Self, Failure> {
        let mut families: Vec<(String, f64)> = Vec::new();
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let refuse =
                |cause: &str| Failure::new(Exit::InputErrors, format!("{place}: line {}: {cause}", at + 1));
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            if line.trim().is_empty() || line.starts_with('#') || cells.starts_with(&COLUMNS) {
                continue;
            }
            let [family, weight, ..] = cells[..] else {
                return Err(refuse("no two columns: family, weight, separated by a tab"));
            };
            let weight = weight.parse().ok().filter(|weight: &f64| weight.is_finite() && *weight >= 0.0);
            let weight = weight.ok_or_else(|| refuse("the weight is no number from 0"))?;
            if families.iter().any(|(known, _)| known == family) {
                return Err(refuse("the family was named before"));
            }
            families.push((family.to_owned(), weight));
        }
        Ok(Weights { name: place.to_owned(), families })
    }

    /// The weight of a family; `None` if the table does not name it.
    pub(super) fn of(&self, family: &str) -> Option<f64> {
        self.families.iter().find(|(known, _)| known == family).map(|(_, weight)| *weight)
    }

    /// Fails where no family has a weight: then there would be no mean.
    pub(super) fn must_weigh<'a>(&self, mut families: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
        if families.any(|family| self.of(family).is_some_and(|weight| weight > 0.0)) {
            return Ok(());
        }
        let message = format!("{} gives no family of the queries a weight", self.name);
        Err(Failure::new(Exit::InputErrors, message))
    }

    /// The mean over families; all zero where none has a weight.
    pub(super) fn mean<'a>(&self, families: impl Iterator<Item = (&'a str, &'a Scores)>) -> WeightedScores {
        let mut mean = WeightedScores {
            weights: self.name.clone(),
            n: 0,
            s_at_1: 0.0,
            s_at_10: 0.0,
            mrr: 0.0,
            unweighted: Vec::new(),
        };
        let mut sum = 0.0;
        for (family, scores) in families {
            let Some(weight) = self.of(family) else {
                mean.unweighted.push(family.to_owned());
                continue;
            };
            sum += weight;
            mean.n += scores.n;
            mean.s_at_1 += weight * scores.s_at_1;
            mean.s_at_10 += weight * scores.s_at_10;
            mean.mrr += weight * scores.mrr;
        }
        if sum > 0.0 {
            mean.s_at_1 /= sum;
            mean.s_at_10 /= sum;
            mean.mrr /= sum;
        }
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::super::measure::Tally;
    use super::*;
    use index_data::generate::{FAMILIES, MORE_FAMILIES};
    use std::time::Duration;

    fn parse(text: &str) -> Result<Vec<(String, f64)>, String> {
        match Weights::parse(text, "w.tsv") {
            Ok(weights) => Ok(weights.families),
            Err(Failure::Told { message, .. }) => Err(message),
            Err(Failure::ReaderLeft) => Err(String::new()),
        }
    }

    #[test]
    fn tables_are_read() {
        for (text, expected) in [
            (
                "# c\n\nfamily\tweight\twhy\na\t2\tb\nb\t0.5",
                Ok(vec![("a".to_owned(), 2.0), ("b".to_owned(), 0.5)]),
            ),
            ("a", Err("w.tsv: line 1: no two columns: family, weight, separated by a tab".to_owned())),
            ("a\t1\na\t2", Err("w.tsv: line 2: the family was named before".to_owned())),
            ("a\t-1", Err("w.tsv: line 1: the weight is no number from 0".to_owned())),
            ("a\tNaN", Err("w.tsv: line 1: the weight is no number from 0".to_owned())),
        ] {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_usual_table_names_every_family_and_adds_up() {
        let weights = Weights::read(None).unwrap();
        let named: Vec<&str> = weights.families.iter().map(|(family, _)| family.as_str()).collect();
        assert_eq!(named, [&FAMILIES[..], &MORE_FAMILIES[..]].concat());
        assert_eq!(weights.families.iter().map(|(_, weight)| weight).sum::<f64>(), 100.0);
    }

    #[test]
    fn families_count_by_weight_not_by_size() {
        let tally = |places: &[Option<usize>]| {
            let mut tally = Tally::default();
            places.iter().for_each(|place| tally.add(*place, Duration::ZERO));
            tally.scores()
        };
        let (a, b, c) = (tally(&[Some(1)]), tally(&[None, None, Some(2), None]), tally(&[Some(1)]));
        let weights = Weights::parse("a\t3\nb\t1", "w.tsv").unwrap();
        let mean = weights.mean([("a", &a), ("b", &b), ("c", &c)].into_iter());
        assert_eq!((mean.n, mean.s_at_1, mean.s_at_10), (5, 0.75, 0.8125));
        assert!((mean.mrr - (3.0 + 0.125) / 4.0).abs() < 1e-12);
        assert_eq!(mean.unweighted, ["c"]);
        assert!(weights.must_weigh(["a"].into_iter()).is_ok());
        assert!(weights.must_weigh(["c"].into_iter()).is_err());
    }
}
