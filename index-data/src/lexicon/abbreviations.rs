//! Short forms whose characters do not stand in the long form: 沪 for 上海, 哈军工 for 哈尔滨工程大学.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/abbreviations.tsv");

/// One row of `abbreviations.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AbbreviationRow {
    /// The short form; never a subsequence of [`Self::long`].
    pub short: &'static str,
    /// What it stands for. A short form may have several rows.
    pub long: &'static str,
}

/// All rows of `abbreviations.tsv`.
///
/// ```
/// use index_data::lexicon::abbreviations;
/// assert!(abbreviations().any(|row| row.short == "沪" && row.long == "上海"));
/// ```
pub fn abbreviations() -> impl Iterator<Item = AbbreviationRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [short, long] = cells[..] else { return None };
        Some(AbbreviationRow { short, long })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(abbreviations().count(), table::rows(TABLE).count());
        let rows: HashSet<(&str, &str)> = abbreviations().map(|row| (row.short, row.long)).collect();
        assert_eq!(rows.len(), abbreviations().count(), "a row stands twice");
    }

    #[test]
    fn no_short_form_is_a_subsequence_of_its_long_form() {
        for row in abbreviations() {
            let mut long = row.long.chars();
            let subsequence = row.short.chars().all(|wanted| long.any(|found| found == wanted));
            assert!(!subsequence, "{row:?}");
        }
    }
}
