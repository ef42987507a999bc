//! Acronyms and English names and what they stand for: NUAA, Peking University, ICBC.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/latin_names.tsv");

/// Where a row of `latin_names.tsv` comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LatinSource {
    /// Public knowledge: an acronym or an official English name.
    Known,
    /// An acronym in the register of research organizations.
    Ror,
    /// An English name in a list of universities, often a mere translation.
    EnglishName,
}

/// One row of `latin_names.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LatinNameRow {
    /// The acronym or name: lower-case letters and digits only.
    pub latin: &'static str,
    /// What it stands for, without 共青团 and form words. An acronym may have several rows, the most usual first.
    pub full: &'static str,
    /// Where the row comes from.
    pub source: LatinSource,
}

/// All rows of `latin_names.tsv`, sorted by acronym or name.
///
/// ```
/// use index_data::lexicon::latin_names;
/// let names: Vec<&str> = latin_names().filter(|row| row.latin == "hust").map(|row| row.full).collect();
/// assert_eq!(names, ["华中科技大学", "哈尔滨理工大学"]);
/// ```
pub fn latin_names() -> impl Iterator<Item = LatinNameRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [latin, full, source] = cells[..] else { return None };
        let source = match source {
            "known" => LatinSource::Known,
            "ror" => LatinSource::Ror,
            "english_name" => LatinSource::EnglishName,
            _ => return None,
        };
        Some(LatinNameRow { latin, full, source })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(latin_names().count(), table::rows(TABLE).count());
        let rows: HashSet<(&str, &str)> = latin_names().map(|row| (row.latin, row.full)).collect();
        assert_eq!(rows.len(), latin_names().count(), "a row stands twice");
    }

    #[test]
    fn rows_are_sorted_and_hold_lower_case_letters_and_digits() {
        let rows: Vec<LatinNameRow> = latin_names().collect();
        assert!(rows.windows(2).all(|pair| pair[0].latin <= pair[1].latin));
        for row in rows {
            assert!(
                row.latin.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
                "{row:?}"
            );
            assert!(row.latin.len() >= 2 && !row.full.is_empty() && !row.full.contains(' '), "{row:?}");
            assert!(row.source != LatinSource::Ror || row.latin.len() <= 8, "{row:?}");
        }
    }

    #[test]
    fn an_acronym_stands_for_what_people_mean_by_it() {
        let cases: [(&str, &[&str]); 7] = [
            ("pku", &["北京大学"]),
            ("nuaa", &["南京航空航天大学"]),
            ("hpu", &["河南理工大学"]),
            ("cug", &["中国地质大学（武汉）", "中国地质大学（北京）"]),
            ("rdfz", &["中国人民大学附属中学"]),
            ("icbc", &["中国工商银行"]),
            ("pekinguniversity", &["北京大学"]),
        ];
        for (latin, fulls) in cases {
            let found: Vec<&str> =
                latin_names().filter(|row| row.latin == latin).map(|row| row.full).collect();
            assert_eq!(found, fulls, "{latin}");
        }
    }
}
