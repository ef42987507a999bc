//! A grade of a middle school without 年级: 三中九8, 八3班.

use super::{ends_name, is_hanzi, stand_in};
use crate::text::numbers::{PlacedChar, begins_counter};
use crate::text::numerals::{is_numeral, small_value};
use index_data::lexicon::CounterRole;

const GRADES: std::ops::RangeInclusive<u16> = 7..=9;
/// The digits of a class.
const LONGEST_CLASS: usize = 2;

/// Says that the numeral is a grade, and what stands behind it a class.
pub(super) fn respell(chars: Vec<PlacedChar>) -> Vec<PlacedChar> {
    let Some((grade, end)) = (1..chars.len()).find_map(|at| Some((at, class_end(&chars, at)?))) else {
        return chars;
    };
    let numeral = chars[grade];
    let mut out = chars[..=grade].to_vec();
    out.extend(['年', '级'].map(|c| PlacedChar { after_gap: false, ..stand_in(c, numeral, numeral) }));
    out.extend_from_slice(&chars[grade + 1..end]);
    if !begins_counter(&chars[end..], &[CounterRole::Class]) {
        out.push(PlacedChar { c: '班', after_gap: false, ..chars[end - 1] });
    }
    out.extend_from_slice(&chars[end..]);
    out
}

/// Where the class ends whose grade the character is.
fn class_end(chars: &[PlacedChar], at: usize) -> Option<usize> {
    let before = chars[at - 1].c;
    let is_grade = small_value(chars[at].c).is_some_and(|value| GRADES.contains(&value));
    if !is_grade || !is_hanzi(before) || is_numeral(before) || before == '第' {
        return None;
    }
    let class = &chars[at + 1..];
    let len = class.iter().take_while(|placed| placed.c.is_ascii_digit()).count();
    let end = at + 1 + len;
    let is_class = (1..=LONGEST_CLASS).contains(&len) && class[0].c != '0';
    let ends = begins_counter(&chars[end..], &[CounterRole::Class]) || ends_name(&chars[end..]);
    (is_class && ends).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::super::tests::respelled;

    #[test]
    fn a_numeral_before_a_class_in_digits_is_a_grade() {
        let rows = [
            ("迈陈中学九8", "迈陈中学九年级8班"),
            ("三中八3班", "三中八年级3班"),
            ("三中七12团支部", "三中七年级12班团支部"),
            ("第九8", "第九8"),
            ("二十九8", "二十九8"),
            ("三中九8号", "三中九8号"),
            ("三中六8", "三中六8"),
            ("九8", "九8"),
        ];
        for (query, expected) in rows {
            assert_eq!(respelled(query), expected, "{query}");
        }
    }
}
