//! A name as ranking compares it: one symbol for each character, and one for each number, whatever way it is written.
//!
//! 第十五中学, 十五中 and 15中 begin with the same symbol; 2024级 and 24级 are one symbol; so are 1班, 一班 and (01)班. This
//! view stands beside the normalized text, which stays context-free, and never replaces it.

use super::numerals;

/// One symbol in two bytes. Characters of the basic plane stand for themselves; numbers lie in the private use area,
/// where no name has characters; rarer characters are folded into an area that Chinese names do not use.
pub(crate) type Symbol = u16;

/// Changes whenever names are cut into other symbols.
pub(crate) const VERSION: u32 = 5;

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
    /// The hash of a number above 4,999. Two of them may share a symbol, also with a character that is folded: see [`of_char`].
    Hashed(u16),
    /// 高一: stage (1 high school, 2 middle school, 3 primary school) and year in it.
    Grade(u8, u8),
}

impl Number {
    /// A number that is too large for [`Number::Plain`].
    pub(crate) fn hashed(value: u32) -> Number {
        Number::Hashed((value.wrapping_mul(0x9e37_79b1) >> 16) as u16)
    }

    /// Its symbol; `None` if it is too large for one.
    pub(crate) fn symbol(self) -> Option<Symbol> {
        match self {
            Number::Plain(value) => (value < YEARS - PRIVATE).then(|| PRIVATE + value),
            Number::Hashed(hash) => Some((HANGUL + u32::from(hash) % HANGUL_LEN) as u16),
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
        return numerals::small_numeral(value).map(of_char);
    }
    let value = numerals::small_value(char::from_u32(u32::from(symbol))?)?;
    Number::Plain(value).symbol()
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
            Some(Number::Plain(_) | Number::Hashed(_)) | None => {}
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

    /// Whether the two say nothing that differs: what one leaves out, the other may say.
    pub(crate) fn agrees_with(self, other: ClassKey) -> bool {
        fn agree<T: PartialEq + Copy>(a: Option<T>, b: Option<T>) -> bool {
            a.is_none() || b.is_none() || a == b
        }
        agree(self.year, other.year) && agree(self.class, other.class) && agree(self.grade, other.grade)
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

/// A grade in its usual spelling: 高一, 初二, 三年级; `None` if there is none of this number.
pub(crate) fn grade_name(stage: u8, year: u8) -> Option<String> {
    let year = numerals::small_numeral(u16::from(year))?;
    match stage {
        1 => Some(format!("高{year}")),
        2 => Some(format!("初{year}")),
        3 => Some(format!("{year}年级")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_keys_keep_what_they_were_given() {
        let key = ClassKey { year: Some(2024), class: Some(12), grade: Some((1, 3)) };
        assert_eq!(ClassKey::unpack(key.pack()), key);
        assert_eq!(ClassKey::unpack(0), ClassKey::default());
        assert!(ClassKey::unpack(0).is_empty());
    }
}
