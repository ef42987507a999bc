//! Exact look-ups: id, name, core, alias, former name, short name -> ordinals.
//!
//! One ascending array of `hash << 32 | ordinal`. A look-up guesses the place of a hash (interpolation search). Equal
//! hashes of different texts are possible, so every caller compares the text of what it gets.

use super::sections::Section;
use index_data::hash::fnv1a;

/// What a key stands for; part of the hash, so that an id never meets a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Id = 1,
    Name = 2,
    Core = 3,
    Alias = 4,
    FormerName = 5,
    ShortName = 6,
}

/// The entry of one text for one organization.
pub(crate) fn key(kind: KeyKind, text: &str, ordinal: u32) -> u64 {
    u64::from(hash(kind, text)) << 32 | u64::from(ordinal)
}

fn hash(kind: KeyKind, text: &str) -> u32 {
    hash_bytes(kind, text.as_bytes())
}

/// 64 bits folded to 32. Part of the format: another hash is another format version.
fn hash_bytes(kind: KeyKind, text: &[u8]) -> u32 {
    let folded = fnv1a(std::iter::once(kind as u8).chain(text.iter().copied()));
    (folded >> 32) as u32 ^ folded as u32
}

/// Organizations that may bear one name, group by group; `keys` ascend.
pub(super) fn shared_names<'a>(
    keys: &'a [u64],
    name: impl Fn(u32) -> &'a [u8] + 'a,
) -> impl Iterator<Item = Vec<u32>> + 'a {
    let groups = keys.chunk_by(|a, b| a >> 32 == b >> 32).filter(|group| group.len() > 1);
    groups.map(move |group| {
        let is_name = |&ordinal: &u32| hash_bytes(KeyKind::Name, name(ordinal)) == (group[0] >> 32) as u32;
        let mut bearers: Vec<u32> = group.iter().map(|&key| key as u32).filter(is_name).collect();
        bearers.dedup();
        bearers
    })
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

    /// Hashes are spread evenly, so the place of one can be guessed (interpolation search: Peterson 1957). A binary
    /// search of the few places around the guess does the rest.
    fn first_from(&self, wanted: u64) -> usize {
        /// Each guess brings the distance down to about its square root.
        const GUESSES: usize = 3;
        const LEAP: usize = 4;
        let len = self.entries.u64_len();
        let is_before = |at: usize| self.entries.u64(at) < wanted;
        let places = |keys: i128| (keys * len as i128) >> 64;
        let mut guess = 0;
        let mut guessed = 0;
        for _ in 0..GUESSES {
            let next = guess as i128 + places(i128::from(wanted) - i128::from(guessed));
            guess = next.clamp(0, len.saturating_sub(1) as i128) as usize;
            guessed = self.entries.u64(guess);
        }
        let (mut low, mut high) = (guess, guess);
        let mut leap = LEAP;
        while low > 0 && !is_before(low - 1) {
            high = low;
            low = low.saturating_sub(leap);
            leap *= 2;
        }
        while high < len && is_before(high) {
            low = high + 1;
            high = (high + leap).min(len);
            leap *= 2;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(middle) { low = middle + 1 } else { high = middle }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sections::Section;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_key_is_found(ordinals in prop::collection::vec(0u32..50, 0..200), absent in "[a-z]{5}") {
            let text = |ordinal: u32| format!("name {}", ordinal / 3);
            let mut entries: Vec<u64> =
                ordinals.iter().map(|&ordinal| key(KeyKind::Name, &text(ordinal), ordinal)).collect();
            entries.sort_unstable();
            entries.dedup();
            let keys = Keys::new(Section::of_u64s(&entries));
            for &ordinal in &ordinals {
                let found: Vec<u32> = keys.find(KeyKind::Name, &text(ordinal)).collect();
                prop_assert!(found.contains(&ordinal));
                prop_assert!(found.is_sorted());
            }
            prop_assert_eq!(keys.find(KeyKind::Id, &absent).count(), 0);
        }
    }
}
