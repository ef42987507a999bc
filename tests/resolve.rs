//! The rules of `resolve`, held on generated trees: what a record may and may not be decided as, whatever the model
//! weighs.

use crate::support::trees::{hard_rows, row, tree};
use index_data::generate::{GenerateOptions, Scope, generate};
use index_data::load::SourceRow;
use index_data::model::OrgTree;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;
use search_core::changes::{Batch, Change};
use search_core::resolve::{Agreement, ReasonField};
use search_core::{Decision, Engine, Record, Resolution, ResolveOptions};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

const ORGS: u64 = 3_000;

struct World {
    rows: Vec<SourceRow>,
    by_id: HashMap<String, usize>,
    /// How many organizations bear each normalized official name or alias.
    bearers: BTreeMap<String, usize>,
    engine: Engine,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let rows: Vec<SourceRow> =
        generate(&GenerateOptions { orgs: ORGS, seed: 5, scope: Scope::National }).collect();
    let mut bearers = BTreeMap::new();
    for row in &rows {
        let names = row.aliases.iter().chain([&row.name]).map(|name| search_core::normalize(name));
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().for_each(|name| *bearers.entry(name).or_default() += 1);
    }
    let by_id = rows.iter().enumerate().map(|(at, row)| (row.id.clone(), at)).collect();
    World { engine: Engine::in_memory(tree(rows.clone())).unwrap(), rows, by_id, bearers }
});

fn resolve(engine: &Engine, record: &Record) -> Resolution {
    engine.resolve(record).unwrap()
}

/// Whether a name is year, grade and number of a class alone.
fn is_numbers_alone(name: &str) -> bool {
    let class = name.trim_end_matches("团支部").trim_end_matches("支部委员会");
    class.chars().all(|c| "0123456789一二三四五六七八九十（）()[]【】级年高初班".contains(c))
}

fn matched_id(resolution: &Resolution) -> Option<&str> {
    resolution.matched().map(|hit| hit.org.id.as_str())
}

fn engine_of(rows: &[(&str, &str, &str)]) -> Engine {
    Engine::in_memory(tree(rows.iter().map(|(id, name, parent)| row(id, name, parent)).collect::<Vec<_>>()))
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        // The same draws in every run.
        rng_seed: RngSeed::Fixed(15),
        ..ProptestConfig::default()
    })]

    #[test]
    fn an_official_name_that_one_organization_bears_matches(at: Index) {
        let row = at.get(&WORLD.rows);
        prop_assume!(WORLD.bearers[&search_core::normalize(&row.name)] == 1);
        // 高一（1）班团支部 says less than a name: many classes are called so, in whatever writing.
        prop_assume!(!is_numbers_alone(&row.name));
        let resolution = resolve(&WORLD.engine, &Record::named(row.name.as_str()));
        // Others may bear it with the names above spelled out: 技术部 of one group, and 某某集团技术部.
        let first = resolution.candidates.first().map(|first| first.hit.org.short_name.clone()).unwrap_or_default();
        let is_twin = |short: &str| short.ends_with(&first) || first.ends_with(short);
        let twins = resolution.candidates.get(1).filter(|second| is_twin(&second.hit.org.short_name));
        let is_spelled_out = resolution.decision == Decision::Ambiguous && twins.is_some();
        let is_matched = matched_id(&resolution) == Some(row.id.as_str());
        prop_assert!(is_matched || is_spelled_out, "{}: {:?}", row.name, resolution.reasons);
    }

    #[test]
    fn an_alias_that_one_organization_bears_matches(at: Index, which: Index) {
        let with_alias: Vec<&SourceRow> = WORLD.rows.iter().filter(|row| !row.aliases.is_empty()).collect();
        prop_assume!(!with_alias.is_empty());
        let row = at.get(&with_alias);
        let alias = which.get(&row.aliases);
        prop_assume!(WORLD.bearers[&search_core::normalize(alias)] == 1);
        let resolution = resolve(&WORLD.engine, &Record::named(alias.as_str()));
        prop_assert_eq!(matched_id(&resolution), Some(row.id.as_str()), "{}", alias);
    }

    #[test]
    fn an_id_matches_unless_the_name_is_another_one(at: Index, other: Index) {
        let (row, other) = (at.get(&WORLD.rows), other.get(&WORLD.rows));
        let alone = Record::default().code(row.id.as_str());
        let alone = resolve(&WORLD.engine, &alone);
        prop_assert_eq!(matched_id(&alone), Some(row.id.as_str()));
        let named = resolve(&WORLD.engine, &Record::named(row.name.as_str()).code(row.id.as_str()));
        prop_assert_eq!(matched_id(&named), Some(row.id.as_str()), "{}", row.name);
        let wrong = resolve(&WORLD.engine, &Record::named("李小龙").code(row.id.as_str()));
        prop_assert_ne!(wrong.decision, Decision::Matched, "{} is not 李小龙", row.name);
        let _ = other;
    }

    #[test]
    fn prefixes_and_form_words_never_carry_a_match(
        prefix in prop::sample::select(vec!["", "中国共产主义青年团", "共青团", "团"]),
        form in prop::sample::select(vec!["委员会", "团委", "工作委员会", "团支部", "支部委员会", "团总支", "总支部委员会"]),
    ) {
        let resolution = resolve(&WORLD.engine, &Record::named(format!("{prefix}{form}")));
        let is_name = WORLD.bearers.contains_key(&search_core::normalize(&format!("{prefix}{form}")));
        prop_assert!(is_name || resolution.decision != Decision::Matched, "{prefix}{form}: {:?}", resolution.matched());
    }

    #[test]
    fn another_class_year_or_number_never_matches(at: Index, class in 60u16..99, year in 1960u16..1990) {
        let classes: Vec<&SourceRow> = WORLD.rows.iter().filter(|row| row.name.contains('级') && row.name.contains('班')).collect();
        prop_assume!(!classes.is_empty());
        let row = at.get(&classes);
        let parent = &WORLD.rows[WORLD.by_id[&row.parent_id]].name;
        for name in [
            format!("2024级软件工程{class}班团支部"),
            format!("{year}级软件工程1班团支部"),
            format!("高一（{class}）班团支部"),
        ] {
            let record = Record::named(name.as_str()).parent(parent.as_str());
            let resolution = resolve(&WORLD.engine, &record);
            prop_assert_ne!(resolution.decision, Decision::Matched, "{} below {}: {:?}", name, parent, resolution.matched());
            let joined = resolve(&WORLD.engine, &Record::named(format!("{parent}{name}")));
            prop_assert_ne!(joined.decision, Decision::Matched, "{}{}: {:?}", parent, name, joined.matched());
        }
    }

    #[test]
    fn what_a_record_names_does_not_depend_on_threads_or_repetition(picks in prop::collection::vec(any::<Index>(), 1..20)) {
        let records: Vec<Record> =
            picks.iter().map(|pick| Record::named(pick.get(&WORLD.rows).name.as_str())).collect();
        let options = ResolveOptions::default();
        let twice = records.iter().chain(&records).cloned();
        let together: Vec<_> = WORLD.engine.resolve_all(twice, 3, &options).collect();
        prop_assert_eq!(together.len(), 2 * records.len());
        for (resolved, record) in together.iter().zip(records.iter().chain(&records)) {
            prop_assert_eq!(&resolved.record, record);
            prop_assert_eq!(&**resolved.resolution.as_ref().unwrap(), &resolve(&WORLD.engine, record));
        }
    }

    #[test]
    fn units_that_are_remembered_change_no_decision(pick in any::<Index>(), dropped in any::<Index>()) {
        let classes: Vec<&SourceRow> = WORLD.rows.iter().filter(|row| row.name.contains('班')).collect();
        let class = pick.get(&classes);
        let mut parent: Vec<char> = WORLD.rows[WORLD.by_id[&class.parent_id]].name.chars().collect();
        parent.remove(dropped.index(parent.len()));
        let parent: String = parent.into_iter().collect();
        let records = (1..=6).map(|number| Record::named(format!("2024级{number}班")).parent(parent.as_str()));
        for resolved in WORLD.engine.resolve_all(records, 1, &ResolveOptions::default()) {
            prop_assert_eq!(&*resolved.resolution.unwrap(), &resolve(&WORLD.engine, &resolved.record));
        }
    }

    #[test]
    fn nothing_that_a_record_says_panics(
        name in "\\PC{0,40}", parent in "\\PC{0,20}", region in "\\PC{0,10}", code in "[0-9a-z]{0,9}",
    ) {
        let record = Record::named(name).parent(parent).region(region).code(code);
        let resolution = resolve(&WORLD.engine, &record);
        prop_assert!((0.0..=1.0).contains(&resolution.probability));
        prop_assert!((0.0..=1.0).contains(&resolution.margin));
    }
}

#[test]
fn twins_are_ambiguous_and_all_are_named() {
    let engine = engine_of(&[
        ("1", "共青团湖南省委员会", ""),
        ("2", "共青团江西省委员会", ""),
        ("3", "和平村团支部", "1"),
        ("4", "和平村团支部", "2"),
    ]);
    for name in ["和平村团支部", "和平村"] {
        let resolution = resolve(&engine, &Record::named(name));
        assert_eq!(resolution.decision, Decision::Ambiguous, "{name}");
        let mut ids: Vec<&str> =
            resolution.candidates.iter().map(|one| one.hit.org.id.as_str()).take(2).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["3", "4"], "{name}");
        let twins = resolution.reasons.iter().find(|reason| reason.field == ReasonField::Twins).unwrap();
        assert!(twins.org.contains("（3）") && twins.org.contains("（4）"), "{twins}");
    }
    for (record, expected) in [
        (Record::named("和平村团支部").region("江西"), "4"),
        (Record::named("和平村团支部").parent("湖南团省委"), "3"),
        (Record::named("和平村团支部").region("江西省").parent("团江西省委"), "4"),
    ] {
        let resolution = resolve(&engine, &record);
        assert_eq!(matched_id(&resolution), Some(expected), "{record:?}: {:?}", resolution.reasons);
    }
}

/// `(record, organization, what rules it out)`: whatever else agrees.
#[test]
fn contradictions_rule_out_whatever_else_agrees() {
    let engine = engine_of(&[
        ("1", "共青团江西省委员会", ""),
        ("2", "共青团南昌市委员会", "1"),
        ("3", "共青团湖南省委员会", ""),
        ("4", "共青团南昌市第十五中学委员会", "2"),
        ("5", "南昌市育才小学团支部", "2"),
        ("6", "南昌市鸿达食品有限公司团支部", "2"),
        ("7", "南昌市梅岭镇卫生院团支部", "2"),
        ("8", "2024级1班团支部", "4"),
        ("9", "高二3班团支部", "4"),
        ("10", "岳阳市君山村团支部", "3"),
        ("11", "共青团岳阳市委员会", "3"),
        ("12", "共青团南昌大学委员会", "1"),
        ("13", "共青团南昌市五里铺中学委员会", "2"),
        ("14", "共青团南昌市进贤县第一中学委员会", "2"),
        ("15", "共青团南昌市第三堡中学委员会", "2"),
    ]);
    let rows = [
        // 五 of 五里铺 is no number.
        (Record::named("南昌市第5中学"), ReasonField::Number),
        // What a number counts is the same.
        (Record::named("南昌市第三中学"), ReasonField::Number),
        // The Party's committee is not that of the League.
        (Record::named("中共南昌大学委员会"), ReasonField::Type),
        (Record::named("南昌大学工会"), ReasonField::Type),
        // A part of a unit is not the unit.
        (Record::named("南昌大学医学院"), ReasonField::Parent),
        (Record::named("医学院").parent("南昌大学"), ReasonField::Parent),
        // A county's committee is no school there.
        (Record::named("共青团进贤县委"), ReasonField::Type),
        (Record::named("南昌市第五中学"), ReasonField::Number),
        (Record::named("南昌市第五十一中学"), ReasonField::Number),
        (Record::named("南昌市育才中学"), ReasonField::Type),
        (Record::named("南昌市育才幼儿园"), ReasonField::Type),
        (Record::named("南昌市鸿达建材有限公司"), ReasonField::Trade),
        (Record::named("南昌市梅岭镇中心小学"), ReasonField::Type),
        (Record::named("2024级2班团支部").parent("南昌十五中"), ReasonField::Class),
        (Record::named("南昌市第十五中学2023级1班"), ReasonField::Year),
        (Record::named("南昌十五中高一3班"), ReasonField::Grade),
        (Record::named("岳阳市君山村").region("江西省"), ReasonField::Region),
    ];
    for (record, field) in rows {
        let resolution = resolve(&engine, &record);
        assert_ne!(resolution.decision, Decision::Matched, "{record:?}: {:?}", resolution.matched());
        let is_told = resolution
            .candidates
            .iter()
            .flat_map(|one| &one.contradictions)
            .any(|reason| reason.field == field && reason.agreement != Agreement::Agrees);
        assert!(is_told, "{record:?} does not say {field:?}: {:?}", resolution.candidates);
    }
}

/// `(record, organization)`: what people write in place of a name.
#[test]
fn records_match_however_people_write_them() {
    let engine = engine_of(&[
        ("1", "共青团江西省委员会", ""),
        ("2", "共青团南昌市委员会", "1"),
        ("3", "共青团南昌市南昌县委员会", "2"),
        ("4", "共青团南昌县第一中学委员会", "3"),
        ("5", "南昌县第一中学初三5班团支部", "4"),
        ("6", "南昌市鸿达食品股份有限公司团支部", "2"),
        ("7", "共青团江西师范大学委员会", "1"),
        ("8", "2024级数学2班团支部（江西师范大学）", "7"),
    ]);
    let rows = [
        (Record::named("团县委").region("江西南昌县"), "3"),
        (Record::named("南昌团市委"), "2"),
        (Record::named("团委").parent("江西师范大学"), "7"),
        (Record::named("中国共青团中国共产主义青年团江西师范大学委员会"), "7"),
        (Record::named("南昌县第一中学九(5)班"), "5"),
        (Record::named("南昌鸿达食品"), "6"),
        (Record::named("江西师范大学2024级数学2搬团支部"), "8"),
    ];
    for (record, expected) in rows {
        let resolution = resolve(&engine, &record);
        assert_eq!(matched_id(&resolution), Some(expected), "{record:?}: {:?}", resolution.reasons);
    }
    for name in ["2024-6-9", "13800138000", "——"] {
        assert_eq!(resolve(&engine, &Record::named(name)).decision, Decision::NoMatch, "{name}");
    }
}

#[test]
fn a_former_name_to_the_letter_matches_whatever_it_says() {
    let mut renamed = row("2", "共青团南昌市鸿达物业管理有限公司委员会", "1");
    renamed.former_names = vec!["共青团南昌市鸿达食品有限公司委员会".into()];
    let engine = Engine::in_memory(tree(vec![row("1", "共青团南昌市委员会", ""), renamed])).unwrap();
    let resolution = resolve(&engine, &Record::named("共青团南昌市鸿达食品有限公司委员会"));
    assert_eq!(matched_id(&resolution), Some("2"), "{:?}", resolution.reasons);
}

#[test]
fn a_class_is_looked_for_below_the_one_school_of_the_name() {
    let mut rows = vec![
        row("1", "共青团江西省委员会", ""),
        row("2", "共青团南昌市第十五中学委员会", "1"),
        row("3", "共青团九江市第十五中学委员会", "1"),
    ];
    rows.extend((1..=9).map(|class| row(&format!("a{class}"), &format!("高二年级{class}班团支部"), "2")));
    rows.push(row("b1", "高二（12）班团支部", "3"));
    let engine = Engine::in_memory(tree(rows)).unwrap();
    for (record, expected) in [
        (Record::named("高二3班").parent("南昌市第十五中学"), Some("a3")),
        (Record::named("南昌市第十五中学高二（9）班"), Some("a9")),
        // Another school has it.
        (Record::named("高二12班").parent("南昌市第十五中学"), None),
        (Record::named("九江市第十五中学高二12班"), Some("b1")),
    ] {
        assert_eq!(matched_id(&resolve(&engine, &record)), expected, "{record:?}");
    }
}

#[test]
fn a_class_that_was_renamed_is_found_by_its_new_number_alone() {
    let mut rows = vec![row("1", "共青团江西省委员会", ""), row("2", "共青团南昌市第十五中学委员会", "1")];
    rows.extend((1..=3).map(|class| row(&format!("a{class}"), &format!("高二年级{class}班团支部"), "2")));
    let engine = Engine::in_memory(tree(rows)).unwrap();
    let change = Change::Rename { id: "a3".into(), name: "高二年级30班团支部".into() };
    engine.apply(&Batch { key: "a".into(), changes: vec![change], at: 1_790_000_000 }).unwrap();
    let class = |number: u8| Record::named(format!("高二{number}班")).parent("南昌市第十五中学");
    assert_eq!(matched_id(&resolve(&engine, &class(30))), Some("a3"));
    assert_eq!(resolve(&engine, &class(3)).decision, Decision::NoMatch);
}

#[test]
fn a_class_that_does_not_exist_is_none_and_the_nearest_are_named() {
    let mut rows =
        vec![row("1", "共青团北京大学委员会", ""), row("2", "共青团北京大学软件与微电子学院委员会", "1")];
    rows.extend(
        (1..=6).map(|class| row(&format!("c{class}"), &format!("2024级软件工程{class}班团支部"), "2")),
    );
    let engine = Engine::in_memory(tree(rows)).unwrap();
    for record in [
        Record::named("北京大学软件与微电子学院2024级软件工程7班"),
        Record::named("24级软工7班").parent("北大软微"),
    ] {
        let resolution = resolve(&engine, &record);
        assert_eq!(resolution.decision, Decision::NoMatch, "{record:?}");
        let nearest =
            resolution.reasons.iter().find(|reason| reason.field == ReasonField::NearestClasses).unwrap();
        assert!(
            nearest.org.starts_with("北京大学软件与微电子学院") && nearest.org.contains("6班"),
            "{nearest}"
        );
    }
}

#[test]
fn closed_and_merged_organizations_match_and_name_their_successor() {
    let mut merged = row("2", "共青团北京市原第八中学委员会", "1");
    merged.status = "merged".into();
    merged.successor_id = "3".into();
    let rows = vec![row("1", "共青团北京市委员会", ""), merged, row("3", "共青团北京市育英中学委员会", "1")];
    let engine = Engine::in_memory(tree(rows)).unwrap();
    let resolution = resolve(&engine, &Record::named("共青团北京市原第八中学委员会"));
    let hit = resolution.matched().unwrap();
    assert_eq!((hit.org.id.as_str(), hit.org.successor_id.as_deref()), ("2", Some("3")));
    assert!(resolution.reasons.iter().any(|reason| reason.field == ReasonField::Successor));
}

#[test]
fn an_empty_record_and_a_cancelled_one_are_not_matched() {
    let engine = Engine::in_memory(tree(hard_rows(200, 3))).unwrap();
    assert_eq!(resolve(&engine, &Record::default()).decision, Decision::NoMatch);
    let cancel = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let options = ResolveOptions { cancel: Some(cancel), ..ResolveOptions::default() };
    let resolution = engine.resolve_with(&Record::named("北京市第一中学"), &options).unwrap();
    assert_ne!(resolution.decision, Decision::Matched);
}

#[test]
fn a_tree_without_organizations_matches_nothing() {
    let engine = Engine::in_memory(OrgTree::default()).unwrap();
    let resolution = resolve(&engine, &Record::named("北京大学"));
    assert_eq!((resolution.decision, resolution.candidates.len()), (Decision::NoMatch, 0));
}
