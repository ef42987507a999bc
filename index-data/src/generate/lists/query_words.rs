//! The words of the queries that people write in other ways than names are written: sentences, speech, English.

use super::records::records;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A sentence, or what may stand in one.
#[derive(Debug)]
pub(crate) struct Sentence {
    pub(crate) sort: &'static str,
    pub(crate) whom: &'static str,
    pub(crate) text: &'static str,
}

/// What is said in place of the ending of a name.
#[derive(Debug)]
pub(crate) struct OfficeRule {
    pub(crate) owner: &'static str,
    /// Another organization's official name of the wording said goes before.
    pub(crate) is_loose: bool,
    pub(crate) ending: &'static str,
    pub(crate) said: &'static str,
}

/// A word that is typed in pinyin among hanzi.
#[derive(Debug)]
pub(crate) struct TypedWord {
    pub(crate) sort: &'static str,
    pub(crate) word: &'static str,
    pub(crate) by_initials: bool,
}

/// Hanzi and the English words for them, the commonest first.
#[derive(Debug)]
pub(crate) struct EnglishWord {
    pub(crate) sort: &'static str,
    pub(crate) hanzi: &'static str,
    pub(crate) words: Vec<&'static str>,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct QueryWords {
    pub(crate) sentences: Vec<Sentence>,
    /// Fillers of speech with where they stand.
    pub(crate) fillers: Vec<(&'static str, &'static str)>,
    /// Ways to say each digit.
    pub(crate) digits: [Vec<&'static str>; 10],
    pub(crate) offices: Vec<OfficeRule>,
    pub(crate) typed: Vec<TypedWord>,
    /// As the list has them.
    pub(crate) english: Vec<EnglishWord>,
    /// Places in `english` by first hanzi, the longest hanzi first.
    english_by_first: HashMap<char, Vec<usize>>,
    /// What a name writes, and what it is read as.
    pub(crate) looks: Vec<(char, Vec<char>)>,
    written: HashMap<char, char>,
}

impl QueryWords {
    /// The words, read at first use.
    pub(crate) fn get() -> &'static QueryWords {
        static WORDS: OnceLock<QueryWords> = OnceLock::new();
        WORDS.get_or_init(QueryWords::read)
    }

    fn read() -> QueryWords {
        let spoken = include_str!("../../../lists/spoken.tsv");
        let of_digit = |digit: usize| {
            let number = digit.to_string();
            let row = records(spoken).find(|c| c[0] == "digit" && c[1] == number);
            row.map_or_else(Vec::new, |c| c[2].split('|').collect())
        };
        let looks: Vec<(char, Vec<char>)> = records(include_str!("../../../lists/looks.tsv"))
            .filter_map(|c| Some((c[0].chars().next()?, c[1].chars().collect())))
            .collect();
        let written = looks.iter().flat_map(|(as_written, others)| others.iter().map(|o| (*o, *as_written)));
        let english: Vec<EnglishWord> = records(include_str!("../../../lists/english.tsv"))
            .map(|c| EnglishWord { sort: c[0], hanzi: c[1], words: c[2].split('|').collect() })
            .collect();
        QueryWords {
            english_by_first: by_first(&english),
            english,
            sentences: records(include_str!("../../../lists/sentences.tsv"))
                .map(|c| Sentence { sort: c[0], whom: c[1], text: c[2] })
                .collect(),
            fillers: records(spoken).filter(|c| c[0] == "filler").map(|c| (c[1], c[2])).collect(),
            digits: std::array::from_fn(of_digit),
            offices: records(include_str!("../../../lists/offices.tsv"))
                .map(|c| OfficeRule { owner: c[0], is_loose: c[1] == "loose", ending: c[2], said: c[3] })
                .collect(),
            typed: records(include_str!("../../../lists/typed_words.tsv"))
                .map(|c| TypedWord { sort: c[0], word: c[1], by_initials: c[2] == "initials" })
                .collect(),
            written: written.collect(),
            looks,
        }
    }

    /// The English words whose hanzi `text` begins with, the longest first.
    pub(crate) fn english_of(&self, text: &str) -> impl Iterator<Item = &EnglishWord> {
        let places = text.chars().next().and_then(|first| self.english_by_first.get(&first));
        let words = places.into_iter().flatten().map(|at| &self.english[*at]);
        words.filter(move |word| text.starts_with(word.hanzi))
    }

    /// The character that a name would write where `char` was read.
    pub(crate) fn as_written(&self, char: char) -> char {
        self.written.get(&char).copied().unwrap_or(char)
    }
}

fn by_first(english: &[EnglishWord]) -> HashMap<char, Vec<usize>> {
    let mut found: HashMap<char, Vec<usize>> = HashMap::new();
    for (at, word) in english.iter().enumerate() {
        if let Some(first) = word.hanzi.chars().next() {
            found.entry(first).or_default().push(at);
        }
    }
    for places in found.values_mut() {
        places.sort_by_key(|at| std::cmp::Reverse(english[*at].hanzi.len()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn words_are_whole() {
        let words = QueryWords::get();
        for sentence in &words.sentences {
            let slots: &[&str] = match sentence.sort {
                "whole" => &["{}"],
                "apart" => &["{above}", "{own}"],
                "form" => &["{}", "{form}"],
                "filler" => &[],
                _ => {
                    assert_eq!(sentence.whom, "committee", "{sentence:?}");
                    continue;
                }
            };
            assert!(slots.iter().all(|slot| sentence.text.contains(slot)), "{sentence:?}");
            assert_eq!(sentence.text.matches('{').count(), slots.len(), "{sentence:?}");
            assert!(["any", "place", "study", "work"].contains(&sentence.whom), "{sentence:?}");
        }
        assert!(words.digits.iter().all(|said| !said.is_empty()));
        assert!(words.offices.iter().all(|rule| rule.said.contains("{}") && !rule.ending.is_empty()));
        assert!(words.english.iter().all(|word| !word.words[0].is_empty()), "{:?}", words.english);
        let mut seen = HashSet::new();
        let all = words.looks.iter().flat_map(|(char, others)| others.iter().chain([char]));
        assert!(all.into_iter().all(|char| seen.insert(*char)), "a character stands in two classes of looks");
    }
}
