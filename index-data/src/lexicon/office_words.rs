//! What people say for words of names: 师大 for 师范大学, 办事处 for 街道, 一附院 for 第一附属医院.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/office_words.tsv");

/// Beside what a word of `office_words.tsv` is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfficeContext {
    /// After the name of a place: 办事处.
    Place,
    /// Where a form word stands: 校团委.
    Form,
    /// In the name of a school or university: 师大, 附中.
    School,
    /// In the name of a hospital: 一附院.
    Hospital,
    /// In the name of a college or office inside a university or another organization: 马院.
    Unit,
    /// In the name of a public office, a bank or an association: 人社局.
    Office,
    /// In the name of a company: 药厂.
    Company,
}

/// One row of `office_words.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OfficeWordRow {
    /// What people say.
    pub said: &'static str,
    /// What stands in names. A word may have several rows, the most usual first for each context.
    pub means: &'static str,
    /// Where it is said so.
    pub context: OfficeContext,
}

/// All rows of `office_words.tsv`, grouped by context, general ones first.
///
/// ```
/// use index_data::lexicon::{OfficeContext, office_words};
/// let courts: Vec<_> = office_words().filter(|row| row.said == "法院").map(|row| row.context).collect();
/// assert_eq!(courts, [OfficeContext::Unit, OfficeContext::Office]);
/// ```
pub fn office_words() -> impl Iterator<Item = OfficeWordRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [said, means, context] = cells[..] else { return None };
        let context = match context {
            "place" => OfficeContext::Place,
            "form" => OfficeContext::Form,
            "school" => OfficeContext::School,
            "hospital" => OfficeContext::Hospital,
            "unit" => OfficeContext::Unit,
            "office" => OfficeContext::Office,
            "company" => OfficeContext::Company,
            _ => return None,
        };
        Some(OfficeWordRow { said, means, context })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(office_words().count(), table::rows(TABLE).count());
        let rows: HashSet<OfficeWordRow> = office_words().collect();
        assert_eq!(rows.len(), office_words().count(), "a row stands twice");
    }

    #[test]
    fn rows_are_grouped_by_context_and_say_something_new() {
        let rows: Vec<OfficeWordRow> = office_words().collect();
        assert!(rows.windows(2).all(|pair| pair[0].context <= pair[1].context));
        for row in rows {
            assert!(!row.said.is_empty() && !row.means.is_empty() && row.said != row.means, "{row:?}");
            assert!(
                !row.said.contains(char::is_whitespace) && !row.means.contains(char::is_whitespace),
                "{row:?}"
            );
        }
    }

    #[test]
    fn a_word_stands_for_what_people_mean_by_it() {
        let cases: [(&str, OfficeContext, &str); 9] = [
            ("办事处", OfficeContext::Place, "街道"),
            ("高新区", OfficeContext::Place, "高新技术产业开发区"),
            ("校团委", OfficeContext::Form, "委员会"),
            ("师大", OfficeContext::School, "师范大学"),
            ("附中", OfficeContext::School, "附属中学"),
            ("一附院", OfficeContext::Hospital, "第一附属医院"),
            ("马院", OfficeContext::Unit, "马克思主义学院"),
            ("法院", OfficeContext::Office, "人民法院"),
            ("供电所", OfficeContext::Office, ""),
        ];
        for (said, context, means) in cases {
            let first = office_words().find(|row| row.said == said && row.context == context);
            assert_eq!(first.map_or("", |row| row.means), means, "{said}");
        }
    }
}
