//! Trees to test on: a generated one, with names added that are hard to find.

use index_data::generate::{GenerateOptions, Scope, generate, write_csv};
use index_data::load::SourceRow;
use index_data::model::OrgTree;
use index_data::validate::validate_rows;
use search_core::normalize;

/// Names with digits, brackets, Latin letters, rare characters, traditional forms, width forms, marks alone.
const HARD_NAMES: &[&str] = &[
    "A123公司团支部",
    "ＡＢＣ（中国）有限公司团支部",
    "C++与Rust研究会团支部",
    "3M中国有限公司团支部",
    "高一（３）班团支部",
    "高一(13)班团支部",
    "2020级-04班团支部",
    "一〇一中學團支部",
    "㐂𠮷𡈽研究所团支部",
    "囍囍囍囍囍囍团支部",
    "团团圆圆幼儿园团支部",
    "支部支部支部",
    "团",
    "委员会",
    "——（）——",
    "é́tude 团支部",
    "ﬁne ﬂower 有限公司",
    "\u{202e}倒着写的名字",
    "aaaaaaaaaaaaaaaaaaaaaaaa",
    "1111111111111111",
];

/// One row.
pub(crate) fn row(id: &str, name: &str, parent_id: &str) -> SourceRow {
    SourceRow { id: id.into(), name: name.into(), parent_id: parent_id.into(), ..SourceRow::default() }
}

/// A root, 20 units with 10 leaves each: 221 organizations, 21 units.
pub(crate) fn orderly() -> Vec<SourceRow> {
    let mut rows = vec![row("r", "根团委", "")];
    for unit in 0..20 {
        rows.push(row(&format!("u{unit}"), &format!("第{unit}学院团委"), "r"));
        for leaf in 0..10 {
            rows.push(row(
                &format!("u{unit}l{leaf}"),
                &format!("{unit}系{leaf}班团支部"),
                &format!("u{unit}"),
            ));
        }
    }
    rows
}

/// Rows as an org-tree file.
pub(crate) fn csv_of(rows: &[SourceRow]) -> String {
    let mut written = Vec::new();
    write_csv(rows.iter().cloned(), &mut written).unwrap();
    String::from_utf8(written).unwrap()
}

/// Generated rows of Beijing with the hard names below the root, some with aliases and former names.
pub(crate) fn hard_rows(orgs: u64, seed: u64) -> Vec<SourceRow> {
    let mut rows: Vec<SourceRow> = generate(&GenerateOptions { orgs, seed, scope: Scope::Beijing }).collect();
    let root = rows.iter().find(|row| row.parent_id.is_empty()).map(|row| row.id.clone()).unwrap_or_default();
    for (at, name) in HARD_NAMES.iter().enumerate() {
        let mut hard = row(&format!("hard-{at}"), name, &root);
        if at % 3 == 0 {
            hard.aliases = vec![format!("难{at}名"), "常见简称".to_owned()];
        }
        if at % 4 == 0 {
            hard.former_names = vec![format!("曾叫{at}号（旧）")];
        }
        rows.push(hard);
    }
    rows
}

/// The tree of valid rows.
pub(crate) fn tree(rows: impl IntoIterator<Item = SourceRow>) -> OrgTree {
    let checked = validate_rows(rows);
    checked
        .tree
        .unwrap_or_else(|| panic!("{:#?}", &checked.report.findings[..checked.report.findings.len().min(5)]))
}

/// One organization's normalized names: what a query may be part of.
pub(crate) struct Names {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) others: Vec<String>,
}

/// The normalized names of a whole tree, for scans.
pub(crate) fn names_of(tree: &OrgTree) -> Vec<Names> {
    let names = |ordinal| {
        let details = tree.details(ordinal);
        let others = details.aliases.iter().chain(&details.former_names).map(|name| normalize(name));
        Names {
            id: tree.id(ordinal).to_owned(),
            name: normalize(tree.name(ordinal)),
            others: others.collect(),
        }
    };
    tree.ordinals().map(names).collect()
}
