//! `evaluate --resolve`: how decisions on records with known answers turn out, by family.

use super::calibration::{Calibration, CalibrationTally};
use super::decisions::{DecisionScores, DecisionTally, is_first_right};
use super::family_of;
use super::measure::Latency;
use super::records::{self, Expected, LabelledRecord};
use super::reliability;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::numbers::{counted, grouped};
use crate::cli::output::{self, printable};
use crate::cli::progress::{Progress, Unit};
use crate::cli::table::{Align, Table};
use clap::Args;
use search_core::resolve::{Agreement, Reason, ReasonField, ReasonLanguage};
use search_core::{Engine, Resolution, ResolveOptions};
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What is asked of an evaluation of decisions.
#[derive(Debug, Args)]
pub(super) struct ResolveArguments {
    /// Records with their right answers, to decide instead of searching: tab-separated, with a header that names the
    /// columns name, expected (ids, `ambiguous` or `none`), and as wanted parent, region, code, former_name, kind, family.
    #[arg(long = "resolve", value_name = "FILE", conflicts_with_all = ["queries", "names"])]
    records: Option<PathBuf>,
    /// The share of right ones wanted among the matches.
    #[arg(long, value_name = "P", default_value_t = 0.99, requires = "records")]
    precision: f32,
    /// The share of records that name no organization.
    #[arg(long, value_name = "S", default_value_t = 0.2, requires = "records")]
    expected_none: f32,
    /// Writes the reliability plot, as an SVG.
    #[arg(long, value_name = "FILE", requires = "records")]
    plot: Option<PathBuf>,
    /// Writes the features of all candidates, to fit a model on: see docs/resolve.md.
    #[arg(long, value_name = "FILE", requires = "records")]
    features: Option<PathBuf>,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct ResolveAnswer {
    generation: String,
    orgs: u64,
    precision: f32,
    expected_none: f32,
    families: Vec<FamilyDecisions>,
    overall: DecisionScores,
    latency_us: Latency,
    calibration: Calibration,
    misses: Vec<DecisionMiss>,
}

#[derive(Debug, Serialize)]
struct FamilyDecisions {
    family: String,
    #[serde(flatten)]
    scores: DecisionScores,
}

/// A record that was not decided as it should have been.
#[derive(Debug, Serialize)]
struct DecisionMiss {
    line: u64,
    family: String,
    record: String,
    expected: String,
    decision: &'static str,
    first: Option<String>,
    probability: f32,
    reasons: Vec<String>,
}

impl ResolveArguments {
    pub(super) fn records(&self) -> Option<&Path> {
        self.records.as_deref()
    }

    /// Decides each record of the file, one after another on one thread.
    pub(super) fn run(
        &self,
        path: &Path,
        engine: &Engine,
        misses: usize,
        json: bool,
    ) -> Result<Exit, Failure> {
        let records = records::read(path)?;
        let options = ResolveOptions {
            precision: self.precision,
            expected_none: self.expected_none,
            limit: if self.features.is_some() { ResolveOptions::MAX_LIMIT } else { 3 },
            explain: self.features.is_some(),
            ..ResolveOptions::default()
        };
        let progress = Progress::start("evaluate");
        let resolver = engine.resolver();
        let mut run = Run::default();
        for (at, labelled) in records.iter().enumerate() {
            progress.at("records", Unit::Rows, at as u64, Some(records.len() as u64));
            let started = Instant::now();
            let resolution = resolver.resolve(&labelled.record, &options)?;
            run.add(labelled, &resolution, started.elapsed(), misses, self.features.is_some());
        }
        drop(progress);
        let generation = engine.generation();
        let answer = run.answer((generation.name, generation.orgs), &options);
        if let Some(plot) = &self.plot {
            write_file(plot, &reliability::plot(&answer.calibration))?;
        }
        if let Some(features) = &self.features {
            write_file(features, &run.features)?;
        }
        if json {
            output::print_json(&answer)?;
        } else {
            output::print(|out| answer.write(out))?;
        }
        Ok(Exit::Done)
    }
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::writing(&path.display().to_string(), &error))
}

/// What is collected over the records.
#[derive(Default)]
struct Run<'r> {
    families: Vec<(&'r str, DecisionTally)>,
    overall: DecisionTally,
    calibration: CalibrationTally,
    took_us: Vec<u64>,
    misses: Vec<DecisionMiss>,
    features: String,
}

impl<'r> Run<'r> {
    fn add(
        &mut self,
        labelled: &'r LabelledRecord,
        resolution: &Resolution,
        took: Duration,
        misses: usize,
        with_features: bool,
    ) {
        let LabelledRecord { expected, family, .. } = labelled;
        self.took_us.push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        self.overall.add(expected, resolution);
        family_of(&mut self.families, family).add(expected, resolution);
        // Of a record that nobody can decide no probability is right or wrong.
        if *expected != Expected::Ambiguous {
            self.calibration.add(Some(resolution.probability), is_first_right(expected, resolution));
        }
        if !is_right(expected, resolution) && self.misses.len() < misses {
            self.misses.push(DecisionMiss::new(labelled, resolution));
        }
        // What an id decides says nothing of names.
        let is_told =
            |reason: &Reason| reason.field == ReasonField::Code && reason.agreement == Agreement::Agrees;
        if with_features && !resolution.reasons.iter().any(is_told) {
            add_features(&mut self.features, labelled, resolution);
        }
    }

    fn answer(&mut self, (generation, orgs): (String, u64), options: &ResolveOptions) -> ResolveAnswer {
        let families = std::mem::take(&mut self.families).into_iter();
        ResolveAnswer {
            generation,
            orgs,
            precision: options.precision,
            expected_none: options.expected_none,
            families: families
                .map(|(family, tally)| FamilyDecisions { family: family.to_owned(), scores: tally.scores() })
                .collect(),
            overall: self.overall.scores(),
            latency_us: Latency::of(std::mem::take(&mut self.took_us)),
            calibration: self.calibration.calibration(),
            misses: std::mem::take(&mut self.misses),
        }
    }
}

/// Whether a record was decided as it should have been.
fn is_right(expected: &Expected, resolution: &Resolution) -> bool {
    match expected {
        Expected::Ids(_) => resolution.matched().is_some() && is_first_right(expected, resolution),
        Expected::Ambiguous => resolution.decision == search_core::Decision::Ambiguous,
        Expected::NoMatch => resolution.decision == search_core::Decision::NoMatch,
    }
}

/// One line for each candidate: line, 1 if it is right, 1 if the record is ambiguous, 1 if nothing contradicts it,
/// features. One without candidate for a record that has none.
fn add_features(lines: &mut String, labelled: &LabelledRecord, resolution: &Resolution) {
    if lines.is_empty()
        && let Some(first) = resolution.candidates.first()
    {
        let names: Vec<&str> = first.features.iter().map(|feature| feature.name).collect();
        let _ = writeln!(lines, "line\tright\tambiguous\tpossible\t{}", names.join("\t"));
    }
    let is_ambiguous = u8::from(labelled.expected == Expected::Ambiguous);
    for candidate in &resolution.candidates {
        let is_right = match &labelled.expected {
            Expected::Ids(ids) => ids.contains(&candidate.hit.org.id),
            Expected::Ambiguous | Expected::NoMatch => false,
        };
        let is_possible = candidate.contradictions.is_empty();
        let flags = [is_right, is_possible].map(u8::from);
        let [right, possible] = flags;
        let _ = write!(lines, "{}\t{right}\t{is_ambiguous}\t{possible}", labelled.line);
        for feature in &candidate.features {
            let _ = write!(lines, "\t{}", feature.value);
        }
        lines.push('\n');
    }
    if resolution.candidates.is_empty() {
        let _ = writeln!(lines, "{}\t0\t{is_ambiguous}\t0", labelled.line);
    }
}

impl DecisionMiss {
    fn new(labelled: &LabelledRecord, resolution: &Resolution) -> DecisionMiss {
        let record = &labelled.record;
        let others = [("parent", &record.parent), ("region", &record.region), ("code", &record.code)];
        let mut shown = record.name.clone();
        for (field, said) in others {
            if let Some(said) = said {
                let _ = write!(shown, " [{field} {said}]");
            }
        }
        let first = resolution.candidates.first();
        DecisionMiss {
            line: labelled.line,
            family: labelled.family.clone(),
            record: shown,
            expected: match &labelled.expected {
                Expected::Ids(ids) => ids.join(","),
                Expected::Ambiguous => "ambiguous".to_owned(),
                Expected::NoMatch => "none".to_owned(),
            },
            decision: resolution.decision.name(),
            first: first.map(|first| format!("{} {}", first.hit.org.id, first.hit.org.display)),
            probability: resolution.probability,
            reasons: resolution.reasons.iter().map(|reason| reason.text(ReasonLanguage::English)).collect(),
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let first = self.first.as_deref().unwrap_or("no candidate");
        writeln!(
            out,
            "  line {} ({}): {} -> {} instead of {}\n    {:.3} {}; {}",
            self.line,
            printable(&self.family),
            printable(&self.record),
            self.decision,
            printable(&self.expected),
            self.probability,
            printable(first),
            printable(&self.reasons.join("; "))
        )
    }
}

impl ResolveAnswer {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let orgs = counted(self.orgs, "organization");
        writeln!(
            out,
            "generation {}, {orgs}, precision {}, {} expected without an organization",
            self.generation, self.precision, self.expected_none
        )?;
        let mut table = Table::new(&[
            ("FAMILY", Align::Left),
            ("N", Align::Right),
            ("NAMED", Align::Right),
            ("RIGHT", Align::Right),
            ("WRONG", Align::Right),
            ("AMBIGUOUS", Align::Right),
            ("NONE", Align::Right),
            ("PRECISION", Align::Right),
            ("RECALL", Align::Right),
            ("ABSTENTION", Align::Right),
        ]);
        for family in &self.families {
            add_row(&mut table, &family.family, &family.scores);
        }
        add_row(&mut table, "overall", &self.overall);
        table.write(out)?;
        let Latency { p50, p95, p99, max } = self.latency_us;
        let times = [p50, p95, p99, max].map(grouped);
        writeln!(out, "p50 {} µs, p95 {}, p99 {}, longest {}", times[0], times[1], times[2], times[3])?;
        self.calibration.write(
            "probability of the first candidate, and the share of first candidates that are right",
            out,
        )?;
        if !self.misses.is_empty() {
            writeln!(out, "\nnot decided as they should be:")?;
        }
        self.misses.iter().try_for_each(|miss| miss.write(out))
    }
}

fn add_row(table: &mut Table, title: &str, scores: &DecisionScores) {
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{share:.4}"));
    table.row([
        title.to_owned(),
        grouped(scores.n),
        grouped(scores.named),
        grouped(scores.right),
        grouped(scores.wrong),
        grouped(scores.ambiguous),
        grouped(scores.none),
        share(scores.precision),
        share(scores.recall),
        format!("{:.4}", scores.abstention),
    ]);
}
