//! retrieve: candidates from all legs, each within its stated budget.
//!
//! | leg | finds | budget |
//! | --- | --- | --- |
//! | `exact` | the id, name, core, alias or former name typed | [`exact::LIMIT`] of each |
//! | `matches` | every organization that holds all parts, in its names or above it | `ranked_matches`; the rest follows on later pages |
//! | `words` | the same with the parts cut into words, where `matches` found few | a quarter of `ranked_matches` |
//! | `alike` | what shares most of the rarest words and pairs, where there is no match at all | [`alike::LIMIT`] |
//!
//! A leg may return too much; `matches` never misses an organization whose normalized name holds the normalized
//! query, within its budget and with the pages that follow (law 1).

mod alike;
mod exact;
mod matches;
mod substring;

use super::effort::Effort;
use super::plan::QueryPlan;
use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use index_data::model::Ordinal;
use std::collections::HashSet;

pub(crate) use matches::{END, MatchSet};

/// What retrieval found.
#[derive(Default)]
pub(crate) struct Candidates {
    /// Each organization once, in the order of the legs.
    pub(crate) ordinals: Vec<Ordinal>,
    seen: HashSet<Ordinal>,
    /// How many of the ordinals are matches.
    pub(crate) matches: usize,
    /// Whether these are all matches.
    pub(crate) matches_complete: bool,
    /// Legs whose budget ran out.
    pub(crate) truncated: Vec<&'static str>,
}

impl Candidates {
    fn add(&mut self, ordinal: Ordinal) {
        if self.seen.insert(ordinal) {
            self.ordinals.push(ordinal);
        }
    }
}

/// Fewer matches than this, and the finer reading is tried as well.
const FEW: usize = 20;

/// # Errors
/// [`SearchError::Index`] if the postings cannot be read.
pub(crate) fn retrieve(plan: &QueryPlan<'_>, snapshot: &Snapshot) -> Result<Candidates, SearchError> {
    let budget = plan.request.budget;
    let mut candidates = Candidates::default();
    exact::collect(plan, snapshot, &mut candidates);
    let exact = candidates.ordinals.len();

    let effort = Effort::new(budget.retrieve_steps, plan.request.cancel.as_deref());
    let mut matches = MatchSet::new(&plan.needles, plan, snapshot)?;
    let all = matches.collect(budget.ranked_matches, &effort, |ordinal| candidates.add(ordinal));
    candidates.matches_complete = all;
    candidates.matches = candidates.ordinals.len();
    if effort.is_spent() {
        candidates.truncated.push("substring");
    }

    if candidates.matches < FEW && !plan.words.is_empty() && !effort.is_spent() {
        let mut words = MatchSet::new(&plan.words, plan, snapshot)?;
        words.collect(budget.ranked_matches / 4, &effort, |ordinal| candidates.add(ordinal));
        if effort.is_spent() {
            candidates.truncated.push("words");
        }
    }
    let found_by_name = candidates.matches - exact + usize::from(exact > 0);
    if found_by_name == 0 && !effort.is_spent() {
        alike::collect(plan, snapshot, &mut candidates)?;
    }
    Ok(candidates)
}
