//! What of each field of a record a candidate holds, and what of the candidate's name no field accounts for.

use super::candidate_text::{CandidateText, NameSpan};
use super::{ScoredOrg, Scorer};
use crate::index::name_view::is_stop_word;
use crate::search::align::MatchedPiece;
use crate::search::lattice::{Edge, EdgeKind, Lattice};
use crate::search::plan::QueryPlan;
use crate::search::tuning::feature::ALL;
use crate::text::forms;
use crate::text::regions::is_region;
use crate::text::symbols::{ClassKey, Number, Symbol};
use std::ops::Range;

/// What of one field a candidate holds. Weights are those of the lattice: about the bits that the text says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FieldMatch {
    /// The weight of the field.
    pub(crate) weight: f32,
    /// The weight that is found in the candidate's names or above.
    pub(crate) read: f32,
    /// The same, less what only sounds or looks similar.
    pub(crate) faithful: f32,
    /// The weight that is found in its own names.
    pub(crate) own: f32,
    /// The weight that is not found of words that few names have: without 大学, 团委, 专业.
    pub(crate) missing_content: f32,
    /// What is not found, in bytes of the normalized query, joined where it touches.
    pub(crate) unread: Vec<Range<usize>>,
}

/// What of a record a candidate holds, and what of the candidate the record leaves out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RecordMatch {
    /// By field, in the order asked for. Year, class and grade are compared by themselves and in none of them.
    pub(crate) fields: Vec<FieldMatch>,
    /// About how many symbols of its own name no field accounts for.
    pub(crate) leftover: f32,
    /// Words of its own name that no field says anything of, regions apart.
    pub(crate) skipped_own: SkippedWords,
    /// The same of the names above that some field says something of.
    pub(crate) skipped_above: SkippedWords,
    /// Whether the names above that the first two fields say something of are its nearest ones, none left out between.
    pub(crate) is_contiguous: bool,
    /// How many symbols of the parent's name the first two fields say.
    pub(crate) said_of_parent: usize,
    /// The same of all names above the parent's.
    pub(crate) said_above_parent: usize,
    /// The weight of the first field that is found only where another part of it or the second field is found as well:
    /// 软件工程 of 软件工程1班 below 软件工程学院.
    pub(crate) said_twice: f32,
    /// How many runs of the first field begin inside of a word of a name: 汾 in 临汾.
    pub(crate) inside_runs: usize,
    /// How often the first field goes back in one name: 化学 read as 学 and 化 of 文化学院.
    pub(crate) backward: usize,
    /// Places where the first field says something and the name something else: 桃花源村 and 桃花溪村.
    pub(crate) replaced: usize,
    /// Year, class and grade, as its own name or one above says them.
    pub(crate) class: ClassKey,
    /// The numbers of its names that a typed number stands for only if that was mistyped: 12 for 21.
    pub(crate) mistyped_for: Vec<Symbol>,
    /// The numbers in its own name that nothing typed stands for.
    pub(crate) other_numbers: Vec<Symbol>,
    /// The numbers typed that stand for nothing in its names, or only if they were mistyped.
    pub(crate) unread_numbers: Vec<Symbol>,
    /// The numbers typed behind which its names say another word than what was typed: 第三 of 第三堡中学, for 第三中学.
    pub(crate) numbers_apart: Vec<Symbol>,
}

/// Words of names that nothing typed stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SkippedWords {
    /// Those of two characters or more, and numbers.
    pub(crate) words: usize,
    /// The symbols of all but regions.
    pub(crate) symbols: usize,
    pub(crate) regions: usize,
}

/// What one node stands for.
#[derive(Clone, Copy)]
struct NodeMatch {
    quality: f32,
    /// Whether it is in the organization's own names.
    is_own: bool,
    /// The place of the symbol.
    place: usize,
}

impl Scorer<'_> {
    /// The normalized query.
    pub(crate) fn query_text(&self) -> &str {
        self.plan.interpretation.text.text()
    }

    /// How many characters of a range of the normalized query are set aside as noise.
    pub(crate) fn noise_len(&self, range: &Range<usize>) -> usize {
        self.plan.interpretation.noise_len(range)
    }

    /// Measures an organization that this scorer scored by fields: ranges of the normalized query, in bytes.
    pub(crate) fn record_match(&mut self, org: &ScoredOrg, fields: &[Range<usize>]) -> RecordMatch {
        let plan = self.plan;
        let share = org.features.share;
        let (pieces, text) = self.alignment_of(org);
        let read = QueryRead::new(plan, pieces, text.own_start);
        let of_field = |at: usize| fields.get(at).map(|field| read.nodes(field)).unwrap_or_default();
        let (first, second) = (of_field(0), of_field(1));
        let named: Vec<usize> = first.iter().chain(&second).filter_map(|&node| read.place(node)).collect();
        // Other names of the parent stand behind its official one.
        let own_start = text.own.first().map_or(text.text.len(), |own| own.start);
        let parent = text.parent().map_or(own_start..own_start, |parent| parent.start..own_start);
        let said_in = |range: Range<usize>| named.iter().filter(|place| range.contains(place)).count();
        let names = NamesRead::new(text, pieces);
        let numbers = Numbers::new(text, pieces, &plan.lattice, &read.by_node);
        RecordMatch {
            fields: fields.iter().map(|field| read.field(field)).collect(),
            leftover: (1.0 - share) * text.official().map_or(0, |own| own.len) as f32,
            skipped_own: if share >= ALL { SkippedWords::default() } else { names.skipped_own() },
            skipped_above: names.skipped_above(),
            is_contiguous: names.is_contiguous(&named),
            said_of_parent: said_in(parent.clone()),
            said_above_parent: said_in(0..parent.start),
            said_twice: read.said_twice(&first, &second),
            backward: read.backward(&first),
            inside_runs: read.inside_runs(&first, text),
            replaced: names.replaced(first.into_iter().map(|node| read.place(node))),
            class: text.class,
            mistyped_for: numbers.mistyped_for,
            other_numbers: numbers.others,
            unread_numbers: numbers.unread,
            numbers_apart: numbers.apart,
        }
    }
}

/// How the nodes of a query were read in the names of a candidate.
struct QueryRead<'a> {
    lattice: &'a Lattice,
    /// The normalized query.
    text: &'a str,
    pieces: &'a [MatchedPiece],
    by_node: Vec<Option<NodeMatch>>,
}

impl<'a> QueryRead<'a> {
    /// Own names begin at `own_start`.
    fn new(plan: &'a QueryPlan<'_>, pieces: &'a [MatchedPiece], own_start: usize) -> Self {
        let lattice = &plan.lattice;
        let mut by_node: Vec<Option<NodeMatch>> = vec![None; lattice.weights.len()];
        for piece in pieces {
            let edge = &lattice.edges[piece.edge];
            let found = NodeMatch {
                quality: piece.rule.quality(),
                is_own: piece.place >= own_start,
                place: piece.place,
            };
            by_node[edge.from..edge.to].fill(Some(found));
        }
        QueryRead { lattice, text: plan.interpretation.text.text(), pieces, by_node }
    }

    /// The nodes of a range of the query.
    fn nodes(&self, range: &Range<usize>) -> Vec<usize> {
        let nodes = self.lattice.places.iter().enumerate();
        nodes.filter(|(_, place)| range.contains(&place.start)).map(|(node, _)| node).collect()
    }

    fn place(&self, node: usize) -> Option<usize> {
        self.by_node[node].map(|found| found.place)
    }

    fn field(&self, range: &Range<usize>) -> FieldMatch {
        let mut found = FieldMatch::default();
        for node in self.nodes(range) {
            found.add(self.lattice.weights[node], &self.lattice.places[node], self.by_node[node]);
        }
        let says_little = |range: &&Range<usize>| {
            let unread = self.text.get((*range).clone()).unwrap_or_default();
            // 斑 of 高一5斑 is 班.
            let is_behind_class = self.lattice.class_places.iter().any(|(_, class)| class.end == range.start);
            let is_counter = is_behind_class && unread.chars().count() == 1;
            is_counter || is_stop_word(unread) || forms::is_boilerplate(unread)
        };
        let weight = |range: &Range<usize>| {
            self.nodes(range).into_iter().map(|node| self.lattice.weights[node]).sum::<f32>()
        };
        let little: f32 = found.unread.iter().filter(says_little).map(weight).sum();
        found.missing_content = (found.missing() - little).max(0.0);
        found
    }

    /// The pieces that stand for some of these nodes, with the place of each, in typed order.
    fn pieces_of(&self, nodes: &[usize]) -> Vec<(&'a Edge, usize)> {
        let pieces = self.pieces.iter().map(|piece| (&self.lattice.edges[piece.edge], piece.place));
        let mut pieces: Vec<(&Edge, usize)> = pieces.filter(|(edge, _)| nodes.contains(&edge.from)).collect();
        pieces.sort_by_key(|(edge, _)| edge.from);
        pieces
    }

    /// The weight of the first nodes that are found only where others of them or the second ones are found.
    fn said_twice(&self, first: &[usize], second: &[usize]) -> f32 {
        let mut held: Vec<usize> = second.iter().filter_map(|&node| self.place(node)).collect();
        let mut weight = 0.0;
        for (edge, place) in self.pieces_of(first) {
            if held.contains(&place) {
                weight += self.lattice.weight(edge.from..edge.to);
            }
            held.push(place);
        }
        weight
    }

    /// How many runs begin inside of a word.
    fn inside_runs(&self, nodes: &[usize], text: &CandidateText) -> usize {
        let begins = |piece: &&MatchedPiece| {
            let edge = &self.lattice.edges[piece.edge];
            !piece.continues && nodes.contains(&edge.from) && !text.is_word_edge(piece.place)
        };
        self.pieces.iter().filter(begins).count()
    }

    /// How often a piece stands for something before what the piece just before it stands for, though nothing separates
    /// the two.
    fn backward(&self, nodes: &[usize]) -> usize {
        let pieces = self.pieces_of(nodes);
        let is_one_segment = |a: &Edge, b: &Edge| {
            let holds = |edge: &Edge| {
                self.lattice.segments.iter().position(|segment| segment.nodes.contains(&edge.from))
            };
            holds(a) == holds(b)
        };
        pieces.windows(2).filter(|pair| pair[1].1 < pair[0].1 && is_one_segment(pair[0].0, pair[1].0)).count()
    }
}

/// The names of a candidate, and which of their symbols were read.
struct NamesRead<'a> {
    text: &'a CandidateText,
    is_read: Vec<bool>,
}

impl<'a> NamesRead<'a> {
    fn new(text: &'a CandidateText, pieces: &[MatchedPiece]) -> Self {
        let mut is_read = vec![false; text.text.len()];
        pieces.iter().for_each(|piece| is_read[piece.place] = true);
        NamesRead { text, is_read }
    }

    fn skipped_own(&self) -> SkippedWords {
        let own = self.text.own.iter().map(|name| self.skipped(name, self.text.repeated_len(name)));
        own.min_by_key(|skipped| (skipped.words, skipped.regions)).unwrap_or_default()
    }

    fn skipped_above(&self) -> SkippedWords {
        let held = self.text.above.iter().filter(|name| name.range().any(|place| self.is_read[place]));
        held.map(|name| self.skipped(name, 0)).fold(SkippedWords::default(), |sum, next| SkippedWords {
            words: sum.words + next.words,
            symbols: sum.symbols + next.symbols,
            regions: sum.regions + next.regions,
        })
    }

    /// Whether the names above that hold some of these places follow each other up from the nearest one.
    fn is_contiguous(&self, places: &[usize]) -> bool {
        let is_held = |name: &NameSpan| places.iter().any(|place| name.range().contains(place));
        let mut held = self.text.above.iter().rev().map(is_held);
        held.by_ref().find(|is_held| !is_held);
        !held.any(|is_held| is_held)
    }

    /// Words of a name from a symbol on that say something, none of whose symbols is read.
    fn skipped(&self, name: &NameSpan, from: usize) -> SkippedWords {
        let mut skipped = SkippedWords::default();
        let starts: Vec<usize> =
            (from..name.len).filter(|&at| at == from || name.is_word_initial(at)).collect();
        for (at, &start) in starts.iter().enumerate() {
            let word = start..starts.get(at + 1).copied().unwrap_or(name.len);
            let symbols = &self.text.text.symbols[name.start + word.start..name.start + word.end];
            let number = symbols.first().and_then(|&symbol| Number::of(symbol));
            let says_nothing = match number {
                None => false,
                Some(Number::Plain(_) | Number::Hashed(_)) => false,
                Some(Number::Year(_) | Number::Class(_) | Number::Grade(..)) => true,
            };
            let is_read = word.clone().any(|at| self.is_read[name.start + at] || name.is_stop_word(at));
            if says_nothing || is_read {
                continue;
            }
            if is_region(symbols) && word.len() > 1 {
                skipped.regions += 1;
            } else {
                // One character may be the end of the word before: 系 of 历史学系.
                skipped.words += usize::from(word.len() > 1 || number.is_some());
                skipped.symbols += word.len();
            }
        }
        skipped
    }

    /// Runs of nodes that are not read beside symbols of the same name that are not read either. `nodes` are the places
    /// that the nodes of a field are read as, in typed order.
    fn replaced(&self, nodes: impl Iterator<Item = Option<usize>>) -> usize {
        let nodes: Vec<Option<usize>> = nodes.collect();
        let (mut replaced, mut start) = (0, 0usize);
        for run in nodes.chunk_by(|a, b| a.is_none() == b.is_none()) {
            let before = start.checked_sub(1).and_then(|at| nodes[at]);
            start += run.len();
            let after = nodes.get(start).copied().flatten();
            if run[0].is_none() && self.is_other_between(before, after) {
                replaced += 1;
            }
        }
        replaced
    }

    /// Whether the name that holds one of these places has something else right behind the first, or before the second.
    fn is_other_between(&self, before: Option<usize>, after: Option<usize>) -> bool {
        let is_other = |read: usize, beside: usize| {
            let mut names = self.text.above.iter().chain(&self.text.own);
            let name = names.find(|name| name.range().contains(&read));
            name.is_some_and(|name| name.range().contains(&beside)) && !self.is_read[beside]
        };
        before.is_some_and(|place| is_other(place, place + 1))
            || after.is_some_and(|place| place > 0 && is_other(place, place - 1))
    }
}

/// How the numbers of a query and those of the names agree.
struct Numbers {
    mistyped_for: Vec<Symbol>,
    others: Vec<Symbol>,
    unread: Vec<Symbol>,
    apart: Vec<Symbol>,
}

impl Numbers {
    fn new(
        text: &CandidateText,
        pieces: &[MatchedPiece],
        lattice: &Lattice,
        read_by: &[Option<NodeMatch>],
    ) -> Numbers {
        let is_mistyped =
            |piece: &&MatchedPiece| matches!(lattice.edges[piece.edge].kind, EdgeKind::MistypedNumber(_));
        let mistyped: Vec<&MatchedPiece> = pieces.iter().filter(is_mistyped).collect();
        let number_at =
            |node: usize| read_by[node].and_then(|found| Number::of(text.text.symbols[found.place]));
        let is_unread = |edge: &&Edge| {
            let is_mistyped = mistyped.iter().any(|piece| lattice.edges[piece.edge].from == edge.from);
            // 五 of 五显中学 is no number, and 23 of 2023级 no 第二十三.
            let is_plain = edge.symbol().and_then(Number::of).is_some_and(is_plain);
            let is_read = |node: usize| match number_at(node) {
                Some(Number::Year(_)) => !is_plain,
                known => known.is_some(),
            };
            is_mistyped || !(edge.from..edge.to).any(is_read)
        };
        let number_of = |edge: &Edge| edge.symbol().filter(|&symbol| Number::of(symbol).is_some());
        let unread = lattice.edges.iter().filter(is_unread).filter_map(number_of);
        let apart = lattice.edges.iter().filter(|edge| is_apart(edge, text, read_by)).filter_map(number_of);
        let is_other = |place: &usize| {
            Number::of(text.text.symbols[*place]).is_some_and(is_plain)
                && !pieces.iter().any(|piece| piece.place == *place)
        };
        let own = text.official().map(NameSpan::range).unwrap_or_default();
        Numbers {
            others: own.filter(is_other).map(|place| text.text.symbols[place]).collect(),
            unread: unread.collect(),
            mistyped_for: mistyped.iter().map(|piece| text.text.symbols[piece.place]).collect(),
            apart: apart.collect(),
        }
    }
}

fn is_plain(number: Number) -> bool {
    matches!(number, Number::Plain(_) | Number::Hashed(_))
}

/// Whether a name says another word between a number and what was typed right behind it: 第三 in 第三堡中学, for 第三中学.
fn is_apart(edge: &Edge, text: &CandidateText, read_by: &[Option<NodeMatch>]) -> bool {
    let is_number = edge.symbol().and_then(Number::of).is_some_and(is_plain);
    let place = |node: usize| read_by.get(node).copied().flatten().map(|found| found.place);
    let (Some(number), Some(next)) = (place(edge.from), place(edge.to)) else { return false };
    let names = text.above.iter().chain(&text.own);
    let name = names.into_iter().find(|name| name.range().contains(&number));
    let is_word = |name: &NameSpan| (number + 1..next).any(|at| !name.is_stop_word(at - name.start));
    is_number && name.is_some_and(|name| name.range().contains(&next) && is_word(name))
}

impl FieldMatch {
    fn add(&mut self, weight: f32, place: &Range<usize>, read_by: Option<NodeMatch>) {
        self.weight += weight;
        let Some(NodeMatch { quality, is_own, .. }) = read_by else {
            match self.unread.last_mut() {
                Some(last) if last.end == place.start => last.end = place.end,
                _ => self.unread.push(place.clone()),
            }
            return;
        };
        self.read += weight;
        self.faithful += weight * quality;
        self.own += if is_own { weight } else { 0.0 };
    }

    /// The share that is found; all of a field that says nothing.
    pub(crate) fn share(&self) -> f32 {
        if self.weight > 0.0 { self.read / self.weight } else { 1.0 }
    }

    /// The weight that is not found.
    pub(crate) fn missing(&self) -> f32 {
        self.weight - self.read
    }

    /// The weight lost by what only sounds or looks similar.
    pub(crate) fn corrected(&self) -> f32 {
        self.read - self.faithful
    }
}
