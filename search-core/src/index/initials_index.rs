//! Names by the first letters of their pinyin: bjdx for 北京大学, 39zx for 第三十九中学.
//!
//! One sorted array of (the first ten letters and digits, ordinal), for each text of [`super::spellings`]. What begins
//! with some letters is one range; in it comes first what has no further letter.

use super::sections::{Section, SectionWriter};
use crate::text::numerals::small_numeral;
use crate::text::sounds;
use crate::text::symbols::{Number, Symbol, of_char};
use index_data::model::Ordinal;
use std::io::{self, Write};
use std::ops::Range;

/// Letters and digits of a key; six bits each.
pub(crate) const KEY_LETTERS: usize = 10;
const LETTER_BITS: usize = 6;
/// The fewest letters of a text that is indexed.
const SHORTEST: usize = 2;
/// Keys of one text at most: characters with several readings multiply them.
const MAX_KEYS: usize = 4;
/// Stands for what is neither a letter nor a digit.
const OTHER: u8 = b'#';

/// Collects keys.
#[derive(Default)]
pub(crate) struct InitialsBuilder {
    keys: Vec<(u64, Ordinal)>,
}

impl InitialsBuilder {
    /// Takes a text of an organization, as symbols. The texts of one organization come one after another.
    pub(crate) fn add(&mut self, ordinal: Ordinal, text: &[Symbol]) {
        if text.len() < SHORTEST {
            return;
        }
        for key in keys(text) {
            let mut own = self.keys.iter().rev().take_while(|&&(_, of)| of == ordinal);
            if own.all(|&(known, _)| known != key) {
                self.keys.push((key, ordinal));
            }
        }
    }

    pub(crate) fn write<W: Write>(
        mut self,
        writer: &mut SectionWriter<W>,
        keys: u32,
        ordinals: u32,
    ) -> io::Result<()> {
        self.keys.sort_unstable();
        writer.u64s(keys, self.keys.iter().map(|&(key, _)| key))?;
        writer.u32s(ordinals, self.keys.iter().map(|&(_, ordinal)| ordinal))
    }
}

/// The key of letters a to z and digits; the rest is cut off.
fn key(letters: &[u8]) -> u64 {
    let code = |at: usize| letters.get(at).map_or(0, |&letter| code(letter));
    (0..KEY_LETTERS).fold(0, |key, at| key << LETTER_BITS | code(at))
}

fn code(letter: u8) -> u64 {
    match letter {
        b'0'..=b'9' => u64::from(letter - b'0') + 1,
        b'a'..=b'z' => u64::from(letter - b'a') + 11,
        _ => 37,
    }
}

/// The keys of a text, with every usual reading of its symbols.
fn keys(text: &[Symbol]) -> Vec<u64> {
    let mut spellings: Vec<Vec<u8>> = vec![Vec::new()];
    for &symbol in text.iter().take(KEY_LETTERS) {
        let mut written = written(symbol);
        if let [only] = &mut written[..] {
            spellings.iter_mut().for_each(|spelling| spelling.extend_from_slice(only));
            continue;
        }
        let longer = written.iter().flat_map(|letters| {
            spellings.iter().map(move |spelling| [spelling.as_slice(), letters].concat())
        });
        spellings = longer.take(MAX_KEYS).collect();
    }
    spellings.iter().map(|spelling| key(spelling)).collect()
}

/// What may be typed for a symbol: the first letter of each of its readings; for a number its digits, or the letters of
/// its numeral, after 第 or not.
fn written(symbol: Symbol) -> Vec<Vec<u8>> {
    if let Some(Number::Plain(number) | Number::Year(number)) = Number::of(symbol) {
        let numeral: Vec<u8> = numeral(number).into_iter().flat_map(|c| letters(of_char(c)).next()).collect();
        let ordinal = letters(of_char('第')).chain(numeral.iter().copied()).collect();
        return vec![number.to_string().into_bytes(), numeral, ordinal];
    }
    let mut written: Vec<Vec<u8>> = Vec::new();
    for letter in letters(symbol) {
        if !written.iter().any(|known| known == &[letter]) {
            written.push(vec![letter]);
        }
    }
    if written.is_empty() {
        written.push(vec![u8::try_from(symbol).unwrap_or(OTHER)]);
    }
    written
}

/// The first letters of the readings of a symbol.
fn letters(symbol: Symbol) -> impl Iterator<Item = u8> {
    let readings = sounds::syllables(symbol).iter();
    readings.filter_map(|&syllable| sounds::spelling(syllable).bytes().next())
}

/// A number as it is read in names: 十五, 三十九, 一零一.
fn numeral(number: u16) -> Vec<char> {
    let digit = |value: u16| small_numeral(value);
    match number {
        ..=10 => digit(number).into_iter().collect(),
        11..=99 => {
            let (tens, ones) = (number / 10, number % 10);
            let tens = digit(tens).filter(|_| tens > 1);
            tens.into_iter().chain(digit(10)).chain(digit(ones).filter(|_| ones > 0)).collect()
        }
        _ => number.to_string().bytes().filter_map(|c| digit(u16::from(c - b'0'))).collect(),
    }
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

    /// Where the organizations stand whose initials are exactly these letters and digits.
    pub(crate) fn named(&self, letters: &[u8]) -> Range<usize> {
        let key = key(letters);
        self.position(key)..self.position(key + 1)
    }

    /// Where those stand whose initials begin so, the others first.
    pub(crate) fn beginning_with(&self, letters: &[u8]) -> Range<usize> {
        let letters = &letters[..letters.len().min(KEY_LETTERS)];
        let free_bits = LETTER_BITS * (KEY_LETTERS - letters.len());
        let first = key(letters);
        self.position(first)..self.position((first | ((1u64 << free_bits) - 1)) + 1)
    }

    /// The organizations of a range, in the order of their keys.
    pub(crate) fn ordinals(&self, places: Range<usize>) -> impl Iterator<Item = Ordinal> + '_ {
        places.map(|at| self.ordinals.u32(at))
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

    use crate::text::normalize::NormalizedText;
    use crate::text::placed_symbols::{placed_chars, symbols};

    #[test]
    fn names_have_the_keys_of_their_usual_readings() {
        let of = |name: &str| -> Vec<Symbol> {
            let symbols = symbols(&placed_chars(&NormalizedText::new(name)));
            symbols.into_iter().map(|placed| placed.symbol).collect()
        };
        for (name, letters, is_key) in [
            ("北京大学", "bjdx", true),
            ("重庆", "cq", true),
            ("重庆", "zq", true),
            ("北京大学", "bjd", false),
            ("101中学", "101zx", true),
            ("北京市第三十九中学", "bjs39zx", true),
            ("第二中学", "2zx", true),
            ("第二中学", "ezx", true),
            ("第二中学", "dezx", true),
            ("北京市第十五中学", "bjsdswzx", true),
            ("第三十中学", "sszx", true),
            ("第一〇一中学", "ylyzx", true),
        ] {
            assert_eq!(keys(&of(name)).contains(&key(letters.as_bytes())), is_key, "{name} {letters}");
        }
        assert!(keys(&of(&"重".repeat(40))).len() <= MAX_KEYS);
    }

    #[test]
    fn numbers_are_read_as_in_names() {
        for (number, text) in
            [(0, "零"), (5, "五"), (10, "十"), (15, "十五"), (20, "二十"), (39, "三十九"), (101, "一零一")]
        {
            assert_eq!(numeral(number).into_iter().collect::<String>(), text);
        }
    }

    #[test]
    fn keys_order_as_their_letters_do() {
        let letters = ["", "1", "15", "2", "a", "ab", "abz", "b", "bjdx", "zzzzzzzzzz"];
        assert!(letters.map(|letters| key(letters.as_bytes())).is_sorted());
    }
}
