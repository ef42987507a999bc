//! Words that say only what sort of thing an organization is: 有限公司, 大学, 街道.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/weak_words.tsv");

/// All rows of `weak_words.tsv`: words that people leave out or change freely.
///
/// ```
/// use index_data::lexicon::weak_words;
/// assert!(weak_words().any(|word| word == "有限公司"));
/// ```
pub fn weak_words() -> impl Iterator<Item = &'static str> {
    table::rows(TABLE).filter_map(|cells| match cells[..] {
        [word] => Some(word),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(weak_words().count(), table::rows(TABLE).count());
        let words: HashSet<&str> = weak_words().collect();
        assert_eq!(words.len(), weak_words().count(), "a word stands twice");
        assert!(words.iter().all(|word| (1..=6).contains(&word.chars().count())));
    }
}
