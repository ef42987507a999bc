//! compare: one organization with the record, field by field.

use super::agreement::{fits_fully, is_former_name, is_missing_field, is_perfect, name_agreement};
use super::contradictions::{self, Said};
use super::features::{Compared, Features, NameAgreement, features};
use super::place::{self, Place, places_of_column, places_of_name, places_of_parent};
use super::query::RecordQuery;
use super::reason::{Agreement, Reason, ReasonField};
use super::record::{Record, beginning, said};
use super::units::NamedUnits;
use super::words::{says_type, types};
use crate::index::layers::Records;
use crate::search::lattice::Edge;
use crate::search::plan::QueryPlan;
use crate::search::rank::{RecordMatch, ScoredOrg, Scorer};
use crate::text::forms;
use crate::text::symbols::{ClassKey, Number};
use index_data::model::{Ordinal, OrgKind};

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
    /// Whether the name of the record says anything beside year, grade, class and form.
    pub(super) says_content: bool,
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
    units: NamedUnits<'a>,
    /// How many characters of the name are noise, as it was typed.
    noise: usize,
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
            noise: plan.interpretation.noise_len(&query.fields[0]),
            units: NamedUnits::new(query, text_of(&record.parent), plan, records),
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
        let name = name_agreement(self.query, org, self.records);
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
        if name != NameAgreement::Official && !is_former_name(self.query, org, self.records) {
            contradictions.extend(contradictions::number(&found, &self.said()));
            contradictions.extend(contradictions::organization_type(&self.said(), self.records, org));
            contradictions.extend(contradictions::other_body(&self.said(), self.records, org));
            contradictions.extend(contradictions::trade(&self.said(), self.records, org));
        }
        let fits_fully = fits_fully(&found, scored.features.above);
        if name == NameAgreement::Partial && !fits_fully {
            let said = said(self.record.parent.as_deref()).unwrap_or(self.record.name.trim());
            contradictions.extend(self.units.other_unit(org, said));
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
            is_below_parent: self.units.is_below_parent(org),
            is_below_unit: self.units.is_below_institution(org),
            others_bear_name: self.units.is_name_borne,
            is_elsewhere: self.says_place
                && place::names_another_county(self.records.core(org), &self.places),
            bearer: self.units.bearer(org),
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
            says_content: found.fields.first().is_some_and(|name| name.weight > 0.0),
            names_parent: found.said_of_parent > 0,
            names_above_parent: found.said_above_parent > 0,
            class: found.class,
            reasons,
            contradictions,
            scored,
        }
    }

    /// Whether an organization is in no other region than those that the record names.
    pub(super) fn is_where_record_says(&self, org: Ordinal) -> bool {
        let regions = contradictions::regions(&self.said(), self.records, org);
        regions.iter().all(|reason| reason.agreement != Agreement::Differs)
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
        let is_named = || found.names_above_parent || self.units.names_alone(unit);
        self.is_bare_class(found) || (self.says_class() && is_part && !is_named())
    }

    /// Whether the record names a class and nothing that it is a class of: 2024级数学5班.
    fn is_bare_class(&self, found: &Comparison) -> bool {
        let names_unit = found.names_parent || found.names_above_parent;
        self.says_class() && !names_unit && !is_school(self.records.core(found.ordinal()))
    }

    /// Whether the record names a class by year, grade and number alone: 高一（1）班. Many are called so, in whatever writing.
    pub(super) fn is_numbers_alone(&self, found: &Comparison) -> bool {
        self.is_bare_class(found) && !found.says_content
    }

    fn said(&self) -> Said<'_> {
        Said { core: &self.query.core, unit: self.units.unit, places: &self.places }
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

fn is_school(core: &str) -> bool {
    says_type(core, "school")
}

fn is_community(core: &str) -> bool {
    types(core).last().is_some_and(|(_, known)| known.starts_with("place.community"))
}
