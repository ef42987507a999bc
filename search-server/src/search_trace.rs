//! What the log and the metrics tell of a search.

use crate::step_times::StepTimes;
use search_core::{Hits, PartRole, SearchPass};

/// What is worth knowing about a search afterwards; handlers put it into the extensions of their answers.
#[derive(Debug, Clone)]
pub(crate) struct SearchTrace {
    pub(crate) query_chars: usize,
    pub(crate) query: Option<String>,
    pub(crate) name_parts: usize,
    pub(crate) form_parts: usize,
    pub(crate) boilerplate_parts: usize,
    pub(crate) hits: usize,
    pub(crate) truncated: bool,
    /// The last pass that it took.
    pub(crate) pass: SearchPass,
    pub(crate) steps: StepTimes,
}

impl SearchTrace {
    /// Describes a search. The text itself is kept only if it may be logged.
    pub(crate) fn of(hits: &Hits, steps: StepTimes, log_query: bool) -> Self {
        let count = |role| hits.query.parts.iter().filter(|part| part.role == role).count();
        SearchTrace {
            query_chars: hits.query.raw.chars().count(),
            query: log_query.then(|| hits.query.raw.clone()),
            name_parts: count(PartRole::Name),
            form_parts: count(PartRole::Form),
            boilerplate_parts: count(PartRole::Boilerplate),
            hits: hits.hits.len(),
            pass: hits.pass,
            truncated: !hits.truncated.is_empty(),
            steps,
        }
    }
}
