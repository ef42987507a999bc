//! What a reindex would change: the live organizations against those of a file, by id.

use super::failure::Failure;
use super::numbers::{counted, grouped};
use super::progress::{Progress, Unit};
use index_data::model::{Ordinal, OrgTree};
use search_core::{Engine, OrgRecord, SearchError};
use serde::Serialize;
use std::io::{self, Write};

/// Counts of organizations; one that was renamed and moved counts in both.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct TreeChanges {
    /// Organizations now live.
    live: u64,
    /// Organizations in the file.
    file: u64,
    /// In the file only.
    added: u64,
    /// Live only.
    removed: u64,
    /// Under another name in the file.
    renamed: u64,
    /// Under another parent in the file.
    moved: u64,
    /// With another status in the file.
    status_changed: u64,
}

impl TreeChanges {
    /// Looks every organization of `tree` up in the live generation.
    pub(super) fn between(engine: &Engine, tree: &OrgTree, progress: &Progress) -> Result<Self, Failure> {
        let total = u64::from(tree.len());
        let mut changes =
            TreeChanges { live: engine.generation().orgs, file: total, ..TreeChanges::default() };
        for ordinal in tree.ordinals() {
            if ordinal.is_multiple_of(1024) {
                progress.at("compare", Unit::Rows, u64::from(ordinal), Some(total));
            }
            match engine.org(tree.id(ordinal)) {
                Ok(live) => changes.count(&live, tree, ordinal),
                Err(SearchError::UnknownOrg { .. }) => changes.added += 1,
                Err(error) => return Err(error.into()),
            }
        }
        changes.removed = changes.live.saturating_sub(changes.file - changes.added);
        Ok(changes)
    }

    fn count(&mut self, live: &OrgRecord, tree: &OrgTree, ordinal: Ordinal) {
        let live_parent = live.path.last().map(|step| step.id.as_str());
        let parent = tree.parent(ordinal).map(|parent| tree.id(parent));
        self.renamed += u64::from(live.name != tree.name(ordinal));
        self.moved += u64::from(live_parent != parent);
        self.status_changed += u64::from(live.status != *tree.status(ordinal));
    }

    /// Writes it for a person.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (live, file) = (counted(self.live, "organization"), grouped(self.file));
        writeln!(out, "dry run: nothing was changed; {live} live, {file} in the file")?;
        let parts = [
            (self.added, "added"),
            (self.removed, "removed"),
            (self.renamed, "renamed"),
            (self.moved, "moved"),
            (self.status_changed, "with another status"),
        ];
        let words: Vec<_> = parts.iter().map(|(count, word)| format!("{} {word}", grouped(*count))).collect();
        writeln!(out, "a reindex would bring: {}", words.join(", "))
    }
}
