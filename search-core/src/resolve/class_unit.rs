//! The unit that a record names before its class: 榆林中学 of 榆林中学高三18班.

use super::COMPARED;
use super::compare::{Comparer, Comparison};
use super::place::is_all_places;
use super::query::RecordQuery;
use super::reason::{Agreement, Reason, ReasonField};
use super::record::{Record, said};
use super::units::few;
use super::words::types;
use crate::error::SearchError;
use crate::index::layers::Records;
use crate::index::snapshot::Snapshot;
use crate::org_record::short_name;
use crate::search::plan::QueryPlan;
use crate::search::read;
use crate::search::readings::{BestReading, Readings};
use crate::text::forms;
use crate::text::symbols::ClassKey;
use index_data::model::Ordinal;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Organizations below a unit that are looked at.
const MOST_BELOW: usize = 50_000;
/// Classes of one key that are compared: of more, what else the record says has to be searched for.
const MOST_CLASSES: usize = 64;
/// Units that are remembered.
const MOST_UNITS: usize = 20_000;

/// A record of the unit alone: what the record says of the parent, else its name up to the class; `None` if it names no
/// class, or nothing before it.
pub(super) fn class_unit_record(record: &Record, plan: &QueryPlan<'_>) -> Option<Record> {
    let text = plan.interpretation.text.text();
    let class = plan.lattice.class_places.iter().map(|(_, place)| place.start).min()?;
    let parent = said(record.parent.as_deref()).filter(|parent| !is_place(&crate::normalize(parent)));
    let name = match parent {
        Some(parent) => parent,
        None => text.get(..class)?,
    };
    let is_named = name.chars().nth(1).is_some();
    is_named.then(|| Record { region: record.region.clone(), ..Record::named(name) })
}

/// Whether a normalized name is one of a region, a town or a village: what classes stand below is in it somewhere.
fn is_place(name: &str) -> bool {
    let core = &name[forms::split(name).core];
    let is_type =
        types(core).last().is_some_and(|(word, known)| core.ends_with(word) && known.starts_with("place"));
    is_type || is_all_places(core)
}

/// The one unit whose exact name the record says before its class, if no region that the record says is another one.
pub(super) fn class_unit_by_name(unit: &Record, comparer: &Comparer<'_>) -> Option<Ordinal> {
    let records = comparer.records;
    let name = crate::normalize(&unit.name);
    let core = &name[forms::split(&name).core];
    let bearers = few(records.find_core(core).chain(records.find_alias(&name)));
    let is_possible =
        |org: &Ordinal| records.hierarchy().is_unit(*org) && comparer.is_where_record_says(*org);
    match bearers.into_iter().filter(is_possible).collect::<Vec<_>>()[..] {
        [only] => Some(only),
        _ => None,
    }
}

/// The classes below a unit that may be the one of the record, by year, grade and number; `None` if they are too many to
/// be looked at.
pub(super) fn classes_below(unit: Ordinal, said: ClassKey, records: &Records) -> Option<Vec<Ordinal>> {
    let mut runs = Vec::new();
    records.subtree_runs(unit, &mut runs);
    if runs.iter().map(ExactSizeIterator::len).sum::<usize>() > MOST_BELOW {
        return None;
    }
    let mut found = Vec::new();
    for run in runs {
        for (org, (_, (_, class))) in run.clone().zip(records.signatures_and_codes(run)) {
            let known = ClassKey::unpack(class);
            let names_class = said.class.is_none() || known.class == said.class;
            if class != 0 && names_class && said.agrees_with(known) && !records.is_hidden(org) {
                found.push(org);
            }
        }
    }
    (found.len() <= MOST_CLASSES).then_some(found)
}

/// The units that records of one snapshot name before their classes; searched for once for all records that say the
/// same of the unit.
#[derive(Default)]
pub(super) struct ClassUnits {
    found: Mutex<HashMap<Record, Arc<[Ordinal]>>>,
}

impl ClassUnits {
    /// The units whose names say what `unit` says, and nothing else. Those of a search that was cancelled are not kept.
    ///
    /// # Errors
    /// [`SearchError::Index`] if the postings cannot be read.
    pub(super) fn find(
        &self,
        unit: &Record,
        cancel: Option<Arc<AtomicBool>>,
        snapshot: &Snapshot,
    ) -> Result<Arc<[Ordinal]>, SearchError> {
        let found = || self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(units) = found().get(unit) {
            return Ok(Arc::clone(units));
        }
        let query = RecordQuery::new(unit, cancel.clone());
        let units: Arc<[Ordinal]> = find_class_units(unit, &query, snapshot)?.into();
        if !cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
            let mut found = found();
            if found.len() >= MOST_UNITS {
                found.clear();
            }
            found.insert(unit.clone(), Arc::clone(&units));
        }
        Ok(units)
    }
}

/// As [`ClassUnits::find`].
fn find_class_units(
    record: &Record,
    query: &RecordQuery,
    snapshot: &Snapshot,
) -> Result<Vec<Ordinal>, SearchError> {
    let records = &snapshot.records;
    let readings = Readings::new(read(&query.request, snapshot, &mut |_| ())?, &query.request, snapshot);
    let comparer = Comparer::new(record, query, readings.typed(), records);
    let BestReading { ranked, mut scorer, .. } = readings.retrieve_and_rank(&mut |_| ())?;
    let mut found = ranked.orgs;
    found.truncate(COMPARED);
    let compared = comparer.compare_all(found, &mut scorer);
    let is_named_unit = |comparison: &&Comparison| {
        comparison.is_perfect
            && comparison.is_possible()
            && comparison.class.is_empty()
            && records.hierarchy().is_unit(comparison.ordinal())
    };
    Ok(compared.iter().filter(is_named_unit).map(Comparison::ordinal).collect())
}

/// Rules out what is not below one of the units.
pub(super) fn keep_below(compared: &mut [Comparison], units: &[Ordinal], snapshot: &Snapshot) {
    let Some(&first) = units.first() else { return };
    let records = &snapshot.records;
    for comparison in compared {
        let org = comparison.ordinal();
        if units.contains(&org) || records.ancestors(org).any(|above| units.contains(&above)) {
            continue;
        }
        let parent = records.parent(org).map(|parent| short_name(records, parent).into_owned());
        comparison.contradictions.push(Reason::new(
            ReasonField::Parent,
            Agreement::Differs,
            short_name(records, first),
            parent.unwrap_or_default(),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use index_data::load::SourceRow;
    use index_data::validate::validate_rows;

    #[test]
    fn a_unit_is_searched_for_once() {
        let row = |id: &str, name: &str, parent: &str| SourceRow {
            id: id.to_owned(),
            name: name.to_owned(),
            parent_id: parent.to_owned(),
            ..SourceRow::default()
        };
        let tree = validate_rows([row("1", "共青团北京大学委员会", ""), row("2", "2024级1班团支部", "1")]);
        let engine = Engine::in_memory(tree.tree.expect("valid rows")).expect("it is built");
        let snapshot = engine.snapshot();
        let units = ClassUnits::default();
        for _ in 0..2 {
            let found = units.find(&Record::named("北京大学"), None, &snapshot).expect("it is found");
            assert_eq!(found[..], [0]);
        }
        let cancelled = Some(Arc::new(AtomicBool::new(true)));
        let _ = units.find(&Record::named("清华大学"), cancelled, &snapshot);
        assert_eq!(units.found.lock().expect("no thread panicked").len(), 1);
    }
}
