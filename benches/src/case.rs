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
    /// Texts that a large part of the corpus holds; for `--wide`.
    pub(crate) wide: Option<Wide>,
}

/// Every query is asked behind every filter with every set of facets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wide {
    /// The most that totals and facets may cost, in keystrokes (the 99th percentile of the same run).
    pub(crate) most: f64,
    pub(crate) queries: Vec<String>,
    pub(crate) facets: Vec<Vec<String>>,
    pub(crate) filters: Vec<WideFilter>,
}

/// One filter; what is left out lets everything through.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WideFilter {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) kinds: Vec<String>,
    #[serde(default)]
    pub(crate) systems: Vec<String>,
    #[serde(default)]
    pub(crate) statuses: Vec<String>,
    /// Within the first organization so far below the top.
    pub(crate) depth: Option<usize>,
}

impl Case {
    pub(crate) fn read(path: &Path) -> Result<Case, Box<dyn Error>> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
    }
}
