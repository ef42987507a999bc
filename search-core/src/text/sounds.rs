//! How characters sound: readings in toneless pinyin, and sounds that people mix up counted as one.
//!
//! A character has the readings of `readings.tsv` of index-data, the usual one first; without a row there, the first
//! reading of the `pinyin` crate. A **sound** is a reading without what fuzzy input methods ignore: zh, ch and sh
//! are z, c and s, initial n is l, -ang, -eng and -ing are -an, -en and -in. ü is written v.

use super::numerals::small_numeral;
use super::symbols::{Number, Symbol, of_char};
use index_data::lexicon;
use pinyin::ToPinyin;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

/// A toneless pinyin syllable, by its place in the alphabet.
pub(crate) type Syllable = u16;
/// A class of syllables that people mix up, or of symbols that have no reading.
pub(crate) type Sound = u16;

/// All sounds are smaller.
pub(crate) const SOUNDS: usize = 512;
/// Changes whenever a symbol sounds otherwise.
pub(crate) const VERSION: u32 = 1;

/// Sounds of symbols without a reading: numbers, letters, signs.
const OTHER: u16 = 320;
/// Readings of one character that are told apart; hardly any has more in use.
const MAX_READINGS: usize = 4;

struct Sounds {
    /// Alphabetical.
    syllables: Vec<String>,
    /// The same, packed: see [`pack`].
    packed: Vec<u32>,
    /// The sound of each syllable.
    folded: Vec<Sound>,
    /// For each symbol its place in `lists`.
    list_of: Vec<u16>,
    lists: Vec<Vec<Syllable>>,
    /// The sounds of each list, each once.
    sounds_of: Vec<SoundsOf>,
    /// Letters that are no syllable, with those that they may be meant for.
    mistyped: HashMap<String, Vec<Syllable>>,
}

static TABLE: LazyLock<Sounds> = LazyLock::new(Sounds::new);

impl Sounds {
    fn new() -> Self {
        let rows: HashMap<char, Vec<String>> = lexicon::readings()
            .map(|row| (row.character, row.readings.split(' ').map(str::to_owned).collect()))
            .collect();
        let plain = |c: char| c.to_pinyin().map(|reading| reading.plain().replace('ü', "v"));
        let readings = |c: char| match rows.get(&c) {
            Some(readings) => readings.clone(),
            None => plain(c).into_iter().collect(),
        };
        let basic = || (0..=u16::MAX).filter_map(|unit| Some((unit, char::from_u32(u32::from(unit))?)));
        let all: BTreeSet<String> = basic().flat_map(|(_, c)| readings(c)).collect();
        let syllables: Vec<String> = all.into_iter().collect();
        let spelled: BTreeSet<String> = syllables.iter().map(|syllable| fold_spelling(syllable)).collect();
        let spelled: Vec<String> = spelled.into_iter().collect();
        let position = |list: &[String], text: &str| {
            list.binary_search_by(|known| known.as_str().cmp(text)).unwrap_or(0)
        };
        let folded: Vec<Sound> = syllables
            .iter()
            .map(|syllable| (position(&spelled, &fold_spelling(syllable)) as u16 + 1).min(OTHER - 1))
            .collect();
        let mut lists: Vec<Vec<Syllable>> = vec![Vec::new()];
        let mut known: HashMap<Vec<Syllable>, u16> = HashMap::from([(Vec::new(), 0)]);
        let mut list_of = vec![0; usize::from(u16::MAX) + 1];
        for (unit, c) in basic() {
            let list: Vec<Syllable> = readings(c)
                .iter()
                .take(MAX_READINGS)
                .map(|reading| position(&syllables, reading) as Syllable)
                .collect();
            list_of[usize::from(unit)] = *known.entry(list).or_insert_with_key(|list| {
                lists.push(list.clone());
                lists.len() as u16 - 1
            });
        }
        // Small numbers are read as their digit: 二外 is 第二外国语学院.
        for (value, numeral) in (0..).map_while(|value| Some((value, small_numeral(value)?))) {
            if let Some(symbol) = Number::Plain(value).symbol() {
                list_of[usize::from(symbol)] = list_of[usize::from(of_char(numeral))];
            }
        }
        let sounds_of = lists
            .iter()
            .map(|list| {
                let mut of = SoundsOf::default();
                list.iter().for_each(|&syllable| of.push(folded[usize::from(syllable)]));
                of
            })
            .collect();
        let packed = syllables.iter().map(|syllable| pack(syllable)).collect();
        let mistyped = mistyped(&syllables);
        Sounds { syllables, packed, folded, list_of, lists, sounds_of, mistyped }
    }
}

/// What becomes of syllables if two of their letters are transposed or a vowel is left out.
fn mistyped(syllables: &[String]) -> HashMap<String, Vec<Syllable>> {
    const VOWELS: [u8; 6] = [b'a', b'e', b'i', b'o', b'u', b'v'];
    let mut mistyped: HashMap<String, Vec<Syllable>> = HashMap::new();
    for (at, syllable) in syllables.iter().enumerate() {
        let letters = syllable.as_bytes();
        let mut spellings: BTreeSet<Vec<u8>> = BTreeSet::new();
        for place in 1..letters.len() {
            let mut transposed = letters.to_vec();
            transposed.swap(place - 1, place);
            spellings.insert(transposed);
            if VOWELS.contains(&letters[place]) {
                let mut shorter = letters.to_vec();
                shorter.remove(place);
                spellings.insert(shorter);
            }
        }
        for spelling in spellings {
            let spelling = String::from_utf8(spelling).unwrap_or_default();
            if spelling.len() > 2 && syllables.binary_search(&spelling).is_err() {
                mistyped.entry(spelling).or_default().push(at as Syllable);
            }
        }
    }
    // What may be many syllables says nothing.
    mistyped.retain(|_, syllables| syllables.len() <= MOST_MEANT);
    mistyped
}

/// Syllables that mistyped letters may be meant for.
const MOST_MEANT: usize = 3;

/// The letters of the longest syllables.
pub(crate) const MAX_SYLLABLE: usize = 6;
const LETTER_BITS: usize = 5;

/// Whether [`pack`] tells it from all others.
fn is_packable(letters: &str) -> bool {
    letters.len() <= MAX_SYLLABLE && letters.bytes().all(|letter| letter.is_ascii_lowercase())
}

/// Up to six letters in one number that orders as they do.
fn pack(letters: &str) -> u32 {
    let letters = letters.bytes().take(MAX_SYLLABLE).enumerate();
    letters.fold(0, |packed, (at, letter)| {
        packed | u32::from(letter & 0x1f) << (LETTER_BITS * (MAX_SYLLABLE - 1 - at))
    })
}

fn fold_spelling(syllable: &str) -> String {
    let (initial, rest) = match syllable.as_bytes() {
        [b'z', b'h', ..] => ("z", &syllable[2..]),
        [b'c', b'h', ..] => ("c", &syllable[2..]),
        [b's', b'h', ..] => ("s", &syllable[2..]),
        [b'n', _, ..] if syllable != "ng" => ("l", &syllable[1..]),
        _ => ("", syllable),
    };
    let rest = match rest.strip_suffix('g') {
        Some(without) if without.ends_with('n') && !without.ends_with("on") => without,
        _ => rest,
    };
    format!("{initial}{rest}")
}

/// The readings of a symbol, the usual one first; empty where it has none.
#[inline]
pub(crate) fn syllables(symbol: Symbol) -> &'static [Syllable] {
    let table = &*TABLE;
    &table.lists[usize::from(table.list_of[usize::from(symbol)])]
}

/// The sound of a syllable.
#[inline]
pub(crate) fn fold(syllable: Syllable) -> Sound {
    TABLE.folded.get(usize::from(syllable)).copied().unwrap_or(0)
}

/// The sounds of a symbol, the usual one first, each once; every symbol has at least one.
#[inline]
pub(crate) fn sounds(symbol: Symbol) -> SoundsOf {
    let table = &*TABLE;
    let mut of = table.sounds_of[usize::from(table.list_of[usize::from(symbol)])];
    if of.len == 0 {
        of.push(OTHER + symbol.wrapping_mul(40_503) % (SOUNDS as u16 - OTHER));
    }
    of
}

/// The sounds of one symbol.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SoundsOf {
    sounds: [Sound; MAX_READINGS],
    len: u8,
    at: u8,
}

impl SoundsOf {
    fn push(&mut self, sound: Sound) {
        let known = &self.sounds[..usize::from(self.len)];
        if !known.contains(&sound) && known.len() < MAX_READINGS {
            self.sounds[usize::from(self.len)] = sound;
            self.len += 1;
        }
    }
}

impl Iterator for SoundsOf {
    type Item = Sound;

    fn next(&mut self) -> Option<Sound> {
        let sound = (self.at < self.len).then(|| self.sounds[usize::from(self.at)]);
        self.at += 1;
        sound
    }
}

/// The syllable spelled so.
pub(crate) fn find(spelling: &str) -> Option<Syllable> {
    let usual = match spelling {
        "lue" => "lve",
        "nue" => "nve",
        spelling => spelling,
    };
    is_packable(usual).then_some(())?;
    TABLE.packed.binary_search(&pack(usual)).ok().map(|at| at as Syllable)
}

/// The syllables that become these letters, which are none, if two letters are transposed or a vowel is left out.
pub(crate) fn before_typo(letters: &str) -> &'static [Syllable] {
    TABLE.mistyped.get(letters).map_or(&[], Vec::as_slice)
}

/// Whether letters are syllables and nothing else.
pub(crate) fn are_syllables(letters: &str) -> bool {
    const LONGEST: usize = 64;
    if !letters.is_ascii() || letters.len() > LONGEST {
        return false;
    }
    let mut reached = vec![false; letters.len() + 1];
    reached[0] = true;
    for from in 0..letters.len() {
        if reached[from] {
            // One letter alone is a syllable at the beginning only: eerduosi, but not nuaa.
            let shortest = if from == 0 { 1 } else { 2 };
            for to in from + shortest..=(from + MAX_SYLLABLE).min(letters.len()) {
                reached[to] |= find(&letters[from..to]).is_some();
            }
        }
    }
    reached[letters.len()]
}

/// The usual reading of a character, spelled; empty where it has none.
pub(crate) fn usual_reading(c: char) -> &'static str {
    syllables(of_char(c)).first().map_or("", |&syllable| spelling(syllable))
}

/// The syllables whose spelling begins so.
pub(crate) fn beginning_with(letters: &str) -> Range<Syllable> {
    if !is_packable(letters) {
        return 0..0;
    }
    let first = pack(letters);
    let last = first + (1 << (LETTER_BITS * (MAX_SYLLABLE - letters.len()))) - 1;
    let known = &TABLE.packed;
    let start = known.partition_point(|&syllable| syllable < first);
    let end = known.partition_point(|&syllable| syllable <= last);
    start as Syllable..end as Syllable
}

/// How a syllable is spelled.
pub(crate) fn spelling(syllable: Syllable) -> &'static str {
    TABLE.syllables.get(usize::from(syllable)).map_or("", String::as_str)
}

/// The letters that a symbol may begin with, as bits: a is 1.
#[inline]
pub(crate) fn initials(symbol: Symbol) -> u32 {
    let of_syllables =
        syllables(symbol).iter().map(|&syllable| letter_bit(spelling(syllable).as_bytes().first().copied()));
    let own = u8::try_from(symbol).ok().filter(u8::is_ascii_lowercase);
    of_syllables.fold(letter_bit(own), |bits, bit| bits | bit)
}

/// The bit of a letter; 0 for anything else.
#[inline]
pub(crate) fn letter_bit(letter: Option<u8>) -> u32 {
    match letter {
        Some(letter @ b'a'..=b'z') => 1 << (letter - b'a'),
        _ => 0,
    }
}

/// The bit of a sound in a signature of 64.
#[inline]
pub(crate) fn signature_bit(sound: Sound) -> u64 {
    1 << (u32::from(sound).wrapping_mul(0x9e37_79b1) >> 26)
}

/// The bits of all sounds of a symbol.
#[inline]
pub(crate) fn signature(symbol: Symbol) -> u64 {
    sounds(symbol).fold(0, |bits, sound| bits | signature_bit(sound))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(c: char) -> Vec<&'static str> {
        syllables(of_char(c)).iter().map(|&syllable| spelling(syllable)).collect()
    }

    #[test]
    fn readings_in_names_come_first() {
        assert_eq!(read('北'), ["bei"]);
        assert!(read('重').contains(&"chong") && read('重').contains(&"zhong"));
        assert!(read('女').contains(&"nv"), "{:?}", read('女'));
        assert_eq!(read('a'), [""; 0]);
    }

    #[test]
    fn letters_are_syllables_or_not() {
        for (letters, expected) in [
            ("beijing", true),
            ("xian", true),
            ("", true),
            ("bjdx", false),
            ("eerduosi", true),
            ("nuaa", false),
            ("beijingx", false),
            ("北京", false),
        ] {
            assert_eq!(are_syllables(letters), expected, "{letters}");
        }
    }

    #[test]
    fn what_people_mix_up_sounds_the_same() {
        let same = |a: &str, b: &str| fold(find(a).unwrap()) == fold(find(b).unwrap());
        for (a, b) in [
            ("zhang", "zan"),
            ("shi", "si"),
            ("chen", "ceng"),
            ("lin", "ning"),
            ("nan", "lan"),
            ("huang", "huan"),
        ] {
            assert!(same(a, b), "{a} {b}");
        }
        for (a, b) in [("dong", "don"), ("bei", "pei"), ("han", "hen")] {
            assert!(find(b).is_none() || !same(a, b), "{a} {b}");
        }
        assert!(TABLE.folded.iter().max() < Some(&(OTHER - 1)));
    }

    #[test]
    fn every_symbol_has_a_sound() {
        for symbol in 0..=u16::MAX {
            let of: Vec<Sound> = sounds(symbol).collect();
            assert!(!of.is_empty() && of.iter().all(|&sound| usize::from(sound) < SOUNDS));
        }
        let two = Number::Plain(2).symbol().unwrap();
        assert_eq!(sounds(two).next(), sounds(of_char('二')).next());
    }

    #[test]
    fn syllables_are_found_by_their_beginning() {
        let found: Vec<&str> = beginning_with("zhua").map(spelling).collect();
        assert_eq!(found, ["zhua", "zhuai", "zhuan", "zhuang"]);
        assert!(beginning_with("vv").is_empty() && beginning_with("zhuangg").is_empty());
        assert!(find("北京").is_none() && find("BEI").is_none() && beginning_with("北").is_empty());
        for (at, syllable) in (0..).zip(&TABLE.syllables) {
            assert!(syllable.len() <= MAX_SYLLABLE, "{syllable}");
            assert_eq!(find(syllable), Some(at));
        }
    }
}
