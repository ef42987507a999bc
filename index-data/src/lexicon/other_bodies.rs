//! Words by which bodies are known that are not of the League: 中共, 工会, 妇联.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/other_bodies.tsv");

/// One row of `other_bodies.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherBodyRow {
    /// The word.
    pub text: &'static str,
    /// Whether such a name begins with it; else it ends with it, before its form word.
    pub begins: bool,
}

/// All rows of `other_bodies.tsv`.
///
/// ```
/// use index_data::lexicon::other_bodies;
/// assert!(other_bodies().any(|row| row.text == "中共" && row.begins));
/// ```
pub fn other_bodies() -> impl Iterator<Item = OtherBodyRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [text, place] = cells[..] else { return None };
        let begins = match place {
            "begin" => true,
            "end" => false,
            _ => return None,
        };
        Some(OtherBodyRow { text, begins })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(other_bodies().count(), table::rows(TABLE).count());
        assert!(other_bodies().all(|row| !row.text.is_empty()));
    }
}
