//! Every prefix of every query, as a form sends them: orgsearch on all, the baselines on a sample.

use crate::allocations;
use crate::corpus::Query;
use crate::latency::{Latencies, Taken, time};
use crate::reindex::Built;
use crate::report;
use search_core::{Engine, SearchRequest, SearchStep};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;
use std::time::Instant;

/// Keystrokes given to a baseline: more would take hours on the whole country.
const OF_A_BASELINE: usize = 2_000;
/// The slowest keystrokes shown.
const SLOWEST: usize = 15;

/// One prefix of a query.
struct Keystroke<'a> {
    text: &'a str,
    family: &'a str,
    /// Characters typed so far.
    len: usize,
    /// The right answers to the whole query.
    ids: &'a [String],
}

/// Times of some keystrokes.
#[derive(Default)]
struct Group {
    wall: Latencies,
    processor: Latencies,
    /// How often a right answer to the whole query was already among the hits.
    found: usize,
}

impl Group {
    fn add(&mut self, taken: &Taken, is_found: bool) {
        self.found += usize::from(is_found);
        self.wall.add(taken.wall);
        self.processor.add(taken.processor);
    }
}

/// Measures the whole stream and prints tables by family and by length.
pub(crate) fn measure(queries: &[Query], built: &Built) -> Result<(), Box<dyn Error>> {
    let stream = stream(queries);
    report(&format!("\nkeystrokes: {} prefixes of {} queries", stream.len(), queries.len()));
    let mut own = run_own(&stream, &built.engine)?;
    run_hostile(&built.engine)?;
    for (name, baseline) in &built.baselines {
        let mut theirs = Group::default();
        for keystroke in sample(&stream, OF_A_BASELINE) {
            let (found, taken) = time(|| baseline.search(keystroke.text));
            theirs.add(&taken, found?.iter().any(|id| keystroke.ids.contains(id)));
        }
        print_row(&format!("{name}, every {}th", stream.len().div_ceil(OF_A_BASELINE)), &mut theirs);
        let ratio = |at: f64, own: &mut Group, theirs: &mut Group| {
            own.wall.percentile(at) / theirs.wall.percentile(at)
        };
        let (p50, p99) = (ratio(0.5, &mut own, &mut theirs), ratio(0.99, &mut own, &mut theirs));
        report(&format!("orgsearch / {name}: p50 x {p50:.3}, p99 x {p99:.3}"));
    }
    Ok(())
}

fn run_own(stream: &[Keystroke<'_>], engine: &Engine) -> Result<Group, Box<dyn Error>> {
    let (mut all, mut families) = (Group::default(), BTreeMap::<&str, Group>::new());
    let mut lens = BTreeMap::<usize, Group>::new();
    let mut slowest: Vec<(f64, &str)> = Vec::new();
    for keystroke in sample(stream, OF_A_BASELINE) {
        engine.search(&SearchRequest::autocomplete(keystroke.text))?;
    }
    let mut allocations = Vec::with_capacity(stream.len());
    for keystroke in stream {
        let before = allocations::count();
        let (found, taken) = time(|| engine.search(&SearchRequest::autocomplete(keystroke.text)));
        allocations.push(allocations::count() - before);
        let is_found = found?.hits.iter().any(|hit| keystroke.ids.contains(&hit.org.id));
        let family = families.entry(keystroke.family).or_default();
        for group in [&mut all, family, lens.entry(length_class(keystroke.len)).or_default()] {
            group.add(&taken, is_found);
        }
        let micros = taken.processor.as_secs_f64() * 1e6;
        if slowest.len() < SLOWEST || slowest.last().is_some_and(|(least, _)| micros > *least) {
            slowest.push((micros, keystroke.text));
            slowest.sort_by(|a, b| b.0.total_cmp(&a.0));
            slowest.truncate(SLOWEST);
        }
    }
    report(&format!(
        "{:<24} {:>7} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8}   processor: {:>6} {:>8} {:>8}",
        "times in us", "n", "found", "p50", "p95", "p99", "p99.9", "max", "mean", "p99", "max"
    ));
    families.iter_mut().for_each(|(family, group)| print_row(family, group));
    lens.iter_mut().for_each(|(len, group)| print_row(&format!("{len} characters and more"), group));
    print_row("all", &mut all);
    report("the slowest, in us of processor time:");
    slowest.iter().for_each(|(micros, text)| report(&format!("  {micros:>8.0}  {text}")));
    print_allocations(allocations);
    run_pieces(stream, engine)?;
    Ok(all)
}

fn print_allocations(mut counts: Vec<u64>) {
    counts.sort_unstable();
    let (sum, len) = (counts.iter().sum::<u64>(), counts.len().max(1));
    let at = |share: f64| counts.get((share * (len - 1) as f64) as usize).copied().unwrap_or_default();
    report(&format!(
        "allocations of a keystroke: mean {}, p50 {}, p99 {}, max {}",
        sum / len as u64,
        at(0.5),
        at(0.99),
        at(1.0)
    ));
}

/// Where the time goes: each piece of work by its step and its turn, for retrieval and ranking may alternate.
fn run_pieces(stream: &[Keystroke<'_>], engine: &Engine) -> Result<(), Box<dyn Error>> {
    let mut pieces: Vec<((SearchStep, usize), Latencies)> = Vec::new();
    for keystroke in sample(stream, OF_A_BASELINE) {
        let mut turns: HashMap<SearchStep, usize> = HashMap::new();
        let mut last = Instant::now();
        engine.search_observed(&SearchRequest::autocomplete(keystroke.text), &mut |step| {
            let now = Instant::now();
            let turn = turns.entry(step).and_modify(|turn| *turn += 1).or_insert(1);
            let piece = (step, *turn);
            let at = pieces.iter().position(|(known, _)| *known == piece).unwrap_or_else(|| {
                pieces.push((piece, Latencies::default()));
                pieces.len() - 1
            });
            pieces[at].1.add(now - last);
            last = Instant::now();
        })?;
    }
    let keystrokes = sample(stream, OF_A_BASELINE).count() as f64;
    report(
        "pieces of work: share of keystrokes that come to it, mean in us where they do, mean over all keystrokes",
    );
    for ((step, turn), latencies) in &pieces {
        let (share, mean) = (latencies.len() as f64 / keystrokes, latencies.mean());
        report(&format!("  {:<10} {turn}  {share:>6.3} {mean:>8.1} {:>8.1}", step.name(), share * mean));
    }
    Ok(())
}

/// What nobody types in earnest stays within the same bounds.
fn run_hostile(engine: &Engine) -> Result<(), Box<dyn Error>> {
    const ROUNDS: usize = 20;
    let planes: String = (0..17).filter_map(|plane| char::from_u32(plane << 16 | 0x4e00)).collect();
    let hostile = [
        "团".repeat(500),
        "支部".repeat(250),
        "中国共产主义青年团委员会".to_owned(),
        "中国共产主义青年团支部委员会总支部工作委员会团委".repeat(20),
        "北京市海淀区人民政府办公室机关".repeat(666),
        "zhi".repeat(100),
        "qwrtpsdfghjklzxcvbnm".repeat(10),
        "shi shi shi shi shi shi shi shi".to_owned(),
        "1".repeat(300),
        " ".repeat(1_000),
        planes.repeat(30),
        "a b c d e f g h i j k l m n o p q r s t u v w x y z".to_owned(),
        "中 国 共 产 主 义 青 年 团 委 员 会 支 部".to_owned(),
    ];
    let mut group = Group::default();
    for text in hostile.iter().cycle().take(hostile.len() * ROUNDS) {
        let (found, taken) = time(|| engine.search(&SearchRequest::autocomplete(text)));
        found?;
        group.add(&taken, false);
    }
    print_row("hostile", &mut group);
    Ok(())
}

fn print_row(name: &str, group: &mut Group) {
    let [p50, p95, p99, p999, max] = [0.5, 0.95, 0.99, 0.999, 1.0].map(|at| group.wall.percentile(at));
    let (mean, p99_own, max_own) =
        (group.processor.mean(), group.processor.percentile(0.99), group.processor.percentile(1.0));
    let found = group.found as f64 / group.wall.len().max(1) as f64;
    report(&format!(
        "{name:<24} {:>7} {found:>6.3} {p50:>8.0} {p95:>8.0} {p99:>8.0} {p999:>8.0} {max:>8.0}   {:>10} {mean:>6.0} {p99_own:>8.0} {max_own:>8.0}",
        group.wall.len(),
        ""
    ));
}

/// Every prefix of every query; the same prefix of the same family counts once, as nearly all forms cache it.
fn stream(queries: &[Query]) -> Vec<Keystroke<'_>> {
    let mut seen = HashSet::new();
    let mut stream = Vec::new();
    for query in queries {
        let ends = query.text.char_indices().map(|(at, c)| at + c.len_utf8());
        for (len, end) in ends.enumerate() {
            let text = &query.text[..end];
            if seen.insert((text, query.family.as_str())) {
                stream.push(Keystroke { text, family: &query.family, len: len + 1, ids: &query.ids });
            }
        }
    }
    stream
}

/// `wanted` of them, evenly spread.
fn sample<'s, 'q>(stream: &'s [Keystroke<'q>], wanted: usize) -> impl Iterator<Item = &'s Keystroke<'q>> {
    stream.iter().step_by(stream.len().div_ceil(wanted).max(1))
}

/// The shortest length of the class that a length belongs to.
fn length_class(len: usize) -> usize {
    const CLASSES: [usize; 8] = [1, 2, 3, 5, 9, 17, 33, 65];
    CLASSES.into_iter().rev().find(|&from| from <= len).unwrap_or(1)
}
