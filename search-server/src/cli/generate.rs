//! `orgsearch generate`: an invented org-tree of any size, and what people would type for it.

use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::numbers::counted;
use super::output;
use super::progress::{Progress, Unit};
use super::target_file::Target;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use index_data::generate::{
    FAMILIES, GenerateOptions, MAX_ORGS, MORE_FAMILIES, RecordOptions, Scope, generate, generate_queries_of,
    generate_records, write_csv, write_queries, write_records,
};
use serde::Serialize;

/// Invents an org-tree, and queries and spreadsheet rows with their right answers.
///
/// Names are made of real places, schools and companies. The same number, seed and scope give the same bytes. Queries
/// are lines for `evaluate`: text, ids and family, separated by tabs. Every organization that a query describes as well
/// as any is among its ids. --families asks for kinds of query that are not made otherwise: sentences, dictated ones,
/// English ones and others.
///
/// Records are rows as people keep them in spreadsheets, tab-separated under a header: name, parent, region, code,
/// former_name, kind, expected, family. What is expected is the id of the organization that the row names, `ambiguous`
/// where several fit equally, or `none`. A row of `none` names nothing that the tree holds or held, under any spelling of
/// its numbers.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch generate --orgs 100000 --seed 1 --to orgs.csv.gz --queries queries.tsv\n\
     orgsearch generate --orgs 400000 --to orgs.csv.gz --queries more.tsv --families more --per-family 1000\n\
     orgsearch generate --orgs 200000 --to orgs.csv.gz --records records.tsv --records-count 10000\n\
     orgsearch generate --orgs 100000 --seed 1 --autumn --to autumn.csv.gz\n\
     orgsearch generate --orgs 1000 --scope beijing --to - | head"
))]
pub(super) struct Generate {
    /// How many organizations.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_ORGS))]
    orgs: u64,
    /// Chooses among all trees of this size.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Which part of the country.
    #[arg(long, value_enum, default_value_t = Region::National)]
    scope: Region,
    /// The same tree after the summer: a quarter of what has nothing below it has left, with as many new ones in place.
    #[arg(long, conflicts_with_all = ["queries", "records"])]
    autumn: bool,
    /// The org-tree as CSV; packed if it ends in .gz; - for standard output.
    #[arg(long, value_name = "FILE", value_parser = Target::parse)]
    to: Target,
    /// The queries for this tree; packed if it ends in .gz; - for standard output.
    #[arg(long, value_name = "FILE", value_parser = Target::parse)]
    queries: Option<Target>,
    /// How many queries of each family.
    #[arg(long, value_name = "N", default_value_t = 200, requires = "queries")]
    per_family: usize,
    /// Which families, with commas between: names, usual (what is made without this) or more (all others).
    #[arg(
        long,
        value_name = "NAMES",
        default_value = USUAL,
        value_delimiter = ',',
        requires = "queries",
        value_parser = family_names()
    )]
    families: Vec<String>,
    /// The records for this tree; packed if it ends in .gz; - for standard output.
    #[arg(long, value_name = "FILE", value_parser = Target::parse)]
    records: Option<Target>,
    /// How many records. A small tree may give fewer.
    #[arg(
        long,
        value_name = "N",
        default_value_t = RecordOptions::DEFAULT.count as u64,
        requires = "records",
        value_parser = clap::value_parser!(u64).range(1..=MOST_RECORDS)
    )]
    records_count: u64,
    /// The share of records that name no organization of the tree, 0 to 1.
    #[arg(
        long,
        value_name = "SHARE",
        default_value_t = RecordOptions::DEFAULT.none_share,
        requires = "records",
        value_parser = share
    )]
    records_none: f64,
    /// The chance of a second disturbance on a record, 0 to 1.
    #[arg(
        long,
        value_name = "SHARE",
        default_value_t = RecordOptions::DEFAULT.noise,
        requires = "records",
        value_parser = share
    )]
    records_noise: f64,
    /// Prints one JSON object saying what was written.
    #[arg(long)]
    json: bool,
}

/// The families that are made when none is named.
const USUAL: &str = "usual";
/// All families that are made only when they are named.
const MORE: &str = "more";

/// The most records of one file: they are held in memory until all are judged.
const MOST_RECORDS: u64 = 1_000_000;

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("not a number from 0 to 1".to_owned()),
    }
}

fn family_names() -> PossibleValuesParser {
    PossibleValuesParser::new([USUAL, MORE].into_iter().chain(FAMILIES).chain(MORE_FAMILIES))
}

/// Which part of the country to invent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Region {
    /// All provinces and the organizations outside them.
    National,
    /// Beijing only.
    Beijing,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct GenerateAnswer {
    seed: u64,
    orgs: u64,
    to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    queries: Option<LinesWritten>,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<LinesWritten>,
}

#[derive(Debug, Serialize)]
struct LinesWritten {
    count: u64,
    to: String,
}

impl Generate {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        self.check_standard_output()?;
        let options = self.options();
        let progress = Progress::start("generate");
        let rows = if self.autumn { generate(&options).after_the_summer() } else { generate(&options) };
        let orgs = self.to.write(|out| write_csv(watched(rows, &progress, "orgs", self.orgs), out))?;
        let queries = match &self.queries {
            None => None,
            Some(to) => {
                let queries = generate_queries_of(&options, self.per_family, &self.families());
                let count = to.write(|out| write_queries(&queries, out))?;
                Some(LinesWritten { count, to: to.to_string() })
            }
        };
        let records = match &self.records {
            None => None,
            Some(to) => {
                let records = generate_records(&options, &self.record_options());
                let count = to.write(|out| write_records(&records, out))?;
                Some(LinesWritten { count, to: to.to_string() })
            }
        };
        drop(progress);
        let answer = GenerateAnswer { seed: self.seed, orgs, to: self.to.to_string(), queries, records };
        if self.json {
            output::print_json(&answer)?;
        } else {
            // On standard error, as standard output may hold the rows.
            output::say(&answer.words());
        }
        Ok(Exit::Done)
    }

    fn options(&self) -> GenerateOptions {
        let scope = match self.scope {
            Region::National => Scope::National,
            Region::Beijing => Scope::Beijing,
        };
        GenerateOptions { orgs: self.orgs, seed: self.seed, scope }
    }

    fn record_options(&self) -> RecordOptions {
        RecordOptions {
            count: self.records_count as usize,
            none_share: self.records_none,
            noise: self.records_noise,
        }
    }

    fn families(&self) -> Vec<&str> {
        let named = |name: &str| self.families.iter().any(|named| named == name);
        let usual = FAMILIES.into_iter().filter(|family| named(USUAL) || named(family));
        usual.chain(MORE_FAMILIES.into_iter().filter(|family| named(MORE) || named(family))).collect()
    }

    /// Two results cannot share standard output.
    fn check_standard_output(&self) -> Result<(), Failure> {
        let takers = [
            (self.to == Target::StandardOutput, "--to -"),
            (self.queries == Some(Target::StandardOutput), "--queries -"),
            (self.records == Some(Target::StandardOutput), "--records -"),
            (self.json, "--json"),
        ];
        let taken: Vec<_> =
            takers.iter().filter(|(takes, _)| *takes).map(|(_, argument)| *argument).collect();
        match taken.len() {
            0 | 1 => Ok(()),
            _ => Err(Failure::new(
                Exit::Usage,
                format!("{} both write to standard output", taken.join(" and ")),
            )),
        }
    }
}

impl GenerateAnswer {
    fn words(&self) -> String {
        let mut words = format!("{} in {}", counted(self.orgs, "organization"), self.to);
        if let Some(queries) = &self.queries {
            let count =
                if queries.count == 1 { "1 query".to_owned() } else { format!("{} queries", queries.count) };
            words.push_str(&format!(", {count} in {}", queries.to));
        }
        if let Some(records) = &self.records {
            words.push_str(&format!(", {} in {}", counted(records.count, "record"), records.to));
        }
        words
    }
}

fn watched<T>(
    rows: impl Iterator<Item = T>,
    progress: &Progress,
    step: &'static str,
    total: u64,
) -> impl Iterator<Item = T> {
    rows.enumerate().map(move |(at, row)| {
        if at.is_multiple_of(1024) {
            progress.at(step, Unit::Rows, at as u64, Some(total));
        }
        row
    })
}
