//! `orgsearch store`: what an object store holds, whether it is whole, and what may go.

use super::at_store::{on_store, watched};
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::numbers::{bytes, counted, grouped};
use super::output::{self, printable};
use super::progress::Progress;
use super::table::{Align, Table};
use crate::replica::{
    FormatStatus, PruneOptions, Pruned, StoreAddress, StoreStatus, Transfer, Verified, prune, status, verify,
};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::{self, Write};
use std::time::Duration;

/// Shows, verifies and prunes what `publish` put into an object store.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch store status --at s3://orgs/prod\n\
     orgsearch store verify --at s3://orgs/prod\n\
     orgsearch store prune --keep 3 --at s3://orgs/prod"
))]
pub(super) struct Store {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Names the generations of each format, and the writer.
    #[command(after_help = help_end("orgsearch store status --at s3://orgs/prod"))]
    Status(At),
    /// Reads every entry and every file that a generation needs; ends with 3 if one is wrong.
    #[command(after_help = help_end("orgsearch store verify --at s3://orgs/prod"))]
    Verify(At),
    /// Removes the oldest generations, and files that no generation needs.
    #[command(after_help = help_end("orgsearch store prune --keep 3 --at s3://orgs/prod"))]
    Prune {
        #[command(flatten)]
        at: At,
        /// Generations of each format that stay; at least 1.
        #[arg(long, value_name = "N", default_value_t = 3)]
        keep: usize,
        /// A format of which no generation stays, once no replica reads it any more: 7-1a2b3c4d, or 7.
        #[arg(long, value_name = "FORMAT")]
        drop_format: Vec<String>,
        /// Hours that a file stays which no generation needs; at least 1, as an upload may be under way.
        #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=24 * 365))]
        grace: u64,
        /// Only says what would go.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Args)]
struct At {
    /// The store: s3://bucket/prefix, gs://bucket/prefix, az://container/prefix or file:///folder.
    #[arg(long, value_name = "URL", value_parser = StoreAddress::parse)]
    at: StoreAddress,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// The `--json` answer of `status`.
#[derive(Debug, Serialize)]
struct StatusAnswer {
    at: String,
    formats: Vec<FormatJson>,
    files: usize,
    size_bytes: u64,
    /// Files that no generation needs.
    unneeded_files: usize,
    unneeded_bytes: u64,
}

#[derive(Debug, Serialize)]
struct FormatJson {
    format: String,
    /// Of the last entry.
    sequence: u64,
    epoch: u64,
    writer: String,
    /// Batches of changes above the newest generation.
    batches: usize,
    /// The number of the last of them.
    last_batch: Option<u64>,
    /// The newest first.
    generations: Vec<StoredJson>,
}

#[derive(Debug, Serialize)]
struct StoredJson {
    generation: String,
    sequence: u64,
    orgs: u64,
    size_bytes: u64,
    source_digest: String,
    /// By the writer's clock, in seconds since 1970.
    published_at: u64,
}

/// The `--json` answer of `verify`.
#[derive(Debug, Serialize)]
struct VerifyAnswer {
    intact: bool,
    entries: u64,
    /// Batches of changes that some generation needs, or that come on top of the newest.
    batches: usize,
    files: usize,
    bytes: u64,
    faults: Vec<String>,
}

/// The `--json` answer of `prune`.
#[derive(Debug, Serialize)]
struct PruneAnswer {
    dry_run: bool,
    generations: Vec<PrunedJson>,
    /// Batches of changes that no generation needs.
    batches: usize,
    files: usize,
    bytes: u64,
    /// Files that no generation needs, and that are too young to go.
    waiting_files: usize,
}

#[derive(Debug, Serialize)]
struct PrunedJson {
    format: String,
    generation: String,
}

impl Store {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        match self.action {
            Action::Status(At { at, json }) => {
                let status = on_store(&at, async |store| status(&store).await)?;
                let answer = StatusAnswer::new(&at, &status);
                match json {
                    true => output::print_json(&answer)?,
                    false => output::print(|out| answer.write(out))?,
                }
            }
            Action::Verify(at) => return run_verify(&at),
            Action::Prune { at: At { at, json }, keep, drop_format, grace, dry_run } => {
                let grace = Duration::from_secs(grace.saturating_mul(60 * 60)).max(PruneOptions::LEAST_GRACE);
                let options = PruneOptions { keep, drop_formats: drop_format, grace, dry_run };
                let pruned = on_store(&at, async |store| prune(&store, &options).await)?;
                let answer = PruneAnswer::new(pruned, dry_run);
                match json {
                    true => output::print_json(&answer)?,
                    false => output::print(|out| answer.write(out))?,
                }
            }
        }
        Ok(Exit::Done)
    }
}

fn run_verify(At { at, json }: &At) -> Result<Exit, Failure> {
    let (progress, read) = (Progress::start("store"), Transfer::default());
    let steps = [("verify", &read)];
    let Verified { entries, batches, files, bytes: size, faults } =
        on_store(at, async |store| watched(&progress, &steps, verify(&store, &read)).await)?;
    drop(progress);
    let answer = VerifyAnswer { intact: faults.is_empty(), entries, batches, files, bytes: size, faults };
    if *json {
        output::print_json(&answer)?;
    }
    if !answer.intact {
        let message = format!("{at} is damaged: {}", answer.faults.join("; "));
        return Err(Failure::new(Exit::Generation, message)
            .help("run orgsearch publish on the writer: it sends files that are missing once more"));
    }
    if !*json {
        let (entries, files) = (grouped(answer.entries), counted(answer.files as u64, "file"));
        output::print(|out| writeln!(out, "intact: entries: {entries}, {files}, {}", bytes(answer.bytes)))?;
    }
    Ok(Exit::Done)
}

impl StatusAnswer {
    fn new(at: &StoreAddress, status: &StoreStatus) -> Self {
        let (unneeded_files, unneeded_bytes) = status.unnamed();
        StatusAnswer {
            at: at.to_string(),
            formats: status.formats.iter().map(FormatJson::new).collect(),
            files: status.files.len(),
            size_bytes: status.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes)),
            unneeded_files,
            unneeded_bytes,
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for format in &self.formats {
            let FormatJson { format: name, sequence, epoch, writer, batches, generations, .. } = format;
            writeln!(out, "format {name}: entry {sequence}, epoch {epoch}, writer {}", printable(writer))?;
            if let Some(last) = format.last_batch {
                writeln!(
                    out,
                    "{batches} batches of changes above the newest generation, the last is {last}"
                )?;
            }
            let mut table = Table::new(&[
                ("GENERATION", Align::Left),
                ("ENTRY", Align::Right),
                ("ORGS", Align::Right),
                ("SIZE", Align::Right),
            ]);
            for one in generations {
                let (orgs, size) = (grouped(one.orgs), bytes(one.size_bytes));
                table.row([one.generation.clone(), grouped(one.sequence), orgs, size]);
            }
            table.write(out)?;
        }
        if self.formats.is_empty() {
            writeln!(out, "nothing was ever published to {}", self.at)?;
        }
        let (files, unneeded) = (counted(self.files as u64, "file"), bytes(self.unneeded_bytes));
        writeln!(out, "{files}, {}; {unneeded} of them no generation needs", bytes(self.size_bytes))
    }
}

impl FormatJson {
    fn new(format: &FormatStatus) -> Self {
        let generations = format.generations.iter().filter_map(|entry| {
            let generation = entry.generation()?;
            Some(StoredJson {
                generation: generation.name.clone(),
                sequence: entry.sequence,
                orgs: generation.orgs,
                size_bytes: generation.size_bytes(),
                source_digest: generation.source_digest.clone(),
                published_at: entry.written_at,
            })
        });
        FormatJson {
            format: format.format.to_string(),
            sequence: format.end.sequence,
            epoch: format.end.epoch,
            writer: format.end.writer.clone(),
            batches: format.batches.0,
            last_batch: format.batches.1,
            generations: generations.collect(),
        }
    }
}

impl PruneAnswer {
    fn new(pruned: Pruned, dry_run: bool) -> Self {
        let generations = pruned.generations.into_iter();
        PruneAnswer {
            dry_run,
            generations: generations.map(|(format, generation)| PrunedJson { format, generation }).collect(),
            batches: pruned.batches,
            files: pruned.files,
            bytes: pruned.bytes,
            waiting_files: pruned.waiting,
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let verb = if self.dry_run { "would remove" } else { "removed" };
        for PrunedJson { format, generation } in &self.generations {
            writeln!(out, "{verb} {generation} of format {format}")?;
        }
        if self.batches > 0 {
            writeln!(out, "{verb} {} batches of changes", self.batches)?;
        }
        let (files, waiting) =
            (counted(self.files as u64, "file"), counted(self.waiting_files as u64, "file"));
        writeln!(out, "{verb} {files}, {}; {waiting} may go later", bytes(self.bytes))
    }
}
