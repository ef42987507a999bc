//! Properties under test: what was acknowledged is there after a restart, for other engines, and above later
//! generations; a key is answered once; what is refused leaves nothing; nothing is lost that comes during a build.

use super::{Batch, BatchState, Change, ChangeCode, ChangeError, NewOrg};
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
fn entries_whose_keys_are_free_again_go_with_the_next_generation() {
    let dir = tempfile::tempdir().expect("there is a place");
    let engine = built(dir.path(), 3);
    let late = 10 + super::KEY_SECONDS + 1;
    for (key, id, at) in [("a", "1", 10), ("b", "2", 10), ("c", "0", late)] {
        engine.apply(&rename(key, id, &format!("{key}学院团委"), at)).expect("it is made");
    }
    let logged = || std::fs::read_dir(dir.path().join("changes")).expect("it is read").count();
    assert_eq!(logged(), 3);
    engine.compact(ReindexOptions::default(), |_| {}).expect("it is built");
    // The last batch, and what the new generation begins with.
    assert_eq!(logged(), 2);
    let reopened = Engine::open(dir.path()).expect("it is opened");
    assert_eq!(["1", "2"].map(|id| name(&reopened, id)), ["a学院团委", "b学院团委"]);
    assert_eq!(reopened.apply(&rename("a", "1", "法学院团委", late)).expect("its key is free").sequence, 5);
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
        assert_eq!(states(engine), [(1, BatchState::NotApplied)]);
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
