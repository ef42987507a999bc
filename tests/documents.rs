//! Documents that must not drift from what they describe:
//!
//! 1. SECURITY.md lists the dependencies that the manifests name, no other ones.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn root_file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)).unwrap()
}

/// The dependencies in tables of a manifest that have a version of their own: neither ours nor the workspace's.
fn versioned(tables: &str) -> impl Iterator<Item = &str> {
    let is_version = |value: &str| value.trim_start_matches("{ version = ").starts_with('"');
    let lines = tables.lines().filter_map(|line| line.split_once(" = "));
    lines.filter(move |(_, value)| is_version(value)).map(|(name, _)| name)
}

/// The lines of a manifest that stand in a table of dependencies.
fn dependency_tables(manifest: &str) -> String {
    let tables = manifest.split("\n[").filter(|table| {
        table.split(']').next().is_some_and(|title| title.trim_start_matches('[').ends_with("dependencies"))
    });
    tables.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_dependency_is_in_the_reviewed_list() {
    let mut named = BTreeSet::new();
    for folder in ["", "index-data/", "search-core/", "search-server/", "tests/", "benches/"] {
        let tables = dependency_tables(&root_file(&format!("{folder}Cargo.toml")));
        named.extend(versioned(&tables).map(str::to_owned));
    }
    let security = root_file("SECURITY.md");
    let (_, list) = security.split_once("## Dependencies").unwrap();
    let rows = list.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let reviewed: BTreeSet<String> = rows.map(|(name, _)| name.to_owned()).collect();
    assert!(named.len() > 40, "{named:?}");
    assert_eq!(reviewed, named);
}
