//! Compares the live organizations with those of a tree.

use super::change::{Change, ChangeKind, ChangeKinds, OrgState};
use super::groups::Counting;
use super::{Difference, SAMPLES};
use crate::index::layers::Records;
use index_data::model::{LevelOrder, Ordinal, OrgKind, OrgStatus, OrgTree};
use std::borrow::Cow;

/// Stands for "not in the new tree".
const GONE: Ordinal = Ordinal::MAX;
/// Organizations between two looks at whether somebody still wants the result.
const EVERY: Ordinal = 4_096;

/// What a comparison gives.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) difference: Difference,
    pub(crate) losses: Losses,
}

/// What the gate judges. Samples are the highest in the tree, in static order.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    pub(crate) live_units: u64,
    pub(crate) live_leaves: u64,
    pub(crate) units: Lost,
    pub(crate) leaves: Lost,
    pub(crate) moved: Lost,
    pub(crate) renamed: Lost,
    /// Units that left although organizations below them are in use. One that is marked as closed in the new tree is
    /// no longer in use; one that left with its unit was until now.
    pub(crate) units_with_active: Lost,
}

/// Organizations of one sort: how many, and the first few.
#[derive(Debug, Default)]
pub(crate) struct Lost {
    pub(crate) count: u64,
    pub(crate) samples: Vec<LostOrg>,
}

/// A live organization that the gate looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LostOrg {
    pub(crate) id: String,
    pub(crate) name: String,
    /// What became of it; `None` if it is gone.
    pub(crate) now: Option<String>,
    /// Organizations in use below it, where that is what counts.
    pub(crate) active_below: Option<u64>,
}

impl Lost {
    fn add(&mut self, sample: impl FnOnce() -> LostOrg) {
        self.count += 1;
        if self.samples.len() < SAMPLES {
            self.samples.push(sample());
        }
    }
}

/// Gets every change.
pub(crate) type Each<'e, E> = &'e mut dyn FnMut(&Change<'_>) -> Result<(), E>;

/// Compares; every change goes to `each` as well, if there is one.
///
/// # Errors
/// What `each` and `progress` give. `progress` gets how many organizations of both trees were looked at.
pub(crate) fn compare<E>(
    live: &Records,
    tree: &OrgTree,
    each: Option<Each<'_, E>>,
    mut progress: impl FnMut(u64) -> Result<(), E>,
) -> Result<Comparison, E> {
    let mut walk = Walk::new(live, tree, each);
    for ordinal in 0..live.len() {
        if ordinal.is_multiple_of(EVERY) {
            progress(u64::from(ordinal))?;
        }
        if live.is_hidden(ordinal) {
            walk.now.push(GONE);
            continue;
        }
        walk.leave_or_change(ordinal)?;
    }
    for ordinal in tree.ordinals() {
        if ordinal.is_multiple_of(EVERY) {
            progress(u64::from(live.len()) + u64::from(ordinal))?;
        }
        walk.come(ordinal)?;
    }
    progress(u64::from(live.len()) + u64::from(tree.len()))?;
    Ok(walk.finish())
}

struct Walk<'a, 'e, E> {
    live: &'a Records,
    tree: &'a OrgTree,
    each: Option<Each<'e, E>>,
    /// For each live organization its ordinal in the new tree, or [`GONE`]; filled from the front.
    now: Vec<Ordinal>,
    /// The new organizations that are live already, a bit each.
    known: Vec<u64>,
    /// The id of the live tree's only root, of the new one's if none is live: parts of the tree begin below it.
    root: Option<Cow<'a, str>>,
    by_region: Counting,
    by_kind: Counting,
    by_subtree: Counting,
    /// Samples taken of each kind.
    taken: [usize; ChangeKind::ALL.len()],
    difference: Difference,
    losses: Losses,
}

impl<'a, 'e, E> Walk<'a, 'e, E> {
    fn new(live: &'a Records, tree: &'a OrgTree, each: Option<Each<'e, E>>) -> Self {
        let (units, orgs) = (u64::from(live.units()), u64::from(live.orgs()));
        let root = match live.orgs() {
            0 => only(LevelOrder::roots(tree)).map(|root| Cow::Borrowed(tree.id(root))),
            _ => only(live.hierarchy().roots()).map(|root| live.id(root).into_text()),
        };
        Walk {
            live,
            tree,
            each,
            now: Vec::with_capacity(live.len() as usize),
            known: vec![0; (tree.len() as usize).div_ceil(64)],
            root,
            by_region: Counting::default(),
            by_kind: Counting::default(),
            by_subtree: Counting::default(),
            taken: [0; ChangeKind::ALL.len()],
            difference: Difference { live: orgs, new: u64::from(tree.len()), ..Difference::default() },
            losses: Losses {
                live_units: units,
                live_leaves: orgs.saturating_sub(units),
                ..Losses::default()
            },
        }
    }

    /// What became of a live organization.
    fn leave_or_change(&mut self, ordinal: Ordinal) -> Result<(), E> {
        let (live, tree) = (self.live, self.tree);
        let now = tree.find(&live.id(ordinal));
        self.now.push(now.unwrap_or(GONE));
        let Some(now) = now else {
            let lost = || lost_org(live, ordinal, None);
            match live.hierarchy().is_unit(ordinal) {
                true => self.losses.units.add(lost),
                false => self.losses.leaves.add(lost),
            }
            return self.tell(ChangeKinds::of([ChangeKind::Removed]), Some(ordinal), None);
        };
        self.known[now as usize / 64] |= 1 << (now % 64);
        let kinds = self.kinds(ordinal, now);
        if kinds.is_empty() {
            return Ok(());
        }
        if kinds.has(ChangeKind::Renamed) {
            self.losses.renamed.add(|| lost_org(live, ordinal, Some(tree.name(now))));
        }
        if kinds.has(ChangeKind::Moved) {
            let above = tree.parent(now).map_or("", |parent| tree.name(parent));
            self.losses.moved.add(|| lost_org(live, ordinal, Some(above)));
        }
        self.tell(kinds, Some(ordinal), Some(now))
    }

    fn kinds(&self, ordinal: Ordinal, now: Ordinal) -> ChangeKinds {
        let (live, tree) = (self.live, self.tree);
        // A parent's ordinal is smaller, so it was looked up before.
        let above = live.parent(ordinal).and_then(|parent| self.now.get(parent as usize).copied());
        let has_aliases = |aliases: &[String]| aliases == tree.details(now).aliases;
        let same_aliases = match live.has_details(ordinal) {
            true => has_aliases(&live.details(ordinal).aliases),
            false => has_aliases(&[]),
        };
        ChangeKinds::default()
            .with_if(ChangeKind::Renamed, live.name(ordinal) != tree.name(now))
            .with_if(ChangeKind::Moved, above != tree.parent(now))
            .with_if(ChangeKind::Status, status(live, ordinal) != tree.status(now).code())
            .with_if(ChangeKind::Aliases, !same_aliases)
    }

    /// A new organization, if it is not live.
    fn come(&mut self, ordinal: Ordinal) -> Result<(), E> {
        if self.known[ordinal as usize / 64] & (1 << (ordinal % 64)) != 0 {
            return Ok(());
        }
        self.tell(ChangeKinds::of([ChangeKind::Added]), None, Some(ordinal))
    }

    /// Counts a change, keeps it as a sample, hands it on.
    fn tell(&mut self, kinds: ChangeKinds, old: Option<Ordinal>, new: Option<Ordinal>) -> Result<(), E> {
        self.difference.counts.add(kinds);
        self.count_groups(kinds, old, new);
        let is_sample = kinds.iter().any(|kind| self.taken[kind as usize] < SAMPLES);
        if self.each.is_none() && !is_sample {
            return Ok(());
        }
        let (before, after) = (old.map(|at| before(self.live, at)), new.map(|at| after(self.tree, at)));
        let id = match (old, new) {
            (Some(old), _) => self.live.id(old).into_text(),
            (None, Some(new)) => Cow::Borrowed(self.tree.id(new)),
            (None, None) => return Ok(()),
        };
        let change = Change { id, kinds, before, after };
        if let Some(each) = &mut self.each {
            each(&change)?;
        }
        if is_sample {
            kinds.iter().for_each(|kind| self.taken[kind as usize] += 1);
            self.difference.samples.push(change.into_owned());
        }
        Ok(())
    }

    fn count_groups(&mut self, kinds: ChangeKinds, old: Option<Ordinal>, new: Option<Ordinal>) {
        let (live, tree) = (self.live, self.tree);
        let (region, kind, (part, name)) = match (old, new) {
            (_, Some(new)) => {
                (tree.region(new).unwrap_or_default(), tree_kind(tree, new), self.new_part(new))
            }
            (Some(old), None) => (region(live, old), kind(live, old), self.live_part(old)),
            (None, None) => return,
        };
        self.by_region.add(region, kinds, || region.to_owned());
        self.by_kind.add(kind, kinds, || kind.to_owned());
        self.by_subtree.add(&part, kinds, || name.to_owned());
    }

    /// Id and name of the part of the tree that a new organization stands in.
    fn new_part(&self, ordinal: Ordinal) -> (Cow<'a, str>, &'a str) {
        let tree = self.tree;
        let path = std::iter::once(ordinal).chain(tree.ancestors(ordinal));
        let part = path.take_while(|&at| at == ordinal || Some(tree.id(at)) != self.root.as_deref()).last();
        part.map_or((Cow::Borrowed(""), ""), |part| (Cow::Borrowed(tree.id(part)), tree.name(part)))
    }

    /// The same of a live one.
    fn live_part(&self, ordinal: Ordinal) -> (Cow<'a, str>, &'a str) {
        let live = self.live;
        let path = std::iter::once(ordinal).chain(live.ancestors(ordinal));
        let part = path.take_while(|&at| at == ordinal || Some(&*live.id(at)) != self.root.as_deref()).last();
        part.map_or((Cow::Borrowed(""), ""), |part| (live.id(part).into_text(), live.name(part)))
    }

    fn finish(mut self) -> Comparison {
        self.find_units_lost_with_active();
        let mut difference = self.difference;
        difference.by_region = self.by_region.finish();
        difference.by_kind = self.by_kind.finish();
        difference.by_subtree = self.by_subtree.finish();
        Comparison { difference, losses: self.losses }
    }

    fn find_units_lost_with_active(&mut self) {
        let (live, tree) = (self.live, self.tree);
        let mut active_below = vec![0u32; live.len() as usize];
        // From the last to the first: what is below a unit is counted before the unit is added to the one above it.
        for ordinal in live.visible().rev() {
            let Some(above) = live.parent(ordinal) else { continue };
            let is_active = status(live, ordinal) == OrgStatus::Active.code()
                && match self.now[ordinal as usize] {
                    GONE => true,
                    now => *tree.status(now) == OrgStatus::Active,
                };
            let below = active_below[ordinal as usize];
            if let Some(count) = active_below.get_mut(above as usize) {
                *count = count.saturating_add(below).saturating_add(u32::from(is_active));
            }
        }
        for ordinal in live.visible() {
            let below = active_below[ordinal as usize];
            if self.now[ordinal as usize] == GONE && below > 0 {
                self.losses.units_with_active.add(|| LostOrg {
                    active_below: Some(u64::from(below)),
                    ..lost_org(live, ordinal, None)
                });
            }
        }
    }
}

/// The one item, if there is only one.
fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

fn lost_org(live: &Records, ordinal: Ordinal, now: Option<&str>) -> LostOrg {
    let (id, name) = (live.id(ordinal).to_owned(), live.name(ordinal).to_owned());
    LostOrg { id, name, now: now.map(str::to_owned), active_below: None }
}

fn status(live: &Records, ordinal: Ordinal) -> &str {
    live.words().status(live.codes(ordinal)).unwrap_or(OrgStatus::Active.code())
}

fn kind(live: &Records, ordinal: Ordinal) -> &str {
    live.words().kind(live.codes(ordinal)).unwrap_or_default()
}

fn region(live: &Records, ordinal: Ordinal) -> &str {
    live.inherited_region(ordinal).unwrap_or_default()
}

fn tree_kind(tree: &OrgTree, ordinal: Ordinal) -> &str {
    tree.kind(ordinal).map_or("", OrgKind::code)
}

fn before(live: &Records, ordinal: Ordinal) -> OrgState<'_> {
    OrgState {
        name: Cow::Borrowed(live.name(ordinal)),
        parent_id: live.parent(ordinal).map(|parent| live.id(parent).into_text()),
        status: Cow::Borrowed(status(live, ordinal)),
        aliases: live.details(ordinal).aliases,
        kind: Cow::Borrowed(kind(live, ordinal)),
        region: Cow::Borrowed(region(live, ordinal)),
    }
}

fn after(tree: &OrgTree, ordinal: Ordinal) -> OrgState<'_> {
    OrgState {
        name: Cow::Borrowed(tree.name(ordinal)),
        parent_id: tree.parent(ordinal).map(|parent| Cow::Borrowed(tree.id(parent))),
        status: Cow::Borrowed(tree.status(ordinal).code()),
        aliases: tree.details(ordinal).aliases,
        kind: Cow::Borrowed(tree_kind(tree, ordinal)),
        region: Cow::Borrowed(tree.region(ordinal).unwrap_or_default()),
    }
}
