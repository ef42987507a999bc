//! Puts rows into level order.

use super::{MAX_DEPTH, TreeBuilder};
use crate::field::Field;
use crate::finding::FindingCode;
use crate::model::level_order::Ordinal;
use crate::model::natural_order::natural_order;
use crate::model::org::{OrgKind, OrgStatus};
use crate::model::tree::{NONE, OrgTree};
use crate::report::Report;
use std::cmp::Ordering;

/// The rows in level order (see [`OrgTree`]).
#[derive(Default)]
pub(super) struct LevelOrder {
    rows: Vec<u32>,
    /// How many of them have children: the first ones.
    inner_count: u32,
}

/// Kinds in their contract order, then unknown ones, then none.
fn kind_rank(kind: Option<&OrgKind>) -> usize {
    let known = |kind| OrgKind::KNOWN.iter().position(|known| known == kind).unwrap_or(OrgKind::KNOWN.len());
    kind.map_or(OrgKind::KNOWN.len() + 1, known)
}

/// What orders siblings, as far as they are all units or all leaves: see [`OrgTree`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiblingKey {
    kind: usize,
    is_inactive: bool,
    name: String,
    id: String,
}

impl SiblingKey {
    /// Of an organization with this kind, status, official name and id.
    pub fn new(kind: Option<&OrgKind>, status: &OrgStatus, name: &str, id: &str) -> Self {
        let is_inactive = *status != OrgStatus::Active;
        SiblingKey { kind: kind_rank(kind), is_inactive, name: name.to_owned(), id: id.to_owned() }
    }
}

impl Ord for SiblingKey {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.kind, self.is_inactive)
            .cmp(&(other.kind, other.is_inactive))
            .then_with(|| natural_order(&self.name, &other.name))
            .then_with(|| self.id.cmp(&other.id))
    }
}

impl PartialOrd for SiblingKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl TreeBuilder {
    /// The rows in level order. Needs parents without cycles.
    pub(super) fn level_order(&self, parents: &[u32], report: &mut Report) -> LevelOrder {
        let children = ChildLists::new(parents);
        let ranks = self.kind_ranks();
        let mut level = children.roots.clone();
        self.sort_siblings(&mut level, &ranks, report);
        let mut order = LevelOrder::default();
        let mut leaf_levels: Vec<Vec<u32>> = Vec::new();
        let (inner, leaves): (Vec<u32>, Vec<u32>) = level.into_iter().partition(|&row| children.has_any(row));
        leaf_levels.push(leaves);
        let mut level = inner;
        while !level.is_empty() {
            if leaf_levels.len() > MAX_DEPTH {
                let row = level[0] as usize;
                report.add(self.finding(row, Field::ParentId, FindingCode::TooDeep, self.id_of_row(row)));
                break;
            }
            let (mut next, mut leaves) = (Vec::new(), Vec::new());
            for &row in &level {
                let mut siblings = children.of(row).to_vec();
                self.sort_siblings(&mut siblings, &ranks, report);
                for child in siblings {
                    if children.has_any(child) { next.push(child) } else { leaves.push(child) }
                }
            }
            order.rows.append(&mut level);
            leaf_levels.push(leaves);
            level = next;
        }
        order.inner_count = order.rows.len() as u32;
        leaf_levels.iter_mut().for_each(|leaves| order.rows.append(leaves));
        order
    }

    /// Kinds in their contract order, then unknown ones, then rows that say none.
    fn kind_ranks(&self) -> Vec<usize> {
        let rank_of = |code: u16| kind_rank(self.kind_words.word(code));
        (0..=self.kinds.iter().copied().max().unwrap_or(0)).map(rank_of).collect()
    }

    fn sort_siblings(&self, rows: &mut [u32], kind_ranks: &[usize], report: &mut Report) {
        rows.sort_unstable_by(|&a, &b| {
            natural_order(self.names.get(a), self.names.get(b))
                .then_with(|| self.id_of_row(a as usize).cmp(self.id_of_row(b as usize)))
        });
        for pair in rows.windows(2) {
            let (first, second) = (pair[0], pair[1]);
            if self.names.get(first) == self.names.get(second) {
                let code = FindingCode::DuplicateSibling;
                let finding = self.finding(second as usize, Field::Name, code, self.names.get(second));
                report.add(finding.and_row(u64::from(self.row_numbers[first as usize])));
            }
        }
        rows.sort_by_key(|&row| (kind_ranks[usize::from(self.kinds[row as usize])], !self.is_active(row)));
    }

    fn is_active(&self, row: u32) -> bool {
        self.status_words.word(self.statuses[row as usize]) == Some(&OrgStatus::Active)
    }

    /// The tree of the rows, each numbered by its place in the order.
    pub(super) fn numbered(mut self, parents: &[u32], order: &LevelOrder, report: &mut Report) -> OrgTree {
        let rows = &order.rows;
        let mut ordinal_of_row = vec![NONE; rows.len()];
        for (ordinal, &row) in rows.iter().enumerate() {
            ordinal_of_row[row as usize] = ordinal as u32;
        }
        let ordinal = |row: u32| if row == NONE { NONE } else { ordinal_of_row[row as usize] };
        let successors = self.resolve_successors(ordinal, report);
        let parents: Vec<Ordinal> = rows.iter().map(|&row| ordinal(parents[row as usize])).collect();
        let (inner_child_starts, leaf_child_starts) = child_starts(&parents, order.inner_count);
        self.names.permute(rows);
        self.names.shrink();
        fn permuted<T: Copy>(column: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|&row| column[row as usize]).collect()
        }
        OrgTree {
            ordinal_of_symbol: self.row_of_symbol.iter().map(|&row| ordinal(row)).collect(),
            id_symbols: permuted(&self.id_symbols, rows),
            ids: self.ids,
            names: self.names,
            parents,
            kinds: permuted(&self.kinds, rows),
            systems: permuted(&self.systems, rows),
            regions: permuted(&self.regions, rows),
            statuses: permuted(&self.statuses, rows),
            members: permuted(&self.members, rows),
            details: permuted(&self.details, rows),
            details_blob: self.details_blob,
            successors,
            kind_words: self.kind_words,
            system_words: self.system_words,
            region_words: self.region_words,
            status_words: self.status_words,
            inner_count: order.inner_count,
            inner_child_starts,
            leaf_child_starts,
        }
    }
}

/// The children of every row as one array with starts, in row order.
struct ChildLists {
    starts: Vec<u32>,
    children: Vec<u32>,
    roots: Vec<u32>,
}

impl ChildLists {
    fn new(parents: &[u32]) -> Self {
        let mut starts = vec![0u32; parents.len() + 1];
        for &parent in parents.iter().filter(|&&parent| parent != NONE) {
            starts[parent as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut children = vec![0u32; starts.last().copied().unwrap_or(0) as usize];
        let mut roots = Vec::new();
        for (row, &parent) in parents.iter().enumerate() {
            if parent == NONE {
                roots.push(row as u32);
            } else {
                let slot = &mut next[parent as usize];
                children[*slot as usize] = row as u32;
                *slot += 1;
            }
        }
        ChildLists { starts, children, roots }
    }

    fn of(&self, row: u32) -> &[u32] {
        &self.children[self.starts[row as usize] as usize..self.starts[row as usize + 1] as usize]
    }

    fn has_any(&self, row: u32) -> bool {
        !self.of(row).is_empty()
    }
}

/// Where the inner and the leaf children of each inner organization begin, with one closing value each.
fn child_starts(parents: &[Ordinal], inner_count: u32) -> (Vec<Ordinal>, Vec<Ordinal>) {
    let starts = |run: std::ops::Range<Ordinal>| {
        // Children lie in the order of their parents, so the first child of each is where the parents change.
        let mut starts = Vec::with_capacity(inner_count as usize + 1);
        let mut child = run.start;
        // Roots come first in their run and are no one's children.
        while child < run.end && parents[child as usize] == NONE {
            child += 1;
        }
        for parent in 0..inner_count {
            starts.push(child);
            while child < run.end && parents[child as usize] == parent {
                child += 1;
            }
        }
        starts.push(child);
        starts
    };
    (starts(0..inner_count), starts(inner_count..parents.len() as u32))
}
