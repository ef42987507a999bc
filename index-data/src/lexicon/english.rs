//! English words of names and the Chinese words for them: university 大学, grade 10 高一, no. 第.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/english.tsv");

/// What a word of `english.tsv` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EnglishKind {
    /// What sort of organization it is: university, branch, co ltd.
    Form,
    /// Which sort of it: affiliated, experimental, vocational.
    Kind,
    /// What it is about: finance, computer science.
    Field,
    /// A region, a direction or a sort of region: district, east.
    Place,
    /// A class.
    Class,
    /// A year: grade 10.
    Grade,
    /// A number or a place in an order: no, third.
    Number,
}

/// One row of `english.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EnglishRow {
    /// The English word or words in lower case, separated by single spaces.
    pub english: &'static str,
    /// The Chinese word. An entry may have several rows, the most usual first.
    pub chinese: &'static str,
    /// What it says.
    pub kind: EnglishKind,
}

/// All rows of `english.tsv`, grouped by kind.
///
/// ```
/// use index_data::lexicon::english;
/// let words: Vec<&str> = english().filter(|row| row.english == "school").map(|row| row.chinese).collect();
/// assert_eq!(words, ["学校", "学院"]);
/// ```
pub fn english() -> impl Iterator<Item = EnglishRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [english, chinese, kind] = cells[..] else { return None };
        let kind = match kind {
            "form" => EnglishKind::Form,
            "kind" => EnglishKind::Kind,
            "field" => EnglishKind::Field,
            "place" => EnglishKind::Place,
            "class" => EnglishKind::Class,
            "grade" => EnglishKind::Grade,
            "number" => EnglishKind::Number,
            _ => return None,
        };
        Some(EnglishRow { english, chinese, kind })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(english().count(), table::rows(TABLE).count());
        let rows: HashSet<(&str, &str)> = english().map(|row| (row.english, row.chinese)).collect();
        assert_eq!(rows.len(), english().count(), "a row stands twice");
    }

    #[test]
    fn entries_are_lower_case_words_grouped_by_kind() {
        let rows: Vec<EnglishRow> = english().collect();
        assert!(rows.windows(2).all(|pair| pair[0].kind <= pair[1].kind));
        for row in rows {
            let words: Vec<&str> = row.english.split(' ').collect();
            assert!(words.iter().all(|word| !word.is_empty()), "{row:?}");
            assert!(row.english.is_ascii() && row.english == row.english.to_lowercase(), "{row:?}");
            assert!(!row.chinese.is_empty() && !row.chinese.is_ascii(), "{row:?}");
        }
    }

    #[test]
    fn ordinal_words_and_grades_are_complete() {
        let meaning = |word: &str| english().find(|row| row.english == word).map(|row| row.chinese);
        for (word, chinese) in [("first", "第一"), ("eleventh", "第十一"), ("twentieth", "第二十")] {
            assert_eq!(meaning(word), Some(chinese));
        }
        let grades = ["初一", "初二", "初三", "高一", "高二", "高三"];
        for (grade, chinese) in (7..).zip(grades) {
            assert_eq!(meaning(&format!("grade {grade}")), Some(chinese));
        }
    }
}
