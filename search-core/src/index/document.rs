//! One organization as it is indexed: its names normalized and taken apart.

use super::name_view::{NameView, OtherViews, inherited_len, path_text};
use crate::text::segment::Segmenter;
use crate::text::{forms, normalize::normalize_into};
use index_data::model::{Details, Ordinal, OrgTree};

/// What a document needs to know of the names above it.
#[derive(Debug, Default)]
pub(crate) struct NamesAbove {
    /// All of them: see [`path_text`].
    pub(crate) path: String,
    /// What the nearest one adds to those above it.
    pub(crate) added: String,
    /// The same as symbols.
    pub(crate) view: NameView,
}

impl NamesAbove {
    /// Of the children of an organization.
    pub(crate) fn of_children(tree: &OrgTree, parent: Ordinal, segmenter: &Segmenter) -> Self {
        let mut cores: Vec<String> = tree
            .ancestors(parent)
            .map(|above| OrgDocument::names_only(tree, above).core().to_owned())
            .collect();
        cores.reverse();
        let mut path = path_text(cores.iter().map(String::as_str));
        let document = OrgDocument::names_only(tree, parent);
        let start = document.core.start + inherited_len(document.core(), &path);
        let view = NameView::new(tree.name(parent), &document.name, start..document.core.end, segmenter);
        let added = document.name[start..document.core.end].to_owned();
        path.push_str(&added);
        NamesAbove { path, added, view }
    }
}

/// Everything the index keeps of one organization's names.
#[derive(Debug, Default)]
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
    /// The fields most rows leave empty, as they are.
    pub(crate) details: Details,
    /// The part of `name` that its parent's name does not have, in bytes.
    added: std::ops::Range<usize>,
    /// That part, after the part that the parent's name adds to its own parent's: 海淀区中关村街道.
    pub(crate) two_levels: String,
    /// What the name above adds to its own parent's, as symbols.
    pub(crate) above_view: NameView,
    /// What the name adds to its parent's, as symbols.
    pub(crate) view: NameView,
    /// Its other names without boilerplate, as symbols.
    pub(crate) other_views: OtherViews,
}

impl OrgDocument {
    /// The names alone, without their views.
    pub(crate) fn names_only(tree: &OrgTree, ordinal: Ordinal) -> Self {
        let mut name = String::with_capacity(tree.name(ordinal).len());
        normalize_into(tree.name(ordinal), &mut name);
        let details = tree.details(ordinal);
        let normalized = |names: &[String]| names.iter().map(|name| crate::normalize(name)).collect();
        OrgDocument {
            ordinal,
            core: forms::split(&name).core,
            name,
            aliases: normalized(&details.aliases),
            former_names: normalized(&details.former_names),
            details,
            ..OrgDocument::default()
        }
    }

    pub(crate) fn new(tree: &OrgTree, ordinal: Ordinal, above: &NamesAbove, segmenter: &Segmenter) -> Self {
        let mut document = Self::names_only(tree, ordinal);
        document.added = document.core.start + inherited_len(document.core(), &above.path)..document.core.end;
        document.view = NameView::new(tree.name(ordinal), &document.name, document.added.clone(), segmenter);
        document.two_levels = format!("{}{}", above.added, document.added());
        document.above_view = above.view.clone();
        document.other_views = OtherViews::of(&document.details, segmenter);
        document
    }

    /// Whether the name begins with what its parent's ends with.
    pub(crate) fn repeats_above(&self) -> bool {
        self.added.start > self.core.start
    }

    /// What the name adds to its parent's.
    pub(crate) fn added(&self) -> &str {
        &self.name[self.added.clone()]
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
        for (id, added, two_levels, repeats_above) in [
            ("1", "北京市", "北京市", false),
            ("2", "海淀区", "北京市海淀区", true),
            ("3", "中关村街道", "海淀区中关村街道", false),
        ] {
            let ordinal = tree.find(id).expect("it is there");
            let above = tree.parent(ordinal);
            let above = above.map(|above| NamesAbove::of_children(&tree, above, &segmenter));
            let document = OrgDocument::new(&tree, ordinal, &above.unwrap_or_default(), &segmenter);
            assert_eq!((document.added(), document.two_levels.as_str()), (added, two_levels), "{id}");
            assert_eq!(document.repeats_above(), repeats_above, "{id}");
        }
    }
}
