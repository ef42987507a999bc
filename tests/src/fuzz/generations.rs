//! A generation on a disk that lies: its manifest, its columns, any of its files.

use super::edits;
use index_data::generate::{GenerateOptions, Scope, generate};
use search_core::fuzzing::{self, Generation};
use search_core::{Engine, SearchRequest};
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tempfile::TempDir;

/// Small, so that many damaged copies can be opened in a second; large enough for all sections to hold something.
const ORGS: u64 = 300;

/// A data directory with one generation.
static DATA: LazyLock<TempDir> = LazyLock::new(|| {
    let data = TempDir::new().expect("a temporary directory");
    let rows = generate(&GenerateOptions { orgs: ORGS, seed: 7, scope: Scope::Beijing });
    let engine = Engine::open_or_empty(data.path()).expect("an empty directory");
    engine.reindex(rows.map(Ok::<_, Infallible>), |_| {}).expect("generated rows are right");
    data
});

static GENERATION: LazyLock<Generation> =
    LazyLock::new(|| Generation::open(&DATA.path().join(LIVE)).expect("a generation just built"));

const LIVE: &str = "generations/g000001";

/// Queries that touch every leg and every section.
fn requests() -> Vec<SearchRequest> {
    let typed = [
        "北京",
        "北大软微24级1班",
        "团支部",
        "beijing daxue",
        "bjdx",
        "北就大学",
        "1班 大学",
        "",
        "10000001",
    ];
    let search = typed.map(|query| SearchRequest {
        facets: search_core::FacetField::ALL.to_vec(),
        ..SearchRequest::new(query).explain()
    });
    search.into_iter().chain(typed.map(SearchRequest::autocomplete)).collect()
}

/// The packed views of names.
pub(super) fn name_views(input: &[u8]) {
    fuzzing::name_view(input);
    fuzzing::other_views(input);
}

/// Columns damaged past all checksums: refused, or searched without harm.
pub(super) fn records(input: &[u8]) {
    let mut damaged = GENERATION.records().to_vec();
    edits::apply(input, &mut damaged);
    GENERATION.search(damaged, &requests());
}

/// A generation whose manifest is the input.
pub(super) fn manifest(input: &[u8]) {
    with_copy(|data| {
        fs::write(data.join(LIVE).join("manifest.json"), input).expect("room for a manifest");
        use_directory(data);
    });
}

/// The manifest of a real generation.
pub(super) fn manifest_seeds() -> Vec<Vec<u8>> {
    vec![fs::read(DATA.path().join(LIVE).join("manifest.json")).expect("a generation just built")]
}

/// Any file of the data directory damaged: the first byte of the input chooses it, the others say how.
pub(super) fn generation(input: &[u8]) {
    let Some((&chosen, edits)) = input.split_first() else { return };
    with_copy(|data| {
        let mut files = files_below(data);
        files.sort();
        let file = &files[usize::from(chosen) % files.len()];
        let mut bytes = fs::read(file).expect("a file just copied");
        edits::apply(edits, &mut bytes);
        fs::write(file, bytes).expect("room for a damaged file");
        use_directory(data);
    });
}

/// All that a server does with a data directory: whatever is refused is refused without harm.
fn use_directory(data: &Path) {
    if let Ok(engine) = Engine::open(data) {
        for request in requests() {
            let _ = engine.search(&request);
        }
        let _ = (engine.verify(), engine.refresh());
    }
    if let Ok(writer) = Engine::unopened(data) {
        let _ = (writer.published(), writer.generations(), writer.verify(), writer.rollback(None));
    }
}

fn with_copy(work: impl FnOnce(&Path)) {
    let copy = TempDir::new().expect("a temporary directory");
    for file in files_below(DATA.path()) {
        let target = copy.path().join(file.strip_prefix(DATA.path()).expect("a file below"));
        fs::create_dir_all(target.parent().expect("a directory above")).expect("room for a copy");
        fs::copy(&file, &target).expect("room for a copy");
    }
    work(copy.path());
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a directory of ours");
    let paths = entries.map(|entry| entry.expect("a readable directory").path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
