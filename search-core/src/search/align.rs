//! Aligns a part of a query with a text: which characters stand for which, in order, with gaps on both sides.
//!
//! A local alignment in the manner of Smith and Waterman (1981), over characters weighted by rarity: matched
//! characters earn their weight, runs earn a bonus, jumps in the text cost a little, query characters left out cost
//! half their weight. Chinese short forms are nearly always subsequences of the full name, so this needs no
//! dictionary.

use std::collections::HashMap;

/// Characters of a query part that are aligned; the rest of a longer part is left out.
const MAX_QUERY: usize = 64;
/// Characters of a text that are aligned; the rest of a longer text is left out.
pub(crate) const MAX_TEXT: usize = 192;

/// A bonus for each character that continues a run, as a share of its weight.
const RUN_BONUS: f32 = 0.5;
/// The cost of jumping ahead in the text.
const JUMP: f32 = 0.6;
/// The cost of a query character without a counterpart, as a share of its weight.
const LEFT_OUT: f32 = 0.5;

/// Buffers kept between alignments.
#[derive(Default)]
pub(crate) struct Aligner {
    query: Vec<(char, f32)>,
    /// Best score ending in a match of query character i with text character j; row by row.
    ending: Vec<f32>,
    /// Where that best score came from: the text index of the previous match + 1 and its query index + 1; 0: nowhere.
    from: Vec<(u8, u8)>,
}

impl Aligner {
    /// Pairs of (query character, text character), ascending in both; empty if nothing fits. Characters are counted,
    /// not bytes.
    pub(crate) fn align(
        &mut self,
        query: &str,
        text: &[char],
        weights: &HashMap<char, f32>,
    ) -> Vec<(usize, usize)> {
        let text = &text[..text.len().min(MAX_TEXT)];
        self.query.clear();
        self.query
            .extend(query.chars().take(MAX_QUERY).map(|c| (c, weights.get(&c).copied().unwrap_or(1.0))));
        let Some(end) = self.fill(text) else { return Vec::new() };
        self.trace(end, text.len())
    }

    /// Fills the table; the cell of the best alignment.
    fn fill(&mut self, text: &[char]) -> Option<(usize, usize)> {
        let (rows, columns) = (self.query.len(), text.len());
        self.ending.clear();
        self.ending.resize(rows * columns, f32::NEG_INFINITY);
        self.from.clear();
        self.from.resize(rows * columns, (0, 0));
        // For each column: the best score ending at or before it in an earlier row, what the rows since have cost, and
        // its cell.
        let mut reach: Vec<(f32, (u8, u8))> = vec![(0.0, (0, 0)); columns + 1];
        let mut best: Option<(f32, (usize, usize))> = None;
        for row in 0..rows {
            let (wanted, weight) = self.query[row];
            for column in 0..columns {
                if text[column] != wanted {
                    continue;
                }
                let (reached, cell) = reach[column];
                let jump = if cell == (0, 0) { 0.0 } else { JUMP };
                let mut score = (reached - jump + weight, cell);
                if row > 0 && column > 0 {
                    let run = self.ending[(row - 1) * columns + column - 1] + weight * (1.0 + RUN_BONUS);
                    if run >= score.0 {
                        score = (run, (column as u8, row as u8));
                    }
                }
                let at = row * columns + column;
                self.ending[at] = score.0;
                self.from[at] = score.1;
                if best.is_none_or(|(known, _)| score.0 > known) {
                    best = Some((score.0, (row, column)));
                }
            }
            // Leaving this row out costs; ending in it may be better.
            let mut running = (reach[0].0 - weight * LEFT_OUT, reach[0].1);
            reach[0] = running;
            for column in 0..columns {
                let left_out = (reach[column + 1].0 - weight * LEFT_OUT, reach[column + 1].1);
                let ending = (self.ending[row * columns + column], (column as u8 + 1, row as u8 + 1));
                for option in [left_out, ending] {
                    if option.0 > running.0 {
                        running = option;
                    }
                }
                reach[column + 1] = running;
            }
        }
        best.map(|(_, cell)| cell)
    }

    fn trace(&self, end: (usize, usize), columns: usize) -> Vec<(usize, usize)> {
        let mut pairs = vec![end];
        let (mut row, mut column) = end;
        loop {
            match self.from[row * columns + column] {
                (0, _) | (_, 0) => break,
                (previous_column, previous_row) => {
                    (row, column) = (usize::from(previous_row) - 1, usize::from(previous_column) - 1);
                    pairs.push((row, column));
                }
            }
        }
        pairs.reverse();
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matched(query: &str, text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        Aligner::default().align(query, &chars, &HashMap::new()).iter().map(|&(_, at)| chars[at]).collect()
    }

    #[test]
    fn short_forms_are_found_in_order() {
        assert_eq!(matched("北大软微", "北京大学软件与微电子学院"), "北大软微");
        assert_eq!(matched("人大附中", "中国人民大学附属中学"), "人大附中");
        assert_eq!(matched("沈农", "沈阳农业大学"), "沈农");
        // A character that the text does not hold is left out, a doubled one is matched once.
        assert_eq!(matched("北京xx大学", "北京大学"), "北京大学");
        assert_eq!(matched("密云区区", "密云区西田"), "密云区");
        assert_eq!(matched("清华", "北京"), "");
    }

    #[test]
    fn runs_win_over_scattered_characters() {
        let chars: Vec<char> = "1级软件1班".chars().collect();
        let pairs = Aligner::default().align("1班", &chars, &HashMap::new());
        assert_eq!(pairs, [(0, 4), (1, 5)]);
    }

    proptest! {
        #[test]
        fn pairs_ascend_and_match(query in "[北京大学a1]{0,70}", text in "[北京大学a1中]{0,200}") {
            let chars: Vec<char> = text.chars().collect();
            let pairs = Aligner::default().align(&query, &chars, &HashMap::new());
            let query: Vec<char> = query.chars().collect();
            prop_assert!(pairs.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1));
            prop_assert!(pairs.iter().all(|&(q, t)| query[q] == chars[t]));
            prop_assert_eq!(pairs.is_empty(), !query.iter().take(MAX_QUERY).any(|c| chars.iter().take(MAX_TEXT).any(|t| t == c)));
        }
    }
}
