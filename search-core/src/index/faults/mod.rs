//! What a crash and a failing disk leave behind, tried at every operation on files that a writer carries out.
//!
//! 1. A crash at any operation of a first reindex, a later one or a rollback, with what was not flushed kept, lost or
//!    torn: the directory opens, serves the former or the new generation whole, and can be written to again (law 6).
//! 2. What was acknowledged is served after the crash, whatever is lost.
//! 3. An operation that fails once, or a write that stops in the middle: the writer's answer says which generation is
//!    live, and nothing of a failed build stays.
//! 4. A disk that says it has no room is believed before anything is written.
//!
//! The way of SQLite's test file system (<https://www.sqlite.org/testing.html>, sections 3.2 and 3.3) and of redb's crash tests.

#![expect(
    clippy::unwrap_used,
    reason = "what the tests prepare must succeed; clippy.toml covers test functions only"
)]

mod crashes;
mod faulty_files;

use super::file_system::LocalFiles;
use super::store::Store;
use crate::changes::{Batch, Change, ChangeError, NewOrg};
use crate::engine::Engine;
use crate::error::EngineError;
use crashes::{Crashes, assert_serves};
use faulty_files::{Failure, FaultyFiles, copy_linked};
use index_data::load::SourceRow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

/// What a writer does, on a directory in which `before` reindexes went well, each of one organization more.
struct Scenario {
    name: &'static str,
    before: usize,
    /// What lies in the directory besides.
    prepare: fn(&Path),
    /// Whether a batch of changes has added one organization since.
    is_changed: bool,
    work: fn(&Engine, &Path) -> Result<(), EngineError>,
    /// Organizations that are served when it went well.
    after: u64,
}

const SCENARIOS: [Scenario; 10] = [
    Scenario {
        name: "first reindex",
        before: 0,
        prepare: |_| {},
        is_changed: false,
        work: |engine, _| reindex(engine, 5),
        after: 5,
    },
    Scenario {
        name: "second reindex",
        before: 1,
        prepare: |_| {},
        is_changed: false,
        work: |engine, _| reindex(engine, 5),
        after: 5,
    },
    Scenario {
        name: "first batch",
        before: 1,
        prepare: |_| {},
        is_changed: false,
        work: |engine, _| add(engine, "b"),
        after: 2,
    },
    Scenario {
        name: "second batch",
        before: 1,
        prepare: |_| {},
        is_changed: true,
        work: |engine, _| add(engine, "b"),
        after: 3,
    },
    Scenario {
        name: "compaction",
        before: 1,
        prepare: |_| {},
        is_changed: true,
        work: |engine, _| engine.compact(crate::ReindexOptions::default(), |_| {}).map(drop),
        after: 2,
    },
    Scenario {
        name: "rollback of a batch",
        before: 1,
        prepare: |_| {},
        is_changed: true,
        work: |engine, _| engine.rollback(Some("g000001")).map(drop),
        after: 1,
    },
    Scenario {
        name: "reindex that removes a generation",
        before: 3,
        prepare: |_| {},
        is_changed: false,
        work: |engine, _| reindex(engine, 5),
        after: 5,
    },
    Scenario {
        name: "rollback",
        before: 2,
        prepare: |_| {},
        is_changed: false,
        work: |engine, _| engine.rollback(None).map(drop),
        after: 1,
    },
    Scenario { name: "first install", before: 0, prepare: bring, is_changed: false, work: install, after: 5 },
    Scenario {
        name: "install that removes a generation",
        before: 3,
        prepare: bring,
        is_changed: false,
        work: install,
        after: 5,
    },
];

/// A generation of five organizations that was built elsewhere.
const BROUGHT: &str = "incoming/g000009";

fn bring(data: &Path) {
    let elsewhere = tempfile::tempdir().unwrap();
    let engine = Engine::open_or_empty(elsewhere.path()).unwrap();
    (1..9).for_each(|_| reindex(&engine, 1).unwrap());
    reindex(&engine, 5).unwrap();
    copy_linked(&elsewhere.path().join("generations/g000009"), &data.join(BROUGHT));
}

fn install(engine: &Engine, data: &Path) -> Result<(), EngineError> {
    engine.install(&data.join(BROUGHT), 3, |_| {}).map(drop)
}

fn reindex(engine: &Engine, count: usize) -> Result<(), EngineError> {
    engine.reindex(rows(count), |_| {}).map(drop)
}

/// Adds one organization.
fn add(engine: &Engine, id: &str) -> Result<(), EngineError> {
    let org = NewOrg {
        id: id.to_owned(),
        name: "新团支部".to_owned(),
        parent_id: "0".to_owned(),
        ..NewOrg::default()
    };
    let batch = Batch { key: id.to_owned(), changes: vec![Change::Add(Box::new(org))], at: 1 };
    match engine.apply(&batch) {
        Ok(_) => Ok(()),
        Err(ChangeError::Engine(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

impl Scenario {
    /// Organizations that are served before.
    fn served(&self) -> u64 {
        self.before as u64 + u64::from(self.is_changed)
    }

    fn place(&self) -> Place {
        let place = tempfile::tempdir().unwrap();
        let base = place.path().join("base");
        if self.before > 0 {
            let engine = Engine::open_or_empty(&base).unwrap();
            (1..=self.before).for_each(|count| reindex(&engine, count).unwrap());
            if self.is_changed {
                add(&engine, "a").unwrap();
            }
        }
        (self.prepare)(&base);
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
        let allowed = vec![scenario.served(), scenario.after];
        files.state.lock().unwrap().crashes = Some(Crashes { allowed, ..Crashes::default() });
        (scenario.work)(&engine, &files.data).unwrap();
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
            (scenario.work)(&engine, &files.data).unwrap();
            let state = files.state.lock().unwrap();
            state.operations
        };
        for at in 1..=operations {
            let failures = [Failure::Error(kinds[at % 2]), Failure::ShortWrite];
            for failure in failures {
                let (run, files, engine) = place.fresh();
                files.state.lock().unwrap().failing = Some((at, failure));
                let case = format!("{}, operation {at}, {failure:?}", scenario.name);
                let (answer, live) = match (scenario.work)(&engine, &files.data) {
                    Ok(()) => ("done", scenario.after),
                    Err(EngineError::NotDurable { .. }) => ("not durable", scenario.after),
                    Err(EngineError::Io { .. } | EngineError::TextIndex(_)) => ("failed", scenario.served()),
                    Err(error) => panic!("{case}: {error}"),
                };
                *answers.entry(answer).or_default() += 1;
                let data = run.path().join("data");
                assert_serves(&data, &[live], &case);
                // Who did not get that far has opened nothing yet.
                assert!([0, live].contains(&engine.generation().orgs), "{case}");
                assert!(answer == "failed" || engine.generation().orgs == live, "{case}");
                assert!(!data.join("changes/new.json").exists(), "{case}");
                assert!(!data.join("generations/.building").exists(), "{case}");
                assert!(!data.join("CURRENT.new").exists(), "{case}");
                if answer == "failed" && data.join("generations").exists() {
                    let sealed = fs::read_dir(data.join("generations")).unwrap().count();
                    assert_eq!(sealed, scenario.before.min(3), "{case}");
                }
            }
        }
        println!("{}: {operations} operations, each failed twice: {answers:?}", scenario.name);
        assert!(answers["failed"] > 0, "{answers:?}");
        let moves_the_pointer = !scenario.name.ends_with("batch") || scenario.name.starts_with("rollback");
        assert_eq!(answers.contains_key("not durable"), moves_the_pointer, "{answers:?}");
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
        let (options, served) = (crate::ReindexOptions::default(), engine.snapshot());
        let publish = |_, _: &_| Ok(None);
        let served = crate::reindex::Served { snapshot: &served, lost: &[], batches: 0 };
        crate::reindex::reindex(&store, &served, rows(300), limits, options, |_| {}, publish).err().unwrap()
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

#[test]
fn a_disk_without_room_is_told_before_anything_is_written() {
    let scenario = &SCENARIOS[1];
    let place = scenario.place();
    for (free, is_refused) in [
        (vec![0], true),
        (vec![u64::MAX], false),
        // Room for as much as is live, but not for what is to be written.
        (vec![u64::MAX, 1], true),
        (Vec::new(), false),
    ] {
        let (run, files, engine) = place.fresh();
        files.state.lock().unwrap().free = free.clone();
        match reindex(&engine, 5) {
            Err(EngineError::NoSpace { free: told, needed, dir }) => {
                assert!(is_refused && told < needed && dir.ends_with("data"), "{free:?}");
            }
            done => assert!(done.is_ok() && !is_refused, "{free:?}: {done:?}"),
        }
        let live = if is_refused { scenario.served() } else { scenario.after };
        assert_serves(&run.path().join("data"), &[live], "the disk was asked");
        assert!(!run.path().join("data/generations/.building").exists());
    }
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
        (scenario.work)(&engine, &data).unwrap();
        assert_serves(&data, &[scenario.after], scenario.name);
    }
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
