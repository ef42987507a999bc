//! What is wrong with a change: its place in the batch, a stable code, and a sentence.

use serde::Serialize;
use std::fmt;

/// Defines the codes with their words in one place.
macro_rules! change_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal;)+) => {
        /// Why a change is refused, as a stable code. What is wrong with the row of an `add` has the code of
        /// [`index_data::validate::FindingCode`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ChangeCode {
            $($(#[$doc])* $variant,)+
            /// A finding of the row.
            OfRow(index_data::validate::FindingCode),
        }

        impl ChangeCode {
            /// Every code of its own, for documents and tests.
            pub const ALL: &'static [ChangeCode] = &[$(ChangeCode::$variant),+];

            /// The stable code.
            pub fn code(self) -> &'static str {
                match self {
                    $(ChangeCode::$variant => $code,)+
                    ChangeCode::OfRow(code) => code.code(),
                }
            }
        }
    };
}

change_codes! {
    /// It is no change: an unknown `op`, a field missing, of another type, or one that it does not have.
    UnreadableChange = "unreadable_change";
    /// No organization has this id.
    UnknownId = "unknown_id";
    /// An organization has the id of an `add`.
    DuplicateId = "duplicate_id";
    /// No organization has the id of the parent.
    UnknownParent = "unknown_parent";
    /// No organization has the id that a member goes to.
    UnknownSuccessor = "unknown_successor";
    /// The new parent, or the one that it is merged into, is the organization itself or stands below it.
    Cycle = "cycle";
    /// The path would be deeper than a tree of organizations can be.
    TooDeep = "too_deep";
    /// Active organizations stand below it, and the change does not say what becomes of them.
    ActiveChildren = "active_children";
    /// Its children cannot move up, as nothing stands above it.
    NothingAbove = "nothing_above";
    /// The batch changes more organizations than one batch may, those below changed ones among them.
    TooManyOrgs = "too_many_orgs";
}

impl fmt::Display for ChangeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for ChangeCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// One thing wrong with a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeFinding {
    /// The place of the change in its batch, from 0.
    pub index: usize,
    /// The field; empty where it is about the change as a whole.
    pub field: String,
    /// What is wrong.
    pub code: ChangeCode,
    /// The same as a sentence.
    pub detail: String,
}

impl ChangeFinding {
    pub(super) fn new(index: usize, field: &str, code: ChangeCode, detail: impl Into<String>) -> Self {
        ChangeFinding { index, field: field.to_owned(), code, detail: detail.into() }
    }
}

impl fmt::Display for ChangeFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "change {}: {} ({})", self.index, self.detail, self.code)
    }
}
