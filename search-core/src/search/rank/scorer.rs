//! Scores candidates of one query: reads their names, aligns the query with them, measures the features.

use super::ScoredOrg;
use super::candidate_text::{CandidateText, NameReader};
use super::evidence::EvidenceCache;
use super::exactness::{Tier, exactness};
use super::features::{Candidate, CoverageBound, Features, is_small, prior_weight};
use crate::index::rank_row::RankRow;
use crate::index::snapshot::Snapshot;
use crate::search::align::{Aligner, MatchTable, MatchedPiece, Tolerance};
use crate::search::hits::MatchReason;
use crate::search::plan::QueryPlan;
use crate::search::tuning::weight;
use index_data::model::Ordinal;
use std::ops::Range;

/// Scores candidates, and keeps their alignments for what is shown of them.
pub(crate) struct Scorer<'a> {
    pub(super) plan: &'a QueryPlan<'a>,
    pub(super) snapshot: &'a Snapshot,
    tolerance: Tolerance,
    /// The weight of the prior for candidates that do not bear the exact name typed.
    prior_weight: f32,
    aligner: Aligner,
    bound: CoverageBound,
    names: NameReader<'a>,
    /// Of the candidate at hand.
    text: CandidateText,
    pieces: Vec<MatchedPiece>,
    /// The alignments of all that were scored, one after another.
    alignments: Vec<MatchedPiece>,
    pub(super) evidence: EvidenceCache<'a>,
}

impl<'a> Scorer<'a> {
    pub(crate) fn new(plan: &'a QueryPlan<'a>, snapshot: &'a Snapshot, tolerance: Tolerance) -> Self {
        let table = MatchTable::new(&plan.lattice, tolerance);
        Scorer {
            plan,
            snapshot,
            tolerance,
            prior_weight: prior_weight(plan),
            aligner: Aligner::new(tolerance),
            bound: CoverageBound::new(plan),
            names: NameReader::new(snapshot, &plan.lattice, table),
            text: CandidateText::default(),
            pieces: Vec::new(),
            alignments: Vec::new(),
            evidence: EvidenceCache::default(),
        }
    }

    /// The alignments of all that were scored, one after another.
    pub(super) fn alignments(&self) -> &[MatchedPiece] {
        &self.alignments
    }

    pub(super) fn tolerance(&self) -> Tolerance {
        self.tolerance
    }

    /// Scores one organization.
    pub(crate) fn score(&mut self, ordinal: Ordinal) -> ScoredOrg {
        let row = self.snapshot.records.rank_row(ordinal);
        let exactness = self.exactness(ordinal, &row);
        self.names.read(ordinal, &row, &mut self.text);
        self.score_read(ordinal, &row, exactness)
    }

    /// Whether the query is a whole name of it. A bare name of few people counts as a partial match where the query says
    /// little: 中关村 is a village, and what many call a whole district by.
    fn exactness(&self, ordinal: Ordinal, row: &RankRow<'_>) -> Option<(Tier, MatchReason)> {
        let (tier, reason) = exactness(ordinal, row, self.plan, &self.snapshot.records)?;
        let is_small = tier == Tier::Core && is_small(row.prior, self.prior_weight);
        Some((if is_small { Tier::Partial } else { tier }, reason))
    }

    /// The same, unless it is no exact match and cannot hold this much of the query, some of it in its own names.
    pub(super) fn score_if(&mut self, ordinal: Ordinal, least_coverage: f32) -> Option<ScoredOrg> {
        let row = self.snapshot.records.rank_row(ordinal);
        let exactness = self.exactness(ordinal, &row);
        self.names.read(ordinal, &row, &mut self.text);
        let transposed = self.aligner.allows_transpositions();
        let most = || self.bound.of(self.plan, &row, &self.text, transposed);
        if exactness.is_none() && most() < least_coverage {
            return None;
        }
        Some(self.score_read(ordinal, &row, exactness))
    }

    /// Scores the organization whose names were read last.
    fn score_read(
        &mut self,
        ordinal: Ordinal,
        row: &RankRow<'_>,
        exactness: Option<(Tier, MatchReason)>,
    ) -> ScoredOrg {
        let lattice = &self.plan.lattice;
        self.aligner.align(lattice, &self.text.text, &self.text.points, &mut self.pieces);
        let is_named = exactness.is_some_and(|(tier, _)| tier < Tier::Partial);
        let candidate = Candidate {
            plan: self.plan,
            row,
            text: &self.text,
            pieces: &self.pieces,
            is_unit: self.snapshot.records.hierarchy().is_unit(ordinal),
            bearer: self.plan.bearer(ordinal),
            prior_weight: if is_named { weight::PRIOR } else { self.prior_weight },
            nearness: self.plan.origin.nearness(ordinal, &self.snapshot.records),
            usual: self.plan.origin.usual(|| self.snapshot.records.codes(ordinal)),
            chosen: self.plan.chosen.share(ordinal),
        };
        let (features, alignment) = (Features::of(&candidate), candidate.alignment());
        let (corrections, unread) = (alignment.corrections(), alignment.unread());
        let first = self.alignments.len();
        self.alignments.extend_from_slice(&self.pieces);
        ScoredOrg {
            ordinal,
            tier: exactness.map_or(Tier::Partial, |(tier, _)| tier),
            exact_reason: exactness.map(|(_, reason)| reason),
            raw: features.raw_score(),
            features,
            corrections,
            unread,
            is_match: true,
            alignment: first..self.alignments.len(),
        }
    }

    /// The pieces of an alignment, and the names it is an alignment with, read again.
    pub(super) fn alignment_of(&mut self, org: &ScoredOrg) -> (&[MatchedPiece], &CandidateText) {
        let row = self.snapshot.records.rank_row(org.ordinal);
        self.names.read(org.ordinal, &row, &mut self.text);
        (self.pieces_in(org.alignment.clone()), &self.text)
    }

    fn pieces_in(&self, alignment: Range<usize>) -> &[MatchedPiece] {
        self.alignments.get(alignment).unwrap_or_default()
    }
}
