//! `orgsearch generate`: an invented org-tree of any size, and what people would type for it.

use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::numbers::counted;
use super::output;
use super::progress::{Progress, Unit};
use super::target_file::Target;
use clap::{Args, ValueEnum};
use index_data::generate::{
    GenerateOptions, MAX_ORGS, Scope, generate, generate_queries, write_csv, write_queries,
};
use serde::Serialize;

/// Invents an org-tree, and queries with their right answers.
///
/// Names are made of real places, schools and companies. The same number, seed and scope give the same bytes. Queries
/// are lines for `evaluate`: text, ids and family, separated by tabs.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch generate --orgs 100000 --seed 1 --to orgs.csv.gz --queries queries.tsv\n\
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
    /// Prints one JSON object saying what was written.
    #[arg(long)]
    json: bool,
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
                let queries = generate_queries(&options, self.per_family);
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
