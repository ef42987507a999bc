//! The readings of a query as a whole: as it was typed, and as a sentence. The one that fits better is answered.

use super::align::Tolerance;
use super::interpret::Interpretation;
use super::passes::Passes;
use super::plan::{QueryPlan, plan};
use super::rank::{Chain, Fit, Ranked, Scorer};
use super::request::SearchRequest;
use super::sentence::{keep, sentence};
use super::steps::{SearchPass, SearchStep};
use super::tuning::sentence::{FITS, FITS_WELL, LEFT_OUT, LEFT_OUT_OF_NAMES, READ_RIGHT};
use super::written_names::written_names;
use crate::error::SearchError;
use crate::index::snapshot::Snapshot;
use std::cell::OnceCell;
use std::ops::Range;

/// Chains of a sentence that candidates hold and that are measured; the names written out in it are one more.
const CHAINS: usize = 3;

/// By how much less is read to find what holds all of another reading than the typed one: there are several, and what was
/// meant is among the first matches of the right one. Further pages read as much less at once.
const LESS_FOR_OTHER_READINGS: usize = 8;

/// The readings of one query.
pub(crate) struct Readings<'a> {
    request: &'a SearchRequest,
    snapshot: &'a Snapshot,
    typed: QueryPlan<'a>,
    /// Planned where they are needed: the sentence, then chains of it.
    others: [OnceCell<QueryPlan<'a>>; 2 + CHAINS],
}

/// The reading that is answered, with what was found for it.
pub(crate) struct BestReading<'a> {
    pub(crate) plan: &'a QueryPlan<'a>,
    pub(crate) ranked: Ranked,
    pub(crate) scorer: Scorer<'a>,
}

impl<'a> Readings<'a> {
    /// `typed` is the plan of the query as it was typed.
    pub(crate) fn new(typed: QueryPlan<'a>, request: &'a SearchRequest, snapshot: &'a Snapshot) -> Self {
        Readings { request, snapshot, typed, others: Default::default() }
    }

    /// The query as it was typed.
    pub(crate) fn typed(&self) -> &QueryPlan<'a> {
        &self.typed
    }

    /// Scores organizations for the query as it was typed, correcting nothing.
    pub(crate) fn typed_scorer(&'a self) -> Scorer<'a> {
        Scorer::new(&self.typed, self.snapshot, Tolerance::Strict)
    }

    /// Runs the passes of as many readings as are needed. What is found as it was typed is what was meant. Only where
    /// something typed is found nowhere may it be a word of a sentence.
    ///
    /// # Errors
    /// [`SearchError::Index`] if the postings cannot be read.
    pub(crate) fn retrieve_and_rank(
        &'a self,
        done: &mut dyn FnMut(SearchStep),
    ) -> Result<BestReading<'a>, SearchError> {
        let mut typed = Passes::new(&self.typed, self.snapshot);
        typed.run_to(SearchPass::ShortForms, done)?;
        if typed.fit() >= Fit::Scattered {
            typed.run_to(SearchPass::Deep, done)?;
            return Ok(Measured::of(typed, 0.0).reading());
        }
        let Some(interpretation) = self.sentence() else {
            typed.run_to(SearchPass::Deep, done)?;
            return Ok(self.or_names(Measured::of(typed, 0.0), FITS, done)?.reading());
        };
        let sentence = self.best_of_sentence(interpretation, done)?;
        if sentence.fit >= Fit::Nearly || sentence.raw >= READ_RIGHT {
            return Ok(sentence.reading());
        }
        typed.run_to(SearchPass::Deep, done)?;
        Ok(Measured::of(typed, 0.0).or_better(sentence).reading())
    }

    fn sentence(&self) -> Option<Interpretation> {
        let frequency = |pair: &str| self.snapshot.text.gram_frequency(pair).unwrap_or(0);
        sentence(&self.typed.interpretation, &|pair| frequency(pair) > 0)
    }

    /// The sentence without its words, or the best chain of what remains.
    fn best_of_sentence(
        &'a self,
        interpretation: Interpretation,
        done: &mut dyn FnMut(SearchStep),
    ) -> Result<Measured<'a>, SearchError> {
        let mut passes = Passes::new(self.plan(0, interpretation)?, self.snapshot);
        passes.run_to(SearchPass::ShortForms, done)?;
        let chains = if passes.fit() < Fit::Scattered { passes.chains(CHAINS) } else { Vec::new() };
        passes.run_to(SearchPass::Deep, done)?;
        let whole = passes.plan();
        let mut best = self.or_names(Measured::of(passes, 0.0), FITS_WELL, done)?;
        if best.raw < FITS {
            for (at, chain) in chains.iter().enumerate() {
                best = best.or_better(self.measure(1 + at, chain, LEFT_OUT, whole, done)?);
            }
        }
        Ok(best)
    }

    /// What was measured, or the same with nothing kept but the names that are written out in it, where that fits better. From
    /// the raw score `good_enough` on that is not tried.
    fn or_names(
        &'a self,
        whole: Measured<'a>,
        good_enough: f32,
        done: &mut dyn FnMut(SearchStep),
    ) -> Result<Measured<'a>, SearchError> {
        if whole.fit >= Fit::Nearly || whole.raw >= good_enough {
            return Ok(whole);
        }
        let names = written_names(&whole.plan.interpretation, &self.snapshot.records);
        if names.is_empty() {
            return Ok(whole);
        }
        let chain = Chain::new(names, &whole.plan.lattice);
        let names = self.measure(0, &chain, LEFT_OUT_OF_NAMES, whole.plan, done)?;
        Ok(whole.or_better(names))
    }

    /// A sentence with nothing kept but one chain of it, and the years, classes and grades. `cost` is that of leaving out
    /// all of the sentence.
    fn measure(
        &'a self,
        at: usize,
        chain: &Chain,
        cost: f32,
        whole: &QueryPlan<'_>,
        done: &mut dyn FnMut(SearchStep),
    ) -> Result<Measured<'a>, SearchError> {
        let classes: Vec<Range<usize>> =
            whole.lattice.class_places.iter().map(|(_, place)| place.clone()).collect();
        let kept = keep(&whole.interpretation, &chain.spans, &classes);
        let mut passes = Passes::new(self.plan(1 + at, kept)?, self.snapshot);
        // What is kept was found nearly as it is written. Of 5,013 queries none needs what only sounds or looks like it.
        passes.run_to(SearchPass::Similar, done)?;
        Ok(Measured::of(passes, cost * chain.left_out))
    }

    fn plan(&'a self, at: usize, interpretation: Interpretation) -> Result<&'a QueryPlan<'a>, SearchError> {
        let mut planned = plan(interpretation, self.request, self.snapshot)?;
        planned.budget.retrieve_steps = planned.budget.retrieve_steps.div_ceil(LESS_FOR_OTHER_READINGS);
        Ok(self.others[at].get_or_init(|| planned))
    }
}

/// A reading after its last pass.
struct Measured<'a> {
    plan: &'a QueryPlan<'a>,
    passes: Passes<'a>,
    fit: Fit,
    /// The raw score of the best candidate, less what leaving something out costs.
    raw: f32,
}

impl<'a> Measured<'a> {
    fn of(passes: Passes<'a>, cost: f32) -> Self {
        let (fit, raw) = (passes.fit(), passes.best_raw() - cost);
        Measured { plan: passes.plan(), passes, fit, raw }
    }

    fn or_better(self, other: Measured<'a>) -> Measured<'a> {
        if other.raw > self.raw { other } else { self }
    }

    fn reading(self) -> BestReading<'a> {
        BestReading::of(self.plan, self.passes)
    }
}

impl<'a> BestReading<'a> {
    fn of(plan: &'a QueryPlan<'a>, passes: Passes<'a>) -> Self {
        let (ranked, scorer) = passes.finish();
        BestReading { plan, ranked, scorer }
    }
}
