//! Kind, system, region and status as numbers, and the words that the numbers stand for.

use crate::number_hash::NumberHash;
use index_data::model::{HomeSystem, Ordinal, OrgKind, OrgTree};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io;

/// The distinct values of the coded columns. Code 0 means "not said".
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct CodeWords {
    pub(crate) len: u32,
    pub(crate) inner_count: u32,
    pub(crate) kinds: Vec<String>,
    pub(crate) systems: Vec<String>,
    pub(crate) regions: Vec<String>,
    pub(crate) statuses: Vec<String>,
}

/// The coded columns of one organization. System and region are its own, or those it inherits from the nearest
/// organization above that has one; the format does not keep its own beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Codes {
    pub(crate) kind: u16,
    pub(crate) system: u16,
    pub(crate) region: u16,
    pub(crate) status: u16,
}

impl Codes {
    pub(super) fn packed(self) -> u64 {
        let Codes { kind, system, region, status } = self;
        [kind, system, region, status].into_iter().fold(0, |packed, code| packed << 16 | u64::from(code))
    }

    pub(super) fn unpack(packed: u64) -> Codes {
        let code = |shift: u32| (packed >> shift) as u16;
        Codes { kind: code(48), system: code(32), region: code(16), status: code(0) }
    }
}

impl CodeWords {
    pub(crate) fn kind(&self, codes: Codes) -> Option<&str> {
        word(&self.kinds, codes.kind)
    }

    pub(crate) fn system(&self, codes: Codes) -> Option<&str> {
        word(&self.systems, codes.system)
    }

    pub(crate) fn region(&self, codes: Codes) -> Option<&str> {
        word(&self.regions, codes.region)
    }

    pub(crate) fn status(&self, codes: Codes) -> Option<&str> {
        word(&self.statuses, codes.status)
    }
}

fn word(words: &[String], code: u16) -> Option<&str> {
    words.get(usize::from(code).checked_sub(1)?).map(String::as_str)
}

/// The distinct words of one coded column, in the order they come.
#[derive(Default)]
struct WordList<'t> {
    words: Vec<String>,
    codes: HashMap<&'t str, u16>,
}

impl<'t> WordList<'t> {
    /// The number of a word; 0 for none.
    ///
    /// # Errors
    /// Where 16 bits do not tell the words apart. Validation stops a tree before that.
    fn code(&mut self, word: Option<&'t str>) -> io::Result<u16> {
        let Some(word) = word else { return Ok(0) };
        if let Some(&code) = self.codes.get(word) {
            return Ok(code);
        }
        let code = u16::try_from(self.words.len() + 1)
            .map_err(|_| io::Error::other("more than 65,535 kinds, systems, regions or statuses"))?;
        self.words.push(word.to_owned());
        self.codes.insert(word, code);
        Ok(code)
    }
}

/// The words of all coded columns while rows are written.
#[derive(Default)]
pub(super) struct WordLists<'t> {
    kinds: WordList<'t>,
    systems: WordList<'t>,
    regions: WordList<'t>,
    statuses: WordList<'t>,
    profiles: Vec<Codes>,
    profile_of: HashMap<u64, u32, NumberHash>,
    last: Option<(Codes, u32)>,
}

impl<'t> WordLists<'t> {
    pub(super) fn codes(&mut self, tree: &'t OrgTree, ordinal: Ordinal) -> io::Result<Codes> {
        Ok(Codes {
            kind: self.kinds.code(tree.kind(ordinal).map(OrgKind::code))?,
            system: self.systems.code(tree.system(ordinal).map(HomeSystem::code))?,
            region: self.regions.code(tree.region(ordinal))?,
            status: self.statuses.code(Some(tree.status(ordinal).code()))?,
        })
    }

    /// The number of a combination of codes: its profile.
    pub(super) fn profile(&mut self, codes: Codes) -> u32 {
        let profiles = &mut self.profiles;
        // Siblings stand side by side and mostly share all four.
        if let Some((_, profile)) = self.last.filter(|(known, _)| *known == codes) {
            return profile;
        }
        let profile = *self.profile_of.entry(codes.packed()).or_insert_with(|| {
            profiles.push(codes);
            profiles.len() as u32 - 1
        });
        self.last = Some((codes, profile));
        profile
    }

    /// The codes of all profiles.
    pub(super) fn profiles(&self) -> &[Codes] {
        &self.profiles
    }

    pub(super) fn into_words(self, tree: &OrgTree) -> CodeWords {
        CodeWords {
            len: tree.len(),
            inner_count: tree.inner_count(),
            kinds: self.kinds.words,
            systems: self.systems.words,
            regions: self.regions.words,
            statuses: self.statuses.words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_distinct_words_from_one() {
        let mut list = WordList::default();
        for (word, code) in [(Some("a"), 1), (Some("b"), 2), (None, 0), (Some("a"), 1)] {
            assert_eq!(list.code(word).expect("there is room"), code, "{word:?}");
        }
        for (code, expected) in [(0, None), (1, Some("a")), (2, Some("b")), (3, None)] {
            assert_eq!(word(&list.words, code), expected, "{code}");
        }
    }

    #[test]
    fn profiles_are_combinations_by_first_occurrence() {
        let codes = |kind, status| Codes { kind, system: 9, region: 300, status };
        let mut lists = WordLists::default();
        let found = [codes(1, 1), codes(1, 1), codes(2, 1), codes(1, 1), codes(1, 2)];
        assert_eq!(found.map(|codes| lists.profile(codes)), [0, 0, 1, 0, 2]);
        assert_eq!(lists.profiles(), [codes(1, 1), codes(2, 1), codes(1, 2)]);
        assert!(found.iter().all(|&codes| Codes::unpack(codes.packed()) == codes));
    }

    #[test]
    fn more_words_than_codes_are_an_error() {
        let words: Vec<String> = (0..=u16::MAX).map(|number| number.to_string()).collect();
        let mut list = WordList::default();
        let (last, others) = words.split_last().expect("there are words");
        assert!(others.iter().all(|word| list.code(Some(word)).is_ok()));
        assert!(list.code(Some(last)).is_err());
    }
}
