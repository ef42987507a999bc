//! What many people chose for a query: learned from their clicks, kept as a file beside the generations.
//!
//! ```text
//! clicks ── learn ──> LearnedPrior ── PriorStore::publish ──> DIR/priors/p000001.json
//!                           ^─────────── PriorStore::current ──┘
//! ```
//! A prior is read and looked up here. What it is worth is the business of ranking (`search/chosen.rs`, `search/tuning.rs`).

mod learn;
mod store;

pub use learn::{Click, LearnOptions, learn};
pub use store::{PriorError, PriorStore};

use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The format that is written, and the only one that is read.
const VERSION: u32 = 1;
/// The longest file that is read.
const MAX_BYTES: usize = 256 << 20;
/// Queries of one prior.
const MAX_QUERIES: usize = 1_000_000;
/// Organizations of one query.
const MAX_COUNTS: usize = 1_000;
/// Characters of a query; more than any server takes by default.
const MAX_QUERY_CHARS: usize = 1_000;
/// Bytes of an id, as the loader takes them.
const MAX_ID_BYTES: usize = 128;

/// For each query, the organizations that people chose for it, and how often.
///
/// - Queries are normalized ([`crate::normalize`]).
/// - Counts are positive and finite, the largest first; equal ones by id.
///
/// ```
/// use search_core::prior::LearnedPrior;
/// let prior = LearnedPrior::from_json(
///     br#"{"version":1,"generation":"g000001","askers":5,"half_life_days":90,"day":20000,
///          "queries":[{"query":"\u5317\u5927","counts":[{"id":"2","count":6.5}]}]}"#,
/// )?;
/// assert_eq!(prior.counts("北大")[0].id, "2");
/// assert!(prior.counts("清华").is_empty());
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedPrior {
    head: Head,
    queries: HashMap<String, Vec<LearnedCount>>,
}

/// An organization that people chose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearnedCount {
    /// Its id; it may be gone from later generations.
    pub id: String,
    /// How often it was chosen, older clicks counting less.
    pub count: f32,
}

/// What a prior says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Head {
    version: u32,
    generation: String,
    askers: u32,
    half_life_days: u32,
    day: u32,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct PriorFile {
    #[serde(flatten)]
    head: Head,
    queries: Vec<PriorQuery>,
}

#[derive(Serialize, Deserialize)]
struct PriorQuery {
    query: String,
    counts: Vec<LearnedCount>,
}

impl LearnedPrior {
    /// Reads a prior from the text of its file.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn from_json(json: &[u8]) -> Result<LearnedPrior, String> {
        if json.len() > MAX_BYTES {
            return Err(format!("it is longer than {} MiB", MAX_BYTES >> 20));
        }
        // The version first: another one may have other fields.
        let Version { version } = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if version != VERSION {
            return Err(format!("it has format {version}; this program reads format {VERSION}"));
        }
        let file: PriorFile = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if file.queries.len() > MAX_QUERIES {
            return Err(format!("it has more than {MAX_QUERIES} queries"));
        }
        let mut queries = HashMap::with_capacity(file.queries.len());
        for PriorQuery { query, mut counts } in file.queries {
            check(&query, &counts)?;
            sort(&mut counts);
            if queries.insert(query, counts).is_some() {
                return Err("it has a query twice".to_owned());
            }
        }
        Ok(LearnedPrior { head: file.head, queries })
    }

    /// The text of its file: the same prior gives the same bytes.
    pub fn to_json(&self) -> String {
        let mut queries: Vec<PriorQuery> = self
            .queries
            .iter()
            .map(|(query, counts)| PriorQuery { query: query.clone(), counts: counts.clone() })
            .collect();
        queries.sort_by(|a, b| a.query.cmp(&b.query));
        // Text and finite numbers only: nothing that JSON cannot hold.
        serde_json::to_string(&PriorFile { head: self.head.clone(), queries }).unwrap_or_default()
    }

    /// What people chose for a normalized query, the most frequent first; empty if too few chose alike.
    pub fn counts(&self, normalized: &str) -> &[LearnedCount] {
        self.queries.get(normalized).map_or(&[], Vec::as_slice)
    }

    /// How many queries it knows.
    pub fn queries(&self) -> usize {
        self.queries.len()
    }

    /// How many pairs of a query and an organization it knows.
    pub fn pairs(&self) -> usize {
        self.queries.values().map(Vec::len).sum()
    }

    /// The generation that was live when it was learned; empty if there was none.
    pub fn generation(&self) -> &str {
        &self.head.generation
    }
}

fn check(query: &str, counts: &[LearnedCount]) -> Result<(), String> {
    let refuse = |cause: &str| Err(format!("query {:?}: {cause}", shortened(query)));
    if query.is_empty() || query.chars().count() > MAX_QUERY_CHARS {
        return refuse("its length is out of bounds");
    }
    if counts.is_empty() || counts.len() > MAX_COUNTS {
        return refuse("it has no counts, or too many");
    }
    for count in counts {
        if count.id.is_empty() || count.id.len() > MAX_ID_BYTES {
            return refuse("the length of an id is out of bounds");
        }
        if !(count.count.is_finite() && count.count > 0.0) {
            return refuse("a count is not positive");
        }
    }
    Ok(())
}

fn sort(counts: &mut [LearnedCount]) {
    counts.sort_by(|a, b| b.count.total_cmp(&a.count).then_with(|| a.id.cmp(&b.id)));
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(version: u32, queries: &str) -> String {
        format!(
            r#"{{"version":{version},"generation":"g000001","askers":5,"half_life_days":90,"day":1,"queries":{queries}}}"#
        )
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_reason() {
        let long = "团".repeat(MAX_QUERY_CHARS + 1);
        for (text, fault) in [
            ("{".to_owned(), "EOF"),
            ("{}".to_owned(), "version"),
            (json(2, "[]"), "format 2"),
            (json(1, "{}"), "invalid type"),
            (json(1, r#"[{"query":"","counts":[{"id":"1","count":1}]}]"#), "length"),
            (json(1, &format!(r#"[{{"query":"{long}","counts":[{{"id":"1","count":1}}]}}]"#)), "length"),
            (json(1, r#"[{"query":"a","counts":[]}]"#), "no counts"),
            (json(1, r#"[{"query":"a","counts":[{"id":"","count":1}]}]"#), "id"),
            (json(1, r#"[{"query":"a","counts":[{"id":"1","count":0}]}]"#), "count"),
            (json(1, r#"[{"query":"a","counts":[{"id":"1","count":1e99}]}]"#), "count"),
            (
                json(
                    1,
                    r#"[{"query":"a","counts":[{"id":"1","count":1}]},{"query":"a","counts":[{"id":"2","count":1}]}]"#,
                ),
                "twice",
            ),
        ] {
            let error = LearnedPrior::from_json(text.as_bytes()).unwrap_err();
            assert!(error.contains(fault), "{text}: {error}");
        }
    }

    #[test]
    fn a_prior_survives_its_file() {
        let text = json(
            1,
            r#"[{"query":"b","counts":[{"id":"1","count":1.5},{"id":"0","count":2.5}]},{"query":"a","counts":[{"id":"9","count":3}]}]"#,
        );
        let prior = LearnedPrior::from_json(text.as_bytes()).unwrap();
        assert_eq!((prior.queries(), prior.pairs(), prior.generation()), (2, 3, "g000001"));
        let ids: Vec<&str> = prior.counts("b").iter().map(|count| count.id.as_str()).collect();
        assert_eq!(ids, ["0", "1"], "the most frequent first");
        let written = prior.to_json();
        assert_eq!(LearnedPrior::from_json(written.as_bytes()).unwrap(), prior);
        assert!(written.find("\"a\"").unwrap() < written.find("\"b\"").unwrap(), "in order: {written}");
    }
}
