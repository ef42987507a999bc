//! Words that say what an organization is: 小学, 医院, 公司.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/organization_types.tsv");

/// One row of `organization_types.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationTypeRow {
    /// The word, as it stands in names.
    pub text: &'static str,
    /// Its type; one that begins with another and a dot is a kind of it: `school.primary`.
    pub organization_type: &'static str,
}

/// All rows of `organization_types.tsv`.
///
/// ```
/// use index_data::lexicon::organization_types;
/// assert!(organization_types().any(|row| row.text == "小学" && row.organization_type == "school.primary"));
/// ```
pub fn organization_types() -> impl Iterator<Item = OrganizationTypeRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [text, organization_type] = cells[..] else { return None };
        Some(OrganizationTypeRow { text, organization_type })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read_and_no_word_stands_twice() {
        assert_eq!(organization_types().count(), table::rows(TABLE).count());
        let mut texts: Vec<&str> = organization_types().map(|row| row.text).collect();
        texts.sort_unstable();
        assert!(texts.is_sorted_by(|a, b| a < b), "a word stands twice");
        assert!(organization_types().all(|row| !row.text.is_empty() && !row.organization_type.is_empty()));
    }
}
