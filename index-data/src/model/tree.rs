//! The tree of organizations: valid by construction, compact, numbered so that the numbers mean something.

use super::details::Details;
use super::interner::Interner;
use super::level_order::{LevelOrder, Ordinal};
use super::org::{HomeSystem, OrgKind, OrgStatus, OrgUnit};
use super::text_column::TextColumn;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::ops::Range;

pub(super) const NONE: u32 = u32::MAX;

/// All organizations of one export, as one or more trees.
///
/// Valid by construction: ids are unique and not empty, names are not empty, every parent exists, there is no cycle.
///
/// **Ordinals are in level order**, which is also the static rank: first every organization that has others below
/// it, then the leaves (most of them classes); within each of the two by depth; within a depth in the order of the
/// parents; siblings by kind, active ones first, then by name with numbers in numeric order, then by id. Therefore
///
/// - a parent's ordinal is smaller than its children's;
/// - the order does not depend on the order of the rows in the file;
/// - a subtree is at most two contiguous runs of ordinals per level ([`Self::subtree`]).
///
/// Memory: about 60 bytes an organization besides its id and name, which lie in two shared blobs.
///
/// ```
/// use index_data::load::SourceRow;
/// use index_data::validate::validate_rows;
///
/// let row = |id: &str, name: &str, parent: &str| SourceRow {
///     id: id.into(), name: name.into(), parent_id: parent.into(), ..SourceRow::default()
/// };
/// let checked = validate_rows([
///     row("3", "2024级1班团支部", "2"),
///     row("1", "共青团北京市委员会", ""),
///     row("2", "共青团北京大学委员会", "1"),
/// ]);
/// let tree = checked.tree.expect("these rows are valid");
/// let class = tree.find("3").expect("it is there");
/// let path: Vec<&str> = tree.ancestors(class).map(|ordinal| tree.name(ordinal)).collect();
/// assert_eq!(path, ["共青团北京大学委员会", "共青团北京市委员会"]);
/// assert!(tree.is_within(class, tree.find("1").unwrap()));
/// ```
#[derive(Debug, Clone, Default)]
pub struct OrgTree {
    pub(super) ids: Interner,
    pub(super) ordinal_of_symbol: Vec<u32>,
    pub(super) id_symbols: Vec<u32>,
    pub(super) names: TextColumn,
    pub(super) parents: Vec<u32>,
    pub(super) kinds: Vec<u16>,
    pub(super) systems: Vec<u16>,
    pub(super) regions: Vec<u16>,
    pub(super) statuses: Vec<u16>,
    pub(super) members: Vec<u32>,
    pub(super) details: Vec<u32>,
    pub(super) details_blob: Vec<u8>,
    pub(super) successors: BTreeMap<u32, u32>,
    pub(super) kind_words: Words<OrgKind>,
    pub(super) system_words: Words<HomeSystem>,
    pub(super) region_words: Words<String>,
    pub(super) status_words: Words<OrgStatus>,
    pub(super) inner_count: u32,
    pub(super) inner_child_starts: Vec<u32>,
    pub(super) leaf_child_starts: Vec<u32>,
}

/// The few distinct values of a column; rows hold their numbers. Number 0 means "not said".
#[derive(Debug, Clone)]
pub(super) struct Words<T> {
    words: Vec<T>,
    codes: HashMap<T, u16>,
}

impl<T> Default for Words<T> {
    fn default() -> Self {
        Words { words: Vec::new(), codes: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Words<T> {
    /// The number of a word; `None` for a new one where there are `most` already.
    pub(super) fn code(&mut self, word: &T, most: u16) -> Option<u16> {
        if let Some(&code) = self.codes.get(word) {
            return Some(code);
        }
        let code = u16::try_from(self.words.len() + 1).ok().filter(|&code| code <= most)?;
        self.words.push(word.clone());
        self.codes.insert(word.clone(), code);
        Some(code)
    }

    pub(super) fn word(&self, code: u16) -> Option<&T> {
        self.words.get(usize::from(code).checked_sub(1)?)
    }
}

impl OrgTree {
    /// How many organizations there are.
    pub fn len(&self) -> u32 {
        self.parents.len() as u32
    }

    /// Whether there is no organization at all.
    pub fn is_empty(&self) -> bool {
        self.parents.is_empty()
    }

    /// How many organizations have others below them; their ordinals are `0..inner_count()`.
    pub fn inner_count(&self) -> u32 {
        self.inner_count
    }

    /// All ordinals in order.
    pub fn ordinals(&self) -> Range<Ordinal> {
        0..self.len()
    }

    /// The ordinal of the organization with this id.
    pub fn find(&self, id: &str) -> Option<Ordinal> {
        let symbol = self.ids.find(id)?;
        self.ordinal_of_symbol.get(symbol as usize).copied().filter(|&ordinal| ordinal != NONE)
    }

    /// Its id.
    pub fn id(&self, ordinal: Ordinal) -> &str {
        self.ids.get(self.id_symbols[ordinal as usize])
    }

    /// Its official name.
    pub fn name(&self, ordinal: Ordinal) -> &str {
        self.names.get(ordinal)
    }

    /// The organization above it; `None` for a root.
    pub fn parent(&self, ordinal: Ordinal) -> Option<Ordinal> {
        LevelOrder::parent(self, ordinal)
    }

    /// The organizations above it, nearest first.
    pub fn ancestors(&self, ordinal: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        LevelOrder::ancestors(self, ordinal)
    }

    /// How many organizations stand above it.
    pub fn depth(&self, ordinal: Ordinal) -> usize {
        self.ancestors(ordinal).count()
    }

    /// Its children: those that have children themselves, then the leaves, each in static order.
    pub fn children(&self, ordinal: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        LevelOrder::children(self, ordinal)
    }

    /// Whether it is `above` or stands below it.
    pub fn is_within(&self, ordinal: Ordinal, above: Ordinal) -> bool {
        LevelOrder::is_within(self, ordinal, above)
    }

    /// The organization and all below it, as ascending runs of ordinals.
    pub fn subtree(&self, ordinal: Ordinal) -> Subtree {
        let mut runs = Vec::new();
        self.subtree_runs(ordinal, &mut runs);
        runs.sort_unstable_by_key(|run| run.start);
        Subtree { runs }
    }

    /// For each organization that has children, where its run of inner children begins, and one closing value:
    /// `inner_count() + 1` ascending ordinals.
    pub fn inner_child_starts(&self) -> &[Ordinal] {
        &self.inner_child_starts
    }

    /// The same for its run of leaf children.
    pub fn leaf_child_starts(&self) -> &[Ordinal] {
        &self.leaf_child_starts
    }

    /// Its kind, if the row says it.
    pub fn kind(&self, ordinal: Ordinal) -> Option<&OrgKind> {
        self.kind_words.word(self.kinds[ordinal as usize])
    }

    /// Its home system: its own, or the nearest ancestor's that has one.
    pub fn system(&self, ordinal: Ordinal) -> Option<&HomeSystem> {
        self.inherited(&self.systems, ordinal).and_then(|code| self.system_words.word(code))
    }

    /// Its region: its own, or the nearest ancestor's that has one.
    pub fn region(&self, ordinal: Ordinal) -> Option<&str> {
        self.inherited(&self.regions, ordinal)
            .and_then(|code| self.region_words.word(code))
            .map(String::as_str)
    }

    /// The home system that its row says; `None` where it takes over the one above.
    pub fn own_system(&self, ordinal: Ordinal) -> Option<&HomeSystem> {
        self.system_words.word(self.systems[ordinal as usize])
    }

    /// The region that its row says; `None` where it takes over the one above.
    pub fn own_region(&self, ordinal: Ordinal) -> Option<&str> {
        self.region_words.word(self.regions[ordinal as usize]).map(String::as_str)
    }

    fn inherited(&self, codes: &[u16], ordinal: Ordinal) -> Option<u16> {
        std::iter::once(ordinal)
            .chain(self.ancestors(ordinal))
            .map(|at| codes[at as usize])
            .find(|&code| code != 0)
    }

    /// Its members, if the row says it.
    pub fn members(&self, ordinal: Ordinal) -> Option<u32> {
        Some(self.members[ordinal as usize]).filter(|&members| members != NONE)
    }

    /// Its status; [`OrgStatus::Active`] where the row says nothing.
    pub fn status(&self, ordinal: Ordinal) -> &OrgStatus {
        self.status_words.word(self.statuses[ordinal as usize]).unwrap_or(&OrgStatus::Active)
    }

    /// Where its members went, if the row says it and the successor exists.
    pub fn successor(&self, ordinal: Ordinal) -> Option<Ordinal> {
        self.successors.get(&ordinal).copied()
    }

    /// Its aliases, former names and attributes.
    pub fn details(&self, ordinal: Ordinal) -> Details {
        self.packed_details(ordinal).and_then(Details::unpack).unwrap_or_default()
    }

    fn packed_details(&self, ordinal: Ordinal) -> Option<&[u8]> {
        let start = self.details[ordinal as usize];
        (start != NONE).then(|| &self.details_blob[start as usize..])
    }

    /// The whole record, as its row said it (system and region not inherited).
    pub fn org(&self, ordinal: Ordinal) -> OrgUnit {
        let details = self.details(ordinal);
        OrgUnit {
            id: self.id(ordinal).to_owned(),
            name: self.name(ordinal).to_owned(),
            parent_id: self.parent(ordinal).map(|parent| self.id(parent).to_owned()),
            kind: self.kind(ordinal).cloned(),
            system: self.own_system(ordinal).cloned(),
            region: self.own_region(ordinal).map(str::to_owned),
            members: self.members(ordinal),
            status: self.status(ordinal).clone(),
            aliases: details.aliases,
            former_names: details.former_names,
            successor_id: self.successor(ordinal).map(|successor| self.id(successor).to_owned()),
            attributes: details.attributes,
        }
    }
}

impl LevelOrder for OrgTree {
    fn len(&self) -> Ordinal {
        OrgTree::len(self)
    }

    fn inner_count(&self) -> Ordinal {
        OrgTree::inner_count(self)
    }

    fn stored_parent(&self, ordinal: Ordinal) -> Ordinal {
        self.parents[ordinal as usize]
    }

    fn child_starts(&self, at: Ordinal) -> (Ordinal, Ordinal) {
        let start = |starts: &[Ordinal]| starts.get(at as usize).copied().unwrap_or(0);
        (start(&self.inner_child_starts), start(&self.leaf_child_starts))
    }
}

/// An organization and all below it: ascending, disjoint runs of ordinals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtree {
    runs: Vec<Range<Ordinal>>,
}

impl Subtree {
    /// The runs, ascending.
    pub fn runs(&self) -> &[Range<Ordinal>] {
        &self.runs
    }

    /// How many organizations it holds.
    pub fn len(&self) -> u32 {
        self.runs.iter().map(|run| run.end - run.start).sum()
    }

    /// Always false, as the organization itself is in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it holds this organization.
    pub fn contains(&self, ordinal: Ordinal) -> bool {
        self.runs.iter().any(|run| run.contains(&ordinal))
    }
}
