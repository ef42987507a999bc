//! What the names above an organization say, worked out once for all that stand below.

use super::name_view::{NameView, inherited_len};
use crate::text::segment::Segmenter;
use crate::text::symbols::{Symbol, of_char};
use crate::text::{forms, normalize::normalize_into};
use index_data::model::{Ordinal, OrgTree};
use std::ops::Range;

/// A normalized official name and where its core lies in it, in bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct OfficialName {
    pub(crate) text: String,
    pub(crate) core: Range<usize>,
}

impl OfficialName {
    pub(crate) fn of(tree: &OrgTree, ordinal: Ordinal) -> Self {
        let mut text = String::with_capacity(tree.name(ordinal).len());
        normalize_into(tree.name(ordinal), &mut text);
        OfficialName { core: forms::split(&text).core, text }
    }

    /// The name without prefix and form.
    pub(crate) fn core(&self) -> &str {
        &self.text[self.core.clone()]
    }

    /// The part of the core that does not repeat the end of `path`, as bytes of the name.
    pub(crate) fn added_to(&self, path: &str) -> Range<usize> {
        self.core.start + inherited_len(self.core(), path)..self.core.end
    }
}

/// What a document needs to know of the names above it.
#[derive(Debug, Default)]
pub(crate) struct NamesAbove {
    /// What each name from the root down adds to those above it, as one text.
    pub(crate) path: String,
    /// The characters of the path as symbols.
    pub(crate) path_symbols: Vec<Symbol>,
    /// What the nearest one adds to those above it, as symbols.
    pub(crate) view: NameView,
}

/// The names from the root down to one organization.
///
/// It moves to another organization by replacing only what differs. Organizations in level order share most of the
/// names above them with the one before.
#[derive(Debug, Default)]
pub(crate) struct NamePath {
    levels: Vec<Level>,
    text: String,
}

/// One organization on the path.
#[derive(Debug)]
struct Level {
    ordinal: Ordinal,
    name: OfficialName,
    added: Range<usize>,
    /// Where the path's text ends after this name.
    end: usize,
}

impl NamePath {
    /// Moves to `parent`, and gives the names above its children.
    pub(crate) fn names_above_children(
        &mut self,
        tree: &OrgTree,
        parent: Ordinal,
        segmenter: &Segmenter,
    ) -> NamesAbove {
        let mut chain: Vec<Ordinal> = std::iter::once(parent).chain(tree.ancestors(parent)).collect();
        chain.reverse();
        self.move_to(&chain, |ordinal| OfficialName::of(tree, ordinal));
        let Some(Level { name, added, .. }) = self.levels.last() else { return NamesAbove::default() };
        NamesAbove {
            path_symbols: self.text.chars().map(of_char).collect(),
            path: self.text.clone(),
            view: NameView::new(tree.name(parent), &name.text, added.clone(), segmenter),
        }
    }

    /// Moves to the last of `chain`, which leads there from the root. Only names not on the path yet are read.
    fn move_to(&mut self, chain: &[Ordinal], mut read: impl FnMut(Ordinal) -> OfficialName) {
        let is_shared = |(level, ordinal): &(&Level, &Ordinal)| level.ordinal == **ordinal;
        let shared = self.levels.iter().zip(chain).take_while(is_shared).count();
        self.levels.truncate(shared);
        self.text.truncate(self.levels.last().map_or(0, |level| level.end));
        for &ordinal in &chain[shared..] {
            let name = read(ordinal);
            let added = name.added_to(&self.text);
            self.text.push_str(&name.text[added.clone()]);
            self.levels.push(Level { ordinal, name, added, end: self.text.len() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: String) -> OfficialName {
        OfficialName { core: 0..text.len(), text }
    }

    #[test]
    fn going_down_a_chain_reads_each_name_once() {
        const DEPTH: u32 = 200;
        let (mut path, mut read) = (NamePath::default(), 0);
        let chain: Vec<Ordinal> = (0..DEPTH).collect();
        for end in 1..=chain.len() {
            path.move_to(&chain[..end], |ordinal| {
                read += 1;
                name(format!("第{ordinal}级"))
            });
        }
        assert_eq!(read, DEPTH);
        assert_eq!(path.text, chain.iter().map(|ordinal| format!("第{ordinal}级")).collect::<String>());
    }

    #[test]
    fn a_path_is_the_same_however_it_was_reached() {
        let texts = ["北京市", "北京市海淀区", "海淀区中关村街道", "北京大学", "北京大学法学院", "上海市"];
        let read = |ordinal: Ordinal| name(texts[ordinal as usize].to_owned());
        let mut path = NamePath::default();
        for (chain, text) in [
            (&[0, 1, 2][..], "北京市海淀区中关村街道"),
            (&[0, 1], "北京市海淀区"),
            (&[0, 3, 4], "北京市北京大学法学院"),
            (&[5], "上海市"),
            (&[0, 1, 2], "北京市海淀区中关村街道"),
        ] {
            path.move_to(chain, read);
            assert_eq!(path.text, text, "{chain:?}");
        }
    }
}
