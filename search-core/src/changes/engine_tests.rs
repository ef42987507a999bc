//! Properties under test: what was acknowledged is there after a restart, for other engines, and above later
//! generations; a key is answered once; what is refused leaves nothing; nothing is lost that comes during a build.

use super::{Batch, BatchState, Change, ChangeCode, ChangeError, NewOrg, QueuedBatch, Submitted};
use crate::gate::GateLimit;
use crate::{Engine, EngineError, Gate, ReindexOptions, SearchRequest};
use index_data::load::SourceRow;
use std::convert::Infallible;
use std::path::Path;

fn rows(count: usize) -> impl Iterator<Item = Result<SourceRow, Infallible>> {
    let row = |at: usize| SourceRow {
        id: at.to_string(),
        name: format!("第{at}学院团委"),
        parent_id: if at == 0 { String::new() } else { "0".to_owned() },
        ..SourceRow::default()
    };
    (0..count).map(move |at| Ok(row(at)))
}

fn built(dir: &Path, count: usize) -> Engine {
    let engine = Engine::open_or_empty(dir).expect("it is opened");
    engine.reindex(rows(count), |_| {}).expect("it is built");
    engine
}

fn rename(key: &str, id: &str, name: &str, at: u64) -> Batch {
    let change = Change::Rename { id: id.to_owned(), name: name.to_owned() };
    Batch { key: key.to_owned(), changes: vec![change], at }
}

fn name(engine: &Engine, id: &str) -> String {
    engine.org(id).expect("it is there").name
}

fn states(engine: &Engine) -> Vec<(u64, BatchState)> {
    let batches = engine.batches().expect("they are read");
    batches.into_iter().map(|batch| (batch.applied.sequence, batch.state)).collect()
}

#[test]
fn a_batch_is_there_after_a_restart_and_for_other_engines() {
    let dir = tempfile::tempdir().expect("there is a place");
    let engine = built(dir.path(), 3);
    let other = Engine::open(dir.path()).expect("it is opened");
    let applied = engine.apply(&rename("a", "1", "法学院团委", 10)).expect("it is made");
    assert_eq!((applied.sequence, applied.generation.as_str()), (1, "g000001-1"));
    let hits = engine.search(&SearchRequest::new("法学院")).expect("it is searched");
    assert_eq!((hits.hits[0].org.id.as_str(), hits.generation.as_str()), ("1", "g000001-1"));

    assert_eq!(name(&other, "1"), "第1学院团委");
    assert!(other.refresh().expect("it is read") && !other.refresh().expect("it is read"));
    assert_eq!(name(&other, "1"), "法学院团委");
    let applied = other.apply(&rename("b", "2", "商学院团委", 11)).expect("it is made");
    assert_eq!(applied.generation, "g000001-2");
    // Whoever writes next takes over what others wrote.
    engine.apply(&rename("c", "0", "大学团委", 12)).expect("it is made");
    let reopened = Engine::open(dir.path()).expect("it is opened");
    for engine in [&engine, &reopened] {
        assert_eq!(["0", "1", "2"].map(|id| name(engine, id)), ["大学团委", "法学院团委", "商学院团委"]);
        assert_eq!(
            (engine.generation().version.as_str(), engine.generation().name.as_str()),
            ("g000001-3", "g000001")
        );
        assert_eq!(engine.org("2").expect("it is there").path[0].name, "大学团委");
        assert_eq!(engine.verify().expect("it is read"), [""; 0]);
    }
}

#[test]
fn a_cursor_ends_with_the_state_that_it_was_written_for() {
    let dir = tempfile::tempdir().expect("there is a place");
    let engine = built(dir.path(), 9);
    let first = engine.search(&SearchRequest::new("学院").limit(2)).expect("it is searched");
    engine.apply(&rename("a", "1", "法学院团委", 10)).expect("it is made");
    let next = SearchRequest { cursor: first.next_cursor, ..SearchRequest::new("学院").limit(2) };
    assert_eq!(engine.search(&next), Err(crate::SearchError::StaleCursor));
}

#[test]
fn a_key_is_answered_once() {
    let dir = tempfile::tempdir().expect("there is a place");
    let engine = built(dir.path(), 3);
    let batch = rename("a", "1", "法学院团委", 10);
    let applied = engine.apply(&batch).expect("it is made");
    let again =
        |engine: &Engine, at: u64| engine.apply(&Batch { at, ..batch.clone() }).expect("it is answered");
    assert_eq!(again(&engine, 99), applied);
    assert_eq!(again(&Engine::open(dir.path()).expect("it is opened"), 99), applied);
    let other = Batch { at: 12, ..rename("a", "1", "商学院团委", 10) };
    assert!(matches!(engine.apply(&other), Err(ChangeError::KeyReused { key }) if key == "a"));
    engine.compact(ReindexOptions::default(), |_| {}).expect("it is built");
    assert_eq!(again(&engine, 99), applied, "over a compaction as well");
    assert_eq!(
        (engine.generation().version.as_str(), name(&engine, "1").as_str()),
        ("g000002", "法学院团委")
    );
    let late = Batch { at: 10 + super::KEY_SECONDS + 1, ..other };
    assert_eq!(engine.apply(&late).expect("the key is free again").sequence, 3);
    for key in [String::new(), "k".repeat(129)] {
        assert!(matches!(engine.apply(&Batch { key, ..late.clone() }), Err(ChangeError::BadKey)));
    }
}

#[test]
fn entries_whose_keys_are_free_again_go_with_the_last_generation_that_needs_them() {
    let dir = tempfile::tempdir().expect("there is a place");
    let engine = built(dir.path(), 3);
    let late = 10 + super::KEY_SECONDS + 1;
    for (key, id, at) in [("a", "1", 10), ("b", "2", 10), ("c", "0", late)] {
        engine.apply(&rename(key, id, &format!("{key}学院团委"), at)).expect("it is made");
    }
    let logged = || {
        let files = std::fs::read_dir(dir.path().join("changes")).expect("it is read");
        let mut numbers: Vec<String> =
            files.map(|file| file.expect("it is there").file_name().into_string().expect("a name")).collect();
        numbers.sort();
        numbers.iter().map(|name| name[..9].parse().expect("a number")).collect::<Vec<u64>>()
    };
    assert_eq!(logged(), [1, 2, 3]);
    engine.compact(ReindexOptions::default(), |_| {}).expect("it is built");
    let reopened = Engine::open(dir.path()).expect("it is opened");
    assert_eq!(["1", "2"].map(|id| name(&reopened, id)), ["a学院团委", "b学院团委"]);
    engine.reindex(rows(3), |_| {}).expect("it is built");
    // As long as the first generation is there, a rollback may go to one of its batches.
    assert_eq!(logged(), [1, 2, 3, 4, 5]);
    engine.reindex(rows(3), |_| {}).expect("it is built");
    assert_eq!(engine.generations().expect("they are read")[0].name, "g000002");
    // What each generation begins with, and the batch whose key is known.
    assert_eq!(logged(), [3, 4, 5, 6]);
    let reopened = Engine::open(dir.path()).expect("it is opened");
    assert_eq!(reopened.apply(&rename("a", "1", "法学院团委", late)).expect("its key is free").sequence, 7);
}

#[test]
fn what_is_refused_leaves_nothing() {
    let dir = tempfile::tempdir().expect("there is a place");
    let engine = built(dir.path(), 3);
    let add = |id: &str, parent: &str| {
        Change::Add(Box::new(NewOrg {
            id: id.into(),
            name: "团委".into(),
            parent_id: parent.into(),
            ..NewOrg::default()
        }))
    };
    let wrong = [
        add("9", "0"),
        add("9", "0"),
        add("8", "7"),
        Change::Rename { id: "9".into(), name: " ".into() },
        Change::Move { id: "0".into(), parent_id: Some("9".into()) },
        Change::Close { id: "0".into(), children: None },
        Change::Merge { id: "1".into(), into: "6".into(), children: None },
        Change::Reopen { id: "5".into() },
    ];
    let batch = Batch { key: "a".into(), changes: wrong.to_vec(), at: 1 };
    let Err(ChangeError::Invalid { findings }) = engine.apply(&batch) else { panic!("it is refused") };
    let found: Vec<(usize, &str)> =
        findings.iter().map(|finding| (finding.index, finding.code.code())).collect();
    let expected = [
        (1, ChangeCode::DuplicateId.code()),
        (2, ChangeCode::UnknownParent.code()),
        (3, "missing_name"),
        (4, ChangeCode::Cycle.code()),
        (5, ChangeCode::ActiveChildren.code()),
        (6, ChangeCode::UnknownSuccessor.code()),
        (7, ChangeCode::UnknownId.code()),
    ];
    assert_eq!(found, expected);
    assert_eq!((engine.generation().version.as_str(), engine.changed_orgs()), ("g000001", 0));
    assert!(!dir.path().join("changes").exists());
    // The key is free, as nothing was made.
    assert_eq!(engine.apply(&rename("a", "1", "法学院团委", 2)).expect("it is made").sequence, 1);
    let many = vec![wrong[0].clone(); super::MAX_CHANGES + 1];
    let many = engine.apply(&Batch { key: "b".into(), changes: many, at: 1 });
    assert!(matches!(many, Err(ChangeError::TooManyChanges { .. })));
    let nothing = Engine::unopened(dir.path().join("none")).expect("it is opened");
    assert!(matches!(nothing.apply(&batch), Err(ChangeError::Engine(EngineError::NoGeneration { .. }))));
}

#[test]
fn a_rollback_goes_back_behind_batches_and_keeps_them_in_the_log() {
    let dir = tempfile::tempdir().expect("there is a place");
    let engine = built(dir.path(), 3);
    engine.apply(&rename("a", "1", "法学院团委", 10)).expect("it is made");
    engine.rollback(Some("g000001")).expect("it is rolled back");
    for engine in [&engine, &Engine::open(dir.path()).expect("it is opened")] {
        assert_eq!(
            (name(engine, "1").as_str(), engine.generation().version.as_str()),
            ("第1学院团委", "g000001")
        );
        assert_eq!(states(engine), [(1, BatchState::Undone)]);
    }
    let next = engine.apply(&rename("b", "2", "商学院团委", 11)).expect("it is made");
    assert_eq!((next.sequence, next.generation.as_str()), (3, "g000001-3"), "numbers are never used again");
    engine.compact(ReindexOptions::default(), |_| {}).expect("it is built");
    engine.rollback(None).expect("it is rolled back");
    assert_eq!(
        (name(&engine, "2").as_str(), engine.generation().version.as_str()),
        ("第2学院团委", "g000001")
    );
    engine.rollback(Some("g000002")).expect("it is rolled back");
    assert_eq!(
        (name(&engine, "2").as_str(), engine.generation().version.as_str()),
        ("商学院团委", "g000002")
    );
}

#[test]
fn a_rollback_goes_to_a_batch_and_a_replay_makes_later_ones_again() {
    let dir = tempfile::tempdir().expect("there is a place");
    let engine = built(dir.path(), 4);
    for (at, name) in ["法学院团委", "商学院团委", "医学院团委"].into_iter().enumerate() {
        let id = (at + 1).to_string();
        engine.apply(&rename(&id, &id, name, 10)).expect("it is made");
    }
    for unknown in ["g000001-9", "g000002-1", "g000001-", "g000001-x", "-1"] {
        let refused = engine.rollback(Some(unknown));
        assert!(matches!(refused, Err(EngineError::UnknownGeneration { .. })), "{unknown}: {refused:?}");
    }
    assert_eq!(engine.rollback(Some("g000001-1")).expect("it is rolled back").version, "g000001-1");
    let (applied, undone) = (BatchState::Applied, BatchState::Undone);
    for engine in [&engine, &Engine::open(dir.path()).expect("it is opened")] {
        let names = ["1", "2", "3"].map(|id| name(engine, id));
        assert_eq!(names, ["法学院团委", "第2学院团委", "第3学院团委"]);
        assert_eq!(states(engine), [(1, applied), (2, undone), (3, undone)]);
    }

    // What stands in the way of one of them is told, and those before it are made.
    let close = Change::Close { id: "0".to_owned(), children: Some(super::OfChildren::Close) };
    engine.apply(&Batch { key: "x".to_owned(), changes: vec![close], at: 11 }).expect("it is made");
    let replayed = engine.replay_undone(2..=2, 12).expect("it is read");
    assert!(
        matches!(&replayed.made[..], [(2, Submitted::Applied(again))] if again.sequence == 6),
        "{replayed:?}"
    );
    let again = engine.replay_undone(0..=u64::MAX, 12).expect("it is read");
    assert_eq!(
        again.made.iter().map(|(sequence, _)| *sequence).collect::<Vec<_>>(),
        [3],
        "2 is made already"
    );
    assert_eq!(["2", "3"].map(|id| name(&engine, id)), ["商学院团委", "医学院团委"]);
    let replaced = BatchState::NotApplied;
    let expected = [(1, applied), (2, replaced), (3, replaced), (5, applied), (6, applied), (7, applied)];
    assert_eq!(states(&engine), expected);
    let known = engine.apply(&rename("2", "2", "商学院团委", 13)).expect("its key is known");
    assert_eq!((known.sequence, known.generation.as_str()), (6, "g000001-6"));
    let none = engine.replay_undone(0..=u64::MAX, 14).expect("it is read");
    assert!(none.made.is_empty() && none.refused.is_none(), "{none:?}");

    // Back to the generation as it was built, then one of those that does not fit.
    engine.rollback(Some("g000001")).expect("it is rolled back");
    let vanish = Change::Merge { id: "2".to_owned(), into: "1".to_owned(), children: None };
    engine.apply(&Batch { key: "y".to_owned(), changes: vec![vanish], at: 15 }).expect("it is made");
    let add = NewOrg { id: "9".into(), name: "团委".into(), ..NewOrg::default() };
    let add =
        |key: &str| Batch { key: key.into(), changes: vec![Change::Add(Box::new(add.clone()))], at: 16 };
    engine.apply(&add("added")).expect("it is made");
    engine.rollback(Some("g000001-9")).expect("it is rolled back");
    engine.apply(&add("added otherwise")).expect("it is made");
    let replayed = engine.replay_undone(10..=10, 17).expect("it is read");
    assert!(matches!(replayed.refused, Some((10, ChangeError::Invalid { .. }))), "{replayed:?}");
}

/// An engine over which a batch that changes more than two organizations has to be built in.
fn built_with_queue(dir: &Path) -> (Engine, Batch) {
    let engine = built(dir, 4);
    engine.lock_changes().searchable.by_batch = 2;
    engine.apply(&rename("small", "1", "法学院团委", 10)).expect("it is made");
    // A unit is changed with all that stands below it.
    let large = rename("large", "0", "大学团委", 11);
    let queued = engine.submit(&large).expect("it is taken");
    let expected = QueuedBatch { key: "large".to_owned(), changes: 1, sequence: 2 };
    assert_eq!(queued, Submitted::Queued(expected));
    (engine, large)
}

#[test]
fn a_batch_that_changes_too_much_is_on_the_disk_and_searched_with_the_next_generation() {
    let dir = tempfile::tempdir().expect("there is a place");
    let (engine, large) = built_with_queue(dir.path());
    let reopened = Engine::open(dir.path()).expect("it is opened");
    for engine in [&engine, &reopened] {
        assert_eq!((name(engine, "0").as_str(), name(engine, "1").as_str()), ("第0学院团委", "法学院团委"));
        assert_eq!(engine.generation().version, "g000001-1");
        assert_eq!(engine.queued_batch().map(|batch| batch.sequence), Some(2));
        assert_eq!(states(engine), [(1, BatchState::Applied), (2, BatchState::Queued)]);
        // The order of batches is that of their numbers, so that others wait.
        for refused in [
            engine.apply(&rename("next", "2", "商学院团委", 12)).map(Submitted::Applied),
            engine.submit(&rename("next", "2", "商学院团委", 12)),
            engine.apply(&large).map(Submitted::Applied),
        ] {
            assert!(matches!(refused, Err(ChangeError::Queued { sequence: 2, .. })), "{refused:?}");
        }
        assert!(matches!(engine.submit(&large), Ok(Submitted::Queued(batch)) if batch.sequence == 2));
        let other = engine.submit(&rename("large", "0", "学院团委", 12));
        assert!(matches!(other, Err(ChangeError::KeyReused { .. })), "{other:?}");
        assert_eq!(engine.submit(&rename("small", "1", "法学院团委", 12)).map_err(drop).map(|_| ()), Ok(()));
    }
    reopened.compact(ReindexOptions::default(), |_| {}).expect("it is built");
    engine.refresh().expect("it is read");
    for engine in [&engine, &reopened, &Engine::open(dir.path()).expect("it is opened")] {
        assert_eq!((name(engine, "0").as_str(), name(engine, "1").as_str()), ("大学团委", "法学院团委"));
        assert_eq!(engine.org("0").expect("it is there").former_names, ["第0学院团委"]);
        assert_eq!((engine.generation().version.as_str(), engine.queued_batch()), ("g000002", None));
        let answer = engine.submit(&large).expect("it is answered");
        let Submitted::Applied(answer) = answer else { panic!("{answer:?}") };
        assert_eq!((answer.generation.as_str(), answer.sequence), ("g000002", 2));
    }
    assert_eq!(engine.apply(&rename("next", "2", "商学院团委", 12)).expect("it is made").sequence, 4);
}

#[test]
fn a_queued_batch_outlives_a_reindex_that_keeps_it_and_a_rollback_takes_it_back() {
    let dir = tempfile::tempdir().expect("there is a place");
    let (engine, large) = built_with_queue(dir.path());
    let gate = || Some(Gate::default());
    let keeping = |since| ReindexOptions { gate: gate(), keep_changes_since: since, ..Default::default() };
    let refused = engine.reindex_with(keeping(None), rows(5), |_| {});
    let Err(EngineError::Refused { refused }) = refused else { panic!("{refused:?}") };
    let lost =
        refused.gate.tripped().find(|check| check.limit == GateLimit::ChangesLost).expect("it tripped");
    assert_eq!((lost.count, lost.of), (2, 2), "the queued one too");

    engine.reindex_with(keeping(Some(0)), rows(5), |_| {}).expect("it is built");
    assert_eq!(
        (engine.generation().version.as_str(), name(&engine, "0").as_str()),
        ("g000002-1", "第0学院团委")
    );
    assert_eq!(engine.queued_batch().map(|batch| batch.key), Some("large".to_owned()));
    // It came during the build of the next one, of which it was to be a part.
    let other = Engine::open(dir.path()).expect("it is opened");
    assert!(matches!(other.submit(&large), Ok(Submitted::Queued(_))));
    engine.rollback(Some("g000002-1")).expect("it is rolled back");
    assert_eq!((engine.queued_batch(), other.refresh().is_ok(), other.queued_batch()), (None, true, None));
    assert_eq!(states(&engine), [(1, BatchState::Applied), (2, BatchState::Undone)]);
    engine.compact(ReindexOptions::default(), |_| {}).expect("it is built");
    assert_eq!((name(&engine, "0").as_str(), name(&engine, "1").as_str()), ("第0学院团委", "法学院团委"));

    // Replayed, it is queued again.
    let replayed = engine.replay_undone(2..=2, 20).expect("it is read");
    assert!(
        matches!(&replayed.made[..], [(2, Submitted::Applied(_) | Submitted::Queued(_))]),
        "{replayed:?}"
    );
    assert!(engine.replay_undone(2..=2, 20).expect("it is read").made.is_empty());
}

#[test]
fn a_large_batch_that_comes_during_a_build_is_built_in_by_the_next_one() {
    let dir = tempfile::tempdir().expect("there is a place");
    let engine = built(dir.path(), 4);
    engine.lock_changes().searchable.by_batch = 2;
    engine.apply(&rename("small", "1", "法学院团委", 10)).expect("it is made");
    let mut came = false;
    let compacted = engine.compact(ReindexOptions::default(), |_| {
        if !std::mem::replace(&mut came, true) {
            let queued = engine.submit(&rename("large", "0", "大学团委", 11)).expect("it is taken");
            assert!(matches!(queued, Submitted::Queued(_)), "{queued:?}");
        }
    });
    assert_eq!(compacted.expect("it is built").generation.version, "g000002");
    assert_eq!(engine.queued_batch().map(|batch| batch.sequence), Some(2));
    assert_eq!(name(&engine, "0"), "第0学院团委");
    engine.compact(ReindexOptions::default(), |_| {}).expect("it is built");
    assert_eq!((name(&engine, "0").as_str(), engine.queued_batch()), ("大学团委", None));
}

#[test]
fn batches_that_come_during_a_build_are_carried_on() {
    let dir = tempfile::tempdir().expect("there is a place");
    let engine = built(dir.path(), 3);
    engine.apply(&rename("a", "1", "法学院团委", 10)).expect("it is made");
    let other = Engine::open(dir.path()).expect("it is opened");
    let mut came = 0;
    let compacted = engine.compact(ReindexOptions::default(), |_| {
        came += 1;
        let by = if came % 2 == 0 { &engine } else { &other };
        by.apply(&rename(&format!("meanwhile {came}"), "2", &format!("第{came}商学院团委"), 11))
            .expect("it is made");
    });
    let compacted = compacted.expect("it is built");
    assert!(came > 2 && compacted.generation.name == "g000002");
    let expected = format!("第{came}商学院团委");
    engine.refresh().expect("it is read");
    for engine in [&engine, &Engine::open(dir.path()).expect("it is opened")] {
        // The last one may have come after the new generation was live.
        assert_eq!(
            (name(engine, "1").as_str(), name(engine, "2").as_str()),
            ("法学院团委", expected.as_str())
        );
        assert_eq!(engine.changed_orgs(), 1);
    }
}

#[test]
fn a_reindex_keeps_newer_batches_and_the_gate_names_those_that_would_be_lost() {
    let dir = tempfile::tempdir().expect("there is a place");
    let engine = built(dir.path(), 3);
    engine.apply(&rename("old", "1", "法学院团委", 10)).expect("it is made");
    engine.apply(&rename("new", "2", "商学院团委", 20)).expect("it is made");
    let options = |since: Option<u64>, force: bool| ReindexOptions {
        gate: Some(Gate { force, ..Gate::default() }),
        keep_changes_since: since,
        ..ReindexOptions::default()
    };
    let Err(EngineError::Refused { refused }) =
        engine.reindex_with(options(Some(15), false), rows(3), |_| {})
    else {
        panic!("it is refused")
    };
    let check =
        refused.gate.tripped().find(|check| check.limit == GateLimit::ChangesLost).expect("it tripped");
    assert_eq!((check.count, check.of, check.samples[0].name.as_str()), (1, 2, "old"));
    assert_eq!(engine.generation().version, "g000001-2");

    // What is kept is no difference to the rows.
    let rehearsed = engine.rehearse(options(Some(15), false), rows(3), |_| {}).expect("it is looked at");
    assert_eq!(rehearsed.difference.expect("it is compared").counts.total(), 1);
    engine.reindex_with(options(Some(15), true), rows(3), |_| {}).expect("it is built");
    assert_eq!((name(&engine, "1").as_str(), name(&engine, "2").as_str()), ("第1学院团委", "商学院团委"));
    assert_eq!(engine.generation().version, "g000002-2");
    assert_eq!(states(&engine), [(1, BatchState::NotApplied), (2, BatchState::Applied)]);

    // What is to be kept has to fit.
    let unfit = engine.reindex_with(options(Some(0), false), rows(2), |_| {});
    assert!(
        matches!(unfit, Err(EngineError::Refused { .. } | EngineError::ChangesConflict { .. })),
        "{unfit:?}"
    );
    assert_eq!(
        (engine.generation().version.as_str(), name(&engine, "2").as_str()),
        ("g000002-2", "商学院团委")
    );
    engine.reindex(rows(2), |_| {}).expect("without a gate it is built");
    assert_eq!((engine.generation().version.as_str(), engine.changed_orgs()), ("g000003", 0));
}

#[test]
fn an_engine_in_memory_is_changed_as_well() {
    let rows = rows(3).map(|row| row.expect("it is a row"));
    let tree = index_data::validate::validate_rows(rows).tree.expect("the rows are valid");
    let engine = Engine::in_memory(tree).expect("it is built");
    assert_eq!(engine.apply(&rename("a", "1", "法学院团委", 10)).expect("it is made").generation, "memory-1");
    assert_eq!(engine.apply(&rename("b", "2", "商学院团委", 10)).expect("it is made").generation, "memory-2");
    assert_eq!((name(&engine, "1").as_str(), name(&engine, "2").as_str()), ("法学院团委", "商学院团委"));
}
