//! What a result adds to each row: one list of columns for all formats.

use index_data::model::HomeSystem;
use search_core::resolve::{Decision, ReasonLanguage, Resolution};

/// What the names of all added columns begin with.
pub(super) const PREFIX: &str = "orgsearch_";

/// Candidates that are given.
pub(super) const CANDIDATES: usize = 3;

/// The added columns, in order.
pub(super) const COLUMNS: [&str; 16] = [
    "orgsearch_decision",
    "orgsearch_id",
    "orgsearch_name",
    "orgsearch_path",
    "orgsearch_system",
    "orgsearch_probability",
    "orgsearch_reasons",
    "orgsearch_candidate1_id",
    "orgsearch_candidate1_name",
    "orgsearch_candidate1_probability",
    "orgsearch_candidate2_id",
    "orgsearch_candidate2_name",
    "orgsearch_candidate2_probability",
    "orgsearch_candidate3_id",
    "orgsearch_candidate3_name",
    "orgsearch_candidate3_probability",
];

/// A cell of an added column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Added {
    Nothing,
    Text(String),
    /// A probability.
    Number(f64),
}

impl Added {
    fn text(text: impl Into<String>) -> Added {
        let text = text.into();
        if text.is_empty() { Added::Nothing } else { Added::Text(text) }
    }

    /// Four decimals: more would promise more than there is.
    fn probability(probability: f32) -> Added {
        Added::Number((f64::from(probability) * 10_000.0).round() / 10_000.0)
    }
}

/// The cells for [`COLUMNS`]. The organization is named only where the record matched; candidates always.
pub(super) fn cells(resolution: &Resolution, language: ReasonLanguage) -> [Added; COLUMNS.len()] {
    let matched = resolution.matched().map(|hit| &hit.org);
    let path = matched.map(|org| org.path.iter().map(|step| step.name.as_str()).collect::<Vec<_>>());
    let reasons: Vec<_> = resolution.reasons.iter().map(|reason| reason.text(language)).collect();
    let mut cells = [const { Added::Nothing }; COLUMNS.len()];
    let (decision, candidates) = cells.split_at_mut(COLUMNS.len() - 3 * CANDIDATES);
    decision.clone_from_slice(&[
        Added::text(resolution.decision.name()),
        matched.map_or(Added::Nothing, |org| Added::text(org.id.as_str())),
        matched.map_or(Added::Nothing, |org| Added::text(org.name.as_str())),
        path.map_or(Added::Nothing, |path| Added::text(path.join(" / "))),
        matched
            .and_then(|org| org.system.as_ref())
            .map_or(Added::Nothing, |system| system_name(system, language)),
        Added::probability(resolution.probability),
        Added::text(reasons.join("；")),
    ]);
    for (cells, candidate) in candidates.chunks_exact_mut(3).zip(&resolution.candidates) {
        cells.clone_from_slice(&[
            Added::text(candidate.hit.org.id.as_str()),
            Added::text(candidate.hit.org.name.as_str()),
            Added::probability(candidate.probability),
        ]);
    }
    cells
}

fn system_name(system: &HomeSystem, language: ReasonLanguage) -> Added {
    Added::text(match language {
        ReasonLanguage::Chinese => system.export_spelling(),
        ReasonLanguage::English => system.code(),
    })
}

/// How many rows were decided how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) matched: u64,
    pub(super) ambiguous: u64,
    pub(super) none: u64,
}

impl Decided {
    pub(super) fn add(&mut self, decision: Decision) {
        match decision {
            Decision::Matched => self.matched += 1,
            Decision::Ambiguous => self.ambiguous += 1,
            Decision::NoMatch => self.none += 1,
        }
    }

    pub(super) fn rows(&self) -> u64 {
        self.matched + self.ambiguous + self.none
    }
}
