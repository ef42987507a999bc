//! Decides the records of a batch on the engine's threads, within their limits.
//!
//! A few records at a time: searches come in between, so that nobody who types waits for somebody's table. What was
//! decided is never lost: whatever ends a batch early, the records that are left say so in their places.

use super::batch::Query;
use crate::error::{ApiError, texts};
use crate::json::resolution::{QueryFailureJson, QueryResultJson, ResolutionJson};
use crate::language::Language;
use crate::pool::CancelFlag;
use crate::resolve_trace::ResolveTrace;
use crate::state::AppState;
use search_core::{Record, Resolution, ResolveOptions, Resolver};
use serde_json::value::{RawValue, to_raw_value};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::time::Instant;

/// Records decided in one turn on a thread: some tens of milliseconds.
const TURN: usize = 8;

/// What became of a batch.
#[derive(Debug)]
pub(crate) struct Decided {
    /// One for each query, in their order.
    pub(crate) results: Vec<Box<RawValue>>,
    pub(crate) generation: String,
    pub(crate) trace: ResolveTrace,
}

/// Decides all records on the generation that is live now.
///
/// # Errors
/// If the batch ends before any record is decided: `not_ready`, `overloaded`, `timeout` and `internal`.
pub(crate) async fn decide(
    state: &AppState,
    queries: Vec<Query>,
    options: ResolveOptions,
    language: Language,
) -> Result<Decided, ApiError> {
    let deadline = Instant::now() + state.settings.limits.batch_deadline;
    let decider = Decider { resolver: state.engine.resolver(), options, language };
    let take_turn = |turn: Arc<[Query]>| {
        let decider = decider.clone();
        async move {
            if Instant::now() >= deadline {
                return Err(ApiError::new(&texts::RECORD_TIMEOUT));
            }
            // The results are written on the thread that made them.
            let part = state.run(move |_, cancel| decider.decide(&turn, &cancel)).await?;
            part.map_err(ApiError::internal)
        }
    };
    let Part { results, trace, .. } = decider.in_turns(queries, take_turn).await?;
    Ok(Decided { results, generation: decider.resolver.generation().to_owned(), trace })
}

/// Decides records of one batch.
#[derive(Clone)]
struct Decider {
    resolver: Resolver,
    options: ResolveOptions,
    language: Language,
}

impl Decider {
    /// All queries, a few at a time. Once a turn is not taken, those after it are not either.
    ///
    /// # Errors
    /// That of the first turn that is not taken, if nothing was decided before.
    async fn in_turns<T: Future<Output = Result<Part, ApiError>>>(
        &self,
        queries: Vec<Query>,
        mut take_turn: impl FnMut(Arc<[Query]>) -> T,
    ) -> Result<Part, ApiError> {
        let mut whole = Part::default();
        let mut ended = None;
        let mut queries = queries.into_iter();
        loop {
            let turn: Arc<[Query]> = queries.by_ref().take(TURN).collect();
            if turn.is_empty() {
                break;
            }
            if ended.is_none() {
                match take_turn(Arc::clone(&turn)).await {
                    Ok(part) => whole.add(part),
                    Err(error) => ended = Some(error),
                }
            }
            if let Some(error) = &ended {
                whole.add(self.fail(&turn, error).map_err(ApiError::internal)?);
            }
        }
        match ended.or_else(|| whole.is_late.then(|| ApiError::new(&texts::RECORD_TIMEOUT))) {
            Some(error) if whole.trace.decided() == 0 => Err(error),
            _ => Ok(whole),
        }
    }

    fn decide(&self, turn: &[Query], cancel: &CancelFlag) -> serde_json::Result<Part> {
        let options = ResolveOptions { cancel: Some(Arc::clone(cancel)), ..self.options.clone() };
        let mut part = Part::default();
        for Query { key, record } in turn {
            let decided = match record {
                Ok(record) => self.decide_one(record, &options, cancel),
                Err(error) => Ok(Err(error.clone())),
            };
            let result = match decided {
                Ok(Ok(resolution)) => {
                    part.trace.count(resolution.decision);
                    QueryResultJson::Decided(Box::new(ResolutionJson::new(key, resolution, self.language)))
                }
                Ok(Err(error)) => part.failure(key, &error, self.language),
                Err(Late) => {
                    part.is_late = true;
                    part.failure(key, &ApiError::new(&texts::RECORD_TIMEOUT), self.language)
                }
            };
            part.results.push(to_raw_value(&result)?);
        }
        Ok(part)
    }

    /// What the flag cut short is not decided: a record that was not looked up to its end may name anything.
    fn decide_one(
        &self,
        record: &Record,
        options: &ResolveOptions,
        cancel: &CancelFlag,
    ) -> Result<Result<Resolution, ApiError>, Late> {
        let in_time = || if cancel.load(Ordering::Relaxed) { Err(Late) } else { Ok(()) };
        in_time()?;
        let resolution = self.resolver.resolve(record, options);
        in_time()?;
        Ok(resolution.map_err(|error| {
            tracing::error!(%error, "a record cannot be resolved: {error}");
            error.into()
        }))
    }

    /// The results of a turn that is not taken.
    fn fail(&self, turn: &[Query], error: &ApiError) -> serde_json::Result<Part> {
        let mut part = Part::default();
        for Query { key, record } in turn {
            let error = record.as_ref().err().unwrap_or(error);
            let result = part.failure(key, error, self.language);
            part.results.push(to_raw_value(&result)?);
        }
        Ok(part)
    }
}

/// A record was not decided in time.
struct Late;

/// Results of some queries.
#[derive(Debug, Default)]
struct Part {
    results: Vec<Box<RawValue>>,
    trace: ResolveTrace,
    /// Whether a record was not decided in time.
    is_late: bool,
}

impl Part {
    fn failure<'a>(
        &mut self,
        key: &'a RawValue,
        error: &ApiError,
        language: Language,
    ) -> QueryResultJson<'a> {
        self.trace.failed += 1;
        QueryResultJson::Failed(QueryFailureJson::new(key, error, language))
    }

    fn add(&mut self, other: Part) {
        self.results.extend(other.results);
        self.trace.add(other.trace);
        self.is_late |= other.is_late;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use index_data::load::SourceRow;
    use index_data::validate::validate_rows;
    use search_core::Engine;
    use serde_json::Value;
    use std::future::ready;
    use std::sync::atomic::AtomicBool;

    fn decider() -> Decider {
        let name = "中国共产主义青年团北京大学委员会".to_owned();
        let row = SourceRow { id: "1".to_owned(), name, ..SourceRow::default() };
        let engine = Engine::in_memory(validate_rows([row]).tree.unwrap()).unwrap();
        let options = ResolveOptions::default();
        Decider { resolver: engine.resolver(), options, language: Language::English }
    }

    /// Every third query is wrong in itself.
    fn queries(count: usize) -> Vec<Query> {
        let query = |place: usize| Query {
            key: to_raw_value(&place).unwrap(),
            record: match place % 3 {
                2 => Err(ApiError::new(&texts::NO_NAME_NO_CODE)),
                _ => Ok(Record::named("中国共产主义青年团北京大学委员会")),
            },
        };
        (0..count).map(query).collect()
    }

    /// The decision or the code of each result, whose key must be its place.
    fn outcomes(part: &Part) -> Vec<String> {
        let outcome = |(place, text): (usize, &str)| {
            let result: Value = serde_json::from_str(text).unwrap();
            assert_eq!(result["key"], place);
            let outcome = result["decision"].as_str().or(result["error"]["code"].as_str());
            outcome.unwrap().to_owned()
        };
        part.results.iter().map(|result| result.get()).enumerate().map(outcome).collect()
    }

    #[test]
    fn what_the_flag_cuts_short_is_not_decided() {
        let decider = decider();
        let in_time = decider.decide(&queries(4), &CancelFlag::default()).unwrap();
        assert_eq!(outcomes(&in_time), ["matched", "matched", "invalid_query", "matched"]);
        assert!(!in_time.is_late && in_time.trace.decided() == 3 && in_time.trace.failed == 1);
        let late = decider.decide(&queries(4), &Arc::new(AtomicBool::new(true))).unwrap();
        assert_eq!(outcomes(&late), ["timeout", "timeout", "invalid_query", "timeout"]);
        assert!(late.is_late && late.trace.decided() == 0);
    }

    #[tokio::test]
    async fn what_was_decided_is_not_lost() {
        let decider = decider();
        for taken in 0..=3_usize {
            let mut left = taken;
            let take_turn = |turn: Arc<[Query]>| {
                let is_taken = left > 0;
                left = left.saturating_sub(1);
                ready(match is_taken {
                    true => Ok(decider.decide(&turn, &CancelFlag::default()).unwrap()),
                    false => Err(ApiError::new(&texts::OVERLOADED)),
                })
            };
            let count = 2 * TURN + 1;
            let answer = decider.in_turns(queries(count), take_turn).await;
            if taken == 0 {
                assert_eq!(answer.unwrap_err().code(), "overloaded", "nothing was decided");
                continue;
            }
            let wanted = |place: usize| match (place % 3, place < taken * TURN) {
                (2, _) => "invalid_query",
                (_, true) => "matched",
                (_, false) => "overloaded",
            };
            assert_eq!(outcomes(&answer.unwrap()), (0..count).map(wanted).collect::<Vec<_>>());
        }
    }

    #[tokio::test]
    async fn a_batch_of_which_nothing_was_in_time_is_refused() {
        let decider = decider();
        let late =
            |turn: Arc<[Query]>| ready(Ok(decider.decide(&turn, &Arc::new(AtomicBool::new(true))).unwrap()));
        assert_eq!(decider.in_turns(queries(TURN + 1), late).await.unwrap_err().code(), "timeout");
        let wrong = queries(3).split_off(2);
        assert_eq!(decider.in_turns(wrong, late).await.unwrap().results.len(), 1, "it is wrong, not late");
    }
}
