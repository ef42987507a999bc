//! The anchors: units that, with those above them, hold most of what was typed side by side.

use super::slots::{MAX_SLOTS, Slot};
use super::{Depth, LIMIT, Likely, ShortForms, better_first, sort_likely};
use crate::index::pair_index::Unit;
use crate::index::records::Records;
use crate::search::lattice::{Arc, ArcKind, Segment, letter};
use index_data::model::Ordinal;
use std::ops::Range;

/// The anchors handed to rank.
const MEASURED: usize = 24;
/// Of fewer slots than these many units hold all, and rank has to tell them apart, unless a page of names holds the
/// very text.
const FEW_SLOTS: usize = 4;
const PAGE: usize = 10;
/// The rarest slots, which are read whatever is spent by then.
const FEWEST_SLOTS: usize = 3;
/// What each symbol of a unit's name costs: of equals the shorter name is the likelier, less of it is left unsaid.
const LENGTH_COST: f32 = 0.05;
/// Units read to find those that hold two slots whose lists are too long to be read.
const CROSSING_STEPS: usize = 60_000;
/// Units taken of one such crossing: what more hold says little, and the top of the tree comes first.
const CROSSED: usize = 2_500;
/// Slots, the rarest first, of each of which the best few are anchors whatever else they hold: a common end
/// (人民医院) must not crowd out the one place that was typed before it. The more organizations, the more places.
const SLOTS_HEARD: usize = 10;
const HEARD_OF_SLOT: std::ops::RangeInclusive<usize> = 3..=6;
const ORGS_A_HEARD_ONE: usize = 500_000;

impl Depth {
    /// Units that are enough to read: a share of all organizations, within limits.
    fn enough(self, orgs: usize) -> usize {
        match self {
            Depth::Strict => (orgs / 400).clamp(400, 1_000),
            Depth::Deep => (orgs / 16).clamp(4_000, 8_000),
        }
    }
}

impl ShortForms<'_> {
    /// The units whose whole name a part begins or ends with, the longest name first.
    pub(super) fn named(&self) -> Vec<Likely> {
        const SHORTEST: usize = 2;
        const LONGEST: usize = 20;
        const BEARERS: usize = 4;
        let text = self.plan.interpretation.text.text();
        let lattice = &self.plan.lattice;
        let mut named: Vec<Likely> = Vec::new();
        // A name in letters is a company's, and found as it is.
        let is_hanzi = |segment: &&Segment| !lattice.arcs[segment.arcs.clone()].iter().any(is_letters);
        for segment in lattice.segments.iter().filter(is_hanzi) {
            let Range { start, end } = segment.nodes;
            for len in (SHORTEST..=LONGEST.min(end - start)).rev() {
                for nodes in [start..start + len, end - len..end] {
                    let place = lattice.places[nodes.start].start..lattice.places[nodes.end - 1].end;
                    let Some(name) = text.get(place) else { continue };
                    let score = lattice.weight(nodes);
                    let found =
                        self.records.find_core(name).chain(self.records.find_alias(name)).take(BEARERS);
                    named.extend(found.map(|ordinal| Likely { score, ordinal }));
                }
            }
        }
        named
    }

    /// The organizations that hold most of the pairs.
    pub(super) fn anchors(&self) -> Anchors {
        let slots = self.slots();
        let weights = SlotWeights::new(&slots);
        let mut all = Best::new(LIMIT);
        let (fewest, most) = HEARD_OF_SLOT.into_inner();
        let heard_of_slot = (self.records.len() as usize / ORGS_A_HEARD_ONE).clamp(fewest, most);
        let mut best_of: Vec<Best> =
            slots.iter().take(SLOTS_HEARD).map(|_| Best::new(heard_of_slot)).collect();
        let mut holders = Holders::new(&self.holders(&slots), self.records);
        for at in 0..holders.units.len() {
            let (unit, held) = holders.with_above(at);
            let score = weights.of(held) - LENGTH_COST * unit.len() as f32;
            let likely = Likely { score, ordinal: unit.ordinal() };
            all.take(likely);
            let mut heard = held;
            while let Some(best) = best_of.get_mut(heard.trailing_zeros() as usize) {
                best.take(likely);
                heard &= heard - 1;
            }
        }
        let mut all = all.into_found();
        let heard: Vec<Likely> = best_of.into_iter().flat_map(Best::into_found).collect();
        let measured = if slots.len() < FEW_SLOTS && self.matches < PAGE { LIMIT } else { MEASURED };
        let mut likely: Vec<Likely> = all.iter().take(measured).chain(&heard).copied().collect();
        sort_likely(&mut likely);
        all.extend(heard);
        sort_likely(&mut all);
        Anchors { likely, all, tops: tops(&slots) }
    }

    /// A unit and a slot that it holds for each posting read: the rarest slots first, of longer ones the beginning,
    /// which is the top of the tree, and where two of them cross.
    fn holders(&self, slots: &[Slot<'_>]) -> Vec<Holder> {
        let enough = self.depth.enough(self.records.len() as usize);
        let mut holders: Vec<Holder> = Vec::with_capacity(enough);
        for (at, slot) in slots.iter().enumerate() {
            let left = enough.saturating_sub(holders.len());
            let most = if at < FEWEST_SLOTS { left.max(enough / FEWEST_SLOTS) } else { left };
            for list in &slot.lists {
                let share = if slot.len <= most { list.len() } else { list.len() * most / slot.len };
                for unit in list.iter().take(share) {
                    if !self.effort.step() {
                        return holders;
                    }
                    holders.push(holder(unit, at));
                }
            }
            if slot.len > most {
                self.read_crossings(slots, at, &mut holders);
                break;
            }
        }
        holders
    }

    /// Where two of the slots too long to be read overlap (安康 and 康市 in 安康市), reads the units that hold both,
    /// those pairs first that few units can hold.
    fn read_crossings(&self, slots: &[Slot<'_>], unread: usize, holders: &mut Vec<Holder>) {
        let open = unread..slots.len();
        let overlap = |&(a, b): &(usize, usize)| slots[a].arcs.1 == slots[b].arcs.0;
        let mut pairs: Vec<(usize, usize)> =
            open.clone().flat_map(|a| open.clone().map(move |b| (a, b))).filter(overlap).collect();
        pairs.sort_by_key(|&(a, b)| slots[a].len * slots[b].len);
        let orgs = self.records.len() as usize;
        let mut work = (orgs / 32).clamp(4_000, CROSSING_STEPS);
        let most = (orgs / 512).clamp(300, CROSSED);
        for (a, b) in pairs {
            let (first, second) = (&slots[a], &slots[b]);
            let (short, long) = if first.len <= second.len { (first, second) } else { (second, first) };
            if short.len > work {
                continue;
            }
            work -= short.len;
            for list in &short.lists {
                for other in &long.lists {
                    list.intersection(*other, most, |unit| {
                        holders.push((unit, 1 << a | 1 << b));
                    });
                }
            }
        }
    }
}

/// What [`ShortForms::anchors`] found, the likelier first.
pub(super) struct Anchors {
    /// Handed to rank.
    pub(super) likely: Vec<Likely>,
    /// Looked below.
    pub(super) all: Vec<Likely>,
    /// Looked below whatever else they hold: see [`tops`].
    pub(super) tops: Vec<Ordinal>,
}

/// The highest unit that holds each of the rarest slots: 从江 is the county, and its hospital lies below it, though the
/// hospitals of other places hold more of 从江人民医院.
fn tops(slots: &[Slot<'_>]) -> Vec<Ordinal> {
    const RARE: usize = 400;
    let top = |slot: &Slot<'_>| {
        let firsts = slot.lists.iter().filter_map(|list| list.iter().next());
        firsts.map(|unit| unit.ordinal()).min()
    };
    slots.iter().take(FEWEST_SLOTS).filter(|slot| slot.len <= RARE).filter_map(top).collect()
}

/// A unit and the slot it holds, as a bit.
type Holder = (Unit, u32);

fn holder(unit: Unit, slot: usize) -> Holder {
    (unit, 1 << slot)
}

/// Organizations of which it is remembered what they hold with those above.
const REMEMBERED: usize = 2_048;
const NOBODY: Ordinal = Ordinal::MAX;

/// Units with the slots they hold, as bits.
struct Holders<'a> {
    records: &'a Records,
    /// Each once, in the order they were read, with its parent: the processor fetches many at once where nothing waits
    /// for each.
    units: Vec<(Unit, Option<Ordinal>)>,
    /// What they hold by their own names: a table by a hash, at most half full.
    own: Vec<(Ordinal, u32)>,
    /// What organizations hold with those above, by a hash; later ones take the place of earlier ones.
    remembered: Box<[(Ordinal, u32); REMEMBERED]>,
    /// The last parent asked for: siblings stand side by side.
    last: (Ordinal, u32),
}

impl<'a> Holders<'a> {
    fn new(holders: &[Holder], records: &'a Records) -> Self {
        let mut own = vec![(NOBODY, 0); (2 * holders.len()).next_power_of_two()];
        let mut units: Vec<(Unit, Option<Ordinal>)> = Vec::with_capacity(holders.len());
        for &(unit, slots) in holders {
            let at = place(&own, unit.ordinal());
            let (known, held) = &mut own[at];
            if *known == NOBODY {
                *known = unit.ordinal();
                units.push((unit, None));
            }
            *held |= slots;
        }
        units.iter_mut().for_each(|(unit, parent)| *parent = records.parent(unit.ordinal()));
        let remembered = Box::new([(NOBODY, 0); REMEMBERED]);
        Holders { records, units, own, remembered, last: (NOBODY, 0) }
    }

    /// A unit and what it holds with those above.
    fn with_above(&mut self, at: usize) -> Holder {
        let (unit, parent) = self.units[at];
        if let Some(parent) = parent.filter(|&parent| parent != self.last.0) {
            self.last = (parent, self.held_by(parent));
        }
        let above = if parent.is_some() { self.last.1 } else { 0 };
        (unit, self.own(unit.ordinal()) | above)
    }

    fn own(&self, ordinal: Ordinal) -> u32 {
        self.own[place(&self.own, ordinal)].1
    }

    /// What an organization above a unit holds with those above itself.
    fn held_by(&mut self, ordinal: Ordinal) -> u32 {
        const DEEPEST: usize = 8;
        let mut passed = [NOBODY; DEEPEST];
        let mut held = 0;
        for (step, above) in std::iter::once(ordinal).chain(self.records.ancestors(ordinal)).enumerate() {
            let (known, of_known) = self.remembered[spread(above, REMEMBERED)];
            if known == above {
                held |= of_known;
                break;
            }
            match passed.get_mut(step) {
                Some(passed) => *passed = above,
                None => held |= self.own(above),
            }
        }
        for above in passed.into_iter().rev().filter(|&above| above != NOBODY) {
            held |= self.own(above);
            self.remembered[spread(above, REMEMBERED)] = (above, held);
        }
        held
    }
}

/// Where an organization stands in a table of a power of two, or the free place where it would.
fn place(table: &[(Ordinal, u32)], ordinal: Ordinal) -> usize {
    let mut place = spread(ordinal, table.len());
    while table[place].0 != ordinal && table[place].0 != NOBODY {
        place = (place + 1) & (table.len() - 1);
    }
    place
}

/// Spreads ordinals over `0..places`, a power of two.
fn spread(ordinal: Ordinal, places: usize) -> usize {
    (u64::from(ordinal.wrapping_mul(0x9e37_79b9)) >> (u32::BITS - places.ilog2())) as usize
}

/// What finding any of the slots says, summed up for each byte of them.
struct SlotWeights(Vec<[f32; 256]>);

impl SlotWeights {
    fn new(slots: &[Slot<'_>]) -> Self {
        let of_byte = |byte: &[Slot<'_>]| {
            let mut sums = [0.0; 256];
            for (at, slot) in byte.iter().enumerate() {
                for bits in 0..1 << at {
                    sums[1 << at | bits] = sums[bits] + slot.weight;
                }
            }
            sums
        };
        SlotWeights(slots[..slots.len().min(MAX_SLOTS)].chunks(8).map(of_byte).collect())
    }

    fn of(&self, held: u32) -> f32 {
        self.0.iter().zip(held.to_le_bytes()).map(|(weights, byte)| weights[usize::from(byte)]).sum()
    }
}

/// The best few of many.
struct Best {
    found: Vec<Likely>,
    limit: usize,
    /// What is no better than this is not among them.
    worst: f32,
}

impl Best {
    fn new(limit: usize) -> Self {
        Best { found: Vec::with_capacity(4 * limit), limit, worst: f32::NEG_INFINITY }
    }

    fn take(&mut self, likely: Likely) {
        if likely.score < self.worst {
            return;
        }
        self.found.push(likely);
        if self.found.len() >= 4 * self.limit {
            let (_, last, _) = self.found.select_nth_unstable_by(self.limit - 1, better_first);
            self.worst = last.score;
            self.found.truncate(self.limit);
        }
    }

    fn into_found(mut self) -> Vec<Likely> {
        self.found.sort_unstable_by(better_first);
        self.found.truncate(self.limit);
        self.found
    }
}

fn is_letters(arc: &Arc) -> bool {
    match arc.kind {
        ArcKind::Symbol(symbol) => letter(symbol).is_some(),
        _ => true,
    }
}
