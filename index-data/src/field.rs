//! The columns of an org-tree file.

use serde::Serialize;

/// A column of an org-tree file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// `id`
    Id,
    /// `name`
    Name,
    /// `parent_id`
    ParentId,
    /// `kind`
    Kind,
    /// `system`
    System,
    /// `region`
    Region,
    /// `members`
    Members,
    /// `status`
    Status,
    /// `aliases`
    Aliases,
    /// `former_names`
    FormerNames,
    /// `successor_id`
    SuccessorId,
    /// Any other column, or the row as a whole.
    Attributes,
}

impl Field {
    /// All contract columns in their order; [`Field::Attributes`] is not a column.
    pub const COLUMNS: &'static [Field] = &[
        Field::Id,
        Field::Name,
        Field::ParentId,
        Field::Kind,
        Field::System,
        Field::Region,
        Field::Members,
        Field::Status,
        Field::Aliases,
        Field::FormerNames,
        Field::SuccessorId,
    ];

    /// The column's name in an org-tree file.
    pub fn name(self) -> &'static str {
        match self {
            Field::Id => "id",
            Field::Name => "name",
            Field::ParentId => "parent_id",
            Field::Kind => "kind",
            Field::System => "system",
            Field::Region => "region",
            Field::Members => "members",
            Field::Status => "status",
            Field::Aliases => "aliases",
            Field::FormerNames => "former_names",
            Field::SuccessorId => "successor_id",
            Field::Attributes => "attributes",
        }
    }
}
