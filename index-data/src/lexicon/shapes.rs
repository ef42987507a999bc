//! Characters that look alike: 未 and 末, 已 and 己.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/shapes.tsv");

/// One row of `shapes.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapeRow {
    /// The character, simplified.
    pub character: char,
    /// The characters that look like it, sorted. Each has a row that names this one.
    pub similar: &'static str,
}

/// All rows of `shapes.tsv`.
///
/// ```
/// use index_data::lexicon::shapes;
/// assert!(shapes().any(|row| row.character == '末' && row.similar.contains('未')));
/// ```
pub fn shapes() -> impl Iterator<Item = ShapeRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [character, similar] = cells[..] else { return None };
        Some(ShapeRow { character: table::single_character(character)?, similar })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(shapes().count(), table::rows(TABLE).count());
        let characters: HashSet<char> = shapes().map(|row| row.character).collect();
        assert_eq!(characters.len(), shapes().count(), "a character has two rows");
    }

    #[test]
    fn likeness_goes_both_ways() {
        let pairs: HashSet<(char, char)> =
            shapes().flat_map(|row| row.similar.chars().map(move |other| (row.character, other))).collect();
        for &(one, other) in &pairs {
            assert!(one != other && pairs.contains(&(other, one)), "{one} {other}");
        }
    }

    #[test]
    fn similar_characters_are_sorted_without_repetition() {
        for row in shapes() {
            let similar: Vec<char> = row.similar.chars().collect();
            assert!(similar.windows(2).all(|pair| pair[0] < pair[1]), "{row:?}");
            assert!(!similar.is_empty(), "{row:?}");
        }
    }
}
