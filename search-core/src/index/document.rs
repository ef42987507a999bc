//! One organization as it is indexed: its names normalized and taken apart.

use crate::text::{forms, normalize::normalize_into};
use index_data::model::{Details, Ordinal, OrgTree};

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
}

impl OrgDocument {
    pub(crate) fn new(tree: &OrgTree, ordinal: Ordinal) -> Self {
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
        }
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
