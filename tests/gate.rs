//! What a new tree takes away:
//!
//! 1. The difference is what comparing every organization by hand gives, on random trees.
//! 2. Each limit lets pass what it allows, and names itself, with samples, past it.
//! 3. A file of one row against a full tree is refused; the autumn passes; so does the first import.
//! 4. What is forced is live, and the generation says so.
//! 5. A golden query trips if its first answer is lost.
//! 6. Where the live generation cannot be opened, numbers are compared; where they cannot be read, nothing is.

use crate::support::trees::{orderly, row};
use index_data::generate::{GenerateOptions, Scope, generate};
use index_data::hash::SplitMix64;
use index_data::load::SourceRow;
use index_data::model::OrgTree;
use index_data::validate::validate_rows;
use search_core::difference::{Change, ChangeKind};
use search_core::gate::{Compared, GateLimit};
use search_core::{
    Engine, EngineError, Gate, GateLimits, GateOutcome, GateReport, GoldenQuery, Rehearsed, ReindexOptions,
};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fs;
use tempfile::TempDir;

fn tree(rows: &[SourceRow]) -> OrgTree {
    validate_rows(rows.to_vec()).tree.unwrap()
}

fn ok(rows: &[SourceRow]) -> impl Iterator<Item = Result<SourceRow, Infallible>> + '_ {
    rows.iter().cloned().map(Ok)
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
    for seed in 0..120 {
        let (before, after) = random_trees(seed);
        let (old, new) = (tree(&before), tree(&after));
        let (Rehearsed { difference, gate: report, .. }, changes) = rehearse(&before, &after, gate(ANYTHING));
        let (difference, report) = (difference.unwrap(), report.unwrap());
        let expected = by_hand(&old, &new);
        assert_eq!((difference.live, difference.new), (u64::from(old.len()), u64::from(new.len())));
        for kind in ChangeKind::ALL {
            let told: BTreeSet<String> = changes
                .iter()
                .filter(|change| change.kinds.has(kind))
                .map(|change| change.id.to_string())
                .collect();
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
            let total: usize =
                changes.iter().filter(of_region).map(|change| change.kinds.iter().count()).sum();
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
    assert_eq!(
        found,
        [units, leaves, moved, renamed, with_active.count()].map(|count| count as u64),
        "{seed}"
    );
}

// 2. Limits

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
    let renamed: Change = |rows, count| {
        rows.iter_mut().filter(|row| row.id.contains('l')).take(count).for_each(|row| row.name.push('甲'));
    };
    let moved: Change = |rows, count| {
        let some = rows.iter_mut().filter(|row| row.id.starts_with("u1l"));
        some.take(count).for_each(|row| row.parent_id = "u2".to_owned());
    };
    let leaves_lost: Change = |rows, count| {
        let mut left = count;
        rows.retain(|row| {
            !row.id.contains('l') || left == 0 || {
                left -= 1;
                false
            }
        });
    };
    let closed_units_lost: Change = |rows, count| {
        rows.retain(|row| {
            !(0..count).any(|unit| row.id == format!("c{unit}") || row.id == format!("c{unit}l"))
        });
    };
    let units_lost: Change = |rows, count| {
        rows.retain(|row| {
            !(0..count).any(|unit| row.id == format!("u{unit}") || row.id.starts_with(&format!("u{unit}l")))
        });
    };
    let strict = GateLimits { units_lost_percent: 100.0, leaves_lost_percent: 100.0, ..ANYTHING };
    for (limit, limits, before, change, allowed) in [
        // 5 % of 221 organizations.
        (GateLimit::Renamed, GateLimits { renamed_percent: 5.0, ..ANYTHING }, orderly(), renamed, 11),
        (GateLimit::Moved, GateLimits { moved_percent: 4.0, ..ANYTHING }, orderly(), moved, 8),
        // 40 % of 200 leaves.
        (
            GateLimit::LeavesLost,
            GateLimits { leaves_lost_percent: 40.0, ..ANYTHING },
            orderly(),
            leaves_lost,
            80,
        ),
        // 20 % of 25 units.
        (
            GateLimit::UnitsLost,
            GateLimits { units_lost_percent: 12.0, ..ANYTHING },
            with_closed_units(4),
            closed_units_lost,
            3,
        ),
        (
            GateLimit::UnitsLostWithActive,
            GateLimits { units_lost_with_active: 0, ..strict },
            orderly(),
            units_lost,
            0,
        ),
        (
            GateLimit::UnitsLostWithActive,
            GateLimits { units_lost_with_active: 2, ..strict },
            orderly(),
            units_lost,
            2,
        ),
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
            assert_eq!(
                (check.samples[0].id.as_str(), check.samples[0].active_below),
                ("u3", Some(10)),
                "{case}"
            );
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
    // What is lost is told by the provinces and lines below the one root.
    let below_root = before.iter().filter(|org| org.parent_id == before[0].id).count();
    assert!(below_root > 5 && difference.by_subtree.groups.len() == below_root.min(50));
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
    assert!(
        matches!(&refused, EngineError::Refused { refused } if refused.difference.is_some()),
        "{refused}"
    );
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
    assert_eq!(
        publish(&writer, &one, Gate { force: true, ..Gate::default() }).unwrap().outcome,
        GateOutcome::Passed
    );
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
        let lost: Vec<_> =
            check.samples.iter().map(|lost| (lost.query.as_deref(), lost.id.as_str())).collect();
        // One is gone, the other is no longer offered.
        assert_eq!(lost, [(Some("北京大学"), "bd"), (Some("清华大学"), "qh")]);
        assert_eq!((engine.generation().name.as_str(), check.of), ("g000002", 3));
        assert_eq!(engine.generations().unwrap().len(), 2, "what was built is thrown away");
        assert!(!dir.path().join("generations/.building").exists());
    }
    assert_eq!(publish(&engine, &after, gate(true)).unwrap().outcome, GateOutcome::Forced);
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
