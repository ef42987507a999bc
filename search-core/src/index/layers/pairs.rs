//! The lists of units by pairs, of both segments.

use super::Records;
use crate::index::unit_list::UnitList;
use crate::text::sounds::Sound;
use crate::text::symbols::Symbol;

/// See [`crate::index::pair_index`].
#[derive(Clone, Copy)]
pub(crate) struct Pairs<'a>(pub(super) &'a Records);

impl<'a> Pairs<'a> {
    /// The units that hold these symbols, and a few more: the list of each segment.
    pub(crate) fn symbols(self, first: Symbol, second: Symbol) -> impl Iterator<Item = UnitList<'a>> {
        let overlay = self
            .0
            .overlay()
            .map(|overlay| overlay.segment.pairs().symbols(first, second).starting_at(overlay.start));
        std::iter::once(self.0.base().pairs().symbols(first, second)).chain(overlay)
    }

    /// The units that hold symbols of these sounds: the list of each segment.
    pub(crate) fn sounds(self, first: Sound, second: Sound) -> impl Iterator<Item = UnitList<'a>> {
        let overlay = self
            .0
            .overlay()
            .map(|overlay| overlay.segment.pairs().sounds(first, second).starting_at(overlay.start));
        std::iter::once(self.0.base().pairs().sounds(first, second)).chain(overlay)
    }
}
