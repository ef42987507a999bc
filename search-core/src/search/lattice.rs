//! The typed name parts as a lattice: every way to read them, each a chain of arcs.
//!
//! A hanzi is one arc. Letters are cut into pinyin syllables in every sensible way (xian: xian or xi'an), into an
//! unfinished last syllable, and into initials where they spell no syllables. Year, class and grade are taken out:
//! they are compared by themselves, wherever they stand.

use crate::text::numbers;
use crate::text::placed_symbols::PlacedSymbol;
use crate::text::sounds::{self, MAX_SYLLABLE, Sound, Syllable};
use crate::text::symbols::{ClassKey, Number, Symbol, of_char};
use std::ops::Range;
use std::sync::LazyLock;

/// Nodes of a lattice: characters or letters of a query; what a longer query says beyond is not read.
pub(crate) const MAX_NODES: usize = 96;
/// The weight of a letter, which says less than a character.
const LETTER_WEIGHT: f32 = 1.6;
/// The weight of a number in a name: 15 in 第十五中学.
const NUMBER_WEIGHT: f32 = 10.0;

/// What a character counts that repeats the one before it.
const DOUBLED: f32 = 0.2;

/// What characters of regions count before a name: many names leave their region out, or say it in another way.
const REGION: f32 = 0.5;

/// What an arc stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArcKind {
    /// A character or a number.
    Symbol(Symbol),
    /// A syllable in pinyin.
    Syllable(Syllable),
    /// The beginning of a syllable, at the end of what is typed so far.
    Beginning(Range<Syllable>),
    /// The first letter of a syllable.
    Initial(u8),
    /// A number that a slip may have made the typed one of.
    Slip(Symbol),
}

/// A way to read some nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arc {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) kind: ArcKind,
}

impl Arc {
    /// The sounds that it may stand for.
    pub(crate) fn sounds(&self) -> Vec<Sound> {
        let mut of: Vec<Sound> = match &self.kind {
            ArcKind::Symbol(symbol) => sounds::sounds(*symbol).collect(),
            ArcKind::Syllable(syllable) => vec![sounds::fold(*syllable)],
            ArcKind::Beginning(range) => range.clone().map(sounds::fold).collect(),
            ArcKind::Initial(_) | ArcKind::Slip(_) => Vec::new(),
        };
        of.sort_unstable();
        of.dedup();
        of
    }
}

/// Nodes that are read in order; segments may match in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) nodes: Range<usize>,
    pub(crate) arcs: Range<usize>,
}

/// The symbols of one part of the query.
#[derive(Debug, Clone, Default)]
pub(crate) struct LatticePart {
    pub(crate) symbols: Vec<PlacedSymbol>,
    /// Whether it goes on with the part before: pinyin with a space after each syllable.
    pub(crate) continues: bool,
}

/// All readings of the name parts of a query.
#[derive(Debug, Default)]
pub(crate) struct Lattice {
    /// The weight of each node.
    pub(crate) weights: Vec<f32>,
    /// The weight of all nodes before this one; one more than there are nodes.
    pub(crate) weight_before: Vec<f32>,
    /// Nodes that repeat the one before them: 大学学.
    pub(crate) doubled: Vec<usize>,
    /// Nodes that name regions before a name.
    pub(crate) regions: Vec<Range<usize>>,
    /// Where each node lies in the normalized query, in bytes.
    pub(crate) places: Vec<Range<usize>>,
    /// By segment, then by the node they begin at.
    pub(crate) arcs: Vec<Arc>,
    pub(crate) segments: Vec<Segment>,
    /// Year, class and grade, wherever they were typed.
    pub(crate) class: ClassKey,
    /// Where they lie in the normalized query.
    pub(crate) class_places: Vec<(Symbol, Range<usize>)>,
}

impl Lattice {
    /// Reads the parts of a normalized query in typed order; `weight` says how much a character weighs.
    pub(crate) fn new(text: &str, parts: &[LatticePart], weight: impl Fn(Symbol) -> f32) -> Lattice {
        let mut lattice = Lattice::default();
        let mut open: Vec<Node> = Vec::new();
        for part in parts {
            if !part.continues {
                lattice.close(text, &mut open);
            }
            for (at, placed) in part.symbols.iter().enumerate() {
                if lattice.weights.len() + open.len() >= MAX_NODES {
                    break;
                }
                let goes_on = letter(placed.symbol).is_some()
                    && open.last().is_some_and(|node| letter(node.symbol).is_some());
                if placed.after_gap && at > 0 && !goes_on {
                    lattice.close(text, &mut open);
                }
                match Number::of(placed.symbol) {
                    Some(Number::Year(_) | Number::Class(_) | Number::Grade(..)) => {
                        lattice.class.take(placed.symbol);
                        lattice.class_places.push((placed.symbol, placed.range.clone()));
                        lattice.close(text, &mut open);
                    }
                    number => open.push(Node {
                        symbol: placed.symbol,
                        place: placed.range.clone(),
                        weight: match number {
                            Some(_) => NUMBER_WEIGHT,
                            None if letter(placed.symbol).is_some() => LETTER_WEIGHT,
                            None => weight(placed.symbol),
                        },
                        after_gap: placed.after_gap || at == 0,
                    }),
                }
            }
        }
        lattice.close(text, &mut open);
        lattice.read_slips(text);
        lattice.weight_before = vec![0.0];
        for weight in &lattice.weights {
            lattice.weight_before.push(lattice.weight_before.last().unwrap_or(&0.0) + weight);
        }
        lattice
    }

    /// The weight of some nodes.
    pub(crate) fn weight(&self, nodes: Range<usize>) -> f32 {
        let before = |node: usize| self.weight_before.get(node).copied().unwrap_or(0.0);
        before(nodes.end) - before(nodes.start)
    }

    /// The weight of all nodes.
    pub(crate) fn total_weight(&self) -> f32 {
        self.weight(0..self.weights.len())
    }

    /// The letters of a segment that is nothing but letters.
    pub(crate) fn letters_of(&self, segment: &Segment) -> Option<Vec<u8>> {
        let own = |node: usize| {
            self.arcs[segment.arcs.clone()].iter().find_map(|arc| match arc.kind {
                ArcKind::Symbol(symbol) if arc.from == node => letter(symbol),
                _ => None,
            })
        };
        segment.nodes.clone().map(own).collect()
    }

    /// Ends a segment: its nodes get their arcs.
    fn close(&mut self, text: &str, open: &mut Vec<Node>) {
        if open.is_empty() {
            return;
        }
        let (first_node, first_arc) = (self.weights.len(), self.arcs.len());
        let symbols: Vec<Symbol> = open.iter().map(|node| node.symbol).collect();
        // A doubled character is mostly a slip, and where it is none it says little more.
        for at in 1..open.len() {
            // 第十五五: the digit stands behind the number that it belongs to.
            let is_digit_again = Number::of(open[at - 1].symbol).is_some()
                && text.get(open[at].place.clone()).is_some_and(|digit| {
                    text.get(open[at - 1].place.clone()).is_some_and(|number| number.ends_with(digit))
                });
            let is_same = open[at].symbol == open[at - 1].symbol && letter(open[at].symbol).is_none();
            if is_same || is_digit_again {
                open[at].weight *= DOUBLED;
                self.doubled.push(first_node + at);
            }
        }
        let region_len = region_len(&symbols);
        open[..region_len].iter_mut().for_each(|node| node.weight *= REGION);
        if region_len > 0 {
            self.regions.push(first_node..first_node + region_len);
        }
        let mut at = 0;
        while at < open.len() {
            let run = open[at..].iter().take_while(|node| letter(node.symbol).is_some()).count();
            if run == 0 {
                let kind = ArcKind::Symbol(open[at].symbol);
                self.arcs.push(Arc { from: first_node + at, to: first_node + at + 1, kind });
                at += 1;
            } else {
                let is_last = at + run == open.len();
                self.read_letters(&open[at..at + run], first_node + at, is_last);
                at += run;
            }
        }
        self.read_numerals(first_arc);
        self.arcs[first_arc..].sort_by_key(|arc| (arc.from, arc.to));
        for node in open.drain(..) {
            self.weights.push(node.weight);
            self.places.push(node.place);
        }
        self.segments
            .push(Segment { nodes: first_node..self.weights.len(), arcs: first_arc..self.arcs.len() });
    }

    /// Adds an arc for each number that a slip may have made a typed one of.
    fn read_slips(&mut self, text: &str) {
        let (places, mut added) = (&self.places, 0);
        for segment in &mut self.segments {
            segment.arcs.start += added;
            segment.arcs.end += added;
            let mut at = segment.arcs.start;
            while at < segment.arcs.end {
                let Arc { from, to, ref kind } = self.arcs[at];
                at += 1;
                let is_number = matches!(kind, ArcKind::Symbol(symbol) if matches!(Number::of(*symbol), Some(Number::Plain(_))));
                if !is_number || to != from + 1 {
                    continue;
                }
                let typed = text.get(places[from].clone()).unwrap_or_default();
                for number in numbers::numbers_before_slip(typed) {
                    if let Some(symbol) = Number::Plain(number).symbol() {
                        self.arcs.insert(at, Arc { from, to, kind: ArcKind::Slip(symbol) });
                        (at, added, segment.arcs.end) = (at + 1, added + 1, segment.arcs.end + 1);
                    }
                }
            }
        }
    }

    /// Adds an arc for each number that syllables spell: di shi wu for 第十五, yi ling yi for 一零一.
    fn read_numerals(&mut self, first_arc: usize) {
        const LONGEST: usize = 4;
        let syllables: Vec<(Range<usize>, &str)> = self.arcs[first_arc..]
            .iter()
            .filter_map(|arc| match arc.kind {
                ArcKind::Syllable(syllable) => Some((arc.from..arc.to, sounds::spelling(syllable))),
                _ => None,
            })
            .collect();
        let follows = |end: usize| syllables.iter().filter(move |(place, _)| place.start == end);
        for (start, spelling) in &syllables {
            let is_ordinal = *spelling == "di";
            let mut open: Vec<(usize, String)> = match (is_ordinal, numeral(spelling)) {
                (true, _) => vec![(start.end, String::new())],
                (false, Some(digit)) => vec![(start.end, digit.to_string())],
                (false, None) => continue,
            };
            for _ in 0..LONGEST {
                let longer = open.iter().flat_map(|(end, text)| {
                    follows(*end).filter_map(move |(place, spelling)| {
                        Some((place.end, format!("{text}{}", numeral(spelling)?)))
                    })
                });
                open = longer.collect();
                for (end, text) in &open {
                    let value = crate::text::numerals::numeral_value(&text.chars().collect::<Vec<char>>());
                    let symbol = value.and_then(|value| Number::Plain(u16::try_from(value).ok()?).symbol());
                    if let Some(symbol) = symbol {
                        self.arcs.push(Arc { from: start.start, to: *end, kind: ArcKind::Symbol(symbol) });
                    }
                }
            }
        }
    }

    /// Adds the arcs of a run of letters: the letters themselves, and the cheapest ways to cut them into pinyin. A
    /// syllable costs 1, an initial 3; ways that cost at most one more than the cheapest are kept.
    fn read_letters(&mut self, nodes: &[Node], first: usize, is_last: bool) {
        let letters: Vec<u8> = nodes.iter().filter_map(|node| letter(node.symbol)).collect();
        let len = letters.len();
        let mut arcs: Vec<(Arc, u32)> = Vec::new();
        for from in 0..len {
            self.arcs.push(Arc {
                from: first + from,
                to: first + from + 1,
                kind: ArcKind::Symbol(nodes[from].symbol),
            });
            let crosses_gap = |to: usize| nodes[from + 1..to].iter().any(|node| node.after_gap);
            for to in from + 1..=(from + MAX_SYLLABLE).min(len) {
                if crosses_gap(to) {
                    break;
                }
                let spelling = std::str::from_utf8(&letters[from..to]).unwrap_or_default();
                let arc = |kind| Arc { from: first + from, to: first + to, kind };
                if to - from > 1
                    && let Some(syllable) = sounds::find(spelling)
                {
                    arcs.push((arc(ArcKind::Syllable(syllable)), 1));
                }
                if to == len && is_last && to - from > 1 {
                    let range = sounds::beginning_with(spelling);
                    if !range.is_empty() && sounds::find(spelling).is_none() {
                        arcs.push((arc(ArcKind::Beginning(range)), 2));
                    }
                }
                let is_initial = to - from == 1
                    || (to - from == 2 && matches!(&letters[from..to], [b'z' | b'c' | b's', b'h']));
                if is_initial && !sounds::beginning_with(spelling).is_empty() {
                    arcs.push((arc(ArcKind::Initial(letters[from])), 3));
                }
            }
        }
        const NO_WAY: u32 = u32::MAX / 4;
        let (mut forward, mut backward) = (vec![NO_WAY; len + 1], vec![NO_WAY; len + 1]);
        (forward[0], backward[len]) = (0, 0);
        // The arcs come by where they begin.
        for (arc, cost) in &arcs {
            let (from, to) = (arc.from - first, arc.to - first);
            forward[to] = forward[to].min(forward[from] + cost);
        }
        for (arc, cost) in arcs.iter().rev() {
            let (from, to) = (arc.from - first, arc.to - first);
            backward[from] = backward[from].min(backward[to] + cost);
        }
        let best = forward[len];
        let all_initials = 3 * len as u32;
        for (arc, cost) in arcs {
            let total = forward[arc.from - first] + cost + backward[arc.to - first];
            // Letters with hardly a syllable among them are initials, also where some spell one.
            let is_initial = matches!(arc.kind, ArcKind::Initial(_)) && best * 2 > all_initials;
            if total <= best + 1 || is_initial {
                self.arcs.push(arc);
            }
        }
    }
}

/// How many symbols at the beginning name regions (江西省赣州市…), as long as a name remains behind them.
fn region_len(symbols: &[Symbol]) -> usize {
    const SHORTEST: usize = 2;
    const LONGEST: usize = 8;
    let mut end = 0;
    loop {
        let is_end = |at: &usize| REGION_ENDS.contains(&symbols[*at]);
        let last = symbols.len().min(end + LONGEST);
        match (end + SHORTEST..last).find(is_end) {
            Some(at) if at + 1 + SHORTEST <= symbols.len() => end = at + 1,
            _ => return end,
        }
    }
}

static REGION_ENDS: LazyLock<Vec<Symbol>> =
    LazyLock::new(|| index_data::lexicon::region_ends().map(of_char).collect());

/// The numeral that a syllable spells.
fn numeral(spelling: &str) -> Option<char> {
    Some(match spelling {
        "ling" => '零',
        "yi" => '一',
        "er" => '二',
        "san" => '三',
        "si" => '四',
        "wu" => '五',
        "liu" => '六',
        "qi" => '七',
        "ba" => '八',
        "jiu" => '九',
        "shi" => '十',
        "bai" => '百',
        _ => return None,
    })
}

struct Node {
    symbol: Symbol,
    place: Range<usize>,
    weight: f32,
    after_gap: bool,
}

/// The letter that a symbol is; ü is v.
pub(crate) fn letter(symbol: Symbol) -> Option<u8> {
    match u8::try_from(symbol) {
        Ok(letter @ b'a'..=b'z') => Some(letter),
        _ if symbol == of_char('ü') => Some(b'v'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::normalize::NormalizedText;
    use crate::text::placed_symbols::{placed_chars, symbols};

    fn lattice(query: &str) -> Lattice {
        let text = NormalizedText::new(query);
        let part = LatticePart { symbols: symbols(&placed_chars(&text)), continues: false };
        Lattice::new(text.text(), &[part], |_| 5.0)
    }

    fn read(query: &str) -> Vec<String> {
        let lattice = lattice(query);
        let text = |arc: &Arc| match &arc.kind {
            ArcKind::Syllable(syllable) => Some(sounds::spelling(*syllable).to_owned()),
            ArcKind::Beginning(range) => Some(format!("{}..", sounds::spelling(range.start))),
            ArcKind::Initial(letter) => Some(char::from(*letter).to_string()),
            ArcKind::Symbol(_) | ArcKind::Slip(_) => None,
        };
        lattice.arcs.iter().filter_map(text).collect()
    }

    #[test]
    fn pinyin_is_cut_in_every_sensible_way() {
        assert_eq!(read("beijing"), ["bei", "jing"]);
        assert_eq!(read("xian"), ["xi", "xian", "an"]);
        assert_eq!(read("xi an"), ["xi", "an"]);
        assert_eq!(read("fangan"), ["fan", "fang", "gan", "an"]);
        assert_eq!(read("北京daxu"), ["da", "xu"]);
        assert_eq!(read("beijingdaxuex"), ["bei", "jing", "da", "xue", "x"]);
        assert_eq!(read("beijzhon"), ["bei", "j", "zhong.."]);
        assert_eq!(read("bjdx"), ["b", "j", "d", "x"]);
        assert_eq!(read("lvshun"), ["lv", "shun"]);
    }

    #[test]
    fn numbers_are_read_from_pinyin() {
        let numbers = |query: &str| -> Vec<Number> {
            let of = |arc: &Arc| match arc.kind {
                ArcKind::Symbol(symbol) => Number::of(symbol),
                _ => None,
            };
            lattice(query).arcs.iter().filter_map(of).collect()
        };
        assert!(numbers("beijingdishiwuzhongxue").contains(&Number::Plain(15)));
        assert!(numbers("di er zhong xue").contains(&Number::Plain(2)));
        assert!(numbers("yilingyi").contains(&Number::Plain(101)));
        assert_eq!(numbers("beijing"), []);
    }

    #[test]
    fn slips_in_numbers_are_read() {
        let slips = |query: &str| -> Vec<Number> {
            let of = |arc: &Arc| match arc.kind {
                ArcKind::Slip(symbol) => Number::of(symbol),
                _ => None,
            };
            lattice(query).arcs.iter().filter_map(of).collect()
        };
        assert_eq!(slips("保山市第三三中学"), [Number::Plain(3)]);
        assert_eq!(
            slips("第一零零一中学 24中"),
            [Number::Plain(101), Number::Plain(1_010), Number::Plain(42)]
        );
        assert_eq!(slips("第十中学"), []);
    }

    #[test]
    fn regions_count_less_than_names() {
        let region = |text: &str| region_len(&text.chars().map(of_char).collect::<Vec<Symbol>>());
        for (text, len) in [
            ("江西省赣州市赣州中学", 6),
            ("赣州中学", 0),
            ("海淀区", 0),
            ("海淀区中关村", 3),
            ("北京市海淀区", 3),
            ("", 0),
        ] {
            assert_eq!(region(text), len, "{text}");
        }
    }

    #[test]
    fn classes_are_taken_out() {
        let lattice = lattice("软微24级软工1班");
        assert_eq!(lattice.class, ClassKey { year: Some(2024), class: Some(1), grade: None });
        let lens: Vec<usize> = lattice.segments.iter().map(|segment| segment.nodes.len()).collect();
        assert_eq!(lens, [2, 2]);
    }
}
