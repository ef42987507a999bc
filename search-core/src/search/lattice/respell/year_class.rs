//! A year and a class with a hyphen between: 软工23-3, 2022-3, and as it is dictated, 二零二二杠三.

use super::{HYPHENS, ends_name, gap_before, is_hanzi, stand_in};
use crate::text::normalize::NormalizedText;
use crate::text::numbers::{PlacedChar, begins_counter};
use crate::text::numerals::{hanzi_digit, is_numeral, numeral_value};
use index_data::lexicon::CounterRole;

/// The hyphen, as it is spoken.
const SPOKEN_HYPHEN: char = '杠';
/// Years of entry of two digits, and of four.
const YEARS: [std::ops::RangeInclusive<u32>; 2] = [15..=39, 2015..=2039];
const CLASSES: std::ops::RangeInclusive<u32> = 1..=60;

/// Says that the second number is a class, and writes a dictated year in digits.
pub(super) fn respell(text: &NormalizedText, chars: Vec<PlacedChar>) -> Vec<PlacedChar> {
    let Some(found) = (1..chars.len()).find_map(|at| year_and_class(text, &chars, at)) else { return chars };
    let mut out = chars[..found.year].to_vec();
    for &placed in &chars[found.year..found.hyphen] {
        let digit = hanzi_digit(placed.c).and_then(|digit| char::from_digit(digit, 10));
        out.push(digit.map_or(placed, |c| stand_in(c, placed, placed)));
    }
    out.push(PlacedChar { after_gap: true, ..chars[found.class] });
    out.extend_from_slice(&chars[found.class + 1..found.end]);
    if !begins_counter(&chars[found.end..], &[CounterRole::Class]) {
        out.push(PlacedChar { c: '班', after_gap: false, ..chars[found.end - 1] });
    }
    out.extend_from_slice(&chars[found.end..]);
    out
}

/// Where a year begins, what stands between it and the class, where the class begins and where it ends.
struct Found {
    year: usize,
    hyphen: usize,
    class: usize,
    end: usize,
}

/// A year before `at`, and a class from there on or behind a spoken hyphen there.
fn year_and_class(text: &NormalizedText, chars: &[PlacedChar], at: usize) -> Option<Found> {
    let is_spoken = chars[at].c == SPOKEN_HYPHEN;
    let is_typed = chars[at].after_gap && HYPHENS.contains(&gap_before(text, chars[at]));
    let class = at + usize::from(is_spoken);
    let year = at - chars[..at].iter().rev().take_while(|placed| is_digit(placed.c)).count();
    let before = chars.get(year.checked_sub(1)?)?;
    let len = chars[class..].iter().take_while(|placed| is_digit(placed.c) || placed.c == '十').count();
    let (rest, end) = (&chars[class + len..], class + len);
    let is_year = value(&chars[year..at]).is_some_and(|(value, len)| match len {
        2 => YEARS[0].contains(&value),
        4 => YEARS[1].contains(&value),
        _ => false,
    });
    let is_class = value(&chars[class..end]).is_some_and(|(value, _)| CLASSES.contains(&value))
        && (begins_counter(rest, &[CounterRole::Class]) || ends_name(rest));
    let is_meant = (is_spoken || is_typed) && is_hanzi(before.c) && !is_numeral(before.c) && before.c != '第';
    (is_meant && is_year && is_class).then_some(Found { year, hyphen: at, class, end })
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || hanzi_digit(c).is_some()
}

/// The value of a number in digits or in hanzi, and how many there are.
fn value(number: &[PlacedChar]) -> Option<(u32, usize)> {
    let digits: String = number.iter().map(|placed| placed.c).collect();
    let numeral: Vec<char> = digits.chars().collect();
    let value = digits.parse().ok().or_else(|| numeral_value(&numeral))?;
    Some((value, numeral.len()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::respelled;

    #[test]
    fn the_number_behind_a_year_and_a_hyphen_is_the_class() {
        let rows = [
            ("体教23-3", "体教233班"),
            ("吉首大学体育系体教23-3团支部", "吉首大学体育系体教233班团支部"),
            ("旅游管理2023-1", "旅游管理20231班"),
            ("国际政治二零二二杠三", "国际政治2022三班"),
            ("软工二三杠十二班", "软工23十二班"),
            ("软工2022杠3班", "软工20223班"),
            ("2024级-04班", "2024级04班"),
            ("北京101-3中", "北京1013中"),
            ("软工23-99", "软工2399"),
            ("杠杆厂", "杠杆厂"),
            ("23-3", "233"),
        ];
        for (query, expected) in rows {
            assert_eq!(respelled(query), expected, "{query}");
        }
    }
}
