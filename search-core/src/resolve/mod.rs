//! The resolve flow, one page: record -> search with its fields -> compare -> decide.
//!
//! Ranking says which organization fits best; deciding says whether it is the one, and one wrong match costs more than
//! ten left open. So each candidate is compared with the record field by field. What contradicts the record is ruled
//! out, whatever else agrees: another class, year or grade, another number in a name, another region, type or line of
//! business. What remains is weighed by a model that was fitted on generated records with known answers, which says
//! how likely each candidate is, and how likely none of them.
//!
//! [`Decision::Matched`] needs a probability that buys the precision asked for, or an official name that one possible
//! organization alone bears, with the names above it or without, or its id. Twins are [`Decision::Ambiguous`]: they share the probability there is.
//!
//! Deterministic: the same record on the same generation gives the same resolution, whatever was learned beside it.

mod agreement;
mod batch;
mod candidates;
mod compare;
mod contradictions;
mod decide;
mod decision;
mod features;
mod model;
mod place;
mod query;
mod reason;
mod record;
mod resolver;
mod school;
mod twins;
mod units;
mod words;

use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use crate::search::rank::{ScoredOrg, Scorer};
use crate::search::readings::{BestReading, Readings};
use candidates::{by_code, by_name, is_settled};
use compare::{Comparer, Comparison};
use decide::{Decider, nearest};
use index_data::model::Ordinal;
use query::RecordQuery;
use record::said;
use school::{classes_below, keep_below, school_by_name, school_record, schools};

pub(crate) use batch::resolve_without_panic;
pub use batch::{ResolveAll, Resolved};
pub use decision::{Decision, Resolution, ResolveOptions, ResolvedCandidate};
pub use reason::{Agreement, Reason, ReasonField, ReasonLanguage};
pub use record::Record;
pub use resolver::Resolver;

/// The best of a search that are compared.
const COMPARED: usize = 12;

/// Whether a record has neither an id nor a name: 2024-6-9 names nothing, unless a parent says whose class it is.
fn says_nothing(record: &Record) -> bool {
    let has = |column: &Option<String>| said(column.as_deref()).is_some();
    let has_letters = record.name.contains(char::is_alphabetic);
    !has(&record.code) && !has_letters && (record.name.trim().is_empty() || !has(&record.parent))
}

/// The answer to a record that says neither a name nor an id.
fn nothing_said(snapshot: &Snapshot) -> Resolution {
    Resolution {
        decision: Decision::NoMatch,
        probability: 0.0,
        margin: 0.0,
        candidates: Vec::new(),
        reasons: vec![Reason::new(ReasonField::Record, Agreement::Missing, "", "")],
        generation: snapshot.generation().to_owned(),
    }
}

/// # Errors
/// [`SearchError::Index`] if the postings cannot be read.
pub(crate) fn resolve(
    snapshot: &Snapshot,
    record: &Record,
    options: &ResolveOptions,
) -> Result<Resolution, SearchError> {
    // What people chose in searches must not decide what a row is.
    let snapshot = &snapshot.with_learned(None);
    let records = &snapshot.records;
    if says_nothing(record) {
        return Ok(nothing_said(snapshot));
    }
    let query = RecordQuery::new(record, options.cancel.clone());
    let readings = Readings::new(&query.request, snapshot, &mut |_| ())?;
    let comparer = Comparer::new(record, &query, readings.typed(), records);
    let decider = Decider { comparer: &comparer, options, snapshot };
    let known = by_code(record, records);
    let named = by_name(&query, records);

    // What bears the very name needs no search.
    let mut scorer = readings.typed_scorer();
    let ordinals = known.into_iter().chain(named.iter().copied());
    let scored: Vec<ScoredOrg> = ordinals.map(|ordinal| scorer.score(ordinal)).collect();
    let compared = comparer.compare_all(scored, &mut scorer);
    if is_settled(&compared, known, &comparer) {
        return Ok(decider.decide(compared, known, None, readings.typed(), &mut scorer));
    }

    let school_record = school_record(record, readings.typed());
    let by_school = school_record.as_ref().filter(|_| known.is_none()).and_then(|school_record| {
        let school = school_by_name(school_record, &comparer)?;
        Some((school, compare_below(school, &comparer, &mut scorer)?))
    });
    if let Some((school, compared)) = by_school {
        return Ok(decider.decide(compared, known, Some(school), readings.typed(), &mut scorer));
    }

    let BestReading { plan, ranked, mut scorer } = readings.best(&mut |_| ())?;
    let mut found = ranked.orgs;
    found.truncate(COMPARED);
    for ordinal in known.into_iter().chain(named) {
        if !found.iter().any(|org| org.ordinal == ordinal) {
            found.push(scorer.score(ordinal));
        }
    }
    let mut compared = comparer.compare_all(found, &mut scorer);
    // A class of a known school is a class of that school, or none.
    let mut school = None;
    let is_class_found = compared.iter().any(|one| one.is_perfect && one.is_possible());
    if !is_class_found && let Some(unit) = school_record {
        let units = schools(&unit, &RecordQuery::new(&unit, options.cancel.clone()), snapshot)?;
        keep_below(&mut compared, &units, snapshot);
        school = units.first().copied();
    }
    Ok(decider.decide(compared, known, school, plan, &mut scorer))
}

/// What the very name of the school tells of a class: the class below it that says just what the record says, or where
/// there is no such class the nearest ones. `None` where the record has to be searched for.
fn compare_below(
    school: Ordinal,
    comparer: &Comparer<'_>,
    scorer: &mut Scorer<'_>,
) -> Option<Vec<Comparison>> {
    let records = comparer.records;
    let classes = classes_below(school, comparer.class, records)?;
    let is_unknown = classes.is_empty();
    let nearest = || std::iter::once(school).chain(nearest(school, comparer.class, records)).take(COMPARED);
    let classes = if is_unknown { nearest().collect() } else { classes };
    let scored: Vec<ScoredOrg> = classes.into_iter().map(|class| scorer.score(class)).collect();
    let compared = comparer.compare_all(scored, scorer);
    let is_it = |one: &&Comparison| one.is_perfect && one.is_possible();
    (is_unknown || compared.iter().filter(is_it).count() == 1).then_some(compared)
}
