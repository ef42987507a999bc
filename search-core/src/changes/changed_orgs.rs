//! The organizations that were changed since the generation was built, each with all that stands below it.

use crate::index::records::SegmentRecords;
use index_data::model::{LevelOrder, Ordinal, OrgStatus, OrgUnit};
use std::collections::{BTreeMap, BTreeSet};

/// Changed organizations by their ids. With a unit, all that stands below it is in here.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChangedOrgs {
    orgs: BTreeMap<String, OrgUnit>,
    /// For each parent, changed or not, those of its children that are in here.
    children: BTreeMap<String, BTreeSet<String>>,
}

impl ChangedOrgs {
    pub(crate) fn orgs(&self) -> &BTreeMap<String, OrgUnit> {
        &self.orgs
    }

    pub(crate) fn len(&self) -> usize {
        self.orgs.len()
    }

    fn insert(&mut self, org: OrgUnit) {
        if let Some(parent) = &org.parent_id {
            self.children.entry(parent.clone()).or_default().insert(org.id.clone());
        }
        self.orgs.insert(org.id.clone(), org);
    }
}

/// The tree as it is after all changes so far.
pub(super) struct TreeView<'a> {
    base: &'a SegmentRecords,
    changed: &'a mut ChangedOrgs,
    /// Organizations that may be changed.
    most: usize,
    is_full: bool,
}

impl<'a> TreeView<'a> {
    pub(super) fn new(base: &'a SegmentRecords, changed: &'a mut ChangedOrgs, most: usize) -> Self {
        TreeView { base, changed, most, is_full: false }
    }

    /// Whether more would be changed than may be; the view is of no more use then.
    pub(super) fn is_full(&self) -> bool {
        self.is_full || self.changed.len() > self.most
    }

    /// The place in the base of an organization that is as it was there.
    fn unchanged(&self, id: &str) -> Option<Ordinal> {
        if self.changed.orgs.contains_key(id) { None } else { self.base.find_id(id) }
    }

    pub(super) fn exists(&self, id: &str) -> bool {
        self.changed.orgs.contains_key(id) || self.base.find_id(id).is_some()
    }

    pub(super) fn parent_id(&self, id: &str) -> Option<String> {
        match self.changed.orgs.get(id) {
            Some(org) => org.parent_id.clone(),
            None => Some(self.base.id(self.base.parent(self.base.find_id(id)?)?).to_owned()),
        }
    }

    pub(super) fn is_active(&self, id: &str) -> bool {
        match self.changed.orgs.get(id) {
            Some(org) => org.status == OrgStatus::Active,
            None => self.base.find_id(id).is_some_and(|at| self.base.status(at) == OrgStatus::Active),
        }
    }

    /// Its ids from the organization itself up to the root.
    pub(super) fn path_up(&self, id: &str) -> Vec<String> {
        std::iter::successors(Some(id.to_owned()), |id| self.parent_id(id)).collect()
    }

    /// The ids of its children, in no order that means anything.
    pub(super) fn children(&self, id: &str) -> Vec<String> {
        let in_base = self.unchanged(id).into_iter().flat_map(|at| self.base.hierarchy().children(at));
        let unchanged = in_base.map(|child| self.base.id(child).to_owned());
        let unchanged = unchanged.filter(|child| !self.changed.orgs.contains_key(child));
        let changed = self.changed.children.get(id).into_iter().flatten().cloned();
        unchanged.chain(changed).collect()
    }

    fn has_children(&self, id: &str) -> bool {
        let in_base = || {
            let mut children =
                self.unchanged(id).into_iter().flat_map(|at| self.base.hierarchy().children(at));
            children.any(|child| !self.changed.orgs.contains_key(&*self.base.id(child)))
        };
        self.changed.children.get(id).is_some_and(|changed| !changed.is_empty()) || in_base()
    }

    /// The longest way down from it: 0 for a leaf.
    pub(super) fn height(&self, id: &str) -> usize {
        let mut level = vec![id.to_owned()];
        let mut height = 0;
        loop {
            level = level.iter().flat_map(|id| self.children(id)).collect();
            if level.is_empty() {
                return height;
            }
            height += 1;
        }
    }

    /// Adds a new organization.
    pub(super) fn add(&mut self, org: OrgUnit) {
        let parent = org.parent_id.clone();
        self.changed.insert(org);
        self.settle(parent);
    }

    /// Lets an organization be changed; with it comes all that stands below.
    pub(super) fn change(&mut self, id: &str, change: impl FnOnce(&mut OrgUnit)) {
        self.take(id);
        if let Some(org) = self.changed.orgs.get_mut(id) {
            change(org);
        }
    }

    /// Puts an organization below another parent.
    pub(super) fn put_below(&mut self, id: &str, parent: Option<String>) {
        self.take(id);
        let before = self.parent_id(id);
        if before == parent {
            return;
        }
        if let Some(children) = before.as_ref().and_then(|before| self.changed.children.get_mut(before)) {
            children.remove(id);
        }
        if let Some(mut org) = self.changed.orgs.remove(id) {
            org.parent_id.clone_from(&parent);
            self.changed.insert(org);
        }
        self.settle(before);
        self.settle(parent);
    }

    /// Takes over an organization of the base, and what stands below it there.
    fn take(&mut self, id: &str) {
        let Some(at) = self.unchanged(id) else { return };
        let mut runs = Vec::new();
        self.base.subtree_runs(at, &mut runs);
        // Counted before any is read: it may be the whole tree.
        if runs.iter().map(ExactSizeIterator::len).sum::<usize>() > self.most {
            self.is_full = true;
            return;
        }
        for ordinal in runs.into_iter().flatten() {
            if !self.changed.orgs.contains_key(&*self.base.id(ordinal)) {
                self.changed.insert(self.base.org(ordinal));
            }
        }
    }

    /// Takes over an organization that has got its first child, or lost its last one: units are found otherwise than
    /// leaves.
    fn settle(&mut self, id: Option<String>) {
        let Some((id, at)) = id.and_then(|id| self.unchanged(&id).map(|at| (id, at))) else { return };
        if self.base.hierarchy().is_unit(at) != self.has_children(&id) {
            self.take(&id);
        }
    }
}
