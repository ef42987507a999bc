//! `orgsearch evaluate`: how often the right organization is found, how soon, and how fast.

mod answer;
mod baseline;
mod calibration;
mod decisions;
mod keystrokes;
mod labelled_lines;
mod measure;
mod misses;
mod queries;
mod records;
mod reliability;
mod resolve;
mod weights;

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::output;
use super::progress::{Progress, Unit};
use crate::lead::sentence;
use answer::{EvaluateAnswer, FamilyKeystrokes, FamilyScores, Keystrokes};
use baseline::Baseline;
use calibration::CalibrationTally;
use clap::Args;
use keystrokes::KeystrokeTally;
use measure::Tally;
use misses::{Miss, NamedOrg};
use queries::EvaluationQuery;
use resolve::ResolveArguments;
use search_core::{Engine, Hits, SearchRequest};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use weights::Weights;

/// Queries answered before the clock counts, so that the first ones do not pay for cold caches.
const WARM_UP_QUERIES: usize = 500;

/// Measures how often the right organization is found, and how fast.
///
/// The file has three columns separated by tabs: query, ids (with commas between; any of them is right) and family.
/// A header is optional. Queries run one after another in this process, on one thread, after a warm-up.
///
/// More can be measured of the same queries: --weighted gives the mean over families, each counting by its share of use;
/// --keystrokes how early in the typing the right one is there; --calibration whether scores mean what they say.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch evaluate --data ./orgsearch-data --queries queries.tsv --misses 20\n\
     orgsearch evaluate --queries queries.tsv --autocomplete --weighted --keystrokes --calibration\n\
     orgsearch evaluate --resolve records.tsv --precision 0.995 --plot reliability.svg\n\
     orgsearch evaluate --names 10000 --json"
))]
pub(super) struct Evaluate {
    /// The queries with their right answers; may end in .gz.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["names", "records"])]
    queries: Option<PathBuf>,
    /// Draws N official names at random, and checks that an organization of that exact name comes first.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    names: Option<u32>,
    /// Chooses the names.
    #[arg(long, value_name = "S", default_value_t = 1, requires = "names")]
    seed: u64,
    /// Asks as a form does at each keystroke: active organizations only, the small budget.
    #[arg(long)]
    autocomplete: bool,
    /// Hits asked for; places past it do not count for MRR.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(10..=1000))]
    limit: u16,
    /// Lists the first N queries whose first hit is wrong.
    #[arg(long, value_name = "N", default_value_t = 0)]
    misses: usize,
    /// Adds the mean over families, each counting by its share of use (docs/query-weights.tsv).
    #[arg(long, requires = "queries")]
    weighted: bool,
    /// Takes the shares of use from here: family and weight, separated by a tab.
    #[arg(long, value_name = "FILE", requires = "weighted")]
    weights: Option<PathBuf>,
    /// Searches every prefix of each query as well, as it is typed, and tells from which keystroke on a right answer is
    /// first, and among the first five.
    #[arg(long, requires = "queries")]
    keystrokes: bool,
    /// Compares the score of the first hit with the share of first hits that are right, in ten buckets.
    #[arg(long, requires = "queries")]
    calibration: bool,
    /// An earlier --json answer to compare with.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    #[command(flatten)]
    resolve: ResolveArguments,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

impl Evaluate {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        if let Some(records) = self.resolve.records() {
            return self.resolve.run(records, &data.open()?, self.misses, self.json);
        }
        let queries = self.queries.as_deref().map(queries::read).transpose()?;
        let weights = self.weights(queries.as_deref())?;
        let baseline = self.against.as_deref().map(Baseline::read).transpose()?;
        let engine = data.open()?;
        let generation = engine.generation();
        let mut answer = EvaluateAnswer {
            generation: generation.name,
            orgs: generation.orgs,
            preset: if self.autocomplete { "autocomplete" } else { "search" },
            limit: self.limit,
            families: Vec::new(),
            overall: None,
            weighted: None,
            names: None,
            keystrokes: None,
            calibration: None,
            unanswerable: 0,
            misses: Vec::new(),
        };
        let progress = Progress::start("evaluate");
        if let Some(queries) = &queries {
            self.evaluate_queries(&engine, queries, &progress, &mut answer)?;
            if self.keystrokes {
                answer.keystrokes = Some(self.evaluate_keystrokes(&engine, queries, &progress)?);
            }
        }
        if let Some(weights) = &weights {
            answer.weigh(weights);
        }
        if let Some(names) = self.names {
            self.evaluate_names(&engine, names, &progress, &mut answer)?;
        }
        drop(progress);
        if self.json {
            output::print_json(&answer)?;
        } else {
            output::print(|out| answer.write(baseline.as_ref(), out))?;
        }
        Ok(Exit::Done)
    }

    /// The weights, if they are asked for; they must weigh some of the queries.
    fn weights(&self, queries: Option<&[EvaluationQuery]>) -> Result<Option<Weights>, Failure> {
        if !self.weighted {
            return Ok(None);
        }
        let weights = Weights::read(self.weights.as_deref())?;
        weights.must_weigh(queries.unwrap_or_default().iter().map(|query| query.family.as_str()))?;
        Ok(Some(weights))
    }

    fn evaluate_queries(
        &self,
        engine: &Engine,
        queries: &[EvaluationQuery],
        progress: &Progress,
        answer: &mut EvaluateAnswer,
    ) -> Result<(), Failure> {
        self.warm_up(engine, queries.iter().map(|query| query.text.as_str()))?;
        let mut families: Vec<(&str, Tally)> = Vec::new();
        let mut overall = Tally::default();
        let mut calibration = CalibrationTally::default();
        for (at, query) in queries.iter().enumerate() {
            progress.at("queries", Unit::Rows, at as u64, Some(queries.len() as u64));
            let (hits, took) =
                self.ask(engine, &query.text).map_err(|failure| in_line(failure, query.line))?;
            let place = place_of(query, &hits);
            calibration.add(hits.hits.first().map(|hit| hit.score), place == Some(1));
            overall.add(place, took);
            family_of(&mut families, &query.family).add(place, took);
            if place != Some(1) {
                self.note_miss(engine, query, place, &hits, answer);
            }
        }
        let scored = |(family, tally): (&str, Tally)| FamilyScores {
            family: family.to_owned(),
            weight: None,
            scores: tally.scores(),
        };
        answer.families = families.into_iter().map(scored).collect();
        answer.overall = Some(overall.scores());
        answer.calibration = self.calibration.then(|| calibration.calibration());
        Ok(())
    }

    /// Types every query, character by character.
    fn evaluate_keystrokes(
        &self,
        engine: &Engine,
        queries: &[EvaluationQuery],
        progress: &Progress,
    ) -> Result<Keystrokes, Failure> {
        let mut families: Vec<(&str, KeystrokeTally)> = Vec::new();
        let mut overall = KeystrokeTally::default();
        for (at, query) in queries.iter().enumerate() {
            progress.at("keystrokes", Unit::Rows, at as u64, Some(queries.len() as u64));
            let ask = |prefix| {
                let (hits, took) = self.ask(engine, prefix)?;
                Ok((place_of(query, &hits), took))
            };
            let typed: Result<Vec<_>, Failure> = keystrokes::prefixes(&query.text).map(ask).collect();
            let typed = typed.map_err(|failure| in_line(failure, query.line))?;
            overall.add(&typed);
            family_of(&mut families, &query.family).add(&typed);
        }
        let scored = |(family, tally): (&str, KeystrokeTally)| FamilyKeystrokes {
            family: family.to_owned(),
            scores: tally.scores(),
        };
        Ok(Keystrokes { families: families.into_iter().map(scored).collect(), overall: overall.scores() })
    }

    fn evaluate_names(
        &self,
        engine: &Engine,
        count: u32,
        progress: &Progress,
        answer: &mut EvaluateAnswer,
    ) -> Result<(), Failure> {
        let names = engine.sample_names(count as usize, self.seed);
        self.warm_up(engine, names.iter().map(|(_, name)| name.as_str()))?;
        let mut tally = Tally::default();
        for (at, (id, name)) in names.iter().enumerate() {
            progress.at("names", Unit::Rows, at as u64, Some(names.len() as u64));
            let (hits, took) = self.ask(engine, name)?;
            let place = hits.hits.iter().position(|hit| hit.org.name == *name).map(|at| at + 1);
            tally.add(place, took);
            if place != Some(1) && answer.misses.len() < self.misses {
                let wanted = vec![NamedOrg { id: id.clone(), name: Some(name.clone()) }];
                answer.misses.push(Miss::new(name, "official name", place, wanted, &hits));
            }
        }
        answer.names = Some(tally.scores());
        Ok(())
    }

    fn request(&self, query: &str) -> SearchRequest {
        let request =
            if self.autocomplete { SearchRequest::autocomplete(query) } else { SearchRequest::new(query) };
        request.limit(usize::from(self.limit))
    }

    fn ask(&self, engine: &Engine, query: &str) -> Result<(Hits, Duration), Failure> {
        let request = self.request(query);
        let started = Instant::now();
        let hits = engine.search(&request);
        let took = started.elapsed();
        Ok((hits?, took))
    }

    /// Answers queries spread over all of them.
    fn warm_up<'q>(
        &self,
        engine: &Engine,
        queries: impl ExactSizeIterator<Item = &'q str>,
    ) -> Result<(), Failure> {
        let step = queries.len().div_ceil(WARM_UP_QUERIES).max(1);
        for query in queries.step_by(step) {
            self.ask(engine, query)?;
        }
        Ok(())
    }

    fn note_miss(
        &self,
        engine: &Engine,
        query: &EvaluationQuery,
        place: Option<usize>,
        hits: &Hits,
        answer: &mut EvaluateAnswer,
    ) {
        let name_of = |id: &String| engine.org(id).ok().map(|org| org.name);
        let wanted: Vec<_> =
            query.ids.iter().map(|id| NamedOrg { id: id.clone(), name: name_of(id) }).collect();
        let why = || Some(sentence(engine.explain(query.ids.first()?, &query.text).ok()?.lead));
        answer.unanswerable += u64::from(wanted.iter().all(|org| org.name.is_none()));
        if answer.misses.len() < self.misses {
            let mut miss = Miss::new(&query.text, &query.family, place, wanted, hits);
            miss.why = why();
            answer.misses.push(miss);
        }
    }
}

/// Where the first right answer stands, from 1.
fn place_of(query: &EvaluationQuery, hits: &Hits) -> Option<usize> {
    hits.hits.iter().position(|hit| query.ids.contains(&hit.org.id)).map(|at| at + 1)
}

/// The tally of a family, in the order families first come. There are a few dozen at most.
fn family_of<'f, 'q, T: Default>(families: &'f mut Vec<(&'q str, T)>, family: &'q str) -> &'f mut T {
    let at = families.iter().position(|(known, _)| *known == family).unwrap_or_else(|| {
        families.push((family, T::default()));
        families.len() - 1
    });
    &mut families[at].1
}

fn in_line(failure: Failure, line: u64) -> Failure {
    match failure {
        Failure::Told { exit, message, help } => {
            Failure::Told { exit, message: format!("line {line}: {message}"), help }
        }
        Failure::ReaderLeft => Failure::ReaderLeft,
    }
}
