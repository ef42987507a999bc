//! Walks over organizations that are numbered in level order: up to the root, and down to all that is below.
//!
//! Level order (see [`super::OrgTree`]): organizations that have children come first, then the leaves; within each of
//! the two by depth, children in the order of their parents. So the children of a run of organizations are two runs.

use std::ops::Range;

/// The number of an organization in its tree, `0..len`. See [`super::OrgTree`] for what the order means.
pub type Ordinal = u32;

/// A store of organizations in level order. It gives numbers; what they mean is worked out here.
///
/// The numbers may be damaged. Walks end all the same, and never leave `0..len()`.
pub trait LevelOrder {
    /// How many organizations there are.
    fn len(&self) -> Ordinal;

    /// How many organizations have children.
    fn inner_count(&self) -> Ordinal;

    /// The parent as it is stored; anything that is not smaller than `ordinal` means that there is none.
    fn stored_parent(&self, ordinal: Ordinal) -> Ordinal;

    /// Where the children of the `at`-th organization begin: those with children, and the leaves. Where `at` is
    /// [`Self::inner_count`], the ends of the two.
    fn child_starts(&self, at: Ordinal) -> (Ordinal, Ordinal);

    /// Whether there is no organization.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it has children.
    fn is_unit(&self, ordinal: Ordinal) -> bool {
        ordinal < self.inner_count()
    }

    /// The organization above it; `None` for a root.
    #[inline]
    fn parent(&self, ordinal: Ordinal) -> Option<Ordinal> {
        checked_parent(ordinal, self.stored_parent(ordinal))
    }

    /// The organizations above it, nearest first.
    fn ancestors(&self, ordinal: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        std::iter::successors(self.parent(ordinal), |&above| self.parent(above))
    }

    /// Whether it is `above` or stands below it.
    fn is_within(&self, ordinal: Ordinal, above: Ordinal) -> bool {
        // Ordinals fall on the way up, so the walk can stop early.
        ordinal == above || self.ancestors(ordinal).take_while(|&up| up >= above).any(|up| up == above)
    }

    /// The children of a run of organizations: those that have children themselves, and the leaves.
    fn child_runs(&self, of: &Range<Ordinal>) -> (Range<Ordinal>, Range<Ordinal>) {
        if of.end > self.inner_count() {
            return (0..0, 0..0);
        }
        let starts = |at| {
            let (inner, leaf) = self.child_starts(at);
            (inner.min(self.len()), leaf.min(self.len()))
        };
        let (first, end) = (starts(of.start), starts(of.end));
        (first.0..end.0, first.1..end.1)
    }

    /// The children of an organization: those that have children themselves, then the leaves.
    fn children(&self, ordinal: Ordinal) -> std::iter::Chain<Range<Ordinal>, Range<Ordinal>> {
        let (inner, leaves) = self.child_runs(&(ordinal..ordinal + 1));
        inner.chain(leaves)
    }

    /// The organizations without a parent: those that have children, then the leaves.
    fn roots(&self) -> std::iter::Chain<Range<Ordinal>, Range<Ordinal>> {
        let (inner, leaves) = self.child_starts(0);
        let first_leaf = self.inner_count().min(self.len());
        (0..inner.min(first_leaf)).chain(first_leaf..leaves.clamp(first_leaf, self.len()))
    }

    /// How many organizations stand below it, at any depth.
    fn descendants(&self, ordinal: Ordinal) -> u64 {
        let mut runs = Vec::new();
        self.subtree_runs(ordinal, &mut runs);
        runs.iter().map(|run| u64::from(run.end - run.start)).sum::<u64>() - 1
    }

    /// Appends the organization and all below it as runs, level by level; the runs do not overlap.
    fn subtree_runs(&self, ordinal: Ordinal, runs: &mut Vec<Range<Ordinal>>) {
        let mut level = ordinal..ordinal + 1;
        runs.push(level.clone());
        while !level.is_empty() {
            let (inner, leaves) = self.child_runs(&level);
            runs.extend([inner.clone(), leaves].into_iter().filter(|run| !run.is_empty()));
            // Children come after their parents; damaged starts must not lead back.
            level = if inner.start >= level.end { inner } else { 0..0 };
        }
    }
}

/// The stored parent, if it is valid. A parent's ordinal is smaller, so that a walk up ends on damaged numbers too.
#[inline]
pub fn checked_parent(ordinal: Ordinal, stored: Ordinal) -> Option<Ordinal> {
    Some(stored).filter(|&parent| parent < ordinal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Numbers {
        parents: Vec<Ordinal>,
        inner: Vec<Ordinal>,
        leaves: Vec<Ordinal>,
    }

    impl LevelOrder for Numbers {
        fn len(&self) -> Ordinal {
            self.parents.len() as Ordinal
        }

        fn inner_count(&self) -> Ordinal {
            self.inner.len() as Ordinal - 1
        }

        fn stored_parent(&self, ordinal: Ordinal) -> Ordinal {
            self.parents.get(ordinal as usize).copied().unwrap_or(Ordinal::MAX)
        }

        fn child_starts(&self, at: Ordinal) -> (Ordinal, Ordinal) {
            (self.inner[at as usize], self.leaves[at as usize])
        }
    }

    /// A chain of units 0, 1, 2; leaf 4 below 0, leaf 5 below 2; 3 is a root without children.
    fn example() -> Numbers {
        const NONE: Ordinal = Ordinal::MAX;
        Numbers { parents: vec![NONE, 0, 1, NONE, 0, 2], inner: vec![1, 2, 3, 3], leaves: vec![4, 5, 5, 6] }
    }

    #[test]
    fn walks_go_up_and_down() {
        let tree = example();
        for (ordinal, above, children, subtree) in [
            (0, vec![], vec![1, 4], vec![0, 1, 2, 4, 5]),
            (1, vec![0], vec![2], vec![1, 2, 5]),
            (2, vec![1, 0], vec![5], vec![2, 5]),
            (3, vec![], vec![], vec![3]),
            (5, vec![2, 1, 0], vec![], vec![5]),
        ] {
            assert_eq!(tree.ancestors(ordinal).collect::<Vec<_>>(), above, "{ordinal}");
            assert_eq!(tree.children(ordinal).collect::<Vec<_>>(), children, "{ordinal}");
            assert_eq!(tree.descendants(ordinal), subtree.len() as u64 - 1, "{ordinal}");
            let mut runs = Vec::new();
            tree.subtree_runs(ordinal, &mut runs);
            let mut below: Vec<Ordinal> = runs.into_iter().flatten().collect();
            below.sort_unstable();
            assert_eq!(below, subtree, "{ordinal}");
            for other in 0..tree.len() {
                assert_eq!(tree.is_within(other, ordinal), subtree.contains(&other), "{other} {ordinal}");
            }
            assert_eq!(tree.is_unit(ordinal), !children.is_empty(), "{ordinal}");
        }
        assert_eq!(tree.roots().collect::<Vec<_>>(), [0, 3]);
    }

    proptest! {
        #[test]
        fn walks_end_on_any_numbers(
            parents in prop::collection::vec(0u32..9, 6),
            inner in prop::collection::vec(0u32..9, 4),
            leaves in prop::collection::vec(0u32..9, 4),
        ) {
            let tree = Numbers { parents, inner, leaves };
            prop_assert!(tree.roots().all(|root| root < tree.len()));
            for ordinal in 0..tree.len() {
                tree.descendants(ordinal);
                prop_assert!(tree.ancestors(ordinal).count() < 6);
                let mut runs = Vec::new();
                tree.subtree_runs(ordinal, &mut runs);
                prop_assert!(runs.iter().all(|run| run.end <= tree.len()));
            }
        }
    }
}
