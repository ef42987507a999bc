//! `orgsearch status`: the generations of a data directory.

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::numbers::{bytes, grouped};
use super::output::{self, printable};
use super::table::{Align, Table, shortened};
use crate::json::generation::GenerationJson;
use clap::Args;
use search_core::{EngineError, GenerationInfo};
use serde::Serialize;
use std::io::{self, Write};

/// Cells of the source digest that are shown; `--json` has it whole.
const DIGEST_CELLS: usize = 16;

/// Shows the generations of a data directory, and which one is live.
///
/// Opening looks at the manifest and the sizes of files only; --verify reads every byte of the live generation and
/// ends with 3 if a checksum is wrong.
#[derive(Debug, Args)]
#[command(after_help = help_end("orgsearch status --data ./orgsearch-data --verify"))]
pub(super) struct Status {
    /// Reads every checksum of the live generation.
    #[arg(long)]
    verify: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct StatusAnswer {
    data: String,
    live: String,
    /// Oldest first.
    generations: Vec<GenerationJson>,
    /// Only with `--verify`.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<Verified>,
}

#[derive(Debug, Serialize)]
struct Verified {
    intact: bool,
    damaged: Vec<String>,
}

impl Status {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let refuse = |error| Failure::engine(error, data.path());
        let engine = data.unopened()?;
        let no_generation = || EngineError::NoGeneration { dir: data.path().to_owned() };
        let live = engine.published().and_then(|name| name.ok_or_else(no_generation)).map_err(refuse)?;
        let generations = engine.generations().map_err(refuse)?;
        // What is there is shown even where the live generation cannot be used.
        let health =
            if self.verify { engine.verify().map(Some).map_err(refuse) } else { data.open().map(|_| None) };
        let damaged = health.as_ref().ok().cloned().flatten();
        let answer = StatusAnswer {
            data: data.path().display().to_string(),
            live,
            generations: generations.iter().cloned().map(Into::into).collect(),
            verified: damaged.map(|damaged| Verified { intact: damaged.is_empty(), damaged }),
        };
        if self.json {
            output::print_json(&answer)?;
        } else {
            output::print(|out| answer.write(&generations, out))?;
        }
        health?;
        match answer.verified {
            Some(Verified { intact: false, damaged }) => Err(damaged_files(&answer.live, &damaged, data)),
            _ => Ok(Exit::Done),
        }
    }
}

fn damaged_files(live: &str, damaged: &[String], data: &DataDir) -> Failure {
    let message = format!("generation {live} is damaged: {}", damaged.join(", "));
    let data = data.path().display();
    Failure::new(Exit::Generation, message)
        .help(format!("orgsearch rollback --data {data}, or orgsearch reindex --data {data} --from FILE"))
}

impl StatusAnswer {
    fn write(&self, generations: &[GenerationInfo], out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "data: {}", printable(&self.data))?;
        let mut table = Table::new(&[
            ("GENERATION", Align::Left),
            ("LIVE", Align::Left),
            ("ORGS", Align::Right),
            ("SIZE", Align::Right),
            ("FORMAT", Align::Right),
            ("LEXICON", Align::Left),
            ("SOURCE", Align::Left),
        ]);
        for generation in generations {
            table.row([
                generation.name.clone(),
                if generation.live { "live" } else { "" }.to_owned(),
                grouped(generation.orgs),
                bytes(generation.size_bytes),
                generation.format_version.to_string(),
                shortened(&generation.lexicon_version, DIGEST_CELLS),
                shortened(&generation.source_digest, DIGEST_CELLS),
            ]);
        }
        table.write(out)?;
        match &self.verified {
            Some(Verified { intact: true, .. }) => writeln!(out, "every checksum of {} is right", self.live),
            _ => Ok(()),
        }
    }
}
