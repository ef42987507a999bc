//! The leg of last resort: organizations that share most of the query's rarest words and pairs.

use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use crate::index::text_index::IndexTerm;
use crate::search::candidates::Candidates;
use crate::search::plan::{QueryPlan, index_error};
use crate::text::analyzers::grams;

/// Organizations taken.
pub(crate) const LIMIT: usize = 300;
/// Clauses of the disjunction, the rarest first: common ones cost most and tell least. A word of two characters is a pair
/// as well, and counts twice.
const CLAUSES: usize = 24;
/// Postings of all clauses: what more organizations share than these (20 and 02 of 2021) tells nothing, and is not asked
/// for even if there is nothing else.
pub(crate) const POSTINGS: u32 = 400_000;
/// Pairs of the query that are looked up to find the rarest.
const GRAMS: usize = 128;

pub(super) fn collect(
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
    candidates: &mut Candidates,
) -> Result<(), SearchError> {
    let text = &snapshot.text;
    let is_pair_or_longer = |term: &String| term.chars().nth(1).is_some();
    let mut terms: Vec<(u32, IndexTerm)> = Vec::new();
    let mut add = |frequency: u32, term: IndexTerm| {
        if frequency > 0 && !terms.iter().any(|(_, known)| *known == term) {
            terms.push((frequency, term));
        }
    };
    for gram in plan.interpretation.names().flat_map(grams).filter(is_pair_or_longer).take(GRAMS) {
        add(text.gram_frequency(&gram).map_err(index_error)?, IndexTerm::Gram(gram));
    }
    for word in plan.words(snapshot).iter().filter(|word| is_pair_or_longer(word)) {
        add(text.word_frequency(word).map_err(index_error)?, IndexTerm::Word(word.clone()));
    }
    terms.sort();
    let mut read: u32 = 0;
    let rarest = terms.into_iter().take(CLAUSES).take_while(|(frequency, _)| {
        read = read.saturating_add(*frequency);
        read <= POSTINGS
    });
    let rarest: Vec<IndexTerm> = rarest.map(|(_, term)| term).collect();
    for ordinal in text.sharing_most(&rarest, LIMIT).map_err(index_error)? {
        if plan.filter.accepts(&snapshot.records, ordinal) {
            candidates.add(ordinal);
        }
    }
    Ok(())
}
