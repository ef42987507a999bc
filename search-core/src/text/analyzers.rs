//! What tantivy indexes: characters and pairs, which find every substring, and words, which find names that share most of them.
//! Thin tokenizers of our own: tantivy's n-gram tokenizer gives every token position 0, and tantivy-jieba copies its
//! dictionary at every look-up.

use super::segment::Segmenter;
use std::ops::Range;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Name of [`GramTokenizer`] in the schema.
pub(crate) const GRAMS: &str = "orgsearch_grams";
/// Name of [`WordTokenizer`] in the schema.
pub(crate) const WORDS: &str = "orgsearch_words";
/// Changes whenever one of the tokenizers cuts differently.
pub(crate) const VERSION: u32 = 1;

/// Every character and every pair of neighbours of a normalized text.
#[derive(Clone, Default)]
pub(crate) struct GramTokenizer {
    token: Token,
}

impl Tokenizer for GramTokenizer {
    type TokenStream<'a> = GramStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> GramStream<'a> {
        self.token.reset();
        GramStream { text, at: 0, pair_next: false, token: &mut self.token }
    }
}

/// The stream of [`GramTokenizer`]: at each character first the character, then the pair it begins.
pub(crate) struct GramStream<'a> {
    text: &'a str,
    at: usize,
    pair_next: bool,
    token: &'a mut Token,
}

impl TokenStream for GramStream<'_> {
    fn advance(&mut self) -> bool {
        let mut ends = self.text[self.at..].char_indices().map(|(start, c)| start + c.len_utf8());
        let Some(one) = ends.next() else { return false };
        let pair = ends.next();
        let len = match (self.pair_next, pair) {
            (false, _) => one,
            (true, Some(pair)) => pair,
            (true, None) => one,
        };
        let start = self.at;
        if self.pair_next || pair.is_none() {
            self.at += one;
        }
        if !self.pair_next {
            self.token.position = self.token.position.wrapping_add(1);
        }
        self.pair_next = !self.pair_next && pair.is_some();
        set_token(self.token, self.text, start..start + len);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// The grams of a text, each once per occurrence, in order: for queries, cut as the index was.
pub(crate) fn grams(text: &str) -> Vec<String> {
    let mut tokenizer = GramTokenizer::default();
    let mut grams = Vec::new();
    tokenizer.token_stream(text).process(&mut |token| grams.push(token.text.clone()));
    grams
}

/// Words of two and more characters of a normalized text.
#[derive(Clone)]
pub(crate) struct WordTokenizer {
    segmenter: Segmenter,
    token: Token,
}

impl WordTokenizer {
    pub(crate) fn new(segmenter: Segmenter) -> Self {
        WordTokenizer { segmenter, token: Token::default() }
    }
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        let mut words = Vec::new();
        self.segmenter.index_words(text, |word| words.push(word));
        WordStream { text, words: words.into_iter(), token: &mut self.token }
    }
}

/// The stream of [`WordTokenizer`].
pub(crate) struct WordStream<'a> {
    text: &'a str,
    words: std::vec::IntoIter<Range<usize>>,
    token: &'a mut Token,
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else { return false };
        self.token.position = self.token.position.wrapping_add(1);
        set_token(self.token, self.text, word);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

fn set_token(token: &mut Token, text: &str, range: Range<usize>) {
    token.offset_from = range.start;
    token.offset_to = range.end;
    token.text.clear();
    token.text.push_str(&text[range]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_are_characters_and_pairs_in_order() {
        assert_eq!(grams("高一4班"), ["高", "高一", "一", "一4", "4", "4班", "班"]);
        assert_eq!(grams("北"), ["北"]);
        assert_eq!(grams(""), [""; 0]);
    }

    #[test]
    fn words_know_the_vocabulary() {
        let words = |vocabulary: &[&str]| {
            let vocabulary: Vec<String> = vocabulary.iter().map(|&word| word.to_owned()).collect();
            let mut tokenizer = WordTokenizer::new(Segmenter::with_vocabulary(&vocabulary));
            let mut words = Vec::new();
            tokenizer.token_stream("北京大学软微学院").process(&mut |token| words.push(token.text.clone()));
            words
        };
        assert!(words(&[]).contains(&"北京大学".to_owned()));
        assert!(!words(&[]).contains(&"软微学院".to_owned()));
        assert!(words(&["软微学院"]).contains(&"软微学院".to_owned()));
    }
}
