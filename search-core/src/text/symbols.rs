//! A name as ranking compares it: one symbol for each character, and one for each number, whatever way it is written.
//!
//! 第十五中学, 十五中 and 15中 begin with the same symbol; 2024级 and 24级 are one symbol; so are 1班, 一班 and (01)班. This
//! view stands beside the normalized text, which stays context-free, and never replaces it.

use super::normalize::NormalizedText;
use super::numbers;
use std::ops::Range;

/// One symbol in two bytes. Characters of the basic plane stand for themselves; numbers lie in the private use area,
/// where no name has characters; rarer characters are folded into an area that Chinese names do not use.
pub(crate) type Symbol = u16;

/// Changes whenever names are cut into other symbols.
pub(crate) const VERSION: u32 = 2;

const PRIVATE: u16 = 0xe000;
const YEARS: u16 = PRIVATE + 5_000;
const CLASSES: u16 = PRIVATE + 5_200;
const GRADES: u16 = PRIVATE + 5_800;
const PRIVATE_END: u16 = 0xf8ff;
/// The first year that has a symbol.
const FIRST_YEAR: u16 = 1950;
const LAST_YEAR: u16 = 2099;
const HANGUL: u32 = 0xac00;
const HANGUL_LEN: u32 = 11_172;

/// What a symbol says, where it is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Number {
    /// 第十五, 101: a number by itself.
    Plain(u16),
    /// 2024级.
    Year(u16),
    /// 1班.
    Class(u16),
    /// 2023019, too large to be told from all others.
    Long(u16),
    /// 高一: stage (1 high school, 2 middle school, 3 primary school) and year in it.
    Grade(u8, u8),
}

impl Number {
    /// Its symbol; `None` if it is too large for one.
    pub(crate) fn symbol(self) -> Option<Symbol> {
        match self {
            Number::Plain(value) => (value < YEARS - PRIVATE).then(|| PRIVATE + value),
            Number::Long(hash) => Some((HANGUL + u32::from(hash) % HANGUL_LEN) as u16),
            Number::Year(year) => {
                (FIRST_YEAR..=LAST_YEAR).contains(&year).then(|| YEARS + (year - FIRST_YEAR))
            }
            Number::Class(class) => (class < GRADES - CLASSES).then(|| CLASSES + class),
            Number::Grade(stage, year) => {
                (stage < 8 && year < 16).then(|| GRADES + u16::from(stage) * 16 + u16::from(year))
            }
        }
    }

    /// The number that a symbol stands for.
    pub(crate) fn of(symbol: Symbol) -> Option<Number> {
        Some(match symbol {
            PRIVATE..YEARS => Number::Plain(symbol - PRIVATE),
            YEARS..CLASSES => Number::Year(symbol - YEARS + FIRST_YEAR),
            CLASSES..GRADES => Number::Class(symbol - CLASSES),
            GRADES..=PRIVATE_END => {
                let packed = symbol - GRADES;
                Number::Grade((packed / 16) as u8, (packed % 16) as u8)
            }
            _ => return None,
        })
    }
}

/// The symbol of a character.
#[inline]
pub(crate) fn of_char(c: char) -> Symbol {
    match u16::try_from(u32::from(c)) {
        Ok(unit) if !(PRIVATE..=PRIVATE_END).contains(&unit) => unit,
        _ => (HANGUL + u32::from(c) % HANGUL_LEN) as u16,
    }
}

/// The other way to write a digit: the number 2 for 二, and back.
pub(crate) fn other_form(symbol: Symbol) -> Option<Symbol> {
    if let Some(Number::Plain(value)) = Number::of(symbol) {
        return numbers::small_numeral(value).map(of_char);
    }
    let value = numbers::small_value(char::from_u32(u32::from(symbol))?)?;
    Number::Plain(value).symbol()
}

/// A symbol with the place it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlacedSymbol {
    pub(crate) symbol: Symbol,
    /// In bytes of the normalized text.
    pub(crate) range: Range<usize>,
    /// Whether something that is not compared (a space, a bracket) stands before it.
    pub(crate) after_gap: bool,
}

/// A character of a normalized text as the number grammar sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlacedChar {
    pub(crate) c: char,
    /// Where it begins in the normalized text, in bytes.
    pub(crate) start: usize,
    pub(crate) after_gap: bool,
}

/// The characters of a normalized text with the gaps that normalizing closed: 高1（3）班 is not 高13班.
pub(crate) fn placed_chars(text: &NormalizedText) -> Vec<PlacedChar> {
    let mut placed = Vec::with_capacity(text.text().len() / 3 + 1);
    for (at, (start, c)) in text.text().char_indices().enumerate() {
        placed.push(PlacedChar { c, start, after_gap: text.is_after_gap(at) });
    }
    placed
}

/// The symbols of a part of a normalized text.
pub(crate) fn symbols(chars: &[PlacedChar]) -> Vec<PlacedSymbol> {
    let mut out = Vec::with_capacity(chars.len());
    let (mut at, mut number_end) = (0, 0);
    let end_of = |at: usize| chars[at].start + chars[at].c.len_utf8();
    while at < chars.len() {
        let read = numbers::read(chars, at, at > 0 && at == number_end);
        match read {
            Some(read) => {
                let range = chars[at].start..end_of(at + read.len - 1);
                for (place, number) in read.numbers().enumerate() {
                    if let Some(symbol) = number.symbol() {
                        let after_gap = place == 0 && chars[at].after_gap;
                        out.push(PlacedSymbol { symbol, range: range.clone(), after_gap });
                    }
                }
                at += read.len;
                number_end = at;
            }
            None => {
                let PlacedChar { c, start, after_gap } = chars[at];
                out.push(PlacedSymbol { symbol: of_char(c), range: start..end_of(at), after_gap });
                at += 1;
            }
        }
    }
    out
}

/// Year, class and grade of a class, in one number; 0: none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ClassKey {
    pub(crate) year: Option<u16>,
    pub(crate) class: Option<u16>,
    pub(crate) grade: Option<(u8, u8)>,
}

impl ClassKey {
    /// Takes up what a symbol says; of several the last one counts.
    pub(crate) fn take(&mut self, symbol: Symbol) {
        match Number::of(symbol) {
            Some(Number::Year(year)) => self.year = Some(year),
            Some(Number::Class(class)) => self.class = Some(class),
            Some(Number::Grade(stage, year)) => self.grade = Some((stage, year)),
            Some(Number::Plain(_) | Number::Long(_)) | None => {}
        }
    }

    pub(crate) fn of(symbols: impl IntoIterator<Item = Symbol>) -> Self {
        let mut key = ClassKey::default();
        symbols.into_iter().for_each(|symbol| key.take(symbol));
        key
    }

    pub(crate) fn is_empty(self) -> bool {
        self == ClassKey::default()
    }

    /// What it says, as symbols.
    pub(crate) fn symbols(self) -> impl Iterator<Item = Symbol> {
        let numbers = [
            self.year.map(Number::Year),
            self.class.map(Number::Class),
            self.grade.map(|(stage, year)| Number::Grade(stage, year)),
        ];
        numbers.into_iter().flatten().filter_map(Number::symbol)
    }

    pub(crate) fn pack(self) -> u32 {
        let year = self.year.map_or(0, |year| u32::from(year - FIRST_YEAR) + 1);
        let class = self.class.map_or(0, |class| u32::from(class) + 1);
        let grade = self.grade.map_or(0, |(stage, year)| u32::from(stage) * 16 + u32::from(year) + 1);
        year | class << 8 | grade << 20
    }

    pub(crate) fn unpack(packed: u32) -> Self {
        let field = |shift: u32, bits: u32| ((packed >> shift) & ((1 << bits) - 1)).checked_sub(1);
        ClassKey {
            year: field(0, 8).map(|year| year as u16 + FIRST_YEAR),
            class: field(8, 12).map(|class| class as u16),
            grade: field(20, 8).map(|grade| ((grade / 16) as u8, (grade % 16) as u8)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spelled(raw: &str) -> String {
        let text = NormalizedText::new(raw);
        let symbols = symbols(&placed_chars(&text));
        let spell = |placed: &PlacedSymbol| match Number::of(placed.symbol) {
            Some(Number::Plain(value)) => format!("<{value}>"),
            Some(Number::Long(_)) => unreachable!(),
            Some(Number::Year(year)) => format!("<{year}级>"),
            Some(Number::Class(class)) => format!("<{class}班>"),
            Some(Number::Grade(stage, year)) => {
                let year = "一二三四五六".chars().nth(usize::from(year) - 1).unwrap();
                format!("<{}{year}>", if stage == 1 { "高" } else { "初" })
            }
            None => char::from_u32(u32::from(placed.symbol)).unwrap().to_string(),
        };
        symbols.iter().map(spell).collect()
    }

    #[test]
    fn numbers_are_one_symbol_however_they_are_written() {
        let rows = [
            ("1班", "<1班>"),
            ("一班", "<1班>"),
            ("01班", "<1班>"),
            ("(1)班", "<1班>"),
            ("（１）班", "<1班>"),
            ("十二班", "<12班>"),
            ("2024级", "<2024级>"),
            ("24级软工1班", "<2024级>软工<1班>"),
            ("24软工1班", "<2024级>软工<1班>"),
            ("二〇二四级", "<2024级>"),
            ("软件工程2402班", "软件工程<2024级><2班>"),
            ("乌兹别克语2602", "乌兹别克语<2026级><2班>"),
            ("数学23二班", "数学<2023级><2班>"),
            ("旅游25（04）班", "旅游<2025级><4班>"),
            ("计科231班", "计科<2023级><1班>"),
            ("2020级-04班", "<2020级><4班>"),
            ("高一4班", "<高一><4班>"),
            ("高一（16）班", "<高一><16班>"),
            ("高一年级三班", "<高一><3班>"),
            ("高中一年级3班", "<高一><3班>"),
            ("高1（3）班", "<高一><3班>"),
            ("高13班", "<高一><3班>"),
            ("高三十二班", "<高三><12班>"),
            ("初三02班", "<初三><2班>"),
            ("七年级3班", "<初一><3班>"),
            ("第十五中学", "<15>中学"),
            ("十五中", "<15>中"),
            ("15中", "<15>中"),
            ("一〇一中学", "<101>中学"),
            ("一零一", "<101>"),
            ("一O一中学", "<101>中学"),
            ("第一0一中学", "<101>中学"),
            ("一四二中", "<142>中"),
            ("第九十四中学", "<94>中学"),
            ("二中", "<2>中"),
            ("第二外国语学院", "<2>外国语学院"),
            ("三一重工", "三一重工"),
            ("四川", "四川"),
            ("五四路", "五四路"),
            ("八一中学", "八一中学"),
            ("三里屯", "三里屯"),
            ("十里堡", "十里堡"),
            ("五道口", "五道口"),
            ("2023届", "<2023级>届"),
        ];
        for (raw, expected) in rows {
            assert_eq!(spelled(raw), expected, "{raw}");
        }
    }

    #[test]
    fn class_keys_keep_what_they_were_given() {
        let key = ClassKey { year: Some(2024), class: Some(12), grade: Some((1, 3)) };
        assert_eq!(ClassKey::unpack(key.pack()), key);
        assert_eq!(ClassKey::unpack(0), ClassKey::default());
        assert!(ClassKey::unpack(0).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read(raw in "[第高初中一二十百〇0-9级班年级届o（ ）软a\u{20000}\u{e001}]{0,16}") {
            let text = NormalizedText::new(&raw);
            let symbols = symbols(&placed_chars(&text));
            let mut end = 0;
            for placed in &symbols {
                prop_assert!(placed.range.end <= text.text().len() && placed.range.end >= end);
                end = placed.range.end;
            }
        }
    }
}
