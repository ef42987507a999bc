//! The leg for what stands in no name as it was typed: short forms, pinyin, other numbers, errors, parts in any order.
//!
//! Two steps. First the **anchors**: units whose names, with those above them, hold most of the pairs of sounds typed,
//! the rarest pairs first. Then what is **below** them: organizations that hold what the anchor leaves open, told by
//! one word of signature each, and classes by their number. What is found is only likely; rank compares the names.

use super::Candidates;
use crate::index::pair_index::UnitList;
use crate::index::records::Records;
use crate::index::snapshot::Snapshot;
use crate::search::align::{SymbolHash, similar};
use crate::search::effort::Effort;
use crate::search::lattice::{Arc, ArcKind, Lattice};
use crate::search::plan::QueryPlan;
use crate::text::sounds::{self, Sound};
use crate::text::symbols::{ClassKey, Symbol};
use index_data::model::Ordinal;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

/// Anchors handed to rank, and again as many organizations below them.
pub(crate) const LIMIT: usize = 64;
/// Pairs of sounds that are looked up; one bit each.
const MAX_SLOTS: usize = 32;
/// Slots that are read however long their lists are.
const FEWEST_SLOTS: usize = 3;

/// What each symbol of a unit's name costs.
const LENGTH_COST: f32 = 0.05;
/// Units read to find those that hold two overlapping slots.
const CROSSING_STEPS: usize = 60_000;

/// Units below which further organizations are looked for, in each round.
const ANCHORS: usize = 12;
/// What an anchor may leave open more than the best one does, as a share of the query: below a province everything is
/// likely, so it is looked below only where nothing closer is known.
const FURTHER_OPEN: f32 = 0.35;
/// Organizations looked at below one unit: a district has more, but then a part of it is named as well.
const MOST_BELOW: usize = 16_000;
/// Rounds of looking below: a district, its school, the school's class.
const ROUNDS: usize = 3;
/// Slots, the rarest first, of each of which the best few are anchors whatever else they hold.
const SLOTS_HEARD: usize = 10;
const HEARD_OF_SLOT: usize = 6;
/// What a matching year, class or grade counts.
const CLASS_WEIGHT: f32 = 8.0;

/// How far to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// For what was typed as it is; the rarest pairs tell.
    Strict,
    /// Where that leads to nothing: also for what sounds or looks alike, and for common pairs.
    Deep,
}

impl Depth {
    /// Units that are enough to read beyond the rarest slots: a share of all organizations, within limits.
    fn enough(self, orgs: usize) -> usize {
        match self {
            Depth::Strict => (orgs / 128).clamp(1_000, 3_000),
            Depth::Deep => (orgs / 16).clamp(4_000, 20_000),
        }
    }
}

/// Two pieces typed side by side: the units that hold them, and what finding them says.
struct Slot<'a> {
    /// The pieces, by their places in the lattice.
    arcs: (usize, usize),
    lists: Vec<UnitList<'a>>,
    len: usize,
    weight: f32,
}

/// An organization with what it is likely to hold of the query, by weight.
#[derive(Clone, Copy)]
struct Likely {
    score: f32,
    ordinal: Ordinal,
}

pub(super) fn collect(plan: &QueryPlan<'_>, snapshot: &Snapshot, depth: Depth, candidates: &mut Candidates) {
    let effort = Effort::new(plan.request.budget.unit_steps, plan.request.cancel.as_deref());
    let mut search = ShortForms { plan, records: &snapshot.records, depth, effort, found: Vec::new() };
    let mut anchors = search.named();
    anchors.extend(search.anchors());
    if let Some(within) = plan.filter.within_org() {
        anchors.push(Likely { score: 0.0, ordinal: within });
    }
    for anchor in anchors.iter().filter(|anchor| plan.filter.accepts(&snapshot.records, anchor.ordinal)) {
        candidates.add(anchor.ordinal);
    }
    let mut looked_below: Vec<Ordinal> = Vec::new();
    for _ in 0..ROUNDS {
        anchors = search.below(&anchors, &mut looked_below);
        if anchors.is_empty() {
            break;
        }
    }
    if search.effort.is_spent() && !candidates.truncated.contains(&"short_forms") {
        candidates.truncated.push("short_forms");
    }
    sort_likely(&mut search.found);
    let accepted =
        search.found.iter().filter(|likely| plan.filter.accepts(&snapshot.records, likely.ordinal));
    accepted.take(LIMIT).for_each(|likely| candidates.add(likely.ordinal));
}

/// The likelier first; of equals the one that comes first in the tree.
fn better_first(a: &Likely, b: &Likely) -> Ordering {
    b.score.total_cmp(&a.score).then(a.ordinal.cmp(&b.ordinal))
}

fn sort_likely(likely: &mut Vec<Likely>) {
    likely.sort_unstable_by(better_first);
    let mut seen = std::collections::HashSet::with_hasher(SymbolHash);
    likely.retain(|likely| seen.insert(likely.ordinal));
}

struct ShortForms<'a> {
    plan: &'a QueryPlan<'a>,
    records: &'a Records,
    depth: Depth,
    effort: Effort<'a>,
    found: Vec<Likely>,
}

impl ShortForms<'_> {
    /// The units whose whole name a part begins or ends with, the longest name first.
    fn named(&self) -> Vec<Likely> {
        const SHORTEST: usize = 2;
        const LONGEST: usize = 20;
        const BEARERS: usize = 4;
        let text = self.plan.interpretation.text.text();
        let lattice = &self.plan.lattice;
        let mut named: Vec<Likely> = Vec::new();
        for segment in &lattice.segments {
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

    /// The units that hold most of the pairs, best first.
    fn anchors(&self) -> Vec<Likely> {
        let slots = self.slots();
        let mut bits: HashMap<Ordinal, u32, SymbolHash> =
            HashMap::with_capacity_and_hasher(4_096, SymbolHash);
        let orgs = self.records.len() as usize;
        let mut read = 0;
        'slots: for (at, slot) in slots.iter().enumerate() {
            if at >= FEWEST_SLOTS && read + slot.len > self.depth.enough(orgs) {
                self.read_crossings(&slots, at, &mut bits);
                break;
            }
            for list in &slot.lists {
                for ordinal in list.iter() {
                    if !self.effort.step() {
                        break 'slots;
                    }
                    *bits.entry(ordinal).or_default() |= 1 << at;
                }
            }
            read += slot.len;
        }
        let weight = |bits: u32| {
            let at = |bit: usize| if bits >> bit & 1 == 1 { slots[bit].weight } else { 0.0 };
            (0..slots.len()).map(at).sum::<f32>()
        };
        let mut with_above: HashMap<Ordinal, u32, SymbolHash> =
            HashMap::with_capacity_and_hasher(bits.len(), SymbolHash);
        // The best of all, and the best that hold each of the rarest slots: a common end (人民医院) must not crowd out
        // the one place that was typed before it.
        let mut best_of: Vec<Best> = (0..=SLOTS_HEARD.min(slots.len())).map(|_| Best::default()).collect();
        best_of[0].limit = LIMIT;
        for (&ordinal, &own) in &bits {
            let above =
                self.records.parent(ordinal).map_or(0, |parent| self.held(parent, &bits, &mut with_above));
            // Of equals the shorter name is the likelier: less of it is left unsaid.
            let length = LENGTH_COST * self.records.view_symbols(ordinal).len() as f32;
            let likely = Likely { score: weight(own | above) - length, ordinal };
            best_of[0].take(likely);
            for (slot, best) in best_of.iter_mut().skip(1).enumerate() {
                if (own | above) >> slot & 1 == 1 {
                    best.take(likely);
                }
            }
        }
        let mut likely: Vec<Likely> = best_of.into_iter().flat_map(Best::into_found).collect();
        sort_likely(&mut likely);
        likely
    }

    /// Where two of the slots too long to be read overlap (安康 and 康市 in 安康市), reads the units that hold both.
    fn read_crossings(
        &self,
        slots: &[Slot<'_>],
        unread: usize,
        bits: &mut HashMap<Ordinal, u32, SymbolHash>,
    ) {
        let mut work = (self.records.len() as usize / 16).clamp(4_000, CROSSING_STEPS);
        for (a, first) in slots.iter().enumerate().skip(unread) {
            for (b, second) in slots.iter().enumerate().skip(unread) {
                if first.arcs.1 != second.arcs.0 {
                    continue;
                }
                let (short, long) = if first.len <= second.len { (first, second) } else { (second, first) };
                if short.len > work {
                    continue;
                }
                work -= short.len;
                for list in &short.lists {
                    for other in &long.lists {
                        list.crossing(*other, |ordinal| *bits.entry(ordinal).or_default() |= 1 << a | 1 << b);
                    }
                }
            }
        }
    }

    /// The slots that a unit and those above it hold.
    fn held(
        &self,
        ordinal: Ordinal,
        own: &HashMap<Ordinal, u32, SymbolHash>,
        known: &mut HashMap<Ordinal, u32, SymbolHash>,
    ) -> u32 {
        if let Some(&held) = known.get(&ordinal) {
            return held;
        }
        let mut held = own.get(&ordinal).copied().unwrap_or(0);
        for above in self.records.ancestors(ordinal) {
            if let Some(&above) = known.get(&above) {
                held |= above;
                break;
            }
            held |= own.get(&above).copied().unwrap_or(0);
        }
        known.insert(ordinal, held);
        held
    }

    /// The pieces typed side by side, the rarest first.
    fn slots(&self) -> Vec<Slot<'_>> {
        let lattice = &self.plan.lattice;
        let orgs = self.records.len().max(1) as usize;
        let mut slots: Vec<Slot<'_>> = Vec::new();
        for segment in &lattice.segments {
            let arcs = || segment.arcs.clone().filter(|&arc| is_sounded(&lattice.arcs[arc]));
            for (a, b) in arcs().flat_map(|a| arcs().map(move |b| (a, b))) {
                let (first, second) = (&lattice.arcs[a], &lattice.arcs[b]);
                let lists = match second.from.checked_sub(first.to) {
                    Some(0) => self.lists(first, second),
                    // One piece too many between them, or the two in the wrong order.
                    Some(1) if self.depth == Depth::Deep => self.plain_lists(first, second),
                    None if self.depth == Depth::Deep && second.to == first.from => {
                        self.plain_lists(first, second)
                    }
                    _ => continue,
                };
                let len: usize = lists.iter().map(|list| list.len()).sum();
                if let Some(rarity) = orgs.checked_div(len) {
                    let weight = 1.0 + rarity.max(1).ilog2() as f32;
                    slots.push(Slot { arcs: (a, b), lists, len, weight });
                }
            }
        }
        slots.sort_by_key(|slot| slot.len);
        slots.truncate(MAX_SLOTS);
        slots
    }

    /// The units that hold two characters as they are.
    fn plain_lists(&self, first: &Arc, second: &Arc) -> Vec<UnitList<'_>> {
        match (&first.kind, &second.kind) {
            (ArcKind::Symbol(a), ArcKind::Symbol(b)) => vec![self.records.pairs().symbols(*a, *b)],
            _ => Vec::new(),
        }
    }

    /// The units that hold two pieces: as they are where both are characters and nothing is corrected, else by sound
    /// and shape.
    fn lists(&self, first: &Arc, second: &Arc) -> Vec<UnitList<'_>> {
        let pairs = self.records.pairs();
        let mut lists: Vec<UnitList<'_>> = Vec::new();
        if let (ArcKind::Symbol(a), ArcKind::Symbol(b)) = (&first.kind, &second.kind) {
            let (same_a, same_b) = (same_value(*a), same_value(*b));
            for &a in same_a.iter().flatten() {
                lists.extend(same_b.iter().flatten().map(|&b| pairs.symbols(a, b)));
            }
            if self.depth == Depth::Strict {
                return lists;
            }
            lists.extend(similar(*a).iter().map(|&a| pairs.symbols(a, *b)));
            lists.extend(similar(*b).iter().map(|&b| pairs.symbols(*a, b)));
        }
        for a in first.sounds() {
            lists.extend(ranges(&second.sounds()).into_iter().map(|(from, to)| pairs.sounds(a, from..=to)));
        }
        lists
    }

    /// Looks below the anchors that leave least open; gives the units found that may lead further.
    fn below(&mut self, anchors: &[Likely], looked_below: &mut Vec<Ordinal>) -> Vec<Likely> {
        let mut further: Vec<Likely> = Vec::new();
        let has_below = |anchor: &&Likely| {
            anchor.ordinal < self.records.inner_count() && !looked_below.contains(&anchor.ordinal)
        };
        let open = |anchor: &Likely| (*anchor, Open::new(&self.plan.lattice, anchor.ordinal, self.records));
        let mut opened: Vec<(Likely, Open)> =
            anchors.iter().filter(has_below).take(4 * ANCHORS).map(open).collect();
        opened.sort_by(|a, b| a.1.weight.total_cmp(&b.1.weight).then(a.0.ordinal.cmp(&b.0.ordinal)));
        let least = opened.first().map_or(0.0, |(_, open)| open.weight);
        let enough = least + FURTHER_OPEN * self.plan.lattice.total_weight();
        for (anchor, open) in opened.into_iter().take_while(|(_, open)| open.weight <= enough).take(ANCHORS) {
            looked_below.push(anchor.ordinal);
            if !open.pieces.is_empty() || !open.class.is_empty() {
                // What it holds of the query by weight, so that what is below different anchors compares.
                let score = self.plan.lattice.total_weight() - open.weight;
                self.look_below(&Likely { score, ..anchor }, &open, &mut further);
            }
        }
        sort_likely(&mut further);
        further
    }

    fn look_below(&mut self, anchor: &Likely, open: &Open, further: &mut Vec<Likely>) {
        let mut runs = Vec::new();
        self.records.subtree_runs(anchor.ordinal, &mut runs);
        let first = self.found.len();
        for ordinal in runs.into_iter().skip(1).flatten().take(MOST_BELOW) {
            if !self.effort.step() {
                break;
            }
            let held = open.held_by(ordinal, self.records);
            if held > 0.0 {
                self.found.push(Likely { score: anchor.score + held, ordinal });
            }
        }
        let own = &mut self.found[first..];
        own.sort_unstable_by(better_first);
        let kept = own.len().min(LIMIT);
        further.extend(
            own[..kept].iter().filter(|likely| likely.ordinal < self.records.inner_count()).take(ANCHORS),
        );
        self.found.truncate(first + kept);
    }
}

/// A symbol with what else writes the same number: 二 for 第二.
fn same_value(symbol: Symbol) -> [Option<Symbol>; 2] {
    [Some(symbol), crate::text::symbols::other_form(symbol)]
}

/// The best few of many.
struct Best {
    found: Vec<Likely>,
    limit: usize,
    /// What is no better than this is not among them.
    worst: f32,
}

impl Default for Best {
    fn default() -> Self {
        Best { found: Vec::new(), limit: HEARD_OF_SLOT, worst: f32::NEG_INFINITY }
    }
}

impl Best {
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

/// Whether pairs of sounds say anything of it: not of initials, and not of letters that may be pinyin.
fn is_sounded(arc: &Arc) -> bool {
    match arc.kind {
        ArcKind::Symbol(symbol) => crate::search::lattice::letter(symbol).is_none(),
        ArcKind::Syllable(_) | ArcKind::Beginning(_) => true,
        ArcKind::Initial(_) => false,
    }
}

/// Ascending sounds as ranges.
fn ranges(sounds: &[Sound]) -> Vec<(Sound, Sound)> {
    let mut ranges: Vec<(Sound, Sound)> = Vec::new();
    for &sound in sounds {
        match ranges.last_mut() {
            Some((_, to)) if *to + 1 == sound => *to = sound,
            _ => ranges.push((sound, sound)),
        }
    }
    ranges
}

/// What a query says beyond what a unit and those above it hold.
struct Open {
    /// Sounds, initials, weight.
    pieces: Vec<(u64, u32, f32)>,
    sounds: u64,
    initials: u32,
    class: ClassKey,
    /// The weight of all pieces that are open.
    weight: f32,
}

impl Open {
    fn new(lattice: &Lattice, anchor: Ordinal, records: &Records) -> Open {
        let mut held = [0u64; sounds::SOUNDS / 64];
        let mut symbols: Vec<Symbol> = Vec::with_capacity(64);
        for above in std::iter::once(anchor).chain(records.ancestors(anchor)) {
            for symbol in records.view_symbols(above) {
                symbols.push(symbol);
                sounds::sounds(symbol).for_each(|sound| held[usize::from(sound) / 64] |= 1 << (sound % 64));
            }
        }
        let holds = |sound: &Sound| held[usize::from(*sound) / 64] >> (sound % 64) & 1 == 1;
        let mut open = Open { pieces: Vec::new(), sounds: 0, initials: 0, class: lattice.class, weight: 0.0 };
        let is_read = |arc: &&Arc| is_sounded(arc) || matches!(arc.kind, ArcKind::Initial(_));
        let mut is_open = vec![true; lattice.weights.len()];
        let own_initials = records.view_codes(anchor).0;
        for arc in lattice.arcs.iter().filter(is_read) {
            let is_held = match arc.kind {
                ArcKind::Symbol(symbol) => {
                    same_value(symbol).iter().flatten().any(|same| symbols.contains(same))
                }
                ArcKind::Initial(letter) => sounds::letter_bit(Some(letter)) & own_initials != 0,
                ArcKind::Syllable(_) | ArcKind::Beginning(_) => arc.sounds().iter().any(holds),
            };
            if is_held {
                is_open[arc.from..arc.to].fill(false);
            }
        }
        open.weight =
            is_open.iter().zip(&lattice.weights).filter(|(open, _)| **open).map(|(_, weight)| weight).sum();
        for arc in lattice.arcs.iter().filter(is_read) {
            let of = arc.sounds();
            if !is_open[arc.from..arc.to].contains(&true) {
                continue;
            }
            let sounds = of.iter().fold(0, |bits, &sound| bits | sounds::signature_bit(sound));
            let initials = match arc.kind {
                ArcKind::Initial(letter) => sounds::letter_bit(Some(letter)),
                _ => 0,
            };
            open.sounds |= sounds;
            open.initials |= initials;
            open.pieces.push((sounds, initials, lattice.weight(arc.from..arc.to)));
        }
        open
    }

    /// The weight of what an organization's name holds of it; 0 where its class is another one.
    #[inline]
    fn held_by(&self, ordinal: Ordinal, records: &Records) -> f32 {
        let mut held = 0.0;
        let (initials, class) =
            if self.initials != 0 || !self.class.is_empty() { records.view_codes(ordinal) } else { (0, 0) };
        if !self.class.is_empty() && class != 0 {
            let class = ClassKey::unpack(class);
            let agrees = |wanted: bool, same: bool| match (wanted, same) {
                (true, true) => Some(CLASS_WEIGHT),
                (true, false) => None,
                (false, _) => Some(0.0),
            };
            let of = |wanted: bool, known: bool, same: bool| agrees(wanted && known, same);
            let (want, have) = (self.class, class);
            let year = of(want.year.is_some(), have.year.is_some(), want.year == have.year);
            let number = of(want.class.is_some(), have.class.is_some(), want.class == have.class);
            let grade = of(want.grade.is_some(), have.grade.is_some(), want.grade == have.grade);
            let (Some(year), Some(number), Some(grade)) = (year, number, grade) else { return 0.0 };
            held += year + number + grade;
        }
        let signature = records.signature(ordinal);
        if signature & self.sounds != 0 || initials & self.initials != 0 {
            for &(sounds, letter, weight) in &self.pieces {
                if sounds & signature != 0 || letter & initials != 0 {
                    held += weight;
                }
            }
        }
        held
    }
}
