//! A long time under too much load. It starts `orgsearch serve`, measures how many requests a second this machine
//! answers, then asks for twice as many, and meanwhile
//!
//! - uploads the tree again and again, and rolls back,
//! - keeps slow clients open that send a byte a second,
//! - cuts connections in the middle of requests and of answers.
//!
//! Breaches, each told in the table at the end:
//!
//! 1. a status other than 200, 429 and 503 on a search, or a connection closed without an answer,
//! 2. `/livez` slower than 100 ms at the 99th percentile, or not answered at all,
//! 3. resident memory that grows: the median of the last quarter over that of the second one,
//! 4. descriptors that are still open when all clients are gone,
//! 5. a reindex or a rollback that fails, or none that succeeds,
//! 6. a server that ends, or does not end when it is told to.

#[path = "../server.rs"]
mod server;

use clap::Parser;
use server::{Connection, PATIENCE, free_address, run_to_end, start, wait_until_ready};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Connections that ask as fast as the schedule says: more than may run and wait by default, so that too much is asked.
const CLIENTS: u32 = 384;
/// Connections that ask as fast as they can, to measure.
const MEASURING_CLIENTS: u32 = 16;
const MEASURED: Duration = Duration::from_secs(8);
const SLOW_CLIENTS: usize = 24;
const LIVEZ_MOST: Duration = Duration::from_millis(100);
/// Growth that allocators and caches of a page may take without being a leak.
const GROWTH_KIB: u64 = 48 << 10;
/// Descriptors that may be open more than at the start: a file of a generation being followed, a log.
const SPARE_DESCRIPTORS: usize = 4;

/// What people type, from cheap to expensive, escaped.
const PATHS: &[&str] = &[
    "/v1/autocomplete?q=%E5%8C%97%E5%A4%A7",
    "/v1/autocomplete?q=%E5%8C%97%E5%A4%A7%E8%BD%AF%E5%BE%AE24%E7%BA%A7",
    "/v1/autocomplete?q=beijing",
    "/v1/search?q=%E5%A7%94%E5%91%98%E4%BC%9A&facets=kind,system,region",
    "/v1/search?q=1%E7%8F%AD",
    "/v1/search?q=%E4%B8%AD%E5%9B%BD%E5%85%B1%E4%BA%A7%E4%B8%BB%E4%B9%89%E9%9D%92%E5%B9%B4%E5%9B%A2&limit=100",
    "/v1/search?q=%E6%B5%B7%E5%AE%9A%E5%8C%BA%E5%9B%A2%E5%A7%94",
    "/?q=%E5%8C%97%E4%BA%AC",
];

#[derive(Debug, Parser)]
struct Arguments {
    /// The binary `orgsearch`.
    #[arg(long)]
    server: PathBuf,
    /// The org-tree file, CSV.
    #[arg(long)]
    tree: PathBuf,
    /// Where the data directory is made.
    #[arg(long)]
    work: PathBuf,
    /// How long.
    #[arg(long, default_value_t = 30)]
    minutes: u64,
}

/// What has happened so far.
#[derive(Default)]
struct Tally {
    over: AtomicBool,
    cut: AtomicU64,
    slow: AtomicU64,
    asked: AtomicU64,
    counts: Mutex<BTreeMap<String, u64>>,
    livez_us: Mutex<Vec<u64>>,
    resident_kib: Mutex<Vec<u64>>,
    breaches: Mutex<Vec<String>>,
}

impl Tally {
    fn count(&self, what: &str) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(what.to_owned()).or_default() += 1;
    }

    fn counted(&self, what: &str) -> u64 {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).get(what).copied().unwrap_or(0)
    }

    fn breach(&self, what: String) {
        const MOST_TOLD: usize = 20;
        let mut breaches = self.breaches.lock().unwrap_or_else(PoisonError::into_inner);
        if breaches.len() < MOST_TOLD {
            breaches.push(what);
        }
    }

    fn goes_on(&self) -> bool {
        !self.over.load(Relaxed)
    }

    /// Sleeps in pieces, so that the end is not waited for.
    fn pause(&self, time: Duration) {
        let until = Instant::now() + time;
        while self.goes_on() && Instant::now() < until {
            thread::sleep(Duration::from_millis(50).min(time));
        }
    }
}

fn main() -> io::Result<ExitCode> {
    let arguments = Arguments::parse();
    let data = arguments.work.join("data");
    let address = free_address()?;
    run_to_end(
        &arguments.server,
        &["reindex".as_ref(), "--data".as_ref(), data.as_ref(), "--from".as_ref(), arguments.tree.as_ref()],
    )?;
    let mut server = start(&arguments.server, &data, address)?;
    let outcome = soak(&arguments, &mut server, address);
    let _ = server.kill();
    let breaches = outcome?;
    for breach in &breaches {
        println!("BREACH {breach}");
    }
    println!("{}", if breaches.is_empty() { "held" } else { "not held" });
    Ok(if breaches.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn soak(arguments: &Arguments, server: &mut Child, address: SocketAddr) -> io::Result<Vec<String>> {
    wait_until_ready(address)?;
    let rate = measure(address);
    let settled = settle(server.id(), address, usize::MAX)?;
    let wanted = 2 * rate;
    println!("{rate} requests a second answered; asking {wanted} for {} min", arguments.minutes);
    let tally = Arc::new(Tally::default());
    let tree = fs::read(&arguments.tree)?;
    let pid = server.id();
    let began = Instant::now();
    thread::scope(|scope| {
        for at in 0..CLIENTS {
            let tally = &tally;
            scope.spawn(move || client(tally, address, at, wanted));
        }
        (0..SLOW_CLIENTS).for_each(|_| _ = scope.spawn(|| slow_client(&tally, address)));
        scope.spawn(|| cutter(&tally, address));
        scope.spawn(|| watch_livez(&tally, address));
        scope.spawn(|| watch_memory(&tally, pid));
        scope.spawn(|| publisher(&tally, address, &tree));
        while began.elapsed() < Duration::from_secs(60 * arguments.minutes) {
            thread::sleep(Duration::from_millis(200));
            if let Ok(Some(status)) = server.try_wait() {
                tally.breach(format!("the server has ended: {status}"));
                break;
            }
        }
        tally.over.store(true, Relaxed);
    });
    let elapsed = began.elapsed();
    let left = settle(pid, address, settled + SPARE_DESCRIPTORS)?;
    if left > settled + SPARE_DESCRIPTORS {
        tally.breach(format!(
            "{left} descriptors are open with all clients gone, {settled} were at the start"
        ));
    }
    stop(server, &tally)?;
    report(&tally, elapsed, settled, left);
    Ok(std::mem::take(&mut *tally.breaches.lock().unwrap_or_else(PoisonError::into_inner)))
}

fn stop(server: &mut Child, tally: &Tally) -> io::Result<()> {
    run_to_end(Path::new("kill"), &["-TERM".as_ref(), server.id().to_string().as_ref()])?;
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if let Some(status) = server.try_wait()? {
            if !status.success() {
                tally.breach(format!("told to stop, the server ended with {status}"));
            }
            return Ok(());
        }
        thread::sleep(Duration::from_millis(50));
    }
    tally.breach("the server does not stop".to_owned());
    Ok(())
}

/// Requests a second that are answered with 200 when nobody waits between two.
fn measure(address: SocketAddr) -> u64 {
    let (answered, began) = (AtomicU64::new(0), Instant::now());
    thread::scope(|scope| {
        for at in 0..MEASURING_CLIENTS {
            let answered = &answered;
            scope.spawn(move || {
                let Ok(mut to) = Connection::open(address) else { return };
                for path in PATHS.iter().cycle().skip(at as usize).take_while(|_| began.elapsed() < MEASURED)
                {
                    answered.fetch_add(u64::from(to.get(path).ok() == Some(200)), Relaxed);
                }
            });
        }
    });
    (answered.load(Relaxed) / MEASURED.as_secs()).max(1)
}

/// Asks at its share of the rate; what it cannot keep up with is asked later, not left out.
fn client(tally: &Tally, address: SocketAddr, at: u32, rate: u64) {
    let between = Duration::from_secs(1) * CLIENTS / u32::try_from(rate).unwrap_or(u32::MAX).max(1);
    let mut next = Instant::now() + between * at / CLIENTS;
    let mut connection: Option<(Connection, bool)> = None;
    for path in PATHS.iter().cycle().skip(at as usize) {
        if !tally.goes_on() {
            return;
        }
        thread::sleep(next.saturating_duration_since(Instant::now()));
        next += between;
        let (mut to, is_used) = match connection.take() {
            Some(open) => open,
            None => match Connection::open(address) {
                Ok(opened) => (opened, false),
                Err(error) => {
                    tally.breach(format!("no connection: {error}"));
                    continue;
                }
            },
        };
        tally.asked.fetch_add(1, Relaxed);
        match to.get(path) {
            Ok(status) => {
                tally.count(&status.to_string());
                if !matches!(status, 200 | 429 | 503) {
                    tally.breach(format!("{path} answers {status}"));
                }
                connection = Some((to, true));
            }
            // A kept connection may be closed while nothing is on it: any client asks again then.
            Err(_) if is_used => tally.count("kept connection closed"),
            Err(error) => tally.breach(format!("{path} on a new connection: {error}")),
        }
    }
}

/// A request at a byte a second, over and over. That the server closes is its right.
fn slow_client(tally: &Tally, address: SocketAddr) {
    let request =
        b"GET /v1/search?q=a HTTP/1.1\r\nhost: slow\r\nx-slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
    while tally.goes_on() {
        let Ok(mut to) = TcpStream::connect_timeout(&address, PATIENCE) else { return };
        tally.slow.fetch_add(1, Relaxed);
        for byte in request {
            if to.write_all(&[*byte]).is_err() || !tally.goes_on() {
                break;
            }
            tally.pause(Duration::from_secs(1));
        }
    }
}

/// Connections cut within a request, and before the answer is read.
fn cutter(tally: &Tally, address: SocketAddr) {
    let whole = format!("GET {} HTTP/1.1\r\nhost: cut\r\n\r\n", PATHS[5]);
    for at in 0_usize.. {
        if !tally.goes_on() {
            return;
        }
        if let Ok(mut to) = TcpStream::connect_timeout(&address, PATIENCE) {
            let sent = if at.is_multiple_of(2) { whole.len() } else { at % whole.len() };
            let _ = to.write_all(&whole.as_bytes()[..sent]);
            tally.cut.fetch_add(1, Relaxed);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// `/livez` as an orchestrator asks it: on a new connection each time.
fn watch_livez(tally: &Tally, address: SocketAddr) {
    while tally.goes_on() {
        let began = Instant::now();
        match Connection::open(address).and_then(|mut to| to.get("/livez")) {
            Ok(200) => {
                let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                tally.livez_us.lock().unwrap_or_else(PoisonError::into_inner).push(took);
            }
            other => tally.breach(format!("/livez: {other:?}")),
        }
        tally.pause(Duration::from_millis(200));
    }
}

fn watch_memory(tally: &Tally, pid: u32) {
    while tally.goes_on() {
        if let Some(kib) = resident_kib(pid) {
            tally.resident_kib.lock().unwrap_or_else(PoisonError::into_inner).push(kib);
        }
        tally.pause(Duration::from_millis(500));
    }
}

/// Memory of its own: mapped files come and go with the page cache.
fn resident_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("RssAnon:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Uploads the tree, waits for it to be live, every other time rolls back.
fn publisher(tally: &Tally, address: SocketAddr, tree: &[u8]) {
    for round in 1_u32.. {
        tally.pause(Duration::from_secs(5));
        if !tally.goes_on() {
            return;
        }
        let upload = |mut to: Connection| to.admin("POST", "/v1/admin/reindex", "text/csv", tree);
        match Connection::open(address).and_then(upload) {
            Ok((202, status)) => wait_for_job(tally, address, &status),
            other => tally.breach(format!("an upload: {other:?}")),
        }
        if round.is_multiple_of(2) && tally.goes_on() {
            let back = |mut to: Connection| to.admin("POST", "/v1/admin/rollback", "application/json", b"{}");
            match Connection::open(address).and_then(back) {
                Ok((200, _)) => tally.count("rollbacks"),
                other => tally.breach(format!("a rollback: {other:?}")),
            }
        }
    }
}

fn wait_for_job(tally: &Tally, address: SocketAddr, status: &str) {
    let id = status.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let path = format!("/v1/admin/jobs/{id}");
    while tally.goes_on() {
        let job = Connection::open(address).and_then(|mut to| to.admin("GET", &path, "text/plain", b""));
        match job {
            Ok((200, job)) if job.contains("\"state\":\"done\"") => return tally.count("reindexes"),
            Ok((200, job)) if job.contains("\"state\":\"failed\"") => {
                return tally.breach(format!("a job: {job}"));
            }
            Ok((200, _)) => tally.pause(Duration::from_millis(200)),
            other => return tally.breach(format!("{path}: {other:?}")),
        }
    }
}

/// Waits until no more than so many descriptors are open, or for its patience; how many are open then.
fn settle(pid: u32, address: SocketAddr, most: usize) -> io::Result<usize> {
    let until = Instant::now() + PATIENCE;
    loop {
        // A generation is let go by the request that comes after it.
        let _ = Connection::open(address).and_then(|mut to| to.get(PATHS[0]));
        thread::sleep(Duration::from_millis(500));
        let open = fs::read_dir(format!("/proc/{pid}/fd"))?.count();
        if open <= most || Instant::now() > until {
            return Ok(open);
        }
    }
}

fn report(tally: &Tally, elapsed: Duration, settled: usize, left: usize) {
    let mut livez = tally.livez_us.lock().unwrap_or_else(PoisonError::into_inner).clone();
    livez.sort_unstable();
    let at = |share: usize| livez.get((livez.len() * share / 1_000).min(livez.len().max(1) - 1)).copied();
    let [half, most, last] = [500, 990, 1_000].map(|share| at(share).unwrap_or(u64::MAX) as f64 / 1_000.0);
    if most > LIVEZ_MOST.as_secs_f64() * 1_000.0 {
        tally.breach(format!("/livez takes {most:.1} ms at the 99th percentile"));
    }
    let resident = tally.resident_kib.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let quarter = |at: usize| median(&resident[resident.len() * at / 4..resident.len() * (at + 1) / 4]);
    let (early, late) = (quarter(1), quarter(3));
    if late > early + GROWTH_KIB.max(early / 10) {
        tally.breach(format!("resident memory grows from {early} to {late} KiB"));
    }
    for what in ["200", "reindexes", "rollbacks"] {
        if tally.counted(what) == 0 {
            tally.breach(format!("no {what}"));
        }
    }
    let asked = tally.asked.load(Relaxed);
    println!("asked            {asked} ({:.0} a second)", asked as f64 / elapsed.as_secs_f64());
    for (what, count) in &*tally.counts.lock().unwrap_or_else(PoisonError::into_inner) {
        println!("{what:<16} {count}");
    }
    println!("slow clients     {}", tally.slow.load(Relaxed));
    println!("cut connections  {}", tally.cut.load(Relaxed));
    println!(
        "/livez           {half:.1} ms, 99th percentile {most:.1} ms, longest {last:.1} ms, {} times",
        livez.len()
    );
    println!("own memory       {} MiB in the second quarter, {} MiB in the last", early >> 10, late >> 10);
    println!("descriptors      {settled} at the start, {left} at the end");
}

fn median(values: &[u64]) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}
