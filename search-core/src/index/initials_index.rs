//! Names by the first letters of their pinyin: bjdx for 北京大学.
//!
//! One sorted array of (the first twelve letters, ordinal): of each unit's whole core and of what it adds to its
//! parent's. A prefix of letters is one range.

use super::sections::{Section, SectionWriter};
use crate::text::sounds;
use crate::text::symbols::of_char;
use index_data::model::Ordinal;
use std::io::{self, Write};

/// Letters of a key; five bits each.
pub(crate) const KEY_LETTERS: usize = 12;
/// Keys of one name at most: characters with several readings multiply them.
const MAX_KEYS: usize = 4;

/// Collects keys.
#[derive(Default)]
pub(crate) struct InitialsBuilder {
    keys: Vec<(u64, Ordinal)>,
}

impl InitialsBuilder {
    /// Takes a normalized text of an organization.
    pub(crate) fn add(&mut self, ordinal: Ordinal, text: &str) {
        self.keys.extend(keys(text).into_iter().map(|key| (key, ordinal)));
    }

    pub(crate) fn write<W: Write>(
        mut self,
        writer: &mut SectionWriter<W>,
        keys: u32,
        ordinals: u32,
    ) -> io::Result<()> {
        self.keys.sort_unstable();
        self.keys.dedup();
        writer.u64s(keys, self.keys.iter().map(|&(key, _)| key))?;
        writer.u32s(ordinals, self.keys.iter().map(|&(_, ordinal)| ordinal))
    }
}

/// The key of letters a to z; the rest is cut off.
pub(crate) fn key(letters: &[u8]) -> u64 {
    let code = |at: usize| letters.get(at).map_or(0, |&letter| code(letter));
    (0..KEY_LETTERS).fold(0, |key, at| key << 5 | code(at))
}

fn code(letter: u8) -> u64 {
    match letter {
        b'a'..=b'z' => u64::from(letter - b'a') + 1,
        _ => 27,
    }
}

/// The keys of a normalized text, with every usual reading of its characters.
fn keys(text: &str) -> Vec<u64> {
    let mut spellings: Vec<Vec<u8>> = vec![Vec::new()];
    for c in text.chars().take(KEY_LETTERS) {
        let mut letters: Vec<u8> = Vec::new();
        for &syllable in sounds::syllables(of_char(c)) {
            let letter = sounds::spelling(syllable).as_bytes().first().copied().unwrap_or(b'0');
            if !letters.contains(&letter) {
                letters.push(letter);
            }
        }
        if letters.is_empty() {
            letters.push(u8::try_from(u32::from(c)).unwrap_or(b'0'));
        }
        let longer = letters.iter().flat_map(|&letter| {
            spellings.iter().map(move |spelling| spelling.iter().copied().chain([letter]).collect())
        });
        let mut longer: Vec<Vec<u8>> = longer.collect();
        longer.truncate(MAX_KEYS);
        spellings = longer;
    }
    spellings.iter().map(|spelling| key(spelling)).collect()
}

/// The sorted array of a sealed generation.
pub(crate) struct InitialsIndex {
    keys: Section,
    ordinals: Section,
}

impl InitialsIndex {
    pub(crate) fn new(keys: Section, ordinals: Section) -> Self {
        InitialsIndex { keys, ordinals }
    }

    /// The organizations whose initials begin with these letters: those with no further letter first.
    pub(crate) fn beginning_with(&self, letters: &[u8]) -> impl Iterator<Item = Ordinal> + '_ {
        let letters = &letters[..letters.len().min(KEY_LETTERS)];
        let first = key(letters);
        let free_bits = 5 * (KEY_LETTERS - letters.len());
        let last = first | ((1u64 << free_bits) - 1);
        let (start, end) = (self.position(first), self.position(last + 1));
        (start..end).map(|at| self.ordinals.u32(at))
    }

    /// The place of the first key that is not smaller.
    fn position(&self, key: u64) -> usize {
        let (mut low, mut high) = (0, self.keys.u64_len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.keys.u64(middle) < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_keys_of_their_usual_readings() {
        for (name, letters, is_key) in [
            ("北京大学", "bjdx", true),
            ("重庆", "cq", true),
            ("重庆", "zq", true),
            ("北京大学", "bjd", false),
            ("101中学", "101zx", true),
        ] {
            assert_eq!(keys(name).contains(&key(letters.as_bytes())), is_key, "{name} {letters}");
        }
        assert!(keys(&"重".repeat(40)).len() <= MAX_KEYS);
    }

    #[test]
    fn keys_order_as_their_letters_do() {
        let letters = ["", "a", "ab", "abz", "b", "bjdx", "zzzzzzzzzzzz"];
        assert!(letters.map(|letters| key(letters.as_bytes())).is_sorted());
    }
}
