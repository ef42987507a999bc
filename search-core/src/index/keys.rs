//! Exact look-ups: id, name, core, alias, former name -> ordinals.
//!
//! One ascending array of `hash << 32 | ordinal`. A look-up is a binary search; equal hashes of different texts are
//! possible, so every caller compares the text of what it gets.

use super::sections::Section;

/// What a key stands for; part of the hash, so that an id never meets a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Id = 1,
    Name = 2,
    Core = 3,
    Alias = 4,
    FormerName = 5,
}

/// The entry of one text for one organization.
pub(crate) fn key(kind: KeyKind, text: &str, ordinal: u32) -> u64 {
    u64::from(hash(kind, text)) << 32 | u64::from(ordinal)
}

/// FNV-1a, 64 bits folded to 32: <http://www.isthe.com/chongo/tech/comp/fnv/>. Fixed for ever by the format version.
fn hash(kind: KeyKind, text: &str) -> u32 {
    let folded =
        std::iter::once(kind as u8).chain(text.bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    (folded >> 32) as u32 ^ folded as u32
}

/// Reads the array.
pub(crate) struct Keys {
    entries: Section,
}

impl Keys {
    pub(crate) fn new(entries: Section) -> Self {
        Keys { entries }
    }

    /// Ordinals that may bear this text, ascending.
    pub(crate) fn find(&self, kind: KeyKind, text: &str) -> impl Iterator<Item = u32> + '_ {
        let wanted = hash(kind, text);
        let first = self.first_from(u64::from(wanted) << 32);
        (first..self.entries.u64_len())
            .map(|at| self.entries.u64(at))
            .take_while(move |entry| (entry >> 32) as u32 == wanted)
            .map(|entry| entry as u32)
    }

    fn first_from(&self, wanted: u64) -> usize {
        let (mut low, mut high) = (0, self.entries.u64_len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entries.u64(middle) < wanted { low = middle + 1 } else { high = middle }
        }
        low
    }
}
