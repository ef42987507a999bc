//! The records of both segments under one range of ordinals.

use super::hidden::Hidden;
use super::hierarchy::Hierarchy;
use super::initials::Initials;
use super::pairs::Pairs;
use crate::index::codes::{CodeWords, Codes};
use crate::index::columns::IdText;
use crate::index::disambiguator::Disambiguator;
use crate::index::name_view::OtherViews;
use crate::index::rank_row::{RankRow, UnitRow};
use crate::index::records::SegmentRecords;
use crate::number_hash::NumberHash;
use crate::text::symbols::Symbol;
use index_data::model::{Details, HomeSystem, Ordinal, OrgKind, OrgStatus, OrgUnit, SiblingKey};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A map by ordinal.
pub(super) type ByOrdinal<T> = HashMap<Ordinal, T, NumberHash>;

/// Every field of every organization: of the base, and of an overlay if there is one.
#[derive(Clone)]
pub(crate) struct Records {
    pub(super) base: Arc<SegmentRecords>,
    overlay: Option<Arc<OverlayRecords>>,
}

/// The records of an overlay, and what they change of the base's.
pub(crate) struct OverlayRecords {
    pub(super) segment: SegmentRecords,
    /// The ordinal of its first organization.
    pub(super) start: Ordinal,
    pub(super) hidden: Hidden,
    /// For each of its organizations the one of the base that it is a stub of; its own ordinal where it is none.
    pub(super) seen_as: Vec<Ordinal>,
    /// Its stubs, by the ordinals in the base: places within the overlay.
    pub(super) stub_of: ByOrdinal<Ordinal>,
    /// What stands for tombstones now: ordinals of the overlay.
    pub(super) moved_to: ByOrdinal<Ordinal>,
    /// Units of the base with other organizations below them than before.
    pub(super) units: ByOrdinal<UnitPatch>,
    /// What tells organizations apart whose name others got or lost, packed.
    pub(super) disambiguators: ByOrdinal<u8>,
    /// The words of the base, then those that only the overlay has.
    pub(super) words: CodeWords,
    /// The codes of the overlay's own words, by its codes: kinds, systems, regions, statuses.
    pub(super) codes: [Vec<u16>; 4],
    /// Units that can be seen, and all organizations that can be.
    pub(super) units_visible: u32,
    pub(super) orgs_visible: u32,
}

/// What of a unit of the base depends on the organizations below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct UnitPatch {
    pub(crate) children: u32,
    pub(crate) descendants: u64,
    /// Members at it and below it.
    pub(crate) members_below: u64,
    pub(crate) prior: u8,
}

impl From<SegmentRecords> for Records {
    fn from(base: SegmentRecords) -> Self {
        Records { base: Arc::new(base), overlay: None }
    }
}

/// Hands a question to the segment of an organization.
macro_rules! of_segment {
    ($($(#[$doc:meta])* $name:ident -> $type:ty;)+) => {
        $($(#[$doc])*
        #[inline]
        pub(crate) fn $name(&self, ordinal: Ordinal) -> $type {
            let (segment, at) = self.at(ordinal);
            segment.$name(at)
        })+
    };
}

impl Records {
    /// The same base with an overlay, or without one.
    pub(crate) fn with_overlay(&self, overlay: Option<OverlayRecords>) -> Records {
        Records { base: Arc::clone(&self.base), overlay: overlay.map(Arc::new) }
    }

    /// Whether both are layers over the very same segment.
    pub(super) fn has_same_base(&self, other: &Records) -> bool {
        Arc::ptr_eq(&self.base, &other.base)
    }

    /// Says what tells organizations apart whose name others got or lost. Only for an overlay that nobody shares yet.
    pub(super) fn set_disambiguators(&mut self, disambiguators: ByOrdinal<u8>) {
        if let Some(overlay) = self.overlay.as_mut().and_then(Arc::get_mut) {
            overlay.disambiguators = disambiguators;
        }
    }

    pub(crate) fn base(&self) -> &SegmentRecords {
        &self.base
    }

    pub(super) fn overlay(&self) -> Option<&OverlayRecords> {
        self.overlay.as_deref()
    }

    /// The segment of an organization, and its place there.
    #[inline]
    fn at(&self, ordinal: Ordinal) -> (&SegmentRecords, Ordinal) {
        match &self.overlay {
            Some(overlay) if ordinal >= overlay.start => (&overlay.segment, ordinal - overlay.start),
            _ => (&self.base, ordinal),
        }
    }

    /// The end of all ordinals. Some below it may be hidden: see [`Self::orgs`].
    pub(crate) fn len(&self) -> Ordinal {
        self.overlay().map_or(self.base.len(), |overlay| overlay.start + overlay.segment.len())
    }

    /// How many organizations the overlay stands for: all but its stubs.
    pub(crate) fn changed(&self) -> u32 {
        self.overlay().map_or(0, |overlay| overlay.segment.len() - overlay.stub_of.len() as u32)
    }

    /// How many organizations there are.
    pub(crate) fn orgs(&self) -> u32 {
        self.overlay().map_or(self.base.len(), |overlay| overlay.orgs_visible)
    }

    /// How many of them have others below them.
    pub(crate) fn units(&self) -> u32 {
        self.overlay().map_or_else(|| self.base.words().inner_count, |overlay| overlay.units_visible)
    }

    /// Ordinals that stand for nothing that is found; `None`: there are none.
    #[inline]
    pub(crate) fn hidden(&self) -> Option<&Hidden> {
        self.overlay.as_ref().map(|overlay| &overlay.hidden)
    }

    /// Whether an ordinal stands for nothing that is found.
    #[inline]
    pub(crate) fn is_hidden(&self, ordinal: Ordinal) -> bool {
        self.hidden().is_some_and(|hidden| hidden.contains(ordinal))
    }

    /// All organizations, ascending.
    pub(crate) fn visible(&self) -> impl DoubleEndedIterator<Item = Ordinal> + '_ {
        (0..self.len()).filter(|&ordinal| !self.is_hidden(ordinal))
    }

    /// The first ordinal from `target` on at which units may stand: those of a segment come before its leaves.
    pub(crate) fn seek_unit(&self, target: Ordinal) -> Option<Ordinal> {
        if self.hierarchy().is_unit(target) {
            return Some(target);
        }
        let start = self.overlay().map(|overlay| overlay.start)?;
        (target < start && self.hierarchy().is_unit(start)).then_some(start)
    }

    /// The words that codes stand for.
    pub(crate) fn words(&self) -> &CodeWords {
        self.overlay().map_or_else(|| self.base.words(), |overlay| &overlay.words)
    }

    of_segment! {
        /// The official name as registered.
        name -> &str;
        /// The normalized official name.
        normalized -> &str;
        /// The same, unchecked bytes: enough to compare.
        normalized_bytes -> &[u8];
        /// Where the core lies in the normalized name, in bytes.
        core_range -> Range<usize>;
        /// The normalized name without prefix and form.
        core -> &str;
        /// The letters that symbols of the view begin with, as bits, and the packed class key.
        view_codes -> (u32, u32);
        /// The sounds of the view's symbols, as bits.
        signature -> u64;
        /// The part of the normalized name that its parent's name does not have, in bytes.
        added_range -> Range<usize>;
        /// Its id.
        id -> IdText<'_>;
        /// Its kind, if the export says it.
        kind -> Option<OrgKind>;
        /// Its home system, or the one it inherits.
        inherited_system -> Option<HomeSystem>;
        /// Its region, or the one it inherits.
        inherited_region -> Option<&str>;
        /// Whether it is in use.
        status -> OrgStatus;
        /// Members, as the export states them.
        members -> Option<u32>;
        /// The prior that its segment was written with.
        own_prior -> u8;
        /// Whether it has other names or attributes.
        has_details -> bool;
        /// Its aliases, former names and attributes.
        details -> Details;
        /// The views of its other names.
        other_views -> OtherViews;
    }

    /// Whether the core is this text.
    pub(crate) fn is_core(&self, ordinal: Ordinal, text: &str) -> bool {
        let (segment, at) = self.at(ordinal);
        segment.is_core(at, text)
    }

    /// What ranking reads of it.
    #[inline]
    pub(crate) fn rank_row(&self, ordinal: Ordinal) -> RankRow<'_> {
        let Some(overlay) = self.overlay() else { return self.base.rank_row(ordinal) };
        if ordinal >= overlay.start {
            let mut row = overlay.segment.rank_row(ordinal - overlay.start);
            row.parent = row.parent.and_then(|at| overlay.seen(at));
            return row;
        }
        let mut row = self.base.rank_row(ordinal);
        if let Some(patch) = overlay.units.get(&ordinal) {
            (row.prior, row.size_log) = (patch.prior, patch.size_log());
        }
        row
    }

    /// What is read of a unit to weigh what it holds.
    #[inline]
    pub(crate) fn unit_row(&self, ordinal: Ordinal) -> UnitRow {
        let Some(overlay) = self.overlay() else { return self.base.unit_row(ordinal) };
        if ordinal >= overlay.start {
            let row = overlay.segment.unit_row(ordinal - overlay.start);
            return UnitRow { parent: row.parent.and_then(|at| overlay.seen(at)), ..row };
        }
        let row = self.base.unit_row(ordinal);
        overlay.units.get(&ordinal).map_or(row, |patch| UnitRow { prior: patch.prior, ..row })
    }

    /// How likely it is meant before anything is typed: see [`crate::index::prior`].
    #[inline]
    pub(crate) fn prior(&self, ordinal: Ordinal) -> u8 {
        let patch = self.overlay().and_then(|overlay| overlay.units.get(&ordinal));
        patch.map_or_else(|| self.own_prior(ordinal), |patch| patch.prior)
    }

    /// What the name adds to its parent's, as symbols.
    #[inline]
    pub(crate) fn view_symbols(&self, ordinal: Ordinal) -> impl ExactSizeIterator<Item = Symbol> + '_ {
        let (segment, at) = self.at(ordinal);
        segment.view_symbols(at)
    }

    /// The signatures of a run of organizations of one segment, and their view codes.
    pub(crate) fn signatures_and_codes(
        &self,
        run: Range<Ordinal>,
    ) -> impl Iterator<Item = (u64, (u32, u32))> + '_ {
        let (segment, start) = self.at(run.start);
        segment.signatures_and_codes(start..start + (run.end - run.start))
    }

    /// The lists of units by pairs.
    pub(crate) fn pairs(&self) -> Pairs<'_> {
        Pairs(self)
    }

    /// Names by the first letters of their pinyin.
    pub(crate) fn initials(&self) -> Initials<'_> {
        Initials(self)
    }

    /// Who stands above and below whom.
    #[inline]
    pub(crate) fn hierarchy(&self) -> Hierarchy<'_> {
        Hierarchy(self)
    }

    /// The organization above it; `None` for a root.
    #[inline]
    pub(crate) fn parent(&self, ordinal: Ordinal) -> Option<Ordinal> {
        match self.overlay() {
            Some(overlay) if ordinal >= overlay.start => {
                overlay.segment.parent(ordinal - overlay.start).and_then(|at| overlay.seen(at))
            }
            _ => self.base.parent(ordinal),
        }
    }

    /// The organizations above it, nearest first.
    pub(crate) fn ancestors(&self, ordinal: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        std::iter::successors(self.parent(ordinal), |&above| self.parent(above))
    }

    /// Appends the organization and all below it as runs that do not overlap: first itself, then those of the overlay.
    pub(crate) fn subtree_runs(&self, ordinal: Ordinal, runs: &mut Vec<Range<Ordinal>>) {
        let Some(overlay) = self.overlay() else { return self.base.subtree_runs(ordinal, runs) };
        let add = |root: Ordinal, runs: &mut Vec<Range<Ordinal>>| {
            let mut own = Vec::new();
            overlay.segment.subtree_runs(root, &mut own);
            let below = own.into_iter().skip(1);
            runs.extend(below.map(|run| overlay.start + run.start..overlay.start + run.end));
        };
        runs.push(ordinal..ordinal + 1);
        if ordinal >= overlay.start {
            return add(ordinal - overlay.start, runs);
        }
        if let Some(&stub) = overlay.stub_of.get(&ordinal) {
            add(stub, runs);
        }
        let mut own = Vec::new();
        self.base.subtree_runs(ordinal, &mut own);
        runs.extend(own.into_iter().skip(1));
    }

    /// What tells it from others of its name.
    pub(crate) fn disambiguator(&self, ordinal: Ordinal) -> Disambiguator {
        let changed = self.overlay().and_then(|overlay| overlay.disambiguators.get(&ordinal).copied());
        let packed = changed.unwrap_or_else(|| {
            let (segment, at) = self.at(ordinal);
            segment.packed_disambiguator(at)
        });
        Disambiguator::unpack(packed, self.ancestors(ordinal))
    }

    pub(crate) fn codes(&self, ordinal: Ordinal) -> Codes {
        let (segment, at) = self.at(ordinal);
        let codes = segment.codes(at);
        match self.overlay() {
            Some(overlay) if ordinal >= overlay.start => overlay.common_codes(codes),
            _ => codes,
        }
    }

    pub(crate) fn successor(&self, ordinal: Ordinal) -> Option<Ordinal> {
        let (segment, at) = self.at(ordinal);
        let successor = segment.successor(at);
        let Some(overlay) = self.overlay() else { return successor };
        if ordinal >= overlay.start {
            return successor.and_then(|at| overlay.seen(at));
        }
        successor.map(|successor| overlay.moved_to.get(&successor).copied().unwrap_or(successor))
    }

    /// The whole record, as its row says it.
    pub(crate) fn org(&self, ordinal: Ordinal) -> OrgUnit {
        let (segment, at) = self.at(ordinal);
        segment.org(at)
    }

    /// What orders it among its siblings.
    pub(super) fn sibling_key(&self, ordinal: Ordinal) -> SiblingKey {
        let kind = self.kind(ordinal);
        SiblingKey::new(kind.as_ref(), &self.status(ordinal), self.name(ordinal), &self.id(ordinal))
    }
}

impl OverlayRecords {
    /// The organization at a place of the overlay, as it is seen from outside: a stub is the one it stands for.
    #[inline]
    pub(super) fn seen(&self, at: Ordinal) -> Option<Ordinal> {
        self.seen_as.get(at as usize).copied()
    }

    /// The places of the organizations that are no stubs.
    pub(super) fn changed(&self) -> impl Iterator<Item = Ordinal> + '_ {
        (0..self.segment.len()).filter(|&at| self.seen(at).is_some_and(|seen| seen >= self.start))
    }

    /// The ids of the organizations that are no stubs.
    pub(super) fn ids(&self) -> impl Iterator<Item = IdText<'_>> {
        self.changed().map(|at| self.segment.id(at))
    }

    /// Codes of the overlay, as codes of the words of both segments.
    pub(super) fn common_codes(&self, codes: Codes) -> Codes {
        let [kinds, systems, regions, statuses] = &self.codes;
        let of = |codes: &[u16], code: u16| codes.get(usize::from(code)).copied().unwrap_or_default();
        Codes {
            kind: of(kinds, codes.kind),
            system: of(systems, codes.system),
            region: of(regions, codes.region),
            status: of(statuses, codes.status),
        }
    }
}

impl UnitPatch {
    /// Binary logarithm of the number of children and one.
    fn size_log(&self) -> u8 {
        self.children.saturating_add(1).ilog2() as u8
    }
}
