//! `orgsearch publish`: the live generation goes into an object store, for replicas to serve.

use super::at_store::{on_store, watched};
use super::data_dir::DataDir;
use super::exit::{Exit, help_end};
use super::failure::Failure;
use super::numbers::{bytes, counted};
use super::output;
use super::progress::Progress;
use crate::replica::{Outcome, Published, Publishing, StoreAddress, Transfer, chosen};
use clap::Args;
use search_core::SealedGeneration;
use search_core::changes::LocalChanges;
use serde::Serialize;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

/// Puts the live generation and the batches of changes above it into an object store, from which `serve --follow` serves
/// them.
///
/// Files that the store has already are not sent again; so a publish that was interrupted may just be run again. Replicas
/// see the generation once all of it is there. If another writer begins to publish meanwhile, this one ends with 3 and
/// nothing is published.
///
/// Keys come from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and, for other stores than
/// Amazon's, AWS_ENDPOINT; GOOGLE_APPLICATION_CREDENTIALS; AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY.
#[derive(Debug, Args)]
#[command(after_help = help_end(
    "orgsearch publish --data ./orgsearch-data --to s3://orgs/prod\n\
     orgsearch publish --to file:///srv/orgs --json"
))]
pub(super) struct Publish {
    /// The store: s3://bucket/prefix, gs://bucket/prefix, az://container/prefix or file:///folder.
    #[arg(long, value_name = "URL", value_parser = StoreAddress::parse)]
    to: StoreAddress,
    /// Publishes the newest generation of this format too, which another version of the program built in the same
    /// directory: for replicas that are not upgraded yet. `orgsearch store status` names formats: 7-1a2b3c4d, or 7.
    #[arg(long, value_name = "FORMAT")]
    also_format: Vec<String>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// The `--json` answer.
#[derive(Debug, Serialize)]
struct PublishAnswer {
    to: String,
    /// The live generation first.
    published: Vec<PublishedJson>,
}

#[derive(Debug, Serialize)]
struct PublishedJson {
    generation: String,
    format: String,
    orgs: u64,
    sequence: u64,
    epoch: u64,
    /// False: the store had it already.
    is_new: bool,
    /// Batches of changes that the store did not have yet.
    batches_published: usize,
    size_bytes: u64,
    files_uploaded: usize,
    bytes_uploaded: u64,
    took_ms: u64,
}

impl Publish {
    pub(super) fn run(self, data: &DataDir) -> Result<Exit, Failure> {
        let all =
            chosen(data.path(), &self.also_format).map_err(|error| Failure::replica(error, &self.to))?;
        let mut published = Vec::new();
        for (sealed, changes) in &all {
            published.push(self.publish(sealed, changes)?);
        }
        let answer = PublishAnswer { to: self.to.to_string(), published };
        match self.json {
            true => output::print_json(&answer)?,
            false => output::print(|out| answer.published.iter().try_for_each(|one| one.write(out)))?,
        }
        Ok(Exit::Done)
    }

    fn publish(&self, sealed: &SealedGeneration, changes: &LocalChanges) -> Result<PublishedJson, Failure> {
        let (progress, began) = (Progress::start("publish"), Instant::now());
        let (hashed, uploaded) = (Arc::new(Transfer::default()), Arc::new(Transfer::default()));
        let steps = [("read", &*hashed), ("upload", &*uploaded)];
        let done = on_store(&self.to, async |store| {
            let (hashed, uploaded) = (Arc::clone(&hashed), Arc::clone(&uploaded));
            let publishing = Publishing { store, sealed, changes, hashed, uploaded };
            watched(&progress, &steps, publishing.run()).await
        })?;
        let Published { outcome, entry, uploaded: files_uploaded, batches } = done;
        let generation = entry.generation();
        Ok(PublishedJson {
            generation: sealed.name.clone(),
            format: sealed.format.to_string(),
            orgs: sealed.orgs,
            sequence: entry.sequence,
            epoch: entry.epoch,
            is_new: outcome == Outcome::Published,
            batches_published: batches,
            size_bytes: generation.map_or(0, |generation| generation.size_bytes()),
            files_uploaded,
            bytes_uploaded: uploaded.moved(),
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }
}

impl PublishedJson {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let PublishedJson { generation, format, sequence, .. } = self;
        if !self.is_new {
            let batches = self.batches_published;
            return writeln!(
                out,
                "{generation} (format {format}) was there already, as entry {sequence}; {batches} batches of changes sent"
            );
        }
        let files = counted(self.files_uploaded as u64, "file");
        let (sent, seconds) = (bytes(self.bytes_uploaded), self.took_ms as f64 / 1000.0);
        writeln!(
            out,
            "{generation} (format {format}) is entry {sequence}: {files}, {sent} sent in {seconds:.1} s"
        )
    }
}
