//! The matches of a query block by block, as bits. To count millions of matches it is cheaper to decode whole blocks of
//! postings than to seek from one match to the next.

use super::matches::{MatchSet, PartMatches};
use crate::error::SearchError;
pub(crate) use crate::index::layers::BLOCK;
use crate::index::layers::BlockPostings;
use crate::index::snapshot::Snapshot;
use crate::search::plan::index_error;
use crate::search::step_budget::StepBudget;
use index_data::model::Ordinal;
use std::ops::Range;

const WORDS: usize = BLOCK as usize / 64;

/// The cost of comparing one name, in steps of one posting decoded: names lie apart in mapped memory, so comparing one
/// takes 50 to 90 ns, and decoding a posting takes one (`--wide` of the benches, query 级1班).
pub(crate) const NAME_STEPS: usize = 64;

/// One bit for each organization of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Bits([u64; WORDS]);

impl Bits {
    pub(crate) const NONE: Bits = Bits([0; WORDS]);
    pub(crate) const ALL: Bits = Bits([u64::MAX; WORDS]);

    #[inline]
    pub(crate) fn set(&mut self, at: u32) {
        self.0[(at / 64) as usize % WORDS] |= 1 << (at % 64);
    }

    /// Clears those of the words.
    pub(crate) fn clear_words(&mut self, words: &[u64]) {
        self.0.iter_mut().zip(words).for_each(|(own, other)| *own &= !other);
    }

    pub(crate) fn clear(&mut self, at: u32) {
        self.0[(at / 64) as usize % WORDS] &= !(1 << (at % 64));
    }

    #[inline]
    fn has(&self, at: u32) -> bool {
        self.0[(at / 64) as usize % WORDS] & 1 << (at % 64) != 0
    }

    fn set_run(&mut self, run: Range<u32>) {
        for (at, word) in self.0.iter_mut().enumerate() {
            let first = at as u32 * 64;
            let (from, to) =
                (run.start.clamp(first, first + 64) - first, run.end.clamp(first, first + 64) - first);
            if from < to {
                *word |= u64::MAX >> (64 - (to - from)) << from;
            }
        }
    }

    fn and(&mut self, other: &Bits) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own &= other);
    }

    fn or(&mut self, other: &Bits) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    pub(crate) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The places of all set bits, ascending.
    pub(crate) fn each(&self, mut take: impl FnMut(u32)) {
        for (at, &word) in self.0.iter().enumerate() {
            let mut rest = word;
            while rest != 0 {
                take(at as u32 * 64 + rest.trailing_zeros());
                rest &= rest - 1;
            }
        }
    }
}

/// The bits of runs of ordinals that lie in the block that begins at `start`.
pub(crate) fn bits_of_runs(runs: &[Range<Ordinal>], start: Ordinal) -> Bits {
    let mut bits = Bits::NONE;
    let first = runs.partition_point(|run| run.end <= start);
    for run in runs[first..].iter().take_while(|run| run.start < start.saturating_add(BLOCK)) {
        bits.set_run(run.start.saturating_sub(start)..(run.end - start).min(BLOCK));
    }
    bits
}

/// The matches of a [`MatchSet`] regardless of the filters. Blocks must be asked for in ascending order.
#[derive(Clone)]
pub(crate) struct BlockMatches<'a> {
    snapshot: &'a Snapshot,
    parts: &'a [PartMatches<'a>],
    lists: Vec<Vec<BlockPostings>>,
}

impl<'a> BlockMatches<'a> {
    /// # Errors
    /// [`SearchError::Index`] if the postings cannot be read.
    pub(crate) fn new(matches: &'a MatchSet<'a>, snapshot: &'a Snapshot) -> Result<Self, SearchError> {
        let lists_of = |part: &PartMatches<'_>| -> Result<Vec<BlockPostings>, SearchError> {
            let lists = part.own.grams().map(|gram| snapshot.text.gram_blocks(gram).map_err(index_error));
            lists.filter_map(Result::transpose).collect()
        };
        let lists = matches.parts().iter().map(lists_of).collect::<Result<_, _>>()?;
        Ok(BlockMatches { snapshot, parts: matches.parts(), lists })
    }

    /// The most steps that it takes to look at all blocks.
    pub(crate) fn most_steps(&self) -> usize {
        let decoded: usize = self.lists.iter().flatten().map(|list| list.doc_freq() as usize).sum();
        let compared = self.parts.iter().filter(|part| !part.own.is_certain());
        decoded + compared.map(|part| part.own.at_most() as usize * NAME_STEPS).sum::<usize>()
    }

    /// Those of the `allowed` organizations that match, in the block that begins at `start`. When the steps run out,
    /// organizations that were not looked at are left out.
    pub(crate) fn matches(&mut self, start: Ordinal, allowed: Bits, steps: &StepBudget<'_>) -> Bits {
        let mut all = allowed;
        if self.parts.is_empty() {
            return all;
        }
        if (allowed.count() as usize).saturating_mul(NAME_STEPS * self.parts.len()) < self.steps_of_a_block()
        {
            return self.held(start, &allowed, None, steps);
        }
        let mut any = Bits::NONE;
        let mut owns = Vec::with_capacity(self.parts.len());
        for (part, lists) in self.parts.iter().zip(&mut self.lists) {
            let own = own_bits(lists, start, steps);
            let mut own_or_below = bits_of_runs(&part.below, start);
            own_or_below.or(&own);
            all.and(&own_or_below);
            any.or(&own);
            owns.push(own);
            if all.is_empty() {
                return all;
            }
        }
        all.and(&any);
        if self.parts.iter().all(|part| part.own.is_certain()) {
            return all;
        }
        self.held(start, &all, Some(&owns), steps)
    }

    /// Steps that decoding the lists of one block takes, on average.
    fn steps_of_a_block(&self) -> usize {
        let docs: u64 = self.lists.iter().flatten().map(|list| u64::from(list.doc_freq())).sum();
        (docs * u64::from(BLOCK) / u64::from(self.snapshot.records.len().max(1))) as usize
    }

    /// Those of `some` whose names hold all parts. `owns` says for each part which organizations may hold it, if known.
    fn held(&self, start: Ordinal, some: &Bits, owns: Option<&[Bits]>, steps: &StepBudget<'_>) -> Bits {
        let mut held = Bits::NONE;
        some.each(|at| {
            if start + at < self.snapshot.records.len() && self.holds(start, at, owns, steps) {
                held.set(at);
            }
        });
        held
    }

    /// Whether an organization holds all parts; false as well when no steps are left.
    fn holds(&self, start: Ordinal, at: u32, owns: Option<&[Bits]>, steps: &StepBudget<'_>) -> bool {
        let ordinal = start + at;
        let mut any = false;
        for (number, part) in self.parts.iter().enumerate() {
            let is_in_name = || steps.take_up_to(NAME_STEPS) == NAME_STEPS && part.own.holds(ordinal);
            let holds = match owns.and_then(|owns| owns.get(number)) {
                Some(own) => own.has(at) && (part.own.is_certain() || is_in_name()),
                None => is_in_name(),
            };
            if !holds && !part.is_below(ordinal) {
                return false;
            }
            any |= holds;
        }
        any
    }
}

/// The organizations of a block that all lists hold.
fn own_bits(lists: &mut [BlockPostings], start: Ordinal, steps: &StepBudget<'_>) -> Bits {
    let mut own: Option<Bits> = None;
    for list in lists {
        let mut bits = Bits::NONE;
        add_docs(list, start, &mut bits, steps);
        match &mut own {
            None => own = Some(bits),
            Some(own) => own.and(&bits),
        }
        if own.is_some_and(|own| own.is_empty()) {
            break;
        }
    }
    own.unwrap_or(Bits::NONE)
}

fn add_docs(list: &mut BlockPostings, start: Ordinal, bits: &mut Bits, steps: &StepBudget<'_>) {
    let Some((list, first)) = list.of_block(start) else { return };
    let start = start - first;
    let mut from = list.seek(start);
    loop {
        let docs = list.docs().get(from..).unwrap_or_default();
        let end = docs.partition_point(|&doc| doc - start < BLOCK);
        steps.take_up_to(docs.len());
        docs[..end].iter().for_each(|&doc| bits.set(doc - start));
        if end < docs.len() || list.docs().is_empty() {
            return;
        }
        list.advance();
        from = 0;
    }
}
