//! Numbers and their counters that an input method or dictation wrote with characters of the same sound: 3颁, 高一年辑,
//! 第二时中学.

use super::ends_name;
use crate::text::numbers::{PlacedChar, begins_counter};
use crate::text::numerals::{is_numeral, numeral_value, small_numeral};
use crate::text::sounds::usual_reading;
use index_data::lexicon::CounterRole;

/// Only where a number or 年 stands before it and nothing of the name behind it: elsewhere such a character begins a word.
pub(super) fn respell(mut chars: Vec<PlacedChar>) -> Vec<PlacedChar> {
    for at in 1..chars.len() {
        let meant = counter(&chars, at).or_else(|| numeral(&chars, at));
        if let Some(c) = meant {
            chars[at].c = c;
        }
    }
    chars
}

/// 班 behind a number, 级 behind 年.
fn counter(chars: &[PlacedChar], at: usize) -> Option<char> {
    let (before, own) = (chars[at - 1].c, chars[at].c);
    let is_number = before.is_ascii_digit() || is_numeral(before);
    if is_number && sounds_like(own, '班') && ends_name(&chars[at + 1..]) {
        return Some('班');
    }
    (before == '年' && sounds_like(own, '级')).then_some('级')
}

/// A numeral between 第 and what it counts.
fn numeral(chars: &[PlacedChar], at: usize) -> Option<char> {
    let rest = &chars[at + 1..];
    let is_school = begins_counter(rest, &[CounterRole::Ordinal]) && !begins_counter(&chars[at..], ANY);
    if is_numeral(chars[at].c) || !is_school {
        return None;
    }
    let start = at - chars[..at].iter().rev().take_while(|placed| is_numeral(placed.c)).count();
    if chars.get(start.checked_sub(1)?)?.c != '第' {
        return None;
    }
    let reads = |c: &char| {
        let mut number: Vec<char> = chars[start..at].iter().map(|placed| placed.c).collect();
        number.push(*c);
        sounds_like(chars[at].c, *c) && numeral_value(&number).is_some()
    };
    (1..=10).filter_map(small_numeral).find(reads)
}

const ANY: &[CounterRole] =
    &[CounterRole::Year, CounterRole::Class, CounterRole::Grade, CounterRole::Ordinal];

fn sounds_like(own: char, meant: char) -> bool {
    own != meant && usual_reading(own) == usual_reading(meant)
}

#[cfg(test)]
mod tests {
    use super::super::tests::respelled;

    #[test]
    fn numbers_and_counters_are_read_by_their_sound() {
        let rows = [
            ("2023级戏剧学2搬团支部", "2023级戏剧学2班团支部"),
            ("动漫2454斑支部委员会", "动漫2454班支部委员会"),
            ("高一年辑6颁", "高一年级6班"),
            ("天津市第二时中学高二12班", "天津市第二十中学高二12班"),
            ("第武中学", "第五中学"),
            ("3搬运队", "3搬运队"),
            ("第一实验小学", "第一实验小学"),
            ("第一时间", "第一时间"),
            ("第一师范学校", "第一师范学校"),
        ];
        for (query, expected) in rows {
            assert_eq!(respelled(query), expected, "{query}");
        }
    }
}
