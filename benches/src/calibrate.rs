//! Fits the curve that carries raw scores to probabilities (`search-core/src/search/rank/calibrate.rs`).
//!
//! Over the first hits of the corpus' queries that are no exact match: the two constants of
//! `ceiling / (1 + exp(-(raw - middle) * steepness))` with the greatest likelihood of what was right and what was not.

use crate::corpus::Corpus;
use crate::reindex::Built;
use crate::report;
use search_core::SearchRequest;
use std::error::Error;

/// The tier of hits that only partly fit; better ones have fixed scores.
const PARTIAL: u8 = 3;
/// The most that such a hit can score.
const CEILING: f64 = 0.97;
/// How many equal groups the printed table has.
const GROUPS: usize = 10;

pub(crate) fn fit(corpus: &Corpus, built: &Built) -> Result<(), Box<dyn Error>> {
    let mut seen: Vec<(f64, bool)> = Vec::new();
    for query in &corpus.queries {
        let request = SearchRequest {
            count_total: false,
            ..SearchRequest::new(query.text.as_str()).limit(1).explain()
        };
        let hits = built.engine.search(&request)?.hits;
        let Some((hit, explanation)) = hits.first().and_then(|hit| Some((hit, hit.explanation.as_ref()?)))
        else {
            continue;
        };
        if explanation.tier == PARTIAL {
            seen.push((f64::from(explanation.raw), query.ids.contains(&hit.org.id)));
        }
    }
    seen.sort_by(|a, b| a.0.total_cmp(&b.0));
    let grid = (40..100)
        .flat_map(|middle| (2..60).map(move |steepness| (f64::from(middle) / 100.0, f64::from(steepness))));
    let best = grid.max_by(|a, b| likelihood(&seen, *a).total_cmp(&likelihood(&seen, *b)));
    let Some((middle, steepness)) = best else { return Ok(()) };
    report(&format!("{} first hits: MIDDLE {middle:.2}, STEEPNESS {steepness:.0}", seen.len()));
    report("mean raw  predicted  right");
    for group in seen.chunks(seen.len().div_ceil(GROUPS).max(1)) {
        let mean =
            |value: &dyn Fn(&(f64, bool)) -> f64| group.iter().map(value).sum::<f64>() / group.len() as f64;
        let (raw, right) = (mean(&|seen| seen.0), mean(&|seen| f64::from(u8::from(seen.1))));
        report(&format!(
            "{raw:8.3}  {:9.3}  {right:5.3}",
            mean(&|seen| probability(seen.0, (middle, steepness)))
        ));
    }
    Ok(())
}

fn probability(raw: f64, (middle, steepness): (f64, f64)) -> f64 {
    CEILING / (1.0 + (-(raw - middle) * steepness).exp())
}

fn likelihood(seen: &[(f64, bool)], curve: (f64, f64)) -> f64 {
    let log = |&(raw, right): &(f64, bool)| {
        let p = probability(raw, curve).max(1e-9);
        if right { p.ln() } else { (1.0 - p).ln() }
    };
    seen.iter().map(log).sum()
}
