//! Words of a normalized text: jieba with the tree's own vocabulary added.

use jieba_rs::Jieba;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// jieba's own dictionary is the same for every generation; only trees with a vocabulary need a copy.
static PLAIN: LazyLock<Arc<Jieba>> = LazyLock::new(|| Arc::new(Jieba::new()));

/// Cuts text into words. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Segmenter {
    jieba: Arc<Jieba>,
}

impl Segmenter {
    /// A segmenter that also knows these words.
    pub(crate) fn with_vocabulary(words: &[String]) -> Self {
        if words.is_empty() {
            return Segmenter { jieba: Arc::clone(&PLAIN) };
        }
        let mut jieba = Jieba::clone(&PLAIN);
        for word in words {
            jieba.add_word(word, None, None);
        }
        Segmenter { jieba: Arc::new(jieba) }
    }

    /// The words in order, as byte ranges that join to the text. jieba's guessing of unknown words (HMM) is off: its
    /// guesses change with the dictionary.
    pub(crate) fn words(&self, text: &str) -> Vec<Range<usize>> {
        self.jieba.cut(text, false).iter().map(|token| token.byte_start..token.byte_end).collect()
    }

    /// The words in order, long ones cut into the words they are made of: 中国人民大学 is 中国, 人民 and 大学.
    pub(crate) fn finest_words(&self, text: &str) -> Vec<Range<usize>> {
        const LONG: usize = 3;
        let words = self.words(text);
        if words.iter().all(|word| text[word.clone()].chars().count() < LONG) {
            return words;
        }
        let within = self.jieba.cut_for_search(text, false);
        let mut finest = Vec::with_capacity(words.len() + 4);
        for word in words {
            if text[word.clone()].chars().count() < LONG {
                finest.push(word);
                continue;
            }
            let inner = within.iter().map(|token| token.byte_start..token.byte_end);
            let inner: Vec<Range<usize>> = inner
                .filter(|inner| word.start <= inner.start && inner.end <= word.end && *inner != word)
                .filter(|inner| text[inner.clone()].chars().count() > 1)
                .collect();
            cover(text, &word, &inner, &mut finest);
        }
        finest
    }

    /// Calls `emit` with each word and the words within it, as they are indexed; single characters are left out.
    pub(crate) fn index_words(&self, text: &str, mut emit: impl FnMut(Range<usize>)) {
        for token in self.jieba.cut_for_search(text, false) {
            if token.end - token.start > 1 {
                emit(token.byte_start..token.byte_end);
            }
        }
    }
}

/// Cuts a word into the fewest of its inner words and single characters; a word without inner words stays whole.
fn cover(text: &str, word: &Range<usize>, inner: &[Range<usize>], out: &mut Vec<Range<usize>>) {
    const SINGLE: u32 = 3;
    const WORD: u32 = 2;
    if inner.is_empty() {
        out.push(word.clone());
        return;
    }
    let starts: Vec<usize> = text[word.clone()].char_indices().map(|(at, _)| word.start + at).collect();
    let end_of = |at: usize| starts.get(at + 1).copied().unwrap_or(word.end);
    // From the end: what the rest of the word costs from each character on, and where the piece there ends.
    let mut best: Vec<(u32, usize)> = vec![(0, word.end); starts.len() + 1];
    for at in (0..starts.len()).rev() {
        let mut option = (best[at + 1].0 + SINGLE, end_of(at));
        for piece in inner.iter().filter(|piece| piece.start == starts[at]) {
            let after = starts.iter().position(|&start| start == piece.end).unwrap_or(starts.len());
            option = option.min((best[after].0 + WORD, piece.end));
        }
        best[at] = option;
    }
    let mut at = 0;
    while at < starts.len() {
        let end = best[at].1;
        out.push(starts[at]..end);
        at = starts.iter().position(|&start| start == end).unwrap_or(starts.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_cut_into_what_they_are_made_of() {
        let segmenter = Segmenter::with_vocabulary(&["中国人民大学".to_owned()]);
        let words = |text: &'static str| -> Vec<&str> {
            segmenter.finest_words(text).into_iter().map(|range| &text[range]).collect()
        };
        assert_eq!(words("中国人民大学"), ["中国", "人民", "大学"]);
        assert_eq!(words("清华大学"), ["清华", "大学"]);
        assert_eq!(words("北大"), ["北大"]);
        assert_eq!(words(""), [""; 0]);
    }
}
