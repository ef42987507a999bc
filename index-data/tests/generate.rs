//! Properties of the generator under test:
//!
//! 1. The same options give the same rows; another seed gives others.
//! 2. Every size is met exactly; parents stand before children; ids and rows are well formed.
//! 3. A tree of some size shows all kinds, systems, statuses and house styles.
//! 4. Rows stream: the first ones come without the rest.
//! 5. Queries name only organizations that exist, are active and fit; all families are there.
//! 6. Families on demand are there in the number asked for, right, and change nothing about the others.
//! 7. The embedded sample is what the generator makes, and holds the units people look for.

use index_data::generate::{
    FAMILIES, GenerateOptions, GeneratedQuery, MORE_FAMILIES, SAMPLE_OPTIONS, Scope, beijing_sample,
    generate, generate_queries, generate_queries_of, write_csv, write_queries,
};
use index_data::load::SourceRow;
use index_data::model::{HomeSystem, OrgKind, OrgStatus};
use index_data::validate::validate_rows;
use std::collections::{HashMap, HashSet};

fn rows(orgs: u64, seed: u64) -> Vec<SourceRow> {
    generate(&GenerateOptions::national(orgs, seed)).collect()
}

#[test]
fn same_seed_same_rows() {
    assert_eq!(rows(5_000, 1), rows(5_000, 1));
    assert_ne!(rows(5_000, 1), rows(5_000, 2));
}

#[test]
fn sizes_are_exact_and_trees_are_whole() {
    for (orgs, seed) in [(0, 1), (1, 1), (2, 1), (17, 3), (100, 1), (1_000, 5), (5_000, 1), (60_000, 9)] {
        for scope in [Scope::National, Scope::Beijing] {
            let rows: Vec<_> = generate(&GenerateOptions { orgs, seed, scope }).collect();
            check_tree(&rows, orgs);
        }
    }
}

fn check_tree(rows: &[SourceRow], orgs: u64) {
    assert_eq!(rows.len() as u64, orgs);
    let mut ids = HashSet::new();
    for row in rows {
        assert_eq!(row.id.len(), 8, "{row:?}");
        assert_eq!(row.parent_id.is_empty(), ids.is_empty(), "one root: {row:?}");
        assert!(row.parent_id.is_empty() || ids.contains(&row.parent_id), "parents first: {row:?}");
        assert!(row.successor_id.is_empty() || ids.contains(&row.successor_id), "{row:?}");
        assert_eq!(row.status == "已合并", !row.successor_id.is_empty(), "{row:?}");
        let chars = row.name.chars().count();
        assert!((4..=100).contains(&chars), "{row:?}");
        assert!(!row.name.contains(['{', '}', '|', ' ', '\t', '?']), "{row:?}");
        assert!(OrgKind::parse(&row.kind).is_known() && OrgStatus::parse(&row.status).is_known(), "{row:?}");
        assert!(row.system.is_empty() || HomeSystem::parse(&row.system).is_known(), "{row:?}");
        assert!(row.members.is_empty() || row.members.parse::<u32>().is_ok(), "{row:?}");
        assert!(row.aliases.iter().chain(&row.former_names).all(|name| !name.is_empty()), "{row:?}");
        assert!(ids.insert(row.id.clone()), "{row:?}");
    }
}

#[test]
fn trees_validate() {
    for options in [GenerateOptions::national(60_000, 6), SAMPLE_OPTIONS] {
        let validated = validate_rows(generate(&options));
        let report = validated.report;
        assert!(validated.tree.is_some() && report.errors == 0, "{:?}", report.counts);
        // Twin siblings are all that is doubtful, and there are few.
        assert!(report.warnings < 20 && report.infos == 0, "{:?}", report.counts);
    }
}

#[test]
fn small_trees_have_classes_places_and_a_line() {
    let rows = rows(100, 1);
    for word in ["班", "社区", "大学", "全国铁道", "街道", "中学", "公司"] {
        assert!(rows.iter().any(|row| row.name.contains(word)), "{word}");
    }
}

#[test]
fn two_thirds_are_classes_and_siblings_differ() {
    let rows = rows(60_000, 4);
    let classes = rows.iter().filter(|row| row.name.contains('级') || row.name.contains('班')).count();
    assert!((38_000..46_000).contains(&classes), "{classes}");
    let mut names = HashSet::new();
    let twins = rows.iter().filter(|row| !names.insert((&row.parent_id, &row.name))).count();
    assert!(twins < 6, "{twins} rows bear a sibling's name");
}

#[test]
fn members_add_up() {
    let rows = rows(5_000, 8);
    let mut sums: HashMap<&str, u64> = HashMap::new();
    for row in &rows {
        *sums.entry(&row.parent_id).or_default() += row.members.parse::<u64>().unwrap_or(0);
    }
    let root: u64 = rows[0].members.parse().unwrap();
    let below = sums[rows[0].id.as_str()];
    assert!(root >= below && root - below < root / 5, "{root} {below}");
}

#[test]
fn everything_that_a_tree_can_show_is_there() {
    let rows = rows(60_000, 2);
    for kind in OrgKind::KNOWN {
        assert!(rows.iter().any(|row| row.kind == kind.export_spelling()), "{kind}");
    }
    for system in HomeSystem::KNOWN {
        assert!(rows.iter().any(|row| row.system == system.export_spelling()), "{system}");
    }
    for status in OrgStatus::KNOWN {
        assert!(rows.iter().any(|row| row.status == status.export_spelling()), "{status}");
    }
    assert!(rows.iter().any(|row| !row.aliases.is_empty()));
    assert!(rows.iter().any(|row| !row.former_names.is_empty()));
    assert!(rows.iter().any(|row| row.system.is_empty() && row.region.is_empty()));
    // A form word in a name is not the kind.
    assert!(rows.iter().any(|row| row.name.ends_with("总支部委员会") && row.kind == "团支部"));
    for line in ["全国铁道", "全国民航", "中央金融", "中央企业", "中央和国家机关"] {
        assert!(rows.iter().any(|row| row.name.contains(line) && row.kind == "领导机关"), "{line}");
    }
}

#[test]
fn house_styles_are_all_in_use() {
    let rows = rows(60_000, 2);
    let bare = |row: &&SourceRow, head: &str| row.name.starts_with(head) && row.name.ends_with("班团支部");
    assert!(rows.iter().any(|row| bare(&row, "2024级")), "2024级…班团支部");
    assert!(rows.iter().any(|row| bare(&row, "高一年级")), "高一年级…班团支部");
    for (head, tail) in [
        ("中国共产主义青年团", "委员会"),
        ("中国共产主义青年团", "工作委员会"),
        ("中国共产主义青年团", "总支部委员会"),
        ("中国共产主义青年团", "支部委员会"),
        ("中国共产主义青年团", "团支部"),
        ("共青团", "委员会"),
        ("", "团委"),
        ("", "团工委"),
        ("", "团总支"),
        ("流动团员", "团支部"),
        ("学社衔接临时", "团支部"),
        ("2025级硕士新生临时", "团支部"),
        ("毕业学生流动团员", "团支部"),
        ("出国(境)学习研究团员", "团支部"),
        ("高一（3）班", "团支部"),
        ("高一(3)班", "团支部"),
    ] {
        let found = rows.iter().any(|row| row.name.starts_with(head) && row.name.ends_with(tail));
        assert!(found, "{head}…{tail}");
    }
    for part in ["2301班", "级-0", "24级", "专业1班", "（", "八年级", "第一中学", "B2023"] {
        assert!(rows.iter().any(|row| row.name.contains(part)), "{part}");
    }
}

#[test]
fn rows_stream() {
    // Five million rows are promised; asking for three makes no more than a batch.
    let mut rows = generate(&GenerateOptions::national(5_000_000, 1));
    assert_eq!(rows.len(), 5_000_000);
    assert_eq!(rows.by_ref().take(3).count(), 3);
    assert_eq!(rows.len(), 4_999_997);
}

#[test]
fn queries_name_what_exists() {
    let options = GenerateOptions::national(60_000, 3);
    let by_id: HashMap<String, SourceRow> = generate(&options).map(|row| (row.id.clone(), row)).collect();
    let queries = generate_queries(&options, 12);
    assert_eq!(queries, generate_queries(&options, 12));
    for query in &queries {
        assert!(!query.query.is_empty() && !query.query.contains(['\t', '\n']), "{query:?}");
        assert!((1..=50).contains(&query.ids.len()), "{query:?}");
        assert!(FAMILIES.contains(&query.family), "{query:?}");
        assert_eq!(query.ids.iter().collect::<HashSet<_>>().len(), query.ids.len(), "{query:?}");
        for id in &query.ids {
            assert_eq!(by_id[id].status, "正常", "{query:?}");
        }
    }
    for family in FAMILIES {
        assert!(queries.iter().any(|query| query.family == family), "no query of family {family}");
    }
}

#[test]
fn right_ids_are_right_and_complete() {
    let options = GenerateOptions::national(60_000, 3);
    let rows: Vec<_> = generate(&options).collect();
    let ids = |fits: &dyn Fn(&SourceRow) -> bool| -> Vec<String> {
        rows.iter().filter(|row| row.status == "正常" && fits(row)).map(|row| row.id.clone()).collect()
    };
    for query in generate_queries(&options, 12) {
        match query.family {
            "full" => assert_eq!(query.ids, ids(&|row| row.name == query.query), "{query:?}"),
            "alias" if query.ids.len() == 1 => {
                let alias = query.query.trim_end_matches("团委");
                let found = rows.iter().find(|row| row.id == query.ids[0]).unwrap();
                let is_named = found.name.contains(alias) || found.aliases.iter().any(|name| name == alias);
                assert!(is_named, "{query:?}");
            }
            "partial" => {
                let wanted = ids(&|row| row.name.contains(&query.query));
                assert!(query.ids.iter().all(|id| wanted.contains(id)), "{query:?}");
            }
            _ => {}
        }
    }
}

#[test]
fn families_do_not_depend_on_each_other() {
    let options = GenerateOptions::national(20_000, 4);
    let of = |families: &[&str]| generate_queries_of(&options, 5, families);
    let usual = generate_queries(&options, 5);
    let more = of(&MORE_FAMILIES);
    assert_eq!(of(&[&MORE_FAMILIES[..], &FAMILIES[..]].concat()), [usual.clone(), more.clone()].concat());
    for family in FAMILIES.iter().chain(&MORE_FAMILIES) {
        let expected: Vec<GeneratedQuery> =
            usual.iter().chain(&more).filter(|query| query.family == *family).cloned().collect();
        assert_eq!(of(&[family]), expected, "{family}");
    }
    assert_eq!(of(&["none"]), []);
}

#[test]
fn families_on_demand_are_many() {
    let options = GenerateOptions::national(150_000, 2);
    let queries = generate_queries_of(&options, 1_000, &MORE_FAMILIES);
    for family in MORE_FAMILIES {
        let of_family: Vec<_> = queries.iter().filter(|query| query.family == family).collect();
        assert_eq!(of_family.len(), 1_000, "{family}");
        let texts: HashSet<_> = of_family.iter().map(|query| &query.query).collect();
        assert_eq!(texts.len(), 1_000, "{family}");
        // Most mean one organization, or there would be little to measure.
        let alone = of_family.iter().filter(|query| query.ids.len() == 1).count();
        assert!(alone > 600, "{family}: {alone}");
    }
}

/// What each family must show of itself, and what all of its right answers must.
#[test]
fn families_on_demand_are_what_they_say() {
    let options = GenerateOptions::national(60_000, 3);
    let rows: HashMap<String, SourceRow> = generate(&options).map(|row| (row.id.clone(), row)).collect();
    let path_of = |id: &str| -> String {
        let mut path = String::new();
        let mut next = rows.get(id);
        while let Some(row) = next {
            path.insert_str(0, &row.name);
            next = rows.get(&row.parent_id);
        }
        path
    };
    let is_hanzi = |char: char| ('\u{4e00}'..='\u{9fff}').contains(&char);
    let written: HashMap<char, char> = include_str!("../lists/looks.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| {
            let (written, others) = line.split_once('\t').unwrap();
            others.chars().map(move |other| (other, written.chars().next().unwrap()))
        })
        .collect();
    let as_written =
        |text: &str| text.chars().map(|char| *written.get(&char).unwrap_or(&char)).collect::<String>();
    for query in generate_queries_of(&options, 60, &MORE_FAMILIES) {
        let text = query.query.as_str();
        for id in &query.ids {
            assert_eq!(rows[id].status, "正常", "{query:?}");
            let path = path_of(id);
            // A character of the query that no answer could explain would make it no answer.
            let shares = |char: char| path.contains(char);
            match query.family {
                "sentence" => {
                    assert!(text.chars().filter(|char| shares(*char)).count() >= 2, "{query:?} {path}");
                }
                "ocr" => {
                    let (text, path) = (as_written(text), as_written(&path));
                    assert!(text.chars().all(|char| path.contains(char)), "{query:?} {path}");
                }
                "mixed_pinyin" | "english" => {
                    assert!(text.chars().filter(|char| is_hanzi(*char)).all(shares), "{query:?} {path}");
                    assert!(text.chars().any(|char| char.is_ascii_alphabetic()), "{query:?}");
                }
                _ => {}
            }
        }
        match query.family {
            "ocr" => assert!(query.ids.iter().all(|id| !rows[id].name.contains(text)), "{query:?}"),
            "dictated" => assert!(!text.contains(|char: char| char.is_ascii_digit()), "{query:?}"),
            "office" => assert!(query.ids.iter().all(|id| !rows[id].name.contains(text)), "{query:?}"),
            _ => {}
        }
    }
}

#[test]
fn files_have_the_headers_of_the_contract() {
    let options = GenerateOptions::national(300, 3);
    let mut file = Vec::new();
    assert_eq!(write_csv(generate(&options), &mut file).unwrap(), 300);
    let text = String::from_utf8(file).unwrap();
    assert_eq!(
        text.lines().next().unwrap(),
        "组织ID,组织全称,上级组织ID,组织类别,所属系统,省份,团员数,状态,简称,曾用名,继任组织ID"
    );
    assert_eq!(text.lines().count(), 301);
    let queries = generate_queries(&options, 2);
    let mut file = Vec::new();
    assert_eq!(write_queries(&queries, &mut file).unwrap(), queries.len() as u64);
    let text = String::from_utf8(file).unwrap();
    assert_eq!(text.lines().next().unwrap(), "query\tids\tfamily");
    assert!(text.lines().all(|line| line.split('\t').count() == 3));
}

/// If this fails after a change to the generator or a list, remake the sample:
/// `cargo run --release -p index-data --example make_sample`.
#[test]
fn sample_is_what_the_generator_makes() {
    let mut made = Vec::new();
    let written = write_csv(generate(&SAMPLE_OPTIONS), &mut made).unwrap();
    assert!((20_000..=60_000).contains(&written));
    assert!(beijing_sample() == made, "the embedded sample has drifted");
}

#[test]
fn sample_holds_the_units_people_look_for() {
    let sample = String::from_utf8(beijing_sample()).unwrap();
    for name in [
        "中国共产主义青年团北京市海淀区委员会",
        "中国共产主义青年团北京市海淀区中关村街道工作委员会",
        "科春社区",
        "中国共产主义青年团北京大学委员会",
        "中国共产主义青年团北京大学软件与微电子学院2024级软件工程1班支部委员会",
        "中国人民大学附属中学",
        "北京市第十五中学",
        "北京市第一〇一中学",
        "北京航空航天大学",
    ] {
        assert!(sample.contains(name), "{name}");
    }
}
