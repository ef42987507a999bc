//! The resolve flow, one page: record -> search with its fields -> compare -> decide.
//!
//! Ranking says which organization fits best; deciding says whether it is the one, and one wrong match costs more than
//! ten left open. So each candidate is compared with the record field by field. What contradicts the record is ruled
//! out, whatever else agrees: another class, year or grade, another number in a name, another region, type or line of
//! business. What remains is weighed by a model that was fitted on generated records with known answers, which says
//! how likely each candidate is, and how likely none of them.
//!
//! [`Decision::Matched`] needs a probability that buys the precision asked for, or an official name that one possible
//! organization alone bears, with the names above it or without, or its id. Twins are [`Decision::Ambiguous`]: they share
//! the probability there is.
//!
//! Deterministic: the same record on the same generation gives the same resolution, whatever was learned beside it.

mod agreement;
mod batch;
mod candidates;
mod class_unit;
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
mod twins;
mod units;
mod words;

use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use crate::search::rank::{ScoredOrg, Scorer};
use crate::search::read;
use crate::search::readings::{BestReading, Readings};
use candidates::{by_code, by_name, is_settled};
use class_unit::{ClassUnits, class_unit_by_name, class_unit_record, classes_below, keep_below};
use compare::{Comparer, Comparison};
use decide::{Decider, nearest};
use index_data::model::Ordinal;
use query::RecordQuery;
use record::said;

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
fn resolve(
    snapshot: &Snapshot,
    record: &Record,
    options: &ResolveOptions,
    class_units: &ClassUnits,
) -> Result<Resolution, SearchError> {
    // What people chose in searches must not decide what a row is.
    let snapshot = &snapshot.with_learned(None);
    if says_nothing(record) {
        return Ok(nothing_said(snapshot));
    }
    let query = RecordQuery::new(record, options.cancel.clone());
    let readings = Readings::new(read(&query.request, snapshot, &mut |_| ())?, &query.request, snapshot);
    let comparer = Comparer::new(record, &query, readings.typed(), &snapshot.records);
    let steps = Steps {
        readings: &readings,
        decider: Decider { comparer: &comparer, options, snapshot },
        class_units,
        known: by_code(record, &snapshot.records),
        named: by_name(&query, &snapshot.records),
    };
    let mut scorer = readings.typed_scorer();
    if let Some(resolution) = steps.by_name_or_code(&mut scorer) {
        return Ok(resolution);
    }
    let unit = class_unit_record(record, readings.typed());
    if let Some(resolution) = steps.below_named_unit(unit.as_ref(), &mut scorer)? {
        return Ok(resolution);
    }
    steps.by_search(unit)
}

/// The ways to resolve a record, the cheapest first.
struct Steps<'a> {
    readings: &'a Readings<'a>,
    decider: Decider<'a>,
    class_units: &'a ClassUnits,
    /// The organization with the id of the record.
    known: Option<Ordinal>,
    /// Those called by its name.
    named: Vec<Ordinal>,
}

impl<'a> Steps<'a> {
    /// What the id or the exact name settles.
    fn by_name_or_code(&self, scorer: &mut Scorer<'_>) -> Option<Resolution> {
        let comparer = self.decider.comparer;
        let ordinals = self.known.into_iter().chain(self.named.iter().copied());
        let scored: Vec<ScoredOrg> = ordinals.map(|ordinal| scorer.score(ordinal)).collect();
        let compared = comparer.compare_all(scored, scorer);
        is_settled(&compared, self.known, comparer)
            .then(|| self.decider.decide(compared, self.known, None, self.readings.typed(), scorer))
    }

    /// A class below the one unit that the record names before it: by its exact name, or else as a search finds it.
    fn below_named_unit(
        &self,
        unit: Option<&Record>,
        scorer: &mut Scorer<'_>,
    ) -> Result<Option<Resolution>, SearchError> {
        let Decider { comparer, options, snapshot } = self.decider;
        let Some(named) = unit.filter(|_| self.known.is_none()) else { return Ok(None) };
        let by_name = class_unit_by_name(named, comparer);
        let unit = match by_name {
            Some(unit) => unit,
            // Whoever bears the very name has to be compared as well.
            None if !self.named.is_empty() => return Ok(None),
            None => match self.class_units.find(named, options.cancel.clone(), snapshot)?[..] {
                [only] => only,
                _ => return Ok(None),
            },
        };
        let compared = compare_below(unit, comparer, scorer);
        // A name that is not written out may be another unit's, which has the class.
        let is_sure = |compared: &Vec<Comparison>| by_name.is_some() || compared.iter().any(is_the_class);
        let Some(compared) = compared.filter(is_sure) else { return Ok(None) };
        Ok(Some(self.decider.decide(compared, self.known, Some(unit), self.readings.typed(), scorer)))
    }

    /// What a search finds. `unit` is what the record says of the unit of its class.
    fn by_search(&self, unit: Option<Record>) -> Result<Resolution, SearchError> {
        let Decider { comparer, options, snapshot } = self.decider;
        let BestReading { plan, ranked, mut scorer } = self.readings.retrieve_and_rank(&mut |_| ())?;
        let mut found = ranked.orgs;
        found.truncate(COMPARED);
        for ordinal in self.known.into_iter().chain(self.named.iter().copied()) {
            if !found.iter().any(|org| org.ordinal == ordinal) {
                found.push(scorer.score(ordinal));
            }
        }
        let mut compared = comparer.compare_all(found, &mut scorer);
        // A class of a known unit is a class of that unit, or none.
        let mut class_unit = None;
        let is_class_found = compared.iter().any(is_the_class);
        if !is_class_found && let Some(unit) = unit {
            let units = self.class_units.find(&unit, options.cancel.clone(), snapshot)?;
            keep_below(&mut compared, &units, snapshot);
            class_unit = units.first().copied();
        }
        Ok(self.decider.decide(compared, self.known, class_unit, plan, &mut scorer))
    }
}

/// What a unit tells of a class: the class below it that says just what the record says, or where
/// there is no such class the nearest ones. `None` where the record has to be searched for.
fn compare_below(unit: Ordinal, comparer: &Comparer<'_>, scorer: &mut Scorer<'_>) -> Option<Vec<Comparison>> {
    let records = comparer.records;
    let classes = classes_below(unit, comparer.class, records)?;
    let is_unknown = classes.is_empty();
    let nearest = || std::iter::once(unit).chain(nearest(unit, comparer.class, records)).take(COMPARED);
    let classes = if is_unknown { nearest().collect() } else { classes };
    let scored: Vec<ScoredOrg> = classes.into_iter().map(|class| scorer.score(class)).collect();
    let compared = comparer.compare_all(scored, scorer);
    let found = compared.iter().filter(|one| is_the_class(one)).count();
    (is_unknown || found == 1).then_some(compared)
}

/// Whether it says what the record says, and nothing against it.
fn is_the_class(comparison: &Comparison) -> bool {
    comparison.is_perfect && comparison.is_possible()
}
