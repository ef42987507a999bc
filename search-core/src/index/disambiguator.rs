//! What tells organizations of one name apart, worked out for all of them when a generation is written: there are
//! names that fifty thousand classes bear.

use super::keys;
use crate::number_hash::NumberHash;
use index_data::model::{Ordinal, OrgKind, OrgTree};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The shortest that tells an organization from all others of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToldBy {
    /// No other organization bears its name.
    Name,
    /// Its parent, if no other bearer's parent is called the same; else the nearest organization above it that only
    /// this bearer has among those above it, by name.
    Above(Ordinal),
    /// Its kind.
    Kind,
    /// Nothing but its id.
    Id,
}

impl ToldBy {
    pub(super) fn pack(self) -> u32 {
        match self {
            ToldBy::Name => u32::MAX,
            ToldBy::Kind => u32::MAX - 1,
            ToldBy::Id => u32::MAX - 2,
            ToldBy::Above(ordinal) => ordinal,
        }
    }

    pub(super) fn unpack(packed: u32) -> Self {
        match packed {
            u32::MAX => ToldBy::Name,
            kind if kind == u32::MAX - 1 => ToldBy::Kind,
            id if id == u32::MAX - 2 => ToldBy::Id,
            ordinal => ToldBy::Above(ordinal),
        }
    }
}

/// The normalized names of a tree.
pub(super) trait Names {
    fn normalized(&self, ordinal: Ordinal) -> &[u8];
    fn core(&self, ordinal: Ordinal) -> &[u8];
}

/// For each organization what tells it from others of its name, packed; `keys`: all keys, ascending.
pub(super) fn tell_apart(tree: &OrgTree, names: &impl Names, keys: &[u64]) -> Vec<u32> {
    let mut told = vec![ToldBy::Name.pack(); tree.len() as usize];
    let mut work = TellApart { tree, cores: hashes_of_cores(tree, names), counts: HashMap::default() };
    for mut bearers in keys::shared_names(keys, |ordinal| names.normalized(ordinal)) {
        bearers.sort_unstable_by(|&a, &b| names.normalized(a).cmp(names.normalized(b)).then(a.cmp(&b)));
        let of_one_name = |a: &Ordinal, b: &Ordinal| names.normalized(*a) == names.normalized(*b);
        for bearers in bearers.chunk_by(of_one_name).filter(|bearers| bearers.len() > 1) {
            work.tell(bearers, &mut told);
        }
    }
    told
}

/// What the cores of all that have children hash to. Two that meet by chance would only make a longer telling.
fn hashes_of_cores(tree: &OrgTree, names: &impl Names) -> Vec<u64> {
    let hash = |ordinal| {
        let mut hasher = DefaultHasher::new();
        names.core(ordinal).hash(&mut hasher);
        hasher.finish()
    };
    (0..tree.inner_count()).map(hash).collect()
}

struct TellApart<'a> {
    tree: &'a OrgTree,
    cores: Vec<u64>,
    /// Bearers by the name of one above them, or by kind.
    counts: HashMap<u64, u32, NumberHash>,
}

impl TellApart<'_> {
    fn tell(&mut self, bearers: &[Ordinal], told: &mut [u32]) {
        let mut open: Vec<Ordinal> = bearers.to_vec();
        self.count(bearers.iter().filter_map(|&bearer| self.core(self.tree.parent(bearer)?)).collect());
        self.settle(&mut open, told, |work, bearer| {
            work.tree.parent(bearer).filter(|&parent| work.is_single(work.core(parent))).map(ToldBy::Above)
        });
        if open.is_empty() {
            return;
        }
        self.count(bearers.iter().flat_map(|&bearer| self.cores_above(bearer)).collect());
        self.settle(&mut open, told, |work, bearer| {
            work.above(bearer).find(|&above| work.is_single(work.core(above))).map(ToldBy::Above)
        });
        self.count(bearers.iter().filter_map(|&bearer| self.kind(bearer)).collect());
        self.settle(&mut open, told, |work, bearer| {
            Some(if work.is_single(work.kind(bearer)) { ToldBy::Kind } else { ToldBy::Id })
        });
    }

    fn count(&mut self, keys: Vec<u64>) {
        self.counts.clear();
        for key in keys {
            *self.counts.entry(key).or_default() += 1;
        }
    }

    fn is_single(&self, key: Option<u64>) -> bool {
        key.is_some_and(|key| self.counts.get(&key) == Some(&1))
    }

    /// Notes down what is told and keeps the others open.
    fn settle(
        &self,
        open: &mut Vec<Ordinal>,
        told: &mut [u32],
        by: impl Fn(&Self, Ordinal) -> Option<ToldBy>,
    ) {
        open.retain(|&bearer| match by(self, bearer) {
            Some(by) => {
                told[bearer as usize] = by.pack();
                false
            }
            None => true,
        });
    }

    fn core(&self, ordinal: Ordinal) -> Option<u64> {
        self.cores.get(ordinal as usize).copied()
    }

    fn above(&self, ordinal: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        std::iter::successors(self.tree.parent(ordinal), |&above| self.tree.parent(above))
    }

    /// The names above an organization, each once.
    fn cores_above(&self, ordinal: Ordinal) -> Vec<u64> {
        let mut cores: Vec<u64> = self.above(ordinal).filter_map(|above| self.core(above)).collect();
        cores.sort_unstable();
        cores.dedup();
        cores
    }

    fn kind(&self, ordinal: Ordinal) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        self.tree.kind(ordinal).map(OrgKind::code)?.hash(&mut hasher);
        Some(hasher.finish())
    }
}
