//! The answer to a record.

use super::reason::Reason;
use crate::search::FeatureValue;
use crate::search::Hit;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What is decided of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// The record names the first candidate.
    Matched,
    /// It may name one of the candidates: nobody can tell, or the engine is not sure enough. For a person to review.
    Ambiguous,
    /// It names no organization of this tree.
    NoMatch,
}

impl Decision {
    /// All decisions.
    pub const ALL: [Decision; 3] = [Decision::Matched, Decision::Ambiguous, Decision::NoMatch];

    /// Its name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Decision::Matched => "matched",
            Decision::Ambiguous => "ambiguous",
            Decision::NoMatch => "none",
        }
    }
}

/// What is decided of a record, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// What is decided.
    pub decision: Decision,
    /// How likely the first candidate is the organization that the record names, `0.0..=1.0`; calibrated, see
    /// [`crate::resolve`]. 0 where there is no candidate, or where each is contradicted.
    pub probability: f32,
    /// How much likelier the first candidate is than the second, `0.0..=1.0`.
    pub margin: f32,
    /// Organizations that the record may name, the likeliest first; those that it contradicts come last.
    pub candidates: Vec<ResolvedCandidate>,
    /// What speaks for and against the first candidate, and what there is to know besides; in the order of the fields.
    pub reasons: Vec<Reason>,
    /// The generation that answered.
    pub generation: String,
}

impl Resolution {
    /// The organization that the record names; `None` unless the decision is [`Decision::Matched`].
    pub fn matched(&self) -> Option<&Hit> {
        let first = self.candidates.first().filter(|_| self.decision == Decision::Matched)?;
        Some(&first.hit)
    }

    /// The second candidate.
    pub fn runner_up(&self) -> Option<&ResolvedCandidate> {
        self.candidates.get(1)
    }
}

/// One organization that a record may name.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedCandidate {
    /// The organization. Its score is its probability.
    pub hit: Hit,
    /// How likely the record names it, `0.0..=1.0`; 0 where something contradicts it.
    pub probability: f32,
    /// What contradicts it, whatever else agrees.
    pub contradictions: Vec<Reason>,
    /// The features that were weighed, if asked for.
    pub features: Vec<FeatureValue>,
}

/// How to decide.
///
/// ```
/// use search_core::resolve::ResolveOptions;
/// let careful = ResolveOptions { precision: 0.999, ..ResolveOptions::default() };
/// assert_eq!(careful.limit, 3);
/// ```
#[derive(Debug, Clone)]
pub struct ResolveOptions {
    /// The share of right ones wanted among the matches, `0.5..=0.9999`; others are raised or lowered to it. The higher
    /// it is, the more records are left ambiguous.
    pub precision: f32,
    /// The share of records that name no organization of the tree, `0.0..=1.0`; limited to `0.01..=0.99`.
    pub expected_none: f32,
    /// Candidates given, `1..=`[`ResolveOptions::MAX_LIMIT`]; others are raised or lowered to it.
    pub limit: usize,
    /// Whether candidates carry the features that were weighed.
    pub explain: bool,
    /// Set from outside to end early: what is not decided by then is ambiguous.
    pub cancel: Option<Arc<AtomicBool>>,
}

impl ResolveOptions {
    /// The most candidates given.
    pub const MAX_LIMIT: usize = 10;
}

impl Default for ResolveOptions {
    fn default() -> Self {
        ResolveOptions { precision: 0.99, expected_none: 0.2, limit: 3, explain: false, cancel: None }
    }
}
