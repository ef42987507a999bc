//! Who stands above and below whom in a sealed generation. Everything else asks here.

use super::rank_row;
use super::sections::Section;
use index_data::model::{LevelOrder, Ordinal};

/// The parents and children of all organizations: see [`LevelOrder`].
pub(crate) struct Hierarchy {
    len: Ordinal,
    inner_count: Ordinal,
    /// Of the inner organizations: walks towards the root mostly meet these.
    inner_parents: Section,
    /// The rows of all, which begin with their parents.
    rows: Section,
    inner_child_starts: Section,
    leaf_child_starts: Section,
}

impl Hierarchy {
    /// Of columns that have `inner_count` parents, `len` rows, and `inner_count` starts of children with one end each.
    pub(crate) fn new(
        (len, inner_count): (Ordinal, Ordinal),
        (inner_parents, rows): (Section, Section),
        inner_child_starts: Section,
        leaf_child_starts: Section,
    ) -> Self {
        Hierarchy { len, inner_count, inner_parents, rows, inner_child_starts, leaf_child_starts }
    }
}

impl LevelOrder for Hierarchy {
    fn len(&self) -> Ordinal {
        self.len
    }

    fn inner_count(&self) -> Ordinal {
        self.inner_count
    }

    #[inline]
    fn stored_parent(&self, ordinal: Ordinal) -> Ordinal {
        if ordinal < self.inner_count {
            return self.inner_parents.u32(ordinal as usize);
        }
        rank_row::row(&self.rows, ordinal).map_or(Ordinal::MAX, rank_row::stored_parent)
    }

    fn child_starts(&self, at: Ordinal) -> (Ordinal, Ordinal) {
        (self.inner_child_starts.u32(at as usize), self.leaf_child_starts.u32(at as usize))
    }
}

#[cfg(test)]
mod tests {
    use crate::Engine;
    use index_data::generate::{GenerateOptions, Scope, generate};
    use index_data::model::LevelOrder;
    use index_data::validate::validate_rows;

    #[test]
    fn a_sealed_generation_has_the_hierarchy_of_its_tree() {
        let rows = generate(&GenerateOptions { orgs: 2_000, seed: 4, scope: Scope::Beijing });
        let tree = validate_rows(rows).tree.expect("generated rows are valid");
        let engine = Engine::in_memory(&tree).expect("it is built");
        let snapshot = engine.snapshot();
        let hierarchy = snapshot.records.base().hierarchy();
        assert!(hierarchy.roots().eq(tree.ordinals().filter(|&ordinal| tree.parent(ordinal).is_none())));
        for ordinal in tree.ordinals() {
            assert_eq!(hierarchy.parent(ordinal), tree.parent(ordinal), "{ordinal}");
            assert!(hierarchy.children(ordinal).eq(tree.children(ordinal)), "{ordinal}");
            assert_eq!(hierarchy.is_unit(ordinal), tree.children(ordinal).next().is_some(), "{ordinal}");
            let mut runs = Vec::new();
            hierarchy.subtree_runs(ordinal, &mut runs);
            runs.sort_unstable_by_key(|run| run.start);
            assert_eq!(runs, tree.subtree(ordinal).runs(), "{ordinal}");
        }
    }
}
