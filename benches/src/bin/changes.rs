//! Changes without a rebuild: how long a batch takes until it is on the disk and searched, and what keystrokes cost
//! with changes and without, in the same run.
//!
//! ```text
//! cargo run --release -p orgsearch-benches --bin changes -- --orgs 158000 --changed 10000
//! ```
//!
//! The keystrokes are prefixes of official names. They are asked of two engines over the same generation, one of which
//! has been changed, turn by turn, so that what else the machine does meets both.

use clap::Parser;
use index_data::generate::{GenerateOptions, Scope, generate};
use index_data::load::SourceRow;
use search_core::changes::{Batch, Change};
use search_core::{Engine, SearchRequest};
use std::convert::Infallible;
use std::error::Error;
use std::time::Instant;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
struct Arguments {
    /// Organizations of the tree.
    #[arg(long, default_value_t = 158_000)]
    orgs: u64,
    /// The seed of the tree and of all choices.
    #[arg(long, default_value_t = 5)]
    seed: u64,
    /// Organizations that are changed when keystrokes are measured.
    #[arg(long, default_value_t = 10_000)]
    changed: usize,
    /// Names whose prefixes are typed.
    #[arg(long, default_value_t = 1_000)]
    names: usize,
}

/// Batches of one kind, one after another, on one engine.
struct Batches<'a> {
    engine: &'a Engine,
    number: u64,
}

impl Batches<'_> {
    /// Applies a batch; the seconds it took.
    fn apply(&mut self, changes: Vec<Change>) -> Result<f64, Box<dyn Error>> {
        self.number += 1;
        let batch = Batch { key: format!("bench {}", self.number), changes, at: self.number };
        let started = Instant::now();
        self.engine.apply(&batch)?;
        Ok(started.elapsed().as_secs_f64())
    }

    fn tell(&mut self, what: &str, changes: Vec<Change>) -> Result<(), Box<dyn Error>> {
        let before = self.engine.changed_orgs();
        let seconds = self.apply(changes)?;
        let changed = self.engine.changed_orgs();
        println!("{what:<44} {:>7} more changed, {changed:>7} in all {seconds:>8.3} s", changed - before);
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let dir = tempfile::tempdir()?;
    let engine = Engine::open_or_empty(dir.path())?;
    let options = GenerateOptions { orgs: arguments.orgs, seed: arguments.seed, scope: Scope::National };
    let started = Instant::now();
    engine.reindex(generate(&options).map(Ok::<SourceRow, Infallible>), |_| {})?;
    println!("{} organizations built in {:.1} s", engine.generation().orgs, started.elapsed().as_secs_f64());
    let plain = Engine::open(dir.path())?;

    let unit = unit_with(&engine, 2_000)?;
    let leaves = leaves(&engine, arguments.changed)?;
    // Each batch names anew, so that none changes nothing.
    let mut number = 0;
    let mut renamed = |orgs: &[(String, String)]| -> Vec<Change> {
        number += 1;
        let rename = |(id, name): &(String, String)| Change::Rename {
            id: id.clone(),
            name: format!("{number}号{name}"),
        };
        orgs.iter().map(rename).collect()
    };
    let mut batches = Batches { engine: &engine, number: 0 };
    batches.tell("the first batch, one leaf renamed", renamed(&leaves[..1]))?;
    for _ in 0..3 {
        batches.tell("one leaf renamed again", renamed(&leaves[1..2]))?;
    }
    batches.tell("a hundred leaves renamed", renamed(&leaves[2..102]))?;
    let to = engine.roots(&search_core::ChildrenRequest { limit: 1, ..Default::default() })?.children[0]
        .org
        .id
        .clone();
    batches.tell("a unit moved with all below it", vec![Change::Move { id: unit, parent_id: Some(to) }])?;
    let units = units_of(&engine, 100, 200)?;
    batches.tell("a hundred units renamed", renamed(&units))?;
    let (many, rest) = leaves[102..].split_at((leaves.len() - 102).min(10_000));
    batches.tell("leaves renamed", renamed(many))?;
    for part in rest.chunks(5_000) {
        batches.tell("leaves renamed", renamed(part))?;
    }
    for _ in 0..3 {
        batches.tell("one leaf renamed above all these", renamed(&leaves[..1]))?;
    }
    keystrokes(&arguments, &plain, &engine)
}

/// A unit with about so many organizations below it.
fn unit_with(engine: &Engine, wanted: u64) -> Result<String, Box<dyn Error>> {
    let mut level: Vec<String> = Vec::new();
    let all = search_core::ChildrenRequest { limit: 100, ..Default::default() };
    let mut children = engine.roots(&all)?.children;
    let mut best = (u64::MAX, String::new());
    for _ in 0..6 {
        for child in &children {
            let off = child.descendants.abs_diff(wanted);
            if off < best.0 {
                best = (off, child.org.id.clone());
            }
        }
        children.sort_by_key(|child| std::cmp::Reverse(child.descendants));
        level.extend(children.iter().take(6).map(|child| child.org.id.clone()));
        let next: Vec<String> = std::mem::take(&mut level);
        children = Vec::new();
        for id in next {
            children.extend(engine.children_with(&id, &all)?.children);
        }
    }
    Ok(best.1)
}

/// So many units that have about so many organizations below them, none below another, with their names.
fn units_of(
    engine: &Engine,
    count: usize,
    descendants: u64,
) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let all = search_core::ChildrenRequest { limit: 100, ..Default::default() };
    let mut found = Vec::with_capacity(count);
    let mut open: Vec<String> = engine.roots(&all)?.children.into_iter().map(|root| root.org.id).collect();
    while let Some(id) = open.pop().filter(|_| found.len() < count) {
        for child in engine.children_with(&id, &all)?.children {
            match child.descendants {
                below if below.abs_diff(descendants) <= descendants / 4 => {
                    found.push((child.org.id, child.org.name));
                }
                below if below > descendants => open.push(child.org.id),
                _ => {}
            }
        }
    }
    found.truncate(count);
    Ok(found)
}

/// So many organizations without children, with their names.
fn leaves(engine: &Engine, count: usize) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let mut leaves = Vec::with_capacity(count);
    for (id, name) in engine.sample_names(3 * count + 1_000, 7) {
        if leaves.len() < count && engine.org(&id)?.children == 0 {
            leaves.push((id, name));
        }
    }
    Ok(leaves)
}

fn keystrokes(arguments: &Arguments, plain: &Engine, changed: &Engine) -> Result<(), Box<dyn Error>> {
    let names = plain.sample_names(arguments.names, 11);
    let mut micros: [Vec<f64>; 2] = Default::default();
    for round in 0..2 {
        for (_, name) in &names {
            let chars: Vec<char> = name.chars().collect();
            for end in 1..=chars.len() {
                let request = SearchRequest::autocomplete(chars[..end].iter().collect::<String>());
                for (engine, micros) in [plain, changed].into_iter().zip(&mut micros) {
                    let started = Instant::now();
                    engine.search(&request)?;
                    // The first round warms up.
                    if round == 1 {
                        micros.push(started.elapsed().as_secs_f64() * 1e6);
                    }
                }
            }
        }
    }
    let at = |micros: &mut Vec<f64>, share: f64| {
        micros.sort_by(f64::total_cmp);
        micros[((micros.len() - 1) as f64 * share) as usize]
    };
    println!("{} keystrokes, {} organizations changed", micros[0].len(), changed.changed_orgs());
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
        let [plain, changed] = &mut micros;
        let (plain, changed) = (at(plain, share), at(changed, share));
        println!(
            "{name:<6} {plain:>9.0} us without changes, {changed:>9.0} us with them: x {:.2}",
            changed / plain
        );
    }
    Ok(())
}
