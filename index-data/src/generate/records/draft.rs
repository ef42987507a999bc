//! A row before its right answer is known, and what it says.

/// The cells of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Cells {
    pub(super) name: Name,
    pub(super) parent: String,
    pub(super) region: String,
    pub(super) code: String,
    pub(super) former_name: String,
    pub(super) kind: String,
}

/// A name in the parts in which it is changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Name {
    pub(super) prefix: String,
    pub(super) text: String,
    pub(super) suffix: String,
}

impl Name {
    pub(super) fn bare(text: impl Into<String>) -> Name {
        Name { text: text.into(), ..Name::default() }
    }

    pub(super) fn whole(&self) -> String {
        format!("{}{}{}", self.prefix, self.text, self.suffix)
    }
}

/// What a row says of an organization. It fits each one that is called by one of the texts, if every word stands in its
/// name or above it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Claim {
    /// As [`likeness`](super::likeness::likeness) gives them.
    pub(super) texts: Vec<String>,
    pub(super) words: Vec<Word>,
    /// What the row spells by a slip: were another organization called so, it would mean that one.
    pub(super) slips: Vec<String>,
}

/// What a row says of the units above an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// A likeness that a name holds: of a place.
    In(String),
    /// The likeness of a name, with more places before it at most: 邱县第一中学 is no 霍邱县第一中学, and a university none of
    /// its independent colleges.
    Named(String),
    /// Two of them, one of which a name holds.
    Either(String, String),
    /// The short form of a unit.
    Short(String),
}

/// What is to be found out about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The row of the organization, as the best fit and the only one. Several as good make the row ambiguous.
    Only(u64),
    /// The same, and others must bear the name elsewhere.
    OnlyHere(u64),
    /// The row of the organization, whatever else fits: the row tells its id.
    Told(u64),
    /// Several active organizations.
    Several,
    /// No organization, past or present, under any name it ever bore.
    Nothing,
}

/// A row that waits for its right answer.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) family: &'static str,
    pub(super) cells: Cells,
    pub(super) claim: Claim,
    pub(super) wanted: Wanted,
    /// Whether it is the official name letter for letter, with the institution in it: it means that one, whoever else is
    /// called so in another writing.
    pub(super) is_official: bool,
}
