//! Golden queries: what the admin knows people type, asked of the live generation and of the new one.

use super::report::GateSample;
use crate::difference::SAMPLES;
use crate::error::EngineError;
use crate::index::generation::without_panic;
use crate::index::snapshot::Snapshot;
use crate::search::{SearchRequest, search};

/// A query whose first answer must not be lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldenQuery {
    /// As it is typed.
    pub query: String,
    /// Any of these organizations is right. Empty: what the live generation answers first.
    pub ids: Vec<String>,
}

/// What came of the golden queries.
#[derive(Debug, Default)]
pub(crate) struct GoldenResult {
    pub(crate) asked: u64,
    pub(crate) lost: u64,
    pub(crate) samples: Vec<GateSample>,
}

/// Asks every query while typing would, so that an organization that is no longer offered counts as lost. A query that
/// the live generation answers wrongly already has nothing to lose; without a live one, each must find what it names.
///
/// # Errors
/// What `progress` gives, and [`EngineError::TextIndex`] if an index cannot be read.
pub(crate) fn ask(
    live: Option<&Snapshot>,
    new: &Snapshot,
    queries: &[GoldenQuery],
    mut progress: impl FnMut(u64) -> Result<(), EngineError>,
) -> Result<GoldenResult, EngineError> {
    let mut result = GoldenResult::default();
    for golden in queries {
        progress(result.asked)?;
        result.asked += 1;
        let before = live.map(|live| first_answer(live, &golden.query)).transpose()?;
        let now = first_answer(new, &golden.query)?;
        if is_lost(golden, before.as_ref(), now.as_ref()) {
            result.lost += 1;
            if result.samples.len() < SAMPLES {
                result.samples.push(sample(golden, before.flatten(), now));
            }
        }
    }
    Ok(result)
}

/// Id and display name of an answer.
type Answer = (String, String);

/// `before`: `None` without a live generation, else its first answer.
fn is_lost(golden: &GoldenQuery, before: Option<&Option<Answer>>, now: Option<&Answer>) -> bool {
    let is_right = |answer: Option<&Answer>| answer.is_some_and(|(id, _)| golden.ids.contains(id));
    let first = |answer: Option<&Answer>| answer.map(|(id, _)| id.clone());
    match (golden.ids.is_empty(), before) {
        (false, Some(before)) => is_right(before.as_ref()) && !is_right(now),
        (false, None) => !is_right(now),
        (true, Some(before)) => before.is_some() && first(before.as_ref()) != first(now),
        (true, None) => false,
    }
}

fn sample(golden: &GoldenQuery, before: Option<Answer>, now: Option<Answer>) -> GateSample {
    let (id, name) = before.unwrap_or_default();
    let now = now.map(|(id, name)| format!("{name} [{id}]"));
    GateSample { query: Some(golden.query.clone()), id, name, now, active_below: None }
}

fn first_answer(snapshot: &Snapshot, query: &str) -> Result<Option<Answer>, EngineError> {
    let request = SearchRequest::autocomplete(query).limit(1);
    let hits = without_panic(|| search(snapshot, &request, &mut |_| ()))
        .unwrap_or_else(crate::engine::unreadable)
        .map_err(|error| EngineError::TextIndex(error.to_string()))?;
    Ok(hits.hits.into_iter().next().map(|hit| (hit.org.id, hit.org.display)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_lost_only_if_it_was_there() {
        let answer = |id: &str| Some((id.to_owned(), String::new()));
        for (ids, before, now, lost) in [
            // Nothing said: whatever was first has to stay.
            (&[][..], Some(answer("a")), answer("a"), false),
            (&[], Some(answer("a")), answer("b"), true),
            (&[], Some(answer("a")), None, true),
            (&[], Some(None), answer("b"), false),
            (&[], None, None, false),
            // One of several is right.
            (&["a", "b"], Some(answer("a")), answer("b"), false),
            (&["a", "b"], Some(answer("a")), answer("c"), true),
            (&["a", "b"], Some(answer("c")), answer("c"), false),
            (&["a", "b"], Some(None), None, false),
            (&["a"], None, answer("a"), false),
            (&["a"], None, None, true),
        ] {
            let golden =
                GoldenQuery { query: "q".to_owned(), ids: ids.iter().map(|&id| id.to_owned()).collect() };
            assert_eq!(is_lost(&golden, before.as_ref(), now.as_ref()), lost, "{ids:?} {before:?} {now:?}");
        }
    }
}
