//! Kills `orgsearch` at random instants while it writes, and holds what is left against a model.
//!
//! After each kill the directory opens, every checksum is right, and it serves either what it served before or what the
//! command was to make of it; the latter if the command had ended well. So no acknowledged batch is lost, and nothing is
//! served half. A server that compacts by itself is killed as well, with its child at work. At the end a command that is
//! let be clears what the killed ones left. The same seed makes the same commands; the instants depend on the machine.

use clap::Parser;
use index_data::hash::SplitMix64;
use search_core::changes::BatchState;
use search_core::{Engine, EngineError};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Kills writers, and looks what they left.
///
///     crash-loop                       as often as ./check does
///     crash-loop --runs 300 --seed 7
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
struct Arguments {
    /// Commands that are started, nearly all of them to be killed.
    #[arg(long, default_value_t = 30)]
    runs: u32,
    /// Where all chance but the instants comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The program; beside this one if left out.
    #[arg(long)]
    program: Option<PathBuf>,
}

fn main() -> io::Result<ExitCode> {
    let Arguments { runs, seed, program } = Arguments::parse();
    let program = match program {
        Some(program) => program,
        None => std::env::current_exe()?.with_file_name("orgsearch"),
    };
    let place = tempfile::tempdir()?;
    let mut world = World::new(place.path(), program, seed)?;
    for run in 1..=runs {
        if let Err(wrong) = world.run() {
            println!("run {run} of seed {seed}: {wrong}");
            println!("the directory is kept: {}", place.keep().display());
            return Ok(ExitCode::FAILURE);
        }
    }
    if let Err(wrong) = world.tidy() {
        println!("after {runs} runs of seed {seed}: {wrong}");
        return Ok(ExitCode::FAILURE);
    }
    println!("seed {seed}, {runs} runs: {}", world.tally());
    Ok(ExitCode::SUCCESS)
}

/// Organizations of the tree.
const ORGS: usize = 400;

const SERVER: &str = "server";
/// In which time, about, a server starts and its child has compacted.
const SERVED: Duration = Duration::from_millis(1_500);

/// The names of all organizations, by their ids.
type Content = BTreeMap<String, String>;

/// What a command does, and what should be served once it is done.
struct Work {
    kind: &'static str,
    arguments: Vec<String>,
    after: Content,
}

#[derive(Default)]
struct Tally {
    /// Killed before there was anything to be seen of it, killed afterwards, and not killed in time.
    before: u32,
    after: u32,
    done: u32,
    /// How long one takes that is let be.
    takes: Option<Duration>,
}

struct World {
    data: PathBuf,
    file: PathBuf,
    program: PathBuf,
    dice: SplitMix64,
    number: u64,
    /// What is served, and what answers call it.
    served: Content,
    label: String,
    /// What generations and states of them served: `g000012`, `g000012-347`.
    known: BTreeMap<String, Content>,
    tallies: BTreeMap<&'static str, Tally>,
}

impl World {
    fn new(place: &Path, program: PathBuf, seed: u64) -> io::Result<World> {
        let mut world = World {
            data: place.join("data"),
            file: place.join("input.csv"),
            program,
            dice: SplitMix64(seed),
            number: 0,
            served: Content::new(),
            label: String::new(),
            known: BTreeMap::new(),
            tallies: BTreeMap::new(),
        };
        let work = world.reindex()?;
        world.command(&work).status()?;
        world.look(&work, true).map_err(io::Error::other)?;
        Ok(world)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.dice.next_u64() % end.max(1) as u64) as usize
    }

    /// One command, killed or not, and a look at what it left.
    fn run(&mut self) -> Result<(), String> {
        let told = |error: io::Error| error.to_string();
        let work = match self.below(11) {
            0..4 => self.change().map_err(told)?,
            4..6 => self.compact(),
            6..8 => self.reindex().map_err(told)?,
            8..10 => self.rollback()?,
            _ => self.serve(),
        };
        let takes = self.tallies.entry(work.kind).or_default().takes;
        // A server does not end by itself. Of all others the first shows how long it takes, and every tenth is let be.
        let is_let_be = work.kind != SERVER && (takes.is_none() || self.below(10) == 0);
        let instant = takes.unwrap_or(SERVED).mul_f64(self.below(1_000) as f64 / 800.0);
        let began = Instant::now();
        let is_done = match is_let_be {
            true => self.finish(&work)?,
            false => {
                let mut process = self.command(&work).spawn().map_err(told)?;
                std::thread::sleep(instant);
                process.kill().map_err(told)?;
                process.wait().map_err(told)?.success()
            }
        };
        let tally = self.tallies.entry(work.kind).or_default();
        if is_done {
            tally.done += 1;
            tally.takes = Some(tally.takes.map_or(began.elapsed(), |takes| takes.min(began.elapsed())));
        }
        self.look(&work, is_done).map_err(|wrong| {
            let end = if is_done { "done".to_owned() } else { format!("killed after {instant:?}") };
            format!("{} {:?}, {end}: {wrong}", work.kind, work.arguments)
        })
    }

    /// Runs a command that should end well. The child of a server that was killed may hold it up for a moment.
    fn finish(&self, work: &Work) -> Result<bool, String> {
        const BUSY: Option<i32> = Some(3);
        let began = Instant::now();
        loop {
            let status = self.command(work).status().map_err(|error| error.to_string())?;
            if status.success() {
                return Ok(true);
            }
            if status.code() != BUSY || began.elapsed() > Duration::from_secs(60) {
                return Err(format!("{} failed with {status}: {:?}", work.kind, work.arguments));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the directory serves is what it should.
    fn look(&mut self, work: &Work, is_done: bool) -> Result<(), String> {
        let engine = Engine::open(&self.data).map_err(|error| error.to_string())?;
        let damaged = engine.verify().map_err(|error| error.to_string())?;
        if !damaged.is_empty() {
            return Err(format!("damaged: {damaged:?}"));
        }
        let found = content(&engine, &work.after)?;
        let may_be_former = !is_done && found == self.served;
        if found != work.after && !may_be_former {
            let differing = work.after.iter().find(|(id, name)| found.get(*id) != Some(name));
            return Err(format!(
                "it serves neither what it did nor what it should; it differs at {differing:?}"
            ));
        }
        let label = engine.generation().version;
        let known = self.known.entry(label.clone()).or_insert_with(|| found.clone());
        if *known != found {
            return Err(format!("{label} is not what it was"));
        }
        let tally = self.tallies.entry(work.kind).or_default();
        match (is_done, label == self.label) {
            (true, _) => {}
            (false, true) => tally.before += 1,
            (false, false) => tally.after += 1,
        }
        (self.served, self.label) = (found, label);
        Ok(())
    }

    /// A command that is let be clears what the others left.
    fn tidy(&mut self) -> Result<(), String> {
        let work = self.reindex().map_err(|error| error.to_string())?;
        let is_done = self.finish(&work)?;
        self.look(&work, is_done)?;
        // What the log and the pointer leave is written over the next time.
        for leftover in [".building", ".removed"] {
            if self.data.join("generations").join(leftover).exists() {
                return Err(format!("generations/{leftover} is left"));
            }
        }
        Ok(())
    }

    fn command(&self, work: &Work) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--data").arg(&self.data).args(&work.arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn work(&self, kind: &'static str, arguments: &[&str], after: Content) -> Work {
        Work { kind, arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(), after }
    }

    /// Another tree, whatever it takes away.
    fn reindex(&mut self) -> io::Result<Work> {
        self.number += 1;
        let after: Content =
            (0..ORGS).map(|at| (at.to_string(), format!("第{at}学院第{}届团委", self.number))).collect();
        let rows = after.iter().map(|(id, name)| {
            let parent = id
                .parse::<usize>()
                .ok()
                .filter(|at| *at > 0)
                .map_or(String::new(), |at| (at / 9).to_string());
            format!("{id},{name},{parent}\n")
        });
        std::fs::write(&self.file, format!("id,name,parent_id\n{}", rows.collect::<String>()))?;
        let file = self.file.display().to_string();
        Ok(self.work("reindex", &["reindex", "--force", "--from", &file], after))
    }

    /// A batch that renames some organizations.
    fn change(&mut self) -> io::Result<Work> {
        self.number += 1;
        let mut after = self.served.clone();
        let mut rows = String::from("op,id,name\n");
        for _ in 0..=self.below(5) {
            let id = self.below(ORGS).to_string();
            let name = format!("改名{}学院团委", self.dice.next_u64() % 1_000_000);
            rows += &format!("rename,{id},{name}\n");
            after.insert(id, name);
        }
        std::fs::write(&self.file, rows)?;
        let (key, file) = (format!("batch {}", self.number), self.file.display().to_string());
        Ok(self.work("change", &["change", "--key", &key, "--from", &file], after))
    }

    fn compact(&self) -> Work {
        self.work("compaction", &["compact"], self.served.clone())
    }

    /// A server that compacts whatever is changed.
    fn serve(&self) -> Work {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--compact-at", "1"];
        self.work(SERVER, &arguments, self.served.clone())
    }

    /// To a generation that is there, as it was built, or to a batch of the live one.
    fn rollback(&mut self) -> Result<Work, String> {
        let told = |error: EngineError| error.to_string();
        let engine = Engine::open(&self.data).map_err(told)?;
        let mut targets: Vec<String> =
            engine.generations().map_err(told)?.into_iter().map(|generation| generation.name).collect();
        let applied =
            engine.batches().map_err(told)?.into_iter().filter(|batch| batch.state == BatchState::Applied);
        let live = engine.generation().name;
        targets.extend(applied.map(|batch| format!("{live}-{}", batch.applied.sequence)));
        targets.retain(|target| self.known.contains_key(target));
        if targets.is_empty() {
            return Ok(self.compact());
        }
        let target = targets[self.below(targets.len())].clone();
        let after = self.known[&target].clone();
        Ok(self.work("rollback", &["rollback", "--to", &target], after))
    }

    fn tally(&self) -> String {
        let of = |(kind, tally): (&&str, &Tally)| {
            let Tally { before, after, done, .. } = tally;
            format!("{kind}: {before} killed before anything changed, {after} afterwards, {done} done")
        };
        self.tallies.iter().map(of).collect::<Vec<_>>().join("; ")
    }
}

/// What is served of the organizations that should be.
fn content(engine: &Engine, wanted: &Content) -> Result<Content, String> {
    let orgs = engine.generation().orgs;
    if orgs != wanted.len() as u64 {
        return Err(format!("{orgs} organizations, not {}", wanted.len()));
    }
    let named = |id: &String| {
        engine.org(id).map(|org| (id.clone(), org.name)).map_err(|error| format!("{id}: {error}"))
    };
    wanted.keys().map(named).collect()
}
