//! Snapshots that a batch of changes has replaced: whoever is in the middle of paging goes on with the one it began with.

use crate::index::snapshot::Snapshot;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The latest snapshots of the live generation but for the one that is searched. All share the files of the generation;
/// each holds the organizations that were changed at its time in memory.
#[derive(Default)]
pub(super) struct FormerSnapshots(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    most: usize,
    /// The oldest first.
    snapshots: VecDeque<Former>,
}

struct Former {
    snapshot: Arc<Snapshot>,
    /// How often [`FormerSnapshots::grow_older`] was called since it was replaced.
    age: u32,
}

impl FormerSnapshots {
    /// Changed organizations that all of them hold together, at most.
    const MOST_ORGS: u64 = 200_000;

    /// Keeps so many of them from now on.
    pub(super) fn keep(&self, most: usize) {
        let mut kept = self.lock();
        kept.most = most;
        kept.trim();
    }

    /// Takes a snapshot that another one has replaced. A new generation ends all cursors.
    pub(super) fn replaced(&self, snapshot: Arc<Snapshot>, by: &Snapshot) {
        let mut kept = self.lock();
        if snapshot.manifest.generation != by.manifest.generation {
            kept.snapshots.clear();
        } else if snapshot.version() != by.version() {
            kept.snapshots.push_back(Former { snapshot, age: 0 });
            kept.trim();
        }
    }

    /// The one that wrote this version into a cursor.
    pub(super) fn of_version(&self, version: &str) -> Option<Arc<Snapshot>> {
        let kept = self.lock();
        let former = kept.snapshots.iter().find(|former| former.snapshot.version() == version);
        former.map(|former| Arc::clone(&former.snapshot))
    }

    /// The same by what answers call the tree.
    pub(super) fn of_generation(&self, generation: &str) -> Option<Arc<Snapshot>> {
        let kept = self.lock();
        let former = kept.snapshots.iter().rfind(|former| former.snapshot.generation() == generation);
        former.map(|former| Arc::clone(&former.snapshot))
    }

    /// Drops those that have lived through `rounds` calls.
    pub(super) fn grow_older(&self, rounds: u32) {
        let mut kept = self.lock();
        kept.snapshots.iter_mut().for_each(|former| former.age = former.age.saturating_add(1));
        kept.snapshots.retain(|former| former.age < rounds);
    }

    pub(super) fn clear(&self) {
        self.lock().snapshots.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A list of pointers is whole at any moment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn trim(&mut self) {
        let held = |snapshots: &VecDeque<Former>| -> u64 {
            snapshots.iter().map(|former| u64::from(former.snapshot.records.changed())).sum()
        };
        while self.snapshots.len() > self.most || held(&self.snapshots) > FormerSnapshots::MOST_ORGS {
            self.snapshots.pop_front();
        }
    }
}
