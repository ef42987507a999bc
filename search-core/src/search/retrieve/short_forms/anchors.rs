//! The anchors: units that, with those above them, hold most of the query's bigrams.

use super::bigrams::{Bigram, MAX_BIGRAMS};
use super::holders::{Holder, Holders, holder};
use super::leg::{Depth, LIMIT, Likely, ShortForms, better_first, sort_likely};
use crate::index::layers::Records;
use crate::index::rank_row::UnitRow;
use crate::index::unit_list::UnitList;
use crate::search::lattice::{Edge, EdgeKind, Lattice, Segment, letter};
use index_data::model::Ordinal;
use std::ops::Range;

/// Anchors that become candidates.
const CANDIDATES: usize = 24;
/// A query of fewer bigrams than this is held whole by many units. Then all anchors become candidates, so that ranking
/// tells them apart, unless a page of names holds the literal text.
const FEW_BIGRAMS: usize = 4;
const PAGE: usize = 10;
/// The rarest bigrams. Some postings of each are read however many the rarer ones have.
const ALWAYS_READ: usize = 3;
/// What each symbol of a unit's name costs: of two units that hold the same, the one with the shorter name is likelier.
const LENGTH_COST: f32 = 0.05;
/// Postings read of each list of one of the rarest bigrams: of many short lists, as an unfinished syllable has, none is
/// left out.
const FEWEST_OF_LIST: usize = 3;
/// What each step of its prior earns a unit where the query says little.
const OF_PRIOR: f32 = 0.01;
/// Postings read to intersect lists that are too long to be read whole.
const INTERSECTION_STEPS: usize = 30_000;
/// Units taken of one such intersection, in static order: a bigram that more units hold tells little.
const INTERSECTION_LIMIT: usize = 1_800;
/// For each of so many of the rarest bigrams, the best few units that hold it are anchors whatever else they hold: a
/// common end (人民医院) must not crowd out the one place that was typed before it. In larger trees more places share a
/// bigram, so more units are taken.
const REPRESENTED_BIGRAMS: usize = 10;
const UNITS_FOR_EACH: std::ops::RangeInclusive<usize> = 3..=6;
const ORGS_FOR_EACH_UNIT: usize = 500_000;

impl Depth {
    /// How many postings are read; at most, of all organizations a share.
    fn enough(self, orgs: usize) -> usize {
        match self {
            Depth::Strict => (orgs / 400).clamp(400, 1_000),
            Depth::Deep => 1_500,
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
        // Names in Latin letters are found by other legs.
        let is_hanzi = |segment: &&Segment| !lattice.edges[segment.edges.clone()].iter().any(is_letters);
        for segment in lattice.segments.iter().filter(is_hanzi) {
            let Range { start, end } = segment.nodes;
            for len in (SHORTEST..=LONGEST.min(end - start)).rev() {
                for nodes in [start..start + len, end - len..end] {
                    let place = lattice.places[nodes.start].start..lattice.places[nodes.end - 1].end;
                    let Some(name) = text.get(place) else { continue };
                    let score = lattice.weight(nodes);
                    let short = self.records.find_short_name(name).map(|(ordinal, _)| ordinal);
                    let found = self.records.find_core(name).chain(self.records.find_alias(name));
                    let found = found.take(BEARERS).chain(short.take(BEARERS));
                    named.extend(found.map(|ordinal| Likely { score, ordinal }));
                }
            }
        }
        named
    }

    /// The units that hold most of the bigrams.
    pub(super) fn anchors(&self) -> Anchors {
        let bigrams = self.bigrams();
        let weights = BigramWeights::new(&bigrams);
        let mut all = Best::new(LIMIT);
        let (fewest, most) = UNITS_FOR_EACH.into_inner();
        let units_for_each = (self.records.orgs() as usize / ORGS_FOR_EACH_UNIT).clamp(fewest, most);
        // What speaks for a unit whatever it holds, where the query leaves a weight to it.
        let share_of_prior = self.plan.prior_share() * OF_PRIOR;
        let mut best_of: Vec<Best> =
            bigrams.iter().take(REPRESENTED_BIGRAMS).map(|_| Best::new(units_for_each)).collect();
        let mut holders = Holders::new(&self.holders(&bigrams), self.records);
        for at in 0..holders.units.len() {
            let held = holders.with_above(at);
            let (ordinal, UnitRow { view_len, prior, .. }) = holders.units[at];
            if self.records.is_hidden(ordinal) {
                continue;
            }
            let score =
                weights.of(held) - LENGTH_COST * f32::from(view_len) + share_of_prior * f32::from(prior);
            let likely = Likely { score, ordinal };
            all.take(likely);
            let mut left = held;
            while let Some(best) = best_of.get_mut(left.trailing_zeros() as usize) {
                best.take(likely);
                left &= left - 1;
            }
        }
        let mut all = all.into_found();
        let represented: Vec<Likely> = best_of.into_iter().flat_map(Best::into_found).collect();
        let candidates = if bigrams.len() < FEW_BIGRAMS && self.matches < PAGE { LIMIT } else { CANDIDATES };
        let mut likely: Vec<Likely> = all.iter().take(candidates).chain(&represented).copied().collect();
        sort_likely(&mut likely);
        all.extend(represented);
        sort_likely(&mut all);
        Anchors { likely, all, tops: tops(&bigrams, &self.plan.lattice, self.records) }
    }

    /// A unit and a bigram that it holds, for each posting read: the rarest bigrams first, of longer lists the
    /// beginning, which is the top of the tree, then intersections of what is left.
    fn holders(&self, bigrams: &[Bigram<'_>]) -> Vec<Holder> {
        let enough = self.depth.enough(self.records.orgs() as usize);
        let mut holders: Vec<Holder> = Vec::with_capacity(enough);
        for (at, bigram) in bigrams.iter().enumerate() {
            let left = enough.saturating_sub(holders.len());
            let most = if at < ALWAYS_READ { left.max(enough / ALWAYS_READ) } else { left };
            for list in &bigram.lists {
                if list.len() > most {
                    holders.extend(list.champions().map(|unit| holder(unit, at)));
                }
                let share = if bigram.len <= most {
                    list.len()
                } else {
                    (list.len() * most / bigram.len).max(FEWEST_OF_LIST.min(list.len()))
                };
                list.first_units(self.steps.take_up_to(share), |unit| holders.push(holder(unit, at)));
                if self.steps.is_spent() {
                    return holders;
                }
            }
            if bigram.len > most {
                self.read_intersections(bigrams, at, &mut holders);
                break;
            }
        }
        holders
    }

    /// Reads the units that hold two overlapping bigrams (安康 and 康市 in 安康市) whose lists are too long to be read,
    /// the shortest lists first.
    fn read_intersections(&self, bigrams: &[Bigram<'_>], unread: usize, holders: &mut Vec<Holder>) {
        let open = unread..bigrams.len();
        let overlap = |&(a, b): &(usize, usize)| bigrams[a].edges.1 == bigrams[b].edges.0;
        let mut pairs: Vec<(usize, usize)> =
            open.clone().flat_map(|a| open.clone().map(move |b| (a, b))).filter(overlap).collect();
        pairs.sort_by_key(|&(a, b)| bigrams[a].len * bigrams[b].len);
        let orgs = self.records.orgs() as usize;
        let mut work = (orgs / 32).clamp(4_000, INTERSECTION_STEPS);
        let most = (orgs / 512).clamp(300, INTERSECTION_LIMIT);
        for (a, b) in pairs {
            let (first, second) = (&bigrams[a], &bigrams[b]);
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

/// What [`ShortForms::anchors`] found, the likeliest first.
pub(super) struct Anchors {
    /// These become candidates.
    pub(super) likely: Vec<Likely>,
    /// Organizations below these are looked for.
    pub(super) all: Vec<Likely>,
    /// Below these as well, whatever else they hold: see [`tops`].
    pub(super) tops: Vec<Ordinal>,
}

/// The highest unit that holds a bigram, for each of the rarest: 从江 is the county, and its hospital lies below it, though
/// the hospitals of other places hold more of 从江人民医院. For the others as well where it is a place high in the tree
/// whose name begins so: 城关街道 and 学社衔接 are everywhere, and 咸阳 says where.
fn tops(bigrams: &[Bigram<'_>], lattice: &Lattice, records: &Records) -> Vec<Ordinal> {
    const RARE: usize = 400;
    const MOST: usize = 6;
    let mut tops: Vec<Ordinal> = Vec::new();
    for (at, bigram) in bigrams.iter().enumerate() {
        let Some(top) = bigram.lists.iter().filter_map(|list| first_visible(*list, records)).min() else {
            continue;
        };
        let is_rare = at < ALWAYS_READ && bigram.len <= RARE;
        if (is_rare || is_place(top, bigram, lattice, records)) && !tops.contains(&top) {
            tops.push(top);
        }
    }
    tops.truncate(MOST);
    tops
}

/// The first unit of a list that can be seen, among the first few.
fn first_visible(list: UnitList<'_>, records: &Records) -> Option<Ordinal> {
    const LOOKED_AT: usize = 64;
    if records.hidden().is_none() {
        return list.first();
    }
    let mut first = None;
    list.first_units(LOOKED_AT, |unit| first = first.or(Some(unit).filter(|&unit| !records.is_hidden(unit))));
    first
}

/// Whether a unit is a province, a city or a county, or stands as high, and its name begins with a bigram.
fn is_place(unit: Ordinal, bigram: &Bigram<'_>, lattice: &Lattice, records: &Records) -> bool {
    const LOWEST: u8 = 3;
    let row = records.rank_row(unit);
    let (first, second) = bigram.edges;
    let begins = || {
        let mut name = row.symbols();
        [first, second].into_iter().all(|edge| name.next() == lattice.edges[edge].symbol())
    };
    row.depth <= LOWEST && row.symbols().len() >= 2 && begins()
}

/// The summed weights of every set of bigrams, one table for each byte of the set.
struct BigramWeights(Vec<[f32; 256]>);

impl BigramWeights {
    fn new(bigrams: &[Bigram<'_>]) -> Self {
        let of_byte = |byte: &[Bigram<'_>]| {
            let mut sums = [0.0; 256];
            for (at, bigram) in byte.iter().enumerate() {
                for bits in 0..1 << at {
                    sums[1 << at | bits] = sums[bits] + bigram.weight;
                }
            }
            sums
        };
        BigramWeights(bigrams[..bigrams.len().min(MAX_BIGRAMS)].chunks(8).map(of_byte).collect())
    }

    fn of(&self, held: u32) -> f32 {
        self.0.iter().zip(held.to_le_bytes()).map(|(weights, byte)| weights[usize::from(byte)]).sum()
    }
}

/// The best few of many.
struct Best {
    found: Vec<Likely>,
    limit: usize,
    /// Anything worse than this is not among them.
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

fn is_letters(edge: &Edge) -> bool {
    match edge.kind {
        EdgeKind::Symbol(symbol) => letter(symbol).is_some(),
        EdgeKind::Synonym(_) => false,
        _ => true,
    }
}
