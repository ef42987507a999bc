//! Runs the fuzz targets on a stable compiler: mutated seeds, one after another, without a look at coverage.
//!
//! Each target runs in a process of its own, which writes down every input before it runs it. So whatever ends the
//! process (a stack that overflows, an allocation past the cap, a hang) leaves the input that did it.

use clap::Parser;
use orgsearch_tests::allocations::{self, Counting};
use orgsearch_tests::fuzz::{Mutator, TARGETS, Target, tokens};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, abort};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// An input that takes more of the processor hangs: its own time, since the machine may have others to serve.
const HANG: Duration = Duration::from_secs(20);
/// Nor may it wait longer, with or without work.
const DEADLOCK: Duration = Duration::from_secs(300);
/// Different panics of one target that are told before it is given up.
const MOST_FINDINGS: usize = 20;

/// Runs fuzz targets over mutated seeds; every finding is saved, and the exit code is 1 if there is one.
///
///     fuzz-loop                                  each target as often as ./check does
///     fuzz-loop --target xlsx_parts --seconds 60 --seed 7
///     fuzz-loop --target csv --input FILE        one input again
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
struct Arguments {
    /// The target; all of them, one after another, if left out.
    #[arg(long)]
    target: Option<String>,
    /// Inputs for each target.
    #[arg(long, conflicts_with = "seconds")]
    runs: Option<u64>,
    /// Seconds for each target.
    #[arg(long)]
    seconds: Option<u64>,
    /// Where all chance comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folders of seeds, one for each target.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus"))]
    corpus: PathBuf,
    /// Where findings are saved.
    #[arg(long, default_value = "target/fuzz-findings")]
    findings: PathBuf,
    /// Memory that one input may take, in MiB.
    #[arg(long, default_value_t = 512)]
    cap_mib: usize,
    /// Runs this file alone.
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
    /// Runs in this process.
    #[arg(long, hide = true)]
    child: bool,
}

fn main() -> io::Result<ExitCode> {
    let arguments = Arguments::parse();
    let chosen: Vec<&Target> = TARGETS
        .iter()
        .filter(|target| arguments.target.as_deref().is_none_or(|name| name == target.name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        return Err(io::Error::other(format!("there is no such target; they are {}", names.join(", "))));
    }
    let mut all_well = true;
    for target in chosen {
        all_well &= if arguments.child { run(target, &arguments)? } else { supervise(target, &arguments)? };
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs a target in a process of its own; whether nothing was found.
fn supervise(target: &Target, arguments: &Arguments) -> io::Result<bool> {
    fs::create_dir_all(&arguments.findings)?;
    let mut child = Command::new(std::env::current_exe()?);
    child.args(std::env::args_os().skip(1)).arg("--child");
    if arguments.target.is_none() {
        child.args(["--target", target.name]);
    }
    let status = child.status()?;
    let current = current_path(target, arguments);
    if status.success() {
        let _ = fs::remove_file(current);
        return Ok(true);
    }
    if status.code() != Some(1) && current.exists() {
        let saved = arguments.findings.join(format!("{}-ended", target.name));
        fs::rename(current, &saved)?;
        tell(&format!("{}: {status}; its last input is {}", target.name, saved.display()));
    }
    Ok(false)
}

fn current_path(target: &Target, arguments: &Arguments) -> PathBuf {
    arguments.findings.join(format!("{}-current", target.name))
}

/// Since the start of the process, in milliseconds: when the input now running began; 0 between inputs.
static BEGAN_MS: AtomicU64 = AtomicU64::new(0);
/// Message and place of the last panic.
static PANIC: Mutex<String> = Mutex::new(String::new());

/// Runs a target's inputs; whether nothing was found.
fn run(target: &Target, arguments: &Arguments) -> io::Result<bool> {
    std::panic::set_hook(Box::new(|panic| {
        *PANIC.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = panic.to_string();
    }));
    if let Some(file) = &arguments.input {
        let input = fs::read(file)?;
        let found = run_one(target, &input);
        tell(&format!("{}: {}", target.name, found.as_deref().unwrap_or("nothing found")));
        return Ok(found.is_none());
    }
    let folder = arguments.corpus.join(target.name);
    let mut seeds = read_folder(&folder)?;
    seeds.extend((target.more_seeds)());
    let dictionary = arguments.corpus.join("../tokens.dict");
    let mutator = Mutator::new(seeds, tokens(&fs::read_to_string(dictionary)?), arguments.seed);
    // What is built at the first use belongs to no input.
    let warm_up = run_one(target, &mutator.input(0));
    let started = Instant::now();
    std::thread::spawn(move || watch(started));
    let mut current = fs::File::create(current_path(target, arguments))?;
    let mut found = BTreeSet::new();
    let mut runs = 0;
    while !is_over(runs, started.elapsed(), target, arguments) && found.len() < MOST_FINDINGS {
        let input = mutator.input(runs);
        rewrite(&mut current, &input)?;
        allocations::cap(arguments.cap_mib << 20);
        BEGAN_MS.store(elapsed_ms(started), Ordering::Relaxed);
        let finding = run_one(target, &input);
        BEGAN_MS.store(0, Ordering::Relaxed);
        allocations::cap(usize::MAX);
        if let Some(finding) = finding.filter(|finding| found.insert(place(finding).to_owned())) {
            let saved = arguments.findings.join(format!("{}-{}", target.name, found.len()));
            fs::write(&saved, &input)?;
            tell(&format!("{}: input {runs} ({}): {finding}", target.name, saved.display()));
        }
        runs += 1;
    }
    let spent = started.elapsed();
    let verdict = if found.is_empty() { "nothing found" } else { "FINDINGS" };
    tell(&format!("{:<12} {runs:>9} inputs in {:>6.1} s, {verdict}", target.name, spent.as_secs_f64()));
    Ok(found.is_empty() && warm_up.is_none())
}

/// The place of a panic, without what it says.
fn place(finding: &str) -> &str {
    finding.lines().next().unwrap_or_default()
}

/// Runs one input; what its panic said, if it had one.
fn run_one(target: &Target, input: &[u8]) -> Option<String> {
    let ran = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let said = || PANIC.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    ran.err().map(|_| said())
}

fn is_over(runs: u64, elapsed: Duration, target: &Target, arguments: &Arguments) -> bool {
    match arguments.seconds {
        Some(seconds) => elapsed >= Duration::from_secs(seconds),
        None => runs >= arguments.runs.unwrap_or(target.runs_in_check),
    }
}

/// Ends the process if an input hangs; its supervisor saves that input.
fn watch(started: Instant) {
    let (mut watched, mut spent_before) = (0, Duration::ZERO);
    loop {
        std::thread::sleep(Duration::from_millis(500));
        let (began, spent) = (BEGAN_MS.load(Ordering::Relaxed), processor_time());
        if began != watched || began == 0 {
            (watched, spent_before) = (began, spent);
            continue;
        }
        let waited = Duration::from_millis(elapsed_ms(started).saturating_sub(began));
        if spent.saturating_sub(spent_before) > HANG || waited > DEADLOCK {
            tell(&format!("an input takes more than {} s of the processor", HANG.as_secs()));
            abort();
        }
    }
}

/// Time of the processor that this process has had.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// At least 1.
fn elapsed_ms(started: Instant) -> u64 {
    started.elapsed().as_millis() as u64 + 1
}

fn rewrite(file: &mut fs::File, input: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    file.write_all_at(input, 0)?;
    file.set_len(input.len() as u64)
}

/// The files of a folder, by name, so that the same seeds give the same inputs.
fn read_folder(folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    let entries = fs::read_dir(folder)
        .map_err(|error| io::Error::other(format!("no seeds in {}: {error}", folder.display())))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    paths.iter().map(fs::read).collect()
}

fn tell(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}
