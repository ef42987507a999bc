//! What people say for words that stand in names otherwise: 办事处 for 街道, 居委会 for 社区.
//!
//! Only words whose characters are not in the word meant: the others are short forms, which the alignment finds.

use crate::search::lattice::Synonym;
use crate::text::forms;
use crate::text::numbers::PlacedChar;
use index_data::lexicon::{OfficeContext, office_words};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Characters that must stand before such a word: the name of the place or of the organization.
const SHORTEST_NAME: usize = 2;
/// Meanings of one word.
const MOST_MEANINGS: usize = 4;

struct OfficeWord {
    said: Vec<char>,
    /// The most usual first.
    means: Vec<String>,
}

/// By the first character, the longest first.
static WORDS: LazyLock<HashMap<char, Vec<OfficeWord>>> = LazyLock::new(|| {
    let mut words: HashMap<char, Vec<OfficeWord>> = HashMap::new();
    for row in office_words().filter(|row| row.context != OfficeContext::Form) {
        let said: Vec<char> = crate::normalize(row.said).chars().collect();
        let means = crate::normalize(row.means);
        let Some(&first) = said.first() else { continue };
        if is_short_form(&said, &means) {
            continue;
        }
        let of_first = words.entry(first).or_default();
        match of_first.iter_mut().find(|word| word.said == said) {
            Some(word) if word.means.len() < MOST_MEANINGS => word.means.push(means),
            Some(_) => {}
            None => of_first.push(OfficeWord { said, means: vec![means] }),
        }
    }
    words.values_mut().for_each(|words| words.sort_by_key(|word| std::cmp::Reverse(word.said.len())));
    words
});

/// Whether all characters stand in the longer word, in order.
fn is_short_form(said: &[char], means: &str) -> bool {
    let mut rest = means.chars();
    said.iter().all(|&c| rest.any(|other| other == c))
}

/// Other words for those of one part of a query.
pub(super) fn synonyms(chars: &[PlacedChar]) -> Vec<Synonym> {
    let mut synonyms: Vec<Synonym> = Vec::new();
    let mut at = SHORTEST_NAME;
    while at < chars.len() {
        let begins = |word: &&OfficeWord| {
            let typed = chars[at..].iter().take(word.said.len()).map(|placed| placed.c);
            word.said.iter().copied().eq(typed)
        };
        let Some(word) = WORDS.get(&chars[at].c).and_then(|words| words.iter().find(begins)) else {
            at += 1;
            continue;
        };
        let end = at + word.said.len();
        let place = chars[at].start..chars[end - 1].end;
        // One character alone is a part of other words, but for another character in its place: 乡 for 镇. Behind a form
        // word it is no place either: 团委办.
        let before = || chars[..at].iter().map(|placed| placed.c).collect::<String>();
        let is_word = word.said.len() > 1 || (end == chars.len() && forms::family_of(&before()).is_none());
        for means in &word.means {
            if is_word || means.chars().count() == 1 {
                synonyms.push(Synonym { place: place.clone(), symbols: super::symbols_of(means) });
            }
        }
        at = end;
    }
    synonyms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::normalize::NormalizedText;
    use crate::text::placed_symbols::placed_chars;

    #[test]
    fn words_of_offices_are_read_as_those_of_names() {
        let rows: [(&str, &[&str]); 9] = [
            ("学院路办事处", &["街道"]),
            ("学院路街道办事处", &["街道"]),
            ("科春居委会", &["社区"]),
            ("下仓乡东兴村", &["镇"]),
            ("北京大学", &[]),
            ("学院路办", &["街道"]),
            ("清华团委办", &[]),
            ("办事处", &[]),
            ("", &[]),
        ];
        for (query, expected) in rows {
            let found = synonyms(&placed_chars(&NormalizedText::new(query)));
            let spell = |synonym: &Synonym| -> String {
                synonym.symbols.iter().filter_map(|&symbol| char::from_u32(u32::from(symbol))).collect()
            };
            let found: Vec<String> = found.iter().map(spell).collect();
            assert!(expected.iter().all(|word| found.contains(&(*word).to_owned())), "{query}: {found:?}");
            assert_eq!(expected.is_empty(), found.is_empty(), "{query}: {found:?}");
        }
    }
}
