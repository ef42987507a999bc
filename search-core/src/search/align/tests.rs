//! Properties under test:
//! 1. The pieces, places and rules of the best alignment, for each rule.
//! 2. Its score is the sum of the named constants of [`tuning`](crate::search::tuning), so that a change of one of them
//!    shows which behaviour it changes.
//! 3. A tolerance allows its rules and no more.

use super::MatchRule::{
    Doubled, Homophone, Initial, NearPinyin, NearSound, Number, NumberLeftOut, OtherReading, Pinyin, Same,
    Shape, Swapped,
};
use super::{AlignedText, Aligner, MatchRule, MatchTable, MatchedPiece, Tolerance};
use crate::search::lattice::tests::lattice;
use crate::search::tuning::alignment::{INSIDE_WORD, JUMP, JUMP_SYMBOL, RUN_BONUS, SKIPPED};
use crate::search::tuning::node_weight;
use crate::search::tuning::quality;
use crate::text::normalize::NormalizedText;
use crate::text::placed_symbols::{placed_chars, symbols};

/// What each character weighs in these tests.
const W: f32 = 5.0;
/// A character that continues a run.
const RUN: f32 = W * (1.0 + RUN_BONUS);

/// A text of words separated by `|`.
fn text(words: &str) -> AlignedText {
    let mut text = AlignedText::default();
    for word in words.split('|') {
        let word = symbols(&placed_chars(&NormalizedText::new(word)));
        for (at, placed) in word.iter().enumerate() {
            text.push(placed.symbol, at == 0);
        }
    }
    text
}

fn align(query: &str, words: &str, tolerance: Tolerance) -> (Vec<MatchedPiece>, f32) {
    let (lattice, text) = (lattice(query), text(words));
    let mut points = Vec::new();
    MatchTable::new(&lattice, tolerance).points(&lattice, &text.symbols, 0, &mut points);
    let (mut aligner, mut pieces) = (Aligner::new(tolerance), Vec::new());
    aligner.align(&lattice, &text, &points, &mut pieces);
    let score = aligner.best_score();
    (pieces, score)
}

/// The places and rules of the pieces, in typed order.
type Pieces<'a> = &'a [(usize, MatchRule)];

fn check(query: &str, words: &str, tolerance: Tolerance, expected: Pieces<'_>, score: f32) {
    let (pieces, found) = align(query, words, tolerance);
    let pieces: Vec<(usize, MatchRule)> = pieces.iter().map(|piece| (piece.place, piece.rule)).collect();
    assert_eq!(pieces, expected, "{query} in {words}");
    assert!((found - score).abs() < 1e-3, "{query} in {words}: {found} is not {score}");
}

#[test]
fn strict_rules() {
    let jump = |symbols: u8| JUMP + JUMP_SYMBOL * f32::from(symbols);
    let pinyin = 2.0 * node_weight::LETTER; // Each of these syllables has two letters.
    let rows: [(&str, &str, Pieces<'_>, f32); 10] = [
        // One run.
        ("北京", "北京|大学", &[(0, Same), (1, Same)], W + RUN),
        // A short form of the initial characters of words jumps once.
        ("北大", "北京|大学", &[(0, Same), (2, Same)], W + W - jump(1)),
        // A run that begins inside of a word earns less.
        ("京大", "北京|大学", &[(1, Same), (2, Same)], W * (1.0 - INSIDE_WORD) + RUN),
        // The place where a word begins is preferred to one inside of a word.
        ("大", "北大|大学", &[(2, Same)], W),
        // A skipped piece costs a share of its weight.
        ("北x大", "北京|大学", &[(0, Same), (2, Same)], W + W - jump(1) - node_weight::LETTER * SKIPPED),
        // A number in another form.
        ("十五中", "第15|中学", &[(0, Same), (1, Same)], node_weight::NUMBER + RUN),
        ("15", "15班", &[(0, Number)], node_weight::NUMBER * quality::NUMBER),
        // Pinyin: the usual reading, another one, the first letter.
        ("da", "大学", &[(0, Pinyin)], pinyin * quality::PINYIN),
        ("ba", "罢", &[(0, Pinyin)], pinyin * quality::PINYIN),
        ("q", "清华", &[(0, Initial)], node_weight::LETTER * quality::INITIAL),
    ];
    for (query, words, expected, score) in rows {
        check(query, words, Tolerance::Strict, expected, score);
    }
}

#[test]
fn less_usual_readings_earn_less() {
    let rows = [
        ("chong", "重", Tolerance::Strict, Pinyin, quality::PINYIN),
        ("zhong", "重", Tolerance::Strict, OtherReading, quality::OTHER_READING),
        ("zang", "张", Tolerance::Similar, NearPinyin, quality::NEAR_PINYIN),
    ];
    for (query, words, tolerance, rule, quality) in rows {
        let weight = query.len() as f32 * node_weight::LETTER;
        check(query, words, tolerance, &[(0, rule)], weight * quality);
    }
}

#[test]
fn tolerant_rules() {
    let likely = quality::LIKELY_TYPO;
    let swapped = 2.0 * W * likely;
    let rows: [(&str, &str, Tolerance, Pieces<'_>, f32); 5] = [
        ("学大", "大学", Tolerance::Transposed, &[(1, Swapped), (0, Swapped)], swapped),
        (
            "大大学",
            "大学",
            Tolerance::Transposed,
            &[(0, Same), (0, Doubled), (1, Same)],
            W * node_weight::DUPLICATE + RUN,
        ),
        ("北经", "北京", Tolerance::Similar, &[(0, Same), (1, Homophone)], W + RUN * likely),
        ("未", "末", Tolerance::Similar, &[(0, Shape)], W * quality::UNLIKELY_TYPO),
        (
            "第中",
            "第15|中学",
            Tolerance::Similar,
            &[(0, NumberLeftOut), (1, Same)],
            W * quality::UNLIKELY_TYPO + RUN,
        ),
    ];
    for (query, words, tolerance, expected, score) in rows {
        check(query, words, tolerance, expected, score);
    }
    check("身", "生", Tolerance::Similar, &[(0, NearSound)], W * quality::UNLIKELY_TYPO);
}

#[test]
fn a_tolerance_allows_its_rules_and_no_more() {
    for (query, words, least) in [
        ("学大", "大学", Tolerance::Transposed),
        ("未", "末", Tolerance::Similar),
        ("经", "京", Tolerance::Similar),
        ("zang", "张", Tolerance::Similar),
    ] {
        for tolerance in [Tolerance::Strict, Tolerance::Transposed, Tolerance::Similar] {
            let (pieces, _) = align(query, words, tolerance);
            let corrected = pieces.iter().any(|piece| piece.rule.is_correction());
            assert_eq!(corrected, tolerance >= least, "{query} in {words} at {tolerance:?}");
        }
    }
}

#[test]
fn what_is_left_of_a_segment_stands_elsewhere() {
    let (pieces, _) = align("急诊科北京地坛医院", "北京|地坛|医院|急诊科", Tolerance::Strict);
    let mut places: Vec<usize> = pieces.iter().map(|piece| piece.place).collect();
    places.sort_unstable();
    assert_eq!(places, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
}
