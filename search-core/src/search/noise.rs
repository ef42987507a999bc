//! Noise around a name: labels of forms, requests, thanks, telephone numbers, dates. It is set aside, not matched.
//!
//! The words stand in `noise.tsv` of index-data. A text of nothing but noise words is taken as a name.

use crate::number_hash::NumberHash;
use crate::text::normalize::NormalizedText;
use index_data::lexicon::{NoiseRole, noise};
use std::collections::HashMap;
use std::sync::LazyLock;

struct NoiseWords {
    before: Words,
    after: Words,
    separators: Vec<char>,
}

/// Noise words by their first character, the longest first, each with whether a colon must follow it.
type Words = HashMap<char, Vec<(Vec<char>, bool)>, NumberHash>;

static WORDS: LazyLock<NoiseWords> = LazyLock::new(|| {
    let words = |roles: &[NoiseRole]| {
        let mut words = Words::default();
        for row in noise().filter(|row| roles.contains(&row.role)) {
            let word: Vec<char> = crate::normalize(row.text).chars().collect();
            if let Some(&first) = word.first() {
                words.entry(first).or_default().push((word, row.needs_colon));
            }
        }
        for words in words.values_mut() {
            words.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        }
        words
    };
    let separators = noise().filter(|row| row.role == NoiseRole::Separator);
    NoiseWords {
        before: words(&[NoiseRole::Label, NoiseRole::Request]),
        after: words(&[NoiseRole::Trailer]),
        separators: separators.filter_map(|row| row.text.chars().next()).collect(),
    }
});

/// Whether this character separates parts of a query.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_whitespace() || WORDS.separators.contains(&c)
}

/// For each character of the normalized text, whether it is noise.
pub(crate) fn noise_of(text: &NormalizedText) -> Vec<bool> {
    let chars: Vec<char> = text.text().chars().collect();
    let is_gap = |at: usize| at == chars.len() || text.is_after_gap(at);
    let is_colon = |at: usize| text.gap_before(at).contains([':', '：']);
    let mut noise = vec![false; chars.len()];
    let mut at = list_number_len(text.raw());
    noise[..at].fill(true);
    while at < chars.len() {
        if at == 0 || is_gap(at) || noise[at - 1] {
            let len = word_at(&WORDS.before, &chars, at, is_colon);
            if len > 0 {
                noise[at..at + len].fill(true);
                at += len;
                continue;
            }
        }
        let is_inside = at > 0 && chars[at - 1].is_ascii_alphanumeric();
        let len = if is_inside { 0 } else { contact_len(&chars[at..], at == 0 || is_gap(at)) };
        if len > 0 {
            noise[at..at + len].fill(true);
            at += len;
            continue;
        }
        let len = word_at(&WORDS.after, &chars, at, is_colon);
        let ends = |end: usize| {
            is_gap(end) || chars[end].is_ascii_digit() || word_at(&WORDS.after, &chars, end, is_colon) > 0
        };
        if len > 0 && at > 0 && ends(at + len) {
            noise[at..].fill(true);
            break;
        }
        at += 1;
    }
    if noise.iter().all(|&is_noise| is_noise) { vec![false; chars.len()] } else { noise }
}

/// How many digits number the line: 1、 before a name.
fn list_number_len(raw: &str) -> usize {
    let raw = raw.trim_start();
    let digits = raw.bytes().take_while(u8::is_ascii_digit).count();
    let is_list = (1..=2).contains(&digits) && raw[digits..].starts_with(['、', '.', '．']);
    if is_list { digits } else { 0 }
}

/// The length of the longest word that begins here; 0: none.
fn word_at(words: &Words, chars: &[char], at: usize, is_colon: impl Fn(usize) -> bool) -> usize {
    let Some(words) = chars.get(at).and_then(|first| words.get(first)) else { return 0 };
    let fits = |(word, needs_colon): &&(Vec<char>, bool)| {
        chars[at..].starts_with(word) && (!needs_colon || is_colon(at + word.len()))
    };
    words.iter().find(fits).map_or(0, |(word, _)| word.len())
}

/// The length of a telephone number, a date, or a count of members that begins here; 0: none.
fn contact_len(chars: &[char], is_apart: bool) -> usize {
    // Seven digits right after a name may be the number of a class.
    let shortest_telephone = if is_apart { 7 } else { 8 };
    let digits = |from: usize| chars[from..].iter().take_while(|c| c.is_ascii_digit()).count();
    let len = digits(0);
    let masked = chars[len..].iter().take_while(|&&c| c == 'x' || c == '*').count();
    if len >= 3 && len + masked >= shortest_telephone {
        return len + masked;
    }
    if (1..=2).contains(&len) && chars.get(len) == Some(&'月') {
        let day = digits(len + 1);
        let is_day = (1..=2).contains(&day) && matches!(chars.get(len + 1 + day), Some('日' | '号'));
        return len + 1 + if is_day { day + 1 } else { 0 };
    }
    if chars.starts_with(&['团', '员']) {
        let count = digits(2);
        if count > 0 {
            return 2 + count + usize::from(matches!(chars.get(2 + count), Some('名' | '人' | '个')));
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(raw: &str) -> String {
        let text = NormalizedText::new(raw);
        let noise = noise_of(&text);
        text.text().chars().zip(noise).filter(|(_, is_noise)| !is_noise).map(|(c, _)| c).collect()
    }

    #[test]
    fn what_stands_around_a_name_is_set_aside() {
        let rows = [
            ("转入组织：北京大学", "北京大学"),
            ("北京大学 谢谢", "北京大学"),
            ("通州中学 电话：010-6910xxxx", "通州中学"),
            ("高三10班（团员1名）", "高三10班"),
            ("北京电话设备厂", "北京电话设备厂"),
            ("谢谢", "谢谢"),
            ("团支部 流动团员", "团支部流动团员"),
            ("求真书院B2024003", "求真书院b2024003"),
            ("1、北京大学", "北京大学"),
            ("北京大学 13800138000", "北京大学"),
            ("北京大学2024级1班", "北京大学2024级1班"),
            ("", ""),
        ];
        for (raw, expected) in rows {
            assert_eq!(kept(raw), expected, "{raw}");
        }
    }
}
