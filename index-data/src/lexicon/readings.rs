//! How characters with more than one reading are read in names: 重 zhong or chong, 行 hang or xing.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/readings.tsv");

/// One row of `readings.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadingRow {
    /// The character, simplified.
    pub character: char,
    /// Its readings without tones, separated by spaces, the usual one in names first; ü is `v`.
    pub readings: &'static str,
}

/// All rows of `readings.tsv`.
///
/// ```
/// use index_data::lexicon::readings;
/// assert!(readings().any(|row| row.character == '行' && row.readings == "hang xing"));
/// ```
pub fn readings() -> impl Iterator<Item = ReadingRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [character, readings] = cells[..] else { return None };
        Some(ReadingRow { character: table::single_character(character)?, readings })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(readings().count(), table::rows(TABLE).count());
        let characters: HashSet<char> = readings().map(|row| row.character).collect();
        assert_eq!(characters.len(), readings().count(), "a character has two rows");
    }

    #[test]
    fn readings_are_different_syllables_without_tones() {
        for row in readings() {
            let syllables: Vec<&str> = row.readings.split(' ').collect();
            let different: HashSet<&str> = syllables.iter().copied().collect();
            assert_eq!(different.len(), syllables.len(), "{row:?}");
            for syllable in syllables {
                let letters = syllable.bytes().all(|byte| byte.is_ascii_lowercase());
                assert!(letters && (1..=6).contains(&syllable.len()), "{row:?}");
            }
        }
    }
}
