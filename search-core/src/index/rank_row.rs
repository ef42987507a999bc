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

/// The fields of a row as they are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedFields {
    pub(super) parent: Option<Ordinal>,
    /// Where its view lies among all views.
    pub(super) view: u32,
    /// Symbols of the view.
    pub(super) view_len: u8,
    /// How likely it is meant before anything is typed: see [`super::prior`].
    pub(super) prior: u8,
    /// Of the normalized name, in bytes.
    pub(super) name_len: u16,
    /// Where the core lies in the normalized name.
    pub(super) core: Core,
    /// In bytes.
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
    /// What stands before or after the core has so many bytes, or more.
    const MANY: u8 = u8::MAX;

    /// Of `core` in a name of so many bytes.
    pub(super) fn new(core: &Range<usize>, name_len: usize) -> Core {
        let short = |len: usize| u8::try_from(len).unwrap_or(Self::MANY);
        Core { before: short(core.start), after: short(name_len.saturating_sub(core.end)) }
    }

    /// The core in a name of so many bytes; `None` if the name has to be taken apart for it.
    #[inline]
    pub(super) fn range(self, name_len: u16) -> Option<Range<usize>> {
        let is_known =
            self.before < Self::MANY && self.after < Self::MANY && u64::from(name_len) < NAME_LEN.most();
        let end = usize::from(name_len).saturating_sub(usize::from(self.after));
        is_known.then_some(usize::from(self.before)..end)
    }
}

/// Some bits of the second half of a row. A larger number counts as the largest that fits.
#[derive(Debug, Clone, Copy)]
struct Field {
    first: u32,
    bits: u32,
}

impl Field {
    const fn behind(self, bits: u32) -> Field {
        Field { first: self.first + self.bits, bits }
    }

    const fn most(self) -> u64 {
        (1 << self.bits) - 1
    }

    fn put(self, number: impl Into<u64>) -> u64 {
        number.into().min(self.most()) << self.first
    }

    #[inline]
    fn get(self, packed: u64) -> u64 {
        packed >> self.first & self.most()
    }
}

const NAME_LEN: Field = Field { first: 0, bits: 12 };
const BEFORE_CORE: Field = NAME_LEN.behind(8);
const AFTER_CORE: Field = BEFORE_CORE.behind(8);
const ID_LEN: Field = AFTER_CORE.behind(6);
const DEPTH: Field = ID_LEN.behind(5);
const SIZE_LOG: Field = DEPTH.behind(5);
const FORM: Field = SIZE_LOG.behind(3);
const HAS_DETAILS: Field = FORM.behind(1);
const IS_ACTIVE: Field = HAS_DETAILS.behind(1);
const REPEATS_ABOVE: Field = IS_ACTIVE.behind(1);
const VIEW_LEN: Field = REPEATS_ABOVE.behind(6);
const PRIOR: Field = VIEW_LEN.behind(8);
const _: () = assert!(PRIOR.first + PRIOR.bits == u64::BITS);

/// Whether a text has a length that a row tells: of the longest ones it tells no more than that.
pub(crate) fn has_name_len(text: &str, told: u16) -> bool {
    (text.len() as u64).min(NAME_LEN.most()) == u64::from(told)
}

/// The same of an id.
pub(crate) fn has_id_len(id: &str, told: u8) -> bool {
    (id.len() as u64).min(ID_LEN.most()) == u64::from(told)
}

impl PackedFields {
    pub(super) fn pack(&self) -> [u8; LEN] {
        let second = NAME_LEN.put(self.name_len)
            | BEFORE_CORE.put(self.core.before)
            | AFTER_CORE.put(self.core.after)
            | ID_LEN.put(self.id_len)
            | DEPTH.put(self.depth)
            | SIZE_LOG.put(self.size_log)
            | FORM.put(forms::code(self.form))
            | HAS_DETAILS.put(self.has_details)
            | IS_ACTIVE.put(self.is_active)
            | REPEATS_ABOVE.put(self.repeats_above)
            | VIEW_LEN.put(self.view_len)
            | PRIOR.put(self.prior);
        let mut row = [0; LEN];
        row[..4].copy_from_slice(&self.parent.unwrap_or(NO_PARENT).to_le_bytes());
        row[4..8].copy_from_slice(&self.view.to_le_bytes());
        row[8..].copy_from_slice(&second.to_le_bytes());
        row
    }

    #[inline]
    pub(super) fn unpack(row: &[u8; LEN], ordinal: Ordinal) -> PackedFields {
        let second = second_half(row);
        PackedFields {
            parent: checked_parent(ordinal, stored_parent(row)),
            view: u32::from_le_bytes([row[4], row[5], row[6], row[7]]),
            name_len: NAME_LEN.get(second) as u16,
            core: Core { before: BEFORE_CORE.get(second) as u8, after: AFTER_CORE.get(second) as u8 },
            id_len: ID_LEN.get(second) as u8,
            depth: DEPTH.get(second) as u8,
            size_log: SIZE_LOG.get(second) as u8,
            form: forms::of_code(FORM.get(second) as u8),
            has_details: HAS_DETAILS.get(second) != 0,
            is_active: IS_ACTIVE.get(second) != 0,
            repeats_above: REPEATS_ABOVE.get(second) != 0,
            view_len: VIEW_LEN.get(second) as u8,
            prior: PRIOR.get(second) as u8,
        }
    }
}

#[inline]
fn second_half(row: &[u8; LEN]) -> u64 {
    let [_, _, _, _, _, _, _, _, second @ ..] = *row;
    u64::from_le_bytes(second)
}

/// The prior alone.
#[inline]
pub(super) fn prior(row: &[u8; LEN]) -> u8 {
    PRIOR.get(second_half(row)) as u8
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

/// What is read of a unit to weigh what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct UnitRow {
    pub(crate) parent: Option<Ordinal>,
    /// How many symbols its name adds to its parent's.
    pub(crate) view_len: u8,
    /// See [`super::prior`].
    pub(crate) prior: u8,
}

impl UnitRow {
    #[inline]
    pub(super) fn unpack(row: &[u8; LEN], ordinal: Ordinal) -> UnitRow {
        let second = second_half(row);
        UnitRow {
            parent: checked_parent(ordinal, stored_parent(row)),
            view_len: VIEW_LEN.get(second) as u8,
            prior: PRIOR.get(second) as u8,
        }
    }
}

/// What ranking reads of one organization: its row and its view.
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
    /// In bytes: see [`has_name_len`].
    pub(crate) name_len: u16,
    pub(crate) core_len: u16,
    /// See [`has_id_len`].
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
    pub(super) fn new(fields: PackedFields, view: StoredView<'a>, core_len: usize) -> RankRow<'a> {
        RankRow {
            parent: fields.parent,
            word_initials: view.word_initials,
            stop_words: view.stop_words,
            class: view.class,
            symbols: view.symbols,
            name_len: fields.name_len,
            core_len: core_len.min(NAME_LEN.most() as usize) as u16,
            id_len: fields.id_len,
            form: fields.form,
            depth: fields.depth,
            size_log: fields.size_log,
            prior: fields.prior,
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

    fn row(form: u8) -> PackedFields {
        PackedFields {
            parent: Some(7),
            view: 1 << 30,
            view_len: 32,
            prior: 192,
            name_len: 512,
            core: Core::new(&(27..200), 209),
            id_len: 9,
            form: forms::of_code(form),
            depth: 5,
            size_log: 21,
            has_details: form.is_multiple_of(2),
            is_active: form.is_multiple_of(3),
            repeats_above: form > 2,
        }
    }

    #[test]
    fn a_row_is_read_as_it_was_written() {
        for form in 0..=4 {
            let row = row(form);
            let packed = row.pack();
            assert_eq!(PackedFields::unpack(&packed, 8), row);
            assert_eq!(PackedFields::unpack(&packed, 7).parent, None);
            assert_eq!(UnitRow::unpack(&packed, 8), UnitRow { parent: Some(7), view_len: 32, prior: 192 });
            assert_eq!((stored_parent(&packed), prior(&packed)), (7, 192));
        }
    }

    #[test]
    fn what_does_not_fit_counts_as_the_largest() {
        let long = PackedFields { name_len: 5_000, id_len: 128, depth: 200, ..row(1) };
        let read = PackedFields::unpack(&long.pack(), 8);
        assert_eq!((read.name_len, read.id_len, read.depth), (4_095, 63, 31));
        assert_eq!((read.view_len, read.prior), (32, 192), "the fields beside it are what they were");
        assert!(has_name_len(&"a".repeat(9_000), read.name_len) && !has_name_len("a", read.name_len));
        assert!(has_id_len(&"a".repeat(64), read.id_len) && !has_id_len("a", read.id_len));
        assert_eq!(read.core.range(read.name_len), None, "such a name has to be taken apart");
    }

    #[test]
    fn a_core_is_known_from_what_stands_around_it() {
        assert_eq!(Core::new(&(27..200), 209).range(209), Some(27..200));
        assert_eq!(Core::new(&(0..0), 0).range(0), Some(0..0));
        assert_eq!(Core::new(&(255..300), 300).range(300), None);
        assert_eq!(Core::new(&(0..10), 265).range(265), None);
        let damaged = Core::new(&(9..20), 20).range(3).expect("it is short");
        assert_eq!("abc".get(damaged), None, "of a damaged row no text is read");
    }
}
