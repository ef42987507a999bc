//! Characters that are mistaken for digits in pictures: O for 0, l for 1, Z for 2.

use super::table;

pub(super) const TABLE: &str = include_str!("../../lexicons/digit_shapes.tsv");

/// One row of `digit_shapes.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigitShapeRow {
    /// A normalized character that is no digit.
    pub character: char,
    /// The digit that it may stand for, or the numeral in hanzi.
    pub digit: char,
    /// Whether it may be the last of the digits; else it may be the letter of a class: 24B班.
    pub ends: bool,
}

/// All rows of `digit_shapes.tsv`.
///
/// ```
/// use index_data::lexicon::digit_shapes;
/// assert!(digit_shapes().any(|row| row.character == 'l' && row.digit == '1'));
/// ```
pub fn digit_shapes() -> impl Iterator<Item = DigitShapeRow> {
    table::rows(TABLE).filter_map(|cells| {
        let [character, digit, ends] = cells[..] else { return None };
        Some(DigitShapeRow {
            character: table::single_character(character)?,
            digit: table::single_character(digit)?,
            ends: match ends {
                "yes" => true,
                "no" => false,
                _ => return None,
            },
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(digit_shapes().count(), table::rows(TABLE).count());
        assert!(digit_shapes().all(|row| row.character != row.digit && !row.character.is_ascii_digit()));
    }
}
