//! A declared case: corpus, seed, and the answers that must be right.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

/// One case file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// Organizations generated.
    pub(crate) orgs: u64,
    pub(crate) seed: u64,
    pub(crate) queries_per_family: usize,
    /// The least share of queries of a family whose first hit is right.
    pub(crate) success_at_1: BTreeMap<String, f64>,
}

impl Case {
    pub(crate) fn read(path: &Path) -> Result<Case, Box<dyn Error>> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
    }
}
