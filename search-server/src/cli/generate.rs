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
    FAMILIES, GenerateOptions, MAX_ORGS, MORE_FAMILIES, Scope, generate, generate_queries_of, write_csv,
    write_queries,
};
use serde::Serialize;

/// Invents an org-tree, and queries with their right answers.
///
/// Names are made of real places, schools and companies. The same number, seed and scope give the same bytes. Queries
/// are lines for `evaluate`: text, ids and family, separated by tabs. Every organization that a query describes as well
/// as any is among its ids. --families asks for kinds of query that are not made otherwise: sentences, dictated ones,
/// English ones and others.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch generate --orgs 100000 --seed 1 --to orgs.csv.gz --queries queries.tsv\n\
     orgsearch generate --orgs 400000 --to orgs.csv.gz --queries more.tsv --families more --per-family 1000\n\
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
    /// Prints one JSON object saying what was written.
    #[arg(long)]
    json: bool,
}

/// The families that are made when none is named.
const USUAL: &str = "usual";
/// All families that are made only when they are named.
const MORE: &str = "more";

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
    queries: Option<QueriesWritten>,
}

#[derive(Debug, Serialize)]
struct QueriesWritten {
    count: u64,
    to: String,
}

impl Generate {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        self.check_standard_output()?;
        let options = self.options();
        let progress = Progress::start("generate");
        let orgs =
            self.to.write(|out| write_csv(watched(generate(&options), &progress, "orgs", self.orgs), out))?;
        let queries = match &self.queries {
            None => None,
            Some(to) => {
                let queries = generate_queries_of(&options, self.per_family, &self.families());
                let count = to.write(|out| write_queries(&queries, out))?;
                Some(QueriesWritten { count, to: to.to_string() })
            }
        };
        drop(progress);
        let answer = GenerateAnswer { seed: self.seed, orgs, to: self.to.to_string(), queries };
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
        let orgs = format!("{} in {}", counted(self.orgs, "organization"), self.to);
        match &self.queries {
            None => orgs,
            Some(queries) => {
                let count = if queries.count == 1 {
                    "1 query".to_owned()
                } else {
                    format!("{} queries", queries.count)
                };
                format!("{orgs}, {count} in {}", queries.to)
            }
        }
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
