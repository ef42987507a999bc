//! Digits and numerals that a picture gives in another shape: O for 0, l for 1, a hyphen for 一.

use super::{HYPHENS, gap_before, is_hanzi, stand_in};
use crate::text::forms::is_boilerplate;
use crate::text::normalize::NormalizedText;
use crate::text::numbers::{PlacedChar, begins_counter, counter_words};
use crate::text::numerals::small_value;
use index_data::lexicon::{
    CounterRole, DigitShapeRow, FormRole, digit_shapes, forms, region_ends, stop_words,
};
use std::sync::LazyLock;

const CLASSES: &[CounterRole] = &[CounterRole::Class, CounterRole::Grade];
const COUNTED: &[CounterRole] =
    &[CounterRole::Year, CounterRole::Class, CounterRole::Grade, CounterRole::Ordinal];
const LONG_VOWEL: char = 'ー';
/// Strokes that may be 1.
const BARS: [&str; 3] = ["|", "｜", "¦"];

/// Digits of a number whose first one may be a letter: Z302班.
const LONGEST_WITH_LETTER_FIRST: usize = 4;

static SHAPES: LazyLock<Vec<DigitShapeRow>> = LazyLock::new(|| digit_shapes().collect());

/// The digit that a character may stand for.
fn shape_of_digit(c: char) -> Option<&'static DigitShapeRow> {
    SHAPES.iter().find(|row| row.character == c && row.digit.is_ascii_digit())
}

pub(super) fn respell(text: &NormalizedText, chars: &[PlacedChar]) -> Vec<PlacedChar> {
    let mut out: Vec<PlacedChar> = Vec::with_capacity(chars.len());
    let mut at = 0;
    while at < chars.len() {
        at = match digits(chars, at) {
            Some((end, digits)) => {
                // 高-l4班: the grade was copied wrong as well.
                let stroke = stroke_before(text, chars, at, end);
                out.extend(stroke.map(|c| PlacedChar { c, ..chars[at] }));
                let run = digits.into_iter().zip(&chars[at..end]);
                out.extend(run.map(|(c, placed)| stand_in(c, *placed, *placed)));
                end
            }
            None => {
                stroke(text, chars, at, &mut out);
                at + 1
            }
        };
    }
    out
}

/// Digits, some of which are letters: where the run ends, and its digits.
fn digits(chars: &[PlacedChar], at: usize) -> Option<(usize, Vec<char>)> {
    let before = at.checked_sub(1).map(|before| chars[before].c);
    let joins = |at: usize| !chars[at].after_gap;
    // A letter among other letters, or the rest of a run that was left as it is. One letter may begin a code.
    let is_apart = |at: usize| !joins(at) || at == 0 || !chars[at - 1].c.is_ascii_alphanumeric();
    let is_in_code = joins(at) && before.is_some_and(|c| c.is_ascii_lowercase()) && is_apart(at - 1);
    if joins(at) && !is_in_code && before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let digit = |c: char| match c {
        '0'..='9' => Some(c),
        _ => shape_of_digit(c).map(|row| row.digit),
    };
    let run = chars[at..].iter().enumerate();
    let run =
        run.take_while(|(place, placed)| (*place == 0 || !placed.after_gap) && digit(placed.c).is_some());
    let run: Vec<char> = run.map(|(_, placed)| placed.c).collect();
    let end = at + run.len();
    let may_end = run.last().and_then(|&last| shape_of_digit(last)).is_none_or(|row| row.ends);
    let typed = run.iter().filter(|c| c.is_ascii_digit()).count();
    let shapes = run.len() - typed;
    // A code may begin with a letter: B2025004.
    let is_code = run.len() > LONGEST_WITH_LETTER_FIRST && shape_of_digit(run[0]).is_some();
    if shapes == 0
        || is_code
        || (is_in_code && run.len() <= LONGEST_WITH_LETTER_FIRST)
        || !may_end
        || chars.get(end).is_some_and(|next| !next.after_gap && next.c.is_ascii_alphanumeric())
    {
        return None;
    }
    let rest = &chars[end..];
    let is_digit = |c: Option<&char>| c.is_some_and(char::is_ascii_digit);
    let is_inside = is_digit(run.first()) && is_digit(run.last());
    let is_of_grade = before.is_some_and(|c| small_value(c).is_some() || ends_stage(c));
    let is_meant = if typed == 0 {
        // 1 or 10; ii and li may be other things.
        let values: Vec<Option<char>> = run.iter().copied().map(digit).collect();
        let is_number = matches!(values[..], [Some('1')] | [Some('1'), Some('0')]);
        let is_single = run.len() == 1 && before.is_some_and(is_hanzi);
        // A letter of another script stands in no name.
        let is_foreign = run.iter().all(|&c| !c.is_ascii() && !is_unified_hanzi(c));
        let is_class_of_grade = is_of_grade && run.len() == 1;
        ((run[0].is_ascii() && is_number) || is_foreign || is_class_of_grade)
            && (begins_counter(rest, CLASSES) || (is_single && begins_counter(rest, COUNTED)))
    } else {
        typed >= shapes
            && (is_in_code || is_inside || run.len() == 4 || is_of_grade || begins_counter(rest, COUNTED))
    };
    is_meant.then(|| (end, run.into_iter().filter_map(digit).collect()))
}

fn is_unified_hanzi(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

/// Whether a word for a stage of school ends so: 高, 初中.
fn ends_stage(c: char) -> bool {
    let stages = [CounterRole::StageHigh, CounterRole::StageMiddle];
    stages.iter().flat_map(|&role| counter_words(role)).any(|word| word.last() == Some(&c))
}

/// 幺 for 一 among numerals.
fn spoken_numeral(c: char) -> Option<char> {
    SHAPES.iter().find(|row| row.character == c && !row.digit.is_ascii_digit()).map(|row| row.digit)
}

/// A stroke before a character, or the character itself, that is 一 or 1 by what stands around it.
fn stroke(text: &NormalizedText, chars: &[PlacedChar], at: usize, out: &mut Vec<PlacedChar>) {
    let own = chars[at];
    let is_numeral =
        |placed: Option<&PlacedChar>| placed.is_some_and(|placed| small_value(placed.c).is_some());
    if let Some(numeral) = spoken_numeral(own.c)
        && (is_numeral(out.last()) || is_numeral(chars.get(at + 1)))
    {
        out.push(PlacedChar { c: numeral, ..own });
        return;
    }
    let is_digit = |placed: Option<&PlacedChar>| placed.is_some_and(|placed| placed.c.is_ascii_digit());
    if own.c == LONG_VOWEL {
        // Beside a digit it is a hyphen.
        if !is_digit(out.last()) && !is_digit(chars.get(at + 1)) {
            out.push(stand_in('一', own, own));
        }
        return;
    }
    let digits = chars[at..].iter().take_while(|placed| placed.c.is_ascii_digit()).count();
    let stroke = stroke_before(text, chars, at, at + digits);
    if let Some(c) = stroke {
        // The stroke is the character itself, so no gap stands before it: 第-中学.
        out.push(PlacedChar { c, after_gap: false, ..own });
    }
    out.push(PlacedChar { after_gap: own.after_gap && stroke.is_none(), ..own });
}

/// What a stroke before a character is, if that is a number's first one or begins no number: `end` is where the number
/// ends.
fn stroke_before(text: &NormalizedText, chars: &[PlacedChar], at: usize, end: usize) -> Option<char> {
    let before = chars[at.checked_sub(1)?];
    if !chars[at].after_gap || !is_hanzi(before.c) {
        return None;
    }
    let gap = gap_before(text, chars[at]);
    let (rest, behind) = (&chars[at..], &chars[end..]);
    // 高-(3)班: the stroke stands before a bracket.
    if HYPHENS.contains(&gap.trim_end_matches(['(', '（'])) {
        let is_grade = ends_stage(before.c) && begins_counter(behind, CLASSES);
        let is_meant =
            is_grade || begins_counter(rest, CLASSES) || (is_school(rest) && !ends_a_name(text, before));
        return (is_meant && small_value(before.c).is_none()).then_some('一');
    }
    // 高二|0班, but 2024级|3班 is a list.
    let is_meant = begins_counter(behind, CLASSES) && (end == at || small_value(before.c).is_some());
    (BARS.contains(&gap) && is_meant).then_some('1')
}

/// 中, 中学, 小学 as the end of a name: 鞍山-中, but not 鞍山-中心医院.
fn is_school(rest: &[PlacedChar]) -> bool {
    static WORDS: LazyLock<Vec<Vec<char>>> = LazyLock::new(|| {
        let school_ends = || forms().filter(|row| row.role == FormRole::SchoolEnd);
        let is_school = |word: &&Vec<char>| {
            let word: String = word.iter().collect();
            school_ends().any(|end| end.text.starts_with(&word))
        };
        counter_words(CounterRole::Ordinal).iter().filter(is_school).cloned().collect()
    });
    let begins =
        |word: &&Vec<char>| word.iter().copied().eq(rest.iter().take(word.len()).map(|placed| placed.c));
    let Some(word) = WORDS.iter().find(begins) else { return false };
    let behind = &rest[word.len()..];
    let stages = [CounterRole::StageHigh, CounterRole::StageMiddle];
    let form: String = behind.iter().map(|placed| placed.c).collect();
    behind.first().is_none_or(|next| next.after_gap || !is_hanzi(next.c))
        || begins_counter(behind, &stages)
        || is_boilerplate(&form)
}

/// Whether a name may end here: 北京大学-附中 are two names. Names of places go on: 鞍山市-中, and 第 waits for a number.
fn ends_a_name(text: &NormalizedText, last: PlacedChar) -> bool {
    static ENDS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let words = stop_words().map(crate::normalize);
        words.filter(|word| !region_ends().any(|end| word.ends_with(end))).collect()
    });
    if last.c == '第' {
        return false;
    }
    let before = text.text().get(..last.end).unwrap_or_default();
    ENDS.iter().any(|word| before.ends_with(word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::respelled;

    #[test]
    fn digits_are_read_in_the_shape_that_pictures_give_them() {
        let rows = [
            ("高二l0班", "高二10班"),
            ("高二|0班", "高二10班"),
            ("26O2 班", "2602班"),
            ("2o24级", "2024级"),
            ("2〇24级软工", "2024级软工"),
            ("2O23级风景园林2班", "2023级风景园林2班"),
            ("摄影26O2", "摄影2602"),
            ("尼泊尔语l班", "尼泊尔语1班"),
            ("尼泊尔语I班", "尼泊尔语1班"),
            ("高三lo班", "高三10班"),
            ("20Z4级", "2024级"),
            ("会计2S0S班", "会计2505班"),
            ("Z302班", "2302班"),
            ("2B班", "2b班"),
            ("24B班", "24级b班"),
            ("B2024017团支部", "b2024017团支部"),
            ("鞍山l中", "鞍山1中"),
            ("2023级З班", "2023级3班"),
            ("八年级Ч班", "八年级4班"),
            ("高三(S)班", "高三5班"),
            ("护理S班", "护理s班"),
            ("高-l4班", "高一14班"),
            ("鞍山-中2026级8班", "鞍山一中2026级8班"),
            ("鞍山市-中", "鞍山市一中"),
            ("汕头市第-中学", "汕头市第一中学"),
            ("初三ー班", "初三一班"),
            ("高-(3)班", "高一3班"),
            ("B2O22OO7团支部", "b2022007团支部"),
            ("B2O25Ol7", "b2025017"),
            ("鞍山ー中", "鞍山一中"),
            ("二四零幺班", "二四零一班"),
            ("高—年级七班", "高一年级七班"),
            // What may be meant as it was typed stays.
            ("高二10班", "高二10班"),
            ("高二1班", "高二1班"),
            ("一O一中学", "一o一中学"),
            ("O2O科技公司", "o2o科技公司"),
            ("CO2研究所", "co2研究所"),
            ("北京大学-附中", "北京大学附中"),
            ("北京-中心医院", "北京中心医院"),
            ("2020级-04班", "2020级04班"),
            ("2020级ー04班", "2020级04班"),
            ("2024级|3班", "2024级3班"),
            ("no班", "no班"),
            ("高二li班", "高二li班"),
            ("Ⅱ班", "ii班"),
            ("lol", "lol"),
        ];
        for (query, expected) in rows {
            assert_eq!(respelled(query), expected, "{query}");
        }
    }
}
