//! Properties of generated records under test:
//!
//! 1. The same options give the same records; another noise gives others; the file is well formed.
//! 2. Every family is there, with the kind of answer it promises, and the halves have the shares asked for.
//! 3. What is expected exists; rows that are told apart by a code, a name or a status really are.
//! 4. What is named by a row of `none` is not in the tree: neither as it stands nor with its numbers written otherwise.

use index_data::generate::{
    ExpectedRecord, GenerateOptions, GeneratedRecord, RECORD_FAMILIES, RecordOptions, generate,
    generate_records, write_records,
};
use index_data::load::SourceRow;
use std::collections::{HashMap, HashSet};

const OPTIONS: GenerateOptions =
    GenerateOptions { orgs: 60_000, seed: 5, scope: index_data::generate::Scope::National };

fn records(count: usize) -> Vec<GeneratedRecord> {
    generate_records(&OPTIONS, &RecordOptions { count, ..RecordOptions::DEFAULT })
}

/// The families whose rows name nothing.
fn none_families() -> &'static [&'static str] {
    let first = RECORD_FAMILIES.iter().position(|family| *family == "sister_class");
    let first = first.expect("it is one of them");
    &RECORD_FAMILIES[first..]
}

#[test]
fn same_options_same_records() {
    let small = GenerateOptions::national(5_000, 2);
    let of = |noise: f64, none_share: f64| {
        generate_records(&small, &RecordOptions { count: 300, none_share, noise })
    };
    assert_eq!(of(0.3, 0.5), of(0.3, 0.5));
    assert_ne!(of(0.0, 0.5), of(1.0, 0.5));
    for (none_share, wanted) in [(0.0, 0), (0.2, 60), (1.0, 300)] {
        let none = of(0.3, none_share).iter().filter(|row| row.expected == ExpectedRecord::None).count();
        assert!(none.abs_diff(wanted) < 10, "{none_share}: {none}");
    }
    for orgs in [0, 1, 2, 30, 300] {
        generate_records(
            &GenerateOptions::national(orgs, 1),
            &RecordOptions { count: 50, ..RecordOptions::DEFAULT },
        );
    }
    assert_eq!(generate_records(&small, &RecordOptions { count: 0, ..RecordOptions::DEFAULT }), []);
}

#[test]
fn files_are_well_formed() {
    let records = records(400);
    let mut file = Vec::new();
    assert_eq!(write_records(&records, &mut file).unwrap(), records.len() as u64);
    let text = String::from_utf8(file).unwrap();
    assert_eq!(text.lines().next(), Some("name\tparent\tregion\tcode\tformer_name\tkind\texpected\tfamily"));
    assert_eq!(text.lines().count(), records.len() + 1);
    assert!(text.lines().all(|line| line.split('\t').count() == 8));
}

#[test]
fn families_answer_as_they_promise() {
    let records = records(2_600);
    assert_eq!(records.len(), 2_600);
    for family in RECORD_FAMILIES {
        let of_family: Vec<_> = records.iter().filter(|row| row.family == family).collect();
        assert!(of_family.len() >= 20, "{family}: {}", of_family.len());
        for row in of_family {
            let is_right = match &row.expected {
                ExpectedRecord::None => none_families().contains(&family),
                ExpectedRecord::Ambiguous => family == "ambiguous",
                ExpectedRecord::Id(_) => !none_families().contains(&family) && family != "ambiguous",
            };
            assert!(is_right, "{row:?}");
            assert!(!row.name.trim().is_empty(), "{row:?}");
        }
    }
    let none = records.iter().filter(|row| row.expected == ExpectedRecord::None).count();
    assert_eq!(none, 1_300);
    assert_eq!(records.iter().map(|row| format!("{row:?}")).collect::<HashSet<_>>().len(), 2_600);
}

#[test]
fn what_is_expected_exists() {
    let rows: HashMap<String, SourceRow> = generate(&OPTIONS).map(|row| (row.id.clone(), row)).collect();
    let names = counts(rows.values().filter(|row| row.status == "正常").map(|row| row.name.clone()));
    for record in records(2_000) {
        let ExpectedRecord::Id(id) = &record.expected else { continue };
        let row = &rows[id];
        let is_right = match record.family {
            "official" => {
                row.name == record.name
                    && (names[&row.name] == 1 || !record.parent.is_empty() || !record.region.is_empty())
            }
            "code" => record.code == *id,
            "former_name" => !row.former_names.is_empty(),
            "typo" => row.name != record.name,
            "region_told" => !record.parent.is_empty() || !record.region.is_empty(),
            _ => true,
        };
        assert!(is_right, "{record:?} {row:?}");
        assert_eq!(row.status != "正常", record.family == "successor", "{record:?} {row:?}");
    }
}

#[test]
fn what_is_none_is_not_there() {
    let rows: Vec<SourceRow> = generate(&OPTIONS).collect();
    let by_id: HashMap<&str, &SourceRow> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
    // A leaf with its parent, and every name alone, as they are and as they were.
    let mut known = HashSet::new();
    for row in &rows {
        for name in row.former_names.iter().chain([&row.name]) {
            let name = plain(name);
            if let Some(parent) = by_id.get(row.parent_id.as_str()) {
                known.insert(format!("{}|{name}", plain(&parent.name)));
            }
            known.insert(name);
        }
    }
    let mut checked = 0;
    for record in records(2_000).iter().filter(|record| record.expected == ExpectedRecord::None) {
        let name = plain(&record.name);
        let with_parent = format!("{}|{name}", plain(&record.parent));
        assert!(!known.contains(&with_parent), "{record:?}");
        // 2024级9班 stands in many schools; elsewhere the name alone must be unknown.
        if record.parent.is_empty() && record.family != "other_province" {
            assert!(!known.contains(&name), "{record:?}");
        }
        checked += 1;
    }
    assert_eq!(checked, 1_000);
}

fn counts(names: impl Iterator<Item = String>) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// A name without its frame, its numbers in digits without zeros in front: another way than the generator's own.
fn plain(name: &str) -> String {
    let mut text: String = name.chars().filter(|char| char.is_alphanumeric()).collect();
    for prefix in ["中国共产主义青年团", "共青团", "团"] {
        if let Some(rest) = text.strip_prefix(prefix) {
            text = rest.to_owned();
            break;
        }
    }
    for suffix in [
        "总支部委员会",
        "支部委员会",
        "工作委员会",
        "委员会",
        "团总支",
        "团支部",
        "团工委",
        "团委",
        "支部",
        "总支",
    ] {
        if let Some(rest) = text.strip_suffix(suffix) {
            text = rest.to_owned();
            break;
        }
    }
    for (ten, digits) in (2..=9).rev().map(|digit| (digit, digit * 10)) {
        for one in (1..=9).rev() {
            text = text.replace(&format!("{}十{}", HANZI[ten], HANZI[one]), &(digits + one).to_string());
        }
        text = text.replace(&format!("{}十", HANZI[ten]), &digits.to_string());
    }
    for one in (1..=9).rev() {
        text = text.replace(&format!("十{}", HANZI[one]), &(10 + one).to_string());
    }
    for (digit, hanzi) in HANZI.iter().enumerate() {
        text = text.replace(hanzi, &digit.to_string());
    }
    text.replace('十', "10").replace("级0", "级").replace("第", "")
}

const HANZI: [&str; 10] = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
