//! Words of the sentences in which people ask for an organization: 请问, 他们学校的团委怎么写.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/sentence_words.tsv");

/// What a text of `sentence_words.tsv` does in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SentenceRole {
    /// Says nothing: 嗯, 那个.
    Filler,
    /// Asks: 怎么写, 帮我找.
    Request,
    /// What is done or was done: 转到, 毕业了.
    Verb,
    /// A pronoun, particle, adverb or preposition: 我, 的, 还没.
    Function,
    /// What the talk is of: 团关系, 老师说.
    Topic,
    /// Stands for the form or the unit of an organization named before: 他们校团委, 我们班.
    Refer,
    /// What follows in the clause is not meant: 不要镇上的.
    Negation,
}

/// One row of `sentence_words.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SentenceRow {
    /// The text, English in lower case.
    pub text: &'static str,
    /// What it does.
    pub role: SentenceRole,
    /// Whether many names hold it, so that it may be part of a name as well: 会, 里.
    pub in_names: bool,
}

/// All rows of `sentence_words.tsv`, grouped by role.
///
/// ```
/// use index_data::lexicon::{SentenceRole, sentence_words};
/// assert!(sentence_words().any(|row| row.text == "怎么写" && row.role == SentenceRole::Request && !row.in_names));
/// ```
pub fn sentence_words() -> impl Iterator<Item = SentenceRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [text, role, in_names] = cells[..] else { return None };
        let role = match role {
            "filler" => SentenceRole::Filler,
            "request" => SentenceRole::Request,
            "verb" => SentenceRole::Verb,
            "function" => SentenceRole::Function,
            "topic" => SentenceRole::Topic,
            "refer" => SentenceRole::Refer,
            "negation" => SentenceRole::Negation,
            _ => return None,
        };
        let in_names = match in_names {
            "yes" => true,
            "no" => false,
            _ => return None,
        };
        Some(SentenceRow { text, role, in_names })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(sentence_words().count(), table::rows(TABLE).count());
        let texts: HashSet<&str> = sentence_words().map(|row| row.text).collect();
        assert_eq!(texts.len(), sentence_words().count(), "a text stands twice");
        assert!(texts.len() > 1000);
    }

    #[test]
    fn rows_are_grouped_by_role_and_trimmed() {
        let rows: Vec<SentenceRow> = sentence_words().collect();
        assert!(rows.windows(2).all(|pair| pair[0].role <= pair[1].role));
        for row in rows {
            assert!(!row.text.is_empty() && row.text.trim() == row.text, "{row:?}");
            assert!(row.text == row.text.to_lowercase(), "{row:?}");
        }
    }

    #[test]
    fn words_of_names_are_no_sentence_words_or_say_that_they_are_in_names() {
        let words =
            ["学校", "学院", "单位", "公司", "街道", "社区", "工作", "团委", "团支部", "研究生", "专科"];
        for row in sentence_words() {
            assert!(!words.contains(&row.text), "{row:?}");
        }
        let frequent = ["会", "里", "上", "中", "前", "和", "查"];
        for text in frequent {
            assert!(sentence_words().all(|row| row.text != text || row.in_names), "{text}");
        }
    }
}
