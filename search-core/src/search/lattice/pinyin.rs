//! Letters as pinyin: the cheapest ways to cut them into syllables and initials.

use super::{Edge, EdgeKind, Node, letter};
use crate::text::sounds::{self, MAX_SYLLABLE};

/// What an edge costs on a path through the letters; paths that cost at most [`TOLERATED`] more than the cheapest one
/// are kept.
const SYLLABLE: u32 = 1;
const SYLLABLE_PREFIX: u32 = 2;
const INITIAL: u32 = 3;
const MISTYPED: u32 = 3;
const TOLERATED: u32 = 1;
/// The fewest letters that may be a mistyped syllable.
const SHORTEST_MISTYPED: usize = 3;

/// Appends the edges of a run of letters: the letters themselves, and the cheapest ways to read them as pinyin.
pub(super) fn add_letters(edges: &mut Vec<Edge>, nodes: &[Node], first: usize, is_last: bool) {
    let symbols = nodes.iter().enumerate().map(|(at, node)| Edge {
        from: first + at,
        to: first + at + 1,
        kind: EdgeKind::Symbol(node.symbol),
    });
    edges.extend(symbols);
    let len = nodes.len();
    let priced = readings(nodes, is_last);
    let (from_start, to_end) = cheapest(&priced, len);
    let best = from_start[len];
    let all_initials = INITIAL * len as u32;
    let mut kept: Vec<Edge> = Vec::new();
    for (edge, cost) in &priced {
        let total = from_start[edge.from] + cost + to_end[edge.to];
        // Letters with hardly a syllable among them are initials, also where some of them spell one.
        let is_initial = matches!(edge.kind, EdgeKind::Initial(_)) && best * 2 > all_initials;
        if total <= best + TOLERATED || is_initial {
            kept.push(edge.clone());
        }
    }
    add_mistyped(nodes, priced, best, &mut kept);
    edges.extend(kept.into_iter().map(|edge| Edge { from: first + edge.from, to: first + edge.to, ..edge }));
}

/// Appends syllables of which two letters were transposed or a vowel left out, where the letters can be read so at no
/// higher price than without, and the syllables beside them.
fn add_mistyped(nodes: &[Node], mut priced: Vec<(Edge, u32)>, best: u32, kept: &mut Vec<Edge>) {
    let letters: Vec<u8> = nodes.iter().filter_map(|node| letter(node.symbol)).collect();
    let first = priced.len();
    for from in 0..letters.len() {
        for to in from + SHORTEST_MISTYPED..=(from + MAX_SYLLABLE).min(letters.len()) {
            if nodes[from + 1..to].iter().any(|node| node.after_gap) {
                break;
            }
            let spelling = std::str::from_utf8(&letters[from..to]).unwrap_or_default();
            let meant = sounds::before_typo(spelling);
            priced.extend(
                meant.iter().map(|&syllable| {
                    (Edge { from, to, kind: EdgeKind::MistypedSyllable(syllable) }, MISTYPED)
                }),
            );
        }
    }
    if priced.len() == first {
        return;
    }
    priced.sort_by_key(|(edge, _)| edge.from);
    let (from_start, to_end) = cheapest(&priced, letters.len());
    let limit = best.min(from_start[letters.len()] + TOLERATED);
    for (edge, cost) in priced {
        if from_start[edge.from] + cost + to_end[edge.to] <= limit && !kept.contains(&edge) {
            kept.push(edge);
        }
    }
}

/// Every syllable, unfinished syllable and initial that the letters hold, counted from the first letter, by where they
/// begin, each with its cost.
fn readings(nodes: &[Node], is_last: bool) -> Vec<(Edge, u32)> {
    let letters: Vec<u8> = nodes.iter().filter_map(|node| letter(node.symbol)).collect();
    let len = letters.len();
    let mut readings: Vec<(Edge, u32)> = Vec::new();
    for from in 0..len {
        for to in from + 1..=(from + MAX_SYLLABLE).min(len) {
            if nodes[from + 1..to].iter().any(|node| node.after_gap) {
                break;
            }
            let spelling = std::str::from_utf8(&letters[from..to]).unwrap_or_default();
            let mut add = |kind, cost| readings.push((Edge { from, to, kind }, cost));
            if to - from > 1 {
                if let Some(syllable) = sounds::find(spelling) {
                    add(EdgeKind::Syllable(syllable), SYLLABLE);
                } else if to == len {
                    let syllables = sounds::beginning_with(spelling);
                    if !syllables.is_empty() {
                        add(EdgeKind::SyllablePrefix(syllables), SYLLABLE_PREFIX);
                    }
                }
            }
            let is_initial = to - from == 1
                || (to - from == 2 && matches!(&letters[from..to], [b'z' | b'c' | b's', b'h']));
            if is_initial && !sounds::beginning_with(spelling).is_empty() {
                add(EdgeKind::Initial(letters[from]), INITIAL);
            }
            // qiaok区: the letter begins a syllable behind others, and hanzi go on.
            if to == len && to - from == 1 && from > 0 && !is_last {
                let before = std::str::from_utf8(&letters[..from]).unwrap_or_default();
                if sounds::are_syllables(before) {
                    add(EdgeKind::SyllablePrefix(sounds::beginning_with(spelling)), INITIAL);
                }
            }
        }
    }
    readings
}

/// The cost of the cheapest path from the start to each letter, and from each letter to the end.
fn cheapest(readings: &[(Edge, u32)], len: usize) -> (Vec<u32>, Vec<u32>) {
    const NO_PATH: u32 = u32::MAX / 4;
    let (mut from_start, mut to_end) = (vec![NO_PATH; len + 1], vec![NO_PATH; len + 1]);
    (from_start[0], to_end[len]) = (0, 0);
    for (edge, cost) in readings {
        from_start[edge.to] = from_start[edge.to].min(from_start[edge.from] + cost);
    }
    for (edge, cost) in readings.iter().rev() {
        to_end[edge.from] = to_end[edge.from].min(to_end[edge.to] + cost);
    }
    (from_start, to_end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::lattice::tests::lattice;

    fn read(query: &str) -> Vec<String> {
        let text = |edge: &Edge| match &edge.kind {
            EdgeKind::Syllable(syllable) => Some(sounds::spelling(*syllable).to_owned()),
            EdgeKind::SyllablePrefix(range) => Some(format!("{}..", sounds::spelling(range.start))),
            EdgeKind::Initial(letter) => Some(char::from(*letter).to_string()),
            EdgeKind::MistypedSyllable(syllable) => Some(format!("{}?", sounds::spelling(*syllable))),
            EdgeKind::Symbol(_)
            | EdgeKind::NumberInitials(_)
            | EdgeKind::MistypedNumber(_)
            | EdgeKind::Synonym(_) => None,
        };
        lattice(query).edges.iter().filter_map(text).collect()
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
        // Unfinished before hanzi.
        assert_eq!(read("北大fuz石"), ["fu", "z", "za.."]);
        assert_eq!(read("guangzho大"), ["gu", "guang", "ang", "zhong.."]);
    }

    #[test]
    fn transposed_and_missing_letters_are_read() {
        for (query, meant) in [("jixei", "xie?"), ("gongjioa", "jiao?"), ("beijng", "jing?")] {
            assert!(read(query).contains(&meant.to_owned()), "{query}: {:?}", read(query));
        }
        for query in ["beijing", "bjdx", "xian", "huamao"] {
            assert!(!read(query).iter().any(|reading| reading.ends_with('?')), "{query}: {:?}", read(query));
        }
    }
}
