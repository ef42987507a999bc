//! Short names and what they stand for: 北大, 上交, 中石化, 人大附中.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/short_names.tsv");

/// What sort of thing a row of `short_names.tsv` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NamedKind {
    /// A university or college.
    University,
    /// A company or group, an institute or another organization that is no school.
    Group,
    /// A school below the university.
    School,
    /// A region.
    Place,
}

impl NamedKind {
    pub(super) fn parse(cell: &str) -> Option<Self> {
        match cell {
            "university" => Some(Self::University),
            "group" => Some(Self::Group),
            "school" => Some(Self::School),
            "place" => Some(Self::Place),
            _ => None,
        }
    }
}

/// One row of `short_names.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShortNameRow {
    /// What people say.
    pub short: &'static str,
    /// What it stands for, without 共青团 and form words. A short name may have several rows, the most usual first.
    pub full: &'static str,
    /// What is named.
    pub kind: NamedKind,
}

/// All rows of `short_names.tsv`, sorted by short name.
///
/// ```
/// use index_data::lexicon::short_names;
/// let schools: Vec<&str> = short_names().filter(|row| row.short == "华师大").map(|row| row.full).collect();
/// assert_eq!(schools, ["华东师范大学", "华中师范大学", "华南师范大学"]);
/// ```
pub fn short_names() -> impl Iterator<Item = ShortNameRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [short, full, kind] = cells[..] else { return None };
        Some(ShortNameRow { short, full, kind: NamedKind::parse(kind)? })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(short_names().count(), table::rows(TABLE).count());
        let rows: HashSet<(&str, &str)> = short_names().map(|row| (row.short, row.full)).collect();
        assert_eq!(rows.len(), short_names().count(), "a row stands twice");
    }

    #[test]
    fn rows_are_sorted_by_short_name_and_no_cell_is_empty() {
        let rows: Vec<ShortNameRow> = short_names().collect();
        assert!(rows.windows(2).all(|pair| pair[0].short <= pair[1].short));
        for row in rows {
            assert!(row.short.chars().count() >= 2 && row.full.chars().count() >= 2, "{row:?}");
            assert!(row.short != row.full, "{row:?}");
            assert!(
                !row.short.contains(char::is_whitespace) && !row.full.contains(char::is_whitespace),
                "{row:?}"
            );
        }
    }

    #[test]
    fn a_short_name_stands_for_what_people_mean_by_it() {
        let cases: [(&str, &[&str]); 10] = [
            ("北大", &["北京大学", "北部湾大学"]),
            ("华科", &["华中科技大学"]),
            ("成电", &["电子科技大学"]),
            ("矿大", &["中国矿业大学", "中国矿业大学（北京）"]),
            ("南航", &["南京航空航天大学", "中国南方航空集团", "中国南方航空", "南昌航空大学"]),
            ("金职院", &["金华职业技术学院"]),
            ("国网", &["国家电网"]),
            ("中石油", &["中国石油天然气集团", "中国石油天然气", "中国石油"]),
            ("衡中", &["河北衡水中学"]),
            ("浦东", &["浦东新区"]),
        ];
        for (short, fulls) in cases {
            let found: Vec<&str> =
                short_names().filter(|row| row.short == short).map(|row| row.full).collect();
            assert_eq!(found, fulls, "{short}");
        }
    }

    #[test]
    fn most_universities_have_a_short_name() {
        let universities: HashSet<&str> =
            short_names().filter(|row| row.kind == NamedKind::University).map(|row| row.full).collect();
        assert!(universities.len() > 1500, "{}", universities.len());
    }
}
