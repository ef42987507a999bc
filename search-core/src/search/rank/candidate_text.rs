//! The names of a candidate as one text: the names above it, the root's first, then its own, the official one last.

use crate::index::rank_row::RankRow;
use crate::index::snapshot::Snapshot;
use crate::number_hash::NumberHash;
use crate::search::align::{AlignedText, MatchTable, Point};
use crate::search::lattice::Lattice;
use crate::text::symbols::{ClassKey, Symbol};
use index_data::model::Ordinal;
use std::collections::HashMap;
use std::ops::Range;

/// Symbols of the names above that are aligned; of a longer path the top is left out.
const MAX_ABOVE: usize = 128;

/// Where a name lies in the text, and what is known of its symbols.
#[derive(Debug, Clone, Copy)]
pub(super) struct NameSpan {
    pub(super) start: usize,
    pub(super) len: usize,
    /// Which symbols begin a word, as bits.
    pub(super) word_initials: u32,
    /// Which symbols belong to a stop word, as bits.
    pub(super) stop_words: u32,
}

impl NameSpan {
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.len
    }

    pub(super) fn is_word_initial(&self, at: usize) -> bool {
        self.word_initials >> at & 1 == 1
    }

    pub(super) fn is_stop_word(&self, at: usize) -> bool {
        self.stop_words >> at & 1 == 1
    }
}

/// The names of one candidate, and where typed pieces can stand for something in them.
#[derive(Default)]
pub(super) struct CandidateText {
    pub(super) text: AlignedText,
    /// By place.
    pub(super) points: Vec<Point>,
    /// The names above, the root's first. What aliases of theirs are in the text is not listed.
    pub(super) above: Vec<NameSpan>,
    /// Its other names, then the official one.
    pub(super) own: Vec<NameSpan>,
    /// Year, class and grade, as its own name or one above says them.
    pub(super) class: ClassKey,
    /// Where its own names begin: with its parent's where its name repeats that one.
    pub(super) own_start: usize,
}

impl CandidateText {
    /// The name of its parent, as the text holds it.
    pub(super) fn parent(&self) -> Option<&NameSpan> {
        self.above.last()
    }

    /// What its official name adds to those above.
    pub(super) fn official(&self) -> Option<&NameSpan> {
        self.own.last()
    }

    /// Whether a word begins here, or a name ends: its last character says what it is (系 in 历史学系).
    pub(super) fn is_word_edge(&self, place: usize) -> bool {
        let mut names = self.above.iter().chain(&self.own);
        self.text.word_initials[place] || names.any(|name| name.start + name.len == place + 1)
    }

    /// Whether the official name is made of nothing but words that many names have.
    pub(super) fn is_all_stop_words(&self) -> bool {
        self.official().is_some_and(|own| (0..own.len).all(|at| own.is_stop_word(at)))
    }

    /// How many symbols an own name begins with that a name above begins with as well: 北京 in 北京某公司 below 北京市.
    pub(super) fn repeated_len(&self, own: &NameSpan) -> usize {
        const SHORTEST: usize = 2;
        let symbols = &self.text.symbols;
        let shared = |name: &NameSpan| {
            let pairs = symbols[own.range()].iter().zip(&symbols[name.range()]);
            pairs.take_while(|(a, b)| a == b).count()
        };
        let longest = self.above.iter().filter(|name| name.start < own.start).map(shared).max();
        longest.filter(|&len| len >= SHORTEST && len < own.len).unwrap_or(0)
    }

    fn push_own(&mut self, symbols: impl ExactSizeIterator<Item = Symbol>, initials: u32, stop_words: u32) {
        let (start, len) = (self.text.len(), symbols.len());
        self.own.push(NameSpan { start, len, word_initials: initials, stop_words });
        for (at, symbol) in symbols.enumerate() {
            self.text.push(symbol, initials >> at & 1 == 1);
        }
    }
}

/// Reads the names of candidates. The names above are read once for all children of a parent.
pub(super) struct NameReader<'a> {
    snapshot: &'a Snapshot,
    lattice: &'a Lattice,
    table: MatchTable,
    above_of: HashMap<Ordinal, Above, NumberHash>,
    /// The names above all candidates, one after another, so that none takes memory of its own.
    text: AlignedText,
    points: Vec<Point>,
    names: Vec<NameSpan>,
    path: Vec<Ordinal>,
}

/// The names above the children of one parent: ranges of the buffers of [`NameReader`].
#[derive(Clone)]
struct Above {
    text: Range<usize>,
    points: Range<usize>,
    names: Range<usize>,
    class: ClassKey,
}

impl<'a> NameReader<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, lattice: &'a Lattice, table: MatchTable) -> Self {
        NameReader {
            snapshot,
            lattice,
            table,
            above_of: HashMap::default(),
            text: AlignedText::default(),
            points: Vec::new(),
            names: Vec::new(),
            path: Vec::new(),
        }
    }

    /// Reads the names of an organization into `into`, in place of what it held.
    pub(super) fn read(&mut self, ordinal: Ordinal, row: &RankRow<'_>, into: &mut CandidateText) {
        let class_above = self.copy_above(row.parent, into);
        let above_len = into.text.len();
        let records = &self.snapshot.records;
        into.own.clear();
        if row.has_details {
            for view in records.other_views(ordinal).all() {
                into.push_own(view.symbols.iter().copied(), view.word_initials, view.stop_words);
            }
        }
        into.push_own(row.symbols(), row.word_initials, row.stop_words);
        let own_symbols = &into.text.symbols[above_len..];
        self.table.points(self.lattice, own_symbols, above_len, &mut into.points);
        into.class = ClassKey::of(class_above.symbols().chain(row.class.symbols()));
        let first = into.above.last().filter(|_| row.repeats_above).or(into.own.first());
        into.own_start = first.map_or(0, |name| name.start);
    }

    /// Begins the text with the names above; gives the class that they say.
    fn copy_above(&mut self, parent: Option<Ordinal>, into: &mut CandidateText) -> ClassKey {
        into.text.clear();
        into.points.clear();
        into.above.clear();
        let Some(parent) = parent else { return ClassKey::default() };
        let above = match self.above_of.get(&parent) {
            Some(above) => above.clone(),
            None => {
                let above = self.read_above(parent);
                self.above_of.insert(parent, above.clone());
                above
            }
        };
        into.text.extend(&self.text, above.text);
        into.points.extend_from_slice(&self.points[above.points]);
        into.above.extend_from_slice(&self.names[above.names]);
        above.class
    }

    /// Reads the names of a parent and of those above it.
    fn read_above(&mut self, parent: Ordinal) -> Above {
        let records = &self.snapshot.records;
        let (start, first_point, first_name) = (self.text.len(), self.points.len(), self.names.len());
        let mut class = ClassKey::default();
        self.path.clear();
        self.path.extend(std::iter::once(parent).chain(records.ancestors(parent)));
        for &above in self.path.iter().rev() {
            let row = records.rank_row(above);
            let RankRow { word_initials, stop_words, .. } = row;
            let symbols = row.symbols();
            let (start, len) = (self.text.len() - start, symbols.len());
            self.names.push(NameSpan { start, len, word_initials, stop_words });
            for (at, symbol) in symbols.enumerate() {
                self.text.push(symbol, word_initials >> at & 1 == 1);
                class.take(symbol);
            }
            if row.has_details {
                for view in records.other_views(above).for_subtree() {
                    for (at, &symbol) in view.symbols.iter().enumerate() {
                        self.text.push(symbol, view.word_initials >> at & 1 == 1);
                    }
                }
            }
        }
        let surplus = (self.text.len() - start).saturating_sub(MAX_ABOVE);
        if surplus > 0 {
            self.text.remove(start..start + surplus);
            let kept = self.names.split_off(first_name).into_iter().filter(|name| name.start >= surplus);
            self.names.extend(kept.map(|name| NameSpan { start: name.start - surplus, ..name }));
        }
        self.table.points(self.lattice, &self.text.symbols[start..], 0, &mut self.points);
        Above {
            text: start..self.text.len(),
            points: first_point..self.points.len(),
            names: first_name..self.names.len(),
            class,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::align::Tolerance;
    use crate::search::request::SearchRequest;
    use crate::search::test_tree::with_plan;

    #[test]
    fn the_text_holds_the_names_above_then_its_own() {
        with_plan(&SearchRequest::new("北大1班"), |plan, snapshot| {
            let table = MatchTable::new(&plan.lattice, Tolerance::Strict);
            let mut reader = NameReader::new(snapshot, &plan.lattice, table);
            let mut text = CandidateText::default();
            let ordinal = snapshot.records.find_id("13").expect("it is in the tree");
            for _ in 0..2 {
                reader.read(ordinal, &snapshot.records.rank_row(ordinal), &mut text);
                // The League's centre, the city, the university, its college; then the class.
                assert_eq!((text.above.len(), text.own.len()), (4, 1));
                assert_eq!((text.class.year, text.class.class), (Some(2024), Some(1)));
                assert!(text.points.is_sorted_by_key(Point::place));
                assert_eq!(text.own_start, text.own[0].start);
                assert_eq!(text.own[0].range().end, text.text.len());
            }
        });
    }
}
