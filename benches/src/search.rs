//! Whole queries: time and right answers by family, orgsearch against both baselines.

use crate::case::Case;
use crate::corpus::{Corpus, Query};
use crate::latency::Latencies;
use crate::reindex::Built;
use crate::report;
use search_core::SearchRequest;
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

const TOP: usize = 10;

/// One contestant's figures for one family.
#[derive(Default)]
struct Figures {
    queries: usize,
    first: usize,
    top: usize,
    latencies: Latencies,
}

impl Figures {
    fn success_at_1(&self) -> f64 {
        self.first as f64 / self.queries.max(1) as f64
    }
}

type ByFamily = BTreeMap<String, Figures>;

/// Measures all queries; false if an answer the case demands was wrong.
pub(crate) fn measure(corpus: &Corpus, built: &Built, case: &Case) -> Result<bool, Box<dyn Error>> {
    let mut own = run(&corpus.queries, |query| {
        let request = SearchRequest { count_total: false, ..SearchRequest::new(query).limit(TOP) };
        Ok(built.engine.search(&request)?.hits.into_iter().map(|hit| hit.org.id).collect())
    })?;
    let mut others = Vec::new();
    for (name, baseline) in &built.baselines {
        others.push((*name, run(&corpus.queries, |query| baseline.search(query))?));
    }
    print_table("orgsearch", &mut own);
    for (name, figures) in &mut others {
        print_table(name, figures);
        print_ratios(&mut own, name, figures);
    }
    Ok(check(case, &own))
}

/// One warm-up round, then one measured round.
fn run(
    queries: &[Query],
    mut search: impl FnMut(&str) -> Result<Vec<String>, Box<dyn Error>>,
) -> Result<ByFamily, Box<dyn Error>> {
    const ALL: &str = "(all)";
    let mut families = ByFamily::new();
    for query in queries {
        search(&query.text)?;
    }
    for query in queries {
        let started = Instant::now();
        let ids = search(&query.text)?;
        let time = started.elapsed();
        let place = ids.iter().position(|id| query.ids.contains(id));
        for family in [query.family.as_str(), ALL] {
            let figures = families.entry(family.to_owned()).or_default();
            figures.queries += 1;
            figures.first += usize::from(place == Some(0));
            figures.top += usize::from(place.is_some());
            figures.latencies.add(time);
        }
    }
    Ok(families)
}

fn print_table(name: &str, families: &mut ByFamily) {
    report(&format!(
        "\n{name}\n{:<18} {:>6} {:>6} {:>6} {:>9} {:>9} {:>9} {:>9}",
        "family", "n", "S@1", "S@10", "p50 us", "p95 us", "p99 us", "max us"
    ));
    for (family, figures) in families {
        let (first, top) = (figures.success_at_1(), figures.top as f64 / figures.queries.max(1) as f64);
        let [p50, p95, p99, max] = [0.5, 0.95, 0.99, 1.0].map(|at| figures.latencies.percentile(at));
        report(&format!(
            "{family:<18} {:>6} {first:>6.3} {top:>6.3} {p50:>9.0} {p95:>9.0} {p99:>9.0} {max:>9.0}",
            figures.queries
        ));
    }
}

fn print_ratios(own: &mut ByFamily, name: &str, other: &mut ByFamily) {
    for (family, figures) in own.iter_mut().filter(|(family, _)| family.as_str() == "(all)") {
        let Some(theirs) = other.get_mut(family) else { continue };
        let ratio = |at: f64, figures: &mut Figures, theirs: &mut Figures| {
            figures.latencies.percentile(at) / theirs.latencies.percentile(at).max(f64::MIN_POSITIVE)
        };
        let (p50, p99) = (ratio(0.5, figures, theirs), ratio(0.99, figures, theirs));
        report(&format!("orgsearch / {name}: p50 x {p50:.2}, p99 x {p99:.2}"));
    }
}

/// Whether every family the case names has enough right first hits.
fn check(case: &Case, own: &ByFamily) -> bool {
    let mut right = true;
    for (family, &least) in &case.success_at_1 {
        let Some(figures) = own.get(family) else {
            report(&format!("WRONG: the case demands answers of {family}, and there is no such query"));
            right = false;
            continue;
        };
        if figures.success_at_1() < least {
            report(&format!(
                "WRONG: {family} has S@1 {:.3}, the case demands {least}",
                figures.success_at_1()
            ));
            right = false;
        }
    }
    right
}
