//! The views of all names, each distinct one once: thousands of villages add the same to their towns, and hundreds of
//! thousands of classes the same to their schools.
//!
//! A view is a few numbers of 16 bits: its length and what it has, the bits of word-initial symbols, those of stop words
//! and the class key where it has some, the symbols.

use super::limits::{IndexLimits, TooLarge};
use super::name_view::{MAX_SYMBOLS, NameView};
use super::sections::Section;
use crate::number_hash::NumberHash;
use crate::text::symbols::{ClassKey, Symbol};
use index_data::hash::fnv1a;
use std::collections::HashMap;

const LEN: u16 = (1 << 6) - 1;
const HAS_STOP_WORDS: u16 = 1 << 6;
const HAS_CLASS: u16 = 1 << 7;
/// Symbols whose bits fit one number.
const HALF: usize = 16;

/// Collects views.
#[derive(Default)]
pub(super) struct ViewsBuilder {
    packed: Vec<u8>,
    /// The view put last of those with the same hash: others of that hash are kept twice.
    known: HashMap<u64, u32, NumberHash>,
    own: Vec<u8>,
}

impl ViewsBuilder {
    /// The place of a view, in numbers of 16 bits.
    ///
    /// # Errors
    /// If places do not fit.
    pub(super) fn add(&mut self, view: &NameView, limits: IndexLimits) -> Result<u32, TooLarge> {
        pack(view, &mut self.own);
        let hash = fnv1a(self.own.iter().copied());
        if let Some(&place) = self.known.get(&hash)
            && self.packed[place as usize * 2..].starts_with(&self.own)
        {
            return Ok(place);
        }
        let place = limits.offset("symbols of names", self.packed.len() / 2)?;
        self.packed.extend_from_slice(&self.own);
        self.known.insert(hash, place);
        Ok(place)
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.packed
    }
}

fn pack(view: &NameView, into: &mut Vec<u8>) {
    into.clear();
    let len = view.symbols.len().min(MAX_SYMBOLS);
    let class = view.class_key().pack();
    let has = |is_set: bool, flag: u16| if is_set { flag } else { 0 };
    let head = len as u16 | has(view.stop_words != 0, HAS_STOP_WORDS) | has(class != 0, HAS_CLASS);
    into.extend(head.to_le_bytes());
    let bits = |bits: u32, into: &mut Vec<u8>| {
        into.extend_from_slice(&bits.to_le_bytes()[..if len > HALF { 4 } else { 2 }]);
    };
    bits(view.word_initials, into);
    if view.stop_words != 0 {
        bits(view.stop_words, into);
    }
    if class != 0 {
        into.extend(class.to_le_bytes());
    }
    into.extend(view.symbols[..len].iter().flat_map(|symbol| symbol.to_le_bytes()));
}

/// A view where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredView<'a> {
    /// Which symbols begin a word, as bits.
    pub(crate) word_initials: u32,
    /// Which symbols belong to a stop word, as bits.
    pub(crate) stop_words: u32,
    /// The year, class and grade that it says.
    pub(crate) class: ClassKey,
    /// Little-endian.
    pub(super) symbols: &'a [[u8; 2]],
}

impl StoredView<'_> {
    const EMPTY: StoredView<'static> = StoredView {
        word_initials: 0,
        stop_words: 0,
        class: ClassKey { year: None, class: None, grade: None },
        symbols: &[],
    };
}

impl<'a> StoredView<'a> {
    #[inline]
    pub(crate) fn symbols(&self) -> impl ExactSizeIterator<Item = Symbol> + use<'a> {
        self.symbols.iter().map(|&two| Symbol::from_le_bytes(two))
    }
}

/// All views of a sealed generation.
pub(super) struct Views {
    packed: Section,
}

impl Views {
    pub(super) fn new(packed: Section) -> Self {
        Views { packed }
    }

    /// The view at a place; an empty one where the place or the view is damaged.
    #[inline]
    pub(super) fn get(&self, place: u32) -> StoredView<'_> {
        let numbers = self.packed.bytes().as_chunks().0.get(place as usize..).unwrap_or_default();
        read(numbers).unwrap_or(StoredView::EMPTY)
    }
}

#[inline]
fn read(mut numbers: &[[u8; 2]]) -> Option<StoredView<'_>> {
    let mut next = || {
        let (&first, rest) = numbers.split_first()?;
        numbers = rest;
        Some(u16::from_le_bytes(first))
    };
    let head = next()?;
    let len = usize::from(head & LEN);
    if len > MAX_SYMBOLS {
        return None;
    }
    let mut long = |is_long: bool| -> Option<u32> {
        let low = u32::from(next()?);
        let high = if is_long { u32::from(next()?) } else { 0 };
        Some(high << 16 | low)
    };
    let word_initials = long(len > HALF)?;
    let stop_words = if head & HAS_STOP_WORDS != 0 { long(len > HALF)? } else { 0 };
    let class = if head & HAS_CLASS != 0 { long(true)? } else { 0 };
    let symbols = numbers.get(..len)?;
    Some(StoredView { word_initials, stop_words, class: ClassKey::unpack(class), symbols })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sections::{Bytes, SectionWriter, Sections};
    use crate::text::symbols::Number;
    use proptest::prelude::*;

    fn sealed(bytes: &[u8]) -> Views {
        let mut writer = SectionWriter::new(Vec::new()).expect("it is written");
        writer.section(1, [bytes]).expect("it is written");
        let bytes = Bytes::Owned(writer.finish().expect("it is written").into());
        Views::new(Sections::open(bytes, 1).expect("it is opened").section(1).expect("it is there"))
    }

    fn view() -> impl Strategy<Value = NameView> {
        let symbol = prop_oneof![
            Just(Number::Year(2024).symbol().unwrap_or(0)),
            Just(Number::Class(3).symbol().unwrap_or(0)),
            0x4e00u16..0x4e08
        ];
        let symbols = prop::collection::vec(symbol, 0..=MAX_SYMBOLS);
        (symbols, any::<u32>(), prop_oneof![Just(0), any::<u32>()]).prop_map(|(symbols, words, stops)| {
            let mask = ((1u64 << symbols.len()) - 1) as u32;
            NameView { symbols, word_initials: words & mask, stop_words: stops & mask }
        })
    }

    proptest! {
        #[test]
        fn views_are_read_as_they_were_written(views in prop::collection::vec(view(), 0..60)) {
            let mut builder = ViewsBuilder::default();
            let places: Vec<u32> = views
                .iter()
                .chain(&views)
                .map(|view| builder.add(view, IndexLimits::default()).expect("it fits"))
                .collect();
            let (first, second) = places.split_at(views.len());
            prop_assert_eq!(first, second, "each is kept once");
            let sealed = sealed(&builder.into_bytes());
            for (view, &place) in views.iter().zip(first) {
                let stored = sealed.get(place);
                prop_assert_eq!(stored.symbols().collect::<Vec<_>>(), view.symbols.clone());
                prop_assert_eq!(stored.class, view.class_key());
                prop_assert_eq!((stored.word_initials, stored.stop_words), (view.word_initials, view.stop_words));
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), place in 0u32..50) {
            let sealed = sealed(&bytes);
            prop_assert!(sealed.get(place).symbols.len() <= MAX_SYMBOLS);
        }
    }
}
