//! The records of a generation: every field of every organization as columns, read where they lie.

mod builder;
mod find;
mod section_id;
mod write;

pub(crate) use builder::RecordsBuilder;

use super::codes::{CodeWords, Codes};
use super::disambiguator::Disambiguator;
use super::hierarchy::Hierarchy;
use super::initials_index::InitialsIndex;
use super::keys::Keys;
use super::name_view::{OtherViews, inherited_len, path_text};
use super::pair_index::PairIndex;
use super::rank_row::{self, RankRow};
use super::sections::{Bytes, Section, Sections};
use crate::text::symbols::Symbol;
use index_data::model::{Details, HomeSystem, LevelOrder, Ordinal, OrgKind, OrgStatus};
use section_id as id;
use std::ops::Range;

const NONE: u32 = u32::MAX;

/// The columns of a sealed generation.
pub(crate) struct Records {
    names: Section,
    name_starts: Section,
    normalized: Section,
    normalized_starts: Section,
    cores: Section,
    ids: Section,
    id_starts: Section,
    hierarchy: Hierarchy,
    rank_rows: Section,
    members: Section,
    details: Section,
    detail_starts: Section,
    successors: Section,
    keys: Keys,
    view_symbols: Section,
    signatures: Section,
    view_codes: Section,
    pairs: PairIndex,
    initials: InitialsIndex,
    disambiguators: Section,
    words: CodeWords,
}

impl Records {
    /// Reads the table of sections; says what is wrong with a damaged file: whether every column has as many values
    /// as there are organizations. The values themselves are not checked.
    pub(crate) fn open(bytes: Bytes) -> Result<Records, String> {
        let sections = Sections::open(bytes, id::COUNT)?;
        let words: CodeWords = serde_json::from_slice(sections.section(id::CODE_WORDS)?.bytes())
            .map_err(|error| format!("its code words cannot be read: {error}"))?;
        let (len, inner_count) = (words.len as usize, words.inner_count as usize);
        if inner_count > len {
            return Err(format!("{inner_count} of its {len} organizations have children"));
        }
        let column = |id, width| sections.column(id, len, width);
        let (name_starts, names) = sections.runs((id::NAME_STARTS, id::NAMES), len, 1)?;
        let (normalized_starts, normalized) =
            sections.runs((id::NORMALIZED_STARTS, id::NORMALIZED), len, 1)?;
        let (id_starts, ids) = sections.runs((id::ID_STARTS, id::IDS), len, 1)?;
        let (detail_starts, details) = sections.runs((id::DETAIL_STARTS, id::DETAILS), len, 1)?;
        let (pair_starts, pair_lists) =
            sections.runs((id::PAIR_STARTS, id::PAIR_LISTS), PairIndex::LISTS, PairIndex::WIDTH)?;
        let champion_lists = sections.list(id::CHAMPION_LISTS, 4)?;
        let long_lists = champion_lists.bytes().len() / 4;
        let champions = sections.column(id::CHAMPIONS, long_lists * PairIndex::CHAMPIONS, 4)?;
        let initials_keys = sections.list(id::INITIALS_KEYS, 8)?;
        let initials = sections.column(id::INITIALS_ORDINALS, initials_keys.u64_len(), 4)?;
        Ok(Records {
            names,
            name_starts,
            normalized,
            normalized_starts,
            cores: column(id::CORES, 4)?,
            ids,
            id_starts,
            hierarchy: Hierarchy::new(
                (words.len, words.inner_count),
                column(id::PARENTS, 4)?,
                sections.column(id::INNER_CHILD_STARTS, inner_count + 1, 4)?,
                sections.column(id::LEAF_CHILD_STARTS, inner_count + 1, 4)?,
            ),
            rank_rows: column(id::RANK_ROWS, rank_row::LEN)?,
            members: column(id::MEMBERS, 4)?,
            details,
            detail_starts,
            successors: sections.list(id::SUCCESSORS, 8)?,
            keys: Keys::new(sections.list(id::KEYS, 8)?),
            view_symbols: sections.list(id::VIEW_SYMBOLS, 2)?,
            signatures: column(id::SIGNATURES, 8)?,
            view_codes: column(id::VIEW_CODES, 8)?,
            pairs: PairIndex::new((pair_starts, pair_lists), (champion_lists, champions)),
            initials: InitialsIndex::new(initials_keys, initials),
            disambiguators: column(id::DISAMBIGUATORS, 4)?,
            words,
        })
    }

    pub(crate) fn len(&self) -> u32 {
        self.words.len
    }

    pub(crate) fn words(&self) -> &CodeWords {
        &self.words
    }

    /// The official name as registered.
    pub(crate) fn name(&self, ordinal: Ordinal) -> &str {
        self.names.text(self.name_starts.u32(ordinal as usize), self.name_starts.u32(ordinal as usize + 1))
    }

    /// The normalized official name.
    #[inline]
    pub(crate) fn normalized(&self, ordinal: Ordinal) -> &str {
        let at = ordinal as usize;
        let (start, end) = (self.normalized_starts.u32(at), self.normalized_starts.u32(at + 1));
        if start == end { self.name(ordinal) } else { self.normalized.text(start, end) }
    }

    /// The same, unchecked bytes: enough to compare.
    #[inline]
    pub(crate) fn normalized_bytes(&self, ordinal: Ordinal) -> &[u8] {
        let at = ordinal as usize;
        let range = self.normalized_starts.u32(at)..self.normalized_starts.u32(at + 1);
        let (bytes, range) = match range.is_empty() {
            true => (self.names.bytes(), self.name_starts.u32(at)..self.name_starts.u32(at + 1)),
            false => (self.normalized.bytes(), range),
        };
        bytes.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    /// Where the core lies in the normalized name, in bytes.
    pub(crate) fn core_range(&self, ordinal: Ordinal) -> Range<usize> {
        core_range(self.cores.u32(ordinal as usize))
    }

    /// The normalized name without prefix and form.
    pub(crate) fn core(&self, ordinal: Ordinal) -> &str {
        self.normalized(ordinal).get(self.core_range(ordinal)).unwrap_or_default()
    }

    /// Whether the core is this text.
    pub(crate) fn is_core(&self, ordinal: Ordinal, text: &str) -> bool {
        let range = self.core_range(ordinal);
        range.len() == text.len() && self.normalized_bytes(ordinal).get(range) == Some(text.as_bytes())
    }

    /// What ranking reads of it.
    #[inline]
    pub(crate) fn rank_row(&self, ordinal: Ordinal) -> RankRow {
        RankRow::unpack(self.packed_row(ordinal), ordinal)
    }

    /// How likely it is meant before anything is typed: see [`super::prior`].
    #[inline]
    pub(crate) fn prior(&self, ordinal: Ordinal) -> u8 {
        RankRow::unpack_prior(self.packed_row(ordinal))
    }

    #[inline]
    fn packed_row(&self, ordinal: Ordinal) -> &[u8; rank_row::LEN] {
        let start = ordinal as usize * rank_row::LEN;
        let row = self.rank_rows.bytes().get(start..).and_then(|rest| rest.first_chunk());
        row.unwrap_or(&[0; rank_row::LEN])
    }

    /// What the name adds to its parent's, as symbols.
    pub(crate) fn view_symbols(&self, ordinal: Ordinal) -> impl ExactSizeIterator<Item = Symbol> + '_ {
        self.symbols_of(self.rank_row(ordinal))
    }

    /// The same of a row.
    #[inline]
    pub(crate) fn symbols_of(&self, row: RankRow) -> impl ExactSizeIterator<Item = Symbol> + '_ {
        let start = row.view_start as usize;
        let symbols = self.view_symbols.bytes().as_chunks().0;
        let own = symbols.get(start..start + usize::from(row.view_len)).unwrap_or_default();
        own.iter().map(|&two| Symbol::from_le_bytes(two))
    }

    /// The letters that symbols of the view begin with, as bits, and the packed class key.
    #[inline]
    pub(crate) fn view_codes(&self, ordinal: Ordinal) -> (u32, u32) {
        initials_and_class(self.view_codes.u64(ordinal as usize))
    }

    /// The signatures of a run of organizations, and their view codes.
    pub(crate) fn signatures_and_codes(
        &self,
        run: Range<Ordinal>,
    ) -> impl Iterator<Item = (u64, (u32, u32))> + '_ {
        let places = run.start as usize..run.end as usize;
        let codes = self.view_codes.u64s(places.clone()).iter();
        let both = self.signatures.u64s(places).iter().zip(codes);
        both.map(|(&signature, &codes)| {
            (u64::from_le_bytes(signature), initials_and_class(u64::from_le_bytes(codes)))
        })
    }

    pub(crate) fn pairs(&self) -> &PairIndex {
        &self.pairs
    }

    pub(crate) fn initials(&self) -> &InitialsIndex {
        &self.initials
    }

    /// The part of the normalized name that its parent's name does not have, in bytes.
    pub(crate) fn added_range(&self, ordinal: Ordinal) -> Range<usize> {
        let core = self.core_range(ordinal);
        if !self.rank_row(ordinal).repeats_above {
            return core;
        }
        let mut above: Vec<&str> = self.ancestors(ordinal).map(|above| self.core(above)).collect();
        above.reverse();
        core.start + inherited_len(self.core(ordinal), &path_text(above.into_iter()))..core.end
    }

    pub(crate) fn id(&self, ordinal: Ordinal) -> &str {
        self.ids.text(self.id_starts.u32(ordinal as usize), self.id_starts.u32(ordinal as usize + 1))
    }

    /// Who stands above and below whom.
    #[inline]
    pub(crate) fn hierarchy(&self) -> &Hierarchy {
        &self.hierarchy
    }

    /// See [`LevelOrder::parent`].
    #[inline]
    pub(crate) fn parent(&self, ordinal: Ordinal) -> Option<Ordinal> {
        self.hierarchy.parent(ordinal)
    }

    /// See [`LevelOrder::ancestors`].
    pub(crate) fn ancestors(&self, ordinal: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        self.hierarchy.ancestors(ordinal)
    }

    /// See [`LevelOrder::subtree_runs`].
    pub(crate) fn subtree_runs(&self, ordinal: Ordinal, runs: &mut Vec<Range<Ordinal>>) {
        self.hierarchy.subtree_runs(ordinal, runs);
    }

    /// What tells it from others of its name.
    pub(crate) fn disambiguator(&self, ordinal: Ordinal) -> Disambiguator {
        Disambiguator::unpack(self.disambiguators.u32(ordinal as usize))
    }

    pub(crate) fn codes(&self, ordinal: Ordinal) -> Codes {
        self.rank_row(ordinal).codes
    }

    pub(crate) fn kind(&self, ordinal: Ordinal) -> Option<OrgKind> {
        self.words.kind(self.codes(ordinal)).map(OrgKind::parse)
    }

    /// Its home system, or the one it inherits. Its own alone is not kept: see [`Codes`].
    pub(crate) fn inherited_system(&self, ordinal: Ordinal) -> Option<HomeSystem> {
        self.words.system(self.codes(ordinal)).map(HomeSystem::parse)
    }

    /// Its region, or the one it inherits. Its own alone is not kept: see [`Codes`].
    pub(crate) fn inherited_region(&self, ordinal: Ordinal) -> Option<&str> {
        self.words.region(self.codes(ordinal))
    }

    pub(crate) fn status(&self, ordinal: Ordinal) -> OrgStatus {
        self.words.status(self.codes(ordinal)).map_or(OrgStatus::Active, OrgStatus::parse)
    }

    pub(crate) fn members(&self, ordinal: Ordinal) -> Option<u32> {
        Some(self.members.u32(ordinal as usize)).filter(|&members| members != NONE)
    }

    pub(crate) fn has_details(&self, ordinal: Ordinal) -> bool {
        self.detail_starts.u32(ordinal as usize) != self.detail_starts.u32(ordinal as usize + 1)
    }

    pub(crate) fn details(&self, ordinal: Ordinal) -> Details {
        let mut bytes = self.detail_bytes(ordinal);
        OtherViews::unpack(&mut bytes).and_then(|_| Details::unpack(bytes)).unwrap_or_default()
    }

    /// The views of its other names.
    pub(crate) fn other_views(&self, ordinal: Ordinal) -> OtherViews {
        OtherViews::unpack(&mut self.detail_bytes(ordinal)).unwrap_or_default()
    }

    fn detail_bytes(&self, ordinal: Ordinal) -> &[u8] {
        let at = ordinal as usize;
        let range = self.detail_starts.u32(at) as usize..self.detail_starts.u32(at + 1) as usize;
        self.details.bytes().get(range).unwrap_or_default()
    }

    pub(crate) fn successor(&self, ordinal: Ordinal) -> Option<Ordinal> {
        let (mut low, mut high) = (0, self.successors.u64_len());
        while low < high {
            let middle = low + (high - low) / 2;
            if ((self.successors.u64(middle) >> 32) as u32) < ordinal {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let entry = (low < self.successors.u64_len()).then(|| self.successors.u64(low))?;
        ((entry >> 32) as u32 == ordinal).then_some(entry as u32)
    }
}

#[inline]
fn initials_and_class(both: u64) -> (u32, u32) {
    (both as u32, (both >> 32) as u32)
}

fn core_range(packed: u32) -> Range<usize> {
    (packed >> 16) as usize..(packed & 0xffff) as usize
}
