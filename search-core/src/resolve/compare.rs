//! compare: one organization with the record, field by field.

use super::contradictions::{self, Said};
use super::features::{Compared, Features, NameAgreement, features};
use super::place::{self, Place, places_of_column, places_of_name, places_of_parent};
use super::query::RecordQuery;
use super::reason::{Agreement, Reason, ReasonField};
use super::record::{Record, beginning, said};
use super::words::{self, says_type, types};
use crate::index::records::Records;
use crate::org_record::short_name;
use crate::search::lattice::Edge;
use crate::search::plan::QueryPlan;
use crate::search::rank::{FieldMatch, RecordMatch, ScoredOrg, Scorer, SkippedWords};
use crate::text::forms;
use crate::text::symbols::{ClassKey, Number, Symbol};
use index_data::model::{Ordinal, OrgKind};

/// The weight that other spellings of numbers may cost a name that says the same: 1 for 一.
const SPELLED: f32 = 1.0;
/// Symbols that a name may leave over and still say the same.
const LEFT_OVER: f32 = 0.5;

/// The share of the names above that must be said: 郑州一中 is not 郑州市西一中学.
const SAID_ABOVE: f32 = 0.9;

/// Bearers of a short name that are looked at.
const MAX_BEARERS: usize = 32;

/// One organization beside the record.
pub(super) struct Comparison {
    pub(super) scored: ScoredOrg,
    pub(super) features: Features,
    pub(super) name: NameAgreement,
    /// Whether the record and its names say the same, and nothing that the record says is missing. Two such ones are
    /// twins.
    pub(super) is_perfect: bool,
    /// Whether all that the record says is found as it is written, and hardly anything is left over. Two such ones are
    /// twins as well, unless one of them is perfect.
    pub(super) fits_fully: bool,
    /// Whether the record says something of its parent's name, and of the names above that.
    pub(super) names_parent: bool,
    pub(super) names_above_parent: bool,
    /// The class that it or an organization above it names.
    pub(super) class: ClassKey,
    /// What agrees or is missing.
    pub(super) reasons: Vec<Reason>,
    /// What rules it out.
    pub(super) contradictions: Vec<Reason>,
}

impl Comparison {
    pub(super) fn ordinal(&self) -> Ordinal {
        self.scored.ordinal
    }

    pub(super) fn is_possible(&self) -> bool {
        self.contradictions.is_empty()
    }

    /// Whether year, grade or class alone rule it out.
    pub(super) fn is_sister_class(&self) -> bool {
        let of_class = |reason: &Reason| {
            matches!(reason.field, ReasonField::Class | ReasonField::Year | ReasonField::Grade)
        };
        !self.is_possible() && self.contradictions.iter().all(of_class)
    }
}

/// How one organization stands among those of its search, by raw scores.
#[derive(Clone, Copy)]
struct Standing {
    behind: f32,
    lead: f32,
}

/// Compares organizations with one record.
pub(super) struct Comparer<'a> {
    pub(super) record: &'a Record,
    pub(super) query: &'a RecordQuery,
    pub(super) records: &'a Records,
    /// The class that the record names.
    pub(super) class: ClassKey,
    /// Whether it says a number that is none of a class: 第十五中学.
    says_number: bool,
    /// Whether its name says where it is.
    pub(super) says_place: bool,
    /// The regions that it names.
    places: Vec<Place>,
    former_name: Option<String>,
    /// The unit that the name says before the class; the whole name where it says none.
    unit: &'a str,
    /// How many characters of the name are noise, as it was typed.
    noise: usize,
    /// The organizations whose very name the record says of the parent; none if there are many.
    parents: Vec<Ordinal>,
    /// The institutions whose very name the name of the record begins with.
    units: Vec<Ordinal>,
    /// Whether none of them is of a place: companies and schools stand below whichever place their tree says.
    is_parent_institution: bool,
    /// Those that people call by the name, the most usual meaning 0: 北大.
    bearers: Vec<(Ordinal, usize)>,
}

impl<'a> Comparer<'a> {
    pub(super) fn new(
        record: &'a Record,
        query: &'a RecordQuery,
        plan: &QueryPlan<'_>,
        records: &'a Records,
    ) -> Comparer<'a> {
        let is_number = |edge: &Edge| edge.symbol().is_some_and(|symbol| Number::of(symbol).is_some());
        let says_number = plan.lattice.edges.iter().any(is_number);
        let text_of = |column: &'a Option<String>| said(column.as_deref()).map(beginning).unwrap_or_default();
        let mut places = places_of_column(text_of(&record.region));
        places.extend(places_of_parent(text_of(&record.parent)));
        let named = places_of_name(&query.core);
        let parents = bearers_of(text_of(&record.parent), records);
        let says_place = !named.is_empty();
        places.extend(named);
        places.dedup();
        Comparer {
            record,
            query,
            records,
            class: plan.lattice.class,
            places,
            former_name: said(record.former_name.as_deref()).map(|name| crate::normalize(beginning(name))),
            says_place,
            says_number,
            unit: unit_of(query, plan),
            noise: plan.interpretation.noise_len(&query.fields[0]),
            units: units_of(&query.core, records),
            is_parent_institution: is_institution(&parents, records),
            parents,
            bearers: records.find_short_name(&query.core).take(MAX_BEARERS).collect(),
        }
    }

    /// Compares organizations of one search.
    pub(super) fn compare_all(&self, orgs: Vec<ScoredOrg>, scorer: &mut Scorer<'_>) -> Vec<Comparison> {
        let mut raw: Vec<f32> = orgs.iter().map(|org| org.raw).collect();
        raw.sort_by(|a, b| b.total_cmp(a));
        let at = |place: usize| raw.get(place).copied().unwrap_or(0.0);
        let (best, next) = (at(0), at(1));
        let lead = |org: &ScoredOrg| if org.raw >= best { best - next } else { 0.0 };
        orgs.into_iter()
            .map(|org| {
                let standing = Standing { behind: best - org.raw, lead: lead(&org) };
                self.compare(org, standing, scorer)
            })
            .collect()
    }

    fn compare(&self, scored: ScoredOrg, standing: Standing, scorer: &mut Scorer<'_>) -> Comparison {
        let org = scored.ordinal;
        let found = scorer.record_match(&scored, &self.query.fields);
        let text = scorer.query_text();
        let name = self.name_agreement(org);
        let mut reasons = Vec::new();
        let mut contradictions = Vec::new();

        let class = contradictions::class(self.class, found.class);
        let is_other_class = contradictions::is_other_class(&class, found.class);
        let classes = class.iter().filter(|reason| reason.agreement == Agreement::Agrees).count();
        for reason in class {
            let is_against = is_other_class && reason.agreement != Agreement::Agrees;
            if is_against { contradictions.push(reason) } else { reasons.push(reason) }
        }

        let regions = contradictions::regions(&self.said(), self.records, org);
        let count = |agreement| regions.iter().filter(|reason| reason.agreement == agreement).count();
        let (agreeing, unknown) = (count(Agreement::Agrees), count(Agreement::Missing));
        for reason in regions {
            let is_against = reason.agreement == Agreement::Differs;
            if is_against { contradictions.push(reason) } else { reasons.push(reason) }
        }

        if name == NameAgreement::Partial && !self.query.core.is_empty() {
            contradictions.extend(contradictions::unsaid_class(self.class, &self.query.core, found.class));
        }
        if name != NameAgreement::Official {
            contradictions.extend(number(&found));
            contradictions.extend(contradictions::organization_type(&self.said(), self.records, org));
            contradictions.extend(contradictions::trade(&self.said(), self.records, org));
        }
        let fits_fully = fits_fully(&found, scored.features.above);
        if name == NameAgreement::Partial && !fits_fully {
            contradictions.extend(self.other_unit(org));
        }
        self.tell_names(&found, text, name, &mut reasons);
        let evidence = self.evidence(org, &mut reasons);
        let compared = Compared {
            name,
            classes,
            regions: agreeing,
            unknown_regions: unknown,
            behind: standing.behind,
            lead: standing.lead,
            says_class: self.says_class(),
            is_community: is_community(self.records.core(org)),
            is_company: says_type(self.records.core(org), "company"),
            is_school: is_school(self.records.core(org)),
            says_number: self.says_number,
            set_aside: scorer.noise_len(&self.query.fields[0]).saturating_sub(self.noise),
            is_below_parent: self.is_below(&self.parents, org),
            is_below_unit: self.is_below(&self.units, org),
            others_bear_name: !self.query.core.is_empty() && self.records.find_core(&self.query.core).next().is_some(),
            is_elsewhere: self.says_place && place::names_another_county(self.records.core(org), &self.places),
            bearer: self.bearers.iter().find(|(bearer, _)| *bearer == org).map(|&(_, unusual)| unusual),
            evidence,
        };
        let features = features(&scored.features, &found, &compared);
        let is_perfect = is_perfect(&found, scored.features.above, name)
            && reasons.iter().all(|reason| !is_missing_field(reason));
        Comparison {
            features,
            name,
            is_perfect,
            fits_fully,
            names_parent: found.said_of_parent > 0,
            names_above_parent: found.said_above_parent > 0,
            class: found.class,
            reasons,
            contradictions,
            scored,
        }
    }

    /// Whether the record names a class.
    pub(super) fn says_class(&self) -> bool {
        !self.class.is_empty()
    }

    /// Whether the record names a class, but not the institution that it is a class of: 2024级数学5班 and 艺术学院数学5班 are
    /// some of many, whichever of them was found.
    pub(super) fn is_class_of_nobody(&self, found: &Comparison) -> bool {
        let records = self.records;
        let Some(unit) = records.parent(found.ordinal()) else { return false };
        let is_part = records.parent(unit).is_some_and(|above| is_school(records.core(above)));
        self.is_bare_class(found) || (self.says_class() && !found.names_above_parent && is_part)
    }

    /// Whether the record names a class and nothing that it is a class of: 2024级5班.
    pub(super) fn is_bare_class(&self, found: &Comparison) -> bool {
        let names_unit = found.names_parent || found.names_above_parent;
        self.says_class() && !names_unit && !is_school(self.records.core(found.ordinal()))
    }

    /// A part of a unit is not the unit itself, and what a unit of the very name holds is below that: 艺术学院 of 山东艺术设计职业学院
    /// is not that, nor of any other.
    fn other_unit(&self, org: Ordinal) -> Option<Reason> {
        let records = self.records;
        let says_part = types(self.unit).last().is_some_and(|(word, _)| self.unit.ends_with(word));
        let is_whole = (says_part && self.units.contains(&org)) || self.parents.contains(&org);
        let is_elsewhere = self.is_parent_institution && self.is_below(&self.parents, org) == Some(false);
        let said = said(self.record.parent.as_deref()).unwrap_or(self.record.name.trim());
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

    fn said(&self) -> Said<'_> {
        Said { core: &self.query.core, unit: self.unit, places: &self.places }
    }

    /// How the name of the record agrees with the organization's names as a whole.
    fn name_agreement(&self, org: Ordinal) -> NameAgreement {
        let (records, query) = (self.records, self.query);
        if query.name.is_empty() || query.is_cut {
            return NameAgreement::Partial;
        }
        let details = || records.details(org);
        let holds = |names: &[String], text: &str| names.iter().any(|name| crate::normalize(name) == text);
        if records.normalized(org) == query.name
            || (records.has_details(org) && holds(&details().aliases, &query.name))
        {
            NameAgreement::Official
        } else if records.is_core(org, &query.core)
            || (records.has_details(org) && holds(&details().former_names, &query.name))
        {
            NameAgreement::Bare
        } else {
            NameAgreement::Partial
        }
    }

    /// What of the name and the parent is found, for people.
    fn tell_names(&self, found: &RecordMatch, text: &str, name: NameAgreement, reasons: &mut Vec<Reason>) {
        for (at, field, said) in [
            (0, ReasonField::Name, Some(self.record.name.trim())),
            (1, ReasonField::Parent, said(self.record.parent.as_deref())),
        ] {
            let (Some(matched), Some(said)) = (found.fields.get(at), said) else { continue };
            let is_whole = at == 0 && name == NameAgreement::Official;
            if is_whole || (matched.unread.is_empty() && matched.weight > 0.0) {
                reasons.push(Reason::new(field, Agreement::Agrees, said, ""));
            }
            if !is_whole {
                let missing: Vec<&str> =
                    matched.unread.iter().filter_map(|range| text.get(range.clone())).collect();
                if !missing.is_empty() {
                    reasons.push(Reason::new(field, Agreement::Missing, missing.join("…"), ""));
                }
            }
        }
    }

    /// Former name, kind and other columns: agreements less differences.
    fn evidence(&self, org: Ordinal, reasons: &mut Vec<Reason>) -> i32 {
        let mut sum = 0;
        let mut add = |field, agreement, said: &str, known: &str| {
            sum += if agreement == Agreement::Agrees { 1 } else { -1 };
            reasons.push(Reason::new(field, agreement, said, known));
        };
        if let Some(former) = &self.former_name {
            let details = self.records.details(org);
            let names = details.former_names.iter().chain(&details.aliases);
            let core = |name: &str| name[forms::split(name).core].to_owned();
            if names.map(|name| crate::normalize(name)).any(|name| core(&name) == core(former)) {
                add(ReasonField::FormerName, Agreement::Agrees, former, "");
            }
        }
        // What a name says of its form and what is exported as the kind often differ: a kind only ever agrees.
        let kind = said(self.record.kind.as_deref()).map(OrgKind::parse).filter(OrgKind::is_known);
        if let Some(kind) = kind.filter(|kind| self.records.kind(org).as_ref() == Some(kind)) {
            add(ReasonField::Kind, Agreement::Agrees, kind.export_spelling(), "");
        }
        if !self.record.evidence.is_empty() && self.records.has_details(org) {
            let details = self.records.details(org);
            for (column, value) in &self.record.evidence {
                let known = details.attributes.iter().find(|(known, _)| known == column);
                let Some((_, known)) = known.filter(|_| !value.trim().is_empty()) else { continue };
                let is_same = crate::normalize(known) == crate::normalize(value);
                let agreement = if is_same { Agreement::Agrees } else { Agreement::Differs };
                add(ReasonField::Evidence, agreement, value, known);
            }
        }
        sum
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
fn units_of(core: &str, records: &Records) -> Vec<Ordinal> {
    let ends = words::ends_of_types(core);
    let beginnings = ends.into_iter().rev().filter(|&end| end < core.len()).map(|end| &core[..end]);
    beginnings.map(|name| few(records.find_core(name))).find(|bearers| !bearers.is_empty()).unwrap_or_default()
}

/// All of them, or none if they are many.
fn few(found: impl Iterator<Item = Ordinal>) -> Vec<Ordinal> {
    let found: Vec<Ordinal> = found.take(MAX_BEARERS + 1).collect();
    if found.len() > MAX_BEARERS { Vec::new() } else { found }
}

/// The core of a name up to its class, unless it begins with that.
fn unit_of<'q>(query: &'q RecordQuery, plan: &QueryPlan<'_>) -> &'q str {
    let start = forms::split(&query.name).core.start;
    let class = plan.lattice.class_places.iter().map(|(_, place)| place.start).min();
    let unit = class.and_then(|class| query.core.get(..class.checked_sub(start)?));
    unit.filter(|unit| !unit.is_empty()).unwrap_or(&query.core)
}

fn is_school(core: &str) -> bool {
    says_type(core, "school")
}

fn is_community(core: &str) -> bool {
    types(core).last().is_some_and(|(_, known)| known.starts_with("place.community"))
}

/// Whether the name says all that the organization's names say, and these all that the name says.
fn is_perfect(found: &RecordMatch, above: f32, name: NameAgreement) -> bool {
    let is_found = |field: &FieldMatch| field.missing() == 0.0 && field.corrected() < SPELLED;
    let nothing_skipped =
        found.skipped_own == SkippedWords::default() && found.skipped_above == SkippedWords::default();
    let parent = found.fields.get(1).is_none_or(is_found);
    let says_same = found.fields.first().is_some_and(|name| name.weight > 0.0 && is_found(name));
    parent
        && (name == NameAgreement::Official
            || (says_same
                && above >= SAID_ABOVE
                && found.leftover < LEFT_OVER
                && nothing_skipped
                && found.is_contiguous))
}

/// Whether a record may well be a short form of the organization's names.
fn fits_fully(found: &RecordMatch, above: f32) -> bool {
    const LEFT_OVER: f32 = 1.5;
    const SAID_ABOVE: f32 = 0.6;
    let is_found = |field: &FieldMatch| field.missing() == 0.0 && field.corrected() < SPELLED;
    found.fields.iter().take(2).all(is_found)
        && found.fields.first().is_some_and(|name| name.weight > 0.0)
        && above >= SAID_ABOVE
        && found.leftover < LEFT_OVER
        && found.skipped_own.symbols == 0
        && found.skipped_above == SkippedWords::default()
        && found.inside_runs == 0
}

/// Whether something that the record says is not found.
fn is_missing_field(reason: &Reason) -> bool {
    reason.agreement == Agreement::Missing && reason.field != ReasonField::Name
}

/// Another number in the name: 第十五中学 is not 第五中学, nor is 第五十一中学.
fn number(found: &RecordMatch) -> Option<Reason> {
    let text = |symbols: &[Symbol]| {
        let numbers = symbols.iter().filter_map(|&symbol| match Number::of(symbol) {
            Some(Number::Plain(number)) => Some(number.to_string()),
            _ => None,
        });
        numbers.collect::<Vec<_>>().join("、")
    };
    if found.unread_numbers.is_empty() && found.mistyped_for.is_empty() {
        return None;
    }
    let known = if found.mistyped_for.is_empty() { &found.other_numbers } else { &found.mistyped_for };
    Some(Reason::new(ReasonField::Number, Agreement::Differs, text(&found.unread_numbers), text(known)))
}
