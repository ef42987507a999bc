//! What is below an anchor: organizations that hold what it leaves open of the query.

use super::{LIMIT, Likely, ShortForms, better_first, is_sounded, same_value, sort_likely};
use crate::index::records::Records;
use crate::search::lattice::{Arc, ArcKind, Lattice};
use crate::text::sounds::{self, Sound};
use crate::text::symbols::{ClassKey, Symbol};
use index_data::model::Ordinal;

/// Units below which further organizations are looked for, in each round.
const ANCHORS: usize = 12;
/// What an anchor may leave open more than the best one does, as a share of the query: below a province everything is
/// likely, so it is looked below only where nothing closer is known.
const FURTHER_OPEN: f32 = 0.35;
/// Organizations looked at below one unit: a district has more, but then a part of it is named as well.
const MOST_BELOW: usize = 3_000;
/// What a matching year, class or grade counts.
const CLASS_WEIGHT: f32 = 8.0;

impl ShortForms<'_> {
    /// Looks below the anchors that leave least open; gives the units found that may lead further.
    pub(super) fn below(&mut self, anchors: &[Likely], looked_below: &mut Vec<Ordinal>) -> Vec<Likely> {
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
