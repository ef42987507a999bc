//! The leg of last resort: organizations that share most of the query's rarest words and pairs.

use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use crate::search::candidates::Candidates;
use crate::search::plan::{QueryPlan, index_error};
use crate::text::analyzers::grams;

/// Organizations taken.
pub(crate) const LIMIT: usize = 300;
/// Clauses of the disjunction, the rarest first: common ones cost most and tell least.
const CLAUSES: usize = 24;

/// Pairs of the query that are looked up to find the rarest.
const GRAMS: usize = 128;

pub(super) fn collect(
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
    candidates: &mut Candidates,
) -> Result<(), SearchError> {
    let mut pairs: Vec<(u32, String)> = Vec::new();
    let grams = plan.interpretation.names().flat_map(grams).filter(|gram| gram.chars().nth(1).is_some());
    for gram in grams.take(GRAMS) {
        let frequency = snapshot.text.gram_frequency(&gram).map_err(index_error)?;
        if frequency > 0 && !pairs.iter().any(|(_, known)| *known == gram) {
            pairs.push((frequency, gram));
        }
    }
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().take(CLAUSES).map(|(_, gram)| gram).collect();
    let words = plan.words(snapshot).iter().filter(|word| word.chars().nth(1).is_some());
    let words: Vec<String> = words.cloned().collect();
    for ordinal in snapshot.text.sharing_most(&words, &pairs, LIMIT).map_err(index_error)? {
        if plan.filter.accepts(&snapshot.records, ordinal) {
            candidates.add(ordinal);
        }
    }
    Ok(())
}
