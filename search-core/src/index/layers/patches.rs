//! What an overlay changes of organizations that stay in the base: the numbers of units above changed ones, and what
//! tells apart those whose name others got or lost.

use super::Records;
use super::members::BaseMembers;
use super::records::{ByOrdinal, OverlayRecords, UnitPatch};
use crate::index::disambiguator::{BearersOfNames, hash_of, tell_apart};
use crate::index::prior::{members_below, members_of};
use crate::index::records::SegmentRecords;
use index_data::model::{LevelOrder, Ordinal, OrgKind, OrgTree};
use std::cell::RefCell;
use std::collections::HashSet;

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
///
/// `before` is an earlier overlay of the same base. Some names are borne by fifty thousand classes, so only those are
/// worked out whose bearers, or what stands above them, are others than in it.
pub(super) fn disambiguators(
    records: &Records,
    overlay: &OverlayRecords,
    tree: &OrgTree,
    before: Option<&OverlayRecords>,
) -> ByOrdinal<u8> {
    // Whatever was changed stays changed, unless a batch was taken back.
    let before = before.filter(|before| before.ids().all(|id| overlay.segment.find_id(&id).is_some()));
    let mut found = before.map(|before| carried_over(before, overlay)).unwrap_or_default();
    let bearers_of = LayeredBearers { records, cores: RefCell::default() };
    for name in renewed_names(records.base(), overlay, tree, before) {
        let bearers: Vec<Ordinal> = records.find_name(name).collect();
        if !bearers.is_empty() {
            tell_apart(&bearers, &bearers_of, &mut |ordinal, packed| {
                found.insert(ordinal, packed);
            });
        }
    }
    found
}

/// What tells apart whom an earlier overlay tells apart, by the ordinals of now.
fn carried_over(before: &OverlayRecords, overlay: &OverlayRecords) -> ByOrdinal<u8> {
    let now = |ordinal: Ordinal| match ordinal.checked_sub(before.start) {
        None => Some(ordinal),
        Some(local) => Some(overlay.start + overlay.segment.find_id(&before.segment.id(local))?),
    };
    before.disambiguators.iter().filter_map(|(&ordinal, &packed)| Some((now(ordinal)?, packed))).collect()
}

/// The names of all organizations of the overlay that are not as they were before, or stand below such ones; those
/// that they bear now, and those that they bore.
fn renewed_names<'a>(
    base: &'a SegmentRecords,
    overlay: &'a OverlayRecords,
    tree: &OrgTree,
    before: Option<&'a OverlayRecords>,
) -> HashSet<&'a str> {
    let mut names = HashSet::new();
    let mut is_renewed = vec![false; tree.len() as usize];
    for local in overlay.changed() {
        let id = tree.id(local);
        let known = before.and_then(|before| Some((before, before.segment.find_id(id)?)));
        let is_as_before = known.is_some_and(|(before, at)| is_alike((before, at), (overlay, local)));
        // A parent's ordinal is smaller than its children's.
        let is_parent_renewed = tree.parent(local).is_some_and(|parent| is_renewed[parent as usize]);
        if is_as_before && !is_parent_renewed {
            continue;
        }
        is_renewed[local as usize] = true;
        names.insert(overlay.segment.normalized(local));
        match known {
            Some((before, at)) => names.extend([before.segment.normalized(at)]),
            None => names.extend(base.find_id(id).map(|tombstone| base.normalized(tombstone))),
        }
    }
    names
}

/// Whether an organization bears the same name in two overlays, below the same parent, and is of the same kind.
fn is_alike(before: (&OverlayRecords, Ordinal), now: (&OverlayRecords, Ordinal)) -> bool {
    let ((before, was), (now, is)) = (before, now);
    let parent =
        |segment: &SegmentRecords, at| segment.parent(at).map(|parent| segment.id(parent).to_string());
    before.segment.normalized_bytes(was) == now.segment.normalized_bytes(is)
        && parent(&before.segment, was) == parent(&now.segment, is)
        && before.segment.kind(was) == now.segment.kind(is)
}

struct LayeredBearers<'a> {
    records: &'a Records,
    /// Hashes of the cores of units: thousands stand below one.
    cores: RefCell<ByOrdinal<u64>>,
}

impl BearersOfNames for LayeredBearers<'_> {
    fn parent(&self, ordinal: Ordinal) -> Option<Ordinal> {
        self.records.parent(ordinal)
    }

    fn core(&self, ordinal: Ordinal) -> Option<u64> {
        let mut cores = self.cores.borrow_mut();
        Some(*cores.entry(ordinal).or_insert_with(|| hash_of(self.records.core(ordinal))))
    }

    fn kind(&self, ordinal: Ordinal) -> Option<u64> {
        self.records.kind(ordinal).as_ref().map(OrgKind::code).map(hash_of)
    }
}
