//! File to live: orgsearch against both baselines on the same file.

use crate::baseline::{Baseline, Cut};
use crate::corpus::Corpus;
use crate::report;
use jieba_rs::Jieba;
use search_core::Engine;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// What was built, to be searched.
pub(crate) struct Built {
    pub(crate) engine: Engine,
    pub(crate) baselines: Vec<(&'static str, Baseline)>,
}

pub(crate) fn measure(corpus: &Corpus) -> Result<Built, Box<dyn Error>> {
    let dir = corpus.dir.path();
    let started = Instant::now();
    let engine = Engine::open_or_empty(dir.join("orgsearch"))?;
    let done = engine.reindex(corpus.rows()?, |_| {})?;
    let own = started.elapsed().as_secs_f64();
    report(&format!(
        "reindex orgsearch            {own:8.2} s  {:6} MB on disk, peak memory {} MB",
        done.generation.size_bytes >> 20,
        peak_memory_mb()
    ));
    let mut baselines = Vec::new();
    for cut in [Cut::Words(Arc::new(Jieba::new())), Cut::Pairs] {
        let name = cut.name();
        let dir = dir.join(name);
        let started = Instant::now();
        let baseline = Baseline::build(cut, corpus.rows()?, &dir)?;
        let seconds = started.elapsed().as_secs_f64();
        report(&format!(
            "reindex {name:<20} {seconds:8.2} s  {:6} MB on disk; orgsearch takes {:.2} times as long",
            size_mb(&dir)?,
            own / seconds
        ));
        baselines.push((name, baseline));
    }
    Ok(Built { engine, baselines })
}

fn size_mb(dir: &Path) -> Result<u64, Box<dyn Error>> {
    let mut bytes = 0;
    for entry in fs::read_dir(dir)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes >> 20)
}

/// The most memory this process ever had resident; 0 where /proc does not say.
fn peak_memory_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<u64>().ok()).map_or(0, |kb| kb >> 10)
}
