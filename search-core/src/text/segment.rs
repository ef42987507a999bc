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

    /// Calls `emit` with each word and the words within it, as they are indexed; single characters are left out.
    pub(crate) fn index_words(&self, text: &str, mut emit: impl FnMut(Range<usize>)) {
        for token in self.jieba.cut_for_search(text, false) {
            if token.end - token.start > 1 {
                emit(token.byte_start..token.byte_end);
            }
        }
    }
}
