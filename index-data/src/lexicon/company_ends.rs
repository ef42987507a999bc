//! How names of companies end: 有限公司, 集团.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/company_ends.tsv");

/// All rows of `company_ends.tsv`.
///
/// ```
/// use index_data::lexicon::company_ends;
/// assert!(company_ends().any(|end| end == "有限公司"));
/// ```
pub fn company_ends() -> impl Iterator<Item = &'static str> {
    table::rows(TABLE).filter_map(|cells| cells.first().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(company_ends().count(), table::rows(TABLE).count());
        assert!(company_ends().all(|end| !end.is_empty()));
    }
}
