//! A name as speech recognition writes it: words of the same sound, numbers as they are said, fillers.

use super::mention::Mention;
use super::target::Target;
use crate::generate::candidate::Fit;
use crate::generate::distort;
use crate::generate::fold::Fold;
use crate::generate::lists::{Lists, QueryWords};
use crate::generate::numerals;
use crate::generate::rng::Rng;

/// 嗯那个海店区中关村街道, 北大软微的二四级软工一班.
pub(super) fn dictated(target: &Target<'_>, rng: &mut Rng) -> Option<(String, Fit)> {
    let mention = Mention::any(target, rng)?;
    let mut is_changed = false;
    let mut said = Vec::new();
    for part in mention.above.iter().chain([&mention.own]) {
        let spoken = speak_numbers(part, rng);
        let heard = if rng.permille(500) { mishear(target.lists(), &spoken, rng) } else { None };
        let heard = heard.unwrap_or(spoken);
        is_changed |= heard != *part;
        said.push(heard);
    }
    if !is_changed {
        return None;
    }
    let own = said.last()?.clone();
    // Misheard, it may be another one's exact name.
    let better = if own == mention.own { Vec::new() } else { vec![(mention.fit.key, own)] };
    let fit = Fit { better, ..mention.fit.folded(target.lists(), Fold::Sounds)? };
    Some((with_fillers(&said, rng), fit))
}

/// Numbers as they are said: 24级 二四级, 14班 十四班, 〇 零.
fn speak_numbers(text: &str, rng: &mut Rng) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            // Nobody says brackets and hyphens.
            if distort::is_hanzi(char) || char.is_ascii_alphabetic() {
                out.push(char);
            } else if char == '〇' {
                out.push('零');
            }
            rest = &rest[char.len_utf8()..];
            continue;
        }
        let (number, after) = rest.split_at(length);
        match number.parse() {
            Ok(value @ 1..=99) if !after.starts_with('级') => numerals::write_number(value, &mut out),
            _ => speak_digits(number, rng, &mut out),
        }
        rest = after;
    }
    out
}

fn speak_digits(number: &str, rng: &mut Rng, out: &mut String) {
    let digits = &QueryWords::get().digits;
    // A speaker keeps to one word for a digit within a number.
    let choice = rng.next() as usize;
    for digit in number.bytes() {
        let said = digits.get(usize::from(digit.wrapping_sub(b'0'))).map_or(&[][..], Vec::as_slice);
        out.push_str(said.get(choice % said.len().max(1)).copied().unwrap_or_default());
    }
}

/// One or two characters written as others of the same sound; numbers stay.
fn mishear(lists: &Lists, text: &str, rng: &mut Rng) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    let syllables = distort::syllables(lists, text).filter(|found| found.len() == chars.len())?;
    for _ in 0..1 + u64::from(rng.permille(300)) {
        let at = rng.index(chars.len());
        let original = *chars.get(at)?;
        let homophones: Vec<char> = distort::homophones(original)
            .filter(|other| !distort::is_numeral(original) && !distort::is_numeral(*other))
            .filter(|other| distort::usual_reading(*other).as_ref() == syllables.get(at))
            .collect();
        if let Some(other) = rng.pick(&homophones) {
            chars[at] = *other;
        }
    }
    let heard: String = chars.into_iter().collect();
    (heard != text).then_some(heard)
}

fn with_fillers(said: &[String], rng: &mut Rng) -> String {
    let mut filler = |place: &str, share: u64| {
        let found: Vec<&str> =
            QueryWords::get().fillers.iter().filter(|(at, _)| *at == place).map(|(_, text)| *text).collect();
        if rng.permille(share) { rng.pick(&found).copied().unwrap_or_default() } else { "" }
    };
    let mut out = filler("front", 500).to_owned();
    for (at, part) in said.iter().enumerate() {
        if at > 0 {
            out.push_str(filler("between", 400));
        }
        out.push_str(part);
    }
    out.push_str(filler("end", 150));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::rng::Purpose;

    #[test]
    fn numbers_are_said() {
        let mut rng = Rng::at(1, Purpose::Queries, 1);
        for (written, said) in [
            ("软件工程14班", "软件工程十四班"),
            ("高一（3）班", "高一三班"),
            ("24级2班", "二四级二班"),
            ("第一〇一中学", "第一零一中学"),
            ("中关村街道", "中关村街道"),
            ("", ""),
        ] {
            assert_eq!(speak_numbers(written, &mut rng), said);
        }
        let year = speak_numbers("2024级", &mut rng);
        assert!(year.starts_with('二') && year.ends_with("四级") && year.chars().count() == 5, "{year}");
    }

    #[test]
    fn misheard_names_sound_the_same() {
        let lists = Lists::get();
        for text in ["海淀区", "重庆", "中关村街道", "银行"] {
            let mut changed = 0;
            for place in 0..40 {
                let Some(heard) = mishear(lists, text, &mut Rng::at(6, Purpose::Queries, place)) else {
                    continue;
                };
                assert_ne!(heard, text);
                changed += 1;
            }
            assert!(changed > 0, "{text}");
        }
        assert_eq!(mishear(lists, "A", &mut Rng::at(6, Purpose::Queries, 1)), None);
        assert_eq!(mishear(lists, "", &mut Rng::at(6, Purpose::Queries, 1)), None);
    }
}
