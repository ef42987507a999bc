//! Numbers beyond those that stand there: spelled in pinyin, or mistyped.

use super::{Edge, EdgeKind, Lattice};
use crate::text::sounds;
use crate::text::symbols::{Number, of_char};
use crate::text::{numbers, numerals};
use std::ops::Range;
use std::sync::LazyLock;

/// Adds an edge for each number that becomes a typed one if two of its digits are transposed or one is duplicated.
pub(super) fn add_mistyped_numbers(lattice: &mut Lattice, text: &str) {
    let (places, mut added) = (&lattice.places, 0);
    for segment in &mut lattice.segments {
        segment.edges.start += added;
        segment.edges.end += added;
        let mut at = segment.edges.start;
        while at < segment.edges.end {
            let Edge { from, to, ref kind } = lattice.edges[at];
            at += 1;
            let is_number = matches!(kind, EdgeKind::Symbol(symbol) if matches!(Number::of(*symbol), Some(Number::Plain(_))));
            if !is_number || to != from + 1 {
                continue;
            }
            let typed = text.get(places[from].clone()).unwrap_or_default();
            for number in numbers::numbers_before_typo(typed) {
                if let Some(symbol) = Number::Plain(number).symbol() {
                    lattice.edges.insert(at, Edge { from, to, kind: EdgeKind::MistypedNumber(symbol) });
                    (at, added, segment.edges.end) = (at + 1, added + 1, segment.edges.end + 1);
                }
            }
        }
    }
}

/// Appends an edge for each number that syllables spell: di shi wu for 第十五, yi ling yi for 一零一.
pub(super) fn add_spelled_numbers(edges: &mut Vec<Edge>, first_edge: usize) {
    const LONGEST: usize = 4;
    let syllables: Vec<(Range<usize>, &str)> = edges[first_edge..]
        .iter()
        .filter_map(|edge| match edge.kind {
            EdgeKind::Syllable(syllable) => Some((edge.from..edge.to, sounds::spelling(syllable))),
            _ => None,
        })
        .collect();
    let follows = |end: usize| syllables.iter().filter(move |(place, _)| place.start == end);
    for (start, spelling) in &syllables {
        let is_ordinal = *spelling == "di";
        let mut open: Vec<(usize, String)> = match (is_ordinal, numeral(spelling)) {
            (true, _) => vec![(start.end, String::new())],
            (false, Some(digit)) => vec![(start.end, digit.to_string())],
            (false, None) => continue,
        };
        for _ in 0..LONGEST {
            let longer = open.iter().flat_map(|(end, text)| {
                follows(*end).filter_map(move |(place, spelling)| {
                    Some((place.end, format!("{text}{}", numeral(spelling)?)))
                })
            });
            open = longer.collect();
            for (end, text) in &open {
                let value = numerals::numeral_value(&text.chars().collect::<Vec<char>>());
                let symbol = value.and_then(|value| Number::Plain(u16::try_from(value).ok()?).symbol());
                if let Some(symbol) = symbol {
                    edges.push(Edge { from: start.start, to: *end, kind: EdgeKind::Symbol(symbol) });
                }
            }
        }
    }
}

/// Appends an edge for each number whose initials follow a d: dj for 第九, dsw for 第十五 and 第三五.
pub(super) fn add_initialed_numbers(edges: &mut Vec<Edge>) {
    let initials: Vec<(usize, u8)> = edges
        .iter()
        .filter_map(|edge| match edge.kind {
            EdgeKind::Initial(letter) if edge.len() == 1 => Some((edge.from, letter)),
            _ => None,
        })
        .collect();
    for ordinal in initials.windows(2).filter(|pair| pair[0].1 == b'd' && pair[1].0 == pair[0].0 + 1) {
        let from = ordinal[0].0;
        let behind = initials.iter().skip_while(|(at, _)| *at <= from).enumerate();
        let letters =
            behind.take_while(|(step, (at, _))| *at == from + 1 + step).map(|(_, &(_, letter))| letter);
        let letters: Vec<u8> = letters.take(LONGEST_INITIALS).collect();
        for (number, spelled) in INITIALS.iter().filter(|(_, spelled)| letters.starts_with(spelled)) {
            if let Some(symbol) = Number::Plain(*number).symbol() {
                let to = from + 1 + spelled.len();
                edges.push(Edge { from, to, kind: EdgeKind::NumberInitials(symbol) });
            }
        }
    }
}

/// Letters of the longest numeral among [`INITIALS`].
const LONGEST_INITIALS: usize = 3;

/// The numbers up to 99 with the first letters of their numerals: 15 is sw, 十五.
static INITIALS: LazyLock<Vec<(u16, Vec<u8>)>> = LazyLock::new(|| {
    let of = |number: u16| {
        let (tens, ones) = (number / 10, number % 10);
        let tens = match tens {
            0 => vec![],
            1 => vec![10],
            _ => vec![tens, 10],
        };
        let digits = tens.into_iter().chain((ones > 0).then_some(ones));
        let letter = |digit| {
            let &syllable = sounds::syllables(of_char(numerals::small_numeral(digit)?)).first()?;
            sounds::spelling(syllable).bytes().next()
        };
        Some((number, digits.map(letter).collect::<Option<Vec<u8>>>()?))
    };
    (1..=99).filter_map(of).collect()
});

/// The numeral that a syllable spells.
fn numeral(spelling: &str) -> Option<char> {
    Some(match spelling {
        "ling" => '零',
        "yi" => '一',
        "er" => '二',
        "san" => '三',
        "si" => '四',
        "wu" => '五',
        "liu" => '六',
        "qi" => '七',
        "ba" => '八',
        "jiu" => '九',
        "shi" => '十',
        "bai" => '百',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::lattice::tests::lattice;

    #[test]
    fn numbers_are_read_from_pinyin() {
        let numbers = |query: &str| -> Vec<Number> {
            let of = |edge: &Edge| match edge.kind {
                EdgeKind::Symbol(symbol) => Number::of(symbol),
                _ => None,
            };
            lattice(query).edges.iter().filter_map(of).collect()
        };
        assert!(numbers("beijingdishiwuzhongxue").contains(&Number::Plain(15)));
        assert!(numbers("di er zhong xue").contains(&Number::Plain(2)));
        assert!(numbers("yilingyi").contains(&Number::Plain(101)));
        assert_eq!(numbers("beijing"), []);
    }

    #[test]
    fn numbers_are_read_from_initials() {
        let numbers = |query: &str| -> Vec<Number> {
            let of = |edge: &Edge| match edge.kind {
                EdgeKind::NumberInitials(symbol) => Number::of(symbol),
                _ => None,
            };
            lattice(query).edges.iter().filter_map(of).collect()
        };
        assert_eq!(numbers("bjsdjzx"), [Number::Plain(9)]);
        assert_eq!(numbers("bjsdswzx"), [3, 4, 10, 15].map(Number::Plain));
        assert_eq!(numbers("bjdx"), []);
    }

    #[test]
    fn mistyped_numbers_are_read() {
        let mistyped = |query: &str| -> Vec<Number> {
            let of = |edge: &Edge| match edge.kind {
                EdgeKind::MistypedNumber(symbol) => Number::of(symbol),
                _ => None,
            };
            lattice(query).edges.iter().filter_map(of).collect()
        };
        assert_eq!(mistyped("保山市第三三中学"), [Number::Plain(3)]);
        assert_eq!(
            mistyped("第一零零一中学 24中"),
            [Number::Plain(101), Number::Plain(1_010), Number::Plain(42)]
        );
        assert_eq!(mistyped("第十中学"), []);
    }
}
