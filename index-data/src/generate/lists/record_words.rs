//! The words of the rows that people keep in spreadsheets: forms of names, separators, what stands where no name does.

use super::records::records;
use std::sync::OnceLock;

/// One line of the list of row words.
#[derive(Debug)]
struct RecordWord {
    sort: &'static str,
    what: &'static str,
    texts: Vec<&'static str>,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct RecordWords {
    words: Vec<RecordWord>,
    pub(crate) surnames: Vec<&'static str>,
    pub(crate) given: Vec<&'static str>,
    persons: Vec<(&'static str, &'static str)>,
    rubbish: Vec<(&'static str, &'static str)>,
}

impl RecordWords {
    /// The words, read at first use.
    pub(crate) fn get() -> &'static RecordWords {
        static WORDS: OnceLock<RecordWords> = OnceLock::new();
        WORDS.get_or_init(RecordWords::read)
    }

    fn read() -> RecordWords {
        let persons = include_str!("../../../lists/persons.tsv");
        let of = |sort: &str| {
            records(persons).filter(|c| c[0] == sort).flat_map(|c| c[1].split('|')).collect::<Vec<_>>()
        };
        RecordWords {
            words: records(include_str!("../../../lists/record_words.tsv"))
                .map(|c| RecordWord { sort: c[0], what: c[1], texts: c[2].split('|').collect() })
                .collect(),
            surnames: of("surname"),
            given: of("given"),
            persons: records(persons).map(|c| (c[0], c[1])).collect(),
            rubbish: records(include_str!("../../../lists/rubbish.tsv")).map(|c| (c[0], c[1])).collect(),
        }
    }

    /// What the lines of a sort are for, with their texts.
    pub(crate) fn of(&self, sort: &str) -> impl Iterator<Item = (&'static str, &[&'static str])> {
        self.words.iter().filter(move |word| word.sort == sort).map(|word| (word.what, &word.texts[..]))
    }

    /// All texts of a sort.
    pub(crate) fn texts(&self, sort: &str) -> Vec<&'static str> {
        self.of(sort).flat_map(|(_, texts)| texts.iter().copied()).collect()
    }

    /// The texts of a sort of what stands around a person.
    pub(crate) fn persons(&self, sort: &str) -> Vec<&'static str> {
        self.persons.iter().filter(|(found, _)| *found == sort).map(|(_, text)| *text).collect()
    }

    /// The texts of a sort of rubbish.
    pub(crate) fn rubbish(&self, sort: &str) -> Vec<&'static str> {
        self.rubbish.iter().filter(|(found, _)| *found == sort).map(|(_, text)| *text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole() {
        let words = RecordWords::get();
        for sort in [
            "prefix",
            "form",
            "separator",
            "bracket",
            "joint",
            "cell",
            "stage",
            "type",
            "closed",
            "opposite",
            "abroad",
        ] {
            assert!(words.of(sort).next().is_some(), "{sort}");
        }
        assert!(words.texts("cell").iter().all(|text| text.contains("{}")));
        assert!(words.texts("bracket").iter().all(|text| text.chars().count() == 2));
        assert!(words.persons("title").iter().all(|text| text.contains("{}")));
        assert!(words.surnames.len() > 50 && words.given.len() > 50);
        for sort in ["empty", "test", "sentence", "mail", "domain", "date"] {
            assert!(!words.rubbish(sort).is_empty(), "{sort}");
        }
    }
}
