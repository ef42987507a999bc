//! A query before its right answers are known, and what it fits.

use super::fold::Fold;
use super::lists::Lists;
use super::typed_text::TypedText;
use std::borrow::Cow;

/// A query that waits for its right answers.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) query: String,
    pub(crate) family: &'static str,
    pub(crate) fit: Fit,
}

/// How many keys there are.
pub(crate) const KEYS: usize = Key::SaidLoosely as usize + 1;

/// Which text of an organization is compared with the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// The official name.
    Name,
    /// The name without the words that all organizations share.
    Core,
    /// The core, or its own name. Some institutions spell out what stands above in the core, some do not.
    Called,
    /// The same with any one hanzi left out.
    CalledShorter,
    /// The beginning of the core.
    Prefix,
    /// What a leaf is called by itself.
    Leaf,
    /// A unit's own name.
    Own,
    /// A unit's short form by rule.
    Short,
    /// A unit's short form, and a leaf of it.
    ShortLeaf,
    /// What it is called, in pinyin without spaces.
    Pinyin,
    /// The first letters of these syllables.
    Initials,
    /// An earlier name's core.
    Former,
    /// Another name.
    Alias,
    /// What people say for it: [`super::office`].
    Said,
    /// What they say as well, though it may be another one's name.
    SaidLoosely,
}

/// Which organizations a query fits: those for which the key gives one of the texts, and whose name or a name above
/// contains each of the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) key: Key,
    /// What counts as the same text.
    pub(crate) fold: Fold,
    /// Folded.
    pub(crate) texts: Vec<String>,
    pub(crate) words: Vec<Word>,
    /// A text that no other organization's core may contain, else the query would mean that one.
    pub(crate) not_in_others: Option<String>,
    /// Texts of other keys, not folded. The query would rather mean an organization that has one of them.
    pub(crate) better: Vec<(Key, String)>,
    /// How the characters were typed, where some stand for themselves and others only for their sound.
    pub(crate) typed: Option<TypedText>,
}

/// A word that stands in the name or above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) fold: Fold,
    /// Folded.
    pub(crate) text: String,
}

impl Fit {
    pub(crate) fn new(key: Key, text: impl Into<String>) -> Fit {
        Fit::any_of(key, vec![text.into()])
    }

    pub(crate) fn any_of(key: Key, texts: Vec<String>) -> Fit {
        Fit {
            key,
            fold: Fold::None,
            texts,
            words: Vec::new(),
            not_in_others: None,
            better: Vec::new(),
            typed: None,
        }
    }

    pub(crate) fn with_words(self, words: Vec<String>) -> Fit {
        let words = words.into_iter().map(|text| Word { fold: Fold::None, text }).collect();
        Fit { words, ..self }
    }

    /// The same organizations and all others that the fold does not tell from them; `None` if a text has no fold.
    pub(crate) fn folded(self, lists: &Lists, fold: Fold) -> Option<Fit> {
        let fold_of = |text: &String| fold.of(lists, text).map(Cow::into_owned);
        let texts: Option<Vec<_>> = self.texts.iter().map(fold_of).collect();
        let words = self.words.iter().map(|word| Some(Word { fold, text: fold_of(&word.text)? }));
        Some(Fit { fold, texts: texts?, words: words.collect::<Option<_>>()?, ..self })
    }
}
