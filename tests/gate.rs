//! What a new tree takes away:
//!
//! 1. The difference is what comparing every organization by hand gives, on random trees.
//! 2. Each limit lets pass what it allows, and names itself, with samples, past it.
//! 3. A file of one row against a full tree is refused; the autumn passes; so does the first import.
//! 4. What is forced is live, and the generation says so.
//! 5. A golden query trips if its first answer is lost, and a file that is none is refused.
//! 6. Where the live generation cannot be opened, numbers are compared; where they cannot be read, nothing is.
//! 7. The command line and the server give the same difference, as JSON and as CSV.
//! 8. A refused job can be published without sending its file again, by force only.
//! 9. Jobs are remembered over restarts; one whose server was killed has failed.
//! 10. Generations are inspected, verified, activated and pruned, on the command line and over HTTP.

use crate::cli::Data;
use crate::support::server::{ADMIN_KEY, TestServer};
use crate::support::trees::row;
use index_data::generate::{GenerateOptions, Scope, generate, write_csv};
use index_data::hash::SplitMix64;
use index_data::load::SourceRow;
use index_data::model::OrgTree;
use index_data::validate::validate_rows;
use search_core::difference::{Change, ChangeKind};
use search_core::gate::{Compared, GateLimit};
use search_core::{
    Engine, EngineError, Gate, GateLimits, GateOutcome, GateReport, GoldenQuery, Rehearsed, ReindexOptions,
};
use search_server::{GateSettings, ServeSettings};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn tree(rows: &[SourceRow]) -> OrgTree {
    validate_rows(rows.to_vec()).tree.unwrap()
}

fn ok(rows: &[SourceRow]) -> impl Iterator<Item = Result<SourceRow, Infallible>> {
    rows.to_vec().into_iter().map(Ok)
}

fn gate(limits: GateLimits) -> Gate {
    Gate { limits, ..Gate::default() }
}

/// Limits that nothing trips.
const ANYTHING: GateLimits = GateLimits {
    units_lost_percent: 100.0,
    leaves_lost_percent: 100.0,
    moved_percent: 100.0,
    renamed_percent: 100.0,
    units_lost_with_active: u64::MAX,
    golden_lost: u64::MAX,
};

/// What a rehearsal of `after` over `before` says, with every change.
fn rehearse(before: &[SourceRow], after: &[SourceRow], gate: Gate) -> (Rehearsed, Vec<Change<'static>>) {
    let engine = Engine::in_memory(tree(before)).unwrap();
    let mut changes = Vec::new();
    let mut each = |change: &Change<'_>| {
        changes.push(change.clone().into_owned());
        Ok(())
    };
    let options =
        ReindexOptions { gate: Some(gate), each_change: Some(&mut each), ..ReindexOptions::default() };
    let rehearsed = engine.rehearse(options, ok(after), |_| {}).unwrap();
    (rehearsed, changes)
}

fn judged(before: &[SourceRow], after: &[SourceRow], gate: Gate) -> GateReport {
    rehearse(before, after, gate).0.gate.unwrap()
}

fn tripped(report: &GateReport) -> Vec<GateLimit> {
    report.tripped().map(|check| check.limit).collect()
}

// 1. Random trees

/// A random tree and what becomes of it: rows left out, renamed, moved, of another status, with other aliases, new.
fn random_trees(seed: u64) -> (Vec<SourceRow>, Vec<SourceRow>) {
    let mut rng = SplitMix64(seed);
    let mut below = move |bound: u64| rng.next_u64() % bound;
    let count = 2 + below(60);
    let mut before = Vec::new();
    for at in 0..count {
        // Some trees have several roots.
        let parent = if at == 0 || below(25) == 0 { String::new() } else { below(at).to_string() };
        let mut org = row(&at.to_string(), &format!("第{}团支部", below(9)), &parent);
        org.kind = ["团支部", "团委", ""][below(3) as usize].to_owned();
        org.region = ["北京", "天津", ""][below(3) as usize].to_owned();
        org.status = ["正常", "毕业", "已撤销", ""][below(4) as usize].to_owned();
        org.aliases = (0..below(3)).map(|alias| format!("简称{alias}")).collect();
        before.push(org);
    }
    let mut after: Vec<SourceRow> = before.iter().filter(|_| below(6) > 0).cloned().collect();
    let kept: BTreeSet<String> = after.iter().map(|org| org.id.clone()).collect();
    for org in &mut after {
        match below(8) {
            0 => org.name.push('新'),
            1 => org.parent_id = String::new(),
            2 => org.status = "已合并".to_owned(),
            3 => org.aliases.push("又名".to_owned()),
            _ => {}
        }
        if !kept.contains(&org.parent_id) {
            org.parent_id = String::new();
        }
    }
    for new in 0..below(8) {
        after.push(row(&format!("n{new}"), "新团支部", ""));
    }
    if after.is_empty() {
        after.push(row("n", "新团支部", ""));
    }
    (before, after)
}

/// What changes, by hand: for each kind the ids.
fn by_hand(before: &OrgTree, after: &OrgTree) -> BTreeMap<ChangeKind, BTreeSet<String>> {
    let orgs = |tree: &OrgTree| -> BTreeMap<String, index_data::model::OrgUnit> {
        tree.ordinals().map(|ordinal| (tree.id(ordinal).to_owned(), tree.org(ordinal))).collect()
    };
    let (old, new) = (orgs(before), orgs(after));
    let mut found: BTreeMap<ChangeKind, BTreeSet<String>> =
        ChangeKind::ALL.map(|kind| (kind, BTreeSet::new())).into();
    let mut note = |kind: ChangeKind, id: &String, is: bool| {
        if is {
            found.get_mut(&kind).unwrap().insert(id.clone());
        }
    };
    for (id, org) in &old {
        let Some(now) = new.get(id) else {
            note(ChangeKind::Removed, id, true);
            continue;
        };
        note(ChangeKind::Renamed, id, org.name != now.name);
        note(ChangeKind::Moved, id, org.parent_id != now.parent_id);
        note(ChangeKind::Status, id, org.status != now.status);
        note(ChangeKind::Aliases, id, org.aliases != now.aliases);
    }
    new.keys().for_each(|id| note(ChangeKind::Added, id, !old.contains_key(id)));
    found
}

#[test]
fn the_difference_is_what_comparing_by_hand_gives() {
    let mut seen = BTreeMap::<ChangeKind, usize>::new();
    for seed in 0..300 {
        let (before, after) = random_trees(seed);
        let (old, new) = (tree(&before), tree(&after));
        let (Rehearsed { difference, gate: report, .. }, changes) = rehearse(&before, &after, gate(ANYTHING));
        let (difference, report) = (difference.unwrap(), report.unwrap());
        let expected = by_hand(&old, &new);
        assert_eq!((difference.live, difference.new), (u64::from(old.len()), u64::from(new.len())));
        for kind in ChangeKind::ALL {
            let told: BTreeSet<String> =
                changes.iter().filter(|change| change.kinds.has(kind)).map(|change| change.id.to_string()).collect();
            assert_eq!(told, expected[&kind], "{seed} {kind:?}");
            assert_eq!(difference.counts.get(kind), told.len() as u64, "{seed} {kind:?}");
            *seen.entry(kind).or_default() += told.len();
            for breakdown in [&difference.by_region, &difference.by_kind, &difference.by_subtree] {
                let sum: u64 = breakdown.groups.iter().map(|group| group.counts.get(kind)).sum();
                assert_eq!(sum + breakdown.others.get(kind), told.len() as u64, "{seed} {kind:?}");
            }
            let samples = difference.samples.iter().filter(|change| change.kinds.has(kind)).count();
            assert!(samples >= told.len().min(10), "{seed} {kind:?}: {samples} of {}", told.len());
        }
        // Each organization once, and in the order of the trees.
        let ids: BTreeSet<_> = changes.iter().map(|change| &change.id).collect();
        assert_eq!(ids.len(), changes.len(), "{seed}");
        assert!(difference.samples.iter().all(|sample| changes.contains(sample)), "{seed}");
        for group in &difference.by_region.groups {
            let of_region = |change: &&Change<'_>| {
                let state = change.after.as_ref().or(change.before.as_ref()).unwrap();
                state.region == group.key
            };
            let total: usize = changes.iter().filter(of_region).map(|change| change.kinds.iter().count()).sum();
            assert_eq!(group.counts.total(), total as u64, "{seed} {}", group.key);
        }
        check_losses(&old, &new, &expected, &report, seed);
    }
    assert!(ChangeKind::ALL.iter().all(|kind| seen[kind] > 100), "{seen:?}");
}

fn check_losses(
    old: &OrgTree,
    new: &OrgTree,
    expected: &BTreeMap<ChangeKind, BTreeSet<String>>,
    report: &GateReport,
    seed: u64,
) {
    let gone = |ordinal: &u32| expected[&ChangeKind::Removed].contains(old.id(*ordinal));
    let is_unit = |ordinal: &u32| old.children(*ordinal).next().is_some();
    let units = old.ordinals().filter(is_unit).filter(gone).count();
    let leaves = old.ordinals().filter(|ordinal| !is_unit(ordinal)).filter(gone).count();
    let in_use = |ordinal: u32| {
        let now = new.find(old.id(ordinal)).map(|now| new.status(now).code());
        old.status(ordinal).code() == "active" && now.is_none_or(|now| now == "active")
    };
    let with_active = old.ordinals().filter(is_unit).filter(gone).filter(|&unit| {
        old.ordinals().any(|below| below != unit && old.is_within(below, unit) && in_use(below))
    });
    let found: Vec<u64> = report.checks.iter().map(|check| check.count).collect();
    let moved = expected[&ChangeKind::Moved].len();
    let renamed = expected[&ChangeKind::Renamed].len();
    assert_eq!(found, [units, leaves, moved, renamed, with_active.count()].map(|count| count as u64), "{seed}");
}

// 2. Limits

/// A root, 20 units with 10 leaves each: 221 organizations, 21 units.
fn orderly() -> Vec<SourceRow> {
    let mut rows = vec![row("r", "根团委", "")];
    for unit in 0..20 {
        rows.push(row(&format!("u{unit}"), &format!("第{unit}学院团委"), "r"));
        for leaf in 0..10 {
            rows.push(row(&format!("u{unit}l{leaf}"), &format!("{unit}系{leaf}班团支部"), &format!("u{unit}")));
        }
    }
    rows
}

/// Closed leaves and, at its end, a unit without anything in use below it.
fn with_closed_units(closed: usize) -> Vec<SourceRow> {
    let mut rows = orderly();
    for unit in 0..closed {
        rows.push(row(&format!("c{unit}"), &format!("旧学院{unit}团委"), "r"));
        let mut leaf = row(&format!("c{unit}l"), "旧班团支部", &format!("c{unit}"));
        leaf.status = "毕业".to_owned();
        rows.push(leaf);
    }
    rows
}

#[test]
fn each_limit_lets_pass_what_it_allows_and_names_itself_past_it() {
    type Change = fn(&mut Vec<SourceRow>, usize);
    let renamed: Change =
        |rows, count| rows.iter_mut().filter(|row| row.id.contains('l')).take(count).for_each(|row| row.name.push('甲'));
    let moved: Change = |rows, count| {
        let some = rows.iter_mut().filter(|row| row.id.starts_with("u1l")).chain([]);
        some.take(count).for_each(|row| row.parent_id = "u2".to_owned());
    };
    let leaves_lost: Change = |rows, count| {
        let mut left = count;
        rows.retain(|row| !row.id.contains('l') || left == 0 || { left -= 1; false });
    };
    let closed_units_lost: Change = |rows, count| {
        rows.retain(|row| !(0..count).any(|unit| row.id == format!("c{unit}") || row.id == format!("c{unit}l")));
    };
    let units_lost: Change = |rows, count| {
        rows.retain(|row| !(0..count).any(|unit| row.id == format!("u{unit}") || row.id.starts_with(&format!("u{unit}l"))));
    };
    let strict = GateLimits { units_lost_percent: 100.0, leaves_lost_percent: 100.0, ..ANYTHING };
    for (limit, limits, before, change, allowed) in [
        // 5 % of 221 organizations.
        (GateLimit::Renamed, GateLimits { renamed_percent: 5.0, ..ANYTHING }, orderly(), renamed, 11),
        (GateLimit::Moved, GateLimits { moved_percent: 4.0, ..ANYTHING }, orderly(), moved, 8),
        // 40 % of 200 leaves.
        (GateLimit::LeavesLost, GateLimits { leaves_lost_percent: 40.0, ..ANYTHING }, orderly(), leaves_lost, 80),
        // 20 % of 25 units.
        (
            GateLimit::UnitsLost,
            GateLimits { units_lost_percent: 12.0, ..ANYTHING },
            with_closed_units(4),
            closed_units_lost,
            3,
        ),
        (GateLimit::UnitsLostWithActive, GateLimits { units_lost_with_active: 0, ..strict }, orderly(), units_lost, 0),
        (GateLimit::UnitsLostWithActive, GateLimits { units_lost_with_active: 2, ..strict }, orderly(), units_lost, 2),
    ] {
        for count in [allowed, allowed + 1] {
            let mut after = before.clone();
            change(&mut after, count);
            let report = judged(&before, &after, gate(limits));
            let check = report.checks.iter().find(|check| check.limit == limit).unwrap();
            assert_eq!((check.count, check.allowed), (count as u64, allowed as u64), "{limit:?}");
            if count == allowed {
                assert_eq!((report.outcome, tripped(&report)), (GateOutcome::Passed, vec![]), "{limit:?}");
                continue;
            }
            assert_eq!((report.outcome, tripped(&report)), (GateOutcome::Refused, vec![limit]), "{limit:?}");
            assert_eq!(check.samples.len(), count.min(10), "{limit:?}");
            assert!(check.samples.iter().all(|sample| !sample.id.is_empty() && !sample.name.is_empty()));
            assert!(report.summary().contains(limit.name()), "{}", report.summary());
        }
    }
}

#[test]
fn a_unit_is_lost_with_active_ones_unless_they_were_closed_first() {
    let before = orderly();
    let without_unit = |status: &str, parent: &str| -> Vec<SourceRow> {
        let mut rows = before.clone();
        rows.retain(|row| row.id != "u3");
        for row in rows.iter_mut().filter(|row| row.id.starts_with("u3l")) {
            (row.parent_id, row.status) = (parent.to_owned(), status.to_owned());
        }
        rows
    };
    let all_lost: Vec<_> = before.iter().filter(|row| !row.id.starts_with("u3")).cloned().collect();
    let limits = GateLimits { units_lost_with_active: 0, ..ANYTHING };
    for (after, is_refused, case) in [
        (without_unit("正常", "u4"), true, "its classes were moved: it should be merged or closed instead"),
        (without_unit("已撤销", "u4"), false, "its classes are closed"),
        (all_lost, true, "its classes left with it"),
    ] {
        let report = judged(&before, &after, gate(limits));
        assert_eq!(report.outcome == GateOutcome::Refused, is_refused, "{case}");
        if is_refused {
            let check = report.tripped().next().unwrap();
            assert_eq!((check.samples[0].id.as_str(), check.samples[0].active_below), ("u3", Some(10)), "{case}");
        }
    }
}

// 3. What it is for

fn national(orgs: u64) -> GenerateOptions {
    GenerateOptions { orgs, seed: 7, scope: Scope::National }
}

#[test]
fn one_row_is_refused_with_a_difference_that_says_why_and_the_first_import_passes() {
    let before: Vec<_> = generate(&national(3_000)).collect();
    let one = [before[0].clone()];
    let (Rehearsed { difference, gate: report, .. }, _) = rehearse(&before, &one, Gate::default());
    let (difference, report) = (difference.unwrap(), report.unwrap());
    assert_eq!(report.outcome, GateOutcome::Refused);
    assert_eq!(
        tripped(&report),
        [GateLimit::UnitsLost, GateLimit::LeavesLost, GateLimit::UnitsLostWithActive]
    );
    assert_eq!(difference.counts.get(ChangeKind::Removed), 2_999);
    assert!(difference.by_subtree.groups.len() > 20, "provinces and lines");
    let engine = Engine::in_memory(OrgTree::default()).unwrap();
    let options = ReindexOptions { gate: Some(Gate::default()), ..ReindexOptions::default() };
    let first = engine.reindex_with(options, ok(&one), |_| {}).unwrap();
    assert_eq!(first.gate.unwrap().outcome, GateOutcome::FirstImport);
    assert_eq!(first.difference.unwrap().counts.get(ChangeKind::Added), 1);
}

#[test]
fn the_autumn_passes() {
    for options in [national(20_000), GenerateOptions { orgs: 20_000, seed: 3, scope: Scope::Beijing }] {
        let before: Vec<_> = generate(&options).collect();
        let autumn: Vec<_> = generate(&options).after_the_summer().collect();
        let (Rehearsed { difference, gate: report, .. }, _) = rehearse(&before, &autumn, Gate::default());
        let (difference, report) = (difference.unwrap(), report.unwrap());
        assert_eq!((report.outcome, tripped(&report)), (GateOutcome::Passed, vec![]), "{}", report.summary());
        let leaves = report.checks.iter().find(|check| check.limit == GateLimit::LeavesLost).unwrap();
        let share = leaves.count * 1_000 / leaves.of;
        assert!((200..300).contains(&share), "{share} of a thousand leaves are gone");
        assert_eq!(difference.counts.get(ChangeKind::Added), difference.counts.get(ChangeKind::Removed));
    }
}

// 4. Force

fn publish(engine: &Engine, rows: &[SourceRow], gate: Gate) -> Result<GateReport, EngineError> {
    let options = ReindexOptions { gate: Some(gate), ..ReindexOptions::default() };
    engine.reindex_with(options, ok(rows), |_| {}).map(|done| done.gate.unwrap())
}

#[test]
fn what_is_forced_is_live_and_the_generation_says_so() {
    let dir = TempDir::new().unwrap();
    let engine = Engine::open_or_empty(dir.path()).unwrap();
    let before = orderly();
    assert_eq!(publish(&engine, &before, Gate::default()).unwrap().outcome, GateOutcome::FirstImport);
    let one = [row("r", "根团委", "")];
    // Another process writes: it has nothing open, and compares all the same.
    let writer = Engine::unopened(dir.path()).unwrap();
    let refused = publish(&writer, &one, Gate::default()).unwrap_err();
    assert!(matches!(&refused, EngineError::Refused { refused } if refused.difference.is_some()), "{refused}");
    assert!(refused.to_string().contains("leaves_lost: 200 of 200"), "{refused}");
    assert!(!dir.path().join("generations/.building").exists());
    assert_eq!(engine.generations().unwrap().len(), 1);
    let report = publish(&writer, &one, Gate { force: true, ..Gate::default() }).unwrap();
    assert_eq!(report.outcome, GateOutcome::Forced);
    let generations = Engine::open(dir.path()).unwrap().generations().unwrap();
    let said: Vec<_> = generations.iter().map(|one| (one.gate.as_deref(), one.tripped.join(" "))).collect();
    assert_eq!(
        said,
        [
            (Some("first_import"), String::new()),
            (Some("forced"), "units_lost leaves_lost units_lost_with_active".to_owned())
        ]
    );
    // Force where nothing trips is no force.
    assert_eq!(publish(&writer, &one, Gate { force: true, ..Gate::default() }).unwrap().outcome, GateOutcome::Passed);
    // Without a gate nothing is compared.
    assert_eq!(writer.reindex(ok(&before), |_| {}).unwrap().gate, None);
}

// 5. Golden queries

#[test]
fn a_golden_query_that_loses_its_first_answer_trips() {
    let dir = TempDir::new().unwrap();
    let engine = Engine::open_or_empty(dir.path()).unwrap();
    let mut before = orderly();
    before.push(row("bd", "北京大学团委", "r"));
    before.push(row("qh", "清华大学团委", "r"));
    let golden = |query: &str, ids: &[&str]| GoldenQuery {
        query: query.to_owned(),
        ids: ids.iter().map(|&id| id.to_owned()).collect(),
    };
    let queries = vec![
        golden("北京大学", &["bd"]),
        golden("清华大学", &[]),
        // Wrong already: nothing to lose.
        golden("第3学院", &["u4"]),
    ];
    let limits = GateLimits { golden_lost: 0, ..ANYTHING };
    let gate = |force| Gate { limits, golden: queries.clone(), force };
    // A first import passes though it does not find what is named.
    let first = publish(&engine, &orderly(), gate(false)).unwrap();
    assert_eq!((first.outcome, first.checks[0].count), (GateOutcome::FirstImport, 2));
    publish(&engine, &before, gate(false)).unwrap();

    let mut after = before.clone();
    after.retain(|row| row.id != "qh");
    after.iter_mut().filter(|row| row.id == "bd").for_each(|row| row.status = "已撤销".to_owned());
    for is_rehearsal in [true, false] {
        let report = match is_rehearsal {
            true => {
                let options = ReindexOptions { gate: Some(gate(false)), ..ReindexOptions::default() };
                engine.rehearse(options, ok(&after), |_| {}).unwrap().gate.unwrap()
            }
            false => match publish(&engine, &after, gate(false)).unwrap_err() {
                EngineError::Refused { refused } => refused.gate,
                error => panic!("{error}"),
            },
        };
        assert_eq!(tripped(&report), [GateLimit::GoldenLost]);
        let check = report.tripped().next().unwrap();
        let lost: Vec<_> = check.samples.iter().map(|lost| (lost.query.as_deref(), lost.id.as_str())).collect();
        // One is gone, the other is no longer offered.
        assert_eq!(lost, [(Some("北京大学"), "bd"), (Some("清华大学"), "qh")]);
        assert_eq!((engine.generation().name.as_str(), check.of), ("g000002", 3));
        assert_eq!(engine.generations().unwrap().len(), 2, "what was built is thrown away");
        assert!(!dir.path().join("generations/.building").exists());
    }
    assert_eq!(publish(&engine, &after, gate(true)).unwrap().outcome, GateOutcome::Forced);
}

#[test]
fn hostile_golden_files_are_refused_by_command_line_and_server() {
    let data = Data::empty();
    let tree = data.file("tree.csv", "id,name\n1,甲团委\n");
    let many = "甲\n".repeat(10_001);
    for (name, content, says) in [
        ("empty.tsv", Vec::new(), "holds no query"),
        ("bytes.tsv", b"a\n\xff\xfe".to_vec(), "line 2: not UTF-8"),
        ("large.tsv", vec![b'a'; (1 << 20) + 1], "more than 1024 KiB"),
        ("many.tsv", many.into_bytes(), "more than 10000 queries"),
        ("long.tsv", "团".repeat(201).into_bytes(), "line 1: the query has 201 characters"),
    ] {
        let golden = data.file(name, content);
        data.run(&["reindex", "--from", &tree, "--golden", &golden]).expect(1).complains(&[name, says]);
        let settings = GateSettings { golden: Some(PathBuf::from(&golden)), ..GateSettings::default() };
        let server = TestServer::empty(ServeSettings { gate: settings, ..ServeSettings::default() });
        let job = server.reindex_as_asked("", "text/csv", b"id,name\n1,a\n");
        assert_eq!((&job["state"], &job["error"]["code"]), (&json!("failed"), &json!("golden_queries")), "{job}");
        assert!(job["error"]["message"].as_str().unwrap().contains(says), "{job}");
    }
    data.run(&["reindex", "--from", &tree, "--golden", "/dev/zero"]).expect(4).complains(&["no regular file"]);
    assert!(!Path::new(&data.path()).exists(), "nothing was begun");
}

// 6. A live generation that cannot be opened

#[test]
fn what_cannot_be_opened_is_compared_by_numbers() {
    let dir = TempDir::new().unwrap();
    let before = orderly();
    Engine::open_or_empty(dir.path()).unwrap().reindex(ok(&before), |_| {}).unwrap();
    let manifest = dir.path().join("generations/g000001/manifest.json");
    let written = fs::read_to_string(&manifest).unwrap();
    let writer = Engine::unopened(dir.path()).unwrap();
    let rehearse = |rows: &[SourceRow]| {
        let options = ReindexOptions { gate: Some(Gate::default()), ..ReindexOptions::default() };
        let rehearsed = writer.rehearse(options, ok(rows), |_| {}).unwrap();
        assert_eq!(rehearsed.difference, None);
        rehearsed.gate.unwrap()
    };
    // Of another version: only numbers are known.
    let version = written.lines().find(|line| line.contains("format_version")).unwrap();
    fs::write(&manifest, written.replace(version, "  \"format_version\": 1,")).unwrap();
    let one = [row("r", "根团委", "")];
    let report = rehearse(&one);
    assert_eq!(tripped(&report), [GateLimit::UnitsLost, GateLimit::LeavesLost]);
    assert!(matches!(&report.compared, Compared::CountsOnly { reason } if reason.contains("format")));
    assert_eq!(rehearse(&before).outcome, GateOutcome::Passed);
    // Nothing can be read: a reindex is how it is mended.
    fs::write(&manifest, "{").unwrap();
    let report = rehearse(&one);
    assert_eq!(report.outcome, GateOutcome::Passed);
    assert!(matches!(report.compared, Compared::Unreadable { .. }));
}

// 7. Command line and server

fn csv_of(rows: &[SourceRow]) -> String {
    let mut written = Vec::new();
    write_csv(rows.iter().cloned(), &mut written).unwrap();
    String::from_utf8(written).unwrap()
}

#[test]
fn command_line_and_server_give_the_same_difference() {
    let options = national(2_000);
    let before: Vec<_> = generate(&options).collect();
    let mut after: Vec<_> = generate(&options).after_the_summer().collect();
    after[40].aliases.push("又名".to_owned());
    after[41].name.push_str("（新）");
    after[42].status = "已撤销".to_owned();
    let data = Data::empty();
    data.reindex(&csv_of(&before));
    let changed = data.file("after.csv", csv_of(&after));
    let list = data.beside("difference.csv");
    let ran = data.run(&["reindex", "--dry-run", "--json", "--from", &changed, "--difference", &list]).expect(0);
    let listed = fs::read_to_string(&list).unwrap();

    let server = TestServer::on_disk(&csv_of(&before));
    let job = server.reindex_as_asked("?dry_run=true", "text/csv", csv_of(&after).as_bytes());
    assert_eq!((&job["state"], &job["difference_csv"]), (&json!("done"), &json!(true)), "{job}");
    assert_eq!(job["difference"], ran.json()["difference"]);
    assert_eq!(job["gate"], ran.json()["gate"]);
    let address = format!("/v1/admin/jobs/{}/difference", job["id"].as_str().unwrap());
    let answer = server.admin_get(&address);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.body.trim_start_matches('\u{feff}'), listed.trim_start_matches('\u{feff}'));
    let total: u64 = ["added", "removed", "renamed", "moved", "status", "aliases"]
        .iter()
        .map(|kind| job["difference"][kind].as_u64().unwrap())
        .sum();
    let kinds: usize = listed.lines().skip(1).map(|line| line.split(',').next().unwrap().split(' ').count()).sum();
    assert_eq!((kinds as u64, total > 500), (total, true));
    // A reindex tells what its rehearsal did, and packed is the same list.
    let packed = data.beside("difference.csv.gz");
    let ran = data.run(&["reindex", "--json", "--from", &changed, "--difference", &packed]).expect(0);
    assert_eq!(ran.json()["difference"], job["difference"]);
    let mut unpacked = String::new();
    let file = fs::File::open(&packed).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut unpacked).unwrap();
    assert_eq!(unpacked, listed);
    // Without the key nobody reads it; without a list the answer says so.
    assert_eq!(server.get(&address).status, 401);
    let bad = server.reindex_as_asked("", "text/csv", b"id,name\n1,a\n1,b\n");
    let none = server.admin_get(&format!("/v1/admin/jobs/{}/difference", bad["id"].as_str().unwrap()));
    assert_eq!((none.status, none.json()["code"].as_str()), (404, Some("no_difference")));
}

#[test]
fn the_command_line_refuses_one_row_and_says_why() {
    let data = Data::empty();
    data.reindex(&csv_of(&orderly()));
    let one = data.file("one.csv", "id,name\nr,根团委\n");
    let list = data.beside("lost.csv");
    data.run(&["reindex", "--from", &one, "--difference", &list]).expect(1).shows(&[
        "221 organizations live, 1 in the file",
        "leaves_lost: 200 of 200 organizations without children are gone; 80 (40 %) are allowed",
        "units_lost_with_active: 20 of 21 organizations are gone although some below them are in use; 0 are allowed",
        "第0学院团委 [u0], 10 in use below it",
        "the gate refuses the file: nothing was changed; --force",
    ]);
    assert_eq!(fs::read_to_string(&list).unwrap().lines().count(), 221);
    data.run(&["search", "第3学院"]).expect(0).shows(&["第3学院团委"]);
    // Every limit is a setting.
    let all = ["units-lost=100", "leaves-lost=100", "units-lost-with-active=20"].map(|limit| format!("--gate-{limit}"));
    let mut arguments = vec!["reindex", "--dry-run", "--from", &one];
    arguments.extend(all.iter().map(String::as_str));
    data.run(&arguments).expect(0).shows(&["gate: passed"]);
    data.run(&["reindex", "--from", &one, "--gate-moved", "101"]).expect(2);
    data.run(&["reindex", "--from", &one, "--force"]).expect(0).shows(&["gate: tripped, and forced", "live: "]);
    data.run(&["generations", "list"]).expect(0).shows(&["forced: units_lost, leaves_lost"]);
}

// 8. Jobs that are refused

#[test]
fn a_refused_job_is_published_by_force_only_and_without_its_file_being_sent_again() {
    let server = TestServer::on_disk(&csv_of(&orderly()));
    let job = server.reindex_as_asked("", "text/csv", "id,name\nr,根团委\n".as_bytes());
    assert_eq!((&job["state"], &job["gate"]["outcome"]), (&json!("refused"), &json!("refused")), "{job}");
    assert_eq!((&job["error"], &job["generation"]), (&Value::Null, &Value::Null));
    assert_eq!(server.get("/v1/orgs/u3").status, 200, "nothing was changed");
    let id = job["id"].as_str().unwrap();
    let publish = |id: &str, query: &str| {
        server.admin_post(&format!("/v1/admin/jobs/{id}/publish{query}"), "application/json", b"")
    };
    for _ in 0..2 {
        let refused = publish(id, "");
        assert_eq!((refused.status, refused.json()["code"].as_str()), (409, Some("gate_refused")));
        assert_eq!(refused.json()["report"]["gate"], job["gate"]);
    }
    assert_eq!(publish("nobody", "?force=true").status, 404);
    assert_eq!(publish(id, "?force=maybe").status, 400);
    let accepted = publish(id, "?force=true");
    assert_eq!(accepted.status, 202, "{}", accepted.body);
    let forced = server.wait_for_job(&accepted.header("location"));
    assert_eq!((&forced["state"], &forced["force"]), (&json!("done"), &json!(true)), "{forced}");
    assert_eq!(forced["gate"]["outcome"], "forced");
    assert_eq!(server.get("/v1/orgs/u3").status, 404);
    let generation = server.admin_get(&format!("/v1/admin/generations/{}", forced["generation"].as_str().unwrap()));
    assert_eq!(generation.json()["generation"]["gate"], "forced");
    let gone = publish(id, "?force=true");
    assert_eq!((gone.status, gone.json()["code"].as_str()), (409, Some("upload_gone")), "{}", gone.body);
    assert!(server.get("/metrics").body.contains("orgsearch_reindex_jobs_total{state=\"refused\"} 1"));

    // A rehearsal that the gate would pass needs no force.
    let job = server.reindex_as_asked("?dry_run=true", "text/csv", csv_of(&orderly()).as_bytes());
    assert_eq!(job["state"], "done", "{job}");
    let accepted = publish(job["id"].as_str().unwrap(), "");
    assert_eq!(server.wait_for_job(&accepted.header("location"))["state"], "done");
    assert_eq!(server.get("/v1/orgs/u3").status, 200);
    assert_eq!(fs::read_dir(server.data_dir().join("uploads")).unwrap().count(), 0, "uploads are deleted");
}

// 9. History

#[test]
fn jobs_are_remembered_over_restarts() {
    let server = TestServer::on_disk(&csv_of(&orderly()));
    let refused = server.reindex_as_asked("", "text/csv", "id,name\nr,根团委\n".as_bytes());
    let done = server.reindex_as_asked("", "text/csv", csv_of(&orderly()).as_bytes());
    let failed = server.reindex_as_asked("", "text/csv", b"id,name\n1,a\n1,b\n");
    let events = |server: &TestServer, job: &Value| {
        server.admin_get(&format!("/v1/admin/jobs/{}/events", job["id"].as_str().unwrap())).json()
    };
    let (all, happened) = (server.admin_get("/v1/admin/jobs").json(), events(&server, &done));
    let ids: Vec<_> = all["jobs"].as_array().unwrap().iter().map(|job| job["id"].clone()).collect();
    assert_eq!(ids, [&failed, &done, &refused].map(|job| job["id"].clone()));
    assert!(happened["events"].as_array().unwrap().len() > 7);
    let list = format!("/v1/admin/jobs/{}/difference", refused["id"].as_str().unwrap());
    let listed = server.admin_get(&list).body;
    assert_eq!(listed.lines().count(), 221);

    // A server that was killed leaves a mark that nobody holds; others' files are no jobs.
    let jobs = server.data_dir().join("jobs");
    let mut killed = done.clone();
    (killed["id"], killed["state"], killed["created_unix_ms"]) = (json!("abc"), json!("running"), json!(1));
    fs::write(jobs.join("abc.running"), killed.to_string()).unwrap();
    fs::write(jobs.join("def.json"), "{").unwrap();
    fs::write(jobs.join("notes.json"), "{}").unwrap();
    let server = server.restart(ServeSettings::default());
    let again = server.admin_get("/v1/admin/jobs").json();
    let known = all["jobs"].as_array().unwrap();
    assert_eq!(again["jobs"].as_array().unwrap()[..3], known[..]);
    let interrupted = &again["jobs"][3];
    assert_eq!(
        (&interrupted["id"], &interrupted["state"], &interrupted["error"]["code"]),
        (&json!("abc"), &json!("failed"), &json!("interrupted"))
    );
    assert_eq!(events(&server, &done), happened);
    assert_eq!(server.admin_get(&list).body, listed);

    // No more are kept than the setting says.
    let limits = search_server::LimitSettings { jobs_kept: 2, ..search_server::LimitSettings::default() };
    let server = server.restart(ServeSettings { limits, ..ServeSettings::default() });
    let fewer = server.admin_get("/v1/admin/jobs").json();
    assert_eq!(fewer["jobs"].as_array().unwrap()[..], known[..2]);
    assert_eq!(server.admin_get(&list).status, 404);
    assert!(!server.data_dir().join(format!("jobs/{}.csv.gz", refused["id"].as_str().unwrap())).exists());
}

#[test]
fn events_are_fetched_as_they_happen() {
    let server = TestServer::on_disk(&csv_of(&orderly()));
    let rows: Vec<_> = generate(&national(20_000)).collect();
    let accepted = server.admin_post("/v1/admin/reindex?force=true", "text/csv", csv_of(&rows).as_bytes());
    let address = format!("{}/events", accepted.header("location"));
    let (mut after, mut events) = (0, Vec::new());
    loop {
        let answer = server.admin_get(&format!("{address}?after={after}&wait_ms=20000")).json();
        let some = answer["events"].as_array().unwrap().clone();
        if some.is_empty() {
            assert_eq!(answer["state"], "done", "an answer without events is the last: {answer}");
            break;
        }
        after = some.last().unwrap()["sequence"].as_u64().unwrap();
        events.extend(some);
    }
    let numbers: Vec<_> = events.iter().map(|event| event["sequence"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
    let mut steps: Vec<_> = events.iter().map(|event| event["step"].as_str().unwrap()).collect();
    steps.dedup();
    assert_eq!(steps, ["upload", "load", "validate", "document", "write", "seal", "verify", "publish"]);
    assert!(events.iter().all(|event| event["percent"].as_u64().is_none_or(|percent| percent <= 100)));
    assert!(events.iter().any(|event| event["rows_per_second"].as_u64().is_some()));
    assert_eq!(events.last().unwrap()["state"], "done");
    for (query, status) in [("?after=x", 400), ("?wait_ms=30001", 400), ("?after=99999&wait_ms=30000", 200)] {
        assert_eq!(server.admin_get(&format!("{address}{query}")).status, status, "{query}");
    }
    assert_eq!(server.admin_get("/v1/admin/jobs/nobody/events?wait_ms=30000").status, 404);
}

// 10. Generations

#[test]
fn generations_are_looked_after_on_the_command_line_and_over_http() {
    let server = TestServer::on_disk(&csv_of(&orderly()));
    for _ in 0..2 {
        server.reindex("", "text/csv", csv_of(&orderly()).as_bytes());
    }
    let path = server.data_dir().to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| {
        let all = ["generations"].iter().chain(arguments).copied().chain(["--data", path.as_str()]);
        crate::support::cli::run(all)
    };
    let post = |address: &str| server.admin_post(&format!("/v1/admin/generations/{address}"), "application/json", b"");

    let http = server.admin_get("/v1/admin/generations/g000002").json();
    assert_eq!(run(&["inspect", "g000002", "--json"]).expect(0).json(), http);
    assert_eq!((&http["generation"]["replaces"], &http["generation"]["units"]), (&json!("g000001"), &json!(21)));
    assert!(http["files"].as_array().unwrap().iter().any(|file| file["path"] == "records.bin"));
    run(&["inspect", "g000003"]).expect(0).shows(&["g000003", "live", "records.bin", "replaces: g000002"]);
    run(&["list"]).expect(0).shows(&["g000001", "g000002", "g000003", "live", "passed"]);

    assert_eq!(post("g000001/activate").json()["generation"]["name"], "g000001");
    run(&["activate", "g000003"]).expect(0).shows(&["live: generation g000003"]);
    assert_eq!(run(&["activate", "g000002", "--json"]).expect(0).json()["generation"]["live"], true);

    // Damage of one that is not live is found too.
    let records = Path::new(&path).join("generations/g000001/records.bin");
    let intact = fs::read(&records).unwrap();
    let mut flipped = intact.clone();
    flipped[intact.len() / 2] ^= 1;
    fs::write(&records, flipped).unwrap();
    let verified = post("g000001/verify").json();
    assert_eq!(run(&["verify", "g000001", "--json"]).expect(3).json(), verified);
    assert!(verified["damaged"][0].as_str().unwrap().contains("records.bin"), "{verified}");
    assert_eq!(post("g000003/verify").json(), json!({"generation": "g000003", "intact": true, "damaged": []}));
    run(&["verify", "g000003"]).expect(0).shows(&["every checksum of g000003 is right"]);

    // g000002 is live and replaced g000001: only g000003 may go.
    assert_eq!(post("prune?keep=1").json(), json!({"removed": ["g000003"]}));
    run(&["prune", "--keep", "0"]).expect(0).shows(&["nothing to remove"]);
    let names: Vec<_> = fs::read_dir(Path::new(&path).join("generations")).unwrap().collect();
    assert_eq!(names.len(), 2);

    for name in ["g000009", "..%2F..%2Fetc", "g000001%2F.."] {
        for (method, action) in [("GET", ""), ("POST", "/verify"), ("POST", "/activate")] {
            let key = format!("Bearer {ADMIN_KEY}");
            let address = format!("/v1/admin/generations/{name}{action}");
            let answer = server.send(method, &address, &[("authorization", &key)], (method == "POST").then_some(b""));
            assert_eq!(answer.json()["code"], "unknown_generation", "{method} {address}: {}", answer.body);
        }
    }
    run(&["inspect", "../../etc"]).expect(3).complains(&["there is no generation"]);
    run(&["verify", "g000009"]).expect(3);
    assert_eq!(post("prune?keep=x").status, 400);
}
