//! What an overlay changes of organizations that stay in the base: the numbers of units above changed ones, and what
//! tells apart those whose name others got or lost.

use super::Records;
use super::members::BaseMembers;
use super::records::{ByOrdinal, OverlayRecords, UnitPatch};
use crate::index::disambiguator::{BearersOfNames, hash_of, tell_apart};
use crate::index::prior::{members_below, members_of};
use crate::index::records::SegmentRecords;
use index_data::model::{LevelOrder, Ordinal, OrgKind, OrgTree};
use std::collections::BTreeSet;

/// The units of the base above changed organizations, with their numbers.
pub(super) fn unit_patches(
    records: &Records,
    overlay: &OverlayRecords,
    tree: &OrgTree,
    members: &BaseMembers,
) -> ByOrdinal<UnitPatch> {
    let base = records.base();
    let mut patches = Patches { base, members, units: ByOrdinal::default() };
    let is_tombstone = |at: &Ordinal| overlay.hidden.contains(*at);
    for tombstone in overlay.hidden.of_run(0..base.len()) {
        let kept = base.ancestors(tombstone).skip_while(is_tombstone);
        kept.for_each(|unit| patches.of(unit).descendants -= 1);
        if let Some(parent) = base.parent(tombstone).filter(|parent| !is_tombstone(parent)) {
            let lost = members.below(base, tombstone);
            let patch = patches.of(parent);
            patch.children -= 1;
            patch.members_below = patch.members_below.saturating_sub(lost);
        }
    }
    let below = members_below(tree);
    for local in overlay.changed() {
        let above = tree.ancestors(local).filter_map(|at| overlay.seen(at));
        above.filter(|&at| at < overlay.start).for_each(|unit| patches.of(unit).descendants += 1);
        let parent = tree.parent(local).and_then(|at| overlay.seen(at));
        if let Some(parent) = parent.filter(|&parent| parent < overlay.start) {
            let patch = patches.of(parent);
            patch.children += 1;
            patch.members_below = patch.members_below.saturating_add(below[local as usize]);
        }
    }
    patches.settle_members();
    patches.units
}

/// The numbers of units while they are worked out; members are sums over children until they are settled.
struct Patches<'a> {
    base: &'a SegmentRecords,
    members: &'a BaseMembers,
    units: ByOrdinal<UnitPatch>,
}

impl Patches<'_> {
    fn of(&mut self, unit: Ordinal) -> &mut UnitPatch {
        let (base, members) = (self.base, self.members);
        self.units.entry(unit).or_insert_with(|| UnitPatch {
            children: base.hierarchy().children(unit).count() as u32,
            descendants: base.hierarchy().descendants(unit),
            members_below: members.of_children(base, unit).unwrap_or(0),
            prior: 0,
        })
    }

    /// Turns sums over children into members, from the lowest unit to the highest, and works out the priors.
    fn settle_members(&mut self) {
        let (base, members) = (self.base, self.members);
        let mut units: Vec<Ordinal> = self.units.keys().copied().collect();
        units.sort_unstable_by_key(|&unit| std::cmp::Reverse(unit));
        for unit in units {
            let patch = self.of(unit);
            let now = members_of(base.members(unit), Some(patch.members_below));
            (patch.members_below, patch.prior) = (now, members.prior(base, unit, now));
            let before = members.below(base, unit);
            if let Some(above) = base.parent(unit) {
                let above = self.of(above);
                above.members_below = above.members_below.saturating_sub(before).saturating_add(now);
            }
        }
    }
}

/// Of the names that organizations of the overlay bear, and of those that tombstones bore: what tells apart who bears
/// them now.
pub(super) fn disambiguators(records: &Records, overlay: &OverlayRecords) -> ByOrdinal<u8> {
    let base = records.base();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    names.extend(overlay.hidden.of_run(0..base.len()).map(|tombstone| base.normalized(tombstone)));
    names.extend(overlay.changed().map(|local| overlay.segment.normalized(local)));
    let mut found = ByOrdinal::default();
    for name in names {
        let bearers: Vec<Ordinal> = records.find_name(name).collect();
        if !bearers.is_empty() {
            tell_apart(&bearers, records, &mut |ordinal, packed| {
                found.insert(ordinal, packed);
            });
        }
    }
    found
}

impl BearersOfNames for Records {
    fn parent(&self, ordinal: Ordinal) -> Option<Ordinal> {
        Records::parent(self, ordinal)
    }

    fn core(&self, ordinal: Ordinal) -> Option<u64> {
        Some(hash_of(Records::core(self, ordinal)))
    }

    fn kind(&self, ordinal: Ordinal) -> Option<u64> {
        Records::kind(self, ordinal).as_ref().map(OrgKind::code).map(hash_of)
    }
}
