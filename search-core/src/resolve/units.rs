//! The units that a record names by their exact names: its parent, the institution that its name begins with, the unit
//! before the class.

use super::place;
use super::query::RecordQuery;
use super::reason::{Agreement, Reason, ReasonField};
use super::words::{self, types};
use crate::index::layers::Records;
use crate::org_record::short_name;
use crate::search::plan::QueryPlan;
use crate::text::forms;
use index_data::model::Ordinal;

/// Bearers of one name that are looked at. A name of more tells nothing: a parent or a region tells them apart.
const MAX_BEARERS: usize = 32;

/// What a record names by their exact names.
pub(super) struct NamedUnits<'a> {
    records: &'a Records,
    /// The unit that the name says before the class; the whole name where it says none.
    pub(super) unit: &'a str,
    /// Whether organizations bear the exact name of the record.
    pub(super) is_name_borne: bool,
    /// Those that bear the exact name of the parent; none if there are many.
    parents: Vec<Ordinal>,
    /// Whether none of them is of a place: companies and schools stand below whichever place their tree says.
    is_parent_institution: bool,
    /// The institutions whose exact name the name of the record begins with.
    institutions: Vec<Ordinal>,
    /// Those that people call by the name, the most usual meaning 0: 北大.
    called: Vec<(Ordinal, usize)>,
}

impl<'a> NamedUnits<'a> {
    pub(super) fn new(
        query: &'a RecordQuery,
        parent: &str,
        plan: &QueryPlan<'_>,
        records: &'a Records,
    ) -> Self {
        let parents = bearers_of(parent, records);
        NamedUnits {
            records,
            unit: unit_of(query, plan),
            is_name_borne: !query.core.is_empty() && records.find_core(&query.core).next().is_some(),
            is_parent_institution: is_institution(&parents, records),
            parents,
            institutions: institutions_of(&query.core, records),
            called: records.find_short_name(&query.core).take(MAX_BEARERS).collect(),
        }
    }

    /// Whether it is, or is below, an organization with the exact name of the parent; `None` if there is none.
    pub(super) fn is_below_parent(&self, org: Ordinal) -> Option<bool> {
        self.is_below(&self.parents, org)
    }

    /// The same of the institution that the name begins with.
    pub(super) fn is_below_institution(&self, org: Ordinal) -> Option<bool> {
        self.is_below(&self.institutions, org)
    }

    /// Whether the record says an alias that this unit alone bears: 兰大商贸系.
    pub(super) fn names_alone(&self, unit: Ordinal) -> bool {
        let records = self.records;
        let is_said = |alias: &String| {
            let alias = crate::normalize(alias);
            let core = &alias[forms::split(&alias).core];
            let is_long = core.chars().nth(2).is_some();
            is_long && self.unit.contains(core) && records.find_alias(&alias).take(2).count() == 1
        };
        records.has_details(unit) && records.details(unit).aliases.iter().any(is_said)
    }

    /// How unusual it is to call it by the short name that the record says; `None` if nobody does.
    pub(super) fn bearer(&self, org: Ordinal) -> Option<usize> {
        self.called.iter().find(|(bearer, _)| *bearer == org).map(|&(_, unusual)| unusual)
    }

    /// Rules out an organization for a record that names a part of a unit (艺术学院 of 山东艺术设计职业学院): the unit
    /// itself, and what is not below a unit with the exact name of the parent.
    pub(super) fn other_unit(&self, org: Ordinal, said: &str) -> Option<Reason> {
        let records = self.records;
        let says_part = types(self.unit).last().is_some_and(|(word, _)| self.unit.ends_with(word));
        let is_whole = (says_part && self.institutions.contains(&org)) || self.parents.contains(&org);
        let is_elsewhere = self.is_parent_institution && self.is_below(&self.parents, org) == Some(false);
        let known = if is_whole { Some(org) } else { records.parent(org) };
        (is_whole || is_elsewhere).then(|| {
            let known = known.map(|known| short_name(records, known).into_owned()).unwrap_or_default();
            Reason::new(ReasonField::Parent, Agreement::Differs, said, known)
        })
    }

    /// Whether it is one of these or below one; `None` if there are none.
    fn is_below(&self, units: &[Ordinal], org: Ordinal) -> Option<bool> {
        let mut path = std::iter::once(org).chain(self.records.ancestors(org));
        (!units.is_empty()).then(|| path.any(|above| units.contains(&above)))
    }
}

/// Whether these are schools, companies and the like.
fn is_institution(orgs: &[Ordinal], records: &Records) -> bool {
    let is_place = |org: &Ordinal| {
        let core = records.core(*org);
        types(core).last().is_none_or(|(_, known)| known.starts_with("place")) || place::is_all_places(core)
    };
    !orgs.is_empty() && !orgs.iter().any(is_place)
}

/// The organizations that bear a name, with prefix and form or without.
fn bearers_of(name: &str, records: &Records) -> Vec<Ordinal> {
    let name = crate::normalize(name);
    if name.is_empty() {
        return Vec::new();
    }
    let core = &name[forms::split(&name).core];
    few(records.find_core(core).chain(records.find_alias(&name)))
}

/// The bearers of the longest name of an institution that a core begins with, if something follows it.
fn institutions_of(core: &str, records: &Records) -> Vec<Ordinal> {
    let ends = words::ends_of_types(core);
    let beginnings = ends.into_iter().rev().filter(|&end| end < core.len()).map(|end| &core[..end]);
    beginnings
        .map(|name| few(records.find_core(name)))
        .find(|bearers| !bearers.is_empty())
        .unwrap_or_default()
}

/// All of them, each once, or none if they are many.
pub(super) fn few(all: impl Iterator<Item = Ordinal>) -> Vec<Ordinal> {
    let mut found: Vec<Ordinal> = Vec::new();
    for org in all {
        if !found.contains(&org) {
            found.push(org);
        }
        if found.len() > MAX_BEARERS {
            return Vec::new();
        }
    }
    found
}

/// The core of a name up to its class, unless it begins with that.
fn unit_of<'q>(query: &'q RecordQuery, plan: &QueryPlan<'_>) -> &'q str {
    let start = forms::split(&query.name).core.start;
    let class = plan.lattice.class_places.iter().map(|(_, place)| place.start).min();
    let unit = class.and_then(|class| query.core.get(..class.checked_sub(start)?));
    unit.filter(|unit| !unit.is_empty()).unwrap_or(&query.core)
}
