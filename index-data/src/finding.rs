//! One problem of a file: its place, its cause and, where there is one, its fix.

use crate::field::Field;
use serde::Serialize;
use std::fmt;

/// How bad a finding is. An error stops a reindex; a warning is worth a look; an info is a fact worth knowing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A fact about the file, such as several roots.
    Info,
    /// The row is taken, but something in it is doubtful.
    Warning,
    /// The row cannot stand in a valid tree.
    Error,
}

/// Defines the finding codes with their severity and message in one place.
macro_rules! finding_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $severity:ident, $message:literal;)+) => {
        /// What is wrong, as a stable code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FindingCode {
            $($(#[$doc])* $variant,)+
        }

        impl FindingCode {
            /// Every code, for documents and tests.
            pub const ALL: &'static [FindingCode] = &[$(FindingCode::$variant),+];

            /// The stable code used in reports.
            pub fn code(self) -> &'static str {
                match self { $(FindingCode::$variant => $code,)+ }
            }

            /// Whether it stops a reindex.
            pub fn severity(self) -> Severity {
                match self { $(FindingCode::$variant => Severity::$severity,)+ }
            }

            /// One sentence for a person.
            pub fn message(self) -> &'static str {
                match self { $(FindingCode::$variant => $message,)+ }
            }
        }
    };
}

finding_codes! {
    /// No id.
    MissingId = "missing_id", Error, "the row has no id";
    /// The id of an earlier row.
    DuplicateId = "duplicate_id", Error, "the id stands in an earlier row";
    /// An id longer than [`crate::validate::MAX_ID_BYTES`].
    IdTooLong = "id_too_long", Error, "the id is too long";
    /// A number cell that lost digits or its leading zeros on the way.
    IdNotText = "id_not_text", Warning, "the id is a number cell: leading zeros or digits past the fifteenth may be lost";
    /// No name.
    MissingName = "missing_name", Error, "the row has no name";
    /// A name longer than [`crate::validate::MAX_NAME_CHARS`], characters that stand for several counted as those.
    NameTooLong = "name_too_long", Error, "the name is too long";
    /// A control or invisible formatting character in a field.
    ControlCharacter = "control_character", Warning, "the field holds a control or invisible character";
    /// White space at either end of a name.
    SurroundingSpace = "surrounding_space", Info, "the field begins or ends with white space, which was removed";
    /// The parent stands nowhere in the file.
    UnknownParent = "unknown_parent", Error, "no row has the id that parent_id names";
    /// The row is its own ancestor.
    Cycle = "cycle", Error, "following parent_id leads back to this row";
    /// More than one row without a parent.
    SeveralRoots = "several_roots", Info, "more than one row has no parent";
    /// A name that a sibling bears too.
    DuplicateSibling = "duplicate_sibling", Warning, "another row under the same parent bears the same name";
    /// A kind outside the contract.
    UnknownKind = "unknown_kind", Warning, "the kind is not a known one; it is kept as it is";
    /// A home system outside the contract.
    UnknownSystem = "unknown_system", Info, "the home system is not a known one; it is kept as it is";
    /// A status outside the contract.
    UnknownStatus = "unknown_status", Warning, "the status is not a known one; the organization counts as not active";
    /// Members that are not a whole number.
    MembersNotANumber = "members_not_a_number", Warning, "members is not a whole number; it is left out";
    /// A successor that stands nowhere in the file.
    UnknownSuccessor = "unknown_successor", Warning, "no row has the id that successor_id names; it is left out";
    /// The row is its own successor.
    SelfSuccessor = "self_successor", Warning, "the row names itself as its successor; it is left out";
    /// More or fewer cells than the header.
    WrongCellCount = "wrong_cell_count", Error, "the row has more or fewer cells than the header";
    /// A JSONL line that is no JSON object, or a cell that cannot be read.
    UnreadableRow = "unreadable_row", Error, "the row cannot be read";
    /// The file holds no organization.
    NoRows = "no_rows", Error, "the file holds no organization";
    /// The texts of the file are more than one tree can address (4 GiB of ids, of names, or of what else rows hold).
    TooLarge = "too_large", Error, "the file holds more text than one tree can address";
    /// More distinct values of a column than can be told apart: 256 statuses or systems, 65,534 kinds or regions.
    TooManyValues = "too_many_values", Error, "the column holds more different values than can be told apart; is it another column's?";
    /// A path deeper than a tree of organizations can be.
    TooDeep = "too_deep", Error, "the path to this row is deeper than a tree of organizations can be";
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One problem, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Row number as a person counts it in the file: the header is row 1. `None`: about the file as a whole.
    pub row: Option<u64>,
    /// The column.
    pub field: Field,
    /// What is wrong.
    pub code: FindingCode,
    /// How bad it is.
    pub severity: Severity,
    /// The offending value, shortened to 80 characters.
    pub value: String,
    /// The other row it is about: where a duplicate first stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_row: Option<u64>,
    /// A value that would be right, where one can be guessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl Finding {
    /// A finding of its code's own severity. `value` is shortened.
    pub fn new(row: Option<u64>, field: Field, code: FindingCode, value: &str) -> Self {
        const SHOWN_CHARS: usize = 80;
        let mut shown: String = value.chars().take(SHOWN_CHARS).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        Finding {
            row,
            field,
            code,
            severity: code.severity(),
            value: shown,
            other_row: None,
            suggestion: None,
        }
    }

    /// The same finding, pointing at the other row it is about.
    #[must_use]
    pub fn and_row(mut self, other_row: u64) -> Self {
        self.other_row = Some(other_row);
        self
    }

    /// The same finding with a suggested fix.
    #[must_use]
    pub fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }
}
