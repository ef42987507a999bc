//! Invents a national tree of any size from real lists, and what people would type for it.
//!
//! ```text
//! plan (quotas, lists) ──> Tree ── rows ──> SourceRow …  ── write_csv ──> org-tree file
//!                            ├──── queries (distort, truth) ──> GeneratedQuery …
//!                            └──── records (draft, census) ──> GeneratedRecord …
//! ```
//!
//! The same options give the same rows on every machine. Rows stream: only the plan is held, one small record for each
//! unit (a place, a school, a body), never the class branches and villages that make up nine tenths of a tree.
//!
//! Everything that is a word stands in `index-data/lists`; sources and licences are told there.

mod autumn;
mod candidate;
mod classes;
mod distort;
mod english;
mod facts;
mod fold;
mod lists;
mod names;
mod numerals;
mod office;
mod options;
mod place_stem;
mod plan;
mod queries;
mod quotas;
mod records;
mod rng;
mod rows;
mod short;
mod template;
mod tree;
mod truth;
mod typed_text;
mod write;

pub use autumn::AUTUMN_PERMILLE;
pub use options::{GenerateOptions, MAX_ORGS, Scope};
pub use queries::{FAMILIES, GeneratedQuery, MORE_FAMILIES, generate_queries, generate_queries_of};
pub use records::{ExpectedRecord, GeneratedRecord, RECORD_FAMILIES, RecordOptions, generate_records};
pub use write::{write_csv, write_queries, write_records};

use crate::load::SourceRow;
use flate2::read::GzDecoder;
use names::Scene;
use std::io::Read;

/// The options that the embedded sample was made with.
pub const SAMPLE_OPTIONS: GenerateOptions = GenerateOptions { orgs: 52_000, seed: 9, scope: Scope::Beijing };

/// Generates a tree. Parents come before their children; ids are unique and stay the same for the same options.
///
/// Planning takes a fraction of a second at any size; the rows are made one by one as they are asked for.
///
/// ```
/// use index_data::generate::{GenerateOptions, generate};
/// let rows: Vec<_> = generate(&GenerateOptions::national(500, 1)).collect();
/// assert_eq!(rows.len(), 500);
/// assert_eq!(rows[0].name, "中国共产主义青年团中央委员会");
/// assert!(rows.iter().skip(1).all(|row| !row.parent_id.is_empty()));
/// ```
pub fn generate(options: &GenerateOptions) -> Generator {
    let orgs = options.orgs.min(MAX_ORGS);
    Generator::new(plan::plan(&GenerateOptions { orgs, ..*options }))
}

/// The rows of a generated tree, in order.
#[derive(Debug)]
pub struct Generator {
    tree: tree::Tree,
    /// The next row that is not in `ready` yet.
    next: u64,
    ready: std::vec::IntoIter<SourceRow>,
    is_autumn: bool,
}

/// Rows made at a time: what a unit's names need is gathered once for its leaves.
const BATCH_ROWS: u64 = 512;

impl Generator {
    fn new(tree: tree::Tree) -> Generator {
        Generator { tree, next: 0, ready: Vec::new().into_iter(), is_autumn: false }
    }

    /// The same tree after the summer: of a thousand leaves [`AUTUMN_PERMILLE`] have left, each with another one in its
    /// place, under a new id and, where its name says a year, in the next one. Units stay as they are.
    ///
    /// ```
    /// use index_data::generate::{GenerateOptions, generate};
    /// let options = GenerateOptions::national(2_000, 1);
    /// let rows = generate(&options).zip(generate(&options).after_the_summer());
    /// let left = rows.filter(|(before, now)| before.id != now.id).count();
    /// assert!((350..500).contains(&left), "{left}");
    /// ```
    #[must_use]
    pub fn after_the_summer(self) -> Generator {
        Generator { is_autumn: true, ..self }
    }

    /// Makes rows of one unit after another until a batch is full.
    fn make_ready(&mut self) {
        let end = self.tree.rows.min(self.next + BATCH_ROWS);
        let mut rows = Vec::with_capacity(end.saturating_sub(self.next) as usize);
        let mut at = self.tree.unit_of_row(self.next);
        while self.next < end {
            let Some(scene) = Scene::new(&self.tree, at) else { break };
            let first = u64::from(scene.unit.row);
            let last = (first + 1 + scene.unit.leaf_rows()).min(end);
            for number in self.next..last {
                let leaf = number.checked_sub(first + 1).and_then(|index| scene.unit.leaf(index as u32));
                let mut row = rows::row(&scene, leaf, number);
                if self.is_autumn {
                    autumn::replace(&self.tree, &mut row, number);
                }
                rows.push(row);
            }
            self.next = last;
            at += 1;
        }
        self.ready = rows.into_iter();
    }
}

impl Iterator for Generator {
    type Item = SourceRow;

    fn next(&mut self) -> Option<SourceRow> {
        if self.ready.len() == 0 && self.next < self.tree.rows {
            self.make_ready();
        }
        self.ready.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.tree.rows - self.next) as usize + self.ready.len();
        (left, Some(left))
    }
}

impl ExactSizeIterator for Generator {}

/// The embedded sample: 52,000 organizations of Beijing as an org-tree file (CSV, UTF-8).
///
/// ```
/// let sample = index_data::generate::beijing_sample();
/// assert!(sample.starts_with("组织ID,组织全称".as_bytes()));
/// ```
pub fn beijing_sample() -> Vec<u8> {
    let mut text = Vec::new();
    let packed: &[u8] = include_bytes!("../../samples/beijing.csv.gz");
    // The sample is part of the program; a test holds that it unpacks to what the generator writes.
    match GzDecoder::new(packed).read_to_end(&mut text) {
        Ok(_) => text,
        Err(_) => Vec::new(),
    }
}
