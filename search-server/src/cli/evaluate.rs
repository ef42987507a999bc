//! `orgsearch evaluate`: how often the right organization is found, and how fast.

mod baseline;
mod measure;
mod queries;

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::numbers::{counted, grouped};
use super::output::{self, printable};
use super::progress::{Progress, Unit};
use super::table::{Align, Table};
use crate::lead::sentence;
use baseline::Baseline;
use clap::Args;
use measure::{Scores, Tally};
use queries::EvaluationQuery;
use search_core::{Engine, Hits, SearchRequest};
use serde::Serialize;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Queries answered before the clock counts, so that the first ones do not pay for cold caches.
const WARM_UP_QUERIES: usize = 500;

/// Measures how often the right organization is found, and how fast.
///
/// The file has three columns separated by tabs: query, ids (with commas between; any of them is right) and family.
/// A header is optional. Queries run one after another in this process, on one thread, after a warm-up.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch evaluate --data ./orgsearch-data --queries queries.tsv --misses 20\n\
     orgsearch evaluate --names 10000 --json"
))]
pub(super) struct Evaluate {
    /// The queries with their right answers; may end in .gz.
    #[arg(long, value_name = "FILE", required_unless_present = "names")]
    queries: Option<PathBuf>,
    /// Draws N official names at random, and checks that an organization of that very name comes first.
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
    /// An earlier --json answer to compare with.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct EvaluateAnswer {
    generation: String,
    orgs: u64,
    preset: &'static str,
    limit: u16,
    /// In the order the file first names them.
    families: Vec<FamilyScores>,
    /// All queries of the file; absent with `--names` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    overall: Option<Scores>,
    /// The official names drawn with `--names`.
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<Scores>,
    /// Queries that name no organization of this generation, so that no answer could be right.
    unanswerable: u64,
    misses: Vec<Miss>,
}

#[derive(Debug, Serialize)]
struct FamilyScores {
    family: String,
    #[serde(flatten)]
    scores: Scores,
}

/// A query whose first hit is wrong.
#[derive(Debug, Serialize)]
struct Miss {
    query: String,
    family: String,
    /// Where the first right answer stands, from 1.
    place: Option<usize>,
    wanted: Vec<NamedOrg>,
    got: Option<NamedOrg>,
    /// Why the first wanted organization is not first.
    why: Option<String>,
}

#[derive(Debug, Serialize)]
struct NamedOrg {
    id: String,
    /// Null if this generation has no such organization.
    name: Option<String>,
}

impl Evaluate {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let queries = self.queries.as_deref().map(queries::read).transpose()?;
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
            names: None,
            unanswerable: 0,
            misses: Vec::new(),
        };
        let progress = Progress::start("evaluate");
        if let Some(queries) = &queries {
            self.evaluate_queries(&engine, queries, &progress, &mut answer)?;
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
        for (at, query) in queries.iter().enumerate() {
            progress.at("queries", Unit::Rows, at as u64, Some(queries.len() as u64));
            let (hits, took) =
                self.ask(engine, &query.text).map_err(|failure| in_line(failure, query.line))?;
            let place = hits.hits.iter().position(|hit| query.ids.contains(&hit.org.id)).map(|at| at + 1);
            overall.add(place, took);
            family_of(&mut families, &query.family).add(place, took);
            if place != Some(1) {
                self.note_miss(engine, query, place, &hits, answer);
            }
        }
        let scored = |(family, tally): (&str, Tally)| FamilyScores {
            family: family.to_owned(),
            scores: tally.scores(),
        };
        answer.families = families.into_iter().map(scored).collect();
        answer.overall = Some(overall.scores());
        Ok(())
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
            let miss = Miss::new(&query.text, &query.family, place, wanted, hits);
            answer.misses.push(Miss { why: why(), ..miss });
        }
    }
}

/// The tally of a family, in the order families first come. There are a few dozen at most.
fn family_of<'f, 'q>(families: &'f mut Vec<(&'q str, Tally)>, family: &'q str) -> &'f mut Tally {
    let at = families.iter().position(|(known, _)| *known == family).unwrap_or_else(|| {
        families.push((family, Tally::default()));
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

impl Miss {
    fn new(query: &str, family: &str, place: Option<usize>, wanted: Vec<NamedOrg>, hits: &Hits) -> Self {
        let got = hits
            .hits
            .first()
            .map(|hit| NamedOrg { id: hit.org.id.clone(), name: Some(hit.org.name.clone()) });
        Miss { query: query.to_owned(), family: family.to_owned(), place, wanted, got, why: None }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let place = self.place.map_or_else(|| "not found".to_owned(), |place| format!("place {place}"));
        writeln!(out, "{}  [{}] {place}", printable(&self.query), printable(&self.family))?;
        for org in &self.wanted {
            writeln!(out, "    wanted  {}", org.words())?;
        }
        writeln!(
            out,
            "    got     {}",
            self.got.as_ref().map_or_else(|| "nothing".to_owned(), NamedOrg::words)
        )?;
        self.why.as_ref().map_or(Ok(()), |why| writeln!(out, "    why     {why}"))
    }
}

impl NamedOrg {
    fn words(&self) -> String {
        let name = self.name.as_deref().unwrap_or("(not in this generation)");
        printable(&format!("{}  {name}", self.id))
    }
}

impl EvaluateAnswer {
    fn write(&self, baseline: Option<&Baseline>, out: &mut dyn Write) -> io::Result<()> {
        let orgs = counted(self.orgs, "organization");
        writeln!(out, "generation {}, {orgs}, {} with limit {}", self.generation, self.preset, self.limit)?;
        self.table(baseline).write(out)?;
        if self.unanswerable > 0 {
            let (verb, count) =
                (if self.unanswerable == 1 { "query names" } else { "queries name" }, self.unanswerable);
            writeln!(out, "{} {verb} no organization of this generation", grouped(count))?;
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
        for FamilyScores { family, scores } in &self.families {
            add_row(&mut table, family, scores, baseline.map(|baseline| baseline.family(family)));
        }
        if let Some(overall) = &self.overall {
            add_row(&mut table, "overall", overall, baseline.map(|baseline| baseline.overall.as_ref()));
        }
        if let Some(names) = &self.names {
            add_row(&mut table, "official names", names, baseline.map(|baseline| baseline.names.as_ref()));
        }
        table
    }
}

fn add_row(table: &mut Table, title: &str, scores: &Scores, before: Option<Option<&Scores>>) {
    let ratio = |of: fn(&Scores) -> f64| match before {
        None => format!("{:.4}", of(scores)),
        Some(None) => format!("{:.4} (new)", of(scores)),
        Some(Some(before)) => format!("{:.4} ({:+.4})", of(scores), of(scores) - of(before)),
    };
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
