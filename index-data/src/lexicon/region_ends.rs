//! How names of regions end: 省, 市, 区, 县.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/region_ends.tsv");

/// All rows of `region_ends.tsv`, one character each.
///
/// ```
/// use index_data::lexicon::region_ends;
/// assert!(region_ends().any(|end| end == '县'));
/// ```
pub fn region_ends() -> impl Iterator<Item = char> {
    table::rows(TABLE).filter_map(|cells| cells.first()?.chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(region_ends().count(), table::rows(TABLE).count());
    }
}
