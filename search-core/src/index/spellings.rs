//! The texts by whose initials an organization is found: its names, in whole and without what people leave out.

use super::document::OrgDocument;
use super::name_view::NameView;
use crate::text::regions::{bare_region_len, region_len, without_region_end};
use crate::text::symbols::Symbol;

/// Aliases whose initials are indexed.
const MOST_ALIASES: usize = 4;

/// How many symbols of a view name regions before the name proper.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Regions {
    /// With the words that end them: 北京市.
    with_ends: usize,
    /// And then without, where a name above says it: 海淀.
    all: usize,
}

impl Regions {
    /// Of the symbols of a view below the names of `path`.
    pub(crate) fn of(symbols: &[Symbol], path: &[Symbol]) -> Self {
        let with_ends = region_len(symbols);
        Regions { with_ends, all: with_ends + bare_region_len(&symbols[with_ends..], path) }
    }
}

/// Calls `emit` with each of the texts, as symbols. `core` is the whole name without prefix and form; `is_unit` says
/// whether others stand below it: only these are known by the initials of their words (北大).
pub(crate) fn spellings(
    core: &[Symbol],
    document: &OrgDocument,
    is_unit: bool,
    mut emit: impl FnMut(&[Symbol]),
) {
    let OrgDocument { above_view, view, regions, other_views, .. } = document;
    emit(core);
    emit(&view.symbols);
    emit(&view.symbols[regions.with_ends..]);
    if has_name_behind(view, regions.all) {
        emit(&view.symbols[regions.all..]);
    }
    if is_unit {
        emit(without_region_end(&view.symbols));
        let words = word_initials(view, regions.with_ends);
        let own: Vec<Symbol> = words.iter().map(|&at| view.symbols[at]).collect();
        emit_words(&own, &mut emit);
        if let [_, second, _, ..] = words[..] {
            emit(&view.symbols[second..]);
        }
        if document.repeats_above() {
            let above = word_initials(above_view, 0).into_iter().map(|at| above_view.symbols[at]);
            emit_words(&above.chain(own).collect::<Vec<Symbol>>(), &mut emit);
        }
    }
    other_views.for_subtree().iter().take(MOST_ALIASES).for_each(|alias| emit(&alias.symbols));
}

/// The first symbols of words, with and without the first one: 人大附中 in 中国人民大学附属中学.
fn emit_words(words: &[Symbol], emit: &mut impl FnMut(&[Symbol])) {
    emit(words);
    if words.len() > 2 {
        emit(&words[1..]);
    }
}

/// Whether more than stop words stand from a place on: 大学 alone is no name.
fn has_name_behind(view: &NameView, place: usize) -> bool {
    (place..view.symbols.len()).any(|at| view.stop_words >> at & 1 == 0)
}

/// Where words begin, from a place on.
fn word_initials(view: &NameView, place: usize) -> Vec<usize> {
    (place..view.symbols.len()).filter(|&at| view.word_initials >> at & 1 == 1).collect()
}
