//! Lines of business that names of companies say: 食品, 建材.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/trades.tsv");

/// One row of `trades.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradeRow {
    /// The word, as it stands in names.
    pub text: &'static str,
    /// Its group; words of one group are as good as the same.
    pub trade: &'static str,
}

/// All rows of `trades.tsv`.
///
/// ```
/// use index_data::lexicon::trades;
/// assert!(trades().any(|row| row.text == "食品" && row.trade == "food"));
/// ```
pub fn trades() -> impl Iterator<Item = TradeRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [text, trade] = cells[..] else { return None };
        Some(TradeRow { text, trade })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read_and_no_word_stands_twice() {
        assert_eq!(trades().count(), table::rows(TABLE).count());
        let mut texts: Vec<&str> = trades().map(|row| row.text).collect();
        texts.sort_unstable();
        assert!(texts.is_sorted_by(|a, b| a < b), "a word stands twice");
        assert!(trades().all(|row| !row.text.is_empty() && !row.trade.is_empty()));
    }
}
