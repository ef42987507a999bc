//! Measures orgsearch against bare tantivy, in one process and one run, on a declared case.
//!
//! ```text
//! cargo run --release -p orgsearch-benches -- --case benches/cases/everyday.toml
//! cargo run --release -p orgsearch-benches -- --case benches/cases/everyday.toml --orgs 1000000
//! cargo run --release -p orgsearch-benches -- --from export.csv.gz --queries queries.tsv
//! ```
//! Absolute times belong to one machine on one day; the ratios are what to compare. A case names the answers that
//! must be right: a run that gives others fails, however fast it was.

mod allocations;
mod baseline;
mod calibrate;
mod case;
mod corpus;
mod keystrokes;
mod latency;
mod law;
mod reindex;
mod search;
mod tune;
mod wide;

use case::Case;
use clap::Parser;
use corpus::Corpus;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tempfile::TempDir;

#[global_allocator]
static ALLOCATOR: allocations::Counted = allocations::Counted;

/// Measures orgsearch against bare tantivy in the same run.
#[derive(Parser)]
struct Arguments {
    /// The declared case.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/everyday.toml"))]
    case: PathBuf,
    /// Another number of organizations than the case's.
    #[arg(long)]
    orgs: Option<u64>,
    /// An org-tree file instead of a generated corpus.
    #[arg(long)]
    from: Option<PathBuf>,
    /// Queries with answers (query TAB ids TAB family) instead of generated ones.
    #[arg(long)]
    queries: Option<PathBuf>,
    /// Where the corpus and the indexes stay; a second run with the same corpus measures searches without building
    /// again. Otherwise all goes with the run.
    #[arg(long)]
    work: Option<PathBuf>,
    /// Measure every prefix of every query, as a form sends them, instead of whole queries.
    #[arg(long)]
    keystrokes: bool,
    /// Hold law 1 against a scan of all names, for 1,000 substrings, instead of measuring searches.
    #[arg(long)]
    law: bool,
    /// Measure totals and facets of texts that a large part of the corpus holds; the case has a table `wide`.
    #[arg(long)]
    wide: bool,
    /// Leave the baselines out.
    #[arg(long)]
    alone: bool,
    /// Only rebuild, do not search.
    #[arg(long)]
    only_reindex: bool,
    /// Fit the constants of the score instead of measuring searches.
    #[arg(long)]
    calibrate: bool,
    /// Look for better weights of the features instead of measuring searches.
    #[arg(long)]
    tune: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            report(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    if arguments.from.is_some() && arguments.queries.is_none() && !arguments.only_reindex {
        return Err("a file of its own needs its --queries, or --only-reindex".into());
    }
    let mut case = Case::read(&arguments.case)?;
    case.orgs = arguments.orgs.unwrap_or(case.orgs);
    let dir = WorkDir::new(arguments.work.clone())?;
    let corpus = Corpus::prepare(
        &case,
        dir.path(),
        arguments.from.as_deref(),
        arguments.queries.as_deref(),
        arguments.only_reindex,
    )?;
    report(&format!("corpus: {} organizations, {} queries", corpus.orgs, corpus.queries.len()));
    let built = reindex::measure(&corpus, dir.path(), arguments.alone)?;
    if arguments.only_reindex {
        return Ok(true);
    }
    if arguments.calibrate {
        calibrate::fit(&corpus, &built)?;
        return Ok(true);
    }
    if arguments.tune {
        tune::search(&corpus, &built)?;
        return Ok(true);
    }
    if arguments.law {
        return law::check(&corpus, &built.engine);
    }
    if arguments.wide {
        let wide = case.wide.as_ref().ok_or("the case has no table `wide`")?;
        return wide::measure(&corpus, &built.engine, wide);
    }
    if arguments.keystrokes {
        keystrokes::measure(&corpus.queries, &built)?;
        return Ok(true);
    }
    search::measure(&corpus, &built, &case)
}

/// Where corpus and indexes go.
enum WorkDir {
    Kept(PathBuf),
    Temporary(TempDir),
}

impl WorkDir {
    fn new(kept: Option<PathBuf>) -> std::io::Result<WorkDir> {
        match kept {
            Some(dir) => std::fs::create_dir_all(&dir).map(|()| WorkDir::Kept(dir)),
            None => TempDir::new().map(WorkDir::Temporary),
        }
    }

    fn path(&self) -> &Path {
        match self {
            WorkDir::Kept(dir) => dir,
            WorkDir::Temporary(dir) => dir.path(),
        }
    }
}

/// One line of the report, on standard output.
#[expect(clippy::print_stdout, reason = "the report of a bench is its standard output")]
fn report(line: &str) {
    println!("{line}");
}
