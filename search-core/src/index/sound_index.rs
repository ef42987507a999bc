//! Pairs of sounds to the units that hold them: where short forms, pinyin and misheard characters begin.
//!
//! Each unit (every organization but the classes of a school) has the pairs of what its name adds to its parent's:
//! see [`NameView::sound_pairs`]. One list of ordinals for each pair, ascending, read where it lies.

use super::name_view::{NameView, pair};
use super::sections::{Section, SectionWriter};
use crate::text::sounds::{SOUNDS, Sound};
use index_data::model::Ordinal;
use std::io::{self, Write};

const PAIRS: usize = SOUNDS * SOUNDS;

/// Collects the pairs of units in ordinal order.
#[derive(Default)]
pub(crate) struct SoundIndexBuilder {
    /// The pairs of all units, one unit after another.
    pairs: Vec<u32>,
    /// A unit with pairs, and where they end.
    units: Vec<(Ordinal, u32)>,
}

impl SoundIndexBuilder {
    pub(crate) fn add<'a>(&mut self, ordinal: Ordinal, views: impl IntoIterator<Item = &'a NameView>) {
        let start = self.pairs.len();
        for view in views {
            view.sound_pairs(|pair| self.pairs.push(pair));
        }
        let own = &mut self.pairs[start..];
        own.sort_unstable();
        let mut kept = start;
        for at in start..self.pairs.len() {
            if kept == start || self.pairs[kept - 1] != self.pairs[at] {
                self.pairs[kept] = self.pairs[at];
                kept += 1;
            }
        }
        self.pairs.truncate(kept);
        if kept > start {
            self.units.push((ordinal, kept as u32));
        }
    }

    /// Writes where each list begins, and the lists.
    pub(crate) fn write<W: Write>(
        self,
        writer: &mut SectionWriter<W>,
        starts: u32,
        lists: u32,
    ) -> io::Result<()> {
        let mut ends = vec![0u32; PAIRS + 1];
        for &pair in &self.pairs {
            ends[pair as usize + 1] += 1;
        }
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        writer.u32s(starts, ends.iter().copied())?;
        let mut next = ends;
        let mut ordinals = vec![0u32; self.pairs.len()];
        let mut from = 0;
        for (ordinal, end) in self.units {
            for &pair in &self.pairs[from..end as usize] {
                let slot = &mut next[pair as usize];
                ordinals[*slot as usize] = ordinal;
                *slot += 1;
            }
            from = end as usize;
        }
        writer.u32s(lists, ordinals)
    }
}

/// The lists of a sealed generation.
pub(crate) struct SoundIndex {
    starts: Section,
    lists: Section,
}

impl SoundIndex {
    pub(crate) fn new(starts: Section, lists: Section) -> Self {
        SoundIndex { starts, lists }
    }

    /// The units with `first` before a sound of the range; ascending where the range is one sound.
    pub(crate) fn list(&self, first: Sound, second: std::ops::RangeInclusive<Sound>) -> SoundList<'_> {
        let from = self.starts.u32(pair(first, *second.start()) as usize) as usize;
        let to = self.starts.u32(pair(first, *second.end()) as usize + 1) as usize;
        SoundList(self.lists.bytes().get(from * 4..to * 4).unwrap_or_default())
    }
}

/// Ordinals of units.
#[derive(Clone, Copy)]
pub(crate) struct SoundList<'a>(&'a [u8]);

impl<'a> SoundList<'a> {
    pub(crate) fn len(self) -> usize {
        self.0.len() / 4
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Ordinal> + 'a {
        self.0.chunks_exact(4).map(|four| four.try_into().map_or(0, u32::from_le_bytes))
    }
}
