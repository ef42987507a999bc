//! One spelling for characters that mean the same: width, case, traditional forms, separators.
//!
//! `normalize` is **context-free**: every character is replaced by its own fixed text, whatever stands beside it. So a
//! substring of a name is a substring of the normalized name, offsets lead back, and applying it twice changes
//! nothing more (laws 1 and 3). Views that need context (numbers, phrases, regional words) stand beside it and never
//! replace it.
//!
//! The steps for one character: Unicode NFKC (width and compatibility forms), lower case, then the table
//! `characters.tsv` of index-data (traditional and variant forms; separators, which are left out). White space,
//! control and invisible format characters are left out as well.

use index_data::lexicon::characters;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Changes whenever the steps change; text normalized by another version is other text.
pub(crate) const VERSION: u32 = 1;

static FOLDING: LazyLock<Folding> = LazyLock::new(Folding::new);

/// The normalized text alone.
///
/// ```
/// use search_core::normalize;
/// assert_eq!(normalize("北京大學 （軟微）２０２４級"), "北京大学软微2024级");
/// assert_eq!(normalize("高一(3)班"), normalize("高一（３）班"));
/// ```
pub fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    normalize_into(text, &mut out);
    out
}

/// Appends the normalized text.
pub(crate) fn normalize_into(text: &str, out: &mut String) {
    let folding = &*FOLDING;
    text.chars().for_each(|c| folding.fold(c, |folded| out.push(folded)));
}

/// A text with its normalized form and the way back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NormalizedText {
    raw: String,
    text: String,
    /// For each normalized character: where it begins in `text`, and the raw character it came from.
    chars: Vec<(u32, u32)>,
}

impl NormalizedText {
    pub(crate) fn new(raw: &str) -> Self {
        let folding = &*FOLDING;
        let mut normalized = NormalizedText {
            raw: raw.to_owned(),
            text: String::with_capacity(raw.len()),
            chars: Vec::with_capacity(raw.len() / 2),
        };
        for (raw_char, c) in raw.chars().enumerate() {
            folding.fold(c, |folded| {
                normalized.chars.push((normalized.text.len() as u32, raw_char as u32));
                normalized.text.push(folded);
            });
        }
        normalized
    }

    pub(crate) fn raw(&self) -> &str {
        &self.raw
    }

    /// Whether raw characters that are not compared stand before the `at`-th normalized character.
    pub(crate) fn is_after_gap(&self, at: usize) -> bool {
        let raw_of = |at: usize| self.chars.get(at).map(|&(_, raw)| raw);
        match (at.checked_sub(1).and_then(raw_of), raw_of(at)) {
            (Some(before), Some(own)) => own > before + 1,
            (None, Some(own)) => own > 0,
            _ => false,
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The raw text, not compared, between the normalized character before the `at`-th and that one.
    pub(crate) fn gap_before(&self, at: usize) -> &str {
        let raw_of = |at: usize| self.chars.get(at).map(|&(_, raw)| raw as usize);
        let start = at.checked_sub(1).and_then(raw_of).map_or(0, |before| before + 1);
        let end = raw_of(at).unwrap_or(usize::MAX);
        let byte = |char: usize| self.raw.char_indices().nth(char).map_or(self.raw.len(), |(byte, _)| byte);
        self.raw.get(byte(start)..byte(end)).unwrap_or_default()
    }

    /// The raw characters that a range of bytes of the normalized text came from.
    pub(crate) fn raw_chars(&self, bytes: &Range<usize>) -> Option<Range<usize>> {
        let first = self.chars.partition_point(|&(start, _)| (start as usize) < bytes.start);
        let end = self.chars.partition_point(|&(start, _)| (start as usize) < bytes.end);
        let (_, from) = *self.chars.get(first)?;
        let (_, last) = *self.chars.get(end.checked_sub(1)?)?;
        (first < end).then_some(from as usize..last as usize + 1)
    }
}

/// What stands for each character: one character for nearly all, a text for the few that become more or none.
struct Folding {
    table: HashMap<char, Option<char>>,
    /// For the basic plane, which holds all but the rarest characters; [`Self::LOOK_UP`]: work it out.
    basic: Vec<u16>,
}

impl Folding {
    const LOOK_UP: u16 = 0;

    fn new() -> Self {
        let table: HashMap<char, Option<char>> = characters().map(|row| (row.from, row.to)).collect();
        let basic = (0..=u16::MAX).map(|unit| {
            let c = char::from_u32(u32::from(unit))?;
            match fold_fully(c, &table).as_slice() {
                &[one] => u16::try_from(u32::from(one)).ok(),
                _ => None,
            }
        });
        Folding { basic: basic.map(|folded| folded.unwrap_or(Self::LOOK_UP)).collect(), table }
    }

    #[inline]
    fn fold(&self, c: char, mut emit: impl FnMut(char)) {
        if c == ' ' {
            return;
        }
        let folded = self.basic.get(c as usize).copied().unwrap_or(Self::LOOK_UP);
        match char::from_u32(u32::from(folded)) {
            Some(folded) if folded != '\0' => emit(folded),
            _ => fold_fully(c, &self.table).into_iter().for_each(emit),
        }
    }
}

/// Folds until nothing changes, so that folding twice is folding once.
fn fold_fully(c: char, table: &HashMap<char, Option<char>>) -> Vec<char> {
    let mut folded = vec![c];
    for _ in 0..4 {
        let again: Vec<char> = folded.iter().flat_map(|&c| fold_once(c, table)).collect();
        if again == folded {
            break;
        }
        folded = again;
    }
    folded
}

fn fold_once(c: char, table: &HashMap<char, Option<char>>) -> Vec<char> {
    std::iter::once(c)
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter_map(|c| table.get(&c).copied().unwrap_or(Some(c)))
        .filter(|&c| !is_left_out(c))
        .collect()
}

/// White space, control characters, and format characters that cannot be seen.
fn is_left_out(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_name_become_one() {
        let rows = [
            ("北京大學", "北京大学"),
            ("２０２４級（１）班", "2024级1班"),
            ("ＡＢＣ Company", "abccompany"),
            ("一〇一中學", "一零一中学"),
            ("2020级-04班", "2020级04班"),
            ("瀋陽", "沈阳"),
            ("髙一", "高一"),
            ("㈱", "株"),
            ("Ⅱ", "ii"),
            ("\u{202e}团\u{200b}委\u{feff}", "团委"),
            ("\u{20000}", "\u{20000}"),
            ("", ""),
        ];
        for (raw, expected) in rows {
            assert_eq!(normalize(raw), expected, "{raw}");
        }
    }

    #[test]
    fn ranges_lead_back_to_the_raw_text() {
        let text = NormalizedText::new("北京（一零一）中学");
        let at = text.text().find("一零一中").unwrap();
        let raw: String = {
            let range = text.raw_chars(&(at..at + "一零一中".len())).unwrap();
            text.raw().chars().skip(range.start).take(range.len()).collect()
        };
        assert_eq!(raw, "一零一）中");
        assert_eq!(text.raw_chars(&(0..0)), None);
    }

    #[test]
    fn every_character_is_folded_for_good() {
        for c in '\0'..=char::MAX {
            let once = normalize(c.encode_utf8(&mut [0; 4]));
            assert_eq!(normalize(&once), once, "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn substrings_stay_substrings(a in ".{0,8}", b in ".{0,8}", c in ".{0,8}") {
            let whole = normalize(&format!("{a}{b}{c}"));
            prop_assert_eq!(&whole, &(normalize(&a) + &normalize(&b) + &normalize(&c)));
            let with_way_back = NormalizedText::new(&format!("{a}{b}{c}"));
            prop_assert_eq!(with_way_back.text(), &whole);
        }
    }
}
