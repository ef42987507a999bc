//! What was typed for a number or a class in another spelling, as it would be typed in hanzi and digits: gaoer15ban,
//! 26O2班, 鞍山-中.
//!
//! Each rule replaces characters of the query where those beside them say what is meant; the places stay those of what
//! was typed. So the grammar of numbers reads the result as anything else, and a class that was typed in pinyin agrees
//! and contradicts as one in hanzi does. The normalized text, and with it every match of the literal text, stays as it is.

mod bare_class;
mod copied;
mod english;
mod junior_grade;
mod misheard;
mod office;
mod pinyin;
mod year_class;

use super::{LatticePart, Synonym};
use crate::text::forms::is_boilerplate;
use crate::text::normalize::NormalizedText;
use crate::text::numbers::PlacedChar;
use crate::text::placed_symbols::{placed_chars, symbols};
use crate::text::symbols::Symbol;
use std::ops::Range;

/// Longer queries are left as they were typed.
const LONGEST: usize = 256;

/// The characters of a normalized query, numbers, classes and English words in their usual spelling.
pub(crate) struct Respelled {
    chars: Vec<PlacedChar>,
    /// What words mean beside that.
    synonyms: Vec<Synonym>,
}

impl Respelled {
    pub(crate) fn new(text: &NormalizedText) -> Respelled {
        let (chars, mut synonyms) = (placed_chars(text), Vec::new());
        if chars.len() > LONGEST {
            return Respelled { chars, synonyms };
        }
        let chars = english::respell(copied::respell(text, &chars), &mut synonyms);
        let chars = misheard::respell(pinyin::respell(chars));
        let chars = junior_grade::respell(year_class::respell(text, chars));
        Respelled { chars: bare_class::respell(chars), synonyms }
    }

    /// What a range of the normalized text holds.
    pub(crate) fn part(&self, range: &Range<usize>) -> LatticePart {
        let own: Vec<PlacedChar> =
            self.chars.iter().copied().filter(|placed| range.contains(&placed.start)).collect();
        let synonyms = self.synonyms.iter().filter(|synonym| range.contains(&synonym.place.start)).cloned();
        let synonyms = synonyms.chain(office::synonyms(&own)).collect();
        LatticePart { symbols: symbols(&own), synonyms, continues: false }
    }
}

/// The symbols of a name.
fn symbols_of(name: &str) -> Vec<Symbol> {
    let placed = symbols(&placed_chars(&NormalizedText::new(name)));
    placed.into_iter().map(|placed| placed.symbol).collect()
}

/// Strokes between characters, which the normalized text leaves out.
const HYPHENS: [&str; 5] = ["-", "－", "–", "—", "‐"];

/// What the normalized text leaves out before a character.
fn gap_before(text: &NormalizedText, placed: PlacedChar) -> &str {
    // Gaps are counted in characters of the normalized text.
    text.text().get(..placed.start).map_or("", |before| text.gap_before(before.chars().count()))
}

/// Whether nothing of a name follows: the end, a gap, or a form word.
fn ends_name(rest: &[PlacedChar]) -> bool {
    let form = || rest.iter().map(|placed| placed.c).collect::<String>();
    rest.first().is_none_or(|next| next.after_gap) || is_boilerplate(&form())
}

/// A character that stands for what was typed from `first` to `last`.
fn stand_in(c: char, first: PlacedChar, last: PlacedChar) -> PlacedChar {
    PlacedChar { c, start: first.start, end: last.end, after_gap: first.after_gap }
}

fn is_hanzi(c: char) -> bool {
    !c.is_ascii() && c.is_alphabetic()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(super) fn respelled(query: &str) -> String {
        Respelled::new(&NormalizedText::new(query)).chars.iter().map(|placed| placed.c).collect()
    }

    #[test]
    fn places_ascend_within_the_text() {
        for query in [
            "gaoer15ban",
            "鞍山-中2o26级8班",
            "高二|0班",
            "24j1b 软工",
            "GXU School of Design 2024 class 3",
            "gao er 3 ban tw",
            "一ー班",
        ] {
            let text = NormalizedText::new(query);
            let chars = Respelled::new(&text).chars;
            assert!(chars.is_sorted_by_key(|placed| placed.start), "{query}");
            for placed in chars {
                assert!(text.text().get(placed.start..placed.end).is_some(), "{query}");
            }
        }
    }
}
