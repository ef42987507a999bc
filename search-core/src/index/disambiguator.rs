//! What tells organizations of one name apart. Worked out for all of them when a generation is written: some names
//! are borne by fifty thousand classes.

use super::keys;
use crate::number_hash::NumberHash;
use index_data::model::{LevelOrder, Ordinal, OrgKind, OrgTree};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The shortest that tells an organization from all others of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disambiguator {
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

const NAME: u8 = 0;
const KIND: u8 = 1;
const ID: u8 = 2;
/// Then those above, the nearest first.
const PARENT: u8 = 3;

impl Disambiguator {
    /// Of the organization of these `ancestors`, the nearest first.
    pub(super) fn unpack(packed: u8, mut ancestors: impl Iterator<Item = Ordinal>) -> Self {
        match packed {
            NAME => Disambiguator::Name,
            KIND => Disambiguator::Kind,
            ID => Disambiguator::Id,
            above => {
                ancestors.nth(usize::from(above - PARENT)).map_or(Disambiguator::Id, Disambiguator::Above)
            }
        }
    }
}

/// The number of an ancestor, 0 for the parent; the id where it is too far above.
fn pack_above(steps: usize) -> u8 {
    u8::try_from(steps + usize::from(PARENT)).unwrap_or(ID)
}

/// The normalized names of a tree.
pub(super) trait Names {
    fn normalized(&self, ordinal: Ordinal) -> &[u8];
    fn core(&self, ordinal: Ordinal) -> &[u8];
}

/// The disambiguator of each organization, packed; `keys`: all keys, ascending.
pub(super) fn disambiguators(tree: &OrgTree, names: &impl Names, keys: &[u64]) -> Vec<u8> {
    let mut found = vec![NAME; tree.len() as usize];
    let bearers_of = TreeBearers { tree, cores: hashes_of_cores(tree, names) };
    let mut work = Bearers { of: &bearers_of, counts: HashMap::default() };
    for mut bearers in keys::shared_names(keys, |ordinal| names.normalized(ordinal)) {
        bearers.sort_unstable_by(|&a, &b| names.normalized(a).cmp(names.normalized(b)).then(a.cmp(&b)));
        let of_one_name = |a: &Ordinal, b: &Ordinal| names.normalized(*a) == names.normalized(*b);
        for bearers in bearers.chunk_by(of_one_name).filter(|bearers| bearers.len() > 1) {
            work.settle_name(bearers, &mut |ordinal, packed| found[ordinal as usize] = packed);
        }
    }
    found
}

/// Works out what tells the bearers of one name apart, and hands over each with its packed disambiguator.
pub(super) fn tell_apart(bearers: &[Ordinal], of: &impl BearersOfNames, found: &mut impl FnMut(Ordinal, u8)) {
    match bearers {
        [only] => found(*only, NAME),
        _ => Bearers { of, counts: HashMap::default() }.settle_name(bearers, found),
    }
}

/// What is asked of the bearers of names, and of those above them.
pub(super) trait BearersOfNames {
    fn parent(&self, ordinal: Ordinal) -> Option<Ordinal>;
    /// A hash of the core of a unit. Where two are equal by chance, the disambiguator is only longer than it had to be.
    fn core(&self, ordinal: Ordinal) -> Option<u64>;
    /// A hash of the kind.
    fn kind(&self, ordinal: Ordinal) -> Option<u64>;
}

/// A hash, equal for equal things.
pub(super) fn hash_of(thing: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
}

/// A hash of the core of each organization that has children.
fn hashes_of_cores(tree: &OrgTree, names: &impl Names) -> Vec<u64> {
    let units = tree.ordinals().filter(|&ordinal| tree.is_unit(ordinal));
    units.map(|ordinal| hash_of(names.core(ordinal))).collect()
}

struct TreeBearers<'a> {
    tree: &'a OrgTree,
    cores: Vec<u64>,
}

impl BearersOfNames for TreeBearers<'_> {
    fn parent(&self, ordinal: Ordinal) -> Option<Ordinal> {
        self.tree.parent(ordinal)
    }

    fn core(&self, ordinal: Ordinal) -> Option<u64> {
        self.cores.get(ordinal as usize).copied()
    }

    fn kind(&self, ordinal: Ordinal) -> Option<u64> {
        self.tree.kind(ordinal).map(OrgKind::code).map(hash_of)
    }
}

struct Bearers<'a, T> {
    of: &'a T,
    /// Bearers by the name of one above them, or by kind.
    counts: HashMap<u64, u32, NumberHash>,
}

impl<T: BearersOfNames> Bearers<'_, T> {
    fn settle_name(&mut self, bearers: &[Ordinal], found: &mut impl FnMut(Ordinal, u8)) {
        let mut open: Vec<Ordinal> = bearers.to_vec();
        self.count(bearers.iter().filter_map(|&bearer| self.of.core(self.of.parent(bearer)?)).collect());
        self.settle(&mut open, found, |work, bearer| {
            work.of.parent(bearer).filter(|&parent| work.is_single(work.of.core(parent))).map(|_| PARENT)
        });
        if open.is_empty() {
            return;
        }
        self.count(bearers.iter().flat_map(|&bearer| self.cores_above(bearer)).collect());
        self.settle(&mut open, found, |work, bearer| {
            work.ancestors(bearer).position(|above| work.is_single(work.of.core(above))).map(pack_above)
        });
        self.count(bearers.iter().filter_map(|&bearer| self.of.kind(bearer)).collect());
        self.settle(&mut open, found, |work, bearer| {
            Some(if work.is_single(work.of.kind(bearer)) { KIND } else { ID })
        });
    }

    fn ancestors(&self, ordinal: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        std::iter::successors(self.of.parent(ordinal), |&above| self.of.parent(above))
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

    /// Hands over what `by` finds, and keeps the bearers open for which it finds nothing.
    fn settle(
        &self,
        open: &mut Vec<Ordinal>,
        found: &mut impl FnMut(Ordinal, u8),
        by: impl Fn(&Self, Ordinal) -> Option<u8>,
    ) {
        open.retain(|&bearer| match by(self, bearer) {
            Some(by) => {
                found(bearer, by);
                false
            }
            None => true,
        });
    }

    /// The names above an organization, each once.
    fn cores_above(&self, ordinal: Ordinal) -> Vec<u64> {
        let mut cores: Vec<u64> = self.ancestors(ordinal).filter_map(|above| self.of.core(above)).collect();
        cores.sort_unstable();
        cores.dedup();
        cores
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use index_data::load::SourceRow;
    use index_data::validate::validate_rows;

    #[test]
    fn packing_loses_nothing() {
        for (packed, disambiguator) in [
            (NAME, Disambiguator::Name),
            (KIND, Disambiguator::Kind),
            (ID, Disambiguator::Id),
            (pack_above(0), Disambiguator::Above(300)),
            (pack_above(252), Disambiguator::Above(48)),
            (pack_above(253), Disambiguator::Id),
        ] {
            assert_eq!(Disambiguator::unpack(packed, (0..=300).rev()), disambiguator);
        }
        assert_eq!(Disambiguator::unpack(u8::MAX, 0..3), Disambiguator::Id, "a damaged one");
    }

    #[test]
    fn the_shortest_that_tells_them_apart_is_taken() {
        let row = |id: &str, name: &str, parent: &str, kind: &str| SourceRow {
            id: id.into(),
            name: name.into(),
            parent_id: parent.into(),
            kind: kind.into(),
            ..SourceRow::default()
        };
        let tree = validate_rows([
            row("top", "北京市", "", ""),
            row("a", "东城区", "top", ""),
            row("b", "西城区", "top", ""),
            row("a1", "机关", "a", ""),
            row("b1", "机关", "b", ""),
            row("a2", "一班", "a1", ""),
            row("b2", "一班", "b1", ""),
            row("k1", "二班", "a", "branch"),
            row("k2", "二班", "a", "committee"),
            row("i1", "三班", "a", "branch"),
            row("i2", "三班", "a", "branch"),
        ])
        .tree
        .expect("valid rows");
        let engine = Engine::in_memory(&tree).expect("it is built");
        let at = |id: &str| tree.find(id).expect("it is there");
        for (id, expected) in [
            ("top", Disambiguator::Name),
            ("a1", Disambiguator::Above(at("a"))),
            ("a2", Disambiguator::Above(at("a"))),
            ("b2", Disambiguator::Above(at("b"))),
            ("k1", Disambiguator::Kind),
            ("i1", Disambiguator::Id),
        ] {
            assert_eq!(engine.snapshot().records.disambiguator(at(id)), expected, "{id}");
        }
    }
}
