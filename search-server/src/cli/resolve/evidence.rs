//! Which other columns of a table are handed to the engine.
//!
//! The engine compares a column with the attribute of the same name. Any other column would cost time on each row, and
//! keep rows that mean the same organization from being resolved together: names and numbers of people differ.

use index_data::load::{RecordColumns, TableRow};
use search_core::Engine;
use std::collections::HashSet;

/// The most columns that are handed over.
const MAX_COLUMNS: usize = 8;
/// Organizations whose attributes are looked at.
const LOOKED_AT: usize = 1_000;
/// The longest value that is compared.
const MAX_CHARS: usize = 200;

/// Columns of a table that organizations have as attributes too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct EvidenceColumns {
    columns: Vec<(usize, String)>,
}

impl EvidenceColumns {
    /// The columns that say nothing else and that organizations of the live generation have as well, by a sample of them.
    pub(super) fn choose(engine: &Engine, names: &[String], columns: &RecordColumns) -> EvidenceColumns {
        let free =
            || names.iter().enumerate().filter(|(at, _)| !matches!(columns.fields().get(*at), Some(Some(_))));
        if free().next().is_none() {
            return EvidenceColumns::default();
        }
        let sample = engine.sample_names(LOOKED_AT, 1);
        let orgs = sample.iter().filter_map(|(id, _)| engine.org(id).ok());
        let known: HashSet<String> =
            orgs.flat_map(|org| org.attributes).map(|(attribute, _)| attribute).collect();
        let chosen = free().filter(|(_, name)| known.contains(*name)).take(MAX_COLUMNS);
        EvidenceColumns { columns: chosen.map(|(at, name)| (at, name.clone())).collect() }
    }

    /// Whether a column is one of them.
    pub(super) fn contains(&self, column: usize) -> bool {
        self.columns.iter().any(|(chosen, _)| *chosen == column)
    }

    /// What a row says in them.
    pub(super) fn of(&self, row: &TableRow) -> Vec<(String, String)> {
        let said = self.columns.iter().filter_map(|(column, name)| {
            let text: String = row.text(*column).trim().chars().take(MAX_CHARS).collect();
            (!text.is_empty()).then(|| (name.clone(), text))
        });
        said.collect()
    }
}
