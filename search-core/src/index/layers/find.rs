//! Exact look-ups in both segments: what is found in the base and can be seen, then what is found in the overlay.

use super::Records;
use crate::index::records::SegmentRecords;
use index_data::model::Ordinal;

impl Records {
    /// The organization with this id.
    pub(crate) fn find_id(&self, id: &str) -> Option<Ordinal> {
        let changed =
            self.overlay().and_then(|overlay| overlay.segment.find_id(id).map(|local| overlay.start + local));
        changed.or_else(|| self.base.find_id(id).filter(|&ordinal| !self.is_hidden(ordinal)))
    }

    /// The organizations whose normalized official name is this text, ascending.
    pub(crate) fn find_name<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Ordinal> + 'a {
        self.of_both(self.base.find_name(text), move |segment| segment.find_name(text))
    }

    /// The organizations whose core is this text: of each segment those that bear it as their whole name, and those
    /// with more around it; each group ascending.
    pub(crate) fn find_core<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Ordinal> + 'a {
        self.of_both(self.base.find_core(text), move |segment| segment.find_core(text))
    }

    /// Organizations that may bear this text as their whole name: nearly all do, but nothing is compared.
    pub(crate) fn may_bear_name<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Ordinal> + 'a {
        self.of_both(self.base.may_bear_name(text), move |segment| segment.may_bear_name(text))
    }

    /// Organizations whose core may be this text: nearly all do, but nothing is compared.
    pub(crate) fn may_bear_core<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Ordinal> + 'a {
        self.of_both(self.base.may_bear_core(text), move |segment| segment.may_bear_core(text))
    }

    /// The organizations that have this text as an alias, ascending.
    pub(crate) fn find_alias<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Ordinal> + 'a {
        self.of_both(self.base.find_alias(text), move |segment| segment.find_alias(text))
    }

    /// The organizations that once bore this text as their name, ascending.
    pub(crate) fn find_former_name<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Ordinal> + 'a {
        self.of_both(self.base.find_former_name(text), move |segment| segment.find_former_name(text))
    }

    /// The organizations that people mean by this short name of the lexicon, ascending, each with how unusual that is:
    /// 0 for the most usual meaning.
    pub(crate) fn find_short_name<'a>(
        &'a self,
        text: &'a str,
    ) -> impl Iterator<Item = (Ordinal, usize)> + 'a {
        let overlay = self.overlay().map(move |overlay| {
            let found = overlay.segment.find_short_name(text);
            found.map(|(local, unusual)| (overlay.start + local, unusual))
        });
        let base = self.base.find_short_name(text).filter(|(ordinal, _)| !self.is_hidden(*ordinal));
        base.chain(overlay.into_iter().flatten())
    }

    /// What is found in the base and can be seen, then what is found in the overlay.
    fn of_both<'a, I: Iterator<Item = Ordinal> + 'a>(
        &'a self,
        base: impl Iterator<Item = Ordinal> + 'a,
        find: impl Fn(&'a SegmentRecords) -> I + 'a,
    ) -> impl Iterator<Item = Ordinal> + 'a {
        let overlay =
            self.overlay().map(move |overlay| find(&overlay.segment).map(|local| overlay.start + local));
        base.filter(|&ordinal| !self.is_hidden(ordinal)).chain(overlay.into_iter().flatten())
    }
}
