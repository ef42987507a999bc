//! How names of towns end, and what people say them before though a name leaves them out: 南化塘镇中学.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/town_ends.tsv");

/// One row of `town_ends.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TownEndRow {
    /// The end of a town's name: 镇.
    pub end: char,
    /// The first characters of what stands behind it.
    pub before: &'static str,
}

/// All rows of `town_ends.tsv`.
///
/// ```
/// use index_data::lexicon::town_ends;
/// assert!(town_ends().any(|row| row.end == '镇' && row.before.contains('中')));
/// ```
pub fn town_ends() -> impl Iterator<Item = TownEndRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [end, before] = cells[..] else { return None };
        Some(TownEndRow { end: table::single_character(end)?, before })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(town_ends().count(), table::rows(TABLE).count());
        assert!(town_ends().all(|row| !row.before.is_empty()));
    }
}
