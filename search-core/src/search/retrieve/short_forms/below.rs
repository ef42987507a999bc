//! Organizations below an anchor that hold what the anchor misses of the query.

use super::leg::{Depth, LIMIT, Likely, Piece, ShortForms, better_first, same_value, sort_likely};
use crate::index::layers::Records;
use crate::number_hash::NumberHash;
use crate::search::lattice::{EdgeKind, Lattice};
use crate::search::open_number::OpenNumber;
use crate::search::tuning::node_weight;
use crate::text::sounds::{self, Sound};
use crate::text::symbols::{ClassKey, Symbol};
use index_data::model::Ordinal;
use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

/// Units below which further organizations are looked for, in each round.
const ANCHORS: usize = 12;
/// The same for a deep search.
const DEEP_ANCHORS: usize = 32;
/// How much more of the query an anchor may miss than the best anchor, as a share of the query's weight. A province
/// misses most of it, so organizations below it are looked for only where no closer anchor is known.
const MISSES_MORE: f32 = 0.35;
/// Organizations looked at below one unit. A district has more of them, but who looks for one names its school as well.
const MOST_BELOW: usize = 3_000;
/// Sums of the same weights in another order differ by less.
const ROUNDING: f32 = 0.001;
/// How much of a character an anchor misses that holds another one of the same sound.
const MISSED_BY_SOUND: f32 = 0.35;

impl ShortForms<'_> {
    /// Looks below `tops` and the anchors that miss least of the query. Gives the units found, which may lead further.
    pub(super) fn below(
        &mut self,
        anchors: &[Likely],
        tops: &[Ordinal],
        looked_below: &mut Vec<Ordinal>,
    ) -> Vec<Likely> {
        let lattice = &self.plan.lattice;
        let mut held = Held::new(&self.pieces, self.depth);
        let mut further: Vec<Likely> = Vec::new();
        for (ordinal, missing_weight) in self.choose_anchors(anchors, tops, looked_below, &mut held) {
            looked_below.push(ordinal);
            held.read(ordinal, self.records);
            let open = self.plan.open_number.as_ref();
            let missing =
                Missing::new(&self.pieces, lattice, open, held.missing_nodes(&self.pieces, lattice));
            if !missing.pieces.is_empty() || !missing.class.is_empty() || open.is_some() {
                // The weight that the anchor holds, so that organizations below different anchors can be compared.
                // What the query names before a year leads to its own classes first.
                let named = if self.plan.bearer(ordinal).is_some() { node_weight::CLASS } else { 0.0 };
                let score = lattice.total_weight() - missing_weight + named;
                self.look_below(&Likely { score, ordinal }, &missing, &mut further);
            }
        }
        sort_likely(&mut further);
        further
    }

    /// The likeliest of the organizations found that are accepted, the best first, each once.
    ///
    /// Signatures promise too much, as many sounds share a bit. So the best one is looked at more closely and put back
    /// with what its name does hold, until it stays the best.
    pub(super) fn likeliest_below(&self, limit: usize, accepts: impl Fn(Ordinal) -> bool) -> Vec<Ordinal> {
        let mut waiting: BinaryHeap<Waiting> =
            self.found.iter().map(|&likely| Waiting { likely, is_checked: false }).collect();
        let mut chosen: Vec<Ordinal> = Vec::with_capacity(limit);
        let mut above = SoundsAbove::default();
        while chosen.len() < limit
            && let Some(Waiting { likely, is_checked }) = waiting.pop()
        {
            if chosen.contains(&likely.ordinal) {
                continue;
            }
            if is_checked {
                chosen.push(likely.ordinal);
            } else if accepts(likely.ordinal) {
                let score = likely.score - self.promised_in_vain(likely.ordinal, &mut above);
                waiting.push(Waiting { likely: Likely { score, ..likely }, is_checked: true });
            }
        }
        chosen
    }

    /// The weight of the pieces that the signature of an organization holds, but neither its name nor one above it.
    fn promised_in_vain(&self, org: Ordinal, above: &mut SoundsAbove) -> f32 {
        let signature = self.records.signature(org);
        let own = SoundSet::new(self.records.view_symbols(org));
        let above = above.of(org, self.records);
        let is_held =
            |piece: &&Piece<'_>| piece.sounds.iter().any(|&sound| own.holds(sound) || above.holds(sound));
        let promised = self.pieces.iter().filter(|piece| piece.signature & signature != 0);
        promised.filter(|piece| !is_held(piece)).map(|piece| piece.weight).sum()
    }

    /// The tops, then the anchors that miss least, each once with the weight that it misses.
    fn choose_anchors(
        &self,
        anchors: &[Likely],
        tops: &[Ordinal],
        looked_below: &[Ordinal],
        held: &mut Held,
    ) -> Vec<(Ordinal, f32)> {
        let lattice = &self.plan.lattice;
        let has_below =
            |ordinal: &Ordinal| self.records.hierarchy().is_unit(*ordinal) && !looked_below.contains(ordinal);
        let anchors = tops.iter().copied().chain(anchors.iter().map(|anchor| anchor.ordinal));
        let mut chosen: Vec<(Ordinal, f32)> = Vec::with_capacity(4 * ANCHORS);
        for anchor in anchors.filter(has_below).take(4 * ANCHORS) {
            held.read(anchor, self.records);
            let missing = held.missing_nodes(&self.pieces, lattice);
            let weights = missing.iter().zip(&lattice.weights);
            chosen.push((anchor, weights.map(|(missing, weight)| missing * weight).sum()));
        }
        let least = chosen.iter().map(|&(_, missing)| missing).fold(f32::MAX, f32::min);
        let most = least + MISSES_MORE * lattice.total_weight();
        let is_top = |ordinal: Ordinal| tops.contains(&ordinal);
        chosen.retain(|&(ordinal, missing)| missing <= most || is_top(ordinal));
        chosen.sort_by(|a, b| is_top(b.0).cmp(&is_top(a.0)).then(a.1.total_cmp(&b.1)));
        let mut seen: Vec<Ordinal> = Vec::with_capacity(chosen.len());
        chosen.retain(|&(ordinal, _)| {
            let is_new = !seen.contains(&ordinal);
            seen.push(ordinal);
            is_new
        });
        let limit = if self.depth == Depth::Deep { DEEP_ANCHORS } else { ANCHORS };
        chosen.truncate(limit + tops.len());
        chosen
    }

    /// Looks at the organizations below one anchor.
    fn look_below(&mut self, anchor: &Likely, missing: &Missing<'_>, further: &mut Vec<Likely>) {
        let mut runs = Vec::new();
        self.records.subtree_runs(anchor.ordinal, &mut runs);
        let first = self.found.len();
        let mut left = MOST_BELOW;
        let bound = WeightBound::new(&missing.pieces);
        // What the last one that is kept holds: who can hold no more is not looked at.
        let mut least_held = 0.0;
        for run in runs.into_iter().skip(1) {
            let read = self.steps.take_up_to(run.len().min(left));
            left -= read;
            let run = run.start..run.start + read as Ordinal;
            for (ordinal, (signature, codes)) in run.clone().zip(self.records.signatures_and_codes(run)) {
                // Most hold nothing, and no class says otherwise.
                if codes.1 == 0 && !missing.may_be_held_by(signature, codes.0) {
                    continue;
                }
                let Some(class) = missing.class_held_by(codes.1) else { continue };
                if class + bound.of(signature, codes.0) < least_held {
                    continue;
                }
                let held = class + missing.pieces_held_by(signature, codes.0);
                if held > 0.0 && !self.records.is_hidden(ordinal) {
                    self.found.push(Likely { score: anchor.score + held, ordinal });
                }
                if self.found.len() - first >= 4 * LIMIT {
                    self.found[first..].select_nth_unstable_by(LIMIT - 1, better_first);
                    self.found.truncate(first + LIMIT);
                    least_held = self.found[first + LIMIT - 1].score - anchor.score - ROUNDING;
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

/// An organization found, the best first; `is_checked` says whether its score is what its name holds.
struct Waiting {
    likely: Likely,
    is_checked: bool,
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        better_first(&other.likely, &self.likely).then(self.is_checked.cmp(&other.is_checked))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

/// The sounds of some symbols, as bits.
#[derive(Clone, Copy, Default)]
struct SoundSet([u64; sounds::SOUNDS / 64]);

impl SoundSet {
    fn new(symbols: impl Iterator<Item = Symbol>) -> SoundSet {
        let mut set = SoundSet::default();
        symbols.for_each(|symbol| set.add(symbol));
        set
    }

    fn add(&mut self, symbol: Symbol) {
        sounds::sounds(symbol).for_each(|sound| self.0[usize::from(sound) / 64] |= 1 << (sound % 64));
    }

    fn holds(&self, sound: Sound) -> bool {
        self.0[usize::from(sound) / 64] >> (sound % 64) & 1 == 1
    }
}

/// The sounds of the names above organizations, for each parent once.
#[derive(Default)]
struct SoundsAbove(HashMap<Ordinal, SoundSet, NumberHash>);

impl SoundsAbove {
    fn of(&mut self, org: Ordinal, records: &Records) -> SoundSet {
        let Some(parent) = records.parent(org) else { return SoundSet::default() };
        *self.0.entry(parent).or_insert_with(|| {
            let path = std::iter::once(parent).chain(records.ancestors(parent));
            SoundSet::new(path.flat_map(|above| records.view_symbols(above)))
        })
    }
}

/// What a unit and those above it hold.
struct Held {
    symbols: Vec<Symbol>,
    /// A filter of the symbols' last six bits: it rejects most symbols that are not held.
    filter: u64,
    /// The sounds, where the query is compared by sound.
    sounds: Option<SoundSet>,
    /// The initials of its own name.
    initials: u32,
    /// For each node of the query how much of it is missing.
    missing: Vec<f32>,
}

impl Held {
    fn new(pieces: &[Piece<'_>], depth: Depth) -> Held {
        let is_pinyin = |piece: &Piece<'_>| {
            matches!(
                piece.edge.kind,
                EdgeKind::Syllable(_) | EdgeKind::SyllablePrefix(_) | EdgeKind::MistypedSyllable(_)
            )
        };
        let needs_sounds = depth == Depth::Deep || pieces.iter().any(is_pinyin);
        Held {
            symbols: Vec::with_capacity(128),
            filter: 0,
            sounds: needs_sounds.then_some(SoundSet::default()),
            initials: 0,
            missing: Vec::new(),
        }
    }

    fn read(&mut self, anchor: Ordinal, records: &Records) {
        self.symbols.clear();
        for above in std::iter::once(anchor).chain(records.ancestors(anchor)) {
            self.symbols.extend(records.view_symbols(above));
        }
        self.filter = self.symbols.iter().fold(0, |filter, symbol| filter | 1 << (symbol % 64));
        if let Some(held) = &mut self.sounds {
            *held = SoundSet::new(self.symbols.iter().copied());
        }
        self.initials = records.view_codes(anchor).0;
    }

    /// For each node of the query how much of it is missing: all, nothing, or [`MISSED_BY_SOUND`].
    fn missing_nodes(&mut self, pieces: &[Piece<'_>], lattice: &Lattice) -> &[f32] {
        let sounds = self.sounds.unwrap_or_default();
        let holds = |&sound: &Sound| sounds.holds(sound);
        self.missing.clear();
        self.missing.resize(lattice.weights.len(), 1.0);
        for Piece { edge, sounds, initials, .. } in pieces {
            let is_held = match edge.kind {
                EdgeKind::Symbol(symbol)
                | EdgeKind::NumberInitials(symbol)
                | EdgeKind::MistypedNumber(symbol)
                | EdgeKind::Synonym(symbol) => {
                    let holds =
                        |same: &Symbol| self.filter >> (same % 64) & 1 == 1 && self.symbols.contains(same);
                    same_value(symbol).iter().flatten().any(holds)
                }
                EdgeKind::Initial(_) => initials & self.initials != 0,
                EdgeKind::Syllable(_) | EdgeKind::SyllablePrefix(_) | EdgeKind::MistypedSyllable(_) => {
                    sounds.iter().any(holds)
                }
            };
            let missing = if is_held {
                0.0
            } else if sounds.iter().any(holds) {
                MISSED_BY_SOUND
            } else {
                continue;
            };
            self.missing[edge.from..edge.to].iter_mut().for_each(|known| *known = known.min(missing));
        }
        &self.missing
    }
}

/// A piece of the query that an anchor misses.
struct MissingPiece {
    /// The signature of its sounds.
    signature: u64,
    /// The letters that it may be the initial of.
    initials: u32,
    weight: f32,
}

/// The most that a name can hold of some pieces, by one look-up for each byte of its signature: a piece of several
/// sounds counts for each of them.
struct WeightBound {
    /// For each byte of a signature and each value of it, the weight of all pieces that have a bit of it.
    of_byte: Box<[[f32; 256]; 8]>,
    /// The weight of the pieces that are initials.
    of_initials: f32,
}

impl WeightBound {
    fn new(pieces: &[MissingPiece]) -> WeightBound {
        let mut of_byte = Box::new([[0.0; 256]; 8]);
        for (byte, sums) in of_byte.iter_mut().enumerate() {
            for bit in 0..8 {
                let has_bit = |piece: &&MissingPiece| piece.signature >> (8 * byte + bit) & 1 == 1;
                let weight: f32 = pieces.iter().filter(has_bit).map(|piece| piece.weight).sum();
                for bits in 0..1 << bit {
                    sums[1 << bit | bits] = sums[bits] + weight;
                }
            }
        }
        let initials = pieces.iter().filter(|piece| piece.initials != 0);
        WeightBound { of_byte, of_initials: initials.map(|piece| piece.weight).sum() }
    }

    #[inline]
    fn of(&self, signature: u64, initials: u32) -> f32 {
        let bytes = signature.to_le_bytes();
        let held: f32 = self.of_byte.iter().zip(bytes).map(|(sums, byte)| sums[usize::from(byte)]).sum();
        if initials == 0 { held } else { held + self.of_initials }
    }
}

/// What a unit and those above it miss of a query.
struct Missing<'a> {
    pieces: Vec<MissingPiece>,
    sounds: u64,
    initials: u32,
    class: ClassKey,
    open_number: Option<&'a OpenNumber>,
}

impl<'a> Missing<'a> {
    fn new(
        pieces: &[Piece<'_>],
        lattice: &Lattice,
        open_number: Option<&'a OpenNumber>,
        missing: &[f32],
    ) -> Missing<'a> {
        let pieces = pieces.iter().filter(|piece| missing[piece.edge.from..piece.edge.to].contains(&1.0));
        let pieces: Vec<MissingPiece> = pieces
            .map(|piece| MissingPiece {
                signature: piece.signature,
                initials: piece.initials,
                weight: piece.weight,
            })
            .collect();
        Missing {
            sounds: pieces.iter().fold(0, |bits, piece| bits | piece.signature),
            initials: pieces.iter().fold(0, |bits, piece| bits | piece.initials),
            pieces,
            class: lattice.class,
            open_number,
        }
    }

    /// The weight of what its year, class and grade hold of it; `None` where they are others.
    #[inline]
    fn class_held_by(&self, class: u32) -> Option<f32> {
        let mut held = 0.0;
        if !self.class.is_empty() && class != 0 {
            let class = ClassKey::unpack(class);
            let agrees = |wanted: bool, same: bool| match (wanted, same) {
                (true, true) => Some(node_weight::CLASS),
                (true, false) => None,
                (false, _) => Some(0.0),
            };
            let of = |wanted: bool, known: bool, same: bool| agrees(wanted && known, same);
            let (want, have) = (self.class, class);
            let year = of(want.year.is_some(), have.year.is_some(), want.year == have.year);
            let number = of(want.class.is_some(), have.class.is_some(), want.class == have.class);
            let grade = of(want.grade.is_some(), have.grade.is_some(), want.grade == have.grade);
            held += year? + number? + grade?;
        }
        if let Some(open) = self.open_number
            && open.begins(ClassKey::unpack(class))
        {
            held += open.weight;
        }
        Some(held)
    }

    /// Whether an organization's name may hold any of the pieces.
    #[inline]
    fn may_be_held_by(&self, signature: u64, initials: u32) -> bool {
        signature & self.sounds != 0 || initials & self.initials != 0
    }

    /// The weight of the pieces that an organization's name may hold.
    #[inline]
    fn pieces_held_by(&self, signature: u64, initials: u32) -> f32 {
        let mut held = 0.0;
        if self.may_be_held_by(signature, initials) {
            for piece in &self.pieces {
                if piece.signature & signature != 0 || piece.initials & initials != 0 {
                    held += piece.weight;
                }
            }
        }
        held
    }
}
