//! The records of a generation: every field of every organization as columns, read where they lie.

use super::document::OrgDocument;
use super::initials_index::{InitialsBuilder, InitialsIndex};
use super::keys::{KeyKind, Keys, key};
use super::name_view::{OtherViews, inherited_len, path_text};
use super::pair_index::{PairIndex, PairIndexBuilder};
use super::sections::{Bytes, Section, SectionWriter, Sections};
use super::told_by::{Names, ToldBy, tell_apart};
use crate::text::forms::{self, Form};
use crate::text::symbols::Symbol;
use index_data::model::{Details, HomeSystem, Ordinal, OrgKind, OrgStatus, OrgTree};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::ops::Range;

const NONE: u32 = u32::MAX;
/// Where the form stands beside the packed class key.
const FORM_SHIFT: u32 = 28;
/// Where it stands whether the name repeats the end of its parent's.
const REPEATS_SHIFT: u32 = 31;

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
    pub(super) const CODES: u32 = 11;
    pub(super) const MEMBERS: u32 = 12;
    pub(super) const DETAILS: u32 = 13;
    pub(super) const DETAIL_STARTS: u32 = 14;
    pub(super) const SUCCESSORS: u32 = 15;
    pub(super) const CODE_WORDS: u32 = 16;
    pub(super) const KEYS: u32 = 17;
    pub(super) const VIEW_SYMBOLS: u32 = 18;
    pub(super) const VIEW_STARTS: u32 = 19;
    pub(super) const VIEW_WORDS: u32 = 20;
    pub(super) const SIGNATURES: u32 = 21;
    pub(super) const VIEW_CODES: u32 = 22;
    pub(super) const PAIR_STARTS: u32 = 23;
    pub(super) const PAIR_LISTS: u32 = 24;
    pub(super) const INITIALS_KEYS: u32 = 25;
    pub(super) const INITIALS_ORDINALS: u32 = 26;
    pub(super) const TOLD_BY: u32 = 27;
    pub(super) const COUNT: usize = 27;
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
    normalized: Vec<u8>,
    normalized_starts: Vec<u32>,
    cores: Vec<u32>,
    details: Vec<u8>,
    detail_starts: Vec<u32>,
    keys: Vec<u64>,
    view_symbols: Vec<u8>,
    view_starts: Vec<u32>,
    /// Where words begin, and which words say little.
    view_words: Vec<u64>,
    signatures: Vec<u64>,
    /// Initial letters, and the class key.
    view_codes: Vec<u64>,
    pairs: PairIndexBuilder,
    initials: InitialsBuilder,
}

impl RecordsBuilder {
    /// Takes the next document in ordinal order.
    pub(crate) fn add(&mut self, tree: &OrgTree, document: &OrgDocument) {
        self.normalized_starts.push(self.normalized.len() as u32);
        if document.name.is_empty() {
            // Only what differs from the raw name is kept, so "nothing left" needs a text that no query holds.
            self.normalized.push(0);
        } else if document.name != tree.name(document.ordinal) {
            self.normalized.extend_from_slice(document.name.as_bytes());
        }
        self.cores.push((document.core.start as u32) << 16 | document.core.end as u32 & 0xffff);
        self.detail_starts.push(self.details.len() as u32);
        if !document.details.is_empty() {
            document.other_views.pack(&mut self.details);
            document.details.pack(&mut self.details);
        }
        self.add_keys(tree, document);
        self.add_view(tree, document);
    }

    fn add_view(&mut self, tree: &OrgTree, document: &OrgDocument) {
        let (ordinal, view) = (document.ordinal, &document.view);
        self.view_starts.push(self.view_symbols.len() as u32 / 2);
        self.view_symbols.extend(view.symbols.iter().flat_map(|symbol| symbol.to_le_bytes()));
        self.view_words.push(u64::from(view.weak) << 32 | u64::from(view.heads));
        self.signatures.push(view.signature());
        let class = view.class_key();
        let form = forms::code(forms::split(&document.name).family);
        let packed = u64::from(class.pack())
            | u64::from(form) << FORM_SHIFT
            | u64::from(document.repeats_above()) << REPEATS_SHIFT;
        self.view_codes.push(packed << 32 | u64::from(view.initials()));
        if ordinal < tree.inner_count() || class.is_empty() {
            self.pairs.add(ordinal, &document.above_view, view, document.other_views.all());
            self.initials.add(ordinal, document.core());
            self.initials.add(ordinal, document.added());
            self.initials.add(ordinal, &document.two_levels);
        }
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
        self.normalized_starts.push(self.normalized.len() as u32);
        let mut keys = std::mem::take(&mut self.keys);
        keys.sort_unstable();
        let names = WrittenNames { tree, records: &self };
        writer.u32s(id::TOLD_BY, tell_apart(tree, &names, &keys))?;
        writer.u64s(id::KEYS, keys)?;
        write_texts(
            &mut writer,
            id::NAMES,
            id::NAME_STARTS,
            tree.ordinals().map(|ordinal| tree.name(ordinal)),
        )?;
        write_texts(&mut writer, id::IDS, id::ID_STARTS, tree.ordinals().map(|ordinal| tree.id(ordinal)))?;
        writer.section(id::NORMALIZED, [&self.normalized])?;
        writer.u32s(id::NORMALIZED_STARTS, self.normalized_starts)?;
        writer.u32s(id::CORES, self.cores)?;
        writer.u32s(id::PARENTS, tree.ordinals().map(|ordinal| tree.parent(ordinal).unwrap_or(NONE)))?;
        writer.u32s(id::INNER_CHILD_STARTS, tree.inner_child_starts().iter().copied())?;
        writer.u32s(id::LEAF_CHILD_STARTS, tree.leaf_child_starts().iter().copied())?;
        let words = write_codes(&mut writer, tree)?;
        writer.u32s(id::MEMBERS, tree.ordinals().map(|ordinal| tree.members(ordinal).unwrap_or(NONE)))?;
        self.detail_starts.push(self.details.len() as u32);
        writer.section(id::DETAILS, [&self.details])?;
        writer.u32s(id::DETAIL_STARTS, self.detail_starts)?;
        let successors = tree.ordinals().filter_map(|ordinal| Some((ordinal, tree.successor(ordinal)?)));
        writer.u64s(id::SUCCESSORS, successors.map(|(from, to)| u64::from(from) << 32 | u64::from(to)))?;
        writer.section(id::CODE_WORDS, [serde_json::to_vec(&words)?])?;
        self.view_starts.push(self.view_symbols.len() as u32 / 2);
        writer.section(id::VIEW_SYMBOLS, [&self.view_symbols])?;
        writer.u32s(id::VIEW_STARTS, self.view_starts)?;
        writer.u64s(id::VIEW_WORDS, self.view_words)?;
        writer.u64s(id::SIGNATURES, self.signatures)?;
        writer.u64s(id::VIEW_CODES, self.view_codes)?;
        self.pairs.write(&mut writer, id::PAIR_STARTS, id::PAIR_LISTS)?;
        self.initials.write(&mut writer, id::INITIALS_KEYS, id::INITIALS_ORDINALS)?;
        writer.finish()
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

fn write_texts<'a, W: Write>(
    writer: &mut SectionWriter<W>,
    blob: u32,
    starts: u32,
    texts: impl Iterator<Item = &'a str>,
) -> io::Result<()> {
    let mut positions = vec![0u32];
    let mut end = 0u32;
    writer.section(
        blob,
        texts.inspect(|text| {
            end += text.len() as u32;
            positions.push(end);
        }),
    )?;
    writer.u32s(starts, positions)
}

fn write_codes<W: Write>(writer: &mut SectionWriter<W>, tree: &OrgTree) -> io::Result<CodeWords> {
    fn code(words: &mut Vec<String>, word: Option<&str>) -> u16 {
        let Some(word) = word else { return 0 };
        let at = words.iter().position(|known| known == word).unwrap_or_else(|| {
            words.push(word.to_owned());
            words.len() - 1
        });
        u16::try_from(at + 1).unwrap_or(0)
    }
    let mut words = CodeWords { len: tree.len(), inner_count: tree.inner_count(), ..CodeWords::default() };
    let rows = tree.ordinals().map(|ordinal| {
        let codes = [
            code(&mut words.kinds, tree.kind(ordinal).map(OrgKind::code)),
            code(&mut words.systems, tree.system(ordinal).map(HomeSystem::code)),
            code(&mut words.regions, tree.region(ordinal)),
            code(&mut words.statuses, Some(tree.status(ordinal).code())),
        ];
        let mut bytes = [0; 8];
        bytes.chunks_exact_mut(2).zip(codes).for_each(|(two, code)| two.copy_from_slice(&code.to_le_bytes()));
        bytes
    });
    writer.section(id::CODES, rows)?;
    Ok(words)
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
    codes: Section,
    members: Section,
    details: Section,
    detail_starts: Section,
    successors: Section,
    keys: Keys,
    view_symbols: Section,
    view_starts: Section,
    view_words: Section,
    signatures: Section,
    view_codes: Section,
    pairs: PairIndex,
    initials: InitialsIndex,
    told_by: Section,
    words: CodeWords,
}

impl Records {
    /// Reads the table of sections; says what is wrong with a damaged file.
    pub(crate) fn open(bytes: Bytes) -> Result<Records, String> {
        let sections = Sections::open(bytes, id::COUNT)?;
        let section = |id| sections.section(id);
        let words = serde_json::from_slice(section(id::CODE_WORDS)?.bytes())
            .map_err(|error| format!("its code words cannot be read: {error}"))?;
        Ok(Records {
            names: section(id::NAMES)?,
            name_starts: section(id::NAME_STARTS)?,
            normalized: section(id::NORMALIZED)?,
            normalized_starts: section(id::NORMALIZED_STARTS)?,
            cores: section(id::CORES)?,
            ids: section(id::IDS)?,
            id_starts: section(id::ID_STARTS)?,
            parents: section(id::PARENTS)?,
            inner_child_starts: section(id::INNER_CHILD_STARTS)?,
            leaf_child_starts: section(id::LEAF_CHILD_STARTS)?,
            codes: section(id::CODES)?,
            members: section(id::MEMBERS)?,
            details: section(id::DETAILS)?,
            detail_starts: section(id::DETAIL_STARTS)?,
            successors: section(id::SUCCESSORS)?,
            keys: Keys::new(section(id::KEYS)?),
            view_symbols: section(id::VIEW_SYMBOLS)?,
            view_starts: section(id::VIEW_STARTS)?,
            view_words: section(id::VIEW_WORDS)?,
            signatures: section(id::SIGNATURES)?,
            view_codes: section(id::VIEW_CODES)?,
            pairs: PairIndex::new(section(id::PAIR_STARTS)?, section(id::PAIR_LISTS)?),
            initials: InitialsIndex::new(section(id::INITIALS_KEYS)?, section(id::INITIALS_ORDINALS)?),
            told_by: section(id::TOLD_BY)?,
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

    /// What the name adds to its parent's, as symbols.
    #[inline]
    pub(crate) fn view_symbols(&self, ordinal: Ordinal) -> impl ExactSizeIterator<Item = Symbol> + '_ {
        let at = ordinal as usize;
        let range = self.view_starts.u32(at) as usize * 2..self.view_starts.u32(at + 1) as usize * 2;
        let bytes = self.view_symbols.bytes().get(range).unwrap_or_default();
        bytes.chunks_exact(2).map(|two| two.try_into().map_or(0, u16::from_le_bytes))
    }

    /// Where words begin in the view, and which words say little, as bits.
    #[inline]
    pub(crate) fn view_words(&self, ordinal: Ordinal) -> (u32, u32) {
        let both = self.view_words.u64(ordinal as usize);
        (both as u32, (both >> 32) as u32)
    }

    /// The sounds of the view, as bits.
    #[inline]
    pub(crate) fn signature(&self, ordinal: Ordinal) -> u64 {
        self.signatures.u64(ordinal as usize)
    }

    /// The letters that symbols of the view begin with, as bits, and the packed class key.
    #[inline]
    pub(crate) fn view_codes(&self, ordinal: Ordinal) -> (u32, u32) {
        let both = self.view_codes.u64(ordinal as usize);
        (both as u32, (both >> 32) as u32 & ((1 << FORM_SHIFT) - 1))
    }

    /// The family of the form word that ends the name.
    #[inline]
    pub(crate) fn form(&self, ordinal: Ordinal) -> Option<Form> {
        forms::of_code((self.view_codes.u64(ordinal as usize) >> (32 + FORM_SHIFT)) as u8 & 7)
    }

    /// Whether the name begins with what its parent's ends with.
    #[inline]
    pub(crate) fn repeats_above(&self, ordinal: Ordinal) -> bool {
        self.view_codes.u64(ordinal as usize) >> (32 + REPEATS_SHIFT) & 1 == 1
    }

    /// Lengths in bytes of the id, the normalized name and its core.
    #[inline]
    pub(crate) fn lens(&self, ordinal: Ordinal) -> [usize; 3] {
        let at = ordinal as usize;
        let len = |starts: &Section| (starts.u32(at + 1) - starts.u32(at)) as usize;
        let name = match len(&self.normalized_starts) {
            0 => len(&self.name_starts),
            other => other,
        };
        [len(&self.id_starts), name, self.core_range(ordinal).len()]
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
        let run = |starts: &Section| starts.u32(level.start as usize)..starts.u32(level.end as usize);
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
        let both = self.codes.u64(ordinal as usize);
        let code = |shift: u32| (both >> shift) as u16;
        Codes { kind: code(0), system: code(16), region: code(32), status: code(48) }
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

    pub(crate) fn is_active(&self, ordinal: Ordinal) -> bool {
        word(&self.words.statuses, self.codes(ordinal).status)
            .is_none_or(|word| word == OrgStatus::Active.code())
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

fn word(words: &[String], code: u16) -> Option<&str> {
    words.get(usize::from(code).checked_sub(1)?).map(String::as_str)
}
