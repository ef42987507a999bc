//! Looks for better weights (`search-core/src/search/tuning.rs`) by coordinate search.
//!
//! The first thirty hits of each query are taken with their features, as ranking measured them; a table of weights is
//! as good as the mean reciprocal place of the right answers when they are put in order by it. One weight after another
//! is halved, lowered, raised or doubled while that helps on the **training** queries. Queries are split by source: a
//! family is all training or all test, so the table is judged by sorts of queries it has not seen. Nothing is written:
//! whoever changes a weight writes what it buys beside it.

use crate::corpus::{Corpus, Query};
use crate::reindex::Built;
use crate::report;
use search_core::SearchRequest;
use std::error::Error;

/// Hits looked at of each query.
const HITS: usize = 30;
/// Factors tried for one weight.
const FACTORS: [f32; 4] = [0.5, 0.8, 1.25, 2.0];
/// Rounds over all weights.
const ROUNDS: usize = 4;
/// What a change must gain to be kept.
const GAIN: f64 = 0.000_5;

/// One query: its hits in the order of their tiers, each with its features and whether it is right.
struct Ranking {
    hits: Vec<(u8, Vec<f32>, bool)>,
    is_training: bool,
}

pub(crate) fn search(corpus: &Corpus, built: &Built) -> Result<(), Box<dyn Error>> {
    let mut names: Vec<&'static str> = Vec::new();
    let mut weights: Vec<f32> = Vec::new();
    let mut rankings: Vec<Ranking> = Vec::new();
    let mut families: Vec<&str> = Vec::new();
    for query in &corpus.queries {
        if !families.contains(&query.family.as_str()) {
            families.push(&query.family);
        }
        let place = families.iter().position(|family| *family == query.family).unwrap_or(0);
        let request = SearchRequest {
            count_total: false,
            ..SearchRequest::new(query.text.as_str()).limit(HITS).explain()
        };
        let mut hits = Vec::new();
        for hit in built.engine.search(&request)?.hits {
            let Some(explanation) = hit.explanation else { continue };
            if names.is_empty() {
                names = explanation.features.iter().map(|feature| feature.name).collect();
                weights = explanation.features.iter().map(|feature| feature.weight).collect();
            }
            let values = explanation.features.iter().map(|feature| feature.value).collect();
            hits.push((explanation.tier, values, is_right(query, &hit.org.id)));
        }
        rankings.push(Ranking { hits, is_training: place.is_multiple_of(2) });
    }
    let (training, test): (Vec<Ranking>, Vec<Ranking>) =
        rankings.into_iter().partition(|ranking| ranking.is_training);
    let hand_set = weights.clone();
    let mut best = score(&training, &weights);
    for _ in 0..ROUNDS {
        for at in 0..weights.len() {
            for factor in FACTORS {
                let mut other = weights.clone();
                other[at] *= factor;
                let reached = score(&training, &other);
                if reached > best + GAIN {
                    (best, weights) = (reached, other);
                }
            }
        }
    }
    report("weight      hand-set   found");
    for ((name, hand_set), found) in names.iter().zip(&hand_set).zip(&weights) {
        report(&format!("{name:10}  {hand_set:8.2}  {found:6.2}"));
    }
    for (sort, rankings) in [("training", &training), ("test", &test)] {
        let (before, after) = (score(rankings, &hand_set), score(rankings, &weights));
        report(&format!("{sort}: {} queries, MRR {before:.4} by hand, {after:.4} found", rankings.len()));
    }
    Ok(())
}

fn is_right(query: &Query, id: &str) -> bool {
    query.ids.iter().any(|known| known == id)
}

/// The mean reciprocal place of the first right hit; ties keep the order of the engine.
fn score(rankings: &[Ranking], weights: &[f32]) -> f64 {
    let reciprocal = |ranking: &Ranking| {
        let mut order: Vec<(u8, f32, bool)> = ranking
            .hits
            .iter()
            .map(|(tier, values, is_right)| {
                (*tier, values.iter().zip(weights).map(|(value, weight)| value * weight).sum(), *is_right)
            })
            .collect();
        order.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        order.iter().position(|(_, _, is_right)| *is_right).map_or(0.0, |place| 1.0 / (place + 1) as f64)
    };
    rankings.iter().map(reciprocal).sum::<f64>() / rankings.len().max(1) as f64
}
