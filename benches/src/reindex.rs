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

/// Builds what is not there yet, and opens all. A time is only printed for what was built.
pub(crate) fn measure(corpus: &Corpus, dir: &Path, alone: bool) -> Result<Built, Box<dyn Error>> {
    let (engine, own) = build_own(corpus, &dir.join("orgsearch"))?;
    let mut baselines = Vec::new();
    let cuts = [Cut::Words(Arc::new(Jieba::new())), Cut::Pairs];
    for cut in cuts.into_iter().filter(|_| !alone) {
        let name = cut.name();
        let dir = dir.join(name);
        if !dir.join(DONE).exists() {
            let started = Instant::now();
            Baseline::build(&cut, corpus.rows()?, &dir)?;
            let seconds = started.elapsed().as_secs_f64();
            let ratio = own.map(|own| format!("; orgsearch takes {:.2} times as long", own / seconds));
            report(&format!(
                "reindex {name:<20} {seconds:8.2} s  {:6} MB on disk{}",
                size_mb(&dir)?,
                ratio.unwrap_or_default()
            ));
            fs::write(dir.join(DONE), "")?;
        }
        baselines.push((name, Baseline::open(cut, &dir)?));
    }
    Ok(Built { engine, baselines })
}

/// Marks a baseline that was built to its end.
const DONE: &str = "done";

/// The engine, with the seconds it took to build if it was not there.
fn build_own(corpus: &Corpus, dir: &Path) -> Result<(Engine, Option<f64>), Box<dyn Error>> {
    if let Ok(engine) = Engine::open(dir) {
        return Ok((engine, None));
    }
    let started = Instant::now();
    let engine = Engine::unopened(dir)?;
    let done = engine.reindex(corpus.rows()?, |_| {})?;
    let seconds = started.elapsed().as_secs_f64();
    report(&format!(
        "reindex orgsearch            {seconds:8.2} s  {:6} MB on disk, peak memory {} MB",
        done.generation.size_bytes >> 20,
        peak_memory_mb()
    ));
    Ok((engine, Some(seconds)))
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
