//! What is below an anchor: organizations that hold what it leaves open of the query.

use super::{Depth, LIMIT, Likely, ShortForms, better_first, is_read, same_value, sort_likely};
use crate::index::records::Records;
use crate::search::lattice::{Arc, ArcKind, Lattice};
use crate::text::sounds::{self, Sound};
use crate::text::symbols::{ClassKey, Symbol};
use index_data::model::{LevelOrder, Ordinal};

/// Units below which further organizations are looked for, in each round.
const ANCHORS: usize = 12;
/// The same where nothing is sure.
const DEEP_ANCHORS: usize = 32;
/// What an anchor may leave open more than the best one does, as a share of the query: below a province everything is
/// likely, so it is looked below only where nothing closer is known.
const FURTHER_OPEN: f32 = 0.35;
/// Organizations looked at below one unit: a district has more, but then a part of it is named as well.
const MOST_BELOW: usize = 3_000;
/// How much of a character is left open where an anchor holds one of its sound: what a homophone does not earn.
const OPEN_BY_SOUND: f32 = 0.35;
/// What a matching year, class or grade counts.
const CLASS_WEIGHT: f32 = 8.0;

impl ShortForms<'_> {
    /// Looks below `tops` and the anchors that leave least open; gives the units found that may lead further.
    pub(super) fn below(
        &mut self,
        anchors: &[Likely],
        tops: &[Ordinal],
        looked_below: &mut Vec<Ordinal>,
    ) -> Vec<Likely> {
        let mut further: Vec<Likely> = Vec::new();
        let has_below =
            |ordinal: &Ordinal| self.records.hierarchy().is_unit(*ordinal) && !looked_below.contains(ordinal);
        let lattice = &self.plan.lattice;
        let mut held = Held::new(&self.pieces, self.depth);
        let mut opened: Vec<(Ordinal, f32)> = Vec::with_capacity(4 * ANCHORS);
        let anchors = tops.iter().copied().chain(anchors.iter().map(|anchor| anchor.ordinal));
        for anchor in anchors.filter(has_below).take(4 * ANCHORS) {
            held.read(anchor, self.records);
            let open = held.open_nodes(&self.pieces, lattice);
            let weights = open.iter().zip(&lattice.weights);
            opened.push((anchor, weights.map(|(open, weight)| open * weight).sum()));
        }
        let least = opened.iter().map(|(_, open)| *open).fold(f32::MAX, f32::min);
        let enough = least + FURTHER_OPEN * lattice.total_weight();
        opened.retain(|(ordinal, open)| *open <= enough || tops.contains(ordinal));
        opened.sort_by(|a, b| {
            let is_top = |opened: &(Ordinal, f32)| tops.contains(&opened.0);
            is_top(b).cmp(&is_top(a)).then(a.1.total_cmp(&b.1))
        });
        let mut seen: Vec<Ordinal> = Vec::with_capacity(opened.len());
        opened.retain(|(ordinal, _)| {
            !seen.contains(ordinal) && {
                seen.push(*ordinal);
                true
            }
        });
        let looked = if self.depth == Depth::Deep { DEEP_ANCHORS } else { ANCHORS };
        for (ordinal, open_weight) in opened.into_iter().take(looked + tops.len()) {
            looked_below.push(ordinal);
            held.read(ordinal, self.records);
            let open = Open::new(&self.pieces, lattice, held.open_nodes(&self.pieces, lattice));
            if !open.pieces.is_empty() || !open.class.is_empty() {
                // What it holds of the query by weight, so that what is below different anchors compares.
                let score = lattice.total_weight() - open_weight;
                self.look_below(&Likely { score, ordinal }, &open, &mut further);
            }
        }
        sort_likely(&mut further);
        further
    }

    fn look_below(&mut self, anchor: &Likely, open: &Open, further: &mut Vec<Likely>) {
        let mut runs = Vec::new();
        self.records.subtree_runs(anchor.ordinal, &mut runs);
        let first = self.found.len();
        let mut left = MOST_BELOW;
        for run in runs.into_iter().skip(1) {
            let read = self.effort.steps(run.len().min(left));
            left -= read;
            let run = run.start..run.start + read as Ordinal;
            for (ordinal, (signature, codes)) in run.clone().zip(self.records.signatures_and_codes(run)) {
                let held = open.held_by(signature, codes);
                if held > 0.0 {
                    self.found.push(Likely { score: anchor.score + held, ordinal });
                }
            }
        }
        let own = &mut self.found[first..];
        let kept = own.len().min(LIMIT);
        if kept < own.len() {
            own.select_nth_unstable_by(kept, better_first);
        }
        let own = &mut own[..kept];
        own.sort_unstable_by(better_first);
        further.extend(
            own.iter().filter(|likely| self.records.hierarchy().is_unit(likely.ordinal)).take(ANCHORS),
        );
        self.found.truncate(first + kept);
    }
}

/// A typed piece that names below an anchor may hold.
pub(super) struct Piece<'a> {
    arc: &'a Arc,
    /// What it may sound like.
    sounds: Vec<Sound>,
    /// The same, as a signature.
    signature: u64,
    /// The letter that it may be the initial of.
    initials: u32,
    weight: f32,
}

/// The pieces of a query, once for all anchors.
pub(super) fn pieces(lattice: &Lattice, depth: Depth) -> Vec<Piece<'_>> {
    let is_read = |arc: &&Arc| is_read(arc, depth) || matches!(arc.kind, ArcKind::Initial(_));
    let piece = |arc| {
        let sounds = Arc::sounds(arc);
        Piece {
            signature: sounds.iter().fold(0, |bits, &sound| bits | sounds::signature_bit(sound)),
            sounds,
            initials: match arc.kind {
                ArcKind::Initial(letter) => sounds::letter_bit(Some(letter)),
                _ => 0,
            },
            weight: lattice.weight(arc.from..arc.to),
            arc,
        }
    };
    lattice.arcs.iter().filter(is_read).map(piece).collect()
}

/// What a unit and those above it hold.
struct Held {
    symbols: Vec<Symbol>,
    /// The symbols by their last six bits, as bits: most that are not held are told by these alone.
    filter: u64,
    /// Only where sounds tell something.
    sounds: Option<[u64; sounds::SOUNDS / 64]>,
    /// The initials of its own name.
    initials: u32,
    open: Vec<f32>,
}

impl Held {
    fn new(pieces: &[Piece<'_>], depth: Depth) -> Held {
        let is_pinyin =
            |piece: &Piece<'_>| matches!(piece.arc.kind, ArcKind::Syllable(_) | ArcKind::Beginning(_));
        let needs_sounds = depth == Depth::Deep || pieces.iter().any(is_pinyin);
        Held {
            symbols: Vec::with_capacity(128),
            filter: 0,
            sounds: needs_sounds.then_some([0; sounds::SOUNDS / 64]),
            initials: 0,
            open: Vec::new(),
        }
    }

    fn read(&mut self, anchor: Ordinal, records: &Records) {
        self.symbols.clear();
        for above in std::iter::once(anchor).chain(records.ancestors(anchor)) {
            self.symbols.extend(records.view_symbols(above));
        }
        self.filter = self.symbols.iter().fold(0, |filter, symbol| filter | 1 << (symbol % 64));
        if let Some(held) = &mut self.sounds {
            held.fill(0);
            for &symbol in &self.symbols {
                sounds::sounds(symbol).for_each(|sound| held[usize::from(sound) / 64] |= 1 << (sound % 64));
            }
        }
        self.initials = records.view_codes(anchor).0;
    }

    /// How much of each node of the query no piece that reads it holds: all, nothing, or what a sound leaves open.
    fn open_nodes(&mut self, pieces: &[Piece<'_>], lattice: &Lattice) -> &[f32] {
        let sounds = self.sounds.unwrap_or_default();
        let holds = |sound: &Sound| sounds[usize::from(*sound) / 64] >> (sound % 64) & 1 == 1;
        self.open.clear();
        self.open.resize(lattice.weights.len(), 1.0);
        for Piece { arc, sounds, initials, .. } in pieces {
            let is_held = match arc.kind {
                ArcKind::Symbol(symbol) | ArcKind::Slip(symbol) => {
                    let holds =
                        |same: &Symbol| self.filter >> (same % 64) & 1 == 1 && self.symbols.contains(same);
                    same_value(symbol).iter().flatten().any(holds)
                }
                ArcKind::Initial(_) => initials & self.initials != 0,
                ArcKind::Syllable(_) | ArcKind::Beginning(_) => sounds.iter().any(holds),
            };
            let open = if is_held {
                0.0
            } else if sounds.iter().any(holds) {
                OPEN_BY_SOUND
            } else {
                continue;
            };
            self.open[arc.from..arc.to].iter_mut().for_each(|known| *known = known.min(open));
        }
        &self.open
    }
}

/// What a query says beyond what a unit and those above it hold.
struct Open {
    /// Sounds, initials, weight.
    pieces: Vec<(u64, u32, f32)>,
    sounds: u64,
    initials: u32,
    class: ClassKey,
}

impl Open {
    fn new(pieces: &[Piece<'_>], lattice: &Lattice, open: &[f32]) -> Open {
        let pieces = pieces.iter().filter(|piece| open[piece.arc.from..piece.arc.to].contains(&1.0));
        let pieces: Vec<(u64, u32, f32)> =
            pieces.map(|piece| (piece.signature, piece.initials, piece.weight)).collect();
        Open {
            sounds: pieces.iter().fold(0, |bits, piece| bits | piece.0),
            initials: pieces.iter().fold(0, |bits, piece| bits | piece.1),
            pieces,
            class: lattice.class,
        }
    }

    /// The weight of what an organization's name holds of it; 0 where its class is another one.
    #[inline]
    fn held_by(&self, signature: u64, (initials, class): (u32, u32)) -> f32 {
        let mut held = 0.0;
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
