//! Words that say only what sort of thing an organization is: 有限公司, 大学, 街道.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/stop_words.tsv");

/// All rows of `stop_words.tsv`: words that people leave out or change freely.
///
/// ```
/// use index_data::lexicon::stop_words;
/// assert!(stop_words().any(|word| word == "有限公司"));
/// ```
pub fn stop_words() -> impl Iterator<Item = &'static str> {
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
        assert_eq!(stop_words().count(), table::rows(TABLE).count());
        let words: HashSet<&str> = stop_words().collect();
        assert_eq!(words.len(), stop_words().count(), "a word stands twice");
        assert!(words.iter().all(|word| (1..=6).contains(&word.chars().count())));
    }
}
