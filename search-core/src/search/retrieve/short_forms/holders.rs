//! What units hold of the query's bigrams, in their own names and in those above them.

use crate::index::layers::Records;
use crate::index::rank_row::UnitRow;
use index_data::model::Ordinal;

/// A unit and the bigrams that it holds, as bits.
pub(super) type Holder = (Ordinal, u32);

pub(super) fn holder(unit: Ordinal, bigram: usize) -> Holder {
    (unit, 1 << bigram)
}

/// Organizations for which the cache keeps what they and those above them hold.
const REMEMBERED: usize = 2_048;
const NOBODY: Ordinal = Ordinal::MAX;

/// Units with the bigrams they hold, as bits.
pub(super) struct Holders<'a> {
    records: &'a Records,
    /// Each once, in the order they were read, with its row. Rows are looked up in one loop, so that the processor
    /// fetches many rows at once.
    pub(super) units: Vec<(Ordinal, UnitRow)>,
    /// What they hold in their own names: an open-addressing hash table, at most half full.
    own: Vec<(Ordinal, u32)>,
    /// A cache of what organizations and those above them hold. A later entry replaces an earlier one of the same hash.
    remembered: Box<[(Ordinal, u32); REMEMBERED]>,
    /// The last parent asked for, with what it holds: siblings are neighbours in static order.
    last: (Ordinal, u32),
}

impl<'a> Holders<'a> {
    pub(super) fn new(holders: &[Holder], records: &'a Records) -> Self {
        let mut own = vec![(NOBODY, 0); (2 * holders.len()).next_power_of_two()];
        let mut units: Vec<(Ordinal, UnitRow)> = Vec::with_capacity(holders.len());
        for &(unit, bigrams) in holders {
            let at = place(&own, unit);
            let (known, held) = &mut own[at];
            if *known == NOBODY {
                *known = unit;
                units.push((unit, UnitRow::default()));
            }
            *held |= bigrams;
        }
        units.iter_mut().for_each(|(unit, row)| *row = records.unit_row(*unit));
        let remembered = Box::new([(NOBODY, 0); REMEMBERED]);
        Holders { records, units, own, remembered, last: (NOBODY, 0) }
    }

    /// What a unit holds with those above.
    pub(super) fn with_above(&mut self, at: usize) -> u32 {
        let (unit, UnitRow { parent, .. }) = self.units[at];
        if let Some(parent) = parent.filter(|&parent| parent != self.last.0) {
            self.last = (parent, self.held_by(parent));
        }
        let above = if parent.is_some() { self.last.1 } else { 0 };
        self.own(unit) | above
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

/// Where an organization stands in a hash table whose length is a power of two, or the free place where it would.
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
