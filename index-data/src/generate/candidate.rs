//! A query before its right answers are known, and what it fits.

/// A query that waits for its right answers.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) query: String,
    pub(crate) family: &'static str,
    pub(crate) fit: Fit,
}

/// How many keys there are.
pub(crate) const KEYS: usize = Key::Alias as usize + 1;

/// By what an organization and a query are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// The official name.
    Name,
    /// The name without the words that all organizations share.
    Core,
    /// The core, or what it is called by itself: some houses spell out what stands above, some do not.
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
}

/// What fits: everything equal to one of the texts under the key whose names at and above it hold all the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) key: Key,
    pub(crate) texts: Vec<String>,
    pub(crate) words: Vec<String>,
    /// A text that nobody's core may hold but those that fit, else the query means somebody else as it is.
    pub(crate) not_in_others: Option<String>,
}

impl Fit {
    pub(crate) fn new(key: Key, text: impl Into<String>) -> Fit {
        Fit::any_of(key, vec![text.into()])
    }

    pub(crate) fn any_of(key: Key, texts: Vec<String>) -> Fit {
        Fit { key, texts, words: Vec::new(), not_in_others: None }
    }

    pub(crate) fn with_words(mut self, words: Vec<String>) -> Fit {
        self.words = words;
        self
    }
}
