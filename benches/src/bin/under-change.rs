//! Searches at a fixed rate while the tree changes: full reindexes, batches of changes and rollbacks.
//!
//! ```text
//! under-change --server target/release/orgsearch --tree beijing.csv --work /tmp/work
//! under-change --server … --tree country.csv --work … --rate 1855 --reindexes 1 --batches 10 --rollbacks 1
//! ```
//!
//! Each request has its time in a schedule, and its latency counts from that time, so that a server that stands still
//! for a moment is not asked less. Every fiftieth request looks for marked organizations that each batch renames
//! together: an answer with names of two batches mixes states.
//!
//! The tree needs the columns of `orgsearch generate`: id, name and parent's id first.

#[path = "../server.rs"]
mod server;

use clap::Parser;
use server::{Connection, free_address, run_to_end, start, wait_until_ready};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

#[derive(Debug, Parser)]
struct Arguments {
    /// The binary `orgsearch`.
    #[arg(long)]
    server: PathBuf,
    /// The org-tree file, CSV as `orgsearch generate` writes it.
    #[arg(long)]
    tree: PathBuf,
    /// Where the data directory is made.
    #[arg(long)]
    work: PathBuf,
    /// Searches a second.
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// Seconds without changes, before and after them.
    #[arg(long, default_value_t = 15)]
    rest: u64,
    /// Full reindexes over HTTP.
    #[arg(long, default_value_t = 10)]
    reindexes: u32,
    /// Batches of changes.
    #[arg(long, default_value_t = 100)]
    batches: u32,
    /// Rollbacks.
    #[arg(long, default_value_t = 5)]
    rollbacks: u32,
}

/// Organizations that are renamed together.
const MARKED: [&str; 8] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"];
const MARK: &str = "状态标记";
/// Connections that share the rate.
const CLIENTS: u32 = 32;
/// Of so many requests one looks for the marked organizations.
const CHECKED: usize = 50;
/// Names whose prefixes are asked for.
const NAMES: usize = 4_000;

fn marked_name(mark: &str, batch: u32) -> String {
    format!("{MARK}{mark}第{batch}号团支部")
}

/// What was going on for some time.
struct Phase {
    what: &'static str,
    from: Instant,
    to: Instant,
}

#[derive(Default)]
struct Tally {
    over: AtomicBool,
    /// When each request was to be sent, and how long after that its answer was there.
    answered: Mutex<Vec<(Instant, Duration)>>,
    wrong: Mutex<Vec<String>>,
}

impl Tally {
    fn goes_on(&self) -> bool {
        !self.over.load(Relaxed)
    }

    fn wrong(&self, what: String) {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

fn main() -> io::Result<ExitCode> {
    let arguments = Arguments::parse();
    let tree = marked_tree(&fs::read_to_string(&arguments.tree)?)?;
    let (file, data) = (arguments.work.join("tree.csv"), arguments.work.join("data"));
    if data.exists() {
        return Err(io::Error::other(format!("{} is there already", data.display())));
    }
    fs::create_dir_all(&arguments.work)?;
    fs::write(&file, &tree)?;
    let address = free_address()?;
    run_to_end(
        &arguments.server,
        &["reindex".as_ref(), "--data".as_ref(), data.as_ref(), "--from".as_ref(), file.as_ref()],
    )?;
    let mut server = start(&arguments.server, &data, address)?;
    let outcome = wait_until_ready(address).and_then(|()| run(&arguments, &tree, address));
    let _ = server.kill();
    let _ = server.wait();
    Ok(if outcome? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The tree with the marked organizations below its root.
fn marked_tree(tree: &str) -> io::Result<String> {
    let mut lines = tree.lines();
    let (header, root) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let root = root.split(',').next().filter(|id| !id.is_empty());
    let root = root.ok_or_else(|| io::Error::other("the tree has no first organization"))?;
    let rest = ",".repeat(header.matches(',').count().saturating_sub(2));
    let mut marked = tree.trim_end().to_owned();
    for (at, mark) in MARKED.iter().enumerate() {
        let _ = write!(marked, "\nmarked-{at},{},{root}{rest}", marked_name(mark, 0));
    }
    marked.push('\n');
    Ok(marked)
}

/// Requests for prefixes of names spread over the tree.
fn paths(tree: &str) -> Vec<String> {
    let names: Vec<&str> = tree.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    let each = (names.len() / NAMES).max(1);
    let chosen = names.iter().step_by(each).enumerate();
    let prefix = |(at, name): (usize, &&str)| {
        let name = name.trim_start_matches("中国共产主义青年团");
        let chars: Vec<char> = name.chars().collect();
        let len = 1 + at % chars.len().max(1);
        format!("/v1/autocomplete?q={}", escaped(&chars.iter().take(len).collect::<String>()))
    };
    chosen.map(prefix).collect()
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        let _ = write!(escaped, "%{byte:02X}");
        escaped
    })
}

fn run(arguments: &Arguments, tree: &str, address: SocketAddr) -> io::Result<bool> {
    let alone = reindex(address, tree)?;
    let (tally, paths) = (Tally::default(), paths(tree));
    let changed = thread::scope(|scope| {
        for at in 0..CLIENTS {
            let (tally, paths) = (&tally, &paths);
            scope.spawn(move || client(tally, address, paths, at, arguments.rate));
        }
        let changed = change(arguments, tree, address);
        tally.over.store(true, Relaxed);
        changed
    });
    Ok(report(&tally, &changed?, alone))
}

/// Everything that happens to the tree, in rounds.
fn change(arguments: &Arguments, tree: &str, address: SocketAddr) -> io::Result<Vec<Phase>> {
    let mut phases = Vec::new();
    let mut phase = |what: &'static str, work: &mut dyn FnMut() -> io::Result<()>| -> io::Result<()> {
        let from = Instant::now();
        work()?;
        phases.push(Phase { what, from, to: Instant::now() });
        Ok(())
    };
    let mut rest = || {
        thread::sleep(Duration::from_secs(arguments.rest));
        Ok(())
    };
    phase("rest", &mut rest)?;
    let rounds = arguments.reindexes.max(1);
    let mut batch = 0;
    for round in 0..rounds {
        let share = |all: u32| all * (round + 1) / rounds - all * round / rounds;
        (0..share(arguments.reindexes))
            .try_for_each(|_| phase("reindex", &mut || reindex(address, tree).map(drop)))?;
        for _ in 0..share(arguments.batches) {
            batch += 1;
            phase("batch", &mut || rename_marked(address, batch))?;
        }
        (0..share(arguments.rollbacks)).try_for_each(|_| phase("rollback", &mut || roll_back(address)))?;
    }
    phase("rest", &mut rest)?;
    Ok(phases)
}

/// A full reindex over HTTP; how long it took.
fn reindex(address: SocketAddr, tree: &str) -> io::Result<Duration> {
    let began = Instant::now();
    // The batches since the last one are given up: they rename what the file names anew.
    let path = "/v1/admin/reindex?force=true";
    let job = admin(address, "POST", path, "text/csv", tree.as_bytes(), 202)?;
    let id = job.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    loop {
        thread::sleep(Duration::from_millis(50));
        let job = admin(address, "GET", &format!("/v1/admin/jobs/{id}"), "text/plain", b"", 200)?;
        if job.contains("\"state\":\"done\"") {
            return Ok(began.elapsed());
        }
        if !["queued", "running"].iter().any(|state| job.contains(&format!("\"state\":\"{state}\""))) {
            return Err(io::Error::other(job));
        }
    }
}

fn rename_marked(address: SocketAddr, batch: u32) -> io::Result<()> {
    let rename = |(at, mark): (usize, &&str)| {
        format!(r#"{{"op":"rename","id":"marked-{at}","name":"{}"}}"#, marked_name(mark, batch))
    };
    let changes: Vec<String> = MARKED.iter().enumerate().map(rename).collect();
    let body = format!(r#"{{"key":"batch {batch}","changes":[{}]}}"#, changes.join(","));
    admin(address, "POST", "/v1/admin/changes", "application/json", body.as_bytes(), 200).map(drop)
}

fn roll_back(address: SocketAddr) -> io::Result<()> {
    admin(address, "POST", "/v1/admin/rollback", "application/json", b"{}", 200).map(drop)
}

fn admin(
    address: SocketAddr,
    method: &str,
    path: &str,
    kind: &str,
    body: &[u8],
    expected: u16,
) -> io::Result<String> {
    match Connection::open(address)?.admin(method, path, kind, body)? {
        (status, body) if status == expected => Ok(body),
        (status, body) => Err(io::Error::other(format!("{method} {path}: {status} {body}"))),
    }
}

/// Asks at its share of the rate; what it cannot keep up with is asked late, and counts as late.
fn client(tally: &Tally, address: SocketAddr, paths: &[String], at: u32, rate: u32) {
    let between = Duration::from_secs(1) * CLIENTS / rate.max(1);
    let mut next = Instant::now() + between * at / CLIENTS;
    let marked = format!("/v1/search?q={}&limit=20", escaped(MARK));
    let mut connection = None;
    let mut answered = Vec::new();
    for number in (at as usize)..usize::MAX {
        if !tally.goes_on() {
            break;
        }
        thread::sleep(next.saturating_duration_since(Instant::now()));
        let is_check = number % CHECKED == 0;
        let path = if is_check { &marked } else { &paths[(number * 31) % paths.len()] };
        let answer = get(&mut connection, address, path);
        answered.push((next, next.elapsed()));
        next += between;
        match answer {
            Ok((200, body)) => {
                if is_check && let Some(mixed) = mixed_states(&body) {
                    tally.wrong(format!("mixed: {mixed}"));
                }
            }
            Ok((status, body)) => tally.wrong(format!("{path}: {status} {body}")),
            Err(error) => tally.wrong(format!("{path}: {error}")),
        }
    }
    tally.answered.lock().unwrap_or_else(PoisonError::into_inner).extend(answered);
}

/// Over the connection there is, or a new one.
fn get(connection: &mut Option<Connection>, address: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    let mut to = match connection.take() {
        Some(open) => open,
        None => Connection::open(address)?,
    };
    let answer = to.send(format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n").as_bytes())?;
    *connection = Some(to);
    Ok(answer)
}

/// The names of an answer that are not those of one batch, or not all of them.
fn mixed_states(body: &str) -> Option<String> {
    let start = format!("\"name\":\"{MARK}");
    let names: Vec<&str> = body.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let batch = |name: &str| name.split('第').nth(1).map(str::to_owned);
    let first = names.first().and_then(|name| batch(name));
    let is_one = names.len() == MARKED.len() && names.iter().all(|name| batch(name) == first);
    (!is_one).then(|| names.join(" "))
}

/// Prints what was measured; whether nothing went wrong.
fn report(tally: &Tally, phases: &[Phase], alone: Duration) -> bool {
    let answered = tally.answered.lock().unwrap_or_else(PoisonError::into_inner);
    println!(
        "{:<10} {:>6} {:>10} {:>10} {:>9} {:>9} {:>9} {:>9}",
        "", "times", "mean s", "searches", "p50 ms", "p99 ms", "p99.9 ms", "max ms"
    );
    let mut rest_p99 = 0.0;
    for what in ["rest", "reindex", "batch", "rollback"] {
        let of_kind: Vec<&Phase> = phases.iter().filter(|phase| phase.what == what).collect();
        let is_in = |at: &Instant| of_kind.iter().any(|phase| (phase.from..phase.to).contains(at));
        let mut took: Vec<Duration> =
            answered.iter().filter(|(at, _)| is_in(at)).map(|(_, took)| *took).collect();
        took.sort_unstable();
        let at = |share: f64| {
            let place = ((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1));
            took.get(place).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
        };
        let seconds: f64 = of_kind.iter().map(|phase| (phase.to - phase.from).as_secs_f64()).sum();
        let mean = seconds / of_kind.len().max(1) as f64;
        let [p50, p99, p999, most] = [0.5, 0.99, 0.999, 1.0].map(at);
        println!(
            "{what:<10} {:>6} {mean:>10.3} {:>10} {p50:>9.2} {p99:>9.2} {p999:>9.2} {most:>9.2}",
            of_kind.len(),
            took.len()
        );
        match what {
            "rest" => rest_p99 = p99,
            "reindex" => println!(
                "  p99 x {:.2} of that at rest; {:.2} x as long as alone ({:.1} s)",
                p99 / rest_p99,
                mean / alone.as_secs_f64(),
                alone.as_secs_f64()
            ),
            _ => {}
        }
    }
    let wrong = tally.wrong.lock().unwrap_or_else(PoisonError::into_inner);
    println!("{} searches, {} failed or mixed", answered.len(), wrong.len());
    wrong.iter().take(10).for_each(|wrong| println!("  {wrong}"));
    wrong.is_empty()
}
