//! What was typed for a number or a class in another spelling, as it would be typed in hanzi and digits: gaoer15ban,
//! 26O2班, 鞍山-中.
//!
//! Each rule replaces characters of the query where those beside them say what is meant; the places stay those of what
//! was typed. So the grammar of numbers reads the result as anything else, and a class that was typed in pinyin agrees
//! and contradicts as one in hanzi does. The normalized text, and with it every match of the very text, stays as it is.

mod bare_class;
mod copied;
mod pinyin;

use crate::text::normalize::NormalizedText;
use crate::text::numbers::PlacedChar;
use crate::text::placed_symbols::placed_chars;

/// Longer queries are left as they were typed.
const LONGEST: usize = 256;

/// The characters of a normalized query, numbers and classes in their usual spelling.
pub(crate) fn respelled_chars(text: &NormalizedText) -> Vec<PlacedChar> {
    let chars = placed_chars(text);
    if chars.len() > LONGEST {
        return chars;
    }
    bare_class::respell(pinyin::respell(copied::respell(text, chars)))
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
        respelled_chars(&NormalizedText::new(query)).iter().map(|placed| placed.c).collect()
    }

    #[test]
    fn places_ascend_within_the_text() {
        for query in ["gaoer15ban", "鞍山-中2o26级8班", "高二|0班", "24j1b 软工", "gao er 3 ban tw", "一ー班"]
        {
            let text = NormalizedText::new(query);
            let chars = respelled_chars(&text);
            assert!(chars.is_sorted_by_key(|placed| placed.start), "{query}");
            for placed in chars {
                assert!(text.text().get(placed.start..placed.end).is_some(), "{query}");
            }
        }
    }
}
