//! What an evaluation comes to, as JSON and as tables.

use super::baseline::Baseline;
use super::calibration::Calibration;
use super::keystrokes::{FromShare, KeystrokeScores};
use super::measure::Scores;
use super::misses::Miss;
use super::weights::{WeightedScores, Weights};
use crate::cli::numbers::{counted, grouped};
use crate::cli::output::printable;
use crate::cli::table::{Align, Table};
use serde::Serialize;
use std::io::{self, Write};

/// The `--json` answer.
#[derive(Debug, Serialize)]
pub(super) struct EvaluateAnswer {
    pub(super) generation: String,
    pub(super) orgs: u64,
    pub(super) preset: &'static str,
    pub(super) limit: u16,
    /// In the order the file first names them.
    pub(super) families: Vec<FamilyScores>,
    /// All queries of the file; absent with `--names` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) overall: Option<Scores>,
    /// The mean over families by weight; absent without `--weighted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) weighted: Option<WeightedScores>,
    /// The official names drawn with `--names`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) names: Option<Scores>,
    /// How soon right answers are there; absent without `--keystrokes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) keystrokes: Option<Keystrokes>,
    /// What scores mean; absent without `--calibration`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) calibration: Option<Calibration>,
    /// Queries that name no organization of this generation, so that no answer could be right.
    pub(super) unanswerable: u64,
    pub(super) misses: Vec<Miss>,
}

/// One family's scores.
#[derive(Debug, Serialize)]
pub(super) struct FamilyScores {
    pub(super) family: String,
    /// Absent without `--weighted`, and where the table does not name the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) weight: Option<f64>,
    #[serde(flatten)]
    pub(super) scores: Scores,
}

/// How soon right answers are there.
#[derive(Debug, Serialize)]
pub(super) struct Keystrokes {
    /// In the order the file first names them.
    pub(super) families: Vec<FamilyKeystrokes>,
    pub(super) overall: KeystrokeScores,
}

/// One family's keystrokes.
#[derive(Debug, Serialize)]
pub(super) struct FamilyKeystrokes {
    pub(super) family: String,
    #[serde(flatten)]
    pub(super) scores: KeystrokeScores,
}

impl EvaluateAnswer {
    /// Adds the mean over families, and each one's weight.
    pub(super) fn weigh(&mut self, weights: &Weights) {
        for family in &mut self.families {
            family.weight = weights.of(&family.family);
        }
        let families = self.families.iter().map(|family| (family.family.as_str(), &family.scores));
        self.weighted = Some(weights.mean(families));
    }

    pub(super) fn write(&self, baseline: Option<&Baseline>, out: &mut dyn Write) -> io::Result<()> {
        let orgs = counted(self.orgs, "organization");
        writeln!(out, "generation {}, {orgs}, {} with limit {}", self.generation, self.preset, self.limit)?;
        self.table(baseline).write(out)?;
        if let Some(weighted) = &self.weighted {
            weighted.write(out)?;
        }
        if self.unanswerable > 0 {
            let (verb, count) =
                (if self.unanswerable == 1 { "query names" } else { "queries name" }, self.unanswerable);
            writeln!(out, "{} {verb} no organization of this generation", grouped(count))?;
        }
        if let Some(keystrokes) = &self.keystrokes {
            writeln!(out, "\nevery prefix, as it is typed; for good from which share of the keystrokes on:")?;
            keystrokes.table().write(out)?;
        }
        if let Some(calibration) = &self.calibration {
            calibration.write("score of the first hit, and the share of first hits that are right", out)?;
        }
        if !self.misses.is_empty() {
            writeln!(out, "\nfirst hit wrong:")?;
        }
        self.misses.iter().try_for_each(|miss| miss.write(out))
    }

    /// One line for each family, then the sums; with the differences to a baseline where there is one.
    fn table(&self, baseline: Option<&Baseline>) -> Table {
        let mut table = Table::new(&[
            ("FAMILY", Align::Left),
            ("N", Align::Right),
            ("S@1", Align::Right),
            ("95 %", Align::Right),
            ("S@10", Align::Right),
            ("MRR", Align::Right),
            ("P50 µs", Align::Right),
            ("P95 µs", Align::Right),
            ("P99 µs", Align::Right),
            ("MAX µs", Align::Right),
        ]);
        for FamilyScores { family, scores, .. } in &self.families {
            add_row(&mut table, family, scores, baseline.map(|baseline| baseline.family(family)));
        }
        if let Some(overall) = &self.overall {
            add_row(&mut table, "overall", overall, baseline.map(|baseline| baseline.overall.as_ref()));
        }
        if let Some(weighted) = &self.weighted {
            weighted.add_row(&mut table, baseline.map(|baseline| baseline.weighted.as_ref()));
        }
        if let Some(names) = &self.names {
            add_row(&mut table, "official names", names, baseline.map(|baseline| baseline.names.as_ref()));
        }
        table
    }
}

fn add_row(table: &mut Table, title: &str, scores: &Scores, before: Option<Option<&Scores>>) {
    let ratio = |of: fn(&Scores) -> f64| compared(of(scores), before.map(|before| before.map(of)));
    let latency = &scores.latency_us;
    table.row([
        title.to_owned(),
        grouped(scores.n),
        ratio(|scores| scores.s_at_1),
        format!("{:.3}–{:.3}", scores.s_at_1_interval[0], scores.s_at_1_interval[1]),
        ratio(|scores| scores.s_at_10),
        ratio(|scores| scores.mrr),
        grouped(latency.p50),
        grouped(latency.p95),
        grouped(latency.p99),
        grouped(latency.max),
    ]);
}

/// A ratio, with the difference to a baseline where there is one; `Some(None)`: the baseline lacks it.
fn compared(ratio: f64, before: Option<Option<f64>>) -> String {
    match before {
        None => format!("{ratio:.4}"),
        Some(None) => format!("{ratio:.4} (new)"),
        Some(Some(before)) => format!("{ratio:.4} ({:+.4})", ratio - before),
    }
}

impl WeightedScores {
    fn add_row(&self, table: &mut Table, before: Option<Option<&WeightedScores>>) {
        let ratio = |of: fn(&WeightedScores) -> f64| compared(of(self), before.map(|before| before.map(of)));
        let none = String::new;
        table.row([
            "weighted".to_owned(),
            grouped(self.n),
            ratio(|scores| scores.s_at_1),
            none(),
            ratio(|scores| scores.s_at_10),
            ratio(|scores| scores.mrr),
            none(),
            none(),
            none(),
            none(),
        ]);
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let without = match &self.unweighted[..] {
            [] => String::new(),
            families => format!("; without a weight, so not counted: {}", families.join(", ")),
        };
        writeln!(out, "weighted by {}{}", printable(&self.weights), printable(&without))
    }
}

impl Keystrokes {
    fn table(&self) -> Table {
        let mut table = Table::new(&[
            ("FAMILY", Align::Left),
            ("N", Align::Right),
            ("PREFIXES", Align::Right),
            ("FIRST", Align::Right),
            ("P50 FROM", Align::Right),
            ("P90 FROM", Align::Right),
            ("TOP 5", Align::Right),
            ("P50 FROM", Align::Right),
            ("P90 FROM", Align::Right),
            ("P50 µs", Align::Right),
            ("P95 µs", Align::Right),
            ("P99 µs", Align::Right),
            ("MAX µs", Align::Right),
        ]);
        for FamilyKeystrokes { family, scores } in &self.families {
            scores.add_row(&mut table, family);
        }
        self.overall.add_row(&mut table, "overall");
        table
    }
}

impl KeystrokeScores {
    fn add_row(&self, table: &mut Table, title: &str) {
        let from =
            |share: Option<f64>| share.map_or_else(|| "never".to_owned(), |share| format!("{share:.2}"));
        let [first, top] = [self.first.from, self.top_5.from];
        let both = |shares: FromShare| (from(shares.p50), from(shares.p90));
        let ((first_p50, first_p90), (top_p50, top_p90)) = (both(first), both(top));
        let latency = &self.latency_us;
        table.row([
            title.to_owned(),
            grouped(self.n),
            grouped(self.prefixes),
            format!("{:.4}", self.first.prefixes),
            first_p50,
            first_p90,
            format!("{:.4}", self.top_5.prefixes),
            top_p50,
            top_p90,
            grouped(latency.p50),
            grouped(latency.p95),
            grouped(latency.p99),
            grouped(latency.max),
        ]);
    }
}

impl Calibration {
    pub(super) fn write(&self, title: &str, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::new(&[
            ("SCORE", Align::Left),
            ("N", Align::Right),
            ("PREDICTED", Align::Right),
            ("RIGHT", Align::Right),
        ]);
        let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{share:.4}"));
        for bucket in &self.buckets {
            table.row([
                format!("{:.1}–{:.1}", bucket.from, bucket.to),
                grouped(bucket.n),
                share(bucket.predicted),
                share(bucket.right),
            ]);
        }
        writeln!(out, "\n{title}:")?;
        table.write(out)?;
        let error = self.expected_calibration_error;
        let without = match self.without_hit {
            0 => String::new(),
            count => format!("; {} without any hit", grouped(count)),
        };
        writeln!(out, "expected calibration error {error:.4} over {}{without}", grouped(self.n))
    }
}
