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
}

/// Which organizations a query fits: those for which the key gives one of the texts, and whose name or a name above
/// contains each of the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) key: Key,
    pub(crate) texts: Vec<String>,
    pub(crate) words: Vec<String>,
    /// A text that no other organization's core may contain, else the query would mean that one.
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
