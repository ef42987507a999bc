//! What a crash and a failing disk leave behind, tried at every operation on files that a writer carries out.
//!
//! 1. A crash at any operation of a first reindex, a later one or a rollback, with what was not flushed kept, lost or
//!    torn: the directory opens, serves the former or the new generation whole, and can be written to again (law 6).
//! 2. What was acknowledged is served after the crash, whatever is lost.
//! 3. An operation that fails once, or a write that stops in the middle: the writer's answer says which generation is
//!    live, and nothing of a failed build stays.
//!
//! The way of SQLite's test file system (<https://www.sqlite.org/testing.html>, sections 3.2 and 3.3) and of redb's crash tests.

#![expect(
    clippy::unwrap_used,
    reason = "what the tests prepare must succeed; clippy.toml covers test functions only"
)]

use super::file_system::{FileSystem, LocalFiles};
use super::store::Store;
use crate::engine::Engine;
use crate::error::EngineError;
use index_data::load::SourceRow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::convert::Infallible;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A change of a directory's entries that no flush has made last yet.
#[derive(Debug)]
enum Change {
    Created(PathBuf),
    Renamed { from: PathBuf, to: PathBuf, replaced: Option<PathBuf> },
    Removed { path: PathBuf, kept_as: PathBuf },
}

impl Change {
    /// The directory whose flush makes it last.
    fn dir(&self) -> &Path {
        let (Change::Created(path) | Change::Renamed { to: path, .. } | Change::Removed { path, .. }) = self;
        path.parent().expect("below the data directory")
    }
}

/// How much of the bytes that were not flushed a crash leaves of each file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bytes {
    All,
    None,
    Half,
}

/// What fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// The operation does nothing.
    Error(io::ErrorKind),
    /// A write leaves half of its bytes.
    ShortWrite,
}

/// A file system that counts operations, fails one of them, and knows at each what a crash could leave.
#[derive(Debug)]
struct FaultyFiles {
    data: PathBuf,
    /// Where removed files are kept, in case a crash brings them back.
    attic: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    operations: usize,
    failing: Option<(usize, Failure)>,
    /// Bytes of each file, by its inode, that were flushed; a file that is not named was there before, and is whole.
    flushed: HashMap<u64, u64>,
    changes: Vec<Change>,
    attic: usize,
    /// Gets the directory as crashes before the next operation would leave it.
    crashes: Option<Crashes>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} operations", self.operations)
    }
}

impl FaultyFiles {
    fn new(data: &Path, attic: &Path) -> Arc<FaultyFiles> {
        let (data, attic) = (data.to_owned(), attic.to_owned());
        Arc::new(FaultyFiles { data, attic, state: Mutex::default() })
    }

    /// Counts an operation and carries it out, unless it is the one that fails.
    fn operation<T>(
        &self,
        work: impl FnOnce(&mut State) -> io::Result<T>,
        half: impl FnOnce(),
    ) -> io::Result<T> {
        let state = &mut *self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(mut crashes) = state.crashes.take() {
            crashes.look(self, state);
            state.crashes = Some(crashes);
        }
        state.operations += 1;
        match state.failing {
            Some((at, Failure::Error(kind))) if at == state.operations => Err(kind.into()),
            Some((at, Failure::ShortWrite)) if at == state.operations => {
                half();
                Err(io::ErrorKind::StorageFull.into())
            }
            _ => work(state),
        }
    }

    fn put_away(&self, path: &Path, state: &mut State) -> io::Result<PathBuf> {
        state.attic += 1;
        let kept_as = self.attic.join(state.attic.to_string());
        fs::rename(path, &kept_as)?;
        Ok(kept_as)
    }

    /// The directory as a crash at this moment leaves it.
    fn after_crash(&self, state: &State, to: &Path, bytes: Bytes, loses: impl Fn(&Change) -> bool) {
        copy_linked(&self.data, to);
        for path in files_below(to) {
            let metadata = fs::metadata(&path).unwrap();
            let Some(&flushed) = state.flushed.get(&metadata.ino()) else { continue };
            let kept = match bytes {
                Bytes::All => metadata.len(),
                Bytes::None => flushed,
                Bytes::Half => flushed + (metadata.len() - flushed) / 2,
            };
            // The copies are links: what is cut, or still written to, needs a file of its own.
            let mut content = fs::read(&path).unwrap();
            content.truncate(kept as usize);
            fs::remove_file(&path).unwrap();
            fs::write(&path, content).unwrap();
        }
        let there = |path: &Path| to.join(path.strip_prefix(&self.data).unwrap());
        for change in state.changes.iter().rev().filter(|change| loses(change)) {
            match change {
                Change::Created(path) => remove(&there(path)),
                Change::Renamed { from, to, replaced } => {
                    if there(to).exists() {
                        fs::rename(there(to), there(from)).unwrap();
                    }
                    if let Some(replaced) = replaced {
                        copy_linked(replaced, &there(to));
                    }
                }
                Change::Removed { path, kept_as } => copy_linked(kept_as, &there(path)),
            }
        }
    }
}

impl FileSystem for Arc<FaultyFiles> {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = dir.ancestors().take_while(|above| !above.exists()).collect();
        let create = |dir: &Path, state: &mut State| {
            fs::create_dir(dir)?;
            state.changes.push(Change::Created(dir.to_owned()));
            Ok(())
        };
        missing.into_iter().rev().try_for_each(|dir| self.operation(|state| create(dir, state), || ()))
    }

    fn create_file(&self, path: &Path) -> io::Result<Box<dyn Write + Send + Sync>> {
        self.operation(
            |state| {
                if path.exists() {
                    let kept_as = self.put_away(path, state)?;
                    state.changes.push(Change::Removed { path: path.to_owned(), kept_as });
                }
                let file = File::create(path)?;
                state.flushed.insert(file.metadata()?.ino(), 0);
                state.changes.push(Change::Created(path.to_owned()));
                Ok(Box::new(FaultyFile { file, files: Arc::clone(self) }) as Box<dyn Write + Send + Sync>)
            },
            || (),
        )
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.operation(
            |state| {
                let replaced = if to.exists() { Some(self.put_away(to, state)?) } else { None };
                fs::rename(from, to)?;
                state.changes.push(Change::Renamed { from: from.to_owned(), to: to.to_owned(), replaced });
                Ok(())
            },
            || (),
        )
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.remove_dir(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.operation(
            |state| {
                let kept_as = self.put_away(dir, state)?;
                state.changes.push(Change::Removed { path: dir.to_owned(), kept_as });
                Ok(())
            },
            || (),
        )
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.operation(
            |state| {
                let metadata = fs::metadata(path)?;
                state.flushed.insert(metadata.ino(), metadata.len());
                Ok(())
            },
            || (),
        )
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.operation(
            |state| {
                state.changes.retain(|change| change.dir() != dir);
                Ok(())
            },
            || (),
        )
    }
}

#[derive(Debug)]
struct FaultyFile {
    file: File,
    files: Arc<FaultyFiles>,
}

impl Write for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (mut file, mut other) = (self.file.try_clone()?, self.file.try_clone()?);
        let half = || other.write_all(&bytes[..bytes.len() / 2]).unwrap();
        self.files.operation(|_| file.write_all(bytes).map(|()| bytes.len()), half)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Looks at what crashes leave, each different outcome once.
#[derive(Default)]
struct Crashes {
    /// Numbers of organizations that may be served.
    allowed: Vec<u64>,
    /// Organizations that a writer finds afterwards.
    seen: HashSet<Vec<(PathBuf, u64, u32)>>,
    /// Outcomes that were written to again: one of each list of files.
    rewritten: HashSet<Vec<PathBuf>>,
    tried: usize,
}

impl Crashes {
    fn look(&mut self, files: &FaultyFiles, state: &State) {
        let dirs: HashSet<&Path> = state.changes.iter().map(Change::dir).collect();
        for bytes in [Bytes::All, Bytes::None, Bytes::Half] {
            self.look_at(files, state, bytes, |_| false);
            self.look_at(files, state, bytes, |_| true);
            for dir in &dirs {
                self.look_at(files, state, bytes, |change| change.dir() == *dir);
            }
        }
    }

    fn look_at(&mut self, files: &FaultyFiles, state: &State, bytes: Bytes, loses: impl Fn(&Change) -> bool) {
        let place = tempfile::tempdir_in(&files.attic).unwrap();
        let dir = place.path().join("data");
        files.after_crash(state, &dir, bytes, loses);
        self.tried += 1;
        let outcome: Vec<(PathBuf, u64, u32)> = files_below(&dir)
            .into_iter()
            .map(|path| {
                let name = path.strip_prefix(&dir).unwrap().to_owned();
                let inode = fs::metadata(&path).unwrap();
                // A file with another link is one that was there before.
                match inode.nlink() > 1 {
                    true => (name, inode.ino(), 0),
                    false => (name, inode.len(), crc32(&path)),
                }
            })
            .collect();
        let names = outcome.iter().map(|(name, ..)| name.clone()).collect();
        if self.seen.insert(outcome) {
            let at = format!("before operation {}, bytes {bytes:?}", state.operations + 1);
            assert_serves(&dir, &self.allowed, &at);
            if self.rewritten.insert(names) {
                assert_writable(&dir, &at);
            }
        }
    }
}

/// The directory serves one of the allowed numbers of organizations, whole; 0: it has no generation.
fn assert_serves(dir: &Path, allowed: &[u64], at: &str) {
    let orgs = match Engine::open(dir) {
        Ok(engine) => {
            assert_eq!(engine.verify().unwrap(), [""; 0], "{at}");
            engine.generation().orgs
        }
        Err(EngineError::NoGeneration { .. }) => 0,
        Err(error) => panic!("{at}: {error}"),
    };
    assert!(allowed.contains(&orgs), "{at}: {orgs} organizations, allowed are {allowed:?}");
}

fn assert_writable(dir: &Path, at: &str) {
    const AFTERWARDS: usize = 7;
    let engine = Engine::unopened(dir).unwrap();
    engine.reindex(rows(AFTERWARDS), |_| {}).unwrap_or_else(|error| panic!("{at}: {error}"));
    assert_serves(dir, &[AFTERWARDS as u64], at);
    assert!(!dir.join("generations/.building").exists(), "{at}");
}

fn rows(count: usize) -> Vec<Result<SourceRow, Infallible>> {
    let row = |at: usize| SourceRow {
        id: at.to_string(),
        name: format!("第{at}团支部"),
        parent_id: if at == 0 { String::new() } else { "0".to_owned() },
        ..SourceRow::default()
    };
    (0..count).map(|at| Ok(row(at))).collect()
}

/// What a writer does, on a directory in which `before` reindexes went well, each of one organization more.
struct Scenario {
    name: &'static str,
    before: usize,
    work: fn(&Engine) -> Result<(), EngineError>,
    /// Organizations that are served when it went well.
    after: u64,
}

const SCENARIOS: [Scenario; 4] = [
    Scenario { name: "first reindex", before: 0, work: |engine| reindex(engine, 5), after: 5 },
    Scenario { name: "second reindex", before: 1, work: |engine| reindex(engine, 5), after: 5 },
    Scenario {
        name: "reindex that removes a generation",
        before: 3,
        work: |engine| reindex(engine, 5),
        after: 5,
    },
    Scenario { name: "rollback", before: 2, work: |engine| engine.rollback(None).map(drop), after: 1 },
];

fn reindex(engine: &Engine, count: usize) -> Result<(), EngineError> {
    engine.reindex(rows(count), |_| {}).map(drop)
}

impl Scenario {
    fn place(&self) -> Place {
        let place = tempfile::tempdir().unwrap();
        let base = place.path().join("base");
        if self.before > 0 {
            let engine = Engine::open_or_empty(&base).unwrap();
            (1..=self.before).for_each(|count| reindex(&engine, count).unwrap());
        }
        Place { place, base }
    }
}

struct Place {
    place: tempfile::TempDir,
    base: PathBuf,
}

impl Place {
    /// A fresh copy of what was there before, on a faulty file system.
    fn fresh(&self) -> (tempfile::TempDir, Arc<FaultyFiles>, Engine) {
        let run = tempfile::tempdir_in(self.place.path()).unwrap();
        let (data, attic) = (run.path().join("data"), run.path().join("attic"));
        fs::create_dir(&attic).unwrap();
        if self.base.exists() {
            copy_linked(&self.base, &data);
        }
        let files = FaultyFiles::new(&data, &attic);
        let engine = Engine::over(Store::on(&data, Arc::new(Arc::clone(&files)))).unwrap();
        (run, files, engine)
    }
}

#[test]
fn a_crash_at_any_operation_leaves_a_directory_that_serves() {
    for scenario in &SCENARIOS {
        let place = scenario.place();
        let (_run, files, engine) = place.fresh();
        let allowed = vec![scenario.before as u64, scenario.after];
        files.state.lock().unwrap().crashes = Some(Crashes { allowed, ..Crashes::default() });
        (scenario.work)(&engine).unwrap();
        let state = &mut *files.state.lock().unwrap();
        let mut crashes = state.crashes.take().unwrap();
        // It was acknowledged: from now on only the new one is right.
        crashes.allowed = vec![scenario.after];
        crashes.seen.clear();
        crashes.look(&files, state);
        let (operations, tried, seen) = (state.operations, crashes.tried, crashes.seen.len());
        println!(
            "{}: {operations} operations, {tried} crashes, {seen} outcomes after the last one, {} written to again",
            scenario.name,
            crashes.rewritten.len()
        );
        assert!(operations > 4 && tried > operations);
    }
}

#[test]
fn an_operation_that_fails_is_told_and_leaves_nothing() {
    let kinds = [io::ErrorKind::Other, io::ErrorKind::StorageFull];
    for scenario in &SCENARIOS {
        let place = scenario.place();
        let mut answers: BTreeMap<&str, usize> = BTreeMap::new();
        let operations = {
            let (_run, files, engine) = place.fresh();
            (scenario.work)(&engine).unwrap();
            let state = files.state.lock().unwrap();
            state.operations
        };
        for at in 1..=operations {
            let failures = [Failure::Error(kinds[at % 2]), Failure::ShortWrite];
            for failure in failures {
                let (run, files, engine) = place.fresh();
                files.state.lock().unwrap().failing = Some((at, failure));
                let case = format!("{}, operation {at}, {failure:?}", scenario.name);
                let (answer, live) = match (scenario.work)(&engine) {
                    Ok(()) => ("done", scenario.after),
                    Err(EngineError::NotDurable { .. }) => ("not durable", scenario.after),
                    Err(EngineError::Io { .. } | EngineError::TextIndex(_)) => {
                        ("failed", scenario.before as u64)
                    }
                    Err(error) => panic!("{case}: {error}"),
                };
                *answers.entry(answer).or_default() += 1;
                let data = run.path().join("data");
                assert_serves(&data, &[live], &case);
                if answer != "done" {
                    assert_eq!(engine.generation().orgs, if answer == "failed" { 0 } else { live }, "{case}");
                }
                assert!(!data.join("generations/.building").exists(), "{case}");
                assert!(!data.join("CURRENT.new").exists(), "{case}");
                if answer == "failed" && data.join("generations").exists() {
                    let sealed = fs::read_dir(data.join("generations")).unwrap().count();
                    assert_eq!(sealed, scenario.before.min(3), "{case}");
                }
            }
        }
        println!("{}: {operations} operations, each failed twice: {answers:?}", scenario.name);
        assert!(answers["failed"] > 0 && answers["not durable"] > 0, "{answers:?}");
    }
}

#[test]
fn what_an_index_cannot_hold_is_refused() {
    use super::limits::IndexLimits;
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open_or_empty(dir.path()).unwrap();
    reindex(&engine, 2).unwrap();
    let store = Store::new(dir.path());
    let refused = |limits| {
        let never = crate::reindex::Cancel::never();
        crate::reindex::reindex(&store, rows(300), limits, &never, |_| {}).err().unwrap()
    };
    let mut reached = Vec::new();
    for column in [0, 100, 500, 1_500, 3_000] {
        let error = refused(IndexLimits { column, ..IndexLimits::default() });
        let EngineError::TooLarge { what, most } = error else { panic!("{column}: {error}") };
        assert_eq!(most, column);
        reached.push(what);
    }
    assert!(reached.contains(&"names") && reached.contains(&"symbols of names"), "{reached:?}");
    let error = refused(IndexLimits { orgs: 299, ..IndexLimits::default() });
    assert!(matches!(error, EngineError::TooManyOrgs { orgs: 300, most: 299 }), "{error}");
    assert_serves(dir.path(), &[2], "a refused build");
    assert!(!dir.path().join("generations/.building").exists());
}

/// Copies a tree, files as links; the lock is one of its own.
fn copy_linked(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy_linked(&entry.path(), &to.join(entry.file_name()));
        }
    } else if from.ends_with("writer.lock") {
        File::create(to).unwrap();
    } else if from.exists() && !to.exists() {
        fs::hard_link(from, to).unwrap();
    }
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn remove(path: &Path) {
    if path.is_dir() {
        fs::remove_dir_all(path).unwrap();
    } else if path.exists() {
        fs::remove_file(path).unwrap();
    }
}

fn crc32(path: &Path) -> u32 {
    let mut content = Vec::new();
    File::open(path).unwrap().read_to_end(&mut content).unwrap();
    crc32fast::hash(&content)
}

/// The attic must not be what makes it work: the same on the machine's own file system.
#[test]
fn the_machines_file_system_does_the_same() {
    for scenario in &SCENARIOS {
        let place = scenario.place();
        let run = tempfile::tempdir_in(place.place.path()).unwrap();
        let data = run.path().join("data");
        if place.base.exists() {
            copy_linked(&place.base, &data);
        }
        let engine = Engine::over(Store::on(&data, Arc::new(LocalFiles))).unwrap();
        (scenario.work)(&engine).unwrap();
        assert_serves(&data, &[scenario.after], scenario.name);
    }
}
