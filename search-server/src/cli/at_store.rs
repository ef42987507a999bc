//! What commands on an object store share: its client, a runtime to wait in, and its errors.

use super::exit::Exit;
use super::failure::Failure;
use super::progress::{Progress, Unit};
use crate::replica::{Patience, ReplicaError, StoreAddress, Transfer};
use object_store::ObjectStore;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Runs work on a store until it is done.
pub(super) fn on_store<T>(
    address: &StoreAddress,
    work: impl AsyncFnOnce(Arc<dyn ObjectStore>) -> Result<T, ReplicaError>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::reading("the state of the network", &error))?;
    let done = runtime.block_on(async { work(address.open(Patience::Writer)?).await });
    done.map_err(|error| Failure::replica(error, address))
}

/// Shows how far a transfer has come, as long as `work` goes on.
pub(super) async fn watched<T>(
    progress: &Progress,
    steps: &[(&'static str, &Transfer)],
    work: impl Future<Output = T>,
) -> T {
    const EVERY: Duration = Duration::from_millis(200);
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(EVERY) => show(progress, steps),
        }
    }
}

/// The last step that has something to do.
fn show(progress: &Progress, steps: &[(&'static str, &Transfer)]) {
    let under_way = steps.iter().rev().map(|(step, transfer)| (*step, transfer.done()));
    if let Some((step, (done, total))) = under_way.into_iter().find(|(_, (_, total))| *total > 0) {
        progress.at(step, Unit::Bytes, done, Some(total));
    }
}

impl Failure {
    /// Why something about an object store did not succeed.
    pub(super) fn replica(error: ReplicaError, address: &StoreAddress) -> Self {
        let message = match &error {
            ReplicaError::Engine(_) => String::new(),
            error => format!("{address}: {error}"),
        };
        match error {
            ReplicaError::Engine(error) => Failure::engine(error, Path::new("DIR")),
            ReplicaError::Store { .. } => Failure::new(Exit::System, message)
                .help("look whether the store answers, and whether the keys in the environment may read and write there"),
            ReplicaError::Address { .. } => {
                Failure::new(Exit::System, message).help("the variables that each store needs are in docs/operate.md")
            }
            ReplicaError::TakenOver { .. } | ReplicaError::Crowded { .. } => Failure::new(Exit::Generation, message)
                .help("let one writer at a time publish; run it again once the other one is done"),
            ReplicaError::NumberTaken { .. } => {
                Failure::new(Exit::Generation, message).help("run orgsearch compact, and publish again")
            }
            ReplicaError::LacksBatch { .. } | ReplicaError::LacksGeneration { .. } => {
                Failure::new(Exit::Generation, message).help(
                    "docs/operate.md, under incidents, says how to bring what is lacking into this data directory",
                )
            }
            ReplicaError::NameTaken { .. } => Failure::new(Exit::Generation, message).help(
                "this data directory counts its generations anew: publish from the one used before, or from that of a replica",
            ),
            ReplicaError::Damaged { .. } => {
                Failure::new(Exit::Generation, message).help("orgsearch status --verify tells what is damaged")
            }
            ReplicaError::NothingToPublish { .. } => Failure::new(Exit::Generation, message)
                .help("orgsearch reindex --from FILE builds one; orgsearch generations list names all"),
            ReplicaError::Io { .. } => Failure::new(Exit::System, message),
            _ => Failure::new(Exit::Generation, message),
        }
    }
}
