//! What ranking reads of one organization, in one row. As columns, each field would cost a cache miss of its own.

use super::codes::Codes;
use crate::text::forms::{self, Form};
use crate::text::symbols::ClassKey;
use index_data::model::{Ordinal, checked_parent};

/// Bytes of a row.
pub(super) const LEN: usize = 48;

const NO_PARENT: u32 = u32::MAX;
const HAS_DETAILS: u8 = 1;
const IS_ACTIVE: u8 = 2;
const REPEATS_ABOVE: u8 = 4;

/// The fields of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RankRow {
    pub(crate) parent: Option<Ordinal>,
    /// Where its symbols begin among all symbols.
    pub(super) view_start: u32,
    pub(crate) view_len: u8,
    /// Which symbols begin a word, as bits.
    pub(crate) word_initials: u32,
    /// Which symbols belong to a stop word, as bits.
    pub(crate) stop_words: u32,
    /// The year, class and grade that the name says.
    pub(crate) class: ClassKey,
    pub(crate) codes: Codes,
    /// In bytes; longer ones count as the longest number.
    pub(crate) name_len: u16,
    pub(crate) core_len: u16,
    pub(crate) id_len: u8,
    /// The family of the form word that ends the name.
    pub(crate) form: Option<Form>,
    /// Organizations above it.
    pub(crate) depth: u8,
    /// Binary logarithm of the number of children and one.
    pub(crate) size_log: u8,
    /// How likely it is meant before anything is typed: see [`super::prior`].
    pub(crate) prior: u8,
    /// Whether it has other names or attributes.
    pub(crate) has_details: bool,
    pub(crate) is_active: bool,
    /// Whether the name begins with what its parent's ends with.
    pub(crate) repeats_above: bool,
}

impl RankRow {
    pub(super) fn pack(&self) -> [u8; LEN] {
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let flags = flag(self.has_details, HAS_DETAILS)
            | flag(self.is_active, IS_ACTIVE)
            | flag(self.repeats_above, REPEATS_ABOVE);
        let mut row = [0; LEN];
        let mut at = 0;
        let mut put = |bytes: &[u8]| {
            row[at..at + bytes.len()].copy_from_slice(bytes);
            at += bytes.len();
        };
        let parent = self.parent.unwrap_or(NO_PARENT);
        for number in [parent, self.view_start, self.word_initials, self.stop_words, self.class.pack()] {
            put(&number.to_le_bytes());
        }
        let Codes { kind, system, region, status } = self.codes;
        for number in [kind, system, region, status, self.name_len, self.core_len] {
            put(&number.to_le_bytes());
        }
        put(&[self.view_len, self.id_len, forms::code(self.form), self.depth]);
        put(&[self.size_log, self.prior, flags]);
        row
    }

    /// The prior alone.
    #[inline]
    pub(super) fn unpack_prior(row: &[u8; LEN]) -> u8 {
        row[37]
    }

    /// Reads the row of an organization.
    #[inline]
    pub(super) fn unpack(row: &[u8; LEN], ordinal: Ordinal) -> RankRow {
        let long = |at: usize| u32::from_le_bytes([row[at], row[at + 1], row[at + 2], row[at + 3]]);
        let short = |at: usize| u16::from_le_bytes([row[at], row[at + 1]]);
        let has = |flag: u8| row[38] & flag != 0;
        RankRow {
            parent: checked_parent(ordinal, long(0)),
            view_start: long(4),
            word_initials: long(8),
            stop_words: long(12),
            class: ClassKey::unpack(long(16)),
            codes: Codes { kind: short(20), system: short(22), region: short(24), status: short(26) },
            name_len: short(28),
            core_len: short(30),
            view_len: row[32],
            id_len: row[33],
            form: forms::of_code(row[34]),
            depth: row[35],
            size_log: row[36],
            prior: RankRow::unpack_prior(row),
            has_details: has(HAS_DETAILS),
            is_active: has(IS_ACTIVE),
            repeats_above: has(REPEATS_ABOVE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_it_was_written() {
        let row = RankRow {
            parent: Some(7),
            view_start: 1 << 30,
            view_len: 32,
            word_initials: 0xdead_beef,
            stop_words: 0x1234_5678,
            class: ClassKey { year: Some(2024), class: Some(12), grade: None },
            codes: Codes { kind: 1, system: 2, region: 300, status: 4 },
            name_len: 512,
            core_len: 300,
            id_len: 9,
            form: forms::of_code(2),
            depth: 5,
            size_log: 3,
            prior: 60,
            has_details: true,
            is_active: false,
            repeats_above: true,
        };
        assert_eq!(RankRow::unpack(&row.pack(), 8), row);
        assert_eq!(RankRow::unpack(&row.pack(), 7).parent, None);
    }
}
