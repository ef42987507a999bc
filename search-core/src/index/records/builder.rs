//! Collects the columns of `records.bin` while documents come in.

use crate::index::document::OrgDocument;
use crate::index::initials_index::InitialsBuilder;
use crate::index::keys::{KeyKind, key};
use crate::index::limits::{IndexLimits, TooLarge};
use crate::index::name_view::placed_symbols;
use crate::index::pair_index::PairIndexBuilder;
use crate::index::prior::priors;
use crate::index::spellings::spellings;
use crate::index::views::ViewsBuilder;
use crate::text::forms;
use crate::text::symbols::Symbol;
use index_data::model::{LevelOrder, Ordinal, OrgTree};

/// Collects what is computed for each document, then writes all columns.
#[derive(Default)]
pub(crate) struct RecordsBuilder {
    pub(super) limits: IndexLimits,
    pub(super) part: PartOfTree,
    pub(super) normalized: Vec<u8>,
    pub(super) normalized_starts: Vec<u32>,
    pub(super) cores: Vec<u32>,
    /// Where the other views and the details of each organization begin.
    pub(super) detail_starts: Vec<u32>,
    /// The other views alone: the details are still in the tree, and are read there when they are written.
    pub(super) other_views: Vec<u8>,
    /// Bytes of all other views and details.
    pub(super) details_len: usize,
    /// Packed details, to be measured.
    pub(super) packed: Vec<u8>,
    pub(super) keys: Vec<u64>,
    pub(super) views: ViewsBuilder,
    /// What is known of each row before the tree's columns are.
    pub(super) rows: Vec<RowFields>,
    pub(super) signatures: Vec<u64>,
    /// Initial letters, and the class key.
    pub(super) view_codes: Vec<u64>,
    /// The priors but for the age of classes.
    pub(super) priors: Vec<u8>,
    pub(super) pairs: PairIndexBuilder,
    pub(super) initials: InitialsBuilder,
}

/// What a segment needs to know where its tree is part of a larger one; the default: it is all there is.
#[derive(Debug, Clone, Default)]
pub(crate) struct PartOfTree {
    /// For each organization whether it is a stub: it stands here for its name above others, and is not found here.
    /// Empty: there are none.
    pub(crate) stubs: Vec<bool>,
    /// The newest year of the classes of the whole tree; outer `None`: that of this tree.
    pub(crate) newest_year: Option<Option<u16>>,
}

impl PartOfTree {
    pub(crate) fn is_stub(&self, ordinal: Ordinal) -> bool {
        self.stubs.get(ordinal as usize) == Some(&true)
    }
}

/// What a document tells for its row.
pub(super) struct RowFields {
    pub(super) view: u32,
    pub(super) view_len: u8,
    /// See [`forms::code`].
    pub(super) form: u8,
    pub(super) name_len: u16,
    pub(super) repeats_above: bool,
}

impl RecordsBuilder {
    /// With room for all organizations: columns that grow by doubling are copied again and again.
    pub(crate) fn new(tree: &OrgTree, limits: IndexLimits, part: PartOfTree) -> Self {
        const KEYS_OF_ONE: usize = 3;
        let orgs = tree.len() as usize;
        RecordsBuilder {
            limits,
            part,
            normalized_starts: Vec::with_capacity(orgs + 1),
            cores: Vec::with_capacity(orgs),
            detail_starts: Vec::with_capacity(orgs + 1),
            keys: Vec::with_capacity(KEYS_OF_ONE * orgs),
            rows: Vec::with_capacity(orgs),
            signatures: Vec::with_capacity(orgs),
            view_codes: Vec::with_capacity(orgs),
            priors: priors(tree),
            pairs: PairIndexBuilder::with_capacity(orgs, limits),
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
        self.add_details(document)?;
        if !self.part.is_stub(document.ordinal) {
            self.add_keys(tree, document);
        }
        self.add_view(tree, document)
    }

    /// See [`PartOfTree::is_stub`].
    pub(crate) fn is_stub(&self, ordinal: Ordinal) -> bool {
        self.part.is_stub(ordinal)
    }

    fn add_details(&mut self, document: &OrgDocument) -> Result<(), TooLarge> {
        self.detail_starts.push(self.limits.offset("aliases and attributes", self.details_len)?);
        if !document.details.is_empty() || !document.other_views.is_empty() {
            let views_start = self.other_views.len();
            document.other_views.pack(&mut self.other_views);
            self.packed.clear();
            document.details.pack(&mut self.packed);
            self.details_len += self.other_views.len() - views_start + self.packed.len();
        }
        Ok(())
    }

    fn add_view(&mut self, tree: &OrgTree, document: &OrgDocument) -> Result<(), TooLarge> {
        let (ordinal, view) = (document.ordinal, &document.view);
        self.rows.push(RowFields {
            view: self.views.add(view, self.limits)?,
            view_len: view.symbols.len() as u8,
            form: forms::code(forms::split(&document.name).family),
            name_len: saturated(document.name.len()),
            repeats_above: document.repeats_above(),
        });
        self.signatures.push(view.signature());
        let class = view.class_key();
        self.view_codes.push(u64::from(class.pack()) << 32 | u64::from(view.initials()));
        if document.is_told_by_its_name(tree) && !self.part.is_stub(ordinal) {
            self.pairs.add(ordinal, &document.above_view, view, document.other_views.all());
            self.limits.offset("pairs of symbols", self.pairs.len())?;
            self.add_initials(tree, document);
        }
        Ok(())
    }

    fn add_initials(&mut self, tree: &OrgTree, document: &OrgDocument) {
        let ordinal = document.ordinal;
        let core: Vec<Symbol> = if document.repeats_above() {
            let placed = placed_symbols(tree.name(ordinal), &document.name, document.core.clone());
            placed.into_iter().map(|placed| placed.symbol).collect()
        } else {
            document.view.symbols.clone()
        };
        let initials = &mut self.initials;
        spellings(&core, document, tree.is_unit(ordinal), |text| initials.add(ordinal, text));
    }

    fn add_keys(&mut self, tree: &OrgTree, document: &OrgDocument) {
        let ordinal = document.ordinal;
        self.keys.push(key(KeyKind::Id, tree.id(ordinal), ordinal));
        self.keys.push(key(KeyKind::Name, &document.name, ordinal));
        if document.core.len() < document.name.len() {
            self.keys.push(key(KeyKind::Core, document.core(), ordinal));
        }
        self.keys.extend(document.aliases.iter().map(|alias| key(KeyKind::Alias, alias, ordinal)));
        let short_names = document.short_names.iter().map(|name| crate::normalize(name));
        self.keys.extend(short_names.map(|name| key(KeyKind::ShortName, &name, ordinal)));
        self.keys.extend(document.former_names.iter().map(|name| key(KeyKind::FormerName, name, ordinal)));
    }
}

fn saturated(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}

/// Where the core lies, as [`RecordsBuilder::cores`] keeps it.
pub(super) fn core_range(packed: u32) -> std::ops::Range<usize> {
    (packed >> 16) as usize..(packed & 0xffff) as usize
}
