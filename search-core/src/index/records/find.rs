//! Exact look-ups of ids and names, each compared with the text it was looked up by.

use super::SegmentRecords;
use crate::index::keys::KeyKind;
use crate::index::short_names;
use index_data::model::Ordinal;

impl SegmentRecords {
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
        let within = self.keys.find(KeyKind::Core, text).filter(move |&ordinal| self.is_core(ordinal, text));
        // Equal names are taken apart alike, so one of them tells of all: 教工团支部 is the whole name of thousands, and the
        // core of none.
        let whole = std::iter::once_with(move || {
            let mut named = self.find_name(text).peekable();
            let is_core = named.peek().is_some_and(|&first| self.is_core(first, text));
            is_core.then_some(named)
        });
        within.chain(whole.flatten().flatten())
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

    /// The organizations that people mean by this short name of the lexicon, ascending, each with how unusual that is:
    /// 0 for the most usual meaning.
    pub(crate) fn find_short_name<'a>(
        &'a self,
        text: &'a str,
    ) -> impl Iterator<Item = (Ordinal, usize)> + 'a {
        let fulls = short_names::fulls(text);
        let found = (!fulls.is_empty()).then(|| self.keys.find(KeyKind::ShortName, text));
        found.into_iter().flatten().filter_map(move |ordinal| {
            let core = self.core(ordinal);
            Some((ordinal, fulls.iter().position(|full| core.contains(full.as_str()))?))
        })
    }

    /// The organizations that once bore this text as their name, ascending.
    pub(crate) fn find_former_name<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Ordinal> + 'a {
        self.keys.find(KeyKind::FormerName, text).filter(move |&ordinal| {
            self.details(ordinal).former_names.iter().any(|name| crate::normalize(name) == text)
        })
    }
}
