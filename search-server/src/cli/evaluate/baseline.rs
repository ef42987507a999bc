//! An earlier answer of `evaluate --json`, to compare with.

use super::measure::Scores;
use super::weights::WeightedScores;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// What is needed of an earlier answer.
#[derive(Debug, Deserialize)]
pub(super) struct Baseline {
    families: Vec<BaselineFamily>,
    /// All queries of its file.
    pub(super) overall: Option<Scores>,
    /// The official names it drew.
    pub(super) names: Option<Scores>,
    /// Its mean over families by weight.
    pub(super) weighted: Option<WeightedScores>,
}

#[derive(Debug, Deserialize)]
struct BaselineFamily {
    family: String,
    #[serde(flatten)]
    scores: Scores,
}

impl Baseline {
    /// Reads the file.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let place = path.display();
        let bytes = fs::read(path).map_err(|error| Failure::reading(&place.to_string(), &error))?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let message = format!("{place} is not an answer of orgsearch evaluate --json: {error}");
            Failure::new(Exit::InputErrors, message)
        })
    }

    /// What a family came to; `None` if the earlier file had none of this name.
    pub(super) fn family(&self, family: &str) -> Option<&Scores> {
        self.families.iter().find(|known| known.family == family).map(|known| &known.scores)
    }
}
