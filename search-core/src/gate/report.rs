//! What the gate found.

use super::golden::GoldenResult;
use super::limits::{GateLimit, GateLimits, share_of};
use crate::changes::LoggedBatch;
use crate::difference::{Losses, Lost, LostOrg};

/// What came of the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GateOutcome {
    /// Nothing was live: there is nothing to lose.
    FirstImport,
    /// No limit tripped.
    Passed,
    /// A limit tripped, and nothing was published.
    Refused,
    /// A limit tripped, and it was published all the same.
    Forced,
}

impl GateOutcome {
    /// All, as they are told.
    pub const ALL: [GateOutcome; 4] =
        [GateOutcome::FirstImport, GateOutcome::Passed, GateOutcome::Refused, GateOutcome::Forced];

    /// The stable name in JSON and in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            GateOutcome::FirstImport => "first_import",
            GateOutcome::Passed => "passed",
            GateOutcome::Refused => "refused",
            GateOutcome::Forced => "forced",
        }
    }
}

/// What the new tree was held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// Nothing: no generation is live.
    Nothing,
    /// The live organizations.
    Tree,
    /// The numbers of live organizations only: the live generation cannot be opened, but its manifest can be read. What
    /// is lost is at least the difference of the numbers; what was moved or renamed is not known.
    CountsOnly {
        /// Why it cannot be opened.
        reason: String,
    },
    /// Nothing: the live generation cannot be read at all.
    Unreadable {
        /// Why.
        reason: String,
    },
}

/// One limit, held against what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct GateCheck {
    /// Which one.
    pub limit: GateLimit,
    /// How many were found.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// How many are allowed.
    pub allowed: u64,
    /// The limit as a share of [`Self::of`] in percent; `None` where it is a count.
    pub allowed_percent: Option<f64>,
    /// The first of them, those that stand highest in the tree; of golden queries those asked first.
    pub samples: Vec<GateSample>,
}

impl GateCheck {
    /// Whether there are more than allowed.
    pub fn is_tripped(&self) -> bool {
        self.count > self.allowed
    }
}

/// One of what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GateSample {
    /// The golden query; `None` for organizations.
    pub query: Option<String>,
    /// The live organization; of a golden query its first answer so far, empty if there was none; of a batch of changes
    /// what it made of the generation: `g000012-347`.
    pub id: String,
    /// Its name; of a batch its key.
    pub name: String,
    /// What is now in its place: its new name, the name of the organization above it now, or the first answer now.
    /// `None`: nothing.
    pub now: Option<String>,
    /// Organizations in use below it, where that is what counts.
    pub active_below: Option<u64>,
}

/// What the gate found.
#[derive(Debug, Clone, PartialEq)]
pub struct GateReport {
    /// What came of it.
    pub outcome: GateOutcome,
    /// What the new tree was held against.
    pub compared: Compared,
    /// Every limit that could be looked at, in the order of [`GateLimit::ALL`].
    pub checks: Vec<GateCheck>,
}

impl GateReport {
    /// The limits that tripped.
    pub fn tripped(&self) -> impl Iterator<Item = &GateCheck> {
        self.checks.iter().filter(|check| check.is_tripped())
    }

    /// One sentence for a log: which limits tripped, and by how much.
    pub fn summary(&self) -> String {
        let said = |check: &GateCheck| {
            let GateCheck { limit, count, of, allowed, .. } = check;
            format!("{}: {count} of {of} {}, {allowed} are allowed", limit.name(), limit.meaning())
        };
        match self.tripped().map(said).collect::<Vec<_>>() {
            tripped if tripped.is_empty() => "no limit tripped".to_owned(),
            tripped => tripped.join("; "),
        }
    }

    pub(crate) fn first_import() -> Self {
        GateReport { outcome: GateOutcome::FirstImport, compared: Compared::Nothing, checks: Vec::new() }
    }

    /// Judged by all that is known of the tree.
    pub(crate) fn of_losses(losses: Losses, limits: &GateLimits, force: bool) -> Self {
        let live = losses.live_units + losses.live_leaves;
        let shares = [
            (GateLimit::UnitsLost, losses.units, losses.live_units, limits.units_lost_percent),
            (GateLimit::LeavesLost, losses.leaves, losses.live_leaves, limits.leaves_lost_percent),
            (GateLimit::Moved, losses.moved, live, limits.moved_percent),
            (GateLimit::Renamed, losses.renamed, live, limits.renamed_percent),
        ];
        let mut checks: Vec<GateCheck> =
            shares.into_iter().map(|(limit, lost, of, percent)| of_share(limit, lost, of, percent)).collect();
        let Lost { count, samples } = losses.units_with_active;
        checks.push(GateCheck {
            limit: GateLimit::UnitsLostWithActive,
            count,
            of: losses.live_units,
            allowed: limits.units_lost_with_active,
            allowed_percent: None,
            samples: samples.into_iter().map(Into::into).collect(),
        });
        GateReport { outcome: GateOutcome::Passed, compared: Compared::Tree, checks }.judged(force)
    }

    /// Judged by numbers alone.
    pub(crate) fn of_counts(
        reason: String,
        (units, leaves): (u64, u64),
        (new_units, new_leaves): (u64, u64),
        limits: &GateLimits,
        force: bool,
    ) -> Self {
        let lost = |before: u64, now: u64| Lost { count: before.saturating_sub(now), samples: Vec::new() };
        let checks = vec![
            of_share(GateLimit::UnitsLost, lost(units, new_units), units, limits.units_lost_percent),
            of_share(GateLimit::LeavesLost, lost(leaves, new_leaves), leaves, limits.leaves_lost_percent),
        ];
        let compared = Compared::CountsOnly { reason };
        GateReport { outcome: GateOutcome::Passed, compared, checks }.judged(force)
    }

    pub(crate) fn unreadable(reason: String) -> Self {
        let compared = Compared::Unreadable { reason };
        GateReport { outcome: GateOutcome::Passed, compared, checks: Vec::new() }
    }

    /// The same with what came of the golden queries.
    pub(crate) fn with_golden(mut self, golden: GoldenResult, limits: &GateLimits, force: bool) -> Self {
        self.checks.push(GateCheck {
            limit: GateLimit::GoldenLost,
            count: golden.lost,
            of: golden.asked,
            allowed: limits.golden_lost,
            allowed_percent: None,
            samples: golden.samples,
        });
        self.judged(force)
    }

    /// The same with the batches of changes that would be lost, of so many.
    pub(crate) fn with_changes(mut self, lost: &[LoggedBatch], of: u64, force: bool) -> Self {
        /// Batches that are named.
        const NAMED: usize = 100;
        let sample = |batch: &LoggedBatch| GateSample {
            id: batch.applied.generation.clone(),
            name: batch.applied.key.clone(),
            ..GateSample::default()
        };
        if !lost.is_empty() {
            self.checks.push(GateCheck {
                limit: GateLimit::ChangesLost,
                count: lost.len() as u64,
                of,
                allowed: 0,
                allowed_percent: None,
                samples: lost.iter().take(NAMED).map(sample).collect(),
            });
        }
        self.judged(force)
    }

    /// The first tree passes, whatever its queries find.
    fn judged(mut self, force: bool) -> Self {
        let is_first = self.compared == Compared::Nothing;
        let is_tripped = self.tripped().next().is_some();
        self.outcome = match (is_first, is_tripped, force) {
            (true, _, _) => GateOutcome::FirstImport,
            (false, false, _) => GateOutcome::Passed,
            (false, true, true) => GateOutcome::Forced,
            (false, true, false) => GateOutcome::Refused,
        };
        self
    }
}

fn of_share(limit: GateLimit, lost: Lost, of: u64, percent: f64) -> GateCheck {
    GateCheck {
        limit,
        count: lost.count,
        of,
        allowed: share_of(percent, of),
        allowed_percent: Some(percent),
        samples: lost.samples.into_iter().map(Into::into).collect(),
    }
}

impl From<LostOrg> for GateSample {
    fn from(LostOrg { id, name, now, active_below }: LostOrg) -> Self {
        GateSample { query: None, id, name, now, active_below }
    }
}
