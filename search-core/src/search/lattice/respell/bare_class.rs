//! A bare number at the end of a query that says a year or a grade is the class: 24级软工1, 高二 10.

use crate::text::numbers::{PlacedChar, begins_counter};
use crate::text::numerals::{hanzi_digit, is_numeral, numeral_value};
use index_data::lexicon::CounterRole;

const ANY: &[CounterRole] =
    &[CounterRole::Year, CounterRole::Class, CounterRole::Grade, CounterRole::Ordinal];

/// Says what the number counts.
pub(super) fn respell(mut chars: Vec<PlacedChar>) -> Vec<PlacedChar> {
    if let Some(end) = bare_class(&chars) {
        let class = PlacedChar { c: '班', after_gap: false, ..chars[end - 1] };
        chars.insert(end, class);
    }
    chars
}

/// Where a bare number ends that is a class.
fn bare_class(chars: &[PlacedChar]) -> Option<usize> {
    if (0..chars.len()).any(|at| begins_counter(&chars[at..], &[CounterRole::Class])) {
        return None;
    }
    let said = (1..chars.len()).find(|&at| says_year_or_grade(chars, at))?;
    let mut at = said + 1;
    let mut found = None;
    while at < chars.len() {
        let len = number_len(&chars[at..]);
        if len > 0 && is_class(&chars[at..at + len], chars[at - 1].c, &chars[at + len..]) {
            found = Some(at + len);
        }
        at += len.max(1);
    }
    found
}

/// The 级 of 2024级, the 二 of 高二.
fn says_year_or_grade(chars: &[PlacedChar], at: usize) -> bool {
    let (before, own) = (chars[at - 1].c, chars[at].c);
    let stages = [CounterRole::StageHigh, CounterRole::StageMiddle];
    (before.is_ascii_digit() && begins_counter(&chars[at..], &[CounterRole::Year]))
        || (begins_counter(&chars[at - 1..], &stages)
            && matches!(hanzi_digit(own).or(own.to_digit(10)), Some(1..=3)))
}

fn number_len(rest: &[PlacedChar]) -> usize {
    let of = |is: fn(char) -> bool| {
        let run = rest.iter().enumerate();
        run.take_while(|(at, placed)| is(placed.c) && (*at == 0 || !placed.after_gap)).count()
    };
    of(|c| c.is_ascii_digit()).max(of(is_numeral))
}

fn is_class(number: &[PlacedChar], before: char, next: &[PlacedChar]) -> bool {
    let digits: Vec<char> = number.iter().map(|placed| placed.c).collect();
    let is_decimal = digits[0].is_ascii_digit();
    let value =
        if is_decimal { digits.iter().collect::<String>().parse().ok() } else { numeral_value(&digits) };
    // A numeral in hanzi that goes on from other characters is a word: 三一.
    let is_apart = is_decimal || number[0].after_gap;
    let ends = next.first().is_none_or(|next| next.after_gap);
    number.len() <= 2
        && matches!(value, Some(1..=60))
        && before != '第'
        && is_apart
        && ends
        && !begins_counter(next, ANY)
}

#[cfg(test)]
mod tests {
    use super::super::tests::respelled;

    #[test]
    fn a_bare_number_behind_a_year_or_a_grade_is_a_class() {
        let rows = [
            ("24级软工1", "24级软工1班"),
            ("广西大学附中 2025级18", "广西大学附中2025级18班"),
            ("高二 10 蒙城", "高二10班蒙城"),
            ("高一 八", "高一八班"),
            ("22级艺设2团支部", "22级艺设2团支部"),
            ("24级软工1班", "24级软工1班"),
            ("24级软工1号", "24级软工1号"),
            ("北京15", "北京15"),
            ("高一 十五中", "高一十五中"),
            ("2024级三一", "2024级三一"),
            ("2024级软件第2", "2024级软件第2"),
        ];
        for (query, expected) in rows {
            assert_eq!(respelled(query), expected, "{query}");
        }
    }
}
