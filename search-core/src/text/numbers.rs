//! Reads numbers in names: 第十五, 一〇一, 2024级, 2402班, 高一, (1)班.
//!
//! Which words say what a number counts stands in `counters.tsv` of index-data. A hanzi numeral without 第 and without
//! such a word stays a word: 三一重工, 四川, 五四路, 八一中学.

use super::forms::is_boilerplate;
use super::numerals::{hanzi_digit, is_numeral, numeral_value};
use super::symbols::Number;
use index_data::lexicon::{CounterRole, counters};
use std::sync::LazyLock;

/// Years of entry that two digits may stand for.
const SHORT_YEARS: std::ops::RangeInclusive<u32> = 10..=39;
/// Classes of a year that two more digits may stand for: 2402班.
const SHORT_CLASSES: std::ops::RangeInclusive<u32> = 1..=40;
const COUNTED_CLASSES: std::ops::RangeInclusive<u32> = 1..=99;

/// Characters of a numeral in hanzi, at most.
const LONGEST_NUMERAL: usize = 9;

/// A character of a normalized text as the number grammar sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlacedChar {
    pub(crate) c: char,
    /// Where it lies in the normalized text, in bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) after_gap: bool,
}

/// What was read before a number, as far as it says what the number is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ReadBefore {
    /// The number that ends just before it.
    pub(super) number: Option<Number>,
    /// The year that stands with 级 somewhere before it.
    pub(super) explicit_year: Option<u16>,
}

/// What was read: one or two numbers, and how many characters they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReadNumbers {
    pub(super) len: usize,
    first: Number,
    second: Option<Number>,
}

impl ReadNumbers {
    pub(super) fn numbers(self) -> impl Iterator<Item = Number> {
        std::iter::once(self.first).chain(self.second)
    }

    fn one(len: usize, first: Number) -> Option<Self> {
        first.symbol().map(|_| ReadNumbers { len, first, second: None })
    }

    fn two(len: usize, first: Number, second: Number) -> Option<Self> {
        (first.symbol().is_some() && second.symbol().is_some()).then_some(ReadNumbers {
            len,
            first,
            second: Some(second),
        })
    }
}

/// The numbers that begin at this character, if any do.
pub(super) fn read(chars: &[PlacedChar], at: usize, read_before: ReadBefore) -> Option<ReadNumbers> {
    let rest = &chars[at..];
    let first = rest.first()?.c;
    if !(first.is_ascii_digit() || is_numeral(first) || first == '第' || COUNTERS.begins_stage(first)) {
        return None;
    }
    let is_apart = read_before.number.is_some() || chars[at].after_gap;
    let before = at.checked_sub(1).filter(|_| !is_apart).map(|before| chars[before].c);
    if matches!(read_before.number, Some(Number::Grade(..)))
        && let Some(class) = class_of_grade(rest)
    {
        return Some(class);
    }
    grade(rest, before)
        .or_else(|| digits(rest, before, read_before.explicit_year))
        .or_else(|| hanzi_number(rest, before, read_before.explicit_year))
}

/// 高二10, 高一八: a bare number right behind a grade is the class.
fn class_of_grade(rest: &[PlacedChar]) -> Option<ReadNumbers> {
    const CLASSES: std::ops::RangeInclusive<u32> = 1..=60;
    let is_digit = rest.first()?.c.is_ascii_digit();
    let (value, len) = if is_digit {
        let digits = rest.iter().enumerate();
        let len =
            digits.take_while(|(at, next)| next.c.is_ascii_digit() && (*at == 0 || !next.after_gap)).count();
        (decimal(&rest[..len.min(3)]), len)
    } else {
        let len = numeral_len(rest);
        let numeral: Vec<char> = rest[..len].iter().map(|placed| placed.c).collect();
        (numeral_value(&numeral)?, len)
    };
    let next = &rest[len..];
    let is_counted = begins_counter(
        next,
        &[CounterRole::Year, CounterRole::Class, CounterRole::Grade, CounterRole::Ordinal],
    );
    // A numeral in hanzi may be the beginning of a word: 初三三里屯.
    let ends = is_digit || next.first().is_none_or(|next| next.after_gap);
    (CLASSES.contains(&value) && !is_counted && ends)
        .then(|| ReadNumbers::one(len, Number::Class(value as u16)))
        .flatten()
}

/// The value of some digits.
fn decimal(digits: &[PlacedChar]) -> u32 {
    digits.iter().filter_map(|digit| digit.c.to_digit(10)).fold(0, |sum, digit| sum * 10 + digit)
}

/// 高一, 高1, 高中一年级, 初三, 七年级, 九(5)班.
fn grade(rest: &[PlacedChar], before: Option<char>) -> Option<ReadNumbers> {
    for (stage, words) in [(1, &COUNTERS.stage_high), (2, &COUNTERS.stage_middle)] {
        for word in words {
            if let Some(len) = starts_with(rest, word)
                && let Some((year, year_len)) = year_of_stage(&rest[len..])
            {
                let len = len + year_len;
                return ReadNumbers::one(
                    len + counter(&rest[len..], &COUNTERS.grade),
                    Number::Grade(stage, year),
                );
            }
        }
    }
    let (value, len) = small_number(rest)?;
    let counted = counter(&rest[len..], &COUNTERS.grade);
    if counted == 0 {
        let is_class_apart =
            rest.get(len).is_some_and(|next| next.after_gap) && class_after(&rest[len..]).is_some();
        let is_number_before =
            before.is_some_and(|c| is_numeral(c) || c.is_ascii_alphanumeric() || c == '第');
        return match value {
            7..=9 if is_class_apart && !is_number_before => {
                ReadNumbers::one(len, Number::Grade(2, value as u8 - 6))
            }
            _ => None,
        };
    }
    match value {
        1..=6 => ReadNumbers::one(len + counted, Number::Grade(3, value as u8)),
        7..=9 => ReadNumbers::one(len + counted, Number::Grade(2, value as u8 - 6)),
        _ => None,
    }
}

/// One to three, not followed by more of the same number: 高2024级 is no grade. 高13班 is 高一 and 3班.
fn year_of_stage(rest: &[PlacedChar]) -> Option<(u8, usize)> {
    let first = rest.first()?;
    if let Some(value @ 1..=3) = hanzi_digit(first.c) {
        return Some((value as u8, 1));
    }
    let digit @ 1..=3 = first.c.to_digit(10)? else { return None };
    let run = rest[1..].iter().take_while(|next| next.c.is_ascii_digit() && !next.after_gap).count();
    let counted = counter(&rest[1 + run..], &COUNTERS.class) > 0;
    (run == 0 || (run <= 2 && counted)).then_some((digit as u8, 1))
}

/// A run of digits, with what it counts.
///
/// A year that was said with 级 wins over the one that a class number would mean: 2010级软件195班.
fn digits(rest: &[PlacedChar], before: Option<char>, explicit_year: Option<u16>) -> Option<ReadNumbers> {
    if !rest.first()?.c.is_ascii_digit() {
        return None;
    }
    let len = 1 + rest[1..].iter().take_while(|next| next.c.is_ascii_digit() && !next.after_gap).count();
    if len > 9 {
        return None;
    }
    number_of_digits(decimal(&rest[..len]), len, &rest[len..], before, explicit_year)
}

/// What a number of so many digits is, by what stands behind it and before it.
fn number_of_digits(
    value: u32,
    len: usize,
    next: &[PlacedChar],
    before: Option<char>,
    explicit_year: Option<u16>,
) -> Option<ReadNumbers> {
    let year_counter = counter(next, &COUNTERS.year);
    let class_counter = counter(next, &COUNTERS.class);
    let number = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
    if year_counter > 0
        && let Some(year) = year(value, len)
    {
        // 届 is another year than 级: the word stays.
        let counted = if next[0].c == '级' { year_counter } else { 0 };
        return ReadNumbers::one(len + counted, Number::Year(year));
    }
    match len {
        2 if SHORT_YEARS.contains(&value) && class_counter == 0 => {
            if let Some((class, class_len)) = class_after(next) {
                return ReadNumbers::two(
                    len + class_len,
                    Number::Year(number(2000 + value)),
                    Number::Class(class),
                );
            }
            if value >= 15 && is_year_before_major(next, before) {
                return ReadNumbers::one(len, Number::Year(number(2000 + value)));
            }
        }
        3 if (class_counter > 0 || ends_name(next, before))
            && (18..=39).contains(&(value / 10))
            && !value.is_multiple_of(10) =>
        {
            let (year, class) = (number(2000 + value / 10), number(value % 10));
            if explicit_year.is_none_or(|explicit| explicit == year) {
                return ReadNumbers::two(len + class_counter, Number::Year(year), Number::Class(class));
            }
        }
        4 => {
            let (year, class) = (value / 100, value % 100);
            // With 班 behind it, classes may be numbered from 51 on, as vocational schools do: 2454班.
            let classes = if class_counter > 0 { COUNTED_CLASSES } else { SHORT_CLASSES };
            let is_short = SHORT_YEARS.contains(&year) && classes.contains(&class);
            if is_short && (class_counter > 0 || !(1990..=2039).contains(&value)) {
                let (year, class) = (explicit_year.unwrap_or(number(2000 + year)), number(class));
                return ReadNumbers::two(len + class_counter, Number::Year(year), Number::Class(class));
            }
            if (1990..=2039).contains(&value) {
                return ReadNumbers::one(len, Number::Year(number(value)));
            }
        }
        6 if class_counter > 0 && (2000..=2039).contains(&(value / 100)) => {
            let (year, class) = (number(value / 100), number(value % 100));
            return ReadNumbers::two(len + class_counter, Number::Year(year), Number::Class(class));
        }
        _ => {}
    }
    if class_counter > 0 {
        return ReadNumbers::one(len + class_counter, Number::Class(number(value)));
    }
    ReadNumbers::one(len, Number::Plain(number(value)))
        .or_else(|| ReadNumbers::one(len, Number::Long((value.wrapping_mul(0x9e37_79b1) >> 16) as u16)))
}

/// Whether a number behind a word is the last of a name: 烹饪221, 烹饪221团支部.
fn ends_name(next: &[PlacedChar], before: Option<char>) -> bool {
    let is_behind_word = before.is_some_and(|c| !c.is_ascii() && !is_numeral(c) && c != '第');
    let form = || next.iter().map(|placed| placed.c).collect::<String>();
    is_behind_word && (next.first().is_none_or(|next| next.after_gap) || is_boilerplate(&form()))
}

/// 24软工: two digits before a word that is not what they count. After a letter they belong to it: b24.
fn is_year_before_major(next: &[PlacedChar], before: Option<char>) -> bool {
    let Some(word) = next.first() else { return false };
    !word.c.is_ascii()
        && hanzi_digit(word.c).is_none()
        && counter(next, &COUNTERS.ordinal) == 0
        && !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '第')
        && (0..next.len()).any(|at| counter(&next[at..], &COUNTERS.class) > 0)
}

/// 二班, (04)班: a class right after its year.
fn class_after(rest: &[PlacedChar]) -> Option<(u16, usize)> {
    let first = rest.first()?;
    let (value, len) = if first.c.is_ascii_digit() {
        let len = rest.iter().take(3).take_while(|next| next.c.is_ascii_digit()).count();
        (decimal(&rest[..len]), len)
    } else {
        small_number(rest)?
    };
    let counted = counter(&rest[len..], &COUNTERS.class);
    (counted > 0).then(|| (value as u16, len + counted))
}

fn year(value: u32, digits: usize) -> Option<u16> {
    match digits {
        2 if value <= 49 => Some(2000 + value as u16),
        2 => Some(1900 + value as u16),
        4 if (1950..=2099).contains(&value) => Some(value as u16),
        _ => None,
    }
}

/// A hanzi numeral with 第 before it or what it counts after it.
fn hanzi_number(
    rest: &[PlacedChar],
    before: Option<char>,
    explicit_year: Option<u16>,
) -> Option<ReadNumbers> {
    let is_ordinal = rest.first()?.c == '第';
    let start = usize::from(is_ordinal);
    let run = &rest[start..];
    if is_ordinal && run.first().is_some_and(|next| next.c.is_ascii_digit()) {
        let read = digits(run, Some('第'), None)?;
        return Some(ReadNumbers { len: read.len + 1, ..read });
    }
    let len = numeral_len(run);
    if !is_ordinal && before.is_some_and(is_numeral) {
        // The rest of a numeral that was read as a word: 八一.
        return None;
    }
    let numeral: Vec<char> = run[..len].iter().map(|placed| placed.c).collect();
    if is_ordinal {
        // 第十五五 is no numeral, but begins with one.
        let longest = (1..=len).rev().find_map(|len| Some((len, numeral_value(&numeral[..len])?)));
        let (len, value) = longest?;
        return ReadNumbers::one(start + len, Number::Plain(u16::try_from(value).unwrap_or(u16::MAX)));
    }
    let value = numeral_value(&numeral)?;
    let next = &run[len..];
    let of = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
    let end = start + len;
    let class_counter = counter(next, &COUNTERS.class);
    let is_spelled_out = numeral.iter().any(|&c| matches!(c, '十' | '百'));
    // 二四零二班, 二五一班, 二零二四级, b二零二二零一二: digits that were dictated.
    let is_code = len >= 5 && before.is_some_and(|c| c.is_ascii_lowercase());
    let is_dictated = match len {
        3 => class_counter > 0 && (180..400).contains(&value),
        4 => (1_000..4_000).contains(&value),
        _ => is_code,
    };
    if is_dictated && !is_spelled_out {
        let read = number_of_digits(value, len, next, before, explicit_year)?;
        if is_code || !matches!(read.first, Number::Plain(_) | Number::Long(_)) {
            return Some(read);
        }
    }
    if class_counter > 0 {
        return ReadNumbers::one(end + class_counter, Number::Class(of(value)));
    }
    if counter(next, &COUNTERS.year) > 0
        && !is_spelled_out
        && let Some(year) = year(value, len)
    {
        return ReadNumbers::one(end + usize::from(next[0].c == '级'), Number::Year(year));
    }
    let has_zero = numeral.iter().any(|&c| matches!(c, '零' | '〇' | '0' | 'o'));
    let is_long = len >= 3 && !is_spelled_out;
    let counted = counter(next, &COUNTERS.ordinal) > 0;
    let is_number = if is_spelled_out || len == 1 { counted } else { is_long && (has_zero || counted) };
    if is_number { ReadNumbers::one(end, Number::Plain(of(value))) } else { None }
}

/// How many characters from here on are one numeral; zeros may be digits or the letter: 一O一.
fn numeral_len(run: &[PlacedChar]) -> usize {
    let continues = |at: usize, placed: &PlacedChar| {
        (at == 0 || !placed.after_gap) && (is_numeral(placed.c) || (at > 0 && matches!(placed.c, '0' | 'o')))
    };
    run.iter().enumerate().take_while(|&(at, placed)| continues(at, placed)).take(LONGEST_NUMERAL).count()
}

/// A number of one or two hanzi: 三, 十, 十二.
fn small_number(rest: &[PlacedChar]) -> Option<(u32, usize)> {
    let first = rest.first()?;
    if let Some(digit) = first.c.to_digit(10) {
        let alone = rest.get(1).is_none_or(|next| !next.c.is_ascii_digit() || next.after_gap);
        return (alone && digit > 0).then_some((digit, 1));
    }
    let len = numeral_len(rest).min(3);
    let numeral: Vec<char> = rest[..len].iter().map(|placed| placed.c).collect();
    numeral_value(&numeral).map(|value| (value, len))
}

/// The numbers that become this one if a digit is typed twice (十五五) or two digits are transposed (12, 21).
pub(crate) fn numbers_before_typo(text: &str) -> Vec<u16> {
    let digits: Vec<char> = text.chars().filter(|&c| c != '第').collect();
    let value = |digits: &[char]| -> Option<u16> {
        let value = match digits.iter().collect::<String>().parse() {
            Ok(value) => value,
            Err(_) => numeral_value(digits)?,
        };
        u16::try_from(value).ok()
    };
    let typed = value(&digits);
    let mut found = Vec::new();
    for at in 1..digits.len() {
        let mut other = digits.clone();
        if digits[at] == digits[at - 1] {
            other.remove(at);
        } else {
            other.swap(at - 1, at);
        }
        found.extend(value(&other).filter(|&value| Some(value) != typed && !found.contains(&value)));
    }
    found
}

fn starts_with(rest: &[PlacedChar], word: &[char]) -> Option<usize> {
    let fits = rest.len() >= word.len() && word.iter().zip(rest).all(|(&c, placed)| c == placed.c);
    fits.then_some(word.len())
}

/// The length of the longest of the words that begins here; 0: none.
fn counter(rest: &[PlacedChar], words: &[Vec<char>]) -> usize {
    words.iter().find_map(|word| starts_with(rest, word)).unwrap_or(0)
}

/// The words that say what a number is, the longest first.
pub(crate) fn counter_words(role: CounterRole) -> &'static [Vec<char>] {
    match role {
        CounterRole::Year => &COUNTERS.year,
        CounterRole::Class => &COUNTERS.class,
        CounterRole::Grade => &COUNTERS.grade,
        CounterRole::StageHigh => &COUNTERS.stage_high,
        CounterRole::StageMiddle => &COUNTERS.stage_middle,
        CounterRole::Ordinal => &COUNTERS.ordinal,
    }
}

/// Whether a word that says what the number before it is begins here.
pub(crate) fn begins_counter(rest: &[PlacedChar], roles: &[CounterRole]) -> bool {
    roles.iter().any(|&role| counter(rest, counter_words(role)) > 0)
}

struct Counters {
    year: Vec<Vec<char>>,
    class: Vec<Vec<char>>,
    grade: Vec<Vec<char>>,
    stage_high: Vec<Vec<char>>,
    stage_middle: Vec<Vec<char>>,
    ordinal: Vec<Vec<char>>,
}

impl Counters {
    fn begins_stage(&self, c: char) -> bool {
        self.stage_high.iter().chain(&self.stage_middle).any(|word| word.first() == Some(&c))
    }
}

static COUNTERS: LazyLock<Counters> = LazyLock::new(|| {
    let words = |role: CounterRole| {
        let rows = counters().filter(|row| row.role == role);
        let mut words: Vec<Vec<char>> =
            rows.map(|row| crate::normalize(row.text).chars().collect()).collect();
        // Words of one length stay in the order of the table: the usual one first.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words
    };
    Counters {
        year: words(CounterRole::Year),
        class: words(CounterRole::Class),
        grade: words(CounterRole::Grade),
        stage_high: words(CounterRole::StageHigh),
        stage_middle: words(CounterRole::StageMiddle),
        ordinal: words(CounterRole::Ordinal),
    }
});
