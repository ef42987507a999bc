//! Words that say what a number counts: 2023级, 3班, 高一, 十五中.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/counters.tsv");

/// What the number beside a word of `counters.tsv` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CounterRole {
    /// A year, before the word: 2023级.
    Year,
    /// A class, before the word: 3班.
    Class,
    /// A grade, before the word: 三年级.
    Grade,
    /// A grade of high school, after the word: 高一.
    StageHigh,
    /// A grade of middle school, after the word: 初二.
    StageMiddle,
    /// A place in an order, before the word, with or without 第: 十五中.
    Ordinal,
}

/// One row of `counters.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CounterRow {
    /// The word.
    pub text: &'static str,
    /// What the number beside it is. A word may have several rows, one a role.
    pub role: CounterRole,
}

/// All rows of `counters.tsv`.
///
/// ```
/// use index_data::lexicon::{CounterRole, counters};
/// assert!(counters().any(|row| row.text == "级" && row.role == CounterRole::Year));
/// ```
pub fn counters() -> impl Iterator<Item = CounterRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [text, role] = cells[..] else { return None };
        let role = match role {
            "year" => CounterRole::Year,
            "class" => CounterRole::Class,
            "grade" => CounterRole::Grade,
            "stage_high" => CounterRole::StageHigh,
            "stage_middle" => CounterRole::StageMiddle,
            "ordinal" => CounterRole::Ordinal,
            _ => return None,
        };
        Some(CounterRow { text, role })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(counters().count(), table::rows(TABLE).count());
        let rows: HashSet<(&str, CounterRole)> = counters().map(|row| (row.text, row.role)).collect();
        assert_eq!(rows.len(), counters().count(), "a row stands twice");
    }

    #[test]
    fn places_named_with_a_number_do_not_hold_an_ordinal() {
        for place in ["五里", "三里屯", "五道口", "四季青", "五棵松", "八角", "三元桥", "二七", "五四路"]
        {
            let after: String = place.chars().skip(1).collect();
            for row in counters().filter(|row| row.role == CounterRole::Ordinal) {
                assert!(!after.starts_with(row.text), "{place} {row:?}");
            }
        }
    }
}
