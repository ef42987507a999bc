//! The records of one segment: every field of every organization as columns, read where they lie.

mod builder;
mod find;
mod own_codes;
mod section_id;
mod write;

pub(crate) use builder::{PartOfTree, RecordsBuilder};

use super::codes::{CodeWords, Codes};
use super::columns::{IdText, Ids, Narrow, SortedMap, SparseRuns, Starts, Uints};
use super::hierarchy::Hierarchy;
use super::initials_index::InitialsIndex;
use super::keys::Keys;
use super::name_view::{OtherViews, inherited_len, path_text};
use super::pair_index::PairIndex;
use super::rank_row::{self, PackedFields, RankRow, UnitRow};
use super::sections::{Bytes, Section, Sections};
use super::views::Views;
use crate::text::forms;
use crate::text::symbols::Symbol;
use index_data::model::{Details, HomeSystem, LevelOrder, Ordinal, OrgKind, OrgStatus, OrgUnit};
use own_codes::OwnCodes;
use section_id as id;
use std::ops::Range;

/// The columns of a segment: of a sealed generation, or of an overlay.
pub(crate) struct SegmentRecords {
    names: Section,
    name_starts: Starts,
    /// The normalized names that are not the official ones to the letter.
    normalized: SparseRuns,
    ids: Ids,
    hierarchy: Hierarchy,
    rank_rows: Section,
    profiles: Uints,
    profile_codes: Section,
    members: Narrow,
    details: SparseRuns,
    successors: SortedMap,
    keys: Keys,
    views: Views,
    signatures: Section,
    view_codes: Section,
    pairs: PairIndex,
    initials: InitialsIndex,
    disambiguators: Section,
    own_codes: Section,
    words: CodeWords,
}

impl SegmentRecords {
    /// Reads the table of sections; says what is wrong with a damaged file: whether every column has as many values
    /// as there are organizations. The values themselves are not checked.
    pub(crate) fn open(bytes: Bytes) -> Result<SegmentRecords, String> {
        let sections = Sections::open(bytes, id::COUNT)?;
        let words: CodeWords = serde_json::from_slice(sections.section(id::CODE_WORDS)?.bytes())
            .map_err(|error| format!("its code words cannot be read: {error}"))?;
        let (len, inner_count) = (words.len as usize, words.inner_count as usize);
        if inner_count > len {
            return Err(format!("{inner_count} of its {len} organizations have children"));
        }
        let names = sections.section(id::NAMES)?;
        let initials_keys = sections.list(id::INITIALS_KEYS, 8)?;
        let initials = sections.column(id::INITIALS_ORDINALS, initials_keys.u64_len(), 4)?;
        let rank_rows = sections.column(id::RANK_ROWS, len, rank_row::LEN)?;
        let profile_codes = sections.list(id::PROFILE_CODES, 8)?;
        if profile_codes.u64_len() == 0 && len > 0 {
            return Err("it has no kinds, systems, regions and statuses".to_owned());
        }
        Ok(SegmentRecords {
            name_starts: Starts::open(&sections, id::NAME_STARTS, len, names.bytes().len())?,
            names,
            normalized: SparseRuns::open(&sections, id::NORMALIZED, len)?,
            ids: Ids::open(&sections, id::IDS, len)?,
            hierarchy: Hierarchy::new(
                (words.len, words.inner_count),
                (sections.column(id::INNER_PARENTS, inner_count, 4)?, rank_rows.clone()),
                sections.column(id::INNER_CHILD_STARTS, inner_count + 1, 4)?,
                sections.column(id::LEAF_CHILD_STARTS, inner_count + 1, 4)?,
            ),
            rank_rows,
            profiles: Uints::open(&sections, id::PROFILES, len)?,
            profile_codes,
            members: Narrow::open(&sections, id::MEMBERS, len)?,
            details: SparseRuns::open(&sections, id::DETAILS, len)?,
            successors: SortedMap::new(sections.list(id::SUCCESSORS, 8)?),
            keys: Keys::open(&sections, id::KEYS, words.len)?,
            views: Views::new(sections.list(id::VIEWS, 2)?),
            signatures: sections.column(id::SIGNATURES, len, 8)?,
            view_codes: sections.column(id::VIEW_CODES, len, 8)?,
            pairs: PairIndex::open(&sections, id::PAIRS, words.len)?,
            initials: InitialsIndex::new(initials_keys, initials),
            disambiguators: sections.column(id::DISAMBIGUATORS, len, 1)?,
            own_codes: sections.column(id::OWN_CODES, len.div_ceil(own_codes::ORGS_IN_BYTE), 1)?,
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
        checked(self.name_bytes(ordinal))
    }

    #[inline]
    fn name_bytes(&self, ordinal: Ordinal) -> &[u8] {
        self.names.bytes().get(self.name_starts.range(ordinal as usize)).unwrap_or_default()
    }

    /// The normalized official name.
    #[inline]
    pub(crate) fn normalized(&self, ordinal: Ordinal) -> &str {
        checked(self.normalized_bytes(ordinal))
    }

    /// The same, unchecked bytes: enough to compare.
    #[inline]
    pub(crate) fn normalized_bytes(&self, ordinal: Ordinal) -> &[u8] {
        self.normalized.get(ordinal).unwrap_or_else(|| self.name_bytes(ordinal))
    }

    /// Where the core lies in the normalized name, in bytes.
    pub(crate) fn core_range(&self, ordinal: Ordinal) -> Range<usize> {
        let fields = self.row_fields(ordinal);
        self.core_of(ordinal, &fields)
    }

    #[inline]
    fn core_of(&self, ordinal: Ordinal, fields: &PackedFields) -> Range<usize> {
        let known = fields.core.range(fields.name_len);
        known.unwrap_or_else(|| forms::split(self.normalized(ordinal)).core)
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
    pub(crate) fn rank_row(&self, ordinal: Ordinal) -> RankRow<'_> {
        let fields = self.row_fields(ordinal);
        let core_len = self.core_of(ordinal, &fields).len();
        RankRow::new(fields, self.views.get(fields.view), core_len)
    }

    /// What is read of a unit to weigh what it holds.
    #[inline]
    pub(crate) fn unit_row(&self, ordinal: Ordinal) -> UnitRow {
        UnitRow::unpack(self.packed_row(ordinal), ordinal)
    }

    #[inline]
    fn row_fields(&self, ordinal: Ordinal) -> PackedFields {
        PackedFields::unpack(self.packed_row(ordinal), ordinal)
    }

    #[inline]
    fn packed_row(&self, ordinal: Ordinal) -> &[u8; rank_row::LEN] {
        rank_row::row(&self.rank_rows, ordinal).unwrap_or(&[0; rank_row::LEN])
    }

    /// How likely it is meant before anything is typed: see [`super::prior`].
    #[inline]
    pub(crate) fn own_prior(&self, ordinal: Ordinal) -> u8 {
        rank_row::prior(self.packed_row(ordinal))
    }

    /// What the name adds to its parent's, as symbols.
    #[inline]
    pub(crate) fn view_symbols(&self, ordinal: Ordinal) -> impl ExactSizeIterator<Item = Symbol> + '_ {
        self.views.get(self.row_fields(ordinal).view).symbols()
    }

    /// The letters that symbols of the view begin with, as bits, and the packed class key.
    #[inline]
    pub(crate) fn view_codes(&self, ordinal: Ordinal) -> (u32, u32) {
        initials_and_class(self.view_codes.u64(ordinal as usize))
    }

    /// The sounds of the view's symbols, as bits.
    #[inline]
    pub(crate) fn signature(&self, ordinal: Ordinal) -> u64 {
        self.signatures.u64(ordinal as usize)
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
        if !self.row_fields(ordinal).repeats_above {
            return core;
        }
        let mut above: Vec<&str> = self.ancestors(ordinal).map(|above| self.core(above)).collect();
        above.reverse();
        core.start + inherited_len(self.core(ordinal), &path_text(above.into_iter()))..core.end
    }

    pub(crate) fn id(&self, ordinal: Ordinal) -> IdText<'_> {
        self.ids.get(ordinal)
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

    /// What tells it from others of its name, packed: see [`super::disambiguator::Disambiguator`].
    pub(crate) fn packed_disambiguator(&self, ordinal: Ordinal) -> u8 {
        self.disambiguators.bytes().get(ordinal as usize).copied().unwrap_or_default()
    }

    pub(crate) fn codes(&self, ordinal: Ordinal) -> Codes {
        Codes::unpack(self.profile_codes.u64(self.profile(ordinal) as usize))
    }

    /// The number of its combination of codes: less than there are.
    #[inline]
    pub(crate) fn profile(&self, ordinal: Ordinal) -> u32 {
        let most = self.profile_codes.u64_len().saturating_sub(1);
        self.profiles.get(ordinal as usize).min(most as u64) as u32
    }

    /// The codes of all profiles.
    pub(crate) fn profile_codes(&self) -> impl Iterator<Item = Codes> + '_ {
        (0..self.profile_codes.u64_len()).map(|at| Codes::unpack(self.profile_codes.u64(at)))
    }

    pub(crate) fn kind(&self, ordinal: Ordinal) -> Option<OrgKind> {
        self.words.kind(self.codes(ordinal)).map(OrgKind::parse)
    }

    /// Its home system, or the one it inherits.
    pub(crate) fn inherited_system(&self, ordinal: Ordinal) -> Option<HomeSystem> {
        self.words.system(self.codes(ordinal)).map(HomeSystem::parse)
    }

    /// Its region, or the one it inherits.
    pub(crate) fn inherited_region(&self, ordinal: Ordinal) -> Option<&str> {
        self.words.region(self.codes(ordinal))
    }

    /// The home system and the region that its row says; `None` where it takes over those above.
    fn own_codes(&self, ordinal: Ordinal) -> OwnCodes {
        OwnCodes::at(self.own_codes.bytes(), ordinal)
    }

    /// The whole record, as its row said it (system and region not inherited).
    pub(crate) fn org(&self, ordinal: Ordinal) -> OrgUnit {
        let (details, own) = (self.details(ordinal), self.own_codes(ordinal));
        let id = |ordinal| self.id(ordinal).to_owned();
        OrgUnit {
            id: id(ordinal),
            name: self.name(ordinal).to_owned(),
            parent_id: self.parent(ordinal).map(id),
            kind: self.kind(ordinal),
            system: self.inherited_system(ordinal).filter(|_| own.has_system),
            region: self.inherited_region(ordinal).filter(|_| own.has_region).map(str::to_owned),
            members: self.members(ordinal),
            status: self.status(ordinal),
            aliases: details.aliases,
            former_names: details.former_names,
            successor_id: self.successor(ordinal).map(id),
            attributes: details.attributes,
        }
    }

    pub(crate) fn status(&self, ordinal: Ordinal) -> OrgStatus {
        self.words.status(self.codes(ordinal)).map_or(OrgStatus::Active, OrgStatus::parse)
    }

    pub(crate) fn members(&self, ordinal: Ordinal) -> Option<u32> {
        self.members.get(ordinal)
    }

    pub(crate) fn has_details(&self, ordinal: Ordinal) -> bool {
        self.details.get(ordinal).is_some()
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
        self.details.get(ordinal).unwrap_or_default()
    }

    pub(crate) fn successor(&self, ordinal: Ordinal) -> Option<Ordinal> {
        self.successors.get(ordinal)
    }
}

/// A text; empty if its encoding is damaged.
#[inline]
fn checked(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

#[inline]
fn initials_and_class(both: u64) -> (u32, u32) {
    (both as u32, (both >> 32) as u32)
}
