//! Changes by region, by kind and by part of the tree.

use super::change::{ChangeCounts, ChangeKinds};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Groups that are told one by one; a person reads no more.
const SHOWN: usize = 50;
/// Groups that are counted apart: a file may name another region in each of its rows.
const COUNTED: usize = 20_000;

/// Changes of the organizations of one region, kind or part of the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupChanges {
    /// What tells it from others: a region, the code of a kind, the id of an organization. Empty: none is said.
    pub key: String,
    /// The same for people: the name of the organization; else the key.
    pub name: String,
    /// What changed in it.
    pub counts: ChangeCounts,
}

/// The groups with the most changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Breakdown {
    /// At most 50, the most changes first, then by key.
    pub groups: Vec<GroupChanges>,
    /// What changed in all other groups together.
    pub others: ChangeCounts,
}

/// Counts groups while changes come.
#[derive(Debug, Default)]
pub(super) struct Counting {
    groups: HashMap<String, (String, ChangeCounts)>,
    others: ChangeCounts,
}

impl Counting {
    /// One more change of a group; `name` is asked for once a group.
    pub(super) fn add(&mut self, key: &str, kinds: ChangeKinds, name: impl FnOnce() -> String) {
        if let Some((_, counts)) = self.groups.get_mut(key) {
            counts.add(kinds);
        } else if self.groups.len() < COUNTED {
            let mut counts = ChangeCounts::default();
            counts.add(kinds);
            self.groups.insert(key.to_owned(), (name(), counts));
        } else {
            self.others.add(kinds);
        }
    }

    pub(super) fn finish(self) -> Breakdown {
        let groups = self.groups.into_iter();
        let mut groups: Vec<_> =
            groups.map(|(key, (name, counts))| GroupChanges { key, name, counts }).collect();
        groups.sort_by(|a, b| {
            Reverse(a.counts.total()).cmp(&Reverse(b.counts.total())).then_with(|| a.key.cmp(&b.key))
        });
        let mut others = self.others;
        for group in groups.drain(SHOWN.min(groups.len())..) {
            others.add_all(&group.counts);
        }
        Breakdown { groups, others }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::difference::ChangeKind;

    #[test]
    fn what_is_not_shown_is_counted_all_the_same() {
        let mut counting = Counting::default();
        let groups = COUNTED as u64 + 7;
        for at in 0..groups {
            let kinds = ChangeKinds::of([ChangeKind::Moved, ChangeKind::Renamed]);
            counting.add(&format!("{at:06}"), kinds, String::new);
        }
        counting.add("000003", ChangeKinds::of([ChangeKind::Removed]), || unreachable!("it has a name"));
        let Breakdown { groups: shown, others } = counting.finish();
        assert_eq!((shown.len(), shown[0].key.as_str(), shown[0].counts.total()), (SHOWN, "000003", 3));
        assert!(shown[1..].iter().map(|group| &group.key).is_sorted());
        assert_eq!(others.get(ChangeKind::Moved), groups - SHOWN as u64);
        assert_eq!(others.get(ChangeKind::Removed), 0);
    }
}
