//! Generations on disk:
//!
//! 1. Publishing, rolling back and keeping the last three.
//! 2. A directory that is damaged, or of another version, is refused with a word on what to do.
//! 3. Invalid rows, a source that breaks off, a second writer: the live generation stays.
//! 4. A writer killed at any instant leaves a directory that serves and can be written again (law 6).
//! 5. Files belong to whom the data directory belongs, whoever wrote them; one that may not be read is said so.
//! 6. A reindex can be cancelled in every step, and then leaves nothing.

use crate::support::trees::{hard_rows, row};
use index_data::load::SourceRow;
use search_core::{Engine, EngineError, ReindexOptions, ReindexStep, SearchRequest};
use std::convert::Infallible;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn rows(count: usize) -> Vec<Result<SourceRow, Infallible>> {
    (0..count)
        .map(|at| Ok(row(&at.to_string(), &format!("第{at}团支部"), if at == 0 { "" } else { "0" })))
        .collect()
}

fn orgs(dir: &Path) -> u64 {
    Engine::open(dir).unwrap().generation().orgs
}

#[test]
fn publish_roll_back_and_keep_three() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open_or_empty(dir.path()).unwrap();
    assert_eq!(engine.search(&SearchRequest::new("团")).unwrap().hits, []);
    for count in 1..=5 {
        engine.reindex(rows(count), |_| {}).unwrap();
    }
    let names = |engine: &Engine| -> Vec<String> {
        engine.generations().unwrap().into_iter().map(|g| g.name).collect()
    };
    assert_eq!(names(&engine), ["g000003", "g000004", "g000005"]);
    assert_eq!(engine.rollback(None).unwrap().name, "g000004");
    assert_eq!(engine.search(&SearchRequest::new("团")).unwrap().total.unwrap().value, 4);
    assert_eq!(orgs(dir.path()), 4);
    assert_eq!(engine.rollback(Some("g000005")).unwrap().orgs, 5);
    assert_eq!(engine.rollback(Some("g000003")).unwrap().orgs, 3);
    let refused = engine.rollback(None).unwrap_err();
    assert!(matches!(&refused, EngineError::UnknownGeneration { .. }), "{refused}");
    // The live one is the oldest now; it must survive the next publish.
    engine.reindex(rows(6), |_| {}).unwrap();
    assert_eq!(names(&engine).len(), 3);
    assert_eq!(engine.verify().unwrap(), [""; 0]);
}

#[test]
fn a_rollback_goes_to_what_was_live_before() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open_or_empty(dir.path()).unwrap();
    for count in 1..=2 {
        engine.reindex(rows(count), |_| {}).unwrap();
    }
    // The second was a mistake; what comes after it replaces the first again.
    assert_eq!(engine.rollback(None).unwrap().name, "g000001");
    engine.reindex(rows(3), |_| {}).unwrap();
    assert_eq!(engine.rollback(None).unwrap().name, "g000001");
    for count in 4..=9 {
        engine.reindex(rows(count), |_| {}).unwrap();
        assert_eq!(engine.rollback(None).unwrap().name, "g000001", "it must not be removed");
    }
}

#[test]
fn a_pointer_to_nothing_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    Engine::open_or_empty(dir.path()).unwrap().reindex(rows(2), |_| {}).unwrap();
    for text in [&b""[..], b"\n", b"../../etc", b"\xff\xfe", b"g1"] {
        fs::write(dir.path().join("CURRENT"), text).unwrap();
        let refused = Engine::open(dir.path()).err().unwrap();
        assert!(matches!(&refused, EngineError::Damaged { .. }), "{refused}");
        // A rollback by name mends it, and so does a reindex.
        let engine = Engine::unopened(dir.path()).unwrap();
        let oldest = engine.generations().unwrap().swap_remove(0).name;
        assert_eq!(engine.rollback(Some(&oldest)).unwrap().name, oldest);
        fs::write(dir.path().join("CURRENT"), text).unwrap();
        Engine::unopened(dir.path()).unwrap().reindex(rows(3), |_| {}).unwrap();
        assert_eq!(orgs(dir.path()), 3);
    }
}

#[test]
fn another_process_takes_over_what_was_published() {
    let dir = tempfile::tempdir().unwrap();
    let writer = Engine::open_or_empty(dir.path()).unwrap();
    writer.reindex(rows(2), |_| {}).unwrap();
    let reader = Engine::open(dir.path()).unwrap();
    assert!(!reader.refresh().unwrap());
    writer.reindex(rows(3), |_| {}).unwrap();
    assert_eq!(reader.generation().orgs, 2);
    assert!(reader.refresh().unwrap());
    assert_eq!(reader.generation().orgs, 3);
}

/// Every file of the live generation, relative to its directory.
fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    fn walk(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&dir.join("generations"), &mut found);
    found.sort();
    found
}

#[test]
fn a_damaged_generation_is_refused_or_found_by_verify() {
    let dir = tempfile::tempdir().unwrap();
    let rows = hard_rows(400, 8).into_iter().map(Ok::<_, Infallible>);
    let published = Engine::open_or_empty(dir.path()).unwrap().reindex(rows, |_| {}).unwrap().generation.orgs;
    for file in files(dir.path()) {
        let intact = fs::read(&file).unwrap();
        // Cut short, gone: refused when it is opened.
        for damage in [Some(&intact[..intact.len() / 2]), None] {
            match damage {
                Some(rest) => fs::write(&file, rest).unwrap(),
                None => fs::remove_file(&file).unwrap(),
            }
            let refused =
                Engine::open(dir.path()).err().unwrap_or_else(|| panic!("{} was taken", file.display()));
            assert!(matches!(refused, EngineError::Damaged { .. }), "{}: {refused}", file.display());
            assert!(refused.to_string().contains("reindex from the source"), "{refused}");
        }
        // One bit flipped: found by verify, if not before; searching never panics.
        let mut flipped = intact.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0x10;
        fs::write(&file, &flipped).unwrap();
        if let Ok(engine) = Engine::open(dir.path()) {
            let found = engine.verify().map(|damaged| !damaged.is_empty()).unwrap_or(true);
            assert!(found, "{}", file.display());
        }
        fs::write(&file, &intact).unwrap();
    }
    assert_eq!(orgs(dir.path()), published);
}

#[test]
fn another_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    Engine::open_or_empty(dir.path()).unwrap().reindex(rows(2), |_| {}).unwrap();
    let manifest = dir.path().join("generations/g000001/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    for (from, to) in [("\"format_version\": 8", "\"format_version\": 999"), ("normalize 1", "normalize 0")] {
        fs::write(&manifest, text.replace(from, to)).unwrap();
        let refused = Engine::open(dir.path()).err().unwrap();
        assert!(matches!(refused, EngineError::OtherFormat { .. }), "{refused}");
    }
}

#[test]
fn a_failed_reindex_leaves_the_live_generation() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open_or_empty(dir.path()).unwrap();
    engine.reindex(rows(3), |_| {}).unwrap();
    let twice = [row("1", "甲", ""), row("1", "乙", "")].map(Ok::<_, Infallible>);
    let refused = engine.reindex(twice, |_| {}).unwrap_err();
    assert!(matches!(&refused, EngineError::InvalidSource { report } if report.errors == 1), "{refused}");
    let broken = [Ok(row("1", "甲", "")), Err(std::io::Error::other("the wire was cut"))];
    let refused = engine.reindex(broken, |_| {}).unwrap_err();
    assert!(refused.to_string().contains("the wire was cut"), "{refused}");
    assert_eq!((engine.generation().orgs, orgs(dir.path())), (3, 3));
    // And the next one works.
    engine.reindex(rows(4), |_| {}).unwrap();
    assert_eq!(orgs(dir.path()), 4);
}

#[test]
fn a_reindex_can_be_cancelled_in_every_step_until_the_generation_is_sealed() {
    // (step, times the step has been reported, whether the flag comes in time)
    for (step, times, in_time) in [
        (ReindexStep::Load, 1, true),
        (ReindexStep::Load, 2, true),
        (ReindexStep::Validate, 1, true),
        (ReindexStep::Document, 1, true),
        (ReindexStep::Document, 9, true),
        (ReindexStep::Write, 1, true),
        (ReindexStep::Write, 2, true),
        (ReindexStep::Seal, 1, true),
        (ReindexStep::Verify, 1, true),
        (ReindexStep::Publish, 1, false),
        (ReindexStep::Publish, 2, false),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::open_or_empty(dir.path()).unwrap();
        engine.reindex(rows(3), |_| {}).unwrap();
        let flag = Arc::new(AtomicBool::new(false));
        let mut reported = 0;
        let options = ReindexOptions { cancel: Some(Arc::clone(&flag)), ..ReindexOptions::default() };
        let done = engine.reindex_with(options, rows(12_000), |progress| {
            reported += u32::from(progress.step == step);
            flag.store(flag.load(Ordering::Relaxed) || reported == times, Ordering::Relaxed);
        });
        assert!(reported >= times, "{step:?} was reported {reported} times");
        let live = if in_time { ("g000001", 3) } else { ("g000002", 12_000) };
        match done {
            Err(EngineError::Cancelled) => assert!(in_time, "{step:?} {times}"),
            Err(error) => panic!("{step:?} {times}: {error}"),
            Ok(done) => assert!(!in_time && done.generation.name == live.0, "{step:?} {times}"),
        }
        assert_eq!((engine.generation().name.as_str(), orgs(dir.path())), live, "{step:?} {times}");
        assert_eq!(engine.generations().unwrap().len(), if in_time { 1 } else { 2 });
        // Whatever was stopped does not stand in the way of the next.
        engine.reindex(rows(4), |_| {}).unwrap();
        assert_eq!(orgs(dir.path()), 4);
    }
}

#[test]
fn a_cancelled_source_is_not_read_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open_or_empty(dir.path()).unwrap();
    let flag = Arc::new(AtomicBool::new(false));
    let mut read = 0u64;
    let endless = (1u64..).map(|id| {
        read += 1;
        flag.store(id == 100, Ordering::Relaxed);
        Ok::<_, Infallible>(row(&id.to_string(), "团委", ""))
    });
    let options = ReindexOptions { cancel: Some(Arc::clone(&flag)), ..ReindexOptions::default() };
    assert!(matches!(engine.reindex_with(options, endless, |_| {}), Err(EngineError::Cancelled)));
    assert_eq!(read, 100);
}

#[test]
fn a_second_writer_is_told_to_wait() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open_or_empty(dir.path()).unwrap();
    engine.reindex(rows(1), |_| {}).unwrap();
    let other = Engine::open(dir.path()).unwrap();
    let mut refusals = 0;
    engine
        .reindex(rows(2), |progress| {
            if progress.step != ReindexStep::Publish {
                assert!(matches!(other.reindex(rows(9), |_| {}), Err(EngineError::Busy { .. })));
                refusals += 1;
            }
        })
        .unwrap();
    assert!(refusals > 0);
    assert_eq!(orgs(dir.path()), 2);
}

#[test]
fn law_6_a_writer_killed_at_any_instant_leaves_a_directory_that_serves() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let file = dir.path().join("orgs.csv");
    let rows = hard_rows(3_000, 2);
    index_data::generate::write_csv(rows.into_iter(), fs::File::create(&file).unwrap()).unwrap();
    let reindex = || {
        let mut command = crate::support::cli::orgsearch();
        command.arg("reindex").arg("--data").arg(&data).arg("--from").arg(&file);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command
    };
    assert!(reindex().status().unwrap().success());
    let expected = orgs(&data);
    let started = std::time::Instant::now();
    assert!(reindex().status().unwrap().success());
    let whole = started.elapsed();
    const KILLS: u32 = 25;
    for at in 0..KILLS {
        let mut writer = reindex().spawn().unwrap();
        std::thread::sleep(whole * at / KILLS);
        writer.kill().unwrap();
        writer.wait().unwrap();
        let engine = Engine::open(&data).unwrap();
        assert_eq!(engine.generation().orgs, expected, "killed after {at}/{KILLS}");
        assert_eq!(engine.verify().unwrap(), [""; 0], "killed after {at}/{KILLS}");
    }
    assert!(reindex().status().unwrap().success());
    assert_eq!(orgs(&data), expected);
}

/// Root reindexes, the service runs as another user: what root leaves must be readable and removable.
#[cfg(unix)]
#[test]
fn what_root_writes_belongs_to_the_owner_of_the_directory() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    /// Any user but root.
    const SERVICE: u32 = 4_242;
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o750)).unwrap();
    let is_root = chown(&data, Some(SERVICE), Some(SERVICE)).is_ok();
    let owner = fs::metadata(&data).unwrap().uid();
    Engine::open_or_empty(&data).unwrap().reindex(rows(3), |_| {}).unwrap();

    let mut checked = 0;
    let mut open = vec![data.clone()];
    while let Some(path) = open.pop() {
        let metadata = fs::metadata(&path).unwrap();
        let mode = if metadata.is_dir() { 0o750 } else { 0o640 };
        assert_eq!((metadata.uid(), metadata.mode() & 0o777), (owner, mode), "{}", path.display());
        checked += 1;
        if metadata.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    assert!(checked > 12, "{checked} files and directories");
    if !is_root {
        return;
    }
    let as_service = |arguments: &[&str]| {
        // The service must reach the program, wherever the tests were built.
        let program = place.path().join("orgsearch");
        if !program.exists() {
            fs::copy(crate::support::cli::orgsearch().get_program(), &program).unwrap();
        }
        let mut command = std::process::Command::new(program);
        command.args(arguments).arg("--data").arg(&data).uid(SERVICE).gid(SERVICE);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(as_service(&["status", "--verify"]), (Some(0), String::new()));
    let file = place.path().join("orgs.csv");
    fs::write(&file, "id,name\n1,甲团支部\n").unwrap();
    let reindexed = as_service(&["reindex", "--force", "--from", file.to_str().unwrap()]);
    assert_eq!(reindexed.0, Some(0), "{}", reindexed.1);
    // Root's own file, for root only: the service says that it may not read it.
    let records = data.join("generations/g000002/records.bin");
    chown(&records, Some(0), Some(0)).unwrap();
    fs::set_permissions(&records, fs::Permissions::from_mode(0o600)).unwrap();
    for arguments in [&["status"][..], &["status", "--verify"]] {
        let (code, said) = as_service(arguments);
        assert_eq!(code, Some(4), "{said}");
        assert!(said.contains("permission denied") && said.contains("records.bin"), "{said}");
        assert!(!said.contains("damaged"), "{said}");
    }
}
