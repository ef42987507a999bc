//! How many organizations match, and how many of each kind, system and region.
//!
//! There are three ways, and the cheapest one that applies is taken:
//! 1. The head holds every match, so the head is counted.
//! 2. The numbers are known without looking at matches: of the empty query, and of one or two characters without
//!    filters.
//! 3. The tree is counted block by block; organizations that the filters reject are skipped.
//!
//! If the third way may cost more than the budget, it walks through the tree several times, each time over other blocks
//! that are spread over the whole tree. So the shares of facets hold wherever the budget ends. All numbers are then
//! lower bounds: the total is `gte`, and `truncated` says so.

use super::hits::{Facet, Total, Truncation};
use super::plan::QueryPlan;
use super::rank::Ranked;
use super::request::FacetField;
use super::retrieve::{BLOCK, Bits, BlockMatches, MatchSet, bits_of_runs};
use super::step_budget::StepBudget;
use crate::error::SearchError;
use crate::index::codes::{CodeWords, Codes};
use crate::index::profiles::Profile;
use crate::index::snapshot::Snapshot;
use index_data::model::Ordinal;
use std::collections::HashMap;
use std::ops::Range;

/// For each walk through the tree which block of every eight it takes.
const WALKS: [u32; 8] = [0, 4, 2, 6, 1, 5, 3, 7];

pub(crate) struct Counted {
    pub(crate) total: Option<Total>,
    pub(crate) facets: Vec<Facet>,
}

/// Counts matches and facet values. Candidates that are no matches are in the head and count as well.
///
/// # Errors
/// [`SearchError::Index`] if the postings cannot be read.
pub(crate) fn count(
    ranked: &Ranked,
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
    truncated: &mut Vec<Truncation>,
) -> Result<Counted, SearchError> {
    let request = plan.request;
    let wants_facets = !request.facets.is_empty();
    if !request.count_total && !wants_facets {
        return Ok(Counted { total: None, facets: Vec::new() });
    }
    let (tally, exact) = tally(ranked, plan, snapshot, wants_facets)?;
    if !exact {
        truncated.push(if wants_facets { Truncation::Facets } else { Truncation::Total });
    }
    let codes = snapshot.profiles.codes();
    let facet = |&field: &FacetField| facet(field, &tally.by_profile, codes, snapshot.records.words());
    Ok(Counted {
        total: request.count_total.then_some(Total { value: tally.total, exact }),
        facets: request.facets.iter().map(facet).collect(),
    })
}

/// How many there are, and how many of each profile if facets are wanted.
#[derive(Default)]
struct Tally {
    total: u64,
    by_profile: Vec<u64>,
}

/// The numbers, and whether they are exact.
fn tally(
    ranked: &Ranked,
    plan: &QueryPlan<'_>,
    snapshot: &Snapshot,
    wants_facets: bool,
) -> Result<(Tally, bool), SearchError> {
    let of_head = || -> Tally {
        let mut by_profile = vec![0; snapshot.profiles.codes().len()];
        let profiles = ranked.head.iter().flat_map(|&org| snapshot.profiles.of(org..org.saturating_add(1)));
        profiles.for_each(|&profile| by_profile[profile as usize] += 1);
        Tally { total: ranked.head.len() as u64, by_profile }
    };
    if ranked.complete {
        return Ok((of_head(), true));
    }
    let matches = MatchSet::new(plan.needles_of(ranked.needle_set, snapshot), plan, snapshot)?;
    if matches.are_all() {
        return Ok((tally_filter(plan, snapshot), true));
    }
    if let Some(known) = matches.known_count().filter(|_| !wants_facets) {
        // An exact candidate need not be a match: no name holds the id that was typed.
        let others = ranked.head.iter().filter(|&&ordinal| !matches.contains(ordinal)).count() as u64;
        return Ok((Tally { total: known + others, by_profile: Vec::new() }, true));
    }
    let steps = StepBudget::new(plan.budget.count_steps, plan.request.cancel.as_deref());
    let mut walk = Walk::new(ranked, plan, snapshot, wants_facets, &steps);
    let exact = walk.all(&BlockMatches::new(&matches, snapshot)?);
    let mut tally = of_head();
    tally.total += walk.total;
    for (count, found) in tally.by_profile.iter_mut().zip(walk.by_profile) {
        *count += found;
    }
    Ok((tally, exact))
}

/// All organizations that pass the filters.
fn tally_filter(plan: &QueryPlan<'_>, snapshot: &Snapshot) -> Tally {
    let mut by_profile = vec![0; snapshot.profiles.codes().len()];
    match plan.filter.within() {
        Some(runs) => runs.iter().for_each(|run| snapshot.profiles.add_run(run.clone(), &mut by_profile)),
        None => snapshot.profiles.add_run(0..snapshot.records.len(), &mut by_profile),
    }
    take_hidden(plan, snapshot, &mut by_profile);
    keep_accepted(&mut by_profile, plan.filter.accepted(&snapshot.profiles));
    Tally { total: by_profile.iter().sum(), by_profile }
}

/// Takes away what stands for nothing that is found.
fn take_hidden(plan: &QueryPlan<'_>, snapshot: &Snapshot, by_profile: &mut [u64]) {
    let Some(hidden) = snapshot.records.hidden() else { return };
    let mut take = |run: Range<Ordinal>| {
        let profiles = hidden.of_run(run).flat_map(|at| snapshot.profiles.of(at..at + 1));
        profiles.for_each(|&profile| by_profile[profile as usize] -= 1);
    };
    match plan.filter.within() {
        Some(runs) => runs.iter().cloned().for_each(take),
        None => take(0..snapshot.records.len()),
    }
}

fn keep_accepted(by_profile: &mut [u64], accepted: &[bool]) {
    by_profile.iter_mut().zip(accepted).for_each(|(count, &accepted)| *count *= u64::from(accepted));
}

/// Counts the matches outside of the head, block by block.
struct Walk<'a> {
    plan: &'a QueryPlan<'a>,
    snapshot: &'a Snapshot,
    steps: &'a StepBudget<'a>,
    /// Ascending.
    head: Vec<Ordinal>,
    /// Whether profiles are to be counted: for facets, or because a filter asks for them.
    by_each: bool,
    total: u64,
    by_profile: Vec<u64>,
}

impl<'a> Walk<'a> {
    fn new(
        ranked: &Ranked,
        plan: &'a QueryPlan<'a>,
        snapshot: &'a Snapshot,
        wants_facets: bool,
        steps: &'a StepBudget<'a>,
    ) -> Walk<'a> {
        let mut head: Vec<Ordinal> = ranked.head.iter().copied().collect();
        head.sort_unstable();
        let by_each = wants_facets || !plan.filter.is_open_within();
        let by_profile = vec![0; snapshot.profiles.codes().len()];
        Walk { plan, snapshot, steps, head, by_each, total: 0, by_profile }
    }

    /// Counts every block. False if the steps ran out before.
    fn all(&mut self, matches: &BlockMatches<'_>) -> bool {
        let fits =
            matches.most_steps() + self.snapshot.records.len() as usize <= self.plan.budget.count_steps;
        let walks = if fits { 1 } else { WALKS.len() };
        let mut is_done = true;
        for &first in &WALKS[..walks] {
            is_done = self.through(matches.clone(), first, walks as u32);
            if !is_done {
                break;
            }
        }
        keep_accepted(&mut self.by_profile, self.plan.filter.accepted(&self.snapshot.profiles));
        if self.by_each {
            self.total = self.by_profile.iter().sum();
        }
        is_done
    }

    /// Counts the blocks `first`, `first + every` and so on. False if the steps ran out.
    fn through(&mut self, mut matches: BlockMatches<'_>, first: u32, every: u32) -> bool {
        let mut block = first;
        loop {
            let Some(next) = self.plan.filter.next_accepted(self.snapshot, block.saturating_mul(BLOCK))
            else {
                return true;
            };
            if next >= self.snapshot.records.len() {
                return true;
            }
            // Skips the blocks of this walk that hold nothing that passes.
            block += (next / BLOCK).saturating_sub(block).next_multiple_of(every);
            self.add(block.saturating_mul(BLOCK), &mut matches);
            if self.steps.is_spent() {
                return false;
            }
            block += every;
        }
    }

    /// Counts one block.
    fn add(&mut self, start: Ordinal, matches: &mut BlockMatches<'_>) {
        let profiles = self.snapshot.profiles.of(start..start.saturating_add(BLOCK));
        if profiles.is_empty() {
            return;
        }
        let allowed = self.allowed(start, profiles);
        if allowed.count() == 0 {
            return;
        }
        let mut found = matches.matches(start, allowed, self.steps);
        let from = self.head.partition_point(|&org| org < start);
        for &org in self.head[from..].iter().take_while(|&&org| org - start < BLOCK) {
            found.clear(org - start);
        }
        let count = found.count();
        self.total += u64::from(count);
        if self.by_each {
            self.steps.take_up_to(count as usize);
            found.each(|at| {
                if let Some(&profile) = profiles.get(at as usize) {
                    self.by_profile[profile as usize] += 1;
                }
            });
        }
    }

    /// The organizations of a block that pass the filters: no other name needs to be compared.
    fn allowed(&self, start: Ordinal, profiles: &[Profile]) -> Bits {
        let mut allowed = match self.plan.filter.within() {
            Some(runs) => bits_of_runs(runs, start),
            None => Bits::ALL,
        };
        if let Some(hidden) = self.snapshot.records.hidden() {
            allowed.clear_words(hidden.block(start));
        }
        if !self.plan.filter.is_open_within() {
            let accepted = self.plan.filter.accepted(&self.snapshot.profiles);
            let rejected = profiles.iter().enumerate().filter(|&(_, &profile)| !accepted[profile as usize]);
            rejected.for_each(|(at, _)| allowed.clear(at as u32));
            self.steps.take_up_to(profiles.len());
        }
        allowed
    }
}

fn facet(field: FacetField, by_profile: &[u64], codes: &[Codes], words: &CodeWords) -> Facet {
    let words = match field {
        FacetField::Kind => &words.kinds,
        FacetField::System => &words.systems,
        FacetField::Region => &words.regions,
    };
    let mut counts: HashMap<u16, u64> = HashMap::new();
    for (codes, &count) in codes.iter().zip(by_profile).filter(|(_, count)| **count > 0) {
        let code = match field {
            FacetField::Kind => codes.kind,
            FacetField::System => codes.system,
            FacetField::Region => codes.region,
        };
        *counts.entry(code).or_default() += count;
    }
    let named =
        |(code, count): (u16, u64)| Some((words.get(usize::from(code).checked_sub(1)?)?.clone(), count));
    let mut values: Vec<(String, u64)> = counts.into_iter().filter_map(named).collect();
    values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Facet { field, values }
}

#[cfg(test)]
mod tests {
    use crate::{Budget, Engine, FacetField, Hits, SearchRequest, Truncation};
    use index_data::generate::{GenerateOptions, Scope, generate};
    use index_data::model::{OrgKind, OrgStatus};
    use index_data::validate::validate_rows;
    use std::collections::BTreeMap;

    const WIDE: [&str; 14] = [
        "",
        "团",
        "班",
        "支部",
        "委员会",
        "中国共产主义青年团",
        "团支部",
        "1班",
        "级1班",
        "村 支部",
        "1班 2班",
        "大学 学院",
        "学院 班",
        "员会委员",
    ];

    fn engine() -> Engine {
        let rows = generate(&GenerateOptions { orgs: 20_000, seed: 4, scope: Scope::Beijing });
        Engine::in_memory(validate_rows(rows).tree.expect("generated rows are valid")).expect("it is built")
    }

    fn requests(query: &str) -> Vec<SearchRequest> {
        let request = SearchRequest { facets: FacetField::ALL.to_vec(), ..SearchRequest::new(query) };
        vec![
            SearchRequest { facets: Vec::new(), ..request.clone() },
            request.clone(),
            SearchRequest { statuses: vec![OrgStatus::Merged, OrgStatus::Closed], ..request.clone() },
            SearchRequest {
                kinds: vec![OrgKind::Branch],
                statuses: vec![OrgStatus::Active],
                ..request.clone()
            },
            SearchRequest { kinds: vec![OrgKind::LeadingBody], ..request },
        ]
    }

    /// Reads all pages and counts by hand.
    fn by_hand(engine: &Engine, request: &SearchRequest) -> (u64, Vec<BTreeMap<String, u64>>) {
        let mut request =
            SearchRequest { count_total: false, facets: Vec::new(), highlight: false, ..request.clone() }
                .limit(1_000);
        let (mut total, mut values) = (0, vec![BTreeMap::new(); FacetField::ALL.len()]);
        loop {
            let page = engine.search(&request).expect("it is searched");
            for hit in page.hits {
                total += 1;
                let own = [
                    hit.org.kind.map(|kind| kind.code().to_owned()),
                    hit.org.system.map(|system| system.code().to_owned()),
                    hit.org.region,
                ];
                for (values, own) in values.iter_mut().zip(own) {
                    own.into_iter().for_each(|value| *values.entry(value).or_default() += 1);
                }
            }
            match page.next_cursor {
                Some(cursor) => request.cursor = Some(cursor),
                None => return (total, values),
            }
        }
    }

    fn values(hits: &Hits) -> Vec<BTreeMap<String, u64>> {
        hits.facets.iter().map(|facet| facet.values.iter().cloned().collect()).collect()
    }

    /// With a large enough budget the numbers are those of all pages; with less they are lower bounds and say so.
    #[test]
    fn totals_and_facets_are_those_of_all_pages_or_lower_bounds() {
        let engine = engine();
        let (mut exact, mut cut) = (0, 0);
        for request in WIDE.into_iter().flat_map(requests) {
            let (total, by_value) = by_hand(&engine, &request);
            for count_steps in [0, 500, 20_000, Budget::SEARCH.count_steps] {
                let budget = Budget { count_steps, ..request.budget };
                let request = SearchRequest { budget, ..request.clone() };
                let hits = engine.search(&request).expect("it is searched");
                assert_eq!(hits, engine.search(&request).expect("it is searched"), "{request:?}");
                let found = hits.total.expect("it was asked for");
                let case =
                    format!("{:?} {:?} {:?} {count_steps}", request.query, request.kinds, request.statuses);
                let says_so = hits.truncated.contains(&Truncation::Facets)
                    || hits.truncated.contains(&Truncation::Total);
                assert_eq!(found.exact, !says_so, "{case}");
                if found.exact {
                    exact += 1;
                    assert_eq!(found.value, total, "{case}");
                } else {
                    cut += 1;
                    assert!(found.value <= total, "{case}: {} of {total}", found.value);
                }
                for (found_values, by_value) in values(&hits).iter().zip(&by_value) {
                    if found.exact {
                        assert_eq!(found_values, by_value, "{case}");
                    }
                    for (value, count) in found_values {
                        assert!(count <= by_value.get(value).unwrap_or(&0), "{case}: {value}");
                    }
                }
                let is_enough = count_steps == Budget::SEARCH.count_steps;
                assert!(found.exact || !is_enough, "{case}: so small a tree is counted whole");
            }
        }
        assert!(exact > 100 && cut > 20, "{exact} exact, {cut} cut");
    }
}
