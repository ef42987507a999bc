//! One organization as it is indexed: its names normalized and taken apart.

use super::name_view::{NameView, OtherViews};
use super::names_above::{NamesAbove, OfficialName};
use super::short_names;
use super::spellings::Regions;
use crate::text::segment::Segmenter;
use index_data::model::{Details, LevelOrder, Ordinal, OrgTree};

/// Everything the index keeps of one organization's names.
#[derive(Debug)]
pub(crate) struct OrgDocument {
    pub(crate) ordinal: Ordinal,
    /// The normalized official name.
    pub(crate) name: String,
    /// Where its core lies in `name`, in bytes.
    pub(crate) core: std::ops::Range<usize>,
    /// The normalized aliases.
    pub(crate) aliases: Vec<String>,
    /// The normalized former names.
    pub(crate) former_names: Vec<String>,
    /// What people say for it, by the lexicon.
    pub(crate) short_names: Vec<&'static str>,
    /// The fields most rows leave empty, as they are.
    pub(crate) details: Details,
    /// The part of `name` that its parent's name does not have, in bytes.
    added: std::ops::Range<usize>,
    /// What the name above adds to its own parent's, as symbols.
    pub(crate) above_view: NameView,
    /// What the name adds to its parent's, as symbols.
    pub(crate) view: NameView,
    /// How many symbols of the view name regions before the name proper.
    pub(crate) regions: Regions,
    /// Its other names without boilerplate, as symbols.
    pub(crate) other_views: OtherViews,
}

impl OrgDocument {
    pub(crate) fn new(tree: &OrgTree, ordinal: Ordinal, above: &NamesAbove, segmenter: &Segmenter) -> Self {
        let name = OfficialName::of(tree, ordinal);
        let added = name.added_to(&above.path);
        let view = NameView::new(tree.name(ordinal), &name.text, added.clone(), segmenter);
        let details = tree.details(ordinal);
        let normalized = |names: &[String]| names.iter().map(|name| crate::normalize(name)).collect();
        // Classes have none, and they are most of the tree.
        let short_names = match view.class_key().is_empty() {
            true => short_names::of_org(name.core(), &name.text[added.clone()]),
            false => Vec::new(),
        };
        OrgDocument {
            ordinal,
            aliases: normalized(&details.aliases),
            former_names: normalized(&details.former_names),
            above_view: above.view.clone(),
            regions: Regions::of(&view.symbols, &above.path_symbols),
            view,
            other_views: OtherViews::of(&details, &short_names, segmenter),
            short_names,
            added,
            core: name.core,
            name: name.text,
            details,
        }
    }

    /// Of an organization that only stands above others here: its name, and nothing to find it by. See
    /// [`super::records::PartOfTree`].
    pub(crate) fn stub(tree: &OrgTree, ordinal: Ordinal, above: &NamesAbove) -> Self {
        let name = OfficialName::of(tree, ordinal);
        OrgDocument {
            ordinal,
            added: name.added_to(&above.path),
            core: name.core,
            name: name.text,
            aliases: Vec::new(),
            former_names: Vec::new(),
            short_names: Vec::new(),
            details: Details::default(),
            above_view: NameView::default(),
            view: NameView::default(),
            regions: Regions::default(),
            other_views: OtherViews::default(),
        }
    }

    /// Whether the name begins with what its parent's ends with.
    pub(crate) fn repeats_above(&self) -> bool {
        self.added.start > self.core.start
    }

    /// Whether it is found by the pairs and initials of its name: all are but leaves that their class tells apart.
    pub(crate) fn is_told_by_its_name(&self, tree: &OrgTree) -> bool {
        tree.is_unit(self.ordinal) || self.view.class_key().is_empty()
    }

    /// The name without prefix and form.
    pub(crate) fn core(&self) -> &str {
        &self.name[self.core.clone()]
    }

    /// All names that a query may be part of.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.aliases).chain(&self.former_names).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::super::names_above::NamePath;
    use super::*;
    use index_data::load::SourceRow;
    use index_data::validate::validate_rows;

    #[test]
    fn a_document_knows_what_its_name_adds_to_those_above() {
        let row = |id: &str, name: &str, parent: &str| SourceRow {
            id: id.into(),
            name: name.into(),
            parent_id: parent.into(),
            ..SourceRow::default()
        };
        let tree = validate_rows([
            row("1", "共青团北京市委员会", ""),
            row("2", "共青团北京市海淀区委员会", "1"),
            row("3", "中关村街道团工委", "2"),
        ])
        .tree
        .expect("valid rows");
        let segmenter = Segmenter::with_vocabulary(&[]);
        let mut path = NamePath::default();
        for (id, added, repeats_above) in
            [("1", "北京市", false), ("2", "海淀区", true), ("3", "中关村街道", false)]
        {
            let ordinal = tree.find(id).expect("it is there");
            let above = tree.parent(ordinal);
            let above = above.map(|above| path.names_above_children(&tree, above, &segmenter));
            let document = OrgDocument::new(&tree, ordinal, &above.unwrap_or_default(), &segmenter);
            assert_eq!(&document.name[document.added.clone()], added, "{id}");
            assert_eq!(document.repeats_above(), repeats_above, "{id}");
        }
    }
}
