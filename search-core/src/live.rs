//! What a new tree is compared with: the generation that is live while it is built.

use crate::difference::{Comparison, compare};
use crate::error::EngineError;
use crate::gate::{Gate, GateReport};
use crate::index::generation;
use crate::index::manifest::{self, Manifest};
use crate::index::snapshot::Snapshot;
use crate::index::store::Store;
use crate::reindex::{EachChange, Judged};
use index_data::model::OrgTree;

/// What is live, as far as it can be read.
pub(crate) enum Live {
    /// Nothing was ever published, or nothing is in it.
    Nothing,
    /// The live generation.
    Opened(Snapshot),
    /// It is damaged or of another version.
    Unreadable {
        /// Why it cannot be opened.
        reason: String,
        /// Its units and leaves, if its manifest says them.
        counts: Option<(u64, u64)>,
    },
}

impl Live {
    /// What `store` points at; `served` is taken where it is the same.
    pub(crate) fn of(store: &Store, served: &Snapshot) -> Live {
        let name = match store.current() {
            Ok(None) => return Live::Nothing,
            Ok(Some(name)) if name == served.manifest.generation => return Live::served(served),
            Ok(Some(name)) => name,
            Err(error) => return Live::Unreadable { reason: error.to_string(), counts: None },
        };
        let dir = store.generation_dir(&name);
        match generation::open(&dir) {
            Ok(opened) => Live::served(&opened.with_learned(served.learned().cloned())),
            Err(error) => Live::Unreadable { reason: error.to_string(), counts: manifest::read_counts(&dir) },
        }
    }

    /// An opened generation.
    pub(crate) fn served(snapshot: &Snapshot) -> Live {
        match snapshot.records.orgs() {
            0 => Live::Nothing,
            _ => Live::Opened(snapshot.clone()),
        }
    }

    pub(crate) fn snapshot(&self) -> Option<&Snapshot> {
        match self {
            Live::Opened(snapshot) => Some(snapshot),
            Live::Nothing | Live::Unreadable { .. } => None,
        }
    }

    /// How many organizations it has, if it can be opened.
    pub(crate) fn len(&self) -> u64 {
        self.snapshot().map_or(0, |snapshot| u64::from(snapshot.records.orgs()))
    }

    /// What it takes on the disk, if it can be opened: a new generation will hardly take less than half.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.snapshot().map_or(0, |snapshot| Manifest::size_bytes(&snapshot.manifest))
    }

    /// Compares a tree with it, and lets the gate judge what is lost.
    ///
    /// # Errors
    /// What `looked_at` gives, and [`EngineError::Io`] if a change cannot be handed on.
    pub(crate) fn judge(
        &self,
        tree: &OrgTree,
        gate: Option<&Gate>,
        each_change: Option<EachChange<'_>>,
        looked_at: impl FnMut(u64) -> Result<(), EngineError>,
    ) -> Result<Judged, EngineError> {
        let (limits, force) = gate.map(|gate| (gate.limits, gate.force)).unwrap_or_default();
        let of_gate = |report: GateReport| gate.is_some().then_some(report);
        match self {
            Live::Unreadable { reason, counts } => {
                let reason = reason.clone();
                let new = (u64::from(tree.inner_count()), u64::from(tree.len() - tree.inner_count()));
                let report = match *counts {
                    Some(before) => GateReport::of_counts(reason, before, new, &limits, force),
                    None => GateReport::unreadable(reason),
                };
                Ok(Judged { difference: None, gate: of_gate(report) })
            }
            Live::Nothing => {
                let empty = generation::empty_records()?;
                let Comparison { difference, .. } = compare_with(&empty, tree, each_change, looked_at)?;
                Ok(Judged { difference: Some(difference), gate: of_gate(GateReport::first_import()) })
            }
            Live::Opened(snapshot) => {
                let Comparison { difference, losses } =
                    compare_with(&snapshot.records, tree, each_change, looked_at)?;
                let report = GateReport::of_losses(losses, &limits, force);
                Ok(Judged { difference: Some(difference), gate: of_gate(report) })
            }
        }
    }
}

fn compare_with(
    live: &crate::index::layers::Records,
    tree: &OrgTree,
    each_change: Option<EachChange<'_>>,
    looked_at: impl FnMut(u64) -> Result<(), EngineError>,
) -> Result<Comparison, EngineError> {
    let failed = |source| EngineError::Io { action: "writing", path: "the difference".into(), source };
    match each_change {
        None => compare(live, tree, None, looked_at),
        Some(each) => {
            let mut each = |change: &crate::difference::Change<'_>| each(change).map_err(failed);
            compare(live, tree, Some(&mut each), looked_at)
        }
    }
}
