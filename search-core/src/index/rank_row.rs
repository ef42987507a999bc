//! What ranking reads of one organization, in one row. As columns, each field would cost a cache miss of its own.

use super::sections::Section;
use super::views::StoredView;
use crate::text::forms::{self, Form};
use crate::text::symbols::{ClassKey, Symbol};
use index_data::model::{Ordinal, checked_parent};
use std::ops::Range;

/// Bytes of a row: four rows are one line of the processor's cache.
pub(super) const LEN: usize = 16;

const NO_PARENT: u32 = u32::MAX;
const HAS_DETAILS: u8 = 1;
const IS_ACTIVE: u8 = 2;
const REPEATS_ABOVE: u8 = 4;
const FLAG_BITS: u32 = 3;
/// What stands before or after the core has so many bytes, or more.
const MANY: u8 = u8::MAX;

/// The fields of a row as they are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedFields {
    pub(super) parent: Option<Ordinal>,
    /// Where its view lies among all views.
    pub(super) view: u32,
    /// Of the normalized name, in bytes; longer ones count as the longest number.
    pub(super) name_len: u16,
    /// Where the core lies in the normalized name.
    pub(super) core: Core,
    /// In bytes; longer ones count as the longest number.
    pub(super) id_len: u8,
    /// The family of the form word that ends the name.
    pub(super) form: Option<Form>,
    /// Organizations above it.
    pub(super) depth: u8,
    /// Binary logarithm of the number of children and one.
    pub(super) size_log: u8,
    /// Whether it has other names or attributes.
    pub(super) has_details: bool,
    pub(super) is_active: bool,
    /// Whether the name begins with what its parent's ends with.
    pub(super) repeats_above: bool,
}

/// Where a core lies in its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Core {
    before: u8,
    after: u8,
}

impl Core {
    /// Of `core` in a name of so many bytes.
    pub(super) fn new(core: &Range<usize>, name_len: usize) -> Core {
        let short = |len: usize| u8::try_from(len).unwrap_or(MANY);
        Core { before: short(core.start), after: short(name_len.saturating_sub(core.end)) }
    }

    /// The core in a name of so many bytes; `None` if the name has to be taken apart for it.
    #[inline]
    pub(super) fn range(self, name_len: u16) -> Option<Range<usize>> {
        let is_known = self.before < MANY && self.after < MANY && name_len < u16::MAX;
        let end = usize::from(name_len).saturating_sub(usize::from(self.after));
        is_known.then_some(usize::from(self.before)..end)
    }
}

impl PackedFields {
    pub(super) fn pack(&self) -> [u8; LEN] {
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let flags = flag(self.has_details, HAS_DETAILS)
            | flag(self.is_active, IS_ACTIVE)
            | flag(self.repeats_above, REPEATS_ABOVE);
        let mut row = [0; LEN];
        row[..4].copy_from_slice(&self.parent.unwrap_or(NO_PARENT).to_le_bytes());
        row[4..8].copy_from_slice(&self.view.to_le_bytes());
        row[8..10].copy_from_slice(&self.name_len.to_le_bytes());
        let form = forms::code(self.form) << FLAG_BITS;
        row[10..].copy_from_slice(&[
            self.core.before,
            self.core.after,
            self.id_len,
            self.depth,
            self.size_log,
            flags | form,
        ]);
        row
    }

    #[inline]
    pub(super) fn unpack(row: &[u8; LEN], ordinal: Ordinal) -> PackedFields {
        let has = |flag: u8| row[15] & flag != 0;
        PackedFields {
            parent: checked_parent(ordinal, stored_parent(row)),
            view: u32::from_le_bytes([row[4], row[5], row[6], row[7]]),
            name_len: u16::from_le_bytes([row[8], row[9]]),
            core: Core { before: row[10], after: row[11] },
            id_len: row[12],
            depth: row[13],
            size_log: row[14],
            form: forms::of_code(row[15] >> FLAG_BITS),
            has_details: has(HAS_DETAILS),
            is_active: has(IS_ACTIVE),
            repeats_above: has(REPEATS_ABOVE),
        }
    }
}

/// The row of an organization.
#[inline]
pub(super) fn row(rows: &Section, ordinal: Ordinal) -> Option<&[u8; LEN]> {
    rows.bytes().get(ordinal as usize * LEN..)?.first_chunk()
}

/// The parent as it is stored.
#[inline]
pub(super) fn stored_parent(row: &[u8; LEN]) -> Ordinal {
    u32::from_le_bytes([row[0], row[1], row[2], row[3]])
}

/// What ranking reads of one organization: its row, its view, its prior.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RankRow<'a> {
    pub(crate) parent: Option<Ordinal>,
    /// What the name adds to its parent's, little-endian.
    symbols: &'a [[u8; 2]],
    /// Which symbols begin a word, as bits.
    pub(crate) word_initials: u32,
    /// Which symbols belong to a stop word, as bits.
    pub(crate) stop_words: u32,
    /// The year, class and grade that the name says.
    pub(crate) class: ClassKey,
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

impl<'a> RankRow<'a> {
    #[inline]
    pub(super) fn new(fields: PackedFields, view: StoredView<'a>, core_len: u16, prior: u8) -> RankRow<'a> {
        RankRow {
            parent: fields.parent,
            word_initials: view.word_initials,
            stop_words: view.stop_words,
            class: view.class,
            symbols: view.symbols,
            name_len: fields.name_len,
            core_len,
            id_len: fields.id_len,
            form: fields.form,
            depth: fields.depth,
            size_log: fields.size_log,
            prior,
            has_details: fields.has_details,
            is_active: fields.is_active,
            repeats_above: fields.repeats_above,
        }
    }

    /// What the name adds to its parent's, as symbols.
    #[inline]
    pub(crate) fn symbols(&self) -> impl ExactSizeIterator<Item = Symbol> + use<'a> {
        self.symbols.iter().map(|&two| Symbol::from_le_bytes(two))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_it_was_written() {
        for form in 0..=4 {
            let row = PackedFields {
                parent: Some(7),
                view: 1 << 30,
                name_len: 512,
                core: Core::new(&(27..200), 209),
                id_len: 9,
                form: forms::of_code(form),
                depth: 5,
                size_log: 21,
                has_details: form % 2 == 0,
                is_active: form % 3 == 0,
                repeats_above: form > 2,
            };
            assert_eq!(PackedFields::unpack(&row.pack(), 8), row);
            assert_eq!(PackedFields::unpack(&row.pack(), 7).parent, None);
        }
    }

    #[test]
    fn a_core_is_known_from_what_stands_around_it() {
        assert_eq!(Core::new(&(27..200), 209).range(209), Some(27..200));
        assert_eq!(Core::new(&(0..0), 0).range(0), Some(0..0));
        assert_eq!(Core::new(&(255..300), 300).range(300), None);
        assert_eq!(Core::new(&(0..10), 265).range(265), None);
        assert_eq!(Core::new(&(9..20), 20).range(3), Some(9..3), "of a damaged row no text is read");
    }
}
