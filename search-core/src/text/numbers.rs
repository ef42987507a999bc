//! Reads numbers in names: 第十五, 一〇一, 2024级, 2402班, 高一, (1)班.
//!
//! Which words say what a number counts stands in `counters.tsv` of index-data. A hanzi numeral without 第 and without
//! such a word stays a word: 三一重工, 四川, 五四路, 八一中学.

use super::forms::is_boilerplate;
use super::numerals::{hanzi_digit, is_numeral, numeral_value};
use super::symbols::Number;
use index_data::lexicon::{CounterRole, counters};
use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// Years that four digits may stand for.
const FULL_YEARS: RangeInclusive<u32> = 1990..=2039;
/// Years of entry that two digits before a class may stand for: 10级3班 still exists.
const YEARS_BEFORE_CLASS: RangeInclusive<u32> = 10..=39;
/// The same before a major, with the class further behind: 14 and less are numbers of schools more often.
pub(crate) const YEARS_ALONE: RangeInclusive<u32> = 15..=39;
/// The same as the first two of three digits: 231班. Less are numbers of their own more often.
const YEARS_OF_THREE_DIGITS: RangeInclusive<u32> = 18..=39;
/// Classes of a year that two more digits may stand for: 2402班.
const SHORT_CLASSES: RangeInclusive<u32> = 1..=40;
const COUNTED_CLASSES: RangeInclusive<u32> = 1..=99;

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
    let before = Before::new(chars, at, read_before);
    if matches!(read_before.number, Some(Number::Grade(..)))
        && let Some(class) = class_of_grade(rest)
    {
        return Some(class);
    }
    grade(rest, before).or_else(|| digits(rest, before)).or_else(|| hanzi_number(rest, before))
}

/// What stands before a number.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    /// The character right before it, with no gap and no other number between.
    c: Option<char>,
    /// Whether a word of hanzi or of several letters ends there, with or without a gap.
    ends_word: bool,
    /// The year that stands with 级 somewhere before it.
    explicit_year: Option<u16>,
}

impl Before {
    fn new(chars: &[PlacedChar], at: usize, read: ReadBefore) -> Before {
        let is_apart = read.number.is_some() || chars[at].after_gap;
        let c = at.checked_sub(1).filter(|_| !is_apart).map(|before| chars[before].c);
        let ends_word = read.number.is_none() && ends_word(&chars[..at]);
        Before { c, ends_word, explicit_year: read.explicit_year }
    }
}

/// Whether a word ends here: in hanzi, or letters as of pinyin. Fewer letters are more often part of a code.
fn ends_word(chars: &[PlacedChar]) -> bool {
    const LETTERS: usize = 4;
    let letters = chars.iter().rev().take_while(|placed| placed.c.is_ascii_lowercase()).count();
    let is_hanzi = |c: char| !c.is_ascii() && !is_numeral(c) && c != '第';
    letters >= LETTERS || chars.last().is_some_and(|last| is_hanzi(last.c))
}

/// 高二10, 高一八: a bare number right behind a grade is the class.
fn class_of_grade(rest: &[PlacedChar]) -> Option<ReadNumbers> {
    const CLASSES: RangeInclusive<u32> = 1..=60;
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
fn grade(rest: &[PlacedChar], before: Before) -> Option<ReadNumbers> {
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
            before.c.is_some_and(|c| is_numeral(c) || c.is_ascii_alphanumeric() || c == '第');
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

/// A number in digits. A year that was said with 级 wins over the one that a class number would mean: 2010级软件195班.
fn digits(rest: &[PlacedChar], before: Before) -> Option<ReadNumbers> {
    if !rest.first()?.c.is_ascii_digit() {
        return None;
    }
    let len = 1 + rest[1..].iter().take_while(|next| next.c.is_ascii_digit() && !next.after_gap).count();
    if len > 9 {
        return None;
    }
    number_of_digits(decimal(&rest[..len]), len, &rest[len..], before)
}

/// What a number of so many digits is, by what stands behind it and before it.
fn number_of_digits(value: u32, len: usize, next: &[PlacedChar], before: Before) -> Option<ReadNumbers> {
    let year_counter = counter(next, &COUNTERS.year);
    if year_counter > 0
        && let Some(year) = year(value, len)
    {
        // 届 is another year than 级: the word stays.
        let counted = if next[0].c == '级' { year_counter } else { 0 };
        return ReadNumbers::one(len + counted, Number::Year(year));
    }
    let counted = counter(next, &COUNTERS.class);
    let read = match len {
        2 if counted == 0 => two_digits(value, next, before),
        3 => three_digits(value, next, before),
        4 => four_digits(value, next, before),
        6 if counted > 0 && (2000..=2039).contains(&(value / 100)) => {
            year_and_class(value / 100, value % 100, 6 + counted)
        }
        _ => None,
    };
    read.or_else(|| (counted > 0).then(|| ReadNumbers::one(len + counted, Number::Class(number(value))))?)
        .or_else(|| ReadNumbers::one(len, Number::Plain(number(value))))
        .or_else(|| ReadNumbers::one(len, Number::hashed(value)))
}

/// The number of a symbol; what is too large for one becomes so large that it has none.
fn number(value: u32) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

fn year_and_class(year: u32, class: u32, len: usize) -> Option<ReadNumbers> {
    ReadNumbers::two(len, Number::Year(number(year)), Number::Class(number(class)))
}

/// 24(04)班, 24软工: a year before its class or before a major.
fn two_digits(value: u32, next: &[PlacedChar], before: Before) -> Option<ReadNumbers> {
    if !YEARS_BEFORE_CLASS.contains(&value) {
        return None;
    }
    if let Some((class, class_len)) = class_after(next) {
        return year_and_class(2000 + value, class.into(), 2 + class_len);
    }
    let is_year = YEARS_ALONE.contains(&value) && is_year_before_major(next, before);
    is_year.then(|| ReadNumbers::one(2, Number::Year(number(2000 + value))))?
}

/// 241班, 烹饪221: a year and a class of one digit.
fn three_digits(value: u32, next: &[PlacedChar], before: Before) -> Option<ReadNumbers> {
    let counted = counter(next, &COUNTERS.class);
    let (year, class) = (value / 10, value % 10);
    let is_class = YEARS_OF_THREE_DIGITS.contains(&year) && class != 0;
    let agrees = before.explicit_year.is_none_or(|explicit| explicit == number(2000 + year));
    let is_meant = is_class && agrees && (counted > 0 || ends_name(next, before));
    is_meant.then(|| year_and_class(2000 + year, class, 3 + counted))?
}

/// 2402班, 2402: a year and a class; 2024: a year.
fn four_digits(value: u32, next: &[PlacedChar], before: Before) -> Option<ReadNumbers> {
    let counted = counter(next, &COUNTERS.class);
    let is_full_year = FULL_YEARS.contains(&value);
    let (year, class) = (value / 100, value % 100);
    // At the end of a name classes may be numbered from 51 on, as vocational schools do: 2454班, 助产2453.
    let classes = if counted > 0 || ends_name(next, before) { COUNTED_CLASSES } else { SHORT_CLASSES };
    let is_class = YEARS_BEFORE_CLASS.contains(&year) && classes.contains(&class);
    if is_class && (counted > 0 || !is_full_year) {
        let year = before.explicit_year.map_or(2000 + year, u32::from);
        return year_and_class(year, class, 4 + counted);
    }
    is_full_year.then(|| ReadNumbers::one(4, Number::Year(number(value))))?
}

/// Whether a number behind a word is the last of a name: 烹饪221, 烹饪221团支部.
fn ends_name(next: &[PlacedChar], before: Before) -> bool {
    let form = || next.iter().map(|placed| placed.c).collect::<String>();
    before.ends_word && (next.first().is_none_or(|next| next.after_gap) || is_boilerplate(&form()))
}

/// 24软工1班, 24软工01: two digits before a word that is not what they count, with a class behind. After a letter they
/// belong to it: b24.
fn is_year_before_major(next: &[PlacedChar], before: Before) -> bool {
    let Some(word) = next.first() else { return false };
    let has_class = || (0..next.len()).any(|at| counter(&next[at..], &COUNTERS.class) > 0);
    !word.c.is_ascii()
        && hanzi_digit(word.c).is_none()
        && counter(next, &COUNTERS.ordinal) == 0
        && !before.c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '第')
        && (has_class() || ends_with_class(next))
}

/// 软工01: the number of a class at the very end, without a word for it.
fn ends_with_class(chars: &[PlacedChar]) -> bool {
    let digits = chars.iter().rev().take_while(|placed| placed.c.is_ascii_digit()).count();
    let (word, number) = chars.split_at(chars.len() - digits);
    matches!(number.len(), 1 | 2) && ends_word(word) && SHORT_CLASSES.contains(&decimal(number))
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
fn hanzi_number(rest: &[PlacedChar], before: Before) -> Option<ReadNumbers> {
    if rest.first()?.c == '第' {
        return ordinal(&rest[1..]).map(|read| ReadNumbers { len: 1 + read.len, ..read });
    }
    if before.c.is_some_and(is_numeral) {
        // The rest of a numeral that was read as a word: 八一.
        return None;
    }
    let len = numeral_len(rest);
    let numeral: Vec<char> = rest[..len].iter().map(|placed| placed.c).collect();
    let (value, next) = (numeral_value(&numeral)?, &rest[len..]);
    let is_spelled_out = numeral.iter().any(|&c| matches!(c, '十' | '百'));
    if !is_spelled_out && let Some(read) = dictated(value, len, next, before) {
        return Some(read);
    }
    let class_counter = counter(next, &COUNTERS.class);
    if class_counter > 0 {
        return ReadNumbers::one(len + class_counter, Number::Class(number(value)));
    }
    if counter(next, &COUNTERS.year) > 0
        && !is_spelled_out
        && let Some(year) = year(value, len)
    {
        return ReadNumbers::one(len + usize::from(next[0].c == '级'), Number::Year(year));
    }
    let has_zero = numeral.iter().any(|&c| matches!(c, '零' | '〇' | '0' | 'o'));
    let is_long = len >= 3 && !is_spelled_out;
    let counted = counter(next, &COUNTERS.ordinal) > 0;
    let is_number = if is_spelled_out || len == 1 { counted } else { is_long && (has_zero || counted) };
    is_number.then(|| ReadNumbers::one(len, Number::Plain(number(value))))?
}

/// What follows 第: digits, or a numeral. 第十五五 is no numeral, but begins with one.
fn ordinal(run: &[PlacedChar]) -> Option<ReadNumbers> {
    if run.first().is_some_and(|next| next.c.is_ascii_digit()) {
        return digits(run, Before { c: Some('第'), ..Before::default() });
    }
    let numeral: Vec<char> = run[..numeral_len(run)].iter().map(|placed| placed.c).collect();
    let longest = (1..=numeral.len()).rev().find_map(|len| Some((len, numeral_value(&numeral[..len])?)));
    let (len, value) = longest?;
    ReadNumbers::one(len, Number::Plain(number(value)))
}

/// Digits that were dictated: 二四零二班, 二五一班, 二零二四级, b二零二二零一二.
fn dictated(value: u32, len: usize, next: &[PlacedChar], before: Before) -> Option<ReadNumbers> {
    let is_code = len >= 5 && before.c.is_some_and(|c| c.is_ascii_lowercase());
    let is_dictated = match len {
        3 => counter(next, &COUNTERS.class) > 0 && (180..400).contains(&value),
        4 => (1_000..4_000).contains(&value),
        _ => is_code,
    };
    let read = is_dictated.then(|| number_of_digits(value, len, next, before))??;
    (is_code || !matches!(read.first, Number::Plain(_) | Number::Hashed(_))).then_some(read)
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
