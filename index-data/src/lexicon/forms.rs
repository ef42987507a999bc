//! Words before and after the name proper: 中国共产主义青年团 …, … 支部委员会.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/forms.tsv");

/// Where a word of `forms.tsv` stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormRole {
    /// Before the name.
    Prefix,
    /// Before the name, only where a [`Self::FormAfterPrefix`] stands after it (团…委).
    PrefixWithForm,
    /// After the name.
    Form,
    /// After the name, only where the end of a school's name stands before it (第二中学校团委).
    FormAfterSchool,
    /// How names of schools end.
    SchoolEnd,
    /// After the name, only where a prefix stands before it (团…委).
    FormAfterPrefix,
}

/// One row of `forms.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormRow {
    /// The word.
    pub text: &'static str,
    /// Where it stands.
    pub role: FormRole,
    /// Its family: `committee`, `work_committee`, `general_branch`, `branch`; `-` for prefixes.
    pub form: &'static str,
}

/// All rows of `forms.tsv`.
///
/// ```
/// use index_data::lexicon::{FormRole, forms};
/// assert!(forms().any(|row| row.text == "支部委员会" && row.role == FormRole::Form && row.form == "branch"));
/// ```
pub fn forms() -> impl Iterator<Item = FormRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [text, role, form] = cells[..] else { return None };
        let role = match role {
            "prefix" => FormRole::Prefix,
            "prefix_with_form" => FormRole::PrefixWithForm,
            "form" => FormRole::Form,
            "form_after_school" => FormRole::FormAfterSchool,
            "school_end" => FormRole::SchoolEnd,
            "form_after_prefix" => FormRole::FormAfterPrefix,
            _ => return None,
        };
        Some(FormRow { text, role, form })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = table::rows(TABLE).count();
        assert!(rows > 20);
        assert_eq!(forms().count(), rows);
        assert!(forms().all(|row| (row.form == "-")
            == matches!(row.role, FormRole::Prefix | FormRole::PrefixWithForm | FormRole::SchoolEnd)));
    }
}
