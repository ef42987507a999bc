//! The fuzz targets and what runs them belong together:
//!
//! 1. Every target has seeds, a file for cargo-fuzz and its entry in `fuzz/Cargo.toml`, and nothing else has.
//! 2. Inputs are the same for the same seed and number, and differ for others.
//! 3. Tokens mean what they mean to libFuzzer.

use orgsearch_tests::fuzz::{Mutator, TARGETS, tokens};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

fn listed(name: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn every_target_is_complete() {
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(names.len(), TARGETS.len(), "two targets of one name");
    assert_eq!(listed("corpus"), names);
    assert_eq!(listed("fuzz_targets"), names);
    let manifest = fs::read_to_string(folder("Cargo.toml")).unwrap();
    for target in TARGETS {
        let entry = format!("name = \"{0}\"\npath = \"fuzz_targets/{0}.rs\"", target.name);
        assert!(manifest.contains(&entry), "{entry}");
        let code = fs::read_to_string(folder(&format!("fuzz_targets/{}.rs", target.name))).unwrap();
        assert!(code.contains(&format!("run(\"{}\", input)", target.name)), "{code}");
        assert!(target.runs_in_check > 0, "{}", target.name);
    }
}

#[test]
fn inputs_can_be_made_again() {
    let seeds = || vec![b"id,name\n1,a\n".to_vec(), b"{\"id\":1,\"name\":\"a\"}\n".to_vec()];
    let make = |seed| {
        let mutator = Mutator::new(seeds(), vec![b"TOKEN".to_vec()], seed);
        (0..2_000).map(|at| mutator.input(at)).collect::<Vec<_>>()
    };
    let inputs = make(1);
    assert_eq!(inputs, make(1));
    assert_ne!(inputs, make(2));
    assert_eq!(inputs[..2], seeds()[..], "seeds come first, as they are");
    let different: BTreeSet<_> = inputs.iter().collect();
    assert!(different.len() > 1_500, "only {} different inputs", different.len());
    assert!(inputs.iter().all(|input| input.len() <= 64 << 10));
    let holds = |piece: &[u8]| inputs.iter().any(|input| input.windows(piece.len()).any(|at| at == piece));
    assert!(holds(b"TOKEN") && holds(b"18446744073709551615"));
}

#[test]
fn tokens_are_read_as_libfuzzer_reads_them() {
    let file = "# no token\n\"a\\\"b\"\n\"\\x00\\xff\"\nkey=\"no\"\n\"\\\\\"\n";
    assert_eq!(tokens(file), [b"a\"b".to_vec(), vec![0, 255], b"\\".to_vec()]);
    let committed = fs::read_to_string(folder("tokens.dict")).unwrap();
    assert_eq!(tokens(&committed).len(), committed.lines().filter(|line| line.starts_with('"')).count());
}
