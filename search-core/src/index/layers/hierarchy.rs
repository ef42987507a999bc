//! Who stands above and below whom, in both segments.

use super::{OverlayRecords, Records};
use index_data::model::{LevelOrder, Ordinal};
use std::ops::Range;

/// Walks over the organizations of both segments. Those up to the root are [`Records::ancestors`].
#[derive(Clone, Copy)]
pub(crate) struct Hierarchy<'a>(pub(super) &'a Records);

impl<'a> Hierarchy<'a> {
    /// Whether it has children.
    #[inline]
    pub(crate) fn is_unit(self, ordinal: Ordinal) -> bool {
        match self.0.overlay() {
            Some(overlay) if ordinal >= overlay.start => {
                overlay.segment.hierarchy().is_unit(ordinal - overlay.start)
            }
            _ => self.0.base().hierarchy().is_unit(ordinal),
        }
    }

    /// The children of an organization: those that have children themselves, then the leaves, each in static order.
    pub(crate) fn children(self, ordinal: Ordinal) -> impl Iterator<Item = Ordinal> + use<'a> {
        match self.0.overlay() {
            None => Walk::Runs(self.0.base().hierarchy().children(ordinal)),
            Some(overlay) => Walk::Merged(self.merged(overlay, Some(ordinal)).into_iter()),
        }
    }

    /// The organizations without a parent: those that have children, then the leaves.
    pub(crate) fn roots(self) -> impl Iterator<Item = Ordinal> + use<'a> {
        match self.0.overlay() {
            None => Walk::Runs(self.0.base().hierarchy().roots()),
            Some(overlay) => Walk::Merged(self.merged(overlay, None).into_iter()),
        }
    }

    /// How many organizations stand directly below it.
    pub(crate) fn child_count(self, ordinal: Ordinal) -> u64 {
        match self.0.overlay() {
            Some(overlay) if ordinal >= overlay.start => {
                overlay.segment.hierarchy().children(ordinal - overlay.start).count() as u64
            }
            overlay => match overlay.and_then(|overlay| overlay.units.get(&ordinal)) {
                Some(patch) => u64::from(patch.children),
                None => self.0.base().hierarchy().children(ordinal).count() as u64,
            },
        }
    }

    /// How many organizations stand below it, at any depth.
    pub(crate) fn descendants(self, ordinal: Ordinal) -> u64 {
        match self.0.overlay() {
            Some(overlay) if ordinal >= overlay.start => {
                overlay.segment.hierarchy().descendants(ordinal - overlay.start)
            }
            overlay => match overlay.and_then(|overlay| overlay.units.get(&ordinal)) {
                Some(patch) => patch.descendants,
                None => self.0.base().hierarchy().descendants(ordinal),
            },
        }
    }

    /// The children of one, or the roots, of both segments. Only a unit whose children changed needs to be sorted.
    fn merged(self, overlay: &OverlayRecords, of: Option<Ordinal>) -> Vec<Ordinal> {
        let (records, base) = (self.0, self.0.base().hierarchy());
        let from_overlay = |at: Option<Ordinal>| -> Vec<Ordinal> {
            let tree = overlay.segment.hierarchy();
            let found = at.map_or_else(|| tree.roots(), |at| tree.children(at));
            found.map(|local| overlay.start + local).filter(|&child| !records.is_hidden(child)).collect()
        };
        let (mut children, added) = match of {
            Some(of) if of >= overlay.start => return from_overlay(Some(of - overlay.start)),
            Some(of) => {
                let stub = overlay.stub_of.get(&of);
                (base.children(of), stub.map_or_else(Vec::new, |&stub| from_overlay(Some(stub))))
            }
            None => (base.roots(), from_overlay(None)),
        };
        let mut kept: Vec<Ordinal> = children.by_ref().filter(|&child| !records.is_hidden(child)).collect();
        if !added.is_empty() {
            kept.extend(added);
            kept.sort_by_cached_key(|&child| (!self.is_unit(child), records.sibling_key(child)));
        }
        kept
    }
}

enum Walk {
    Runs(std::iter::Chain<Range<Ordinal>, Range<Ordinal>>),
    Merged(std::vec::IntoIter<Ordinal>),
}

impl Iterator for Walk {
    type Item = Ordinal;

    fn next(&mut self) -> Option<Ordinal> {
        match self {
            Walk::Runs(runs) => runs.next(),
            Walk::Merged(merged) => merged.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Walk::Runs(runs) => runs.size_hint(),
            Walk::Merged(merged) => merged.size_hint(),
        }
    }
}
