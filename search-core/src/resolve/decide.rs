//! decide: which of the compared organizations the record names, if any.

use super::ResolveOptions;
use super::compare::{Comparer, Comparison};
use super::decision::{Decision, Resolution, ResolvedCandidate};
use super::features::{self, NameAgreement};
use super::model::Model;
use super::reason::{Agreement, Reason, ReasonField};
use super::record::said;
use super::twins::twin_class;
use crate::index::layers::Records;
use crate::index::snapshot::Snapshot;
use crate::org_record::short_name;
use crate::search::FeatureValue;
use crate::search::plan::QueryPlan;
use crate::search::present::present_hit;
use crate::search::rank::Scorer;
use crate::text::symbols::ClassKey;
use index_data::model::{Ordinal, OrgStatus};

/// Classes named beside one that does not exist.
const NEAREST: usize = 3;
/// Classes of a unit that are looked at for the nearest ones.
const LOOKED_AT: usize = 2_000;
/// Twins that are named.
const TWINS: usize = 5;
/// The share of a name that must be found in the organization with the id of the record.
const NAME_AGREES: f32 = 0.5;
/// Candidates whose probabilities differ by less than this are twins.
const TWIN: f32 = 1e-3;

/// The least probability of a second organization that fits fully, for it to be a twin.
const RIVAL: f32 = 0.01;

/// Decides one record.
pub(super) struct Decider<'a> {
    pub(super) comparer: &'a Comparer<'a>,
    pub(super) options: &'a ResolveOptions,
    pub(super) snapshot: &'a Snapshot,
}

/// An organization with its probability.
struct Weighed {
    comparison: Comparison,
    probability: f32,
}

impl Decider<'_> {
    /// `known` is the organization with the id of the record and comes first, `class_unit` the unit that it names before its
    /// class.
    pub(super) fn decide(
        &self,
        compared: Vec<Comparison>,
        known: Option<Ordinal>,
        class_unit: Option<Ordinal>,
        plan: &QueryPlan<'_>,
        scorer: &mut Scorer<'_>,
    ) -> Resolution {
        let mut weighed = self.weigh(compared);
        if let Some(at) = weighed.iter().position(|weighed| Some(weighed.comparison.ordinal()) == known) {
            weighed[..=at].rotate_right(1);
        }
        let decision = self.decision(&weighed, known);
        let probability = |at: usize| weighed.get(at).map_or(0.0, |weighed| weighed.probability);
        let (first, second) = (probability(0), probability(1));
        let reasons = self.reasons(&weighed, class_unit, decision);
        let limit = self.options.limit.clamp(1, ResolveOptions::MAX_LIMIT);
        let candidates =
            weighed.into_iter().take(limit).map(|weighed| self.present(weighed, plan, scorer)).collect();
        Resolution {
            decision,
            probability: first,
            margin: (first - second).max(0.0),
            candidates,
            reasons,
            generation: self.snapshot.generation().to_owned(),
        }
    }

    /// The likeliest first; what is contradicted comes last, in the order of the search.
    fn weigh(&self, compared: Vec<Comparison>) -> Vec<Weighed> {
        let features = |is_possible: bool| -> Vec<&features::Features> {
            let wanted = compared.iter().filter(move |comparison| comparison.is_possible() == is_possible);
            wanted.map(|comparison| &comparison.features).collect()
        };
        // What fits but for a contradiction is what the record means, and does not exist.
        let probabilities =
            Model::shipped().probabilities(&features(true), &features(false), self.options.expected_none);
        let mut probabilities = probabilities.into_iter();
        let mut weighed: Vec<Weighed> = compared
            .into_iter()
            .map(|comparison| {
                let probability =
                    if comparison.is_possible() { probabilities.next().unwrap_or(0.0) } else { 0.0 };
                Weighed { comparison, probability }
            })
            .collect();
        weighed.sort_by(|a, b| {
            let (first, second) = (&a.comparison.scored, &b.comparison.scored);
            b.comparison
                .is_possible()
                .cmp(&a.comparison.is_possible())
                .then_with(|| b.probability.total_cmp(&a.probability))
                .then_with(|| second.raw.total_cmp(&first.raw))
                .then_with(|| first.ordinal.cmp(&second.ordinal))
        });
        weighed
    }

    fn decision(&self, weighed: &[Weighed], known: Option<Ordinal>) -> Decision {
        let possible = || weighed.iter().filter(|weighed| weighed.comparison.is_possible());
        if known.is_some() {
            let agrees = weighed.first().is_some_and(|first| self.agrees_with_code(&first.comparison));
            return if agrees { Decision::Matched } else { Decision::Ambiguous };
        }
        let Some(first) = weighed.first().filter(|first| first.comparison.is_possible()) else {
            return Decision::NoMatch;
        };
        if self.is_cancelled() || self.comparer.query.is_cut {
            return Decision::Ambiguous;
        }
        let mut perfect: Vec<&Comparison> = possible()
            .map(|weighed| &weighed.comparison)
            .filter(|comparison| comparison.is_perfect)
            .collect();
        self.leave_out_below_officials(&mut perfect);
        let is_only_official = match perfect[..] {
            [only] => only.name == NameAgreement::Official && only.ordinal() == first.comparison.ordinal(),
            _ => false,
        };
        let is_next = |second: &Weighed| {
            second.comparison.is_possible() && first.probability - second.probability < TWIN
        };
        let is_rival = |weighed: &&Weighed| weighed.comparison.fits_fully && weighed.probability >= RIVAL;
        let full = possible().filter(is_rival).count();
        let has_twin = perfect.len() > 1
            || (perfect.is_empty() && first.comparison.fits_fully && full > 1)
            || weighed.get(1).is_some_and(is_next)
            || (self.comparer.says_class()
                && twin_class(&first.comparison, &self.snapshot.records).is_some());
        let enough = Model::shipped().threshold(self.options.precision);
        let is_likely = first.probability >= enough && !self.comparer.is_class_of_nobody(&first.comparison);
        let sum: f32 = possible().map(|weighed| weighed.probability).sum();
        let is_only_official = is_only_official
            && first.probability >= 0.5
            && !self.comparer.is_numbers_alone(&first.comparison);
        if !has_twin && (is_only_official || is_likely) {
            Decision::Matched
        } else if sum >= 0.5 {
            Decision::Ambiguous
        } else {
            Decision::NoMatch
        }
    }

    /// What stands below an organization of the exact name is no twin of it: its 机关, which says nothing else.
    fn leave_out_below_officials(&self, perfect: &mut Vec<&Comparison>) {
        let is_official = |one: &&Comparison| one.name == NameAgreement::Official;
        let officials: Vec<Ordinal> =
            perfect.iter().copied().filter(is_official).map(Comparison::ordinal).collect();
        let records = &self.snapshot.records;
        perfect.retain(|one| !records.ancestors(one.ordinal()).any(|above| officials.contains(&above)));
    }

    /// Why a class was left open that fits well: one of the same name elsewhere, or the institution that nobody named.
    fn why_open(&self, first: &Comparison) -> Option<Reason> {
        let records = &self.snapshot.records;
        let note = |field, text: String| Some(Reason::new(field, Agreement::Note, "", text));
        if !first.is_possible() || !self.comparer.says_class() {
            return None;
        }
        if let Some(twin) = twin_class(first, records) {
            return note(ReasonField::Twins, named(&[first.ordinal(), twin], records));
        }
        let unit = records.parent(first.ordinal()).filter(|_| self.comparer.is_class_of_nobody(first))?;
        note(ReasonField::Institution, short_name(records, unit).into_owned())
    }

    fn agrees_with_code(&self, comparison: &Comparison) -> bool {
        let says_name = !self.comparer.query.name.is_empty();
        comparison.is_possible() && (!says_name || comparison.features[0] >= NAME_AGREES)
    }

    fn is_cancelled(&self) -> bool {
        let cancel = self.options.cancel.as_deref();
        cancel.is_some_and(|cancel| cancel.load(std::sync::atomic::Ordering::Relaxed))
    }

    fn present(&self, weighed: Weighed, plan: &QueryPlan<'_>, scorer: &mut Scorer<'_>) -> ResolvedCandidate {
        let Weighed { comparison, probability } = weighed;
        let evidence = scorer.evidence(&comparison.scored);
        let mut hit = present_hit(&comparison.scored, &evidence, plan, self.snapshot);
        hit.score = probability;
        let weights = Model::shipped().weights();
        let features = match self.options.explain {
            true => features::NAMES.iter().zip(comparison.features).zip(weights),
            false => [].iter().zip([0.0; features::LEN]).zip(weights),
        };
        ResolvedCandidate {
            hit,
            probability,
            contradictions: comparison.contradictions,
            features: features.map(|((name, value), &weight)| FeatureValue { name, value, weight }).collect(),
        }
    }

    fn reasons(&self, weighed: &[Weighed], class_unit: Option<Ordinal>, decision: Decision) -> Vec<Reason> {
        let records = &self.snapshot.records;
        let record = self.comparer.record;
        let mut reasons = Vec::new();
        let note = |field, text: String| Reason::new(field, Agreement::Note, "", text);
        if let Some(code) = said(record.code.as_deref()) {
            let agreement = match records.find_id(code) {
                Some(_) => Agreement::Agrees,
                None => Agreement::Missing,
            };
            reasons.push(Reason::new(ReasonField::Code, agreement, code, ""));
        }
        let Some(first) = weighed.first().map(|first| &first.comparison) else { return reasons };
        reasons.extend(first.contradictions.iter().chain(&first.reasons).cloned());
        reasons.sort_by_key(|reason| reason.field);
        if decision == Decision::Ambiguous {
            let twins = twins(weighed, records).map(|twins| note(ReasonField::Twins, twins));
            reasons.extend(twins.or_else(|| self.why_open(first)));
        }
        if decision == Decision::NoMatch {
            let unit = class_unit.or_else(|| class_unit_of(first, records));
            let nearest = unit.and_then(|unit| nearest_classes(unit, self.comparer.class, records));
            reasons.extend(nearest.map(|nearest| note(ReasonField::NearestClasses, nearest)));
        }
        if records.status(first.ordinal()) != OrgStatus::Active
            && let Some(successor) = records.successor(first.ordinal())
        {
            reasons.push(note(ReasonField::Successor, records.name(successor).to_owned()));
        }
        reasons
    }
}

/// Organizations by their names, with their ids.
fn named(orgs: &[Ordinal], records: &Records) -> String {
    let name = |&ordinal: &Ordinal| format!("{}（{}）", short_name(records, ordinal), records.id(ordinal));
    orgs.iter().map(name).collect::<Vec<_>>().join("、")
}

/// The organizations that fit as well as the first.
fn twins(weighed: &[Weighed], records: &Records) -> Option<String> {
    let first = weighed.first()?;
    let is_full = |weighed: &Weighed| weighed.comparison.fits_fully && weighed.probability >= RIVAL;
    let is_twin = |other: &&Weighed| {
        let is_perfect = first.comparison.is_perfect && other.comparison.is_perfect;
        let is_same = is_perfect || (!first.comparison.is_perfect && is_full(first) && is_full(other));
        other.comparison.is_possible() && (is_same || first.probability - other.probability < TWIN)
    };
    let twins: Vec<Ordinal> =
        weighed.iter().filter(is_twin).map(|twin| twin.comparison.ordinal()).take(TWINS).collect();
    (twins.len() > 1).then(|| named(&twins, records))
}

/// The unit of a class that does not exist, where nothing but the class contradicts what was found there.
fn class_unit_of(sister: &Comparison, records: &Records) -> Option<Ordinal> {
    if !sister.is_sister_class() {
        return None;
    }
    let is_unit = sister.class.is_empty() || records.hierarchy().is_unit(sister.ordinal());
    if is_unit { Some(sister.ordinal()) } else { records.parent(sister.ordinal()) }
}

/// A unit and its classes that are nearest to the one that the record names.
fn nearest_classes(unit: Ordinal, said: ClassKey, records: &Records) -> Option<String> {
    if said.is_empty() {
        return None;
    }
    let classes = nearest(unit, said, records);
    let names: Vec<_> = classes.iter().take(NEAREST).map(|&class| short_name(records, class)).collect();
    (!names.is_empty()).then(|| format!("{}：{}", short_name(records, unit), names.join("、")))
}

/// The classes right below a unit, the nearest to a class first: of the same grade, then by year and number.
pub(super) fn nearest(unit: Ordinal, said: ClassKey, records: &Records) -> Vec<Ordinal> {
    let distance = |ordinal: Ordinal| {
        let named = records.rank_row(ordinal).class;
        let far = |said: Option<u16>, named: Option<u16>| match (said, named) {
            (Some(said), Some(named)) => said.abs_diff(named),
            (None, _) => 0,
            (Some(_), None) => 100,
        };
        let is_other_grade = said.grade.is_some() && said.grade != named.grade;
        (u16::from(is_other_grade), far(said.year, named.year), far(said.class, named.class))
    };
    let classes = records.hierarchy().children(unit).take(LOOKED_AT);
    let mut classes: Vec<Ordinal> =
        classes.filter(|&child| !records.rank_row(child).class.is_empty()).collect();
    classes.sort_by_key(|&class| (distance(class), class));
    classes
}
