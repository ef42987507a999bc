//! What people paste around a name: 转入组织：…, 请转到…, …谢谢.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/noise.tsv");

/// Where a text of `noise.tsv` stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoiseRole {
    /// A sign between the parts of what is typed: 、
    Separator,
    /// Before the name, as the label of a field: 转入组织.
    Label,
    /// Before the name, as a request: 请转到.
    Request,
    /// After the name: 谢谢.
    Trailer,
}

/// One row of `noise.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoiseRow {
    /// The text.
    pub text: &'static str,
    /// Where it stands.
    pub role: NoiseRole,
    /// Whether it is noise only with a colon after it, being part of real names otherwise: 学校.
    pub needs_colon: bool,
}

/// All rows of `noise.tsv`.
///
/// ```
/// use index_data::lexicon::{NoiseRole, noise};
/// assert!(noise().any(|row| row.text == "转入组织" && row.role == NoiseRole::Label && !row.needs_colon));
/// ```
pub fn noise() -> impl Iterator<Item = NoiseRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [text, role, needs_colon] = cells[..] else { return None };
        let role = match role {
            "separator" => NoiseRole::Separator,
            "label" => NoiseRole::Label,
            "request" => NoiseRole::Request,
            "trailer" => NoiseRole::Trailer,
            _ => return None,
        };
        let needs_colon = match needs_colon {
            "yes" => true,
            "no" => false,
            _ => return None,
        };
        Some(NoiseRow { text, role, needs_colon })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(noise().count(), table::rows(TABLE).count());
        let rows: HashSet<(&str, NoiseRole)> = noise().map(|row| (row.text, row.role)).collect();
        assert_eq!(rows.len(), noise().count(), "a row stands twice");
    }

    #[test]
    fn words_of_names_are_noise_only_with_a_colon() {
        let words = ["学校", "班级", "单位", "团支部", "流动团员", "团委", "团员", "学院", "组织"];
        for row in noise().filter(|row| !row.needs_colon) {
            assert!(!words.contains(&row.text), "{row:?}");
        }
    }
}
