//! `orgsearch generations`: what stands in a data directory, one by one.

use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::generation;
use super::numbers::{bytes, grouped};
use super::output::{self, printable};
use super::table::{Align, Table};
use crate::json::generation::{GenerationDetailsJson, GenerationJson, PrunedJson, VerifiedJson};
use clap::{Args, Subcommand};
use search_core::{Engine, EngineError, GenerationFile, GenerationInfo};
use serde::Serialize;
use std::io::{self, Write};

/// Lists, inspects, verifies, activates and prunes generations.
///
/// `rollback` goes to the generation before the live one; `activate` to any. Neither disturbs readers, and nothing is
/// deleted but by `prune`, which keeps the live generation and the one it replaced.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch generations list --data ./orgsearch-data\n\
     orgsearch generations verify g000012\n\
     orgsearch generations prune --keep 2"
))]
pub(super) struct Generations {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Names all, the oldest first.
    #[command(after_help = help_end("orgsearch generations list"))]
    List(Json),
    /// Shows one, with its files and what the gate said.
    #[command(after_help = help_end("orgsearch generations inspect g000012"))]
    Inspect(Named),
    /// Reads every checksum of one; ends with 3 if one is wrong.
    #[command(after_help = help_end("orgsearch generations verify g000012"))]
    Verify(Named),
    /// Makes one live.
    #[command(after_help = help_end("orgsearch generations activate g000012"))]
    Activate(Named),
    /// Removes the oldest, never the live one or the one it replaced.
    #[command(after_help = help_end("orgsearch generations prune --keep 2"))]
    Prune {
        /// How many stay.
        #[arg(long, value_name = "N", default_value_t = 3)]
        keep: usize,
        #[command(flatten)]
        json: Json,
    },
}

#[derive(Debug, Args)]
struct Json {
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Named {
    /// The generation, as `list` names it.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    json: Json,
}

/// The `--json` answer of `list`.
#[derive(Debug, Serialize)]
struct ListAnswer {
    /// The oldest first.
    generations: Vec<GenerationJson>,
}

/// The `--json` answer of `activate`.
#[derive(Debug, Serialize)]
struct ActivateAnswer {
    /// The generation that is live now.
    generation: GenerationJson,
}

impl Generations {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let (engine, refuse) = (data.unopened()?, |error| Failure::engine(error, data.path()));
        match self.action {
            Action::List(Json { json }) => list(&engine, json).map_err(refuse)??,
            Action::Inspect(named) => {
                let (info, files) = engine.inspect(&named.name).map_err(refuse)?;
                match named.json.json {
                    true => output::print_json(&GenerationDetailsJson::new(info, files))?,
                    false => output::print(|out| write_details(&info, &files, out))?,
                }
            }
            Action::Verify(named) => {
                let damaged = engine.verify_generation(&named.name, &mut |_| ()).map_err(refuse)?;
                let answer = VerifiedJson::new(named.name, damaged);
                if named.json.json {
                    output::print_json(&answer)?;
                }
                if !answer.damaged.is_empty() {
                    let message = format!("{} is damaged: {}", answer.generation, answer.damaged.join(", "));
                    return Err(Failure::new(Exit::Generation, message));
                }
                if !named.json.json {
                    output::print(|out| writeln!(out, "every checksum of {} is right", answer.generation))?;
                }
            }
            Action::Activate(named) => {
                let info = engine.rollback(Some(&named.name)).map_err(refuse)?;
                match named.json.json {
                    true => output::print_json(&ActivateAnswer { generation: info.into() })?,
                    false => output::print(|out| writeln!(out, "live: {}", generation::words(&info)))?,
                }
            }
            Action::Prune { keep, json: Json { json } } => {
                let removed = engine.prune(keep).map_err(refuse)?;
                match json {
                    true => output::print_json(&PrunedJson { removed })?,
                    false if removed.is_empty() => output::print(|out| writeln!(out, "nothing to remove"))?,
                    false => output::print(|out| writeln!(out, "removed: {}", removed.join(", ")))?,
                }
            }
        }
        Ok(Exit::Done)
    }
}

fn list(engine: &Engine, json: bool) -> Result<Result<(), Failure>, EngineError> {
    let generations = engine.generations()?;
    if json {
        let generations = generations.into_iter().map(Into::into).collect();
        return Ok(output::print_json(&ListAnswer { generations }));
    }
    let mut table = Table::new(&[
        ("GENERATION", Align::Left),
        ("LIVE", Align::Left),
        ("ORGS", Align::Right),
        ("SIZE", Align::Right),
        ("REPLACES", Align::Left),
        ("GATE", Align::Left),
    ]);
    for generation in &generations {
        table.row([
            generation.name.clone(),
            if generation.live { "live" } else { "" }.to_owned(),
            grouped(generation.orgs),
            bytes(generation.size_bytes),
            generation.replaces.clone().unwrap_or_default(),
            gate_words(generation),
        ]);
    }
    Ok(output::print(|out| table.write(out)))
}

fn gate_words(generation: &GenerationInfo) -> String {
    let outcome = generation.gate.as_deref().unwrap_or("none");
    match generation.tripped.join(", ") {
        tripped if tripped.is_empty() => outcome.to_owned(),
        tripped => format!("{outcome}: {tripped}"),
    }
}

fn write_details(info: &GenerationInfo, files: &[GenerationFile], out: &mut dyn Write) -> io::Result<()> {
    let live = if info.live { ", live" } else { "" };
    writeln!(out, "{}{live}", generation::words(info))?;
    writeln!(out, "units: {}", grouped(info.units))?;
    writeln!(out, "replaces: {}", info.replaces.as_deref().unwrap_or("nothing"))?;
    writeln!(out, "gate: {}", printable(&gate_words(info)))?;
    writeln!(out, "format: {}, lexicons {}", info.format_version, printable(&info.lexicon_version))?;
    writeln!(out, "source: {}", printable(&info.source_digest))?;
    let mut table = Table::new(&[("FILE", Align::Left), ("BYTES", Align::Right), ("CRC-32", Align::Left)]);
    for file in files {
        table.row([file.path.clone(), grouped(file.bytes), format!("{:08x}", file.crc32)]);
    }
    table.write(out)
}
