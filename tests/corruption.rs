//! What damage to the files of a generation does:
//!
//! 1. A flipped bit anywhere in the manifest, in a header or a table, or at either end of a file: the generation is
//!    refused when it is opened.
//! 2. A flipped bit anywhere else: `verify` names the file. Until then searches give hits or an error; they neither
//!    panic nor run on.
//! 3. A manifest that names another directory, or not all files, is refused.

use index_data::generate::{GenerateOptions, Scope, generate};
use search_core::{Engine, EngineError, SearchRequest};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};

/// Enough that the postings are longer than what is checked at both ends of each file.
const ORGS: u64 = 20_000;
/// Bytes at either end of a file that are checked when it is opened.
const EDGE_BYTES: usize = 64 << 10;
/// Places tried inside of each file, beside those that its layout names.
const PLACES: usize = 24;

const QUERIES: [&str; 8] = [
    "北京大学",
    "软件工程1班",
    "海淀 团支部",
    "bjdx",
    "zhongguancun jiedao",
    "委员会",
    "2024级计算机",
    "第十五中学高一4班",
];

struct Generation {
    _dir: tempfile::TempDir,
    data: PathBuf,
    dir: PathBuf,
}

impl Generation {
    fn build() -> Generation {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let rows = generate(&GenerateOptions { orgs: ORGS, seed: 3, scope: Scope::Beijing });
        let engine = Engine::open_or_empty(&data).unwrap();
        engine.reindex(rows.map(Ok::<_, Infallible>), |_| {}).unwrap();
        let live = data.join("generations/g000001");
        Generation { _dir: dir, data, dir: live }
    }

    fn files(&self) -> Vec<PathBuf> {
        let list = |dir: &Path| fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> = list(&self.dir).chain(list(&self.dir.join("text"))).collect();
        files.retain(|path| path.is_file());
        files.sort();
        files
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Refused,
    Verified,
}

/// Flips one bit of a file, in a copy of its own, and puts the file back.
fn flip(generation: &Generation, file: &Path, intact: &[u8], at: usize) -> Outcome {
    let mut flipped = intact.to_vec();
    flipped[at] ^= 1 << (at % 8);
    // The former file may still be mapped: it is replaced, not written to.
    let replace = |content: &[u8]| {
        let new = generation.data.join("replacement");
        fs::write(&new, content).unwrap();
        fs::rename(&new, file).unwrap();
    };
    replace(&flipped);
    let place = format!("{} at {at} of {}", file.display(), intact.len());
    let outcome = match Engine::open(&generation.data) {
        Err(EngineError::Damaged { .. } | EngineError::OtherFormat { .. }) => Outcome::Refused,
        Err(error) => panic!("{place}: {error}"),
        Ok(engine) => {
            for query in QUERIES {
                // Whatever is found, it comes to an end; a panic in the engine is an error of the search.
                let _ = engine.search(&SearchRequest::new(query).limit(20));
            }
            let damaged = engine.verify().unwrap();
            let name = file.strip_prefix(&generation.dir).unwrap().to_string_lossy().into_owned();
            assert!(damaged.len() == 1 && damaged[0].starts_with(&name), "{place}: {damaged:?}");
            Outcome::Verified
        }
    };
    replace(intact);
    outcome
}

/// Where the sections of records.bin begin and end: the table stands before the last four bytes.
fn section_edges(records: &[u8]) -> Vec<usize> {
    const ROW: usize = 24;
    let mut edges = Vec::new();
    let mut end = records.len() - 4;
    let number = |at: usize| u64::from_le_bytes(records[at..at + 8].try_into().unwrap()) as usize;
    while let Some(row) = end.checked_sub(ROW) {
        let (id, start, len) = (number(row), number(row + 8), number(row + 16));
        if id == 0 || id > 64 || start.checked_add(len).is_none_or(|section_end| section_end > row) {
            break;
        }
        if len > 0 {
            edges.extend([start, start + len - 1]);
        }
        end = row;
    }
    assert!(edges.len() > 40, "the table was not understood");
    edges
}

#[test]
fn a_flipped_bit_is_refused_or_named() {
    let generation = Generation::build();
    let mut counts: BTreeMap<(String, Outcome), usize> = BTreeMap::new();
    for file in generation.files() {
        let intact = fs::read(&file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let len = intact.len();
        let mut places: Vec<usize> = match name.as_str() {
            "manifest.json" => (0..len).collect(),
            "records.bin" => section_edges(&intact),
            _ => Vec::new(),
        };
        // The ends, the places beside what is checked at the ends, and places all over the file, by a fixed stride.
        places.extend((0..16).chain(len.saturating_sub(16)..len).filter(|at| *at < len));
        places.extend([EDGE_BYTES, len.saturating_sub(EDGE_BYTES + 1)].into_iter().filter(|at| *at < len));
        places
            .extend((0..PLACES).map(|at| (at * 2_654_435_761 + 12_345) % len.max(1)).filter(|at| *at < len));
        for at in places {
            let outcome = flip(&generation, &file, &intact, at);
            let must_be_refused = name == "manifest.json" || at < EDGE_BYTES || at + EDGE_BYTES >= len;
            if must_be_refused {
                assert_eq!(outcome, Outcome::Refused, "{name} at {at} of {len}");
            }
            let kind = name.rsplit('.').next().unwrap_or(&name).to_owned();
            *counts.entry((kind, outcome)).or_default() += 1;
        }
    }
    println!("{counts:?}");
    let verified = |kind: &str| counts.get(&(kind.to_owned(), Outcome::Verified)).copied().unwrap_or(0);
    assert!(verified("bin") > 0 && verified("idx") > 0, "no damage was left to verify: {counts:?}");
    assert_eq!(Engine::open(&generation.data).unwrap().verify().unwrap(), [""; 0]);
}

/// The manifest with its own checksum made right again, as somebody would who knows how.
fn sealed_again(text: &str) -> String {
    let start = "{\n  \"checksum\": \"".len();
    let zeroed = format!("{}00000000{}", &text[..start], &text[start + 8..]);
    let crc32 = crc32fast::hash(zeroed.as_bytes());
    format!("{}{crc32:08x}{}", &text[..start], &text[start + 8..])
}

#[test]
fn a_manifest_that_leaves_something_out_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let row = index_data::load::SourceRow { id: "1".into(), name: "甲".into(), ..Default::default() };
    Engine::open_or_empty(dir.path()).unwrap().reindex([Ok::<_, Infallible>(row)], |_| {}).unwrap();
    let manifest = dir.path().join("generations/g000001/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    assert_eq!(sealed_again(&text), text);
    let start = text.find("\"files\": [").unwrap();
    let end = start + text[start..].find(']').unwrap() + 1;
    let without = |name: &str| {
        let at = text.find(&format!("\"path\": \"{name}")).unwrap();
        let from = text[..at].rfind('{').unwrap();
        let to = at + text[at..].find('}').unwrap() + 1;
        let rest = text[to..].strip_prefix(',').unwrap_or(&text[to..]);
        let mut cut = format!("{}{rest}", &text[..from]);
        if let Some(last) = cut.rfind("},\n    \n  ]") {
            cut.remove(last + 1);
        }
        cut
    };
    let segment = fs::read_dir(dir.path().join("generations/g000001/text")).unwrap();
    let postings = segment.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let postings = { postings }.find(|name| name.ends_with(".idx")).unwrap();
    for (changed, said) in [
        (format!("{}\"files\": []{}", &text[..start], &text[end..]), "does not list records.bin"),
        (without("records.bin"), "does not list records.bin"),
        (without(&format!("text/{postings}")), "is not in manifest.json"),
        (text.replace("\"generation\": \"g000001\"", "\"generation\": \"g000009\""), "is that of g000009"),
        (text.replace("\"orgs\": 1", "\"orgs\": 2"), "counts 2 organizations"),
    ] {
        assert_ne!(changed, text, "{said}");
        fs::write(&manifest, sealed_again(&changed)).unwrap();
        for refused in [Engine::open(dir.path()).err(), Engine::unopened(dir.path()).unwrap().verify().err()]
        {
            match refused {
                Some(EngineError::Damaged { what, .. }) => assert!(what.contains(said), "{said}: {what}"),
                // Whether the counts are right shows only when it is opened.
                None if said.contains("counts") => {}
                other => panic!("{said}: {other:?}"),
            }
        }
        // Without its checksum nothing of it is believed.
        fs::write(&manifest, &changed).unwrap();
        let refused = Engine::open(dir.path()).err().unwrap().to_string();
        assert!(refused.contains("checksum differs"), "{refused}");
    }
}
