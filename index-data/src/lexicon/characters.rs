//! Which character stands for which when names are compared.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/characters.tsv");

/// One row of `characters.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CharacterRow {
    /// A traditional, variant or separating character.
    pub from: char,
    /// What stands for it; `None`: it is left out of comparisons.
    pub to: Option<char>,
}

/// All rows of `characters.tsv`.
///
/// ```
/// use index_data::lexicon::characters;
/// assert!(characters().any(|row| row.from == '團' && row.to == Some('团')));
/// assert!(characters().any(|row| row.from == '（' || (row.from == '(' && row.to.is_none())));
/// ```
pub fn characters() -> impl Iterator<Item = CharacterRow> {
    table::rows(TABLE).filter_map(|cells| {
        let from = cells.first()?.chars().next()?;
        Some(CharacterRow { from, to: cells.get(1).and_then(|to| to.chars().next()) })
    })
}
