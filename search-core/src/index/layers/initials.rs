//! Names by the first letters of their pinyin, of both segments.

use super::Records;
use index_data::model::Ordinal;
use std::ops::Range;

/// See [`crate::index::initials_index`].
#[derive(Clone, Copy)]
pub(crate) struct Initials<'a>(pub(super) &'a Records);

/// Ranges of the index of each segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InitialPlaces {
    base: Range<usize>,
    overlay: Range<usize>,
}

impl InitialPlaces {
    /// Those behind others that begin where these do.
    pub(crate) fn behind(mut self, first: &InitialPlaces) -> InitialPlaces {
        self.base.start = self.base.start.max(first.base.end);
        self.overlay.start = self.overlay.start.max(first.overlay.end);
        self
    }

    /// At most so many of each segment.
    pub(crate) fn first(mut self, most: usize) -> InitialPlaces {
        for places in [&mut self.base, &mut self.overlay] {
            places.end = places.end.min(places.start.saturating_add(most));
        }
        self
    }
}

impl<'a> Initials<'a> {
    /// Where the organizations stand whose initials are exactly these letters and digits.
    pub(crate) fn named(self, letters: &[u8]) -> InitialPlaces {
        let overlay = self.0.overlay().map(|overlay| overlay.segment.initials().named(letters));
        InitialPlaces { base: self.0.base().initials().named(letters), overlay: overlay.unwrap_or_default() }
    }

    /// Where those stand whose initials begin so, the others first.
    pub(crate) fn beginning_with(self, letters: &[u8]) -> InitialPlaces {
        let overlay = self.0.overlay().map(|overlay| overlay.segment.initials().beginning_with(letters));
        let base = self.0.base().initials().beginning_with(letters);
        InitialPlaces { base, overlay: overlay.unwrap_or_default() }
    }

    /// The organizations at these places, those of the overlay first, each group in the order of their keys.
    pub(crate) fn ordinals(self, places: InitialPlaces) -> impl Iterator<Item = Ordinal> + 'a {
        let records = self.0;
        let overlay = records.overlay().map(|overlay| {
            let found = overlay.segment.initials().ordinals(places.overlay);
            found.map(|local| overlay.start + local)
        });
        overlay.into_iter().flatten().chain(records.base().initials().ordinals(places.base))
    }
}
