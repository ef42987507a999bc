//! The passes of a search, the strictest and cheapest first. Each adds candidates or allows more to be meant by what
//! was typed; the search ends with the first pass whose best candidate fits well enough.

use super::align::Tolerance;
use super::candidates::Candidates;
use super::plan::QueryPlan;
use super::rank::{Chain, Fit, Ranked, Ranker, Scorer};
use super::retrieve::{Leg, retrieve};
use super::steps::{SearchPass, SearchStep};
use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use std::ops::RangeInclusive;

/// One pass: what it retrieves, how it scores, when it runs and when it is the last.
struct Pass {
    name: SearchPass,
    /// It runs where the best candidate so far fits so.
    runs_at: RangeInclusive<Fit>,
    /// What it adds.
    legs: &'static [Leg],
    /// What may be meant by what was typed; no more than the former passes allow where corrections are turned off.
    tolerance: Tolerance,
    /// Whether it scores only the best candidates of the passes before, with those it adds.
    narrows: bool,
    /// The search ends where the best candidate fits at least so.
    enough: Fit,
}

const ANY_FIT: RangeInclusive<Fit> = Fit::Partial..=Fit::Settled;

const PASSES: [Pass; 5] = [
    // What holds the literal text. Cheap, and for most keystrokes of a known name enough.
    Pass {
        name: SearchPass::Verbatim,
        runs_at: ANY_FIT,
        legs: &[Leg::Exact, Leg::Substring],
        tolerance: Tolerance::Strict,
        narrows: false,
        enough: Fit::Settled,
    },
    // What the text may be short for, also where some names hold it: 北大 is part of 东北大学 and short for 北京大学.
    Pass {
        name: SearchPass::ShortForms,
        runs_at: ANY_FIT,
        legs: &[Leg::Initials, Leg::ShortForms],
        tolerance: Tolerance::Strict,
        narrows: false,
        enough: Fit::Whole,
    },
    // All of the text was found, but scattered: the same characters may be transposed or duplicated, and no more.
    Pass {
        name: SearchPass::Transposed,
        runs_at: Fit::Scattered..=Fit::Scattered,
        legs: &[],
        tolerance: Tolerance::Transposed,
        narrows: true,
        enough: Fit::Partial,
    },
    // Not all of it was found: the best candidates may be meant by what sounds or looks similar.
    Pass {
        name: SearchPass::Similar,
        runs_at: Fit::Partial..=Fit::Nearly,
        legs: &[],
        tolerance: Tolerance::Similar,
        narrows: true,
        enough: Fit::Nearly,
    },
    // Still not: candidates that sound or look similar, then the words of the text, then whatever shares most of it.
    Pass {
        name: SearchPass::Deep,
        runs_at: Fit::Partial..=Fit::Nearly,
        legs: &[Leg::DeepShortForms, Leg::Words, Leg::FuzzyFallback],
        tolerance: Tolerance::Similar,
        narrows: true,
        enough: Fit::Partial,
    },
];

/// Candidates that a narrowing pass keeps: what holds least of what was typed is not meant by something similar either.
const KEPT: usize = 40;

impl Pass {
    /// How it scores. A caller may turn corrections off.
    fn tolerance(&self, plan: &QueryPlan<'_>) -> Tolerance {
        if plan.request.correct { self.tolerance } else { Tolerance::Strict }
    }

    /// Whether it runs at all: one that only tolerates more has nothing to do without corrections.
    fn runs(&self, fit: Fit, plan: &QueryPlan<'_>) -> bool {
        self.runs_at.contains(&fit) && (plan.request.correct || !self.legs.is_empty())
    }
}

/// The passes of one reading of a query, and what they found so far.
pub(crate) struct Passes<'a> {
    plan: &'a QueryPlan<'a>,
    snapshot: &'a Snapshot,
    candidates: Candidates,
    ranker: Ranker<'a>,
    fit: Fit,
    is_narrowed: bool,
    /// The passes that have had their turn.
    passed: usize,
    /// The last one that ran.
    last: SearchPass,
    is_done: bool,
}

impl<'a> Passes<'a> {
    pub(crate) fn new(plan: &'a QueryPlan<'a>, snapshot: &'a Snapshot) -> Self {
        Passes {
            plan,
            snapshot,
            candidates: Candidates::default(),
            ranker: Ranker::new(plan, snapshot, Tolerance::Strict),
            fit: Fit::Partial,
            is_narrowed: false,
            passed: 0,
            last: SearchPass::Verbatim,
            is_done: false,
        }
    }

    pub(crate) fn plan(&self) -> &'a QueryPlan<'a> {
        self.plan
    }

    /// How the best candidate so far fits.
    pub(crate) fn fit(&self) -> Fit {
        self.fit
    }

    /// The raw score of the best candidate so far.
    pub(crate) fn best_raw(&self) -> f32 {
        self.ranker.best_raw()
    }

    /// What the best few candidates so far hold of a sentence.
    pub(crate) fn chains(&self, most: usize) -> Vec<Chain> {
        self.ranker.chains(most)
    }

    /// Runs the passes up to this one, unless the search ends before. Calls `done` at the end of each retrieval and each
    /// ranking.
    ///
    /// # Errors
    /// [`SearchError::Index`] if the postings cannot be read.
    pub(crate) fn run_to(
        &mut self,
        last: SearchPass,
        done: &mut dyn FnMut(SearchStep),
    ) -> Result<(), SearchError> {
        while let Some(pass) = PASSES.get(self.passed).filter(|pass| pass.name <= last && !self.is_done) {
            self.passed += 1;
            if pass.runs(self.fit, self.plan) {
                self.run(pass, done)?;
            }
        }
        Ok(())
    }

    fn run(&mut self, pass: &Pass, done: &mut dyn FnMut(SearchStep)) -> Result<(), SearchError> {
        if pass.narrows && !self.is_narrowed {
            self.narrow(pass.tolerance(self.plan));
        }
        if !pass.legs.is_empty() {
            for &leg in pass.legs {
                retrieve(leg, self.plan, self.snapshot, &mut self.candidates)?;
            }
            done(SearchStep::Retrieve);
        }
        self.ranker.add(&self.candidates);
        self.fit = self.ranker.fit(&self.candidates);
        done(SearchStep::Rank);
        self.last = pass.name;
        self.is_done = self.fit >= pass.enough;
        Ok(())
    }

    /// Keeps the best candidates only, to be scored with more tolerance.
    fn narrow(&mut self, tolerance: Tolerance) {
        let wider = Ranker::new(self.plan, self.snapshot, tolerance);
        let (ranked, _) = std::mem::replace(&mut self.ranker, wider).finish(&self.candidates, self.last);
        self.candidates.keep(ranked.orgs.iter().take(KEPT).map(|org| org.ordinal));
        self.is_narrowed = true;
    }

    /// The candidates in their order.
    pub(crate) fn finish(self) -> (Ranked, Scorer<'a>) {
        self.ranker.finish(&self.candidates, self.last)
    }
}

#[cfg(test)]
mod tests {
    //! Properties under test: each pass ends the searches that it is meant for, and corrections can be turned off.

    use super::*;
    use crate::search::SearchRequest;
    use crate::search::test_tree::search;

    #[test]
    fn a_search_ends_with_the_first_pass_that_finds_what_fits() {
        let rows = [
            ("北京大学", SearchPass::Verbatim, "11"),
            ("北京市第十五女子中学团委", SearchPass::Verbatim, "17"),
            ("北大", SearchPass::ShortForms, "11"),
            ("清华团委办", SearchPass::ShortForms, "32"),
            ("东北团委办", SearchPass::Transposed, "33"),
            ("qinghuadaxue", SearchPass::ShortForms, "31"),
            ("从江县人民医院", SearchPass::Verbatim, "41"),
            ("中关村道街", SearchPass::Similar, "21"),
            ("科春设区", SearchPass::Similar, "22"),
            ("青华大雪", SearchPass::Deep, "31"),
        ];
        for (query, pass, first) in rows {
            let hits = search(&SearchRequest::new(query));
            assert_eq!((hits.pass, hits.hits[0].org.id.as_str()), (pass, first), "{query}");
        }
    }

    #[test]
    fn nothing_is_corrected_where_the_caller_forbids_it() {
        for query in ["中关村道街", "青华大雪", "清华大学"] {
            let hits = search(&SearchRequest { correct: false, explain: true, ..SearchRequest::new(query) });
            let explanations = hits.hits.iter().flat_map(|hit| &hit.explanation);
            let rules = explanations.flat_map(|explanation| &explanation.matches).map(|found| found.rule);
            assert!(rules.into_iter().all(|rule| !rule.is_correction()), "{query}");
        }
    }

    #[test]
    fn passes_grow_ever_more_tolerant() {
        assert!(PASSES.is_sorted_by_key(|pass| (pass.tolerance, pass.name)));
        assert_eq!(PASSES[PASSES.len() - 1].enough, Fit::Partial, "the last pass always ends the search");
    }
}
