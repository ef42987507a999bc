//! The records of a generation: every field of every organization as columns, read where they lie.

use super::document::OrgDocument;
use super::initials_index::{InitialsBuilder, InitialsIndex};
use super::keys::{KeyKind, Keys, key};
use super::limits::{IndexLimits, TooLarge};
use super::name_view::{OtherViews, inherited_len, path_text};
use super::pair_index::{PairIndex, PairIndexBuilder};
use super::rank_row::{self, RankRow};
use super::sections::{Bytes, Section, SectionWriter, Sections};
use super::told_by::{Names, ToldBy, tell_apart};
use crate::text::forms::{self, Form};
use crate::text::symbols::{ClassKey, Symbol};
use index_data::model::{Details, HomeSystem, Ordinal, OrgKind, OrgStatus, OrgTree};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Range;

const NONE: u32 = u32::MAX;
mod id {
    pub(super) const NAMES: u32 = 1;
    pub(super) const NAME_STARTS: u32 = 2;
    pub(super) const NORMALIZED: u32 = 3;
    pub(super) const NORMALIZED_STARTS: u32 = 4;
    pub(super) const CORES: u32 = 5;
    pub(super) const IDS: u32 = 6;
    pub(super) const ID_STARTS: u32 = 7;
    pub(super) const PARENTS: u32 = 8;
    pub(super) const INNER_CHILD_STARTS: u32 = 9;
    pub(super) const LEAF_CHILD_STARTS: u32 = 10;
    pub(super) const RANK_ROWS: u32 = 11;
    pub(super) const MEMBERS: u32 = 12;
    pub(super) const DETAILS: u32 = 13;
    pub(super) const DETAIL_STARTS: u32 = 14;
    pub(super) const SUCCESSORS: u32 = 15;
    pub(super) const CODE_WORDS: u32 = 16;
    pub(super) const KEYS: u32 = 17;
    pub(super) const VIEW_SYMBOLS: u32 = 18;
    pub(super) const SIGNATURES: u32 = 19;
    pub(super) const VIEW_CODES: u32 = 20;
    pub(super) const PAIR_STARTS: u32 = 21;
    pub(super) const PAIR_LISTS: u32 = 22;
    pub(super) const INITIALS_KEYS: u32 = 23;
    pub(super) const INITIALS_ORDINALS: u32 = 24;
    pub(super) const TOLD_BY: u32 = 25;
    pub(super) const COUNT: usize = 25;
}

/// The distinct values of the coded columns. Code 0 means "not said".
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct CodeWords {
    pub(crate) len: u32,
    pub(crate) inner_count: u32,
    pub(crate) kinds: Vec<String>,
    pub(crate) systems: Vec<String>,
    pub(crate) regions: Vec<String>,
    pub(crate) statuses: Vec<String>,
}

/// The coded columns of one organization; system and region are resolved, not only its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Codes {
    pub(crate) kind: u16,
    pub(crate) system: u16,
    pub(crate) region: u16,
    pub(crate) status: u16,
}

/// Collects what is computed for each document, then writes all columns.
#[derive(Default)]
pub(crate) struct RecordsBuilder {
    limits: IndexLimits,
    normalized: Vec<u8>,
    normalized_starts: Vec<u32>,
    cores: Vec<u32>,
    details: Vec<u8>,
    detail_starts: Vec<u32>,
    keys: Vec<u64>,
    view_symbols: Vec<u8>,
    view_starts: Vec<u32>,
    /// What is known of each row before the tree's columns are.
    rows: Vec<RowFields>,
    signatures: Vec<u64>,
    /// Initial letters, and the class key.
    view_codes: Vec<u64>,
    pairs: PairIndexBuilder,
    initials: InitialsBuilder,
}

/// What a document tells for its [`RankRow`].
struct RowFields {
    heads: u32,
    weak: u32,
    form: Option<Form>,
    name_len: u16,
    repeats_above: bool,
}

impl RecordsBuilder {
    /// With room for so many organizations: columns that grow by doubling are copied again and again.
    pub(crate) fn with_capacity(orgs: usize, limits: IndexLimits) -> Self {
        const KEYS_OF_ONE: usize = 3;
        const SYMBOL_BYTES_OF_ONE: usize = 24;
        RecordsBuilder {
            limits,
            normalized_starts: Vec::with_capacity(orgs + 1),
            cores: Vec::with_capacity(orgs),
            detail_starts: Vec::with_capacity(orgs + 1),
            keys: Vec::with_capacity(KEYS_OF_ONE * orgs),
            view_symbols: Vec::with_capacity(SYMBOL_BYTES_OF_ONE * orgs),
            view_starts: Vec::with_capacity(orgs + 1),
            rows: Vec::with_capacity(orgs),
            signatures: Vec::with_capacity(orgs),
            view_codes: Vec::with_capacity(orgs),
            pairs: PairIndexBuilder::with_capacity(orgs),
            ..RecordsBuilder::default()
        }
    }

    /// Takes the next document in ordinal order.
    ///
    /// # Errors
    /// If a column would grow past what its offsets can name.
    pub(crate) fn add(&mut self, tree: &OrgTree, document: &OrgDocument) -> Result<(), TooLarge> {
        self.normalized_starts.push(self.limits.offset("normalized names", self.normalized.len())?);
        if document.name.is_empty() {
            // Only what differs from the raw name is kept, so "nothing left" needs a text that no query holds.
            self.normalized.push(0);
        } else if document.name != tree.name(document.ordinal) {
            self.normalized.extend_from_slice(document.name.as_bytes());
        }
        self.cores.push((document.core.start as u32) << 16 | document.core.end as u32 & 0xffff);
        self.detail_starts.push(self.limits.offset("aliases and attributes", self.details.len())?);
        if !document.details.is_empty() {
            document.other_views.pack(&mut self.details);
            document.details.pack(&mut self.details);
        }
        self.add_keys(tree, document);
        self.add_view(tree, document)
    }

    fn add_view(&mut self, tree: &OrgTree, document: &OrgDocument) -> Result<(), TooLarge> {
        let (ordinal, view) = (document.ordinal, &document.view);
        self.view_starts.push(self.limits.offset("symbols of names", self.view_symbols.len() / 2)?);
        self.view_symbols.extend(view.symbols.iter().flat_map(|symbol| symbol.to_le_bytes()));
        self.rows.push(RowFields {
            heads: view.heads,
            weak: view.weak,
            form: forms::split(&document.name).family,
            name_len: saturated(document.name.len()),
            repeats_above: document.repeats_above(),
        });
        self.signatures.push(view.signature());
        let class = view.class_key();
        self.view_codes.push(u64::from(class.pack()) << 32 | u64::from(view.initials()));
        if ordinal < tree.inner_count() || class.is_empty() {
            self.pairs.add(ordinal, &document.above_view, view, document.other_views.all());
            self.limits.offset("pairs of symbols", self.pairs.len())?;
            self.initials.add(ordinal, document.core());
            self.initials.add(ordinal, document.added());
            self.initials.add(ordinal, &document.two_levels);
        }
        Ok(())
    }

    fn add_keys(&mut self, tree: &OrgTree, document: &OrgDocument) {
        let ordinal = document.ordinal;
        self.keys.push(key(KeyKind::Id, tree.id(ordinal), ordinal));
        self.keys.push(key(KeyKind::Name, &document.name, ordinal));
        if document.core.len() < document.name.len() {
            self.keys.push(key(KeyKind::Core, document.core(), ordinal));
        }
        self.keys.extend(document.aliases.iter().map(|alias| key(KeyKind::Alias, alias, ordinal)));
        self.keys.extend(document.former_names.iter().map(|name| key(KeyKind::FormerName, name, ordinal)));
    }

    /// Writes the file.
    pub(crate) fn write<W: Write>(mut self, tree: &OrgTree, to: W) -> io::Result<W> {
        let mut writer = SectionWriter::new(to)?;
        self.normalized_starts.push(self.limits.offset("normalized names", self.normalized.len())?);
        self.detail_starts.push(self.limits.offset("aliases and attributes", self.details.len())?);
        self.view_starts.push(self.limits.offset("symbols of names", self.view_symbols.len() / 2)?);
        let mut keys = std::mem::take(&mut self.keys);
        let (pairs, initials) = (std::mem::take(&mut self.pairs), std::mem::take(&mut self.initials));
        let records = &self;
        // Two threads: one sorts the keys and tells names apart, one writes the columns.
        std::thread::scope(|scope| {
            let told = scope.spawn(move || {
                keys.sort_unstable();
                (tell_apart(tree, &WrittenNames { tree, records }, &keys), keys)
            });
            pairs.write(&mut writer, id::PAIR_STARTS, id::PAIR_LISTS)?;
            initials.write(&mut writer, id::INITIALS_KEYS, id::INITIALS_ORDINALS)?;
            records.write_columns(&mut writer, tree)?;
            let (told, keys) = told.join().map_err(|_| io::Error::other("telling names apart panicked"))?;
            writer.u32s(id::TOLD_BY, told)?;
            writer.u64s(id::KEYS, keys)
        })?;
        writer.finish()
    }

    fn write_columns<W: Write>(&self, writer: &mut SectionWriter<W>, tree: &OrgTree) -> io::Result<()> {
        let words = self.write_rows(writer, tree)?;
        let names = tree.ordinals().map(|ordinal| tree.name(ordinal));
        self.write_texts(writer, (id::NAME_STARTS, id::NAMES), "names", names)?;
        let ids = tree.ordinals().map(|ordinal| tree.id(ordinal));
        self.write_texts(writer, (id::ID_STARTS, id::IDS), "ids", ids)?;
        writer.section(id::NORMALIZED, [&self.normalized])?;
        writer.u32s(id::NORMALIZED_STARTS, self.normalized_starts.iter().copied())?;
        writer.u32s(id::CORES, self.cores.iter().copied())?;
        writer.u32s(id::PARENTS, tree.ordinals().map(|ordinal| tree.parent(ordinal).unwrap_or(NONE)))?;
        // The default tree, which is empty, has no closing value.
        let closed = |starts: &[Ordinal]| if starts.is_empty() { vec![0] } else { starts.to_vec() };
        writer.u32s(id::INNER_CHILD_STARTS, closed(tree.inner_child_starts()))?;
        writer.u32s(id::LEAF_CHILD_STARTS, closed(tree.leaf_child_starts()))?;
        writer.u32s(id::MEMBERS, tree.ordinals().map(|ordinal| tree.members(ordinal).unwrap_or(NONE)))?;
        writer.section(id::DETAILS, [&self.details])?;
        writer.u32s(id::DETAIL_STARTS, self.detail_starts.iter().copied())?;
        let successors = tree.ordinals().filter_map(|ordinal| Some((ordinal, tree.successor(ordinal)?)));
        writer.u64s(id::SUCCESSORS, successors.map(|(from, to)| u64::from(from) << 32 | u64::from(to)))?;
        writer.section(id::CODE_WORDS, [serde_json::to_vec(&words)?])?;
        writer.section(id::VIEW_SYMBOLS, [&self.view_symbols])?;
        writer.u64s(id::SIGNATURES, self.signatures.iter().copied())?;
        writer.u64s(id::VIEW_CODES, self.view_codes.iter().copied())
    }
}

impl RecordsBuilder {
    fn write_texts<'a, W: Write>(
        &self,
        writer: &mut SectionWriter<W>,
        (starts, blob): (u32, u32),
        what: &'static str,
        texts: impl Iterator<Item = &'a str>,
    ) -> io::Result<()> {
        let mut positions = vec![0u32];
        let mut end = 0;
        let mut overflow = Ok(());
        let counted = texts.map_while(|text| {
            end += text.len();
            match self.limits.offset(what, end) {
                Ok(offset) => positions.push(offset),
                Err(too_large) => overflow = Err(too_large),
            }
            overflow.is_ok().then_some(text)
        });
        writer.section(blob, counted)?;
        overflow?;
        writer.u32s(starts, positions)
    }
}

/// The normalized names that are about to be written.
struct WrittenNames<'a> {
    tree: &'a OrgTree,
    records: &'a RecordsBuilder,
}

impl Names for WrittenNames<'_> {
    fn normalized(&self, ordinal: Ordinal) -> &[u8] {
        let starts = &self.records.normalized_starts;
        match starts[ordinal as usize] as usize..starts[ordinal as usize + 1] as usize {
            same if same.is_empty() => self.tree.name(ordinal).as_bytes(),
            other => &self.records.normalized[other],
        }
    }

    fn core(&self, ordinal: Ordinal) -> &[u8] {
        self.normalized(ordinal).get(core_range(self.records.cores[ordinal as usize])).unwrap_or_default()
    }
}

fn core_range(packed: u32) -> Range<usize> {
    (packed >> 16) as usize..(packed & 0xffff) as usize
}

fn saturated(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}

/// The distinct words of one coded column, in the order they come.
#[derive(Default)]
struct WordList<'t> {
    words: Vec<String>,
    codes: HashMap<&'t str, u16>,
}

impl<'t> WordList<'t> {
    /// The number of a word; 0 for none.
    ///
    /// # Errors
    /// Where 16 bits do not tell the words apart. Validation stops a tree before that.
    fn code(&mut self, word: Option<&'t str>) -> io::Result<u16> {
        let Some(word) = word else { return Ok(0) };
        if let Some(&code) = self.codes.get(word) {
            return Ok(code);
        }
        let code = u16::try_from(self.words.len() + 1)
            .map_err(|_| io::Error::other("more than 65,535 kinds, systems, regions or statuses"))?;
        self.words.push(word.to_owned());
        self.codes.insert(word, code);
        Ok(code)
    }
}

/// The words of all coded columns while rows are written.
#[derive(Default)]
struct WordLists<'t> {
    kinds: WordList<'t>,
    systems: WordList<'t>,
    regions: WordList<'t>,
    statuses: WordList<'t>,
}

impl<'t> WordLists<'t> {
    fn codes(&mut self, tree: &'t OrgTree, ordinal: Ordinal) -> io::Result<Codes> {
        Ok(Codes {
            kind: self.kinds.code(tree.kind(ordinal).map(OrgKind::code))?,
            system: self.systems.code(tree.system(ordinal).map(HomeSystem::code))?,
            region: self.regions.code(tree.region(ordinal))?,
            status: self.statuses.code(Some(tree.status(ordinal).code()))?,
        })
    }

    fn into_words(self, tree: &OrgTree) -> CodeWords {
        CodeWords {
            len: tree.len(),
            inner_count: tree.inner_count(),
            kinds: self.kinds.words,
            systems: self.systems.words,
            regions: self.regions.words,
            statuses: self.statuses.words,
        }
    }
}

impl RecordsBuilder {
    fn write_rows<W: Write>(&self, writer: &mut SectionWriter<W>, tree: &OrgTree) -> io::Result<CodeWords> {
        let mut words = WordLists::default();
        let mut overfull = None;
        let mut depths: Vec<u8> = Vec::with_capacity(tree.len() as usize);
        let rows = tree.ordinals().map(|ordinal| {
            let depth = tree.parent(ordinal).map_or(0, |parent| depths[parent as usize].saturating_add(1));
            depths.push(depth);
            match words.codes(tree, ordinal) {
                Ok(codes) => Some(self.row(ordinal, depth, tree, codes).pack()),
                Err(error) => {
                    overfull = Some(error);
                    None
                }
            }
        });
        writer.section(id::RANK_ROWS, rows.map_while(|row| row))?;
        overfull.map_or_else(|| Ok(words.into_words(tree)), Err)
    }

    fn row(&self, ordinal: Ordinal, depth: u8, tree: &OrgTree, codes: Codes) -> RankRow {
        let at = ordinal as usize;
        let &RowFields { heads, weak, form, name_len, repeats_above } = &self.rows[at];
        let children = |starts: &[u32]| match starts.get(at..at + 2) {
            Some(&[from, to]) => to - from,
            _ => 0,
        };
        let size = children(tree.inner_child_starts()) + children(tree.leaf_child_starts());
        let log = |number: u32| number.saturating_add(1).ilog2() as u8;
        RankRow {
            parent: tree.parent(ordinal),
            view_start: self.view_starts[at],
            view_len: (self.view_starts[at + 1] - self.view_starts[at]) as u8,
            heads,
            weak,
            class: ClassKey::unpack((self.view_codes[at] >> 32) as u32),
            codes,
            name_len,
            core_len: saturated(core_range(self.cores[at]).len()),
            id_len: u8::try_from(tree.id(ordinal).len()).unwrap_or(u8::MAX),
            form,
            depth,
            size_log: log(size),
            members_log: tree.members(ordinal).map_or(0, log),
            has_details: self.detail_starts[at] != self.detail_starts[at + 1],
            is_active: *tree.status(ordinal) == OrgStatus::Active,
            repeats_above,
        }
    }
}

/// The columns of a sealed generation.
pub(crate) struct Records {
    names: Section,
    name_starts: Section,
    normalized: Section,
    normalized_starts: Section,
    cores: Section,
    ids: Section,
    id_starts: Section,
    parents: Section,
    inner_child_starts: Section,
    leaf_child_starts: Section,
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
    told_by: Section,
    words: CodeWords,
}

impl Records {
    /// Reads the table of sections; says what is wrong with a damaged file: whether every column has as many values
    /// as there are organizations. The values themselves are believed.
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
            parents: column(id::PARENTS, 4)?,
            inner_child_starts: sections.column(id::INNER_CHILD_STARTS, inner_count + 1, 4)?,
            leaf_child_starts: sections.column(id::LEAF_CHILD_STARTS, inner_count + 1, 4)?,
            rank_rows: column(id::RANK_ROWS, rank_row::LEN)?,
            members: column(id::MEMBERS, 4)?,
            details,
            detail_starts,
            successors: sections.list(id::SUCCESSORS, 8)?,
            keys: Keys::new(sections.list(id::KEYS, 8)?),
            view_symbols: sections.list(id::VIEW_SYMBOLS, 2)?,
            signatures: column(id::SIGNATURES, 8)?,
            view_codes: column(id::VIEW_CODES, 8)?,
            pairs: PairIndex::new(pair_starts, pair_lists),
            initials: InitialsIndex::new(initials_keys, initials),
            told_by: column(id::TOLD_BY, 4)?,
            words,
        })
    }

    pub(crate) fn len(&self) -> u32 {
        self.words.len
    }

    pub(crate) fn inner_count(&self) -> u32 {
        self.words.inner_count
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
        let start = ordinal as usize * rank_row::LEN;
        let row = self.rank_rows.bytes().get(start..).and_then(|rest| rest.first_chunk());
        RankRow::unpack(row.unwrap_or(&[0; rank_row::LEN]), ordinal)
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

    /// Where what the name adds to its parent's lies in the normalized name, in bytes.
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

    pub(crate) fn parent(&self, ordinal: Ordinal) -> Option<Ordinal> {
        // A parent's ordinal is smaller, so a damaged file cannot send a walk in circles.
        Some(self.parents.u32(ordinal as usize)).filter(|&parent| parent < ordinal)
    }

    /// The organizations above, nearest first.
    pub(crate) fn ancestors(&self, ordinal: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        std::iter::successors(self.parent(ordinal), |&above| self.parent(above))
    }

    /// The runs of children of a run of organizations: those with children, and leaves.
    pub(crate) fn child_runs(&self, level: &Range<Ordinal>) -> (Range<Ordinal>, Range<Ordinal>) {
        if level.end > self.inner_count() {
            return (0..0, 0..0);
        }
        // Also where a file is damaged, no run goes past the end.
        let start = |starts: &Section, at: Ordinal| starts.u32(at as usize).min(self.len());
        let run = |starts: &Section| start(starts, level.start)..start(starts, level.end);
        (run(&self.inner_child_starts), run(&self.leaf_child_starts))
    }

    /// Appends the ascending runs of an organization and all below it.
    pub(crate) fn subtree_runs(&self, ordinal: Ordinal, runs: &mut Vec<Range<Ordinal>>) {
        let own = ordinal..ordinal + 1;
        runs.push(own.clone());
        let mut level = own;
        while !level.is_empty() {
            let (inner, leaves) = self.child_runs(&level);
            runs.extend([inner.clone(), leaves].into_iter().filter(|run| !run.is_empty()));
            // Children come after their parents, also where a file is damaged.
            level = if inner.start >= level.end { inner } else { 0..0 };
        }
    }

    /// What tells it from others of its name.
    pub(crate) fn told_by(&self, ordinal: Ordinal) -> ToldBy {
        ToldBy::unpack(self.told_by.u32(ordinal as usize))
    }

    pub(crate) fn codes(&self, ordinal: Ordinal) -> Codes {
        self.rank_row(ordinal).codes
    }

    pub(crate) fn kind(&self, ordinal: Ordinal) -> Option<OrgKind> {
        word(&self.words.kinds, self.codes(ordinal).kind).map(OrgKind::parse)
    }

    pub(crate) fn system(&self, ordinal: Ordinal) -> Option<HomeSystem> {
        word(&self.words.systems, self.codes(ordinal).system).map(HomeSystem::parse)
    }

    pub(crate) fn region(&self, ordinal: Ordinal) -> Option<&str> {
        word(&self.words.regions, self.codes(ordinal).region)
    }

    pub(crate) fn status(&self, ordinal: Ordinal) -> OrgStatus {
        word(&self.words.statuses, self.codes(ordinal).status).map_or(OrgStatus::Active, OrgStatus::parse)
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

    /// The organization with this id.
    pub(crate) fn find_id(&self, id: &str) -> Option<Ordinal> {
        self.keys.find(KeyKind::Id, id).find(|&ordinal| self.id(ordinal) == id)
    }

    /// The organizations whose normalized official name is this text, ascending.
    pub(crate) fn find_name<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Ordinal> + 'a {
        self.keys
            .find(KeyKind::Name, text)
            .filter(move |&ordinal| self.normalized_bytes(ordinal) == text.as_bytes())
    }

    /// The organizations whose core is this text: those that bear it as their whole name, and those with more
    /// around it; each group ascending.
    pub(crate) fn find_core<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Ordinal> + 'a {
        self.keys
            .find(KeyKind::Core, text)
            .filter(move |&ordinal| self.is_core(ordinal, text))
            .chain(self.find_name(text).filter(move |&ordinal| self.is_core(ordinal, text)))
    }

    /// Organizations that may bear this text as their whole name: nearly all do, but nothing is compared.
    pub(crate) fn may_bear_name(&self, text: &str) -> impl Iterator<Item = Ordinal> + '_ {
        self.keys.find(KeyKind::Name, text)
    }

    /// Organizations whose core may be this text: nearly all do, but nothing is compared.
    pub(crate) fn may_bear_core(&self, text: &str) -> impl Iterator<Item = Ordinal> + '_ {
        self.keys.find(KeyKind::Core, text).chain(self.keys.find(KeyKind::Name, text))
    }

    /// The organizations that have this text as an alias, ascending.
    pub(crate) fn find_alias<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Ordinal> + 'a {
        self.keys.find(KeyKind::Alias, text).filter(move |&ordinal| {
            self.details(ordinal).aliases.iter().any(|alias| crate::normalize(alias) == text)
        })
    }

    /// The organizations that once bore this text as their name, ascending.
    pub(crate) fn find_former_name<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Ordinal> + 'a {
        self.keys.find(KeyKind::FormerName, text).filter(move |&ordinal| {
            self.details(ordinal).former_names.iter().any(|name| crate::normalize(name) == text)
        })
    }
}

#[inline]
fn initials_and_class(both: u64) -> (u32, u32) {
    (both as u32, (both >> 32) as u32)
}

fn word(words: &[String], code: u16) -> Option<&str> {
    words.get(usize::from(code).checked_sub(1)?).map(String::as_str)
}
